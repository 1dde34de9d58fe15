"""Contracts to be read: made by arithmetic alone, so that they are the same on every machine."""

from __future__ import annotations

from pathlib import Path

import duckdb

GROUPS = ("basic", "family", "business", "night")
CLOSE = "2026-01-01"
PRIME = 2_147_483_647
# of 100 contracts, 13 are somebody's second
PERSONS_OF_100 = 87
WIDE_ROW_BYTES = 148


def make_parquet(path: Path, rows: int) -> None:
    """Write `rows` dated contracts: customer, start, end (null: still there), tariff, reason."""
    _copy(f"SELECT customer, start, ending AS \"end\", tariff, reason FROM ({_rows(rows)})",
          path, "FORMAT parquet, ROW_GROUP_SIZE 122880")  # fmt: skip


def make_csv(path: Path, gigabytes: float) -> int:
    """Write the same contracts with columns as an export has them, about so large; return rows."""
    rows = int(gigabytes * 1e9 / WIDE_ROW_BYTES)
    wide = f"""
        SELECT 'V' || lpad(i::VARCHAR, 10, '0') AS "Vertrag Nr.", customer AS "Kunde",
            strftime(start, '%d.%m.%Y') AS "Beginn", strftime(ending, '%d.%m.%Y') AS "Ende",
            tariff AS "Tarif", reason AS "Grund",
            'Straße der Künste ' || (i % 180) AS "Anschrift",
            lpad((i % 99999)::VARCHAR, 5, '0') AS "PLZ", 'Musterstadt am Fluß' AS "Ort",
            replace((10 + i % 7000 / 100)::DECIMAL(9, 2)::VARCHAR, '.', ',') AS "Abschlag",
            'Zählerstand geschätzt; "Altvertrag"' AS "Notiz"
        FROM ({_rows(rows)})"""
    _copy(wide, path, "FORMAT csv, HEADER, DELIMITER ';'")
    return rows


def _rows(rows: int) -> str:
    """Return the SELECT that makes the contracts; those still there at the close have no end."""
    persons = max(1, rows * PERSONS_OF_100 // 100)
    listed = ", ".join(f"'{g}'" for g in GROUPS)
    return f"""
        SELECT i, 'C' || lpad((i * 48271 % {persons})::VARCHAR, 9, '0') AS customer, start,
            CASE WHEN last < DATE '{CLOSE}' THEN last END AS ending,
            [{listed}][1 + i * 16807 % {PRIME} % 4] AS tariff,
            CASE WHEN last < DATE '{CLOSE}'
                THEN ['price', 'moved', 'service', 'death', NULL][1 + i * 69621 % {PRIME} % 5]
            END AS reason
        FROM (
            SELECT i, start, start - CAST(ln(u) * 900 AS INTEGER) AS last
            FROM (
                SELECT i, DATE '2015-01-01' + CAST(i * 40014 % {PRIME} % 4000 AS INTEGER) AS start,
                    (1 + i * 39373 % {PRIME}) / {PRIME + 1}.0 AS u
                FROM range({rows}) AS made(i)
            )
        )"""


def _copy(select: str, path: Path, options: str) -> None:
    engine = duckdb.connect(config={"memory_limit": "1GB"})
    # one thread, so that the rows stand in one order
    engine.execute("SET threads = 1")
    engine.execute(f"COPY ({select}) TO '{path.as_posix()}' ({options})")
    engine.close()
