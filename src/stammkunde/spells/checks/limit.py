"""Too many rows that cannot be used: then no report is made."""

from __future__ import annotations

from collections.abc import Mapping

from stammkunde.errors import DataError

SHOWN = 3
CHECK = "`stammkunde check NAME`"


def refuse_beyond(where: str, read: int, reasons: Mapping[str, int], most: float) -> None:
    """Raise DataError where more than a share `most` of the rows of a table is set aside.

    `reasons` counts the rows by check.
    """
    rejected = sum(reasons.values())
    if not rejected or rejected <= most * read:
        return
    commonest = sorted(reasons.items(), key=lambda r: (-r[1], r[0]))[:SHOWN]
    named = ", ".join(f"`{name}` {count:,}" for name, count in commonest)
    raise DataError(
        f"{rejected / read:.1%} of the rows cannot be used, and `checks.most_rejected` is "
        f"{most:g}: {named}",
        where=where,
        rows=rejected,
        remedy=f"{_first(commonest[0][0])}{CHECK} lists them.",
    )


def _first(commonest: str) -> str:
    """Return what to look at in the client file before anybody is asked."""
    if commonest in ("unreadable_start", "unreadable_end", "unreadable_date", "unreadable_notice"):
        return "Compare the `date_format` in the client file; "
    if commonest == "unreadable_number":
        return "Compare the `decimal` mark in the client file; "
    return ""
