"""The real reports of both clients, a browser, and a real PostgreSQL server, each made once.

The clients' data are fetched where they are not there.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from stammkunde.report.driver.build import build
from stammkunde.workspace import Workspace
from tests.full.server import Server, running

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = ("cdnow", "telco")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
]


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder `reports/` of a workspace that holds a copy of the two clients."""
    root = tmp_path_factory.mktemp("workspace").resolve()
    for name in ("clients", "notebooks"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns(".*"))
    for name in CLIENTS:
        shutil.copytree(ROOT / "data" / "raw" / name, root / "data" / "raw" / name)
    outcomes = build(Workspace(root), CLIENTS)
    assert [(o.client, o.error) for o in outcomes] == [(name, None) for name in CLIENTS]
    return root / "reports"


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Return a PostgreSQL server with an empty database."""
    with running() as started:
        yield started


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return headless Chromium; a machine without it fails."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "Chromium is not installed (Debian: apt-get install chromium)."
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=program, args=FLAGS)
        yield chromium
        chromium.close()
