"""`stammkunde new`: what is found in files of every kind, and what is refused."""

import sqlite3
from contextlib import closing
from datetime import date

import pandas as pd
import pytest

from stammkunde import cli
from stammkunde.spells.source import digest, read_source
from stammkunde.study import read_study
from tests.intake.making import (
    ENGLISH,
    LAST,
    contracts,
    german,
    take_in,
    workbook,
    workspace_at,
)


@pytest.fixture
def workspace(tmp_path):
    return workspace_at(tmp_path)


def study(workspace, client):
    return read_study(client, workspace=workspace)


def test_a_german_export(workspace, tmp_path):
    file = tmp_path / "Verträge 2025.csv"
    file.write_bytes(german(contracts()))
    made = take_in(workspace, "musterwerk", file)
    data = study(workspace, "musterwerk").toml.data
    table = data.contracts
    assert (table.start, table.end, table.reason) == (
        "Vertragsbeginn",
        "Vertragsende",
        "Kündigungsgrund",
    )
    assert (table.person, table.contract) == ("Kd-Nr", "Vertragsnummer")
    form = table.delivery
    assert (form.separator, form.encoding, form.date_format) == (";", "latin-1", "%d.%m.%Y")
    assert (form.decimal, form.thousands) == (",", ".")
    assert data.window.close == date(2026, 1, 1)
    assert {n: c.controllable for n, c in data.causes.items()} == {
        "umzug": False,
        "preis": True,
        "wettbewerber": True,
        "verstorben": False,
    }
    assert {n: g.column for n, g in data.groups.items()} == {
        "tarif": "Tarif",
        "verbrauch": "Verbrauch",
    }
    assert len(data.groups["verbrauch"].cuts) == 2
    assert "says who has left: `Vertragsstatus`" in made.toml.read_text("utf-8")
    assert made.draft.missing == ()
    assert [d.partition(":")[0] for d in made.draft.decisions] == [
        "contracts.end_is",
        "causes.preis.controllable",
    ]


def test_the_delivery_is_kept_byte_by_byte_beside_its_hash(workspace, tmp_path):
    file = tmp_path / "kunden.csv"
    file.write_bytes(german(contracts(50)))
    take_in(workspace, "a", file)
    kept = workspace.raw / "a" / "kunden.csv"
    assert kept.read_bytes() == file.read_bytes()
    source = read_source(workspace.raw / "a" / "SOURCE.toml")
    assert source.hashes == {"kunden.csv": digest(file)}
    assert set(source.title) == {"de", "en"}
    assert sorted(p.name for p in kept.parent.iterdir()) == ["SOURCE.toml", "kunden.csv"]


def test_files_already_in_place_are_used_there(workspace):
    folder = workspace.raw / "a"
    folder.mkdir()
    file = folder / "kunden.csv"
    file.write_bytes(german(contracts(50)))
    before = file.stat()
    take_in(workspace, "a", file)
    assert file.stat().st_mtime_ns == before.st_mtime_ns
    assert study(workspace, "a").toml.data.contracts.delivery.file == "kunden.csv"


def test_an_english_iso_export(workspace, tmp_path):
    file = tmp_path / "contracts.csv"
    contracts(names=ENGLISH).to_csv(file, index=False)
    take_in(workspace, "acme", file)
    table = study(workspace, "acme").toml.data.contracts
    assert (table.start, table.end, table.reason) == ("start_date", "end_date", "churn_reason")
    assert (table.contract, table.person) == ("contract_id", "customer_id")
    assert table.delivery == type(table.delivery)(file="contracts.csv")


def test_a_workbook_with_days_as_days(workspace, tmp_path):
    take_in(workspace, "a", workbook(tmp_path / "x.xlsx", Kunden=contracts(80)))
    table = study(workspace, "a").toml.data.contracts
    assert (table.start, table.end) == ("Vertragsbeginn", "Vertragsende")
    assert table.delivery.file == "x.xlsx"


def test_a_folder_of_parquet_files(workspace, tmp_path):
    folder = tmp_path / "parts"
    folder.mkdir()
    frame = contracts(90, ENGLISH)
    for i in range(3):
        frame.iloc[i * 30 : i * 30 + 30].to_parquet(folder / f"{i}.parquet", index=False)
    take_in(workspace, "a", folder)
    table = study(workspace, "a").toml.data.contracts
    assert (table.delivery.file, table.start) == ("parts/", "start_date")
    assert read_source(workspace.raw / "a" / "SOURCE.toml").hashes == {"parts/": digest(folder)}


