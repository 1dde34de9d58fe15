"""Money times a factor is every euro of a decision times it; chances, turns and months stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from stammkunde.policy.decide import (
    acceptability,
    breakeven_lift,
    evppi_of_each,
    evsi_from_draws,
    evsi_of_results,
    newcomer_value,
    normal_best,
    normal_evpi,
    normal_evsi,
    normal_regret,
    pilot_results,
    tornado,
    tornado_of_draws,
    two_way,
)
from tests.policy.decide.worlds import NAMES, bent, linear, of

GIVEN = {n: np.random.default_rng(k).normal(1, 1, 600) for k, n in enumerate(("lift", "hop"))}
FACTORS = pytest.mark.parametrize("by", [0.01, 8.0, 1e6])


def model(by: float) -> Callable[[Mapping[str, np.ndarray]], np.ndarray]:
    def values(given: Mapping[str, np.ndarray]) -> np.ndarray:
        lift, hop = given["lift"], given["hop"]
        return by * np.column_stack([0 * lift, 3 * lift - hop**2])

    return values


@FACTORS
def test_bars_and_maps(by: float) -> None:
    one, many = (tornado(model(x), GIVEN, NAMES, "loyalty", "none") for x in (1.0, by))
    drawn = [tornado_of_draws(model(x)(GIVEN), GIVEN, NAMES, "loyalty", "none") for x in (1.0, by)]
    for small, large in ((one, many), drawn):
        assert large.middle == pytest.approx(by * small.middle, rel=1e-9)
        for a, b in zip(small.bars, large.bars, strict=True):
            assert (b.assumption, b.low, b.high, b.turns) == (a.assumption, a.low, a.high, a.turns)
            ends = b.at_low, b.at_high, b.swing
            assert ends == pytest.approx((by * a.at_low, by * a.at_high, by * a.swing), rel=1e-9)
    axes = ("lift", [0.0, 2.0]), ("hop", [0.0, 1.0, 3.0])
    small_map, large_map = (two_way(model(x), GIVEN, NAMES, *axes) for x in (1.0, by))
    assert large_map.means == pytest.approx(by * small_map.means, rel=1e-12)
    assert large_map.lead == pytest.approx(by * small_map.lead, rel=1e-12)
    assert large_map.best.tolist() == small_map.best.tolist()


@FACTORS
def test_what_knowing_is_worth(by: float) -> None:
    values, first, second = linear(np.random.default_rng(5), 500)
    known = {"first": first, "second": second}
    one, many = (evppi_of_each(x * values, known, NAMES) for x in (1.0, by))
    assert list(many) == list(one)
    for name, small in one.items():
        assert of(many[name].value).value == pytest.approx(by * of(small.value).value, rel=1e-6)
        assert many[name].evpi == pytest.approx(by * small.evpi, rel=1e-9)
    pilots = [evsi_from_draws(x * values, first, [0.3, 1.0], NAMES) for x in (1.0, by)]
    assert pilots[1].value == pytest.approx(by * pilots[0].value, rel=1e-6)
    seen = pilot_results(first, 0.5, "pilot")
    results = [of(evsi_of_results(x * values, seen, NAMES).value).value for x in (1.0, by)]
    assert results[1] == pytest.approx(by * results[0], rel=1e-6)


@FACTORS
def test_normal_doubt(by: float) -> None:
    for law in (normal_evpi, normal_regret):
        assert law(4 * by, 10 * by) == pytest.approx(by * law(4, 10), rel=1e-12)
    assert normal_best(4 * by, 10 * by) == pytest.approx(normal_best(4, 10), rel=1e-12)
    one, many = normal_evsi(4, 10, 120, 500), normal_evsi(4 * by, 10 * by, 120 * by, 500)
    assert many == pytest.approx(by * one, rel=1e-12)


@FACTORS
def test_newcomers(by: float) -> None:
    one, many = (newcomer_value(30 * x, 0.02, 0.1, 120 * x, months=24) for x in (1.0, by))
    assert many == pytest.approx(by * one, rel=1e-12)
    assert breakeven_lift(961 * by, 858 * by) == pytest.approx(breakeven_lift(961, 858), rel=1e-12)


@FACTORS
def test_acceptability(by: float) -> None:
    rng = np.random.default_rng(6)
    costs = np.column_stack([np.zeros(300), rng.normal(100, 20, 300)])
    effects = np.column_stack([np.zeros(300), rng.normal(2, 1, 300)])
    prices = np.array([0.0, 40.0, 60.0])
    one, many = (acceptability(x * costs, effects, NAMES, x * prices) for x in (1.0, by))
    assert many.leaders == one.leaders
    assert many.best == pytest.approx(one.best, abs=1e-12)
    assert many.evpi == pytest.approx(by * np.asarray(one.evpi), rel=1e-9, abs=1e-12 * by)


@pytest.mark.parametrize("seed", range(3))
def test_a_pilot_is_worth_at_most_what_it_asks_about_and_that_at_most_everything(seed: int) -> None:
    """EVSI <= EVPPI of what the pilot informs <= EVPI = least expected regret."""
    values, known = bent(np.random.default_rng(70 + seed), 600)
    found = evsi_from_draws(values, known, np.geomspace(30, 0.01, 9), NAMES)
    regrets = values.max(axis=1).mean() - values.mean(axis=0)
    assert (np.diff(found.value) >= 0).all()
    assert found.value[-1] <= of(found.perfect.value).value <= found.perfect.evpi
    assert found.perfect.evpi == pytest.approx(regrets.min(), rel=1e-12)
