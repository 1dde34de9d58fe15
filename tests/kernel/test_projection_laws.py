"""What holds of projections whatever the data: equalities between fits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.draws import block_weights
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.projection import (
    choose,
    curve_of,
    estimate_of,
    fitted,
    outlook,
    projected,
)
from stammkunde.survival.projection.choice import Choice
from stammkunde.survival.table import added
from tests.kernel.projecting import counted, published, rows, seen
from tests.patience import examples

pytestmark = pytest.mark.filterwarnings("error")

# logarithms to which the search ends, far below their errors
NEAR = 1e-6


def customers(seed: int, size: int, last: int = 24) -> tuple[np.ndarray, np.ndarray]:
    """Return months of leaving of customers who differ, and the last month each is seen."""
    rng = np.random.default_rng(seed)
    return rng.geometric(rng.beta(1.2, 8.0, size)), rng.integers(6, last + 1, size)


@given(seed=st.integers(0, 10_000), size=st.integers(80, 400))
@settings(max_examples=examples(15), deadline=None)
def test_neither_order_nor_splitting_nor_doubling_changes_a_fit(seed, size):
    stay, last = customers(seed, size)
    order = np.random.default_rng(seed).permutation(size)
    whole = seen(stay, last, blocks=False)
    other = seen(stay[order], last[order], blocks=False)
    half = size // 2
    parts = added(
        seen(stay[:half], last[:half], blocks=False), seen(stay[half:], last[half:], blocks=False)
    )
    twice = added(whole, whole)
    for name in ("geometric", "Weibull", "log-normal"):
        fit = fitted(whole, name)
        assert (fitted(other, name).at == fit.at).all()
        assert (fitted(parts, name).at == fit.at).all()
        double = fitted(twice, name)
        assert double.problem == fit.problem
        if fit.problem:
            continue
        assert double.at == pytest.approx(fit.at, abs=NEAR)
        assert double.log_likelihood == pytest.approx(2 * fit.log_likelihood, rel=1e-9)
        one, two = (((f.moved - f.at) ** 2).sum(axis=0) for f in (fit, double))
        assert two == pytest.approx(one / 2, rel=1e-4)


@given(seed=st.integers(0, 10_000), late=st.integers(1, 30))
@settings(max_examples=examples(15), deadline=None)
def test_a_law_without_memory_is_the_same_for_those_who_are_seen_late(seed, late):
    stay, last = customers(seed, 300)
    begin = np.full(300, late)
    early = seen(stay, last)
    shifted = counted(np.minimum(stay, last) + late, stay <= last, entry=begin)
    one, two = (fitted(t, "geometric") for t in (early, shifted))
    assert two.at == pytest.approx(one.at, rel=1e-12)
    assert two.moved == pytest.approx(one.moved, rel=1e-9)
    assert two.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-12)


def test_delayed_entry_leaves_a_law_with_memory_where_it_was():
    """Of those who came before observation, only who is still there is seen, from then on."""
    rng = np.random.default_rng(5)
    stay = rng.geometric(rng.beta(1.2, 8.0, 60_000))
    entry = rng.integers(0, 20, 60_000)
    here = stay > entry
    late = counted(np.minimum(stay, 30)[here], (stay <= 30)[here], entry=entry[here])
    ignored = counted(np.minimum(stay, 30)[here], (stay <= 30)[here])
    found = fitted(late, "beta-geometric").parameters()
    assert found["alpha"].low < 1.2 < found["alpha"].high
    assert found["beta"].low < 8.0 < found["beta"].high
    # without the entries the hazard seems to rise, for which the law has no numbers
    assert fitted(ignored, "beta-geometric").problem == "parameters_run_off"


def test_months_and_quarters_of_a_constant_hazard_agree():
    """Half of 4096 leave every month, that is seven eighths every quarter; one is there at last."""
    exits = np.append(np.repeat(np.arange(1, 13), 2 ** np.arange(11, -1, -1)), 12)
    left = np.arange(4096) < 4095
    months = counted(exits, left, blocks=False)
    quarters = counted(-(-exits // 3), left, blocks=False)
    monthly, quarterly = (fitted(t, "geometric").parameters()["hazard"] for t in (months, quarters))
    assert (monthly.value, quarterly.value) == pytest.approx((1 / 2, 7 / 8), rel=1e-12)
    one, two = (projected(t, fitted(t, "geometric"), 24).value for t in (months, quarters))
    assert two[:9] == pytest.approx(one[::3], rel=1e-12)


def test_a_law_within_another_is_found_by_it():
    """A constant hazard is Weibull's with shape 1; shape 1 of the third law is the second."""
    exits = np.concatenate([np.repeat(np.arange(1, 9), 2 ** np.arange(15, 7, -1)), [8] * 256])
    table = counted(exits, np.arange(len(exits)) < len(exits) - 256, blocks=False)
    narrow, wide = fitted(table, "geometric"), fitted(table, "Weibull")
    assert wide.parameters()["shape"].value == pytest.approx(1, abs=1e-9)
    assert wide.log_likelihood == pytest.approx(narrow.log_likelihood, rel=1e-12)
    beyond = [projected(table, f, 20).value for f in (narrow, wide)]
    assert beyond[1] == pytest.approx(beyond[0], rel=1e-8)
    for name in ("high", "regular"):
        two, three = (
            fitted(published(name, 7), f) for f in ("beta-geometric", "beta-discrete-Weibull")
        )
        assert three.log_likelihood > two.log_likelihood


