"""Files of a simulated client in a workspace of its own, read as the client's TOML says."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from stammkunde.spells.spells import Spells
from stammkunde.study import Study, read_study
from stammkunde.workspace import Workspace
from stammkunde.worlds.world import World

CLIENTS = Path(__file__).resolve().parents[2] / "clients"


@contextmanager
def spells_of(world: World, tables: Mapping[str, pd.DataFrame]) -> Iterator[Spells]:
    """Yield the spells that the product reads from these tables, written as the IT writes them."""
    with study_of(world, tables) as study:
        yield study.spells()


@contextmanager
def study_of(world: World, tables: Mapping[str, pd.DataFrame]) -> Iterator[Study]:
    """Yield the study of a client whose files these tables are."""
    name = world.kind.name
    with TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        for place in (workspace.clients, workspace.raw / name):
            place.mkdir(parents=True)
        shutil.copy(CLIENTS / f"{name}.toml", workspace.clients)
        for file, data in world.kind.files(tables).items():
            (workspace.raw / name / file).write_bytes(data)
        yield read_study(name, workspace=workspace)
