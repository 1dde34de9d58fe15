"""Offers at the start, from spells: who had which arm and what was known, counted in the engine.

An arm is a level of a column, or an offer that holds from the start. One group-by makes the counted
subjects of `baseline_trial`, `modelled_trial` and `doubly_robust`; no person is in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError, ParameterError, several
from stammkunde.evidence.baseline import Population, baseline_trial
from stammkunde.evidence.trial import Trial
from stammkunde.evidence.units import SPELL, holds
from stammkunde.result import table_html
from stammkunde.spells.spells import Spells, check_columns
from stammkunde.survival.drivers.cells import BANDS, Factor, levels_of

WORDS = ("arm", "end")
KEYS = ("arm", "block", "begin", "finish", "end")


@dataclass(frozen=True, kw_only=True)
class ByColumn:
    """Arms that are levels of a column (a group or a covariate), by the names of the arms."""

    column: str
    arms: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class ByOffer:
    """Arms by an offer: `table` of rows of one offer, the words of its column `arm` by arm.

    No words stand for any. `otherwise` is the arm of who has no such row; "": they are not
    eligible. The offer counts if it holds by the end of unit `within`; time zero is then that end,
    and who left before it is no part of the trial. Who has several such rows
    has the first arm of `arms` that fits.
    """

    table: ir.Table
    arms: Mapping[str, tuple[str, ...]]
    otherwise: str = ""
    within: int = 0


@dataclass(frozen=True, kw_only=True)
class Eligible:
    """Who is in a trial: begun from `begun_from` on and before `begun_before`, with these levels.

    `first_only`: the first spell of each person alone. `from_start`: seen from the first unit on.
    Who is seen late has stayed till then, and of whom he stands for the window tells only a part:
    where terms changed meanwhile, those who are seen late are of the old ones alone.
    """

    begun_from: date | None = None
    begun_before: date | None = None
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    first_only: bool = False
    from_start: bool = False


EVERYBODY = Eligible()


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Subjects of a trial counted by arm, cell, block and time: rows as in `baseline_trial`.

    `levels` [C, F] says which level of each of `factors` a cell has; `heads` are persons by arm and
    block where somebody is in an arm several times; `origin` the tenure at time zero.
    """

    rows: pd.DataFrame
    factors: tuple[Factor, ...]
    levels: np.ndarray
    heads: Mapping[str, np.ndarray] | None
    unit: str
    origin: int

    @property
    def named(self) -> dict[str, Any]:
        """Return what a trial of these subjects is to be told: heads, unit, origin."""
        return {"heads": self.heads, "unit": self.unit, "origin": self.origin}

    def _repr_html_(self) -> str:
        arms = self.rows.groupby("arm")["n"].sum().to_dict()
        rows = {f.name: ", ".join(f.levels) for f in self.factors}
        return table_html({**rows, "cells": len(self.levels), **arms}, "Subjects")


def counted_at_start(
    spells: Spells,
    arms: ByColumn | ByOffer,
    columns: Sequence[str] = (),
    *,
    eligible: Eligible = EVERYBODY,
    reach: int | None = None,
    bands: int = BANDS,
    by_amount: str = "",
) -> Counted:
    """Return the subjects of a trial, counted by arm and by the levels of `columns`.

    Columns are groups or covariates, what was known at the start; numbers are cut into `bands` at
    their quantiles, and a missing value is a level of its own. Who is seen late enters late: that
    is sound where the day of being seen has nothing to do with leaving, given the cells. Who is
    first seen after `reach` units is not counted. `by_amount` names a column of whole numbers that
    a subject counts for instead of one: its margin, say; `subjects` are then told beside it.
    ParameterError for an unknown column, NotObservedError where nobody is eligible.
    """
    rows, made = subjects(spells, arms, columns, eligible=eligible, bands=bands)
    rows = rows if reach is None else rows.filter(rows.begin < reach)
    texts = {n: f"level {i}" for i, n in enumerate(made)}
    frame = _grouped(rows, [*texts.values()], by_amount)
    if frame.empty:
        raise NotObservedError(
            "nobody is eligible for any of the arms",
            remedy="Check the words of the arms and the days of start.",
        )
    factors = tuple(factor_of(n, frame, texts[n], order) for n, order in made.items())
    levels, cell = _cells(frame, factors, [*texts.values()])
    return Counted(
        rows=_ordered(frame.drop(columns=[*texts.values()]).assign(cell=cell)),
        factors=factors,
        levels=levels,
        heads=heads_by_arm(rows) if spells.repeats else None,
        unit=spells.unit,
        origin=arms.within if isinstance(arms, ByOffer) else 0,
    )


