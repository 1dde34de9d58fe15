"""How many of those who sign up are new: contracts by person, and who had been here before."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from stammkunde import intervals
from stammkunde.draws import BLOCKS, replicate
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.result import Estimate, table_html
from stammkunde.spells.spells import Spells
from stammkunde.survival.curve import TOO_FEW_PERSONS
from stammkunde.survival.shares import ratio, share

KINDS = ("within", "later", "before", "parallel")


@dataclass(frozen=True, kw_only=True)
class SignupCounts:
    """Whole numbers by block [256]: persons, spells, sign-ups, and the sign-ups of each kind."""

    persons: np.ndarray
    spells: np.ndarray
    signups: np.ndarray
    within: np.ndarray
    later: np.ndarray
    before: np.ndarray
    parallel: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Signups:
    """Who signed up within the observation, as shares of all sign-ups.

    `returns` are sign-ups by persons who had been customers and were none any more: `within`
    the return days, `later`, or back from a time `before` observation whose end is not known.
    `parallel` are sign-ups while an earlier contract still ran. `per_person` is spells by persons.
    """

    return_days: int
    persons: int
    spells: int
    signups: int
    per_person: Estimate
    returns: Estimate
    within: Estimate
    later: Estimate
    before: Estimate
    parallel: Estimate

    def _repr_html_(self) -> str:
        rows: dict[str, object] = {"persons": self.persons, "spells": self.spells}
        rows |= {"sign-ups": self.signups}
        for name in ("per_person", "returns", *KINDS):
            value = getattr(self, name).value
            rows[name.replace("_", " ")] = "-" if value is None else f"{value:.4g}"
        return table_html(rows, f"Sign-ups, returns within {self.return_days} days")


def signups(spells: Spells, return_days: int, *, level: float = 0.95) -> Signups:
    """Return how many spells begun within the observation are returns, counted in the engine.

    The days between are counted from the latest last day of the person's earlier spells to the
    first day of the new one, as in `return_days` of a client file. NotObservedError for spells
    without dates, ParameterError for a negative number of days.
    """
    if spells.close is None:
        raise NotObservedError(
            "spells without dates do not say who came back", remedy="Use dated contracts."
        )
    if return_days < 0:
        raise ParameterError(f"a return within {return_days} days", remedy="Give 0 or more days.")
    return signups_from(_counted(spells, return_days), return_days, level=level)


def signups_from(counts: SignupCounts, return_days: int, *, level: float = 0.95) -> Signups:
    """Return the same from counts by block; no value with fewer than 10 blocks or no sign-up."""
    totals = {f.name: int(getattr(counts, f.name).sum()) for f in fields(counts)}
    back = counts.within + counts.later + counts.before
    heads = totals["persons"]

    def part(events: np.ndarray) -> Estimate:
        return share(events, counts.signups, persons=heads, repeats=True, level=level)

    return Signups(
        return_days=return_days,
        persons=heads,
        spells=totals["spells"],
        signups=totals["signups"],
        per_person=_per_person(counts, level),
        returns=part(back),
        **{kind: part(getattr(counts, kind)) for kind in KINDS},
    )


def _per_person(counts: SignupCounts, level: float) -> Estimate:
    """Return spells by persons, log interval by person blocks, 1 at least."""
    persons, spells = counts.persons[:, None], counts.spells[:, None]
    replicates = replicate((persons, spells), counts.persons > 0, ratio)
    common: dict[str, Any] = {"unit": "count", "level": level, "persons": int(persons.sum())}
    common |= {"spells": int(spells.sum()), "method": "spells by persons, person blocks"}
    if not replicates.is_enough:
        return Estimate(value=None, reason=TOO_FEW_PERSONS, **common)
    value = int(spells.sum()) / int(persons.sum())
    se = float(replicates.se())
    quantile = intervals.student_quantile(level, replicates.smallest)
    low, high = (float(a) for a in intervals.log(np.asarray(value), np.asarray(se), quantile))
    low = max(low, 1.0)
    return Estimate(value=value, low=low, high=high, se=se, replicates=replicates, **common)


def _counted(spells: Spells, return_days: int) -> SignupCounts:
    """Return the counts by block: one group-by."""
    rows = with_kinds(spells.relation, return_days)
    sums = {kind: (rows.kind == kind).sum() for kind in KINDS}
    by_block = rows.group_by("block").aggregate(
        persons=rows.person.nunique(),
        spells=rows.count(),
        signups=(rows.entry == 0).sum(),
        **sums,
    )
    frame = by_block.execute()
    counts = {f.name: np.zeros(BLOCKS, dtype=np.int64) for f in fields(SignupCounts)}
    for name, array in counts.items():
        array[frame.block.to_numpy()] = frame[name].to_numpy().astype(np.int64)
    return SignupCounts(**counts)


def with_kinds(spells: ir.Table, return_days: int) -> ir.Table:
    """Return the spells with the `kind` of each sign-up that is not the person's first."""
    earlier = ibis.window(group_by="person", order_by="spell", preceding=(None, 1))
    open_ended = ibis.ifelse(spells["last"].isnull(), 1, 0).max().over(earlier)
    rows = spells.mutate(ended=spells["last"].max().over(earlier), running=open_ended)
    gap = rows.start.delta(rows.ended, unit="day")
    kind = ibis.cases(
        ((rows.entry > 0) | (rows.spell == 1), "none"),
        ((rows.running.fill_null(0) == 1) | (rows.start <= rows.ended), "parallel"),
        (rows.ended.isnull(), "before"),
        (gap <= return_days, "within"),
        else_="later",
    )
    return rows.mutate(kind=kind)
