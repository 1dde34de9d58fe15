"""The life table: integer counts that add, one per cell and state, by tenure and block.

at_risk[t+1] = at_risk[t] - sum of moves[t] - censored[t] + entered[t+1] + crossed[t+1]

Everything above is computed from these counts; no estimator sees a customer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import overload

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.result import table_html
from stammkunde.spells.spells import (
    CENSORED,
    COHORT,
    MISSING,
    Episodes,
    Spells,
    check_columns,
    column_of,
    episodes,
)
from stammkunde.survival.counting import Flows, cents, flows, heads

EVERY = slice(None)
Where = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class LifeTable:
    """Counts of one cell: entered, at risk, moves, censored, crossed, money, by state, block, unit.

    Arrays are integers [S, 256, K] (`moves` [S, M, 256, K]), unit t = 1 .. K at position t-1.
    `moves` goes to `causes`: reasons for leaving and other states. `crossed` is the net number that
    came from other cells of the same state at the beginning of the unit. `money` is in cents
    (`margin_known` counts who has a margin).
    `persons` and `spells` [256] count heads that were in the cell; `repeats` tells whether somebody
    has several spells anywhere in the data. Heads of added tables are an upper bound where somebody
    is in both.
    """

    group: Mapping[str, str]
    unit: str
    states: tuple[str, ...]
    causes: tuple[str, ...]
    entered: np.ndarray
    at_risk: np.ndarray
    moves: np.ndarray
    censored: np.ndarray
    crossed: np.ndarray
    persons: np.ndarray
    spells: np.ndarray
    repeats: bool
    money: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def length(self) -> int:
        """Return K, the last unit with a count (somebody at risk, or just gone to another cell)."""
        return int(self.at_risk.shape[-1])

    def __add__(self, other: LifeTable) -> LifeTable:
        return added(self, other)

    def in_state(self, state: str | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return at_risk [256, K], moves [M, 256, K], censored [256, K] of a state (the first)."""
        s = 0 if state is None else self.states.index(state)
        return self.at_risk[s], self.moves[s], self.censored[s]

    def to_frame(self) -> pd.DataFrame:
        """Return the counts over all blocks, one row per state and unit."""
        parts = []
        for s, state in enumerate(self.states):
            columns = {"at_risk": self.at_risk[s], "entered": self.entered[s]}
            columns |= {f"to {c}": self.moves[s, m] for m, c in enumerate(self.causes)}
            columns |= {"censored": self.censored[s]} | {n: a[s] for n, a in self.money.items()}
            frame = pd.DataFrame({n: a.sum(axis=0) for n, a in columns.items()})
            frame.insert(0, self.unit, np.arange(1, self.length + 1))
            frame.insert(0, "state", state)
            parts.append(frame)
        return pd.concat(parts, ignore_index=True)

    def _repr_html_(self) -> str:
        rows = {"persons": int(self.persons.sum()), "spells": int(self.spells.sum())}
        rows |= {f"to {c}": int(self.moves[:, m].sum()) for m, c in enumerate(self.causes)}
        rows |= {"censored": int(self.censored.sum()), f"{self.unit}s observed": self.length}
        return table_html(rows, f"Life table {dict(self.group) or ''}".strip())


def life_table(source: Spells | Episodes) -> LifeTable:
    """Return the life table of everybody in `source`; NotObservedError where nobody was at risk."""
    return life_tables(source, by=())[()]


@overload
def life_tables(source: Spells | Episodes, by: str) -> dict[str, LifeTable]: ...
@overload
def life_tables(
    source: Spells | Episodes, by: tuple[str, ...]
) -> dict[tuple[str, ...], LifeTable]: ...
def life_tables(
    source: Spells | Episodes, by: str | tuple[str, ...]
) -> dict[str, LifeTable] | dict[tuple[str, ...], LifeTable]:
    """Return one life table per level of a group (or tuple of levels of several), sorted by level.

    One group-by in the engine; a missing value is the level "(missing)". Keys are levels as text
    where `by` is one name, tuples of levels where it is a tuple. ParameterError for an unknown
    group, NotObservedError where nobody was at risk.
    """
    names = (by,) if isinstance(by, str) else tuple(by)
    parts = source if isinstance(source, Episodes) else episodes(source)
    known = (*parts.groups, *(c for c in (COHORT,) if c in parts.relation.columns))
    check_columns(names, known)
    cells = [column_of(n) for n in names]
    relation = parts.relation.mutate(**{c: _level(parts.relation[c]) for c in cells})
    counts = flows(relation, cells, parts.money)
    if counts.begins.empty:
        raise NotObservedError(
            "nobody was at risk, so there is nothing to count",
            remedy="Check the observation window and the dates of the data.",
        )
    whole = isinstance(source, Spells)
    head = heads(relation, cells, counts, repeats=parts.repeats, whole=whole)
    own = _by_level(head, cells)
    tables = {
        level: _table(dict(zip(names, level, strict=True)), rows, own[level], parts)
        for level, rows in counts.by(cells)
    }
    return {k[0]: t for k, t in tables.items()} if isinstance(by, str) else tables


def _by_level(heads: pd.DataFrame, cells: list[str]) -> dict[tuple[str, ...], pd.DataFrame]:
    """Return the heads of each cell under its levels."""
    if not cells:
        return {(): heads}
    return {tuple(map(str, k)): own for k, own in heads.groupby(cells, observed=True)}


