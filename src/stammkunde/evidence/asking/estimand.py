"""The estimand of a question: who, which arms, from when, what outcome, which horizon and summary.

The design follows from the question, and is refused where the question has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from stammkunde.errors import SchemaError
from stammkunde.evidence.asking.question import Assignment, QuestionToml
from stammkunde.result import Label, table_html

Design = Literal["start", "landmark", "grace", "lot", "reaction", "values", "day", "regions"]


@dataclass(frozen=True, kw_only=True)
class Estimand:
    """What a question asks for, in parts that a manager can check one by one.

    `design` says how it is answered: arms fixed at the "start"; a "landmark" among those still
    there before unit `from_unit`; a window up to `to_unit` ("grace"); each from the day of a
    drawing by lot ("lot"), of an event beside those to whom it did not happen then ("reaction") or
    of an event of another value ("values"); customers of a "day", dealt as whole "regions" where
    `cluster` names them. `summary` is the difference in expected units within `horizon`, which
    count from sign-up for the first three and from time zero for the others; the share still there
    at the horizon's end stands beside it.
    """

    name: str
    title: Label
    design: Design
    treated: Label
    control: Label
    assignment: Assignment
    alike: tuple[str, ...]
    lately: Mapping[str, int]
    day: date | None
    from_unit: int
    to_unit: int
    cluster: str
    signed_from: date | None
    signed_before: date | None
    where: Mapping[str, tuple[str, ...]]
    horizon: int
    unit: str
    relevant: float
    claimed: str
    summary: str = "months"

    @property
    def from_sign_up(self) -> bool:
        """Return whether the horizon counts from sign-up, not from time zero."""
        return self.design in ("start", "landmark", "grace")

    def _repr_html_(self) -> str:
        own = {k: v for k, v in vars(self).items() if v}
        return table_html({k: str(v) for k, v in own.items()}, "Estimand")


def estimand_of(
    question: QuestionToml, *, unit: str = "month", relevant: float = 0.5, where: str = ""
) -> Estimand:
    """Return the estimand of a question; `relevant` is the smallest effect where it names none.

    SchemaError, naming the keys, where no design answers a question put like this.
    """
    check_question(question, where)
    return Estimand(
        name=question.name,
        title=Label(question.name, dict(question.title)),
        design=design_of(question),
        treated=Label("treated", dict(question.treated.title)),
        control=Label("control", dict(question.control.title)),
        assignment=question.assignment,
        alike=question.alike,
        lately=question.lately,
        day=question.day,
        from_unit=question.from_unit,
        to_unit=question.to_unit,
        cluster=question.cluster,
        signed_from=question.signed_from,
        signed_before=question.signed_before,
        where=question.where,
        horizon=question.horizon,
        unit=unit,
        relevant=question.relevant or relevant,
        claimed=question.claimed,
    )


def design_of(question: QuestionToml) -> Design:
    """Return the design that answers a question."""
    if question.day is not None:
        return "regions" if question.cluster else "day"
    if question.event:
        return "values" if question.control.words else "reaction"
    if question.offer and question.on_its_day:
        return "lot"
    if question.from_unit > 1:
        return "grace" if question.to_unit > question.from_unit else "landmark"
    return "start"


def check_question(q: QuestionToml, where: str) -> None:
    """Raise SchemaError where the keys of a question do not fit together."""
    for wrong, what, remedy in _faults(q):
        if wrong:
            raise SchemaError(f"question `{q.name}`: {what}", where=where, remedy=remedy)


def _faults(q: QuestionToml) -> list[tuple[bool, str, str]]:
    """Return what may be wrong with the keys, what to say then, and the remedy."""
    design = design_of(q)
    named = [n for n in ("offer", "event", "column") if getattr(q, n)]
    dated, by_row = q.day is not None, design in ("lot", "reaction", "values")
    return [
        (len(named) != 1, f"it names {len(named)} of `offer`, `event` and `column`",
         "Name exactly one: what the question is about."),
        (q.horizon < 1 or q.relevant < 0 or q.from_unit < 1 or q.lasts < 0 or q.euro < 0,
         "`horizon` and `from_unit` are 1 or more, `relevant`, `lasts` and `euro` 0 or more",
         "Correct the one that is not."),
        (bool(q.column) and not (q.treated.words and q.control.words),
         "a column needs the words of both arms", "Write `words` for treated and control."),
        (dated and not q.column, "a `day` needs a `column` that says whom the policy met",
         "Name the `column`, or leave out the day."),
        (bool(q.cluster) and not dated, "a `cluster` needs the `day` on which its policy began",
         "Write `day`, or leave out the cluster."),
        (q.from_unit > 1 and (dated or by_row or bool(q.column)),
         "`from_unit` is for an offer taken at a tenure",
         "Leave it out, or name the `offer` and no day."),
        (bool(q.to_unit) and q.to_unit < q.from_unit, "`to_unit` lies before `from_unit`",
         "Write the last unit in which the offer could be taken."),
        (q.on_its_day and not q.offer, "`on_its_day` is for an offer",
         "Leave it out: events always count from their day."),
        (design == "lot" and not q.control.words,
         "an offer on its day needs the words of those who were held out",
         "Write `control.words`; those never considered are no control."),
        (bool(q.lately) and not q.event, "`lately` is for an event", "Leave it out."),
        (q.assignment == "chosen" and not q.alike and not q.lately,
         "who was given what was chosen, and nothing makes the arms alike",
         'Name columns in `alike`, or write `assignment = "drawn"` if a lot decided.'),
        (design in ("landmark", "grace") and q.horizon < (q.to_unit or q.from_unit),
         f"nothing of the offer lies within {q.horizon} units of sign-up",
         "Ask for a longer horizon."),
    ]  # fmt: skip
