"""A list of today's customers, those first who are expected to gain by an offer.

It holds pseudonyms, never a name. Part of those listed are held out by lot, so that what comes of
it can be seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.evidence.adequacy import LEAST_PERSONS
from stammkunde.evidence.asking.ask import made_of
from stammkunde.evidence.asking.estimand import estimand_of
from stammkunde.evidence.asking.gains import Gain, Gains
from stammkunde.evidence.asking.later import NOWHERE, Afterwards, marked
from stammkunde.evidence.asking.made import ARMS, Made
from stammkunde.evidence.asking.question import OFFERED, QuestionToml, design_of
from stammkunde.evidence.asking.segments import told_by_segment
from stammkunde.evidence.starting.start import Eligible, eligible_of
from stammkunde.result import Estimate
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import CENSORED, Spells
from stammkunde.survival.drivers.cells import BANDS, levels_of

CONTACT, HELD_OUT = "contact", "hold-out"


@dataclass(frozen=True, kw_only=True)
class Targets:
    """A list of customers by expected gain: `rows`, and of how many `customers` they are.

    Columns: rank, person (pseudonym), "group NAME" for each column of the segments, "gain (UNIT)"
    with "low (UNIT)" and "high (UNIT)" (expected per customer, and its interval), arm ("contact" or
    "hold-out"). `worth` is what giving the offer to all who are expected to gain is worth per 1000
    customers, judged on others than those it was chosen on. `left_out` tells how many of today's
    customers are none of `customers`, by why.
    """

    rows: pd.DataFrame
    customers: int
    unit: str
    worth: Estimate
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_certain(self) -> bool:
        """Return whether the choice is certain to be worth more than contacting nobody."""
        return self.worth.low is not None and self.worth.low > 0


def targets(
    question: QuestionToml,
    spells: Spells,
    beside: Beside,
    *,
    currency: str,
    share: float,
    holdout: float,
    afterwards: Afterwards = NOWHERE,
) -> Targets:
    """Return the `share` of today's customers whose segments gain most, `holdout` of them held out.

    Customers are those still there at the end of observation whom the question is about and who do
    not hold the offer. Only segments that are expected to gain are in it; within one, a hash of the
    pseudonym decides who comes first, and another who is held out. Gains are in `currency` where
    margin and cost are known, else in the unit of the spells ("months"); `afterwards` as in `ask`,
    so that the list and the report go by the same number. ParameterError for a
    question without an offer or segments, or a share that is none; NotObservedError where nothing
    can be told or nobody gains.
    """
    _check(question, share, holdout)
    gains = _gains(question, spells, beside, afterwards)
    paying = {g.levels: g for g in gains.segments if g.told and (g.each.value or 0.0) > 0}
    if not paying:
        raise NotObservedError(
            f"by these data no segment gains from `{question.name}`, so nobody is to be listed",
            remedy="The section on who gains, in the report, shows what each segment gains.",
        )
    people, left_out = _today(question, spells, beside, gains.columns)
    unit = currency if gains.in_money else f"{spells.unit}s"
    most = round(share * len(people))
    rows = _ranked(people, paying, gains.columns, question.name, most, unit)
    if rows.empty:
        raise NotObservedError(
            "none of today's customers is in a segment that gains",
            remedy="Ask for a larger share, or leave it.",
        )
    drawn = _lot(rows.person, f"{question.name} hold-out")
    rows["arm"] = np.where(drawn < holdout, HELD_OUT, CONTACT)
    return Targets(
        rows=rows,
        customers=len(people),
        unit=unit,
        worth=gains.rules["gain"],
        left_out=left_out,
    )


def _check(question: QuestionToml, share: float, holdout: float) -> None:
    """Raise ParameterError for shares that are none, and a question that no list can follow."""
    if not (0 < share <= 1 and 0 <= holdout < 1):
        raise ParameterError(
            f"a share of {share:g} and a hold-out of {holdout:g}",
            remedy="The share lies above 0 and is 1 at most; the hold-out is 0 or more, below 1.",
        )
    if not question.offer or design_of(question) not in OFFERED:
        raise ParameterError(
            f"`{question.name}` is about nothing that can be offered to a customer of today",
            remedy="Name one about an offer made on a day, or after some time as a customer.",
        )
    if not question.by:
        raise ParameterError(
            f"the question `{question.name}` tells no segments apart",
            remedy="Name columns in its `by`.",
        )


def _gains(question: QuestionToml, spells: Spells, beside: Beside, afterwards: Afterwards) -> Gains:
    """Return what the offer brings by segment; NotObservedError where that cannot be told."""
    asked = estimand_of(question, unit=spells.unit)
    made = made_of(question, asked, marked(spells, afterwards), beside)
    if made.months.value is None:
        raise NotObservedError(
            f"what `{question.name}` did cannot be told: {made.months.reason.replace('_', ' ')}",
            remedy="The report says what to record or to try.",
        )
    gains = told_by_segment(question, made, afterwards)[1]
    if gains is None:
        raise _untold(question, made)
    return gains


def _untold(question: QuestionToml, made: Made) -> NotObservedError:
    """Return the error for segments of too few customers: what would help depends on how few."""
    had, others = (made.compared.adequacy.arms[a].persons for a in ARMS)
    needed = f"each segment needs {LEAST_PERSONS:g} in both arms"
    what = f"what `{question.name}` did cannot be told by segment"
    if had < 2 * LEAST_PERSONS:
        said, remedy = f"only {had:,} had the offer", "Ask again when more have had it."
    elif others < 2 * LEAST_PERSONS:
        said, remedy = f"only {others:,} were without it", "Hold more out by lot."
    else:
        said = f"{had:,} had the offer and {others:,} had not"
        remedy = "Name columns with fewer levels in `by`."
    return NotObservedError(f"{what}: {said}; {needed}", remedy=remedy)


def _today(
    question: QuestionToml, spells: Spells, beside: Beside, columns: tuple[str, ...]
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return today's customers who can be made the offer, a row each, and how many cannot, by why.

    Rows are person and segment.
    """
    asked = eligible_of(spells, Eligible(levels=question.where))
    r = asked.relation
    there = r.end == CENSORED
    if spells.close is not None:
        there &= r["last"].isnull() | (r["last"] >= ibis.literal(spells.close, type="date"))
    # of who has not come so far the comparison knows nothing
    came = r.filter(there & (r.exit >= question.from_unit - 1))
    assert beside.offers is not None
    free = came.anti_join(_holders(question, spells, beside.offers.relation), "person")
    heads = [int(t.person.nunique().execute()) for t in (r.filter(there), came, free)]
    why = {f"not yet in unit {question.from_unit}": heads[0] - heads[1]}
    why |= {"hold it": heads[1] - heads[2]}
    levels = {
        n: levels_of(asked, c, BANDS)[0] for n, c in zip(_names(columns), columns, strict=True)
    }
    rows = r.mutate(**levels).select("person", "spell", *levels)
    rows = rows.semi_join(free, ["person", "spell"]).order_by(["person", "spell"])
    # who has several contracts stands in the list once, with the first
    frame = rows.execute().drop_duplicates("person", ignore_index=True)
    return frame.drop(columns="spell").astype(str), {w: n for w, n in why.items() if n}


