"""The sentences of each language: `locales/<language>/*.toml`, read as one tree.

A file per subject, alike in every language. Two files may add to the same table, but no sentence
stands twice.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from stammkunde.errors import ParameterError, RenderError, nearest


def languages() -> tuple[str, ...]:
    """Return the languages that have sentences: ("de", "en")."""
    folder = files("stammkunde.report") / "locales"
    return tuple(sorted(f.name for f in folder.iterdir() if f.is_dir()))


@lru_cache
def sentences(language: str) -> Mapping[str, Any]:
    """Return the tree of sentences of a language.

    ParameterError where there is none, RenderError for a sentence that stands in two files.
    """
    if language not in languages():
        raise ParameterError(
            f"There are no sentences in the language `{language}`",
            remedy=nearest(language, languages()),
        )
    folder = files("stammkunde.report") / "locales" / language
    found: dict[str, Any] = {}
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if path.name.endswith(".toml"):
            where = f"{language}/{path.name}"
            _merge(found, tomllib.loads(path.read_text(encoding="utf-8")), where)
    return found


def _merge(tree: dict[str, Any], more: Mapping[str, Any], where: str) -> None:
    for key, value in more.items():
        if isinstance(value, Mapping) and isinstance(tree.get(key, {}), dict):
            _merge(tree.setdefault(key, {}), value, where)
        elif key in tree:
            remedy = "Leave it in one of the files."
            raise RenderError(f"The sentence `{key}` stands twice", where=where, remedy=remedy)
        else:
            tree[key] = value


def leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield every (dotted key, text) of a tree; a plural yields each of its forms."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
