"""The real reports of both example clients, made twice under different circumstances."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from stammkunde.spells.source import fetch

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = ("cdnow", "telco")


@dataclass(frozen=True)
class Made:
    """One workspace with its reports, and what the command said."""

    root: Path
    said: str

    def product(self, client, name):
        return self.root / "reports" / client / name


def make_reports(folder, **circumstances):
    """Return a workspace at `folder` with the reports of both clients."""
    for client in CLIENTS:
        fetch(ROOT, client)
        shutil.copytree(ROOT / "data" / "raw" / client, folder / "data" / "raw" / client)
    shutil.copytree(ROOT / "clients", folder / "clients")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    done = subprocess.run(
        [sys.executable, "-m", "stammkunde", "report", "--all"],
        cwd=folder,
        env=os.environ | circumstances,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Made(folder, done.stdout + done.stderr)


@pytest.fixture(scope="session")
def reports(tmp_path_factory):
    return make_reports(tmp_path_factory.mktemp("here"), TZ="UTC", PYTHONHASHSEED="0")


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory):
    folder = tmp_path_factory.mktemp("another place ü")
    return make_reports(folder, TZ="Pacific/Auckland", LC_ALL="C", LANG="C", PYTHONHASHSEED="4711")
