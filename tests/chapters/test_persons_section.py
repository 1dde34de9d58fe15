"""Persons, not contracts: who comes back, months by person, and the order of spells."""

from datetime import date, timedelta

import numpy as np
import pytest

import stammkunde as sk
from stammkunde.chapters.lifetimes.again import Order, order_finding
from stammkunde.chapters.lifetimes.persons import persons
from stammkunde.report.words import Words
from stammkunde.result import Estimate, Status
from stammkunde.spells.from_first import from_first
from stammkunde.spells.person_clock import on_person_clock
from stammkunde.survival.persons import (
    OrderEffect,
    occupancy,
    order_effect,
    paid_units,
    patterns_of,
    signups,
)
from tests.chapters.lives import PURCHASES, is_sayable, said, study

pytestmark = pytest.mark.long

CLOSE = date(2025, 1, 1)
CONTRACTS = '[contracts]\nfile = "c.csv"\nperson = "who"\nstart = "begin"\nend = "last"\n'
RETURN = "[spells]\nreturn_days = 100\n"


def row(who, begin, days):
    last = begin + timedelta(days=int(days) - 1)
    return f"{who},{begin},{last if last < CLOSE else ''}"


def people(count, *, back=0.7, gap=60, first=400.0, second=400.0, since=date(2016, 1, 1), seed=1):
    """Return contracts of persons who stay exponential times, of whom some sign up again."""
    random = np.random.default_rng(seed)
    rows = []
    for i in range(count):
        begin = since + timedelta(days=int(random.integers(0, 2500)))
        stay = max(1, int(random.exponential(first)))
        rows.append(row(f"p{i}", begin, stay))
        again = begin + timedelta(days=stay + gap)
        if random.random() < back and again < CLOSE:
            rows.append(row(f"p{i}", again, max(1, int(random.exponential(second)))))
    return rows


def told(folder, rows, *, more=RETURN, data=CONTRACTS, report="mean_horizon = 36"):
    asked = study(folder, data=data, more=more, report=report)
    text = "who,begin,last\n" + "\n".join(rows) + "\n"
    (folder / "data/raw/muster/c.csv").write_text(text, encoding="utf-8")
    spells = sk.read_spells(asked)
    return persons(asked, spells), spells


def results(section):
    return {r.id.removeprefix("lifetimes.persons."): r.estimate for r in section.results}


def test_the_numbers_are_the_kernels(tmp_path):
    section, spells = told(tmp_path, people(800))
    found = results(section)
    shares = signups(spells, 100)
    for name in ("per_person", "returns", "within", "later", "before"):
        own, whole = found[name], getattr(shares, name)
        assert (own.value, own.low, own.high) == (whole.value, whole.low, whole.high)
    paid = paid_units(occupancy(sk.life_table(on_person_clock(spells))), 36)
    assert (found["paid.36"].value, found["paid.36"].low) == (paid.value, paid.low)
    order = order_effect(patterns_of(spells))
    assert found["order.naive"] == order.naive
    assert found["order.frailty"] == order.frailty


def test_months_by_spell_are_of_the_same_persons(tmp_path):
    old = people(300, since=date(2009, 1, 1), back=1.0)
    rows = [*people(500), *(r.replace("p", "old", 1) for r in old)]
    section, spells = told(tmp_path, rows)
    same = from_first(spells)
    own = results(section)["spell.rmst.36"]
    assert own.value == sk.kaplan_meier(sk.life_table(same)).rmst(36).value
    assert own.persons == results(section)["paid.36"].persons == same.persons < spells.persons
    result = next(r for r in section.results if r.id.endswith("paid.36"))
    assert result.naive == own.value


def test_a_spell_is_shorter_than_the_time_of_a_person_who_comes_back(tmp_path):
    section, _ = told(tmp_path, people(800, gap=20, back=0.9))
    assert "too many customers who stay too short" in said(section)
    assert is_sayable(section)


def test_a_person_may_be_a_customer_for_less_than_a_spell_lasts(tmp_path):
    rows = people(800, gap=900, back=1.0, first=40.0, second=5000.0)
    section, _ = told(tmp_path, rows)
    assert "The time between two sign-ups counts for the person" in said(section)
    assert is_sayable(section)


def test_few_returns_make_no_difference(tmp_path):
    section, _ = told(tmp_path, people(300, back=0.1))
    assert [f.sentence.key for f in section.findings][1] == "persons.paid.same"
    assert is_sayable(section)


