"""Simulated clients on disk: their tables as an IT department would export them, and the truth."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

from stammkunde.errors import ParameterError
from stammkunde.report.driver.scaffold import shipped
from stammkunde.spells.source import Made, read_source, write_atomically
from stammkunde.workspace import Workspace, check_name
from stammkunde.worlds import find

TRUTH = "truth.json"
MADE = "made.json"


def make_missing(folder: Path, made: Made) -> tuple[Path, ...]:
    """Return the tables of a simulated client in `folder`, made where they are not there yet.

    Tables of another seed, size or version of the process are made anew.
    """
    note = folder / MADE
    known = json.loads(note.read_text(encoding="utf-8")) if note.is_file() else {}
    names = known.pop("files", [])
    if known == _note(made) and names and all((folder / name).is_file() for name in names):
        return tuple(folder / name for name in names)
    return make(folder, made)


def make(folder: Path, made: Made) -> tuple[Path, ...]:
    """Return the tables of a simulated client, written anew into `folder`."""
    kind = find(made.name)
    files = kind.files(kind.world(seed=made.seed, size=made.size).tables())
    for name, data in files.items():
        write_atomically(folder / name, data)
    # what was true of other tables is not true of these
    (folder / TRUTH).unlink(missing_ok=True)
    note = _note(made) | {"files": [*files]}
    write_atomically(folder / MADE, (json.dumps(note, indent=1) + "\n").encode())
    return tuple(folder / name for name in files)


def tell_truth(folder: Path, made: Made) -> Path:
    """Return truth.json of a simulated client, written anew: no report needs it, but its tests."""
    truth = find(made.name).world(seed=made.seed, size=made.size).truth()
    text = json.dumps(truth, indent=1, ensure_ascii=False) + "\n"
    write_atomically(folder / TRUTH, text.encode())
    return folder / TRUTH


def simulate(
    workspace: Workspace, name: str, *, client: str, seed: int | None, size: int | None
) -> tuple[Path, ...]:
    """Return the files of the simulated client `name`, made as `client`, truth.json the last.

    A client that does not exist yet gets its TOML and SOURCE.toml from the shipped example. Without
    a seed or size those of its SOURCE.toml hold. ParameterError where others are asked for of a
    client that exists.
    """
    kind = find(name)
    folder = workspace.raw / client
    if not (workspace.clients / f"{client}.toml").exists():
        _found_client(workspace, kind.name, client, Made(name=name, seed=seed or 1, size=size))
    made = read_source(folder / "SOURCE.toml").world
    if made is None or made.name != name:
        raise ParameterError(
            f"the client `{client}` is not the simulated `{name}`",
            remedy="Name another with `--as`.",
        )
    asked = replace(made, seed=made.seed if seed is None else seed, size=size or made.size)
    if asked != made:
        raise ParameterError(
            f"the client `{client}` is the one of seed {made.seed}"
            + (f" and size {made.size}" if made.size else ""),
            remedy=f"Make another: `stammkunde simulate {name} --seed {asked.seed} --as NAME`.",
        )
    return (*make(folder, made), tell_truth(folder, made))


def _note(made: Made) -> dict[str, object]:
    kind = find(made.name)
    size = kind.size if made.size is None else made.size
    return {"world": made.name, "version": kind.version, "seed": made.seed, "size": size}


def _found_client(workspace: Workspace, name: str, client: str, made: Made) -> None:
    """Write the TOML and the SOURCE.toml of a simulated client, seed and size in its names."""
    check_name(client)
    origin = shipped()
    toml = (origin / "clients" / f"{name}.toml").read_text(encoding="utf-8")
    if client != name:
        mark = f", {made.seed}" + (f", n={made.size}" if made.size else "")
        toml = re.sub(
            r"^(name = \{.*)$", lambda m: re.sub(r'\)"', f'{mark})"', m[1]), toml, flags=re.M
        )
    folder = workspace.raw / client
    folder.mkdir(parents=True, exist_ok=True)
    source = (origin / "data" / "raw" / name / "SOURCE.toml").read_text(encoding="utf-8")
    size = f"\nsize = {made.size}" if made.size else ""
    source = re.sub(r"^seed = \d+$", f"seed = {made.seed}{size}", source, flags=re.M)
    write_atomically(folder / "SOURCE.toml", source.encode())
    write_atomically(workspace.clients / f"{client}.toml", toml.encode())
    shutil.copymode(origin / "clients" / f"{name}.toml", workspace.clients / f"{client}.toml")
