"""The smoothed hazard and months that stand out: by hand, beside R, what leaks and what not."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.survival.arrays import life_table_from
from stammkunde.survival.kaplan_meier import hazard
from stammkunde.survival.smooth import (
    best_bandwidth,
    kernel_weights,
    smooth_hazard,
    smoothed,
    spikes,
    stretches,
)
from stammkunde.survival.table import LifeTable
from tests.patience import examples
from tests.reference.stored import stored

TERM = np.concatenate([np.zeros(11), [0.2], np.full(24, 0.02)])


def table_of(exit_, left, **keys) -> LifeTable:
    """Return the life table of spells of as many persons, dealt to blocks in turn."""
    exit_ = np.asarray(exit_)
    block = np.arange(len(exit_)) % 256
    return life_table_from(exit_, np.asarray(left, int), block=block, **keys)


def expected(hazards: np.ndarray, size: int) -> LifeTable:
    """Return a table whose unit hazards are `hazards` but for rounding to whole customers."""
    there, exits, flags = size, [], []
    for unit, h in enumerate(hazards, 1):
        leavers = round(there * h)
        exits += [unit] * leavers
        flags += [1] * leavers
        there -= leavers
    exits += [len(hazards)] * there
    flags += [0] * there
    order = np.random.default_rng(1).permutation(len(exits))
    return table_of(np.array(exits)[order], np.array(flags)[order])


def test_local_lines_by_hand():
    """Two units to each side, weights 1, 8/9, 5/9: the first of a stretch by least squares."""
    k = [Fraction(1), Fraction(8, 9), Fraction(5, 9)]
    s0, s1, s2 = (sum(k[a] * a**p for a in range(3)) for p in range(3))
    own = [k[a] * (s2 - s1 * a) / (s0 * s2 - s1**2) for a in range(3)]
    assert own == [Fraction(63, 73), Fraction(20, 73), Fraction(-10, 73)]
    assert kernel_weights(9, [], 3)[0, :4] == pytest.approx([float(x) for x in own] + [0])
    inner = kernel_weights(9, [], 2)[4, 3:6]
    assert inner == pytest.approx([3 / 10, 4 / 10, 3 / 10]), "1 and twice 3/4, in parts of 5/2"


def test_smoothed_hazards_by_hand():
    """Ten customers, of whom 1, 2 and 1 leave: month 2 has .3, .4 and .3 of their hazards."""
    table = table_of([1, 2, 2, 3, 4, 4, 4, 4, 4, 4], [1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
    found = smooth_hazard(table, bandwidth=2).at(2)
    wanted = Fraction(3, 10) * Fraction(1, 10) + Fraction(4, 10) * Fraction(2, 9)
    wanted += Fraction(3, 10) * Fraction(1, 7)
    assert found.value == pytest.approx(float(wanted), rel=1e-12)
    spread = [(Fraction(3, 10), Fraction(1, 10), 10), (Fraction(4, 10), Fraction(2, 9), 9)]
    spread += [(Fraction(3, 10), Fraction(1, 7), 7)]
    variance = sum(w**2 * h * (1 - h) / n for w, h, n in spread)
    assert found.se == pytest.approx(float(variance) ** 0.5, rel=1e-12)
    assert found.unit == "hazard"


def test_smoothed_hazards_are_rs_local_lines():
    r = stored("bands.json")
    table = table_of(r["exit"], r["left"])
    curve = smooth_hazard(table, breaks=[8], bandwidth=4)
    place = [t for t in range(1, 16) if t != 8]
    assert curve.value[place] == pytest.approx(np.maximum(r["smooth.value"], 0), rel=1e-9)
    assert curve.se[place] == pytest.approx(r["smooth.se"], rel=1e-9)
    assert curve.value[8] == hazard(table).value[8] == pytest.approx(r["hazard"][7], rel=1e-12)


@settings(max_examples=examples(60), deadline=None)
@given(
    length=st.integers(1, 40),
    breaks=st.sets(st.integers(1, 45), max_size=6),
    bandwidth=st.integers(1, 15),
)
def test_weights_keep_lines_and_reach_over_no_break(length, breaks, bandwidth):
    weights = kernel_weights(length, sorted(breaks), bandwidth)
    units = np.arange(1, length + 1)
    assert weights.sum(axis=1) == pytest.approx(np.ones(length), abs=1e-9)
    assert weights @ (0.3 - 0.004 * units) == pytest.approx(0.3 - 0.004 * units, abs=1e-9)
    for t, s in np.argwhere(np.abs(weights) > 1e-12):
        assert abs(t - s) < bandwidth
        between = set(range(min(t, s) + 1, max(t, s) + 2)) & breaks
        assert t == s or not between
    parts = [p.tolist() for p in stretches(length, sorted(breaks))]
    assert [u for p in parts for u in p] == [u - 1 for u in units if u not in breaks]


def test_a_month_with_an_event_stays_what_it_is_and_leaks_nowhere():
    table = expected(TERM, 40_000)
    raw, kept = hazard(table), smooth_hazard(table, breaks=[12], bandwidth=5)
    assert kept.value[12] == raw.value[12] == 0.2
    assert [kept.low[12], kept.high[12]] == [raw.low[12], raw.high[12]]
    assert kept.value[1:12].tolist() == [0.0] * 11
    assert kept.value[13:] == pytest.approx(np.full(24, 0.02), abs=1e-4)
    across = smooth_hazard(table, bandwidth=5)
    assert across.value[11] > 0.03
    assert across.value[12] < 0.1
    assert across.value[13] > 0.04


def test_no_smoothing_is_the_hazard_itself():
    table = expected(TERM, 3000)
    one, two = hazard(table), smooth_hazard(table, bandwidth=1)
    for name in ("value", "low", "high", "se"):
        assert getattr(two, name)[1:] == pytest.approx(getattr(one, name)[1:], rel=1e-12), name
    assert (one.basis, two.basis, two.kind) == ("counted", "smoothed", "hazard")


def test_a_bandwidth_is_found_wide_where_nothing_happens_and_none_where_months_differ():
    level = np.full(36, 1000)
    rng = np.random.default_rng(4)
    flat = [best_bandwidth(level, rng.binomial(1000, 0.03, 36)) for _ in range(40)]
    rough = best_bandwidth(level, np.tile([10, 90], 18))
    assert np.median(flat) >= 8
    assert rough == 1
    assert best_bandwidth(level, np.full(36, 30), breaks=range(1, 37)) == 1


def test_the_noise_of_the_last_few_does_not_choose_the_bandwidth():
    many, rng = np.full(24, 20_000), np.random.default_rng(6)
    wave = 0.03 + 0.012 * np.sin(np.arange(24) * 1.2)
    d, n = rng.binomial(many, wave), np.concatenate([many, np.full(24, 12)])
    alone = best_bandwidth(many, d)
    assert alone <= 2
    found = [best_bandwidth(n, np.concatenate([d, rng.binomial(12, 0.03, 24)])) for _ in range(40)]
    assert set(found) == {alone}


def test_the_chosen_bandwidth_has_nearly_the_least_true_error_per_customer():
    """Thousands at first and few at last: what is estimated is the error weighed by them."""
    rng, n = np.random.default_rng(7), np.rint(4000 * 0.9 ** np.arange(36)).astype(int)
    truth = 0.02 + 0.05 * np.exp(-np.arange(36) / 4)
    lines = {b: kernel_weights(36, [], b) for b in (1, 2, 3, 4, 6, 8, 12, 16)}
    error = dict.fromkeys(lines, 0.0)
    chosen = []
    for _ in range(200):
        d = rng.binomial(n, truth)
        lost = {b: float(n @ (smoothed(n, d, w) - truth) ** 2) for b, w in lines.items()}
        error = {b: error[b] + lost[b] for b in lost}
        chosen.append(lost[best_bandwidth(n, d)])
    assert sum(chosen) < 1.25 * min(error.values())


def test_leave_outs_are_smoothed_with_the_same_weights():
    table = expected(TERM, 3000)
    curve = smooth_hazard(table, breaks=[12], bandwidth=4, errors="blocks")
    n, d = table.at_risk[0], table.moves[0].sum(axis=0)
    lines = kernel_weights(36, [12], 4)
    n, d = (a.sum(axis=0) - a[7] for a in (n, d))
    assert curve.replicates.leave_out[7, 1:] == pytest.approx(np.maximum(lines @ (d / n), 0))
    plain = smooth_hazard(table, breaks=[12], bandwidth=4)
    assert curve.se[14:30] == pytest.approx(plain.se[14:30], rel=0.25)


def test_without_leavers_under_the_kernel_the_upper_limit_is_exact_poisson():
    """Nobody of 100 left in month 5 or beside it: -ln(.025) times the largest weight by 100."""
    curve = smooth_hazard(table_of([9] * 100, [0] * 100), bandwidth=2)
    assert (curve.value[5], curve.low[5]) == (0, 0)
    assert curve.high[5] == pytest.approx(-np.log(0.025) * 0.4 / 100, rel=1e-9)


def test_few_leavers_under_equal_weights_have_exact_poisson_limits():
    """Two leavers, all weights alike: chi-square limits of a Poisson count."""
    table = table_of([2, 2] + [3] * 998, [1, 1] + [0] * 998)
    wide = smooth_hazard(table, bandwidth=10**6)
    weights = kernel_weights(3, [], 10**6)[1]
    assert weights == pytest.approx([1 / 3] * 3, rel=1e-6)
    low, high = stats.chi2.ppf(0.025, 4) / 2, stats.chi2.ppf(0.975, 6) / 2
    assert wide.low[2] == pytest.approx(low / 3000, rel=2e-3)
    assert wide.high[2] == pytest.approx(high / 3000, rel=5e-3)


@pytest.mark.parametrize("errors", ["greenwood", "blocks"])
@pytest.mark.parametrize(
    ("exit_", "left"),
    [([3], [1]), ([3], [0]), ([6] * 40, [0] * 40), ([1] * 40, [1] * 40), ([2, 5, 5] * 9, [1] * 27)],
    ids=["one leaves", "one stays", "all stay", "all leave in month 1", "all leave"],
)
def test_extremes_have_finite_limits_or_a_reason(exit_, left, errors):
    curve = smooth_hazard(table_of(exit_, left), errors=errors)
    found = [curve.at(t) for t in range(1, curve.observed_to + 1)]
    known = errors == "greenwood" or len(exit_) >= 10
    for e in found:
        if known:
            assert 0 <= e.low <= e.value <= e.high <= 1
        else:
            assert (e.value, e.reason) == (None, "too_few_persons")
    assert spikes(table_of(exit_, left)) == ()


def test_delayed_entry_smooths_what_was_seen():
    entry, exit_ = np.repeat(4, 200), np.tile([5, 6, 7, 8, 9], 40)
    table = table_of(exit_, np.tile([1, 0, 1, 0, 1], 40), entry=entry)
    with pytest.raises(NotObservedError, match="`given=4`"):
        smooth_hazard(table)
    curve = smooth_hazard(table, given=4, bandwidth=3)
    moved = smooth_hazard(table_of(exit_ - 4, np.tile([1, 0, 1, 0, 1], 40)), bandwidth=3)
    assert curve.value[5:] == pytest.approx(moved.value[1:], rel=1e-12)
    assert curve.value[1:5].tolist() == [0] * 4


@pytest.mark.parametrize(
    ("asked", "said"), [({"breaks": [0]}, "no unit of time"), ({"bandwidth": 0}, "reaches nobody")]
)
def test_what_cannot_be_smoothed_is_refused(asked, said):
    with pytest.raises(ParameterError, match=said):
        smooth_hazard(expected(TERM, 100), **asked)


def test_all_months_that_stand_out_are_found():
    hazards = np.full(40, 0.02)
    hazards[[11, 12, 23, 29]] = [0.2, 0.08, 0.15, 0.06]
    assert spikes(expected(hazards, 20_000)) == (12, 13, 24, 30)


def test_a_step_a_slope_and_a_hump_are_no_spikes():
    step = np.repeat([0.05, 0.01], 18)
    slope = np.linspace(0.08, 0.01, 36)
    hump = 0.02 + 0.02 * np.exp(-(((np.arange(36) - 15) / 6) ** 2))
    for hazards in (step, step[::-1], slope, hump):
        assert spikes(expected(hazards, 100_000)) == ()


def test_a_spike_needs_more_than_chance():
    """Among 60 customers 3 of 50 leaving beside 1 in 12 months before and after is chance."""
    hazards = np.full(24, 0.002)
    hazards[11] = 0.05
    assert spikes(expected(hazards, 60)) == ()
    assert spikes(expected(hazards, 6000)) == (12,)


def test_a_spike_of_one_block_is_not_beyond_chance_where_persons_come_back():
    rng = np.random.default_rng(3)
    exit_ = np.minimum(rng.geometric(0.02, 4000), 24)
    left = (rng.random(4000) < 0.5) & (exit_ < 24)
    block = rng.integers(0, 256, 4000)
    exit_[block == 9] = 12
    exit_[:60], block[:60], left[:60] = 12, 9, True
    heads = np.bincount(block, minlength=256)
    several = life_table_from(exit_, left.astype(int), block=block, persons=np.minimum(heads, 9))
    one = life_table_from(exit_, left.astype(int), block=block)
    assert several.repeats
    assert spikes(one) == (12,)
    assert spikes(several) == ()


def test_a_spike_asks_for_neighbours():
    with pytest.raises(ParameterError, match="neighbours within 0"):
        spikes(expected(TERM, 100), reach=0)
