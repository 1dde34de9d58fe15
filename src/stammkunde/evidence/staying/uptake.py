"""Who took an offer, in which unit, and what he was alike in until then: counted once.

The landmark, the grace window and the naive comparison are all read off these counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS
from stammkunde.errors import DataError, ParameterError
from stammkunde.evidence.units import SPELL, UNIT, level_name, person_units
from stammkunde.result import table_html
from stammkunde.spells.spells import CENSORED, Spells, check_columns
from stammkunde.survival.drivers.cells import levels_of

ROWS = ("path", "block", "entry", "exit", "taken", "end", "n")
TIMES = ("block", "entry", "exit", "taken")
HISTORY = "history"


@dataclass(frozen=True, kw_only=True)
class Uptake:
    """Spells counted by what was known of them unit by unit, when they took an offer, their end.

    `counts` has a row of `ROWS` for `n` spells: at risk in units (entry, exit], then they leave for
    the cause `end` or are "censored"; `taken` is the first unit in which they hold the offer, 0 for
    none that they lived to see; `path` is a row of `paths` [P, W], the cell they are in at the
    beginning of units 1 .. W (-1 where it is not known and not needed). `cells` says what each cell
    stands for. Nothing beyond unit `reach` is counted. `again` lists the spells of persons with
    several: who (a number), block, entry, exit, taken.
    """

    counts: pd.DataFrame
    paths: np.ndarray
    reach: int
    unit: str = "month"
    cells: pd.DataFrame = field(default_factory=pd.DataFrame)
    again: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        lacking = [c for c in ROWS if c not in self.counts]
        if lacking or self.paths.ndim != 2 or self.paths.shape[1] < 1:
            raise DataError(
                f"these are no counts of uptake; lacking: {', '.join(lacking) or 'cells by unit'}",
                remedy=f"Give rows of {', '.join(ROWS)} and the cells of each unit.",
            )

    @property
    def causes(self) -> tuple[str, ...]:
        """Return why spells ended, sorted."""
        return tuple(sorted({*self.counts.end} - {CENSORED})) or ("left",)

    def cell(self, unit: int) -> np.ndarray:
        """Return the cell of each row at the beginning of a unit; that of the last one known."""
        column = self.paths[:, min(unit, self.paths.shape[1]) - 1]
        return np.asarray(column[self.counts.path.to_numpy()])

    def heads(self, keep: Callable[[pd.DataFrame], pd.Series]) -> np.ndarray:
        """Return how many persons [256] are behind the rows that `keep` marks, reading `TIMES`."""
        own = self.counts[keep(self.counts)]
        found = np.bincount(own.block, weights=own.n, minlength=BLOCKS)
        if self.again is not None:
            more = self.again[keep(self.again)]
            found -= np.bincount(more.block[more.duplicated("who")], minlength=BLOCKS)
        return np.rint(found).astype(np.int64)

    def by_unit(self) -> pd.DataFrame:
        """Return per unit how many were at risk without the offer, and how many of them took it."""
        c, units = self.counts, np.arange(1, self.reach + 1)
        last = np.where(c.taken > 0, np.minimum(c.exit, c.taken), c.exit)
        there = [int(c.n[(c.entry < t) & (last >= t)].sum()) for t in units]
        took = [int(c.n[(c.taken == t) & (c.entry < t)].sum()) for t in units]
        return pd.DataFrame({"without": there, "took": took}, index=pd.Index(units, name="unit"))

    def _repr_html_(self) -> str:
        c = self.counts
        rows: dict[str, object] = {"spells": int(c.n.sum()), "took it": int(c.n[c.taken > 0].sum())}
        rows |= {"cells": len(self.cells), "up to unit": self.reach, "rows": len(c)}
        return table_html(rows, "Uptake")


def uptake_from(
    exit_: np.ndarray,
    end: np.ndarray,
    taken: np.ndarray,
    cell: np.ndarray,
    block: np.ndarray,
    *,
    reach: int,
    entry: np.ndarray | None = None,
    unit: str = "month",
) -> Uptake:
    """Return the uptake of spells given as arrays [N], one person each.

    `cell` is [N], or [N, W] by unit; `taken` 0 or the unit of uptake. Who was never at risk is left
    out; an uptake after the exit, and what lies beyond `reach`, is not seen.
    """
    frame = pd.DataFrame(
        {
            "path": np.arange(len(exit_)),
            "block": block,
            "entry": np.zeros(len(exit_), dtype=np.int64) if entry is None else entry,
            "exit": exit_,
            "taken": taken,
            "end": np.asarray(end).astype(str),
            "n": 1,
        }
    )
    paths = np.asarray(cell).reshape(len(exit_), -1)
    return Uptake(counts=_within(frame, reach), paths=paths, reach=reach, unit=unit)


def uptake_of(
    spells: Spells,
    held: ir.Table,
    *,
    by: Sequence[str] = (),
    reach: int,
    history: ir.Table | None = None,
    known: int | None = None,
) -> Uptake:
    """Return the uptake of an offer, counted in the engine.

    `held` is what `holds` says of the rows in which the offer was taken; the first that holds in a
    whole unit counts. Cells are the levels of the columns `by` and, where given, the number in the
    column "history" of a relation with person, spell and unit, as known at the beginning of each
    unit up to `known` (by default `reach`); units without a row have history 0. ParameterError for
    an unknown column or no unit.
    """
    known = reach if known is None else min(known, reach)
    if known < 1:
        raise ParameterError(f"uptake up to unit {known}", remedy="Give 1 or more.")
    check_columns(by, (*spells.columns, *spells.covariates))
    lasting = held.filter(held.until.isnull() | (held.until > held.since))
    first = lasting.group_by(*SPELL).aggregate(taken=lasting.since.min() + 1)
    levels = {level_name(c): levels_of(spells, c, 4)[0] for c in dict.fromkeys(by)}
    r = spells.relation
    rows = r.select(*SPELL, *("block", "entry", "exit"), end=r.end, **levels)
    rows = rows.left_join(first, SPELL).drop(*(f"{c}_right" for c in SPELL))
    seen = (rows.taken <= ibis.least(rows.exit, reach)).fill_null(False)
    rows = rows.filter(rows.entry < reach).mutate(
        exit=ibis.least(rows.exit, reach).cast("int64"),
        end=ibis.ifelse(rows.exit > reach, ibis.literal(CENSORED), rows.end),
        taken=ibis.ifelse(seen, rows.taken, 0).cast("int64"),
    )
    columns = [*levels]
    if history is not None:
        rows = _with_history(rows, spells, history, known)
        columns.append(HISTORY)
    keys = [*columns, *TIMES, "end"]
    counts = rows.group_by(*keys).aggregate(n=rows.count()).to_pyarrow().to_pandas()
    counts, paths, cells = _paths(counts.sort_values(keys, ignore_index=True), [*levels], known)
    again = _again(rows) if spells.repeats else None
    return Uptake(
        counts=counts, paths=paths, reach=reach, unit=spells.unit, cells=cells, again=again
    )


def _within(frame: pd.DataFrame, reach: int) -> pd.DataFrame:
    """Return the rows at risk, cut at `reach`."""
    rows = frame[(frame.entry < frame.exit) & (frame.entry < reach)]
    later = rows.exit > reach
    last = rows.exit.clip(upper=reach)
    return rows.assign(
        exit=last,
        end=rows.end.where(~later, CENSORED),
        taken=rows.taken.where(rows.taken <= last, 0),
    ).reset_index(drop=True)


def _with_history(rows: ir.Table, spells: Spells, history: ir.Table, known: int) -> ir.Table:
    """Return the rows with the numbers of each spell's units, one after the other as a text."""
    units = person_units(spells, reach=known).select(*UNIT)
    told = units.left_join(history.select(*UNIT, HISTORY), UNIT)
    told = told.select(*UNIT, code=told[HISTORY].fill_null(0).cast("string"))
    ends = rows.select(*SPELL, took=rows.taken)
    told = told.inner_join(ends, SPELL)
    # what is known after the uptake tells nothing of the chance to take it
    told = told.filter((told.took == 0) | (told.unit <= told.took))
    texts = told.group_by(*SPELL).aggregate(
        **{HISTORY: told.code.group_concat(",", order_by=told.unit)}
    )
    joined = rows.left_join(texts, SPELL).drop(*(f"{c}_right" for c in SPELL))
    return joined.mutate(**{HISTORY: joined[HISTORY].fill_null("")})


