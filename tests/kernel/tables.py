"""Small delivered tables, written out, and what reading makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from stammkunde.spells.checks.found import Found
from stammkunde.spells.read import read_data
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.meaning import ChecksToml, WindowToml
from stammkunde.spells.schema.rules import check_data
from stammkunde.spells.schema.tables import ContractsToml, Delivery
from stammkunde.spells.spells import Spells

CLOSE = date(2021, 1, 1)
CONTRACTS = {"person": "who", "start": "from", "end": "to"}
ALL = ChecksToml(most_rejected=1.0)


def write(folder: Path, name: str, text: str) -> Delivery:
    """Write a table, one row per line of `text` (blanks around cells do not matter)."""
    rows = [",".join(c.strip() for c in r.split(",")) for r in text.strip().splitlines()]
    (folder / name).write_text("\n".join(rows) + "\n", encoding="utf-8")
    return Delivery(file=name)


def contracts_toml(
    folder: Path, text: str, table: Mapping[str, object] | None = None, **keys: object
) -> DataToml:
    """Write contracts and return what declares them; `table` are keys of `[contracts]`."""
    delivery = write(folder, "contracts.csv", text)
    contracts = ContractsToml(delivery=delivery, **{**CONTRACTS, **(table or {})})  # type: ignore[arg-type]
    meaning = {"window": WindowToml(close=CLOSE), "checks": ALL} | keys
    data = DataToml(contracts=contracts, **meaning)  # type: ignore[arg-type]
    check_data(data, "test.toml")
    return data


def contracts(
    folder: Path, text: str, table: Mapping[str, object] | None = None, **keys: object
) -> Spells:
    """Return the spells of contracts (columns who, from, to and others) until the end of 2020."""
    return read_data(folder, contracts_toml(folder, text, table, **keys))


def by_check(found: tuple[Found, ...]) -> dict[str, int]:
    """Return the rows of each check by its id; fails where one id is there twice."""
    counts = {f.check: f.rows for f in found}
    assert len(counts) == len(found)
    return counts


def one(found: tuple[Found, ...], name: str) -> Found:
    """Return the only thing found by a check."""
    (hit,) = [f for f in found if f.check == name]
    return hit


def adds_up(spells: Spells) -> None:
    """Fail unless every row is used, never at risk or rejected, and the rejected are at hand."""
    tally = spells.tally
    assert tally.read == tally.used + tally.never_at_risk + tally.rejected
    assert tally.rejected == len(spells.rejected)
