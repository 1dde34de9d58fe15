"""What the takers of an offer are worth with it and without: months told in money, taker by taker.

Who brings more may stay longer, so that a mean margin times mean months would miss: every taker
counts with his own margin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS, Replicates, paired, replicate
from stammkunde.errors import NotObservedError
from stammkunde.evidence.arms import Sums
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.starting.start import (
    EVERYBODY,
    ByColumn,
    ByOffer,
    Eligible,
    counted_at_start,
)
from stammkunde.evidence.trial import Trial, replicates_of
from stammkunde.spells.spells import MARGIN, Spells
from stammkunde.survival import formulas
from stammkunde.survival.shares import ratio

AMOUNT = "amount counted"
CENTS = 100.0


@dataclass(frozen=True, kw_only=True)
class Price:
    """What an offer costs: `per_unit` for `lasts` units, and `won` once for each who signs up.

    `discount` is the present value of one paid a unit later; `months` are those of a unit, for
    margins are per month.
    """

    per_unit: float
    lasts: int
    won: float = 0.0
    discount: float = 1.0
    months: float = 1.0

    def factors(self, horizon: int) -> tuple[np.ndarray, np.ndarray]:
        """Return what a unit paid for counts [K], and what the offer costs in it [K]."""
        unit = np.arange(horizon)
        worth = self.discount**unit
        return worth, self.per_unit * worth * (unit < self.lasts)


@dataclass(frozen=True, kw_only=True)
class Valued:
    """Takers by their margins: `worths` [.., 2] of one with the offer and without, replicated.

    `margin` [.., 1] is their mean margin a month, `spent` [.., 1] what the offer costs for one of
    them, in money. `unknown` takers and others have no known margin and are not counted.
    """

    worths: Replicates
    margin: Replicates
    spent: Replicates
    unknown: int


def valued(
    spells: Spells,
    trial: Trial,
    arms: ByColumn | ByOffer,
    columns: Sequence[str],
    price: Price,
    horizon: int,
    *,
    eligible: Eligible = EVERYBODY,
) -> Valued:
    """Return what takers of an offer are worth within `horizon`, with it and without it.

    `trial` is that of the takers (see `among_takers`), of the same arms, columns and customers, the
    takers first. Without it they are taken to stay as others of the same margin do who are alike in
    `columns`. Payments fall at the beginning of a unit. NotObservedError where no margin is known,
    or nobody with a known one is in an arm.
    """
    if MARGIN not in spells.relation.columns:
        raise NotObservedError(
            "the spells have no margin", remedy="Name its column in `[contracts]`."
        )
    r = spells.relation
    known = spells.where(r[MARGIN].notnull())
    if not known.spells:
        raise NotObservedError("no margin is known", remedy="Check the column of the margin.")
    least = int(known.relation[MARGIN].min().execute())
    # amounts that a subject counts for are above 0: what is added is taken off again
    shift = max(0, 1 - least)
    amount = (known.relation[MARGIN] + shift).cast("int64")
    told = replace(known, relation=known.relation.mutate(**{AMOUNT: amount}))
    names = _names(arms)
    reach = trial.arm(names[0]).length
    counted = counted_at_start(
        told, arms, columns, eligible=eligible, reach=reach, by_amount=AMOUNT
    )
    by_money = baseline_trial(
        counted.rows, names, reach=reach, population="treated", **counted.named
    )
    mean = _mean(counted.rows, names[0], shift)
    found = [_brought(trial, by_money, n, mean, price, horizon, shift) for n in names]
    spent = _curve(trial, names[0]).map(
        lambda s: np.asarray(s[..., :horizon] @ price.factors(horizon)[1])[..., None]
    )
    with_offer = paired(found[0], spent, lambda w, c: np.asarray(w - c[..., 0]))
    both = paired(with_offer, found[1], lambda x, y: np.stack([x, y], axis=-1) - price.won)
    unknown = int(spells.spells - known.spells)
    return Valued(worths=both, margin=mean, spent=spent, unknown=unknown)


def _names(arms: ByColumn | ByOffer) -> list[str]:
    names = [*arms.arms]
    return [*names, arms.otherwise] if isinstance(arms, ByOffer) and arms.otherwise else names


def _brought(
    trial: Trial,
    by_money: Trial,
    name: str,
    mean: Replicates,
    price: Price,
    horizon: int,
    shift: int,
) -> Replicates:
    """Return the margin that a taker brings within the horizon if he stays as the arm does."""
    worth = price.factors(horizon)[0] * price.months
    added = shift / CENTS

    def margins(m: np.ndarray, s: np.ndarray) -> np.ndarray:
        return np.asarray((m[..., 0] + added) * (s[..., :horizon] @ worth))

    brought = paired(mean, _curve(by_money, name), margins)
    if not shift:
        return brought
    return paired(
        brought,
        _curve(trial, name),
        lambda x, s: np.asarray(x - added * (s[..., :horizon] @ worth)),
    )


def _mean(rows: pd.DataFrame, taken: str, shift: int) -> Replicates:
    """Return the takers' mean margin a month, in money, of those seen from time zero on."""
    own, sums = rows[(rows.arm == taken) & (rows.begin == 0)], np.zeros((2, BLOCKS))
    for i, column in enumerate(("subjects", "n")):
        np.add.at(sums[i], own.block.to_numpy(), own[column].to_numpy())
    found = replicate((sums[0][:, None], sums[1][:, None]), sums[0] > 0, ratio)
    return found.map(lambda m: np.asarray((m - shift) / CENTS)[..., None])


def _curve(trial: Trial, name: str) -> Replicates:
    def survival(sums: Sums) -> np.ndarray:
        return formulas.survival(sums.at_risk, sums.moves.sum(axis=1))

    return replicates_of(trial, name, survival)
