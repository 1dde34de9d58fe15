"""The same contracts give the same results.json, byte for byte, whatever they come in."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import pytest

from stammkunde.report.driver.build import build
from stammkunde.spells.schema.tables import Delivery
from stammkunde.workspace import Workspace
from tests.full.server import READER, Server
from tests.kernel.delivering import FORMS, NAMES, contracts

ROOT = Path(__file__).resolve().parents[2]
ROWS = contracts(900)
FILES = ("csv", "windows", "xlsx", "parquet", "duckdb", "sqlite")
KINDS = ("integer", "date", "date", "numeric(10, 2)", "text")
TOML = """\
schema = 1

[client]
name = {{ en = "Same" }}
as_of = 2021-12-31
languages = ["en_GB"]

[window]
open = 2018-01-01
close = 2022-01-01

[contracts]
{delivery}
person = "Kunden-Nr"
start = "Beginn"
end = "Ende 📅"

[groups.price]
column = "Preis je Monat"
title = {{ en = "price" }}
cuts = [20, 1000]
"""


def results(folder: Path, delivery: Delivery) -> bytes:
    """Return results.json of a workspace whose contracts are delivered in one way."""
    shutil.copytree(ROOT / "notebooks", folder / "notebooks", ignore=shutil.ignore_patterns(".*"))
    named = {k: v for k, v in asdict(delivery).items() if v != getattr(Delivery(), k)}
    lines = "\n".join(f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in named.items())
    toml = TOML.format(delivery=lines).replace("Ende 📅", _end(delivery))
    (folder / "clients").mkdir()
    (folder / "clients" / "same.toml").write_text(toml, encoding="utf-8")
    (outcome,) = build(Workspace(folder.resolve()), ["same"])
    assert outcome.error is None
    return (folder / "reports" / "same" / "results.json").read_bytes()


def _end(delivery: Delivery) -> str:
    return "Ende am" if delivery.encoding == "windows-1252" else NAMES[2]


@pytest.fixture(scope="module")
def from_text(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("csv")
    return results(folder, _delivered(folder, "csv"))


def _delivered(folder: Path, form: str) -> Delivery:
    raw = folder / "data" / "raw" / "same"
    raw.mkdir(parents=True)
    return FORMS[form](raw, ROWS)


@pytest.mark.parametrize("form", FILES[1:])
def test_another_file_gives_the_same_results(from_text: bytes, tmp_path: Path, form: str) -> None:
    assert json.loads(from_text)["results"]
    assert results(tmp_path, _delivered(tmp_path, form)) == from_text


def test_a_server_gives_the_same_results(
    from_text: bytes, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAMMKUNDE_PASSWORD", server.password)
    listed = ", ".join(f'"{n}" {k}' for n, k in zip(NAMES, KINDS, strict=True))
    with server.owner() as session:
        session.execute("CREATE SCHEMA same")
        session.execute(f"CREATE TABLE same.contracts ({listed})")
        session.cursor().executemany(
            "INSERT INTO same.contracts VALUES (%s, %s, %s, %s, %s)", ROWS[300:] + ROWS[:300]
        )
        session.execute(f"GRANT USAGE ON SCHEMA same TO {READER}")
        session.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA same TO {READER}")
    (tmp_path / "data" / "raw" / "same").mkdir(parents=True)
    there = Delivery(database=server.url, table="same.contracts")
    assert results(tmp_path, there) == from_text
