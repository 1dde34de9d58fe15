"""WHEN they left: cohorts times tenure, and months of the calendar set against tenure."""

from stammkunde.survival.calendar.changes import change, unusual
from stammkunde.survival.calendar.lexis import (
    Lexis,
    cohort_hazard,
    cohort_survival,
    lexis_of_spells,
    lexis_of_tables,
    period_of,
)
from stammkunde.survival.calendar.ratio import CalendarRatio, calendar_ratio

__all__ = [
    "CalendarRatio",
    "Lexis",
    "calendar_ratio",
    "change",
    "cohort_hazard",
    "cohort_survival",
    "lexis_of_spells",
    "lexis_of_tables",
    "period_of",
    "unusual",
]
