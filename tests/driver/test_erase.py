"""A person's rows leave every kind of file, and no other row or byte does."""

import io
import sqlite3
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.report.driver.erase import hits
from stammkunde.spells.schema.tables import Delivery
from stammkunde.spells.source import digest
from stammkunde.workspace import Workspace
from tests.driver.forgetting import HEAD, NOTE, ROWS, TOML, Purge, csv, deliver, everything

CELL = st.text(st.sampled_from('1002 "\r\nÄx;'), max_size=6)
QUOTED = CELL.map(lambda c: '"' + c.replace('"', '""') + '"')


@settings(deadline=None)
@given(rows=st.lists(st.tuples(st.sampled_from(["1001", " 1001", '"1001"', "1002"]), QUOTED)))
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "windows-1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_kept_rows_keep_their_bytes(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], encoding: str, end: str
) -> None:
    file = tmp_path_factory.mktemp("f") / "x.csv"
    lines = [f"{key};{cell}{end}".encode(encoding) for key, cell in rows]
    file.write_bytes(b"k;c" + end.encode() + b"".join(lines))
    delivery = Delivery(file="x.csv", separator=";", encoding=encoding)  # type: ignore[arg-type]
    for hit in hits(file.parent, delivery, "k", {"1001"}):
        assert hit.rows == sum("1001" in key for key, _ in rows)
        assert hit.remove is not None
        hit.remove()
    kept = [x for x, (key, _) in zip(lines, rows, strict=True) if "1001" not in key]
    assert file.read_bytes() == b"k;c" + end.encode() + b"".join(kept)


def test_a_malformed_row_goes_by_any_of_its_cells(workspace: Workspace, purge: Purge) -> None:
    file = deliver(workspace, "x.csv", (csv(ROWS) + "Zwiebel,x,1001\n1004\n").encode())
    assert "x.csv: 3 rows." in purge("telco", "--person", "1001", "--yes")
    assert file.read_text(encoding="utf-8") == csv([ROWS[1], ROWS[3]]) + "1004\n"


def frame() -> pd.DataFrame:
    table = pd.DataFrame(ROWS, columns=HEAD)
    return table.assign(**{"Kd-Nr": table["Kd-Nr"].astype(int), "bis": table.bis.replace("", None)})


def test_parquet_keeps_its_types_and_other_rows(workspace: Workspace, purge: Purge) -> None:
    folder = workspace.raw / "telco" / "parts"
    folder.mkdir(parents=True)
    table = pa.Table.from_pandas(frame(), preserve_index=False).replace_schema_metadata({"a": "b"})
    pq.write_table(table, folder / "a.parquet", row_group_size=2, compression="zstd")
    pq.write_table(table.slice(1, 1), folder / "b.parquet")
    told = TOML.format(client="", contracts='file = "parts"', more="")
    (workspace.clients / "telco.toml").write_text(told, encoding="utf-8")
    b = (folder / "b.parquet").read_bytes()
    note = folder.parent / "SOURCE.toml"
    note.write_text(NOTE.format(file="parts", sha256=digest(folder)), encoding="utf-8")
    assert "a.parquet: 2 rows." in purge("telco", "--person", "1001", "--yes")
    after = pq.read_table(folder / "a.parquet")
    assert after.equals(table.take([1, 3]))
    assert after.schema.equals(table.schema, check_metadata=True)
    assert pq.read_metadata(folder / "a.parquet").row_group(0).column(0).compression == "ZSTD"
    assert (folder / "b.parquet").read_bytes() == b
    assert note.read_text(encoding="utf-8") == NOTE.format(file="parts", sha256=digest(folder))
    assert b"Zwiebel" not in (folder / "a.parquet").read_bytes()


def sqlite(path: Path) -> None:
    connection = sqlite3.connect(path)
    frame().rename(columns={"Kd-Nr": " Kd-Nr"}).to_sql("Verträge 1", connection, index=False)
    connection.execute("CREATE TABLE other AS SELECT 7 AS seven")
    connection.commit()
    connection.close()


def duck(path: Path) -> None:
    engine = duckdb.connect(str(path))
    engine.register("f", frame().rename(columns={"Kd-Nr": " Kd-Nr"}))
    engine.execute('CREATE TABLE "Verträge 1" AS SELECT * FROM f')
    engine.execute("CREATE TABLE other AS SELECT 7 AS seven")
    engine.close()


