"""For the appendix: how it is found out how wrong an answer would have to be."""

from __future__ import annotations

from stammkunde.chapters.exhibit import Section
from stammkunde.chapters.offers.doubts.alike import by_lot
from stammkunde.chapters.offers.read import Answers
from stammkunde.evidence.asking.answer import Answer
from stammkunde.result import Sentence


def doubts_method(answers: Answers) -> list[Section]:
    """Return the section of the appendix on doubts, of those ways only that were gone.

    None where no question was answered or refused by the data.
    """
    found = [a for a in answers.values() if isinstance(a, Answer)]
    if not found:
        return []
    ways = {
        "known": any(a.doubts.unlike is not None and not by_lot(a) for a in found),
        "lot": any(a.doubts.unlike is not None and by_lot(a) for a in found),
        "unrecorded": any(a.doubts.common is not None for a in found),
        "untouched": any(a.doubts.untouched for a in found),
        "around": any(a.doubts.around is not None for a in found),
        "dealt": any(a.doubts.dealt is not None for a in found),
        "bounds": any(a.doubts.bounds is not None for a in found),
    }
    gone = [way for way, is_so in ways.items() if is_so]
    return [
        Section(
            id="appendix.doubts",
            heading=Sentence("doubts.heading_method"),
            paragraphs=[Sentence(f"doubts.method.{way}") for way in (*gone, "limits")],
        )
    ]
