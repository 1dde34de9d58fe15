"""What the client declares about the meaning of its columns, on tables small enough to read."""

from __future__ import annotations

from datetime import date

import pytest

from stammkunde.errors import DataError
from stammkunde.spells.blocks import block_of
from stammkunde.spells.read import read_data
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.meaning import (
    CauseToml,
    CovariateToml,
    GroupToml,
    LapseToml,
    SpellsToml,
    WindowToml,
)
from stammkunde.spells.schema.tables import (
    ContractsToml,
    Delivery,
    PersonsToml,
    SnapshotToml,
    TransactionsToml,
)
from stammkunde.spells.secrets import pseudonym_of
from tests.kernel.tables import ALL, adds_up, by_check, contracts, contracts_toml, one, write

PERSON = SpellsToml(per="person")


def rows(spells, *names):
    frame = spells.to_frame().sort_values(["person", "spell"])
    cells = [[_plain(v) for v in row] for row in frame[list(names)].itertuples(index=False)]
    return [tuple(row) for row in cells]


def _plain(value):
    text = str(value)
    return None if text in ("NaT", "None", "nan") else text[:10] if text[4:5] == "-" else value


END_IS = {
    "last_day": ("2020-03-31", 3),
    "day_after": ("2020-03-30", 3),
    "notice": ("2020-03-31", 3),
    "paid_until": ("2020-03-31", 3),
    "grace_end": ("2020-03-17", 3),
}


@pytest.mark.parametrize("end_is", END_IS)
def test_the_last_day_follows_from_what_the_end_means(tmp_path, end_is):
    grace = {"grace_days": 14} if end_is == "grace_end" else {}
    text = "who,from,to\na,2020-01-01,2020-03-31\nb,2020-01-01,"
    spells = contracts(tmp_path, text, {"end_is": end_is, **grace})
    last, tenure = END_IS[end_is]
    assert rows(spells, "person", "last", "exit", "end") == [
        ("a", last, tenure, "left"),
        ("b", None, 12, "censored"),
    ]


def test_a_contract_revoked_on_its_first_day_was_never_at_risk(tmp_path):
    text = "who,from,to\na,2020-01-01,2020-01-01\nb,2020-01-01,2020-01-01"
    assert contracts(tmp_path, text).tally.used == 2
    text += "\nc,2020-01-01,2020-02-01"
    spells = contracts(tmp_path, text, {"end_is": "day_after"})
    assert (spells.tally.used, spells.tally.never_at_risk, spells.tally.rejected) == (1, 2, 0)


def test_notice_is_kept_beside_the_end(tmp_path):
    text = """who,from,to,said
        a,2020-01-01,2020-06-30,2020-03-15
        b,2020-01-01,,
        c,2020-01-01,2020-06-30,2020-07-15
        d,2020-01-01,2020-06-30,soon"""
    spells = contracts(tmp_path, text, {"notice": "said"})
    assert rows(spells, "person", "notice") == [
        ("a", "2020-03-15"),
        ("b", None),
        ("c", "2020-07-15"),
    ]
    assert by_check(spells.found) == {"unreadable_notice": 1, "notice_after_end": 1}
    assert one(spells.found, "notice_after_end").records == (3,)
    assert one(spells.found, "unreadable_notice").shapes == ("aaaa",)
    adds_up(spells)


CAUSES = {
    "moved": CauseToml(reasons=("Umzug", "moved away"), title={"en": "moved"}, controllable=False),
    "price": CauseToml(reasons=("zu teuer",), title={"en": "price"}),
}


def test_reasons_are_gathered_under_causes(tmp_path):
    text = """who,from,to,why
        a,2020-01-01,2020-03-31,Umzug
        b,2020-01-01,2020-03-31,moved away
        c,2020-01-01,2020-03-31,zu teuer
        d,2020-01-01,2020-03-31,
        e,2020-01-01,2020-03-31,Zu Teuer 7
        f,2020-01-01,,Umzug"""
    spells = contracts(tmp_path, text, {"reason": "why"}, causes=CAUSES)
    causes = ["moved", "moved", "price", "unknown", "unlisted", "censored"]
    assert rows(spells, "person", "end") == list(zip("abcdef", causes, strict=True))
    found = one(spells.found, "unlisted_reason")
    assert (found.severity, found.rows, found.column) == ("warning", 1, "why")
    assert (found.records, found.shapes) == ((5,), ("Aa Aaaaa 9",))


