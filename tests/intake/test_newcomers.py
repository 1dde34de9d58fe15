"""What exports of real firms do: days that never come, words for empty, two starts, two tables."""

from datetime import date, timedelta

import openpyxl
import pandas as pd
import pytest

from stammkunde.errors import DataError, ParameterError, SchemaError
from stammkunde.intake import proposals
from stammkunde.intake.columns import look
from stammkunde.intake.draft import draft
from stammkunde.intake.founding import found
from stammkunde.intake.kinds import places
from stammkunde.intake.roles import cast, table_of
from stammkunde.spells.delivery.take import take
from stammkunde.spells.schema.tables import Delivery
from stammkunde.study import read_study
from tests.intake.making import LAST, TODAY, contracts, take_in, workspace_at


def looked(folder, name, frame, **form):
    """A delivered table as seen, its days written as ISO."""
    frame.to_csv(folder / name, index=False)
    delivery = Delivery(file=name, **form)
    return look(take(folder, {"t": delivery})["t"].rows, delivery)


def drafted(folder, **frames):
    """The draft for tables by the names of their files."""
    seen = [looked(folder, f"{name}.csv", frame) for name, frame in frames.items()]
    parts, unused = cast([table_of(one) for one in seen])
    return draft("a", parts, unused, today=TODAY)


def ends(word):
    """Contracts whose running ones hold a word in the column of the end."""
    frame = contracts(200).drop(columns="Vertragsnummer")
    text = frame["Vertragsende"].map(lambda d: d.isoformat() if isinstance(d, date) else word)
    return frame.assign(Vertragsende=text)


@pytest.mark.parametrize("word", ["9999-12-31", "2999-12-31", "N/A", "NULL", "-", "unbefristet"])
def test_an_end_that_never_comes_is_still_an_end_column(tmp_path, word):
    made = drafted(tmp_path, x=ends(word))
    assert 'end = "Vertragsende"' in made.text
    assert (f'empty = ["{word}"]' in made.text) == (not word.endswith("12-31"))
    assert "says who has left: `Vertragsstatus`" in made.text
    assert f"close = {LAST.year}" in made.text or f"close = {LAST.year + 1}-01-01" in made.text


@pytest.mark.long
def test_the_reader_takes_the_words_for_empty_that_the_draft_found(tmp_path):
    workspace = workspace_at(tmp_path)
    ends("N/A").to_csv(tmp_path / "x.csv", index=False)
    ends("").to_csv(tmp_path / "y.csv", index=False)
    ends("9999-12-31").to_csv(tmp_path / "z.csv", index=False)
    tallies = set()
    for name in ("x", "y", "z"):
        take_in(workspace, name, tmp_path / f"{name}.csv")
        spells = read_study(name, workspace=workspace).spells()
        ended = spells.relation.end.notnull().sum().execute()
        tallies.add((spells.tally, spells.spells, int(ended)))
        assert spells.tally.rejected == 0
    assert len(tallies) == 1


def test_an_end_that_cannot_be_read_is_a_candidate_by_its_name(tmp_path):
    frame = contracts(60).drop(columns="Vertragsnummer")
    frame["Vertragsende"] = ["bald", "wer weiß"] * 30
    table = table_of(looked(tmp_path, "vertraege.csv", frame.drop(columns="Kd-Nr")))
    assert "Vertragsende" in table.unclear["end"]


def test_one_row_per_person_is_no_purchase_without_asking(tmp_path):
    frame = pd.DataFrame({"Kunde": range(50), "Kaufdatum": ["2024-01-05", "2025-02-03"] * 25})
    made = drafted(tmp_path, x=frame.assign(Letztes_Datum="2025-05-05"))
    assert any(d.startswith("transactions.person: every `Kunde`") for d in made.decisions)
    assert "not used: `Letztes_Datum`" in made.text


def test_what_tells_of_ends_to_come_tells_of_leaving(tmp_path):
    frame = contracts().drop(columns="Vertragsstatus")
    running = frame["Vertragsende"].isna()
    frame.loc[running & (frame.index % 3 == 0), "Vertragsende"] = date(2026, 9, 30)
    last = [d if pd.notna(d) else None for d in frame["Vertragsende"]]
    frame["Zahlung"] = ["Soll" if d is None else "End" for d in last]
    frame["Stand heute"] = ["weg" if d and d <= LAST else "da" for d in last]
    made = drafted(tmp_path, x=frame)
    assert "says who has left: `Zahlung`, `Stand heute`" in made.text


def test_the_beginning_goes_before_the_signing(tmp_path):
    frame = contracts().rename(columns={"Vertragsbeginn": "Lieferbeginn"})
    signed = frame["Lieferbeginn"].map(lambda d: d - timedelta(days=20))
    frame.insert(0, "Abschlussdatum", signed)
    made = drafted(tmp_path, x=frame)
    assert 'start = "Lieferbeginn"' in made.text
    assert any("`Abschlussdatum` is the day of signing" in d for d in made.decisions)
    alone = drafted(tmp_path, x=frame.drop(columns="Lieferbeginn"))
    assert 'start = "Abschlussdatum"' in alone.text


