"""Effects by segment, drawn towards one another; gains; and rules judged on others."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from stammkunde.draws import BLOCKS
from stammkunde.errors import DataError
from stammkunde.evidence.asking.ask import made_of
from stammkunde.evidence.asking.by_block import blocks_of
from stammkunde.evidence.asking.estimand import estimand_of
from stammkunde.evidence.asking.gains import gains_of
from stammkunde.evidence.asking.rules import RULES, first_of, judged, rules_of
from stammkunde.evidence.asking.segments import (
    DRAWN_TOWARDS,
    compared_by,
    drawn_estimates,
    told_by_segment,
    trials_of,
)
from stammkunde.evidence.asking.stakes import stakes_of
from stammkunde.evidence.benefit import chosen
from stammkunde.evidence.drawn import drawn, spread_of
from stammkunde.result import Label
from stammkunde.spells.read import spells_from
from tests.evidence.asked import question, world
from tests.evidence.gaining import HORIZON, lot
from tests.patience import examples

VALUES, ERRORS = np.array([0.9, 0.1, 0.4, -0.3]), np.array([0.2, 0.3, 0.15, 0.4])


def test_drawing_is_the_mean_over_all_spreads() -> None:
    """By numerical integration over the spread, all spreads alike beforehand."""

    def parts(spread: float) -> tuple[float, np.ndarray, np.ndarray]:
        weight = 1 / (ERRORS**2 + spread**2)
        whole = weight.sum()
        mean = (weight * VALUES).sum() / whole
        law = np.sqrt(weight.prod() / whole)
        law *= np.exp(-0.5 * (weight * (VALUES - mean) ** 2).sum())
        away = weight * ERRORS**2
        centre = away * mean + (1 - away) * VALUES
        return float(law), centre, (1 - away) * ERRORS**2 + away**2 / whole

    def over(f) -> float:
        return integrate.quad(lambda t: parts(t)[0] * f(*parts(t)[1:]), 0, 12, limit=400)[0]

    whole = over(lambda c, v: 1.0)
    for i in range(4):
        mean = over(lambda c, v, i=i: c[i]) / whole
        second = over(lambda c, v, i=i: v[i] + c[i] ** 2) / whole
        found, error = (a[i] for a in drawn(VALUES, ERRORS))
        assert found == pytest.approx(mean, abs=0.01)
        assert error == pytest.approx(np.sqrt(second - mean**2), abs=0.01)


def test_fewer_than_three_are_left_alone() -> None:
    found, errors = drawn(VALUES[:2], ERRORS[:2])
    assert (found == VALUES[:2]).all()
    assert (errors == ERRORS[:2]).all()


@settings(max_examples=examples(40), deadline=None)
@given(
    st.lists(st.floats(-3, 3), min_size=3, max_size=9),
    st.floats(0.05, 2),
    st.floats(-5, 5),
    st.floats(0.1, 10),
)
def test_drawing_moves_inwards_and_keeps_scale_shift_and_order(values, error, shift, scale) -> None:
    own, errors = np.array(values), error * (1 + np.arange(len(values)) % 3)
    found, after = drawn(own, errors)
    assert found.min() >= own.min() - 1e-9
    assert found.max() <= own.max() + 1e-9
    moved, width = drawn(scale * own + shift, scale * errors)
    assert moved == pytest.approx(scale * found + shift, abs=1e-8)
    assert width == pytest.approx(scale * after)
    turned, _ = drawn(own[::-1], errors[::-1])
    assert turned[::-1] == pytest.approx(found)


def test_many_at_once_are_drawn_as_one_by_one() -> None:
    both = drawn(np.stack([VALUES, -VALUES]), np.stack([ERRORS, ERRORS]))
    assert both[0][1] == pytest.approx(-both[0][0])
    assert both[1][0] == pytest.approx(drawn(VALUES, ERRORS)[1])


def test_the_spread_is_where_the_estimates_are_as_far_apart_as_chance_allows() -> None:
    value, low, high = spread_of(VALUES, ERRORS)

    def apart(spread: float) -> float:
        weight = 1 / (ERRORS**2 + spread**2)
        return float((weight * (VALUES - (weight * VALUES).sum() / weight.sum()) ** 2).sum())

    assert apart(value) == pytest.approx(3)
    assert stats.chi2.cdf(apart(low), 3) == pytest.approx(0.975)
    assert stats.chi2.cdf(apart(high), 3) == pytest.approx(0.025)


def test_equal_estimates_have_a_spread_of_nothing_at_the_least() -> None:
    value, low, high = spread_of(np.full(3, 0.2), np.full(3, 0.1))
    assert (value, low, high) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("errors", [[0.1, 0.0], [0.1, np.nan]])
def test_no_error_is_refused(errors) -> None:
    for work in (drawn, spread_of):
        with pytest.raises(DataError, match="no error"):
            work(np.array([1.0, 2.0]), np.array(errors))
    with pytest.raises(DataError, match="one segment"):
        spread_of(np.array([1.0]), np.array([0.1]))


def test_estimates_are_drawn_and_what_has_no_value_stays() -> None:
    made = lot({("a",): -0.05, ("b",): 0.0, ("c",): 0.05, ("few",): 0.0}, sizes=[900, 900, 900, 40])
    own = {n: c.months for n, c in made.compared.items()}
    found = drawn_estimates(own)
    assert found["few",] is own["few",]
    assert found["few",].reason == "too_few_persons"
    told = [("a",), ("b",), ("c",)]
    values = np.array([own[n].value for n in told], dtype=float)
    errors = np.array([own[n].se for n in told], dtype=float)
    wanted, se = drawn(values, errors)
    for n, at, error in zip(told, wanted, se, strict=True):
        e = found[n]
        assert (e.value, e.se, e.method) == (pytest.approx(at), pytest.approx(error), DRAWN_TOWARDS)
        groups = own[n].replicates.smallest
        step = stats.t.ppf(0.975, groups - 1) * error
        assert (e.low, e.high) == (pytest.approx(at - step), pytest.approx(at + step))


def test_a_gain_is_months_times_margin_less_the_cost() -> None:
    made = lot({("a",): -0.05, ("b",): 0.0, ("c",): 0.05}, margin=20, euro=3)
    for g in made.gains().segments:
        assert g.margin is not None
        assert g.margin.value == 20
        assert g.cost is not None
        assert g.cost.value == 3
        assert g.each.value == pytest.approx(20 * g.months.value - 3)
        assert g.each.se == pytest.approx(20 * g.months.se)
        assert g.each.low == pytest.approx(20 * g.months.low - 3)


def test_an_offer_that_lasts_is_paid_for_while_one_is_there() -> None:
    made = lot({("a",): -0.05, ("b",): 0.0, ("c",): 0.05}, euro=3, held=4)
    for g in made.gains().segments:
        treated = made.compared[g.levels].curves["treated"]
        assert g.cost is not None
        assert g.cost.value == pytest.approx(3 * treated.rmst(4).value)
        assert g.each.value == pytest.approx(20 * g.months.value - g.cost.value)


def test_without_a_margin_gains_are_months() -> None:
    made = lot({("a",): -0.05, ("b",): 0.0, ("c",): 0.05})
    found = made.gains(money=False)
    assert not found.in_money
    assert all(g.each is g.months for g in found.segments)
    assert found.rules["everyone"].unit == "month"
    nobody = {n: 0 * a for n, a in made.stakes.known.items()}
    hollow = replace(made, stakes=replace(made.stakes, known=nobody))
    assert not hollow.gains().in_money


def test_everyone_is_plain_arithmetic() -> None:
    """The sum over segments of heads times gain, but for the pseudo-values' second order."""
    made = lot({("a",): -0.06, ("b",): 0.0, ("c",): 0.05}, euro=3, held=HORIZON)
    found = made.gains()
    heads = {n: p.sum() for n, p in made.persons.items()}
    own = {
        n: 20 * c.months.value - 3 * c.curves["treated"].rmst(HORIZON).value
        for n, c in made.compared.items()
    }
    wanted = 1000 * sum(heads[n] * own[n] for n in heads) / sum(heads.values())
    everyone = found.rules["everyone"]
    assert everyone.value == pytest.approx(wanted, abs=0.1 * everyone.se)
    spread = np.sqrt(sum((heads[n] * 20 * made.compared[n].months.se) ** 2 for n in heads))
    assert everyone.se == pytest.approx(1000 * spread / sum(heads.values()), rel=0.25)


