"""The command: one line for what is wrong, an exit code, and no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stammkunde import cli
from stammkunde.errors import ParameterError
from stammkunde.report.driver import lab
from stammkunde.workspace import Workspace


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


def test_a_folder_that_may_not_be_made_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "stat", refuse)
    assert cli.guarded(lambda: cli.run(["init", "/sealed/x"]), ["init"]) == 2
    assert capsys.readouterr().err == (
        "stammkunde: /sealed/ cannot be written to (permission denied). "
        "Give yourself write permission there, or work on a copy of the workspace.\n"
    )


@pytest.mark.parametrize(
    ("verb", "said"),
    [("report", "stopped; the previous reports are untouched."), ("lab", "stopped.")],
)
def test_only_a_stopped_report_speaks_of_reports(
    verb: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped() -> None:
        raise cli.Stopped(2)

    assert cli.guarded(stopped, [verb]) == 130
    assert capsys.readouterr().err == f"stammkunde: {said}\n"


def test_help_and_version_come_fast_and_name_every_verb(tmp_path: Path) -> None:
    help_text = command(cwd=tmp_path).stdout
    for verb in ("init", "new", "check", "report", "data", "index", "lab"):
        assert f"\n  {verb} " in help_text
    assert command("--version", cwd=tmp_path).stdout.startswith("stammkunde ")


def test_nothing_heavy_is_imported_before_it_is_known_that_work_is_needed() -> None:
    heavy = "pandas numpy matplotlib papermill nbformat ibis duckdb jupyter_client rich typst"
    code = (
        "import sys, stammkunde.cli, stammkunde.report.driver.build\n"
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


def test_init_then_an_empty_workspace_says_what_is_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.guarded(lambda: cli.run(["init", "neu"]), ["init"]) == 0
    assert "stammkunde new NAME FILE" in capsys.readouterr().out
    monkeypatch.chdir(tmp_path / "neu")
    assert cli.guarded(lambda: cli.run(["report", "--all"]), ["report"]) == 2
    said = "clients/: there is no client yet. Make one with `stammkunde new`."
    assert capsys.readouterr().err == f"stammkunde: {said}\n"


def test_data_of_a_client_without_a_source_is_left_alone(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(workspace.root)
    assert cli.guarded(lambda: cli.run(["data", "telco"]), ["data"]) == 0
    assert capsys.readouterr() == ("telco: no SOURCE.toml, nothing to fetch\n", "")


def test_lab_fetches_first_and_opens_also_where_that_fails(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = []
    (workspace.clients / "cdnow.toml").write_text("schema = 1\n", encoding="utf-8")
    monkeypatch.setattr(lab, "run", lambda place, options: opened.append(options) or 0)
    monkeypatch.chdir(workspace.root)
    assert cli.guarded(lambda: cli.run(["lab", "--no-browser"]), []) == 0
    out, err = capsys.readouterr()
    assert out == "telco: no SOURCE.toml, nothing to fetch\n"
    assert err == "stammkunde: cdnow: cdnow.toml: key `client` is missing. Add it.\n"
    assert opened == [("--no-browser",)]


def test_lab_opens_the_workspaces_notebooks_without_a_call_to_the_net(workspace: Workspace) -> None:
    line = lab.command(workspace, ["--no-browser"])
    assert line[:3] == [sys.executable, "-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={workspace.notebooks}" in line
    assert line[-1] == "--no-browser"
    kernels = Path(lab.environment()["JUPYTER_PATH"].split(os.pathsep)[0]) / "kernels"
    assert [p.name for p in kernels.iterdir()] == ["stammkunde"]
