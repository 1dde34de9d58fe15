"""A run that is stopped or killed, or meets another: POSIX only, for signals and open files."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import psutil
import pytest

from stammkunde.errors import RenderError
from stammkunde.report.driver import publish
from stammkunde.report.driver.publish import claimed
from stammkunde.workspace import Workspace

Marked = tuple[dict[str, str], Callable[[], list[psutil.Process]]]

# A report whose making takes for ever, in a kernel that has started a process of its own.
ENDLESS = """
import sys
from stammkunde import cli
from stammkunde.report.driver import build, forks

def endless(job, folder, progress):
    forks.start()
    from stammkunde.report.driver.kernels import kernels
    from stammkunde.report.driver.runner import run_chapter
    (folder / "report.de.html").write_text("half")
    with kernels():
        chapter = job.workspace.chapters()[0]
        run_chapter(chapter, {}, folder / "1.ipynb", cwd=job.workspace.notebooks)

build._write_warm = endless
cli.main(["report", "telco"])
"""
CELL = """
import subprocess, sys, pathlib, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path("running").touch()
time.sleep(600)
"""


@pytest.mark.parametrize(
    "number",
    [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.long), signal.SIGKILL],
)
@pytest.mark.long
def test_a_run_that_is_stopped_leaves_no_process_and_the_old_report(
    workspace: Workspace, chapter: Callable[..., Path], marked: Marked, number: signal.Signals
) -> None:
    environment, alive = marked
    chapter(CELL)
    old = workspace.reports / "telco" / "report.de.html"
    old.parent.mkdir()
    old.write_text("old", encoding="utf-8")
    driver = subprocess.Popen(
        [sys.executable, "-c", ENDLESS], cwd=workspace.root, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        start_new_session=True,
    )  # fmt: skip
    wait_for((workspace.notebooks / "running").exists, 60)
    assert len(alive()) >= 3
    # Ctrl-C reaches the whole group, `kill` one process
    (os.killpg if number == signal.SIGINT else os.kill)(driver.pid, number)
    out, err = driver.communicate(timeout=30)
    wait_for(lambda: not alive(), 20)
    assert old.read_text(encoding="utf-8") == "old"
    if number == signal.SIGKILL:
        return
    assert (driver.returncode, out) == (128 + number, "")
    assert err == "stammkunde: stopped; the previous reports are untouched.\n"
    assert [p.name for p in workspace.reports.iterdir()] == ["telco"]


@pytest.mark.long
def test_a_run_killed_while_its_libraries_load_leaves_no_process(
    workspace: Workspace, chapter: Callable[..., Path], marked: Marked
) -> None:
    environment, alive = marked
    chapter(CELL)
    driver = subprocess.Popen([sys.executable, "-c", ENDLESS], cwd=workspace.root, env=environment)
    wait_for(lambda: len(alive()) >= 2, 30)
    driver.kill()
    driver.wait()
    wait_for(lambda: not alive(), 20)
    assert not (workspace.reports / "telco").exists()


def wait_for(condition: Callable[[], object], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_a_lock_removed_while_it_was_waited_for_is_not_taken_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, lock, tried = publish._locked, tmp_path / ".lock-telco", []

    def late(file: IO[bytes]) -> bool:
        if not tried:
            lock.unlink()
        tried.append(file)
        return real(file)

    monkeypatch.setattr(publish, "_locked", late)
    with claimed(tmp_path, "telco"):
        assert len(tried) == 2
        monkeypatch.setattr(publish, "_locked", real)
        with pytest.raises(RenderError, match="another run"), claimed(tmp_path, "telco"):
            pass
        assert lock.exists()
