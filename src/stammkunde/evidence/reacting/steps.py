"""Units at risk counted by what was before and what came: what models of a course are fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError
from stammkunde.evidence.reacting.courses import begins, in_order, some
from stammkunde.evidence.units import SPELL
from stammkunde.result import table_html
from stammkunde.spells.spells import CENSORED

STEP = ("before", "had", "state", "taken")


@dataclass(frozen=True, kw_only=True)
class Steps:
    """Units at risk, counted by what was before and what came: what the models are fitted to.

    `counts` has the columns `unit`, `cell` (of what never changes), `before` and `had` (state and
    offer of the unit before), `state` (0 .. `states` - 1) and `taken` (0, 1) of the unit, `left`
    (0, 1), `block` and `n`. `bands` are the first units of all bands of tenure but the first, each
    with a constant of its own in every model. `heads` [256] are persons, `reach` the last unit.
    """

    counts: pd.DataFrame
    states: int
    cells: int
    reach: int
    heads: np.ndarray
    bands: tuple[int, ...] = ()
    unit: str = "month"

    @cached_property
    def patterns(self) -> tuple[pd.DataFrame, np.ndarray]:
        """Return the distinct rows [P] but for unit and block, with `band`, and counts [P, 256]."""
        band = np.searchsorted(self.bands, self.counts.unit, side="right")
        rows = self.counts.assign(band=band)
        keys = ["band", "cell", *STEP, "left"]
        found = rows.groupby(keys, sort=True)
        place, kept = found.ngroup().to_numpy(), rows[keys].drop_duplicates().sort_values(keys)
        n = np.zeros((len(kept), BLOCKS))
        np.add.at(n, (place, rows.block.to_numpy()), rows.n.to_numpy())
        return kept.reset_index(drop=True), n

    @cached_property
    def begin(self) -> np.ndarray:
        """Return who began, by cell, state and offer before the first unit [V, S, 2, 256]."""
        first = self.counts[self.counts.unit == 1]
        found = np.zeros((self.cells, self.states, 2, BLOCKS))
        np.add.at(found, tuple(first[c] for c in ("cell", "before", "had", "block")), first.n)
        return found

    @cached_property
    def by_unit(self) -> tuple[np.ndarray, np.ndarray]:
        """Return how many were at risk and left in each unit [K], as they came."""
        shape, rows = self.reach + 1, self.counts
        n = np.bincount(rows.unit, weights=rows.n, minlength=shape)[1:]
        return n, np.bincount(rows.unit, weights=rows.n * rows.left, minlength=shape)[1:]

    def _repr_html_(self) -> str:
        rows: dict[str, object] = {
            "persons": int(self.heads.sum()),
            "units": int(self.counts.n.sum()),
        }
        return table_html(rows | {"states": self.states, "cells": self.cells}, "Steps")


def steps(
    frame: pd.DataFrame,
    *,
    reach: int,
    by: Sequence[str] = (),
    bands: Sequence[int] = (),
    begin: tuple[int, int] = (0, 0),
    unit: str = "month",
) -> Steps:
    """Return the steps of a frame with one row per spell and unit, as `steps_of` does."""
    rows = in_order(some(frame, (frame.unit <= reach).to_numpy()))
    number, state, taken = (rows[c].to_numpy().astype(np.int64) for c in ("unit", "state", "taken"))
    follows = ~begins(rows)
    follows[1:] &= np.diff(number) == 1
    was, got = (np.roll(a, 1) for a in (state, taken))
    made = rows.assign(
        before=np.where(follows, was, begin[0]),
        had=np.where(follows, got, begin[1]),
        taken=taken,
        left=(rows.end.notna() & (rows.end != CENSORED)).to_numpy().astype(int),
    )[follows | (number == 1)]
    keys = ["unit", *by, *STEP, "left", "block"]
    counts = made.groupby(keys, observed=True).size().reset_index(name="n")
    heads = made.drop_duplicates("person").groupby("block", as_index=False).size()
    return _steps(counts, heads, by, reach, bands, unit)


def steps_of(
    units: ir.Table,
    *,
    reach: int,
    by: Sequence[str] = (),
    bands: Sequence[int] = (),
    begin: tuple[int, int] = (0, 0),
    unit: str = "month",
) -> Steps:
    """Return the steps of spells unit by unit, counted in the engine up to unit `reach`.

    `units` has person, spell, block, unit, `end` (a cause, or null), `state` (0, 1, ..), `taken`
    (0, 1) and the columns `by` of what never changes (never null). Before unit 1 state and offer
    are those of `begin`. The first unit of a spell that is seen late is not counted, since what was
    before it is not known; its later ones are. NotObservedError where nobody is seen from unit 1.
    """
    rows = units.filter(units.unit <= reach)
    so_far = ibis.window(group_by=list(SPELL), order_by="unit")
    rows = rows.mutate(taken=rows.taken.cast("int64"), state=rows.state.cast("int64"))
    rows = rows.mutate(
        was=rows.state.lag().over(so_far),
        got=rows.taken.lag().over(so_far),
        gone=rows.unit.lag().over(so_far),
    )
    follows = (rows.unit - rows.gone == 1).fill_null(False)
    rows = rows.filter(follows | (rows.unit == 1)).mutate(
        before=ibis.ifelse(follows, rows.was, begin[0]).cast("int64"),
        had=ibis.ifelse(follows, rows.got, begin[1]).cast("int64"),
        left=(rows.end.notnull() & (rows.end != CENSORED)).fill_null(False).cast("int64"),
    )
    keys = ["unit", *by, *STEP, "left", "block"]
    counts = rows.group_by(*keys).aggregate(n=rows.count()).to_pyarrow().to_pandas()
    heads = rows.group_by("block").aggregate(size=rows.person.nunique())
    sorted_ = counts.sort_values(keys, ignore_index=True)
    return _steps(sorted_, heads.to_pyarrow().to_pandas(), by, reach, bands, unit)


def _steps(
    counts: pd.DataFrame,
    heads: pd.DataFrame,
    by: Sequence[str],
    reach: int,
    bands: Sequence[int],
    unit: str,
) -> Steps:
    if not (counts.unit == 1).any():
        raise NotObservedError(
            "nobody was seen from the first unit on",
            remedy="Record what was done and known before observation.",
        )
    cell = counts.groupby(list(by)).ngroup() if by else pd.Series(0, counts.index)
    persons = np.zeros(BLOCKS, dtype=np.int64)
    persons[heads.block] = heads["size"]
    return Steps(
        counts=counts.assign(cell=cell)[["unit", "cell", *STEP, "left", "block", "n"]],
        states=int(max(counts.state.max(), counts.before.max())) + 1,
        cells=int(cell.max()) + 1,
        reach=min(reach, int(counts.unit.max())),
        heads=persons,
        bands=tuple(bands),
        unit=unit,
    )
