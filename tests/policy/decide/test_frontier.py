"""Cost against effect: published values, every price tried, and acceptability from draws."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from stammkunde.errors import ParameterError
from stammkunde.policy.decide import Frontier, Rank, acceptability, frontier, league
from tests.patience import examples
from tests.policy.engine.test_chain import hip, treated

COSTS = [26000, 27000, 28020, 28440, 29440]
EFFECTS = np.array([277.25, 277.57, 277.78, 277.83, 277.76]) / 12
NAMES = ["one", "two", "three", "four", "five"]
points = st.lists(st.tuples(st.integers(0, 30), st.integers(-20, 20)), min_size=1, max_size=7)


def prices_of(found: Frontier) -> list[float]:
    return [s.price for s in found.path if s.price is not None]


def test_the_fully_incremental_example() -> None:
    found = frontier(COSTS, EFFECTS, NAMES)
    assert [s.policy for s in found.path] == NAMES[:4]
    assert [round(x, 3) for x in prices_of(found)] == [37500.000, 58285.714, 100800.000]
    assert found.path[0].price is None
    last = found.steps[-1]
    assert (last.policy, last.rank, last.beside) == ("five", Rank.DOMINATED, ("four",))
    assert found.to_frame()["rank"].tolist() == ["frontier"] * 4 + ["dominated"]
    assert "<table" in found._repr_html_()


def test_two_published_models_of_two_policies() -> None:
    """From costs and effects as printed, to the digits that these carry."""
    hiv = frontier([44663.4536, 50601.6513], [7.9912066, 8.9373889], ["one drug", "two"])
    assert round(prices_of(hiv)[0], 2) == 6275.96
    hip = frontier([512.434658, 610.311818], [14.6531896, 14.69770986], ["standard", "new"])
    assert round(prices_of(hip)[0], 2) == 2198.49


def test_the_published_ratios_from_states_to_the_frontier() -> None:
    """The whole way: transitions, cycles, cost and effect, price of a year."""
    one, both = treated(1.0, 0.0), treated(0.509, 2086.5)
    hiv = frontier(*zip(one, both, strict=True), ["one drug", "two"])
    assert [f"{p:.4f}" for p in prices_of(hiv)] == ["6275.9556"]
    old, new = (hip(f, p)[:2] for f, p in ((1.0, 394), (np.exp(-1.344474), 579)))
    hips = frontier(*zip(old, new, strict=True), ["standard", "new"])
    assert [f"{p:.6f}" for p in prices_of(hips)] == ["2198.486665"]


def test_a_mixture_can_dominate() -> None:
    found = frontier([0, 90, 100], [0, 1, 10], ["none", "middle", "all"])
    middle = found.steps[1]
    assert middle.rank is Rank.EXTENDEDLY_DOMINATED
    assert middle.beside == ("none", "all")
    assert middle.price is None
    assert found.path[1].price == 10


def test_what_drops_out_may_drop_others_out() -> None:
    """Each looks good beside the one before it, until a better one comes."""
    found = frontier([0, 10, 25, 30], [0, 5, 6, 30], ["a", "b", "c", "d"])
    assert [s.policy for s in found.path] == ["a", "d"]
    assert {s.policy: s.rank for s in found.steps}["b"] is Rank.EXTENDEDLY_DOMINATED
    assert found.path[1].beside == ("a",)


def test_on_one_line_nobody_is_dominated() -> None:
    found = frontier([0, 1, 2], [0, 1, 2], ["a", "b", "c"])
    assert prices_of(found) == [1.0, 1.0]


def test_equals_are_told() -> None:
    found = frontier([0, 5, 5], [0, 2, 2], ["none", "y", "x"])
    assert [(s.policy, s.rank) for s in found.steps] == [
        ("none", Rank.FRONTIER),
        ("x", Rank.FRONTIER),
        ("y", Rank.EQUAL),
    ]
    assert found.steps[2].beside == ("x",)


@settings(max_examples=examples(200))
@given(points)
def test_on_the_frontier_is_who_is_best_at_some_price(pairs: list[tuple[int, int]]) -> None:
    costs, effects = (np.array(x, float) for x in zip(*pairs, strict=True))
    names = [str(i) for i in range(len(pairs))]
    found = frontier(costs, effects, names)
    # between any two prices at which two policies are level, one ranking holds
    turns = {0.0}
    for i in range(len(pairs)):
        for j in range(i):
            if effects[i] != effects[j]:
                turns.add(max((costs[i] - costs[j]) / (effects[i] - effects[j]), 0.0))
    edges = [*sorted(turns), max(turns) + 2]
    for price in ((a + b) / 2 for a, b in pairwise(edges)):
        net = price * effects - costs
        assert net[int(found.best_at(price))] == pytest.approx(net.max(), abs=1e-9)
        for s in found.steps:
            if s.rank in {Rank.DOMINATED, Rank.EXTENDEDLY_DOMINATED}:
                assert net[int(s.policy)] < net.max()
    for s in found.path:
        net = (s.price or 0.0) * effects - costs
        assert net[int(s.policy)] == pytest.approx(net.max(), abs=1e-9)
    prices = prices_of(found)
    assert prices == sorted(prices)
    assert all(p > 0 for p in prices)


@settings(max_examples=examples(60))
@given(points, st.randoms(use_true_random=False))
def test_the_order_of_policies_changes_nothing(
    pairs: list[tuple[int, int]], random: Random
) -> None:
    names = [f"p{i}" for i in range(len(pairs))]
    order = list(range(len(pairs)))
    random.shuffle(order)
    costs, effects = zip(*pairs, strict=True)
    turned = frontier(
        [costs[i] for i in order], [effects[i] for i in order], [names[i] for i in order]
    )
    assert turned == frontier(costs, effects, names)


def test_money_scales_prices() -> None:
    large = frontier(8 * np.array(COSTS), EFFECTS, NAMES)
    small = frontier(COSTS, EFFECTS, NAMES)
    assert prices_of(large) == [8 * x for x in prices_of(small)]
    assert [s.rank for s in large.steps] == [s.rank for s in small.steps]


def drawn(seed: int = 61, count: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    costs = np.column_stack([np.zeros(count), rng.normal(100, 20, count)])
    effects = np.column_stack([np.zeros(count), rng.normal(2, 1, count)])
    return costs, effects


def test_acceptability_of_two_normal_policies() -> None:
    costs, effects = drawn(count=40_000)
    prices = np.array([0.0, 25.0, 50.0, 100.0, 400.0])
    found = acceptability(costs, effects, ["none", "loyalty"], prices)
    truth = stats.norm.sf(0, prices * 2 - 100, np.hypot(20, prices))
    error = np.sqrt(truth * (1 - truth) / 40_000) + 1e-4
    assert (np.abs(found.best[:, 0] - truth) < 3.5 * error).all()
    assert found.names == ("loyalty", "none")
    assert found.best.sum(axis=1) == pytest.approx(np.ones(5))
    assert found.leaders[0] == "none"
    assert found.leaders[-1] == "loyalty"


def test_at_each_price_it_is_a_league_of_net_values() -> None:
    costs, effects = drawn()
    prices = [0.0, 30.0, 48.0, 60.0]
    found = acceptability(costs, effects, ["none", "loyalty"], prices)
    for i, price in enumerate(prices):
        table = league(price * effects - costs, ["none", "loyalty"], "none")
        assert found.leaders[i] == table.leaders[0]
        assert found.frontier[i] == table.of(found.leaders[i]).best.value
        assert found.evpi[i] == pytest.approx(table.evpi.value, abs=1e-9)
        expected = [table.of(n).best.value for n in found.names]
        assert found.best[i].tolist() == pytest.approx(expected)


def test_draws_are_averaged_for_the_frontier_and_it_is_where_leaders_change() -> None:
    costs, effects = drawn()
    names = ["none", "loyalty"]
    path = frontier(costs, effects, names)
    assert path == frontier(costs.mean(axis=0), effects.mean(axis=0), names)
    (price,) = prices_of(path)
    around = acceptability(costs, effects, names, [0.999 * price, 1.001 * price])
    assert around.leaders == ("none", "loyalty")
    assert (path.best_at(0.999 * price), path.best_at(price)) == ("none", "loyalty")


def test_what_cannot_be_is_refused() -> None:
    costs, effects = drawn(count=10)
    for wrong in (
        lambda: frontier(COSTS, EFFECTS[:4], NAMES),
        lambda: frontier(COSTS, EFFECTS, ["a"] * 5),
        lambda: frontier([np.nan], [1.0], ["a"]),
        lambda: frontier([], [], []),
        lambda: frontier(COSTS, EFFECTS, NAMES).best_at(-1.0),
        lambda: acceptability(COSTS, EFFECTS, NAMES, [1.0]),
        lambda: acceptability(costs, effects, ["a", "b"], [-1.0]),
    ):
        with pytest.raises(ParameterError) as refused:
            wrong()
        assert refused.value.remedy
