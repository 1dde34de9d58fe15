"""Why a notebook did not run to its end, in one sentence."""

from __future__ import annotations

import re
from typing import Any

from nbformat import NotebookNode

from stammkunde import errors
from stammkunde.errors import NotebookError, StammkundeError
from stammkunde.report.driver import discretion

INJECTED = "injected-parameters"
EXIT = "called sys.exit() or exit() before the chapter ended"
NO_EXIT = "Take the call out: a chapter runs to its last cell or raises an error."
OWN = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, StammkundeError)
}

# these say which file and column is meant; the cell that came upon it would say nothing more
OF_THE_DATA = (
    errors.DataError,
    errors.SchemaError,
    errors.SourceError,
    errors.WorkspaceError,
)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
FRAME = re.compile(r"^(?:Cell In|File) ", re.MULTILINE)
IN_PACKAGE = re.compile(r"File [^\n]*[/\\]stammkunde[/\\][\w/\\]+\.py:\d+, in ")
RAISE = re.compile(r"^-+> \d+ +raise\b", re.MULTILINE)


class LeftEarly(Exception):
    """A cell asked its kernel to end."""


def failure(
    notebook: NotebookNode, name: str, kept: str, cause: BaseException | None
) -> StammkundeError | None:
    """Return the error that tells why `notebook` did not run to its end, None where it did.

    `name` is how the reader knows the notebook, `kept` where its remains lie; `cause` what the
    engine raised, if anything. An error that this package raised in a cell comes back as one of its
    class, with notebook and cell before what it says, unless it is about the data.
    """
    cells = [c for c in notebook.cells if c.cell_type == "code"]
    for cell in cells:
        raised = [o for o in cell.get("outputs", []) if o.output_type == "error"]
        if raised:
            return _raised(raised[0], _place(notebook, cell, name), kept, notebook)
    if isinstance(cause, StammkundeError):
        return cause
    if cause is not None:
        begun = [c for c in cells if c.metadata.get("papermill", {}).get("start_time")]
        place = _place(notebook, begun[-1], name) if begun else name
        return _stopped(cause, place, kept)
    for cell in cells:
        if cell.source.strip() and cell.get("execution_count") is None:
            place = _place(notebook, cell, name)
            return NotebookError("the cell did not run", where=place, remedy=_look(kept))
    return None


def _raised(output: Any, place: str, kept: str, notebook: NotebookNode) -> StammkundeError:
    """Return the error for a cell that raised, in words that quote no cell of the data."""
    if is_own(output):
        return spoken(output.ename, output.evalue, place)
    if output.ename == "SystemExit":
        return NotebookError(EXIT, where=place, remedy=NO_EXIT)
    message = discretion.repeated(output.ename, output.evalue, discretion.source_of(notebook))
    remedy = discretion.REMEDY if message == discretion.WITHHELD else _look(kept)
    said = f"{output.ename}: {message}" if message else output.ename
    return NotebookError(said.removesuffix("."), where=place, remedy=remedy)


def is_own(output: Any) -> bool:
    """Return whether this package raised the error of a cell's `output`.

    The name alone does not tell: duckdb and pandas have a DataError too, and so may a cell. Ours
    come from a `raise` in a module of this package, which the innermost frame shows.
    """
    if output.ename not in OWN:
        return False
    traceback = COLOUR.sub("", "\n".join(output.get("traceback", [])))
    frames = [found.start() for found in FRAME.finditer(traceback)]
    innermost = traceback[frames[-1] :] if frames else ""
    return bool(IN_PACKAGE.match(innermost) and RAISE.search(innermost))


def spoken(kind: str, message: str, place: str) -> StammkundeError:
    """Return an error of class `kind` that says `message` as it was in the kernel.

    `place` comes before it, except where it is about the data.
    """
    what, separator, remedy = message.partition(". ")
    text = what if separator else message.removesuffix(".")
    where = "" if issubclass(OWN[kind], OF_THE_DATA) else place
    return OWN[kind](text, where=where, remedy=remedy)


def _stopped(cause: BaseException, place: str, kept: str) -> StammkundeError:
    """Return the error for a notebook that stopped though no cell raised."""
    kind = type(cause).__name__
    if isinstance(cause, LeftEarly):
        return NotebookError(EXIT, where=place, remedy=NO_EXIT)
    if kind == "DeadKernelError":
        what = "the kernel died (ended from outside, or out of memory)"
    elif kind == "CellTimeoutError":
        what = "the cell did not end within the time allowed"
    else:
        first = str(cause).strip().split("\n")[0].removesuffix(".")
        what = f"the kernel could not be used ({kind}: {first})"
    return NotebookError(what, where=place, remedy=_look(kept))


def _place(notebook: NotebookNode, cell: NotebookNode, name: str) -> str:
    """Return notebook, number of the cell as JupyterLab counts it, and the cell's first line."""
    if INJECTED in cell.metadata.get("tags", []):
        return f"{name}, parameters"
    own = [
        c
        for c in notebook.cells
        if c.cell_type == "code" and INJECTED not in c.metadata.get("tags", [])
    ]
    line = cell.source.strip().split("\n")[0]
    short = line if len(line) <= 60 else line[:59] + "…"
    return f"{name}, code cell {own.index(cell) + 1} (`{short}`)"


def _look(kept: str) -> str:
    return f"Open {kept} to see how far it got." if kept else "Run it in `stammkunde lab`."
