"""Forgetting a client, or one person of a client's data.

    a client   its TOML, data, key, reports and what failed runs left, all of it
    a person   the rows of all customer numbers of that person in the delivered tables; of reports
               that were made with them, rejected.csv and the notebooks

What lies outside the workspace (backups, copies, a server's tables, reports handed out) is not
touched; that is said.
"""

from __future__ import annotations

import os
import re
import shutil
import tomllib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import ibis.expr.types as ir

from stammkunde.errors import ParameterError
from stammkunde.report.driver import publish
from stammkunde.report.driver.erase import NOTE, Hit, hits, key_of
from stammkunde.report.driver.job import FAILED
from stammkunde.spells.blocks import key_expr
from stammkunde.spells.delivery.columns import column
from stammkunde.spells.delivery.take import take
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.tables import PersonsToml
from stammkunde.spells.secrets import key_file
from stammkunde.study import Study
from stammkunde.workspace import Workspace

NAMES_CUSTOMERS = ("rejected.csv", "notebooks")
ELSEWHERE = "Not looked at: copies, backups, notebooks you saved, reports handed out."
SOURCE = re.compile(
    rb"""^[ \t]*(?:client\.)?source[ \t]*=[ \t]*["']([^"'\r\n]+)["']""", re.MULTILINE
)


@dataclass(frozen=True)
class Found:
    """What there is of a person: `hits` in tables, files and tables `not_searched`, and why."""

    hits: tuple[Hit, ...]
    not_searched: tuple[str, ...]


@dataclass(frozen=True)
class Used:
    """The `folder` of data that a client uses; `sound` unless its TOML could not be read."""

    folder: Path
    sound: bool = True


def traces(workspace: Workspace, client: str) -> list[Path]:
    """Return what the workspace holds of a client, each there; shared data are left out.

    ParameterError where it holds nothing of that name.
    """
    if not client or set(client) & set("/\\:") or client.startswith("."):
        raise ParameterError(f"`{client}` is no client's name", remedy="Name one of clients/.")
    reports = workspace.reports
    candidates = [
        workspace.clients / f"{client}.toml",
        *_own_data(workspace, client),
        key_file(workspace.root, client),
        reports / client,
        reports / FAILED / client,
        *(reports / f".{kind}-{client}" for kind in publish.KINDS if kind != "lock"),
    ]
    found = [p for p in candidates if p.exists() or p.is_symlink()]
    if not found:
        workspace.toml(client)
    return found


def remove_client(workspace: Workspace, client: str, paths: Collection[Path]) -> None:
    """Remove `paths`, all there is of a client; the list of reports follows.

    RenderError where a run is working on it.
    """
    with publish.claimed(workspace.reports, client):
        for path in paths:
            # of a link only the link is ours
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    if any(workspace.reports.glob("index.*.html")):
        from stammkunde.report.driver.overview import write_overview

        write_overview(workspace)


def of_person(study: Study, key: str) -> Found:
    """Return what the delivered tables hold of a person, named by a customer or person number."""
    data, folder = study.toml.data, study.folder
    numbers = numbers_of(folder, data, key_of(key))
    found: list[Hit] = []
    not_searched = []
    for section, delivery in data.deliveries.items():
        table = getattr(data, section)
        name = table.customer if isinstance(table, PersonsToml) else getattr(table, "person", None)
        if name:
            found += hits(folder, delivery, name, numbers)
        elif name == "":
            not_searched.append(f"{delivery.name}: the client file names no column of customers")
    named = {p.resolve() for p in study.data_files}
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != NOTE):
        inside = any(path.resolve().is_relative_to(p) for p in named)
        if not inside:
            shown = path.relative_to(folder).as_posix()
            not_searched.append(f"{shown}: the client file does not name it")
    return Found(tuple(found), tuple(not_searched))


def numbers_of(folder: Path, data: DataToml, key: str) -> frozenset[str]:
    """Return all customer numbers of the person whose customer or person number is `key`."""
    if data.persons is None:
        return frozenset({key})
    delivery = data.persons.delivery
    rows = take(folder, {"persons": delivery})["persons"].rows
    pairs = rows.select(
        customer=key_expr(column(rows, data.persons.customer, delivery.name)),
        person=key_expr(column(rows, data.persons.person, delivery.name)),
    )
    persons = _texts(pairs, pairs.customer == key, "person")
    # a number may be one person's and another one's customer number: the latter is meant
    persons = persons or {key}
    return frozenset({key} | _texts(pairs, pairs.person.isin(list(persons)), "customer"))


