"""HOW LONG they stay: life tables, curves, contrasts, and rooms for what needs more than these."""

from stammkunde.survival import (
    accuracy,
    buying,
    causes,
    cox,
    drivers,
    grouped,
    margins,
    persons,
    projection,
)
from stammkunde.survival.arrays import life_table_from, life_tables_from
from stammkunde.survival.bands import simultaneous
from stammkunde.survival.calendar import (
    CalendarRatio,
    Lexis,
    calendar_ratio,
    cohort_hazard,
    cohort_survival,
    lexis_of_spells,
)
from stammkunde.survival.contrasts import (
    Contrast,
    Test,
    adjusted,
    against_the_rest,
    beyond_the_mix,
    heterogeneity,
    logrank,
    rmst_difference,
    rmst_ratio,
    stratified_difference,
    stratified_logrank,
    stratum_differences,
    survival_difference,
)
from stammkunde.survival.curve import Curve, ended
from stammkunde.survival.further import further_difference
from stammkunde.survival.kaplan_meier import conditional, hazard, kaplan_meier
from stammkunde.survival.shares import share
from stammkunde.survival.smooth import smooth_hazard, spikes
from stammkunde.survival.table import LifeTable, life_table, life_tables
from stammkunde.survival.window import last_unit_only

__all__ = [
    "CalendarRatio",
    "Contrast",
    "Curve",
    "Lexis",
    "LifeTable",
    "Test",
    "accuracy",
    "adjusted",
    "against_the_rest",
    "beyond_the_mix",
    "buying",
    "calendar_ratio",
    "causes",
    "cohort_hazard",
    "cohort_survival",
    "conditional",
    "cox",
    "drivers",
    "ended",
    "further_difference",
    "grouped",
    "hazard",
    "heterogeneity",
    "kaplan_meier",
    "last_unit_only",
    "lexis_of_spells",
    "life_table",
    "life_table_from",
    "life_tables",
    "life_tables_from",
    "logrank",
    "margins",
    "persons",
    "projection",
    "rmst_difference",
    "rmst_ratio",
    "share",
    "simultaneous",
    "smooth_hazard",
    "spikes",
    "stratified_difference",
    "stratified_logrank",
    "stratum_differences",
    "survival_difference",
]
