"""What knowing some assumptions is worth: closed forms, two loops of brute force, and laws."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from stammkunde.errors import ParameterError
from stammkunde.policy.decide import evppi, evppi_of_each, league, normal_evpi
from tests.policy.decide.worlds import NAMES, bend_worth, bent, linear, of, product

DRAWS = 5000


Value = Callable[[float, np.ndarray], np.ndarray]


def by_two_loops(
    value: Value, rng: np.random.Generator, outer: int = 1500, inner: int = 1500
) -> tuple[float, float]:
    """Return E max E[value | known] - max E value, and its error, without any smoothing."""
    known = rng.standard_normal(outer)
    inside = np.array([value(x, rng.standard_normal(inner)).mean(axis=0) for x in known])
    gains = inside.max(axis=1) - inside[:, inside.mean(axis=0).argmax()]
    return float(gains.mean()), float(gains.std() / np.sqrt(outer))


def test_linear_and_normal_it_is_the_formula() -> None:
    values, first, second = linear(np.random.default_rng(11), DRAWS)
    for known, sd in ((first, 6), (np.column_stack([first, second]), 10)):
        found = evppi(values, known, NAMES)
        assert abs(of(found.value).value - normal_evpi(4, sd)) < 3.5 * of(found.value).se
        assert of(found.value).se < 0.12
        assert found.is_clear


def test_two_loops_agree_where_it_is_linear_and_where_it_is_bent() -> None:
    rng = np.random.default_rng(12)

    def straight(x: float, rest: np.ndarray) -> np.ndarray:
        return np.column_stack([0 * rest, 4 + 6 * x + 8 * rest])

    def bend(x: float, rest: np.ndarray) -> np.ndarray:
        return np.column_stack([1.5 + 0 * rest, x**2 + 3 * rest])

    cases: list[tuple[Value, float, tuple[np.ndarray, ...]]] = [
        (straight, float(normal_evpi(4, 6)), linear(rng, DRAWS)[:2]),
        (bend, bend_worth(1.5), bent(rng, DRAWS)),
    ]
    for value, truth, (values, known) in cases:
        brute, error = by_two_loops(value, rng)
        found = of(evppi(values, known, NAMES).value)
        assert abs(brute - truth) < 3.5 * error
        assert abs(found.value - truth) < 3.5 * found.se
        assert abs(found.value - brute) < 3.5 * np.hypot(found.se, error)


def test_three_policies_bent_agree_with_an_integral() -> None:
    rng = np.random.default_rng(13)
    z, noise = rng.standard_normal((2, DRAWS))
    values = np.column_stack([0.5 + 0 * z, z + noise, z**2 - 1 + noise])
    grid = np.linspace(-9, 9, 200_001)
    best = np.max([0.5 + 0 * grid, grid, grid**2 - 1], axis=0)
    truth = np.trapezoid(best * stats.norm.pdf(grid), grid) - 0.5
    found = evppi(values, z, ["a", "b", "c"])
    assert abs(of(found.value).value - truth) < 3.5 * of(found.value).se
    assert of(found.value).se < 0.03


def test_two_that_only_matter_together() -> None:
    values, both = product(np.random.default_rng(14), DRAWS)
    found = evppi(values, both, NAMES)
    assert abs(of(found.value).value - 1 / np.pi) < 3.5 * of(found.value).se
    assert found.is_clear
    alone = evppi(values, both[:, 0], NAMES)
    assert of(alone.value).value < 0.02
    assert of(alone.value).low == 0


def test_assumptions_come_by_their_worth() -> None:
    values, first, second = linear(np.random.default_rng(22), 1000)
    idle = np.random.default_rng(23).random(1000)
    found = evppi_of_each(values, {"idle": idle, "first": first, "second": second}, NAMES)
    assert list(found) == ["second", "first", "idle"]
    assert found["first"] == evppi(values, first, NAMES, known="first")
    assert found["first"].value.estimand == "value of knowing first"
    assert [p.is_clear for p in found.values()] == [True, True, False]


def test_knowing_everything_is_worth_perfect_information() -> None:
    values, first, second = linear(np.random.default_rng(15), 2000)
    found = evppi(values, values[:, 1], NAMES)
    assert of(found.value).value == pytest.approx(found.evpi, rel=1e-3)
    both = evppi(values, np.column_stack([first, second]), NAMES)
    assert of(both.value).value == pytest.approx(both.evpi, rel=1e-2)


@pytest.mark.parametrize("seed", range(5))
def test_what_says_nothing_is_worth_nothing(seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    values, first, _ = linear(rng, 3000)
    found = evppi(values, rng.standard_normal(3000), NAMES)
    assert of(found.value).value < 0.01 * of(evppi(values, first, NAMES).value).value
    assert not found.is_clear


def test_among_equals_chance_is_told_from_knowledge() -> None:
    """Where two policies are level, smoothing noise alone seems worth something; it is said."""
    clear = 0
    for seed in range(12):
        rng = np.random.default_rng(200 + seed)
        level = np.column_stack([np.zeros(300), 10 * rng.standard_normal(300)])
        found = evppi(level, rng.standard_normal(300), NAMES)
        assert found.is_clear or of(found.value).low == 0
        clear += found.is_clear
    assert clear <= stats.binom.ppf(0.999, 12, 0.05)


def test_it_never_passes_perfect_information_and_one_never_two() -> None:
    for seed in range(3):
        values, first, second = linear(np.random.default_rng(300 + seed), 500)
        both = evppi(values, np.column_stack([first, second]), NAMES)
        one = evppi(values, first, NAMES)
        assert 0 <= of(one.value).value <= of(both.value).value <= both.evpi
        whole = league(values, NAMES, NAMES[0]).evpi
        assert whole.value == pytest.approx(one.evpi)
        assert of(one.value).low <= of(one.value).value <= of(one.value).high <= of(whole).high


def test_what_is_taken_off_is_what_wobble_flatters() -> None:
    """A straight line's noise lifts the larger of two by half its variance where they are level."""
    values, first, _ = linear(np.random.default_rng(24), 500)
    found = evppi(values, first, NAMES)
    level = -4 / 6
    variance = 8**2 / 500 * (1 + level**2)
    flattery = variance / 2 * stats.norm.pdf(level) / 6
    assert found.smoothed - of(found.value).value == pytest.approx(flattery, rel=0.4)