def _level(column: ir.Value) -> ir.StringValue:
    text = column.strftime("%Y-%m") if column.type().is_date() else column.cast("string")
    return text.fill_null(MISSING)


def _table(
    group: Mapping[str, str], rows: Flows, heads: pd.DataFrame, parts: Episodes
) -> LifeTable:
    """Lay the counts of one cell out as arrays and accumulate the risk set.

    An episode adds at the unit after `begin` and is gone after `finish`; one that goes on in its
    own state is a crossing out at the next unit, which its successor's crossing in cancels.
    """
    begins, ends, states, causes = rows.begins, rows.ends, rows.states, rows.causes
    size = int(ends["at"].max()) + 1
    came = (begins.came_from == begins.state).to_numpy()
    goes_on = (ends.to == ends.state).to_numpy()
    stayed = (ends.to == CENSORED).to_numpy()
    first, last = _where(begins, states), _where(ends, states)

    def lay(where: Where, n: pd.Series, part: np.ndarray | slice, shift: int = 0) -> np.ndarray:
        return _laid((len(states), BLOCKS, size), where, n.to_numpy(), part, shift)

    crossed = lay(first, begins.n, came) - lay(last, ends.n, goes_on, shift=1)
    final = ends["at"][~goes_on].max() if not goes_on.all() else 0
    length = max(int(final), 1 + int(np.max(np.nonzero(crossed)[-1], initial=-1)))
    moves = np.zeros((len(states), len(causes), BLOCKS, size), dtype=np.int64)
    _add_moves(moves, ends[~goes_on & ~stayed], states, causes)

    def at_risk(column: str) -> np.ndarray:
        flow = lay(first, begins[column], EVERY) - lay(last, ends[column], EVERY, shift=1)
        return np.cumsum(flow, axis=-1)[..., :length]

    persons, spells = (_by_block(heads, name) for name in ("persons", "spells"))
    return LifeTable(
        group=dict(group),
        unit=parts.unit,
        states=states,
        causes=causes,
        entered=lay(first, begins.n, ~came)[..., :length],
        at_risk=at_risk("n"),
        moves=moves[..., :length],
        censored=lay(last, ends.n, stayed)[..., :length],
        crossed=crossed[..., :length],
        persons=persons,
        spells=spells,
        repeats=parts.repeats,
        money={m: at_risk(cents(m)) for m in parts.money},
    )


def _laid(
    shape: tuple[int, int, int], where: Where, n: np.ndarray, part: np.ndarray | slice, shift: int
) -> np.ndarray:
    """Return numbers added up by state, block and unit, of part of the rows."""
    array = np.zeros(shape, dtype=np.int64)
    state, block, at = (a[part] for a in where)
    np.add.at(array, (state, block, at + shift), n[part])
    return array


def _add_moves(
    moves: np.ndarray, gone: pd.DataFrame, states: tuple[str, ...], causes: tuple[str, ...]
) -> None:
    state, block, at = _where(gone, states)
    np.add.at(moves, (state, _places(gone.to, causes), block, at), gone.n.to_numpy())


def _where(rows: pd.DataFrame, states: tuple[str, ...]) -> Where:
    """Return state, block and unit (from 0) of each row."""
    return _places(rows.state, states), rows.block.to_numpy(), rows["at"].to_numpy() - 1


def _places(column: pd.Series, names: tuple[str, ...]) -> np.ndarray:
    """Return the position of each category in `names`."""
    place = {name: i for i, name in enumerate(names)}
    known = np.array([place.get(c, -1) for c in column.cat.categories], dtype=np.intp)
    return known[column.cat.codes]


def _by_block(heads: pd.DataFrame, name: str) -> np.ndarray:
    counts = np.zeros(BLOCKS, dtype=np.int64)
    np.add.at(counts, heads.block.to_numpy(), heads[name].to_numpy())
    return counts


def added(a: LifeTable, b: LifeTable) -> LifeTable:
    """Return the table of two disjoint cells together: every count is the sum."""
    if a.unit != b.unit:
        raise ParameterError(f"a table in {a.unit}s cannot be added to one in {b.unit}s")
    states = tuple(dict.fromkeys((*a.states, *b.states)))
    causes = tuple(sorted({*a.causes, *b.causes}))
    length = max(a.length, b.length)

    def laid(table: LifeTable, counts: np.ndarray) -> np.ndarray:
        out = np.zeros((len(states), *counts.shape[1:-1], length), dtype=np.int64)
        out[[states.index(s) for s in table.states], ..., : table.length] = counts
        return out

    def moved(table: LifeTable) -> np.ndarray:
        out = np.zeros((len(states), len(causes), BLOCKS, length), dtype=np.int64)
        out[:, [causes.index(c) for c in table.causes]] = laid(table, table.moves)
        return out

    names = ("entered", "at_risk", "censored", "crossed")
    sums = {n: laid(a, getattr(a, n)) + laid(b, getattr(b, n)) for n in names}
    return LifeTable(
        group={k: v for k, v in a.group.items() if b.group.get(k) == v},
        unit=a.unit,
        states=states,
        causes=causes,
        moves=moved(a) + moved(b),
        persons=a.persons + b.persons,
        spells=a.spells + b.spells,
        repeats=a.repeats or b.repeats,
        money={m: laid(a, a.money[m]) + laid(b, b.money[m]) for m in a.money if m in b.money},
        **sums,
    )
