"""Stammkunde: how long customers stay, why they leave, and where the next euro belongs.

import stammkunde as sk

spells = sk.read_spells("clients/telco.toml")
tables = sk.life_tables(spells, by="contract")
sk.kaplan_meier(tables["One year"]).rmst(36)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from stammkunde.version import VERSION

if TYPE_CHECKING:
    from stammkunde import chapters as chapters
    from stammkunde import evidence as evidence
    from stammkunde import policy as policy
    from stammkunde import survival as survival
    from stammkunde import worlds as worlds
    from stammkunde.errors import StammkundeError as StammkundeError
    from stammkunde.report.show import show as show
    from stammkunde.result import Estimate as Estimate
    from stammkunde.result import Finding as Finding
    from stammkunde.spells.read import spells_from as spells_from
    from stammkunde.spells.spells import Episodes as Episodes
    from stammkunde.spells.spells import Spells as Spells
    from stammkunde.spells.spells import episodes as episodes
    from stammkunde.study import Study as Study
    from stammkunde.study import read_spells as read_spells
    from stammkunde.study import read_study as read_study
    from stammkunde.study import read_tables as read_tables
    from stammkunde.survival.contrasts import logrank as logrank
    from stammkunde.survival.contrasts import rmst_difference as rmst_difference
    from stammkunde.survival.curve import Curve as Curve
    from stammkunde.survival.kaplan_meier import hazard as hazard
    from stammkunde.survival.kaplan_meier import kaplan_meier as kaplan_meier
    from stammkunde.survival.table import LifeTable as LifeTable
    from stammkunde.survival.table import life_table as life_table
    from stammkunde.survival.table import life_tables as life_tables

# Names are loaded when first used: a command that only looks whether a report is up to date must
# not wait for numpy, pandas and the engine.
_HOME = {
    "chapters": "chapters",
    "evidence": "evidence",
    "policy": "policy",
    "survival": "survival",
    "worlds": "worlds",
    "StammkundeError": "errors",
    "show": "report.show",
    "Estimate": "result",
    "Finding": "result",
    "spells_from": "spells.read",
    "Episodes": "spells.spells",
    "Spells": "spells.spells",
    "episodes": "spells.spells",
    "Study": "study",
    "read_spells": "study",
    "read_study": "study",
    "read_tables": "study",
    "logrank": "survival.contrasts",
    "rmst_difference": "survival.contrasts",
    "Curve": "survival.curve",
    "hazard": "survival.kaplan_meier",
    "kaplan_meier": "survival.kaplan_meier",
    "LifeTable": "survival.table",
    "life_table": "survival.table",
    "life_tables": "survival.table",
}
__all__ = sorted(_HOME)
__version__ = VERSION


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'stammkunde' has no attribute {name!r}")
    module = import_module(f"stammkunde.{_HOME[name]}")
    return module if _HOME[name] == name else getattr(module, name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
