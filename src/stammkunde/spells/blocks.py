"""Persons and the 256 blocks into which they are dealt.

A block is the first two hex digits of md5(person key as delivered: text, trimmed, NFC, UTF-8).
It is taken from the key itself, so that results do not depend on any secret or order of rows.
"""

from __future__ import annotations

import unicodedata
from hashlib import md5

import ibis
import ibis.expr.types as ir

HEX = "0123456789abcdef"
SEPARATOR = "\x1f"
# whole floats up to here are written without decimals; no engine's integers reach further
WHOLE = 9.2e18
NO_TEXT = ibis.null("string")


def engine_of(value: ir.Value) -> str:
    """Return the name of the engine in which an expression is computed: "duckdb", "postgres"."""
    return str(value.get_backend().name)


def nfc(text: ir.StringValue) -> ir.StringValue:
    """Return a text in Unicode normal form C."""
    return (_nfc_duckdb if engine_of(text) == "duckdb" else _nfc_postgres)(text)


def block_of(key: object) -> int:
    """Return the block, 0 to 255, of a person key."""
    text = unicodedata.normalize("NFC", key_text(key))
    return int(md5(text.encode("utf-8"), usedforsecurity=False).hexdigest()[:2], 16)


def key_text(key: object) -> str:
    """Return a person key as text: trimmed, whole numbers without decimals."""
    if isinstance(key, bool):
        return str(key).lower()
    if isinstance(key, float) and key.is_integer():
        key = int(key)
    return str(key).strip(" \t\n\r\v\f")


def key_expr(column: ir.Value) -> ir.StringValue:
    """Return the person key of a column as text of the engine; nan is none."""
    kind = column.type()
    if kind.is_floating() or kind.is_decimal():
        # engines compare nan as the greatest number
        small = ibis.ifelse(column.abs() < WHOLE, column, ibis.null(kind))
        whole = ibis.ifelse(small == small.floor(), small, ibis.null(kind))
        text = whole.cast("int64").cast("string").fill_null(column.cast("string"))
        return ibis.ifelse(column.isnan(), NO_TEXT, text) if kind.is_floating() else text
    if kind.is_integer() or kind.is_date() or kind.is_boolean():
        return column.cast("string")
    return nfc(trimmed(column.cast("string")))


def trimmed(text: ir.StringValue) -> ir.StringValue:
    """Return a text without outer blanks, tabs and line ends."""
    if engine_of(text) != "duckdb":
        return text.strip()
    # looking at both ends first is six times faster where there is nothing to trim
    clean = (text.left(1) > " ") & (text.right(1) > " ")
    return ibis.ifelse(clean, text, text.strip())


def row_key(rows: ir.Table, columns: list[str]) -> ir.StringValue:
    """Return a key for rows without persons: all cells, and "#k" for the k-th identical row."""
    cells = [key_expr(rows[c]).fill_null("") for c in columns]
    text = ibis.literal(SEPARATOR).join(cells)
    again = ibis.row_number().over(ibis.window(group_by=text, order_by=rows.record)) + 1
    return text + "#" + again.cast("string")


def block_expr(key: ir.StringValue) -> ir.IntegerValue:
    """Return the block of a key as an expression of the engine."""
    if engine_of(key) == "duckdb":
        digest = key.hexdigest("md5")
    else:
        digest = _md5(_utf8(key, "UTF8"))
    digits = ibis.literal(HEX)
    return (digits.find(digest.substr(0, 1)) * 16 + digits.find(digest.substr(1, 1))).cast("int64")


@ibis.udf.scalar.builtin(name="nfc_normalize")
def _nfc_duckdb(text: str) -> str:  # type: ignore[empty-body]
    """Return `text` in Unicode normal form C (a function of DuckDB)."""


@ibis.udf.scalar.builtin(name="normalize")
def _nfc_postgres(text: str) -> str:  # type: ignore[empty-body]
    """Return `text` in Unicode normal form C (a function of PostgreSQL)."""


@ibis.udf.scalar.builtin(name="md5")
def _md5(data: bytes) -> str:  # type: ignore[empty-body]
    """Return the hexadecimal digits of the md5 of `data` (a function of PostgreSQL)."""


@ibis.udf.scalar.builtin(name="convert_to")
def _utf8(text: str, encoding: str) -> bytes:  # type: ignore[empty-body]
    """Return `text` as bytes of an encoding (a function of PostgreSQL)."""