def test_rules_know_their_own_leave_outs_and_are_judged_on_others() -> None:
    made = lot({("a",): -0.06, ("b",): 0.0, ("c",): 0.06}, size=3000)
    rows = blocks_of(made.compared, made.persons, made.stakes)
    found = rules_of(made.compared, made.persons, made.stakes, 0.3).rules
    without = np.ones((1, BLOCKS))
    without[0, 17] = 0
    again = judged(rows, without, share=0.3)[0]
    for i, name in enumerate(RULES):
        assert found[name].replicates.leave_out[17] == pytest.approx(again[i].sum())
    # a strong effect is found: those who gain are worth more than everyone, and than those at risk
    assert found["gain"].low > found["everyone"].high
    assert found["best"].value > found["risk"].value


def test_who_comes_first_is_who_comes_first_among_many() -> None:
    rng = np.random.default_rng(3)
    score, size = rng.integers(0, 4, (20, 6)).astype(float), rng.integers(0, 9, (20, 6)) + 0.0
    size[:, 0] += 1
    for share in (0.2, 0.5, 1.0):
        found = first_of(score, size, share)
        for one, s, n in zip(found, score, size, strict=True):
            assert one[n > 0] == pytest.approx(chosen(s, n, share)[n > 0])


def test_one_segment_alone_has_no_gains() -> None:
    made = lot({("a",): -0.05, ("few",): 0.0}, sizes=[900, 30])
    assert gains_of(("kind",), made.compared, made.persons, drawn_estimates) is None


