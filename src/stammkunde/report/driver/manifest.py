"""WHAT a report was made from, by content: the manifest that decides whether it is out of date.

Modification times are not contents, so every input is hashed. Light to import: a run that has
nothing to do ends here.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from stammkunde.workspace import Workspace

SCHEMA = 1
NAME = "manifest.json"
PACKAGE = Path(__file__).resolve().parents[2]
GONE = "gone"
# made by Python, and what a wheel carries for `stammkunde init`: an editable install has neither
NOT_CODE = {"__pycache__", "_workspace"}


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """Inputs, code, versions, parameters and products of one client's report.

    `inputs` and `products` map a path (from the workspace's folder, from the report's folder) to
    the SHA-256 of the file; `code` is one over the whole package; `packages` are the versions of
    what it runs on; `elsewhere` says that data lie in a server's database, which has no hash.
    `about` is for the list of reports: `nature` and `as_of`, and for each language (by the ending
    of its files, "de") its `locale`, `title` and `headline`.
    """

    client: str
    code: str
    inputs: Mapping[str, str]
    packages: Mapping[str, str]
    parameters: Mapping[str, str] = field(default_factory=dict)
    products: Mapping[str, str] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    elsewhere: bool = False
    python: str = ".".join(map(str, sys.version_info[:3]))
    schema: int = SCHEMA

    def to_json(self) -> str:
        """Return the text of `manifest.json`: sorted, indented, free of times."""
        parts = {k: dict(v) if isinstance(v, Mapping) else v for k, v in vars(self).items()}
        return json.dumps(parts, sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def read(folder: Path) -> Manifest | None:
    """Return the manifest in `folder`, None where there is none of this kind."""
    try:
        return Manifest(**json.loads((folder / NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def current(
    workspace: Workspace,
    client: str,
    files: Iterable[Path],
    parameters: Mapping[str, str],
    *,
    elsewhere: bool = False,
) -> Manifest:
    """Return the manifest of a report made now; `files` are the data. It has no products yet."""
    return Manifest(
        client=client,
        code=hash_of_code(),
        inputs=_hashes(workspace, {*files, *_usual_inputs(workspace, client)}),
        packages=_closure("stammkunde"),
        parameters=dict(parameters),
        elsewhere=elsewhere,
    )


def out_of_date(workspace: Workspace, client: str, parameters: Mapping[str, str]) -> str | None:
    """Return why the client's report has to be made anew, None where it need not be."""
    target = workspace.reports / client
    old = read(target)
    if old is None or old.schema != SCHEMA:
        return "there is no report yet" if not target.exists() else "its manifest is missing"
    if dict(old.parameters) != dict(parameters):
        return "other parameters"
    if old.elsewhere:
        return "its data lie in a database"
    known = {workspace.root / path for path in old.inputs}
    inputs = _hashes(workspace, {*known, *_usual_inputs(workspace, client)})
    changed = _first_difference(old.inputs, inputs)
    if changed:
        return f"{changed} changed"
    if old.code != hash_of_code():
        return "the program changed"
    if old.python != Manifest.python:
        return "another Python"
    now = installed()
    changed = _first_difference(old.packages, {name: now.get(name, GONE) for name in old.packages})
    if changed:
        return f"another version of {changed}"
    made = {name: hash_of(target / name) for name in old.products}
    changed = _first_difference(old.products, made)
    return f"reports/{client}/{changed} changed or is missing" if changed else None


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file, "gone" where there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return GONE


def hash_of_code() -> str:
    """Return one SHA-256 over every file of the package: code, templates, words, fonts.

    The same for the same sources, whether they run from a clone or were installed.
    """
    whole = hashlib.sha256()
    names = sorted(p.relative_to(PACKAGE).as_posix() for p in PACKAGE.rglob("*") if p.is_file())
    for name in names:
        parts = name.split("/")
        if NOT_CODE.isdisjoint(parts) and not any(part.startswith(".") for part in parts):
            whole.update(f"{name}\0{hash_of(PACKAGE / name)}\n".encode())
    return whole.hexdigest()


def products_in(folder: Path, except_for: Iterable[str] = (NAME, "log.txt")) -> dict[str, str]:
    """Return the hashes of the products in `folder`; the log, which holds times, is none."""
    left_out = set(except_for)
    files = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    names = {p.relative_to(folder).as_posix(): p for p in files}
    return {name: hash_of(path) for name, path in names.items() if name not in left_out}


def installed() -> dict[str, str]:
    """Return the versions of all installed packages by name, as far as can be from names alone.

    What pip installs has a folder `<name>-<version>.dist-info`; what setup.py or a system installs
    a folder or file `<name>-<version>-py3.11.egg-info`, or `<name>.egg-info` beside its sources.
    """
    found: dict[str, str] = {}
    for entry in reversed(sys.path):
        for ending in (".egg-info", ".dist-info"):
            for path in Path(entry or ".").glob(f"*{ending}"):
                stem = re.sub(r"-py\d.*$", "", path.name.removesuffix(ending))
                name, _, version = stem.rpartition("-")
                if not name:
                    name, version = stem, metadata.Distribution.at(path).version
                found[_plain(name)] = version
    return found


def _usual_inputs(workspace: Workspace, client: str) -> set[Path]:
    """Return the files any report of `client` depends on, whatever its TOML says."""
    optional = [workspace.raw / client / "SOURCE.toml", workspace.root / "requirements.lock"]
    helpers = workspace.notebooks.glob("*.py")
    present = {p for p in optional if p.is_file()}
    return {workspace.clients / f"{client}.toml", *workspace.chapters(), *helpers, *present}


def _hashes(workspace: Workspace, files: Iterable[Path]) -> dict[str, str]:
    return {workspace.relative(p): hash_of(p) for p in sorted(files)}


def _first_difference(old: Mapping[str, str], new: Mapping[str, str]) -> str | None:
    names = sorted({*old, *new})
    return next((n for n in names if old.get(n) != new.get(n)), None)


def _closure(root: str) -> dict[str, str]:
    """Return the versions of the packages that `root` needs, itself left out.

    All installed ones where `root` runs from its sources without being installed.
    """
    versions: dict[str, str] = {}
    waiting = [root]
    while waiting:
        name = waiting.pop()
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        versions[_plain(name)] = package.version
        needs = [r for r in package.requires or [] if "extra ==" not in r.replace("'", '"')]
        names = [_plain(re.split(r"[^A-Za-z0-9._-]", r, maxsplit=1)[0]) for r in needs]
        waiting += [n for n in names if n not in versions]
    found = versions or installed()
    found.pop(root, None)
    return found


def _plain(name: str) -> str:
    """Return a package name in its canonical spelling."""
    return re.sub(r"[-_.]+", "-", name).lower()
