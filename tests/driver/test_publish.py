"""A new report stands whole in the old one's place, or the old one stands as it was."""

from pathlib import Path

import pytest

from stammkunde.errors import RenderError
from stammkunde.report.driver.publish import building, claimed, clear

CLIENT = "telco"


def content(reports: Path) -> dict[str, str]:
    """What a reader sees: every visible file below reports/."""
    files = [p for p in reports.rglob("*") if p.is_file() and not p.name.startswith(".lock")]
    return {p.relative_to(reports).as_posix(): p.read_text(encoding="utf-8") for p in files}


def publish(reports: Path, text: str) -> None:
    with claimed(reports, CLIENT), building(reports, CLIENT) as folder:
        (folder / "report.html").write_text(text, encoding="utf-8")


def fail(reports: Path, error: type[BaseException]) -> None:
    with claimed(reports, CLIENT), building(reports, CLIENT) as folder:
        (folder / "report.html").write_text("half", encoding="utf-8")
        raise error


def test_the_first_and_the_next_report(tmp_path: Path) -> None:
    publish(tmp_path / "reports", "one")
    assert content(tmp_path / "reports") == {"telco/report.html": "one"}
    publish(tmp_path / "reports", "two")
    assert content(tmp_path / "reports") == {"telco/report.html": "two"}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_what_fails_half_way_leaves_the_old_one(tmp_path: Path, error: type[BaseException]) -> None:
    publish(tmp_path, "one")
    with pytest.raises(error):
        fail(tmp_path, error)
    assert content(tmp_path) == {"telco/report.html": "one"}


def test_a_failed_second_rename_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, "one")
    real = Path.rename

    def broken(source: Path, target: Path) -> Path:
        if source.name.startswith(".building"):
            raise PermissionError(13, "Permission denied")
        return real(source, target)

    monkeypatch.setattr(Path, "rename", broken)
    with pytest.raises(RenderError, match=r"cannot be replaced .*Close the programs"):
        publish(tmp_path, "two")
    assert content(tmp_path) == {"telco/report.html": "one"}


def test_a_run_that_died_between_the_renames_is_put_right(tmp_path: Path) -> None:
    publish(tmp_path, "one")
    (tmp_path / "telco").rename(tmp_path / ".old-telco")
    (tmp_path / ".building-telco").mkdir()
    (tmp_path / ".building-telco" / "report.html").write_text("half", encoding="utf-8")
    with claimed(tmp_path, CLIENT):
        assert content(tmp_path) == {"telco/report.html": "one"}


def test_a_run_that_died_after_the_renames_is_put_right(tmp_path: Path) -> None:
    publish(tmp_path, "two")
    (tmp_path / ".old-telco").mkdir()
    (tmp_path / ".old-telco" / "report.html").write_text("one", encoding="utf-8")
    with claimed(tmp_path, CLIENT):
        assert content(tmp_path) == {"telco/report.html": "two"}


def test_another_clients_folders_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".building-telco-2").mkdir()
    with claimed(tmp_path, CLIENT):
        assert (tmp_path / ".building-telco-2").is_dir()


def test_two_runs_of_one_client_do_not_meet(tmp_path: Path) -> None:
    with claimed(tmp_path, CLIENT):
        with pytest.raises(RenderError, match="another run"), claimed(tmp_path, CLIENT):
            pass
        with claimed(tmp_path, "cdnow"):
            pass
    with claimed(tmp_path, CLIENT):
        pass


def test_no_lock_stays_and_one_that_a_dead_run_left_is_no_obstacle(tmp_path: Path) -> None:
    lock = tmp_path / ".lock-telco"
    for _ in range(2):
        with claimed(tmp_path, CLIENT):
            assert lock.exists()
        assert not lock.exists()
        lock.touch()


def test_what_is_left_of_clients_that_are_no_more_goes_unless_in_use(tmp_path: Path) -> None:
    for name in (".lock-a", ".lock-telco"):
        (tmp_path / name).touch()
    for name in (".building-b", ".old-c-d"):
        (tmp_path / name).mkdir()
    with claimed(tmp_path, "e"):
        clear(tmp_path, [CLIENT])
        assert {p.name for p in tmp_path.iterdir()} == {".lock-telco", ".lock-e", "c-d"}
