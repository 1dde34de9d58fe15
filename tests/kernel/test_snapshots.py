"""Lists of customers and recent leavers: by hand, and in the limit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from stammkunde.draws import BLOCKS
from stammkunde.errors import ParameterError
from stammkunde.result import Status
from stammkunde.survival.arrays import life_table_from
from stammkunde.survival.grouped import (
    lifetime,
    lists_times_spacing,
    never_seen,
    recent_leavers,
    seen_again,
)
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.window import last_unit_only
from tests.patience import examples


def people(seed: int, size: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return entry, exit and left of customers who leave at .08 a month."""
    rng = np.random.default_rng(seed)
    entry = rng.integers(0, 5, size)
    stay, seen = entry + rng.geometric(0.08, size), entry + rng.integers(1, 20, size)
    return entry, np.minimum(stay, seen), stay <= seen


def spread(total: int) -> np.ndarray:
    """Return a count dealt evenly to the blocks."""
    return np.bincount(np.arange(total) % BLOCKS, minlength=BLOCKS)


def test_seen_again_by_hand():
    """900 of 1000 are on the next list 3 months later: -ln(.9) / 3."""
    found = seen_again(spread(1000), spread(900), 3, persons=1000, repeats=False)
    assert found.value == pytest.approx(-np.log(0.9) / 3, rel=1e-12)
    low, high = stats.beta.ppf(0.025, 900, 101), stats.beta.ppf(0.975, 901, 100)
    assert (found.low, found.high) == pytest.approx((-np.log(high) / 3, -np.log(low) / 3), rel=1e-9)
    assert (found.events, found.unit) == (100, "hazard")
    mean = lifetime(found)
    assert mean.value == pytest.approx(-3 / np.log(0.9), rel=1e-12)
    assert (mean.low, mean.high) == pytest.approx((1 / found.high, 1 / found.low), rel=1e-12)
    assert (mean.status, mean.assumptions) == (Status.ESTIMATED, ("constant_rate",))


def test_blocks_of_the_rate_are_those_of_the_share():
    rng = np.random.default_rng(2)
    seen = rng.integers(5, 30, BLOCKS)
    again = rng.binomial(seen, 0.9)
    found = seen_again(seen, again, 3, persons=900)
    assert float(found.replicates.se()) == pytest.approx(found.se, rel=2e-3)
    # log(-log) limits of a share are log limits of its rate
    step = stats.t.ppf(0.975, 255) * found.se / found.value
    assert np.log([found.high / found.value, found.value / found.low]) == pytest.approx(
        step, rel=1e-9
    )


def test_nobody_again_everybody_again_and_nobody_at_all():
    nobody = seen_again(spread(300), spread(0), 3, persons=300)
    assert (nobody.value, nobody.high, nobody.reason) == (None, None, "nobody_again")
    assert nobody.low == pytest.approx(-np.log(1 - 0.025 ** (1 / 300)) / 3, rel=1e-9)
    every = seen_again(spread(300), spread(300), 3, persons=300)
    assert (every.value, every.low) == (0, 0 if every.low == 0 else None)
    assert every.high == pytest.approx(-np.log(0.025) / 900, rel=1e-9)
    stays = lifetime(every)
    assert (stays.value, stays.low, stays.reason) == (None, None, "nobody_left")
    none = seen_again(spread(0), spread(0), 3, persons=0)
    assert (none.value, none.reason) == (None, "too_few_persons")
    with pytest.raises(ParameterError, match="greater than 0"):
        seen_again(spread(9), spread(3), 0, persons=9)


@pytest.mark.parametrize(("rate", "share"), [(0.10, 0.1361), (0.05, 0.0714), (0.02, 0.0294)])
def test_the_shares_never_seen_between_quarterly_lists(rate, share):
    assert round(never_seen(rate, 3), 4) == share


def test_what_counting_lists_and_rounding_up_print():
    assert round(lists_times_spacing(0.1, 3), 3) == 11.575
    assert round(lists_times_spacing(0.1, 1), 3) == 10.508, "months counted up: a list each month"


