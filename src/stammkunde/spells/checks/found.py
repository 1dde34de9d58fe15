"""What a check found in a table: how many rows, which, how grave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, kw_only=True)
class Found:
    """What one check found in one table.

    `severity` "error": these rows were set aside; "warning": they are used, but an answer may
    suffer; "note": worth knowing. `table` is the section of the TOML, `column` the delivered column
    (or ""). `records` are the first few record numbers, `shapes` what their cells look like with
    every letter as "a" or "A" and every digit as "9", so that nobody is named. `values` are numbers
    and days that a sentence about it needs.
    """

    table: str
    check: str
    severity: Severity
    rows: int
    column: str = ""
    records: tuple[int, ...] = ()
    shapes: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
