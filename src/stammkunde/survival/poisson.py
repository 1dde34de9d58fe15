"""Exact limits of a number of rare events."""

from __future__ import annotations

import numpy as np
from scipy import stats


def poisson_limits(events: np.ndarray | int, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return exact limits of the mean behind a count of events (Garwood 1936); 0 below none."""
    d, tail = np.asarray(events, float), (1 - level) / 2
    low = np.where(d > 0, stats.chi2.ppf(tail, 2 * np.maximum(d, 0.5)) / 2, 0.0)
    return low, np.asarray(stats.chi2.ppf(1 - tail, 2 * d + 2) / 2)
