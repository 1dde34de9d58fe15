"""The garage's files: the same bytes for a seed, dirt as announced, no contradictions."""

import csv
import io
from datetime import date, timedelta
from hashlib import sha256

import pandas as pd
import pytest

from stammkunde.spells.months import completed
from stammkunde.worlds.autohaus import KIND, parameters
from stammkunde.worlds.autohaus.truth import QUESTIONS

SIZE = 1_500


@pytest.fixture(scope="module")
def tables():
    return KIND.world(size=SIZE).tables()


@pytest.fixture(scope="module")
def visits(tables):
    """The visits without the dirty rows."""
    rows = tables["besuche"]
    clean = rows[(rows["Kunden-Nr."] != "") & ~rows["Datum"].str.endswith("-02-30")]
    return clean.assign(day=pd.to_datetime(clean["Datum"]))


def hashes(world):
    files = KIND.files(world.tables())
    return {name: sha256(data).hexdigest() for name, data in files.items()}


def test_a_seed_gives_the_same_bytes_and_another_seed_others():
    world = KIND.world(size=400)
    once = hashes(world)
    assert once == hashes(world)
    other = hashes(KIND.world(seed=2, size=400))
    assert all(once[name] != other[name] for name in once)
    assert sorted(once) == ["angebote.csv", "besuche.csv", "ereignisse.csv", "personen.csv"]


def test_files_are_what_the_page_says_they_are(tables):
    for name, data in KIND.files(tables).items():
        assert data.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        table = tables[name.removesuffix(".csv")]
        assert rows[0] == list(table.columns)
        assert rows[1:] == table.to_numpy().tolist()


def test_dirty_rows_are_extra_and_as_many_as_said(tables, visits):
    rows = tables["besuche"]
    assert len(rows) - len(visits) == round(len(visits) / 1000) > 5
    no_number = (rows["Kunden-Nr."] == "").sum()
    no_day = rows["Datum"].str.endswith("-02-30").sum()
    assert no_number + no_day == len(rows) - len(visits)
    assert 0 <= no_day - no_number <= 1


def test_visits_fall_on_open_days_within_the_window(visits):
    begin, close = pd.Timestamp(parameters.OPEN), pd.Timestamp(parameters.CLOSE)
    assert begin <= visits["day"].min()
    assert visits["day"].max() < close
    assert (visits["day"].dt.dayofweek != 6).all()
    assert (visits["day"].dt.day != 1).all()
    assert visits["Kunden-Nr."].nunique() == SIZE


def test_one_branch_number_is_one_customer_of_the_brand(tables, visits):
    persons = tables["personen"]
    assert persons["Filialkunden-Nr."].is_unique
    assert not persons.duplicated(["Kunden-Nr.", "Filiale"]).any()
    joined = visits.merge(persons, on=["Filialkunden-Nr.", "Filiale"], suffixes=("", " laut"))
    assert len(joined) == len(visits)
    assert (joined["Kunden-Nr."] == joined["Kunden-Nr. laut"]).all()
    # some customers moved within the brand
    assert SIZE < len(persons) < 1.3 * SIZE


def test_everything_happens_to_customers_within_the_window(tables, visits):
    first = visits.groupby("Kunden-Nr.")["day"].min()
    for name, column in (("ereignisse", "Datum"), ("angebote", "Von")):
        rows = tables[name]
        day = pd.to_datetime(rows[column])
        assert set(rows["Kunden-Nr."]) <= set(first.index)
        assert (day >= rows["Kunden-Nr."].map(first)).all(), name
        assert (day < pd.Timestamp(parameters.CLOSE)).all()
        assert day.is_monotonic_increasing


def test_cards_go_to_those_without_a_visit_for_fourteen_months(tables, visits):
    offers = tables["angebote"]
    cards = offers[offers["Art"].str.startswith("Karte")]
    day = pd.to_datetime(cards["Von"])
    by_customer = dict(iter(visits.groupby("Kunden-Nr.")["day"]))
    for number, sent in zip(cards["Kunden-Nr."], day, strict=True):
        before = by_customer[number][by_customer[number] < sent].max()
        assert completed(before.date(), sent.date()) == 14
    assert len(cards) > 300


def test_answers_come_from_cards_that_were_sent(tables):
    offers, events = tables["angebote"], tables["ereignisse"]
    sent = offers[offers["Art"].str.startswith("Karte") & (offers["Gruppe"] == "erhalten")]
    answers = events[events["Art"].isin(["Antwort auf Karte", "Nachfrage am Telefon"])]
    assert len(answers) > 50
    assert set(answers["Kunden-Nr."]) <= set(sent["Kunden-Nr."])
    values = {"Umzug", "Preis", "Service", "Sonstiges", "nicht erreicht"}
    assert set(answers["Wert"]) == values


def test_the_lapse_rule_is_the_same_number_of_months_from_every_day():
    """Over four years, in which every month and the leap day occur."""
    begin = date(2023, 1, 1)
    days = [begin + timedelta(days=k) for k in range(4 * 366)]
    gap = timedelta(days=parameters.LAPSE_DAYS)
    assert {completed(d, d + gap) for d in days} == {14}


def test_programmes_that_are_off_leave_no_rows():
    world = KIND.world(size=400)
    off = world.under(card=False, gestures=False, reminder=0.0).tables()
    assert set(off["angebote"]["Art"]) == {"Anruf nach Großauftrag"}
    assert not off["ereignisse"]["Art"].isin(["Antwort auf Karte", "Nachfrage am Telefon"]).any()


def test_the_world_is_as_large_as_the_page_says():
    visits = KIND.world().tables()["besuche"]
    assert visits["Kunden-Nr."].nunique() - 1 == 12_000  # one is the missing number
    assert 50_000 < len(visits) < 65_000


def test_columns_that_answer_questions_are_delivered(tables):
    columns = {f"{name}.{c}" for name, table in tables.items() for c in table.columns}
    for question, needed in QUESTIONS.items():
        assert needed, question
        assert set(needed) <= columns, question
