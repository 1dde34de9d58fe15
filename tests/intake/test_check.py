"""`stammkunde check`: what the data report counts, says and hides."""

import json
import os
import re
from datetime import date
from pathlib import Path
from typing import get_type_hints

import pandas as pd
import pytest

from stammkunde import cli
from stammkunde.intake.examine import COLUMNS, examine
from stammkunde.intake.wanted import WANTS, wanted
from stammkunde.report.sentences import sentences
from stammkunde.report.told import as_data, told
from stammkunde.report.words import Words
from stammkunde.spells.checks.rows import REMEDIES
from stammkunde.spells.schema import tables
from stammkunde.study import read_study
from tests.intake.making import contracts, german, take_in, workspace_at

SPELLS = Path(cli.__file__).parent / "spells"


def bad_rows():
    """The made-up contracts, three of which cannot be used, each for its own reason."""
    frame = contracts().astype({"Vertragsbeginn": object, "Vertragsende": object})
    frame.loc[4, "Vertragsende"] = date(2019, 1, 1)
    frame.loc[9, "Kd-Nr"] = None
    text = german(frame).decode("cp1252").replace("100009", "").split("\r\n")
    text[21] = re.sub(r"\d\d\.\d\d\.20(\d\d)", r"31.02.20\1", text[21], count=1)
    return "\r\n".join(text).encode("cp1252")


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    here = workspace_at(tmp_path)
    monkeypatch.chdir(here.root)
    return here


@pytest.fixture
def client(workspace, tmp_path):
    file = tmp_path / "kunden.csv"
    file.write_bytes(bad_rows())
    take_in(workspace, "werk", file)
    return workspace


def report(workspace, name="werk"):
    return examine(read_study(name, workspace=workspace))


def run(*words):
    return cli.guarded(lambda: cli.run(list(words)), words)


def test_every_row_is_accounted_for(client):
    table = report(client).tables[0]
    tally = table.tally
    assert (tally.read, tally.rejected) == (600, 3)
    assert tally.read == tally.used + tally.never_at_risk + tally.rejected
    errors = {f.check: f.records for f in table.found if f.severity == "error"}
    assert errors == {"missing_key": (10,), "end_before_start": (5,), "unreadable_start": (21,)}
    # the header is line 1
    assert {record: table.lines[record] for record in (5, 10, 21)} == {5: 6, 10: 11, 21: 22}


def test_columns_tell_what_is_empty_and_from_when_to_when(client):
    columns = {c.key: c for c in report(client).tables[0].columns}
    assert columns["person"].empty == 1
    assert columns["start"].first == date(2020, 1, 1)
    frame = contracts()
    assert columns["end"].empty == int(frame["Vertragsende"].isna().sum()) - 1 + int(
        frame["Vertragsende"].notna()[4]
    )
    assert columns["groups.tarif"].share_empty == 0


def test_both_languages_say_the_same_in_their_own_numbers(client):
    made = report(client)
    whole = [told(made, Words(locale)) for locale in ("de_DE", "en_GB")]
    # a line may end anywhere
    de, en = (" ".join(text.split()) for text in whole)
    assert "Zeilen: 600 gelesen = " in de
    assert "3 zurückgewiesen" in de
    assert "Rows: 600 read = " in en
    assert "ZURÜCKGEWIESEN, 1 Zeile: Das Ende liegt vor dem Beginn" in de
    assert "Datensatz 5; Zeile 6" in de
    assert "Zellen wie 99.99.9999" in de
    assert "REJECTED, 1 row: The end lies before the beginning" in en
    assert "Find out which of the two dates is wrong." in en
    assert de.count(" • ") == en.count(" • ") > 10
    assert max(len(line) for text in whole for line in text.splitlines()) <= 96


def test_nobody_is_named(client):
    made = report(client)
    shown = told(made, Words("de_DE")) + json.dumps(as_data(made, Words("en_GB")))
    assert "Testperson" not in shown
    assert not re.search(r"\b1000\d\d\b|V0000\d\d", shown)


@pytest.mark.long
def test_small_groups_are_hidden(workspace, tmp_path):
    frame = contracts()
    frame.loc[:3, "Tarif"] = "Vorstand"
    (tmp_path / "x.csv").write_bytes(german(frame))
    take_in(workspace, "werk", tmp_path / "x.csv")
    made = report(workspace)
    tariff = next(g for g in made.groups if g.title.key == "tarif")
    assert {level.label.key: level.persons for level in tariff.levels}["Vorstand"] is None
    assert "Vorstand: weniger als 10 Personen" in told(made, Words("de_DE"))