@pytest.mark.parametrize(
    ("gap", "says"), [(60, "came back within 100 days"), (300, "within 100 days of leaving,")]
)
def test_the_declared_days_part_returns(tmp_path, gap, says):
    section, _ = told(tmp_path, people(600, gap=gap))
    assert says in said(section)
    assert is_sayable(section)


def test_without_declared_days_returns_are_one_number(tmp_path):
    section, _ = told(tmp_path, people(600), more="")
    assert "days" not in said(section)
    assert not {"within", "later"} & set(results(section))
    assert is_sayable(section)


def test_contracts_side_by_side_are_no_return(tmp_path):
    rows = [row(f"p{i}", date(2018, 1, 1) + timedelta(days=i), 5000) for i in range(60)]
    rows += [row(f"p{i}", date(2019, 1, 1) + timedelta(days=i), 5000) for i in range(60)]
    section, _ = told(tmp_path, rows)
    assert "None of the 120 sign-ups" in said(section)
    assert results(section)["parallel"].value == 0.5
    assert is_sayable(section)


def test_a_kind_of_few_sign_ups_is_not_shown(tmp_path):
    rows = [*people(500, gap=60), row("p0", date(2024, 12, 1), 10)]
    rows += [row("few", date(2016, 1, 1), 30), row("few", date(2019, 1, 1), 30)]
    section, spells = told(tmp_path, rows)
    assert 0 < signups(spells, 100).later.events < 10
    assert not {"within", "later", "before"} & set(results(section))
    assert is_sayable(section)


def test_a_window_is_told_and_without_one_contracts_are_supposed_kept(tmp_path):
    asked = study(tmp_path, data=CONTRACTS, more=RETURN, report="")
    path = tmp_path / "clients/muster.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("open = 2015-01-01\n", ""))
    (tmp_path / "data/raw/muster/c.csv").write_text(
        "who,begin,last\n" + "\n".join(people(400)) + "\n", encoding="utf-8"
    )
    asked = sk.read_study("muster", workspace=asked.workspace)
    section = persons(asked, sk.read_spells(asked))
    assert {f.status for f in section.findings} == {Status.ESTIMATED}
    assert "all_contracts_kept" in section.findings[0].assumptions
    assert "persons.unseen" not in [r.key for f in section.findings for r in f.remarks]


LEFT_OUT = {
    "rule": {"data": PURCHASES.replace('"t.csv"', '"c.csv"').replace('"day"', '"begin"')},
    "no_person": {"data": CONTRACTS.replace('person = "who"\n', "")},
}


@pytest.mark.parametrize("why", LEFT_OUT)
def test_other_data_are_left_out(tmp_path, why):
    section, _ = told(tmp_path, people(60), more="", **LEFT_OUT[why])
    assert section.left_out.key == f"persons.left_out.{why}"
    assert section.needed == (why != "rule")
    assert is_sayable(section)


def test_a_snapshot_holds_no_days(tmp_path):
    snapshot = (
        '[snapshot]\nfile = "c.csv"\nperson = "who"\ntenure = "t"\nleft = "gone"\n'
        'left_values = ["y"]\nstayed_values = ["n"]\n'
    )
    asked = study(tmp_path, data=snapshot)
    text = "who,t,gone\n" + "\n".join(f"p{i},{i % 30 + 1},{'yn'[i % 2]}" for i in range(90)) + "\n"
    path = tmp_path / "data/raw/muster/c.csv"
    path.write_text(text, encoding="utf-8")
    section = persons(asked, sk.read_spells(asked))
    assert section.left_out.key == "persons.left_out.no_dates"
    assert is_sayable(section)


DEGENERATE = {
    "one customer": [row("a", date(2016, 1, 1), 30)],
    "one customer, twice": [row("a", date(2016, 1, 1), 30), row("a", date(2017, 1, 1), 30)],
    "once each": people(50, back=0.0),
    "nobody left": [row(f"p{i}", date(2018, 1, 1), 9999) for i in range(40)] * 2,
    "all leave in month one": [
        row(f"p{i}", date(year, 1, 1), 20) for year in (2017, 2019) for i in range(300)
    ],
    "few come back": people(40, back=0.2),
    "all had begun before": people(60, since=date(2007, 1, 1), back=1.0, first=3000, gap=10),
}


@pytest.mark.parametrize("case", DEGENERATE)
def test_degenerate_data_give_sentences(tmp_path, case):
    section, _ = told(tmp_path, DEGENERATE[case])
    assert is_sayable(section)
    assert section.findings or section.left_out


def ratio(value, low, high):
    return Estimate(value=value, low=low, high=high, unit="ratio", method="made")


