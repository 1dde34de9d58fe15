"""States and cycles: two published decision models to all printed digits, and matrix powers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from stammkunde.errors import ParameterError
from stammkunde.policy.engine import Chain, Counted, Move, Yield, by_cycle, occupancy, total
from tests.patience import examples

HIV = {
    ("A", "B"): 350 / 1734,
    ("A", "C"): 116 / 1734,
    ("A", "dead"): 17 / 1734,
    ("B", "C"): 512 / 1258,
    ("B", "dead"): 15 / 1258,
    ("C", "dead"): 437 / 1749,
}
CARE = {"A": 2756.0, "B": 3052.0, "C": 9007.0}


def treated(factor, second):
    """Return cost and life years; the factor holds in the first two of twenty years."""
    slowed = np.where(np.arange(20) < 2, factor, 1.0)
    moves = tuple(Move(a, b, p * slowed) for (a, b), p in HIV.items())
    chain = Chain(("A", "B", "C", "dead"), moves, 20)
    there = occupancy(chain, "A")
    drugs = 2278 + np.where(np.arange(20) < 2, second, 0.0)
    cost = Yield({s: c + drugs for s, c in CARE.items()})
    return total(there, cost, 1 / 1.06), total(there, Yield(dict.fromkeys("ABC", 1.0)))


def test_two_drugs_against_one_in_hiv():
    one, both = treated(1.0, 0.0), treated(0.509, 2086.5)
    assert [f"{one[0]:.4f}", f"{one[1]:.7f}"] == ["44663.4536", "7.9912066"]
    assert [f"{both[0]:.4f}", f"{both[1]:.7f}"] == ["50601.6513", "8.9373889"]
    assert f"{(both[0] - one[0]) / (both[1] - one[1]):.4f}" == "6275.9556"


def test_two_drugs_are_one_call_with_a_leading_axis():
    cost, years = treated(
        np.array([[1.0], [0.509]]) * np.ones(20), np.array([[0.0], [2086.5]]) * np.ones(20)
    )
    assert [f"{x:.4f}" for x in cost] == ["44663.4536", "50601.6513"]
    assert [f"{x:.7f}" for x in years] == ["7.9912066", "8.9373889"]


def hip(factor, prosthesis):
    t = np.arange(1, 61)
    lam = factor * np.exp(-5.490935 - 0.0367022 * 60)
    gamma = np.exp(0.3740968)
    revision = 1 - np.exp(lam * ((t - 1.0) ** gamma - t**gamma))
    bands = np.array([35, 45, 55, 65, 75, 85])
    death = np.array([0.99, 2.6, 6.7, 19.3, 53.5, 154.8]) / 1000
    m = death[np.searchsorted(bands, 60 + t, side="right") - 1]
    moves = (
        Move("primary", "successful", 0.98),
        Move("primary", "dead", 0.02),
        Move("successful", "revision", revision),
        Move("successful", "dead", m),
        Move("revision", "dead", 0.02 + m),
        Move("revision", "re-revised", 1 - 0.02 - m),
        Move("re-revised", "revision", 0.04),
        Move("re-revised", "dead", m),
    )
    states = ("primary", "successful", "revision", "re-revised", "dead")
    there = occupancy(Chain(states, moves, 60), "primary")
    cost = total(there, Yield({"revision": 5294}, once=prosthesis), 1 / 1.06)
    utilities = {"successful": 0.85, "revision": 0.30, "re-revised": 0.75}
    return cost, total(there, Yield(utilities), 1 / 1.015), there


def test_two_hip_prostheses():
    """Leaving depends on tenure inside a model of states."""
    one, two = hip(1.0, 394), hip(np.exp(-1.344474), 579)
    assert [f"{one[0]:.6f}", f"{one[1]:.7f}"] == ["512.434658", "14.6531896"]
    assert [f"{two[0]:.6f}", f"{two[1]:.8f}"] == ["610.311818", "14.69770986"]
    assert f"{(two[0] - one[0]) / (two[1] - one[1]):.6f}" == "2198.486665"


def test_a_revision_is_the_move_into_it():
    """Everybody stays in revision for one year: paying for the year or for the move is the same."""
    there = hip(1.0, 394)[2]
    ways = (("successful", "revision"), ("re-revised", "revision"))
    by_move = total(there, Yield(by_move=dict.fromkeys(ways, 5294), once=394), 1 / 1.06)
    assert f"{by_move:.6f}" == "512.434658"


MONTHLY = {
    ("first", "price"): 0.03,
    ("first", "moved"): 0.008,
    ("price", "returned"): 0.05,
    ("returned", "price"): 0.06,
    ("returned", "moved"): 0.008,
}


def test_a_chain_with_returns_has_the_exact_months():
    moves = tuple(Move(a, b, p) for (a, b), p in MONTHLY.items())
    chain = Chain(("first", "price", "moved", "returned"), moves, 36)
    there = occupancy(chain, "first")
    paid = Yield({"first": 1.0, "returned": 1.0}, counted=Counted.BEGINNING)
    assert f"{total(there, paid):.4f}" == "23.3374"
    first = total(there, Yield({"first": 1.0}, counted=Counted.BEGINNING))
    assert f"{first:.4f}" == "19.7917"
    assert [f"{x:.4f}" for x in there.shares[36]] == ["0.2479", "0.3588", "0.1867", "0.2066"]


chances = st.lists(st.floats(0, 1), min_size=12, max_size=12)


@settings(max_examples=examples(40), deadline=None)
@given(chances, st.integers(1, 6), st.floats(0.5, 1.0))
def test_shares_are_powers_of_the_matrix(raw, cycles, v):
    matrix = np.array(raw).reshape(3, 4)[:, :3] + np.eye(3) * 0.1
    matrix /= matrix.sum(axis=1, keepdims=True)
    pairs = [(a, b) for a in range(3) for b in range(3) if a != b]
    chain = Chain(
        ("x", "y", "z"),
        tuple(Move("xyz"[a], "xyz"[b], matrix[a, b]) for a, b in pairs),
        cycles,
    )
    start = np.array([0.2, 0.5, 0.3])
    there = occupancy(chain, start)
    powers = [start @ np.linalg.matrix_power(matrix, t) for t in range(cycles + 1)]
    assert_allclose(there.shares, powers, atol=1e-12)
    assert_allclose(there.shares.sum(axis=1), 1.0, atol=1e-12)
    worth = sum(v**t * (powers[t][0] * 3 - powers[t][2]) for t in range(1, cycles + 1))
    assert_allclose(total(there, Yield({"x": 3.0, "z": -1.0}), v), worth, atol=1e-10)
    early = sum(v**t * powers[t][0] * 3 for t in range(cycles))
    at_once = Yield({"x": 3.0}, counted=Counted.BEGINNING)
    assert_allclose(total(there, at_once, v), early, atol=1e-10)


def test_a_move_back_to_the_same_state_is_counted_and_changes_nothing():
    plain = Chain(("x", "y"), (Move("x", "y", 0.1),), 5)
    again = Chain(("x", "y"), (Move("x", "y", 0.1), Move("x", "x", 0.4)), 5)
    a, b = occupancy(plain, "x"), occupancy(again, "x")
    assert_allclose(b.shares, a.shares, atol=1e-15)
    assert_allclose(b.flow("x", "x"), 0.4 * a.of("x")[:-1])


def test_ways_between_the_same_states_add_up():
    two = Chain(("x", "y"), (Move("x", "y", 0.1), Move("x", "y", 0.2)), 3)
    one = Chain(("x", "y"), (Move("x", "y", 0.1 + 0.2),), 3)
    assert_allclose(occupancy(two, "x").shares, occupancy(one, "x").shares, atol=1e-15)
    assert_allclose(occupancy(two, "x").flow("x", "y"), occupancy(one, "x").flow("x", "y"))


def test_head_counts_are_carried_as_they_are():
    chain = Chain(("x", "y"), (Move("x", "y", 0.5),), 1)
    assert occupancy(chain, [[8.0, 0.0], [4.0, 1.0]]).shares[:, 1].tolist() == [[4, 4], [2, 3]]


def test_money_by_cycle_adds_up_and_doubles():
    there = occupancy(Chain(("x", "y"), (Move("x", "y", 0.25),), 4), "x")
    one = Yield({"x": 2.0}, {("x", "y"): 5.0}, once=1.5)
    double = Yield({"x": 4.0}, {("x", "y"): 10.0}, once=3.0)
    assert total(there, double, 0.9) == 2 * total(there, one, 0.9)
    assert_allclose(by_cycle(there, one, 0.9).sum() + 1.5, total(there, one, 0.9))


@pytest.mark.parametrize(
    ("moves", "cycles", "told"),
    [
        ([("x", "y", 0.6), ("x", "z", 0.5)], 3, "add up to 1.1"),
        ([("x", "y", -0.1)], 3, "is -0.1 somewhere"),
        ([("x", "y", 1.1)], 3, "is 1.1 somewhere"),
        ([("x", "y", float("nan"))], 3, "not a finite number"),
        ([("x", "w", 0.1)], 3, '"w" is no state'),
        ([("x", "y", [0.1, 0.1])], 3, "goes on for 2 units where 3"),
        ([("x", "y", 0.1)], 0, "number of cycles is 0"),
        ([("x", "y", [0.1, 0.1, 0.9]), ("x", "z", [0.1, 0.1, 0.2])], 3, "add up to 1.1"),
    ],
)
def test_what_cannot_be_is_refused(moves, cycles, told):
    with pytest.raises(ParameterError, match=told) as error:
        Chain(("x", "y", "z"), tuple(Move(*m) for m in moves), cycles)
    assert error.value.remedy


def test_unknown_names_are_refused():
    chain = Chain(("x", "y"), (Move("x", "y", 0.5),), 2)
    there = occupancy(chain, "x")
    for wrong in (
        lambda: occupancy(chain, "z"),
        lambda: occupancy(chain, [1.0, 0.0, 0.0]),
        lambda: occupancy(chain, [1.0, -1.0]),
        lambda: there.flow("y", "x"),
        lambda: by_cycle(there, Yield({"z": 1.0})),
        lambda: by_cycle(there, Yield({"x": np.nan})),
        lambda: by_cycle(there, Yield({"x": 1.0}), -0.5),
        lambda: Chain(("x", "x"), (), 2),
    ):
        with pytest.raises(ParameterError):
            wrong()
