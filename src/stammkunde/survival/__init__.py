"""HOW LONG they stay: life tables, curves and contrasts."""

from stammkunde.survival.contrasts import Test, logrank, rmst_difference
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import hazard, kaplan_meier
from stammkunde.survival.shares import share
from stammkunde.survival.table import LifeTable, life_table, life_tables
from stammkunde.survival.window import last_unit_only

__all__ = [
    "Curve",
    "LifeTable",
    "Test",
    "hazard",
    "kaplan_meier",
    "last_unit_only",
    "life_table",
    "life_tables",
    "logrank",
    "rmst_difference",
    "share",
]