def _paths(
    counts: pd.DataFrame, levels: list[str], known: int
) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame]:
    """Return the rows with the number of their path, the paths, and what their cells stand for."""
    start = counts.groupby(levels, sort=True).ngroup() if levels else counts.n * 0
    start_of = counts[levels].assign(cell=start).drop_duplicates("cell").set_index("cell")
    if HISTORY not in counts:
        paths = np.arange(len(start_of)).reshape(-1, 1)
        return counts.assign(path=start).drop(columns=levels), paths, start_of.sort_index()
    told = counts.assign(start=start, path=counts.groupby([*levels, "entry", HISTORY]).ngroup())
    each = told.drop_duplicates("path").sort_values("path")
    split = [np.array(t.split(",") if t else [], dtype=np.int64) for t in each[HISTORY]]
    size = 1 + max((int(s.max()) for s in split if len(s)), default=0)
    # who was seen later than anything is known of is told apart from the others
    unseen, size = size, size + 1
    paths = np.full((len(each), known), -1, dtype=np.int64)
    for row, (at, entry, own) in enumerate(zip(each.start, each.entry, split, strict=True)):
        paths[row, entry : entry + len(own)] = at * size + own
        if not len(own):
            paths[row] = at * size + unseen
    codes = pd.array([*range(unseen), None], dtype="Int64")
    wide = start_of.sort_index().loc[np.repeat(np.arange(len(start_of)), size)]
    cells = wide.assign(**{HISTORY: np.tile(codes, len(start_of))}).reset_index(drop=True)
    return told.drop(columns=[*levels, HISTORY, "start"]), paths, cells


def _again(rows: ir.Table) -> pd.DataFrame:
    """Return the times of the spells of persons with several, persons numbered."""
    several = rows.group_by("person").having(rows.count() > 1).aggregate(spells=rows.count())
    own = rows.semi_join(several, "person").select("person", *TIMES).to_pyarrow().to_pandas()
    return own.assign(who=own.groupby("person").ngroup()).drop(columns="person")
