"""Leave-outs and draws: the formulas of the jackknife, the shared weights, what they agree with."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import pytest
from scipy import stats

from stammkunde.draws import BLOCKS, DRAWS, Replicates, block_weights, paired, replicate
from stammkunde.errors import NotObservedError
from stammkunde.spells.blocks import block_of
from stammkunde.survival import formulas
from stammkunde.survival.contrasts import logrank, rmst_difference
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import hazard, kaplan_meier
from stammkunde.survival.table import LifeTable, life_table, life_tables
from tests.kernel.making import lives

EVERY = np.ones(BLOCKS, dtype=bool)


def people(count: int, seed: int) -> tuple[list[int], list[int]]:
    """Return tenures and flags of `count` customers who leave at .08 a month, seen up to 12."""
    rng = np.random.default_rng(seed)
    stay, seen = rng.geometric(0.08, count), rng.integers(1, 13, count)
    return np.minimum(stay, seen).tolist(), (stay <= seen).astype(int).tolist()


@pytest.fixture(scope="module")
def singles() -> LifeTable:
    return life_table(lives(*people(4000, 5)))


@pytest.fixture(scope="module")
def arms() -> dict[str, LifeTable]:
    """400 persons with two spells each, the first in arm x, the second in arm y."""
    tenure, left = people(800, 6)
    who = [f"p{i // 2}" for i in range(800)]
    return life_tables(lives(tenure, left, person=who, arm=["x", "y"] * 400), by="arm")


def crowd(persons: int) -> LifeTable:
    """Return a table of persons in as many blocks, two spells each."""
    names, seen = [], set()
    for i in range(10_000):
        if len(names) < persons and block_of(f"n{i}") not in seen:
            names.append(f"n{i}")
            seen.add(block_of(f"n{i}"))
    who = [n for n in names for _ in range(2)]
    tenure = [1 + (i * 7) % 5 for i in range(len(who))]
    return life_table(lives(tenure, [1] * len(who), person=who))


def naked(leave_out: np.ndarray, held: np.ndarray = EVERY) -> Replicates:
    return Replicates(leave_out, held, lambda w: w @ leave_out, int(held.sum()))


def test_the_seed_of_the_weights_is_as_stated():
    seed = int.from_bytes(sha256(b"stammkunde blocks 1").digest()[:16], "big")
    own = np.random.Generator(np.random.PCG64(seed)).standard_exponential((3, 256), method="inv")
    np.testing.assert_array_equal(block_weights(3), own)


def test_fewer_draws_are_a_prefix_of_more(singles):
    np.testing.assert_array_equal(block_weights(DRAWS)[:50], block_weights(50))
    draws = kaplan_meier(singles).at(6).replicates
    np.testing.assert_array_equal(draws.draws(200)[:20], draws.draws(20))


def test_weights_are_shared_and_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        block_weights(10)[0, 0] = 1


def test_the_jackknife_of_a_mean_is_its_textbook_error():
    """One number per block: leave-outs of the mean give s / sqrt(G) exactly."""
    x = np.random.default_rng(1).normal(size=BLOCKS)
    leave_out = (x.sum() - x) / (BLOCKS - 1)
    assert naked(leave_out).se() == pytest.approx(x.std(ddof=1) / BLOCKS**0.5, rel=1e-12)


def test_empty_blocks_do_not_count():
    x = np.random.default_rng(1).normal(size=40)
    held = np.arange(BLOCKS) % 6 == 0
    held &= np.cumsum(held) <= 40
    leave_out = np.full(BLOCKS, x.mean())
    leave_out[held] = (x.sum() - x) / 39
    assert naked(leave_out, held).se() == pytest.approx(x.std(ddof=1) / 40**0.5, rel=1e-12)


def test_a_leave_out_is_the_estimate_of_the_data_without_that_block():
    tenure, left = people(600, 9)
    who = [str(i) for i in range(600)]
    full = kaplan_meier(life_table(lives(tenure, left, person=who)))
    rest = [i for i in range(600) if block_of(who[i]) != 0xC4]
    part = kaplan_meier(
        life_table(
            lives([tenure[i] for i in rest], [left[i] for i in rest], person=[who[i] for i in rest])
        )
    )
    assert full.replicates.leave_out[0xC4] == pytest.approx(part.value, rel=1e-13)
    assert full.rmst(12).replicates.leave_out[0xC4] == pytest.approx(part.rmst(12).value, rel=1e-13)


def test_a_draw_is_the_estimate_from_weighted_counts(singles):
    at_risk, moves, _ = singles.in_state()
    w = block_weights(1)[0]
    wanted = formulas.survival(w @ at_risk, w @ moves.sum(axis=0))
    assert kaplan_meier(singles).replicates.draws(1)[0] == pytest.approx(wanted, rel=1e-13)


def test_equal_weights_give_the_estimate(singles):
    curve = kaplan_meier(singles)
    assert curve.replicates.reweighted(np.full((1, BLOCKS), 2.5))[0] == pytest.approx(curve.value)
    rates = hazard(singles)
    assert rates.replicates.reweighted(np.ones((1, BLOCKS)))[0][1:] == pytest.approx(
        rates.value[1:]
    )


def test_with_one_spell_per_person_blocks_agree_with_greenwood(singles):
    exact, blocks = kaplan_meier(singles), kaplan_meier(singles, errors="blocks")
    assert blocks.value == pytest.approx(exact.value, rel=1e-14)
    assert blocks.se[1:] / exact.se[1:] == pytest.approx(np.ones(12), abs=0.15)
    assert blocks.rmst(12).se / exact.rmst(12).se == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize("month", [1, 6, 12])
def test_draws_spread_as_the_jackknife_says(singles, arms, month):
    for curve in (kaplan_meier(singles, errors="blocks"), kaplan_meier(arms["x"])):
        assert curve.replicates.held.sum() >= 100
        estimate = curve.at(month)
        ratio = float(np.std(estimate.replicates.draws(), ddof=1) / estimate.replicates.se())
        assert 0.9 < ratio < 1.1


def test_draws_of_a_mean_spread_as_the_jackknife_says(arms):
    mean = kaplan_meier(arms["x"]).rmst(12)
    assert 0.9 < float(np.std(mean.replicates.draws(), ddof=1) / mean.se) < 1.1


def test_a_contrast_pairs_by_block_and_by_draw(arms):
    one, two = (kaplan_meier(arms[a]).rmst(12) for a in "xy")
    difference = rmst_difference(*(kaplan_meier(arms[a]) for a in "xy"), 12)
    own = one.replicates.leave_out - two.replicates.leave_out
    np.testing.assert_allclose(difference.replicates.leave_out, own)
    np.testing.assert_allclose(
        difference.replicates.draws(100), one.replicates.draws(100) - two.replicates.draws(100)
    )
    held = difference.replicates.held
    groups = int(held.sum())
    deviations = own[held] - own[held].mean()
    se = float(np.sqrt((groups - 1) / groups * np.sum(deviations**2)))
    assert difference.se == pytest.approx(se, rel=1e-12)
    step = stats.t.ppf(0.975, difference.replicates.smallest - 1) * se
    assert (difference.low, difference.high) == pytest.approx(
        (difference.value - step, difference.value + step), rel=1e-12
    )


def test_a_group_does_not_differ_from_itself_in_any_draw(arms):
    curve = kaplan_meier(arms["x"])
    same = rmst_difference(curve, curve, 12)
    assert (same.value, same.se) == (0, 0)
    assert not same.replicates.draws(50).any()


def test_a_contrast_counts_blocks_of_the_union_and_freedom_of_the_smallest_arm():
    held = np.arange(BLOCKS) < 100
    others = np.arange(BLOCKS) >= 80
    x = np.random.default_rng(2).normal(size=BLOCKS)
    pair = paired(naked(x, held), naked(x * 0, others), np.subtract)
    assert (pair.held.sum(), pair.smallest) == (256, 100)


def test_four_blocks_with_more_than_half_of_the_squares_are_few():
    x = np.ones(BLOCKS)
    x[::2] = -1
    assert not naked(x).rests_on_few()
    x[:4] = [20, -20, 20, -20]
    assert naked(x).rests_on_few()


def no_value(curve: Curve) -> None:
    for estimate in (curve.at(1), curve.rmst(2), curve.median()):
        assert (estimate.value, estimate.low, estimate.high) == (None, None, None)
        assert estimate.reason == "too_few_persons"


@pytest.mark.long
def test_fewer_than_ten_blocks_of_repeat_customers_give_no_value():
    nine, ten = kaplan_meier(crowd(9)), kaplan_meier(crowd(10))
    assert ten.at(1).value is not None
    assert ten.rmst(2).low is not None
    no_value(nine)
    assert hazard(crowd(9)).at(1).reason == "too_few_persons"
    assert hazard(crowd(9)).at(1).value is None


def test_a_difference_with_too_few_persons_says_so():
    found = rmst_difference(kaplan_meier(crowd(9)), kaplan_meier(crowd(40)), 2)
    assert (found.value, found.low, found.reason) == (None, None, "too_few_persons")


def test_a_test_with_too_few_repeat_customers_is_refused():
    with pytest.raises(NotObservedError, match="too few persons"):
        logrank([crowd(9), crowd(40)])


def test_blocks_that_left_before_the_given_tenure_do_not_count():
    """15 persons, 9 of whom are there after month 1: what is said of the rest rests on nine."""
    names = [f"n{i}" for i in range(500)]
    blocks: dict[int, str] = {}
    for n in names:
        blocks.setdefault(block_of(n), n)
    who = [n for n in list(blocks.values())[:15] for _ in range(2)]
    tenure = [1 if i < 12 else 3 + i % 3 for i in range(30)]
    curve = kaplan_meier(life_table(lives(tenure, [1] * 30, person=who)), given=1)
    assert int(curve.replicates.held.sum()) == 9
    assert curve.at(3).reason == "too_few_persons"


def test_the_clustered_test_of_two_groups_is_the_squared_ratio_of_its_numerator(arms):
    """(O - E)^2 by its jackknife variance, referred to F(1, G - 1)."""
    n = np.stack([arms[a].at_risk[0] for a in "xy"])
    d = np.stack([arms[a].moves[0].sum(axis=0) for a in "xy"])
    numerator = replicate(
        (n, d),
        n.any(axis=(0, 2)),
        lambda n, d: formulas.excess_events(np.moveaxis(n, -2, 0), np.moveaxis(d, -2, 0))[..., 0],
    )
    whole = formulas.excess_events(n.sum(axis=1), d.sum(axis=1))[0]
    test = logrank([arms["x"], arms["y"]])
    assert test.statistic == pytest.approx(float((whole / numerator.se()) ** 2), rel=1e-9)
    assert test.p == pytest.approx(
        float(stats.f.sf(test.statistic, 1, numerator.smallest - 1)), rel=1e-9
    )
    assert test.method == "log-rank, person blocks"


def test_quantiles_have_no_replicates(singles):
    assert kaplan_meier(singles).median().replicates is None
