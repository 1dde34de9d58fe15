"""A section as components, each in every dress at once: HTML, Typst, SVG, and its facts as JSON.

A notebook shows them; each exporter then picks the dress it needs, and the driver the facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from numbers import Real
from typing import Any

from stammkunde.chapters.exhibit import Figure, Section, Table
from stammkunde.report import dress_html, dress_typst
from stammkunde.report.lone import lone
from stammkunde.report.notes import named, sheet_name
from stammkunde.report.typst_text import identifier, rich
from stammkunde.report.words import Words, asked, reason
from stammkunde.result import Estimate, Finding, Label, Sentence, rounded

HTML, TYPST, SVG = "text/html", "text/vnd.typst", "image/svg+xml"
PLAIN = "text/plain"
FACTS = "application/vnd.stammkunde+json"
Spans = Iterable[tuple[str, bool]]


@dataclass(frozen=True)
class Bundle:
    """One component: `data` by mime type, `metadata` for whoever handles it later."""

    data: dict[str, Any]
    metadata: dict[str, Any] = field(default_factory=dict)


def bundles(section: Section, words: Words) -> list[Bundle]:
    """Return the components of a section in reading order, the first with the facts.

    In the appendix headings stand one level lower and nothing carries a status. A section that is
    left out is one line that says why, or nothing at all where nobody needed it.
    """
    if section.left_out and not section.needed:
        return []
    ending = in_appendix(section.id)
    level = 3 if ending else 2
    head = _left_out(section, words) if section.left_out else _heading(section, words, level)
    facts_of_it = Bundle(head.data | {FACTS: facts(section, words)}, head.metadata)
    body = [] if section.left_out else [*_body(section, words, level, status=not ending)]
    return [_belonging(bundle, section.id) for bundle in (facts_of_it, *body)]


def in_appendix(section: str) -> bool:
    """Return whether a section of this id stands in the appendix."""
    return section.startswith("appendix.")


def _belonging(bundle: Bundle, section: str) -> Bundle:
    about = {"section": section} | bundle.metadata.get("stammkunde", {})
    return Bundle(bundle.data, {"stammkunde": about})


def _heading(section: Section, words: Words, level: int) -> Bundle:
    html = dress_html.heading(section, words, level)
    typst = dress_typst.heading(section, words, level)
    data = {HTML: html, TYPST: typst, PLAIN: words.say(section.heading)}
    return Bundle(data, {"stammkunde": {"role": "heading", "level": level}})


def _left_out(section: Section, words: Words) -> Bundle:
    text = left_out_line(words.say(section.heading), words.text(section.left_out), words)
    return prose(text, {"stammkunde": {"role": "left-out"}})


def prose(spans: Spans, metadata: dict[str, Any] | None = None) -> Bundle:
    """Return a paragraph, given as pieces of (text, emphasised), as a component."""
    pieces = list(spans)
    plain = "".join(text for text, _ in pieces)
    data = {HTML: dress_html.paragraph(pieces), TYPST: f"{rich(pieces)}\n\n", PLAIN: plain}
    return Bundle(data, metadata or {})


def left_out_line(heading: str, why: str, words: Words) -> list[tuple[str, bool]]:
    """Return the line that says which section is left out, and why, as pieces of text."""
    return [(words.ui("left_out", heading=heading), True), (" ", False), (why, False)]


def _body(section: Section, words: Words, level: int, status: bool) -> Iterator[Bundle]:
    for sentence in section.opening:
        yield prose(words.spans(sentence))
    for found in _named_once(section.findings):
        html = dress_html.finding(found, words, status)
        typst = dress_typst.finding(found, words, status)
        yield Bundle({HTML: html, TYPST: typst, PLAIN: words.say(found.sentence)})
    for sentence in section.paragraphs:
        yield prose(words.spans(sentence))
    for shown in section.figures:
        yield picture(shown, words, level)
    for table in section.tables:
        if table.in_report:
            yield grid(table, words)


def _named_once(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the findings, each with those assumptions that none before it has named.

    What all findings of a section rest on, repeated under each, is no longer read.
    """
    said: set[str] = set()
    for found in findings:
        yield replace(found, assumptions=tuple(a for a in found.assumptions if a not in said))
        said |= {*found.assumptions}


def grid(shown: Table, words: Words) -> Bundle:
    """Return a table as a component."""
    html, typst = dress_html.table(shown, words), dress_typst.table(shown, words)
    plain = words.ui("plain.table", title=words.say(shown.caption))
    return Bundle({HTML: html, TYPST: typst, PLAIN: plain})


