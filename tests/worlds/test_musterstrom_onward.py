"""What becomes of the energy supplier's contracts after the close: by other ways; why missed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from stammkunde.draws import BLOCKS
from stammkunde.survival.arrays import life_table_from
from stammkunde.survival.projection import base_lifetime, choose, contract, outlook
from stammkunde.survival.table import LifeTable
from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom import process
from stammkunde.worlds.musterstrom.base import Base, mean_months
from stammkunde.worlds.musterstrom.expect import cells, run, transition
from stammkunde.worlds.musterstrom.limits import limit
from stammkunde.worlds.musterstrom.onward import (
    AHEAD,
    LAST_YEAR,
    TERMS,
    Onward,
    as_observed,
    base_as_observed,
    base_to_come,
    onward,
    to_come,
)
from tests.worlds.once import KIND, NOW, course_once

# worlds as large as clients: `make test-full` runs them
pytestmark = pytest.mark.long

CALM = replace(NOW, price_rise=False, advertising="none")
SEEN = 100


@cache
def as_is() -> Onward:
    return onward(NOW, course_once())


@cache
def calm() -> Onward:
    """The same world in which neither prices rise nor newcomers are advertised for."""
    return onward(CALM, run(CALM))


def test_backwards_from_ten_years_on_gives_what_forwards_gave():
    """Expected months to come, state by state from the end, weighted with who is there."""
    signed = np.arange(60, 84)  # under both terms, past the month of the loyalty rebate
    grid, ahead = cells(signed), 0.0
    for month in range(p.CLOSE + AHEAD - 1, p.CLOSE - 1, -1):
        stays = 1 - process.leaving(grid, month, NOW).sum(axis=0)
        onward_ = np.einsum(
            "ij...,j...->i...", transition(grid, month, NOW), ahead + np.zeros_like(stays)
        )
        ahead = 1 + stays * onward_
    there = as_is().course.left[..., signed]
    forwards = as_is().there(signed=slice(60, 84))[p.CLOSE :].sum()
    assert (there * ahead).sum() == pytest.approx(forwards, rel=1e-12)


def test_the_base_is_the_one_of_the_claims_at_the_close():
    """With one day's delay for all: customers of the last day, from the month that then begins."""
    base = Base(policy=NOW, month=p.CLOSE, horizon=AHEAD)
    later = as_is().there()[p.CLOSE :]
    assert later.sum() / later[0].sum() == pytest.approx(mean_months(base.unhurt), rel=1e-12)
    assert base_to_come(as_is()) == pytest.approx(mean_months(base.unhurt), abs=0.6)


def test_as_observed_is_the_window_as_far_as_it_goes():
    for name, signed in TERMS.items():
        window = limit(as_is().course, signed=signed)
        last = int(np.flatnonzero(window.at_risk)[-1])
        curve = as_observed(as_is(), signed=signed)
        np.testing.assert_allclose(curve[: last + 1], window.survival[: last + 1], rtol=1e-12)
        assert (np.diff(curve[: last + AHEAD]) < 0).all(), name


def test_both_terms_make_up_the_base():
    for reading in (base_to_come, base_as_observed):
        parts = [reading(as_is(), name) for name in TERMS]
        assert min(parts) < reading(as_is()) < max(parts)
        by_usage = [reading(as_is(), usage=u) for u in range(3)]
        assert by_usage == sorted(by_usage)


def test_who_signs_last_has_felt_neither_rise_nor_advertising():
    """Who signed in 2025 goes on as in a world without them; who signed before stays less long."""
    curves = {"calm": to_come(calm()), "is": to_come(as_is())}
    np.testing.assert_allclose(curves["is"], curves["calm"], atol=0.004)
    assert as_observed(as_is(), signed=TERMS["monthly"])[AHEAD // 2] < curves["is"][AHEAD // 2]
    assert range(p.MONTHS)[LAST_YEAR] == range(96, 108)


def limiting(known: Onward, signed: slice) -> tuple[LifeTable, np.ndarray]:
    """The table of a thousand times as many customers as are shipped, and who is in force."""
    window = limit(known.course, signed=signed)
    last = int(np.flatnonzero(window.at_risk * KIND.size > SEEN)[-1])
    n, d = (
        np.rint(a[1 : last + 1] * KIND.size * 1000).astype(np.int64)
        for a in (window.at_risk, window.leavers.sum(axis=0))
    )
    one = life_table_from(np.array([last]), np.array([False]))
    at_risk, moves = (np.zeros((1, BLOCKS, last), dtype=np.int64) for _ in range(2))
    at_risk[0, 0], moves[0, 0] = n, d
    there = np.zeros(last + 1)
    now = known.there(signed=signed)[p.CLOSE]
    for month in range(*signed.indices(p.CLOSE)):
        there[min(p.CLOSE - month, last)] += now[month]
    return replace(one, at_risk=at_risk, moves=moves[None].reshape(1, 1, BLOCKS, last)), there


def off(known: Onward) -> float:
    """By how much the projection of the base under old terms is off for ever more customers."""
    table, there = limiting(known, TERMS["term"])
    kinds = [contract(table, [p.TERM], every=p.TERM_RENEWS, fading=f) for f in (False, True)]
    look = outlook(table, choose(table, kinds), table.length + AHEAD)
    total = base_lifetime(look, there, AHEAD).value
    assert total is not None
    return float(total / there.sum() / base_as_observed(known, "term") - 1)


def test_why_the_base_under_old_terms_is_missed():
    """Half of it is the price rise, which each of them met once and the families carry on for ever;
    half is that the chance of leaving at a renewal falls with tenure, and theirs does not."""
    assert off(as_is()) == pytest.approx(-0.047, abs=0.005)
    assert off(calm()) == pytest.approx(-0.025, abs=0.005)