@pytest.mark.parametrize("blocks", [False, True], ids=["units", "blocks"])
@pytest.mark.parametrize("name", ["beta-geometric", "Weibull", "log-logistic"])
def test_equal_groups_and_shared_numbers(name, blocks):
    high, regular = (published(n, 7, blocks=blocks) for n in ("high", "regular"))
    one = fitted(regular, name)
    twins = fitted({"a": regular, "b": regular}, name)
    for level in "ab":
        assert twins.theta(level) == pytest.approx(one.at, abs=NEAR)
        alone, there = (f.parameters(v) for f, v in ((one, ""), (twins, level)))
        for key, estimate in alone.items():
            assert there[key].low == pytest.approx(estimate.low, rel=1e-6)
            assert there[key].high == pytest.approx(estimate.high, rel=1e-6)
    both = fitted({"high": high, "regular": regular}, name, own=())
    pooled = fitted(added(high, regular), name)
    assert both.at == pytest.approx(pooled.at, abs=NEAR)
    assert both.log_likelihood == pytest.approx(pooled.log_likelihood, rel=1e-12)
    apart = fitted({"high": high, "regular": regular}, name)
    sums = sum(fitted(t, name).log_likelihood for t in (high, regular))
    assert apart.log_likelihood == pytest.approx(sums, rel=1e-12)


@pytest.mark.parametrize("blocks", [False, True], ids=["units", "blocks"])
def test_what_was_counted_is_kaplan_and_meiers(blocks):
    stay, last = customers(3, 900)
    table = seen(stay, last, blocks=blocks)
    curve = curve_of(projected(table, fitted(table, "Weibull"), table.length))
    counted_ = kaplan_meier(table, errors="blocks" if blocks else "greenwood")
    assert curve.value == pytest.approx(counted_.value, rel=1e-12)
    assert curve.se == pytest.approx(counted_.se, rel=1e-9)
    assert curve.low == pytest.approx(counted_.low, rel=1e-9)
    assert curve.high == pytest.approx(counted_.high, rel=1e-9)


def test_errors_of_blocks_and_of_units_agree_where_everybody_has_one_spell():
    ratios = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        stay, last = customers(seed, 20_000)
        order = rng.permutation(len(stay))
        blocks, units = (seen(stay[order], last[order], blocks=b) for b in (True, False))
        pairs = []
        for table in (blocks, units):
            fit = fitted(table, "beta-geometric")
            look = projected(table, fit, 60)
            one = look.centre(lambda s: np.stack([s[:, 20], s[:, 60], s.sum(axis=1)], axis=1))[1]
            own = [np.log(e.high / e.low) / fit.quantile() for e in fit.parameters().values()]
            pairs.append(np.append(one, own))
        ratios.append(pairs[0] / pairs[1])
    assert ((np.mean(ratios, axis=0) > 0.9) & (np.mean(ratios, axis=0) < 1.1)).all()


