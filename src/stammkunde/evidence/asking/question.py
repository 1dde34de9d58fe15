"""A question as it is asked, before the data are looked at: `[[question]]` of a client's TOML.

Who is asked about, what they had or had not, from when on, how far, and how large an effect would
matter: all of it is declared, so that no answer chooses its own question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Assignment = Literal["chosen", "drawn"]
Sign = Literal["longer", "shorter"]
Design = Literal["start", "landmark", "grace", "lot", "reaction", "values", "day", "regions"]
# what can be offered to a customer of today
OFFERED: tuple[Design, ...] = ("landmark", "lot")
# their horizon counts from sign-up, those of the others from time zero
FROM_SIGN_UP: tuple[Design, ...] = ("start", "landmark", "grace")


@dataclass(frozen=True, kw_only=True)
class ArmToml:
    """`[question.treated]` and `[question.control]`: what an arm is called, and its words.

    `words` are those of the column, of the offer's `arm` or of the event's `value`. None means any
    row of the offer or event for the treated, and no row at all for the control.
    """

    title: Mapping[str, str]
    words: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class QuestionToml:
    """`[[question]]`: what an offer, an event or a policy did.

    Exactly one of `offer` (in `[offers]`), `event` (a kind of `[events]`) and `column` (a group or
    covariate) is named. `assignment` says how the arms came about: "chosen" by firm or customer, so
    that only those alike in the columns `alike` are compared, or "drawn" by lot.

    Time zero follows from what is named: the day `day` of the calendar on which a policy began for
    the customers there; else the first unit; with `from_unit` of 2 or more that unit, among those
    still there (taken up to `to_unit`: a window). An offer that is `on_its_day` counts from the day
    of each row on, an event always does. `cluster` is the column of regions, branches or teams that
    were dealt to the arms as a whole. `lately` are kinds of events and the units back in which they
    make customers alike when it happens.

    `signed_from` and `signed_before` bound the day of start, `where` the levels of columns. The
    answer is the difference in expected units within `horizon`, counted from sign-up where time
    zero is a unit, else from time zero. `relevant` is the smallest effect that matters (none:
    `relevant.months`), `claimed` its direction. `lasts` are the units after which an offer expires,
    `by` columns whose segments are told apart. `euro` is what it costs: per unit that it lasts
    for an offer, once for what is done on a day. `won_cost` is what winning a customer costs, once,
    where an offer that `lasts` is there to win some.
    """

    name: str
    title: Mapping[str, str]
    treated: ArmToml
    control: ArmToml
    offer: str = ""
    event: str = ""
    column: str = ""
    assignment: Assignment = "chosen"
    alike: tuple[str, ...] = ()
    lately: Mapping[str, int] = field(default_factory=dict)
    day: date | None = None
    on_its_day: bool = False
    from_unit: int = 1
    to_unit: int = 0
    cluster: str = ""
    signed_from: date | None = None
    signed_before: date | None = None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    horizon: int
    relevant: float = 0.0
    claimed: Sign = "longer"
    claims: tuple[str, ...] = ()
    lasts: int = 0
    by: tuple[str, ...] = ()
    euro: float = 0.0
    won_cost: float = 0.0

    @property
    def about(self) -> str:
        """Return what the question is about: the word of the offer, event or column."""
        return self.offer or self.event or self.column


def design_of(question: QuestionToml) -> Design:
    """Return the design that answers a question."""
    if question.day is not None:
        return "regions" if question.cluster else "day"
    if question.event:
        return "values" if question.control.words else "reaction"
    if question.offer and question.on_its_day:
        return "lot"
    if question.to_unit > question.from_unit:
        return "grace"
    return "landmark" if question.from_unit > 1 else "start"


def is_for_newcomers(question: QuestionToml) -> bool:
    """Return whether an offer is there at sign-up and ends: its worth hangs on whom it brought in.

    What it is worth to give it to some, and not to others, cannot be told apart from that.
    """
    return design_of(question) == "start" and question.lasts > 0


def is_given(question: QuestionToml) -> bool:
    """Return whether one may choose whom to give it, so that rules of that have a worth.

    An offer for newcomers has a worth of its own; what a policy or an event does befalls all.
    """
    return design_of(question) in ("start", *OFFERED) and not is_for_newcomers(question)
