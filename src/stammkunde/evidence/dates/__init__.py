"""What began on a day: customers met on it, months around it, groups that differed before."""

from stammkunde.evidence.dates.calendar import (
    EventStudy,
    before_and_after,
    difference_in_differences,
    event_study,
)
from stammkunde.evidence.dates.dated import months_around, on_day, on_days

__all__ = [
    "EventStudy",
    "before_and_after",
    "difference_in_differences",
    "event_study",
    "months_around",
    "on_day",
    "on_days",
]
