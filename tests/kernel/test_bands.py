"""Simultaneous bands: critical values, R's numbers, what a band may and may not say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from stammkunde.errors import ParameterError
from stammkunde.survival.arrays import life_table_from
from stammkunde.survival.bands import critical_value, simultaneous
from stammkunde.survival.curve import Curve, cut, ended
from stammkunde.survival.kaplan_meier import hazard, kaplan_meier
from tests.patience import examples
from tests.reference.stored import stored


@pytest.fixture(scope="module")
def r():
    return stored("bands.json")


def curve_of(exit_, left, errors=None, given=0, entry=None) -> Curve:
    """Return the curve of spells of as many persons, dealt to blocks in turn."""
    exit_ = np.asarray(exit_)
    block = np.arange(len(exit_)) % 256
    made = life_table_from(exit_, np.asarray(left, int), block=block, entry=entry)
    return kaplan_meier(made, errors=errors, given=given)


def limits(curve: Curve) -> tuple[np.ndarray, np.ndarray]:
    """Return the band's limits, which have to be shares that never rise."""
    low, high = curve.band_low, curve.band_high
    assert low is not None
    assert high is not None
    assert len(low) == len(high) == len(curve.value)
    assert np.isfinite([low, high]).all()
    assert (low >= 0).all()
    assert (high <= 1).all()
    assert (low <= curve.value + 1e-12).all()
    assert (curve.value <= high + 1e-12).all()
    assert (np.diff(low) <= 0).all()
    assert (np.diff(high) <= 0).all()
    assert low[0] == high[0] == 1
    return low, high


def test_the_critical_value_is_rs_by_another_integration(r):
    first, last = (int(x) for x in r["span"])
    variance = np.array(r["variance"])[first - 1 : last]
    for level in (90, 95, 99):
        found = critical_value(variance, level / 100)
        assert found == pytest.approx(r[f"critical.{level}"][0], abs=1e-6)
    # half a million drawn walks: three standard errors of their quantile
    assert critical_value(variance) == pytest.approx(r["critical.95.drawn"][0], abs=0.009)


def test_one_unit_needs_the_normal_quantile_and_two_the_bivariate_law():
    assert critical_value(np.array([0.02])) == pytest.approx(1.959963984540054, rel=1e-12)
    assert critical_value(np.array([0.02, 0.02])) == critical_value(np.array([0.02]))
    law = stats.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]])
    c = critical_value(np.array([0.01, 0.04]))
    both = law.cdf([c, c]) - 2 * law.cdf([c, -c]) + law.cdf([-c, -c])
    assert both == pytest.approx(0.95, abs=1e-6)


def test_units_far_apart_are_as_good_as_independent():
    sidak = stats.norm.ppf(0.5 + 0.95 ** (1 / 4) / 2)
    assert critical_value(10.0 ** np.arange(0, 40, 10)) == pytest.approx(sidak, abs=1e-6)


@pytest.mark.long
def test_ever_finer_units_tend_to_the_printed_law_of_every_instant(r):
    """Klein and Moeschberger print 2.8826 for a from .1 to .6 at 95 %, by Miller and Siegmund's
    approximation; the largest deviation at units falls short of it by .5826 of their spread."""
    assert r["instant.critical"][0] == pytest.approx(2.8826, abs=5e-5)
    names = ("low", "high", "level", "critical")
    for low, high, level, printed in zip(*(r[f"instant.{k}"] for k in names), strict=True):
        span = np.log(high * (1 - low) / (low * (1 - high)))
        count = int(span / 0.0105)
        c = critical_value(np.exp(np.linspace(0, span, count + 1)), level)
        assert c + 0.5826 * np.sqrt(span / count) == pytest.approx(printed, abs=0.008)


def test_very_fine_units_are_taken_together_on_the_safe_side():
    fine = np.exp(np.linspace(0, 1, 401))
    coarse = critical_value(fine[::5])
    assert coarse < critical_value(fine) < coarse * 1.04


def test_the_band_is_rs(r):
    first, last = (int(x) for x in r["span"])
    curve = simultaneous(curve_of(r["exit"], r["left"]), first=first, last=last)
    low, high = limits(curve)
    assert curve.value[1:] == pytest.approx(r["survival"], rel=1e-12)
    assert low[first : last + 1] == pytest.approx(r["low"], rel=1e-6)
    assert high[first : last + 1] == pytest.approx(r["high"], rel=1e-6)


def test_outside_its_range_a_band_says_what_a_curve_that_never_rises_allows(r):
    low, high = limits(simultaneous(curve_of(r["exit"], r["left"]), first=5, last=9))
    assert high[1:5].tolist() == [1.0] * 4
    assert low[1:5].tolist() == [low[5]] * 4
    assert high[10:].tolist() == [high[9]] * 6
    assert low[10:].tolist() == [0.0] * 6


def test_a_band_is_wider_than_pointwise_limits_and_narrower_over_fewer_units(r):
    curve = curve_of(r["exit"], r["left"])
    wide, narrow = (limits(simultaneous(curve, first=a, last=b)) for a, b in ((3, 13), (6, 9)))
    inside = slice(6, 10)
    assert (wide[0][inside] < narrow[0][inside]).all()
    assert (narrow[0][inside] < curve.low[inside]).all()
    assert (wide[1][inside] > narrow[1][inside]).all()
    assert (narrow[1][inside] > curve.high[inside]).all()