def start_trial(
    spells: Spells,
    arms: ByColumn | ByOffer,
    columns: Sequence[str],
    *,
    reach: int,
    population: Population = "all",
    eligible: Eligible = EVERYBODY,
    bands: int = BANDS,
) -> Trial:
    """Return the trial of all arms, customers weighted by cells of what was known at the start.

    Arguments as in `counted_at_start` and `baseline_trial`; the treated are those of the first arm.
    Errors as there.
    """
    counted = counted_at_start(spells, arms, columns, eligible=eligible, reach=reach, bands=bands)
    names = [*arms.arms]
    if isinstance(arms, ByOffer) and arms.otherwise:
        names.append(arms.otherwise)
    return baseline_trial(counted.rows, names, reach=reach, population=population, **counted.named)


def subjects(
    spells: Spells,
    arms: ByColumn | ByOffer,
    columns: Sequence[str],
    *,
    eligible: Eligible = EVERYBODY,
    bands: int = BANDS,
) -> tuple[ir.Table, dict[str, tuple[str, ...]]]:
    """Return the subjects of a trial in the engine, and the columns with levels of known order.

    To the columns of the spells come `arm`, `begin` and `finish` (units since time zero), and
    "level 0", "level 1" ... as text, one for each of `columns`.
    """
    for name, words in (*arms.arms.items(), *eligible.levels.items()):
        several(words, f"the words of `{name}`")
    check_columns(columns, (*spells.columns, *spells.covariates))
    chosen = eligible_of(spells, eligible)
    made = {c: levels_of(chosen, c, bands) for c in dict.fromkeys(columns)}
    levels = {f"level {i}": level for i, (level, _) in enumerate(made.values())}
    told = chosen.relation.mutate(**levels)
    origin = arms.within if isinstance(arms, ByOffer) else 0
    rows = _timed(_armed(spells, chosen, told, arms), origin)
    return rows, {n: order for n, (_, order) in made.items()}


def eligible_of(spells: Spells, eligible: Eligible) -> Spells:
    """Return the spells of those who are eligible."""
    r = spells.relation
    kept: list[ir.BooleanValue] = []
    if eligible.begun_from is not None:
        kept.append(r.start >= ibis.literal(eligible.begun_from, type="date"))
    if eligible.begun_before is not None:
        kept.append(r.start < ibis.literal(eligible.begun_before, type="date"))
    if eligible.from_start:
        kept.append(r.entry == 0)
    if eligible.first_only:
        kept.append(r.spell == 1)
    for column, levels in eligible.levels.items():
        kept.append(levels_of(spells, column, BANDS)[0].isin(list(levels)))
    return spells.where(ibis.and_(*kept)) if kept else spells


def _armed(spells: Spells, chosen: Spells, told: ir.Table, arms: ByColumn | ByOffer) -> ir.Table:
    """Return the rows of spells in some arm, with its name in the column `arm`."""
    if isinstance(arms, ByColumn):
        check_columns((arms.column,), (*spells.columns, *spells.covariates))
        level = levels_of(replace(chosen, relation=told), arms.column, BANDS)[0]
        branches = [(level.isin(list(words)), name) for name, words in arms.arms.items()]
        rows = told.mutate(arm=ibis.cases(*branches, else_=ibis.null("string")))
        return rows.filter(rows.arm.notnull())
    if arms.within < 0:
        raise ParameterError(f"an offer within {arms.within} units", remedy="Give 0 or more.")
    names = [*arms.arms]
    # of all spells: for which one an offer counts follows from those before it too
    held = holds(spells, arms.table, keep=("arm",))
    ours = [(held.arm.isin(list(w)) if w else ibis.literal(True)) for w in arms.arms.values()]
    place = ibis.cases(*zip(ours, range(len(names)), strict=True), else_=len(names))
    held = held.mutate(place=place.cast("int64"))
    held = held.filter(
        held.since <= arms.within, held.until.fill_null(arms.within + 1) > arms.within
    )
    first = held.group_by(*SPELL).aggregate(place=held.place.min())
    rows = told.left_join(first, SPELL).drop(*(f"{c}_right" for c in SPELL))
    none = arms.otherwise or None
    named = [(rows.place == i, name) for i, name in enumerate(names)]
    otherwise = ibis.literal(none, type="string")
    # who was offered in other words than those listed is not one who was not offered
    arm = ibis.cases(*named, (rows.place.isnull(), otherwise), else_=ibis.null("string"))
    rows = rows.mutate(arm=arm)
    return rows.filter(rows.arm.notnull())


