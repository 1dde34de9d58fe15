"""What the statements of a report rest on: each assumption once, and where it is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stammkunde.chapters.exhibit import Column, Section, Table
from stammkunde.result import Sentence

ID = "appendix.assumptions"


def resting(findings: Sequence[Mapping[str, Any]]) -> list[Section]:
    """Return the appendix's list of assumptions, with the sections whose statements need them.

    Those that most sections need stand first. `findings` are in words, each with the heading of its
    section; nothing is listed where nothing is assumed.
    """
    needed: dict[str, dict[str, None]] = {}
    for found in findings:
        for text in found["assumptions"]:
            needed.setdefault(text, {})[found["heading"]] = None
    if not needed:
        return []
    table = Table(
        id=ID,
        caption=Sentence("appendix.assumptions_caption"),
        columns=[Column("appendix.assumption", "text"), Column("appendix.sections", "text")],
        rows=[(text, "; ".join(needed[text])) for text in sorted(needed, key=_rank(needed))],
    )
    heading = Sentence("appendix.heading.assumptions")
    return [Section(id=ID, heading=heading, tables=[table])]


def _rank(needed: Mapping[str, Mapping[str, None]]) -> Any:
    return lambda text: (-len(needed[text]), text)
