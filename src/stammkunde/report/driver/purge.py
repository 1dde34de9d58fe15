"""Forgetting a client, or one person of a client's data.

    a client   its TOML, data, key, reports and what failed runs left, all of it
    a person   the rows of all customer numbers of that person in the delivered tables; of reports
               that were made with them, rejected.csv and the notebooks

What lies outside the workspace (backups, copies, a server's tables, reports handed out) is not
touched; that is said.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import ibis.expr.types as ir

from stammkunde.errors import ParameterError, SchemaError, SourceError
from stammkunde.report.driver import publish
from stammkunde.report.driver.erase import NOTE, Hit, hits, key_of
from stammkunde.report.driver.job import FAILED
from stammkunde.spells.blocks import key_expr
from stammkunde.spells.delivery.columns import column
from stammkunde.spells.delivery.take import take
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.tables import PersonsToml
from stammkunde.spells.secrets import key_file
from stammkunde.study import Study, read_study
from stammkunde.workspace import Workspace

NAMES_CUSTOMERS = ("rejected.csv", "notebooks")
ELSEWHERE = "Not looked at: copies, backups, notebooks you saved, reports handed out."


@dataclass(frozen=True)
class Found:
    """What there is of a person: `hits` in tables, files and tables `not_searched`, and why."""

    hits: tuple[Hit, ...]
    not_searched: tuple[str, ...]


def traces(workspace: Workspace, client: str) -> list[Path]:
    """Return what the workspace holds of a client, each there; shared data are left out.

    ParameterError where it holds nothing of that name.
    """
    if not client or set(client) & set("/\\:") or client.startswith("."):
        raise ParameterError(f"`{client}` is no client's name", remedy="Name one of clients/.")
    reports = workspace.reports
    candidates = [
        workspace.clients / f"{client}.toml",
        workspace.raw / _folder(workspace, client),
        key_file(workspace.root, client),
        reports / client,
        reports / FAILED / client,
        *(reports / f".{kind}-{client}" for kind in publish.KINDS if kind != "lock"),
    ]
    if _sharing(workspace, client):
        del candidates[1]
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
    for path in paths:
        say(path.relative_to(workspace.root).as_posix() + ("/" if path.is_dir() else ""))
    for other in _sharing(workspace, client):
        say(f"The data stay: the client `{other}` uses them too.")
    if not agreed("Remove this for good?"):
        say("Nothing was removed.")
        return
    remove_client(workspace, client, paths)
    say(f"Nothing of `{client}` is left in this workspace. {ELSEWHERE}")


def purge_person(study: Study, key: str, *, say: Say, agreed: Agreed) -> None:
    """Remove one person's rows from a client's data, having shown how many and been told to.

    ParameterError where no table has any. The number is never repeated.
    """
    found = of_person(study, key)
    for hit in found.hits:
        rows = "1 row" if hit.rows == 1 else f"{hit.rows:,} rows"
        say(f"{hit.where}: {rows}. {hit.by_hand}".strip())
    for told in found.not_searched:
        say(f"Not searched: {told}")
    if not found.hits:
        raise ParameterError(
            f"no table of `{study.slug}` has a row of this number",
            remedy="Check the number, and which columns the client file names.",
        )
    if not any(hit.remove for hit in found.hits):
        return
    if not agreed("Remove these rows for good?"):
        say("Nothing was removed.")
        return
    for client in remove_person(study, found):
        say(f"`{client}`: removed. Make the report anew: stammkunde report {client}")
    say(ELSEWHERE)


Say = Callable[[str], object]
Agreed = Callable[[str], bool]


def _texts(pairs: ir.Table, condition: ir.BooleanValue, name: str) -> set[str]:
    """Return the values of a column in the rows for which `condition` holds."""
    return {str(v) for v in pairs.filter(condition)[name].execute() if isinstance(v, str)}


def _folder(workspace: Workspace, client: str) -> str:
    """Return the name of the folder of a client's data; its own name where its TOML is wrong."""
    if client not in workspace.client_names():
        return client
    try:
        return read_study(client, workspace=workspace).folder.name
    except (SchemaError, SourceError):
        return client


def _sharing(workspace: Workspace, client: str) -> list[str]:
    """Return the other clients whose data are the same; SchemaError for a wrong TOML of one."""
    mine = _folder(workspace, client)
    others = [n for n in workspace.client_names() if n != client]
    return [n for n in others if read_study(n, workspace=workspace).folder.name == mine]
