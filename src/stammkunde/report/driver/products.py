"""The products of one client in one language: HTML, PDF and workbook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nbformat import NotebookNode

from stammkunde.chapters import appendix
from stammkunde.report.compose import compose, findings_of, sheets_of
from stammkunde.report.driver.manifest import Manifest
from stammkunde.report.driver.progress import Progress
from stammkunde.report.firstpage import Cover
from stammkunde.report.html import write_html
from stammkunde.report.pdf import write_pdf
from stammkunde.report.resting import resting
from stammkunde.report.words import Words
from stammkunde.report.workbook import write_workbook
from stammkunde.study import Study
from stammkunde.version import VERSION

NAMED = ("numpy", "scipy", "pandas", "duckdb", "ibis-framework", "matplotlib", "typst")


def write_products(
    study: Study,
    suffix: str,
    executed: Sequence[NotebookNode],
    made_from: Manifest,
    folder: Path,
    progress: Progress,
) -> str:
    """Return the report's headline, having written its HTML, PDF and workbook into `folder`.

    `suffix` ends the files' names ("de"); `made_from` supplies the hashes and versions that the
    appendix prints.
    """
    words = Words(study.language)
    cover = cover_of(study)
    last = appendix(study, hashes=_marks(made_from), versions=_versions(made_from))
    ending = [*resting(findings_of(executed)), *last]
    at = f"{study.slug} ({suffix})"
    with progress.step(f"{at}: composing"):
        whole = compose(executed, cover, ending, words)
    with progress.step(f"{at}: HTML"):
        write_html(whole, words, folder / f"report.{suffix}.html")
    with progress.step(f"{at}: PDF"):
        write_pdf(whole, words, folder / f"report.{suffix}.pdf")
    with progress.step(f"{at}: workbook"):
        sheets = sheets_of(executed, ending, words)
        write_workbook(sheets, cover, words, folder / f"tables.{suffix}.xlsx")
    return str(whole.metadata["stammkunde"]["headline"])


def cover_of(study: Study) -> Cover:
    """Return what the first page and the footers say of a study."""
    return Cover(
        title=study.name.in_language(study.language[:2]),
        subtitle="",
        nature=study.nature,
        as_of=study.as_of,
        created=study.created,
        version=VERSION,
    )


def _marks(made_from: Manifest) -> dict[str, str]:
    """Return the hashes of what belongs to the client, and of the program."""
    own = {k: v for k, v in made_from.inputs.items() if k != "requirements.lock"}
    return own | {"stammkunde": made_from.code}


def _versions(made_from: Manifest) -> dict[str, str]:
    known = made_from.packages
    named = {name: known[name] for name in NAMED if name in known}
    return {"Python": made_from.python, "stammkunde": VERSION, **named}