def test_margins_are_counted_by_segment_and_block() -> None:
    frame = pd.DataFrame({"who": [f"p{i}" for i in range(40)], "kind": ["a", "b"] * 20})
    frame = frame.assign(begin=pd.Timestamp("2020-01-01"), end=pd.NaT)
    names = {"start": "begin", "end": "end", "person": "who", "by": ("kind",)}
    spells = spells_from(frame, **names, open=date(2020, 1, 1), close=date(2022, 1, 1))
    r = spells.relation
    assert stakes_of(spells, ("kind",), euro=2, held=0) is None
    earned = ibis.ifelse(r.record % 5 == 0, ibis.null("int64"), 100 * r.record)
    found = stakes_of(replace(spells, relation=r.mutate(margin=earned)), ("kind",), euro=2, held=0)
    assert found is not None
    rows = r.execute()
    for kind in "ab":
        known = rows[(rows["group kind"] == kind) & (rows.record % 5 > 0)]
        blocks = np.bincount(known.block, minlength=BLOCKS)
        assert (found.known[kind,] == blocks).all()
        assert found.cents[kind,].sum() == 100 * known.record.sum()
    assert (
        stakes_of(replace(spells, relation=r.mutate(margin=earned)), ("kind",), euro=0, held=0)
        is None
    )


def test_segments_stand_in_the_declared_order() -> None:
    asked = question(
        *("called", "held"), offer="call", on_its_day=True, assignment="drawn", by=("kind", "met")
    )
    spells, beside = world(drawn=True).read()
    kind = replace(spells.groups["kind"], levels={n: Label(n) for n in "ba"})
    ordered = replace(spells, groups={**spells.groups, "kind": kind})
    trials = trials_of(asked, made_of(asked, estimand_of(asked), ordered, beside))
    assert [*trials["kind",]] == [("b",), ("a",)]
    assert [*trials["kind", "met"]] == [*itertools.product("ba", "ny")]


@pytest.mark.long
def test_segments_of_a_question_add_up_and_none_is_dropped() -> None:
    asked = question(
        *("called", "held"), offer="call", on_its_day=True, assignment="drawn", by=("kind", "met")
    )
    spells, beside = world(drawn=True).read()
    made = made_of(asked, estimand_of(asked), spells, beside)
    trials = trials_of(asked, made)
    assert [*trials] == [("kind",), ("met",), ("kind", "met")]
    assert [*trials["kind", "met"]] == [*itertools.product("ab", "ny")]
    found = compared_by(trials, made.compared.horizon)
    whole = {a: made.trial.arm(a).counts.at_risk.sum() for a in ("treated", "control")}
    for own in trials.values():
        for arm, count in whole.items():
            assert sum(t.arm(arm).counts.at_risk.sum() for t in own.values()) == count
    segments, gains, effect = told_by_segment(asked, made)
    assert len(segments) == 2 + 2 + 4
    assert effect is not None
    assert effect.segments == ("", "kind=a", "kind=b", "met=n", "met=y")
    assert gains is not None
    assert gains.columns == ("kind", "met")
    assert sum(g.entries for g in gains.segments) == made.counted.n.sum()
    assert found["kind",]["a",].months.value == segments[0].own.value
    assert (segments[0].column, segments[-1].level) == ("kind", "b × y")
