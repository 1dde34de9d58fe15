"""The life table of money: customers counted by what they pay."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.spells.spells import CENSORED
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.margins import margins, weighted
from stammkunde.survival.table import life_table
from tests.kernel.earning import Paid, drawn, episodes_of


def fixed(seed, persons=200, cents=None):
    """Return spells with one margin each."""
    rng = np.random.default_rng(seed)
    parts = []
    for i in range(persons):
        stop, own = int(rng.integers(1, 20)), int(rng.integers(500, 4000))
        to = "left" if rng.random() < 0.6 else CENSORED
        parts.append(Paid(f"p{i}", 0, stop, to, own if cents is None else cents))
    return parts


def test_where_all_pay_alike_money_stays_as_heads_do():
    parts = fixed(1, cents=1250)
    money, heads = weighted(margins(episodes_of(parts))), life_table(episodes_of(parts))
    assert money.mean == pytest.approx(12.5)
    for name in ("at_risk", "censored", "entered"):
        np.testing.assert_allclose(getattr(money.table, name), getattr(heads, name))
    np.testing.assert_allclose(money.table.moves.sum(axis=1), heads.moves.sum(axis=1))
    assert money.there.sum() == pytest.approx(12.5 * heads.censored.sum())


def test_the_share_of_money_that_stays_by_hand():
    """30 and 10 are there; 10 leaves after unit 1, another 20 of a third after unit 2."""
    parts = [
        Paid("a", 0, 3, CENSORED, 3000),
        Paid("b", 0, 1, "left", 1000),
        Paid("c", 0, 2, "left", 2000),
    ]
    money = weighted(margins(episodes_of(parts)))
    at_risk, moves, _ = money.table.in_state()
    stays = 1 - moves.sum(axis=(0, 1)) / at_risk.sum(axis=0)
    expected = [1 - Fraction(10, 60), 1 - Fraction(20, 50), Fraction(1)]
    np.testing.assert_allclose(stays, [float(x) for x in expected])
    assert money.mean == pytest.approx(float(Fraction(60 + 50 + 30, 6)))
    np.testing.assert_allclose(money.there, [0, 0, 0, 30])


def test_a_curve_of_money_is_the_weighted_curve_of_its_customers():
    parts = fixed(3)
    money = weighted(margins(episodes_of(parts)))
    curve = kaplan_meier(money.table).value
    own = 1.0
    for t in range(1, 15):
        there = sum(q.cents for q in parts if q.finish >= t)
        gone = sum(q.cents for q in parts if q.finish == t and q.to == "left")
        own *= 1 - gone / there
        assert curve[t] == pytest.approx(own, rel=1e-12)


@pytest.mark.parametrize(("unit", "months"), [("month", 1), ("quarter", 3), ("year", 12)])
def test_a_margin_is_per_month_and_the_mean_per_unit(unit, months):
    found = margins(replace(episodes_of(fixed(5, cents=1000)), unit=unit))
    money = weighted(found)
    assert money.mean == pytest.approx(10 * months)
    there = found.censored[0].sum()
    assert money.there.sum() == pytest.approx(10 * months * there)


def test_losses_cannot_be_shares():
    for cents in (-100, 0):
        with pytest.raises(NotObservedError, match="money is lost"):
            weighted(margins(episodes_of(fixed(2, cents=cents))))


def test_margins_of_other_units_do_not_add():
    one = margins(episodes_of(drawn(np.random.default_rng(1), 20)))
    with pytest.raises(ParameterError, match="cannot be added"):
        one + replace(one, unit="year")
    assert "spells without a margin" in one._repr_html_()
