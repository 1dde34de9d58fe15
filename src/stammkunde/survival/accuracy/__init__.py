"""HOW WELL predictions of staying came true: Brier scores and calibration."""

from stammkunde.survival.accuracy.bins import Bin, calibration
from stammkunde.survival.accuracy.predictions import Predictions, cross_fitted, predicted
from stammkunde.survival.accuracy.scores import Brier, Score, brier

__all__ = [
    "Bin",
    "Brier",
    "Predictions",
    "Score",
    "brier",
    "calibration",
    "cross_fitted",
    "predicted",
]
