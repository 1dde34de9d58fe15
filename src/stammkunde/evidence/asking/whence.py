"""Does the offer begin when, and is it worded as, the question says?

Whoever takes an offer later than asked stands among those without it, and whoever declined it among
those who have it, unless somebody looks.
"""

from __future__ import annotations

import ibis.expr.types as ir
import pandas as pd

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.evidence.asking.estimand import Estimand
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.evidence.staying.uptake import Uptake
from stammkunde.evidence.units import SPELL, holds
from stammkunde.spells.spells import Spells

# the share of those who took it within the horizon by the end of the window that is proposed
NEARLY_ALL = 0.9
SHOWN_WORDS = 5


def check_one_word(question: QuestionToml, table: ir.Table) -> None:
    """Raise ParameterError where no word says who is treated, but the offer's rows have several."""
    if question.treated.words:
        return
    found = table.select(word=table.arm.cast("string")).distinct().to_pyarrow()["word"].to_pylist()
    words = sorted(w for w in found if w is not None)
    if len(words) < 2:
        return
    told = ", ".join(f"`{w}`" for w in words[:SHOWN_WORDS])
    told += " and more" if len(words) > SHOWN_WORDS else ""
    key = f"`question.treated.words` (`{question.name}`)"
    raise ParameterError(
        f"{key}: the rows of `{question.offer}` say {told}, and all would count as treated",
        remedy="Name there the words of those who are treated; if all are, every word.",
        reason="several_words",
        told={"words": told},
    )


def check_from_sign_up(
    question: QuestionToml, spells: Spells, chosen: Spells, table: ir.Table
) -> None:
    """Raise ParameterError where an offer of the first unit begins later for those who took it.

    It does where nobody holds it from sign-up. Where those without a row are the control, it does
    where fewer than half do: the others would stand in it.
    """
    words = list(question.treated.words)
    held = holds(spells, table.filter(table.arm.isin(words)) if words else table)
    held = held.semi_join(chosen.relation, SPELL)
    # what does not hold in a whole unit is not had in any
    lasting = held.filter(held.until.isnull() | (held.until > held.since))
    first = lasting.group_by(*SPELL).aggregate(since=lasting.since.min())
    rows = first.group_by("since").aggregate(n=first.count()).to_pyarrow().to_pandas()
    now, everybody = int(rows.n[rows.since == 0].sum()), int(rows.n.sum())
    late = everybody - now
    remedy = "Write `on_its_day = true`, or `from_unit`."
    if late and not now:
        raise ParameterError(
            f"no row of `{question.offer}` holds from sign-up; {late} begin later",
            remedy=remedy,
            reason="all_later",
            told={"late": late},
        )
    if 2 * now < everybody and not question.control.words:
        raise ParameterError(
            f"of {everybody} who took `{question.offer}`, only {now} hold it from sign-up; "
            "the others would count as without",
            remedy=remedy,
            reason="most_later",
            told={"took": everybody, "now": now},
        )


def check_units(uptake: Uptake, question: QuestionToml, estimand: Estimand) -> None:
    """Raise where most did not take the offer when the question says, but then when.

    NotObservedError where nobody did; ParameterError where fewer than half did of those who were
    still there, had not taken it before and took it within the horizon.
    """
    first, last = estimand.from_unit, max(estimand.from_unit, estimand.to_unit)
    took = uptake.counts[uptake.counts.taken > 0]
    if not took.taken.between(first, last).any():
        raise _nobody(took, question, first, last)
    there = took[(took.entry < first) & (took["exit"] >= first) & (took.taken >= first)]
    by_unit = there.groupby("taken")["n"].sum().sort_index()
    now, everybody = int(by_unit.loc[:last].sum()), int(by_unit.sum())
    if 2 * now >= everybody:
        return
    most = int(by_unit.idxmax())
    end = int(by_unit.index[by_unit.cumsum() >= NEARLY_ALL * everybody][0])
    window = f"`to_unit = {end}` for a window"
    from_there = most > last and 2 * by_unit[most] >= by_unit.loc[most:].sum()
    when = f"unit {first}" if first == last else f"one of the units {first} to {last}"
    would = "count as without" if first == last else "tell nothing of it"
    raise ParameterError(
        f"of {everybody} who took `{question.offer}` and were there, only {now} hold it from "
        f"{when} on, {int(by_unit.max())} from unit {most}; the others would {would}",
        remedy=f"Write `from_unit = {most}`, or {window}." if from_there else f"Write {window}.",
        reason="other_unit" if from_there else "other_window",
        told={"took": everybody, "now": now, "most": most, "end": end},
    )


def _nobody(took: pd.DataFrame, question: QuestionToml, first: int, last: int) -> NotObservedError:
    most = int(took.groupby("taken")["n"].sum().idxmax()) if len(took) else 0
    when = f"in unit {first}" if first == last else f"in units {first} to {last}"
    return NotObservedError(
        f"nobody was seen to take `{question.offer}` {when}",
        remedy=f"Most took it in unit {most}: name that, or the units of a window."
        if most
        else "Check its days, and whose they are.",
        reason="taken_otherwise" if most else "never_taken",
        told={"most": most},
    )
