"""The list of all reports of a workspace, `reports/index.<language>.html`."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

from stammkunde.report import manifest
from stammkunde.report.words import Words
from stammkunde.workspace import Workspace

STYLE = "index.css"


def write_overview(workspace: Workspace) -> list[Path]:
    """Return the pages written: one for each language in which there is a report.

    A page whose last report has gone goes too.
    """
    made = [m for m in map(manifest.read, _folders(workspace)) if m is not None and m.about]
    suffixes = sorted({key for m in made for key, value in m.about.items() if _told(value)})
    pages = {workspace.reports / f"index.{suffix}.html": suffix for suffix in suffixes}
    for path in set(workspace.reports.glob("index.*.html")) - set(pages):
        path.unlink()
    for path, suffix in pages.items():
        part = path.with_name(f".{path.name}.part")
        text = page([m for m in made if suffix in m.about], suffix)
        part.write_text(text, encoding="utf-8", newline="\n")
        os.replace(part, path)
    return list(pages)


def page(made: Sequence[manifest.Manifest], suffix: str) -> str:
    """Return the page in one language, as a whole HTML document that asks for nothing else."""
    words = Words(made[0].about[suffix]["locale"])
    style = (files("stammkunde.report") / "templates" / STYLE).read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    title, intro = escape(words.ui("index_title")), escape(words.ui("index_intro"))
    items = "\n".join(_item(m, suffix, words) for m in made)
    return (
        f'<!DOCTYPE html>\n<html lang="{words.locale.replace("_", "-")}">\n<head>\n'
        '<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        f"style-src 'sha256-{digest}'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{title}</h1>\n<p>{intro}</p>\n<ul>\n{items}\n</ul>\n</main>\n</body>\n</html>\n"
    )


def _item(made: manifest.Manifest, suffix: str, words: Words) -> str:
    """Return one client: name, headline, what kind of data, and the files."""
    about = made.about[suffix]
    label = words.ui(f"nature.{made.about['nature']}")
    dated = words.ui("as_of", day=date.fromisoformat(made.about["as_of"]))
    title = escape(about["title"])
    names = {f"report.{suffix}.html": "HTML", f"report.{suffix}.pdf": "PDF"}
    names |= {f"tables.{suffix}.xlsx": "Excel"}
    links = " · ".join(
        f'<a href="{quote(made.client)}/{quote(name)}">{kind}<span class="of"> – {title}</span></a>'
        for name, kind in names.items()
        if name in made.products
    )
    return (
        f"<li>\n<h2>{title}</h2>\n<p>{escape(about['headline'])}</p>\n"
        f'<p class="about">{escape(label)} · {escape(dated)}</p>\n<p>{links}</p>\n</li>'
    )


def _folders(workspace: Workspace) -> list[Path]:
    found = workspace.reports.glob(f"*/{manifest.NAME}")
    return sorted(p.parent for p in found if not p.parent.name.startswith("."))


def _told(value: Any) -> bool:
    return isinstance(value, Mapping) and "headline" in value