def _timed(rows: ir.Table, origin: int) -> ir.Table:
    """Return the rows still there at time zero, with units counted from it."""
    rows = rows.filter(rows.exit > origin)
    begin = ibis.greatest(rows.entry - origin, 0).cast("int64")
    return rows.mutate(begin=begin, finish=(rows.exit - origin).cast("int64"))


def _grouped(rows: ir.Table, texts: Sequence[str], amount: str = "") -> pd.DataFrame:
    counts = {"n": rows.count()}
    if amount:
        counts = {"n": rows[amount].sum().cast("int64"), "subjects": rows.count()}
    query = rows.group_by([*KEYS, *texts]).aggregate(**counts)
    # the words of a million rows are few
    return query.to_pyarrow().to_pandas(strings_to_categorical=True)


def _ordered(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows in one order, whatever the engine's; words as text."""
    words = {c: rows[c].cat.reorder_categories(sorted(rows[c].cat.categories)) for c in WORDS}
    rows = rows.assign(**words)
    codes = {c: rows[c].cat.codes if c in WORDS else rows[c] for c in (*KEYS, "cell")}
    # one number for each row is sorted faster than rows of numbers
    place = np.ravel_multi_index(
        tuple(np.asarray(c, dtype=np.int64) for c in codes.values()),
        tuple(int(c.max()) + 1 for c in codes.values()),
    )
    rows = rows.iloc[np.argsort(place)].reset_index(drop=True)
    return rows.astype(dict.fromkeys(WORDS, "object"))


def heads_by_arm(rows: ir.Table) -> dict[str, np.ndarray]:
    """Return persons by arm and block [256]."""
    found = rows.group_by("arm", "block").aggregate(n=rows.person.nunique()).execute()
    heads = {str(a): np.zeros(BLOCKS, dtype=np.int64) for a in found.arm.unique()}
    for arm, block, n in zip(found.arm, found.block, found.n, strict=True):
        heads[arm][int(block)] = int(n)
    return heads


def factor_of(name: str, frame: pd.DataFrame, text: str, order: Sequence[str]) -> Factor:
    """Return the factor, the level of most subjects first."""
    counts = frame.groupby(text, observed=True)["n"].sum()
    known = {level: i for i, level in enumerate(order)}
    levels = sorted(map(str, counts.index), key=lambda w: (known.get(w, len(known)), w))
    most = max(levels, key=lambda w: (int(counts[w]), -levels.index(w)))
    return Factor(name, (most, *(w for w in levels if w != most)))


def _cells(
    frame: pd.DataFrame, factors: Sequence[Factor], texts: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the levels of each cell [C, F] and the cell of each row."""
    if not factors:
        return np.zeros((1, 0), dtype=np.int64), np.zeros(len(frame), dtype=np.int64)
    codes = np.column_stack(
        [pd.Index(f.levels).get_indexer(frame[t]) for f, t in zip(factors, texts, strict=True)]
    )
    sizes = [len(f.levels) for f in factors]
    # one number for each combination is told apart faster than rows of numbers
    key = np.ravel_multi_index(tuple(codes.T), sizes)
    found, cell = np.unique(key, return_inverse=True)
    return np.column_stack(np.unravel_index(found, sizes)), cell
