"""What the choice between policies hangs on: values that are straight lines have known answers."""

from dataclasses import replace

import numpy as np
import pytest

from stammkunde.chapters.policies.book.worded import in_unit
from stammkunde.chapters.policies.doubts.assuming import at_point, status, the_two, written
from stammkunde.chapters.policies.doubts.doubt import doubt
from stammkunde.report.words import Words
from stammkunde.result import Status
from tests.chapters.futures import check, numbers
from tests.chapters.lives import said
from tests.chapters.policies.linear import assumed, linear
from tests.chapters.policies.made import made_decision, with_status

X, Y = assumed("x", 0.0, 2.0), assumed("y", 0.0, 1.0)
NOBODY = {"today": lambda d: 0.0}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A decision of the real kernel, and its section."""
    decision = made_decision(tmp_path_factory.mktemp("made"))
    return decision, doubt(decision)


def keys(section):
    return {f.sentence.key.removeprefix("policies_doubt.") for f in section.findings}


def test_the_real_decision_can_be_said_and_traced(made):
    decision, section = made
    check([section])
    found = numbers(section)
    assert found["policy.evpi"] == decision.league.evpi
    assert {f.status for f in section.findings} == {Status.ASSUMED}
    text = said(section)
    assert "“loyalty rebate” may be the wrong choice for 60 months" in text
    assert "“effect of loyalty” by itself" in text
    assert "der Rest" in said(section, "de_DE")


def test_what_no_policy_rests_on_is_left_out(made):
    decision, section = made
    assert "switching_cost" in decision.drawn
    assert not [r.id for r in section.results if "switching_cost" in r.id]
    assert {r.id.split(".")[2] for r in section.results if r.id[:13] == "policy.swing."} == {
        "always_buyers", "loyalty_ratio", "spike"
    }  # fmt: skip


def test_the_ends_of_a_straight_line_are_known(tmp_path):
    decision = linear(tmp_path, NOBODY | {"loyalty": lambda d: 100 * (d["x"] - 0.5)}, X)
    section = doubt(decision)
    found = numbers(section)
    low, high = np.quantile(decision.drawn["x"], (0.05, 0.95))
    assert found["policy.swing.x.from"].value == pytest.approx(low, rel=1e-12)
    assert found["policy.swing.x.to"].value == pytest.approx(high, rel=1e-12)
    assert found["policy.swing.x.low"].value == pytest.approx(100 * (low - 0.5), abs=1e-6)
    assert found["policy.swing.x.high"].value == pytest.approx(100 * (high - 0.5), abs=1e-6)
    assert keys(section) == {"evpi.some", "most.turns"}
    assert section.figures[0].middle == pytest.approx(100 * (decision.drawn["x"].mean() - 0.5))
    check([section])


def test_who_knows_all_assumptions_knows_everything_where_data_add_nothing(tmp_path):
    decision = linear(tmp_path, NOBODY | {"loyalty": lambda d: 100 * (d["x"] - 0.5)}, X)
    found = numbers(doubt(decision))
    # of the even law from 0 to 2 a quarter loses 25 on average: 100 * 0.5 ** 2 / 4
    assert found["policy.evpi"].value == pytest.approx(6.25, rel=0.2)
    for name in ("policy.evppi.x", "policy.known.ledger"):
        assert found[name].value == pytest.approx(found["policy.evpi"].value, rel=0.02)
    parts = found["policy.known.ledger"].value + found["policy.known.data"].value
    assert parts == pytest.approx(found["policy.evpi"].value)


def test_without_a_range_all_doubt_is_chance_in_the_data(tmp_path):
    certain = assumed("x", 1.0, 1.0)
    decision = linear(
        tmp_path, NOBODY | {"loyalty": lambda d: 5 * d["x"]}, certain, noise=20.0, draws=200
    )
    section = doubt(decision)
    found = numbers(section)
    assert keys(section) == {"evpi.data", "most.none"}
    assert section.figures == []
    assert found["policy.known.data"].value == found["policy.evpi"].value > 0
    assert found["policy.known.ledger"].value == 0
    check([section])


def test_where_no_draw_turns_the_choice_knowing_is_worth_nothing(tmp_path):
    decision = linear(tmp_path, NOBODY | {"loyalty": lambda d: 100 + 10 * d["x"]}, X)
    section = doubt(decision)
    assert numbers(section)["policy.evpi"].value == 0
    assert keys(section) == {"evpi.none", "most.keeps"}
    assert "in each of the 400 draws “loyalty rebate” is worth most" in said(section)
    check([section])


def test_a_narrower_assumption_may_turn_the_order_that_the_widest_keeps(tmp_path):
    # x moves it from 41 to 311, y from 200 to -40, and above 0.9 only
    values = NOBODY | {"loyalty": lambda d: 50 + 150 * d["x"] - 240 * (d["y"] > 0.9)}
    section = doubt(linear(tmp_path, values, X, Y))
    assert "most.others" in keys(section)
    assert "“x” moves the lead of “loyalty rebate” over “as today” most" in said(section)
    assert "The order of the two turns with “y”" in said(section)
    assert section.figures[0].title.key == "policies_doubt.tornado.turns"
    check([section])


def test_an_assumption_of_a_third_policy_moves_no_difference_and_is_worth_knowing(tmp_path):
    values = NOBODY | {"loyalty": lambda d: 10.0, "for_all": lambda d: 30 * (d["x"] - 1)}
    section = doubt(linear(tmp_path, values, X))
    found = numbers(section)
    for end in ("low", "high"):
        assert found[f"policy.swing.x.{end}"].value == pytest.approx(10.0)
    assert Words("en_GB").cell(section.tables[0].rows[0][3]) == "does not move it"
    assert found["policy.evppi.x"].value > 0
    assert keys(section) == {"evpi.some", "most.none"}


def test_the_comparator_ahead_is_held_against_who_comes_next(tmp_path):
    values = {"today": lambda d: 100.0, "loyalty": lambda d: 90 * d["x"], "for_all": lambda d: 5.0}
    section = doubt(linear(tmp_path, values, X))
    words = section.findings[1].sentence.values
    assert (str(words["leader"]), str(words["other"])) == ("today", "loyalty")
    check([section])


def test_best_on_average_and_best_most_often_may_be_two(tmp_path):
    values = NOBODY | {"loyalty": lambda d: np.where(d["x"] > 1.4, 100.0, -10.0)}
    section = doubt(linear(tmp_path, values, X))
    assert "disagree.text" in keys(section)
    found = numbers(section)
    assert found["policy.disagree.often"].value > 0.5 > found["policy.disagree.rarely"].value
    assert found["policy.disagree.ahead"].value > 0
    assert "“as today” is best more often" in said(section)
    check([section])


def test_money_in_another_unit_scales_every_amount(tmp_path):
    one, many = (
        numbers(doubt(linear(tmp_path, NOBODY | {"loyalty": lambda d, k=k: k * (d["x"] - 0.5)}, X)))
        for k in (1.0, 1000.0)
    )
    for name, e in one.items():
        by = 1000.0 if e.unit == "EUR" else 1.0
        assert many[name].value == pytest.approx(by * e.value, rel=1e-6, abs=1e-9), name


def trusting(decision, **known):
    """Return the decision with other statuses of its policies."""
    own = replace(with_status(decision, Status.ESTIMATED))
    standings = tuple(
        replace(s, difference=replace(s.difference, status=known.get(s.policy, Status.ESTIMATED)))
        for s in own.league.standings
    )
    return replace(own, league=replace(own.league, standings=standings))


def test_only_what_speaks_of_an_assumed_policy_is_assumed(tmp_path):
    values = NOBODY | {"loyalty": lambda d: 100 * (d["x"] - 0.5), "for_all": lambda d: -50.0}
    decision = linear(tmp_path, values, X)
    assert decision.league.evpi.status == Status.ASSUMED
    other = trusting(decision, for_all=Status.ASSUMED)
    assert (status(other), status(other, "loyalty", "for_all")) == (
        Status.ESTIMATED, Status.ASSUMED
    )  # fmt: skip
    section = doubt(other)
    told = {f.id: f.status for f in section.findings}
    assert told == {"policy.doubt.evpi": Status.ASSUMED, "policy.doubt.most": Status.ESTIMATED}
    found = numbers(section)
    assert found["policy.swing.x.low"].status == Status.ESTIMATED
    assert found["policy.evppi.x"].status == Status.ASSUMED
    assert status(trusting(decision, loyalty=Status.ASSUMED)) == Status.ASSUMED


def test_what_knowing_is_worth_rests_on_all_that_is_assumed(made):
    decision, section = made
    found = numbers(section)
    for name in ("policy.evppi.spike", "policy.known.ledger", "policy.known.data"):
        assert found[name].assumptions == decision.assumptions != ()


def test_in_a_tie_the_comparator_leads(tmp_path):
    decision = linear(tmp_path, {"loyalty": lambda d: 0.0, **NOBODY}, X)
    assert the_two(decision) == ("today", "loyalty")
    ahead = linear(tmp_path, NOBODY | {"loyalty": lambda d: 1.0}, X)
    assert the_two(ahead) == ("loyalty", "today")


def test_few_draws_are_told_of(made):
    _, section = made
    words = Words("en_GB")
    assert numbers(section)["policy.draws.swings"].value == 128
    assert "in the first 128 of 300 draws" in words.say(section.tables[0].note)
    (figure,) = section.figures
    assert "rest on the first 128 draws" in words.say(figure.note)
    assert "in the first 128 of 300 joint draws" in words.say(figure.table.note)


def test_names_with_dots_are_one_part_of_an_id(tmp_path):
    dotted = assumed("call.taken", 0.0, 2.0)
    values = NOBODY | {"loyalty": lambda d: d["call.taken"] - 0.5}
    ids = {r.id for r in doubt(linear(tmp_path, values, dotted)).results}
    assert {"policy.evppi.call_taken", "policy.swing.call_taken.low"} <= ids


@pytest.mark.parametrize(
    ("unit", "german", "english"),
    [
        ("share", "10\u00a0%", "10%"),
        ("hazard", "10\u00a0%", "10%"),
        ("ratio", "0,1", "0.1"),
        ("count", "0,1", "0.1"),
        ("EUR", "0,10\u00a0€", "€0.10"),
        ("month", "0,1 Monate", "0.1 months"),
        ("week", "0,1 Wochen", "0.1 weeks"),
        ("", "0,1", "0.1"),
        ("calls a day", "0,1 calls a day", "0.1 calls a day"),
    ],
)
def test_an_assumption_is_written_in_its_unit(tmp_path, unit, german, english):
    decision = linear(
        tmp_path, NOBODY | {"loyalty": lambda d: d["x"]}, assumed("x", 0.0, 0.2, unit)
    )
    point = written(decision, at_point(decision, "x", 0.1))
    assert [Words(w).say(point) for w in ("de_DE", "en_GB")] == [german, english]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1.0, "month", "1 month"),
        (12.0, "month", "12 months"),
        (1.25, "quarter", "1.25 quarters"),
        (40.0, "EUR", "€40"),
        (0.615, "share", "61.5%"),
        (3.0, "USD", "3 USD"),
    ],
)
def test_a_typed_number_keeps_its_digits_and_has_its_unit(value, unit, text):
    assert Words("en_GB").say(in_unit(value, unit, "EUR")) == text