def _names(columns: tuple[str, ...]) -> list[str]:
    return [f"level {i}" for i in range(len(columns))]


def _holders(question: QuestionToml, spells: Spells, offers: ir.Table) -> ir.Table:
    """Return the persons with a row of the offer that has not ended at the end of observation.

    Where no row of what is done on a day tells an end, it is over with its day.
    """
    own = offers.filter(offers.offer == question.offer)
    if question.treated.words:
        own = own.filter(own.arm.isin(list(question.treated.words)))
    last = own["last"]
    if design_of(question) == "lot" and not int(last.count().execute()):
        return own.filter(ibis.literal(False)).select("person")
    lasts = last.isnull()
    if spells.close is not None:
        lasts |= last >= ibis.literal(spells.close, type="date")
    return own.filter(lasts).select("person").distinct()


def _ranked(
    people: pd.DataFrame,
    paying: dict[tuple[str, ...], Gain],
    columns: tuple[str, ...],
    name: str,
    most: int,
    unit: str,
) -> pd.DataFrame:
    """Return the first `most` customers of segments that gain, by gain and then by lot."""
    worth = {levels: g.each.value for levels, g in paying.items()}
    keys = people[_names(columns)].itertuples(index=False, name=None)
    listed = people.assign(gain=[worth.get(k) for k in keys], lot=_lot(people.person, name))
    listed = listed[listed.gain.notna()].astype({"gain": float})
    listed = listed.sort_values(["gain", "lot"], ascending=[False, True]).head(most)
    # a group may be called like a column of the list
    titles = {f"group {c}": listed[n] for n, c in zip(_names(columns), columns, strict=True)}
    numbers = {f"gain ({unit})": listed.gain}
    of = [paying[k].each for k in listed[_names(columns)].itertuples(index=False, name=None)]
    for end in ("low", "high"):
        numbers[f"{end} ({unit})"] = pd.Series([getattr(e, end) for e in of], listed.index, float)
    rows = pd.DataFrame({"person": listed.person, **titles, **numbers}).reset_index(drop=True)
    rows.insert(0, "rank", rows.index + 1)
    return rows


def _lot(persons: pd.Series, salt: str) -> np.ndarray:
    """Return a number from 0 to 1 for each pseudonym, always the same."""
    drawn = (sha256(f"{salt} {p}".encode()).digest()[:8] for p in persons)
    return np.array([int.from_bytes(d, "big") / 2**64 for d in drawn], dtype=float)
