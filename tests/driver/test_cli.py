"""The command: one line for what is wrong, an exit code, and no traceback."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from stammkunde import cli
from stammkunde.errors import ParameterError
from stammkunde.report import lab
from stammkunde.workspace import Workspace

Marked = tuple[dict[str, str], Callable[[], list[psutil.Process]]]

# A report whose making takes for ever, in a kernel that has started a process of its own.
ENDLESS = """
import sys
from stammkunde import cli
from stammkunde.report import build, forks

def make(job, folder, progress):
    forks.start()
    from stammkunde.report.kernels import kernels
    from stammkunde.report.runner import run_chapter
    (folder / "report.de.html").write_text("half")
    with kernels():
        chapter = job.workspace.chapters()[0]
        run_chapter(chapter, {}, folder / "1.ipynb", cwd=job.workspace.notebooks)

build._make = make
cli.main(["report", "telco"])
"""
CELL = """
import subprocess, sys, pathlib, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path("running").touch()
time.sleep(600)
"""


def command(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stammkunde", *arguments],
        cwd=cwd, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["report", "telko"], "stammkunde: there is no client `telko` in clients/. Did you mean"),
        (["report"], "stammkunde: no client was named. Use --all, or name: cdnow, telco."),
        (["report", "telco", "--all"], "stammkunde: asked for --all and for single clients."),
        (["report", "telco", "--created", "gestern"], "stammkunde: `--created gestern` is no day."),
        (["report", "telco", "-p", "gap"], "stammkunde: `-p gap` is not of the form name=value."),
        (["report", "telco", "--forse"], "stammkunde: No such option '--forse'"),
        (["reprot"], "stammkunde: There is no command `reprot`. Did you mean `report`?"),
        (["init", "."], "stammkunde: .: is not an empty folder."),
    ],
)
def test_wrong_words_get_one_line_and_code_2(
    workspace: Workspace,
    arguments: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(workspace.root)
    assert cli.guarded(lambda: cli.run(list(arguments)), arguments) == 2
    out, err = capsys.readouterr()
    assert err.startswith(said)
    assert err.count("\n") == 1
    assert out == ""


def test_outside_a_workspace(tmp_path: Path) -> None:
    done = command("report", "telco", cwd=tmp_path)
    assert done.returncode == 2
    assert "no workspace here" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_and_version_come_fast_and_name_every_verb(tmp_path: Path) -> None:
    help_text = command(cwd=tmp_path).stdout
    for verb in ("init", "report", "data", "index", "lab"):
        assert f"\n  {verb} " in help_text
    assert command("--version", cwd=tmp_path).stdout.startswith("stammkunde ")


def test_nothing_heavy_is_imported_before_it_is_known_that_work_is_needed() -> None:
    heavy = "pandas numpy matplotlib papermill nbformat ibis duckdb jupyter_client rich typst"
    code = (
        "import sys, stammkunde.cli, stammkunde.report.build\n"
        f"print([m for m in {heavy.split()!r} if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"


def test_debug_shows_where_and_otherwise_a_surprise_is_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def surprise() -> None:
        raise KeyError("x\ny")

    assert cli.guarded(surprise, ["report"]) == 70
    assert capsys.readouterr().err.count("\n") == 1
    with pytest.raises(KeyError):
        cli.guarded(surprise, ["--debug", "report"])

    def refused() -> None:
        raise ParameterError("no")

    with pytest.raises(ParameterError):
        cli.guarded(refused, ["--debug", "report"])


def test_init_then_an_empty_workspace_says_what_is_next(tmp_path: Path) -> None:
    made = command("init", "neu", cwd=tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    done = command("report", "--all", cwd=tmp_path / "neu")
    said = "clients/: there is no client yet. Write clients/<client>.toml."
    assert done.stderr == f"stammkunde: {said}\n"


def test_data_of_a_client_without_a_source_is_left_alone(workspace: Workspace) -> None:
    done = command("data", "telco", cwd=workspace.root)
    assert done.stdout == "telco: no SOURCE.toml, nothing to fetch\n"


def test_lab_opens_the_workspaces_notebooks_without_a_call_to_the_net(workspace: Workspace) -> None:
    line = lab.command(workspace, ["--no-browser"])
    assert line[:3] == [sys.executable, "-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={workspace.notebooks}" in line
    assert line[-1] == "--no-browser"
    kernels = Path(lab.environment()["JUPYTER_PATH"].split(os.pathsep)[0]) / "kernels"
    assert [p.name for p in kernels.iterdir()] == ["stammkunde"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
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
    assert [p.name for p in workspace.reports.iterdir() if p.is_dir()] == ["telco"]


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
