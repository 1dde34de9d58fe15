"""Hand-made customers of whom everything in a market is known."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import numpy as np

from stammkunde.chapters.policies.market import read_market
from stammkunde.chapters.policies.read import Basis, Undecided
from stammkunde.policy.declared import SettingToml
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import Spells
from stammkunde.study import Study, read_tables
from tests.chapters.lives import study

FILE = (
    '[contracts]\nfile = "c.csv"\nstart = "begin"\nend = "last"\nperson = "who"\n'
    'reason = "why"\nmargin = "margin"\n'
)
CAUSES = (
    '[causes.price]\nreasons = ["price"]\ntitle = { de = "Preis", en = "price" }\n'
    '[causes.moved]\nreasons = ["moved"]\ntitle = { de = "Umzug", en = "moved" }\n'
)
USAGE = '[groups.usage]\ncolumn = "usage"\ntitle = { de = "Verbrauch", en = "usage" }\n'
COST = (
    '[covariates.cost]\ncolumn = "cost"\ntitle = { de = "Kosten", en = "cost" }\nkind = "number"\n'
)
HEAD = "who,begin,last,why,margin,usage,cost"
# who, first day, last day or nothing, reason, margin, usage, cost of the sign-up
Row = tuple[str, str, str, str, str, str, str]
ROWS: Sequence[Row] = (
    ("A", "2024-01-01", "2024-03-31", "price", "10", "high", "60"),
    ("A", "2024-04-01", "", "", "10", "high", "60"),
    ("B", "2024-01-01", "2024-03-31", "price", "12", "high", "70"),
    ("B", "2024-06-01", "", "", "12", "high", "70"),
    ("C", "2024-01-01", "2024-03-31", "price", "", "low", "10"),
    ("D", "2024-01-01", "2024-11-30", "price", "20", "low", "20"),
    ("E", "2024-01-01", "2024-06-30", "moved", "30", "low", "30"),
    # away for years: comes from outside again
    ("F", "2019-01-01", "2020-01-31", "moved", "40", "low", "40"),
    ("F", "2024-08-01", "", "", "40", "low", "40"),
    # a further contract of one who is still there
    ("G", "2019-01-01", "", "", "50", "high", "50"),
    ("G", "2024-09-01", "", "", "54", "high", "80"),
)


def few(folder: Path, more: str = "", rows: Sequence[Row] = ROWS) -> Study:
    """Return a study of some contracts."""
    asked = study(folder, data=FILE, more=CAUSES + USAGE + COST + more)
    text = "\n".join([HEAD, *(",".join(row) for row in rows)]) + "\n"
    (folder / "data/raw/muster/c.csv").write_text(text, encoding="utf-8")
    return asked


def rows(
    hazard: Callable[[int, int], float],
    count: int,
    *,
    last: int = 119,
    margin: str = "20",
    seed: int = 3,
) -> list[Row]:
    """Return contracts begun in the months 0 .. `last` of 2015 to 2024; half leave for price."""
    rng = np.random.default_rng(seed)
    found = []
    for k in range(count):
        start = int(rng.integers(last + 1))
        chance = [hazard(t, start) for t in range(1, 121 - start)]
        gone = np.flatnonzero(rng.random(len(chance)) < chance)
        usage = ("high", "low")[int(rng.integers(2))]
        end, why = "", ""
        if gone.size:
            year, month = divmod(start + int(gone[0]), 12)
            end = date(2015 + year, month + 1, monthrange(2015 + year, month + 1)[1]).isoformat()
            why = ("price", "moved")[int(rng.integers(2))]
        begin = date(2015 + start // 12, start % 12 + 1, 1).isoformat()
        found.append((str(k), begin, end, why, margin, usage, "60"))
    return found


def setting(**other: object) -> SettingToml:
    """Return a setting for the customers of a month to month contract."""
    told: dict[str, object] = {"comparator": "today", "horizon": 24, "acquisition": 60.0}
    return SettingToml(**(told | other))  # type: ignore[arg-type]


def market(asked: Study, own: SettingToml, tables: tuple[Spells, Beside] | None = None) -> Basis:
    """Return the market of a study, which has one; `tables` where they have been read."""
    found = read_market(asked, *(tables or read_tables(asked)), setting=own)
    assert not isinstance(found, Undecided), found
    return found
