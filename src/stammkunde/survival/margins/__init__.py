"""Margins: whether customers grow with tenure, or the large ones stay."""

from stammkunde.survival.margins.between import Between, between
from stammkunde.survival.margins.change import MarginChange, margin_change, mean_margin
from stammkunde.survival.margins.counts import Margins, margins, margins_by
from stammkunde.survival.margins.weighted import Weighted, weighted

__all__ = [
    "Between",
    "MarginChange",
    "Margins",
    "Weighted",
    "between",
    "margin_change",
    "margins",
    "margins_by",
    "mean_margin",
    "weighted",
]
