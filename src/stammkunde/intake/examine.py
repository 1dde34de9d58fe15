"""The data report: what was delivered, what of it can be used, what was found, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd

from stammkunde.intake.asked import Asked, asked_about
from stammkunde.intake.proposed import Proposed, proposed
from stammkunde.intake.wanted import Want, wanted
from stammkunde.result import Label
from stammkunde.spells.bought import bought_of
from stammkunde.spells.checks.found import Found
from stammkunde.spells.checks.quarantine import stacked
from stammkunde.spells.delivery.cells import blank, date_of
from stammkunde.spells.delivery.columns import column
from stammkunde.spells.delivery.take import Taken, take
from stammkunde.spells.read import read_taken
from stammkunde.spells.schema.data import MAIN, DataToml
from stammkunde.spells.schema.meaning import Unit
from stammkunde.spells.secrets import secret_of
from stammkunde.spells.spells import SideTable, Spells, Tally, column_of
from stammkunde.study import Study

DAYS = ("start", "end", "notice", "date")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "contracts": ("contract", "person", "start", "end", "notice", "reason", "margin"),
    "snapshot": ("person", "tenure", "left", "margin"),
    "transactions": ("person", "date", "amount", "place"),
    "events": ("person", "date", "kind", "value", "cost", "team"),
    "offers": ("person", "offer", "start", "end", "price", "arm"),
    "prices": ("plan", "start", "end", "price"),
    "persons": ("customer", "person"),
}


@dataclass(frozen=True, kw_only=True)
class Declared:
    """A declared column of a table: its key, how many cells are empty, its first and last day."""

    key: str
    column: str
    rows: int
    empty: int
    first: date | None = None
    last: date | None = None

    @property
    def share_empty(self) -> float:
        """Return the share of cells that are empty."""
        return self.empty / self.rows if self.rows else 0.0


@dataclass(frozen=True, kw_only=True)
class Level:
    """A value of a group and its number of persons; None where they are too few to be shown.

    `label` is None where the cell is empty.
    """

    label: Label | None
    persons: int | None


@dataclass(frozen=True, kw_only=True)
class Parted:
    """A group and its values, those declared first."""

    title: Label
    levels: tuple[Level, ...]


@dataclass(frozen=True, kw_only=True)
class Examined:
    """One table: how its rows were used, its declared columns, what the checks found.

    `lines` are the physical lines of the records that the findings name, where there are lines.
    `too_many` tells that more rows were rejected than are allowed.
    """

    section: str
    name: str
    tally: Tally
    columns: tuple[Declared, ...]
    found: tuple[Found, ...]
    lines: Mapping[int, int] = field(default_factory=dict)
    too_many: bool = False


@dataclass(frozen=True, kw_only=True)
class DataReport:
    """A data report as plain data; `rejected` holds the rows set aside, as delivered."""

    client: str
    name: Label
    as_of: date
    opens: date | None
    closes: date | None
    unit: Unit
    first: date | None
    last: date | None
    persons: int
    spells: int
    tables: tuple[Examined, ...]
    groups: tuple[Parted, ...]
    smallest_group: int
    most_rejected: float
    wanted: tuple[Want, ...]
    asked: tuple[Asked, ...]
    proposed: Proposed | None
    rejected: pd.DataFrame = field(repr=False, compare=False)

    @property
    def usable(self) -> bool:
        """Return whether a report can be made: few rejected rows, nothing that does not fit."""
        if any(question.refused for question in self.asked):
            return False
        if self.proposed is not None and self.proposed.misspelt:
            return False
        return not any(table.too_many for table in self.tables)

    @property
    def misspelt(self) -> bool:
        """Return whether a question has a word that no row has."""
        return any(question.misspelt for question in self.asked)


def examine(study: Study) -> DataReport:
    """Return the data report of a client; it is made where too many rows are rejected, too.

    DataError where a table cannot be read at all, or no row is of use.
    """
    data = study.toml.data
    secret = secret_of(study.workspace.root, study.slug)
    taken = take(study.folder, data.deliveries)
    spells, beside = read_taken(taken, data, secret=secret, stop=False)
    spells = _with_amounts(spells, taken, data)
    parts: dict[str, Spells | SideTable] = {next(iter(data.deliveries)): spells, **beside.tables}
    parts |= {"persons": spells.listed} if spells.listed else {}
    least = study.toml.report.smallest_group
    first, last = _span(spells, data.window.close)
    return DataReport(
        client=study.slug,
        name=study.name,
        as_of=study.as_of,
        opens=data.window.open,
        closes=data.window.close,
        unit=data.window.unit,
        first=first,
        last=last,
        persons=spells.persons,
        spells=spells.spells,
        tables=tuple(
            _examined(section, part, taken[section], data) for section, part in parts.items()
        ),
        groups=_levels(spells, least),
        smallest_group=least,
        most_rejected=data.checks.most_rejected,
        wanted=wanted(data),
        asked=tuple(asked_about(q, spells, beside, least=least) for q in study.toml.question),
        proposed=proposed(study.toml, spells, beside),
        rejected=stacked([part.rejected for part in parts.values()]),
    )


def _with_amounts(spells: Spells, taken: Mapping[str, Taken], data: DataToml) -> Spells:
    """Return the spells of purchases with what is wrong with amounts, which a report counts too."""
    table = data.transactions
    if table is None or not table.amount:
        return spells
    bought = bought_of(taken, data, amount=table.amount, place=table.place, stop=False)
    if bought.tally.rejected <= spells.tally.rejected:
        return spells
    told = {(f.table, f.check) for f in bought.found}
    others = (f for f in spells.found if (f.table, f.check) not in told)
    return replace(
        spells, tally=bought.tally, rejected=bought.rejected, found=(*bought.found, *others)
    )


def _examined(section: str, part: Spells | SideTable, taken: Taken, data: DataToml) -> Examined:
    tally = part.tally
    named = sorted({record for found in part.found for record in found.records})
    return Examined(
        section=section,
        name=taken.where,
        tally=tally,
        columns=_columns(section, taken, data),
        found=tuple(f for f in part.found if f.table == section),
        lines=taken.lines(named) if named else {},
        too_many=tally.rejected > data.checks.most_rejected * tally.read,
    )


def _columns(section: str, taken: Taken, data: DataToml) -> tuple[Declared, ...]:
    """Return what the declared columns of a table hold, in one pass of the engine."""
    named = tuple(_named(section, data))
    cells = {key: column(taken.rows, name, taken.where) for key, name in named}
    days = {k: date_of(c, taken.form) for k, c in cells.items() if k in DAYS}
    asked: dict[str, ir.Scalar] = {"rows": taken.rows.count()}
    asked |= {f"empty {k}": blank(c).sum() for k, c in cells.items()}
    asked |= {f"first {k}": d.min() for k, d in days.items()}
    asked |= {f"last {k}": d.max() for k, d in days.items()}
    heads = taken.rows.aggregate(**asked).execute().iloc[0]
    return tuple(
        Declared(
            key=key,
            column=name,
            rows=int(heads["rows"]),
            empty=int(heads[f"empty {key}"] or 0),
            first=_day(heads.get(f"first {key}")),
            last=_day(heads.get(f"last {key}")),
        )
        for key, name in named
    )


def _named(section: str, data: DataToml) -> Iterator[tuple[str, str]]:
    """Yield the key and the name of every column that the TOML declares for a table."""
    table = getattr(data, section)
    yield from ((key, getattr(table, key)) for key in COLUMNS[section] if getattr(table, key))
    if section in MAIN:
        yield from ((f"groups.{name}", group.column) for name, group in data.groups.items())
        yield from ((f"covariates.{name}", c.column) for name, c in data.covariates.items())


def _levels(spells: Spells, least: int) -> tuple[Parted, ...]:
    """Return the number of persons of every level of every group, small ones hidden."""
    found = []
    for name, group in spells.groups.items():
        by = spells.relation.group_by(level=spells.relation[column_of(name)])
        frame = by.aggregate(persons=lambda t: t.person.nunique()).order_by("level").execute()
        counts = {None if pd.isna(x) else str(x): int(n) for x, n in frame.to_numpy().tolist()}
        order = [*(n for n in group.levels if n in counts), *counts]
        levels = (
            Level(
                label=None if level is None else group.label(level),
                persons=counts[level] if counts[level] >= least else None,
            )
            for level in dict.fromkeys(order)
        )
        found.append(Parted(title=group.title, levels=tuple(levels)))
    return tuple(found)


def _span(spells: Spells, closes: date | None) -> tuple[date | None, date | None]:
    """Return the first day on which a spell began and the last on which one ended by `closes`."""
    relation = spells.relation
    if not relation.start.type().is_date():
        return None, None
    seen = relation["last"] < ibis.literal(closes or date.max)
    heads = relation.aggregate(first=relation.start.min(), last=relation["last"].max(where=seen))
    row = heads.execute().iloc[0]
    return _day(row["first"]), _day(row["last"])


def _day(value: object) -> date | None:
    return None if value is None or pd.isna(value) else pd.Timestamp(value).date()
