"""How wrong an answer would have to be, asked of what a design has made."""

from __future__ import annotations

from collections.abc import Collection

from stammkunde.evidence.asking.answer import Doubts
from stammkunde.evidence.asking.estimand import Estimand
from stammkunde.evidence.asking.made import ARMS, Made
from stammkunde.evidence.doubt.balance import balance
from stammkunde.evidence.doubt.negative import NegativeControl, negative_control
from stammkunde.evidence.doubt.permutation import permutation_test
from stammkunde.evidence.doubt.positivity import positivity
from stammkunde.evidence.doubt.sensitivity import e_value_of
from stammkunde.evidence.doubt.tipping import tipping

# so many subjects at most are dealt anew: with more chance hardly matters, and it takes minutes
MOST_DEALT = 200_000


def doubts_of(
    estimand: Estimand, made: Made, untouched: Collection[str], *, repeats: bool
) -> Doubts:
    """Return the doubts about an answer.

    `untouched` are causes that no offer can change; `repeats` says that a person may be a subject
    several times, for whom no dealing anew is exact.
    """
    counted, known, trial = made.counted, made.known, made.trial
    told = known is not None and len(known.columns) > 0
    horizon = made.compared.horizon
    answered = made.compared.months.value is not None
    dealt = None
    single = not (repeats or trial.clusters)
    if counted is not None and answered and single and int(counted.n.sum()) <= MOST_DEALT:
        dealt = permutation_test(counted, ARMS, horizon, key=estimand.name)
    return Doubts(
        unlike=balance(trial, *ARMS, known) if known is not None and told else None,
        alone=positivity(counted, ARMS, known, reach=horizon)
        if counted is not None and known is not None and told
        else None,
        tip=tipping(made.compared) if estimand.assignment == "chosen" and answered else None,
        strength=e_value_of(made.compared) if estimand.assignment == "chosen" else None,
        untouched=_untouched(made, horizon, untouched) if answered else (),
        dealt=dealt,
        around=made.around,
    )


def _untouched(made: Made, horizon: int, causes: Collection[str]) -> tuple[NegativeControl, ...]:
    known = [c for c in causes if c in made.trial.causes]
    return tuple(negative_control(made.trial, *ARMS, horizon, c) for c in known)
