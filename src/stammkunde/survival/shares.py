"""A share of things that persons may have several of, with an interval that knows it."""

from __future__ import annotations

from typing import Any

import numpy as np

from stammkunde import intervals
from stammkunde.draws import replicate
from stammkunde.result import Estimate
from stammkunde.survival import formulas
from stammkunde.survival.curve import TOO_FEW_PERSONS


def share(
    events: np.ndarray, trials: np.ndarray, *, persons: int, repeats: bool, level: float = 0.95
) -> Estimate:
    """Return events by trials, both counted by block [256].

    Exact interval (Clopper-Pearson) where each person is counted once or events are few; else
    log(-log) with the person blocks' error. `value` is None without trials or with fewer than 10
    blocks of persons who are counted several times.
    """
    d, n = int(events.sum()), int(trials.sum())
    common: dict[str, Any] = {"unit": "share", "persons": persons, "events": d, "level": level}
    replicates = replicate((trials[:, None], events[:, None]), trials > 0, ratio)
    if n == 0 or (repeats and not replicates.is_enough):
        return Estimate(value=None, method="share", reason=TOO_FEW_PERSONS, **common)
    value = d / n
    if not repeats or d < intervals.FEW_EVENTS or d == n:
        low, high = (float(a) for a in intervals.clopper_pearson(d, n, level))
        return Estimate(
            value=value,
            low=low,
            high=high,
            method="share, exact interval",
            replicates=replicates,
            **common,
        )
    se = replicates.se()
    quantile = intervals.student_quantile(level, replicates.smallest)
    low, high = (float(a) for a in intervals.log_log(np.asarray(value), se, quantile))
    return Estimate(
        value=value,
        low=low,
        high=high,
        se=float(se),
        replicates=replicates,
        method="share, log-log interval, person blocks",
        **common,
    )


def ratio(trials: np.ndarray, events: np.ndarray) -> np.ndarray:
    """Return events by trials, counts [..., 1]: the estimator that is replicated; 0 of none."""
    return formulas.hazard(trials, events)[..., 0]