def read_sqlite(path: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    rows = connection.execute(query).fetchall()
    connection.close()
    return rows


def read_duck(path: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as engine:
        return engine.execute(query).fetchall()


DATABASES = {"sqlite": (sqlite, read_sqlite), "duckdb": (duck, read_duck)}


@pytest.mark.parametrize("kind", DATABASES)
def test_a_database_of_one_file_forgets_every_byte(
    workspace: Workspace, purge: Purge, tmp_path: Path, kind: str
) -> None:
    make, read = DATABASES[kind]
    make(tmp_path / "made")
    table = f'database = "{kind}://crm.db"\ntable = "Verträge 1"'
    file = deliver(workspace, "crm.db", (tmp_path / "made").read_bytes(), contracts=table)
    assert b"Zwiebel" in file.read_bytes()
    assert "crm.db, Verträge 1: 2 rows." in purge("telco", "--person", "1001", "--yes")
    assert b"Zwiebel" not in file.read_bytes()
    assert read(file, 'SELECT " Kd-Nr", Name FROM "Verträge 1"') == [
        (1002, "Möhre"),
        (1003, "Rübe"),
    ]
    assert read(file, "SELECT seven FROM other") == [(7,)]
    assert everything(file.parent) == {"crm.db", "SOURCE.toml"}
    assert digest(file) in file.with_name("SOURCE.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", DATABASES)
def test_what_a_query_gives_is_for_hands_to_remove(
    workspace: Workspace, purge: Purge, tmp_path: Path, kind: str
) -> None:
    DATABASES[kind][0](tmp_path / "made")
    query = f'database = "{kind}://crm.db"\nquery = \'SELECT * FROM "Verträge 1"\''
    file = deliver(workspace, "crm.db", (tmp_path / "made").read_bytes(), contracts=query)
    before = file.read_bytes()
    told = "Delete the rows of this `Kd-Nr` in the database itself; it is not changed from here."
    assert f"query: 2 rows. {told}" in purge("telco", "--person", "1001", "--yes", code=3)
    assert file.read_bytes() == before


def test_a_workbook_is_for_hands_to_change(workspace: Workspace, purge: Purge) -> None:
    book = io.BytesIO()
    with pd.ExcelWriter(book) as writer:
        frame().to_excel(writer, sheet_name="Verträge", index=False)
    file = deliver(workspace, "x.xlsx", book.getvalue())
    assert purge("telco", "--person", "1001", "--yes", code=3) == (
        "x.xlsx: 2 rows. Delete them in a spreadsheet program (sheet `Verträge`: rows 2, 4) and "
        "save it; then purge again.\n"
        "Still there: 2 rows, to be deleted by hand as said above.\n"
    )
    assert file.read_bytes() == book.getvalue()


def test_the_rows_of_a_sheet_are_told_as_it_numbers_them(
    workspace: Workspace, purge: Purge
) -> None:
    rows = pd.DataFrame([HEAD, [None] * 4, *ROWS[1:]])
    book = io.BytesIO()
    with pd.ExcelWriter(book) as writer:
        rows.to_excel(writer, sheet_name="Alt", index=False, header=False)
        rows.to_excel(writer, sheet_name="Neu", index=False, header=False)
    table = 'file = "x.xlsx"\nsheet = "Neu"'
    events = '[events]\nfile = "e.csv"\nperson = "kunde"\ndate = "tag"\nkind = "art"\n'
    file = deliver(workspace, "x.xlsx", book.getvalue(), contracts=table, more=events)
    beside = file.with_name("e.csv")
    beside.write_text("kunde,tag,art\n1001,2020-03-01,a\n", encoding="utf-8")
    assert "Nothing was removed." in purge("telco", "--person", "1001", typed="no\n")
    said = purge("telco", "--person", "1001", "--yes", code=3)
    assert "(sheet `Neu`: row 4)" in said
    assert said.splitlines()[-1] == "Still there: 1 row, to be deleted by hand as said above."
    assert beside.read_text(encoding="utf-8") == "kunde,tag,art\n"
