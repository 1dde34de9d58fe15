"""Whom to contact when customers are worth different sums: an alert by each person's own worth.

A contact costs c. Somebody who has gone comes back with chance w, and then buys as he did before he
went, worth a margin M within the time that is counted: by BG/NBD and gamma-gamma, person by person.
With the chance p of still being there, contact is worth

    (1 - p) w M - c,

more than nothing exactly where p is below 1 - c / (w M): the threshold is each person's own. That
`alert` of `Stakes` is the same with one worth for all. Who has not bought again counts as still
there; he is never contacted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stammkunde.draws import BLOCKS, FEWEST_BLOCKS
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.intervals import student_quantile
from stammkunde.result import Estimate, Status
from stammkunde.survival.buying.alert import Alert, Contacts, Rule, alert_of
from stammkunde.survival.buying.alive import chances, spends
from stammkunde.survival.buying.bgnbd import STEADY, BgNbd
from stammkunde.survival.buying.expected import MOST_CELLS, if_back, still_there
from stammkunde.survival.buying.gamma_gamma import APART, CENTS, GammaGamma
from stammkunde.survival.buying.histories import Histories, distinct
from stammkunde.survival.buying.maximum import Moves, joined
from stammkunde.survival.buying.told import telling
from stammkunde.survival.curve import TOO_FEW_PERSONS

AS_BEFORE = "won_back_buys_as_before"
METHOD = "BG/NBD and gamma-gamma, maximum likelihood"


@dataclass(frozen=True)
class Contact:
    """What a contact costs, and what may come of it within `ahead` units of the fit.

    `won_back` is the share of those gone who come back when contacted, `margin_share` what is
    earned of what they pay. ParameterError for numbers that cannot be meant.
    """

    cost: float
    won_back: float
    margin_share: float
    ahead: float

    def __post_init__(self) -> None:
        shares = (self.won_back, self.margin_share)
        if not (self.cost > 0 and self.ahead > 0 and all(0 < s <= 1 for s in shares)):
            raise ParameterError(
                f"a contact for {self.cost:g}, with shares of {shares[0]:g} and {shares[1]:g}, "
                f"over {self.ahead:g} units",
                remedy="Give a cost and a time above 0, and shares above 0 and up to 1.",
            )


def returns(fit: BgNbd, spend: GammaGamma, histories: Histories, contact: Contact) -> np.ndarray:
    """Return what contact with each history brings if the person has gone [N], before its cost.

    NotObservedError without both models.
    """
    at = _both(fit, spend).at[None]
    return np.asarray(_returns(at, histories, contact, fit.days)[0])


def worth_contacting(
    fit: BgNbd, spend: GammaGamma, histories: Histories, contact: Contact
) -> np.ndarray:
    """Return with whom contact is expected to bring more than it costs [N]."""
    brings = returns(fit, spend, histories, contact)
    return np.asarray((1 - chances(fit, histories)) * brings > contact.cost)


def best_threshold(fit: BgNbd, spend: GammaGamma, histories: Histories, contact: Contact) -> float:
    """Return the one threshold of the chance that is expected to gain most; 0 where none gains."""
    p = chances(fit, histories)
    each = (1 - p) * returns(fit, spend, histories, contact) - contact.cost
    levels, place = np.unique(p, return_inverse=True)
    gain = np.cumsum(np.bincount(place, weights=histories.count * each, minlength=len(levels)))
    best = int(np.argmax(gain)) if len(gain) else 0
    if not len(gain) or gain[best] <= 0:
        return 0.0
    above = levels[best + 1] if best + 1 < len(levels) else 1.0
    return float((levels[best] + above) / 2)


def at_most(
    fit: BgNbd,
    spend: GammaGamma,
    histories: Histories,
    contact: Contact,
    who: np.ndarray,
    *,
    level: float = 0.95,
) -> Estimate:
    """Return what contact with the repeat buyers `who` [N] would have gained at most.

    Whoever bought in the hold-out was still there; if all others had gone, contact would have
    gained so much. What each of them would have brought is the models'; the error is that of
    persons, by their blocks. NotObservedError without a hold-out or the models, no value of fewer
    than 10 blocks.
    """
    h = histories
    if h.later is None:
        raise NotObservedError(
            "without a hold-out nobody is seen to come back",
            remedy="Count histories with `later_until`.",
        )
    away = h.later == 0
    each = np.where(away, returns(fit, spend, h, contact), 0.0) - contact.cost
    blocks = np.bincount(h.block[who], weights=(h.count * each)[who], minlength=BLOCKS)
    held = np.bincount(h.block[who], weights=h.count[who], minlength=BLOCKS) > 0
    groups, total = int(held.sum()), float(blocks.sum())
    about: dict[str, Any] = {"unit": "money", "persons": int(h.count[who].sum()), "level": level}
    about |= {"method": f"{METHOD}, hold-out, person blocks", "status": Status.ESTIMATED}
    about |= {"estimand": "gain at most", "assumptions": (STEADY, APART, AS_BEFORE)}
    if groups < FEWEST_BLOCKS:
        return Estimate(value=None, reason=TOO_FEW_PERSONS, **about)
    se = float(np.sqrt(groups / (groups - 1) * ((blocks[held] - total / groups) ** 2).sum()))
    reach = student_quantile(level, groups) * se
    return Estimate(value=total, low=total - reach, high=total + reach, se=se, **about)


def contacts(
    fit: BgNbd,
    spend: GammaGamma,
    histories: Histories,
    contact: Contact,
    rules: Sequence[Rule],
    *,
    level: float = 0.95,
) -> tuple[Alert, ...]:
    """Return what each rule of whom to contact is expected to bring, each person by his own worth.

    The rules are fixed; intervals say how far what comes of them may be off, were other persons
    observed. NotObservedError without both models.
    """
    h, both, size = histories, _both(fit, spend), len(rules)
    weight = np.stack([h.count * r.who for r in rules] + [h.count], axis=1).astype(float)

    def sums(parameters: np.ndarray) -> np.ndarray:
        step, parts = max(1, MOST_CELLS // max(len(h.x), 1)), []
        for s in range(0, len(parameters), step):
            some = parameters[s : s + step]
            there = still_there(some[:, :4], h.x, h.t_x, h.length)
            brings = (1 - there) * _returns(some, h, contact, fit.days)
            parts.append(np.concatenate([there @ weight, brings @ weight], axis=1))
        return np.concatenate(parts)

    told, heads = telling(both, sums), weight.sum(axis=0)

    def gain(i: int) -> Contacts:
        return Contacts(
            sums=told,
            i=i,
            all_at=size,
            size=int(heads[i]),
            all=int(heads[-1]),
            gain=lambda q: q[:, size + 1 + i] - heads[i] * contact.cost,
            method=METHOD,
            assumptions=(STEADY, APART, AS_BEFORE),
            level=level,
        )

    return tuple(alert_of(gain(i), r.name, r.threshold) for i, r in enumerate(rules))


def _returns(parameters: np.ndarray, h: Histories, contact: Contact, days: float) -> np.ndarray:
    """Return the money that contact brings of each who has gone [B, N], of parameters [B, 7]."""
    first, place = distinct(h.x, h.t_x)
    again = if_back(parameters[:, :4], h.x[first], h.t_x[first], contact.ahead * days)
    pays = again[:, place] * spends(parameters[:, 4:], h) / CENTS
    return np.asarray(contact.won_back * contact.margin_share * pays)


def _both(fit: BgNbd, spend: GammaGamma) -> Moves:
    if fit.moves is None or spend.moves is None or spend.mean.value is None:
        raise NotObservedError(
            "there is no fitted model of these purchases and of what they cost",
            remedy="See the reasons of both fits.",
        )
    return joined(fit.moves, spend.moves)
