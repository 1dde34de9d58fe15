"""The report as one HTML file: no script, no request, a policy that forbids both."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from nbconvert.exporters.templateexporter import TemplateExporter
from nbformat import NotebookNode

from stammkunde.report import palette
from stammkunde.report.words import Words

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
FACES = ((400, "normal"), (600, "normal"), (400, "italic"))
STYLE = re.compile(r"<style>.*?</style>\s*", re.DOTALL)


class HtmlExporter(TemplateExporter):
    """Writes a composed notebook as one HTML file (nbconvert asks for a subclass)."""

    file_extension = ".html"
    output_mimetype = "text/html"

    def __init__(self, words: Words, **settings: Any) -> None:
        paths = [str(TEMPLATES)]
        super().__init__(template_paths=paths, template_file="report.html.j2", **settings)
        self.words = words

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **more: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the page and nbconvert's resources."""
        self.environment.globals.update(_globals(self.words))
        self.environment.filters["without_style"] = lambda html: STYLE.sub("", html)
        text, resources = super().from_notebook_node(nb, resources, **more)
        return text.rstrip() + "\n", resources


@dataclass(frozen=True)
class Card:
    """One client on the index page; `links` are (name, address relative to the page)."""

    label: str
    headline: str
    as_of: date
    links: Sequence[tuple[str, str]]


def html_report(nb: NotebookNode, words: Words) -> str:
    """Return the report of a composed notebook; the same notebook gives the same text."""
    return HtmlExporter(words).from_notebook_node(nb)[0]


def write_html(nb: NotebookNode, words: Words, path: Path) -> None:
    """Write the report of a composed notebook to `path`."""
    path.write_text(html_report(nb, words), encoding="utf-8", newline="\n")


def index_page(entries: Sequence[Card], words: Words) -> str:
    """Return the page that lists all clients of a workspace, in the dress of the reports."""
    template = HtmlExporter(words).environment.get_template("index.html.j2")
    return template.render(entries=entries, **_globals(words)).rstrip() + "\n"


def _globals(words: Words) -> dict[str, Any]:
    style, style_hash = stylesheet()
    return {"words": words, "style": style, "style_hash": style_hash}


@lru_cache
def stylesheet() -> tuple[str, str]:
    """Return the style sheet with its fonts inside, and its hash for the security policy."""
    faces = "".join(_face(weight, style) for weight, style in FACES)
    text = faces + palette.css() + (TEMPLATES / "report.css").read_text(encoding="utf-8")
    return text, b64encode(sha256(text.encode()).digest()).decode()


def _face(weight: int, style: str) -> str:
    font = (HERE / "fonts" / f"source-sans-3-latin-{weight}-{style}.woff2").read_bytes()
    source = f"url(data:font/woff2;base64,{b64encode(font).decode()}) format('woff2')"
    return (
        "@font-face { font-family: 'Source Sans 3'; "
        f"font-weight: {weight}; font-style: {style}; src: {source}; }}\n"
    )