def test_a_snapshot(workspace, tmp_path):
    frame = pd.DataFrame(
        {
            "customerID": [f"c{i}" for i in range(200)],
            "tenure": [i % 70 for i in range(200)],
            "Contract": ["monthly", "yearly"] * 100,
            "Churn": ["Yes" if i % 7 == 0 else "No" for i in range(200)],
        }
    )
    frame.to_csv(tmp_path / "churn.csv", index=False)
    made = take_in(workspace, "a", tmp_path / "churn.csv")
    data = study(workspace, "a").toml.data
    assert (data.snapshot.tenure, data.snapshot.left, data.snapshot.person) == (
        "tenure",
        "Churn",
        "customerID",
    )
    assert (data.snapshot.left_values, data.snapshot.stayed_values) == (("Yes",), ("No",))
    assert [g.column for g in data.groups.values()] == ["Contract"]
    assert made.draft.decisions == ("client.as_of: the data carry no date: of which day are they?",)


@pytest.mark.parametrize(
    ("column", "values", "left"),
    [
        ("Aktiv", ("ja", "nein"), ("nein",)),
        ("gekündigt", ("1", "0"), ("1",)),
        ("Kundenstatus", ("aktiv", "gekündigt"), ("gekündigt",)),
    ],
)
def test_which_values_mean_left(workspace, tmp_path, column, values, left):
    frame = pd.DataFrame({"Kundendauer": range(100), column: [*values] * 50})
    frame.to_csv(tmp_path / "x.csv", index=False, sep=";")
    take_in(workspace, "a", tmp_path / "x.csv")
    snapshot = study(workspace, "a").toml.data.snapshot
    assert snapshot.left_values == left
    assert set(snapshot.left_values + snapshot.stayed_values) == set(values)


def test_purchases(workspace, tmp_path):
    rows = [
        {
            "Kunde": f"k{i % 40}",
            "Kaufdatum": f"{1 + i % 28:02d}.{1 + i // 40:02d}.2024",
            "Umsatz": i,
        }
        for i in range(400)
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "x.csv", index=False, sep=";")
    made = take_in(workspace, "a", tmp_path / "x.csv")
    data = study(workspace, "a").toml.data
    assert (data.transactions.person, data.transactions.date) == ("Kunde", "Kaufdatum")
    assert (data.transactions.amount, data.transactions.place) == ("Umsatz", "")
    assert data.lapse.gap_days == 58
    assert data.groups["umsatz"].cuts == (130, 270)
    assert "lapse.gap_days" in " ".join(made.draft.decisions)


def test_columns_that_nobody_knows_are_found_by_their_contents(workspace, tmp_path):
    frame = contracts()[["Vertragsbeginn", "Vertragsende", "Tarif"]].set_axis(
        ["F1", "F2", "F3"], axis="columns"
    )
    frame.to_csv(tmp_path / "x.csv", index=False)
    take_in(workspace, "a", tmp_path / "x.csv")
    table = study(workspace, "a").toml.data.contracts
    assert (table.start, table.end) == ("F1", "F2")


def test_what_cannot_be_found_is_left_to_fill_in(workspace, tmp_path):
    frame = pd.DataFrame({"F1": ["2020-01-01", "2021-05-06"] * 9, "F2": ["x", "y"] * 9})
    frame.to_csv(tmp_path / "x.csv", index=False)
    made = take_in(workspace, "a", tmp_path / "x.csv")
    assert made.draft.missing != ()
    assert "FILL IN" in made.toml.read_text("utf-8")


def test_days_that_fit_two_forms_are_a_decision(workspace, tmp_path):
    days = [f"{d:02d}/{m:02d}/2024" for d in range(1, 13) for m in range(1, 13)]
    pd.DataFrame({"customer": range(144), "order date": days}).to_csv(
        tmp_path / "x.csv", index=False
    )
    made = take_in(workspace, "a", tmp_path / "x.csv")
    said = "transactions.date_format: all days fit %m/%d/%Y, %d/%m/%Y. Which is it?"
    assert said in made.draft.decisions


