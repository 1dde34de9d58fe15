"""WHAT an offer or an event did: arms made comparable, compared, and doubted.

The last floor that may read episodes. Every design ends in a `Trial`: integer counts by arm,
history, unit and block, and the shares that weights are made of.
"""

from stammkunde.evidence import asking, dates, doubt, reacting, starting, staying
from stammkunde.evidence.adequacy import Adequacy, Weighting, adequacy
from stammkunde.evidence.arms import Arm
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.benefit import Pilot, Targeted, shrunk, targeted, worth
from stammkunde.evidence.effect import Effect, effect_of
from stammkunde.evidence.eliminated import if_nobody
from stammkunde.evidence.history import history_arm
from stammkunde.evidence.shares import Shares
from stammkunde.evidence.trial import Compared, Trial, arm_curve, compare
from stammkunde.evidence.units import holds, person_units

__all__ = [
    "Adequacy",
    "Arm",
    "Compared",
    "Effect",
    "Pilot",
    "Shares",
    "Targeted",
    "Trial",
    "Weighting",
    "adequacy",
    "arm_curve",
    "asking",
    "baseline_trial",
    "compare",
    "dates",
    "doubt",
    "effect_of",
    "history_arm",
    "holds",
    "if_nobody",
    "person_units",
    "reacting",
    "shrunk",
    "starting",
    "staying",
    "targeted",
    "worth",
]