@pytest.mark.parametrize("name", ["beta-geometric", "log-normal"])
def test_draws_spread_as_the_leave_outs_say(name):
    stay, last = customers(11, 6000)
    table = seen(stay, last)
    fit = fitted(table, name)
    look = projected(table, fit, 60)
    for functional in (lambda s: s[:, 48], lambda s: s[:, :60].sum(axis=1)):
        _, se = look.centre(functional)
        replicates = look.replicates(functional)
        assert replicates is not None
        drawn = replicates.draws(4000)
        assert 0.9 < drawn.std() / se < 1.1
        assert replicates.se() == pytest.approx(float(se), rel=1e-12)
    numbers = fit.replicates()
    ratio = numbers.draws(4000).std(axis=0) / numbers.se()
    assert ((ratio > 0.9) & (ratio < 1.1)).all()


def test_weights_sum_to_1_and_one_family_alone_is_itself():
    stay, last = customers(7, 1500)
    for blocks in (True, False):
        table = seen(stay, last, blocks=blocks)
        choice = choose(table)
        assert choice.weights.sum() == pytest.approx(1, rel=1e-12)
        assert (choice.weights > 0).all()
        fit = fitted(table, "Weibull")
        alone = outlook(table, Choice((fit,), np.ones(1), {}), 60)
        look = projected(table, fit, 60)
        for functional, link in ((lambda s: s[:, 50], "log-log"), (lambda s: s.sum(axis=1), "log")):
            one = estimate_of(look, functional, link, "share", "x")
            mixed = alone.number(functional, link, "share", "x")
            for part in ("value", "low", "high", "se"):
                assert getattr(mixed, part) == pytest.approx(getattr(one, part), rel=1e-9)
        curves = alone.curve(), curve_of(look)
        assert curves[0].low == pytest.approx(curves[1].low, rel=1e-9)
        assert curves[0].high == pytest.approx(curves[1].high, rel=1e-9)


def test_a_mixture_is_no_narrower_than_its_weightiest_family():
    table = published("high", 4, blocks=True)
    choice = choose(table)
    look = outlook(table, choice, 12)
    mixed = look.number(lambda s: s[:, 12], "log-log", "share", "S(12)")
    top = look.parts[int(np.argmax(look.weights))]
    one = estimate_of(top, lambda s: s[:, 12], "log-log", "share", "S(12)")
    assert mixed.high - mixed.low > one.high - one.low
    values = [p.value[12] for p in look.parts]
    assert min(values) < mixed.value < max(values)


def test_fewer_draws_are_a_prefix_of_more_and_families_come_as_often_as_they_weigh():
    stay, last = customers(2, 1500)
    table = seen(stay, last)
    look = outlook(table, choose(table), 48)
    many = look.draws(lambda s: s[:, 48], block_weights(2000))
    assert (look.draws(lambda s: s[:, 48], block_weights(200)) == many[:200]).all()
    # the same weights of blocks every time leave only the family to differ
    flat = look.draws(lambda s: s[:, 48], np.ones((4096, 256)))
    values, often = np.unique(flat, return_counts=True)
    own = {float(p.value[48]): w for p, w in zip(look.parts, look.weights, strict=True)}
    for value, count in zip(values, often, strict=True):
        nearest = min(own, key=lambda v: abs(v - value))
        assert abs(nearest - value) < 1e-12
        assert count / 4096 == pytest.approx(own[nearest], abs=2e-3)


def test_rows_of_the_published_curves_are_whole():
    exits, left = rows("high", 12)
    assert (len(exits), int(left.sum())) == (1000, 606)
