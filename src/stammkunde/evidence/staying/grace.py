"""An offer that is taken within a window: who has it by its end, against who never takes it.

Everybody still there is in both arms until his uptake, or the lack of it, tells them apart (clone,
censor, weight: Hernan et al. 2016; Maringe et al. 2020). Time before the uptake then belongs to
both, and none of it is immortal.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from stammkunde.errors import ParameterError
from stammkunde.evidence.adequacy import NOBODY_LEFT, Adequacy, adequacy, weighting
from stammkunde.evidence.doubt.balance import Balance, balance
from stammkunde.evidence.staying.clones import (
    Chances,
    Plan,
    at_unit,
    chances,
    followed,
    followers,
)
from stammkunde.evidence.staying.uptake import Uptake
from stammkunde.evidence.trial import ALIKE_GIVEN, Compared, Trial, compare, refused

TAKEN, NEVER = "taken", "never"
Later = Literal["never", "natural"]


def grace_trial(
    uptake: Uptake,
    first: int,
    last: int,
    *,
    reach: int | None = None,
    later: Later = "never",
    assumptions: tuple[str, ...] = (ALIKE_GIVEN,),
) -> Trial:
    """Return the trial "has it by unit `last`" against "never", from sign-up to `reach`.

    In units `first` .. `last` the offer is taken as it happens to be; those of the arm "taken" who
    do not hold it then are given it at the start of `last`. The arm "never" takes it in no unit
    or, where `later` is "natural", in none up to `last` and afterwards as it happens. An uptake
    before `first` ends both. Weights are one over the shares that did so, by unit and cell, among
    those still there who do not hold it. Only who was seen before `first` counts; `without` are
    those in cells of which all, or in `last` nobody, took it. ParameterError for a window that
    there is not.
    """
    reach = uptake.reach if reach is None else reach
    if not 1 <= first <= last <= reach <= uptake.reach:
        raise ParameterError(
            f"no window from unit {first} to {last} within {reach}",
            remedy=f"Begin with 1 or later and end with {uptake.reach} or earlier.",
        )
    seen = seen_before(uptake, first)
    barred = reach if later == "never" else last
    known = chances(seen, barred)
    plans = (Plan(name=TAKEN, without=first - 1, by=last), Plan(name=NEVER, without=barred))
    return Trial(
        arms={p.name: followed(seen, p, known, reach) for p in plans},
        shares=known.shares,
        causes=seen.causes,
        unit=uptake.unit,
        without=_without(seen, known, last),
        assumptions=assumptions,
    )


def grace_effect(
    uptake: Uptake,
    first: int,
    last: int,
    horizon: int,
    *,
    later: Later = "never",
    level: float = 0.95,
    assumptions: tuple[str, ...] = (ALIKE_GIVEN,),
) -> Compared:
    """Return what having the offer by unit `last` makes within `horizon` units from sign-up.

    The arms are those of `grace_trial`; whether they can answer is asked of those still at risk in
    unit `last`, since before it both hold the same persons.
    """
    trial = grace_trial(uptake, first, last, reach=horizon, later=later, assumptions=assumptions)
    found = compare(trial, TAKEN, NEVER, horizon, level=level)
    checked = decided(trial, last)
    reason = found.adequacy.refused or checked.refused
    seen = seen_before(uptake, first)
    # a clone in each arm is one customer
    persons, spells = int(seen.heads(lambda f: f.entry < f.exit).sum()), int(seen.counts.n.sum())
    both = (found.months, found.share)
    months, share = (replace(e, persons=persons, spells=spells) for e in both)
    if reason:
        months, share = (refused(e, reason) for e in (months, share))
    return replace(found, adequacy=replace(checked, refused=reason), months=months, share=share)


def grace_balance(uptake: Uptake, first: int, last: int, known: pd.DataFrame) -> Balance:
    """Return how alike the arms of `grace_trial` are in what is `known` of each cell.

    Of those at risk in unit `last`, where the arms part: at sign-up both are everybody. Who left
    under the offer before is missing in one arm only, so that weighted arms are alike but for what
    the offer did by then.
    """
    seen = seen_before(uptake, first)
    chance = chances(seen, last)
    plans = (Plan(name=TAKEN, without=first - 1, by=last), Plan(name=NEVER, without=last))
    there = {p.name: followers(seen, p, chance, last) for p in plans}
    trial = Trial(
        arms={n: arm for n, (arm, _) in there.items()}, shares=chance.shares, causes=seen.causes
    )
    return balance(trial, TAKEN, NEVER, {n: known.iloc[cell] for n, (_, cell) in there.items()})


def decided(trial: Trial, unit: int) -> Adequacy:
    """Return whether the arms can be compared, judged by those at risk in `unit` and after."""
    there = {name: at_unit(arm, unit) for name, arm in trial.arms.items()}
    found = adequacy(there, trial.shares, without=trial.without)
    left = [arm.counts.moves[0, :, unit - 1 :].sum() for arm in trial.arms.values()]
    if not found.refused and min(left) == 0:
        found = replace(found, refused=NOBODY_LEFT)
    whole = {name: weighting(arm, trial.shares).by_unit for name, arm in trial.arms.items()}
    arms = {name: replace(w, by_unit=whole[name]) for name, w in found.arms.items()}
    return Adequacy(arms=arms, refused=found.refused)


def seen_before(uptake: Uptake, unit: int) -> Uptake:
    """Return the spells that were seen in some unit before `unit`, or from their beginning."""
    c = uptake.counts
    again = uptake.again
    return replace(
        uptake,
        counts=c[c.entry < max(unit, 1)].reset_index(drop=True),
        again=None if again is None else again[again.entry < max(unit, 1)],
    )


def _without(uptake: Uptake, known: Chances, last: int) -> int:
    """Return how many have nobody of their cell who did otherwise, where one had to."""
    took, whole = known.took.sum(axis=1), known.whole.sum(axis=1)
    c = uptake.counts
    there = (c.entry < last) & (c.exit >= last) & ((c.taken == 0) | (c.taken > last))
    cell = uptake.cell(last)[there]
    nobody = ~np.isin(cell, known.cell[known.unit == last])
    return int(whole[took == whole].sum() + c.n[there].to_numpy()[nobody].sum())
