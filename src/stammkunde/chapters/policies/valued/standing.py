"""Who leads, and how far that may be trusted: estimated from the data, or assumed in part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from stammkunde.evidence.effect import Effect
from stammkunde.policy.decide import League, Standing, league
from stammkunde.policy.offers import Care, CoolOff, Element, Policy, Recovery, WinBack, Worth
from stammkunde.policy.offers.behaviour import NOTHING
from stammkunde.result import Estimate, Status
from stammkunde.study import Study

# that people react as somebody typed, and not as was seen here
TYPED = "reactions_assumed"
CARRIED_OVER = "effect_holds_for_policy"
STILL = "rivals_stand_still"


def judged_league(
    study: Study,
    policies: Sequence[Policy],
    today: Policy,
    worths: Mapping[str, Worth],
    assumptions: tuple[str, ...] | None = None,
) -> League:
    """Return the league of policies, each with the status of what sets it apart from today's.

    It rests on `assumptions`, ids; where none are given, on what is assumed of the policies alone.
    """
    values = np.stack([worths[p.name].total for p in policies], axis=-1)
    found = league(
        values,
        [p.name for p in policies],
        today.name,
        unit=study.toml.data.money.currency,
        assumptions=assumed_in(policies) if assumptions is None else assumptions,
    )
    money = typed_money(study)
    typed = {p.name for p in policies if money or any(is_typed(e) for e in apart(p, today))}
    standings = tuple(_with_status(s, s.policy in typed) for s in found.standings)
    status = Status.ASSUMED if typed else Status.ESTIMATED
    return replace(found, standings=standings, evpi=replace(found.evpi, status=status))


def typed_money(study: Study) -> bool:
    """Return whether what customers bring in, or how many sign up, was typed: so is every value."""
    setting = study.toml.setting
    given = () if setting is None else (setting.margin, setting.margin_share, setting.signups)
    return any(x is not None for x in given)


def assumed_in(policies: Sequence[Policy]) -> tuple[str, ...]:
    """Return what it takes to say that people will react so: ids."""
    elements = [e for p in policies for _, e in p.all()]
    behaviours = [b for e in elements if (b := getattr(e, "behaviour", None)) is not None]
    typed = (TYPED,) if any(is_typed(e) for e in elements) else ()
    effects = [b.effect for b in behaviours if isinstance(b.effect, Effect)]
    rests = [n for e in effects for n in e.assumptions]
    seen = (CARRIED_OVER, *rests) if effects else ()
    return tuple(dict.fromkeys((*typed, STILL, *seen)))


def apart(policy: Policy, today: Policy) -> list[Element]:
    """Return the elements that one of two policies has and the other has not."""
    own, other = ([*p.all()] for p in (policy, today))
    differ = [e for e in own if e not in other] + [e for e in other if e not in own]
    return [e for _, e in differ]


def is_typed(element: Element) -> bool:
    """Return whether people's reaction to an element was typed, not estimated from these data."""
    if isinstance(element, CoolOff):
        return element.deterred != 0.0
    if isinstance(element, WinBack | Recovery):
        return True
    behaviour = getattr(element, "behaviour", NOTHING)
    typed = bool(behaviour.reactions) or behaviour.lift != 0.0 or behaviour.referrals != 0.0
    known = behaviour.effect is not None
    # care that nobody reacts to is an assumption too
    return typed or behaviour.always_buyers != 1.0 or (isinstance(element, Care) and not known)


def _with_status(standing: Standing, typed: bool) -> Standing:
    status = Status.ASSUMED if typed else Status.ESTIMATED

    def own(e: Estimate) -> Estimate:
        return replace(e, status=status)

    return replace(
        standing,
        value=own(standing.value),
        difference=own(standing.difference),
        best=own(standing.best),
        regret=own(standing.regret),
    )
