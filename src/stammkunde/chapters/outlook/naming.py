"""Names of families of curves, and what a fit's problem is called."""

from __future__ import annotations

import re

from stammkunde.result import Sentence

NOT_A_LETTER = re.compile(r"[^a-z]+")


def family_name(name: str) -> Sentence:
    """Return the name of a family, or of all together, as readers know it."""
    return Sentence(f"outlook.family.{NOT_A_LETTER.sub('_', name.lower())}")


def problem_of(reason: str) -> Sentence:
    """Return why a family could not be fitted."""
    return Sentence(f"reason.{reason}")
