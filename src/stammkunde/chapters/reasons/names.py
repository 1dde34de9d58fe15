"""Names of columns and their levels as readers know them."""

from __future__ import annotations

import math
import re

from stammkunde.chapters.parts import unit
from stammkunde.result import Label, Sentence
from stammkunde.spells.schema.data import group_of
from stammkunde.spells.spells import MISSING
from stammkunde.study import Study
from stammkunde.survival.drivers.cells import OTHER, Cells

NUMBER = r"-?\d+(?:\.\d+)?"
BANDS = {
    "below": re.compile(rf"< ({NUMBER})"),
    "between": re.compile(rf"({NUMBER}) to < ({NUMBER})"),
    "from": re.compile(rf">= ({NUMBER})"),
}
MOST_DIGITS = 3


def title_of(study: Study, column: str) -> Label:
    """Return the declared title of a group or covariate."""
    data = study.toml.data
    declared = data.groups[column] if column in data.groups else data.covariates[column]
    return Label(column, dict(declared.title))


def is_number(study: Study, column: str) -> bool:
    """Return whether the levels of a column are bands of numbers."""
    groups, covariates = study.toml.data.groups, study.toml.data.covariates
    return bool(groups[column].cuts) if column in groups else covariates[column].kind == "number"


def level_name(study: Study, column: str, level: str) -> Label | Sentence:
    """Return the name of a level: as declared, or in words for bands of numbers and the rest."""
    if level in (MISSING, OTHER):
        return Sentence("column.missing" if level == MISSING else "drivers.other")
    groups = study.toml.data.groups
    if column in groups and level in groups[column].levels:
        return group_of(column, groups[column]).label(level)
    return (band_name(level) if is_number(study, column) else None) or Label(level)


def band_name(level: str) -> Sentence | None:
    """Return the words for a band of numbers; None for what is none or has too many digits."""
    for kind, pattern in BANDS.items():
        match = pattern.fullmatch(level)
        if match:
            digits = max(len(text.partition(".")[2]) for text in match.groups())
            if digits > MOST_DIGITS:
                return None
            ends = [
                Sentence(f"drivers.number.n{digits}", {"number": float(text)})
                for text in match.groups()
            ]
            return Sentence(f"drivers.band.{kind}", {"low": ends[0], "high": ends[-1]})
    return None


def begin_of(level: str) -> float:
    """Return where a number or a band of numbers begins; what is neither stands last."""
    if re.fullmatch(NUMBER, level):
        return float(level)
    for kind, pattern in BANDS.items():
        match = pattern.fullmatch(level)
        if match:
            return -math.inf if kind == "below" else float(match[1])
    return math.inf


def stretch_name(cells: Cells, stretch: tuple[int, int]) -> Sentence:
    """Return the words for a stretch of tenure (first, last]: "month 13 to 24"."""
    words = {"one": unit(cells.unit, 1), "from": stretch[0] + 1, "to": stretch[1]}
    return Sentence("drivers.stretch", words)
