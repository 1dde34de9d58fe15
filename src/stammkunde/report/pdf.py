"""The report as PDF: Typst source from a template, compiled to PDF/UA-1 and PDF/A-2a at once."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst
from nbconvert.exporters.templateexporter import TemplateExporter
from nbformat import NotebookNode

from stammkunde.errors import RenderError
from stammkunde.report import palette
from stammkunde.report.firstpage import FEWEST_POINTS
from stammkunde.report.typst_text import label, string
from stammkunde.report.words import Words

HERE = Path(__file__).parent


class PdfExporter(TemplateExporter):
    """Writes a composed notebook as Typst and compiles it (nbconvert asks for a subclass)."""

    file_extension = ".pdf"
    output_mimetype = "application/pdf"

    def __init__(self, words: Words, **settings: Any) -> None:
        paths = [str(HERE / "templates")]
        super().__init__(template_paths=paths, template_file="report.typ.j2", **settings)
        self.words = words

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **more: Any
    ) -> tuple[bytes, dict[str, Any]]:
        """Return the PDF's bytes and nbconvert's resources; RenderError where Typst refuses."""
        self.environment.globals.update(_globals(nb, self.words))
        source, resources = super().from_notebook_node(nb, resources, **more)
        created = date.fromisoformat(nb.metadata.stammkunde.created)
        return _compiled(source, dict(_files(nb)), created), resources


def pdf_report(nb: NotebookNode, words: Words) -> bytes:
    """Return the report of a composed notebook as PDF; the same notebook gives the same bytes.

    RenderError where Typst refuses the document.
    """
    return PdfExporter(words).from_notebook_node(nb)[0]


def write_pdf(nb: NotebookNode, words: Words, path: Path) -> None:
    """Write the report of a composed notebook to `path`; RenderError where Typst refuses it."""
    path.write_bytes(pdf_report(nb, words))


def _globals(nb: NotebookNode, words: Words) -> dict[str, Any]:
    created = date.fromisoformat(nb.metadata.stammkunde.created)
    when = f"year: {created.year}, month: {created.month}, day: {created.day}"
    region = words.locale.partition("_")[2].lower() or words.language
    said = {"words": words, "string": string, "label": label, "fewest": FEWEST_POINTS}
    return said | {"created": when, "region": region, "colours": palette.typst()}


def _files(nb: NotebookNode) -> Iterator[tuple[str, bytes]]:
    """Yield the pictures of the notebook by the names that the source uses."""
    for output in (o for cell in nb.cells for o in cell.get("outputs", ())):
        name = output.metadata.get("stammkunde", {}).get("file")
        if name and name.endswith(".svg"):
            yield name, output.data["image/svg+xml"].encode()
        elif name:
            yield name, b64decode(output.data[f"image/{name.rpartition('.')[2]}"])


def _compiled(source: str, pictures: dict[str, bytes], created: date) -> bytes:
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(HERE / "fonts")])
    stamp = datetime(created.year, created.month, created.day, tzinfo=UTC)
    with TemporaryDirectory(prefix="stammkunde-") as folder:
        for name, content in pictures.items():
            (Path(folder) / name).write_bytes(content)
        main = Path(folder) / "report.typ"
        main.write_text(source, encoding="utf-8", newline="\n")
        try:
            return typst.compile(
                str(main),
                root=folder,
                font_paths=fonts,
                pdf_standards=["ua-1", "a-2a"],
                timestamp=stamp,
            )
        except typst.TypstError as error:
            raise RenderError(_sentence(error), where="PDF", remedy=_remedy(error)) from error


def _sentence(error: typst.TypstError) -> str:
    if "first page" in error.message:
        return "The first page holds more than one page of text"
    return "The report could not be set: " + " ".join(error.message.split())


def _remedy(error: typst.TypstError) -> str:
    if "first page" in error.message:
        return "Shorten the sentences of the most important findings."
    return " ".join(error.hints) or "`stammkunde --debug …` shows where; please report it."
