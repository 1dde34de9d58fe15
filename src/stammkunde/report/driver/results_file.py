"""The results of the chapters: each once, the same in every language, as `results.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from stammkunde.errors import RenderError

SCHEMA = 1


def results(carried: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the results of all sections; RenderError where one is there twice with two values."""
    lines: dict[str, dict[str, Any]] = {}
    for part in carried:
        for line in part.get("results", []):
            key = json.dumps([line["id"], line.get("group", {})], sort_keys=True)
            if lines.setdefault(key, line) != line:
                raise RenderError(
                    f"the result `{line['id']}` has two different values",
                    where=f"section {part.get('section', '')}",
                    remedy="Give each of them an id or a group of its own.",
                )
    return list(lines.values())


def same_results(by_language: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the results, which no language may change; RenderError names one that differs."""
    (first, wanted), *others = by_language.items()
    for language, found in others:
        if found != wanted:
            raise RenderError(
                f"the result `{_first_difference(wanted, found)}` differs between the languages "
                f"{first} and {language}",
                remedy="Compute without regard to `language` in the notebooks.",
            )
    return wanted


def results_json(client: str, as_of: date, created: date, lines: Sequence[Any]) -> str:
    """Return the text of `results.json`."""
    whole = {"schema": SCHEMA, "client": client, "as_of": as_of.isoformat()}
    whole |= {"created": created.isoformat(), "results": list(lines)}
    return json.dumps(whole, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _first_difference(wanted: Sequence[Any], found: Sequence[Any]) -> str:
    for a, b in zip(wanted, found, strict=False):
        if a != b:
            return str(a.get("id"))
    longer = max(wanted, found, key=len)
    return str(longer[min(len(wanted), len(found))].get("id"))
