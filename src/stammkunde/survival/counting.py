"""What begins and what ends, counted in the engine: the only queries behind a life table.

Begins and ends are counted apart, because few of each make many pairs. Each answer is as long as
there are cells, blocks and units, however many customers there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import ibis.expr.types as ir
import pandas as pd

from stammkunde.spells.spells import CENSORED

WORDS = ("came_from", "to", "state")


@dataclass(frozen=True)
class Flows:
    """Begins by cell, state, block, `came_from` and first unit `at`; ends by `to` and last unit.

    Both have one row per combination, with whole numbers `n` and `cents NAME`; text is categorical,
    the same categories for states and where one comes from or goes to.
    """

    begins: pd.DataFrame
    ends: pd.DataFrame

    def by(self, cells: list[str]) -> Iterator[tuple[tuple[str, ...], Flows]]:
        """Yield the flows of each cell under its levels, in the order of their text."""
        if not cells:
            yield (), self
            return
        both = (f.groupby(cells, sort=True, observed=True) for f in (self.begins, self.ends))
        for (level, begins), (_, ends) in zip(*both, strict=True):
            yield tuple(map(str, level)), Flows(begins, ends)

    @property
    def continued(self) -> bool:
        """Return whether an episode follows another of its spell."""
        return bool(self.begins.came_from.notna().any())

    @property
    def states(self) -> tuple[str, ...]:
        """Return the states that somebody was in, sorted."""
        return tuple(sorted(self.begins.state.unique()))

    @property
    def causes(self) -> tuple[str, ...]:
        """Return where somebody left to, sorted: reasons and other states."""
        moved = self.ends.to[self.ends.to != self.ends.state]
        return tuple(sorted(set(moved.unique()) - {CENSORED}))


def flows(relation: ir.Table, cells: list[str], money: tuple[str, ...]) -> Flows:
    """Return what begins and what ends in `cells`, and the sums of `money` per unit."""
    r = relation
    begins = _counted(r, cells, money, came_from=r.came_from, at=r.begin + 1)
    ends = _counted(r, cells, money, to=r.to, at=r.finish)
    texts = [f[c].cat for f in (begins, ends) for c in WORDS if c in f]
    words = sorted(set().union(*(t.categories for t in texts)))
    return Flows(*(_sorted(frame, cells, words) for frame in (begins, ends)))


def _sorted(frame: pd.DataFrame, cells: list[str], words: list[str]) -> pd.DataFrame:
    """Return the frame, its categories in the order of their text, those of `WORDS` the same."""
    columns = {c: frame[c].cat.set_categories(words) for c in WORDS if c in frame}
    columns |= {c: frame[c].cat.set_categories(sorted(frame[c].cat.categories)) for c in cells}
    return frame.assign(**columns)


def cents(money: str) -> str:
    """Return the column in which a sum of money stands, so that no name collides with ours."""
    return f"cents {money}"


def _counted(
    r: ir.Table, cells: list[str], money: tuple[str, ...], **keys: ir.Value
) -> pd.DataFrame:
    # Engines widen sums of whole numbers, each in its own way.
    sums = {cents(m): r[m].cast("int64").sum().cast("int64") for m in money}
    named = {c: r[c] for c in (*cells, "state", "block")} | keys
    query = r.group_by(**named).aggregate(n=r.count(), **sums)
    return query.to_pyarrow().to_pandas(strings_to_categorical=True)


def heads(
    relation: ir.Table, cells: list[str], counts: Flows, *, repeats: bool, whole: bool
) -> pd.DataFrame:
    """Return `persons` and `spells` that were in each cell and block; rows of one cell add.

    `counts` are the flows of `relation`. `repeats`: somebody has several spells; `whole`: its rows
    are those of `Spells`, which know who begins anew.
    """
    r = relation
    if counts.continued or (repeats and not whole):
        return _told_apart(r.select(*cells, "block", "person", "spell").distinct(), cells)
    grouped = counts.begins.groupby([*cells, "block"], observed=True)["n"]
    each = grouped.sum().reset_index(name="spells")
    each["persons"] = each.spells
    if not repeats:
        return each
    # Most people have one spell, and telling people apart is what costs.
    again = r.filter(r.start.isnull() | r.next.notnull() | (r.spell > 1))
    more = _told_apart(again, cells)
    return pd.concat([each, more.assign(persons=more.persons - more.spells, spells=0)])


def _told_apart(spells: ir.Table, cells: list[str]) -> pd.DataFrame:
    """Return how many persons and spells are in each cell and block, one row of a spell in each."""
    persons = spells.group_by([*cells, "block", "person"]).aggregate(spells=spells.count())
    grouped = persons.group_by([*cells, "block"])
    heads = grouped.aggregate(persons=persons.count(), spells=persons.spells.sum().cast("int64"))
    return heads.execute()
