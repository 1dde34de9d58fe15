"""Survival and rates from intervals: against R, against Kaplan-Meier, and by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from stammkunde.draws import BLOCKS
from stammkunde.errors import DataError, NotObservedError, ParameterError
from stammkunde.survival.arrays import life_table_from
from stammkunde.survival.grouped import (
    grouped_rate,
    piecewise_rates,
    turnbull,
)
from stammkunde.survival.kaplan_meier import kaplan_meier
from tests.patience import examples
from tests.reference.stored import stored

FAR = np.inf
EXACT = {"rel": 1e-9, "abs": 1e-12}
# (begin, end, mass) as printed by R's interval package, Fay and Shaw (2010), J Stat Softw 36(2)
RADIATION = [
    *((4, 5, 0.0463), (6, 7, 0.0334), (7, 8, 0.0887), (11, 12, 0.0708)),
    *((24, 25, 0.0926), (33, 34, 0.0818), (38, 40, 0.1209), (46, 48, 0.4656)),
]


@pytest.fixture(scope="module")
def r() -> dict[str, Any]:
    return stored("turnbull.json")


def column(values: list[float | None]) -> np.ndarray:
    return np.array([FAR if v is None else v for v in values])


def people(seed: int, size: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return entry, exit and left of customers who leave at .08 a month."""
    rng = np.random.default_rng(seed)
    entry = rng.integers(0, 5, size)
    stay, seen = entry + rng.geometric(0.08, size), entry + rng.integers(1, 20, size)
    return entry, np.minimum(stay, seen), stay <= seen


