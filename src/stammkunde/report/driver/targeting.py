"""A list of today's customers, those first who are expected to gain: on explicit request only.

It holds pseudonyms, never a name, and is written outside the workspace for its owner alone. Part of
those listed are held out by lot, so that what comes of it can be seen.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from stammkunde.errors import NotObservedError, ParameterError, nearest
from stammkunde.evidence.asking.ask import made_of
from stammkunde.evidence.asking.estimand import estimand_of
from stammkunde.evidence.asking.gains import Gain, Gains
from stammkunde.evidence.asking.question import QuestionToml, design_of
from stammkunde.evidence.asking.segments import told_by_segment
from stammkunde.evidence.starting.start import Eligible, eligible_of
from stammkunde.result import Estimate
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import CENSORED, Spells
from stammkunde.study import Study, read_tables
from stammkunde.survival.drivers.cells import BANDS, levels_of
from stammkunde.workspace import Workspace

CONTACT, HELD_OUT = "contact", "hold-out"
# what can be offered to a customer of today
OFFERED = ("landmark", "grace", "lot")


@dataclass(frozen=True, kw_only=True)
class Targets:
    """A list of customers by expected gain: `rows`, and of how many `customers` they are.

    Columns: rank, person (pseudonym), one for each column of the segments, gain (expected per
    customer, in `unit`), arm ("contact" or "hold-out"). `worth` is what giving the offer to all who
    are expected to gain is worth per 1000 customers, judged on others than those it was chosen on.
    """

    rows: pd.DataFrame
    customers: int
    unit: str
    worth: Estimate

    @property
    def is_certain(self) -> bool:
        """Return whether the choice is certain to be worth more than contacting nobody."""
        return self.worth.low is not None and self.worth.low > 0


def targets(study: Study, name: str, *, share: float, holdout: float) -> Targets:
    """Return the `share` of today's customers whose segments gain most, `holdout` of them held out.

    Customers are those still there at the end of observation whom the question is about and who do
    not hold the offer. Only segments that are expected to gain are in it; within one, a hash of the
    pseudonym decides who comes first, and another who is held out. ParameterError for an unknown
    question or a share that is none, NotObservedError where nothing can be told or nobody gains.
    """
    if not (0 < share <= 1 and 0 <= holdout < 1):
        raise ParameterError(
            f"a share of {share:g} and a hold-out of {holdout:g}",
            remedy="The share lies above 0 and is 1 at most; the hold-out is 0 or more, below 1.",
        )
    question = _question(study, name)
    spells, beside = read_tables(study)
    gains = _gains(question, spells, beside)
    paying = {g.levels: g for g in gains.segments if g.told and (g.each.value or 0.0) > 0}
    if not paying:
        raise NotObservedError(
            f"by these data no segment gains from `{name}`, so there is nobody to be listed",
            remedy="The section on who gains, in the report, shows what each segment gains.",
        )
    people = _today(question, spells, beside, gains.columns)
    rows = _ranked(people, paying, gains.columns, name, round(share * len(people)))
    if rows.empty:
        raise NotObservedError(
            "none of today's customers is in a segment that gains",
            remedy="Ask for a larger share, or leave it.",
        )
    rows["arm"] = np.where(_lot(rows.person, f"{name} hold-out") < holdout, HELD_OUT, CONTACT)
    unit = study.toml.data.money.currency if gains.in_money else spells.unit
    return Targets(rows=rows, customers=len(people), unit=unit, worth=gains.rules["gain"])


def write_targets(found: Targets, file: Path) -> None:
    """Write the list for its owner's eyes only, whole or not at all; what is there stays."""
    # mkstemp makes files for the owner only
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".tmp")
    new = Path(temporary)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            found.rows.to_csv(stream, index=False, lineterminator="\n", float_format="%.2f")
        try:
            os.link(new, file)
        except FileExistsError:
            raise _exists(file) from None
        except OSError:
            # a file system without hard links
            new.replace(file)
    finally:
        new.unlink(missing_ok=True)


def check_place(file: Path, workspace: Workspace) -> None:
    """Raise ParameterError where a list of customers may not be written.

    In a workspace it would be handed out with the reports, or kept with the project's files.
    """
    if file.resolve().is_relative_to(workspace.root.resolve()):
        raise ParameterError(
            "a list of customers does not belong into the workspace, which is kept and handed on",
            where=str(file),
            remedy="Name a file in a folder of your own outside of it.",
        )
    if file.exists():
        raise _exists(file)
    if not file.resolve().parent.is_dir():
        raise ParameterError(
            "there is no such folder", where=str(file.parent), remedy="Make it, or name another."
        )


