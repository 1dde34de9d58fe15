"""Running a chapter: papermill behind strict, typed manners.

Papermill lets a misspelt parameter pass, calls a notebook complete whose kernel died or which
called `sys.exit()`, and writes paths and times into it. Here a notebook either ran to its last
cell or there is an error and no notebook.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbformat import NotebookNode
from papermill.engines import NBClientEngine, papermill_engines
from papermill.execute import ERROR_MARKER_TAG

from stammkunde.errors import NotebookError
from stammkunde.report.driver.discretion import withhold
from stammkunde.report.driver.failures import INJECTED, OF_THE_DATA, LeftEarly, failure
from stammkunde.report.driver.kernels import NAME, kernel_config
from stammkunde.report.driver.parameters import checked, declared

ENGINE = "stammkunde"
TIMEOUT = 1800
PRIVATE = ("papermill", "execution", "widgets")


class _Engine(NBClientEngine):
    """Papermill's engine, which hands out the notebook also when the kernel dies."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> None:
        options.pop("held").append(nb_man.nb)
        super().execute_managed_notebook(nb_man, kernel_name, **options)


papermill_engines.register(ENGINE, _Engine)
# What goes wrong comes back as an error; papermill's own account of it would say it twice.
logging.getLogger("papermill").setLevel(logging.CRITICAL)
logging.getLogger("papermill").propagate = False


def run_chapter(
    notebook: Path,
    parameters: Mapping[str, Any],
    out: Path,
    *,
    cwd: Path,
    timeout: int = TIMEOUT,
    failed: Path | None = None,
) -> NotebookNode:
    """Return the notebook as executed with `parameters` in the folder `cwd`, also written to `out`.

    `timeout` is in seconds per cell. Needs `kernels()` to be in force. ParameterError for a
    parameter it does not declare; NotebookError, or the package's own error raised in a cell,
    where it did not run to its end: then `out` is untouched and the remains are at `failed`,
    unless the data are to blame.
    """
    source = read_notebook(notebook)
    given = checked(declared(source, notebook.name), parameters, notebook.name)
    executed, cause = _execute(source, given, cwd, timeout)
    problem = failure(executed, notebook.name, _shown(failed), cause)
    tidy(executed)
    withhold(executed)
    if problem is None:
        write_notebook(executed, out)
        return executed
    if failed is not None and not isinstance(problem, OF_THE_DATA):
        write_notebook(executed, failed)
    raise problem from cause


def read_notebook(path: Path) -> NotebookNode:
    """Return the notebook at `path` in format 4; NotebookError where it is none."""
    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError, nbformat.ValidationError) as error:
        first = str(error).split("\n")[0].removesuffix(".")
        raise NotebookError(
            f"cannot be read as a notebook ({first})",
            where=path.name,
            remedy="Open it in `stammkunde lab` and save it again.",
        ) from error


def write_notebook(notebook: NotebookNode, path: Path) -> None:
    """Write `notebook` to `path`, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")
    part.replace(path)


def tidy(notebook: NotebookNode) -> None:
    """Take out of `notebook` whatever differs from run to run or machine to machine."""
    notebook.cells = [
        c for c in notebook.cells if ERROR_MARKER_TAG not in c.metadata.get("tags", [])
    ]
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": {"name": NAME, "display_name": "Stammkunde", "language": "python"}}
    )
    for number, cell in enumerate(notebook.cells, start=1):
        injected = INJECTED in cell.metadata.get("tags", [])
        cell["id"] = INJECTED if injected else f"cell-{number:03}"
        for key in PRIVATE:
            cell.metadata.pop(key, None)
        if not cell.metadata.get("tags", True):
            del cell.metadata["tags"]


def _refuse_exit(*, cell: NotebookNode, execute_reply: Any, **_: object) -> None:
    """Stop at a cell that asked its kernel to end with `exit()`; the cells after it may not run."""
    payload = execute_reply["content"].get("payload", [])
    if any(part.get("source") == "ask_exit" for part in payload):
        raise LeftEarly


def _execute(
    source: NotebookNode, parameters: Mapping[str, Any], cwd: Path, timeout: int
) -> tuple[NotebookNode, Exception | None]:
    """Return the notebook as far as it ran, and what stopped it."""
    held: list[NotebookNode] = []
    try:
        papermill.execute_notebook(
            source,
            None,
            parameters=dict(parameters),
            engine_name=ENGINE,
            kernel_name=NAME,
            language="python",
            progress_bar=False,
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            execution_timeout=timeout,
            shutdown_kernel="immediate",
            record_timing=False,
            coalesce_streams=True,
            on_cell_executed=_refuse_exit,
            extra_arguments=["--HistoryManager.enabled=False", "--log-level=ERROR"],
            config=kernel_config(),
            cwd=cwd,
            held=held,
        )
    except Exception as error:  # noqa: BLE001 - `failure` turns any into one sentence
        return (held[0] if held else source), error
    return held[0], None


def _shown(failed: Path | None) -> str:
    """Return how to name the remains to a reader: from the workspace's folder on."""
    parts = failed.parts[-4:] if failed is not None else ()
    return Path(*parts).as_posix() if parts else ""
