"""Which clients are worked on, what becomes of them, and what is left when one fails."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from stammkunde.errors import DataError, RenderError
from stammkunde.report.driver import manifest, results_file
from stammkunde.report.driver.build import Outcome, build
from stammkunde.report.driver.job import Job
from stammkunde.report.driver.progress import Progress
from stammkunde.workspace import Workspace


def fake(job: Job, folder: Path, progress: Progress) -> None:
    """Write a report as `write_report` does, without running anything."""
    with progress.step(f"{job.client}: all"):
        (folder / "report.de.html").write_text(str(job.created), encoding="utf-8")
    made = manifest.current(job.workspace, job.client, [], job.asked)
    made = replace(made, products=manifest.products_in(folder))
    (folder / manifest.NAME).write_text(made.to_json(), encoding="utf-8")


def failing(job: Job, folder: Path, progress: Progress) -> None:
    (folder / "report.de.html").write_text("half", encoding="utf-8")
    if job.client == "cdnow":
        raise DataError("the file is empty", where="x.csv", rows=0, remedy="Ask for it again.")
    fake(job, folder, progress)


@pytest.fixture
def run(
    workspace: Workspace, chapter: Callable[..., Path]
) -> Callable[..., tuple[list[Outcome], str]]:
    chapter("1")

    def go(*clients: str, write: object = fake, **options: object) -> tuple[list[Outcome], str]:
        out = io.StringIO()
        names = clients or ("cdnow", "telco")
        done = build(workspace, names, write=write, progress=Progress(out), **options)  # type: ignore[arg-type]
        return done, out.getvalue()

    return go


def test_a_second_run_has_nothing_to_do(run, workspace: Workspace) -> None:  # type: ignore[no-untyped-def]
    first, told = run()
    assert [(o.client, o.made, o.reason) for o in first] == [
        ("cdnow", True, "there is no report yet"),
        ("telco", True, "there is no report yet"),
    ]
    assert "telco: reports/telco made in" in told
    second, told = run()
    assert [o.made for o in second] == [False, False]
    assert told == "cdnow: up to date\ntelco: up to date\n"


def test_force_a_date_or_a_parameter_make_it_anew(run, workspace: Workspace) -> None:  # type: ignore[no-untyped-def]
    run("telco")
    assert run("telco", force=True)[0][0].reason == "asked for anew"
    dated = {"created": date(2025, 1, 31)}
    assert run("telco", **dated)[0][0].reason == "other parameters"
    assert run("telco", **dated)[0][0].made is False
    page = workspace.reports / "telco" / "report.de.html"
    assert page.read_text(encoding="utf-8") == "2025-01-31"
    assert run("telco", parameters={"gap": "60"})[0][0].reason == "other parameters"


def test_one_client_that_fails_does_not_stop_the_next(run, workspace: Workspace) -> None:  # type: ignore[no-untyped-def]
    run()
    outcomes, told = run(write=failing, force=True)
    assert [o.error is None for o in outcomes] == [False, True]
    assert "stammkunde: cdnow: x.csv: the file is empty (0 rows). Ask for it again.\n" in told
    page = workspace.reports / "cdnow" / "report.de.html"
    assert page.read_text(encoding="utf-8") == "None"
    left = {p.name for p in workspace.reports.iterdir() if p.is_dir()}
    assert left == {"cdnow", "telco"}


def test_the_log_tells_the_steps(run, workspace: Workspace) -> None:  # type: ignore[no-untyped-def]
    run("telco")
    log = (workspace.reports / "telco" / "log.txt").read_text(encoding="utf-8")
    assert log.startswith("made because: there is no report yet\n")
    assert "telco: all\n" in log
    assert log.endswith("in all\n")


def line(name: str, value: float, **group: str) -> dict[str, object]:
    return {"id": name, "group": group, "value": value}


def test_results_come_once_in_reading_order() -> None:
    parts = [{"section": "a", "results": [line("b", 1.0), line("a", 2.0)]}, {"section": "b"}]
    parts += [{"section": "c", "results": [line("b", 1.0), line("b", 3.0, tariff="x")]}]
    found = results_file.results(parts)
    assert found == [line("b", 1.0), line("a", 2.0), line("b", 3.0, tariff="x")]


def test_one_result_with_two_values_is_an_error() -> None:
    parts = [{"section": "a", "results": [line("x", 1.0), line("x", 2.0)]}]
    with pytest.raises(RenderError, match="section a: the result `x` has two different values"):
        results_file.results(parts)


@pytest.mark.parametrize("other", [[line("x", 2.0)], [], [line("x", 1.0), line("y", 1.0)]])
def test_results_must_not_depend_on_the_language(other: list[dict[str, object]]) -> None:
    same = {"de_DE": [line("x", 1.0)], "en_GB": [line("x", 1.0)]}
    assert results_file.same_results(same) == [line("x", 1.0)]
    with pytest.raises(RenderError, match=r"`[xy]` differs between the languages de_DE and en_GB"):
        results_file.same_results({"de_DE": [line("x", 1.0)], "en_GB": other})


def test_results_json_has_the_documented_form() -> None:
    text = results_file.results_json(
        "telco", date(2021, 11, 14), date(2025, 1, 1), [line("ü", 1.0)]
    )
    head = '{\n "as_of": "2021-11-14",\n "client": "telco",\n "created": "2025-01-01",\n "results"'
    assert text.startswith(head)
    assert text.endswith('"ü",\n   "value": 1.0\n  }\n ],\n "schema": 1\n}\n')
    with pytest.raises(ValueError, match="not JSON compliant"):
        results_file.results_json(
            "t", date(2021, 1, 1), date(2021, 1, 1), [line("x", float("nan"))]
        )


def test_what_the_system_refuses_is_no_surprise(run, workspace: Workspace) -> None:  # type: ignore[no-untyped-def]
    def full(job: Job, folder: Path, progress: Progress) -> None:
        raise OSError(28, "No space left on device", str(folder / "report.de.html"))

    (outcome,), told = run("telco", write=full)
    assert outcome.error.exit_code == 2
    assert told.startswith("stammkunde: telco: reports/ cannot be written to (no space left on ")
    assert "should not" not in told


def test_reports_that_cannot_be_a_folder_are_said(run, workspace: Workspace) -> None:  # type: ignore[no-untyped-def]
    workspace.reports.rmdir()
    workspace.reports.write_text("a file", encoding="utf-8")
    (outcome,), told = run("telco")
    assert (outcome.error.exit_code, told.count("\n")) == (2, 1)
    assert told.startswith("stammkunde: telco: reports cannot be used (file exists).")


def test_nothing_is_left_of_what_failed_before_or_of_clients_that_are_no_more(
    run, workspace: Workspace
) -> None:  # type: ignore[no-untyped-def]
    for client in ("telco", "gone"):
        (workspace.reports / ".failed" / client).mkdir(parents=True)
        (workspace.reports / f".lock-{client}").touch()
    run("cdnow")
    assert {p.name for p in (workspace.reports / ".failed").iterdir()} == {"telco"}
    assert not (workspace.reports / ".lock-gone").exists()
    run("telco")
    assert not [p.name for p in workspace.reports.iterdir() if p.name.startswith(".")]
