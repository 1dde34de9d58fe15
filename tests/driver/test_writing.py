"""Parameters for the chapters, names of the files, and the list of all reports."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from stammkunde.errors import NotebookError, ParameterError
from stammkunde.report.driver import manifest
from stammkunde.report.driver.overview import write_overview
from stammkunde.report.driver.progress import Progress
from stammkunde.report.driver.runner import read_notebook
from stammkunde.report.driver.writing import require_rejected, short, typed
from stammkunde.report.words import Words
from stammkunde.workspace import Workspace


@pytest.fixture
def two(chapter: Callable[..., Path]) -> dict[Path, object]:
    own = 'client = "x"\nlanguage = "de_DE"\n'
    paths = [
        chapter("1", name="1_a.ipynb", parameters=own + "gap = 90"),
        chapter("1", name="2_b.ipynb", parameters=own + 'gap = ""\nrule = "a"'),
    ]
    return {path: read_notebook(path) for path in paths}


def test_each_chapter_gets_what_it_declares_in_its_own_type(two) -> None:  # type: ignore[no-untyped-def]
    assert list(typed(two, {"gap": "60", "rule": "b"}).values()) == [
        {"gap": 60},
        {"gap": "60", "rule": "b"},
    ]
    assert list(typed(two, {}).values()) == [{}, {}]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gab", "notebooks/: no chapter declares `gab`. Did you mean `gap`?"),
        ("langauge", "notebooks/: no chapter declares `langauge`. Known are: `gap`, `rule`."),
        ("client", "`client` is set by the report itself. Name the client: "),
        ("language", "`language` is set by the report itself. Its languages are "),
    ],
)
def test_a_parameter_no_chapter_offers_is_an_error(two, name: str, said: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ParameterError) as caught:
        typed(two, {name: "1"})
    assert str(caught.value).startswith(said)


def test_where_chapters_declare_nothing_more_that_is_said(
    chapter: Callable[..., Path],
) -> None:
    path = chapter("1", parameters='client = "x"\nlanguage = "de_DE"')
    with pytest.raises(ParameterError, match="The chapters declare no other parameters"):
        typed({path: read_notebook(path)}, {"langauge": "de_DE"})


def test_a_chapter_must_know_client_and_language(chapter: Callable[..., Path]) -> None:
    path = chapter("1", parameters='client = "x"')
    with pytest.raises(ParameterError, match="does not declare the parameter `language`"):
        typed({path: read_notebook(path)}, {})


def test_without_a_chapter_there_is_no_report() -> None:
    with pytest.raises(NotebookError, match="there is no chapter"):
        typed({}, {})


def test_a_run_in_which_no_chapter_kept_the_unused_rows_names_the_call(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match=r"Write `study\.keep_rejected\(spells\)`"):
        require_rejected(tmp_path)
    (tmp_path / "rejected.csv").touch()
    require_rejected(tmp_path)


def test_files_are_named_by_language_or_by_locale_where_that_is_not_enough() -> None:
    assert short("de_AT", ("de_AT", "en_GB")) == "de"
    assert short("de_AT", ("de_DE", "de_AT")) == "de_AT"


def test_the_list_of_reports_follows_the_reports(workspace: Workspace) -> None:
    about = {
        "nature": "fictional",
        "as_of": "2021-11-14",
        "de": {"locale": "de_DE", "title": "Müller & Söhne", "headline": "A < B."},
    }
    files = {"report.de.html": "1", "report.de.pdf": "2"}
    made = manifest.Manifest(client="telco", code="", inputs={}, packages={})
    made = replace(made, about=about, products=files)
    folder = workspace.reports / "telco"
    folder.mkdir()
    (folder / manifest.NAME).write_text(made.to_json(), encoding="utf-8")
    (workspace.reports / "index.fr.html").write_text("old", encoding="utf-8")
    assert [p.name for p in write_overview(workspace)] == ["index.de.html"]
    text = (workspace.reports / "index.de.html").read_text(encoding="utf-8")
    assert '<html lang="de-DE">' in text
    for part in (
        "Müller &amp; Söhne",
        "A &lt; B.",
        Words("de_DE").ui("nature.fictional"),
        'href="telco/report.de.pdf"',
    ):
        assert part in text
    assert "xlsx" not in text
    assert not (workspace.reports / "index.fr.html").exists()


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Return True."""
        return True


def test_a_terminal_shows_the_step_in_hand_and_a_file_only_what_is_done() -> None:
    for out, shown in ((Terminal(), True), (io.StringIO(), False)):
        progress = Progress(out)
        progress.begin()
        with pytest.raises(ValueError, match="x"), progress.step("telco: counting"):
            raise ValueError("x")
        progress.say("done")
        assert ("telco: counting" in out.getvalue()) is shown
        assert out.getvalue().endswith("done\n")
        assert progress.log[0].endswith("telco: counting")
