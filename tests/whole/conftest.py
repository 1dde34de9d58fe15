"""Reports of a fictional client and, in test-full, of a real and a simulated one."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from stammkunde.spells.source import fetch
from tests.patience import THOROUGH

ROOT = Path(__file__).resolve().parents[2]
FETCHED = ("cdnow", "telco")
# a report takes its time: those of the other clients are left to test-full
CLIENTS = (*FETCHED, "musterstrom") if THOROUGH in os.environ else ("telco",)
# of the simulated client; the shipped one has ten times as many persons, and five times the draws
PERSONS, DRAWS = 4_000, 200


@dataclass(frozen=True)
class Made:
    """One workspace with its reports, and what the command said."""

    root: Path
    said: str

    def product(self, client, name):
        return self.root / "reports" / client / name


def make_reports(folder, clients=CLIENTS, **circumstances):
    """Return a workspace at `folder` with the reports of `clients`."""
    for client in FETCHED:
        fetch(ROOT, client)
        shutil.copytree(ROOT / "data" / "raw" / client, folder / "data" / "raw" / client)
    source = (ROOT / "data" / "raw" / "musterstrom" / "SOURCE.toml").read_text(encoding="utf-8")
    made = folder / "data" / "raw" / "musterstrom" / "SOURCE.toml"
    made.parent.mkdir(parents=True)
    made.write_text(f"{source}size = {PERSONS}\n", encoding="utf-8")
    (folder / "clients").mkdir()
    for client in clients:
        toml = (ROOT / "clients" / f"{client}.toml").read_text(encoding="utf-8")
        fewer = re.sub("^draws = .*", f"draws = {DRAWS}", toml, flags=re.MULTILINE)
        (folder / "clients" / f"{client}.toml").write_text(fewer, encoding="utf-8")
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
def cdnow(request, tmp_path_factory):
    """Return a workspace with cdnow's report: that of all reports, else one made for it alone."""
    if "cdnow" in CLIENTS:
        return request.getfixturevalue("reports")
    folder = tmp_path_factory.mktemp("cdnow")
    return make_reports(folder, ("cdnow",), TZ="UTC", PYTHONHASHSEED="0")
