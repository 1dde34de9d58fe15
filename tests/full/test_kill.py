"""A real run, killed at any moment: no process survives, the old report stands."""

import hashlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

MOMENTS = (0.2, 1.0, 2.0, 3.0, 4.5, 6.0, 8.0)


def stammkunde(*arguments: str, cwd: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "stammkunde", *arguments],
        cwd=cwd, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace outside the clone with a finished report of telco."""
    root = tmp_path_factory.mktemp("kill") / "workspace"
    stammkunde("init", str(root), "--examples", cwd=root.parent)
    stammkunde("report", "telco", cwd=root)
    return root


def contents(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != "log.txt"
    }


def alive(mark: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            if mark in process.environ() and process.status() != psutil.STATUS_ZOMBIE:
                yield process
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_run_leaves_nothing_behind(
    workspace: Path, moment: float, number: signal.Signals
) -> None:
    before = contents(workspace / "reports" / "telco")
    mark = f"STAMMKUNDE_TEST_{uuid.uuid4().hex}"
    driver = subprocess.Popen(
        [sys.executable, "-m", "stammkunde", "report", "telco", "--force"],
        cwd=workspace, env={**os.environ, mark: "1"}, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    time.sleep(moment)
    driver.send_signal(number)
    assert driver.wait(timeout=30) in (-number, 128 + number, 0)
    wait_until(lambda: not list(alive(mark)), 30)
    assert contents(workspace / "reports" / "telco") == before


def test_the_next_run_clears_up_and_makes_the_same_report(workspace: Path) -> None:
    before = contents(workspace / "reports" / "telco")
    (workspace / "reports" / ".building-telco").mkdir(exist_ok=True)
    stammkunde("report", "telco", "--force", cwd=workspace)
    assert contents(workspace / "reports" / "telco") == before
    assert not [p.name for p in (workspace / "reports").iterdir() if p.name.startswith(".")]
