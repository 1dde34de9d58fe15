"""Net survival, if nobody left for some of the causes: what must hold of any table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.result import Status
from stammkunde.survival.bands import simultaneous
from stammkunde.survival.causes import merge_causes, net_survival
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


def test_net_survival_says_what_it_assumes() -> None:
    six = table(*SIX)
    found = net_survival(six, ["moved"]).at(3)
    assert (found.status, found.assumptions) == (Status.ESTIMATED, ("independent_causes",))
    assert same(net_survival(six, []), kaplan_meier(six))


@MANY
@given(customers(), st.sampled_from([[], ["moved"], ["price"], ["price", "service"]]))
def test_net_curves_of_complementary_causes_multiply_to_the_curve_of_all(
    rows: Any, out: list[str]
) -> None:
    made = table(*rows, causes=NAMES)
    rest = [c for c in NAMES if c not in out]
    one, other = net_survival(made, out), net_survival(made, rest)
    whole = kaplan_meier(made)
    assert one.value * other.value == pytest.approx(whole.value, abs=1e-14)
    plain = net_survival(made, out, exposure="whole")
    assert (one.value <= plain.value + 1e-14).all()
    assert (one.value >= whole.value - 1e-14).all()
    for curve in (one, other):
        assert (curve.low <= curve.value + 1e-12).all()
        assert (curve.value <= curve.high + 1e-12).all()
        assert holds(curve.rmst(10))
    assert np.isfinite(one.se).all()


@MANY
@given(customers())
def test_net_curves_know_neither_order_of_causes_nor_parts_of_what_is_kept(rows: Any) -> None:
    made = table(*rows, causes=NAMES)
    merged = merge_causes(made, {"price": "firm", "service": "firm"})
    assert same(net_survival(made, ["moved"]), net_survival(merged, ["moved"]))
    assert same(net_survival(made, ["price", "service"]), net_survival(merged, ["firm"]))
    single, double = net_survival(made, ["moved"]), net_survival(made + made, ["moved"])
    assert double.value == pytest.approx(single.value, abs=1e-14)
    assert np.asarray(double.se) ** 2 == pytest.approx(np.asarray(single.se) ** 2 / 2, abs=1e-14)


@pytest.mark.parametrize("slower", [1, 4])
def test_blocks_agree_with_the_net_formula_where_each_person_has_one_spell(
    r: dict[str, Any], slower: int
) -> None:
    size = 12
    blocks = np.random.default_rng(2).integers(0, 256, 240 * size)
    exits = -(-np.tile(r["exit"], size) // slower)
    made = table(exits, np.tile(r["cause"], size), block=blocks)
    plain, found = (net_survival(made, ["moved"], errors=e) for e in ("greenwood", "blocks"))
    last = 20 // slower
    assert found.value.tolist() == plain.value.tolist()
    assert found.at(last).se == pytest.approx(plain.at(last).se, rel=0.15)
    assert found.rmst(last).se == pytest.approx(plain.rmst(last).se, rel=0.15)
    drawn = found.at(last).replicates
    assert drawn is not None
    assert drawn.draws(4000).std() == pytest.approx(found.at(last).se, rel=0.1)


def test_net_survival_where_all_leave_at_once() -> None:
    later = [1] * 6 + [3] * 8
    entries = [0] * 6 + [1] * 8
    moved = table(later, [2] * 6 + [0] * 8, entries, causes=NAMES[:2])
    stays = net_survival(moved, ["price"], errors="greenwood")
    assert stays.value.tolist() == [1, 1, 1, 1]
    assert (stays.low[1], stays.high[3]) == (0, 1)
    both = table(later, [2] * 5 + [1] + [0] * 8, entries, causes=NAMES[:2])
    gone = net_survival(both, ["price"])
    assert gone.value.tolist() == [1, 0, 0, 0]
    assert gone.high[1] == pytest.approx(0.975)
    assert holds(gone.rmst(3))


@pytest.mark.parametrize(("size", "out"), [(240, "moved"), (12, "price")])
def test_a_band_around_a_net_curve_holds_it(r: dict[str, Any], size: int, out: str) -> None:
    curve = net_survival(table(r["exit"][:size], r["cause"][:size]), [out])
    band = simultaneous(curve)
    assert (band.band_low <= curve.value + 1e-12).all()
    assert (band.band_high >= curve.value - 1e-12).all()


def test_net_survival_given_a_tenure_is_that_of_those_still_there(r: dict[str, Any]) -> None:
    made = table(r["exit"], r["cause"])
    whole, later = net_survival(made, ["moved"]), net_survival(made, ["moved"], given=6)
    assert later.value[6:] == pytest.approx(whole.value[6:] / whole.value[6])
    assert not later.others[:6].any()
