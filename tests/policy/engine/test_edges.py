"""The ends of every range: values without a warning, and never a number that is none."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stammkunde.errors import ParameterError
from stammkunde.policy.engine import (
    Pays,
    Return,
    base_by_month,
    base_value,
    cared_for,
    customers,
    existing,
    life,
    money_by_month,
    reduced,
    renewed,
    value,
    whereabouts,
)

CAUSES = ("price", "moved")
# hazards of both causes, the chance of coming back at once, customers of today after 0 and 1 units
ALL = [(0.0, 0.0), (1.0, 0.0), (0.4, 0.6), (0.0, 1.0)]
ENDS = list(product(ALL, [0.0, 1.0], [0.0, 7.0], [1, 2, 13]))


@pytest.mark.parametrize(("hazards", "chance", "there", "horizon"), ENDS)
def test_every_combination_of_ends(hazards, chance, there, horizon):
    with np.errstate(all="raise"):
        h = np.array(hazards)[:, None] * np.ones(16)
        x = life("x", CAUSES, h)
        y = cared_for(
            "y", CAUSES, h, complains=1.0, answered=0.0, fades=1.0,
            complained=[1.0, 1.0], recovered=[0.0, 0.0],
        )  # fmt: skip
        base = existing(x, [there], horizon)
        back = Return(("x", "y"), ("price",), "y", [chance])
        found = renewed([x, y], [back], {"x": 2.0}, horizon, bases=[base])
        pays = {"x": Pays(1.0, once=-1.0, at_exit={"moved": 1.0}), "y": Pays(1.0, arrears=True)}
        numbers = [
            value(found, pays, 0.99), base_value(base, pays["x"], 0.99),
            money_by_month(found, pays, 0.99), base_by_month(base, pays["x"], 0.99),
            customers(found, "y"), found.starts,
        ]  # fmt: skip
        where = whereabouts(found)
    assert all(np.isfinite(n).all() for n in numbers)
    assert_allclose(where.staying + where.waiting + where.gone, where.signed, atol=1e-12)
    # whoever leaves for the price comes back in the next month: everybody is still there
    if hazards == (1.0, 0.0) and chance == 1.0:
        assert_allclose(where.waiting + where.staying, where.signed)
    if hazards == (0.0, 0.0):
        assert customers(found, "x").tolist() == [2.0 * m for m in range(1, horizon + 1)]


def test_what_the_reduced_model_leaves_out_is_what_returners_are_worth():
    h = np.random.default_rng(1).random((6, 2, 36)) * 0.08
    new, again = life("new", CAUSES, h), life("again", CAUSES, h * 1.2)
    pays = {"new": Pays(30.0, once=-120.0), "again": Pays(25.0, once=-60.0)}
    back = Return(("new", "again"), ("price",), "again", [0.0, 0.2, 0.1])
    full = renewed([new, again], [back], {"new": np.eye(1, 36)[0]}, 36)
    short = reduced(h.sum(axis=-2), 30.0, 0.99, 36, once=-120.0).value
    beyond = value(full, {"again": pays["again"]}, 0.99)
    assert_allclose(value(full, pays, 0.99), short + beyond, rtol=1e-12)
    assert (beyond > 20).all()


def test_negative_margins_turn_signs():
    x = life("x", CAUSES, np.full((2, 24), 0.03))
    found = renewed([x], [], {"x": 1.0}, 24)
    plus, minus = (value(found, {"x": Pays(m)}, 0.99) for m in (30.0, -30.0))
    assert minus == -plus < 0


def test_two_segments_are_two_rows():
    """Segments that are alike have the same numbers; duplicating policies changes none."""
    h = np.random.default_rng(2).random((3, 1, 1, 2, 24)) * 0.08
    twice = life("x", CAUSES, h * np.ones((1, 4, 2, 1, 1)))
    once = life("x", CAUSES, h)
    back = Return(("x",), CAUSES, "x", [0.1, 0.1])
    many, one = (renewed([x], [back], {"x": 5.0}, 24).starts for x in (twice, once))
    assert (many == one).all()
    assert many.shape == (3, 4, 2, 1, 24)


def test_a_return_of_nobody_is_refused():
    for wrong in (lambda: Return((), ("price",), "x", 0.1), lambda: Return("x", ("a",), "x", 0.1)):  # type: ignore[arg-type]
        with pytest.raises(ParameterError) as error:
            wrong()
        assert error.value.remedy
    assert Return(["x"], ["price"], "x", 0.1).sources == ("x",)  # type: ignore[arg-type]
