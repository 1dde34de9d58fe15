"""The question that a draft suggests: commented out, since nobody can ask it but the client."""

from __future__ import annotations

from collections.abc import Sequence

from stammkunde.intake.roles import Table
from stammkunde.intake.toml import Line, Section, quoted, titles

# the table, its column that says what was done, and the key of a question
ABOUT = (("offers", "offer", "offer"), ("events", "kind", "event"))
REMARK = (
    "To be told what an offer or an event did, ask before looking: docs/toml.md says how. "
    "Customers are compared who are alike in the columns named."
)


def sections(tables: Sequence[Table]) -> list[Section]:
    """Return a question about the first word of the offers, else of the events; none without."""
    for section, role, key in ABOUT:
        table = next((t for t in tables if t.section == section), None)
        column = table.column(role) if table is not None else None
        if column is None or tables[0].section == "snapshot":
            continue
        words = [c.strip() for c in column.cells if isinstance(c, str) and c.strip()]
        return [_asked(key, words[0] if words else "…")]
    return []


def _asked(key: str, word: str) -> Section:
    from_unit = Line(key="from_unit", value="13", note="only those still there can take it")
    offered = [from_unit] if key == "offer" else []
    arms = {"treated": f"with {word}", "control": f"without {word}"}
    lines = (
        Line(key="name", value=quoted("first")),
        Line(key="title", value=titles(word)),
        Line(key=key, value=quoted(word)),
        Line(key="assignment", value=quoted("chosen"), note='or "drawn": a lot decided'),
        *offered,
        Line(key="alike", value="[]", note="groups and covariates known beforehand"),
        Line(key="horizon", value="36", note="units within which time as a customer counts"),
        *(Line(key=arm, value=f"{{ title = {titles(text)} }}") for arm, text in arms.items()),
    )
    off = tuple(Line(key=x.key, value=x.value, note=x.note, off=True) for x in lines)
    return Section(head="[question]", lines=off, remark=REMARK)
