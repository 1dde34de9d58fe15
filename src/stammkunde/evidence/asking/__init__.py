"""A question put before the data are looked at, and its answer beside the usual number."""

from stammkunde.evidence.asking.answer import Answer, Doubts, Segment, Step
from stammkunde.evidence.asking.ask import ask
from stammkunde.evidence.asking.estimand import Estimand, estimand_of
from stammkunde.evidence.asking.fits import check_questions
from stammkunde.evidence.asking.gains import Gain, Gains
from stammkunde.evidence.asking.judged import Judged, judged
from stammkunde.evidence.asking.later import Afterwards
from stammkunde.evidence.asking.question import ArmToml, QuestionToml, design_of
from stammkunde.evidence.asking.targets import Targets, targets

__all__ = [
    "Afterwards",
    "Answer",
    "ArmToml",
    "Doubts",
    "Estimand",
    "Gain",
    "Gains",
    "Judged",
    "QuestionToml",
    "Segment",
    "Step",
    "Targets",
    "ask",
    "check_questions",
    "design_of",
    "estimand_of",
    "judged",
    "targets",
]
