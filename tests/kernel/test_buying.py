"""BG/NBD and gamma-gamma: published values, fractions, derivatives, identities, degenerate data."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import beta, hyp2f1

from stammkunde.survival.buying import (
    BgNbd,
    Histories,
    alive_share,
    bg_nbd,
    each_history,
    gamma_gamma,
    histories_from,
    money_ahead,
    purchases_ahead,
    spend_per_purchase,
)
from stammkunde.survival.buying.bgnbd import (
    terms_of,
)
from stammkunde.survival.buying.expected import from_start, still_there, to_come
from stammkunde.survival.buying.gamma_gamma import spend_terms
from stammkunde.survival.buying.histories import distinct
from tests.kernel.buying import cdnow
from tests.patience import examples

NAMES = ("r", "alpha", "a", "b", "rate", "chance")
PUBLISHED = np.log([[0.243, 4.414, 0.793, 2.426]])


@pytest.fixture(autouse=True)
def _warnings_are_errors() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture(scope="module")
def sample() -> Histories:
    return cdnow()


@pytest.fixture(scope="module")
def fit(sample: Histories) -> BgNbd:
    return bg_nbd(sample)


def values(fit: BgNbd) -> np.ndarray:
    return np.array([getattr(fit, n).value for n in NAMES], dtype=float)


def test_bg_nbd_of_cdnow_is_that_of_the_literature(sample, fit):
    """Fader, Hardie and Lee (2005), table 2; four digits by two other programs."""
    assert (sample.persons, sample.repeaters) == (2357, 946)
    assert values(fit)[:4] == pytest.approx([0.2426, 4.4136, 0.7929, 2.4259], abs=6e-5)
    assert fit.log_likelihood == pytest.approx(-9582.43, abs=0.005)


def test_gamma_gamma_of_cdnow_is_that_of_the_literature(sample):
    """Fader and Hardie (2013); amounts are those of the sample, not means rounded to cents."""
    spend = gamma_gamma(sample)
    found = [spend.p.value, spend.q.value, spend.gamma.value]
    assert found == pytest.approx([6.249, 3.745, 15.448], rel=5e-4)
    assert spend.log_likelihood == pytest.approx(-4055.92, abs=0.01)
    assert (spend.persons, spend.left_out) == (946, 0)
    assert spend.with_rate == pytest.approx(0.114, abs=5e-4)


def test_chances_and_purchases_are_those_of_the_literature():
    """Customer 1 of the sample: x 2, t_x 30.43, T 38.86; by the hypergeometric formula."""
    x, t_x, length = np.array([2]), np.array([30.43]), np.array([38.86])
    r, alpha, a, b = np.exp(PUBLISHED[0])
    assert still_there(PUBLISHED, x, t_x, length)[0, 0] == pytest.approx(
        1 / (1 + a / (b + 1) * ((alpha + 38.86) / (alpha + 30.43)) ** (r + 2)), rel=1e-12
    )
    expected = to_come(PUBLISHED, x, length, 39.0) * still_there(PUBLISHED, x, t_x, length)
    assert expected[0, 0] == pytest.approx(1.226, abs=5e-4)


@given(
    st.floats(0.05, 5), st.floats(0.5, 80), st.floats(0.05, 4), st.floats(0.3, 20),
    st.integers(0, 60), st.floats(0, 200), st.floats(0.1, 300),
)  # fmt: skip
@settings(max_examples=examples(150), deadline=None)
def test_purchases_to_come_are_their_integral(r, alpha, a, b, x, length, ahead):
    """By an adaptive quadrature that knows nothing of the rule used."""
    reach = ahead / (alpha + length)

    def each(p: float) -> float:
        if p < 1e-12:
            return (r + x) * reach
        return float(-np.expm1(-(r + x) * np.log1p(p * reach)) / p)

    # in two parts, or it would miss the bend near 0
    cut = min(0.5, 5 / ((r + x) * reach))
    low, _ = quad(
        lambda p: each(p) * (1 - p) ** (b + x - 1), 0, cut,
        weight="alg", wvar=(a - 1, 0), epsrel=1e-9, limit=200,
    )  # fmt: skip
    high, _ = quad(
        lambda p: each(p) * p ** (a - 1), cut, 1,
        weight="alg", wvar=(0, b + x - 1), epsrel=1e-9, limit=200,
    )  # fmt: skip
    found = to_come(np.log([[r, alpha, a, b]]), np.array([x]), np.array([length]), ahead)
    assert found[0, 0] == pytest.approx((low + high) / beta(a, b + x), rel=5e-6)


@pytest.mark.parametrize(("x", "length", "ahead"), [(0, 30, 39), (2, 38, 39), (29, 39, 39)])
def test_purchases_to_come_are_the_published_formula(x, length, ahead):
    """Fader, Hardie and Lee (2005), equation 10, where it has no pole and does not cancel."""
    r, alpha, a, b = np.exp(PUBLISHED[0])
    end = alpha + length
    part = hyp2f1(r + x, b + x, a + b + x - 1, ahead / (end + ahead))
    wanted = (a + b + x - 1) / (a - 1) * (1 - (end / (end + ahead)) ** (r + x) * part)
    found = to_come(PUBLISHED, np.array([x]), np.array([length]), ahead)
    assert found[0, 0] == pytest.approx(wanted, rel=1e-11)


@pytest.mark.parametrize("weeks", [1, 39, 78, 500])
def test_purchases_of_a_newcomer_are_the_published_formula(weeks):
    """Fader, Hardie and Lee (2005), equation 9."""
    r, alpha, a, b = np.exp(PUBLISHED[0])
    part = hyp2f1(r, b, a + b - 1, weeks / (alpha + weeks))
    wanted = (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + weeks)) ** r * part)
    assert from_start(PUBLISHED, np.array([weeks]))[0, 0] == pytest.approx(wanted, rel=1e-11)


def test_by_hand():
    """All parameters 1: one repeat purchase at 1, seen for 3; L 5/32, still there 1/5.

    Expected from the start is ln(1 + t), a case in which the published formula divides by 0;
    of who is still there after x 1 and T 3, in the next 4, it is 2 ln 2.
    """
    one = np.zeros((1, 4))
    h = histories_from(np.array([1, 0]), np.array([1, 0]), np.array([3, 3]))
    terms, _ = terms_of(h, 1.0)
    assert terms(one[0])[0] == pytest.approx([log(1 / 4), log(5 / 32)])
    assert still_there(one, h.x, h.t_x, h.length)[0] == pytest.approx([1.0, 0.2])
    assert from_start(one, np.array([1.0, 5.0]))[0] == pytest.approx([log(2), log(6)], rel=1e-12)
    there = to_come(one, np.array([1]), np.array([3]), 4.0)[0, 0]
    assert there == pytest.approx(2 * log(2), rel=1e-12)


def test_gamma_gamma_by_hand():
    """p 1, q 2, gamma 1: one repeat purchase of 1 has the density 1/4."""
    h = histories_from(*(np.array([1]) for _ in range(3)), spent=np.array([1]))
    terms, _ = spend_terms(h, 1.0)
    assert terms(np.log([1.0, 2.0, 1.0]))[0] == pytest.approx([log(1 / 4)])


@pytest.mark.parametrize("at", [(-1.0, 0.2, -0.3, 0.7), (0.5, -1.0, 1.0, 2.0)])
def test_derivatives_are_those_of_differences(sample, at):
    models = ((terms_of(sample, 250.0)[0], 4), (paid_terms(sample), 3))
    for terms, size in models:
        here = np.array(at[:size])
        _, score, curved = terms(here)
        for i, step in enumerate(1e-5 * np.eye(size)):
            above, below = terms(here + step), terms(here - step)
            assert (above[0] - below[0]) / 2e-5 == pytest.approx(score[:, i], abs=1e-5, rel=1e-6)
            assert (above[1] - below[1]) / 2e-5 == pytest.approx(curved[:, i], abs=1e-5, rel=1e-6)


def paid_terms(h: Histories):
    assert h.spent is not None
    return spend_terms(h.where((h.x > 0) & (h.spent > 0)), 3500.0)[0]


def test_leave_outs_are_fits_without_the_block(sample, fit):
    """One Newton step against a fit of its own, to a hundredth of the error of the parameters."""
    moves = fit.moves
    se = moves.replicates().se()
    for block in (0, 77, 201):
        assert block in sample.block
        alone = bg_nbd(sample.where(sample.block != block)).moves.at
        assert np.abs(moves.leave_out[block] - alone) / se == pytest.approx(0, abs=2e-3)


def test_draws_spread_as_the_errors_say(fit):
    draws = fit.moves.replicates().draws(4000)
    assert draws.std(axis=0) / fit.moves.replicates().se() == pytest.approx(1, abs=0.1)
    assert fit.rate.replicates.draws(4000).std() / fit.rate.se == pytest.approx(1, abs=0.1)


def test_the_order_of_persons_and_counting_them_together_change_nothing(sample, fit):
    turned = sample.where(np.random.default_rng(5).permutation(len(sample.x)))
    assert values(bg_nbd(turned)) == pytest.approx(values(fit), rel=1e-9)
    part = np.arange(len(sample.x)) % 3 == 0
    both = sample.where(part) + sample.where(~part)
    assert both.to_frame().equals(sample.to_frame())


def test_twice_the_persons_have_half_the_variance(sample, fit):
    plain = histories_from(sample.x, sample.t_x, sample.length, count=sample.count)
    once, twice = bg_nbd(plain), bg_nbd(plain + plain)
    assert values(twice) == pytest.approx(values(once), rel=1e-8)
    for name in NAMES:
        ratio = getattr(twice, name).se / getattr(once, name).se
        assert ratio == pytest.approx(np.sqrt(0.5), rel=1e-5)
    # in blocks of their own, the copies halve the jackknife's variance too
    half = sample.where(sample.block < 128)
    copy = histories_from(half.x, half.t_x, half.length, count=half.count, block=half.block + 128)
    only = histories_from(half.x, half.t_x, half.length, count=half.count, block=half.block)
    ratio = bg_nbd(only + copy).rate.se / bg_nbd(only).rate.se
    assert ratio == pytest.approx(np.sqrt(0.5), rel=0.01)


def test_other_units_scale_alpha_and_nothing_else(sample, fit):
    days = bg_nbd(sample.in_units("day"))
    assert days.alpha.value == pytest.approx(7 * fit.alpha.value, rel=1e-12)
    assert days.rate.value == pytest.approx(fit.rate.value / 7, rel=1e-12)
    for name in ("r", "a", "b", "chance"):
        assert getattr(days, name).value == getattr(fit, name).value
    later = purchases_ahead(days, sample, 70), purchases_ahead(fit, sample, 10)
    assert later[0].value == pytest.approx(later[1].value, rel=1e-12)
    assert later[0].high == pytest.approx(later[1].high, rel=1e-9)
    gain = sample.repeats * log(7)
    assert days.log_likelihood == pytest.approx(fit.log_likelihood - gain, rel=1e-12)


@given(
    st.lists(
        st.tuples(*(st.integers(-(10**k), 10**k) for k in (0, 3, 12, 15))), min_size=1, max_size=30
    )
)
@settings(max_examples=examples(100), deadline=None)
def test_different_rows_are_found_however_wide_their_numbers(rows):
    columns = np.array(rows, dtype=np.int64).T
    first, place = distinct(*columns)
    found = columns[:, first]
    assert np.array_equal(found[:, place], columns)
    assert len(np.unique(columns, axis=1).T) == len(first)


def test_totals_add_up_over_groups(sample, fit):
    again = sample.x > 0
    parts = [purchases_ahead(fit, sample.where(w), 39).value for w in (again, ~again)]
    assert sum(parts) == pytest.approx(purchases_ahead(fit, sample, 39).value, rel=1e-12)
    assert alive_share(fit, sample.where(~again)).value == 1.0
    rows = each_history(fit, sample, 39)
    assert rows["ahead"] @ rows["count"] == pytest.approx(sum(parts), rel=1e-12)


def test_money_is_purchases_times_spend(sample, fit):
    spend = gamma_gamma(sample)
    rows = each_history(fit, sample, 39, spend)
    money = money_ahead(fit, spend, sample, 39)
    assert money.value == pytest.approx((rows["ahead"] * rows["spend"]) @ rows["count"], rel=1e-12)
    assert money.low < money.value < money.high
    mean = spend_per_purchase(spend, sample)
    assert mean.value == pytest.approx(rows["spend"] @ rows["count"] / sample.persons, rel=1e-12)
    assert 30 < mean.low < mean.high < 40
