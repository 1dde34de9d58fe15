"""One logical table of contracts, delivered in every form that is read."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from xlsxwriter import Workbook

from stammkunde.spells.schema.tables import Delivery

NAMES = ("Kunden-Nr", "Beginn", "Ende 📅", "Preis je Monat", "Straße und Ort")
TOWNS = ("Köln", "Bad Säckingen, Nord", 'Wald "am" See', "Zürich\nNord", " Ulm ", "")
Row = tuple[int, date, date | None, float | None, str | None]


def contracts(count: int = 120) -> list[Row]:
    """Return made-up contracts, sorted so that their order is that of their content as text."""
    rows: list[Row] = []
    for i in range(count):
        start = date(2018, 1, 1) + timedelta(days=(i * 37) % 900)
        end = start + timedelta(days=20 + (i * 53) % 1200) if i % 3 else None
        price = None if i % 11 == 0 else round(9.5 + (i * 7) % 23 + i % 4 / 4, 2) + 1200 * (i % 2)
        rows.append((1001 + i // 2, start, end, price, TOWNS[i % len(TOWNS)] or None))
    return sorted(rows, key=lambda r: (r[0], r[1]))


def _number(value: float | None, decimal: str, thousands: str) -> str:
    plain = "" if value is None else f"{value:,.2f}"
    return plain.replace(",", "T").replace(".", decimal).replace("T", thousands)


def as_text(
    path: Path,
    rows: list[Row],
    *,
    separator: str = ",",
    date_format: str = "%Y-%m-%d",
    decimal: str = ".",
    thousands: str = "",
    bom: bool = False,
    encoding: str = "utf-8",
) -> Delivery:
    """Write the table as text in a given form, and return how it is declared."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    names = [n if encoding == "utf-8" else n.replace("📅", "am") for n in NAMES]
    writer.writerow(names)

    def day(value: date | None) -> str:
        if value is None:
            return ""
        serial = str((value - date(1899, 12, 30)).days)
        return serial if date_format == "excel" else value.strftime(date_format)

    for key, start, end, price, town in rows:
        cell = _number(price, decimal, thousands)
        writer.writerow([key, day(start), day(end), cell, town or ""])
    codec = {"windows-1252": "cp1252"}.get(encoding, encoding)
    path.write_bytes((b"\xef\xbb\xbf" if bom else b"") + out.getvalue().encode(codec))
    return Delivery(
        file=path.name,
        separator=separator,  # type: ignore[arg-type]
        date_format=date_format,
        decimal=decimal,  # type: ignore[arg-type]
        thousands=thousands,  # type: ignore[arg-type]
        encoding=encoding,  # type: ignore[arg-type]
    )


def frame(rows: list[Row]) -> pd.DataFrame:
    """Return the table as a DataFrame with dates and numbers."""
    made = pd.DataFrame(rows, columns=list(NAMES))
    return made.astype(dict.fromkeys(NAMES[1:3], "datetime64[s]"))


def arrow(rows: list[Row]) -> pa.Table:
    """Return the table as Arrow has it."""
    kinds = (pa.int64(), pa.date32(), pa.date32(), pa.float64(), pa.string())
    columns = zip(*rows, strict=True)
    return pa.table([pa.array(c, k) for c, k in zip(columns, kinds, strict=True)], list(NAMES))


def _xlsx(folder: Path, rows: list[Row]) -> Delivery:
    with Workbook(folder / "c.xlsx", {"default_date_format": "dd.mm.yyyy"}) as book:
        book.add_worksheet("Hinweise").write(0, 0, "nichts")
        sheet = book.add_worksheet("Verträge")
        for r, row in enumerate([NAMES, *rows]):
            for c, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(r, c, cell)
                elif cell is not None:
                    sheet.write(r, c, cell)
    return Delivery(file="c.xlsx", sheet="Verträge")


def _parquet(folder: Path, rows: list[Row]) -> Delivery:
    pq.write_table(arrow(rows), folder / "c.parquet", row_group_size=50)
    return Delivery(file="c.parquet")


def _parts(folder: Path, rows: list[Row]) -> Delivery:
    parts = folder / "contracts"
    parts.mkdir()
    for i, (first, last) in enumerate(((0, 17), (17, 60), (60, len(rows)))):
        pq.write_table(arrow(rows[first:last]), parts / f"part-{i}.parquet")
    return Delivery(file="contracts/")


def _duckdb(folder: Path, rows: list[Row]) -> Delivery:
    with duckdb.connect(str(folder / "c.duckdb")) as database:
        database.register("made", arrow(rows))
        database.execute("CREATE SCHEMA crm; CREATE TABLE crm.contracts AS FROM made")
    return Delivery(database="duckdb://c.duckdb", table="crm.contracts")


def _duckdb_query(folder: Path, rows: list[Row]) -> Delivery:
    _duckdb(folder, rows)
    return Delivery(database="duckdb://c.duckdb", query="SELECT * FROM crm.contracts;")


def _sqlite(folder: Path, rows: list[Row]) -> Delivery:
    with sqlite3.connect(folder / "c.sqlite") as database:
        columns = ", ".join(f'"{n}"' for n in NAMES)
        database.execute(f"CREATE TABLE contracts ({columns})")
        text = [tuple(c.isoformat() if isinstance(c, date) else c for c in r) for r in rows]
        database.executemany("INSERT INTO contracts VALUES (?, ?, ?, ?, ?)", text)
    database.close()
    return Delivery(database="sqlite://c.sqlite", table="contracts")


def _text(**form: object) -> Callable[[Path, list[Row]], Delivery]:
    return lambda folder, rows: as_text(folder / "c.csv", rows, **form)  # type: ignore[arg-type]


GERMAN = {"separator": ";", "date_format": "%d.%m.%Y", "decimal": ",", "thousands": "."}
FORMS: Mapping[str, Callable[[Path, list[Row]], Delivery]] = {
    "csv": _text(),
    "csv with a mark": _text(bom=True),
    "semicolons": _text(**GERMAN),
    "windows": _text(**GERMAN, encoding="windows-1252"),
    "latin": _text(separator="\t", date_format="%m/%d/%Y", encoding="latin-1"),
    "bars": _text(separator="|", date_format="%d %b %Y", thousands="'"),
    "serials": _text(separator="\t", date_format="excel", thousands=" ", decimal=","),
    "xlsx": _xlsx,
    "parquet": _parquet,
    "parquet folder": _parts,
    "duckdb": _duckdb,
    "duckdb query": _duckdb_query,
    "sqlite": _sqlite,
}
