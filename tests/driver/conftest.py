"""A small workspace with chapters made on the spot, and a way to see which processes live."""

import io
import json
import os
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

from stammkunde import cli
from stammkunde.report.driver import forks
from stammkunde.spells.secrets import KEY
from stammkunde.workspace import Workspace

# Windows has neither these signals nor process groups
collect_ignore = [] if os.name == "posix" else ["test_signals.py", "test_swallowed.py"]

CLIENT = """\
schema = 1
[client]
name = { de = "Müller", en = "Miller" }
as_of = 2025-01-31
[snapshot]
file = "x.csv"
person = "id"
tenure = "months"
left = "left"
left_values = ["yes"]
stayed_values = ["no"]
"""
PARAMETERS = 'client = "telco"\nlanguage = "de_DE"\ngap = 90\nshare = 0.5\n'


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace with the clients telco and cdnow and no chapter; its path is not a simple one."""
    here = Workspace((tmp_path / "Müller {Söhne} & Co").resolve())
    for folder in (here.clients, here.raw, here.notebooks, here.reports):
        folder.mkdir(parents=True)
    for name in ("telco", "cdnow"):
        (here.clients / f"{name}.toml").write_text(CLIENT, encoding="utf-8")
    return here


@pytest.fixture
def chapter(workspace: Workspace) -> Callable[..., Path]:
    """Write a chapter of code cells (the parameters come first) and return its path."""

    def write(*cells: str, parameters: str | None = PARAMETERS, name: str = "1_test.ipynb") -> Path:
        sources: list[tuple[str, list[str]]] = [(c, []) for c in cells]
        if parameters is not None:
            sources.insert(0, (parameters, ["parameters"]))
        path = workspace.notebooks / name
        path.write_text(json.dumps(notebook(sources)), encoding="utf-8")
        return path

    return write


def notebook(sources: Sequence[tuple[str, list[str]]]) -> dict[str, Any]:
    cells = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"c{number}",
            "metadata": {"tags": tags},
            "outputs": [],
            "source": source,
        }
        for number, (source, tags) in enumerate(sources)
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture(scope="session")
def forking() -> Iterator[None]:
    """Let kernels be forked during the test, and see to it that none is left."""
    forks.start()
    yield
    forks.stop()


@pytest.fixture
def marked() -> tuple[dict[str, str], Callable[[], list[psutil.Process]]]:
    """An environment for a command, and what of it and its children is alive."""
    mark = f"STAMMKUNDE_TEST_{uuid.uuid4().hex}"
    environment = {**os.environ, mark: "1"}

    def alive() -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            try:
                if mark in process.environ() and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
                continue
        return found

    return environment, alive


@pytest.fixture
def purge(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Run the verb in the workspace and return what it said; `typed` is standard input."""
    monkeypatch.chdir(workspace.root)
    monkeypatch.delenv(KEY, raising=False)

    def run(*words: str, typed: str = "", code: int = 0) -> str:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        assert cli.guarded(lambda: cli.run(["purge", *words]), ["purge"]) == code
        told = capsys.readouterr()
        return told.out + told.err

    return run
