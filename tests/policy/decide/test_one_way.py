"""Tornado and map: by hand, beside draws, and what must not change them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from scipy import stats

from stammkunde.errors import ParameterError
from stammkunde.policy.decide import tornado, tornado_of_draws, two_way

NAMES = ("none", "loyalty", "all")


def model(given: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return values of which the difference of two is 3 lift - hop^2 + 1, and a third."""
    lift, hop = given["lift"], given["hop"]
    return np.column_stack([0 * lift, 3 * lift - hop**2 + 1, lift * hop])


def drawn(count: int = 20_000, seed: int = 41) -> dict[str, np.ndarray]:
    lift, hop = np.random.default_rng(seed).standard_normal((2, count))
    return {"lift": 3 + lift, "hop": 1 + hop}


def test_bars_by_hand() -> None:
    given = drawn()
    found = tornado(model, given, NAMES, "loyalty", "none")
    lift, hop = (next(b for b in found.bars if b.assumption == n) for n in ("lift", "hop"))
    low, high = np.quantile(given["lift"], [0.05, 0.95])
    rest = 1 - (given["hop"] ** 2).mean()
    assert (lift.low, lift.high) == (low, high)
    assert (lift.at_low, lift.at_high) == pytest.approx((3 * low + rest, 3 * high + rest))
    assert lift.swing == pytest.approx(3 * (high - low))
    low, high = np.quantile(given["hop"], [0.05, 0.95])
    rest = 3 * given["lift"].mean() + 1
    assert (hop.at_low, hop.at_high) == pytest.approx((rest - low**2, rest - high**2))
    assert found.middle == pytest.approx(rest - (given["hop"] ** 2).mean())
    assert [b.assumption for b in found.bars] == ["lift", "hop"]
    assert found.to_frame()["assumption"].tolist() == ["lift", "hop"]
    assert "<table" in found._repr_html_()


def test_the_points_are_those_of_the_normal() -> None:
    bar = tornado(model, drawn(), NAMES, "loyalty", "none", of=["lift"]).bars[0]
    error = np.sqrt(0.05 * 0.95 / 20_000) / stats.norm.pdf(stats.norm.ppf(0.05))
    assert abs(bar.low - (3 + stats.norm.ppf(0.05))) < 3.5 * error


def test_from_draws_alone_it_is_the_same_where_assumptions_are_independent() -> None:
    given = drawn()
    noise = np.random.default_rng(42).standard_normal((20_000, 3))
    exact = tornado(model, given, NAMES, "loyalty", "none")
    found = tornado_of_draws(model(given) + noise, given, NAMES, "loyalty", "none")
    for a, b in zip(exact.bars, found.bars, strict=True):
        assert (a.assumption, a.low, a.high) == (b.assumption, b.low, b.high)
        # the other assumption's spread, 20,000 draws, some ten degrees of freedom
        assert abs(a.at_low - b.at_low) < 0.25
        assert abs(a.at_high - b.at_high) < 0.25


def test_turning_policies_round_turns_the_signs() -> None:
    given = drawn(500)
    there, back = (
        tornado(model, given, NAMES, *pair) for pair in (("all", "none"), ("none", "all"))
    )
    assert there.middle == -back.middle
    for a, b in zip(there.bars, back.bars, strict=True):
        assert (a.assumption, a.at_low, a.at_high) == (b.assumption, -b.at_low, -b.at_high)
        assert a.turns == b.turns


def test_the_order_of_policies_changes_nothing() -> None:
    given, order = drawn(500), [2, 0, 1]
    turned = tornado(
        lambda g: model(g)[:, order], given, [NAMES[i] for i in order], "loyalty", "all"
    )
    assert turned == tornado(model, given, NAMES, "loyalty", "all")


def test_an_assumption_without_effect_has_no_bar_and_comes_last() -> None:
    given = {"idle": np.random.default_rng(1).random(300)} | drawn(300)
    found = tornado(model, given, NAMES, "loyalty", "none")
    assert found.bars[-1].assumption == "idle"
    assert found.bars[-1].swing == 0
    assert not found.bars[-1].turns


def test_a_bar_that_passes_zero_turns() -> None:
    found = tornado(lambda g: np.column_stack([g["x"], 0 * g["x"]]), {"x": np.arange(-50.0, 51)},
                    ["a", "b"], "a", "b")  # fmt: skip
    assert found.bars[0].turns
    assert (found.bars[0].at_low, found.bars[0].at_high) == (-45.0, 45.0)


def test_the_map_by_hand() -> None:
    given = drawn(50)
    found = two_way(model, given, NAMES, ("lift", [0.0, 2.0]), ("hop", [0.0, 1.0, 3.0]))
    assert found.names == ("all", "loyalty", "none")
    loyalty = [[1.0, 0.0, -8.0], [7.0, 6.0, -2.0]]
    everyone = [[0.0, 0.0, 0.0], [0.0, 2.0, 6.0]]
    assert found.means[..., 1].tolist() == loyalty
    assert found.means[..., 0].tolist() == everyone
    assert (found.means[..., 2] == 0).all()
    best = [[found.names[i] for i in row] for row in found.best]
    assert best[0][0] == "loyalty"
    assert best[1] == ["loyalty", "loyalty", "all"]
    assert found.lead.tolist() == [[1.0, 0.0, 0.0], [7.0, 4.0, 6.0]]


def test_a_map_of_one_policy_has_no_lead() -> None:
    found = two_way(
        lambda g: g["x"][:, None] + g["y"][:, None],
        {"x": np.zeros(3), "y": np.zeros(3)},
        ["a"],
        ("x", [1.0]),
        ("y", [2.0]),
    )
    assert found.means.tolist() == [[[3.0]]]
    assert found.lead.tolist() == [[0.0]]


def test_what_cannot_be_is_refused() -> None:
    given = drawn(200)
    for wrong in (
        lambda: tornado(model, given, NAMES, "loyalty", "nothing"),
        lambda: tornado(model, given, NAMES, "loyalty", "none", of=["lifts"]),
        lambda: tornado(model, given, NAMES, "loyalty", "none", ends=(0.9, 0.1)),
        lambda: tornado(model, given, NAMES, "loyalty", "none", ends=(0.1, 1.1)),
        lambda: tornado_of_draws(model(given)[:150], given, NAMES, "loyalty", "none"),
        lambda: two_way(model, given, NAMES, ("lift", [0.0]), ("lift", [1.0])),
        lambda: two_way(model, given, NAMES, ("lift", [0.0]), ("hops", [1.0])),
        lambda: two_way(model, given, NAMES, ("lift", [np.nan]), ("hop", [1.0])),
    ):
        with pytest.raises(ParameterError) as refused:
            wrong()
        assert refused.value.remedy
