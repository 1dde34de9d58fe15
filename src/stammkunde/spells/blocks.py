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


@ibis.udf.scalar.builtin
def nfc_normalize(text: str) -> str:  # type: ignore[empty-body]
    """Return `text` in Unicode normal form C (a function of the engine)."""


def block_of(key: object) -> int:
    """Return the block, 0 to 255, of a person key."""
    text = unicodedata.normalize("NFC", key_text(key))
    return int(md5(text.encode("utf-8"), usedforsecurity=False).hexdigest()[:2], 16)


def key_text(key: object) -> str:
    """Return a person key as text: trimmed, whole numbers without decimals."""
    if isinstance(key, float) and key.is_integer():
        key = int(key)
    return str(key).strip(" \t\n\r\v\f")


def key_expr(column: ir.Value) -> ir.StringValue:
    """Return the person key of a column as text of the engine."""
    if column.type().is_floating():
        whole = column.try_cast("int64")
        same = (column == whole.cast("float64")).fill_null(False)
        column = ibis.ifelse(same, whole.cast("string"), column.cast("string"))
    return nfc_normalize(column.cast("string").strip())


def row_key(rows: ir.Table, columns: list[str]) -> ir.StringValue:
    """Return a key for rows without persons: all cells, and "#k" for the k-th identical row."""
    cells = [key_expr(rows[c]).fill_null("") for c in columns]
    text = ibis.literal(SEPARATOR).join(cells)
    again = ibis.row_number().over(ibis.window(group_by=text, order_by=rows.record)) + 1
    return text + "#" + again.cast("string")


def block_expr(key: ir.StringValue) -> ir.IntegerValue:
    """Return the block of a key as an expression of the engine."""
    digest, digits = key.hexdigest("md5"), ibis.literal(HEX)
    return (digits.find(digest.substr(0, 1)) * 16 + digits.find(digest.substr(1, 1))).cast("int64")