def by_unit(exit_: np.ndarray, left: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.where(left, exit_ - 1, exit_), np.where(left, exit_, FAR)


def in_blocks(size: int, seed: int = 0) -> np.ndarray:
    """Return counts [256, size] of as many customers, each in some block."""
    counts = np.zeros((BLOCKS, size))
    counts[np.random.default_rng(seed).integers(0, BLOCKS, size), np.arange(size)] = 1
    return counts


def test_the_printed_masses_of_the_radiotherapy_patients(r):
    found = turnbull(column(r["rad.left"]), column(r["rad.right"]))
    assert list(zip(found.begin, found.end, found.mass.round(4), strict=True)) == RADIATION


def test_the_curve_is_rs_and_that_of_turnbulls_own_steps(r):
    found = turnbull(column(r["rad.left"]), column(r["rad.right"]))
    times = np.array(r["rad.time"], dtype=int)
    assert found.highest[times] == pytest.approx(r["rad.survival"], **EXACT)
    # R's survfit puts masses in the middle of their intervals, and stops its steps early: its own
    # curve lies 3e-4 off the one that its steps lead to
    half, steps = np.array(r["rad.survfit.time"]), np.array(r["rad.survfit"])
    at = half.astype(int)
    known = (half == at) & (found.lowest == found.highest)[at]
    assert known.sum() > 10
    assert found.value[at[known]] == pytest.approx(steps[known], abs=5e-4)


def test_delayed_entry_agrees_with_ghosts_who_left_before(r):
    left, right, entry = (column(r[f"late.{n}"]) for n in ("left", "right", "entry"))
    found = turnbull(left, right, entry=entry)
    times = np.array(r["late.time"], dtype=int)
    assert found.highest[times] == pytest.approx(r["late.survival"], **EXACT)


def looks(r: dict[str, Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    start, end, risk, gone = (
        np.array(r[f"looks.{n}"], float) for n in ("from", "to", "risk", "gone")
    )
    stayed = risk - gone - np.append(risk[1:], 0)
    return np.append(start, end), np.append(end, [FAR] * 4), np.append(gone, stayed)


def test_rates_are_those_of_the_complementary_log_log_model(r):
    left, right, n = looks(r)
    found = grouped_rate(left, right, n)
    assert found.value == pytest.approx(r["looks.rate"][0], rel=1e-9)
    assert found.se == pytest.approx(r["looks.rate"][0] * r["looks.rate.log.se"][0], rel=1e-7)
    assert np.log(found.high / found.low) / 2 == pytest.approx(
        stats.norm.ppf(0.975) * r["looks.rate.log.se"][0], rel=1e-7
    )
    two = piecewise_rates(left, right, n, (3,))
    assert [e.value for e in two] == pytest.approx(r["looks.rates"], rel=1e-8)


def test_one_interval_by_hand():
    """3 of 12 leave within 4 units: S(4) = 3/4, so the rate is ln(4/3) / 4."""
    left, right, n = np.array([0, 4]), np.array([4, FAR]), np.array([3, 9])
    found = turnbull(left, right, n)
    assert found.at(4).value == pytest.approx(float(Fraction(3, 4)), rel=1e-12)
    assert found.highest.tolist()[:4] == [1, 1, 1, 1]
    assert found.lowest == pytest.approx([1, 0.75, 0.75, 0.75, 0.75], rel=1e-12)
    assert found.value == pytest.approx([1, 15 / 16, 14 / 16, 13 / 16, 0.75], rel=1e-12)
    assert found.rmst(4).value == pytest.approx(float(Fraction(58, 16)), rel=1e-12)
    rate = grouped_rate(left, right, n)
    assert rate.value == pytest.approx(np.log(4 / 3) / 4, rel=1e-12)
    assert (rate.events, rate.persons) == (3, 12)
    # exact limits of a count of 3 are .6187 and 8.7673
    assert rate.low / rate.value == pytest.approx(0.6186721 / 3, rel=1e-6)
    assert rate.high / rate.value == pytest.approx(8.7672731 / 3, rel=1e-6)


def test_overlapping_intervals_by_hand():
    """(0, 2] and (1, 3] share (1, 2]: both left in unit 2, and nobody elsewhere."""
    found = turnbull(np.array([0, 1]), np.array([2, 3]))
    assert (found.begin.tolist(), found.end.tolist(), found.mass.tolist()) == ([1], [2], [1])
    assert found.value.tolist() == [1, 1, 0, 0]


@given(st.integers(0, 10_000), st.booleans())
@settings(max_examples=examples(30), deadline=None)
def test_intervals_of_one_unit_give_kaplan_meier_limits_and_all(seed, late):
    entry, exit_, left = people(seed, 150)
    entry = entry if late else np.zeros_like(entry)
    curve = kaplan_meier(life_table_from(exit_, left, entry=entry), given=int(entry.min()))
    found = turnbull(*by_unit(exit_, left), entry=entry)
    reach = curve.observed_to + 1
    for name in ("value", "low", "high"):
        assert getattr(found, name)[:reach] == pytest.approx(getattr(curve, name), **EXACT)
    assert found.rmst(8).low == pytest.approx(curve.rmst(8).low, **EXACT)
    np.testing.assert_array_equal(found.lowest, found.highest)


def test_person_blocks_are_those_of_kaplan_meier():
    entry, exit_, left = people(3)
    counts = in_blocks(len(exit_))
    block = counts.argmax(axis=0)
    made = life_table_from(exit_, left, entry=entry, block=block)
    curve, found = (
        kaplan_meier(made, errors="blocks"),
        turnbull(*by_unit(exit_, left), counts, entry=entry),
    )
    assert found.low == pytest.approx(curve.low, rel=1e-8)
    assert found.rmst(12).se == pytest.approx(curve.rmst(12).se, rel=1e-8)
    draws = found.at(9).replicates.draws(3), curve.at(9).replicates.draws(3)
    assert draws[0] == pytest.approx(draws[1], rel=1e-8)
    assert float(found.at(9).replicates.se()) == pytest.approx(found.at(9).se, rel=1e-8)


def quarterly(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    entry, exit_, left = people(seed)
    begin = 3 * ((exit_ - left) // 3)
    keep = begin >= entry
    return begin[keep], np.where(left, begin + 3, FAR)[keep], entry[keep]


@given(st.integers(0, 10_000), st.permutations(range(6)))
@settings(max_examples=examples(20), deadline=None)
def test_order_and_counting_twice_change_nothing_but_the_error(seed, order):
    left, right, entry = quarterly(seed)
    found = turnbull(left, right, entry=entry)
    mixed = np.random.default_rng(order[0]).permutation(len(left))
    other = turnbull(left[mixed], right[mixed], entry=entry[mixed])
    assert other.value == pytest.approx(found.value, rel=1e-8, abs=1e-9)
    twice = turnbull(left, right, np.full(len(left), 2), entry=entry)
    assert twice.value == pytest.approx(found.value, rel=1e-8, abs=1e-9)
    assert twice.rmst(6).se == pytest.approx(found.rmst(6).se / 2**0.5, rel=1e-6)
    assert (found.lowest <= found.value + 1e-12).all()
    assert (found.value <= found.highest + 1e-12).all()
    assert (found.low <= found.lowest + 1e-9).all()
    assert (found.high >= found.highest - 1e-9).all()


def test_no_rates_near_the_best_fit_better():
    left, right, entry = quarterly(8)
    found = piecewise_rates(left, right, None, (4, 9), entry=entry)

    def value(rates: list[float]) -> float:
        through = lambda t: np.diff(np.minimum(t[:, None], [0, 4, 9, 1e9]), axis=1) @ rates  # noqa: E731
        gone = np.isfinite(right)
        within = through(np.where(gone, right, left)) - through(left)
        return float(
            np.log(-np.expm1(-within[gone])).sum() - (through(left) - through(entry)).sum()
        )

    best = [e.value for e in found]
    for j in range(3):
        for step in (0.999, 1.001):
            near = [b * (step if i == j else 1) for i, b in enumerate(best)]
            assert value(near) < value(best)


def test_what_cannot_be_known_has_a_reason():
    once = grouped_rate(np.zeros(30), np.full(30, 3.0))
    assert (once.value, once.high, once.reason) == (None, None, "all_left_at_once")
    beyond = piecewise_rates(np.array([0, 2]), np.array([1, FAR]), None, (5,))[1]
    assert (beyond.value, beyond.reason) == (None, "not_observed")
    nobody = grouped_rate(np.full(40, 5.0), np.full(40, FAR))
    assert (nobody.value, nobody.low) == (0, 0)
    assert nobody.high == pytest.approx(-np.log(0.025) / 200, rel=1e-9)
    few = np.zeros((BLOCKS, 8))
    few[:8, :] = np.eye(8)
    few = turnbull(np.arange(8), np.arange(8) + 2, few)
    assert (few.at(4).value, few.at(4).reason) == (None, "too_few_persons")
    rate = grouped_rate(np.arange(8), np.arange(8) + 2.0, few_counts())
    assert (rate.value, rate.low, rate.reason) == (None, None, "too_few_persons")


def few_counts() -> np.ndarray:
    counts = np.zeros((BLOCKS, 8))
    counts[:8, :] = np.eye(8)
    return counts


def test_one_customer_all_stay_and_all_leave_in_unit_one():
    one = turnbull(np.array([2]), np.array([5]))
    assert one.value == pytest.approx([1, 1, 1, 2 / 3, 1 / 3, 0])
    stay = turnbull(np.full(50, 6), np.full(50, FAR))
    assert stay.value.tolist() == [1] * 7
    assert 0.9 < stay.low[6] < 1
    assert stay.rmst(6).value == 6
    gone = turnbull(np.zeros(50), np.ones(50))
    assert gone.value.tolist() == [1, 0]
    assert 0 < gone.high[1] < 0.1
    for curve in (one, stay, gone):
        for name in ("value", "low", "high", "covariance"):
            assert np.isfinite(getattr(curve, name)).all()


def test_what_is_no_interval_is_refused():
    with pytest.raises(DataError, match=r"ends before it begins.*2 rows"):
        turnbull(np.array([3, 0, 2]), np.array([2, 4, 2]))
    with pytest.raises(DataError, match="a tenure is no whole unit"):
        turnbull(np.array([0.5]), np.array([2]))
    with pytest.raises(DataError, match="not equally long"):
        grouped_rate(np.array([0, 1]), np.array([2]))
    with pytest.raises(DataError, match="counts come in 3 blocks"):
        grouped_rate(np.array([0]), np.array([2]), np.ones((3, 1)))
    with pytest.raises(NotObservedError, match="nobody was at risk"):
        turnbull(np.array([4]), np.array([FAR]), entry=np.array([4]))
    with pytest.raises(ParameterError, match="cuts must ascend"):
        piecewise_rates(np.array([0]), np.array([2]), None, (3, 3))
    with pytest.raises(NotObservedError, match="month 9 was asked for"):
        turnbull(np.array([0]), np.array([2])).at(9)
    with pytest.raises(NotObservedError, match="horizon of at least 1"):
        turnbull(np.array([0]), np.array([2])).rmst(0)
