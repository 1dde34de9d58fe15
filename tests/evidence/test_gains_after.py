"""Gains with what follows the horizon: what must hold whatever the numbers are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.draws import BLOCKS
from stammkunde.evidence.asking.gained import LEFT, MORE, gained_of, held_of, units_of
from stammkunde.evidence.asking.gains import Gains
from stammkunde.evidence.asking.later import (
    EFFECT_ENDS,
    Later,
    nothing,
)
from stammkunde.evidence.asking.made import plainly
from stammkunde.evidence.asking.stakes import ALIKE_EARNED, AS_DECLARED, FOR_GOOD
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.trial import compare
from stammkunde.result import Status
from tests.evidence.gaining import HORIZON, Lot, lot
from tests.patience import examples

CHANGES = {("a",): -0.06, ("b",): 0.0, ("c",): 0.05}


def rest(at: float, held: float, made: Lot, *, variants: tuple[float, ...] = ()) -> Later:
    """Return what follows for all segments of made customers alike."""
    found = nothing([*made.compared])
    whole = np.tile(np.array([[at], [held]]), (1, len(made.compared)))
    moved = np.stack([whole * (1 + x) for x in variants], axis=1) if variants else found.variants
    return replace(
        found,
        at=whole,
        units=lambda w: np.repeat(whole[:, None], len(w), axis=1),
        variants=moved,
        shares=np.full(len(variants), 1 / max(len(variants), 1)),
        span=120,
        rests=(EFFECT_ENDS,),
    )


def gains(made: Lot, **keys: object) -> Gains:
    return replace(made, stakes=replace(made.stakes, **keys)).gains()  # type: ignore[arg-type]


def test_units_are_discounted_from_time_zero_as_lifetimes_are() -> None:
    made = lot(CHANGES, held=4)
    stakes = replace(made.stakes, discount=0.9)
    for found in made.compared.values():
        a, b = (found.curves[n].value for n in ("treated", "control"))
        gained = gained_of(found, stakes)
        v = [0.9**t for t in range(HORIZON)]
        assert gained.value[MORE] == pytest.approx(sum(v * (a - b)[:HORIZON]))
        assert gained.value[LEFT] == pytest.approx(found.share.value)
        later = rest(7.0, 5.0, made).of([("a",)])
        whole = units_of(found, gained, later)
        assert whole.value == pytest.approx(gained.value[MORE] + 7 * found.share.value)
        assert whole.status == Status.ESTIMATED
        held = held_of(found, gained, later)
        assert held.value == pytest.approx(sum(v[:4] * a[:4]) + 5 * a[HORIZON])
        plain = gained_of(found, made.stakes)
        assert units_of(found, plain, None).value == pytest.approx(found.months.value)
        assert units_of(found, plain, None).se == pytest.approx(found.months.se)


def test_a_gain_is_that_within_the_horizon_and_that_after_it() -> None:
    """With two segments nothing is drawn, and all adds up."""
    two = {n: CHANGES[n] for n in (("a",), ("c",))}
    made = lot(two, margin=20, euro=3, held=FOR_GOOD)
    found = gains(made, discount=0.99, later=rest(8.0, 6.0, made))
    for g in found.segments:
        own = made.compared[g.levels]
        numbers = gained_of(own, replace(made.stakes, discount=0.99))
        more, left, holding, still, _ = numbers.value
        assert g.margin is not None
        assert g.cost is not None
        assert g.brought is not None
        assert g.within is not None
        assert g.brought.value == pytest.approx(20 * (more + 8 * left))
        assert g.cost.value == pytest.approx(3 * (holding + 6 * still))
        assert g.each.value == pytest.approx(g.brought.value - g.cost.value)
        assert g.within.value == pytest.approx(20 * more - 3 * holding)
        assert {ALIKE_EARNED, AS_DECLARED, EFFECT_ENDS} <= set(g.each.assumptions)
    for name, e in found.rules.items():
        parts = found.within[name], found.after[name]
        assert e.value == pytest.approx(sum(p.value for p in parts))
        assert e.status == Status.ESTIMATED
    # what goes on costing costs less if it ends
    assert found.ended["everyone"].value > found.rules["everyone"].value
    best, risk = found.rules["best"], found.rules["risk"]
    assert found.over_risk.value == pytest.approx(best.value - risk.value)
    once = gains(replace(made, stakes=replace(made.stakes, held=0)), later=rest(8.0, 6.0, made))
    assert not once.ended


def same(a: Gains, b: Gains, scale: float = 1.0) -> None:
    for x, y in zip(a.segments, b.segments, strict=True):
        assert y.each.value == pytest.approx(scale * x.each.value)
        assert y.each.se == pytest.approx(scale * x.each.se)
    for name, e in a.rules.items():
        assert b.rules[name].value == pytest.approx(scale * e.value, rel=1e-9, abs=1e-6)
        assert b.rules[name].se == pytest.approx(scale * e.se, rel=1e-6, abs=1e-6)


def emptied(made: Lot, finish: str) -> Lot:
    """Return the same customers, who at the horizon's end all have gone, or all are there alike."""
    rng = np.random.default_rng(4)
    compared = {}
    for n in made.compared:
        size = 40 * BLOCKS
        treated = np.arange(size) % 2 == 0
        early = np.where(rng.random(size) < 0.7, rng.integers(1, 5, size), HORIZON)
        stay = np.where(treated, rng.integers(2, HORIZON + 1, size), early)
        rows = pd.DataFrame({"arm": np.where(treated, "treated", "control"), "cell": 0})
        # in each block as many of both arms leave or stay
        goes = (np.arange(size) // 2 % 2 == 0) | (finish == "gone")
        rows = rows.assign(block=np.arange(size) // 40, begin=0, n=1)
        rows = rows.assign(
            finish=np.where(goes, stay, HORIZON), end=np.where(goes, "left", "censored")
        )
        trial = baseline_trial(rows, ("treated", "control"), reach=HORIZON, assumptions=())
        # that shares do not differ rests on no block at all
        compared[n] = plainly(compare(trial, "treated", "control", HORIZON))
    return replace(made, compared=compared)


@pytest.mark.parametrize("finish", ["gone", "alike"])
def test_where_nobody_more_is_left_nothing_follows(finish) -> None:
    made = emptied(lot(CHANGES, euro=2), finish)
    for found in made.compared.values():
        assert found.share.value == pytest.approx(0, abs=1e-12)
    with_later = gains(made, later=rest(30.0, 30.0, made))
    same(gains(made), with_later)
    for e in with_later.after.values():
        assert e.value == pytest.approx(0, abs=1e-6)


def test_without_interest_and_with_nobody_left_money_is_the_plain_sum() -> None:
    made = emptied(lot({n: CHANGES[n] for n in (("a",), ("c",))}, euro=2), "gone")
    for g in gains(made, later=rest(30.0, 30.0, made)).segments:
        assert g.each.value == pytest.approx(20 * made.compared[g.levels].months.value - 2)


@settings(max_examples=examples(5), deadline=None)
@given(st.floats(0.1, 40))
def test_money_scales(scale) -> None:
    made = lot(CHANGES, euro=2, held=FOR_GOOD, size=600)
    later = rest(9.0, 9.0, made)
    more = {n: scale * a for n, a in made.stakes.cents.items()}
    one, other = gains(made, later=later), gains(made, later=later, cents=more, euro=2 * scale)
    same(one, other, scale)


def test_a_unit_may_have_several_months() -> None:
    made = lot(CHANGES, euro=0.001)
    same(gains(made), gains(made, months=3.0, euro=0.003), 3.0)


def test_families_that_differ_widen_only_what_follows() -> None:
    made = lot(CHANGES, euro=2)
    one = gains(made, later=rest(9.0, 9.0, made))
    other = gains(made, later=rest(9.0, 9.0, made, variants=(-0.8, 0.8)))
    for name, e in one.rules.items():
        assert other.rules[name].value == e.value
        assert other.within[name].se == pytest.approx(one.within[name].se)
    everyone = [g.rules["everyone"] for g in (one, other)]
    # what follows, the cost of a day being within the horizon, is .8 more or less
    apart = 0.8 * one.after["everyone"].value
    assert everyone[1].se ** 2 == pytest.approx(everyone[0].se ** 2 + apart**2)
    for x, y in zip(one.segments, other.segments, strict=True):
        assert y.each.se > x.each.se
