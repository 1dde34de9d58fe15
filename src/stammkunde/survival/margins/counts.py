"""Margins by tenure: sums that add, of those whose margin is known, by block and unit.

A margin is the money earned with a customer per month, in cents; within an episode it does not
change. Who has none is unknown and not worth nothing: his whole spell is left out and counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.result import table_html
from stammkunde.spells.spells import (
    CENSORED,
    MARGIN,
    MARGIN_KNOWN,
    MISSING,
    Episodes,
    Spells,
    check_columns,
    column_of,
    episodes,
)
from stammkunde.survival.counting import Flows, cents, flows, heads

HEADS, CENTS = 0, 1
KEY = ("person", "spell")


@dataclass(frozen=True, kw_only=True)
class Margins:
    """Those whose margin is known, by block and unit t = 1 .. K at position t - 1.

    `at_risk`, `entered`, `left` and `censored` [2, 256, K] are their number and their cents per
    month together. `changed` [256, K] are the cents by which the margins of those who were there
    in the unit before have changed. `persons` and `spells` [256] count heads. `unknown` are spells
    without a margin, `unknown_there` those of them that were there when observation ended.
    """

    unit: str
    at_risk: np.ndarray
    entered: np.ndarray
    left: np.ndarray
    censored: np.ndarray
    changed: np.ndarray
    persons: np.ndarray
    spells: np.ndarray
    unknown: int = 0
    unknown_there: int = 0

    @property
    def length(self) -> int:
        """Return K, the last unit in which somebody was at risk."""
        return int(self.at_risk.shape[-1])

    @property
    def varies(self) -> bool:
        """Return whether a margin changed while a spell went on."""
        return bool(self.changed.any())

    def __add__(self, other: Margins) -> Margins:
        if self.unit != other.unit:
            raise ParameterError(f"margins by {self.unit} cannot be added to those by {other.unit}")
        length = max(self.length, other.length)

        def both(name: str) -> np.ndarray:
            parts = (getattr(self, name), getattr(other, name))
            wide = [(0, 0)] * (parts[0].ndim - 1)
            return sum(np.pad(a, [*wide, (0, length - a.shape[-1])]) for a in parts)  # type: ignore[return-value]

        return Margins(
            unit=self.unit,
            **{n: both(n) for n in ("at_risk", "entered", "left", "censored", "changed")},
            persons=self.persons + other.persons,
            spells=self.spells + other.spells,
            unknown=self.unknown + other.unknown,
            unknown_there=self.unknown_there + other.unknown_there,
        )

    def to_frame(self) -> pd.DataFrame:
        """Return number and mean margin (in the currency) of those at risk, one row per unit."""
        number, money = self.at_risk.sum(axis=1)
        mean = np.divide(money, 100 * number, out=np.full(len(number), np.nan), where=number > 0)
        index = pd.Index(np.arange(1, self.length + 1), name=self.unit)
        return pd.DataFrame({"at_risk": number, "margin": mean}, index=index)

    def _repr_html_(self) -> str:
        rows: dict[str, object] = {"persons": int(self.persons.sum())}
        rows |= {"spells": int(self.spells.sum()), "spells without a margin": self.unknown}
        return table_html(rows, "Margins")


def margins(source: Spells | Episodes) -> Margins:
    """Return the margins of everybody in `source`.

    NotObservedError where no margin is declared, or nobody at risk has one.
    """
    found = margins_by(source, ())
    if not found:
        raise _none("nobody at risk has a margin")
    return found[()]


def margins_by(source: Spells | Episodes, by: tuple[str, ...]) -> dict[tuple[str, ...], Margins]:
    """Return margins per tuple of levels of groups, sorted; empty where nobody has a margin.

    A group must not change within a spell (ParameterError). NotObservedError where no margin is
    declared.
    """
    parts = source if isinstance(source, Episodes) else episodes(source)
    if MARGIN not in parts.money:
        raise _none("these data hold no margin")
    check_columns(by, tuple(parts.groups))
    cells = [column_of(n) for n in by]
    relation = parts.relation.mutate(
        **{c: parts.relation[c].cast("string").fill_null(MISSING) for c in cells}
    )
    if isinstance(source, Episodes):
        relation = _whole(relation)
    known = relation.filter(relation[MARGIN_KNOWN] == 1)
    counts = flows(known, cells, (MARGIN,))
    if counts.begins.empty:
        return {}
    whole = isinstance(source, Spells)
    people = heads(known, cells, counts, repeats=parts.repeats, whole=whole)
    missing = _missing(relation, cells)
    return {
        level: _laid(rows, _own(people, cells, level), _own(missing, cells, level), parts.unit)
        for level, rows in counts.by(cells)
    }


def _none(what: str) -> NotObservedError:
    remedy = "Name the column of the margin in the client file: `margin`."
    return NotObservedError(what, remedy=remedy)


def _whole(relation: ir.Table) -> ir.Table:
    """Return the episodes, a margin being known only where it is in all episodes of the spell.

    Else who has none for a while would seem to leave and to come.
    """
    if MARGIN_KNOWN not in relation.columns:
        return relation.mutate(**{MARGIN_KNOWN: ibis.literal(1, "int64")})
    over = ibis.window(group_by=list(KEY))
    return relation.mutate(**{MARGIN_KNOWN: relation[MARGIN_KNOWN].min().over(over)})


def _missing(relation: ir.Table, cells: list[str]) -> pd.DataFrame:
    """Return the spells without a margin by cell, and those there when observation ended."""
    lost = relation.filter(relation[MARGIN_KNOWN] == 0)
    final = lost.select(*cells, *KEY, there=lost.to == CENSORED).distinct()
    spells = final.group_by([*cells, *KEY]).aggregate(there=final.there.any())
    counted = spells.group_by(cells) if cells else spells
    found = counted.aggregate(n=spells.count(), there=spells.there.sum().fill_null(0))
    return found.execute()


def _own(frame: pd.DataFrame, cells: list[str], level: tuple[str, ...]) -> pd.DataFrame:
    """Return the rows of a cell."""
    here = np.ones(len(frame), dtype=bool)
    for cell, name in zip(cells, level, strict=True):
        here &= (frame[cell].astype(str) == name).to_numpy()
    return frame[here]


def _laid(rows: Flows, people: pd.DataFrame, missing: pd.DataFrame, unit: str) -> Margins:
    """Lay the flows of one cell out by block and unit."""
    begins, ends = rows.begins, rows.ends
    length = int(ends["at"].max())
    comes_on = begins.came_from.notna().to_numpy()
    goes_on = ends.to.isin(rows.states).to_numpy()
    stays = (ends.to == CENSORED).to_numpy()

    def lay(frame: pd.DataFrame, part: np.ndarray, shift: int = 0) -> np.ndarray:
        out = np.zeros((2, BLOCKS, length + 1), dtype=np.int64)
        block, at = frame.block.to_numpy()[part], frame["at"].to_numpy()[part] - 1 + shift
        for i, name in ((HEADS, "n"), (CENTS, cents(MARGIN))):
            np.add.at(out[i], (block, at), frame[name].to_numpy()[part])
        return out

    entered, crossed = lay(begins, ~comes_on), lay(begins, comes_on) - lay(ends, goes_on, 1)
    if crossed[HEADS].any():
        what = "a group that changes within a spell does not say whose margin grows"
        raise ParameterError(what, remedy="Group by what is fixed for each spell.")
    left, censored = lay(ends, ~goes_on & ~stays), lay(ends, stays)
    gone = np.zeros_like(left)
    gone[..., 1:] = (left + censored)[..., :-1]
    at_risk = np.cumsum(entered + crossed - gone, axis=-1)
    final = {"entered": entered, "left": left, "censored": censored, "at_risk": at_risk}
    return Margins(
        unit=unit,
        **{n: a[..., :length] for n, a in final.items()},
        changed=crossed[CENTS, :, :length],
        persons=_by_block(people, "persons"),
        spells=_by_block(people, "spells"),
        unknown=int(missing["n"].sum()),
        unknown_there=int(missing["there"].sum()),
    )


def _by_block(people: pd.DataFrame, name: str) -> np.ndarray:
    counts = np.zeros(BLOCKS, dtype=np.int64)
    np.add.at(counts, people.block.to_numpy(), people[name].to_numpy())
    return counts
