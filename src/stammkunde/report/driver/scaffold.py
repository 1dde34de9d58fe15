"""Making a workspace: the folders, the chapters, and on request the example clients."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from stammkunde.errors import WorkspaceError
from stammkunde.workspace import Workspace

PACKAGE = Path(__file__).resolve().parents[2]
CHAPTERS = ("notebooks/*.ipynb",)
EXAMPLES = ("clients/*.toml", "data/raw/*/SOURCE.toml")
GITIGNORE = """\
# the client's data and what is made of them stay on this machine
/data/raw/*/*
!/data/raw/*/SOURCE.toml
/reports/
/.stammkunde/
.ipynb_checkpoints/
__pycache__/
"""
README = """\
# A Stammkunde workspace

    clients/<client>.toml   the question put to one client's data: files, columns, languages
    data/raw/<client>/      the data as delivered, never edited
    notebooks/              the chapters of a report; yours to change
    reports/<client>/       the products, made anew by every run

    stammkunde new <client> FILE…   make a client from files as delivered
    stammkunde check <client>       report on its data
    stammkunde report <client>      make the report
    stammkunde lab                  open the notebooks

## Where the data come from

A `SOURCE.toml` in each client's data folder, `data/raw/<client>/`, says it; `stammkunde new` writes
one. Without it the report says on every page that the origin of its data is not stated. It needs no
more than this, in the languages of the client's TOML:

```toml
schema = 1
nature = "real"        # or "fictional", "simulated"
file = "customers.csv" # beside this file, as it was delivered
sha256 = "…"           # of that file: 64 digits, `sha256sum customers.csv` prints them
title = { en = "Customers of Miller Ltd" }
description = { en = "Everybody with a contract since 2019, one row per contract." }
origin = { en = "Taken from the billing system by A. Miller." }
licence = { en = "For internal use only" }
```
"""


def create(folder: Path, *, examples: bool = False) -> Workspace:
    """Return a new workspace in `folder`, which must be empty or not exist.

    With `examples` it has the clients this package is delivered with. WorkspaceError where the
    folder holds something; OSError where it cannot be written.
    """
    workspace = Workspace(folder.resolve())
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WorkspaceError(
            "is not an empty folder",
            where=str(folder),
            remedy="Name one that does not exist yet.",
        )
    for part in (workspace.clients, workspace.raw, workspace.notebooks, workspace.reports):
        part.mkdir(parents=True)
    # customers' data are nobody else's on this machine
    workspace.raw.chmod(0o700)
    (folder / ".gitignore").write_text(GITIGNORE, encoding="utf-8", newline="\n")
    (folder / "README.md").write_text(README, encoding="utf-8", newline="\n")
    _copy(workspace.root, CHAPTERS + EXAMPLES if examples else CHAPTERS)
    return workspace


def shipped() -> Path:
    """Return the workspace this package is delivered with: in the package, else in its clone."""
    inside = PACKAGE / "_workspace"
    return inside if inside.is_dir() else PACKAGE.parents[1]


def _copy(root: Path, patterns: tuple[str, ...]) -> None:
    for source, name in _found(shipped(), patterns):
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def _found(origin: Path, patterns: tuple[str, ...]) -> Iterator[tuple[Path, Path]]:
    for pattern in patterns:
        for path in sorted(origin.glob(pattern)):
            yield path, path.relative_to(origin)