def picture(shown: Figure, words: Words, level: int = 2) -> Bundle:
    """Return a figure as a component, with its SVG and what a first page needs of it.

    The metadata hold its words and, for a phone, its narrow SVG.
    """
    from stammkunde.report.figures import draw

    svg, narrow = draw(shown, words), draw(shown, words, narrow=True)
    about = {"role": "figure", "figure": shown.id, "alt": words.say(shown.alt)}
    about |= {"file": f"{identifier(shown.id)}.svg"}
    about |= {"title": words.say(shown.title), "subtitle": words.say(shown.subtitle)}
    about |= {"narrow": narrow}
    html = dress_html.figure(shown, words, svg, narrow, level)
    typst = dress_typst.figure(shown, words, level)
    plain = words.ui("plain.figure", title=about["title"])
    return Bundle({HTML: html, TYPST: typst, SVG: svg, PLAIN: plain}, {"stammkunde": about})


def facts(section: Section, words: Words) -> dict[str, Any]:
    """Return what a section says as JSON: results, findings and sheets, in the reader's words."""
    sheets = [sheet_facts(f.table, words, level_of(f)) for f in section.figures]
    sheets += [sheet_facts(table, words) for table in section.tables]
    first = next((f.id for f in section.figures if f.first_page), None)
    return {
        "section": section.id,
        "heading": words.say(section.heading),
        "language": words.language,
        "locale": words.locale,
        "results": [r.as_json() for r in section.results],
        "findings": [finding_facts(f, words) for f in section.findings],
        "sheets": sheets,
        "first_figure": first,
        "left_out": words.text(section.left_out),
        "log": list(section.log),
    }


def finding_facts(found: Finding, words: Words) -> dict[str, Any]:
    """Return a finding in words; `spans` holds its sentence as pieces of (text, emphasised).

    `made_of` holds what all its words are made of, so that every number in the text can be traced
    to the number it stands for.
    """
    sentences = (found.sentence, found.headline, found.unknown, *found.remarks)
    return {
        "id": found.id,
        "status": str(found.status),
        "text": words.say(found.sentence),
        "spans": [list(span) for span in words.spans(found.sentence)],
        "headline": words.say(found.headline) if found.headline else None,
        "unknown": words.say(found.unknown) if found.unknown else None,
        "importance": found.importance,
        "caution": found.caution,
        "assumptions": named(words, "assumption", found.assumptions),
        "missing": named(words, "missing", found.missing),
        "remarks": [words.say(remark) for remark in found.remarks],
        "made_of": [made_of(sentence, words) for sentence in sentences if sentence],
    }


def made_of(value: Any, words: Words) -> Any:
    """Return a sentence as {key, values}, the values being those that it shows, raw, as JSON."""
    if isinstance(value, Sentence):
        shown = sorted(asked(words, value) & value.values.keys())
        return {"key": value.key, "values": {k: made_of(value.values[k], words) for k in shown}}
    if isinstance(value, Estimate):
        parts = ("value", "low", "high", "level", "persons", "spells", "events")
        return {k: rounded(getattr(value, k)) for k in parts}
    if isinstance(value, Label):
        return {"label": value.key, **value.text}
    if isinstance(value, list | tuple):
        return [made_of(v, words) for v in value]
    if isinstance(value, date):
        return value.isoformat()[:10]
    return rounded(float(value)) if isinstance(value, Real) else str(value)


def level_of(shown: Figure) -> float | None:
    """Return the level of a picture's curves, whose limits are plain columns of its table."""
    levels = {line.curve.level for line in shown.lines}
    return levels.pop() if len(levels) == 1 else None


def sheet_facts(table: Table, words: Words, level: float | None = None) -> dict[str, Any]:
    """Return a table for the workbook: headings in words, cells as raw numbers.

    `level` is that of limits which are columns of their own, where it is known.
    """
    keys = [c.heading if isinstance(c.heading, str) else c.heading.key for c in table.columns]
    columns = [
        {"key": key, "heading": words.heading(c.heading), "form": c.form, "unit": c.unit}
        for key, c in zip(keys, table.columns, strict=True)
    ]
    return {
        "id": sheet_name(table.id),
        "table": table.id,
        "title": words.say(table.caption),
        "note": words.say(table.note) if table.note else "",
        "columns": columns,
        "rows": [[_raw(value, words) for value in row] for row in table.rows],
        "in_report": table.in_report,
        "level": level,
    }


def _raw(value: Any, words: Words) -> Any:
    if isinstance(value, Estimate):
        cell = {k: rounded(getattr(value, k)) for k in ("value", "low", "high")}
        why = reason(words, value) if value.value is None else ""
        return {"estimate": cell | {"level": value.level, "unit": value.unit, "reason": why}}
    if isinstance(value, date):
        return {"date": value.isoformat()[:10]}
    if isinstance(value, Sentence | Label):
        own = lone(value, words) if isinstance(value, Sentence) else None
        return words.text(value) if own is None else {"lone": asdict(own)}
    if value is None or isinstance(value, bool | str):
        return value
    return rounded(value) if isinstance(value, float) else int(value)
