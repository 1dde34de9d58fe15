"""Where the best policy turns: roots by hand, ties, several turns, and from draws alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from stammkunde.errors import ParameterError
from stammkunde.policy.decide import Turn, threshold, threshold_of_draws
from stammkunde.policy.decide.one_way import Model

DRAWN = {"x": np.zeros(4), "noise": np.array([-1.0, 1.0, 0.0, 0.0])}


def found(
    model: Model, low: float, high: float, names: Sequence[str] = ("a", "b"), steps: int = 40
) -> tuple[Turn, ...]:
    return threshold(model, DRAWN, names, "x", low, high, steps=steps)


def test_a_root_of_a_bent_difference() -> None:
    turns = found(lambda g: np.column_stack([np.exp(g["x"]), 3 + g["noise"]]), 0.0, 4.0)
    assert [(t.before, t.after, t.assumption) for t in turns] == [("b", "a", "x")]
    assert turns[0].at == pytest.approx(np.log(3), abs=1e-9)


def test_three_policies_take_turns() -> None:
    def model(given: Mapping[str, np.ndarray]) -> np.ndarray:
        x = given["x"]
        return np.column_stack([0 * x, x - 1, 3 * x - 7])

    turns = found(model, 0.0, 10.0, ("none", "loyalty", "all"))
    assert [(t.before, t.after) for t in turns] == [("none", "loyalty"), ("loyalty", "all")]
    assert [t.at for t in turns] == pytest.approx([1.0, 3.0], abs=1e-9)


def test_two_turns_within_one_step_are_both_found() -> None:
    def model(given: Mapping[str, np.ndarray]) -> np.ndarray:
        x = given["x"]
        return np.column_stack([0 * x, x - 1, 3 * x - 7])

    turns = found(model, 0.0, 10.0, ("none", "loyalty", "all"), steps=1)
    assert [t.at for t in turns] == pytest.approx([1.0, 3.0], abs=1e-6)


def test_who_was_level_but_fell_behind_earlier_is_not_who_is_overtaken() -> None:
    def model(given: Mapping[str, np.ndarray]) -> np.ndarray:
        x = given["x"]
        return np.column_stack([-np.maximum(x - 1, 0), -np.maximum(x - 2, 0), x - 2.5])

    turns = found(model, 0.0, 3.0, ("a", "b", "c"), steps=1)
    assert [(t.before, t.after) for t in turns] == [("b", "c")]
    assert turns[0].at == pytest.approx(2.25, abs=1e-9)


def test_it_turns_back() -> None:
    turns = found(lambda g: np.column_stack([1 + 0 * g["x"], g["x"] ** 2]), -3.0, 3.0)
    assert [(round(t.at, 6), t.before, t.after) for t in turns] == [(-1, "b", "a"), (1, "a", "b")]


def test_the_order_of_policies_changes_nothing() -> None:
    turned = found(lambda g: np.column_stack([g["x"] ** 2, 1 + 0 * g["x"]]), -3, 3, ("b", "a"))
    assert turned == found(lambda g: np.column_stack([1 + 0 * g["x"], g["x"] ** 2]), -3, 3)


def test_one_that_is_best_throughout_never_turns() -> None:
    assert found(lambda g: np.column_stack([g["x"], g["x"] - 1]), -5.0, 5.0) == ()


def test_touching_is_no_turn_and_a_tie_is_none_until_it_is_broken() -> None:
    assert found(lambda g: np.column_stack([0 * g["x"], -(g["x"] ** 2)]), -1.0, 1.0) == ()
    # level up to 2, then b: it was best all the while
    flat = found(lambda g: np.column_stack([0 * g["x"], np.maximum(g["x"] - 2, 0)]), 0.0, 4.0)
    assert flat == ()
    kinked = found(
        lambda g: np.column_stack([0 * g["x"], np.minimum(g["x"], 0) + np.maximum(g["x"] - 2, 0)]),
        -1.0,
        4.0,
    )
    assert [(t.before, t.after) for t in kinked] == [("a", "b")]
    assert kinked[0].at == pytest.approx(2.0, abs=1e-4)


def test_a_step_is_found_where_it_is() -> None:
    turns = found(lambda g: np.column_stack([0 * g["x"], np.where(g["x"] > 0.3, 1.0, -1)]), 0, 1)
    assert [t.at for t in turns] == pytest.approx([0.3], abs=1e-6)


def test_from_draws_alone() -> None:
    rng = np.random.default_rng(51)
    x, noise = rng.uniform(0, 4, 20_000), rng.standard_normal((20_000, 2))
    values = np.column_stack([0 * x, (x - 1) * (x - 3)]) + noise
    turns = threshold_of_draws(values, {"x": x}, ["none", "all"], "x")
    assert [(t.before, t.after) for t in turns] == [("all", "none"), ("none", "all")]
    # the error of the difference there by its slope of 2: sqrt(2 * 15 / 20000) / 2 = .02
    assert [t.at for t in turns] == pytest.approx([1.0, 3.0], abs=0.07)
    exact = threshold(
        lambda g: np.column_stack([0 * g["x"], (g["x"] - 1) * (g["x"] - 3)]),
        {"x": x},
        ["none", "all"],
        "x",
        0,
        4,
    )
    assert [t.at for t in exact] == pytest.approx([1.0, 3.0], abs=1e-9)
    fixed = threshold_of_draws(values, {"x": 0 * x}, ["none", "all"], "x")
    assert fixed == ()


def test_money_scales_and_the_turn_stays() -> None:
    def model(scale: float) -> Model:
        return lambda g: scale * np.column_stack([np.exp(g["x"]), 3 + g["noise"]])

    assert found(model(1.0), 0, 4)[0].at == pytest.approx(found(model(1e6), 0, 4)[0].at, rel=1e-12)


def test_what_cannot_be_is_refused() -> None:
    def model(given: Mapping[str, np.ndarray]) -> np.ndarray:
        return np.column_stack([given["x"], -given["x"]])

    for wrong in (
        lambda: found(model, 1.0, 0.0),
        lambda: found(model, 0.0, np.inf),
        lambda: found(model, 0.0, 1.0, steps=0),
        lambda: threshold(model, DRAWN, ["a", "b"], "y", 0, 1),
        lambda: found(lambda g: np.full((4, 2), np.nan), 0, 1),
    ):
        with pytest.raises(ParameterError) as refused:
            wrong()
        assert refused.value.remedy
