"""What `stammkunde new` refuses, in one sentence each, and that nothing is left of it."""

import shutil

import pytest

from stammkunde.errors import StammkundeError
from stammkunde.intake import founding
from tests.intake.making import contracts, german, take_in, workspace_at

SLUGS = "Small letters, digits and hyphens can:"
ASK = "Ask for the table itself, as CSV (UTF-8), XLSX or Parquet."
REFUSED = {
    "Müller & Söhne": (
        ("good.csv",),
        "`Müller & Söhne` cannot be the name of a client's files. " + SLUGS + " `mueller-soehne`.",
    ),
    "x'; drop table": (
        ("good.csv",),
        "`x'; drop table` cannot be the name of a client's files. " + SLUGS + " `x-drop-table`.",
    ),
    "taken": (
        ("good.csv",),
        "there is already a client `taken`. Choose another name; nothing was changed.",
    ),
    "nothing": ((), "no file was named. Name the delivered files, or --database and --table."),
    "missing": (("no.csv",), "HERE/no.csv: there is no such file. Check the path."),
    "two": (("good.csv", "other/good.csv"), "good.csv: two files have this name. Rename one."),
    "folder": (
        ("folder",),
        (
            "folder: the folder holds no Parquet file. "
            "Put files that end in .parquet there, or name one file."
        ),
    ),
    "base": (
        ("crm.db",),
        (
            "crm.db: this is an SQLite database, not a table. "
            "Write --database sqlite://crm.db --table TABLE."
        ),
    ),
    "html": (
        ("page.csv",),
        "page.csv: this is a web page (HTML), not a table. " + ASK,
    ),
    "wide": (
        ("wide.csv",),
        "wide.csv: this is text in UTF-16, not a table. Save it as CSV, UTF-8.",
    ),
    "zip": (
        ("page.xlsx",),
        "page.xlsx: this is a web page (HTML), not a table. " + ASK,
    ),
    "junk": (("junk.csv",), "junk.csv: this is binary data, not a table. " + ASK),
}


@pytest.fixture
def workspace(tmp_path):
    return workspace_at(tmp_path)


@pytest.fixture
def deliveries(tmp_path):
    """A folder of good and bad deliveries."""
    here = tmp_path / "deliveries"
    (here / "other").mkdir(parents=True)
    (here / "folder").mkdir()
    (here / "good.csv").write_bytes(german(contracts(20)))
    (here / "other" / "good.csv").write_bytes(b"a;b\n1;2\n")
    (here / "crm.db").write_bytes(b"SQLite format 3\x00" + bytes(100))
    (here / "page.csv").write_bytes(b"<!DOCTYPE html><html><body>no</body></html>\n" * 9)
    shutil.copyfile(here / "page.csv", here / "page.xlsx")
    (here / "wide.csv").write_bytes("a;b\n1;2\n".encode("utf-16"))
    (here / "junk.csv").write_bytes(bytes(range(256)) * 9)
    return here


@pytest.mark.parametrize("client", REFUSED)
def test_a_refusal_is_one_sentence_and_changes_nothing(workspace, deliveries, client):
    names, said = REFUSED[client]
    (workspace.clients / "taken.toml").write_text("schema = 1\n", encoding="utf-8")
    before = sorted(workspace.root.rglob("*"))
    with pytest.raises(StammkundeError) as caught:
        take_in(workspace, client, *(deliveries / name for name in names))
    assert str(caught.value) == said.replace("HERE", str(deliveries))
    assert sorted(workspace.root.rglob("*")) == before


@pytest.mark.parametrize(
    ("database", "tables", "said"),
    [
        ("sqlite://no.sqlite", ["t"], "no.sqlite: there is no such file. Check the path."),
        (
            "sqlite://no.sqlite",
            [],
            "--database and --table belong together. Name the database and its table.",
        ),
        (
            "",
            ["t"],
            "--database and --table belong together. Name the database and its table.",
        ),
    ],
)
def test_half_a_database_is_refused(workspace, database, tables, said):
    with pytest.raises(StammkundeError) as caught:
        take_in(workspace, "a", database=database, tables=tables)
    assert str(caught.value) == said


def test_another_file_of_the_same_name_is_never_overwritten(workspace, tmp_path):
    folder = workspace.raw / "a"
    folder.mkdir()
    (folder / "x.csv").write_bytes(b"mine")
    (tmp_path / "x.csv").write_bytes(german(contracts(20)))
    with pytest.raises(StammkundeError) as caught:
        take_in(workspace, "a", tmp_path / "x.csv")
    assert str(caught.value) == (
        "x.csv: another file of this name lies in data/raw/a/. Rename one; nothing was changed."
    )
    assert (folder / "x.csv").read_bytes() == b"mine"


def test_what_fails_halfway_is_taken_back(workspace, tmp_path, monkeypatch):
    file = tmp_path / "x.csv"
    file.write_bytes(german(contracts(20)))
    before = sorted(workspace.root.rglob("*"))

    def full(path, data):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(founding, "write_atomically", full)
    with pytest.raises(OSError, match="No space"):
        take_in(workspace, "a", file)
    assert sorted(workspace.root.rglob("*")) == before


def test_a_second_delivery_beside_the_first_keeps_its_note(workspace, tmp_path):
    file = tmp_path / "x.csv"
    file.write_bytes(german(contracts(50)))
    take_in(workspace, "a", file)
    (workspace.clients / "a.toml").unlink()
    note = workspace.raw / "a" / "SOURCE.toml"
    mine = note.read_text("utf-8").replace("nur für", "streng nur für")
    note.write_text(mine, encoding="utf-8")
    take_in(workspace, "a", workspace.raw / "a" / "x.csv")
    assert note.read_text("utf-8") == mine
