"""A new client from files: what they hold, copied as delivered, a draft of its TOML beside it.

    look at every file ──> tables in their parts ──> draft ──> copies, SOURCE.toml, TOML

Nothing is written before everything has been read, nothing is overwritten, and what fails half-way
is taken back.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from stammkunde.errors import ParameterError
from stammkunde.intake import proposals
from stammkunde.intake.columns import Looked, look
from stammkunde.intake.draft import Draft, draft
from stammkunde.intake.guesses import forms
from stammkunde.intake.kinds import Place, in_database, places
from stammkunde.intake.note import source_note
from stammkunde.intake.roles import Table, cast, table_of
from stammkunde.spells.blocks import key_expr
from stammkunde.spells.delivery.cells import Form, date_of
from stammkunde.spells.delivery.columns import column
from stammkunde.spells.delivery.take import Taken, take
from stammkunde.spells.source import write_atomically
from stammkunde.workspace import Workspace, check_name


@dataclass(frozen=True, kw_only=True)
class Founded:
    """A client just made: its TOML, the files that lie in its folder, tables found, the draft.

    `unused` are delivered tables for which no part was found.
    """

    toml: Path
    files: tuple[Path, ...]
    tables: tuple[Table, ...]
    unused: tuple[Looked, ...]
    draft: Draft


def found(
    workspace: Workspace,
    client: str,
    files: Sequence[Path],
    *,
    database: str = "",
    tables: Sequence[str] = (),
    today: date,
) -> Founded:
    """Return a new client of the workspace, made from delivered files or tables of a database.

    ParameterError for a name that cannot be or is taken, and for what is no file; DataError for a
    file that cannot be read. Dates after `today` are no evidence of when the data were taken.
    """
    check_name(client)
    toml = workspace.clients / f"{client}.toml"
    if toml.exists():
        remedy = "Choose another name; nothing was changed."
        raise ParameterError(f"there is already a client `{client}`", remedy=remedy)
    folder = workspace.raw / client
    named = [*places(files), *in_database(database, tables, folder)]
    if not named:
        remedy = "Name the delivered files, or --database and --table."
        raise ParameterError("no file was named", remedy=remedy)
    _check_targets(named, folder)
    taken = {place: take(place.folder, {"table": place.delivery})["table"] for place in named}
    seen = {place: look(t.rows, place.delivery) for place, t in taken.items()}
    parts, unused = cast([table_of(looked) for looked in seen.values()])
    wait = _wait(parts[0], {looked.delivery: taken[p] for p, looked in seen.items()})
    made = draft(client, parts, unused, today=today, wait=wait)
    with _taking_back() as written:
        kept = tuple(_kept(place, folder, written) for place in named if place.path)
        note = folder / "SOURCE.toml"
        if not note.exists():
            _write(note, source_note(client, tuple(dict.fromkeys(kept))), written)
        _write(toml, made.text, written)
    return Founded(
        toml=toml, files=tuple(dict.fromkeys(kept)), tables=parts, unused=unused, draft=made
    )


def _wait(main: Table, taken: Mapping[object, Taken]) -> float | None:
    """Return the days that nine in ten repeat purchases keep within, None without purchases."""
    if main.section != "transactions" or main.unclear:
        return None
    table = taken[main.looked.delivery]
    where = main.looked.delivery.name
    person, day = (column(table.rows, main.roles[role], where) for role in ("person", "date"))
    written = Form(date_format=forms(main).date)
    rows = table.rows.select(person=key_expr(person), day=date_of(day, written))
    return proposals.waiting(rows.filter(rows.day.notnull()).distinct())


def _check_targets(named: Sequence[Place], folder: Path) -> None:
    """Raise ParameterError where two files would get one name, or one that is another file's."""
    paths = {place.path for place in named if place.path is not None}
    names = [path.name.casefold() for path in paths]
    for path in paths:
        target = folder / path.name
        if set(path.name) & set("\\:"):
            raise ParameterError(
                "the file cannot be kept under this name",
                where=path.name,
                remedy="Rename it, without colon and backslash.",
            )
        if names.count(path.name.casefold()) > 1:
            remedy = "Rename one."
            raise ParameterError("two files have this name", where=path.name, remedy=remedy)
        if target.exists() and not _is_same(path, target):
            raise ParameterError(
                f"another file of this name lies in data/raw/{folder.name}/",
                where=path.name,
                remedy="Rename one; nothing was changed.",
            )


def _is_same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def _kept(place: Place, folder: Path, written: list[Path]) -> Path:
    """Return the path of the delivered file or folder in the client's folder, copied if need be."""
    assert place.path is not None
    target = folder / place.path.name
    if target.exists():
        return target
    _make(folder, written)
    half = folder / f".{place.path.name}.tmp"
    written.append(half)
    if place.path.is_dir():
        shutil.copytree(place.path, half)
    else:
        shutil.copyfile(place.path, half)
    half.replace(target)
    written.append(target)
    return target


def _write(path: Path, text: str, written: list[Path]) -> None:
    _make(path.parent, written)
    written.append(path)
    write_atomically(path, text.encode())


def _make(folder: Path, written: list[Path]) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True)
        written.append(folder)


@contextmanager
def _taking_back() -> Iterator[list[Path]]:
    """Give a list of what is being written; where something fails, all of it is removed."""
    written: list[Path] = []
    try:
        yield written
    except BaseException:
        for path in reversed(written):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        raise
