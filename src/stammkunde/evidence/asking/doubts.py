"""How wrong an answer would have to be, asked of what a design has made."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pandas as pd

from stammkunde.errors import NotObservedError
from stammkunde.evidence.asking.answer import Doubts
from stammkunde.evidence.asking.estimand import Estimand
from stammkunde.evidence.asking.made import ARMS, TREATED, Made, unweighted
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.evidence.doubt.balance import Balance, balance
from stammkunde.evidence.doubt.bounds import Bounds, effect_bounds
from stammkunde.evidence.doubt.negative import NegativeControl, negative_control
from stammkunde.evidence.doubt.permutation import Permuted, permutation_test
from stammkunde.evidence.doubt.positivity import Positivity, positivity
from stammkunde.evidence.doubt.sensitivity import e_value_of
from stammkunde.evidence.doubt.tipping import Tipping, tipping
from stammkunde.evidence.trial import compare
from stammkunde.result import Estimate

# so many subjects at most are dealt anew: with more chance hardly matters, and it takes minutes
MOST_DEALT = 200_000


def doubts_of(
    question: QuestionToml,
    estimand: Estimand,
    made: Made,
    untouched: Collection[str],
    *,
    repeats: bool,
) -> Doubts:
    """Return the doubts about the answer to a question.

    `untouched` are causes that no offer can change; `repeats` says that a person may be a subject
    several times, for whom no dealing anew is exact.
    """
    answered = made.compared.months.value is not None
    chosen = estimand.assignment == "chosen"
    asked = chosen and answered
    return Doubts(
        unlike=_unlike(made),
        alone=_alone(estimand, made),
        tip=tipping(made.compared) if asked else None,
        common=tipping(made.compared, spread="binary") if asked else None,
        hidden=_hidden(estimand, made) if asked else None,
        strength=e_value_of(made.compared) if chosen else None,
        untouched=_untouched(made, untouched) if answered else (),
        dealt=_dealt(estimand, made, repeats=repeats) if answered else None,
        around=made.around,
        before=made.before,
        bounds=None if answered else _bounds(estimand, made),
    )


def _unlike(made: Made) -> Balance | None:
    if made.unlike is not None:
        return made.unlike
    if made.known is None or not len(made.known.columns):
        return None
    return balance(made.trial, *ARMS, made.known)


def _alone(estimand: Estimand, made: Made) -> Positivity | None:
    """Return who has no counterpart; of those to whom an event happened, only they need one."""
    counted, known = made.counted, made.known
    if counted is None or known is None or not len(known.columns):
        return None
    if estimand.design == "reaction":
        met = counted.cell[counted.arm == TREATED].unique()
        counted = counted[counted.cell.isin(met)]
    return positivity(counted, ARMS, known, reach=made.compared.horizon)


def _hidden(estimand: Estimand, made: Made) -> Tipping | None:
    """Return how unequal something unrecorded must be to hide a relevant difference.

    Only where the interval holds no difference at all and the estimate falls short of it.
    """
    months = made.compared.months
    value, low, high = (float(x or 0.0) for x in (months.value, months.low, months.high))
    target = estimand.relevant * (1 if estimand.claimed == "longer" else -1)
    if not low <= 0 <= high or value / target >= 1:
        return None
    return tipping(made.compared, odds=(2.0,), spread="binary", target=target)


def _untouched(made: Made, causes: Collection[str]) -> tuple[NegativeControl, ...]:
    known = [c for c in causes if c in made.trial.causes]
    horizon = made.compared.horizon
    found = (negative_control(made.trial, *ARMS, horizon, c) for c in known)
    return tuple(_once(n, made.compared.months) for n in found)


def _once(found: NegativeControl, about: Estimate) -> NegativeControl:
    """Return a control of the subjects of an answer: of as many persons as the answer is."""

    def of(e: Estimate) -> Estimate:
        return replace(e, persons=about.persons, spells=about.spells)

    return replace(found, estimate=of(found.estimate), plain=found.plain and of(found.plain))


def _dealt(estimand: Estimand, made: Made, *, repeats: bool) -> Permuted | None:
    """Return the arms dealt anew; None where that is not exact, or takes too long."""
    counted = made.counted
    if counted is None or repeats or made.trial.clusters or estimand.design == "reaction":
        return None
    if int(counted.n.sum()) > MOST_DEALT:
        return None
    return permutation_test(counted, ARMS, made.compared.horizon, key=estimand.name)


def _bounds(estimand: Estimand, made: Made) -> Bounds | None:
    """Return what is left without any assumption; None where the arms were not seen so long."""
    if made.counted is None or estimand.design == "reaction":
        return None
    horizon = made.compared.horizon
    try:
        plain = unweighted(made.counted, horizon, unit=made.trial.unit)
        found = compare(plain, *ARMS, horizon)
    except NotObservedError:
        return None
    if len(found.curves) < 2 or min(c.observed_to for c in found.curves.values()) < horizon:
        return None
    one, two = (found.curves[a] for a in ARMS)
    return effect_bounds(one, two, horizon, _share(made.counted))


def _share(counted: pd.DataFrame) -> float:
    n = counted.n.to_numpy()
    return float(n[np.asarray(counted.arm == TREATED)].sum() / n.sum())
