"""The list of all reports of a workspace, `reports/index.<language>.html`, from their manifests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from stammkunde.report.driver import manifest
from stammkunde.report.driver.manifest import Manifest
from stammkunde.report.html import Card, index_page
from stammkunde.report.words import Words
from stammkunde.workspace import Workspace

FILES = {"report.{}.html": "HTML", "report.{}.pdf": "PDF", "tables.{}.xlsx": "Excel"}


def write_overview(workspace: Workspace) -> list[Path]:
    """Return the pages written: one for each language in which there is a report.

    A page whose last report has gone goes too.
    """
    made = [m for m in map(manifest.read, _folders(workspace)) if m is not None]
    suffixes = sorted({key for m in made for key, value in m.about.items() if _told(value)})
    pages = {workspace.reports / f"index.{suffix}.html": suffix for suffix in suffixes}
    for path in set(workspace.reports.glob("index.*.html")) - set(pages):
        path.unlink()
    for path, suffix in pages.items():
        part = path.with_name(f".{path.name}.part")
        here = [m for m in made if suffix in m.about]
        words = Words(here[0].about[suffix]["locale"])
        text = index_page([_card(m, suffix, words) for m in here], words)
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(path)
    return list(pages)


def _card(made: Manifest, suffix: str, words: Words) -> Card:
    """Return what the page says of one client; its files are named only where they exist."""
    about = made.about[suffix]
    names = {pattern.format(suffix): kind for pattern, kind in FILES.items()}
    links = [
        (kind, f"{quote(made.client)}/{quote(name)}")
        for name, kind in names.items()
        if name in made.products
    ]
    return Card(
        label=f"{about['title']} · {words.ui('nature.' + made.about['nature'])}",
        headline=about["headline"],
        as_of=date.fromisoformat(made.about["as_of"]),
        links=links,
    )


def _folders(workspace: Workspace) -> list[Path]:
    found = workspace.reports.glob(f"*/{manifest.NAME}")
    return sorted(p.parent for p in found if not p.parent.name.startswith("."))


def _told(value: Any) -> bool:
    return isinstance(value, Mapping) and "headline" in value
