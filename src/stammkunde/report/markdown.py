"""Markdown cells of a notebook as HTML and as Typst. Raw HTML is shown as text, never run."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Any

import mistune

from stammkunde.report.typst_text import plain, string

Token = dict[str, Any]
PLUGINS = ["table", "strikethrough"]
OUTSIDE = re.compile(r"(https?://|mailto:)", re.IGNORECASE)


def tokens(text: str) -> list[Token]:
    """Return the syntax tree of a markdown text."""
    parsed = mistune.create_markdown(renderer=None, plugins=PLUGINS)(text)
    return list(parsed) if not isinstance(parsed, str) else []


def to_html(text: str, level: int = 1) -> str:
    """Return an HTML fragment; `#` is level 2, and no heading skips a level after `level`."""
    return _Writer(_HTML, escape, level).blocks(tokens(text))


def to_typst(text: str, level: int = 1) -> str:
    """Return Typst markup; `#` is level 2, and no heading skips a level after `level`."""
    return _Writer(_TYPST, plain, level).blocks(tokens(text))


def last_level(text: str, level: int = 1) -> int:
    """Return the level of the text's last heading, from which the next text continues."""
    writer = _Writer(_HTML, escape, level)
    writer.blocks(tokens(text))
    return writer.level


class _Writer:
    """Walks the tree once; `dress` holds one function per kind of node."""

    def __init__(
        self, dress: dict[str, Callable[..., str]], text: Callable[[str], str], level: int
    ):
        self.dress, self.text, self.level = dress, text, level

    def blocks(self, nodes: list[Token]) -> str:
        return "".join(self.node(node) for node in nodes)

    def node(self, node: Token) -> str:
        kind, attrs = node["type"], node.get("attrs", {})
        if kind in ("text", "inline_html", "block_html"):
            shown = self.text(node.get("raw", ""))
            return self.dress["paragraph"](shown) if kind == "block_html" else shown
        if kind == "heading":
            self.level = min(1 + attrs["level"], self.level + 1, 6)
            return self.dress["heading"](self.inside(node), self.level)
        if kind in ("codespan", "block_code"):
            return self.dress[kind](node["raw"])
        if kind == "image":
            return self.dress["emphasis"](self.inside(node))
        if kind == "link":
            target = attrs["url"]
            return (
                self.dress["link"](self.inside(node), target)
                if OUTSIDE.match(target)
                else self.inside(node)
            )
        if kind == "list":
            items = [self.inside(child) for child in node["children"]]
            return self.dress["list"](items, bool(attrs.get("ordered")))
        if kind == "table":
            return self.dress["table"](*self.table(node))
        if kind in self.dress:
            return self.dress[kind](self.inside(node))
        return self.inside(node) if node.get("children") else self.text(node.get("raw", ""))

    def inside(self, node: Token) -> str:
        return self.blocks(node.get("children") or [])

    def table(self, node: Token) -> tuple[list[str], list[list[str]]]:
        head, *body = node["children"]
        rows = [
            [self.inside(cell) for cell in row["children"]]
            for part in body
            for row in part["children"]
        ]
        return [self.inside(cell) for cell in head["children"]], rows


def _html_table(heads: list[str], rows: list[list[str]]) -> str:
    head = "".join(f'<th scope="col">{h}</th>' if h else "<td></td>" for h in heads)
    body = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>\n" for row in rows)
    inner = f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>"
    return f'<div class="wide" tabindex="0"><table>{inner}</table></div>\n'


def _html_list(items: list[str], ordered: bool) -> str:
    tag = "ol" if ordered else "ul"
    return f"<{tag}>" + "".join(f"<li>{item}</li>\n" for item in items) + f"</{tag}>\n"


def _typst_table(heads: list[str], rows: list[list[str]]) -> str:
    head = ", ".join(f"[{h}]" for h in heads)
    body = "".join(", ".join(f"[{c}]" for c in row) + ",\n" for row in rows)
    return f"#plaintable(columns: {len(heads)}, table.header({head}),\n{body})\n"


def _typst_list(items: list[str], ordered: bool) -> str:
    inner = "".join(f"[{item}], " for item in items)
    return f"#{'enum' if ordered else 'list'}({inner})\n"


_HTML: dict[str, Callable[..., str]] = {
    "paragraph": lambda x: f"<p>{x}</p>\n",
    "block_text": lambda x: x,
    "heading": lambda x, level: f"<h{level}>{x}</h{level}>\n",
    "strong": lambda x: f"<strong>{x}</strong>",
    "emphasis": lambda x: f"<em>{x}</em>",
    "strikethrough": lambda x: f"<del>{x}</del>",
    "codespan": lambda raw: f"<code>{escape(raw)}</code>",
    "block_code": lambda raw: f"<pre><code>{escape(raw)}</code></pre>\n",
    "link": lambda x, url: f'<a href="{escape(url, quote=True)}">{x}</a>',
    "block_quote": lambda x: f"<blockquote>{x}</blockquote>\n",
    "thematic_break": lambda _: "<hr>\n",
    "linebreak": lambda _: "<br>\n",
    "softbreak": lambda _: "\n",
    "blank_line": lambda _: "",
    "list": _html_list,
    "table": _html_table,
}
_TYPST: dict[str, Callable[..., str]] = {
    "paragraph": lambda x: f"{x}\n\n",
    "block_text": lambda x: x,
    "heading": lambda x, level: f"#heading(level: {level})[{x}]\n",
    "strong": lambda x: f"#strong[{x}]",
    "emphasis": lambda x: f"#emph[{x}]",
    "strikethrough": lambda x: f"#strike[{x}]",
    "codespan": lambda raw: f"#raw({string(raw)});",
    "block_code": lambda raw: f"#raw(block: true, {string(raw)})\n",
    "link": lambda x, url: f"#link({string(url)})[{x}];",
    "block_quote": lambda x: f"#quote(block: true)[{x}]\n",
    "thematic_break": lambda _: "#line(length: 100%)\n",
    "linebreak": lambda _: "#linebreak();",
    "softbreak": lambda _: " ",
    "blank_line": lambda _: "\n",
    "list": _typst_list,
    "table": _typst_table,
}
