"""Offers at the start: who had what when he began, made alike by cells, models or both."""

from stammkunde.evidence.starting.newcomers import (
    ByInduced,
    Mix,
    Worth,
    by_induced_share,
    expiry_spike,
    induced_by_worth,
    returners,
)
from stammkunde.evidence.starting.person_trial import (
    compare_persons,
    person_curve,
    weighted_by_person,
)
from stammkunde.evidence.starting.person_weights import PersonTrial
from stammkunde.evidence.starting.propensity import modelled_trial
from stammkunde.evidence.starting.recycled import Recycled, back_again, recycled
from stammkunde.evidence.starting.robust import Robust, doubly_robust
from stammkunde.evidence.starting.start import (
    ByColumn,
    ByOffer,
    Counted,
    Eligible,
    counted_at_start,
    start_trial,
)
from stammkunde.evidence.starting.takers import (
    among_takers,
    arm_hazard,
    leaving_then,
    while_and_after,
)
from stammkunde.evidence.starting.valued import Price, Valued, valued
from stammkunde.evidence.starting.visitors import Drawn, always_bounds, drawn_offer

__all__ = [
    "ByColumn",
    "ByInduced",
    "ByOffer",
    "Counted",
    "Drawn",
    "Eligible",
    "Mix",
    "PersonTrial",
    "Price",
    "Recycled",
    "Robust",
    "Valued",
    "Worth",
    "always_bounds",
    "among_takers",
    "arm_hazard",
    "back_again",
    "by_induced_share",
    "compare_persons",
    "counted_at_start",
    "doubly_robust",
    "drawn_offer",
    "expiry_spike",
    "induced_by_worth",
    "leaving_then",
    "modelled_trial",
    "person_curve",
    "recycled",
    "returners",
    "start_trial",
    "valued",
    "weighted_by_person",
    "while_and_after",
]
