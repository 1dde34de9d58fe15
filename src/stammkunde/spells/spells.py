"""Spells and episodes: who was a customer, from when to when.

Both are relations in the engine. `Spells` has one row per unbroken time as a customer; `Episodes`
has one or more contiguous rows per spell, between which nothing changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd

from stammkunde.errors import ParameterError, nearest, several
from stammkunde.result import Label, table_html
from stammkunde.spells.checks.found import Found

CENSORED = "censored"
LEFT = "left"
UNKNOWN, UNLISTED = "unknown", "unlisted"
MISSING = "(missing)"
STATE = "customer"
COHORT = "cohort"
NOTICE = "notice"
MARGIN, MARGIN_KNOWN = "margin", "margin_known"
SPELL_COLUMNS = (
    *("person", "spell", "block", "start", "last", "next", "earlier", "entry", "exit", "end"),
    *("cohort", "record"),
)


@dataclass(frozen=True)
class Tally:
    """How the rows as delivered were used: read = used + never_at_risk + rejected."""

    read: int
    used: int
    never_at_risk: int
    rejected: int

    def __post_init__(self) -> None:
        if self.read != self.used + self.never_at_risk + self.rejected:
            raise AssertionError(f"rows were lost or counted twice: {self}")


@dataclass(frozen=True)
class SideTable:
    """A table beside the main one: its usable rows as a relation of the engine, and the others.

    A row about a customer who was never at risk, or whom the main table does not know, counts as
    never at risk. `rejected` holds the rows not used and why, `found` what the checks found.
    """

    relation: ir.Table
    tally: Tally
    found: tuple[Found, ...]
    rejected: pd.DataFrame


@dataclass(frozen=True)
class Group:
    """A column by which customers are told apart: its title, and its levels in order."""

    name: str
    title: Label
    levels: Mapping[str, Label] = field(default_factory=dict)

    def label(self, level: str) -> Label:
        """Return the name of a level, as declared or as the data have it."""
        return self.levels.get(level, Label(level))


@dataclass(frozen=True)
class Spells:
    """Times as a customer, one row each, as a relation of the engine.

    Columns: person, spell, block, start and last day (dates, or null), next (the day on which the
    same person begins anew, or null), earlier (the last day of all that the person had begun
    before, at risk or not; null where there was nothing), entry, exit, end (a cause, or
    "censored"), cohort (first day of the month of start, or null), record (the row it came from),
    for each group the column "group NAME" and for each covariate "covariate NAME", and, where they
    are declared, notice (the day on which it was given) and margin (cents per month, null where it
    is not known). Only spells with entry < exit are in it.
    `repeats` tells whether a person has more than one. `rejected` holds the rows not used and why,
    `found` what the checks found, and `listed` the table that says which customer numbers are one
    person, where there is one.
    """

    relation: ir.Table
    unit: str
    groups: Mapping[str, Group]
    tally: Tally
    persons: int
    spells: int
    rejected: pd.DataFrame
    close: date | None = None
    found: tuple[Found, ...] = ()
    covariates: tuple[str, ...] = ()
    listed: SideTable | None = None

    @property
    def repeats(self) -> bool:
        """Return whether some person has more than one spell."""
        return self.spells > self.persons

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns by which tables can be made."""
        return (*self.groups, COHORT)

    def where(self, condition: ir.BooleanValue) -> Spells:
        """Return the spells for which an expression holds; the tally stays the source's."""
        relation = self.relation.filter(condition)
        persons, spells = _heads(relation)
        return replace(self, relation=relation, persons=persons, spells=spells)

    def first(self) -> Spells:
        """Return the first spell of every person."""
        return self.where(self.relation.spell == 1)

    def to_frame(self) -> pd.DataFrame:
        """Return the relation as a DataFrame by record and spell, groups under their own names."""
        frame = self.relation.order_by(["record", "spell"]).execute()
        plain = {column_of(n): n for n in self.groups if n not in frame.columns}
        plain |= {covariate_of(n): n for n in self.covariates if n not in frame.columns}
        return frame.set_axis([plain.get(c, c) for c in frame.columns], axis="columns")

    def _repr_html_(self) -> str:
        rows: dict[str, object] = {"rows read": self.tally.read, "used": self.tally.used}
        rows |= {"never at risk": self.tally.never_at_risk, "rejected": self.tally.rejected}
        rows |= {"persons": self.persons, "spells": self.spells, "unit": self.unit}
        return table_html(rows | {"groups": ", ".join(self.groups) or "none"}, "Spells")


@dataclass(frozen=True)
class Episodes:
    """Parts of spells in which nothing changes, as a relation of the engine.

    Columns: person, spell, block, tenure interval (begin, finish], state, came_from (null where
    observation begins), to (a cause, "censored", or the state that follows), any columns to count
    by, and integer `money` columns, never null: cents, and with "margin" (per month)
    "margin_known", 1 where there is one and 0 where it is not known. An episode whose `to` is its
    own state goes on in the next one: splitting changes no count.
    """

    relation: ir.Table
    unit: str
    groups: Mapping[str, Group]
    repeats: bool
    money: tuple[str, ...] = ()


def episodes(spells: Spells) -> Episodes:
    """Return one episode per spell: the whole of it, in the one state "customer"."""
    s = spells.relation
    money: tuple[str, ...] = ()
    if MARGIN in s.columns:
        known = ibis.ifelse(s[MARGIN].isnull(), 0, 1).cast("int64")
        s = s.mutate(**{MARGIN: s[MARGIN].fill_null(0), MARGIN_KNOWN: known})
        money = (MARGIN, MARGIN_KNOWN)
    relation = s.mutate(
        begin=s.entry,
        finish=s.exit,
        state=ibis.literal(STATE),
        came_from=ibis.null("string"),
        to=s.end,
    ).drop("entry", "exit", "end")
    return Episodes(relation, spells.unit, spells.groups, spells.repeats, money)


def split(parts: Episodes, at: int) -> Episodes:
    """Return the episodes, those that span tenure `at` cut in two there."""
    r = parts.relation
    spans = (r.begin < at) & (at < r.finish)
    whole = r.filter(~spans)
    first = r.filter(spans).mutate(finish=ibis.literal(at, "int64"), to=r.state)
    second = r.filter(spans).mutate(begin=ibis.literal(at, "int64"), came_from=r.state)
    union = ibis.union(ibis.union(whole, first), second)
    return replace(parts, relation=union)


def column_of(name: str) -> str:
    """Return the column of a group in a relation, marked so that no name collides with ours."""
    return name if name == COHORT else f"group {name}"


def covariate_of(name: str) -> str:
    """Return the column of a covariate in a relation, marked like that of a group."""
    return f"covariate {name}"


def check_columns(names: Sequence[str], known: Sequence[str]) -> None:
    """Raise ParameterError for a name that is not among the columns to count by."""
    for name in several(names, "columns"):
        if name not in known:
            raise ParameterError(f"no group `{name}` in these spells", remedy=nearest(name, known))


def _heads(relation: ir.Table) -> tuple[int, int]:
    """Return how many persons and spells a relation holds."""
    counted = relation.aggregate(
        persons=relation.person.nunique(), spells=relation.count()
    ).execute()
    return int(counted.persons[0]), int(counted.spells[0])
