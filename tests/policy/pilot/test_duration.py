"""How long a pilot runs: by hand, and customers followed one by one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from stammkunde.errors import ParameterError
from stammkunde.policy.pilot import (
    by_logrank,
    entries,
    events_by,
    events_needed,
    followed,
    leaving,
    until_events,
    until_followed,
)

pytestmark = pytest.mark.filterwarnings("error")

YEAR = 0.98 ** np.arange(13)


def test_a_pilot_fills_up() -> None:
    assert entries(1000, inflow=300).tolist() == [300, 300, 300, 100]
    assert entries(1000, there=400, inflow=300).tolist() == [700, 300]
    assert entries(1000, there=5000).tolist() == [1000]
    assert entries(900, inflow=300).tolist() == [300, 300, 300]


def test_events_by_hand() -> None:
    """Of those dealt .1 leave in their first unit, .3 by their second; then nobody is followed."""
    gone = np.array([0.0, 0.1, 0.3])
    found = events_by(np.array([100.0, 50.0]), gone, 5)
    assert found == pytest.approx([10, 30 + 5, 30 + 15, 45, 45], rel=1e-14)
    told = until_events(35, np.array([100.0, 50.0]), gone)
    assert [float(x) for x in (told.units, told.customers)] == [2, 150]
    assert told.events == pytest.approx(35)
    assert until_events(36, np.array([100.0, 50.0]), gone).units == 3
    assert until_events(9, np.array([100.0, 50.0]), gone).customers == 100


def test_events_that_never_come() -> None:
    told = until_events(46, np.array([100.0, 50.0]), np.array([0.0, 0.1, 0.3]))
    assert told.units == np.inf
    assert told.customers == 150
    assert told.events == pytest.approx(45)


def test_customers_followed_one_by_one() -> None:
    rng = np.random.default_rng(4)
    inflow, repetitions = [60, 60, 40], 1500
    seen, gone = followed(12, lost=0.03), leaving(YEAR, 0.7, seen=followed(12, lost=0.03))
    assert seen[-1] < 0.8
    heads = sum(inflow)
    treated = rng.random((repetitions, heads)) < 0.5
    enters = np.repeat([1, 2, 3], inflow)
    life = rng.geometric(np.where(treated, 0.014, 0.02))
    sight = rng.geometric(0.03, (repetitions, heads))
    for unit in (1, 2, 5, 9, 14):
        left = (life <= 12) & (life <= sight) & (enters + life - 1 <= unit)
        found, told = left.sum(axis=1), events_by(np.array(inflow, float), gone, unit)[-1]
        assert abs(found.mean() - told) < 3.5 * found.std() / np.sqrt(repetitions)


def test_who_is_enough_for_the_log_rank_test_has_the_events_at_the_end() -> None:
    size, events = by_logrank(YEAR, 0.8), events_needed(0.8)
    enter = entries(int(size.customers), inflow=200)
    told = until_events(events, enter, leaving(YEAR, 0.8))
    assert told.units == until_followed(enter, 12) == len(enter) + 11
    assert told.customers == size.customers
    # twice the customers see them long before
    twice = until_events(events, 2 * enter, leaving(YEAR, 0.8))
    assert twice.units < told.units
    before = events_by(2 * enter, leaving(YEAR, 0.8), int(twice.units))
    assert before[-2] < events <= before[-1]


def test_draws_at_once() -> None:
    curves = np.stack([YEAR, YEAR**2, YEAR**0.01])
    gone = leaving(curves, np.array([0.8, 0.7, 0.9]))
    enter, events = np.full(10, 80.0), np.array([50.0, 100.0, 90.0])
    many = until_events(events, enter, gone)
    each = [until_events(e, enter, g) for e, g in zip(events, gone, strict=True)]
    for part in ("units", "customers", "events"):
        assert getattr(many, part).tolist() == [float(getattr(x, part)) for x in each]
    assert many.units[2] == np.inf


def test_until_the_last_was_followed() -> None:
    assert until_followed(np.array([100.0]), 12) == 12
    assert until_followed(np.array([100.0, 0.0, 5.0, 0.0]), 12) == 14


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: entries(1000), "not there within 1200 units"),
        (lambda: entries(1000, inflow=1, longest=999), "not there within 999"),
        (lambda: entries(0, inflow=1), "number of customers is 0"),
        (lambda: entries(10, inflow=-1), "the inflow is -1"),
        (lambda: events_by(np.array([1.0]), np.array([0.0, 0.1]), 0), "without a unit"),
        (lambda: events_by(np.array([1.0]), np.array([0.0, 1.1]), 1), "leaves is 1.1"),
        (lambda: until_followed(np.zeros(3), 12), "nobody enters"),
        (lambda: until_followed(np.ones(3), 0), "a horizon of 0"),
    ],
)
def test_what_cannot_be_is_refused(call: Callable[[], object], said: str) -> None:
    with pytest.raises(ParameterError, match=said) as refused:
        call()
    assert refused.value.remedy
