"""A question put before the data are looked at, and its answer beside the usual number."""

from stammkunde.evidence.asking.answer import Answer, Doubts, Segment, Step
from stammkunde.evidence.asking.ask import ask
from stammkunde.evidence.asking.estimand import Estimand, estimand_of
from stammkunde.evidence.asking.question import ArmToml, QuestionToml

__all__ = [
    "Answer",
    "ArmToml",
    "Doubts",
    "Estimand",
    "QuestionToml",
    "Segment",
    "Step",
    "ask",
    "estimand_of",
]
