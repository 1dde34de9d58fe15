"""What an engine or a library says of a customer's cell is repeated nowhere."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest

from stammkunde import cli
from stammkunde.errors import NotebookError
from stammkunde.report.driver.discretion import WITHHELD, repeated
from stammkunde.report.driver.kernels import kernels
from stammkunde.report.driver.runner import run_chapter
from stammkunde.workspace import Workspace

Fail = Callable[..., str]
NAME = "Zwiebelturm"
READ = "import pandas as pd\nname = pd.read_csv('../data/raw/names.csv').Name[0]"


@pytest.fixture
def fail(workspace: Workspace, chapter: Callable[..., Path], forking: None) -> Iterator[Fail]:
    """Run cells that fail; return what was said, having looked into the notebook that is kept."""
    (workspace.raw / "names.csv").write_text(f"Name\n{NAME}\n", encoding="utf-8")

    def go(*cells: str) -> str:
        path, kept = chapter(READ, *cells), workspace.reports / ".failed" / "telco" / "1.ipynb"
        with pytest.raises(NotebookError) as caught:
            run_chapter(path, {}, workspace.reports / "o", cwd=workspace.notebooks, failed=kept)
        assert NAME not in kept.read_text(encoding="utf-8")
        nbformat.validate(nbformat.read(kept, as_version=4))
        return str(caught.value)

    with kernels():
        yield go


CELLS = {
    "the engine": (
        "import duckdb\nduckdb.execute('SELECT CAST(? AS INT)', [name])",
        "ConversionException",
    ),
    "a missing key": ("pd.DataFrame({'a': [1]})[name]", "KeyError"),
    "a date": ("pd.to_datetime([name])", "DateParseError"),
    "a number": ("float(name)", "ValueError"),
    "an error that another one caused": (
        "try:\n    {}[name]\nexcept KeyError as error:\n    raise ValueError('no') from error",
        "ValueError",
    ),
    "an own word": ("raise RuntimeError(f'{name} is unknown')", "RuntimeError"),
}


@pytest.mark.parametrize("case", CELLS)
@pytest.mark.long
def test_a_cell_of_the_data_is_not_quoted(fail: Fail, case: str) -> None:
    cell, kind = CELLS[case]
    said = fail(cell)
    assert NAME not in said
    assert said.startswith("1_test.ipynb, code cell 3")
    if "caused" not in case:
        assert f"{kind}: {WITHHELD}. Run it in `stammkunde lab` to read them." in said


@pytest.mark.long
def test_what_the_notebook_says_itself_is_repeated(fail: Fail) -> None:
    assert "ValueError: give a share. Open reports/.failed" in fail(
        "raise ValueError('give a share')"
    )
    assert "NameError: name 'colum' is not defined. Open" in fail("colum")


def test_an_unforeseen_error_of_a_command_is_as_discreet(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.guarded(lambda: float(NAME), ["check"]) == 70
    said = capsys.readouterr().err
    assert NAME not in said
    assert f"this should not have happened (ValueError: {WITHHELD})" in said


@pytest.mark.parametrize(
    ("kind", "message", "said"),
    [
        ("KeyError", "1001", WITHHELD),
        ("KeyError", "'gap'", "'gap'"),
        ("ValueError", "", ""),
        ("TypeError", "'>' not supported\nbetween", "'>' not supported between"),
        ("ConversionException", "\x1b[31mgap\x1b[0m Müller", WITHHELD),
    ],
)
def test_words_of_the_source_may_be_repeated(kind: str, message: str, said: str) -> None:
    assert repeated(kind, message, "gap = 90") == said


def test_what_a_killed_kernel_has_spilled_goes_with_the_run(
    workspace: Workspace, chapter: Callable[..., Path], forking: None
) -> None:
    spill = (
        "from stammkunde.spells.delivery.engine import scratch\n"
        "(scratch() / 'spilled').write_text('x')\n"
        "print(scratch(), oct(scratch().stat().st_mode & 0o777))"
    )
    with kernels():
        done = run_chapter(chapter(spill), {}, workspace.reports / "o", cwd=workspace.notebooks)
        place, rights = done.cells[-1].outputs[0]["text"].rsplit(maxsplit=1)
    assert rights == "0o700" or os.name == "nt"
    assert not Path(place).exists()
    assert not Path(place).parent.exists()
