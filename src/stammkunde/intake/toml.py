"""Lines and sections of a draft, written as TOML that a person is to read and change."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

DECIDE = "DECIDE: "
FILL_IN = "FILL IN: "


@dataclass(frozen=True, kw_only=True)
class Line:
    """One key of the draft: its value as TOML, what is said above and behind it.

    `open` is a decision for the user; `off` writes the key commented out.
    """

    key: str
    value: str
    note: str = ""
    open: str = ""
    fill_in: str = ""
    off: bool = False


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section of the draft: its head such as "contracts", its lines, a remark above it."""

    head: str
    lines: tuple[Line, ...]
    remark: str = ""


def quoted(text: str) -> str:
    """Return a text as a TOML string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def key_of(name: str) -> str:
    """Return a name as a key of TOML, in quotes where it must be."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else quoted(name)


def titles(text: str) -> str:
    """Return a text as the same in both languages of the reports."""
    return f"{{ de = {quoted(text)}, en = {quoted(text)} }}"


def listed(values: Sequence[str]) -> str:
    """Return texts as a list of TOML."""
    return "[" + ", ".join(quoted(v) for v in values) + "]"


def written(section: Section) -> str:
    """Return a section as text; one whose keys are all commented out is so as a whole."""
    lines = _comment(section.remark) if section.remark else []
    is_off = all(line.off for line in section.lines)
    lines.append(("# " if is_off else "") + f"[{section.head}]")
    for line in section.lines:
        lines += _comment(DECIDE + line.open) if line.open else []
        lines += _comment(FILL_IN + line.fill_in) if line.fill_in else []
        behind = f"   # {line.note}" if line.note else ""
        lines.append(("# " if line.off else "") + f"{line.key} = {line.value}{behind}")
    return "\n".join(lines)


def _comment(text: str) -> list[str]:
    # delivered names may hold line breaks, which would end the comment
    flat = " ".join(text.split())
    return wrap(flat, 98, initial_indent="# ", subsequent_indent="#   ", break_long_words=False)
