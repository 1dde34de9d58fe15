"""What both dresses of a component share: remarks under a finding, names of sheets, alignment."""

from __future__ import annotations

import re
from hashlib import sha256
from numbers import Real

from stammkunde.chapters.exhibit import Table
from stammkunde.report.words import Words
from stammkunde.result import Estimate, Finding, Sentence

# of a list in small type: more are not read
MOST = 6
LONGEST, CUT = 31, "…"
FORBIDDEN = re.compile(r"[\[\]:*?/\\']")


def named(words: Words, tree: str, ids: tuple[str, ...]) -> list[str]:
    """Return the sentences `<tree>.<id>` of what a finding assumes or lacks."""
    return [words.say(Sentence(f"{tree}.{one}")) for one in ids]


def remarks(found: Finding, words: Words) -> list[str]:
    """Return what stands in small type under a finding: remarks, assumptions, what lacks.

    The first assumptions, as they stand; the appendix has all.
    """
    kinds = (("assumed", "assumption", found.assumptions), ("missing", "missing", found.missing))
    lines = [words.say(remark) for remark in found.remarks]
    for key, tree, ids in kinds:
        if ids:
            texts = named(words, tree, ids[:MOST])
            more = [words.ui("and_more")] if len(ids) > MOST else []
            lines.append(words.ui(key, texts="; ".join([*texts, *more])))
    return lines


def sheet_name(table: str) -> str:
    """Return the name of a table's sheet: at most 31 characters that a workbook allows.

    Of a longer one the middle is left out; four digits of its hash keep it apart from others.
    """
    name = FORBIDDEN.sub("-", table)
    if len(name) <= LONGEST:
        return name
    mark = f"~{sha256(table.encode()).hexdigest()[:4]}"
    rest = LONGEST - len(CUT) - len(mark)
    head, tail = rest // 2, rest - rest // 2
    return f"{name[:head]}{CUT}{name[-tail:]}{mark}"


def numeric(table: Table, column: int) -> bool:
    """Return whether every filled cell of a column is a number, so that it stands to the right."""
    cells = [row[column] for row in table.rows if row[column] is not None]
    return bool(cells) and all(
        isinstance(c, Real | Estimate) and not isinstance(c, bool) for c in cells
    )


def sourced(note: str, sheet: str) -> str:
    """Return what stands under a picture: its note as a sentence, and where its numbers are."""
    end = "" if not note or note.endswith((".", "!", "?")) else "."
    return f"{note}{end} {sheet}".strip()
