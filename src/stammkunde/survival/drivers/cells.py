"""Customers counted by what is known of them: one group-by, and no person is left in the answer.

A factor is a column with few levels; a cell is one combination of levels that occurs. Spells of a
cell and block with the same entry, exit and end are one row with their number, so that a model over
tenure costs cells and units, however many customers there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from stammkunde.errors import NotObservedError, ParameterError, nearest
from stammkunde.result import table_html
from stammkunde.spells.months import completed_expr
from stammkunde.spells.spells import CENSORED, COHORT, MISSING, Spells, column_of, covariate_of

OTHER = "(other)"
FEWEST = 10
BANDS = 4
KEYS = ("block", "begin", "finish")


@dataclass(frozen=True)
class Factor:
    """A column and its levels; level 0 is the reference, the most frequent one that is stated.

    "(missing)" and "(other)", the rare levels together, are levels of their own and stand last
    unless nothing else is there.
    """

    name: str
    levels: tuple[str, ...]


@dataclass(frozen=True)
class Cells:
    """Spells by cell, block, entry, exit and end: `n` of them in each row.

    `levels` [C, F] is the position of each cell's level in its factor. The rows [N]: `cell`,
    `block`, tenure interval (`begin`, `finish`], whether they `left` (else censored), and `n`.
    `reach` is the last unit in which those seen from their start could have been observed, had they
    stayed: it follows from the day of the start. None where that is not known or not asked for.
    """

    factors: tuple[Factor, ...]
    levels: np.ndarray
    cell: np.ndarray
    block: np.ndarray
    begin: np.ndarray
    finish: np.ndarray
    left: np.ndarray
    n: np.ndarray
    unit: str
    repeats: bool
    persons: int
    spells: int
    reach: np.ndarray | None = None

    @property
    def length(self) -> int:
        """Return K, the last unit in which somebody was at risk."""
        return int(self.finish.max(initial=0))

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the factors."""
        return tuple(f.name for f in self.factors)

    def place(self, factor: str) -> int:
        """Return the position of a factor; ParameterError for one that is not there."""
        if factor not in self.names:
            raise ParameterError(f"no factor `{factor}`", remedy=nearest(factor, self.names))
        return self.names.index(factor)

    def _repr_html_(self) -> str:
        rows: dict[str, object] = {f.name: ", ".join(f.levels) for f in self.factors}
        rows |= {"cells": len(self.levels), "persons": self.persons, "spells": self.spells}
        return table_html(rows, "Cells")


def cells_of(
    spells: Spells,
    columns: Sequence[str],
    *,
    cause: str | None = None,
    bands: int = BANDS,
    fewest: int = FEWEST,
    reach: bool = False,
) -> Cells:
    """Return the spells counted by the levels of `columns`, which are groups or covariates.

    A covariate that is a number is cut at its quantiles into `bands`, at cuts that read easily.
    Levels with fewer than `fewest` persons are put together as "(other)". With a `cause` only
    leaving for it counts, and who left for another one is censored. `reach` tells rows apart by how
    long they could have been observed, where that is known. ParameterError for an unknown column or
    cause, NotObservedError where nobody was at risk.
    """
    if not spells.spells:
        raise NotObservedError(
            "nobody was at risk, so there is nothing to count",
            remedy="Check the observation window and the dates of the data.",
        )
    made = {c: levels_of(spells, c, bands) for c in dict.fromkeys(columns)}
    texts = [f"level {i}" for i in range(len(made))]
    r = spells.relation
    relation = r.mutate(**{t: level for t, (level, _) in zip(texts, made.values(), strict=True)})
    known = {"reach": _reach(spells)} if reach and spells.close is not None else {}
    frame = _counted(relation.mutate(**known), texts, [*known])
    gone = sorted(set(frame.end.unique()) - {CENSORED})
    if cause is not None and cause not in gone:
        raise ParameterError(f"nobody left for `{cause}`", remedy=nearest(cause, gone))
    factors = []
    for text, (name, (_, order)) in zip(texts, made.items(), strict=True):
        rare = _rare(relation, frame, text, fewest, repeats=spells.repeats)
        frame[text] = frame[text].where(~frame[text].isin(rare), OTHER)
        factors.append(_factor(name, frame.groupby(text)["n"].sum(), order))
    left = frame.end != CENSORED if cause is None else frame.end == cause
    return _laid(frame.assign(left=left), texts, tuple(factors), spells)