def test_only_the_order_of_an_assumption_counts() -> None:
    values, known = bent(np.random.default_rng(16), 1000)
    once = evppi(values, known, NAMES)
    assert evppi(values, np.log(known), NAMES) == once
    assert evppi(values, 5 * known**3 - 2, NAMES) == once


def test_policies_may_be_relabelled_and_money_scaled() -> None:
    values, known = bent(np.random.default_rng(17), 1000)
    once = of(evppi(values, known, NAMES).value).value
    turned = evppi(values[:, ::-1], known, NAMES[::-1]).value.value
    assert turned == once
    assert evppi(4 * values, known, NAMES).value.value == pytest.approx(4 * once, rel=1e-12)
    assert evppi(values + 77, known, NAMES).value.value == pytest.approx(once, rel=1e-9)


def test_an_assumption_of_few_levels_and_one_that_never_changes() -> None:
    rng = np.random.default_rng(18)
    yes = rng.integers(0, 2, DRAWS)
    values = np.column_stack([np.zeros(DRAWS), 4 * yes - 2 + rng.standard_normal(DRAWS)])
    found = of(evppi(values, yes, NAMES).value)
    # E max(0, +-2) = 1
    assert abs(found.value - 1) < 3.5 * found.se
    assert found.se < 0.04
    assert evppi(values, np.ones(DRAWS), NAMES).value.value == 0
    # what says the same twice says it once
    assert evppi(values, np.column_stack([yes, yes, 1 - yes]), NAMES).value.value == pytest.approx(
        found.value, abs=1e-3
    )


def test_a_single_policy_leaves_nothing_to_learn() -> None:
    rng = np.random.default_rng(19)
    found = evppi(rng.standard_normal((200, 1)), rng.standard_normal(200), ["none"])
    assert (of(found.value).value, found.evpi) == (0.0, 0.0)
    assert "<table" in found._repr_html_()


def test_too_few_draws_or_others_are_refused() -> None:
    values, known = bent(np.random.default_rng(20), 200)
    for wrong in (
        lambda: evppi(values[:50], known[:50], NAMES),
        lambda: evppi(values, known[:100], NAMES),
        lambda: evppi(values, known + np.nan, NAMES),
        lambda: evppi(values, known[:, None, None], NAMES),
        lambda: evppi(values, known, NAMES, level=0.0),
    ):
        with pytest.raises(ParameterError) as refused:
            wrong()
        assert refused.value.remedy


@pytest.mark.long
@pytest.mark.parametrize("world", ["linear", "bent"])
def test_over_many_samples_it_is_unbiased_and_its_error_right(world: str) -> None:
    rng = np.random.default_rng(21)
    truth = float(normal_evpi(4, 6)) if world == "linear" else bend_worth(1.5)
    found = []
    for _ in range(100):
        values, known = linear(rng, 2000)[:2] if world == "linear" else bent(rng, 2000)
        found.append(of(evppi(values, known, NAMES).value))
    at = np.array([f.value for f in found])
    bias, spread = at.mean() - truth, at.std(ddof=1)
    assert abs(bias) < max(3.5 * spread / np.sqrt(100), 0.1 * spread)
    covered = sum(f.low <= truth <= f.high for f in found)
    assert stats.binom.ppf(0.0005, 100, 0.95) <= covered <= stats.binom.ppf(0.9995, 100, 0.95)
