"""What there is to tell of an offer for the new, from an answer and the spells behind it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import ibis.expr.types as ir

from stammkunde.chapters.parts import least_at_risk
from stammkunde.errors import NotObservedError
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.by_lot import rows_of
from stammkunde.evidence.asking.heads import of_persons, persons_of
from stammkunde.evidence.asking.made import (
    ARMS,
    CONTROL,
    TREATED,
    arms_at_start,
    assumed,
    columns_of,
    eligible,
)
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.starting.newcomers import (
    SHARE_ASSUMED,
    ByInduced,
    expiry_spike,
    induced_by_worth,
)
from stammkunde.evidence.starting.recycled import Recycled, back_again, recycled
from stammkunde.evidence.starting.start import ByColumn, ByOffer, Eligible, counted_at_start
from stammkunde.evidence.starting.takers import (
    among_takers,
    arm_hazard,
    leaving_then,
    while_and_after,
)
from stammkunde.evidence.starting.valued import Price, Valued, valued
from stammkunde.evidence.trial import Trial, compare
from stammkunde.result import Estimate, Status
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import MARGIN, Spells
from stammkunde.study import Study
from stammkunde.survival.curve import Curve, ended
from stammkunde.survival.projection.worth import A_YEAR, discount

AT_THE_END = 2
SHARES = tuple(i / 10 for i in range(11))
NO_MARGIN, NO_PRICE, REFUSED = "no_margin", "no_price", "refused"


@dataclass(frozen=True, kw_only=True)
class Spike:
    """Who leaves in the last unit of an offer and the next: takers, others alike, the difference.

    `curves` are the hazards of both by unit.
    """

    taken: Estimate
    plain: Estimate
    gap: Estimate
    curves: tuple[Curve, Curve]


@dataclass(frozen=True, kw_only=True)
class Priced:
    """What the offer brings per taker within `horizon`, by the share that it has brought in."""

    horizon: int
    by_share: ByInduced
    worth: Valued


@dataclass(frozen=True, kw_only=True)
class Newcomers:
    """What there is to tell of one question's offer; None where the data do not tell it.

    `early` and `late` are the differences while it runs and afterwards, `back` the former
    customers among its takers, `again` the share of those leaving with its end who come back
    soon, `years` the length of observation. `priced` is by horizon, the question's first;
    `unpriced` says why there is none.
    """

    question: QuestionToml
    answer: Answer
    early: Estimate | None
    late: Estimate | None
    spike: Spike | None
    back: Recycled | None
    again: Estimate | None
    years: float
    priced: tuple[Priced, ...]
    unpriced: str

    @property
    def lasts(self) -> int:
        """Return after how many units the offer ends."""
        return self.question.lasts


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question with what its takers are counted from."""

    study: Study
    question: QuestionToml
    answer: Answer
    spells: Spells
    arms: ByColumn | ByOffer
    who: Eligible

    @property
    def columns(self) -> list[str]:
        """Return the columns in which the arms are made alike."""
        return columns_of(self.question, self.answer.estimand)


def read_newcomers(
    study: Study, question: QuestionToml, answer: Answer, spells: Spells, beside: Beside
) -> Newcomers:
    """Return what there is to tell of the offer of a question that has an answer."""
    table: ir.Table | None = None
    if question.offer:
        table = rows_of(beside.offers and beside.offers.relation, "offer", question.offer)
    asked = Asked(
        study=study,
        question=question,
        answer=answer,
        spells=spells,
        arms=arms_at_start(question, table),
        who=eligible(answer.estimand),
    )
    told = not answer.refused
    ends = question.lasts < question.horizon
    early, late = (
        while_and_after(answer.compared, question.lasts) if told and ends else (None, None)
    )
    priced, why = _priced(asked) if told else ((), REFUSED)
    return Newcomers(
        question=question,
        answer=answer,
        early=early,
        late=late,
        spike=_spike(asked) if told else None,
        back=former(asked),
        again=_again(asked),
        years=years_of(asked),
        priced=priced,
        unpriced=why,
    )


def _takers(asked: Asked, reach: int) -> Trial:
    """Return the trial of the takers, the others weighted to be like them, so many units long."""
    answer = asked.answer
    if reach == asked.question.horizon and answer.counted is not None:
        return among_takers(answer.trial, answer.counted, ARMS)
    counted = counted_at_start(
        asked.spells, asked.arms, asked.columns, eligible=asked.who, reach=reach
    )
    rests = assumed(asked.answer.estimand)
    return baseline_trial(
        counted.rows,
        ARMS,
        reach=reach,
        population="treated",
        assumptions=rests,
        **counted.named,
    )


