"""What becomes of a person's margin from one contract to the next.

Where a contract has one margin, nothing inside it can be seen to grow; the contracts of one person
can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np

from stammkunde import intervals
from stammkunde.draws import BLOCKS, replicate
from stammkunde.errors import NotObservedError
from stammkunde.result import Estimate
from stammkunde.spells.spells import MARGIN, Spells
from stammkunde.survival.curve import TOO_FEW_PERSONS
from stammkunde.survival.margins.change import MONEY
from stammkunde.survival.shares import ratio, share

DAYS_A_MONTH = 365.25 / 12


@dataclass(frozen=True, kw_only=True)
class Between:
    """Pairs of successive contracts of one person, both with a margin.

    `changed` is the share of pairs whose margins differ, `per_month` by how much a margin grows
    from the first day of the one to that of the next, per month that lies between: all changes by
    all months.
    """

    persons: int
    pairs: int
    changed: Estimate
    per_month: Estimate


@dataclass(frozen=True, kw_only=True)
class PairCounts:
    """Whole numbers by block [256]: persons, pairs, those that differ, cents and days between."""

    persons: np.ndarray
    pairs: np.ndarray
    changed: np.ndarray
    cents: np.ndarray
    days: np.ndarray


def between(spells: Spells, *, level: float = 0.95) -> Between:
    """Return how margins change from one contract of a person to the next.

    Contracts that begin on one day are no pair. NotObservedError for spells without dates or
    without margins.
    """
    return between_from(pairs(spells), level=level)


def pairs(spells: Spells) -> PairCounts:
    """Return the pairs of successive contracts by block: one query."""
    if spells.close is None or MARGIN not in spells.relation.columns:
        raise NotObservedError(
            "without dates and margins the contracts of a person cannot be compared",
            remedy="Use dated contracts, and name the column of the margin.",
        )
    s = spells.relation
    order = ibis.window(group_by="person", order_by="spell")
    rows = s.select("person", "block", "start", MARGIN, "spell").mutate(
        begun=s.start.lead().over(order), later=s[MARGIN].lead().over(order)
    )
    days = rows.begun.delta(rows.start, unit="day")
    change = rows.later - rows[MARGIN]
    rows = rows.mutate(days=days, change=change).filter((days > 0) & change.notnull())
    by_block = rows.group_by("block").aggregate(
        persons=rows.person.nunique(),
        pairs=rows.count(),
        changed=(rows.change != 0).sum(),
        cents=rows.change.sum().cast("int64"),
        days=rows.days.sum().cast("int64"),
    )
    frame = by_block.execute()
    counts = {n: np.zeros(BLOCKS, dtype=np.int64) for n in PairCounts.__dataclass_fields__}
    for name, array in counts.items():
        array[frame.block.to_numpy()] = frame[name].to_numpy().astype(np.int64)
    return PairCounts(**counts)


def between_from(counts: PairCounts, *, level: float = 0.95) -> Between:
    """Return the same from counts by block; no values with fewer than 10 blocks of such persons."""
    persons, number = int(counts.persons.sum()), int(counts.pairs.sum())
    changed = share(counts.changed, counts.pairs, persons=persons, repeats=True, level=level)
    return Between(
        persons=persons, pairs=number, changed=changed, per_month=_per_month(counts, level)
    )


def _per_month(counts: PairCounts, level: float) -> Estimate:
    known: dict[str, Any] = {"unit": MONEY, "level": level, "persons": int(counts.persons.sum())}
    known |= {"method": "changes by months between contracts of a person, person blocks"}
    known |= {"estimand": "growth per month"}
    replicates = replicate((counts.days[:, None], counts.cents[:, None]), counts.pairs > 0, ratio)
    if not replicates.is_enough:
        return Estimate(value=None, reason=TOO_FEW_PERSONS, **known)
    replicates = replicates.map(lambda x: x * (DAYS_A_MONTH / 100))
    value = float(counts.cents.sum() / counts.days.sum()) * (DAYS_A_MONTH / 100)
    se = float(replicates.se())
    step = intervals.student_quantile(level, replicates.smallest) * se
    known |= {"low": value - step, "high": value + step, "se": se}
    return Estimate(value=value, replicates=replicates, **known)
