"""The question that a draft suggests: commented out, since nobody can ask it but the client."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from stammkunde.intake.offered import HORIZON, Window, usual_window
from stammkunde.intake.roles import Table
from stammkunde.intake.toml import Line, Section, listed, quoted, titles

# the table, its column that says what was done, and the key of a question
ABOUT = (("offers", "offer", "offer"), ("events", "kind", "event"))
REMARK = (
    "To be told what an offer or an event did, ask before looking: docs/toml.md says how. "
    "Customers are compared who are alike in the columns named."
)


# what is written of those who were held out or would not have it
REFUSED = re.compile(
    r"(?:abgel|abgew|nicht|nein|kein|ohne|kontroll|verzicht|declin|reject|refus|control|without).*"
    r"|no(?:t .*|ne)?|n|0",
    re.IGNORECASE,
)
# held by more than that of all customers it leaves nobody to compare with
ALMOST_ALL = 0.9


def sections(tables: Sequence[Table], groups: Sequence[str]) -> list[Section]:
    """Return a question about an offer, else about the first word of the events; none without.

    The offer is one that some took and others did not, and asked about is the unit in which most
    took it, as far as that can be seen. Customers are alike in `groups`.
    """
    for section, role, key in ABOUT:
        table = next((t for t in tables if t.section == section), None)
        column = table.column(role) if table is not None else None
        if table is None or column is None or tables[0].section == "snapshot":
            continue
        words = [c.strip() if isinstance(c, str) else "" for c in column.cells]
        if key == "event":
            return [_asked(key, next(filter(None, words), "…"), (), groups, ())]
        word, treated = _offered(table, words, tables[0].looked.rows)
        units = _units(usual_window(tables[0], table, word, treated))
        return [_asked(key, word, treated, groups, units)]
    return []


def _offered(table: Table, words: Sequence[str], customers: int) -> tuple[str, tuple[str, ...]]:
    """Return the offer to ask about and the words of those who took it, () where all did."""
    arm, some = table.column("arm"), Counter(filter(None, words))
    if arm is not None:
        said: dict[str, dict[str, None]] = {w: {} for w in some}
        for word, cell in zip(words, arm.cells, strict=True):
            if word and isinstance(cell, str) and cell.strip():
                said[word][cell.strip()] = None
        two = next((w for w, own in said.items() if len(own) > 1), None)
        if two is not None:
            taken = [a for a in said[two] if not REFUSED.fullmatch(a)]
            return two, tuple(taken if len(taken) < len(said[two]) and taken else [*said[two]][:1])
    part = len(words) and table.looked.rows / len(words)
    few = (w for w, n in some.items() if n * part < ALMOST_ALL * customers)
    return next(few, next(iter(some), "…")), ()


def _units(window: Window | None) -> tuple[Line, ...]:
    """Return the keys that say when an offer can be taken; none for one from sign-up on."""
    if window is None:
        return (Line(key="from_unit", value="13", note="when is it taken? 1: from sign-up on"),)
    if window.last == 1:
        return ()
    note = "most took it then; only those still there can"
    first = Line(key="from_unit", value=str(window.first), note=note)
    if window.last == window.first:
        return (first,)
    return (first, Line(key="to_unit", value=str(window.last), note="nearly all had by then"))


def _asked(
    key: str,
    word: str,
    treated: Sequence[str],
    groups: Sequence[str],
    units: Sequence[Line],
) -> Section:
    arms = {"treated": f"with {word}", "control": f"without {word}"}
    named = {arm: f"title = {titles(text)}" for arm, text in arms.items()}
    if treated:
        named["treated"] += f", words = {listed(treated)}"
    known = "" if groups else "; name one at least, an empty list is refused"
    lines = (
        Line(key="name", value=quoted("first")),
        Line(key="title", value=titles(word)),
        Line(key=key, value=quoted(word)),
        Line(key="assignment", value=quoted("chosen"), note='or "drawn": a lot decided'),
        *units,
        Line(
            key="alike",
            value=listed(groups),
            note=f"groups and covariates known beforehand{known}",
        ),
        Line(
            key="horizon", value=str(HORIZON), note="units within which time as a customer counts"
        ),
        *(Line(key=arm, value=f"{{ {text} }}") for arm, text in named.items()),
    )
    off = tuple(Line(key=x.key, value=x.value, note=x.note, off=True) for x in lines)
    return Section(head="[question]", lines=off, remark=REMARK)