def _spike(asked: Asked) -> Spike | None:
    """Return who leaves when the offer ends; None where that lies beyond the horizon."""
    before, horizon = asked.question.lasts - 1, asked.question.horizon
    if before + AT_THE_END > horizon:
        return None
    trial = _takers(asked, horizon)
    one, two = (leaving_then(trial, n, before, units=AT_THE_END) for n in ARMS)
    gap, about = expiry_spike(trial, *ARMS, before, units=AT_THE_END), asked.answer.compared.months
    gap = replace(gap, persons=about.persons, spells=about.spells)
    least = least_at_risk(asked.study)
    a, b = (ended(arm_hazard(trial, n), least) for n in ARMS)
    return Spike(taken=one, plain=two, gap=gap, curves=(a, b))


def former(asked: Asked) -> Recycled | None:
    """Return the former customers among the takers; None where the data cannot tell them."""
    if not _knows_persons(asked):
        return None
    lasts = asked.question.lasts
    try:
        return recycled(asked.spells, asked.arms, TREATED, lasts=lasts, eligible=asked.who)
    except NotObservedError:
        # all who took it had signed up before observation began: nobody can be told old from new
        return None


def _again(asked: Asked) -> Estimate | None:
    """Return who comes back having left with the end of the offer; None where few did."""
    days, lasts = asked.study.toml.data.spells.return_days, asked.question.lasts
    if not _knows_persons(asked) or not days:
        return None
    found = back_again(
        asked.spells,
        asked.arms,
        TREATED,
        left_from=lasts,
        left_to=lasts + AT_THE_END - 1,
        days=days,
        eligible=asked.who,
    )
    few = (found.events or 0) < asked.study.toml.report.smallest_group
    return None if few or found.value is None else found


def _knows_persons(asked: Asked) -> bool:
    data = asked.study.toml.data
    named = data.contracts is None or bool(data.contracts.person)
    return asked.spells.close is not None and named and asked.spells.repeats


def years_of(asked: Asked) -> float:
    """Return the years of observation, from its first day or the first sign-up."""
    close, opens = asked.spells.close, asked.study.toml.data.window.open
    if close is None:
        return 0.0
    first = opens or asked.spells.relation.start.min().execute()
    return max((close - getattr(first, "date", lambda: first)()).days, 1) / A_YEAR["day"]


def _priced(asked: Asked) -> tuple[tuple[Priced, ...], str]:
    """Return what the offer brings, within the question's horizon and the longest declared one."""
    r = asked.spells.relation
    if MARGIN not in r.columns or not bool(r[MARGIN].notnull().any().execute()):
        return (), NO_MARGIN
    if not asked.question.euro:
        return (), NO_PRICE
    first = asked.question.horizon
    try:
        found = _within(asked, first)
    except NotObservedError:
        # with margins of one arm only
        return (), NO_MARGIN
    if found is None:
        return (), REFUSED
    for horizon in reversed([h for h in asked.study.horizons if h > first]):
        far = _within(asked, horizon)
        if far is not None:
            return (found, far), ""
    return (found,), ""


def _within(asked: Asked, horizon: int) -> Priced | None:
    trial = _takers(asked, horizon)
    found = compare(trial, TREATED, CONTROL, horizon)
    reached = min(int(a.counts.at_risk[0, -1]) for a in trial.arms.values())
    if found.adequacy.refused or reached < least_at_risk(asked.study):
        return None
    if asked.spells.repeats:
        found = of_persons(found, persons_of(asked.spells, asked.arms, horizon, asked.who))
    question, money = asked.question, asked.study.toml.data.money
    unit = asked.spells.unit
    price = Price(
        per_unit=question.euro,
        lasts=question.lasts,
        won=question.won_cost,
        discount=discount(unit, money.interest or 0.0),
        months=A_YEAR["month"] / A_YEAR[unit],
    )
    worth = valued(
        asked.spells, trial, asked.arms, asked.columns, price, horizon, eligible=asked.who
    )
    made = induced_by_worth(worth.worths, found, shares=SHARES, unit=money.currency)
    gains = tuple(
        replace(g, status=Status.ASSUMED, assumptions=(SHARE_ASSUMED, *g.assumptions))
        for g in made.gains
    )
    return Priced(horizon=horizon, by_share=replace(made, gains=gains), worth=worth)
