"""What is given or happens in reaction to behaviour: trials begun again, rules, their forecast."""

from stammkunde.evidence.reacting.courses import Courses, courses, courses_of
from stammkunde.evidence.reacting.events import event_trial, exposures, period_before
from stammkunde.evidence.reacting.gformula import compare_rules, rule_curve
from stammkunde.evidence.reacting.regimes import regime_trial, without_weights
from stammkunde.evidence.reacting.sequential import (
    Entrants,
    entrants,
    entrants_of,
    sequential_trial,
)
from stammkunde.evidence.reacting.steps import Steps, steps, steps_of

__all__ = [
    "Courses",
    "Entrants",
    "Steps",
    "compare_rules",
    "courses",
    "courses_of",
    "entrants",
    "entrants_of",
    "event_trial",
    "exposures",
    "period_before",
    "regime_trial",
    "rule_curve",
    "sequential_trial",
    "steps",
    "steps_of",
    "without_weights",
]