def snapshot(window: int, newcomers: np.ndarray, stay: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return exit, left and how many, in the limit, of who is there or left in the window.

    `newcomers` [U] arrived u + 1 units ago, `stay` is S(0), S(1), ...
    """
    rows = []
    for u, joined in enumerate(newcomers):
        rows.append((u + 1, 0, joined * stay[u + 1]))
        for tenure in range(max(u + 2 - window, 1), u + 2):
            rows.append((tenure, 1, joined * (stay[tenure - 1] - stay[tenure])))
    return tuple(np.array(x) for x in zip(*rows, strict=True))


def limit_table(window: int, newcomers: np.ndarray, stay: np.ndarray):
    """Return the life table of the expected snapshot, in billionths of a customer."""
    tenure, left, count = snapshot(window, newcomers, stay)
    places = np.rint(count * 1e9).astype(int)
    made = life_table_from(tenure.repeat(1), left)
    moves, censored = np.zeros_like(made.moves), np.zeros_like(made.censored)
    np.add.at(moves, (0, 0, tenure % 20, tenure - 1), places * left)
    np.add.at(censored, (0, tenure % 20, tenure - 1), places * (1 - left))
    return type(made)(**{**vars(made), "moves": moves, "censored": censored})


FALLING = np.concatenate([[1.0], np.cumprod(1 - np.linspace(0.12, 0.02, 60))])


@pytest.mark.parametrize("window", [1, 3, 6, 12])
def test_recent_leavers_are_right_in_the_limit_of_steady_joins(window):
    found = recent_leavers(limit_table(window, np.full(59, 1e4), FALLING), window)
    # who came more than 59 units ago is not in the snapshot, and would be needed for later ones
    reach = 60 - 2 * window
    assert found.value[:reach] == pytest.approx(FALLING[:reach], rel=1e-6)


def test_read_as_a_cohort_the_same_snapshot_is_wrong():
    table = limit_table(3, np.full(59, 1e4), FALLING)
    tenure, left, count = snapshot(3, np.full(59, 1e4), FALLING)
    exits = np.repeat(tenure, np.rint(count / 100).astype(int))
    naive = kaplan_meier(life_table_from(exits, np.repeat(left, np.rint(count / 100).astype(int))))
    assert naive.value[24] > recent_leavers(table, 3).value[24] + 0.1


def test_joins_that_grow_make_a_long_window_a_little_too_low_and_one_unit_stays_exact():
    growing = 1e4 * 1.03 ** -np.arange(59)
    one = recent_leavers(limit_table(1, growing, FALLING), 1)
    assert one.value[:40] == pytest.approx(FALLING[:40], rel=1e-5)
    six = recent_leavers(limit_table(6, growing, FALLING), 6)
    assert -0.02 < six.value[24] - FALLING[24] < 0
    shrinking = recent_leavers(limit_table(6, 1e3 * 1.03 ** np.arange(59), FALLING), 6)
    assert 0 < shrinking.value[24] - FALLING[24] < 0.02


@given(st.integers(0, 10_000))
@settings(max_examples=examples(20), deadline=None)
def test_a_window_of_one_unit_is_the_last_unit_only(seed):
    _, exit_, left = people(seed)
    block = np.random.default_rng(seed).integers(0, BLOCKS, len(exit_))
    table = life_table_from(exit_, left, block=block)
    found, wanted = recent_leavers(table, 1), kaplan_meier(last_unit_only(table), errors="blocks")
    for name in ("value", "low", "high", "se", "at_risk", "events"):
        np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name))
    assert (found.status, found.assumptions) == (Status.ESTIMATED, ("leavers_of_window",))
    assert found.at(1).assumptions == ("leavers_of_window",)


def test_a_window_of_three_units_by_hand():
    """10 stay with 4 units, 6 left after 3: unit 2 has 10 + 6 * 2/3 at risk, unit 3 has 16."""
    exit_, left = np.repeat([4, 3], [10, 6]), np.repeat([0, 1], [10, 6])
    found = recent_leavers(life_table_from(exit_, left, block=np.arange(16)), 3)
    assert found.at_risk.tolist() == pytest.approx([2, 14, 16, 10])
    assert found.value.tolist() == pytest.approx([1, 1, 1, 10 / 16, 10 / 16])
    with pytest.raises(ParameterError, match="a window of 0 units"):
        recent_leavers(life_table_from(exit_, left), 0)
