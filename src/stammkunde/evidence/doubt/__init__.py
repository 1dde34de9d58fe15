"""How wrong it would have to be: balance, counterparts, the unrecorded, bounds, permutations."""

from stammkunde.evidence.doubt.balance import Balance, balance, balance_by_unit, known_of
from stammkunde.evidence.doubt.bounds import (
    Bounds,
    TwoPhase,
    effect_bounds,
    mean_bounds,
    months_bounds,
    share_bounds,
    two_phase,
)
from stammkunde.evidence.doubt.negative import NegativeControl, negative_control, negative_period
from stammkunde.evidence.doubt.permutation import Permuted, permutation_test
from stammkunde.evidence.doubt.positivity import Positivity, Trimmed, positivity, trimmed
from stammkunde.evidence.doubt.sensitivity import EValue, bounding_factor, e_value, e_value_of
from stammkunde.evidence.doubt.tipping import Corrected, Tip, Tipping, corrected, tipping
from stammkunde.evidence.doubt.unrecorded import Unrecorded

__all__ = [
    "Balance",
    "Bounds",
    "Corrected",
    "EValue",
    "NegativeControl",
    "Permuted",
    "Positivity",
    "Tip",
    "Tipping",
    "Trimmed",
    "TwoPhase",
    "Unrecorded",
    "balance",
    "balance_by_unit",
    "bounding_factor",
    "corrected",
    "e_value",
    "e_value_of",
    "effect_bounds",
    "known_of",
    "mean_bounds",
    "months_bounds",
    "negative_control",
    "negative_period",
    "permutation_test",
    "positivity",
    "share_bounds",
    "tipping",
    "trimmed",
    "two_phase",
]
