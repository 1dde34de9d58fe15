"""Typst source from plain text, so that no character of a text can become markup."""

from __future__ import annotations

import re
from collections.abc import Iterable

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
NAME = re.compile(r"[^A-Za-z0-9]+")


def string(text: str) -> str:
    """Return a Typst string literal; characters that no document may hold become spaces."""
    clean = CONTROL.sub(" ", text.replace("\r\n", "\n"))
    escaped = clean.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped.replace(chr(9), " ")}"'


def plain(text: str) -> str:
    """Return markup that shows the text and nothing else."""
    return f"#{string(text)};" if text else ""


def rich(spans: Iterable[tuple[str, bool]]) -> str:
    """Return markup of pieces of (text, emphasised)."""
    return "".join(f"#strong[{plain(t)}]" if bold else plain(t) for t, bold in spans)


def identifier(*parts: str) -> str:
    """Return a name of letters, digits and hyphens, for anchors, labels and files."""
    return NAME.sub("-", "-".join(parts)).strip("-").lower()


def label(*parts: str) -> str:
    """Return the code of a label, to stand behind what it marks or in a link."""
    return f"label({string(identifier(*parts))})"
