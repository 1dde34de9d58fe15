"""WHERE things lie: the folders of a workspace, as paths.

A workspace is a folder in which `clients/` and `notebooks/` stand side by side; the clone of this
project is one, `stammkunde init DIR` makes another. Nothing here writes;
`unusable` says why somebody could not.
"""

from __future__ import annotations

import errno
import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stammkunde.errors import ParameterError, WorkspaceError
from stammkunde.errors import nearest as nearest_name

FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}
COPY = "work on a copy of the workspace"


@dataclass(frozen=True)
class Workspace:
    """The folders of one workspace. `root` is an absolute path."""

    root: Path

    @property
    def clients(self) -> Path:
        """Return the folder of the clients' TOML files."""
        return self.root / "clients"

    @property
    def raw(self) -> Path:
        """Return the folder of the data as delivered, one folder per client."""
        return self.root / "data" / "raw"

    @property
    def notebooks(self) -> Path:
        """Return the folder of the notebooks."""
        return self.root / "notebooks"

    @property
    def reports(self) -> Path:
        """Return the folder of the products, one folder per client."""
        return self.root / "reports"

    def resolve(self, path: str | Path) -> Path:
        """Return `path`, taken from the root, as an absolute path inside the workspace.

        Raises WorkspaceError where it leads out, by `..`, a drive or a link.
        """
        full = (self.root / path).resolve()
        if not full.is_relative_to(self.root.resolve()):
            raise WorkspaceError(
                "leads out of the workspace",
                where=str(path),
                remedy="Copy the file into data/raw/ and name it from the workspace's folder.",
            )
        return full

    def relative(self, path: Path) -> str:
        """Return `path` as seen from the root, with forward slashes on every system."""
        return self.resolve(path).relative_to(self.root.resolve()).as_posix()

    def client_names(self) -> tuple[str, ...]:
        """Return the clients of this workspace by name, sorted."""
        return tuple(sorted(p.stem for p in self.clients.glob("*.toml")))

    def toml(self, client: str) -> Path:
        """Return the TOML file of `client`; ParameterError names the nearest one that exists."""
        names = self.client_names()
        if client not in names:
            none = f"Make it with `stammkunde new {client} FILE…`."
            raise ParameterError(
                f"there is no client `{client}` in clients/",
                remedy=nearest_name(client, names) if names else none,
            )
        return self.clients / f"{client}.toml"

    def chapters(self) -> Sequence[Path]:
        """Return the chapter notebooks (`1_lifetimes.ipynb` …) in their order."""
        found = self.notebooks.glob("[0-9]*_*.ipynb")
        return sorted(found, key=lambda p: (int(p.name.split("_")[0]), p.name))


def check_name(client: str) -> None:
    """Raise ParameterError unless `client` can be the name of files: small letters, digits, - _.

    The remedy proposes one: "Müller & Söhne" becomes mueller-soehne.
    """
    if re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", client):
        return
    proposal = re.sub(r"[^a-z0-9_]+", "-", spelt(client)).strip("-_")[:64] or "client-1"
    raise ParameterError(
        f"`{client}` cannot be the name of a client's files",
        remedy=f"Small letters, digits and hyphens can: `{proposal}`.",
    )


def spelt(name: str) -> str:
    """Return a name in small ASCII letters: umlauts as two, other accents left out."""
    written = name.lower().translate({ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", 0xDF: "ss"})
    return unicodedata.normalize("NFKD", written).encode("ascii", "ignore").decode()


def nearest(start: Path | None = None) -> Workspace:
    """Return the workspace that holds `start` (by default the working directory).

    WorkspaceError where no folder from `start` upwards is one.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "clients").is_dir() and (folder / "notebooks").is_dir():
            return Workspace(folder)
    raise WorkspaceError(
        "no workspace here: neither this folder nor one above it has clients/ and notebooks/",
        where=str(here),
        remedy="Go to one, or make one with `stammkunde init DIR`.",
    )


def unusable(error: OSError, at: str = "the folder") -> WorkspaceError:
    """Return what the system refused as one sentence with a remedy, `error` as its cause.

    Names file or folder as seen from the workspace; `at` where the system does not say which.
    """
    why = (error.strerror or str(error)).strip().removesuffix(".")
    why = why[:1].lower() + why[1:]
    named = isinstance(error.filename, str | bytes) and error.filename
    path = Path(os.path.realpath(os.fsdecode(named))) if named else None
    # os.path says no where Path raises: in a folder that may not be looked into
    is_file = path is not None and os.path.isfile(path)  # noqa: PTH113
    if error.errno in REFUSED and path and is_file and not os.access(path, os.R_OK):
        what, remedy = f"{_shown(path)} cannot be read", "Give yourself read permission there."
    elif error.errno in FULL | REFUSED:
        what = f"{_folder(path) if path else at} cannot be written to"
        wanted = "Make room" if error.errno in FULL else "Give yourself write permission"
        remedy = f"{wanted} there, or work on a copy of the workspace."
    else:
        what = f"{_shown(path) if path else at} cannot be used"
        remedy = "`stammkunde --debug …` shows where."
    told = WorkspaceError(f"{what} ({why})", remedy=remedy)
    told.__cause__ = error
    return told


def _folder(path: Path) -> str:
    """Return the folder that `path` is or lies in, as a reader knows it."""
    folder = path if os.path.isdir(path) else path.parent  # noqa: PTH112
    return f"{_shown(folder).rstrip('/')}/"


def _shown(path: Path) -> str:
    """Return `path` as a reader knows it: from the workspace on, without a run's own folders."""
    try:
        root = nearest(path).root
    except (WorkspaceError, OSError):
        return path.as_posix()
    parts = path.relative_to(root).parts
    hidden = next((i for i, part in enumerate(parts) if part.startswith(".")), len(parts))
    return "/".join(parts[:hidden] or (root.name,))
