"""A notebook ran to its last cell, or there is one sentence and no notebook."""

import multiprocessing
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from stammkunde import errors
from stammkunde.errors import (
    DataError,
    NotebookError,
    ParameterError,
    SchemaError,
    StammkundeError,
)
from stammkunde.report.driver import forks
from stammkunde.report.driver.failures import is_own, spoken
from stammkunde.report.driver.kernels import kernels
from stammkunde.report.driver.runner import run_chapter
from stammkunde.workspace import Workspace

Run = Callable[..., nbformat.NotebookNode]


@pytest.fixture
def run(workspace: Workspace, chapter: Callable[..., Path], forking: None) -> Iterator[Run]:
    """Run a chapter made of the given cells; what it gives and what it leaves lie in reports/."""

    def go(*cells: str, parameters: dict[str, Any] | None = None, **options: Any) -> Any:
        path = chapter(*cells, **{k: options.pop(k) for k in ("name",) if k in options})
        failed = workspace.reports / ".failed" / "telco" / "1_test.de.ipynb"
        out = workspace.reports / "out.ipynb"
        given = {"client": "cdnow"} | (parameters or {})
        return run_chapter(path, given, out, cwd=workspace.notebooks, failed=failed, **options)

    with kernels(STAMMKUNDE_PRODUCTS=str(workspace.reports)):
        yield go


def text(executed: nbformat.NotebookNode) -> str:
    return "".join(o.get("text", "") for o in executed.cells[-1].outputs)


@pytest.mark.long
def test_a_chapter_runs_with_its_parameters_in_its_folder(run: Run, workspace: Workspace) -> None:
    executed = run(
        "import os", "print(client, gap, os.getcwd(), os.environ['STAMMKUNDE_PRODUCTS'])"
    )
    assert text(executed) == f"cdnow 90 {workspace.notebooks} {workspace.reports}\n"
    written = nbformat.read(workspace.reports / "out.ipynb", as_version=4)
    assert written == executed
    assert not (workspace.reports / ".failed").exists()


@pytest.mark.long
def test_twice_the_same_bytes_without_times_or_paths(run: Run, workspace: Workspace) -> None:
    cells = ("print(1)\nprint(2, flush=True)", "import pandas as pd\npd.DataFrame({'a': [1]})")
    run(*cells)
    first = (workspace.reports / "out.ipynb").read_bytes()
    run(*cells)
    assert (workspace.reports / "out.ipynb").read_bytes() == first
    for trace in (b"papermill", b'execution"', b"duration", str(workspace.root.parent).encode()):
        assert trace not in first