def test_starts_after_the_export_do_not_move_the_window(tmp_path):
    frame = contracts().assign(Exportdatum=date(2026, 1, 5))
    frame.loc[:9, "Vertragsbeginn"] = date(2026, 2, 20)
    frame.loc[:9, "Vertragsende"] = None
    made = drafted(tmp_path, x=frame)
    closing = next(d for d in made.decisions if d.startswith("window.close"))
    assert "10 starts lie in the future, up to 2026-02-20" in closing
    assert "(`Exportdatum`)" in closing
    assert "close = 2026-01-01" in made.text or "close = 2025-12-" in made.text


def test_all_tables_move_the_window_and_are_named_where_they_disagree(tmp_path):
    days = [date(2026, 3, 1) + timedelta(days=i) for i in range(20)]
    events = pd.DataFrame({"Kd-Nr": range(20), "Datum": days, "Vorgang": ["Anruf", "Brief"] * 10})
    made = drafted(tmp_path, x=contracts(), y=events)
    assert "close = 2026-03-21" in made.text
    closing = next(d for d in made.decisions if d.startswith("window.close"))
    assert "in x.csv, 2026-03-20 in y.csv" in closing


def test_who_serves_customers_is_no_group(tmp_path):
    names = ["Alice Cooper", "Bob Dylan", "Carol King"] * 200
    frame = contracts().assign(Betreuer=["Meyer", "Lang"] * 300, Wer=names, Ort=["A", "B"] * 300)
    made = drafted(tmp_path, x=frame)
    assert 'column = "Ort"' in made.text
    assert "Betreuer" not in made.text
    assert "Wer" not in made.text


@pytest.mark.parametrize("wait", [20.0, 58.0, 58.5, 364.0, 404.0, 900.0])
def test_a_lapse_rule_is_not_shorter_than_the_waits_it_quotes(wait):
    gap = proposals.gap_days(wait)
    shorter = [days for days in proposals.compared(gap) if days < gap]
    assert gap >= wait
    assert all(days < wait for days in shorter)
    assert any(days > gap for days in proposals.compared(gap))


def test_causes_are_the_reasons_of_those_who_have_gone(tmp_path):
    frame = contracts()
    frame.loc[frame["Vertragsende"].isna(), "Kündigungsgrund"] = "läuft"
    assert "läuft" not in drafted(tmp_path, x=frame).text


def test_dollars_and_american_days_are_told_in_american(tmp_path):
    frame = contracts()
    assert 'languages = ["de_DE", "en_GB"]' in drafted(tmp_path, x=frame).text
    dollars = frame.rename(columns={"Verbrauch": "MRR ($)"})
    assert 'languages = ["en_US", "de_DE"]' in drafted(tmp_path, x=dollars).text


def test_no_main_table_is_refused(tmp_path):
    days = pd.Series(["2024-01-05", "2024-01-06"] * 10)
    frame = pd.DataFrame({"Kd-Nr": range(20), "Datum": days, "Vorgang": ["Anruf", "Brief"] * 10})
    with pytest.raises(ParameterError, match=r"no table of contracts, .*: events.csv \(events\)"):
        drafted(tmp_path, events=frame)


def test_a_key_left_to_fill_in_is_named(tmp_path):
    workspace = workspace_at(tmp_path)
    contracts(50).to_csv(tmp_path / "x.csv", index=False)
    toml = take_in(workspace, "a", tmp_path / "x.csv").toml
    text = toml.read_text("utf-8").replace('end = "Vertragsende"', 'end = ""')
    toml.write_text(text, encoding="utf-8")
    with pytest.raises(SchemaError, match=r"a\.toml: `contracts\.end` is still empty\. Write the"):
        read_study("a", workspace=workspace)


def test_all_sheets_with_a_title_are_named_with_what_to_delete(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["a", "b", "c"])
    book.active.append([1, 2, 3])
    for name, above in (("Eins", 1), ("Zwei", 2)):
        sheet = book.create_sheet(name)
        for _ in range(above):
            sheet.append(["Stand: heute"])
        sheet.append(["Kunde", "Datum", "Art"])
        sheet.append([1, date(2025, 1, 1), "Anruf"])
    book.save(tmp_path / "x.xlsx")
    with pytest.raises(DataError) as caught:
        places([tmp_path / "x.xlsx"])
    assert (
        "sheet Eins: the first row holds a title, not names; delete what stands above row 2;"
        in (str(caught.value))
    )
    assert "sheet Zwei:" in str(caught.value)
    assert "above row 3" in str(caught.value)


def test_sheets_without_a_part_are_named(tmp_path):
    workspace = workspace_at(tmp_path)
    book = openpyxl.Workbook()
    book.active.title = "Legende"
    for row in (["Kürzel", "Bedeutung"], ["GF", "Glasfaser"], ["X", "DSL"]):
        book.active.append(row)
    sheet = book.create_sheet("Verträge")
    frame = contracts(60)
    for cells in [list(frame.columns), *frame.itertuples(index=False)]:
        sheet.append([None if c != c else c for c in cells])
    book.save(tmp_path / "x.xlsx")
    made = found(workspace, "a", [tmp_path / "x.xlsx"], today=TODAY)
    assert "no part for it was found: x.xlsx, sheet Legende" in made.draft.text
