"""Columns as delivered: marked, so that no column of ours ever hides one of theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from stammkunde.errors import DataError, nearest
from stammkunde.spells.blocks import trimmed

RECORD = "record"
DELIVERED = "="
MALFORMED = "malformed"
OUTER = "\ufeff\u200b"


def delivered(rows: ir.Table) -> list[str]:
    """Return the names of the delivered columns, without their mark, in order."""
    return [c.removeprefix(DELIVERED) for c in rows.columns if c.startswith(DELIVERED)]


def column(rows: ir.Table, name: str, where: str) -> ir.Value:
    """Return a delivered column of `rows`; DataError with the nearest spelling if there is none."""
    known = delivered(rows)
    if name not in known:
        other = next((s for s in ";,\t|" if len(known) == 1 and s in known[0]), "")
        remedy = nearest(name, known)
        if other:
            remedy = f'The cells seem to be parted by {other!r}: write `separator = "{other}"`.'
        raise DataError(f"column `{name}` not found", where=where, remedy=remedy)
    return rows[DELIVERED + name]


def named(cells: Sequence[object], where: str) -> list[str]:
    """Return the names of columns from the cells of a header; DataError where two are alike.

    Outer blanks and marks of byte order are no part of a name. A column without a name is called
    "column 3" by its place. Capitals alone do not tell two names apart, as in every engine.
    """
    names = [str("" if c is None else c).strip().strip(OUTER).strip() for c in cells]
    names = [n or f"column {i}" for i, n in enumerate(names, start=1)]
    times = Counter(n.lower() for n in names)
    twice = sorted({n for n in names if times[n.lower()] > 1})
    if twice:
        shown = ", ".join(f"`{n}`" for n in twice)
        raise DataError(f"columns of one name: {shown}", where=where, remedy="Rename one.")
    return names


def without(rows: ir.Table, words: Sequence[str]) -> ir.Table:
    """Return the rows, text cells that hold nothing but one of these words as empty ones."""
    texts = [c for c in rows.columns if c.startswith(DELIVERED) and rows[c].type().is_string()]
    if not words or not texts:
        return rows
    said = [w.strip() for w in words]
    nothing = ibis.null("string")
    return rows.mutate(
        **{c: ibis.ifelse(trimmed(rows[c]).isin(said), nothing, rows[c]) for c in texts}
    )