def test_the_users_ipython_start_up_takes_no_part(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    startup = tmp_path / "home" / ".ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "0.py").write_text("mine = 1", encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert text(run("print('mine' in globals())")) == "False\n"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("x = 1", "y = 1\nx / 0"), r"code cell 3 \(`y = 1`\): ZeroDivisionError: division by"),
        (("import sys; sys.exit()", "1"), r"code cell 2 .*called sys.exit\(\)"),
        (("raise SystemExit(0)",), r"called sys.exit\(\)"),
        (("exit()", "1"), r"called sys.exit\(\) or exit\(\)"),
        (("1", "import os; os._exit(0)"), r"code cell 3 .*the kernel died"),
        (("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "1"), "cell 2 .*died"),
        (("raise KeyboardInterrupt",), "KeyboardInterrupt"),
        (("def f(:",), "SyntaxError"),
    ],
)
@pytest.mark.long
def test_whatever_stops_a_chapter_is_named_with_its_cell(
    run: Run, workspace: Workspace, cells: tuple[str, ...], said: str
) -> None:
    with pytest.raises(NotebookError, match=said) as caught:
        run(*cells)
    assert str(caught.value).startswith("1_test.ipynb")
    assert "\n" not in str(caught.value)
    assert not (workspace.reports / "out.ipynb").exists()
    kept = workspace.reports / ".failed" / "telco" / "1_test.de.ipynb"
    nbformat.validate(nbformat.read(kept, as_version=4))


@pytest.mark.long
def test_a_cell_that_takes_too_long_is_ended(run: Run) -> None:
    with pytest.raises(NotebookError, match="did not end within the time allowed"):
        run("import time; time.sleep(60)", timeout=1)


def test_a_failure_leaves_the_previous_notebook_alone(run: Run, workspace: Workspace) -> None:
    run("1")
    before = (workspace.reports / "out.ipynb").read_bytes()
    with pytest.raises(NotebookError):
        run("1 / 0")
    assert (workspace.reports / "out.ipynb").read_bytes() == before


def test_an_error_of_the_package_keeps_its_class_and_is_not_told_at_length(
    run: Run, workspace: Workspace
) -> None:
    (workspace.clients / "telco.toml").write_text("schema = 2\n", encoding="utf-8")
    with pytest.raises(SchemaError) as caught:
        run("import stammkunde as sk", "sk.read_study('telco')")
    said = "telco.toml: the file is of schema 2. Write `schema = 1` on top."
    assert str(caught.value) == said
    assert not (workspace.reports / ".failed").exists()


def test_an_error_in_the_data_names_the_client_to_check(run: Run, workspace: Workspace) -> None:
    (workspace.raw / "telco").mkdir()
    (workspace.raw / "telco" / "x.csv").write_text("id,months,left\na,soon,yes\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        run("import stammkunde as sk", "sk.read_spells('telco')")
    assert str(caught.value) == (
        "x.csv: 100.0% of the rows cannot be used, and `checks.most_rejected` is 0.05: "
        "`unreadable_tenure` 1 (1 row). `stammkunde check telco` lists them."
    )


# raised by a cell: of our class, of one with the same name, of a library's
STRANGERS = (
    "from stammkunde.errors import DataError\nraise DataError('mine')",
    "class DataError(Exception): pass\nraise DataError('mine')",
    "import duckdb\nraise duckdb.DataError('mine')",
)


@pytest.mark.parametrize("cell", STRANGERS)
def test_an_error_is_not_ours_by_its_name(run: Run, cell: str) -> None:
    with pytest.raises(NotebookError, match=r"code cell 2 .*: DataError: mine"):
        run(cell)


def test_an_error_a_library_raises_in_our_code_is_not_ours() -> None:
    frames = ["Cell In[2], line 1\n----> 1 x()", "File ~/stammkunde/spells/files.py:9, in x()\n"]
    for line, own in (("engine.sql('SELECT')", False), ("raise DataError('no')", True)):
        traceback = [frames[0], f"{frames[1]}      8 try:\n----> 9     {line}", "DataError: no"]
        output = {"ename": "DataError", "evalue": "no", "traceback": traceback}
        assert is_own(nbformat.from_dict(output)) is own


@pytest.mark.parametrize("kind", ["SchemaError", "NotebookError", "DataError"])
@pytest.mark.parametrize("where", ["", "a. b"])
@pytest.mark.parametrize("remedy", ["", "Do this. Then that.", "Did you mean `x`?"])
def test_an_error_says_the_same_after_the_journey(kind: str, where: str, remedy: str) -> None:
    error: StammkundeError = getattr(errors, kind)("what", where=where, rows=1, remedy=remedy)
    told = spoken(kind, str(error), "1_test.ipynb")
    place = "1_test.ipynb: " if kind == "NotebookError" else ""
    assert str(told) == f"{place}{error}"
    assert type(told) is type(error)


def test_an_unknown_parameter_stops_before_anything_runs(run: Run, workspace: Workspace) -> None:
    with pytest.raises(ParameterError, match="Did you mean `gap`"):
        run("open('ran', 'w')", parameters={"gab": 1})
    assert not (workspace.notebooks / "ran").exists()


def test_what_is_no_notebook_is_said_to_be_none(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "1_x.ipynb"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(NotebookError, match=r"1_x\.ipynb: cannot be read as a notebook"):
        run_chapter(path, {}, tmp_path / "out.ipynb", cwd=tmp_path)


def test_a_cold_kernel_gives_the_same_bytes(
    run: Run, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = ("import sys", "print('stammkunde.report.driver.warm' in sys.modules)", "1 + 1")
    warm = run(*cells)
    monkeypatch.setenv(forks.COLD, "1")
    with kernels():
        cold = run(*cells)
    assert cold.cells[-1] == warm.cells[-1]
    forked = sys.platform == "linux" and "forkserver" in multiprocessing.get_all_start_methods()
    assert warm.cells[-2].outputs[0].text == f"{forked}\n"
    assert cold.cells[-2].outputs[0].text == "False\n"


def test_data_are_read_in_a_cold_kernel_too_as_in_a_laboratory(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(forks.COLD, "1")
    ready = "from stammkunde.spells.delivery.engine import connect"
    with kernels():
        asked = run(ready, "print(connect().raw_sql('SELECT 42').fetchone()[0])")
    assert text(asked) == "42\n"


@pytest.mark.long
def test_the_server_has_loaded_every_module_it_names() -> None:
    code = (
        "import sys\nfrom stammkunde.report.driver import warm\n"
        "print([n for n in warm.LIBRARIES + warm.OWN if n not in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"


def test_a_kernel_may_use_processes_and_none_is_left(run: Run) -> None:
    work = "with multiprocessing.Pool(2) as pool:\n    print(pool.map(abs, [-1]))"
    assert text(run("import multiprocessing", work)) == "[1]\n"
    assert multiprocessing.active_children() == []