@pytest.mark.parametrize("word", ["censored", "customer"])
@pytest.mark.parametrize("spells", [SpellsToml(), PERSON])
def test_a_reason_that_is_one_of_our_words_is_refused_unless_it_is_given_another(
    tmp_path, word, spells
):
    text = f"who,from,to,why\na,2020-01-01,2020-03-31,{word}\nb,2020-01-01,,"
    with pytest.raises(DataError, match=r"column `why` is one of the words .*\(1 row\).*causes"):
        contracts(tmp_path, text, {"reason": "why"}, spells=spells)
    causes = {"theirs": CauseToml(reasons=(word,), title={})}
    read = contracts(tmp_path, text, {"reason": "why"}, causes=causes, spells=spells)
    assert rows(read, "person", "end") == [("a", "theirs"), ("b", "censored")]


ISLANDS = """who,from,to,why,tariff,said
    a,2020-01-01,2020-03-31,first,Basis,
    a,2020-04-01,2020-05-31,second,Plus,2020-05-01
    a,2020-02-01,2020-02-15,inner,Inner,
    b,2020-01-01,,,Basis,
    b,2020-03-01,2020-04-30,one of two,Plus,2020-04-01
    c,2020-01-01,2020-01-31,left,,
    c,2020-02-11,2020-06-30,again,Plus,
    d,2020-01-01,2020-01-31,left,Basis,
    d,2020-02-12,,,Plus,"""
TARIFF = {"tariff": GroupToml(column="tariff", title={})}


def test_contracts_of_a_person_that_touch_are_one_spell(tmp_path):
    """Groups come from the first contract, cause and notice from the one that ends last."""
    spells = contracts(
        tmp_path,
        ISLANDS,
        {"reason": "why", "notice": "said"},
        spells=SpellsToml(per="person", merge_gap_days=10),
        groups=TARIFF,
    )
    assert rows(spells, "person", "spell", "start", "last", "end", "tariff", "notice") == [
        ("a", 1, "2020-01-01", "2020-05-31", "second", "Basis", "2020-05-01"),
        ("b", 1, "2020-01-01", None, "censored", "Basis", None),
        ("c", 1, "2020-01-01", "2020-06-30", "again", None, None),
        ("d", 1, "2020-01-01", "2020-01-31", "left", "Basis", None),
        ("d", 2, "2020-02-12", None, "censored", "Plus", None),
    ]
    assert (spells.persons, spells.spells, spells.tally.read, spells.tally.used) == (4, 5, 9, 9)
    assert spells.to_frame().groupby("person").block.first().to_dict() == {
        k: block_of(k) for k in "abcd"
    }


def test_without_a_gap_only_contracts_that_follow_at_once_are_one_spell(tmp_path):
    spells = contracts(tmp_path, ISLANDS, spells=PERSON)
    frame = spells.to_frame()
    assert frame.person.value_counts().to_dict() == {"a": 1, "b": 1, "c": 2, "d": 2}


def test_a_merged_spell_never_at_risk_counts_all_its_rows(tmp_path):
    text = """who,from,to
        a,2020-12-10,2020-12-15
        a,2020-12-16,
        b,2020-01-01,"""
    spells = contracts(tmp_path, text, spells=PERSON)
    assert (spells.tally.used, spells.tally.never_at_risk) == (1, 2)


def test_returns_are_told_from_new_customers(tmp_path):
    text = """who,from,to
        a,2020-01-01,2020-01-31
        a,2020-03-01,2020-03-31
        a,2020-06-01,
        b,2020-01-01,2020-01-31
        b,2020-03-01,
        c,2020-01-01,2020-06-30
        c,2020-02-01,"""
    spells = contracts(tmp_path, text, spells=SpellsToml(return_days=30))
    found = one(spells.found, "returns")
    assert dict(found.values) == {"returns": 2, "later": 1, "return_days": 30}
    assert found.rows == 3
    assert one(spells.found, "parallel_contracts").rows == 1


PERSONS = PersonsToml(delivery=Delivery(file="persons.csv"), customer="number", person="household")
LISTED = """number,household
    1,H1
    2,H1
    3,H1
    3,H2
    ,H3
    9,
    4,H4
    4,H4"""