def _exists(file: Path) -> ParameterError:
    remedy = "Name one that does not exist yet."
    return ParameterError("there is such a file already", where=str(file), remedy=remedy)


def _question(study: Study, name: str) -> QuestionToml:
    """Return the question of that name, if its offer can be made to customers of today."""
    known = {q.name: q for q in study.toml.question}
    if name not in known:
        remedy = nearest(name, known) or "The client's TOML has no `[[question]]`."
        raise ParameterError(f"there is no question `{name}`", remedy=remedy)
    question = known[name]
    if not question.offer or design_of(question) not in OFFERED:
        raise ParameterError(
            f"`{name}` is about nothing that can be offered to a customer of today",
            remedy="Name one about an offer made on a day, or after some time as a customer.",
        )
    if not question.by:
        raise ParameterError(
            f"the question `{name}` tells no segments apart",
            remedy="Name columns in its `by`.",
        )
    return question


def _gains(question: QuestionToml, spells: Spells, beside: Beside) -> Gains:
    """Return what the offer brings by segment; NotObservedError where that cannot be told."""
    made = made_of(question, estimand_of(question, unit=spells.unit), spells, beside)
    if made.months.value is None:
        raise NotObservedError(
            f"what `{question.name}` did cannot be told: {made.months.reason.replace('_', ' ')}",
            remedy="The report says what to record or to try.",
        )
    gains = told_by_segment(question, made)[1]
    if gains is None:
        raise NotObservedError(
            f"what `{question.name}` did cannot be told by segment",
            remedy="Name columns with fewer levels in `by`, so that each has customers enough.",
        )
    return gains


def _today(
    question: QuestionToml, spells: Spells, beside: Beside, columns: tuple[str, ...]
) -> pd.DataFrame:
    """Return today's customers who can be made the offer: person and segment, a row each."""
    asked = eligible_of(spells, Eligible(levels=question.where))
    r = asked.relation
    there = r.end == CENSORED
    if spells.close is not None:
        there &= r["last"].isnull() | (r["last"] >= ibis.literal(spells.close, type="date"))
    # an offer from some unit on is for those who have come so far
    there &= r.exit >= question.from_unit - 1
    now = replace(asked, relation=r.filter(there))
    assert beside.offers is not None
    free = now.relation.anti_join(_holders(question, spells, beside.offers.relation), "person")
    levels = {
        n: levels_of(asked, c, BANDS)[0] for n, c in zip(_names(columns), columns, strict=True)
    }
    rows = r.mutate(**levels).select("person", "spell", *levels)
    rows = rows.semi_join(free, ["person", "spell"]).order_by(["person", "spell"])
    # who has several contracts stands in the list once, with the first
    frame = rows.execute().drop_duplicates("person", ignore_index=True)
    return frame.drop(columns="spell").astype(str)


def _names(columns: tuple[str, ...]) -> list[str]:
    return [f"level {i}" for i in range(len(columns))]


def _holders(question: QuestionToml, spells: Spells, offers: ir.Table) -> ir.Table:
    """Return the persons who hold the offer at the end of observation."""
    own = offers.filter(offers.offer == question.offer)
    if question.treated.words:
        own = own.filter(own.arm.isin(list(question.treated.words)))
    if design_of(question) == "lot" or spells.close is None:
        # what was done on a day is over
        return own.filter(ibis.literal(False)).select("person")
    last = own["last"]
    lasts = last.isnull() | (last >= ibis.literal(spells.close, type="date"))
    return own.filter(lasts).select("person").distinct()


def _ranked(
    people: pd.DataFrame,
    paying: dict[tuple[str, ...], Gain],
    columns: tuple[str, ...],
    name: str,
    most: int,
) -> pd.DataFrame:
    """Return the first `most` customers of segments that gain, by gain and then by lot."""
    worth = {levels: g.each.value for levels, g in paying.items()}
    keys = people[_names(columns)].itertuples(index=False, name=None)
    listed = people.assign(gain=[worth.get(k) for k in keys], lot=_lot(people.person, name))
    listed = listed[listed.gain.notna()].astype({"gain": float})
    listed = listed.sort_values(["gain", "lot"], ascending=[False, True]).head(most)
    named = dict(zip(_names(columns), columns, strict=True))
    rows = listed.reset_index(drop=True).rename(columns=named)
    return rows.assign(rank=rows.index + 1)[["rank", "person", *columns, "gain"]]


def _lot(persons: pd.Series, salt: str) -> np.ndarray:
    """Return a number from 0 to 1 for each pseudonym, always the same."""
    drawn = (sha256(f"{salt} {p}".encode()).digest()[:8] for p in persons)
    return np.array([int.from_bytes(d, "big") / 2**64 for d in drawn], dtype=float)