ORDERS = {
    "faster_remains": (ratio(2, 1.5, 2.5), ratio(1.6, 1.2, 2)),
    "faster_open": (ratio(1.3, 1.1, 1.5), ratio(1.0, 0.8, 1.2)),
    "slower_remains": (ratio(0.7, 0.6, 0.8), ratio(0.6, 0.5, 0.7)),
    "slower_open": (ratio(0.8, 0.7, 0.9), ratio(0.95, 0.8, 1.1)),
    "same": (ratio(1.1, 0.9, 1.3), ratio(0.9, 0.7, 1.1)),
}


@pytest.mark.parametrize("blind", [None, ratio(3.33, 3, 3.7)])
@pytest.mark.parametrize("key", ORDERS)
def test_each_sentence_on_the_order_is_reached(key, blind):
    naive, frailty = ORDERS[key]
    heads = {"persons": 900, "returners": 90, "left_out": 0}
    effect = OrderEffect(naive=naive, frailty=frailty, variance=naive, **heads)
    found = order_finding(Order(effect, blind))
    assert found.sentence.key == f"persons.order.{key}"
    boundary = OrderEffect(naive=naive, frailty=naive, variance=naive, at_boundary=True, **heads)
    alike = order_finding(Order(boundary, blind))
    remains = key.startswith(("faster", "slower"))
    assert alike.sentence.key == (f"persons.order.{key[:6]}_remains" if remains else ALIKE)
    assert alike.status is (Status.NOT_IDENTIFIABLE if remains else frailty.status)
    for language in ("de_DE", "en_GB"):
        for finding in (found, alike):
            text = Words(language).say(finding.sentence)
            assert ("3,33" in text or "3.33" in text) == (blind is not None)


ALIKE = "persons.order.alike"
TERMS = RETURN + (
    "[[terms]]\nsigned_from = 2010-01-01\nminimum_months = 24\n"
    "[[terms]]\nsigned_from = 2019-01-01\n"
)


def test_second_contracts_are_compared_under_the_same_terms(tmp_path):
    """Who signs from 2019 on leaves three times as fast, whoever it is: crude, second ones do."""
    random, rows = np.random.default_rng(3), []
    for i in range(2500):
        begin = date(2015, 1, 1) + timedelta(days=int(random.integers(0, 2500)))
        for _ in range(2):
            mean = 900 if begin < date(2019, 1, 1) else 300
            stay = max(1, int(random.exponential(mean)))
            rows.append(row(f"p{i}", begin, stay))
            begin += timedelta(days=stay + 30)
    section, spells = told(tmp_path, rows, more=TERMS)
    found = results(section)
    signed = [date(2010, 1, 1), date(2019, 1, 1)]
    own = order_effect(patterns_of(spells, signed_from=signed))
    assert found["order.naive"] == own.naive
    assert found["order.blind"].low > 1
    assert found["order.naive"].low < 1 < found["order.naive"].high
    told_of = section.findings[-1].sentence
    assert told_of.key in ("persons.order.same", "persons.order.alike")
    assert "under equal terms of contract" in Words("en_GB").say(told_of)
    line = next(r for r in section.results if r.id.endswith("order.frailty"))
    assert line.naive == found["order.blind"].value
    assert is_sayable(section)


def test_terms_that_are_never_shared_are_said(tmp_path):
    """All first contracts are signed before 2019, all second ones after."""
    random, rows = np.random.default_rng(3), []
    for i in range(600):
        stays = random.exponential([300, 500])
        rows.append(row(f"p{i}", date(2016, 1, 1) + timedelta(days=i % 200), 1 + stays[0] % 800))
        rows.append(row(f"p{i}", date(2019, 2, 1) + timedelta(days=i % 400), 1 + stays[1]))
    section, _ = told(tmp_path, rows, more=TERMS)
    found = section.findings[-1]
    assert found.sentence.key == "persons.order.apart"
    assert found.status is Status.NOT_IDENTIFIABLE
    assert results(section)["order.naive"].reason == "terms_apart"
    assert results(section)["order.blind"].value is not None
    assert is_sayable(section)


def test_the_frailty_estimate_stands_under_its_assumption(tmp_path):
    section, _ = told(tmp_path, people(900, first=300, second=150))
    found = section.findings[-1]
    assert found.id == "lifetimes.persons.order"
    remains = found.sentence.key.endswith("remains")
    assert found.status is (Status.NOT_IDENTIFIABLE if remains else Status.ESTIMATED)
    assert "return_independent_of_frailty" in found.assumptions
    assert is_sayable(section)
