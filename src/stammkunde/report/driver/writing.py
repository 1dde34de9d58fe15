"""Writing one client's report: chapters run in every language, products put into a folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from stammkunde.errors import NotebookError, ParameterError, nearest
from stammkunde.report.compose import facts_of
from stammkunde.report.driver import manifest, results_file
from stammkunde.report.driver.fetching import fetch_data
from stammkunde.report.driver.job import Job
from stammkunde.report.driver.kernels import kernels
from stammkunde.report.driver.parameters import declared, from_text
from stammkunde.report.driver.products import write_products
from stammkunde.report.driver.progress import Progress
from stammkunde.report.driver.runner import read_notebook, run_chapter
from stammkunde.study import PRODUCTS, Study, read_study

OWN = {
    "client": "Name the client: stammkunde report CLIENT.",
    "language": "Its languages are those of the client's TOML.",
}
REJECTED = "rejected.csv"


def write_report(job: Job, folder: Path, progress: Progress) -> None:
    """Write the products of `job` into `folder`, the manifest among them.

    Raises an error of this package where a chapter, the data or a product fails.
    """
    with progress.step(f"{job.client}: data"):
        study = read_study(job.client, workspace=job.workspace, created=job.created)
        fetch_data(study)
        chapters = {path: read_notebook(path) for path in job.workspace.chapters()}
        given = typed(chapters, job.parameters)
        files = (*study.data_files, study.folder / "SOURCE.toml")
        made_from = manifest.current(
            job.workspace,
            job.client,
            [f for f in files if f.is_file()],
            job.asked,
            elsewhere=not all(d.path for d in study.toml.data.deliveries.values()),
        )
    results: dict[str, list[dict[str, Any]]] = {}
    about: dict[str, Any] = {}
    for locale in study.languages:
        here = replace(study, language=locale)
        suffix = short(locale, study.languages)
        executed = _run(job, here, suffix, given, folder, progress)
        require_rejected(folder)
        results[locale] = results_file.results(facts_of(executed))
        # every language has the same to log
        progress.log += logged(executed) if locale == study.languages[0] else []
        told = write_products(here, suffix, executed, made_from, folder, progress)
        about[suffix] = {
            "locale": locale,
            "headline": told,
            "title": here.name.in_language(locale[:2]),
        }
    lines = results_file.same_results(results)
    text = results_file.results_json(job.client, study.as_of, study.created, lines)
    _write(folder / "results.json", text)
    # it names customers: for the owner alone, whichever way a chapter wrote it
    (folder / REJECTED).chmod(0o600)
    about |= {"nature": study.nature, "as_of": study.as_of.isoformat()}
    whole = replace(made_from, products=manifest.products_in(folder), about=about)
    _write(folder / manifest.NAME, whole.to_json())


def logged(executed: Iterable[NotebookNode]) -> list[str]:
    """Return what the sections of chapters have for the log, a line each with the section's id."""
    return [f"  {told['section']}: {line}" for told in facts_of(executed) for line in told["log"]]


def require_rejected(folder: Path) -> None:
    """Raise NotebookError where no chapter wrote the rows it did not use into `folder`."""
    if not (folder / REJECTED).is_file():
        raise NotebookError(
            "no chapter has kept the rows that are not used, so rejected.csv is missing",
            where="notebooks/",
            remedy="Write `study.keep_rejected(spells)` below the cell that reads the spells.",
        )


def typed(
    chapters: Mapping[Path, NotebookNode], texts: Mapping[str, str]
) -> dict[Path, dict[str, Any]]:
    """Return the parameters for each chapter, from the texts typed on the command line.

    Every chapter gets those it declares; ParameterError where none declares one, or where a
    chapter lacks `client` or `language`. NotebookError where there is no chapter.
    """
    if not chapters:
        raise NotebookError(
            "there is no chapter such as 1_lifetimes.ipynb",
            where="notebooks/",
            remedy="Copy one from a fresh workspace (`stammkunde init DIR`).",
        )
    known = {path: declared(notebook, path.name) for path, notebook in chapters.items()}
    for path, names in known.items():
        for name in OWN:
            if name not in names:
                raise ParameterError(
                    f"does not declare the parameter `{name}`",
                    where=path.name,
                    remedy="Add it to the cell tagged `parameters`.",
                )
    free = {name for names in known.values() for name in names} - set(OWN)
    for name in texts:
        if name in OWN:
            raise ParameterError(f"`{name}` is set by the report itself", remedy=OWN[name])
        if name not in free:
            raise ParameterError(
                f"no chapter declares `{name}`",
                where="notebooks/",
                remedy=nearest(name, free) or "The chapters declare no other parameters.",
            )
    return {
        path: {n: from_text(names, n, t, path.name) for n, t in texts.items() if n in names}
        for path, names in known.items()
    }


def short(locale: str, among: tuple[str, ...]) -> str:
    """Return how files of a locale are called: "de", or "de_AT" where "de" says not which."""
    same = [other for other in among if other[:2] == locale[:2]]
    return locale if len(same) > 1 else locale[:2]


def _run(
    job: Job,
    study: Study,
    suffix: str,
    given: Mapping[Path, Mapping[str, Any]],
    folder: Path,
    progress: Progress,
) -> list[NotebookNode]:
    """Return the executed chapters in one language, also written below `folder`."""
    executed = []
    with kernels(**{PRODUCTS: str(folder)}):
        for path, extra in given.items():
            name = f"{path.stem}.{suffix}.ipynb"
            with progress.step(f"{job.client}: {path.stem} ({suffix})"):
                parameters = {"client": job.client, "language": study.language, **extra}
                executed.append(
                    run_chapter(
                        path,
                        parameters,
                        folder / "notebooks" / name,
                        cwd=job.workspace.notebooks,
                        failed=job.failed / name,
                    )
                )
    return executed


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
