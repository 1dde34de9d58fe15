"""Every element of a policy against customers drawn one by one, alone and all together.

Value, each stream of money, the customers left and contacts differ by less than 3.5 Monte Carlo
errors. As everywhere, a check that fails is run once more with ten times the persons, and that run
decides.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from hashlib import sha256

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stammkunde.policy.offers import (
    Behaviour,
    Care,
    CoolOff,
    LoyaltyRebate,
    Policy,
    Reaction,
    RebateForAll,
    Step,
    WinBack,
    applied,
    worth,
)
from stammkunde.policy.offers.earlier import still_to_come
from tests.policy.offers.cases import ALONE, KEPT, PRICE, TOGETHER, WHOLE
from tests.policy.offers.markets import GONE, HAZARDS, RETURNS, H, market, segment
from tests.policy.offers.persons import STREAMS, drawn
from tests.policy.offers.town import Town

LATER = {"arrears": True, "by_month": 1 + np.arange(H) / 50}
CASES = {n: (*case, {}) for n, case in ALONE.items()}
CASES |= {n: (*case, LATER) for n, case in TOGETHER.items()}


def seed(name):
    return int.from_bytes(sha256(name.encode()).digest()[:8], "big")


def policy_of(elements, own=None):
    return Policy("x", None, elements, own or {})


def told(policy, where):
    """Return what the recursion says, by what is compared, and what capacities leave of reaches."""
    made = applied(policy, where, {})
    found = worth(made)
    theory = {n: float(getattr(found, n)) for n in (*STREAMS, "customers", "total", "base")}
    limited = {e.name: e for _, e in policy.all() if getattr(e, "capacity", None) is not None}
    assert all(0 < made.reach[n] < 1 for n in limited), made.reach
    theory |= {n: e.capacity * where.horizon for n, e in limited.items()}
    return theory, {n: float(x) for n, x in made.reach.items()}


def seen(policy, where, reach, persons, name):
    """Return means and their squared errors of customers drawn, `persons` in each segment."""
    mean, square = {}, {}
    for s in where.segments:
        content = HAZARDS if s.complaints is not None else np.asarray(s.hazards)
        town = Town(policy.of(s.name), s, where.causes, content, where.horizon, where.v,
                    where.arrears, where.by_month, reach)  # fmt: skip
        found, cell, stands, of_base = drawn(town, persons, seed(name + s.name))
        found["total"] = sum(found[n] for n in STREAMS)
        found["base"] = found["total"] * of_base
        for n, own in found.items():
            heads, summed = np.bincount(cell), np.bincount(cell, own)
            apart = (own - (summed / heads)[cell]) ** 2
            mean[n] = mean.get(n, 0.0) + (stands * own).sum()
            error = (stands**2 * apart * (heads / (heads - 1))[cell]).sum()
            square[n] = square.get(n, 0.0) + error
    return mean, square


def apart(theory, sample):
    """Return the largest difference in Monte Carlo errors."""
    mean, square = sample
    error = {n: square[n] ** 0.5 for n in theory}
    # what nothing moves must be the same
    sure = [n for n, x in error.items() if x <= 1e-10 * abs(mean[n])]
    for n in sure:
        assert_allclose(theory[n], mean[n], rtol=1e-9, atol=1e-9)
    found = [(mean[n] - theory[n]) / x for n, x in error.items() if n not in sure]
    assert len(found) >= 3
    return np.abs(found).max()


def agree(policy, where, name, persons=20_000):
    theory, reach = told(policy, where)
    gap = apart(theory, seen(policy, where, reach, persons, name))
    if gap >= 3.5:
        gap = apart(theory, seen(policy, where, reach, 10 * persons, name + ":2"))
    assert gap < 3.5


@pytest.mark.parametrize("case", CASES)
def test_recursion_and_persons_agree(case):
    elements, changed, how = CASES[case]
    agree(policy_of(elements), market(segment(**changed), **how), case)


@pytest.mark.long
@pytest.mark.parametrize("case", CASES)
def test_they_agree_with_two_hundred_thousand_persons(case):
    elements, changed, how = CASES[case]
    agree(policy_of(elements), market(segment(**changed), **how), case + ": many", 200_000)


OWN = {
    "gold": (
        RebateForAll(1.0),
        LoyaltyRebate(7, 2.0, every=12, cap=3.0),
        Care("calls", 6.0, 0.9, 400.0, behaviour=Behaviour((Reaction(0.6),))),
    ),
    "new": (CoolOff(4, deterred=0.5), WinBack(PRICE, 0.4, 2.0, amount=9.0, months=3)),
}


def test_rules_by_segment():
    """Elements of a segment stand in place of general ones, two share the calls of one capacity."""
    general = (
        RebateForAll(4.0, behaviour=KEPT),
        LoyaltyRebate(13, 1.0),
        Care("calls", 4.0, 0.4, 400.0, behaviour=Behaviour((Reaction(0.5, ("service",)),))),
    )
    where = market(segment(), segment("gold", margin=45.0), segment("new", there=(), inflow=40.0))
    agree(policy_of(general, OWN), where, "rules by segment")


WRONG = {
    **{f"without {e.name}": tuple(x for x in WHOLE if x is not e) for e in WHOLE},
    **{
        f"{name}.{key}": tuple(replace(e, **{key: x}) if e.name == name else e for e in WHOLE)
        for name, key, x in (
            ("newcomer", "months", 13),
            ("newcomer", "hassle", 300.0),
            ("glide_path", "steps", WHOLE[1].steps[:1]),
            ("cool_off", "deterred", 0.0),
            ("cool_off", "service", 0.0),
            ("minimum_term", "renewal", 1),
            ("minimum_term", "pent_up", 0.4),
            ("gift", "from_unit", 8),
        )
    },
    **{
        f"newcomers: no {what}": (
            replace(WHOLE[0], behaviour=replace(WHOLE[0].behaviour, **changed)),
            *WHOLE[1:],
        )
        for what, changed in (
            ("spike", {"reactions": tuple(WHOLE[0].behaviour.reactions[i] for i in (0, 2, 3))}),
            (
                "spill-over",
                {"reactions": tuple(WHOLE[0].behaviour.reactions[i] for i in (0, 1, 3))},
            ),
            ("hazards of the induced", {"reactions": WHOLE[0].behaviour.reactions[:3]}),
            ("lift", {"lift": 0.0}),
            ("referrals", {"referrals": 0.0}),
        )
    },
}


@cache
def whole():
    where = market(**LATER)
    return seen(policy_of(WHOLE), where, told(policy_of(WHOLE), where)[1], 150_000, "whole")


@pytest.mark.long
@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_would_be_seen(mistake):
    """Persons under all elements show what a recursion that forgets or bends one would miss."""
    theory, _ = told(policy_of(WRONG[mistake]), market(**LATER))
    assert apart(theory, whole()) > 3.5


@pytest.mark.long
def test_who_had_left_taken_for_a_newcomer_would_be_seen():
    come = still_to_come(RETURNS, GONE, H)
    theory, _ = told(policy_of(WHOLE), market(segment(gone=(), inflow=100.0 + come), **LATER))
    assert apart(theory, whole()) > 3.5


BENT = {
    "the cap": ("a loyalty rebate that grows to a cap", {"cap": 4.5}),
    "the first unit": ("a loyalty rebate that grows to a cap", {"from_unit": 6}),
    "how often it grows": ("a loyalty rebate that grows to a cap", {"every": 7}),
    "a step": (
        "a loyalty rebate by steps with a cap", {"steps": (Step(4, 10, 2.0), Step(11, 20, 6.0))},
    ),
    "when they come back": ("winning back", {"lag": 6}),
    "how long they pay less": ("winning back", {"months": 7}),
    "who takes it": ("a rebate that a share takes up", {"take_up": 0.45}),
    "when calls end": ("calls", {"to_unit": 17}),
    "who answers": ("complaints answered better", {"answered": 0.85}),
    "who hops": ("hopping of a share", {"hops": 0.25}),
}  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("what", BENT)
def test_a_small_mistake_in_one_element_would_be_seen(what):
    case, changed = BENT[what]
    (element,), own = ALONE[case]
    where = market(segment(**own))
    theory, _ = told(policy_of((replace(element, **changed),)), where)
    assert apart(theory, seen(policy_of((element,)), where, {}, 60_000, what)) > 3.5


CALLED = Care("calls", 4.0, 0.4, lasts=3, behaviour=Behaviour((Reaction(0.5, ("price",)),)))


@pytest.mark.parametrize("every", [3, 6, None])
def test_contacts_that_are_over_before_the_next(every):
    """Of those still there those called are the more in later units: less than can be seen here."""
    agree(policy_of((replace(CALLED, every=every),)), market(), f"contacts each {every}")


@pytest.mark.parametrize("every", [1, 2])
def test_contacts_that_still_hold_when_the_next_comes(every):
    """Of those called each month with 2/5, who react for three months, 1 - (3/5)^3 react."""
    name = f"contacts each {every}"
    agree(policy_of((replace(CALLED, every=every),)), market(), name, 100_000)
