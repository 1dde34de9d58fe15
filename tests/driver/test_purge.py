"""What is to be forgotten is gone; everything else stays as it was."""

import hashlib
import os
from pathlib import Path

import pytest

from stammkunde.report.driver import publish
from stammkunde.spells.secrets import secret_of
from stammkunde.workspace import Workspace
from tests.driver.forgetting import NOTE, ROWS, TOML, Purge, csv, deliver, everything


def old_report(workspace: Workspace, client: str) -> Path:
    folder = workspace.reports / client
    (folder / "notebooks").mkdir(parents=True)
    for name in ("rejected.csv", "report.en.html", "notebooks/1.ipynb"):
        (folder / name).write_text("1001", encoding="utf-8")
    failed = workspace.reports / ".failed" / client
    failed.mkdir(parents=True)
    (failed / "1.ipynb").write_text("1001", encoding="utf-8")
    return folder


def test_a_client_goes_with_all_there_is_of_it(workspace: Workspace, purge: Purge) -> None:
    deliver(workspace, "x.csv", b"1001\n")
    secret_of(workspace.root, "telco")
    secret_of(workspace.root, "cdnow")
    for client in ("telco", "cdnow"):
        old_report(workspace, client)
    (workspace.reports / ".building-telco").mkdir()
    (workspace.reports / ".old-telco").mkdir()
    before = everything(workspace.root)
    said = purge("telco", typed="no\n")
    assert "Remove this for good?" in said
    assert said.splitlines()[:4] == [
        "clients/telco.toml", "data/raw/telco/", ".stammkunde/keys/telco.key", "reports/telco/",
    ]  # fmt: skip
    assert "Nothing was removed." in said
    assert everything(workspace.root) == before
    assert "Nothing of `telco` is left" in purge("telco", typed="yes\n")
    left = everything(workspace.root)
    assert left == {p for p in before if "telco" not in p}
    assert any("cdnow" in p for p in left)
    assert [p for p in workspace.root.rglob("*") if "telco" in p.name] == []
    assert "there is no client `telco` in clients/" in purge("telco", "--yes", code=2)


def test_what_is_left_of_a_client_without_a_toml_goes_too(
    workspace: Workspace, purge: Purge
) -> None:
    (workspace.clients / "telco.toml").unlink()
    old_report(workspace, "telco")
    assert "Nothing of `telco` is left" in purge("telco", "--yes")
    assert not (workspace.reports / "telco").exists()
    assert not (workspace.reports / ".failed" / "telco").exists()


@pytest.mark.parametrize("name", ["..", "../cdnow", "clients/telco", "", ".failed", "C:x"])
def test_a_name_leads_nowhere_else(workspace: Workspace, purge: Purge, name: str) -> None:
    before = everything(workspace.root)
    assert "is no client's name" in purge(name, "--yes", code=2)
    assert everything(workspace.root) == before


def test_of_a_link_only_the_link_goes(workspace: Workspace, purge: Purge, tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "x.csv").write_text("x", encoding="utf-8")
    (workspace.raw / "telco").symlink_to(tmp_path / "theirs", target_is_directory=True)
    purge("telco", "--yes")
    assert not (workspace.raw / "telco").is_symlink()
    assert (tmp_path / "theirs" / "x.csv").exists()


def test_data_that_another_client_uses_stay(workspace: Workspace, purge: Purge) -> None:
    file = deliver(workspace, "x.csv", csv(ROWS).encode())
    told = TOML.format(client='source = "telco"', contracts='file = "x.csv"', more="")
    (workspace.clients / "cdnow.toml").write_text(told, encoding="utf-8")
    theirs = old_report(workspace, "cdnow")
    said = purge("telco", "--person", "1001", "--yes")
    assert "`cdnow`: removed. Make the report anew: stammkunde report cdnow" in said
    assert everything(theirs) == {"report.en.html"}
    assert "The data stay: the client `cdnow` uses them too." in purge("telco", "--yes")
    assert file.exists()
    assert not (workspace.clients / "telco.toml").exists()