def test_customer_numbers_become_persons_before_they_are_dealt_into_blocks(tmp_path):
    write(tmp_path, "persons.csv", LISTED)
    text = """who,from,to
        1,2020-01-01,2020-03-31
        2,2020-04-01,
        3,2020-01-01,
        4,2020-01-01,
        5,2020-01-01,"""
    spells = contracts(tmp_path, text, persons=PERSONS, spells=PERSON)
    assert rows(spells, "person", "start", "block") == [
        ("3", "2020-01-01", block_of("3")),
        ("5", "2020-01-01", block_of("5")),
        ("H1", "2020-01-01", block_of("H1")),
        ("H4", "2020-01-01", block_of("H4")),
    ]
    assert one(spells.found, "unlisted_customer").records == (3, 5)
    listed = spells.listed
    assert (listed.tally.read, listed.tally.used, listed.tally.rejected) == (8, 4, 4)
    assert by_check(listed.found) == {"missing_customer": 1, "missing_person": 1, "two_persons": 2}
    assert listed.rejected.record.tolist() == [3, 4, 5, 6]


def test_with_a_secret_persons_are_pseudonyms_in_the_same_blocks(tmp_path):
    text = "who,from,to\na,2020-01-01,\nb,2020-01-01,2020-03-31"
    data = contracts_toml(tmp_path, text)
    plain = read_data(tmp_path, data).to_frame()
    secret = b"k" * 32
    keyed = read_data(tmp_path, data, secret=secret).to_frame()
    assert keyed.person.tolist() == [pseudonym_of(k, secret) for k in "ab"]
    assert keyed.block.tolist() == plain.block.tolist() == [block_of(k) for k in "ab"]


def test_covariates_are_carried_as_numbers_and_levels(tmp_path):
    text = """who,from,to,age,city
        a,2020-01-01,,40,Bonn
        b,2020-01-01,,,
        c,2020-01-01,,old,Ulm
        d,2020-01-01,,1e20,Ulm"""
    covariates = {
        "age": CovariateToml(column="age", title={}, kind="number"),
        "city": CovariateToml(column="city", title={}),
    }
    spells = contracts(tmp_path, text, covariates=covariates)
    assert spells.covariates == ("age", "city")
    assert rows(spells, "person", "age", "city") == [("a", 40.0, "Bonn"), ("b", None, None)]
    assert {"covariate age", "covariate city"} <= set(spells.relation.columns)
    assert by_check(spells.found)["unreadable_number"] == 1
    assert by_check(spells.found)["impossible_value"] == 1
    adds_up(spells)


def test_numbers_are_read_with_the_declared_decimal_mark(tmp_path):
    text = "who;from;to;kwh\na;2020-01-01;;1.234,5\nb;2020-01-01;;999,9\nc;2020-01-01;;many\n"
    (tmp_path / "c.csv").write_text(text, encoding="utf-8")
    delivery = Delivery(file="c.csv", separator=";", decimal=",", thousands=".")
    table = ContractsToml(delivery=delivery, person="who", start="from", end="to")
    groups = {"use": GroupToml(column="kwh", title={}, cuts=(1000.0,))}
    window = WindowToml(close=date(2021, 1, 1))
    data = DataToml(window=window, contracts=table, groups=groups, checks=ALL)
    spells = read_data(tmp_path, data)
    assert rows(spells, "person", "use") == [("a", ">= 1000"), ("b", "< 1000"), ("c", None)]
    found = one(spells.found, "unreadable_number")
    assert (found.severity, found.shapes, found.column) == ("warning", ("aaaa",), "kwh")


def test_a_first_purchase_without_a_level_stays_without_one(tmp_path):
    """The level of a spell is that of its first row, missing or not."""
    write(tmp_path, "p.csv", "who,day,shop\na,2020-01-01,\na,2020-01-01,Bonn\nb,2020-01-01,Ulm")
    data = DataToml(
        window=WindowToml(close=date(2021, 1, 1)),
        transactions=TransactionsToml(delivery=Delivery(file="p.csv"), person="who", date="day"),
        lapse=LapseToml(gap_days=31),
        groups={"shop": GroupToml(column="shop", title={})},
        covariates={"place": CovariateToml(column="shop", title={})},
    )
    spells = read_data(tmp_path, data)
    assert rows(spells, "person", "shop", "place") == [("a", None, None), ("b", "Ulm", "Ulm")]


def test_persons_of_a_snapshot_are_listed_too(tmp_path):
    write(tmp_path, "persons.csv", "number,household\n1,H\n2,H")
    write(tmp_path, "s.csv", "who,months,gone\n1,3,yes\n2,4,no\n3,5,no")
    table = SnapshotToml(
        delivery=Delivery(file="s.csv"),
        tenure="months",
        left="gone",
        person="who",
        left_values=("yes",),
        stayed_values=("no",),
    )
    spells = read_data(tmp_path, DataToml(snapshot=table, persons=PERSONS))
    assert (spells.persons, spells.spells) == (2, 3)
    assert one(spells.found, "unlisted_customer").rows == 1
