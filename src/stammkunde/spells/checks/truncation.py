"""Old customers missing: years with joins in which next to nobody is recorded as leaving."""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy import stats

from stammkunde.spells.checks.found import Found
from stammkunde.spells.months import completed_expr
from stammkunde.spells.spells import CENSORED

IMPLAUSIBLE = 1e-6
RECORDED = 0.2
UNIT = "month"


def probable_truncation(
    spells: ir.Table, close: date, table: str, column: str
) -> tuple[Found, ...]:
    """Return whether leavers of the first years are probably missing.

    Each new year's day is tried as the day from which on leavers were kept: the hazards by month of
    tenure seen after it tell how many of those exposed before it would have left. Where at most a
    fifth of them are recorded, also of the last year before it, and so few are a matter of less
    than one in a million (Poisson), leavers before it have probably not been kept; the latest such
    day is told. A few that were kept do not hide it; some hundred contracts are needed to show it.
    `values`: the day, rows that joined before it, their share, leavers expected and recorded.
    """
    counts = _counts(spells, close)
    if counts.empty:
        return ()
    years = range(int(counts.begin.min()) // 12 + 1, close.year)
    tried = ((12 * year, *_before(counts, 12 * year)) for year in reversed(years))
    found = next((t for t in tried if _is_implausible(*t[1:])), None)
    if found is None:
        return ()
    day, (expected, _), (recorded, _) = found
    joined = int(counts.n[counts.begin < day].sum())
    values = {"first": date(day // 12, 1, 1), "joined": joined, "recorded": recorded}
    return (
        Found(
            table=table,
            check="probable_truncation",
            severity="warning",
            rows=joined,
            column=column,
            values=values | {"share": joined / int(counts.n.sum()), "expected": expected},
        ),
    )


def _is_implausible(expected: tuple[float, float], recorded: tuple[int, int]) -> bool:
    few = all(r <= RECORDED * e for e, r in zip(expected, recorded, strict=True))
    return few and bool(stats.poisson.cdf(recorded[0], expected[0]) < IMPLAUSIBLE)


def _counts(spells: ir.Table, close: date) -> pd.DataFrame:
    """Count spells by calendar month of start (12 year + month - 1), months seen, and leaving."""
    end = ibis.literal(close, type="date")
    left = spells.end != CENSORED
    seen = completed_expr(spells.start, end, UNIT)
    stays = ibis.ifelse(left, completed_expr(spells.start, spells["last"], UNIT) + 1, seen)
    begin = (12 * spells.start.year() + spells.start.month() - 1).cast("int64")
    cells = spells.select(begin=begin, stays=stays, left=left)
    grouped = cells.group_by(["begin", "stays", "left"]).aggregate(n=cells.count())
    return grouped.execute()


def _before(counts: pd.DataFrame, day: int) -> tuple[tuple[float, float], tuple[int, int]]:
    """Return leavers expected and recorded, each before `day` and in the last year before it."""
    begin, stays, n = (counts[c].to_numpy(dtype=np.int64) for c in ("begin", "stays", "n"))
    left = counts.left.to_numpy(dtype=bool)
    early, earlier = (np.clip(d - begin, 0, stays) for d in (day, day - 12))

    def present(months: np.ndarray) -> np.ndarray:
        """Return how many reach each month of tenure, if they are seen for so many."""
        ends = np.bincount(months, weights=n, minlength=int(stays.max()) + 1)
        return np.cumsum(ends[::-1])[::-1][1:]

    at_risk = present(stays) - present(early)
    late = left & (stays > early)
    gone = np.bincount(stays[late], weights=n[late], minlength=at_risk.size + 1)[1:]
    hazard = np.divide(gone, at_risk, out=np.zeros(at_risk.size), where=at_risk > 0)
    whole, year = (
        float((e * hazard).sum()) for e in (present(early), present(early) - present(earlier))
    )
    recorded = left & (stays <= early)
    return (whole, year), (int(n[recorded].sum()), int(n[recorded & (stays > earlier)].sum()))
