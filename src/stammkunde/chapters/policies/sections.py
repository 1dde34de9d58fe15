"""The chapter on policies, in three parts: the decision, what would change it, how it was reckoned.

Where nothing is compared, the first part says why and the others are empty.
"""

from __future__ import annotations

from stammkunde.chapters.exhibit import Section
from stammkunde.chapters.policies.book.by_month import by_month
from stammkunde.chapters.policies.book.described import described
from stammkunde.chapters.policies.book.ledger_shown import assumed
from stammkunde.chapters.policies.book.market_shown import market_shown
from stammkunde.chapters.policies.compare import ID, compare
from stammkunde.chapters.policies.course.course import course
from stammkunde.chapters.policies.doubts.beyond import beyond
from stammkunde.chapters.policies.doubts.doubt import doubt
from stammkunde.chapters.policies.doubts.families import families
from stammkunde.chapters.policies.doubts.turning import turning
from stammkunde.chapters.policies.read import Decision, Undecided
from stammkunde.chapters.policies.rivals.rivals import rivals
from stammkunde.chapters.policies.trials.pilot import pilot
from stammkunde.result import Sentence


def the_decision(decision: Decision | Undecided) -> list[Section]:
    """Return the sections on what the policies are, which is worth most, and when it pays."""
    if isinstance(decision, Undecided):
        why = Sentence(f"policy.left_out.{decision.reason}")
        heading = Sentence("policy.heading.compare")
        log = [decision.said] if decision.said else []
        return [Section(id=ID, heading=heading, left_out=why, log=log)]
    return [compare(decision), described(decision), course(decision)]


def what_would_change_it(decision: Decision | Undecided) -> list[Section]:
    """Return the sections on what the ranking hangs on, on rivals, and on a trial."""
    if isinstance(decision, Undecided):
        return []
    return [
        turning(decision),
        doubt(decision),
        beyond(decision),
        families(decision),
        rivals(decision),
        pilot(decision),
    ]


def how_it_was_reckoned(decision: Decision | Undecided) -> list[Section]:
    """Return the sections from assumptions to results: ledger, market, months."""
    if isinstance(decision, Undecided):
        return []
    return [market_shown(decision), assumed(decision), by_month(decision)]
