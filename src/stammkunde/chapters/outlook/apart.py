"""Groups projected apart and added up: where they contradict all customers together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stammkunde.chapters.parts import is_contradicted
from stammkunde.result import Estimate, Finding, Label, Sentence, Status
from stammkunde.study import Study

Name = Sentence | Label
Row = tuple[Name, Name, int, Estimate, Mapping[str, str]]
TOGETHER = "(together)"


def worst_of(rows: Sequence[Row], whole: Estimate) -> Row | None:
    """Return the group whose levels, added up, are furthest outside the limits of all together."""
    if whole.low is None or whole.high is None or whole.value is None:
        return None
    low, high, value = whole.low, whole.high, whole.value
    added = [r for r in rows if TOGETHER in r[4].values() and r[3].value is not None]
    off = [r for r in added if not low <= (r[3].value or 0.0) <= high]
    return max(off, key=lambda r: abs((r[3].value or 0.0) - value), default=None)


def between(worst: Row, whole: Estimate) -> dict[str, object]:
    """Return the group's name, its number, and the two between which it stays open, in order."""
    least, most = sorted((worst[3], whole), key=lambda e: e.value or 0.0)
    return {"group": worst[0], "own": worst[3], "least": least, "most": most}


def apart(study: Study, words: Mapping[str, object]) -> Finding:
    """Return the finding that the levels of a group, added up, contradict all customers together.

    Of several groups the one that is furthest off is named.
    """
    whole = words["further"]
    assert isinstance(whole, Estimate)
    return Finding(
        id="outlook.base.apart",
        status=Status.ESTIMATED,
        assumptions=whole.assumptions,
        sentence=Sentence("outlook.base.apart", words),
        importance=0.15 if is_contradicted(study) else 0.3,
        questions=(4, 20),
        table="outlook.base",
    )
