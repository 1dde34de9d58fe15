"""Of the data report: the policies that a report will compare, in words and as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stammkunde.intake.proposed import Proposed
from stammkunde.report.told_asked import item, misspelt_data, say, told_misspelt
from stammkunde.report.words import Words


def told_proposed(found: Proposed | None, words: Words) -> Iterator[str]:
    """Yield the policies that a report will compare; nothing where none is proposed."""
    if found is None:
        return
    yield from ("", say(words, "proposed.title"))
    yield from item(say(words, "proposed.comparator", title=words.text(found.comparator)))
    for policy in found.policies:
        yield from item(words.text(policy))
    key = "assumed" if found.assumptions else "nothing_assumed"
    yield from item(say(words, f"proposed.{key}", count=found.assumptions))
    for wrong in found.misspelt:
        yield from told_misspelt(wrong, words)


def proposed_data(found: Proposed | None, words: Words) -> dict[str, Any] | None:
    """Return the policies that a report will compare as documented data."""
    if found is None:
        return None
    return {
        "comparator": found.comparator.key,
        "policies": [{"name": p.key, "title": words.text(p)} for p in found.policies],
        "assumptions": found.assumptions,
        "misspelt": [misspelt_data(m) for m in found.misspelt],
    }
