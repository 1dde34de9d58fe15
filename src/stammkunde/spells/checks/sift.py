"""One pass over a table as delivered: every row is kept narrow, checked, and counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from stammkunde.spells.checks.found import Found
from stammkunde.spells.checks.limit import refuse_beyond
from stammkunde.spells.checks.quarantine import WHY, nothing, quarantine
from stammkunde.spells.checks.rows import CHECK, Check, Remark, marked
from stammkunde.spells.checks.shapes import MOST, shapes
from stammkunde.spells.delivery.columns import DELIVERED, RECORD, delivered
from stammkunde.spells.delivery.engine import keep
from stammkunde.spells.delivery.take import Taken


@dataclass(frozen=True)
class Sifted:
    """A table after its checks: `rows` kept in the engine with `record` and `check`.

    `check` is the position in `checks`, null where a row is good. `counts` are the numbers of the
    one aggregate: "read", one per check and remark, and what else was asked for.
    """

    section: str
    taken: Taken
    rows: ir.Table
    checks: tuple[Check, ...]
    remarks: tuple[Remark, ...]
    counts: Mapping[str, Any]
    found: tuple[Found, ...] = field(default=())

    @property
    def good(self) -> ir.Table:
        """Return the rows that passed every check."""
        return self.rows.filter(self.rows[CHECK].isnull())

    @property
    def bad(self) -> ir.Table:
        """Return the rows that failed one."""
        return self.rows.filter(self.rows[CHECK].notnull())

    @property
    def read(self) -> int:
        """Return the number of rows delivered."""
        return int(self.counts["read"])

    @property
    def reasons(self) -> dict[str, int]:
        """Return how many rows were set aside by the id of the check."""
        counted: dict[str, int] = {}
        for i, check in enumerate(self.checks):
            rows = int(self.counts[f"check {i}"])
            if rows:
                counted[check.id] = counted.get(check.id, 0) + rows
        return counted


def sift(
    section: str,
    taken: Taken,
    typed: ir.Table,
    *,
    checks: Sequence[Check],
    remarks: Sequence[Remark] = (),
    columns: Sequence[str],
    measures: Mapping[str, Any] | None = None,
) -> Sifted:
    """Return the rows of `typed` checked, kept with `columns`, and counted in one aggregate.

    `measures` maps names to functions from the good part's condition and the kept relation to an
    aggregate. No row is left out.
    """
    checks = (Check("malformed", typed.malformed), *checks)
    narrow = marked(typed, checks).select(RECORD, CHECK, *dict.fromkeys(columns))
    rows = keep(taken.engine, narrow)
    sifted = Sifted(section, taken, rows, checks, tuple(remarks), {})
    return counted(sifted, measures or {})


def counted(sifted: Sifted, measures: Mapping[str, Any]) -> Sifted:
    """Return `sifted` with its counts: one aggregate over the kept rows."""
    rows = sifted.rows
    good = rows[CHECK].isnull()
    sums: dict[str, ir.Value] = {"read": rows.count()}
    for i in range(len(sifted.checks)):
        sums[f"check {i}"] = (rows[CHECK] == i).sum().fill_null(0)
    for i, remark in enumerate(sifted.remarks):
        sums[f"remark {i}"] = (good & remark.holds(rows)).sum().fill_null(0)
    for name, measure in measures.items():
        sums[name] = measure(rows, good)
    heads = rows.aggregate(**sums).execute()
    return replace(sifted, counts={n: heads[n].iloc[0] for n in sums})


def set_aside(sifted: Sifted, *, most: float | None) -> tuple[pd.DataFrame, tuple[Found, ...]]:
    """Return the quarantine and what the checks found; DataError where more than `most` fail."""
    reasons = sifted.reasons
    if most is not None:
        refuse_beyond(sifted.taken.where, sifted.read, reasons, most)
    if not reasons:
        return nothing(sifted.taken), ()
    frame = quarantine(sifted.section, sifted.taken, sifted.bad, sifted.checks)
    return frame, _errors(sifted, frame)


def _errors(sifted: Sifted, frame: pd.DataFrame) -> tuple[Found, ...]:
    # by place, because a delivered column may have one of these names too
    ids = frame.iloc[:, WHY.index("check")]
    numbers = frame.iloc[:, WHY.index("record")]
    names = delivered(sifted.taken.rows)
    found = []
    for name in sifted.reasons:
        failed = (ids == name).to_numpy()
        rows = frame[failed]
        columns = {c.column for c in sifted.checks if c.id == name and c.column}
        column = min(columns) if len(columns) == 1 else ""
        cells = rows.iloc[:, len(WHY) + names.index(column)] if column in names else ()
        found.append(
            Found(
                table=sifted.section,
                check=name,
                severity="error",
                rows=len(rows),
                column=column,
                records=tuple(int(r) for r in numbers[failed][:MOST]),
                shapes=shapes(cells),
            )
        )
    return tuple(found)


def remarked(sifted: Sifted) -> tuple[Found, ...]:
    """Return what the remarks found: counts, the first records, and what their cells look like."""
    found = []
    for i, remark in enumerate(sifted.remarks):
        rows = int(sifted.counts[f"remark {i}"])
        if not rows:
            continue
        records = first_records(sifted.good.filter(remark.holds(sifted.good)))
        found.append(
            Found(
                table=sifted.section,
                check=remark.id,
                severity=remark.severity,
                rows=rows,
                column=remark.column,
                records=records,
                shapes=shapes_of(sifted.taken, records, remark.column),
            )
        )
    return tuple(found)


def first_records(rows: ir.Table) -> tuple[int, ...]:
    """Return the first few record numbers of a relation."""
    frame = rows.select(RECORD).order_by(RECORD).limit(MOST).execute()
    return tuple(int(r) for r in frame.iloc[:, 0])


def shapes_of(taken: Taken, records: Sequence[int], column: str) -> tuple[str, ...]:
    """Return the shapes of the cells of a delivered column in a few records."""
    if not column or not records:
        return ()
    rows = taken.rows.filter(taken.rows[RECORD].isin(list(records))).order_by(RECORD)
    return shapes(rows.select(DELIVERED + column).execute().iloc[:, 0])
