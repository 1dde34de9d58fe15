"""How wrong would an answer have to be: what is said of each design, and with which numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stammkunde.chapters.offers.doubts.doubted import doubts
from stammkunde.chapters.offers.doubts.method import doubts_method
from stammkunde.chapters.offers.doubts.unrecorded import ODDS
from stammkunde.evidence.adequacy import NO_COUNTERPART
from stammkunde.evidence.asking.ask import ask
from stammkunde.evidence.asking.made import CONTROL, TREATED
from stammkunde.evidence.doubt.bounds import share_bounds
from stammkunde.evidence.doubt.permutation import Permuted
from stammkunde.evidence.doubt.tipping import corrected
from stammkunde.evidence.doubt.unrecorded import Unrecorded
from stammkunde.report.figures import draw
from stammkunde.report.words import Words
from stammkunde.study import Study
from tests.chapters.doubted import (
    QUESTIONS,
    UNTOUCHED,
    answer,
    client_in,
    is_sayable,
    keys,
    remarks,
    spells,
    values,
)
from tests.chapters.lives import said
from tests.evidence.asked import beside, question, world


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return client_in(tmp_path_factory.mktemp("doubts"))


@pytest.mark.parametrize("name", [*QUESTIONS])
def test_every_design_can_be_said_in_every_language(client: Study, name: str) -> None:
    section = doubts(client, answer(name))
    assert section.findings
    assert is_sayable(section)
    lines = [r.as_json() for r in section.results]
    assert len({(x["id"], *x["group"].items()) for x in lines}) == len(lines)
    assert all(x["value"] is not None or x["reason"] for x in lines)
    tables = [t.id for t in section.tables] + [f.table.id for f in section.figures]
    assert len(set(tables)) == len(tables)
    assert {f.table for f in section.findings if f.table} <= {*tables}


def test_the_picture_of_a_day_can_be_drawn(client: Study) -> None:
    (figure,) = doubts(client, answer("regions")).figures
    for narrow in (False, True):
        assert draw(figure, Words("de_DE"), narrow).startswith("<svg")


def test_where_weights_left_nothing_there_is_a_sheet_and_no_picture(client: Study) -> None:
    section = doubts(client, answer("column"))
    assert not section.figures
    assert "offers.column.balance" in {t.id for t in section.tables}
    finding = next(f for f in section.findings if f.id.endswith(".alike"))
    assert (finding.figure, finding.table) == ("", "offers.column.balance")


def test_what_each_design_is_asked(client: Study) -> None:
    kinds = {n: set(keys(doubts(client, answer(n)))) for n in QUESTIONS}
    chosen = {"tipping", "control", "alike", "weights"}
    for name in ("start", "column", "landmark", "grace", "values"):
        assert kinds[name] == chosen, name
    assert kinds["lot"] == {"lot", "control"}
    assert kinds["day"] == kinds["regions"] == {"lot", "before", "control"}
    first = {n: doubts(client, answer(n)).findings[0].id.rpartition(".")[2] for n in QUESTIONS}
    assert (first["landmark"], first["lot"], first["day"]) == ("tipping", "lot", "lot")


def test_the_numbers_are_those_of_the_kernel(client: Study) -> None:
    found = answer("landmark")
    told, d = values(doubts(client, found)), found.doubts
    assert d.unlike is not None
    assert told["offers.landmark.balance.before"] == pytest.approx(d.unlike.before)
    assert told["offers.landmark.balance.after"] == 0.0
    assert d.unlike.after < 1e-12
    arms = found.compared.adequacy.arms
    assert told["offers.landmark.effective.treated"] == arms[TREATED].effective
    assert told["offers.landmark.effective.control"] == arms[CONTROL].effective
    assert d.strength is not None
    assert told["offers.landmark.e_value"] == d.strength.estimate
    assert told["offers.landmark.leaving_ratio"] == d.strength.ratio.value
    control = {c.of: c.estimate.value for c in d.untouched}
    assert {c: told[f"offers.landmark.control.{c}"] for c in UNTOUCHED} == control


def test_the_tipping_differences_do_what_they_say(client: Study) -> None:
    """So unequal in something that half have, and nothing is left, or nothing established."""
    found = answer("column")
    section = doubts(client, found)
    told = values(section)
    strong, near = (
        told["offers.column.tipping.share.5"],
        told["offers.column.tipping.share.limit.2"],
    )
    assert strong is not None
    assert near is not None
    gone = corrected(found.compared, Unrecorded(odds=5, difference=strong, spread="binary")).months
    assert gone.value == pytest.approx(0.0, abs=1e-3)
    doubtful = Unrecorded(odds=ODDS, difference=near, spread="binary")
    assert corrected(found.compared, doubtful).months.low == pytest.approx(0.0, abs=1e-3)
    assert keys(section)["tipping"] == "tipping.doubt_only"
    assert f"{100 * abs(near):.0f} fewer of 100 customers" in said(section)
    table = next(t for t in section.tables if t.id.endswith(".tipping"))
    assert table.rows[-1][1] == 100 * strong


def test_the_bounds_of_an_answer_that_was_refused(client: Study) -> None:
    """A tenth of a month of difference is bounded by eleven months, and the sentence says so."""
    asks = question(
        "yes", "no", name="few", offer="welcome", alike=("kind", "one", "two", "region")
    )
    found = ask(asks, spells(), beside(world().offers, world().events), untouched=UNTOUCHED)
    assert found.refused == NO_COUNTERPART
    section = doubts(client, found)
    assert keys(section) == {"bounds": "bounds", "alike": keys(section)["alike"],
                             "weights": "weights"}  # fmt: skip
    bounds = found.doubts.bounds
    assert bounds is not None
    assert bounds.width == pytest.approx(11.0)
    assert bounds.low < 0 < bounds.high
    assert remarks(section) == ["alone.some"]
    assert found.doubts.alone is not None
    assert values(section)["offers.few.alone"] == found.doubts.alone.share > 0.05
    assert is_sayable(section)
    assert any(t.id == "offers.few.alone" for t in section.tables)


def test_nobody_is_like_anybody(client: Study) -> None:
    asks = question("y", "n", name="apart", column="met", alike=("region",))
    found = ask(asks, spells(), beside(world().offers, world().events), untouched=UNTOUCHED)
    assert found.refused
    section = doubts(client, found)
    assert keys(section)["weights"] == "nobody_alike"
    assert is_sayable(section)
    assert not section.figures


def test_the_appendix_tells_of_the_ways_that_were_gone() -> None:
    every = doubts_method({n: answer(n) for n in QUESTIONS} | {"gone": "no_offers"})
    assert is_sayable(every[0])
    told = [p.key.rpartition(".")[2] for p in every[0].paragraphs]
    assert told == ["known", "lot", "unrecorded", "untouched", "around", "limits"]
    one = doubts_method({"lot": answer("lot")})
    assert [p.key.rpartition(".")[2] for p in one[0].paragraphs] == ["lot", "untouched", "limits"]
    assert doubts_method({"gone": "no_offers"}) == []
    others = {
        "dealt": replace(answer("lot").doubts, dealt=Permuted(
            value=1.0, p=0.5, low=-1.0, high=2.0, count=9)),
        "bounds": replace(answer("lot").doubts, bounds=share_bounds(1, 2, 4)),
    }  # fmt: skip
    for way, other in others.items():
        (section,) = doubts_method({"lot": replace(answer("lot"), doubts=other)})
        assert f"doubts.method.{way}" in [p.key for p in section.paragraphs]
        assert is_sayable(section)
