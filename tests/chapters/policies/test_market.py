"""The market of contracts and snapshots, put together."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from stammkunde import chapters as tell
from stammkunde.chapters.outlook.values import stock_of
from stammkunde.chapters.policies.market import read_market
from stammkunde.chapters.policies.read import Undecided
from stammkunde.draws import block_weights
from stammkunde.policy.declared import AssumptionToml
from stammkunde.policy.offers import NewcomerRebate, Policy, applied, worths
from stammkunde.policy.offers.earlier import still_to_come
from stammkunde.report.driver.simulating import simulate
from stammkunde.spells.source import fetch
from stammkunde.study import read_study, read_tables
from stammkunde.survival.table import life_table
from stammkunde.workspace import Workspace
from tests.chapters.policies.markets import few, market, rows, setting

# too slow for every run: `make test-full` has them
pytestmark = pytest.mark.long

INTEREST = "[money]\ninterest = 0.08\n"
YEAR = "[[terms]]\nsigned_from = 2015-01-01\nminimum_months = 12\nrenewal_months = 12\n"
CHANGED = YEAR + "[[terms]]\nsigned_from = 2020-01-01\n"
PRICES = '[prices]\nfile = "p.csv"\nplan = "plan"\nstart = "from"\nend = "to"\nprice = "price"\n'
NONE = Policy("none")
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def steady(tmp_path_factory):
    """Customers of one beginning under one kind of terms, all with the same margin."""

    def hazard(tenure, start):
        return 0.08 if tenure % 12 == 0 else 0.005

    more = YEAR + INTEREST
    folder = tmp_path_factory.mktemp("steady")
    asked = few(folder, more, rows(hazard, 3000, last=5))
    short = replace(asked.toml.report, projection_years=5)
    asked = replace(asked, toml=replace(asked.toml, report=short))
    return asked, read_tables(asked)


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """Terms of a year that renewed until 2020, none since."""

    def hazard(tenure, start):
        if start < 60:
            return 0.25 if tenure % 12 == 0 else 0.002
        return 0.02

    asked = few(tmp_path_factory.mktemp("changed"), CHANGED, rows(hazard, 4000))
    return asked, read_tables(asked)


def test_without_a_policy_todays_customers_are_worth_what_the_outlook_says(steady):
    asked, (spells, beside) = steady
    found = market(asked, setting(horizon=60, acquisition=0.0), steady[1])
    base = worths([NONE], found.market, {})["none"].base
    outlook = tell.read_outlook(asked, spells)
    units = stock_of(outlook.base).units(60, 0.08).value
    assert base == pytest.approx(20 * units, rel=1e-9)
    section = tell.worth(asked, spells, outlook)
    value = next(r for r in section.results if r.id == "outlook.base.value.60")
    assert base == pytest.approx(value.estimate.value, rel=1e-6)
    assert beside.tables == {}


def test_hazards_of_causes_add_up_to_what_was_counted(steady):
    asked, tables = steady
    found = market(asked, setting(), tables)
    table = life_table(tables[0])
    at_risk, moves, there = table.in_state()
    hazards = found.market.segments[0].hazards
    reach = found.observed
    counted = moves.sum(axis=(0, 1))[:reach] / at_risk.sum(axis=0)[:reach]
    assert hazards.sum(axis=0)[:reach] == pytest.approx(counted)
    assert found.market.causes == ("price", "moved")
    # the end of the term stands alone
    assert hazards[:, 11] == pytest.approx(moves[[1, 0], :, 11].sum(axis=1) / at_risk[:, 11].sum())
    assert found.market.segments[0].there.sum() == there.sum()
    assert found.left == 0


def test_weights_that_are_equal_give_the_estimates_of_each_family(steady):
    found = market(steady[0], setting(segments="usage"), steady[1])
    equal = np.ones((1, 256))
    assert found.families == ("contract", "contract, level fading")
    parts = [found.under(equal, f) for f in found.families]
    for k, whole in enumerate(found.market.segments):
        reach = found.observed
        for part in parts:
            own = part.segments[k]
            assert own.hazards[0, :, :reach] == pytest.approx(whole.hazards[:, :reach])
            assert own.margin == pytest.approx(np.full((1, 1), whole.margin))
            assert own.inflow[0] == pytest.approx(whole.inflow)
    drawn = [m.segments[0].hazards[0] for m in parts]
    assert not np.allclose(drawn[0], drawn[1])
    assert drawn[0][:, reach + 2] != pytest.approx(drawn[1][:, reach + 2])


def test_draws_of_the_market_spread_as_the_outlook_does(steady):
    asked, (spells, _) = steady
    found = market(asked, setting(horizon=60, acquisition=0.0), steady[1])
    weights = block_weights(600)
    drawn = worths([NONE], found.under(weights, ""), {}, weights=weights)["none"].base
    own = stock_of(tell.read_outlook(asked, spells).base).units(60, 0.08)
    assert drawn.mean() == pytest.approx(20 * own.value, rel=0.01)
    assert drawn.std() == pytest.approx(20 * own.se, rel=0.2)


def test_customers_under_earlier_terms_are_segments_without_sign_ups(changed):
    found = market(changed[0], setting(segments="usage"), changed[1])
    names = [s.name for s in found.market.segments]
    assert names == ["high", "high · 2015-01-01", "low", "low · 2015-01-01"]
    assert [s.rules for s in found.market.segments] == ["high", "high", "low", "low"]
    today, before = found.market.segments[:2]
    assert today.today is None
    assert np.ndim(before.inflow) == 0
    assert before.inflow == 0
    # who comes back signs under today's terms
    assert before.hazards == pytest.approx(today.hazards[:, :24])
    assert before.today[:, 11].sum() > 0.2
    assert today.hazards[:, 11].sum() < 0.06
    parts = {p.name: p for p in found.parts}
    assert parts["high · 2015-01-01"].terms == "2015-01-01"
    assert parts["high · 2015-01-01"].signups.value == 0
    spells = changed[1][0]
    assert sum(p.customers for p in found.parts) + found.left == int(
        life_table(spells).censored.sum()
    )


def test_one_segment_where_no_group_is_named(changed):
    found = market(changed[0], setting(), changed[1])
    assert [s.name for s in found.market.segments] == ["", "2015-01-01"]
    assert found.market.group == ""
    signups = found.parts[0].signups
    delivered = (changed[0].folder / "c.csv").read_text(encoding="utf-8").splitlines()
    begun = sum(line.split(",")[1].startswith("2024") for line in delivered)
    assert signups.spells == begun
    assert signups.value == pytest.approx(begun / 12)


def test_margin_and_acquisition_are_means_of_those_there_and_of_last_years(changed):
    found = market(changed[0], setting(segments="usage", acquisition="cost"), changed[1])
    assert found.parts[0].acquisition.value == pytest.approx(60)
    assert found.market.segments[0].acquisition == pytest.approx(60)
    assert found.parts[0].margin.value == pytest.approx(20)
    rests = {"margin_stays", "price_is_margin", "signups_as_before", "older_terms_renew_as_before"}
    assert rests <= set(found.assumptions)
    # nobody says what customers pay: what they bring at the most can be given away
    assert found.market.segments[0].price == pytest.approx(20)


def _assumed(name, value):
    return AssumptionToml(
        name=name, title={}, value=value, low=value / 2, high=2 * value, law="uniform", says={},
        when=date(2024, 12, 31), why={},
    )  # fmt: skip


def test_assumptions_of_the_setting_pass_by_their_names(changed):
    known = (("margin", 15.0), ("cost_to_serve", 2.0), ("signing", 30.0))
    assumed = tuple(_assumed(n, v) for n, v in known)
    asked, tables = changed
    own = replace(asked, toml=replace(asked.toml, assumption=assumed))
    found = market(
        own,
        setting(margin="margin", serve="cost_to_serve", signups="signing", price="margin"),
        tables,
    )
    segment = found.market.segments[0]
    told = (segment.margin, segment.serve, segment.inflow, segment.price)
    assert told == ("margin", "cost_to_serve", "signing", "margin")
    assert found.parts[0].margin.value == 15
    assert str(found.parts[0].margin.status) == "assumed"
    assert "margin_assumed" in found.assumptions
    assert "signups_as_before" not in found.assumptions
    drawn = {n: np.array([v]) for n, v in (("margin", 15.0), ("cost_to_serve", 2.0))}
    one = worths([NONE], found.market, drawn | {"signing": np.array([30.0])})["none"]
    assert one.signed == pytest.approx(30 * 24)
    # of two segments each has its part, at the centre
    split = market(own, setting(segments="usage", signups="signing", margin=10.0), tables)
    assert sum(np.mean(s.inflow) for s in split.market.segments) == pytest.approx(30)
    assert "signups_at_central" in split.assumptions


def test_prices_on_the_last_day_and_inflation(tmp_path):
    asked = few(tmp_path, PRICES + INTEREST, rows(lambda t, s: 0.02, 1500))
    lines = ["a,2020-01-01,2024-06-30,10", "a,2024-07-01,,12", "b,2020-01-01,2024-12-31,15.50"]
    (tmp_path / "data/raw/muster/p.csv").write_text(
        "\n".join(["plan,from,to,price", *lines]) + "\n", encoding="utf-8"
    )
    found = market(asked, setting(inflation=0.02, arrears=True, handling=3.0)).market
    assert found.segments[0].price == pytest.approx(13.75)
    assert found.by_month[12] == pytest.approx(1.02)
    assert (found.interest, found.arrears, found.segments[0].handling) == (0.08, True, 3.0)


def test_returners_are_counted_and_come_back(tmp_path):
    own = rows(lambda t, s: 0.03, 2500)
    # every third of those who left for price comes back two months later
    back = []
    for who, _, last, why, *rest in own:
        if why == "price" and int(who) % 3 == 0 and last < "2024-09-01":
            year, month = divmod(12 * int(last[:4]) + int(last[5:7]) - 1 + 3, 12)
            back.append((who, f"{year}-{month + 1:02d}-01", "", "", *rest))
    asked = few(tmp_path, "", own + back)
    found = market(asked, setting())
    segment = found.market.segments[0]
    price, moved = segment.returns
    assert price.sum() == price[2] == pytest.approx(1 / 3, abs=0.04)
    assert moved.sum() == 0
    assert {"returns_alike", "late_returners_as_new"} <= set(found.assumptions)
    # those gone for a month or two are still to come, and no sign-ups from outside
    assert segment.inflow == pytest.approx(np.full(24, found.parts[0].signups.value))
    assert segment.gone.shape == (2, 24)
    come = still_to_come(segment.returns, segment.gone, 24)
    assert come[0] > 0
    assert come[2] > 0
    assert come[3:].sum() == pytest.approx(0, abs=1e-12)
    drawn = found.under(block_weights(8), "").segments[0]
    assert drawn.gone.tolist() == segment.gone.tolist()
    # they come back as new: handled, and offered what newcomers are
    one = applied(Policy("x", None, (NewcomerRebate(3, 5.0),)), found.market, {}).segments[""]
    assert one.earlier["as new"] == pytest.approx(come)
    # beside them sign-ups of a single level may be assumed, with all of their range
    own = replace(asked, toml=replace(asked.toml, assumption=(_assumed("signing", 30.0),)))
    told = market(own, setting(signups="signing"))
    assert told.market.segments[0].inflow == "signing"
    assert told.market.segments[0].gone.tolist() == segment.gone.tolist()
    assert "signups_at_central" not in told.assumptions
    assert drawn.returns.shape == (8, 2, 24)


def test_where_too_few_came_back_all_leave_alike(steady):
    segment = market(steady[0], setting(), steady[1]).market.segments[0]
    assert segment.returners == 1.0
    assert segment.today is None


def test_why_nothing_can_be_said(tmp_path):
    bare = few(tmp_path)
    found = read_market(bare, *read_tables(bare), setting=setting())
    assert isinstance(found, Undecided)
    assert found.reason == "too_few"
    unasked = read_market(bare, *read_tables(bare))
    assert isinstance(unasked, Undecided)
    assert unasked.reason == "no_setting"


def test_without_a_margin_nothing_is_worth_anything(tmp_path):
    asked = few(tmp_path, "", [(*r[:4], "", *r[5:]) for r in rows(lambda t, s: 0.02, 1500)])
    found = read_market(asked, *read_tables(asked), setting=setting())
    assert isinstance(found, Undecided)
    assert found.reason == "margin_unknown"


@pytest.mark.parametrize("name", ["musterstrom", "telco"])
def test_the_examples_have_a_market(name, tmp_path):
    if name == "telco":
        fetch(ROOT, name)
        asked = read_study(name, workspace=Workspace(ROOT))
    else:
        simulate(Workspace(tmp_path), name, client=name, seed=None, size=None)
        asked = read_study(name, workspace=Workspace(tmp_path))
    group, more = ("usage", {"acquisition": "acquisition_cost"}), {}
    if name == "telco":
        group, more = ("contract", {}), {"margin": 20.0, "price": 60.0}
    found = market(asked, setting(horizon=60, segments=group[0], **(group[1] | more)))
    weights = block_weights(200)
    whole = worths([NONE], found.market, {})["none"]
    drawn = worths([NONE], found.under(weights, ""), {}, weights=weights)["none"]
    assert drawn.base.mean() == pytest.approx(whole.base[0], rel=0.02)
    assert drawn.new.mean() == pytest.approx(whole.new[0], rel=0.03)
    assert 0 < drawn.total.std() < 0.1 * whole.total[0]
    assert found.left == 0