def at_risk(cells: Cells) -> np.ndarray:
    """Return how many of each cell were at risk in each unit [C, K]."""
    return at_risk_of(cells, slice(None), cells.cell, len(cells.levels)).astype(np.int64)


def events(cells: Cells) -> np.ndarray:
    """Return how many of each cell left in each unit [C, K]."""
    return events_of(cells, slice(None), cells.cell, len(cells.levels)).astype(np.int64)


def at_risk_of(cells: Cells, rows: np.ndarray | slice, place: np.ndarray, size: int) -> np.ndarray:
    """Return how many of some rows, put together by `place`, were at risk [size, K] (floats)."""
    n, shape = cells.n[rows], (size, cells.length + 1)
    flow = _spread(n, place, cells.begin[rows], shape)
    flow -= _spread(n, place, cells.finish[rows], shape)
    return np.cumsum(flow, axis=1)[:, :-1]


def events_of(cells: Cells, rows: np.ndarray | slice, place: np.ndarray, size: int) -> np.ndarray:
    """Return how many of some rows, put together by `place`, left [size, K] (floats)."""
    left, shape = cells.left[rows], (size, cells.length + 1)
    at = cells.finish[rows][left] - 1
    return _spread(cells.n[rows][left], place[left], at, shape)[:, :-1]


