"""The words of a table's columns; sums of very different size stand in thousands throughout.

Else one cell would be told in millions and the next to the euro, and nobody could compare them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from stammkunde.chapters.exhibit import Column, Table
from stammkunde.report.sums import Scale, named
from stammkunde.report.words import CURRENCY, MILLION, Words
from stammkunde.result import Estimate

THOUSAND = 1e3
WHOLE = "money0"


def headings(table: Table, words: Words) -> list[str]:
    """Return the headings, with the size of the sums where they are told in thousands."""
    found = []
    for i, column in enumerate(table.columns):
        heading, unit = words.heading(column.heading), _unit(table, i)
        scale = Scale(unit=unit, size="thousand", by=THOUSAND)
        found.append(named(scale, heading, words) if unit else heading)
    return found


def cells(table: Table, words: Words) -> list[list[str]]:
    """Return the words of all cells, row by row."""
    forms = [(c.form, _unit(table, i)) for i, c in enumerate(table.columns)]
    return [
        [
            words.cell(scaled(value), "n0") if unit else words.cell(value, form)
            for value, (form, unit) in zip(row, forms, strict=True)
        ]
        for row in table.rows
    ]


def in_thousands(estimates: Iterable[Any]) -> str:
    """Return the currency of sums that are told in thousands, else nothing.

    They are of one currency, and some would be told in millions, others not.
    """
    known = [e for e in estimates if isinstance(e, Estimate) and e.value is not None]
    sizes = [abs(e.value or 0.0) for e in known]
    if not sizes or max(sizes) < MILLION or min(sizes) >= MILLION:
        return ""
    units = {e.unit for e in known}
    unit = units.pop()
    return unit if not units and CURRENCY.fullmatch(unit) else ""


def _unit(table: Table, column: int) -> str:
    own = table.columns[column]
    if own.form != WHOLE:
        return ""
    # columns that say the same of other months are compared, too
    alike = [i for i, c in enumerate(table.columns) if c.form == WHOLE and _key(c) == _key(own)]
    return in_thousands(row[i] for row in table.rows for i in alike)


def _key(column: Column) -> str:
    return column.heading if isinstance(column.heading, str) else column.heading.key


def scaled(cell: Any) -> Any:
    """Return an estimate in thousands; anything else as it is."""
    if not isinstance(cell, Estimate):
        return cell
    ends = (cell.value, cell.low, cell.high)
    value, low, high = (None if x is None else x / THOUSAND for x in ends)
    return replace(cell, value=value, low=low, high=high, unit=f"{THOUSAND:g} {cell.unit}")
