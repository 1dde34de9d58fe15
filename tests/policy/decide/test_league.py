"""The league of policies: by hand, beside brute force, and what must not change it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from stammkunde.errors import ParameterError
from stammkunde.policy.decide import league, normal_best, normal_evpi, normal_regret
from stammkunde.result import Status
from tests.patience import examples
from tests.policy.decide.worlds import of

NAMES = ("none", "newcomer", "loyalty", "all")
tables = arrays(float, (40, 4), elements=st.floats(-1e3, 1e3).map(lambda x: round(x, 1)))


def test_by_hand_means_and_chances_can_disagree() -> None:
    values = [[0.0, 10.0], [0.0, -1.0], [0.0, -1.0], [0.0, 0.0]]
    found = league(values, ["none", "bold"], "none")
    assert [s.policy for s in found.standings] == ["bold", "none"]
    bold, none = found.of("bold"), found.of("none")
    assert (bold.value.value, none.value.value) == (2.0, 0.0)
    # a tie in the last draw counts for both by half
    assert (bold.best.value, none.best.value) == (0.375, 0.625)
    assert (bold.regret.value, none.regret.value) == (0.5, 2.5)
    assert found.evpi.value == 0.5
    assert (found.leaders, found.favourites) == (("bold",), ("none",))
    assert found.disagrees


def test_where_they_agree_it_says_so() -> None:
    found = league([[0.0, 1.0], [0.0, 2.0]], ["none", "good"], "none")
    assert not found.disagrees
    assert found.evpi.value == 0.0
    assert found.of("none").difference.value == 0.0
    assert (found.of("none").difference.low, found.of("none").difference.high) == (0.0, 0.0)


def test_normal_draws_give_the_normal_formulas() -> None:
    draws = np.random.default_rng(1).normal(4, 10, 200_000)
    found = league(np.column_stack([0 * draws, draws]), ["none", "loyalty"], "none")
    for estimate, truth in (
        (found.evpi, normal_evpi(4, 10)),
        (found.of("loyalty").best, normal_best(4, 10)),
        (found.of("none").regret, normal_regret(4, 10)),
    ):
        number = of(estimate)
        assert abs(number.value - truth) < 3.5 * number.se
        assert number.low < truth < number.high
    low, high = found.of("loyalty").difference.low, found.of("loyalty").difference.high
    assert low == pytest.approx(4 - 19.6, abs=0.2)
    assert high == pytest.approx(4 + 19.6, abs=0.2)


@settings(max_examples=examples(60))
@given(tables)
def test_perfect_information_is_the_least_regret_and_chances_add_up(values: np.ndarray) -> None:
    found = league(values, NAMES, "none")
    scale = 1e-9 * (1 + np.abs(values).max())
    regrets = [of(s.regret).value for s in found.standings]
    gap = values.max(axis=1).mean() - values.mean(axis=0).max()
    assert found.evpi.value == pytest.approx(gap, abs=scale)
    assert min(regrets) == pytest.approx(found.evpi.value, abs=scale)
    assert sum(of(s.best).value for s in found.standings) == pytest.approx(1.0, abs=1e-12)
    for s in found.standings:
        brute = [(max(row) - row[NAMES.index(s.policy)]) for row in values.tolist()]
        assert s.regret.value == pytest.approx(np.mean(brute), abs=scale)
        own = values[:, NAMES.index(s.policy)]
        wins = [
            (x == row.max()) / (row == row.max()).sum() for x, row in zip(own, values, strict=True)
        ]
        assert s.best.value == pytest.approx(np.mean(wins), abs=1e-12)


@settings(max_examples=examples(40))
@given(tables, st.permutations(range(4)))
def test_the_order_of_policies_changes_nothing(values: np.ndarray, order: list[int]) -> None:
    shuffled = league(values[:, order], [NAMES[i] for i in order], "none")
    assert shuffled == league(values, NAMES, "none")


@settings(max_examples=examples(40))
@given(tables)
def test_a_new_policy_changes_no_other_ones_value_or_difference(values: np.ndarray) -> None:
    few, all_four = league(values[:, :3], NAMES[:3], "none"), league(values, NAMES, "none")
    for s in few.standings:
        assert (s.value, s.difference) == (
            all_four.of(s.policy).value,
            all_four.of(s.policy).difference,
        )
        assert of(all_four.of(s.policy).best).value <= of(s.best).value
        assert of(all_four.of(s.policy).regret).value >= of(s.regret).value


def test_money_scales_and_chances_do_not() -> None:
    values = np.random.default_rng(2).normal(size=(500, 4))
    one, eight = league(values, NAMES, "none"), league(8 * values, NAMES, "none")
    assert eight.evpi.value == 8 * of(one.evpi).value
    for s in one.standings:
        for part in ("value", "difference", "regret"):
            small, large = of(getattr(s, part)), of(getattr(eight.of(s.policy), part))
            assert (large.value, large.low, large.se) == pytest.approx(
                (8 * small.value, 8 * small.low, 8 * small.se), rel=1e-12
            )
        assert eight.of(s.policy).best == s.best


def test_differences_are_taken_draw_by_draw() -> None:
    """What both share is no doubt about their difference."""
    shared = np.random.default_rng(4).normal(0, 1000, 2000)
    found = league(np.column_stack([shared, shared + 1]), ["a", "b"], "a")
    assert found.of("b").difference.low == pytest.approx(1.0, abs=1e-9)
    assert found.of("b").difference.high == pytest.approx(1.0, abs=1e-9)
    assert of(found.of("b").value).high - of(found.of("b").value).low > 3000
    assert found.of("b").best.value == 1.0


def test_policies_that_are_the_same_share_the_lead() -> None:
    values = np.random.default_rng(5).normal(size=(200, 2))[:, [0, 0, 1]]
    found = league(values - [0.0, 0.0, 9.0], ["x", "y", "z"], "x")
    assert found.leaders == ("x", "y")
    assert found.favourites == ("x", "y")
    assert not found.disagrees
    assert found.of("x").best.value == 0.5


def test_status_unit_and_assumptions_are_carried() -> None:
    found = league(
        [[0.0, 1.0], [1.0, 0.0]],
        ["a", "b"],
        "a",
        unit="CHF",
        status=Status.ASSUMED,
        assumptions=("lift",),
    )
    value, best = found.of("a").value, found.of("a").best
    assert (value.unit, value.status, value.assumptions) == ("CHF", Status.ASSUMED, ("lift",))
    assert best.unit == "share"
    frame = found.to_frame()
    assert frame["policy"].tolist() == ["a", "b"]
    assert "<table" in found._repr_html_()


def test_what_cannot_be_decided_is_refused() -> None:
    good = np.zeros((5, 2))
    for values, names, against, level in (
        (good, ["a", "a"], "a", 0.95),
        (good, ["a", "b"], "c", 0.95),
        (good, ["a", "b", "c"], "a", 0.95),
        (good, "ab", "a", 0.95),
        (good[:1], ["a", "b"], "a", 0.95),
        (good[0], ["a", "b"], "a", 0.95),
        (good + np.nan, ["a", "b"], "a", 0.95),
        (good, ["a", "b"], "a", 1.0),
        (np.zeros((5, 0)), [], "a", 0.95),
    ):
        with pytest.raises(ParameterError) as refused:
            league(values, names, against, level=level)
        assert refused.value.remedy
