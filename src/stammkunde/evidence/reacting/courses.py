"""Spells unit by unit, counted as far as they followed a rule.

What a weight will depend on, how often each kind of thing was done, is counted along; no person is
left in the counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.evidence.reacting.once import computed_once
from stammkunde.evidence.units import SPELL, person_units
from stammkunde.result import table_html
from stammkunde.spells.spells import CENSORED, Spells

# whole numbers below 2^62 are exact in every engine
BITS = 62
FOLLOWS, STRAYS = 0, 1


@dataclass(frozen=True, kw_only=True)
class Courses:
    """Spells unit by unit, counted as far as they followed each rule.

    `shares` counts who was at risk: rows of `share` (2 * cell + what was done, 0 or 1), `block` and
    `n`; there are `cells` cells. `followed` has for each rule a frame of `unit`, `block`, `end` (a
    cause, or "censored" where the spell goes on), `n` and the columns 0, 1, ..: how often each
    share was passed so far; `strayed` the first deviations: `unit`, `share`, `block`, `n`. `heads`
    [256] are the persons by rule. `late` spells were left out, since what was done to them before
    they were seen is not known.
    """

    cells: int
    shares: pd.DataFrame
    followed: Mapping[str, pd.DataFrame]
    strayed: Mapping[str, pd.DataFrame]
    heads: Mapping[str, np.ndarray]
    reach: int
    unit: str = "month"
    late: int = 0

    def _repr_html_(self) -> str:
        rows: dict[str, object] = {n: f"{int(h.sum())} persons" for n, h in self.heads.items()}
        return table_html(rows | {"cells": self.cells, "left out": self.late}, "Courses")


def courses(
    frame: pd.DataFrame,
    rules: Mapping[str, str],
    *,
    by: Sequence[str],
    reach: int,
    unit: str = "month",
) -> Courses:
    """Return the courses of a frame with one row per spell and unit, as `courses_of` does."""
    _check(rules, reach)
    rows = in_order(some(frame, (frame.unit <= reach).to_numpy()))
    new = begins(rows)
    whole = np.repeat(rows.unit.to_numpy()[new] == 1, np.diff(np.flatnonzero([*new, True])))
    late = int((new & ~whole).sum())
    rows, new = some(rows, whole), new[whole]
    seen = rows["seen"].to_numpy(bool) if "seen" in rows else np.ones(len(rows), bool)
    cell, cells = _numbered(rows, by)
    taken = rows.taken.to_numpy().astype(np.int64)
    share = 2 * cell + taken
    visits = _since(np.eye(2 * cells, dtype=np.int64)[share], new)
    columns = {"unit": rows.unit, "block": rows.block, "n": seen * 1}
    plain = {k: np.asarray(v, dtype=np.int64) for k, v in columns.items()}
    end, person = _ends(rows.end).array, rows.person.to_numpy()
    followed, strayed, heads = {}, {}, {}
    for name, column in rules.items():
        wrong = rows[column].to_numpy().astype(np.int64) != taken
        off = _since(wrong[:, None] * 1, new)[:, 0]
        kept, first = (off == 0) & seen, (off == 1) & wrong & seen
        passed = {str(i): visits[kept, i] for i in range(2 * cells)}
        own = _some_of(plain, kept)
        followed[name] = pd.DataFrame({**own, "end": end[kept], **passed})
        strayed[name] = pd.DataFrame({**_some_of(plain, first), "share": share[first]})
        once = np.concatenate([[True], person[kept][1:] != person[kept][:-1]])[: int(kept.sum())]
        heads[name] = np.bincount(own["block"][once], minlength=BLOCKS)
    shares = pd.DataFrame({**_some_of(plain, seen), "share": share[seen]})
    return _courses(cells, shares, followed, strayed, heads, reach, unit, late)


def courses_of(
    units: ir.Table,
    rules: Mapping[str, str],
    *,
    by: Sequence[str],
    reach: int,
    unit: str = "month",
) -> Courses:
    """Return how far each rule was followed, counted in the engine up to unit `reach`.

    `units` has one row per spell and unit: person, spell, block, unit (from 1 on, without gaps),
    `end` (the cause in the last one, or null), `taken` (1: done in this unit, 0: not), the columns
    `by` of what it rested on (never null; cells of them are made), and for each rule a column of
    what it asks for in the unit, 1 or 0. With a column `seen` (true: at risk and observed) the
    units before a late entry count for the history alone; without it spells that are seen late are
    left out. Weights are the shares of each cell: put a band of units among `by` where the chances
    change with tenure. ParameterError without a rule or a reach.
    """
    _check(rules, reach)
    seen = units.seen.cast("int64") if "seen" in units.columns else ibis.literal(1, "int64")
    names = [*SPELL, "block", "unit", "end", "taken", *by, *rules.values()]
    base = units.filter(units.unit <= reach).select(*dict.fromkeys(names), n=seen)
    with computed_once(base) as table:
        rows, late = _from_unit_one(table)
        rows, cells = _shared(rows, by)
        shares = _grouped(rows, ["share", "block"])
        parts = {name: _follow(rows, c, 2 * cells, reach) for name, c in rules.items()}
    followed, strayed, heads = ({n: p[i] for n, p in parts.items()} for i in range(3))
    return _courses(cells, shares, followed, strayed, heads, reach, unit, late)


def units_from_start(
    spells: Spells, columns: Sequence[str] = (), *, reach: int | None = None
) -> ir.Table:
    """Return `person_units` from unit 1 on, with `seen`: false in the units before a late entry.

    For data whose record of what was done and known goes back further than that of leaving.
    """
    r = spells.relation
    early = replace(spells, relation=r.mutate(entry=ibis.literal(0, "int64")))
    since = r.select(*SPELL, since=r.entry)
    units = person_units(early, columns, reach=reach).inner_join(since, SPELL)
    return units.mutate(seen=units.unit > units.since).drop("since")


def _check(rules: Mapping[str, str], reach: int) -> None:
    if not rules:
        raise ParameterError("no rule to follow", remedy="Name at least one, and its column.")
    if reach < 1:
        raise ParameterError(f"nobody can be followed for {reach} units", remedy="Give 1 or more.")


def _courses(*parts: Any) -> Courses:
    names = [f.name for f in fields(Courses)]
    made = Courses(**dict(zip(names, parts, strict=True)))
    if made.reach.bit_length() > BITS or not made.cells:
        raise NotObservedError(
            "nobody was seen from the first unit on",
            remedy="Follow rules from a later unit, or record what was done before observation.",
        )
    return made


def _some_of(columns: Mapping[str, np.ndarray], kept: np.ndarray) -> dict[str, np.ndarray]:
    return {name: column[kept] for name, column in columns.items()}


def some(frame: pd.DataFrame, kept: np.ndarray) -> pd.DataFrame:
    """Return some rows; all of them without a copy."""
    return frame if kept.all() else frame[kept]


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows by person, spell and unit; sorting costs more than all the rest."""
    person, spell, unit = (frame[c].to_numpy() for c in (*SPELL, "unit"))
    same = (person[1:] == person[:-1]) & (spell[1:] == spell[:-1])
    later = (person[1:] > person[:-1]) | (
        (person[1:] == person[:-1]) & (spell[1:] > spell[:-1]) | same & (unit[1:] > unit[:-1])
    )
    return frame if later.all() else frame.sort_values([*SPELL, "unit"], kind="stable")


