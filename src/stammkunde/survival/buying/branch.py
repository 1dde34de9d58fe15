"""Lost to a branch, or to the brand? Customers who come again, but elsewhere.

A branch that looks at its own numbers counts everybody as lost who does not come again. Some of
them only went to another branch of the brand. Two answers, which differ in whom they take for lost:
by the rule everybody without a visit for `gap_days`, of whom some are only slow; settled, only
those of them who have not been seen since. Who moved and has not been seen at the new branch looks
lost to both.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.result import Estimate, table_html
from stammkunde.spells.bought import Purchases
from stammkunde.survival.shares import share

COUNTS = ("moved", "lost", "moved_late", "back", "heads")


@dataclass(frozen=True, kw_only=True)
class Transfers:
    """Which part of a branch's losses stayed with the brand.

    `by_rule`: visits followed within the gap by one at another branch, among these and those
    followed by none. `settled`: the same, but who came back after the gap is not lost, and moved
    where he came back elsewhere. `moved`, `lost` and `back` (of those lost) are numbers of visits,
    `persons` how many persons made them.
    """

    by_rule: Estimate
    settled: Estimate
    moved: int
    lost: int
    back: int
    persons: int

    def _repr_html_(self) -> str:
        rows: dict[str, object] = {"moved": self.moved, "lost by the rule": self.lost}
        rows["of them seen again"] = self.back
        for name, e in (("share by the rule", self.by_rule), ("share, settled", self.settled)):
            rows[name] = (
                e.reason if e.value is None else f"{e.value:.3f} ({e.low:.3f}, {e.high:.3f})"
            )
        return table_html(rows, "Branch losses that stay with the brand")


def transfers(purchases: Purchases, gap_days: int, *, level: float = 0.95) -> Transfers:
    """Return the share of branch losses that are transfers within the brand, with intervals.

    Counted in the engine, from visits whose `gap_days` afterwards were observed; of two branches on
    one day the later row's counts. Intervals as in `share`, with the person blocks, for persons may
    move or lapse more than once. ParameterError for a gap below 1 day, NotObservedError where the
    purchases have no places.
    """
    (found,) = _transfers(purchases, gap_days, (), level).values()
    return found


def transfers_by_place(
    purchases: Purchases, gap_days: int, *, level: float = 0.95
) -> dict[str, Transfers]:
    """Return the same of the losses of each branch, that of the visit before, in order of name.

    Errors as in `transfers`; branches without any loss are not among them.
    """
    return _transfers(purchases, gap_days, ("place",), level)


def _transfers(
    purchases: Purchases, gap_days: int, by: tuple[str, ...], level: float
) -> dict[str, Transfers]:
    if gap_days < 1:
        raise ParameterError(f"a lapse rule of {gap_days} days", remedy="Give 1 day or more.")
    known = purchases.relation.place.notnull()
    if not int(purchases.relation.filter(known).count().execute()):
        raise NotObservedError(
            "these purchases have no places", remedy="Name the column with `place`."
        )
    some = _losses(purchases, gap_days)
    found = some.group_by([*by, "block"]).aggregate(
        **{n: some[n].sum() for n in COUNTS[:-1]}, heads=some.person.nunique()
    )
    frame = found.execute()
    if not by:
        return {"": _told(frame, level)}
    return {str(place): _told(part, level) for place, part in frame.groupby("place")}


def _told(frame: pd.DataFrame, level: float) -> Transfers:
    """Return the transfers of counts by block, one row each."""
    counts = np.zeros((len(COUNTS), BLOCKS), dtype=np.int64)
    counts[:, frame["block"].to_numpy().astype(np.int64)] = frame[list(COUNTS)].to_numpy().T
    moved, lost, late, back, heads = counts

    def of(part: np.ndarray, whole: np.ndarray) -> Estimate:
        return share(part, whole, persons=int(heads.sum()), repeats=True, level=level)

    return Transfers(
        by_rule=of(moved, moved + lost),
        settled=of(moved + late, moved + lost - back + late),
        moved=int(moved.sum()),
        lost=int(lost.sum()),
        back=int(back.sum()),
        persons=int(heads.sum()),
    )


def _losses(purchases: Purchases, gap_days: int) -> ir.Table:
    """Return the visits that a branch counts as its last, with what became of the person."""
    p = purchases.relation.filter(purchases.relation.place.notnull())
    visits = p.group_by("person", "day").aggregate(
        block=p.block.max(), place=p.place.argmax(p.record)
    )
    order = ibis.window(group_by="person", order_by="day")
    visits = visits.mutate(
        after=visits.day.lead().over(order), there=visits.place.lead().over(order)
    )
    gap = ibis.interval(days=gap_days)
    known = visits.filter(visits.day + gap < ibis.literal(purchases.close))
    again = known.after.notnull()
    within = (again & (known.after <= known.day + gap)).fill_null(False)
    elsewhere = (again & (known.there != known.place)).fill_null(False)
    rows = known.select(
        "person",
        "block",
        "place",
        moved=(within & elsewhere).cast("int64"),
        lost=(~within).cast("int64"),
        moved_late=(~within & elsewhere).cast("int64"),
        back=(~within & again).cast("int64"),
    )
    return rows.filter((rows.moved + rows.lost) > 0)