BROKEN = {
    "no end": b'[client]\nname = "M\xc3\xbcller\n',
    "latin-1": '[client]\nname = "Müller"\n'.encode("latin-1"),
    "no table": b"client = 3\n",
    "deep": b"a = " + b"[" * 5000,
    "no text": b'[client]\nsource = ["telco"]\n',
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_toml_of_another_client_hinders_nothing(
    workspace: Workspace, purge: Purge, kind: str
) -> None:
    file = deliver(workspace, "x.csv", csv(ROWS).encode())
    (workspace.clients / "cdnow.toml").write_bytes(BROKEN[kind])
    theirs = workspace.raw / "cdnow"
    theirs.mkdir()
    told = "clients/cdnow.toml cannot be read; the data it uses are taken to be data/raw/cdnow/."
    assert purge("telco", "--person", "1001", "--yes").splitlines()[0] == told
    assert "1001" not in file.read_text(encoding="utf-8")
    assert purge("telco", "--yes").splitlines()[0] == told
    assert not file.exists()
    assert theirs.exists()
    assert (workspace.clients / "cdnow.toml").read_bytes() == BROKEN[kind]


UNFINISHED = (
    '[client]\nsource = "telco"\nnonsense = 1\n',
    '[client]\nsource = "telco"\nname = "\n',
)


@pytest.mark.parametrize("text", UNFINISHED)
def test_data_that_an_unfinished_toml_names_stay(
    workspace: Workspace, purge: Purge, text: str
) -> None:
    file = deliver(workspace, "x.csv", csv(ROWS).encode())
    (workspace.clients / "cdnow.toml").write_text(text, encoding="utf-8")
    assert "The data stay: the client `cdnow` uses them too." in purge("telco", "--yes")
    assert file.exists()


@pytest.mark.parametrize("source", ["..", ".", "cdnow/..", "cdnow/new", "/"])
def test_only_data_of_ones_own_go(workspace: Workspace, purge: Purge, source: str) -> None:
    theirs = workspace.raw / "cdnow" / "new"
    theirs.mkdir(parents=True)
    told = TOML.format(client=f'source = "{source}"', contracts='file = "x.csv"', more="")
    (workspace.clients / "telco.toml").write_text(told, encoding="utf-8")
    purge("telco", "--yes")
    assert theirs.is_dir()


def test_another_run_is_not_disturbed(workspace: Workspace, purge: Purge) -> None:
    deliver(workspace, "x.csv", csv(ROWS).encode())
    with publish.claimed(workspace.reports, "telco"):
        assert "another run is working on this client" in purge("telco", "--yes", code=3)
    assert (workspace.clients / "telco.toml").exists()


def test_nobody_there_to_agree_is_said(workspace: Workspace, purge: Purge) -> None:
    deliver(workspace, "x.csv", csv(ROWS).encode())
    assert "nobody is there to agree. Say --yes if it is certain." in purge("telco", code=2)
    assert (workspace.clients / "telco.toml").exists()


def test_a_persons_rows_go_and_nothing_else_changes(workspace: Workspace, purge: Purge) -> None:
    text = csv(ROWS).replace("Rübe", '"Rü\r\nbe, ""1001"""')
    file = deliver(workspace, "x.csv", b"\xef\xbb\xbf" + text.encode())
    file.chmod(0o640)
    report = old_report(workspace, "telco")
    said = purge("telco", "--person", "1001", typed="yes\n")
    assert said.startswith("x.csv: 2 rows.\nRemove these rows for good?")
    assert "1001" not in said
    left = text.splitlines(keepends=True)
    assert file.read_bytes() == b"\xef\xbb\xbf" + "".join([left[0], left[2], *left[4:]]).encode()
    assert file.stat().st_mode & 0o777 == 0o640 or os.name == "nt"
    note = file.with_name("SOURCE.toml").read_text(encoding="utf-8")
    assert note == NOTE.format(file="x.csv", sha256=hashlib.sha256(file.read_bytes()).hexdigest())
    assert everything(report) == {"report.en.html"}
    assert not (workspace.reports / ".failed" / "telco").exists()
    assert everything(file.parent) == {"x.csv", "SOURCE.toml"}
    assert "no table of `telco` has a row of this number" in purge(
        "telco", "--person", "1001", "--yes", code=2
    )


def test_the_number_can_be_piped_in(workspace: Workspace, purge: Purge) -> None:
    file = deliver(workspace, "x.csv", csv(ROWS).encode())
    before = file.read_bytes()
    assert "nobody is there to agree" in purge("telco", "--person", "-", typed="1002\n", code=2)
    assert "no customer number was given" in purge("telco", "--person", "-", typed="\n", code=2)
    assert "Nothing was removed." in purge("telco", "--person", "-", typed="1002\nno\n")
    assert file.read_bytes() == before
    purge("telco", "--person", "-", "--yes", typed="1002\n")
    assert "1002" not in file.read_text(encoding="utf-8")


def test_all_numbers_of_a_person_go_from_all_tables(workspace: Workspace, purge: Purge) -> None:
    more = """
[events]
file = "events.csv"
person = "kunde"
date = "tag"
kind = "art"
[persons]
file = "persons.csv"
customer = "kunde"
person = "haushalt"
"""
    file = deliver(workspace, "x.csv", csv(ROWS).encode(), more=more)
    beside = {
        "events.csv": "kunde,tag,art\n1002,2020-03-01,a\n1001,2020-03-01,a\n1003,2020-03-02,b\n",
        "persons.csv": "kunde,haushalt\n1001,H1\n1003,H1\n1002,1003\n",
        "letter.txt": "Dear 1001",
    }
    for name, text in beside.items():
        (file.parent / name).write_text(text, encoding="utf-8")
    said = purge("telco", "--person", "1003", "--yes")
    assert [x for x in said.splitlines() if "row" in x] == [
        "x.csv: 3 rows.", "events.csv: 2 rows.", "persons.csv: 2 rows.",
    ]  # fmt: skip
    assert "Not searched: letter.txt: the client file does not name it" in said
    assert file.read_text(encoding="utf-8") == csv([ROWS[1]])
    after = {n: (file.parent / n).read_text(encoding="utf-8") for n in beside}
    assert after == {
        "events.csv": "kunde,tag,art\n1002,2020-03-01,a\n",
        "persons.csv": "kunde,haushalt\n1002,1003\n",
        "letter.txt": "Dear 1001",
    }


def test_a_household_is_named_by_its_own_number_too(workspace: Workspace, purge: Purge) -> None:
    more = '[persons]\nfile = "persons.csv"\ncustomer = "kunde"\nperson = "haushalt"\n'
    file = deliver(workspace, "x.csv", csv(ROWS).encode(), more=more)
    persons = file.with_name("persons.csv")
    persons.write_text("kunde,haushalt\n1001,H1\n1003,H1\n", encoding="utf-8")
    purge("telco", "--person", "H1", "--yes")
    assert file.read_text(encoding="utf-8") == csv([ROWS[1]])
    assert persons.read_text(encoding="utf-8") == "kunde,haushalt\n"
