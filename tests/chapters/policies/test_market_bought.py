"""The market of purchases: what is paid by tenure, and how far it can be told."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from stammkunde.chapters.policies.market import read_market
from stammkunde.chapters.policies.read import Undecided
from stammkunde.draws import block_weights
from stammkunde.policy.declared import AssumptionToml
from stammkunde.policy.offers import Policy, worths
from stammkunde.result import Status
from stammkunde.study import read_tables
from stammkunde.survival.buying.spending import up_to
from tests.chapters.lives import study
from tests.chapters.policies.markets import market, setting

# too slow for every run: `make test-full` has them
pytestmark = pytest.mark.long

TABLE = (
    '[transactions]\nfile = "t.csv"\nperson = "who"\ndate = "day"\namount = "paid"\n'
    "first_purchases = true\n[lapse]\ngap_days = 184\n"
)


@pytest.fixture
def asked(tmp_path):
    """Sixty who begin on 1 January 2023 with 10; half of them buy again in the third month."""
    found = study(tmp_path, data=TABLE, more="[money]\ninterest = 0.05\n")
    rows = ["who,day,paid", *(f"{k},2023-01-01,10" for k in range(60))]
    rows += [f"{k},2023-03-05,7.50" for k in range(30)]
    # back after having gone: nobody's first spell
    rows += [f"{k},2024-06-01,99" for k in range(30)]
    (tmp_path / "data/raw/muster/t.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return found


def test_what_a_customer_pays_is_what_all_pay_by_those_there(asked):
    found = market(asked, setting(horizon=7, margin_share=0.3, acquisition=2.0))
    segment = found.market.segments[0]
    assert segment.price == pytest.approx([10, 0, 3.75, 0, 0, 0, 0])
    assert segment.margin == pytest.approx(0.3 * np.array([10, 0, 3.75, 0, 0, 0, 0]))
    # after 184 days without a purchase half are gone, in the seventh month
    assert segment.hazards[0] == pytest.approx([0, 0, 0, 0, 0, 0, 0.5])
    assert segment.there == ()
    assert found.families == ()
    assert "lapse_rule" in found.assumptions
    # in 12 months nobody; then all on one day, which is taken for a month
    assert segment.inflow == pytest.approx(np.full(7, 60.0))
    part = found.parts[0]
    assert part.margin.value == pytest.approx(0.3 * (600 + 225) / (60 * 7))
    worth = worths([Policy("none")], found.market, {})["none"]
    v = found.market.v
    each = 0.3 * (10 + 3.75 * v**2) - 2
    assert worth.per_acquired == pytest.approx(each)


def test_what_is_paid_is_measured_but_the_share_that_is_earned_is_not(asked):
    part = market(asked, setting(horizon=7, margin_share=0.3)).parts[0]
    assert part.margin.status is Status.ASSUMED


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    """Customers of 2022 who lapse after 92 days; half of them are back within months."""
    folder = tmp_path_factory.mktemp("again")
    table = TABLE.replace("gap_days = 184", "gap_days = 92")
    found = study(folder, data=table, more="[money]\ninterest = 0.0\n")
    rng = np.random.default_rng(7)
    rows, total = ["who,day,paid"], 0
    for k in range(1500):
        begun = date(2022, 1, 1) + timedelta(days=int(rng.integers(365)))
        days, stays = [0], 0.6
        while days[-1] < 700:
            if rng.random() < stays:
                days.append(days[-1] + int(rng.integers(20, 80)))
            elif rng.random() < 0.5:
                days, stays = [*days, days[-1] + int(rng.integers(110, 200))], 0.3
            else:
                break
        for d in days:
            paid = int(rng.integers(10, 50)) + (20 if d > 200 else 0)
            rows.append(f"{k},{begun + timedelta(days=d)},{paid}")
            total += paid if months_to(begun, begun + timedelta(days=d)) < 12 else 0
    (folder / "data/raw/muster/t.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return found, total / 1500


def months_to(first, last):
    """Return the whole months from one day to another."""
    return 12 * (last.year - first.year) + last.month - first.month - (last.day < first.day)


def test_a_sign_up_brings_what_customers_paid_up_to_the_horizon_lapsed_or_not(again):
    asked, paid = again
    found = market(asked, setting(horizon=12, margin_share=0.3, acquisition=5.0))
    segment = found.market.segments[0]
    worth = worths([Policy("none")], found.market, {})["none"]
    assert worth.per_acquired == pytest.approx(0.3 * paid - 5, rel=0.01)
    lost = replace(found.market, segments=(replace(segment, returns=None),))
    without = worths([Policy("none")], lost, {})["none"].per_acquired
    assert without < 0.95 * worth.per_acquired
    assert {"returns_alike", "returners_leave_alike"} <= set(found.assumptions)
    assert segment.returners != 1
    drawn = found.under(np.ones((2, 256)), "").segments[0]
    assert drawn.returns == pytest.approx(np.broadcast_to(segment.returns, drawn.returns.shape))


def test_what_lies_beyond_the_horizon_is_cut_off(asked):
    spells, _ = read_tables(asked)
    # thirty come back in the eighteenth month
    kept = up_to(spells, 17)
    assert (spells.spells, kept.spells) == (90, 60)
    assert up_to(spells, 19).spells == 90
    short = up_to(spells, 3).to_frame()
    assert set(short["exit"]) == {3}
    assert set(short["end"]) == {"censored"}


def test_weights_that_are_equal_change_nothing(asked):
    found = market(asked, setting(horizon=7, margin_share=0.3))
    segment, drawn = (m.segments[0] for m in (found.market, found.under(np.ones((2, 256)), "")))
    for name in ("hazards", "margin", "price", "inflow"):
        expected = np.broadcast_to(getattr(segment, name), getattr(drawn, name).shape)
        assert getattr(drawn, name) == pytest.approx(expected)
    moved = found.under(block_weights(50), "").segments[0]
    assert moved.hazards.shape == (50, 1, 7)
    assert moved.price[:, 2].std() > 0.1


def test_beyond_what_was_observed_nothing_is_told(asked):
    found = read_market(asked, *read_tables(asked), setting=setting(horizon=8, margin_share=0.3))
    assert isinstance(found, Undecided)
    assert found.reason == "horizon_unseen"
    assert "at most 7" in found.said


def test_without_a_share_that_is_earned_there_is_no_money(asked):
    found = read_market(asked, *read_tables(asked), setting=setting(horizon=6))
    assert isinstance(found, Undecided)
    assert found.reason == "margin_unknown"


def test_an_assumed_share_is_taken_at_its_centre(asked):
    assumed = AssumptionToml(name="share", title={}, value=0.4, says={}, when=asked.as_of, why={})
    own = replace(asked, toml=replace(asked.toml, assumption=(assumed,)))
    found = market(own, setting(horizon=3, margin_share="share", signups=120.0))
    assert found.market.segments[0].margin == pytest.approx([4, 0, 1.5])
    assert found.market.segments[0].inflow == pytest.approx([120.0] * 3)
    assert "margin_share_at_central" in found.assumptions
    assert "signups_as_before" not in found.assumptions
