"""What the columns of a delivered table hold, seen on a sample spread over the whole of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import ibis.expr.types as ir
import pandas as pd

from stammkunde.intake.empties import is_far, is_word
from stammkunde.intake.forms import date_forms, day_of, number_forms, number_in
from stammkunde.spells.delivery.cells import blank
from stammkunde.spells.delivery.columns import DELIVERED, RECORD, delivered
from stammkunde.spells.schema.tables import Delivery
from stammkunde.workspace import spelt

SAMPLE = 20_000
FEW = 60
DATE_WORDS = (
    *("datum", "date", "tag", "day", "beginn", "begin", "start", "ende", "end", "seit", "since"),
    *("bis", "until", "ab", "von", "from", "to", "eintritt", "austritt", "eingang"),
)
DATE_ENDINGS = ("datum", "beginn", "ende", "tag")
Kind = Literal["date", "number", "text", "empty"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One delivered column: what kind of cells it has and how they are written.

    `filled` of `rows` cells are not empty and `distinct` values occur, counted over all rows.
    `dates` and `numbers` are the forms that read its cells, () where they are typed already.
    `levels` counts the values of the sample where they are few. `cells` are the sample's, None
    where empty: days, numbers or texts. Among days and numbers a word for empty is empty, too
    (`words` are those found), and so is a day such as 31.12.9999.
    """

    name: str
    kind: Kind
    rows: int
    filled: int
    distinct: int
    dates: tuple[str, ...] = ()
    numbers: tuple[tuple[str, str], ...] = ()
    levels: Mapping[str, int]
    cells: tuple[Any, ...]
    words: tuple[str, ...] = ()

    @property
    def plain(self) -> str:
        """Return the name as words of small ASCII letters: "Kd.-Nr." is "kd nr"."""
        return plain(self.name)

    @property
    def share(self) -> float:
        """Return the share of cells that are not empty."""
        return self.filled / self.rows if self.rows else 0.0

    @property
    def unique(self) -> bool:
        """Return whether next to no value occurs twice."""
        return self.filled > 0 and self.distinct >= 0.99 * self.filled

    def days(self, form: str = "") -> list[date | None]:
        """Return the sample as days, read by `form` or else by the first that fits."""
        form = form or next(iter(self.dates), "")
        return [_day(c) or (day_of(shown(c), form) if form and c else None) for c in self.cells]

    def values(self) -> list[float | None]:
        """Return the sample as numbers, None where a cell is none."""
        marks = self.numbers[0] if self.numbers else (".", "")
        return [number_in(c, *marks) if isinstance(c, str) else _number(c) for c in self.cells]


@dataclass(frozen=True, kw_only=True)
class Looked:
    """A delivered table as seen: where it lies, how many rows it has, its columns by name."""

    delivery: Delivery
    rows: int
    columns: Mapping[str, Column]

    @property
    def name(self) -> str:
        """Return the name under which messages speak of the table, with its sheet."""
        place = self.delivery
        return f"{place.name}, sheet {place.sheet}" if place.sheet else place.name


def plain(name: str) -> str:
    """Return a name as words of small ASCII letters and digits: "KdNr." is "kd nr"."""
    parted = re.sub(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])", " ", name)
    return " ".join(re.findall(r"[a-z]+|\d+", spelt(parted)))


def look(rows: ir.Table, delivery: Delivery) -> Looked:
    """Return what the columns of a delivered relation hold.

    Counts are of all rows, all else of up to twenty thousand spread over the table.
    """
    names = delivered(rows)
    count = int(rows.count().execute())
    step = max(1, count // SAMPLE)
    spread = rows.filter((rows[RECORD] - 1) % step == 0).order_by(RECORD)
    sample = spread.select(*(DELIVERED + n for n in names)).execute()
    counts = rows.aggregate(
        **{f"filled {i}": (~blank(rows[DELIVERED + n])).sum() for i, n in enumerate(names)},
        **{f"distinct {i}": rows[DELIVERED + n].nunique() for i, n in enumerate(names)},
    ).execute()
    columns = {
        name: _column(
            name,
            [_cell(value) for value in sample.iloc[:, i].tolist()],
            count,
            _whole(counts[f"filled {i}"][0]),
            _whole(counts[f"distinct {i}"][0]),
        )
        for i, name in enumerate(names)
    }
    return Looked(delivery=delivery, rows=count, columns=columns)


def _whole(value: Any) -> int:
    return 0 if pd.isna(value) else int(value)


def _cell(value: Any) -> Any:
    """Return one cell of the sample: a text without outer blanks, a typed value, or None."""
    if value is None or (not isinstance(value, list | dict) and pd.isna(value)):
        return None
    if isinstance(value, str):
        return value.strip() or None
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value


def _column(name: str, cells: list[Any], rows: int, filled: int, distinct: int) -> Column:
    dated = any(w in DATE_WORDS or w.endswith(DATE_ENDINGS) for w in plain(name).split())
    said = [None if is_word(c) or is_far(c, dated=dated) else c for c in cells]
    kind, forms, marks = _kind(said, dated=dated)
    if kind == "text" or (kind == "empty" and not dated):
        # a word for empty may be a name here, as NA is of North America
        kind, forms, marks = _kind(cells, dated=dated)
        said = cells
    words = {str(c): None for c, kept in zip(cells, said, strict=True) if kept is None and c}
    before, after = (sum(c is not None for c in x) for x in (cells, said))
    found = [c for c in said if c is not None]
    levels = Counter(shown(c) for c in found) if distinct <= FEW else Counter()
    return Column(
        name=name,
        kind=kind,
        rows=rows,
        filled=round(filled * after / before) if before else 0,
        distinct=distinct - len({shown(c) for c in cells if c} - {shown(c) for c in found}),
        dates=forms if kind == "date" else (),
        numbers=marks if kind == "number" else (),
        levels=dict(levels.most_common()),
        cells=tuple(said),
        words=tuple(w for w in words if is_word(w)),
    )


def _kind(
    cells: list[Any], *, dated: bool
) -> tuple[Kind, tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return what kind of cells these are, and the forms and marks that read them."""
    found = [c for c in cells if c is not None]
    texts = [c for c in found if isinstance(c, str)]
    days = [c for c in found if _day(c)]
    written = [shown(c) for c in found] if dated and not days else texts
    forms = date_forms(written, is_date=dated)
    marks = number_forms(texts) if texts else ()
    if not found:
        return "empty", (), ()
    if len(days) > 0.8 * len(found) or (forms and len(written) > 0.8 * len(found)):
        return "date", forms, marks
    typed_numbers = [c for c in found if _number(c) is not None]
    is_number = len(typed_numbers) > 0.8 * len(found) or bool(marks)
    return "number" if is_number else "text", forms, marks


def shown(cell: Any) -> str:
    """Return a cell as the text by which it is known: whole numbers without decimals."""
    if isinstance(cell, bool):
        return str(cell).lower()
    return f"{cell:g}" if isinstance(cell, float) else str(cell)


def _day(cell: Any) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    return cell if isinstance(cell, date) else None


def _number(cell: Any) -> float | None:
    if isinstance(cell, bool | str | date) or not hasattr(cell, "__float__"):
        return None
    return float(cell)
