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
from stammkunde.report.dress import (
    FACTS,
    HTML,
    SVG,
    TYPST,
    Bundle,
    bundles,
    facts,
    in_appendix,
    left_out_line,
)
from stammkunde.report.dress_html import paragraph
from stammkunde.report.firstpage import Cover, first_page, headline_of
from stammkunde.report.foreign import dressed
from stammkunde.report.typst_text import identifier, plain, rich
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
    told = list(_chapters(executed, words))
    chapters = [b for b in told if not in_appendix(_about(b, "section"))]
    ending = list(_appendix(told, appendix, words))
    frame = {
        "title": f"{cover.title} · {cover.subtitle}" if cover.subtitle else cover.title,
        "headline": headline_of(findings, cover),
        "locale": words.locale,
        "footer": cover.footer(words),
        "created": cover.created.isoformat(),
        "contents": _contents([*chapters, *ending[:1]]),
    }
    parts = [front, *(b for b in chapters if _about(b, "role") != "left-out"), *ending]
    cells = [_cell(i, bundle) for i, bundle in enumerate(parts)]
    _refuse_twins(cells)
    return new_notebook(cells=cells, metadata={"stammkunde": frame})


def facts_of(executed: Iterable[NotebookNode]) -> list[Mapping[str, Any]]:
    """Return the facts of every section, in the order of the chapters."""
    outputs = (o for nb in executed for cell in nb.cells for o in cell.get("outputs", ()))
    return [o["data"][FACTS] for o in outputs if FACTS in o.get("data", {})]


def findings_of(executed: Iterable[NotebookNode]) -> list[dict[str, Any]]:
    """Return every finding in words, each with the heading of its section."""
    return [
        {**found, "heading": told["heading"]}
        for told in facts_of(executed)
        for found in told["findings"]
    ]


def sheets_of(
    executed: Iterable[NotebookNode], appendix: Sequence[Section], words: Words
) -> list[dict[str, Any]]:
    """Return every table for the workbook, each with the `part` of the report it belongs to.

    A part is a heading of the report's contents; what stands in the appendix comes last.
    """
    told = [*facts_of(executed), *(facts(section, words) for section in appendix)]
    ending = words.ui("appendix")
    own = [t for t in told if not in_appendix(t["section"])]
    last = [t for t in told if in_appendix(t["section"])]
    parts = [*((t["heading"], t) for t in own), *((ending, t) for t in last)]
    return [dict(sheet) | {"part": part} for part, t in parts for sheet in t["sheets"]]


def _first_picture(executed: Sequence[NotebookNode]) -> Mapping[str, Any] | None:
    wanted = _wanted_picture(facts_of(executed))
    for nb in executed:
        for cell in nb.cells:
            for output in cell.get("outputs", ()):
                about = output.get("metadata", {}).get("stammkunde", {})
                if wanted and about.get("figure") == wanted:
                    return dict(output)
    return None


def _wanted_picture(told: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the picture for the first page: that of the section with the most important finding.

    Of sections that weigh the same the first one's.
    """
    offered = [f for f in told if f["first_figure"]]
    found = max(offered, key=_weight, default=None)
    return None if found is None else str(found["first_figure"])


def _weight(told: Mapping[str, Any]) -> float:
    return max((float(f["importance"]) for f in told["findings"]), default=0.0)


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
                level = int(_about(own, "level") or level)
                yield own


def _own(output: Mapping[str, Any]) -> Bundle | None:
    data = output.get("data", {})
    if TYPST not in data:
        return None
    kept = {mime: data[mime] for mime in (HTML, TYPST, SVG, FACTS) if mime in data}
    return Bundle(kept, dict(output.get("metadata", {})))


def _prose(text: str, level: int) -> Bundle:
    return Bundle({HTML: markdown.to_html(text, level), TYPST: markdown.to_typst(text, level)})


def _appendix(
    told: Sequence[Bundle], sections: Sequence[Section], words: Words
) -> Iterator[Bundle]:
    """Yield what the chapters put into the appendix, the appendix proper, and what is left out."""
    own = [b for b in told if in_appendix(_about(b, "section"))]
    left_out = [b.data[FACTS] for b in told if _about(b, "role") == "left-out"]
    if not (own or sections or left_out):
        return
    yield _part("appendix", words.ui("appendix"))
    yield from own
    for section in sections:
        yield from bundles(section, words)
    if left_out:
        yield _subheading("left-out", words.ui("left_out_heading"))
    for told_of in left_out:
        line = left_out_line(told_of["heading"], told_of["left_out"], words)
        yield Bundle({HTML: paragraph(line), TYPST: f"{rich(line)}\n\n"})


def _part(name: str, title: str) -> Bundle:
    anchor = identifier("section", name)
    html = f'<h2 id="{anchor}" class="part">{escape(title)}</h2>\n'
    about = {"role": "part", "anchor": anchor, "heading": title}
    return Bundle({HTML: html, TYPST: f"#appendix[{plain(title)}]\n"}, {"stammkunde": about})


def _subheading(name: str, title: str) -> Bundle:
    html = f'<h3 id="{identifier("section", name)}">{escape(title)}</h3>\n'
    return Bundle({HTML: html, TYPST: f"#heading(level: 3)[{plain(title)}]\n"})


def _contents(shown: Iterable[Bundle]) -> list[dict[str, str]]:
    """Return the entries of the table of contents: each chapter's sections, then the appendix."""
    entries = []
    for bundle in shown:
        if _about(bundle, "role") == "heading":
            told = bundle.data[FACTS]
            anchor = identifier("section", told["section"])
            entries.append({"anchor": anchor, "heading": told["heading"]})
        elif _about(bundle, "role") == "part":
            about = bundle.metadata["stammkunde"]
            entries.append({"anchor": about["anchor"], "heading": about["heading"]})
    return entries


def _about(bundle: Bundle, key: str) -> str:
    return str(bundle.metadata.get("stammkunde", {}).get(key, ""))


def _cell(number: int, shown: Bundle) -> NotebookNode:
    output = new_output("display_data", data=shown.data, metadata=shown.metadata)
    return new_code_cell(outputs=[output], id=f"part-{number}")


def _refuse_twins(cells: Sequence[NotebookNode]) -> None:
    """Raise RenderError where two parts share an anchor, a file or a sheet."""
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
