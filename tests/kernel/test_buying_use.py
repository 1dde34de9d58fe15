"""What a model of buying is used for: hold-outs, the course of purchases, alerts by money."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stammkunde.errors import DataError, NotObservedError, ParameterError
from stammkunde.survival.buying import (
    BgNbd,
    Histories,
    Stakes,
    alert,
    alive_persons,
    alive_share,
    bg_nbd,
    buying_chances,
    chances,
    gamma_gamma,
    histories_from,
    money_ahead,
    out_of_rhythm,
    pairs_by_chance,
    pairs_by_purchases,
    purchases_ahead,
    silent,
    spend_per_purchase,
    timeline_from,
    tracked,
    trade_off,
    verdict,
)
from stammkunde.survival.buying.alert import NOBODY_CONTACTED
from stammkunde.survival.buying.bgnbd import NO_REPEATS
from stammkunde.survival.curve import TOO_FEW_PERSONS
from tests.kernel.buying import cdnow, cdnow_timeline

STAKES = Stakes(false_alarm=2.0, save=6.0)


@pytest.fixture(scope="module")
def sample() -> Histories:
    return cdnow()


@pytest.fixture(scope="module")
def fit(sample: Histories) -> BgNbd:
    return bg_nbd(sample)


@pytest.fixture(scope="module")
def nothing() -> Histories:
    every = np.zeros(50, dtype=int)
    return histories_from(every, every, every + 30, later=every, holdout=30)


def test_cumulative_repeat_purchases_of_cdnow_to_week_78(fit):
    """From week 0 to week 78 within 5 %; the error of weeks 40 to 78 alone is printed."""
    course = tracked(fit, cdnow_timeline())
    whole, ahead = course.whole.value - 1, course.ahead.value - 1
    print(f"CDNOW: weeks 0-78 {whole:+.1%}, weeks 40-78 alone {ahead:+.1%}")
    assert (course.at[0], course.at[-1], course.until) == (0, 78, 39)
    assert abs(whole) < 0.05
    assert course.observed[[0, 39, -1]].tolist() == [0, 2457, 4339]
    assert np.all(np.diff(course.expected) > 0)
    assert np.all(course.low <= course.expected)
    assert np.all(course.expected <= course.high)
    assert course.whole.value == pytest.approx(course.expected[-1] / 4339)
    later = course.expected[-1] - course.expected[39]
    assert course.ahead.value == pytest.approx(later / (4339 - 2457))
    assert len(course.to_frame()) == 79


def test_the_course_of_one_who_begins_later_is_that_of_a_newcomer(fit):
    """Two persons, 70 days apart: what they should have bought is a sum of two."""
    starts, repeats = np.zeros(141, dtype=int), np.zeros(141, dtype=int)
    starts[[0, 70]], repeats[30] = 1, 1
    course = tracked(fit, timeline_from(starts, repeats, 100), step=1 / 7)
    alone = tracked(
        fit, timeline_from(np.where(np.arange(141) == 0, 1, 0), repeats, 100), step=1 / 7
    )
    moved = np.concatenate([np.zeros(70), alone.expected[: len(alone.expected) - 70]])
    assert course.expected == pytest.approx(alone.expected + moved, rel=1e-9)
    assert course.ahead.reason == NO_REPEATS
    coarse = tracked(fit, timeline_from(starts, repeats, 100), step=10.0)
    assert coarse.at.tolist() == [0, 10, 20]


def test_a_timeline_of_something_else_is_refused():
    one = np.ones(5, dtype=int)
    for starts, repeats in ((one, one), (one[:4], one), (one * 0.5, one)):
        with pytest.raises(DataError, match="no purchases by day"):
            timeline_from(starts, repeats, 3)


def test_purchases_in_the_hold_out_of_cdnow_by_those_before(sample, fit):
    """The same persons and purchases in pairs as in all; expected rise with those before."""
    pairs = pairs_by_purchases(fit, sample)
    assert [p.first for p in pairs] == list(range(8))
    assert (pairs[-1].last, sum(p.persons for p in pairs)) == (29, 2357)
    means = [(p.persons * p.expected.value, p.persons * p.observed.value) for p in pairs]
    expected, observed = (sum(m) for m in zip(*means, strict=True))
    assert expected == pytest.approx(purchases_ahead(fit, sample, 39).value, rel=1e-9)
    assert observed == pytest.approx(1882, rel=1e-12)
    values = [p.expected.value for p in pairs]
    assert values == sorted(values)
    for p in pairs:
        assert p.observed.low < p.observed.value < p.observed.high
        assert p.expected.low < p.expected.value < p.expected.high


def test_chances_to_buy_in_the_hold_out_of_cdnow(sample, fit):
    pairs = pairs_by_chance(fit, sample, bins=5)
    assert sum(p.persons for p in pairs) == 2357
    came = sum(p.persons * p.observed.value for p in pairs)
    assert came == pytest.approx(sample.count[sample.later > 0].sum())
    expected = [p.expected.value for p in pairs]
    assert expected == sorted(expected)
    # who seems likeliest to buy, does so far more often than who seems least likely to
    assert pairs[-1].observed.low > 2 * pairs[0].observed.high
    assert all(p.first <= p.expected.value <= p.last for p in pairs)


def test_a_chance_to_buy_by_hand(sample, fit):
    """r + x at the rate alpha + T: ((alpha + T) / (alpha + T + t)) to the r + x is silence."""
    r, alpha = fit.r.value, 7 * fit.alpha.value
    i = int(np.flatnonzero(sample.x == 4)[0])
    end = alpha + sample.length[i]
    wanted = chances(fit, sample)[i] * (1 - (end / (end + 273)) ** (r + 4))
    assert buying_chances(fit, sample)[i] == pytest.approx(wanted, rel=1e-12)


def test_without_a_hold_out_or_a_fit_nothing_is_compared(sample, fit, nothing):
    bare = replace(sample, later=None, holdout=0)
    for pairs in (pairs_by_purchases, pairs_by_chance):
        with pytest.raises(NotObservedError, match="hold-out"):
            pairs(fit, bare)
        with pytest.raises(NotObservedError, match="fitted model"):
            pairs(bg_nbd(nothing), nothing)
    with pytest.raises(ParameterError, match="bins"):
        pairs_by_chance(fit, sample, bins=0)
    with pytest.raises(NotObservedError, match="no verdict"):
        verdict(bare, silent(bare, 90))
    for use in (lambda f: alert(f, sample, STAKES), lambda f: tracked(f, cdnow_timeline())):
        with pytest.raises(NotObservedError, match="no fitted model"):
            use(bg_nbd(nothing))
    assert np.isnan(buying_chances(bg_nbd(nothing), nothing)).all()


def test_few_purchases_in_a_bin_have_exact_limits(fit):
    h = histories_from(
        np.array([0, 1]), np.array([0, 70]), np.array([200, 200]),
        count=np.array([100, 20]), later=np.array([0, 0]), holdout=70,
    )  # fmt: skip
    none, few = pairs_by_purchases(fit, h)
    assert (none.observed.value, none.observed.low) == (0, 0)
    # of none observed, the upper limit of a Poisson mean is -ln(.025)
    assert few.observed.high == pytest.approx(-np.log(0.025) / 20)


def test_the_threshold_follows_from_the_money(sample, fit):
    """Contact pays below 6 / (6 + 2); all other thresholds bring less."""
    told = alert(fit, sample, STAKES)
    p = chances(fit, sample)
    assert told.threshold == 0.75
    assert told.contacted == sample.count[p < 0.75].sum()
    each = sample.count * ((1 - p) * 6 - p * 2)
    assert told.gain.value == pytest.approx(each[p < 0.75].sum(), rel=1e-9)
    assert told.gain_each.value == pytest.approx(told.gain.value / told.contacted)
    assert told.gain.low < told.gain.value < told.gain.high
    others = trade_off(fit, sample, STAKES)
    assert max(a.gain.value for a in others) <= told.gain.value
    assert told.gain.value == pytest.approx(each[each > 0].sum(), rel=1e-9)


def test_a_trade_off_catches_more_and_bothers_more(sample, fit):
    found = trade_off(fit, sample, STAKES, thresholds=(0.2, 0.5, 0.8, 1.01), silent_days=(90, 180))
    for name in ("caught", "bothered"):
        values = [getattr(a, name).value for a in found[:4]]
        assert values == sorted(values)
    for every in (found[3].caught, found[3].bothered):
        assert (every.value, every.low, every.high) == pytest.approx((1.0, 1.0, 1.0), rel=1e-12)
    gone = found[3].gone.value * found[3].persons
    alive = alive_persons(fit, sample).value
    assert gone + alive == pytest.approx(sample.persons, rel=1e-9)
    # at the same number of contacts a rule of silence catches fewer
    assert [a.name for a in found[4:]] == ["90 days", "180 days"]
    assert all(a.bothered.value > 0.5 for a in found[4:])
    (none,) = trade_off(fit, sample, STAKES, thresholds=(0.0,))
    assert (none.contacted, none.gain.value, none.gain.reason) == (0, None, NOBODY_CONTACTED)


def test_stakes_scale_gains_and_nothing_else(sample, fit):
    once, tenfold = alert(fit, sample, STAKES), alert(fit, sample, Stakes(20.0, 60.0))
    assert tenfold.contacted == once.contacted
    assert tenfold.gain.low == pytest.approx(10 * once.gain.low, rel=1e-9)
    with pytest.raises(ParameterError, match="stakes"):
        Stakes(false_alarm=0, save=5)


def test_verdicts_by_hand():
    """Four kinds of ten persons: silent for 25, 5, 25 and 5 days; the first two buy later."""
    x, t_x = np.array([1, 2, 1, 1]), np.array([5, 25, 5, 25])
    h = histories_from(
        x, t_x, np.full(4, 30), count=np.array([10, 20, 30, 40]),
        later=np.array([1, 3, 0, 0]), holdout=30,
    )  # fmt: skip
    found = verdict(h, silent(h, 20))
    assert (found.declared, found.persons) == (40, 100)
    shares = found.gone.value, found.there.value, found.all.value
    assert shares == pytest.approx((10 / 40, 40 / 60, 50 / 100))
    assert (found.gone.events, found.gone.persons) == (10, 40)


def test_a_rhythm_is_ones_own():
    """Gaps of 5, 25 and, of who has none, the mean of all: (10 + 25) / 3."""
    h = histories_from(np.array([2, 1, 0]), np.array([10, 25, 0]), np.array([30, 50, 30]))
    order = np.argsort(h.x)
    assert h.x[order].tolist() == [0, 1, 2]
    assert out_of_rhythm(h, 3.0)[order].tolist() == [False, False, True]
    assert out_of_rhythm(h, 2.5)[order].tolist() == [True, False, True]
    assert out_of_rhythm(h, 0.9)[order].tolist() == [True, True, True]


def test_on_cdnow_the_model_tells_better_than_the_rule_who_will_not_buy(sample, fit):
    """Both say who buys nothing in the next 273 days; the model is wrong about fewer."""
    model = verdict(sample, buying_chances(fit, sample) < 0.5)
    rule = verdict(sample, silent(sample, 180))
    rhythm = verdict(sample, out_of_rhythm(sample, 3.0))
    for name, found in (("model", model), ("180 days", rule), ("rhythm", rhythm)):
        print(f"{name}: wrongly gone {found.gone.value:.3f}, wrongly there "
              f"{found.there.value:.3f}, wrong {found.all.value:.3f}")  # fmt: skip
    assert model.all.value < min(rule.all.value, rhythm.all.value)


def test_of_nobody_nothing_is_told(sample, fit):
    nobody = sample.where(sample.x > 1000)
    spend = gamma_gamma(sample)
    told = (
        *(use(fit, nobody) for use in (alive_share, alive_persons)),
        purchases_ahead(fit, nobody, 39),
        money_ahead(fit, spend, nobody, 39),
        spend_per_purchase(spend, nobody),
        verdict(nobody, silent(nobody, 90)).all,
    )
    assert {(e.value, e.reason) for e in told} == {(None, TOO_FEW_PERSONS)}
    assert pairs_by_purchases(fit, nobody) == pairs_by_chance(fit, nobody) == ()
    assert alert(fit, nobody, STAKES).gain.reason == NOBODY_CONTACTED
