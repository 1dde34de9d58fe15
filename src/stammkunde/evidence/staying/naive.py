"""What the usual dashboard prints: those who ever had the offer against those who never had it.

Never an answer, always shown beside one: who has it ever has stayed to be given it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.shares import Shares
from stammkunde.evidence.staying.landmark import with_arms
from stammkunde.evidence.staying.uptake import Uptake
from stammkunde.evidence.trial import Compared, compare
from stammkunde.result import Estimate
from stammkunde.spells.spells import CENSORED
from stammkunde.survival.contrasts.differences import rmst_difference, survival_difference
from stammkunde.survival.cox import cox

EVER, NEVER = "ever", "never"


def naive_ever(uptake: Uptake, horizon: int, *, level: float = 0.95) -> Compared:
    """Return Kaplan-Meier of those seen to get the offer less all others, both from sign-up.

    Nobody is weighted, and the difference is measured, not an effect: there is one wherever both
    were observed for so long.
    """
    c = uptake.counts
    rows = with_arms(
        c.assign(
            arm=np.where(_ever(c, horizon), EVER, NEVER), cell=0, begin=c.entry, finish=c.exit
        ),
        (EVER, NEVER),
    )
    heads = {
        EVER: uptake.heads(lambda f: _ever(f, horizon)),
        NEVER: uptake.heads(lambda f: ~_ever(f, horizon)),
    }
    # shares of one: nobody is weighted
    all_alike = np.ones((2, BLOCKS), dtype=np.int64)
    trial = baseline_trial(
        rows,
        (EVER, NEVER),
        reach=horizon,
        heads=heads,
        unit=uptake.unit,
        assumptions=(),
        shares=Shares(all_alike, all_alike),
    )
    found = compare(trial, EVER, NEVER, horizon, level=level)
    if len(found.curves) < 2 or min(c.observed_to for c in found.curves.values()) < horizon:
        return found
    one, two = found.curves.values()
    return replace(
        found,
        months=rmst_difference(one, two, horizon),
        share=survival_difference(one, two, horizon),
        adequacy=replace(found.adequacy, refused=""),
    )


def naive_ratio(uptake: Uptake, *, level: float = 0.95) -> Estimate:
    """Return the hazard ratio of those ever seen with the offer, as if known from sign-up (Cox)."""
    c = uptake.counts
    return _fitted(c, _ever(c, uptake.reach).to_numpy(), level, "ever with the offer")


def ratio_from_uptake(uptake: Uptake, *, level: float = 0.95) -> Estimate:
    """Return the hazard ratio of holding the offer from its uptake on, unadjusted (Cox)."""
    c = uptake.counts
    took = _ever(c, uptake.reach)
    before = c.assign(
        exit=np.where(took, c.taken - 1, c.exit),
        end=c.end.where(~took, CENSORED),
        held=0,
    )
    after = c[took].assign(entry=np.maximum(c.entry, c.taken - 1)[took], held=1)
    rows = pd.concat([before, after])
    rows = rows[rows.entry < rows.exit]
    return _fitted(rows, rows.held.to_numpy(), level, "holding the offer")


def _ever(times: pd.DataFrame, horizon: int) -> pd.Series:
    return (times.taken > 0) & (times.taken <= horizon)


def _fitted(rows: pd.DataFrame, held: np.ndarray, level: float, name: str) -> Estimate:
    fit = cox(
        rows.exit.to_numpy(),
        (rows.end != CENSORED).to_numpy(),
        held.astype(float)[:, None],
        entry=rows.entry.to_numpy(),
        weight=rows.n.to_numpy(),
        cluster=rows.block.to_numpy(),
        names=(name,),
    )
    return fit.hazard_ratios(level)[0]
