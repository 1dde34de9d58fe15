"""Was a lot kept? All that was known of those it dealt, column by column."""

from __future__ import annotations

import pandas as pd

from stammkunde.evidence.asking.estimand import DATED, Estimand
from stammkunde.evidence.asking.made import ARMS, by_column
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.evidence.doubt.balance import Balance, balance_as_dealt
from stammkunde.evidence.starting.start import ByColumn, subjects
from stammkunde.spells.spells import Spells

# columns of more levels (a region, a day) tell little of each, and by chance always something
MOST_LEVELS = 20
# the covariate that tells the arm; a group may be called `arm`
WORD = "word of the row"


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
    known = [*spells.groups, *spells.covariates]
    columns = [c for c in known if c not in (word, question.cluster)]
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
