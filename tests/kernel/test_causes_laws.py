"""Competing causes: what must hold of any table, however thin."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde import intervals
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.survival.causes import (
    aalen_johansen,
    merge_causes,
    months_lost,
    net_survival,
    share_of_leavers,
)
from stammkunde.survival.curve import cut
from stammkunde.survival.kaplan_meier import kaplan_meier
from tests.kernel.leaving import SIX, customers, holds, same, table
from tests.patience import examples
from tests.reference.stored import stored

pytestmark = pytest.mark.filterwarnings("error")
MANY = settings(max_examples=examples(150), deadline=None)


@pytest.fixture(scope="module")
def r() -> dict[str, Any]:
    return stored("causes.json")


NAMES = ("moved", "price", "service")


@MANY
@given(customers())
def test_incidences_and_survival_add_up_to_one(rows: Any) -> None:
    made = table(*rows, causes=NAMES)
    curves, whole = aalen_johansen(made), kaplan_meier(made)
    assert sum(c.value for c in curves.values()) + whole.value == pytest.approx(1, abs=1e-14)
    for horizon in (1, 2, 10):
        lost = sum(months_lost(c, horizon).value or 0 for c in curves.values())
        assert lost + (whole.rmst(horizon).value or 0) == pytest.approx(horizon, abs=1e-12)


@MANY
@given(customers())
def test_merged_causes_add_and_shares_add_up_to_one(rows: Any) -> None:
    made = table(*rows, causes=NAMES)
    apart = aalen_johansen(made)
    together = aalen_johansen(merge_causes(made, {"price": "firm", "service": "firm"}))
    assert together["firm"].value == pytest.approx(apart["price"].value + apart["service"].value)
    assert together["moved"].value == pytest.approx(apart["moved"].value)
    assert together["moved"].se == pytest.approx(apart["moved"].se)
    one = share_of_leavers(made, ["price", "service"], 10)
    two = share_of_leavers(made, ["moved"], 10)
    assert (one.value or 0) + (two.value or 0) == pytest.approx(1)
    assert one.se == pytest.approx(two.se, abs=1e-12)
    all_gone = aalen_johansen(merge_causes(made, dict.fromkeys(NAMES, "left")))["left"]
    whole = kaplan_meier(made)
    assert all_gone.value == pytest.approx(1 - whole.value)
    assert all_gone.se == pytest.approx(whole.se, abs=1e-7)


@MANY
@given(customers(), st.randoms(use_true_random=False))
def test_order_and_names_do_not_matter_and_twice_the_customers_halve_the_variance(
    rows: Any, chance: Any
) -> None:
    made = aalen_johansen(table(*rows, causes=NAMES))
    mixed = [list(row) for row in zip(*rows, strict=True)]
    chance.shuffle(mixed)
    shuffled = aalen_johansen(table(*zip(*mixed, strict=True), causes=NAMES))
    renamed = aalen_johansen(table(*rows, causes=("x", "y", "z")))
    single = table(*rows, causes=NAMES)
    double = aalen_johansen(single + single)
    for cause, other in zip(NAMES, "xyz", strict=True):
        assert same(shuffled[cause], made[cause])
        assert same(renamed[other], made[cause])
        assert double[cause].value == pytest.approx(made[cause].value, abs=1e-14)
        halved = np.asarray(made[cause].se) ** 2 / 2
        assert np.asarray(double[cause].se) ** 2 == pytest.approx(halved, abs=1e-14)


@MANY
@given(customers(), st.sampled_from(["greenwood", "blocks"]))
def test_limits_hold_the_value_and_are_shares(rows: Any, errors: str) -> None:
    blocks = np.arange(len(rows[0])) % 256
    made = table(*rows, causes=NAMES, block=blocks)
    for curve in aalen_johansen(made, errors=errors).values():
        if np.isnan(curve.value).any():
            assert months_lost(curve, 3).reason == curve.at(2).reason == "too_few_persons"
            continue
        assert (curve.low >= 0).all()
        assert (curve.high <= 1).all()
        assert (curve.low <= curve.value + 1e-12).all()
        assert (curve.value <= curve.high + 1e-12).all()
        assert (np.diff(curve.value) >= 0).all()


def test_without_censoring_few_leavers_have_clopper_and_pearsons_limits() -> None:
    curve = aalen_johansen(table([1, 2, 2, 3, 4] + [4] * 15, [1, 2, 1, 2, 1] + [0] * 15))["price"]
    low, high = intervals.clopper_pearson(np.array([0, 1, 2, 2, 3]), 20, 0.95)
    assert curve.low == pytest.approx(low)
    assert curve.high[1:] == pytest.approx(high[1:])
    assert "fewer than 5 events" in curve.at(4).method


def test_given_a_tenure_the_incidence_is_that_of_those_still_there(r: dict[str, Any]) -> None:
    made = table(r["exit"], r["cause"])
    whole, stay = aalen_johansen(made)["price"], kaplan_meier(made)
    later = aalen_johansen(made, given=6)["price"]
    assert later.value[:7].tolist() == [0.0] * 7
    assert later.value[6:] == pytest.approx((whole.value[6:] - whole.value[6]) / stay.value[6])
    assert later.others is not None
    assert not later.others[:6].any()


def test_a_curve_cut_short_keeps_what_was_lost_before(r: dict[str, Any]) -> None:
    curve = aalen_johansen(table(r["exit"], r["cause"]))["price"]
    short, long = months_lost(cut(curve, 12), 10), months_lost(curve, 10)
    assert (short.value, short.low, short.high) == (long.value, long.low, long.high)


def test_blocks_agree_with_the_formula_where_each_person_has_one_spell(r: dict[str, Any]) -> None:
    size = 12
    blocks = np.random.default_rng(1).integers(0, 256, 240 * size)
    made = table(np.tile(r["exit"], size), np.tile(r["cause"], size), block=blocks)
    plain = months_lost(aalen_johansen(made)["price"], 20)
    found = months_lost(aalen_johansen(made, errors="blocks")["price"], 20)
    assert found.se == pytest.approx(plain.se, rel=0.15)
    assert found.replicates is not None
    assert found.replicates.draws(4000).std() == pytest.approx(found.se, rel=0.1)


def test_one_customer_who_left_says_next_to_nothing() -> None:
    made = table([1], [1])
    curve = aalen_johansen(made)["price"]
    assert (curve.value[1], curve.low[1], curve.high[1]) == pytest.approx((1, 0.025, 1))
    assert holds(share_of_leavers(made, ["price"], 1))
    assert holds(months_lost(curve, 2))


def test_nobody_left() -> None:
    made = table([3, 4, 5], [0, 0, 0])
    assert aalen_johansen(made) == {}
    found = share_of_leavers(made, [], 3)
    assert (found.value, found.reason) == (None, "nobody_left")


def test_all_leave_in_the_first_month_and_others_enter_after() -> None:
    made = table([1] * 12 + [3] * 5, [1] * 6 + [2] * 6 + [1] * 5, [0] * 12 + [1] * 5)
    curves = aalen_johansen(made)
    assert curves["price"].value.tolist() == [0, 0.5, 0.5, 0.5]
    assert all(holds(c.at(3)) and holds(months_lost(c, 3)) for c in curves.values())
    assert holds(share_of_leavers(made, ["moved"], 3))


def test_repeat_spells_of_few_persons_have_no_value_but_a_reason() -> None:
    heads = np.bincount([0, 1, 2], minlength=256)
    block = np.array([0, 0, 1, 1, 2, 2])
    made = table([1, 2, 3, 4, 5, 6], [1, 2, 1, 2, 1, 0], block=block, persons=heads)
    assert aalen_johansen(made)["price"].at(3).reason == "too_few_persons"
    assert share_of_leavers(made, ["price"], 3).reason == "too_few_persons"


def test_given_a_tenure_the_share_is_that_of_those_who_leave_later(r: dict[str, Any]) -> None:
    made = table(r["exit"], r["cause"], r["entry"])
    later = aalen_johansen(made, given=6)
    found = share_of_leavers(made, ["price"], 15, given=6)
    own, rest = (float(later[c].value[15]) for c in ("price", "moved"))
    assert found.value == pytest.approx(own / (own + rest))
    assert found.estimand == "share_of_leavers(15 | 6)"
    assert holds(found)
    other = share_of_leavers(made, ["moved"], 15, given=6)
    assert (found.value or 0) + (other.value or 0) == pytest.approx(1)
    assert found.se == pytest.approx(other.se)
    with pytest.raises(ParameterError, match="at least 7"):
        share_of_leavers(made, ["price"], 6, given=6)


def test_unknown_causes_and_horizons_are_refused() -> None:
    six = table(*SIX)
    with pytest.raises(ParameterError, match="`prise`"):
        share_of_leavers(six, ["prise"], 2)
    with pytest.raises(ParameterError, match="`prise`"):
        net_survival(six, ["prise"])
    with pytest.raises(ParameterError, match="exposure"):
        net_survival(six, ["price"], exposure="none")
    with pytest.raises(NotObservedError, match="month 9"):
        share_of_leavers(six, ["price"], 9)
    with pytest.raises(NotObservedError, match="month 9"):
        months_lost(aalen_johansen(six)["price"], 9)
    with pytest.raises(ParameterError, match="horizon"):
        months_lost(aalen_johansen(six)["price"], 0)
    with pytest.raises(ParameterError, match="incidence curve"):
        months_lost(kaplan_meier(six), 2)


def test_a_share_that_is_one_but_for_rounding_has_limits_and_no_warning() -> None:
    leave = {1: (6, 0, 0, 0, 0), 2: (4, 1), 3: (2, 4, 1), 4: (2, 2, 2, 2), 5: (2, 1, 0, 1, 3)}
    entries = {
        month: [e for e, n in enumerate(ns) for _ in range(n)] for month, ns in leave.items()
    }
    exit_ = [month for month, late in entries.items() for _ in late]
    entry = [e for late in entries.values() for e in late]
    curve = aalen_johansen(table(exit_, [1] * len(exit_), entry))["price"]
    assert 0 < 1 - curve.value[5] < 1e-12
    assert curve.low[5] < curve.value[5] <= curve.high[5] == 1
