"""One notebook from many: first page, chapters, appendix, each output ready in every dress."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from stammkunde.chapters.exhibit import Section
from stammkunde.errors import RenderError
from stammkunde.report import markdown
from stammkunde.report.dress import FACTS, HTML, SVG, TYPST, Bundle, bundles, facts
from stammkunde.report.firstpage import Cover, first_page, headline_of
from stammkunde.report.foreign import dressed
from stammkunde.report.typst_text import identifier, plain
from stammkunde.report.words import Words

HIDDEN = "analyst"


def compose(
    executed: Sequence[NotebookNode], cover: Cover, appendix: Sequence[Section], words: Words
) -> NotebookNode:
    """Return the notebook that both exporters render: only outputs, no code, no analyst's text.

    Its metadata `stammkunde` holds what the frame needs (title, locale, footer, contents, dates).
    RenderError where two pictures have the same id.
    """
    findings = findings_of(executed)
    front = first_page(findings, _first_picture(executed), cover, words)
    chapters = list(_chapters(executed, words))
    ending = list(_appendix(appendix, words))
    listed = [*_contents(chapters), *([_entry("appendix", words)] if appendix else [])]
    frame = {
        "title": f"{cover.title} · {cover.subtitle}" if cover.subtitle else cover.title,
        "headline": headline_of(findings, cover),
        "locale": words.locale,
        "footer": cover.footer(words),
        "created": cover.created.isoformat(),
        "contents": listed,
    }
    cells = [_cell(i, [b]) for i, b in enumerate([front, *chapters, *ending])]
    _refuse_twins(cells)
    return new_notebook(cells=cells, metadata={"stammkunde": frame})


def facts_of(executed: Iterable[NotebookNode]) -> list[Mapping[str, Any]]:
    """Return the facts of every section, in the order of the chapters."""
    outputs = (o for nb in executed for cell in nb.cells for o in cell.get("outputs", ()))
    return [o["data"][FACTS] for o in outputs if FACTS in o.get("data", {})]


def findings_of(executed: Iterable[NotebookNode]) -> list[dict[str, Any]]:
    """Return every finding in words, each with the heading of its section."""
    return [
        {**found, "heading": told["sections"]["heading"]}
        for told in facts_of(executed)
        for found in told["findings"]
    ]


def results_of(executed: Iterable[NotebookNode]) -> list[dict[str, Any]]:
    """Return every result of the chapters, as `results.json` lists them."""
    return [dict(result) for told in facts_of(executed) for result in told["results"]]


def sheets_of(executed: Iterable[NotebookNode], appendix: Sequence[Section], words: Words) -> list[dict[str, Any]]:
    """Return every table of the chapters and the appendix, for the workbook."""
    own = [dict(sheet) for told in facts_of(executed) for sheet in told["sheets"]]
    return own + [sheet for section in appendix for sheet in facts(section, words)["sheets"]]


def _first_picture(executed: Sequence[NotebookNode]) -> Mapping[str, Any] | None:
    wanted = next((f["first_figure"] for f in facts_of(executed) if f["first_figure"]), None)
    for nb in executed:
        for cell in nb.cells:
            for output in cell.get("outputs", ()):
                about = output.get("metadata", {}).get("stammkunde", {})
                if wanted and about.get("figure") == wanted:
                    return dict(output)
    return None


def _chapters(executed: Sequence[NotebookNode], words: Words) -> Iterator[Bundle]:
    level, number = 1, 0
    for nb in executed:
        for cell in nb.cells:
            if HIDDEN in cell.metadata.get("tags", ()):
                continue
            if cell.cell_type == "markdown" and cell.source.strip():
                yield _prose(cell.source, level)
                level = markdown.last_level(cell.source, level)
            for output in cell.get("outputs", ()):
                own = _own(output)
                if own is None:
                    number += 1
                    yield from dressed(output, number, words)
                    continue
                level = 2 if own.metadata.get("stammkunde", {}).get("role") == "heading" else level
                yield own


def _own(output: Mapping[str, Any]) -> Bundle | None:
    data = output.get("data", {})
    if TYPST not in data:
        return None
    kept = {mime: data[mime] for mime in (HTML, TYPST, SVG, FACTS) if mime in data}
    return Bundle(kept, dict(output.get("metadata", {})))


def _prose(text: str, level: int) -> Bundle:
    return Bundle({HTML: markdown.to_html(text, level), TYPST: markdown.to_typst(text, level)})


def _appendix(sections: Sequence[Section], words: Words) -> Iterator[Bundle]:
    if not sections:
        return
    title = words.ui("appendix")
    html = f'<h2 id="{identifier("section", "appendix")}" class="part">{escape(title)}</h2>\n'
    yield Bundle({HTML: html, TYPST: f"#appendix[{plain(title)}]\n"})
    for section in sections:
        yield from bundles(section, words, level=3, status=False)


def _contents(chapters: Iterable[Bundle]) -> list[dict[str, str]]:
    found = (b.data[FACTS]["sections"] for b in chapters if FACTS in b.data)
    return [{"anchor": identifier("section", f["id"]), "heading": f["heading"]} for f in found]


def _entry(name: str, words: Words) -> dict[str, str]:
    return {"anchor": identifier("section", name), "heading": words.ui(name)}


def _cell(number: int, shown: Sequence[Bundle]) -> NotebookNode:
    outputs = [new_output("display_data", data=b.data, metadata=b.metadata) for b in shown]
    return new_code_cell(outputs=outputs, id=f"part-{number}")


def _refuse_twins(cells: Sequence[NotebookNode]) -> None:
    """Raise RenderError where two parts share a name: an anchor, file or sheet must be one thing."""
    seen: set[tuple[str, str]] = set()
    for kind, name in (name for cell in cells for o in cell.outputs for name in _names(o)):
        if (kind, name) in seen:
            raise RenderError(f"Two {kind} have the id `{name}`", remedy="Give each its own id.")
        seen.add((kind, name))


def _names(output: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    file = output["metadata"].get("stammkunde", {}).get("file")
    if file:
        yield "pictures", file
    told = output["data"].get(FACTS)
    if told:
        yield "sections", identifier(told["section"])
        yield from (("findings", identifier(f["id"])) for f in told["findings"])
        yield from (("tables", identifier(sheet["id"])) for sheet in told["sheets"])
