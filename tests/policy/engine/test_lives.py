"""Lives: survival and causes, sub-states, and what one cause caps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from stammkunde.errors import ParameterError
from stammkunde.policy.engine import Chain, Move, cared_for, life, lived, staged
from tests.patience import examples

CAUSES = ("price", "moved")


@settings(max_examples=examples(60), deadline=None)
@given(arrays(float, (2, 3, 7), elements=st.floats(0, 1 / 3)))
def test_leavers_and_stayers_are_everybody(hazards):
    x = life("x", ("a", "b", "c"), hazards)
    gone = np.cumsum(x.leaving.sum(axis=-2), axis=-1)
    assert_allclose(gone + x.survival[..., 1:], 1.0, atol=1e-12)
    # months lost to causes and months lived fill the horizon
    lost = sum(np.cumsum(x.of(c), axis=-1)[..., :-1].sum(axis=-1) for c in x.causes)
    assert_allclose(lost + lived(x, 7)[..., -1], 7.0, atol=1e-12)


def test_halving_one_of_two_causes_gains_what_the_other_leaves():
    """Braun and Schweidel (2011): a cause that no policy moves caps the gain."""
    mean = {}
    for name, price in (("now", 0.03), ("half", 0.015), ("none", 0.0)):
        hazards = np.array([[price], [0.015]]) * np.ones(6000)
        mean[name] = lived(life(name, CAUSES, hazards), 6000)[-1]
    assert [f"{mean[k]:.1f}" for k in ("now", "half", "none")] == ["22.2", "33.3", "66.7"]
    assert f"{mean['half'] - mean['now']:.1f}" == "11.1"
    one = [lived(life("x", ("any",), np.full((1, 6000), h)), 6000)[-1] for h in (0.045, 0.0225)]
    assert f"{one[1] - one[0]:.1f}" == "22.2"


def test_hazards_of_nought_and_one():
    with np.errstate(all="raise"):
        x = life("x", CAUSES, [[0.0, 0.0, 0.4, 0.5], [0.0, 0.0, 0.6, 0.5]])
    assert x.survival.tolist() == [1, 1, 1, 0, 0]
    assert x.leaving.tolist() == [[0, 0, 0.4, 0], [0, 0, 0.6, 0]]


@settings(max_examples=examples(30), deadline=None)
@given(
    arrays(float, (2, 9), elements=st.floats(0, 0.3)),
    st.floats(0, 1), st.floats(0, 1), st.floats(0, 1),
)  # fmt: skip
def test_complaints_that_change_no_hazard_change_nobody(hazards, complains, answered, fades):
    ones = np.ones(2)
    x = cared_for(
        "x", CAUSES, hazards, complains=complains, answered=answered, fades=fades,
        complained=ones, recovered=ones,
    )  # fmt: skip
    plain = life("x", CAUSES, hazards)
    assert_allclose(x.survival, plain.survival, atol=1e-12)
    assert_allclose(x.leaving, plain.leaving, atol=1e-12)
    assert x.mix is not None
    assert_allclose(x.mix.sum(axis=-2), x.survival[:-1], atol=1e-12)


def complained(units=40, answered=0.4):
    hazards = np.array([[0.02], [0.01]]) * np.linspace(1, 1.5, units)
    return cared_for(
        "x", CAUSES, hazards, complains=0.1, answered=answered, fades=0.25,
        complained=[3.0, 1.0], recovered=[0.5, 1.0],
    )  # fmt: skip


def test_complaints_by_the_matrix():
    units, grown = 40, np.linspace(1, 1.5, 40)
    where = np.array([1.0, 0, 0])
    survival, mix, leaving = [1.0], [], []
    for u in range(units):
        mix.append(where)
        h = np.array([[0.02, 0.01], [0.06, 0.01], [0.01, 0.01]]) * grown[u]
        leaving.append(where @ h)
        stay = where * (1 - h.sum(axis=1))
        onward = np.array(
            [[0.9, 0.1 * 0.6, 0.1 * 0.4],
             [0.9 * 0.25, 0.9 * 0.75 + 0.1 * 0.6, 0.1 * 0.4],
             [0.9 * 0.25, 0.1 * 0.6, 0.9 * 0.75 + 0.1 * 0.4]]
        )  # fmt: skip
        where = stay @ onward
        survival.append(where.sum())
    x = complained()
    assert_allclose(x.survival, survival, atol=1e-13)
    assert_allclose(x.mix, np.transpose(mix), atol=1e-13)
    assert_allclose(x.leaving, np.transpose(leaving), atol=1e-13)


def test_good_answers_keep_customers():
    kept = [lived(complained(answered=a), 40)[-1] for a in (0.0, 0.5, 1.0)]
    assert kept[0] < kept[1] < kept[2]


def test_a_life_of_states_has_leading_axes():
    one = [complained(answered=a).survival for a in (0.2, 0.7)]
    both = complained(answered=np.array([[0.2], [0.7]]))
    assert_allclose(both.survival, one, atol=0, rtol=0)


@pytest.mark.parametrize(
    ("hazards", "told"),
    [
        ([[0.6], [0.5]], "add up to 1.1"),
        ([[1.2], [0.0]], "is 1.2 somewhere"),
        ([[-0.2], [0.0]], "is -0.2 somewhere"),
        ([[np.nan], [0.0]], "not a finite number"),
        ([[0.1]], "has 2 causes"),
        ([0.1, 0.2], "has 2 causes"),
        ([[], []], "has 2 causes"),
    ],
)
def test_impossible_hazards_are_refused(hazards, told):
    with pytest.raises(ParameterError, match=told) as error:
        life("x", CAUSES, hazards)
    assert error.value.remedy


def test_impossible_complaints_are_refused():
    good: dict[str, Any] = {"complains": 0.1, "answered": 0.5, "fades": 0.5}
    good |= {"complained": [3.0, 1.0], "recovered": [1.0, 1.0]}
    h = np.full((2, 3), 0.2)
    cared_for("x", CAUSES, h, **good)
    for wrong in (
        {"complained": [6.0, 1.0]},
        {"complained": [4.5, 1.0]},
        {"complained": [-1.0, 1.0]},
        {"complained": 2.0},
        {"fades": 1.5},
        {"answered": [0.5, 0.5]},
    ):
        with pytest.raises(ParameterError):
            cared_for("x", CAUSES, h, **good | wrong)
    with pytest.raises(ParameterError, match="has 2 causes"):
        cared_for("x", CAUSES, h[:1], **good)


def test_a_chain_that_is_no_life_is_refused():
    chain = Chain(("here", "gone"), (Move("here", "gone", 0.1),), 3)
    assert staged("x", chain, ("here",), ("gone",), "here").units == 3
    back = Chain(("here", "gone"), (Move("gone", "here", 0.1),), 3)
    for wrong in (
        lambda: staged("x", chain, ("here",), (), "here"),
        lambda: staged("x", chain, ("here",), ("gone",), "gone"),
        lambda: staged("x", chain, ("here",), ("gone",), [0.5, 0.5]),
        lambda: staged("x", back, ("here",), ("gone",), "here"),
        lambda: life("x", "price", [[0.1]]),
        lambda: life("x", ("a",), [[0.1]]).of("b"),
        lambda: life("x", ("a",), [[0.1]]).within(2),
        lambda: life("x", ("a",), [[0.1]]).within(0),
    ):
        with pytest.raises(ParameterError):
            wrong()
