"""Outputs of a workspace's own cells: tables, pictures, text. Rebuilt from their texts and numbers,
so that no script, style or address of theirs reaches a report.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from typing import Any

from stammkunde.report import markdown
from stammkunde.report.dress import HTML, SVG, TYPST, Bundle
from stammkunde.report.dress_html import scrolling
from stammkunde.report.dress_typst import grid
from stammkunde.report.typst_text import plain, string
from stammkunde.report.words import Words

Row = list[tuple[str, str]]
UNSHOWN = ("style", "script", "head", "template")


@dataclass
class Page:
    """What an HTML output holds: tables of rows of (tag, text), and the text outside of them."""

    tables: list[list[Row]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Collects the cells of tables; the standard library hands out HTML by inheritance only."""

    def __init__(self) -> None:
        super().__init__()
        self.page, self.depth, self.hidden, self.cell = Page(), 0, 0, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in UNSHOWN
        if tag == "table":
            self.depth += 1
            self.page.tables.append([])
        elif tag == "tr" and self.depth:
            self.page.tables[-1].append([])
        elif tag in ("td", "th") and self.depth and self.page.tables[-1]:
            self.page.tables[-1][-1].append((tag, ""))
            self.cell = True

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in UNSHOWN and self.hidden > 0
        self.depth -= tag == "table" and self.depth > 0
        self.cell = self.cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self.hidden:
            return
        if self.cell and self.depth:
            tag, text = self.page.tables[-1][-1][-1]
            self.page.tables[-1][-1][-1] = (tag, text + data)
        elif not self.depth and data.strip():
            self.page.text.append(data.strip())


def read_html(html: str) -> Page:
    """Return the tables and the text of an HTML output."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.page


def dressed(output: Mapping[str, Any], number: int, words: Words) -> list[Bundle]:
    """Return a cell's plain output in both dresses; `number` makes names and alt texts unique.

    Standard error and what has no text or picture are left out.
    """
    if output["output_type"] == "stream":
        return [_lines(output["text"], number, words)] if output["name"] == "stdout" else []
    data, about = output.get("data", {}), output.get("metadata", {})
    alt = str(about.get("alt") or words.ui("picture_alt", number=number))
    if "image/png" in data:
        return [_photo(data["image/png"].replace("\n", ""), "png", alt, number)]
    if SVG in data:
        return [_photo(data[SVG], "svg", alt, number)]
    if HTML in data:
        return _page(read_html(data[HTML]), number, words)
    if "text/markdown" in data:
        text = data["text/markdown"]
        return [Bundle({HTML: markdown.to_html(text, 2), TYPST: markdown.to_typst(text, 2)})]
    return [_lines(data["text/plain"], number, words)] if "text/plain" in data else []


def _lines(text: str, number: int, words: Words) -> Bundle:
    name = escape(words.ui("text_label", number=number))
    html = f'<pre tabindex="0" role="group" aria-label="{name}">{escape(text)}</pre>\n'
    return Bundle({HTML: html, TYPST: f"#raw(block: true, {string(text)})\n"})


def _photo(content: str, kind: str, alt: str, number: int) -> Bundle:
    mime = SVG if kind == "svg" else f"image/{kind}"
    base64 = b64encode(content.encode()).decode() if kind == "svg" else content
    name = f"picture-{number}.{kind}"
    source = f"data:{mime};base64,{base64}"
    html = f'<figure class="own"><img src="{source}" alt="{escape(alt, quote=True)}"></figure>\n'
    typst = f'#picture("{name}", {string(alt)})\n'
    return Bundle({HTML: html, TYPST: typst, mime: content}, {"stammkunde": {"file": name}})


def _page(page: Page, number: int, words: Words) -> list[Bundle]:
    done = []
    if page.text:
        text = " ".join(page.text)
        done.append(Bundle({HTML: f"<p>{escape(text)}</p>\n", TYPST: f"{plain(text)}\n\n"}))
    for position, rows in enumerate(table for table in page.tables if any(table)):
        name = f"{number}.{position + 1}" if position else str(number)
        caption = words.ui("table_label", number=name)
        done.append(_table(rows, caption, f"own-table-{number}-{position}", words))
    return done


def _table(rows: list[Row], caption: str, anchor: str, words: Words) -> Bundle:
    width = max(len(row) for row in rows)
    padded = [[*row, *[("td", "")] * (width - len(row))] for row in rows if row]
    head = padded[0] if all(tag == "th" or not text.strip() for tag, text in padded[0]) else []
    if head and not head[0][1].strip():
        head = [("th", words.ui("row")), *head[1:]]
    body = padded[1:] if head else padded
    html = "".join(f"<tr>{''.join(_cell(*c, 'row') for c in row)}</tr>\n" for row in body)
    top = f"<thead><tr>{''.join(_cell(*c, 'col') for c in head)}</tr></thead>\n" if head else ""
    heads = [text.strip() for _, text in head] or [""] * width
    cells = [[text.strip() for _, text in row] for row in body]
    typst = grid(caption, heads, cells, ["left", *["right"] * (width - 1)])
    return Bundle({HTML: scrolling(anchor, caption, f"{top}<tbody>\n{html}</tbody>"), TYPST: typst})


def _cell(tag: str, text: str, scope: str) -> str:
    shown = escape(text.strip())
    return f'<th scope="{scope}">{shown}</th>' if tag == "th" and shown else f"<td>{shown}</td>"
