"""What can go wrong, said in one sentence: what, where, how many rows, the remedy.

    StammkundeError
     ├─ WorkspaceError      no workspace here, or a path leads out of it
     ├─ SchemaError         a TOML file does not say what it must
     ├─ ParameterError      a command, notebook or function was asked for something it does not know
     ├─ DataError           the data as delivered cannot be read
     ├─ SourceError         a file from a registry could not be had, or is not the one it should be
     ├─ NotObservedError    the data end before the answer begins
     ├─ NotebookError       a chapter did not run to its end
     └─ RenderError         a report could not be written

No message advises bending the data.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import partial


class StammkundeError(Exception):
    """Anything this package refuses to do, with a remedy.

    `what` happened, `where` (file, key, column), `rows` concerned, `remedy`.
    `str(error)` is the whole message on one line. Where a page says it in its own language,
    `reason` is the id of its sentences and `told` the values that they need.
    """

    exit_code = 2

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        rows: int | None = None,
        remedy: str = "",
        reason: str = "",
        told: Mapping[str, object] | None = None,
    ) -> None:
        self.what, self.where, self.rows, self.remedy = what, where, rows, remedy
        self.reason, self.told = reason, dict(told or {})
        super().__init__(what, where, rows, remedy)

    def __reduce__(self) -> tuple[object, ...]:
        # told to another process, it is the same error
        known = {n: getattr(self, n) for n in ("where", "rows", "remedy", "reason", "told")}
        return partial(type(self), **known), (self.what,)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        count = (
            "" if self.rows is None else f" ({self.rows:,} {'row' if self.rows == 1 else 'rows'})"
        )
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{place}{self.what}{count}.{remedy}"


class WorkspaceError(StammkundeError):
    """There is no workspace here, or a path leads out of it."""


class SchemaError(StammkundeError):
    """A TOML file lacks a key, has one too many, or a value of the wrong kind."""


class ParameterError(StammkundeError):
    """A command, notebook or function was asked for something it does not know."""


class DataError(StammkundeError):
    """The data as delivered cannot be read."""


class SourceError(StammkundeError):
    """A file from a registry could not be had, or is not the one it should be."""


class NotObservedError(StammkundeError):
    """The observation ends before the answer begins."""


class NotebookError(StammkundeError):
    """A chapter did not run to its end."""

    exit_code = 3


class RenderError(StammkundeError):
    """A report could not be written."""

    exit_code = 3


def several(names: Iterable[str], what: str) -> tuple[str, ...]:
    """Return several names; ParameterError for a text, whose letters would be taken for names.

    `what` they are stands in the message: "columns", "words of an arm".
    """
    if isinstance(names, str):
        raise ParameterError(
            f'"{names}" is a text, and {what} come as a list', remedy=f'Write `["{names}"]`.'
        )
    return tuple(names)


def nearest(wrong: str, known: Iterable[str]) -> str:
    """Return a remedy naming the known spelling nearest to `wrong`, else all of them."""
    names = sorted(map(str, known))
    close = get_close_matches(wrong.lower(), [n.lower() for n in names], n=1)
    hit = next((n for n in names if close and n.lower() == close[0]), None)
    if hit:
        return f"Did you mean `{hit}`?"
    return "Known are: " + ", ".join(f"`{n}`" for n in names) + "." if names else ""
