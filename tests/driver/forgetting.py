"""A client with one delivered table, from which somebody is to be taken out."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from stammkunde.workspace import Workspace

Purge = Callable[..., str]
TOML = """\
schema = 1
[client]
name = {{ de = "Müller", en = "Miller" }}
as_of = 2025-01-31
{client}
[window]
close = 2025-02-01
[contracts]
{contracts}
person = "Kd-Nr"
start = "von"
end = "bis"
{more}
"""
NOTE = """\
schema = 1   # a comment that stays
nature = "real"
file = "{file}"
sha256 = "{sha256}"
title = {{ de = "x", en = "x" }}
description = {{ de = "x", en = "x" }}
origin = {{ de = "x", en = "x" }}
licence = {{ de = "x", en = "x" }}
"""
ROWS = [
    ["1001", "Zwiebel", "2020-01-01", ""],
    ["1002", "Möhre", "2020-02-01", "2021-01-31"],
    ["1001", "Zwiebel", "2022-03-01", ""],
    ["1003", "Rübe", "2021-01-01", ""],
]
HEAD = ["Kd-Nr", "Name", "von", "bis"]


def csv(rows: list[list[str]], separator: str = ",", end: str = "\n") -> str:
    return end.join(separator.join(r) for r in [HEAD, *rows]) + end


def deliver(
    workspace: Workspace, file: str, data: bytes, contracts: str = "", more: str = ""
) -> Path:
    """Put one table of telco, its SOURCE.toml and its TOML into the workspace."""
    folder = workspace.raw / "telco"
    folder.mkdir(exist_ok=True)
    (folder / file).write_bytes(data)
    told = TOML.format(client="", contracts=contracts or f'file = "{file}"', more=more)
    (workspace.clients / "telco.toml").write_text(told, encoding="utf-8")
    note = NOTE.format(file=file, sha256=hashlib.sha256(data).hexdigest())
    (folder / "SOURCE.toml").write_text(note, encoding="utf-8")
    return folder / file


def everything(root: Path) -> set[str]:
    return {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}