def remove_person(study: Study, found: Found) -> list[str]:
    """Remove what was found of a person where that can be done here; return the clients concerned.

    Their reports are out of date from then on; rejected.csv and the notebooks of the old ones go.
    """
    workspace = study.workspace
    concerned = [study.slug, *_sharing(workspace, study.slug)]
    for hit in found.hits:
        if hit.remove is not None:
            hit.remove()
    for client in concerned:
        with publish.claimed(workspace.reports, client):
            old = workspace.reports / client
            (old / NAMES_CUSTOMERS[0]).unlink(missing_ok=True)
            for folder in (old / NAMES_CUSTOMERS[1], workspace.reports / FAILED / client):
                shutil.rmtree(folder, ignore_errors=True)
    return concerned


def purge_client(workspace: Workspace, client: str, *, say: Say, agreed: Agreed) -> None:
    """Remove all there is of a client, having shown it and been told to."""
    paths = traces(workspace, client)
    _tell_skipped(workspace, client, say)
    for path in paths:
        say(path.relative_to(workspace.root).as_posix() + ("/" if path.is_dir() else ""))
    for other in _sharing(workspace, client):
        say(f"The data stay: the client `{other}` uses them too.")
    if not agreed("Remove this for good?"):
        say("Nothing was removed.")
        return
    remove_client(workspace, client, paths)
    say(f"Nothing of `{client}` is left in this workspace. {ELSEWHERE}")


def purge_person(study: Study, key: str, *, say: Say, agreed: Agreed) -> int:
    """Remove one person's rows, having shown them and been told to; return how many are left.

    These are what somebody has to delete by hand; 0 where nothing was to be removed after all.

    ParameterError where no table has any. The number is never repeated.
    """
    found = of_person(study, key)
    _tell_skipped(study.workspace, study.slug, say)
    for hit in found.hits:
        say(f"{hit.where}: {_rows(hit.rows)}. {hit.by_hand}".strip())
    for told in found.not_searched:
        say(f"Not searched: {told}")
    if not found.hits:
        raise ParameterError(
            f"no table of `{study.slug}` has a row of this number",
            remedy="Check the number, and which columns the client file names.",
        )
    by_hand = sum(hit.rows for hit in found.hits if hit.remove is None)
    if any(hit.remove for hit in found.hits):
        if not agreed("Remove these rows for good?"):
            say("Nothing was removed.")
            return 0
        for client in remove_person(study, found):
            say(f"`{client}`: removed. Make the report anew: stammkunde report {client}")
        say(ELSEWHERE)
    if by_hand:
        say(f"Still there: {_rows(by_hand)}, to be deleted by hand as said above.")
    return by_hand


Say = Callable[[str], object]
Agreed = Callable[[str], bool]


def _texts(pairs: ir.Table, condition: ir.BooleanValue, name: str) -> set[str]:
    """Return the values of a column in the rows for which `condition` holds."""
    return {str(v) for v in pairs.filter(condition)[name].execute() if isinstance(v, str)}


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _used(workspace: Workspace, client: str) -> Used:
    """Return which data a client uses; of its TOML only that key need be right, or legible."""
    try:
        text = (workspace.clients / f"{client}.toml").read_bytes()
    except OSError:
        return Used(workspace.raw / client, sound=False)
    sound = True
    try:
        named = tomllib.loads(text.decode("utf-8-sig"))["client"]["source"]
    except KeyError:
        named = ""
    except (ValueError, TypeError, RecursionError):
        # what can be made out still keeps its data from being removed
        found, sound = SOURCE.search(text), False
        named = found[1].decode("utf-8", "replace") if found else ""
    if not isinstance(named, str):
        named, sound = "", False
    return Used(Path(os.path.normpath(workspace.raw / (named or client))), sound)


def _own_data(workspace: Workspace, client: str) -> list[Path]:
    """Return the folder of a client's data where it lies in data/raw/ and nobody else uses it."""
    folder = _used(workspace, client).folder
    inside = workspace.raw in folder.parents
    return [folder] if inside and not _sharing(workspace, client) else []


def _sharing(workspace: Workspace, client: str) -> list[str]:
    """Return the other clients whose data are the same, or lie in the same folder."""
    mine = _used(workspace, client).folder
    theirs = {n: _used(workspace, n).folder for n in _others(workspace, client)}
    return [n for n, f in theirs.items() if f.is_relative_to(mine) or mine.is_relative_to(f)]


def _tell_skipped(workspace: Workspace, client: str, say: Say) -> None:
    """Say which other clients' TOML could not be read, and which data are taken to be theirs."""
    for name in _others(workspace, client):
        used = _used(workspace, name)
        if not used.sound:
            folder = os.path.relpath(used.folder, workspace.root).replace(os.sep, "/")
            say(f"clients/{name}.toml cannot be read; the data it uses are taken to be {folder}/.")


def _others(workspace: Workspace, client: str) -> list[str]:
    return [n for n in workspace.client_names() if n != client]
