"""Questions held against the data: words that no row has, and how many customers each arm has."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

import ibis.expr.types as ir

from stammkunde.errors import NotObservedError
from stammkunde.evidence.asking.estimand import estimand_of
from stammkunde.evidence.asking.made import asked_of, words_of_arms, words_there
from stammkunde.evidence.asking.question import Design, QuestionToml, design_of
from stammkunde.intake.begins import Unfit, unfit
from stammkunde.result import Label
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import Spells
from stammkunde.survival.drivers.cells import BANDS, levels_of

# what is there instead is named as far as a line holds it
SHOWN = 6


@dataclass(frozen=True, kw_only=True)
class Misspelt:
    """A word of a question that no row has: its key, and the nearest word or else some there."""

    key: str
    word: str
    nearest: str = ""
    known: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Side:
    """One arm of a question and its number of customers; None where they are too few to show."""

    title: Label
    persons: int | None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question of the TOML that a report will answer, and the design that follows from it.

    `misspelt` are its words that no row has, `unfit` why its offer does not begin as it says or
    nobody is asked about; `arms` its customers, () where a word is misspelt or nobody is asked
    about.
    """

    name: str
    title: Label
    design: Design
    day: date | None = None
    misspelt: tuple[Misspelt, ...] = ()
    unfit: Unfit | None = None
    arms: tuple[Side, ...] = ()

    @property
    def refused(self) -> bool:
        """Return whether no report is made as long as the question stands like this."""
        return bool(self.misspelt) or (self.unfit is not None and self.unfit.refused)


def asked_about(q: QuestionToml, spells: Spells, beside: Beside, *, least: int) -> Asked:
    """Return a question held against the data; arms of fewer than `least` are not counted out."""
    wrong = tuple(_misspelt(q, spells, beside))
    return Asked(
        name=q.name,
        title=Label(q.name, dict(q.title)),
        design=design_of(q),
        day=q.day,
        misspelt=wrong,
        unfit=None if wrong else unfit(q, spells, beside),
        arms=() if wrong else _arms(q, spells, beside, least),
    )


def _misspelt(q: QuestionToml, spells: Spells, beside: Beside) -> Iterator[Misspelt]:
    """Yield the words of a question that no row has: of offer, event, arms, `where`, `lately`."""
    for column, words in q.where.items():
        level = levels_of(spells, column, BANDS)[0]
        yield from _unsaid(spells.relation, level, {f"where.{column}": words})
    table, kind = _rows(q, beside)
    if table is not None:
        about = {"offer" if q.offer else "event": [q.about]}
        lately = {f"lately.{n}": [n] for n in q.lately}
        unsaid = [*_unsaid(table, table[kind], about | lately)]
        yield from unsaid
        if q.about in [m.word for m in unsaid]:
            return
    if q.column or table is not None:
        own, word = _told(q, spells, table, kind)
        yield from _unsaid(own, word, words_of_arms(q))


def _unsaid(
    table: ir.Table, cell: ir.Value, words: Mapping[str, Sequence[str]]
) -> Iterator[Misspelt]:
    known = words_there(table, cell) if any(words.values()) else ()
    for key, own in words.items():
        yield from lacking(key.partition("` (")[0].removeprefix("`question."), own, known)


def lacking(key: str, words: Sequence[str], known: Collection[str]) -> Iterator[Misspelt]:
    """Yield those of the words under a key that are not known, with the nearest that is."""
    there = sorted(known)
    for word in words:
        if word not in known:
            near = get_close_matches(word, there, n=1)
            nearest = near[0] if near else ""
            yield Misspelt(key=key, word=word, nearest=nearest, known=tuple(there[:SHOWN]))


def _rows(q: QuestionToml, beside: Beside) -> tuple[ir.Table | None, str]:
    """Return the table that a question is about, and its column that says what was done."""
    table = beside.offers if q.offer else beside.events if q.event else None
    return (table.relation if table is not None else None), "offer" if q.offer else "kind"


def _told(
    q: QuestionToml, spells: Spells, table: ir.Table | None, kind: str
) -> tuple[ir.Table, ir.Value]:
    """Return the rows that tell the arms of a question, and their words."""
    if table is None:
        return spells.relation, levels_of(spells, q.column, BANDS)[0]
    own = table.filter(table[kind] == q.about)
    return own, own["arm" if q.offer else "value"]


def _arms(q: QuestionToml, spells: Spells, beside: Beside, least: int) -> tuple[Side, ...]:
    """Return the customers of each arm among those asked about, whenever it was theirs.

    Without words of the control those of none of the treated are in it.
    """
    if not q.column and _rows(q, beside)[0] is None:
        return ()
    try:
        chosen = asked_of(spells, estimand_of(q, unit=spells.unit))
    except NotObservedError:
        return ()
    own, word = _told(q, chosen, *_rows(q, beside))
    everybody = chosen.relation.select("person").distinct()

    def of(words: Sequence[str]) -> ir.Table:
        return everybody.semi_join(own.filter(word.isin(list(words))) if words else own, "person")

    treated, control = of(q.treated.words), q.control.words
    others = of(control) if control else everybody.anti_join(treated, "person")
    return tuple(
        Side(title=Label(name, dict(title)), persons=n if n >= least else None)
        for name, title, n in (
            ("treated", q.treated.title, int(treated.count().execute())),
            ("control", q.control.title, int(others.count().execute())),
        )
    )
