"""What a file is that is not the table it is called: one clause, from its first bytes."""

from __future__ import annotations

import re

HEAD_BYTES = 4096
ZIP = b"PK\x03\x04"
MARKS = (
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls), or one with a password"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"7z\xbc\xaf", "a compressed file (7-Zip)"),
    (b"Rar!", "a compressed file (RAR)"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "a text document (RTF)"),
)
UTF16 = "text in UTF-16"
PAGE = re.compile(rb"\s*(<!doctype\s+html|<html|<head|<body|<table|<meta)", re.IGNORECASE)
XML = re.compile(rb"\s*<\?xml", re.IGNORECASE)
REMEDIES = {
    "a workbook": "Name it with its `sheet`, its name ending in .xlsx.",
    "a zip archive": "Unpack it, and put the table itself there.",
    "a Parquet file": "Let its name end in .parquet.",
    "a DuckDB database": 'Write `database = "duckdb://…"` with a `table` instead of `file`.',
    "an SQLite database": 'Write `database = "sqlite://…"` with a `table` instead of `file`.',
    UTF16: "Save it as CSV, UTF-8.",
}
ASK = "Ask for the table itself, as CSV (UTF-8), XLSX or Parquet."


def looks_like(head: bytes) -> str:
    """Return what a file is by its first bytes ("a PDF document"), "" where it may be text."""
    if head.startswith(ZIP):
        return "a workbook" if b"xl/" in head or b"[Content_Types]" in head else "a zip archive"
    if head[8:12] == b"DUCK":
        return "a DuckDB database"
    known = next((kind for mark, kind in MARKS if head.startswith(mark)), "")
    if known:
        return known
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or _every_other_is_null(head):
        return UTF16
    plain = head.removeprefix(b"\xef\xbb\xbf")
    if PAGE.match(plain):
        return "a web page (HTML)"
    if XML.match(plain):
        return "an XML document"
    strange = sum(byte < 32 and byte not in b"\t\n\r\x0b\x0c\x1a\x1b\x1f" for byte in head)
    return "binary data" if strange > max(8, len(head) // 20) else ""


def remedy_for(kind: str) -> str:
    """Return what to do about a file that turned out to be of another kind."""
    return REMEDIES.get(kind, ASK)


def _every_other_is_null(head: bytes) -> bool:
    """Return whether this is the Latin alphabet in two bytes a letter, without a mark of order."""
    pairs = head[: len(head) // 2 * 2]
    half = len(pairs) // 2
    evens, odds = pairs[::2].count(0), pairs[1::2].count(0)
    return half >= 4 and max(evens, odds) > 0.7 * half and min(evens, odds) < 0.1 * half
