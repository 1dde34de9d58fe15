"""Several tables at once: sheets of a workbook, files beside one another, tables of a database."""

import sqlite3
from datetime import date

import pandas as pd
import pytest

from stammkunde.intake.examine import examine
from stammkunde.study import read_study
from tests.intake.making import ENGLISH, contracts, take_in, workbook, workspace_at


@pytest.fixture
def workspace(tmp_path):
    return workspace_at(tmp_path)


def study(workspace, client):
    return read_study(client, workspace=workspace)


def test_every_sheet_of_a_workbook_is_a_table(workspace, tmp_path):
    events = pd.DataFrame(
        {
            "Kd-Nr": [100_000 + i for i in range(40)],
            "Datum": [date(2024, 1, 1 + i % 28) for i in range(40)],
            "Vorgang": ["Beschwerde", "Anruf"] * 20,
            "Kosten": [1.5 * i for i in range(40)],
        }
    )
    book = workbook(tmp_path / "x.xlsx", Verträge=contracts(80), Kontakte=events)
    take_in(workspace, "a", book)
    data = study(workspace, "a").toml.data
    assert data.contracts.delivery.sheet == "Verträge"
    assert (data.events.delivery.sheet, data.events.kind) == ("Kontakte", "Vorgang")
    assert (data.events.person, data.events.cost) == ("Kd-Nr", "Kosten")


def test_tables_beside_the_main_one_find_their_part(workspace, tmp_path):
    contracts().to_parquet(tmp_path / "vertraege.parquet", index=False)
    days = pd.Series([date(2024, 1, 1 + i % 28) for i in range(60)])
    who = pd.Series([100_000 + i for i in range(60)])
    offers = {"Kd-Nr": who, "Aktion": ["Treuerabatt", "Neukunde"] * 30, "gültig ab": days}
    prices = {"Tarif": ["Basis", "Öko"], "Preis": [10.5, 12.5], "gültig ab": days[:2]}
    persons = {"Kundennummer": who, "Haushalt": who // 2}
    for name, frame in {"a": offers, "b": prices, "c": persons}.items():
        pd.DataFrame(frame).to_parquet(tmp_path / f"{name}.parquet", index=False)
    files = [tmp_path / f"{n}.parquet" for n in ("a", "b", "c", "vertraege")]
    made = take_in(workspace, "x", *files)
    data = study(workspace, "x").toml.data
    assert data.contracts.delivery.file == "vertraege.parquet"
    assert (data.offers.offer, data.offers.start) == ("Aktion", "gültig ab")
    assert (data.prices.plan, data.prices.price) == ("Tarif", "Preis")
    assert (data.persons.customer, data.persons.person) == ("Kundennummer", "Haushalt")
    assert made.unused == ()


def test_an_embedded_database(workspace, tmp_path):
    with sqlite3.connect(tmp_path / "crm.sqlite") as base:
        contracts(names=ENGLISH).astype({"start_date": str}).to_sql("deals", base, index=False)
    url = f"sqlite://{tmp_path / 'crm.sqlite'}"
    take_in(workspace, "a", database=url, tables=["deals"])
    form = study(workspace, "a").toml.data.contracts.delivery
    assert (form.database, form.table) == ("sqlite://crm.sqlite", "deals")
    assert (workspace.raw / "a" / "crm.sqlite").is_file()


@pytest.mark.long
def test_the_data_report_accounts_for_every_table(workspace, tmp_path):
    contracts(names=ENGLISH).to_csv(tmp_path / "contracts.csv", index=False)
    events = pd.DataFrame(
        {
            "customer_id": [100_000 + i for i in range(30)] + [7, 8],
            "event date": ["2024-02-01"] * 31 + ["2024-02-31"],
            "event": ["complaint"] * 32,
        }
    )
    events.to_csv(tmp_path / "events.csv", index=False)
    take_in(workspace, "x", tmp_path / "contracts.csv", tmp_path / "events.csv")
    toml = workspace.clients / "x.toml"
    text = toml.read_text("utf-8") + "\n[checks]\nmost_rejected = 0.01\n"
    toml.write_text(text, encoding="utf-8")
    made = examine(study(workspace, "x"))
    sections = {table.section: table for table in made.tables}
    tally = sections["events"].tally
    assert (tally.read, tally.never_at_risk, tally.rejected) == (32, 1, 1)
    found = {f.check: f.rows for f in sections["events"].found}
    assert (found["unknown_customer"], found["unreadable_date"]) == (1, 1)
    assert [t for t, e in sections.items() if e.too_many] == ["events"]
    assert not made.usable
    assert made.rejected["table"].tolist() == ["events"]
    assert {"cost", "team"} <= {w.id for w in made.wanted}
