"""Columns of a model of the chance of an arm as expressions of the engine: levels and splines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import ibis
import ibis.expr.types as ir
import pandas as pd

from stammkunde.errors import ParameterError, nearest
from stammkunde.evidence.starting.start import factor_of
from stammkunde.spells.spells import Spells, covariate_of

# shares of persons below the knots of a spline (Harrell 2015, section 2.4.6)
KNOTS = (0.05, 0.35, 0.65, 0.95)
Columns = dict[str, ir.NumericValue]


def check_numbers(spells: Spells, numbers: Sequence[str]) -> None:
    """Raise ParameterError for what is no covariate of numbers."""
    known = [n for n in spells.covariates if spells.relation[covariate_of(n)].type().is_numeric()]
    for name in numbers:
        if name not in known:
            raise ParameterError(f"no column of numbers `{name}`", remedy=nearest(name, known))


def with_design(
    rows: ir.Table, orders: Mapping[str, Sequence[str]], numbers: Sequence[str]
) -> tuple[ir.Table, list[str]]:
    """Return the rows with the columns "x 0" (a constant), "x 1" ... of the model, and their names.

    `rows` have "level 0" ... as text, one for each of `orders`; a column for each level but the
    most frequent. A number is a restricted cubic spline with four knots, and where it is missing a
    column says so. Numbers that do not differ add nothing.
    """
    made: list[ir.NumericValue] = [ibis.literal(1.0)]
    for i, (name, order) in enumerate(orders.items()):
        text = f"level {i}"
        frame = rows.group_by(text).aggregate(n=rows.count()).execute()
        factor = factor_of(name, frame, text, order)
        made += [ibis.ifelse(rows[text] == level, 1.0, 0.0) for level in factor.levels[1:]]
    for name in numbers:
        made += _spline(rows, rows[covariate_of(name)].cast("float64"))
    named = {f"x {i}": column.cast("float64") for i, column in enumerate(made)}
    return rows.mutate(**named), [*named]


def separated(rows: ir.Table, columns: int) -> ir.Table:
    """Return the rows whose every level is found in each arm among those seen from time zero."""
    while True:
        kept = rows
        for i in range(columns):
            seen = kept.filter(kept.begin == 0)
            found = seen.group_by(f"level {i}").aggregate(arms=seen.arm.nunique()).execute()
            good = [str(w) for w in found[f"level {i}"][found.arms == 2]]
            if len(good) < len(_levels(kept, i)):
                kept = kept.filter(kept[f"level {i}"].isin(good))
        if kept is rows:
            return rows
        rows = kept


def in_both(rows: ir.Table) -> bool:
    """Return whether somebody seen from time zero is in each of the two arms."""
    return int(rows.filter(rows.begin == 0).arm.nunique().execute()) == 2


def _levels(rows: ir.Table, i: int) -> pd.Series:
    return rows.select(f"level {i}").distinct().execute()[f"level {i}"]


def _spline(rows: ir.Table, value: ir.FloatingValue) -> list[ir.NumericValue]:
    """Return the columns of one number: missing, linear, and two that bend between the knots."""
    found = rows.aggregate(
        **{f"k{i}": value.quantile(share) for i, share in enumerate(KNOTS)},
        low=value.min(),
        high=value.max(),
        missing=value.isnull().sum(),
    ).execute().iloc[0]  # fmt: skip
    missing: list[ir.NumericValue] = []
    if found.missing:
        missing = [ibis.ifelse(value.isnull(), 1.0, 0.0)]
    if pd.isna(found.low) or found.low == found.high:
        return missing
    knots = [float(found[f"k{i}"]) for i in range(len(KNOTS))]
    apart = all(a < b for a, b in pairwise(knots))
    low, high = (knots[0], knots[-1]) if knots[0] < knots[-1] else (found.low, found.high)
    x = (value.fill_null(low) - low) / (high - low)
    if not apart:
        return [*missing, x]
    at = [(k - low) / (high - low) for k in knots]

    def above(knot: float) -> ir.FloatingValue:
        rest = ibis.greatest(x - knot, 0.0)
        return rest * rest * rest

    bends = []
    for knot in at[:-2]:
        last, end = at[-2], at[-1]
        back = above(last) * ((end - knot) / (end - last))
        bends.append(above(knot) - back + above(end) * ((last - knot) / (end - last)))
    return [*missing, x, *bends]
