"""How many persons are behind the subjects of a trial: who is drawn twice is one person.

A lot that is drawn each year meets the same customers again, and a person may have several
contracts. Subjects are counted each time, persons once.
"""

from __future__ import annotations

from dataclasses import replace

import ibis.expr.types as ir
import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.evidence.asking.estimand import DATED
from stammkunde.evidence.asking.lots import WORD
from stammkunde.evidence.asking.made import ARMS, Made, by_column
from stammkunde.evidence.asking.question import QuestionToml, design_of
from stammkunde.evidence.asking.stakes import Heads, Levels
from stammkunde.evidence.starting.start import (
    EVERYBODY,
    ByColumn,
    ByOffer,
    Eligible,
    subjects,
)
from stammkunde.evidence.trial import Compared
from stammkunde.spells.spells import Spells
from stammkunde.survival.drivers.cells import BANDS, levels_of


def heads_of(question: QuestionToml, made: Made, columns: tuple[str, ...]) -> Heads | None:
    """Return the persons behind a trial by segment of `columns`, counted in the engine.

    None where each subject is a person of his own, and where to whom an event happened is not known
    person by person. Of an offer taken at a tenure, or told by rows, arms are not told apart: there
    persons are all who were there to be given it.
    """
    design, spells = design_of(question), made.subjects
    if spells is None or not spells.repeats or design == "reaction":
        return None
    arms = _arms(question)
    rows = _rows(spells, arms, columns, made.compared.horizon)
    names = [f"level {i}" for i in range(len(columns))]
    found = rows.group_by(names).aggregate(n=rows.person.nunique()).execute()
    keys = found[names].astype(str).itertuples(index=False, name=None)
    persons = dict(zip(keys, map(int, found.n), strict=True))
    return Heads(
        persons=persons,
        everybody=int(rows.person.nunique().execute()),
        arms=_by_arm(rows, names) if arms else {},
    )


def persons_of(
    spells: Spells, arms: ByColumn | ByOffer, reach: int, eligible: Eligible = EVERYBODY
) -> int:
    """Return how many persons are in some arm, seen within `reach` units."""
    rows, _ = subjects(spells, arms, (), eligible=eligible)
    return int(rows.filter(rows.begin < reach).person.nunique().execute())


def of_persons(found: Compared, persons: int) -> Compared:
    """Return a comparison that says how many persons it is of, and how many subjects they are."""
    entries = sum(w.persons for w in found.adequacy.arms.values())
    months, share = (
        replace(e, persons=persons, spells=entries) for e in (found.months, found.share)
    )
    return replace(found, months=months, share=share)


def _arms(question: QuestionToml) -> ByColumn | None:
    """Return the arms where a column of the subjects tells them."""
    design = design_of(question)
    if design in DATED:
        return by_column(question, question.column or WORD)
    return by_column(question, question.column) if question.column else None


def _rows(spells: Spells, arms: ByColumn | None, columns: tuple[str, ...], reach: int) -> ir.Table:
    """Return the subjects of some arm, with their levels; of all where no column tells the arm."""
    if arms is not None:
        rows, _ = subjects(spells, arms, columns)
        return rows.filter(rows.begin < reach)
    levels = {f"level {i}": levels_of(spells, c, BANDS)[0] for i, c in enumerate(columns)}
    return spells.relation.mutate(**levels)


def _by_arm(rows: ir.Table, names: list[str]) -> dict[Levels, dict[str, np.ndarray]]:
    frame = rows.group_by(*names, "arm", "block").aggregate(n=rows.person.nunique()).execute()
    found: dict[Levels, dict[str, np.ndarray]] = {}
    for levels, own in frame.groupby(names, sort=True):
        arms = {a: np.zeros(BLOCKS, dtype=np.int64) for a in ARMS}
        for arm, block, n in zip(own.arm, own.block, own.n, strict=True):
            arms[str(arm)][int(block)] = int(n)
        found[tuple(map(str, levels))] = arms
    return found