def begins(rows: pd.DataFrame) -> np.ndarray:
    """Return in which rows a spell begins."""
    person, spell = (rows[c].to_numpy() for c in SPELL)
    changes = (person[1:] != person[:-1]) | (spell[1:] != spell[:-1])
    return np.concatenate([[True], changes])[: len(rows)]


def _numbered(rows: pd.DataFrame, by: Sequence[str]) -> tuple[np.ndarray, int]:
    """Return the cell of each row, and how many there are; as the engine's order has them."""
    if not by:
        return np.zeros(len(rows), dtype=np.int64), 1
    cell, found = pd.factorize(
        rows[by[0]] if len(by) == 1 else pd.MultiIndex.from_frame(rows[list(by)]), sort=True
    )
    return np.asarray(cell, dtype=np.int64), len(found)


def _ends(end: pd.Series) -> pd.Series:
    """Return the ends as categories, "censored" where there is none."""
    own = end.astype("category")
    known = own.cat.categories
    if CENSORED not in known:
        own = own.cat.add_categories([CENSORED])
    return own.fillna(CENSORED)


def _since(amounts: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Return running sums [N, ...] that begin anew where `new` says so."""
    total = np.cumsum(amounts, axis=0)
    first = np.flatnonzero(new)
    before = total[first] - amounts[first]
    return np.asarray(total - before[np.cumsum(new) - 1])


def _grouped(rows: ir.Table, keys: list[str]) -> pd.DataFrame:
    found = rows.group_by(*keys).aggregate(n=rows.n.sum()).to_pyarrow().to_pandas()
    return found[found.n > 0].sort_values(keys, ignore_index=True)


def _from_unit_one(rows: ir.Table) -> tuple[ir.Table, int]:
    """Return the rows of spells that begin with unit 1, and how many others there are."""
    firsts = rows.group_by(*SPELL).aggregate(first=rows.unit.min())
    late = int(firsts.filter(firsts["first"] > 1).count().execute())
    return rows.semi_join(firsts.filter(firsts["first"] == 1), SPELL) if late else rows, late


def _shared(rows: ir.Table, by: Sequence[str]) -> tuple[ir.Table, int]:
    """Return the rows with the number of the share that each belongs to, and how many cells."""
    if not by:
        return rows.mutate(share=rows.taken.cast("int64")), 1
    known = rows.select(*by).distinct().to_pyarrow().to_pandas()
    known = known.sort_values(list(by), ignore_index=True).assign(cell=range(len(known)))
    joined = rows.inner_join(ibis.memtable(known), list(by))
    return joined.mutate(share=(2 * joined.cell + joined.taken.cast("int64")).cast("int64")), len(
        known
    )


def _follow(
    rows: ir.Table, column: str, size: int, reach: int
) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Return how far one rule was followed, where it was left first, and heads by block.

    How often each share was passed is packed into whole numbers, some bits for each, so that one
    running sum carries many.
    """
    bits = reach.bit_length()
    fits = BITS // bits
    so_far = ibis.window(group_by=list(SPELL), order_by="unit", preceding=None, following=0)
    off = ibis.ifelse(rows[column].cast("int64") == rows.taken.cast("int64"), FOLLOWS, STRAYS)
    words = {}
    for i in range(0, size, fits):
        inside = (rows.share >= i) & (rows.share < min(i + fits, size))
        powers = [(k, 1 << (bits * (k - i))) for k in range(i, min(i + fits, size))]
        one = ibis.cases(*((rows.share == k, ibis.literal(v, "int64")) for k, v in powers), else_=0)
        words[f"word{i}"] = (
            ibis.ifelse(inside, one, 0).cast("int64").sum().over(so_far).cast("int64")
        )
    run = rows.mutate(off=off.cast("int64"), strays=off.cast("int64").sum().over(so_far), **words)
    run = run.filter((run.strays == 0) | ((run.strays == 1) & (run.off == STRAYS)))
    run = run.mutate(stop=run.end.fill_null(CENSORED))
    names = ["person", "block", "unit", "stop", "share", "strays", "n", *words]
    with computed_once(run.select(*names)) as table:
        on = table.filter((table.strays == 0) & (table.n > 0))
        followed = _grouped(on, ["unit", "block", "stop", *words])
        strayed = _grouped(table.filter(table.strays == 1), ["unit", "share", "block"])
        heads = on.group_by("block").aggregate(size=on.person.nunique())
        found = heads.to_pyarrow().to_pandas()
    laid = {
        str(i + k): (followed[f"word{i}"].to_numpy(dtype=np.int64) >> (bits * k))
        & ((1 << bits) - 1)
        for i in range(0, size, fits)
        for k in range(min(fits, size - i))
    }
    followed = followed[["unit", "block", "n"]].assign(end=_ends(followed["stop"]))
    by_block = np.bincount(found.block, weights=found["size"], minlength=BLOCKS).astype(np.int64)
    return followed.assign(**laid), strayed, by_block