def test_person_blocks_agree_with_greenwood_where_everybody_has_one_spell():
    rng = np.random.default_rng(5)
    stay, seen = rng.geometric(0.04, 3000), rng.integers(1, 31, 3000)
    exit_, left = np.minimum(stay, seen), stay <= seen
    one, two = (simultaneous(curve_of(exit_, left, e)) for e in ("greenwood", "blocks"))
    widths = [np.subtract(*limits(c)[::-1])[3:25] for c in (one, two)]
    assert widths[1] == pytest.approx(widths[0], rel=0.2)


def test_cutting_a_curve_cuts_its_band(r):
    curve = simultaneous(curve_of(r["exit"], r["left"]))
    short = cut(curve, 7)
    assert short.band_low.tolist() == curve.band_low[:8].tolist()
    assert short.band_high.tolist() == curve.band_high[:8].tolist()
    assert {"band_low", "band_high"} <= set(short.to_frame().columns)
    last = ended(curve, 20)
    assert curve.at_risk[last.observed_to] < 20 <= curve.at_risk[last.observed_to - 1]


@pytest.mark.parametrize(
    ("exit_", "left"),
    [
        ([4], [1]),
        ([4], [0]),
        ([5] * 30, [0] * 30),
        ([1] * 30, [1] * 30),
        ([1, 2, 3, 9] + [9] * 30, [1, 1, 1, 1] + [0] * 30),
        ([1] * 29 + [2], [1] * 30),
        ([1] * 5 + [2], [1] * 6),
    ],
    ids=[
        "one leaves",
        "one stays",
        "all stay",
        "all leave in month 1",
        "four leave",
        "last",
        "few",
    ],
)
def test_few_customers_and_extremes_get_a_band_without_gaps(exit_, left):
    curve = curve_of(exit_, left)
    low, high = limits(simultaneous(curve))
    inner = slice(1, None)
    assert (low[inner] <= curve.low[inner]).all() or curve.events.sum() >= 5
    assert (high[inner] >= curve.high[inner]).all() or curve.events.sum() >= 5


def test_four_leavers_share_the_level_among_the_units():
    """Upper limits, by hand: nobody has left of n = 10 after 1 of 2 units, Clopper-Pearson at
    97.5 % for each unit: 1 - .0125^(1/10) leave at most."""
    curve = simultaneous(curve_of([2] * 10, [1] + [0] * 9))
    assert curve.band_low[1] == pytest.approx(0.0125 ** (1 / 10), rel=1e-9)
    assert (curve.band_high[1], curve.value[2]) == (1.0, 0.9)


def test_too_few_blocks_have_no_band():
    curve = kaplan_meier(life_table_from(np.arange(1, 31), np.ones(30, int)), errors="blocks")
    assert np.isnan(curve.value).all()
    assert simultaneous(curve).band_low is None


def test_blocks_that_are_all_alike_have_a_band_without_width():
    exit_ = np.tile([1, 2, 2, 3], 256)
    left = np.tile([1, 1, 0, 0], 256)
    made = life_table_from(exit_, left, block=np.repeat(np.arange(256), 4))
    curve = simultaneous(kaplan_meier(made, errors="blocks"), draws=200)
    assert curve.band_low[1] == pytest.approx(curve.value[1], rel=1e-9)


def test_a_band_of_those_who_passed_a_tenure_begins_behind_it():
    rng = np.random.default_rng(2)
    entry, exit_ = rng.integers(3, 6, 300), rng.integers(6, 20, 300)
    curve = simultaneous(curve_of(exit_, np.ones(300), given=5, entry=entry))
    low, _ = limits(curve)
    assert curve.value[5] == 1
    assert low[6] < 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"first": 0}, "month 0 to"),
        ({"last": 99}, "between 1 and 15"),
        ({"first": 9, "last": 5}, "the first before the last"),
    ],
)
def test_a_range_that_is_none_is_refused(r, asked, said):
    with pytest.raises(ParameterError, match=said):
        simultaneous(curve_of(r["exit"], r["left"]), **asked)


def test_a_band_needs_leavers_before_and_customers_after():
    with pytest.raises(ParameterError, match="somebody who has left by its first"):
        simultaneous(curve_of([2, 3, 4] * 9, [0, 1, 1] * 9), first=1)
    with pytest.raises(ParameterError, match="somebody who stays at its last"):
        simultaneous(curve_of([2, 3, 4] * 9, [1] * 27), last=4)
    with pytest.raises(ParameterError, match="a survival curve"):
        simultaneous(hazard(life_table_from(np.arange(1, 31), np.ones(30, int))))


@settings(max_examples=examples(30), deadline=None)
@given(data=st.data())
def test_any_curve_gets_a_band_that_never_rises_and_depends_on_no_order(data):
    size = data.draw(st.integers(1, 60))
    exit_ = np.array(data.draw(st.lists(st.integers(1, 12), min_size=size, max_size=size)))
    left = np.array(data.draw(st.lists(st.integers(0, 1), min_size=size, max_size=size)))
    curve = simultaneous(curve_of(exit_, left))
    limits(curve)
    order = np.array(data.draw(st.permutations(range(size))))
    again = simultaneous(curve_of(exit_[order], left[order]))
    np.testing.assert_array_equal(curve.band_low, again.band_low)
    np.testing.assert_array_equal(curve.band_high, again.band_high)
