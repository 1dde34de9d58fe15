"""An offer for the new that goes to former customers: how many of its takers, and what they get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError
from stammkunde.evidence.starting.start import (
    EVERYBODY,
    ByColumn,
    ByOffer,
    Eligible,
    eligible_of,
    subjects,
)
from stammkunde.result import Estimate, table_html
from stammkunde.spells.spells import CENSORED, Spells
from stammkunde.survival.persons.returners import with_kinds
from stammkunde.survival.shares import share

BACK = ("within", "later", "before")


@dataclass(frozen=True, kw_only=True)
class Recycled:
    """Former customers among those who signed up within the observation and took an offer.

    `share` of its takers, `of_all` of all sign-ups. They are `back` of `takers`; `units` is how
    many units of the offer they were seen to be given, `all_units` all takers were.
    """

    share: Estimate
    of_all: Estimate
    back: int
    takers: int
    units: int
    all_units: int

    def _repr_html_(self) -> str:
        rows = {"takers": self.takers, "former customers": self.back, "units": self.units}
        return table_html(rows, "Former customers among the takers")


def recycled(
    spells: Spells,
    arms: ByColumn | ByOffer,
    taken: str,
    *,
    lasts: int,
    eligible: Eligible = EVERYBODY,
) -> Recycled:
    """Return how many takers of an offer that lasts `lasts` units had been customers before.

    Counted are sign-ups within the observation. A former customer is a person with an earlier
    spell, all of which had ended: who signs a second contract beside a running one is none. Who
    had left before observation began is not in the data: then they are more. Shares by person
    blocks (see `survival.shares.share`). NotObservedError where nobody of the arm signed up then.
    """
    known = replace(spells, relation=with_kinds(spells.relation, 0))
    rows, _ = subjects(known, arms, (), eligible=eligible)
    own = rows.filter((rows.arm == taken) & (rows.entry == 0))
    is_back = own.kind.isin(BACK)
    held = own.exit.clip(upper=lasts).cast("int64")
    sums = {"back": is_back.ifelse(1, 0), "units": is_back.ifelse(held, 0), "given": held}
    found = _counted(own, sums)
    if found.empty:
        raise NotObservedError(
            f"nobody of the arm `{taken}` signed up within the observation",
            remedy="Check its words.",
        )
    chosen = eligible_of(known, eligible).relation
    signed = chosen.filter(chosen.entry == 0)
    every = _counted(signed, {})
    n, back = (_by_block(found.block, found[c]) for c in ("n", "back"))
    whole = _by_block(every.block, every.n)
    of_all = share(back, whole, persons=int(every.heads.sum()), repeats=True)
    return Recycled(
        share=share(back, n, persons=int(found.heads.sum()), repeats=True),
        of_all=of_all,
        back=int(back.sum()),
        takers=int(n.sum()),
        units=int(found.units.sum()),
        all_units=int(found.given.sum()),
    )


def back_again(
    spells: Spells,
    arms: ByColumn | ByOffer,
    taken: str,
    *,
    left_from: int,
    left_to: int,
    days: int,
    eligible: Eligible = EVERYBODY,
) -> Estimate:
    """Return the share of takers who left in units `left_from` to `left_to` and are back in `days`.

    Back is a new spell of the same person within so many days of the last one; counted are those
    who were followed for so long. Share by person blocks (see `survival.shares.share`).
    NotObservedError for spells without dates.
    """
    if spells.close is None:
        raise NotObservedError(
            "spells without dates do not say who came back", remedy="Use dated contracts."
        )
    rows, _ = subjects(spells, arms, (), eligible=eligible)
    seen = rows["last"] + ibis.interval(days=days) < ibis.literal(spells.close, type="date")
    left = rows.end != CENSORED
    then = rows.exit.between(left_from, left_to)
    own = rows.filter((rows.arm == taken) & left & then & seen)
    soon = own["next"].notnull() & (own["next"] <= own["last"] + ibis.interval(days=days))
    found = _counted(own, {"back": soon.ifelse(1, 0)})
    n, back = (_by_block(found.block, found[c]) for c in ("n", "back"))
    return share(back, n, persons=int(found.heads.sum()), repeats=True)


def _counted(rows: ir.Table, sums: Mapping[str, ir.Value]) -> pd.DataFrame:
    """Return by block how many rows `n` and persons `heads` there are, and sums of them."""
    added = {name: cell.sum().cast("int64") for name, cell in sums.items()}
    counts = {"n": rows.count(), "heads": rows.person.nunique(), **added}
    return rows.group_by("block").aggregate(**counts).execute()


def _by_block(block: object, n: object) -> np.ndarray:
    made = np.zeros(BLOCKS, dtype=np.int64)
    made[np.asarray(block, dtype=np.int64)] = np.asarray(n, dtype=np.int64)
    return made
