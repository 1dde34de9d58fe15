"""Regimes: what if everybody had been dealt with by one rule, in every unit?

Who deviates from the rule is censored at the beginning of the first unit in which he does; who goes
on following it stands for him by one over the chance of what was done in each unit, given what was
known then (Robins and Finkelstein 2000; Hernan et al. 2006; Cain et al. 2010). A rule may look at
what happens (an offer exactly to those dissatisfied) or not (never an offer).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from stammkunde import intervals
from stammkunde.draws import BLOCKS, replicate
from stammkunde.evidence.history import history_arm
from stammkunde.evidence.reacting.courses import Courses
from stammkunde.evidence.reacting.steps import Steps
from stammkunde.evidence.shares import Shares
from stammkunde.evidence.trial import ALIKE_GIVEN, Trial
from stammkunde.result import Estimate
from stammkunde.spells.spells import CENSORED
from stammkunde.survival.curve import TOO_FEW_PERSONS

CAPPED = "weights_capped"


def regime_trial(
    made: Courses,
    *,
    stabilised: bool = False,
    cap: float | None = None,
    assumptions: tuple[str, ...] = (ALIKE_GIVEN,),
) -> Trial:
    """Return the trial of the rules, everybody weighted to stand for all customers.

    `stabilised` multiplies each unit's weights by the share of those who went on following the rule
    in it: the curve is the same, the weights stay near 1. `cap` cuts weights at so many times the
    mean weight of the first unit; that is named among the assumptions. Those of a cell in which
    nobody was dealt with as a rule asks are counted in `without`.
    """
    causes = tuple(sorted({c for f in made.followed.values() for c in f.end.unique()} - {CENSORED}))
    causes = causes or ("left",)
    size = 2 * made.cells
    part = _by_block(made.shares.share, made.shares, size)
    whole = np.repeat(part[0::2] + part[1::2], 2, axis=0)
    parts, wholes, arms = [part], [whole], {}
    for place, (name, rows) in enumerate(made.followed.items()):
        visits = rows[[str(i) for i in range(size)]].to_numpy(dtype=np.int64)
        if stabilised:
            going = _by_block(rows.unit - 1, rows, made.reach)
            parts.append(going)
            wholes.append(
                going + _by_block(made.strayed[name].unit - 1, made.strayed[name], made.reach)
            )
            own = np.zeros((len(rows), len(made.followed), made.reach), dtype=np.int64)
            own[:, place] -= np.arange(made.reach) < rows.unit.to_numpy()[:, None]
            visits = np.concatenate([visits, own.reshape(len(rows), -1)], axis=1)
        n = rows.n.to_numpy(dtype=np.int64)
        moves = np.stack([n * (rows.end == c).to_numpy() for c in causes], axis=1)
        arm = history_arm(
            *(name, visits, rows.unit.to_numpy(), rows.block.to_numpy(), n, moves),
            *(made.heads[name], made.reach),
        )
        arms[name] = replace(arm, cap=cap)
    return Trial(
        arms=arms,
        shares=Shares(np.concatenate(parts), np.concatenate(wholes)),
        causes=causes,
        unit=made.unit,
        without=sum(_alone(s, part) for s in made.strayed.values()),
        assumptions=(*assumptions, *((CAPPED,) if cap is not None else ())),
    )


def without_weights(trial: Trial) -> Trial:
    """Return the trial as the usual analysis has it: whoever deviates is censored, and that is all.

    It errs where what leads to deviating also leads to leaving; it stands beside the weighted one
    to show by how much.
    """
    plain = {n: replace(a, powers=a.powers * 0, cap=None) for n, a in trial.arms.items()}
    return replace(trial, arms=plain)


def odds_in_the_unit(made: Steps, *, level: float = 0.95) -> Estimate:
    """Return the odds of leaving in units with an offer by those in units without (unit "ratio").

    What a dashboard shows, all units taken together: offers that answer dissatisfaction look as if
    they drove customers away. It stands beside an effect and is none. Person blocks, log interval;
    no value where fewer than 5 left, or stayed, with or without an offer.
    """
    place = pd.Series(2 * made.counts.taken + made.counts.left)
    n = _by_block(place, made.counts, 4)
    odds = replicate((n[..., None],), made.heads > 0, _odds)
    common: dict[str, Any] = {"level": level, "unit": "ratio", "persons": int(made.heads.sum())}
    method = "odds ratio over all units, person blocks"
    if n.sum(axis=1).min() < intervals.FEW_EVENTS or not odds.is_enough:
        return Estimate(value=None, reason=TOO_FEW_PERSONS, method=method, **common)
    value, se = _odds(n.sum(axis=1)[None, :, None])[0], odds.se()
    low, high = intervals.log(value, se, intervals.student_quantile(level, odds.smallest))
    return Estimate(
        value=float(value),
        low=float(low),
        high=float(high),
        se=float(se),
        events=int(n[1::2].sum()),
        method=method,
        replicates=odds,
        **common,
    )


def _odds(n: np.ndarray) -> np.ndarray:
    """Return the odds ratio [B] of counts [B, 4, 1]: without an offer staying, leaving; with."""
    without, left, given, gone = (n[:, i, 0].astype(float) for i in range(4))
    return np.divide(gone * without, given * left, out=np.zeros(len(n)), where=given * left > 0)


def _by_block(place: pd.Series, rows: pd.DataFrame, size: int) -> np.ndarray:
    """Return the sums of n at each place and block [size, 256]."""
    cells = place.to_numpy(dtype=np.int64) * BLOCKS + rows.block.to_numpy(dtype=np.int64)
    sums = np.bincount(cells, weights=rows.n.to_numpy(dtype=float), minlength=size * BLOCKS)
    return np.rint(sums).astype(np.int64).reshape(size, BLOCKS)


def _alone(strayed: pd.DataFrame, part: np.ndarray) -> int:
    """Return how many strayed from a rule that nobody of their cell could show."""
    nobody = part.sum(axis=1) == 0
    other = strayed.share.to_numpy(dtype=np.int64) ^ 1
    return int(strayed.n.to_numpy()[nobody[other]].sum())
