"""From a client's data and its TOML to every policy valued in the same draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from stammkunde.chapters.policies.market import read_market
from stammkunde.chapters.policies.read import Basis, Decision, Undecided
from stammkunde.chapters.policies.valued.acting import check_acts
from stammkunde.chapters.policies.valued.anew import Anew
from stammkunde.chapters.policies.valued.beyond import FIRST, Given, look_beyond, revalued
from stammkunde.chapters.policies.valued.effects import read_effects
from stammkunde.chapters.policies.valued.granted import granted
from stammkunde.chapters.policies.valued.ready import ready
from stammkunde.chapters.policies.valued.standing import assumed_in, judged_league
from stammkunde.chapters.policies.valued.taken import with_taken
from stammkunde.draws import block_weights
from stammkunde.errors import NotObservedError
from stammkunde.policy.declared import TAKEN, ledger_of, policies_of
from stammkunde.policy.ledger import Ledger
from stammkunde.policy.offers import (
    Dialled,
    Estimated,
    Market,
    Policy,
    applied,
    at_list_price,
    dialled,
    named_effects,
    spend_at_means,
    value_by_month,
    worths,
)
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import Spells
from stammkunde.study import Study

# means by month settle with fewer draws than chances of being best
MONTHLY = 200
Draws = Mapping[str, np.ndarray]


def read_decision(study: Study, spells: Spells, beside: Beside) -> Decision | Undecided:
    """Return every policy of a study valued within its horizon, or why there is no comparison.

    Effects that a policy names by a question come from these data, joint with how customers stay;
    everything else from the ledger. ParameterError, with the key's path, for what cannot be.
    """
    setting = study.toml.setting
    if setting is None:
        return Undecided("no_setting")
    basis = read_market(study, spells, beside, setting=setting)
    if isinstance(basis, Undecided):
        return basis
    declared = policies_of(study.toml)
    try:
        found = read_effects(study, spells, beside, _questions(declared))
    except NotObservedError as error:
        return Undecided("effect_untold", f"no policies are compared: {error}")
    ledger = with_taken(ledger_of(study.toml), found, study.as_of)
    levels = tuple(dict.fromkeys(p.level for p in basis.parts))
    policies = ready(declared, found, levels, ledger)
    check_acts(policies, basis.market)
    further = None
    if setting.further > setting.horizon:
        longer = replace(setting, horizon=setting.further)
        further = read_market(study, spells, beside, setting=longer)
    return decided(study, basis, policies, ledger, further)


def decided(
    study: Study,
    basis: Basis,
    policies: Sequence[Policy],
    ledger: Ledger,
    further: Basis | Undecided | None = None,
) -> Decision:
    """Return policies whose effects are there, valued in a market as it was observed.

    `further` is the same market for more months than the horizon.
    """
    assert study.toml.setting is not None
    count, today = study.toml.setting.draws, _today(study, policies)
    weights, drawn = block_weights(count), ledger.draws(count)
    turned = _dialled(study, policies, basis, today, ledger)
    known = tuple(turned[p.name].policy if p.name in turned else p for p in policies)
    seen = basis.under(weights, "")
    # what decides stands first
    own = (*assumed_in(known), *granted(known, today, turned), *basis.assumptions)
    rests = tuple(dict.fromkeys(own))
    market = at_list_price(seen, today, drawn, weights)
    each = worths(known, market, drawn, count=count, weights=weights)

    given = Given(known, today.name, drawn, weights)
    return Decision(
        study=study,
        policies=known,
        comparator=today.name,
        basis=basis,
        market=market,
        ledger=ledger,
        drawn=drawn,
        weights=weights,
        worths=each,
        league=judged_league(study, known, today, each, rests),
        by_month=_by_month(known, market, drawn, weights),
        model=Anew(known, today, seen, market, drawn, weights, each),
        by_family=lambda family: revalued(given, basis, FIRST, family=family),
        beyond=look_beyond(given, basis, further),
        dialled=turned,
        assumptions=rests,
    )


def _today(study: Study, policies: Sequence[Policy]) -> Policy:
    return next(
        p for p in policies if study.toml.setting and p.name == study.toml.setting.comparator
    )


def _questions(policies: Sequence[Policy]) -> set[str]:
    """Return the questions whose effects, or whose takers, policies name."""
    effects = {name for p in policies for _, name in named_effects(p)}
    taken = {n.split(TAKEN)[0] for p in policies for _, n in p.assumed() if TAKEN in n}
    return effects | taken


def _dialled(
    study: Study, policies: Sequence[Policy], basis: Basis, today: Policy, ledger: Ledger
) -> dict[str, Dialled]:
    """Return the policies whose dial is turned, at the means of everything that is drawn."""
    wanted = {t.name: t for t in study.toml.policy if t.dial}
    if not wanted:
        return {}
    at = ledger.at()
    market = at_list_price(basis.market, today, at, None)
    by_name = {p.name: p for p in policies}
    found: dict[str, Dialled] = {}
    for name, toml in wanted.items():
        target = spend_at_means(by_name[toml.spends_as], market, at)
        low, high = toml.dial_to
        found[name] = dialled(by_name[name], toml.dial, target, market, at, limits=(low, high))
    return found


def _by_month(
    policies: Sequence[Policy], market: Market, drawn: Draws, weights: np.ndarray
) -> np.ndarray:
    """Return the present value of each month's money [B', P, H], of the first draws."""
    count = min(MONTHLY, len(weights))
    own = {n: a[:count] for n, a in drawn.items()}
    part, some = market.part(slice(0, count)), weights[:count]
    # what policies share is made once
    shared = Estimated(some)
    months = [value_by_month(applied(p, part, own, some, shared)) for p in policies]
    shape = (count, market.horizon)
    return np.stack([np.broadcast_to(m, shape) for m in months], axis=1)
