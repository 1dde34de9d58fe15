"""The estimand of a question: who, which arms, from when, what outcome, which horizon and summary.

The design follows from the question, and is refused where the question has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from stammkunde.evidence.asking.keys import check_question
from stammkunde.evidence.asking.question import (
    FROM_SIGN_UP,
    Assignment,
    Design,
    QuestionToml,
    design_of,
)
from stammkunde.evidence.dates.dated import TENURE
from stammkunde.result import Label, table_html

# their clock starts on a day: how long each has been there by then is not the clock, but known
DATED = ("lot", "values", "day", "regions")


@dataclass(frozen=True, kw_only=True)
class Estimand:
    """What a question asks for, in parts that a manager can check one by one.

    `design` says how it is answered: arms fixed at the "start"; a "landmark" among those still
    there before unit `from_unit`; a window up to `to_unit` ("grace"); each from the day of a
    drawing by lot ("lot"), of an event beside those to whom it did not happen then ("reaction") or
    of an event of another value ("values"); customers of a "day", dealt as whole "regions" where
    `cluster` names them. `summary` is the difference in expected units within `horizon`, which
    count from sign-up for the first three and from time zero for the others; the share still there
    at the horizon's end stands beside it. `relevant` and `relevant_share` are the smallest effects
    that matter in the one and in the other, `rests` what who is a customer rests on. `alike` are
    all columns in which only those alike are compared where the arms were chosen: those declared,
    those of the segments and, from a day on, the tenure by then (where an event begins it, to the
    unit). `lately` are events of the units before one, itself among them.
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
    relevant_share: float = 0.02
    rests: tuple[str, ...] = ()
    summary: str = "months"

    @property
    def from_sign_up(self) -> bool:
        """Return whether the horizon counts from sign-up, not from time zero."""
        return self.design in FROM_SIGN_UP

    def _repr_html_(self) -> str:
        own = {k: v for k, v in vars(self).items() if v}
        return table_html({k: str(v) for k, v in own.items()}, "Estimand")


def estimand_of(
    question: QuestionToml,
    *,
    unit: str = "month",
    relevant: float = 0.5,
    relevant_share: float = 0.02,
    rests: tuple[str, ...] = (),
    where: str = "",
) -> Estimand:
    """Return the estimand of a question; `relevant` is the smallest effect where it names none.

    `relevant_share` is that of the share still there, of which a question names none; `rests` are
    assumptions on which the spells rest.
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
        alike=_alike(question),
        lately=_lately(question),
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
        relevant_share=relevant_share,
        rests=rests,
    )


def _alike(q: QuestionToml) -> tuple[str, ...]:
    if q.assignment == "drawn":
        return q.alike
    tenure = (TENURE,) if design_of(q) in DATED else ()
    return tuple(dict.fromkeys((*q.alike, *q.by, *tenure)))


def _lately(q: QuestionToml) -> Mapping[str, int]:
    return {q.event: 3, **q.lately} if design_of(q) == "reaction" else {}
