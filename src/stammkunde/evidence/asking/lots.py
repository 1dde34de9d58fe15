"""Was a lot kept? All that was known of those it dealt, column by column."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from stammkunde.evidence.asking.estimand import DATED, Estimand
from stammkunde.evidence.asking.made import ARMS, by_column
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.evidence.dates.dated import TEXTS
from stammkunde.evidence.doubt.balance import Balance, balance_as_dealt
from stammkunde.evidence.starting.start import ByColumn, subjects
from stammkunde.spells.spells import Spells, covariate_of

# columns of more levels (a region, a day) tell little of each, and by chance always something
MOST_LEVELS = 20
# a group may be called like the column that tells the arm
WORD = "word of the row"


def worded(spells: Spells, word: str) -> Spells:
    """Return spells that have the words of their rows, the covariate `word`, as `WORD` too."""
    told = spells.relation.mutate(**{covariate_of(WORD): spells.relation[covariate_of(word)]})
    return replace(spells, relation=told, covariates=(*spells.covariates, WORD))


def lot_balance(question: QuestionToml, estimand: Estimand, spells: Spells) -> Balance | None:
    """Return how alike the arms are, as counted, in every column known when the lot was drawn.

    `spells` are those of the subjects, on their clock. Of those seen from time zero on; columns of
    more than 20 levels are passed over. None where no lot decided, where it was drawn within
    columns, or where nothing is known.
    """
    if estimand.assignment != "drawn" or question.alike:
        return None
    if not question.column and estimand.design not in DATED:
        return None
    word = question.column or WORD
    # the words of the row that began the clock say the arm, or the same of all
    words = () if question.column else (*TEXTS, WORD)
    known = [*spells.groups, *(c for c in spells.covariates if c not in words)]
    columns = [c for c in known if c not in (question.column, question.cluster)]
    if not columns:
        return None
    counts = _counted(spells, by_column(question, word), columns)
    some = counts.groupby("column")["level"].transform("nunique").between(2, MOST_LEVELS)
    return balance_as_dealt(counts[some], *ARMS) if some.any() else None


def _counted(spells: Spells, arms: ByColumn, columns: list[str]) -> pd.DataFrame:
    """Return how many of each arm have each level of each column."""
    rows, made = subjects(spells, arms, columns)
    names = {f"level {i}": n for i, n in enumerate(made)}
    there = rows.filter(rows.begin == 0).select("arm", *names)
    long = there.pivot_longer([*names], names_to="column", values_to="level")
    found = long.group_by("arm", "column", "level").aggregate(n=long.count()).execute()
    found = found.assign(column=found.column.map(names))
    place = {n: i for i, n in enumerate(columns)}
    return found.sort_values("column", key=lambda c: c.map(place), ignore_index=True)
