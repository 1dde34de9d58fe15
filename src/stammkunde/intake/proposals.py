"""Groups, borders of bands, causes and lapse rules that the cells suggest."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir

from stammkunde.intake.columns import Column, plain, shown
from stammkunde.intake.lexicon import UNAVOIDABLE, is_person, is_private, is_serving, likeness
from stammkunde.intake.roles import Table
from stammkunde.spells.schema.fitting import RESERVED_CAUSES
from stammkunde.spells.spells import COHORT

MOST_GROUPS = 5
MOST_BANDS = 2
MOST_CAUSES = 20
KNOWING = 0.98
RESERVED = (COHORT, *RESERVED_CAUSES)
# waits that are the same number of whole months from whichever day they begin, the longest of each
FIRM_WAITS = (
    *(58, 88, 119, 149, 180, 211, 241, 272, 302, 333, 364, 392, 423, 453, 484, 514, 545, 576, 606),
    *(637, 667, 698, 729, 757, 788, 818, 849, 879, 910, 941, 971, 1002, 1032, 1063, 1094),
)


@dataclass(frozen=True)
class ProposedGroup:
    """A column to tell customers apart by, under a name for the TOML; `cuts` for a number."""

    name: str
    column: str
    cuts: tuple[float, ...] = ()


@dataclass(frozen=True)
class ProposedCause:
    """A delivered reason as a cause of its own."""

    name: str
    reason: str
    controllable: bool


def groups(
    table: Table, close: date | None = None
) -> tuple[tuple[ProposedGroup, ...], tuple[str, ...]]:
    """Return the groups to propose, and the columns that would tell who has left.

    Words of two to twelve levels first, then bands of one or two numbers. An end on `close` or
    later is no leaving yet, but a column may tell of it, too.
    """
    ways = (has_left(table), has_left(table, close))
    free = [c for c in table.free if not names_people(c) and c.share > 0.8]
    telling = tuple(
        c.name for c in table.free if c.filled and any(_tells(c, gone) for gone in ways)
    )
    open_columns = [c for c in free if c.name not in telling]
    words = [c for c in open_columns if c.kind == "text" and 2 <= c.distinct <= 12]
    words += [c for c in open_columns if c.kind == "number" and 2 <= c.distinct <= 6]
    numbers = [(c, _cuts(c)) for c in open_columns if c.kind == "number" and c.distinct >= 20]
    taken: set[str] = set()
    found = [ProposedGroup(slug(c.name, taken), c.name) for c in words[:MOST_GROUPS]]
    bands = [(c, cuts) for c, cuts in numbers if cuts and not _is_number_of_something(c)]
    found += [ProposedGroup(slug(c.name, taken), c.name, cuts) for c, cuts in bands[:MOST_BANDS]]
    return tuple(found), telling


def names_people(column: Column) -> bool:
    """Return whether a column names a person: the customer, or who serves him."""
    if is_private(column.plain) or is_serving(column.plain):
        return True
    persons = sum(is_person(level) for level in column.levels)
    return column.kind == "text" and persons > 0.5 * len(column.levels) > 0


def has_left(table: Table, close: date | None = None) -> list[bool]:
    """Return for every row of the sample whether it says that the customer has left by `close`."""
    end = table.column("end") or table.column("left")
    if end is None:
        return []
    if table.section == "contracts":
        days = end.days()
        return [
            c is not None and (close is None or d is None or d < close)
            for c, d in zip(end.cells, days, strict=True)
        ]
    often = next(iter(end.levels), "")
    return [c is not None and str(c) != often for c in end.cells]


def _tells(column: Column, gone: Sequence[bool]) -> bool:
    """Return whether the column all but says who has left, by its values or by being filled."""
    if not gone or not 0 < sum(gone) < len(gone):
        return False
    base = max(sum(gone), len(gone) - sum(gone)) / len(gone)
    filled = [(c is not None) == g for c, g in zip(column.cells, gone, strict=True)]
    if column.share < 0.98 and base < KNOWING <= sum(filled) / len(filled):
        return True
    if not column.levels or column.distinct > 12:
        return False
    known = dict.fromkeys(column.levels, (0, 0))
    for cell, left in zip(column.cells, gone, strict=True):
        stay, go = known.get(str(cell), (0, 0))
        known[str(cell)] = (stay + (not left), go + left)
    right = sum(max(pair) for pair in known.values()) / len(gone)
    return base < KNOWING <= right


def _is_number_of_something(column: Column) -> bool:
    """Return whether whole numbers look like keys: nearly all different, or called so."""
    called = any(likeness(role, column.plain) for role in ("person", "contract", "household"))
    words = column.plain.split()
    keyed = any(w in {"nr", "id", "no", "number", "key"} or w.endswith("nummer") for w in words)
    whole = all(v % 1 == 0 for v in column.values() if v is not None)
    amount = likeness("amount", column.plain) > 0
    return called or keyed or (column.unique and whole and column.filled > 100 and not amount)


def _cuts(column: Column) -> tuple[float, ...]:
    """Return the borders of thirds, rounded to two figures; none where they fall together."""
    values = sorted(v for v in column.values() if v is not None)
    if not values:
        return ()
    thirds = [values[len(values) // 3], values[2 * len(values) // 3]]
    cuts = tuple(sorted({_rounded(v) for v in thirds}))
    return cuts if len(cuts) == 2 and values[0] < cuts[0] and cuts[1] <= values[-1] else ()


def _rounded(value: float) -> float:
    if value == 0:
        return 0.0
    return round(value, 1 - math.floor(math.log10(abs(value))))


def band_titles(cuts: Sequence[float]) -> tuple[tuple[str, str], ...]:
    """Return the names of the bands for readers, German and English, in the order of `cuts`."""
    german = [f"{c:.10g}".replace(".", ",") for c in cuts]
    english = [f"{c:.10g}" for c in cuts]
    inner = [
        (f"{german[i]} bis unter {german[i + 1]}", f"{english[i]} to below {english[i + 1]}")
        for i in range(len(cuts) - 1)
    ]
    first = (f"unter {german[0]}", f"below {english[0]}")
    return (first, *inner, (f"ab {german[-1]}", f"{english[-1]} and more"))


def causes(table: Table) -> tuple[ProposedCause, ...]:
    """Return every delivered reason as a cause of its own, () where they are too many to list."""
    found = reasons(table)
    if len(found) > MOST_CAUSES:
        return ()
    taken: set[str] = set()
    return tuple(
        ProposedCause(slug(value, taken), value, not _is_unavoidable(value)) for value in found
    )


def reasons(table: Table) -> tuple[str, ...]:
    """Return the reasons of rows that have ended, the most frequent first."""
    reason, gone = table.column("reason"), has_left(table)
    if reason is None:
        return ()
    ended = gone or [True] * len(reason.cells)
    cells = zip(reason.cells, ended, strict=True)
    return tuple(v for v, _ in Counter(shown(c) for c, e in cells if e and c).most_common())


def _is_unavoidable(reason: str) -> bool:
    words = plain(reason).split()
    return any(w in UNAVOIDABLE or w.startswith(("umzug", "verstorb", "todesf")) for w in words)


def slug(name: str, taken: set[str]) -> str:
    """Return a name for the TOML from a delivered one, small and plain, not among `taken`."""
    base = plain(name.lower()).replace(" ", "_") or "column"
    base = f"{base}_" if base in RESERVED else base
    found = next(n for n in _numbered(base) if n not in taken)
    taken.add(found)
    return found


def _numbered(base: str) -> Iterable[str]:
    yield base
    number = 2
    while True:
        yield f"{base}_{number}"
        number += 1


def waiting(rows: ir.Table) -> float | None:
    """Return the wait in days that nine in ten repeat purchases keep within; `person` and `day`."""
    later = rows.day.lead().over(ibis.window(group_by="person", order_by="day"))
    pairs = rows.mutate(later=later)
    days = pairs.later.delta(pairs.day, unit="day")
    kept = pairs.mutate(days=days).filter(lambda t: t.days > 0)
    found = kept.days.quantile(0.9).execute()
    return None if found is None or found != found else float(found)


def gap_days(wait: float | None) -> int:
    """Return the lapse rule that nine in ten waits keep within, the same months from any day."""
    if wait is None:
        return 180
    return next((days for days in FIRM_WAITS if days >= wait), FIRM_WAITS[-1])


def compared(gap: int) -> tuple[int, ...]:
    """Return the rules to compare with: the next shorter and the next longer one."""
    at = FIRM_WAITS.index(gap)
    return (*FIRM_WAITS[max(at - 1, 0) : at], *FIRM_WAITS[at + 1 : at + 2])