def test_ends_long_after_the_first_start_ask_since_when_they_are_recorded(workspace, tmp_path):
    frame = contracts()
    late = frame["Vertragsende"].isna() | (frame["Vertragsende"] >= date(2023, 3, 15))
    frame[late].to_csv(tmp_path / "x.csv", index=False)
    made = take_in(workspace, "a", tmp_path / "x.csv")
    assert made.draft.decisions[0].startswith("window.open: since when are ends recorded?")
    assert "\n# open = 2023-03-01\n" in made.toml.read_text("utf-8")


def test_ends_announced_for_later_do_not_lengthen_the_window(workspace, tmp_path):
    frame = contracts()
    running = frame["Vertragsende"].isna()
    frame.loc[running & (frame.index % 40 == 0), "Vertragsende"] = date(2026, 5, 31)
    frame.to_csv(tmp_path / "x.csv", index=False)
    made = take_in(workspace, "a", tmp_path / "x.csv")
    latest = frame["Vertragsbeginn"].max()
    assert study(workspace, "a").toml.data.window.close.toordinal() == latest.toordinal() + 1
    assert made.draft.decisions[0].startswith("window.close: the latest start is")


def test_columns_that_name_people_are_never_proposed(workspace, tmp_path):
    frame = contracts().assign(Vorname=["Ada", "Bo"] * 300, Straße=["A", "B", "C"] * 200)
    frame.to_csv(tmp_path / "x.csv", index=False)
    made = take_in(workspace, "a", tmp_path / "x.csv")
    assert not {"Vorname", "Straße", "Nachname"} & {
        g.column for g in study(workspace, "a").toml.data.groups.values()
    }
    assert "Ada" not in made.toml.read_text("utf-8")


def test_the_command_says_what_is_open_and_what_comes_next(
    workspace, tmp_path, monkeypatch, capsys
):
    file = tmp_path / "x.csv"
    file.write_bytes(german(contracts()))
    monkeypatch.chdir(workspace.root)
    assert cli.guarded(lambda: cli.run(["new", "a", str(file)]), ["new"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith("clients/a.toml is drafted, with data/raw/a/SOURCE.toml")
    assert "x.csv: 600 rows read as [contracts], start = Vertragsbeginn" in out
    assert "contracts.end_is: does `Vertragsende` hold the last day as a customer" in out
    assert out.endswith("Next: stammkunde check a\n")
    assert cli.guarded(lambda: cli.run(["new", "a", str(file)]), ["new"]) == 2
    assert capsys.readouterr().err == (
        "stammkunde: there is already a client `a`. Choose another name; nothing was changed.\n"
    )


def test_dates_after_today_are_no_evidence(workspace, tmp_path):
    frame = contracts()
    frame.loc[0, "Vertragsbeginn"] = date(2062, 1, 1)
    frame.to_csv(tmp_path / "x.csv", index=False)
    take_in(workspace, "a", tmp_path / "x.csv")
    assert study(workspace, "a").toml.data.window.close.year == LAST.year + 1


def test_a_mark_that_may_part_thousands_or_decimals_is_to_be_decided(workspace, tmp_path):
    frame = contracts(60).assign(
        Verbrauch=[f"{n // 1000}.{n % 1000:03d}" for n in range(1234, 1294)]
    )
    file = tmp_path / "kunden.csv"
    file.write_bytes(german(frame))
    asked = take_in(workspace, "a", file).draft.decisions
    assert [d for d in asked if "decimal" in d] == [
        "contracts.decimal: is this the decimal mark of Verbrauch, or does it part thousands?"
    ]
    frame = frame.assign(Verbrauch=[f"{n / 100:.2f}" for n in range(1234, 1294)])
    file.write_bytes(german(frame))
    assert not any("decimal" in d for d in take_in(workspace, "b", file).draft.decisions)


@pytest.mark.long
def test_the_file_of_a_database_may_have_any_name(workspace, tmp_path):
    file = tmp_path / "crm 100%20.sqlite"
    with closing(sqlite3.connect(file)) as database:
        contracts(40).to_sql("vertraege", database, index=False)
    url = f"sqlite://{file.as_posix().replace('%', '%25')}"
    take_in(workspace, "a", database=url, tables=["vertraege"])
    made = study(workspace, "a")
    assert made.data_files == (workspace.raw / "a" / file.name,)
    assert made.spells().tally.read == 40
