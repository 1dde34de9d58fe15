"""Offers for the new: what is left when they end, who of the new are old, when they pay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stammkunde.chapters.exhibit import Section
from stammkunde.chapters.offers.newcomers.read import (
    NO_MARGIN,
    Asked,
    Newcomers,
    former,
    read_newcomers,
    years_of,
)
from stammkunde.chapters.offers.newcomers.section import newcomer_offers, section_of
from stammkunde.chapters.offers.spoken import direction
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.made import arms_at_start
from stammkunde.evidence.starting.start import EVERYBODY
from stammkunde.result import Estimate, Status
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import Spells
from stammkunde.study import Study
from stammkunde.survival.curve import TOO_FEW_PERSONS
from tests.chapters.lives import is_sayable, said, untraced
from tests.chapters.newcomers import BY_OFFER, OFFERS, answer, client, contracts, told
from tests.documented import undocumented, unexplained

# too slow for every run: `make test-full` has them
pytestmark = pytest.mark.long

Base = tuple[Study, Spells, Beside, Answer]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    """Return one client with an offer whose end a fifth leaves at, and half of them come back."""
    made, spells, beside = client(tmp_path_factory.mktemp("base"), contracts(900, back=0.5))
    return made, spells, beside, answer(made, spells, beside)


def asked(base: Base, **changed: Any) -> tuple[Section, Newcomers]:
    """Return what is told where the question says something else of the offer."""
    made, spells, beside, found = base
    question = replace(made.toml.question[0], **changed)
    told = read_newcomers(made, question, found, spells, beside)
    section = section_of(made, told)
    assert is_sayable(section)
    return section, told


def keys(section: Section) -> dict[str, str]:
    return {f.id.removeprefix("offers.newcomer."): f.sentence.key for f in section.findings}


def results(section: Section) -> dict[tuple[str, ...], Estimate]:
    lines = section.results
    found = {(r.id.removeprefix("offers.newcomer."), *r.group.values()): r.estimate for r in lines}
    assert len(found) == len(lines)
    return found


@pytest.mark.long
def test_a_rebate_whose_end_many_leave_at(tmp_path: Path) -> None:
    rows = contracts(1200, spike=0.25, taken=0.02, back=0.6)
    section, found = told(tmp_path, rows, more="won_cost = 30", far=36)
    assert keys(section) == {
        "time": "newcomers.time",
        "expiry": "newcomers.expiry.more",
        "returners": "newcomers.returners.some",
        "gain": "newcomers.gain.from",
        "induced": "newcomers.induced",
    }
    assert [f.id for f in section.figures] == ["offers.newcomer.expiry", "offers.newcomer.gain"]
    assert section.figures[0].marks[0].at == 12
    assert [t.id for t in section.tables] == ["offers.newcomer.gain_by_share"]
    numbers = results(section)
    assert found.early is not None
    assert found.late is not None
    assert (found.early.value or 0) + (found.late.value or 0) == pytest.approx(
        found.answer.months.value
    )
    assert numbers[("within.12",)].value == found.early.value
    assert direction(found.early) == "longer"
    # .25 twice, of those still there, less .03 twice
    gap = numbers[("expiry.difference",)]
    truth = (1 - 0.75**2) - (1 - 0.97**2)
    assert gap.low is not None
    assert gap.high is not None
    assert gap.low < truth < gap.high
    again = numbers[("returners.again",)]
    assert again.low is not None
    assert again.high is not None
    assert again.low < 0.6 < again.high
    assert numbers[("brought_in",)].value is None
    assert numbers[("brought_in",)].status is Status.NOT_IDENTIFIABLE
    unknown = section.findings[-1]
    assert unknown.status is Status.NOT_IDENTIFIABLE
    assert unknown.unknown is not None
    text = said(section)
    assert "were back within 100 days" in text
    assert "Reckoned over 36 months" in text


def test_the_gain_runs_straight_from_nobody_to_all_brought_in(base: Base) -> None:
    section, found = asked(base, won_cost=30)
    numbers = results(section)
    gains = [numbers[("gain.24", f"{i / 10:g}")].value or 0 for i in range(11)]
    assert np.diff(gains) == pytest.approx(np.full(10, gains[1] - gains[0]))
    assert numbers[("gain.24", "0.3")].status is Status.ASSUMED
    assert numbers[("break_even.24",)].status is Status.ESTIMATED
    even = numbers[("break_even.24",)].value or 0
    assert gains[0] + even * (gains[-1] - gains[0]) == pytest.approx(0, abs=1e-9)
    # a tenth brought in: each of them costs what ten takers are given, and the winning
    spent = numbers[("spent",)].value or 0
    assert 0 < spent < 120
    assert numbers[("won.cost", "0.1")].value == pytest.approx(10 * spent + 30)
    declared = numbers[("won.declared",)]
    assert (declared.value, declared.low, declared.status) == (30, None, Status.ASSUMED)
    assert ("won.declared",) not in results(asked(base)[0])
    assert undocumented(r.id for r in section.results) == []
    assert unexplained({name for r in section.results for name in r.estimate.assumptions}) == []
    # all that a sentence tells is a result, what the offer took without its sign
    known = [found.answer.months, *numbers.values()]
    assert {e.value for e in untraced(section)} <= {-(e.value or 0) for e in known}
    assert found.back is not None
    cost = numbers[("returners.cost",)]
    assert cost.value == pytest.approx(found.back.units * 10 / found.years)
    assert found.years == pytest.approx(10, abs=0.01)
    assert numbers[("margin",)].value == pytest.approx(21, abs=0.2)


@pytest.mark.long
def test_an_offer_that_changes_nothing(tmp_path: Path) -> None:
    section, _ = told(
        tmp_path, contracts(700, spike=0.03, seed=3), data=money("interest = 0.1") + TERMS
    )
    found = keys(section)
    assert found["expiry"] == "newcomers.expiry.open"
    assert "returners" not in found, "nobody signed up twice: the data do not tell who came back"
    time = section.findings[0].sentence
    assert {time.values[n].key for n in ("early", "late", "whole")} == {
        "newcomers.early.open",
        "newcomers.late.open",
        "newcomers.whole.open",
    }
    remarks = [r.key for f in section.findings for r in f.remarks]
    assert "newcomers.no_won" in remarks
    assert "newcomers.per_contract" not in remarks
    assert "newcomers.bound" in remarks
    assert [mark.at for mark in section.figures[0].marks] == [12, 24]


TERMS = """
[[terms]]
signed_from = 2015-01-01
minimum_months = 24
notice_days = 14
"""


def money(line: str) -> str:
    return f'\n[money]\ncurrency = "EUR"\n{line}\n'


def test_an_offer_after_which_fewer_leave_and_that_pays_anyway(tmp_path: Path) -> None:
    rows = contracts(900, spike=0.02, plain=0.08, taken=0.01, after=0.01)
    section, found = told(tmp_path, rows, euro=0.5)
    assert keys(section)["expiry"] == "newcomers.expiry.less"
    assert keys(section)["gain"] == "newcomers.gain.always"
    assert direction(found.answer.months) == "longer"
    assert "brings more than it costs even if nobody" in said(section)


def test_an_offer_that_never_pays(base: Base) -> None:
    section, _ = asked(base, euro=60, won_cost=10)
    assert keys(section)["gain"] == "newcomers.gain.never"
    assert "does not pay even if all" in said(section)


def test_customers_who_bring_nothing_at_all(tmp_path: Path) -> None:
    section, _ = told(tmp_path, contracts(600, margin=-30))
    assert keys(section)["gain"] == "newcomers.gain.worthless"


def test_without_a_price_nothing_is_told_in_money(base: Base) -> None:
    section, _ = asked(base, euro=0)
    assert "gain" not in keys(section)
    assert section.findings[-1].missing == ("offer_price",)
    assert not section.tables
    assert [f.id for f in section.figures] == ["offers.newcomer.expiry"]
    assert "come from former customers" in said(section)
    assert "was spent" not in said(section)
    assert ("returners.cost",) not in results(section)


def test_three_takers_are_told_nothing_of(tmp_path: Path) -> None:
    rows = contracts(300, share=0.0)
    rows = [r.replace(",no,", ",yes,") if i < 3 else r for i, r in enumerate(rows)]
    section, found = told(tmp_path, rows)
    assert found.answer.refused == TOO_FEW_PERSONS
    assert section.left_out is not None
    assert not section.findings
    assert not section.results


@pytest.mark.long
def test_former_customers_that_are_none_or_few(tmp_path: Path) -> None:
    rows = contracts(600, seed=2)
    plain = next(r for r in rows if ",no," in r and r.split(",")[2] and r.split(",")[2] < "2020")
    taken = [r for r in rows if ",yes," in r and r.split(",")[2] and r.split(",")[2] < "2020"]
    later = ["2021-05-01", "", "a"]
    for own, count, key in (("no", 1, "none"), ("yes", 3, "few")):
        old = [plain] if own == "no" else taken[:count]
        more = [",".join([r.split(",")[0], *later, own, "20"]) for r in old]
        section, _ = told(tmp_path / key, rows + more)
        assert keys(section)["returners"] == f"newcomers.returners.{key}"
        assert (("returners.share",) in results(section)) is (key == "none")


@pytest.mark.long
def test_an_offer_in_the_table_of_offers(tmp_path: Path) -> None:
    rows = contracts(600, back=0.5, seed=4)
    one, _ = told(tmp_path / "column", rows)
    other, _ = told(tmp_path / "offer", rows, about=BY_OFFER, beside=OFFERS)
    first, second = results(one), results(other)
    for name in ("expiry.treated", "expiry.control", "returners.share"):
        assert second[(name,)].value == pytest.approx(first[(name,)].value, abs=0.02)
    assert keys(one) == keys(other)


@pytest.mark.parametrize(("lasts", "spike"), [(24, False), (23, True)])
def test_an_offer_that_ends_with_the_horizon(base: Base, lasts: int, spike: bool) -> None:
    section, found = asked(base, lasts=lasts)
    assert (found.spike is not None) is spike
    assert ("time" in keys(section)) is spike


def test_what_is_no_newcomer_offer_has_no_section(base: Base) -> None:
    made, spells, beside, found = base
    assert newcomer_offers(made, {"newcomer": "no_offers"}, spells, beside) == []
    assert newcomer_offers(made, {}, spells, beside) == []
    later = replace(found, estimand=replace(found.estimand, design="landmark"))
    assert newcomer_offers(made, {"newcomer": later}, spells, beside) == []


def test_without_a_margin_nothing_is_told_in_money(tmp_path: Path) -> None:
    made, spells, beside = client(tmp_path, contracts(300), margin="")
    found = answer(made, spells, beside)
    (section,) = newcomer_offers(made, {"newcomer": found}, spells, beside)
    assert is_sayable(section)
    assert section.id == "offers.newcomer.newcomers"
    assert section.findings[-1].missing == ("margin",)


@pytest.mark.long
def test_margins_of_one_arm_only_price_nothing(tmp_path: Path) -> None:
    rows = [r.rsplit(",", 1)[0] + "," if ",yes," in r else r for r in contracts(300)]
    section, found = told(tmp_path, rows)
    assert (found.priced, found.unpriced) == ((), NO_MARGIN)
    assert section.findings[-1].missing == ("margin",)


def test_takers_from_before_observation_and_observation_without_a_first_day(base: Base) -> None:
    made, spells, _, found = base
    table = spells.relation
    none = spells.where(table["group rebate"] == "no")
    assert none.persons < spells.persons
    asked_of = Asked(
        study=made,
        question=made.toml.question[0],
        answer=found,
        spells=replace(none, spells=none.persons + 1),
        arms=arms_at_start(made.toml.question[0], None),
        who=EVERYBODY,
    )
    assert former(asked_of) is None
    window = replace(made.toml.data.window, open=None)
    open_ended = replace(made, toml=replace(made.toml, data=replace(made.toml.data, window=window)))
    assert years_of(replace(asked_of, study=open_ended, spells=spells)) == pytest.approx(
        10, abs=0.05
    )
