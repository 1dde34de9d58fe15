"""Value over time and where policies cross: by hand, beside a loop, and laws."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from stammkunde.errors import ParameterError
from stammkunde.policy.decide import course, crossings
from tests.patience import examples

NAMES = ("a", "b", "c")
builds = arrays(float, (4, 3, 8), elements=st.integers(-3, 3).map(float))


def test_by_hand() -> None:
    """The rebate costs 2 now and brings 1 a month; in one of two draws it brings nothing."""
    value = np.array([[[0.0] * 5, [-2, 2, 2, 2, 2]], [[0.0] * 5, [-2, 0, 0, 0, 0]]])
    (found,) = crossings(value, ["none", "rebate"])
    # means: -2, -1, 0, 1, 2: level after month 3, ahead after month 4
    assert (found.month, found.before, found.after) == (4, "none", "rebate")
    assert (found.ahead, found.at_end, found.overtaken) == (0.5, 0.5, 0.5)
    # in the first draw it is level after month 2 and ahead after month 3
    assert (found.low, found.high) == (3.0, 3.0)


def test_it_can_turn_back() -> None:
    value = np.array([[[0.0] * 6, [-1, 3, 0, -3, 0, 0]], [[0.0] * 6, [-1, 3, 0, -3, 0, 0]]])
    assert [(c.month, c.before, c.after) for c in crossings(value, ["a", "b"])] == [
        (2, "a", "b"),
        (4, "b", "a"),
    ]


def test_a_mean_can_cross_where_no_draw_does() -> None:
    """One draw ahead by more and more, the other behind throughout."""
    value = np.array([[[0.0] * 3, [1.0, 2, 6]], [[0.0] * 3, [-3.0, -1, 0]]])
    (found,) = crossings(value, ["a", "b"])
    assert (found.month, found.overtaken, found.low, found.high) == (3, 0.0, None, None)
    assert found.ahead == 0.5


@settings(max_examples=examples(100))
@given(builds)
def test_a_loop_finds_the_same_months(value: np.ndarray) -> None:
    means = value.cumsum(axis=2).mean(axis=0)
    brute = []
    for a, b in combinations(range(3), 2):
        ahead = 0
        for month, gap in enumerate(means[b] - means[a], start=1):
            sign = int(np.sign(gap))
            if sign and ahead and sign != ahead:
                pair = (NAMES[a], NAMES[b]) if sign > 0 else (NAMES[b], NAMES[a])
                brute.append((month, *pair))
            ahead = sign or ahead
    found = [(c.month, c.before, c.after) for c in crossings(value, NAMES)]
    assert found == sorted(brute)


@settings(max_examples=examples(60))
@given(builds)
def test_shares_are_those_of_a_loop(value: np.ndarray) -> None:
    built = value.cumsum(axis=2)
    for c in crossings(value, NAMES):
        gap = built[:, NAMES.index(c.after)] - built[:, NAMES.index(c.before)]
        then = gap[:, c.month - 1]
        assert c.ahead == np.mean((then > 0) + 0.5 * (then == 0))
        last = []
        for row in gap:
            ahead, rise = 0, 0
            for month, x in enumerate(row, start=1):
                sign = int(np.sign(x))
                rise = month if sign > 0 > ahead else rise
                ahead = sign or ahead
            last.append(rise)
        assert c.overtaken == np.mean([x > 0 for x in last])
        if c.low is not None and c.high is not None:
            assert min(x for x in last if x) <= c.low <= c.high <= max(last)


@settings(max_examples=examples(40))
@given(builds, st.permutations(range(3)))
def test_the_order_of_policies_changes_nothing_and_money_scales(
    value: np.ndarray, order: list[int]
) -> None:
    turned = crossings(value[:, order], [NAMES[i] for i in order])
    assert turned == crossings(value, NAMES)
    assert crossings(8 * value, NAMES) == turned


@settings(max_examples=examples(40))
@given(builds)
def test_another_policy_changes_no_crossing_of_others(value: np.ndarray) -> None:
    few = crossings(value[:, :2], NAMES[:2])
    assert few == tuple(c for c in crossings(value, NAMES) if {c.before, c.after} == {"a", "b"})


def test_the_same_policy_twice_never_crosses() -> None:
    value = np.random.default_rng(71).normal(size=(50, 1, 30))
    assert crossings(np.concatenate([value, value], axis=1), ["a", "b"]) == ()


def test_the_course_adds_up_and_its_limits_are_quantiles() -> None:
    value = np.random.default_rng(72).normal(1, 2, size=(400, 2, 12))
    found = course(value[:, ::-1], ["b", "a"], level=0.9)
    assert found.names == ("a", "b")
    built = value.cumsum(axis=2)
    assert found.mean == pytest.approx(built.mean(axis=0))
    assert found.low == pytest.approx(np.quantile(built, 0.05, axis=0))
    assert found.high == pytest.approx(np.quantile(built, 0.95, axis=0))
    assert found.level == 0.9


def test_what_cannot_be_is_refused() -> None:
    value = np.zeros((3, 2, 4))
    for wrong in (
        lambda: crossings(value[0], ["a", "b"]),
        lambda: crossings(value, ["a"]),
        lambda: crossings(value, ["a", "a"]),
        lambda: crossings(value + np.inf, ["a", "b"]),
        lambda: crossings(value[..., :0], ["a", "b"]),
        lambda: course(value, ["a", "b"], level=2.0),
    ):
        with pytest.raises(ParameterError) as refused:
            wrong()
        assert refused.value.remedy