@pytest.mark.long
def test_the_command_prints_it_and_its_json_is_the_same(client, capsys):
    assert run("check", "werk") == 0
    out, err = capsys.readouterr()
    assert out.startswith("Datenbericht: Werk (werk)\n")
    assert out.endswith("Ergebnis: brauchbar. Weiter mit: `stammkunde report werk`\n")
    assert err == ""
    assert run("check", "werk", "--json", "--language", "en_GB") == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["schema"], data["usable"], data["persons"]) == (1, True, report(client).persons)
    table = data["tables"][0]
    assert table["read"] == table["used"] + table["never_at_risk"] + table["rejected"] == 600
    found = {f["id"]: f for f in table["found"]}
    assert found["missing_key"]["lines"] == [11]
    assert found["missing_key"]["text"] == "The customer number is missing"
    assert {w["id"] for w in data["wanted"]} == {
        w.id for w in wanted(read_study("werk", workspace=client).toml.data)
    }


@pytest.mark.long
def test_too_many_rejected_rows_end_with_code_2(client, capsys):
    toml = client.clients / "werk.toml"
    text = toml.read_text("utf-8") + "\n[checks]\nmost_rejected = 0.001\n"
    toml.write_text(text, encoding="utf-8")
    assert run("check", "werk") == 2
    out = capsys.readouterr().out
    assert "0,5\u00a0% der Zeilen sind zurückgewiesen, mehr als die erlaubten 0,1\u00a0%" in out
    assert "Ergebnis: nicht brauchbar" in out
    assert run("report", "werk") != 0


def test_rejected_rows_are_for_the_owner_alone(client, tmp_path, capsys):
    file = tmp_path / "weg.csv"
    assert run("check", "werk", "--rejected", str(file)) == 0
    rows = pd.read_csv(file, dtype=str)
    assert list(rows.columns[:5]) == ["table", "record", "line", "check", "remedy"]
    assert rows["Nachname"].tolist() == ["Testperson4", "Testperson9", "Testperson20"]
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o600
    capsys.readouterr()
    before = file.read_bytes()
    assert run("check", "werk", "--rejected", str(file)) == 2
    assert capsys.readouterr().err == (
        f"stammkunde: {file}: there is such a file already. Name one that does not exist yet.\n"
    )
    assert file.read_bytes() == before
    inside = client.reports / "werk.csv"
    assert run("check", "werk", "--rejected", str(inside)) == 2
    assert capsys.readouterr().err == (
        f"stammkunde: {inside}: rejected rows hold what customers are called; reports/ is handed "
        "out. Name a file in a folder of your own outside of it.\n"
    )
    assert not inside.exists()


def test_what_cannot_be_read_is_one_sentence(client, capsys):
    toml = client.clients / "werk.toml"
    toml.write_text(
        toml.read_text("utf-8").replace('"Vertragsende"', '"Vertragsend"'), encoding="utf-8"
    )
    assert run("check", "werk") == 2
    assert capsys.readouterr().err == (
        "stammkunde: kunden.csv: column `Vertragsend` not found. Did you mean `Vertragsende`?\n"
    )


def test_what_to_send_next_follows_what_is_there(client):
    data = read_study("werk", workspace=client).toml.data
    ids = [w.id for w in wanted(data)]
    assert ids == ["notice", "offers", "prices", "events", "terms", "margin"]
    assert [w for w in WANTS if not w.questions or max(w.questions) > 20] == []


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_check_and_every_wish_has_words(language):
    source = "\n".join(p.read_text("utf-8") for p in SPELLS.rglob("*.py"))
    ids = set(REMEDIES) | set(re.findall(r'check="(\w+)"', source))
    ids |= set(re.findall(r'Remark\(\s*"(\w+)"', source))
    ids |= set(re.findall(r'_noted\(sifted, "(\w+)"', source))
    ids |= set(re.findall(r'notes\.append\(\("(\w+)"', source))
    assert {"leakage", "ends_after_window", "unknown_customer", "returns"} <= ids
    words = sentences(language)
    assert ids - set(words["found"]) == set()
    assert ids - set(words["remedy"]) == set()
    assert {w.id for w in WANTS} == set(words["wanted"])


@pytest.mark.parametrize("section", COLUMNS)
def test_every_column_that_a_client_file_can_declare_is_examined(section):
    noun = getattr(tables, f"{section.title()}Toml")
    declared = [key for key, kind in get_type_hints(noun).items() if kind is str]
    assert sorted(COLUMNS[section]) == sorted(declared)
