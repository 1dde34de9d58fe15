"""HOW WELL predictions of staying came true: Brier scores and calibration."""

from stammkunde.survival.accuracy.bins import Bin, calibration
from stammkunde.survival.accuracy.predictions import (
    Predictions,
    cross_fitted,
    predicted,
    seen_from_start,
)
from stammkunde.survival.accuracy.scores import Brier, Score, brier
from stammkunde.survival.accuracy.sight import early_enough

__all__ = [
    "Bin",
    "Brier",
    "Predictions",
    "Score",
    "brier",
    "calibration",
    "cross_fitted",
    "early_enough",
    "predicted",
    "seen_from_start",
]