def _spread(n: np.ndarray, place: np.ndarray, at: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return numbers added up by place and unit; one pass, no sorting."""
    counts = np.bincount(place * shape[1] + at, weights=n, minlength=shape[0] * shape[1])
    return counts.reshape(shape)


def levels_of(spells: Spells, name: str, bands: int) -> tuple[ir.StringValue, tuple[str, ...]]:
    """Return the level of each spell as text, and the levels whose order is known."""
    r = spells.relation
    if name in spells.groups:
        text = r[column_of(name)].cast("string")
        return text.fill_null(MISSING), tuple(spells.groups[name].levels)
    if name == COHORT:
        return r[COHORT].strftime("%Y-%m").fill_null(MISSING), ()
    if name not in spells.covariates:
        known = (*spells.columns, *spells.covariates)
        raise ParameterError(f"no column `{name}` in these spells", remedy=nearest(name, known))
    column = r[covariate_of(name)]
    if not column.type().is_numeric():
        return column.cast("string").fill_null(MISSING), ()
    cuts = _cuts(r, column, bands)
    order = _band_names(cuts)
    branches = [(column < c, o) for c, o in zip(cuts, order, strict=False)]
    banded = ibis.cases((column.isnull(), MISSING), *branches, else_=order[-1])
    return banded, order


def _cuts(relation: ir.Table, column: ir.NumericValue, bands: int) -> list[float]:
    """Return the quantiles that make `bands` bands, rounded to a tenth of their span."""
    if bands < 2:
        raise ParameterError(
            f"a number cannot be cut into {bands} bands", remedy="Ask for 2 or more."
        )
    shares = {f"q{i}": column.quantile(i / bands) for i in range(1, bands)}
    ends = {"low": column.min(), "high": column.max()}
    found = relation.aggregate(**shares, **ends).execute().iloc[0].astype(float)
    if found.isna().all():
        return []
    low, high = found.pop("low"), found.pop("high")
    cuts = sorted(found)
    span = cuts[-1] - cuts[0] or high - low
    digits = int(np.ceil(-np.log10(span / 10))) if span > 0 else 15
    rounded = {float(round(c, digits)) for c in cuts}
    return sorted(c for c in rounded if low < c <= high) or [float(low)]


def _band_names(cuts: Sequence[float]) -> tuple[str, ...]:
    """Return the names of the bands: "< 20", "20 to < 50", ">= 50"; all of them for no cut."""
    said = [f"{c:.12g}" for c in cuts]
    if not said:
        return (MISSING,)
    return (f"< {said[0]}", *(f"{a} to < {b}" for a, b in pairwise(said)), f">= {said[-1]}")


def _reach(spells: Spells) -> ir.IntegerValue:
    """Return the units from the start to the end of observation; of who is seen late, the exit."""
    r, closes = spells.relation, ibis.literal(spells.close, type="date")
    return ibis.ifelse(r.entry == 0, completed_expr(r.start, closes, spells.unit), r["exit"])


def _counted(relation: ir.Table, texts: list[str], more: list[str]) -> pd.DataFrame:
    r = relation
    keys = {t: r[t] for t in (*texts, *more)}
    keys |= {"block": r.block, "begin": r.entry, "finish": r["exit"], "end": r.end}
    query = r.group_by(**keys).aggregate(n=r.count())
    return query.to_pyarrow().to_pandas()


def _rare(
    relation: ir.Table, frame: pd.DataFrame, text: str, fewest: int, *, repeats: bool
) -> set[str]:
    """Return the levels to be put together: each below `fewest` persons, all at least that many.

    Persons are counted in the engine only where their spells and their blocks leave it open.
    """
    count = frame.groupby(text).agg(n=("n", "sum"), blocks=("block", "nunique")).sort_values("n")

    def persons(levels: list[str]) -> int:
        spells = int(count.n[levels].sum())
        if not repeats or spells < fewest or count.blocks[levels].max() >= fewest:
            return spells
        if frame.block[frame[text].isin(levels)].nunique() >= fewest:
            return spells
        return int(relation.filter(relation[text].isin(levels)).person.nunique().execute())

    order = [(str(level), persons([level])) for level in count.index]
    rare = [level for level, heads in order if heads < fewest]
    rest = [level for level, heads in order if heads >= fewest]
    while rare and rest and persons(rare) < fewest:
        rare.append(rest.pop(0))
    return set(rare)


def _factor(name: str, spells: pd.Series, order: Sequence[str]) -> Factor:
    """Return the factor: the reference first, then the declared or the alphabetical order."""
    last = (OTHER, MISSING)
    known = list(order)

    def place(level: str) -> tuple[int, int, str]:
        at = known.index(level) if level in known else len(known)
        return (last.index(level) + 1 if level in last else 0, at, level)

    levels = sorted(map(str, spells.index), key=place)
    stated = [level for level in levels if level not in last] or levels
    reference = max(stated, key=lambda level: (int(spells[level]), -levels.index(level)))
    return Factor(name, (reference, *(level for level in levels if level != reference)))


def _laid(
    frame: pd.DataFrame, texts: list[str], factors: tuple[Factor, ...], spells: Spells
) -> Cells:
    """Return the counts as arrays, rows with the same key put together and in one order."""
    for text, factor in zip(texts, factors, strict=True):
        frame[text] = frame[text].map({level: i for i, level in enumerate(factor.levels)})
    more = [k for k in ("reach",) if k in frame]
    keys = [*texts, *KEYS, *more, "left"]
    rows = frame.groupby(keys, as_index=False, sort=True)["n"].sum()
    codes = rows[texts].to_numpy(dtype=np.int64)
    if texts:
        levels, cell = np.unique(codes, axis=0, return_inverse=True)
    else:
        levels, cell = np.zeros((1, 0), dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
    whole: dict[str, Any] = {k: rows[k].to_numpy(dtype=np.int64) for k in (*KEYS, *more, "n")}
    return Cells(
        factors=factors,
        levels=levels,
        cell=np.asarray(cell, dtype=np.int64).reshape(-1),
        left=rows["left"].to_numpy(dtype=bool),
        unit=spells.unit,
        repeats=spells.repeats,
        persons=spells.persons,
        spells=spells.spells,
        **whole,
    )
