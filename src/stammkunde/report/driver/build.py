"""Making the reports that are out of date, client by client.

    out of date? (manifest) → fetch data → chapters per language → HTML, PDF, workbook → swap in

Light to import, for a run that has nothing to do ends before anything heavy is needed. One client
that fails does not stop the others.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from stammkunde.errors import RenderError, StammkundeError
from stammkunde.report.driver import forks, manifest, publish
from stammkunde.report.driver.discretion import repeated
from stammkunde.report.driver.job import Job, forget_failed
from stammkunde.report.driver.progress import Progress
from stammkunde.workspace import Workspace, unusable


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a job: `made` or unchanged, `reason` why, `error` where it failed."""

    client: str
    made: bool = False
    reason: str = ""
    seconds: float = 0.0
    error: StammkundeError | None = None


Writer = Callable[[Job, Path, Progress], None]


def build(
    workspace: Workspace,
    clients: Sequence[str],
    *,
    parameters: Mapping[str, str] | None = None,
    created: date | None = None,
    force: bool = False,
    progress: Progress | None = None,
    write: Writer | None = None,
) -> list[Outcome]:
    """Return what became of the reports of `clients`, in their order; `force` makes all anew.

    `write` puts one client's products into a folder (by default `write_report`). The list of
    reports (`reports/index.<language>.html`) is brought up to date where something changed.
    """
    progress = progress or Progress()
    jobs = [
        Job(workspace=workspace, client=name, parameters=parameters or {}, created=created)
        for name in clients
    ]
    try:
        outcomes = [_attempt(job, force, progress, write or _write_warm) for job in jobs]
    finally:
        forks.stop()
    publish.clear(workspace.reports, workspace.client_names())
    forget_failed(workspace, except_for=workspace.client_names())
    if any(o.made for o in outcomes) or not any(workspace.reports.glob("index.*.html")):
        from stammkunde.report.driver.overview import write_overview

        write_overview(workspace)
    return outcomes


def _attempt(job: Job, force: bool, progress: Progress, write: Writer) -> Outcome:
    """Return what became of one job; an error of this package ends it, not the run."""
    progress.begin()
    try:
        job.workspace.toml(job.client)
        with publish.claimed(job.workspace.reports, job.client):
            job.forget_failed()
            reason = "asked for anew" if force else _why(job)
            if reason is None:
                progress.say(f"{job.client}: up to date")
                return Outcome(client=job.client)
            with publish.building(job.workspace.reports, job.client) as folder:
                write(job, folder, progress)
                _write_log(folder, reason, progress)
    except Exception as error:  # noqa: BLE001 - the other clients do not depend on it
        told = error if isinstance(error, StammkundeError) else unexpected(error)
        progress.say(f"stammkunde: {job.client}: {told}")
        return Outcome(client=job.client, error=told, seconds=progress.seconds)
    place = f"reports/{job.client}"
    progress.say(f"{job.client}: {place} made in {progress.seconds:.1f} s ({reason})")
    return Outcome(client=job.client, made=True, reason=reason, seconds=progress.seconds)


def unexpected(error: Exception) -> StammkundeError:
    """Return an error that no part of this package foresaw as one sentence, itself as its cause.

    Where the system refused something, the sentence says what. No customer's cell is quoted.
    """
    if isinstance(error, OSError) and error.errno:
        return unusable(error, at="reports/")
    kind = type(error).__name__
    first = f"{kind}: {repeated(kind, str(error), '') or 'no message'}"
    told = RenderError(
        f"this should not have happened ({first})",
        remedy="`stammkunde --debug …` shows where; please report it.",
    )
    told.__cause__ = error
    return told


def _why(job: Job) -> str | None:
    return manifest.out_of_date(job.workspace, job.client, job.asked)


def _write_warm(job: Job, folder: Path, progress: Progress) -> None:
    """Write one client's products; the libraries load in two processes at once."""
    forks.start()
    with _light_imports():
        from stammkunde.report.driver.writing import write_report

    write_report(job, folder, progress)


@contextmanager
def _light_imports() -> Iterator[None]:
    """Import without what costs seconds and is not used here.

    `jsonschema`, which nbformat imports, would compile a grammar of internet addresses (1 s) that
    no notebook needs checked, and the garbage collector finds none among modules.
    """
    grammar = "rfc3987_syntax"
    hidden = grammar not in sys.modules
    if hidden:
        sys.modules[grammar] = None  # type: ignore[assignment]
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        if hidden:
            del sys.modules[grammar]


def _write_log(folder: Path, reason: str, progress: Progress) -> None:
    lines = [f"made because: {reason}", "  since start, for step", *progress.log]
    text = "\n".join([*lines, f"{progress.seconds:7.2f} s  in all", ""])
    (folder / "log.txt").write_text(text, encoding="utf-8", newline="\n")
