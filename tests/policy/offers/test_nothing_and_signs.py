"""What a policy that does nothing decides, what negative margins turn, and what names never do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import brentq

from stammkunde.policy.decide import evppi, league, threshold, tornado
from stammkunde.policy.offers import (
    Behaviour,
    Care,
    GlidePath,
    LoyaltyRebate,
    Market,
    NewcomerRebate,
    Policy,
    Reaction,
    RebateForAll,
    Recovery,
    Step,
    When,
    WinBack,
    value_by_month,
    worths,
)
from stammkunde.policy.offers.applied import applied
from tests.policy.offers.cases import ALONE, COMPLAINING, TOGETHER, WHOLE
from tests.policy.offers.markets import ALL, CAUSES, HAZARDS, NONE, market, segment, valued

IDLE = {
    "newcomer": NewcomerRebate(12, "amount"),
    "loyalty": LoyaltyRebate(13, "amount", every=12, cap=30.0, take_up=0.7),
    "for all": RebateForAll("amount"),
    "path": GlidePath((Step(1, 6, "amount"), Step(7, 12, 0.5))),
    "won back": WinBack(("price",), 0.0, amount="amount", months=6, cost="amount"),
    "calls": Care("calls", "amount", 0.3),
}
EUROS = np.linspace(0.5, 20.0, 200)


@pytest.mark.parametrize("what", IDLE)
def test_a_rebate_without_effect_is_never_given_and_breaks_even_at_0(what):
    """Whatever the hazards drawn: no rebate is best in every draw, and knowing turns nothing."""
    rng = np.random.default_rng(3)
    where = market(segment(hazards=HAZARDS * rng.gamma(50, 1 / 50, (200, 1, 1))))
    policies, names = [NONE, Policy("idle", None, (IDLE[what],))], ["none", "idle"]
    draws = {"amount": rng.permutation(EUROS)}
    found = worths(policies, where, draws)
    values = np.stack([found[n].total for n in names], axis=-1)
    told = league(values, names, "none")
    assert told.leaders == told.favourites == ("none",)
    assert (told.of("none").best.value, told.of("idle").best.value) == (1.0, 0.0)
    assert told.evpi.value == 0.0
    assert_allclose(told.of("idle").difference.value, -found["idle"].spend.mean(), rtol=1e-9)
    assert evppi(values, draws["amount"], names).value.value == 0.0

    def model(given):
        both = worths(policies, market(), given)
        rows = [np.broadcast_to(both[n].total, given["amount"].shape) for n in names]
        return np.stack(rows, axis=-1)

    assert threshold(model, draws, names, "amount", 0.0, 20.0, steps=5) == ()
    bar = tornado(model, draws, names, "idle", "none").bars[0]
    assert not bar.turns
    none = float(valued(NONE).total)
    gain = {x: float(model({"amount": np.array([x])})[0, 1] - none) for x in (0.0, 1.0)}
    # a path's second step is half a euro, so that it goes down
    fixed = what == "path"
    assert (gain[0.0] == 0.0) is not fixed
    assert gain[1.0] < gain[0.0] <= 0.0


@pytest.mark.parametrize("ratio", [1.0, 0.9])
def test_the_break_even_amount_is_0_without_effect_and_above_with_one(ratio):
    none = float(valued(NONE).total)

    def gain(amount):
        kept = RebateForAll(amount, behaviour=Behaviour((Reaction(ratio, ("price",)),)))
        return float(valued(Policy("x", None, (kept,))).total - none)

    found = brentq(gain, -0.0, 20.0) if gain(0.0) > 0 else 0.0
    assert (found > 0.1) is (ratio < 1)
    assert gain(found + 0.01) < 0
    assert (gain(0.0) == 0.0) is (ratio == 1.0)


@pytest.mark.parametrize("when", list(When))
def test_care_that_reaches_nobody_changes_nobody(when):
    """Free calls to nobody are worth exactly 0, in whichever units those called would react."""
    moves = Behaviour((Reaction(3.0, ("price",), when),))
    idle = Care("calls", 0.0, 0.0, from_unit=5, every=None, behaviour=moves)
    found, none = valued(Policy("x", None, (idle,))), valued(NONE)
    assert [found.total - none.total, found.customers - none.customers] == [0.0, 0.0]


def free(element):
    """Return an element without any euros, doing all else."""
    euros = {k: 0.0 for k in ("amount", "share", "cost", "service") if hasattr(element, k)}
    if isinstance(element, NewcomerRebate) and element.hassle:
        euros |= {"hassle": 0.0, "hops": 0.2}
    if getattr(element, "steps", ()):
        return (
            replace(element, steps=(Step(1, 9, 0.0),), cap=None)
            if hasattr(element, "cap")
            else replace(element, steps=(Step(1, 9, 0.0),))
        )
    return replace(element, **euros)


MOVING = {n: case for n, case in (ALONE | TOGETHER).items() if n != "no element"}


@pytest.mark.parametrize("case", MOVING)
def test_a_negative_margin_turns_every_difference_and_the_ranking(case):
    elements, changed = MOVING[case]
    policy = Policy("x", None, tuple(free(e) for e in elements))
    costs = {"acquisition": 0.0, "serve": 0.0, "handling": 0.0}
    found = []
    for sign in (1.0, -1.0):
        where = market(segment(**changed | costs | {"margin": sign * 30.0}))
        both = [valued(p, where) for p in (policy, NONE)]
        assert [float(x.spend) for x in both] == [0.0, 0.0]
        found.append([float(x.total) for x in both])
    assert found[1] == [-x for x in found[0]]


MONEY = ("margin", "price", "acquisition", "serve", "handling")
OF_ELEMENT = ("amount", "cost", "service", "hassle", "cap")


def larger(thing, by, keys):
    own = {k: getattr(thing, k) for k in keys if getattr(thing, k, None) is not None}
    if steps := getattr(thing, "steps", ()):
        own["steps"] = tuple(replace(s, amount=by * s.amount) for s in steps)
    return replace(thing, **{k: x if k == "steps" else by * x for k, x in own.items()})


@pytest.mark.parametrize("by", [0.01, 1000.0])
@pytest.mark.parametrize("case", MOVING)
def test_every_euro_of_every_element_scales(case, by):
    elements, changed = MOVING[case]
    one = segment(**changed)
    own = tuple(larger(e, by, OF_ELEMENT) for e in elements)
    where = market(one), market(larger(one, by, MONEY))
    made = [
        applied(Policy("x", None, e), m, {}) for e, m in zip((elements, own), where, strict=True)
    ]
    assert_allclose(value_by_month(made[1]), by * value_by_month(made[0]), rtol=1e-9)
    small, large = (valued(x.policy, x.market) for x in made)
    for name in ("total", "new", "base", "spend", "per_acquired", "by_segment", "rebates", "care"):
        expected = by * getattr(small, name)
        assert_allclose(getattr(large, name), expected, rtol=1e-9, atol=1e-9 * by)
    assert_allclose([large.customers, large.signed], [small.customers, small.signed], rtol=1e-12)


def renamed(elements, names):
    """Return elements in which causes have other names."""
    found = []
    for e in elements:
        own = {"causes": tuple(names[c] for c in e.causes)} if hasattr(e, "causes") else {}
        if hasattr(e, "behaviour"):
            of = e.behaviour.reactions
            moved = tuple(replace(r, causes=tuple(names[c] for c in r.causes)) for r in of)
            own["behaviour"] = replace(e.behaviour, reactions=moved)
        found.append(replace(e, **own))
    return tuple(found)


@pytest.mark.parametrize("elements", [WHOLE, ALL.elements, (Recovery(0.9, 20.0),)])
def test_causes_of_other_names_and_in_another_order_change_nothing(elements):
    draws, turn = {"ratio": np.array([0.8, 0.6])}, [2, 0, 1]
    names = dict(zip(CAUSES, ("dear", "rude", "away"), strict=True))
    one = segment(**COMPLAINING) if isinstance(elements[0], Recovery) else segment()
    c = one.complaints
    turned = {n: np.asarray(getattr(one, n))[turn] for n in ("hazards", "returns", "gone")}
    if c is not None:
        factors = [np.asarray(x)[turn] for x in (c.complained, c.recovered)]
        turned["complaints"] = replace(c, complained=factors[0], recovered=factors[1])
    there = market(one)
    causes = tuple(names[CAUSES[k]] for k in turn)
    other = Market(causes, (replace(one, **turned),), there.horizon, there.interest)
    a = valued(Policy("x", None, elements), there, draws)
    b = valued(Policy("y", None, renamed(elements, names)), other, draws)
    for name in ("total", "spend", "customers", "handling", "care"):
        assert_allclose(getattr(b, name), getattr(a, name), rtol=1e-12)


def test_elements_of_other_names_and_policies_in_another_order_change_nothing():
    draws = {"ratio": np.array([0.8, 0.6, 1.0])}
    own = tuple(replace(e, name=f"z{9 - k}") for k, e in enumerate(ALL.elements))
    other = Policy("other", None, own)
    assert_allclose(valued(other, draws=draws).total, valued(ALL, draws=draws).total, rtol=1e-12)
    one, two = (worths(p, market(), draws) for p in ([NONE, ALL], [ALL, NONE]))
    values = [np.stack([x[n].total for n in ("none", ALL.name)], axis=-1) for x in (one, two)]
    assert values[0].tolist() == values[1].tolist()
