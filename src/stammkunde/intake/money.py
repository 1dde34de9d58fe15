"""What a draft says of money: the currency of amounts, and what a contact is assumed to bring."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stammkunde.intake.columns import Column
from stammkunde.intake.roles import Table
from stammkunde.intake.toml import Line, Section, quoted, titles

ROLES = ("margin", "amount", "price", "cost")
SIGNS = {"€": "EUR", "eur": "EUR", "euro": "EUR", "chf": "CHF", "fr.": "CHF", "$": "USD",
         "usd": "USD", "£": "GBP", "gbp": "GBP"}  # fmt: skip

SIGNED = re.compile(r"\s*(€|\$|£|EUR|CHF|USD|GBP)?\s*-?\d[\d.,' ]*\s*(€|\$|£|EUR|CHF|USD|GBP)?\s*")


def signed(columns: Sequence[Column]) -> tuple[str, ...]:
    """Return the names of columns of texts that are amounts with the sign of a currency.

    Nothing reads them as numbers, and a draft that is silent about them loses them.
    """
    found = []
    for column in columns:
        texts = [c for c in column.cells if isinstance(c, str)]
        hits = [m for t in texts if (m := SIGNED.fullmatch(t)) and (m[1] or m[2])]
        if column.kind == "text" and len(hits) > 0.9 * len(texts) > 0:
            found.append(column.name)
    return tuple(found)


def sections(tables: Sequence[Table]) -> list[Section]:
    """Return `[money]` where a column holds amounts, and, commented out, `[alert]` for purchases.

    The currency is that of a sign in names or cells, else a decision.
    """
    columns = [c for t in tables for r in ROLES if (c := t.column(r)) is not None]
    if not columns:
        return []
    found = currency(columns)
    asked = "" if found else "in which currency are the amounts?"
    lines = (
        Line(key="currency", value=quoted(found or "EUR"), open=asked),
        Line(key="net", value="true", open="are the amounts net of value added tax?"),
        Line(key="interest", value="0.08", note="a year, for payments still to come", off=True),
    )
    return [Section(head="money", lines=lines), *_alert(tables[0])]


def currency(columns: Sequence[Column]) -> str:
    """Return the one currency that names or cells of columns speak of, "" for none or several."""
    said = set()
    for column in columns:
        texts = [column.name, *(c for c in column.cells[:50] if isinstance(c, str))]
        words = {w for text in texts for w in text.lower().replace("(", " ").split()}
        said |= {c for sign, c in SIGNS.items() if any(_names(sign, w) for w in words)}
    return said.pop() if len(said) == 1 else ""


def _names(sign: str, word: str) -> bool:
    return sign in word if len(sign) == 1 else sign == word.strip(").,;:")


def _alert(main: Table) -> list[Section]:
    if main.section != "transactions" or main.column("amount") is None:
        return []
    lines = (
        Line(key="cost", value="5.0", note="of a contact", off=True),
        Line(key="won_back", value="0.05", note="share of those gone whom it wins back", off=True),
        Line(key="margin_share", value="0.3", note="of what they then pay", off=True),
        Line(key="says", value=titles("…"), note="who assumes so", off=True),
    )
    said = "To be told whom to contact, and at what gain, say what is at stake and who assumes so."
    return [Section(head="alert", lines=lines, remark=said)]
