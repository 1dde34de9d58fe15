"""The parts of a section as HTML fragments, for JupyterLab and the HTML report."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from html import escape

from stammkunde.chapters.exhibit import Figure, Section, Table
from stammkunde.report.notes import numeric, remarks, sheet_name, sourced
from stammkunde.report.thousands import cells, headings
from stammkunde.report.typst_text import identifier
from stammkunde.report.words import Words
from stammkunde.result import Finding

PHONE = "(max-width: 40rem)"


def rich(spans: Iterable[tuple[str, bool]]) -> str:
    """Return escaped text of pieces of (text, emphasised)."""
    return "".join(f"<strong>{escape(t)}</strong>" if bold else escape(t) for t, bold in spans)


def heading(section: Section, words: Words, level: int) -> str:
    """Return the heading of a section with its anchor."""
    anchor = identifier("section", section.id)
    return f'<h{level} id="{anchor}">{escape(words.say(section.heading))}</h{level}>\n'


def finding(found: Finding, words: Words, status: bool) -> str:
    """Return one paragraph: the sentence, its status, and what it assumes or lacks."""
    body = rich(words.spans(found.sentence))
    if found.caution:
        body = f"<strong>{escape(words.ui('caution'))}:</strong> {body}"
    if status:
        body += f' <em class="status">{escape(words.ui(f"status.{found.status}"))}</em>'
    notes = "".join(f'<br><small class="remark">{escape(t)}</small>' for t in remarks(found, words))
    kind = "finding caution" if found.caution else "finding"
    return f'<p class="{kind}" id="{identifier("finding", found.id)}">{body}{notes}</p>\n'


def paragraph(text: Iterable[tuple[str, bool]]) -> str:
    """Return an explanation: a paragraph without a status."""
    return f'<p class="finding">{rich(text)}</p>\n'


def image(svg: str, narrow: str, alt: str) -> str:
    """Return a picture and its narrow form, which a phone shows instead, as data images.

    So the page asks nobody for anything.
    """
    return (
        f'<picture><source media="{PHONE}" srcset="{_data(narrow)}">'
        f'<img src="{_data(svg)}" alt="{escape(alt, quote=True)}"></picture>'
    )


def _data(svg: str) -> str:
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def figure(shown: Figure, words: Words, svg: str, narrow: str, level: int) -> str:
    """Return the picture, wide and narrow, between its title and its source."""
    level += 1
    sheet = words.ui("sheet", sheet=sheet_name(shown.table.id))
    return (
        f'<figure id="{identifier("figure", shown.id)}">\n'
        f"<h{level}>{escape(words.say(shown.title))}</h{level}>\n"
        f'<p class="subtitle">{escape(words.say(shown.subtitle))}</p>\n'
        f"{image(svg, narrow, words.say(shown.alt))}\n"
        f"<figcaption>{escape(sourced(words.say(shown.note), sheet))}</figcaption>\n</figure>\n"
    )


def table(shown: Table, words: Words) -> str:
    """Return the table in a region that scrolls by itself on a narrow screen."""
    right = [numeric(shown, i) for i in range(len(shown.columns))]
    heads = "".join(
        f'<th scope="col"{_number(r)}>{escape(h)}</th>'
        for h, r in zip(headings(shown, words), right, strict=True)
    )
    rows = []
    for row in cells(shown, words):
        texts = [escape(text) for text in row]
        first = f'<th scope="row"{_number(right[0])}>{texts[0]}</th>'
        rest = "".join(
            f"<td{_number(r)}>{t}</td>" for t, r in zip(texts[1:], right[1:], strict=True)
        )
        rows.append(f"<tr>{first}{rest}</tr>\n")
    note = f'<p class="note">{escape(words.say(shown.note))}</p>\n' if shown.note else ""
    inner = f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{''.join(rows)}</tbody>"
    return scrolling(identifier("table", shown.id), words.say(shown.caption), inner) + note


def scrolling(anchor: str, caption: str, inner: str) -> str:
    """Return a captioned table in a labelled region that the keyboard can reach and scroll.

    The caption stands above the region, so that it stays in sight and wraps where columns scroll.
    """
    name = f"{anchor}-caption"
    return (
        f'<p class="caption" id="{name}">{escape(caption)}</p>\n'
        f'<div class="scroll" role="group" aria-labelledby="{name}" tabindex="0">\n'
        f'<table id="{anchor}" aria-labelledby="{name}">\n{inner}\n</table></div>\n'
    )


def _number(right: bool) -> str:
    return ' class="number"' if right else ""
