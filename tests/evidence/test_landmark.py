"""A rebate from unit k on: those still there compared, and what it is worth at sign-up."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from stammkunde.errors import ParameterError
from stammkunde.evidence.adequacy import NO_COUNTERPART
from stammkunde.evidence.staying.grace import grace_effect
from stammkunde.evidence.staying.landmark import (
    NOT_TAKEN,
    TAKEN,
    before_trial,
    landmark_trial,
    policy_effect,
)
from stammkunde.evidence.staying.naive import naive_ever, naive_ratio, ratio_from_uptake
from stammkunde.evidence.trial import arm_curve, compare
from stammkunde.result import Status
from stammkunde.survival.contrasts import rmst_difference
from stammkunde.survival.curve import NOT_OBSERVED, TOO_FEW_PERSONS
from stammkunde.survival.kaplan_meier import kaplan_meier
from tests.evidence.taking import People, people, plain_landmark
from tests.validate.counting import table
from tests.validate.immortal import EFFECT, rebate_truth, rebate_world
from tests.validate.rule import generator

K, REACH = 4, 12


def fixed(seed: int = 1, **more: bool) -> People:
    """Return people who take it in unit 5 only."""
    return people(seed, units=range(K + 1, K + 2), **more)


def test_six_customers_by_hand() -> None:
    """k = 1; cell 0: one of three takes it, cell 1: one of two; one had left before."""
    who = People(
        entry=np.zeros(6, dtype=int),
        exit=np.array([1, 3, 2, 3, 3, 2]),
        left=np.array([True, False, True, False, True, True]),
        taken=np.array([0, 2, 0, 0, 2, 0]),
        cell=np.array([[0], [0], [0], [0], [1], [1]]),
        block=np.arange(6),
    )
    trial = landmark_trial(who.uptake(3), 1)
    taken = [1, 1, Fraction(3, 5)]  # weights 3 and 2: the second leaves in the second unit
    not_taken = [1, 1 - Fraction(3, 2) / 5 - Fraction(2) / 5]  # weights 3/2, 3/2 and 2
    not_taken.append(not_taken[1])
    for name, right in ((TAKEN, taken), (NOT_TAKEN, not_taken)):
        assert arm_curve(trial, name).value == pytest.approx([float(x) for x in right], abs=1e-15)
    assert (trial.origin, trial.without) == (1, 0)
    before = arm_curve(before_trial(who.uptake(3), 1), "everybody")
    assert before.value == pytest.approx([1, 5 / 6])
    assert before.status == Status.MEASURED


@pytest.mark.parametrize("late", [False, True])
def test_curves_are_those_computed_plainly(late: bool) -> None:
    who = fixed(late=late)
    assert not late or (who.entry > K).sum() > 20, "some must be seen too late to count"
    trial = landmark_trial(who.uptake(REACH), K)
    for name, right in zip((TAKEN, NOT_TAKEN), plain_landmark(who, K, REACH), strict=True):
        assert arm_curve(trial, name).value == pytest.approx(right, abs=1e-12)


@pytest.mark.parametrize("late", [False, True])
def test_the_policy_is_the_share_still_there_times_the_landmark_and_the_clones(late: bool) -> None:
    uptake = people(2, 1500, late=late, units=range(K + 1, 7)).uptake(REACH)
    found = policy_effect(uptake, K, REACH)
    product = found.still_there.value * found.landmark.months.value
    assert found.months.value == pytest.approx(product, abs=1e-14)
    assert product > 0
    clones = grace_effect(uptake, K + 1, K + 1, REACH, later="natural")
    for own, other in ((found.months, clones.months), (found.share, clones.share)):
        assert own.value == pytest.approx(other.value, abs=1e-10)
        assert own.se == pytest.approx(other.se, abs=1e-10)
        one, two = own.replicates, other.replicates
        assert one.leave_out == pytest.approx(two.leave_out, abs=1e-10)
        assert one.draws(20) == pytest.approx(two.draws(20), abs=1e-10)


def test_leaving_a_block_out_is_leaving_its_persons_out() -> None:
    who = fixed(3, late=True)
    found = policy_effect(who.uptake(REACH), K, REACH)
    for g in (0, 7, 100):
        rest = who.where(who.block != g)
        alone = policy_effect(rest.uptake(REACH), K, REACH)
        assert found.months.replicates.leave_out[g] == pytest.approx(alone.months.value, abs=1e-12)


def test_who_is_seen_later_than_the_landmark_does_not_count() -> None:
    who = fixed(4, late=True)
    known = who.where(who.entry <= K)
    assert len(known.entry) < len(who.entry)
    one, two = (policy_effect(w.uptake(REACH), K, REACH) for w in (who, known))
    assert one.months == two.months
    assert one.landmark.months == two.landmark.months


def test_who_held_it_before_is_not_eligible_and_makes_it_a_matter_of_clones() -> None:
    uptake = people(5, 1500, early=True, late=True, units=range(5, 7)).uptake(REACH)
    earlier = ((uptake.counts.taken > 0) & (uptake.counts.taken <= K)).sum()
    trial = landmark_trial(uptake, K)
    there = (uptake.counts.entry <= K) & (uptake.counts.exit > K)
    assert earlier > 50
    assert sum(a.persons for a in trial.arms.values()) < there.sum()
    found = policy_effect(uptake, K, REACH)
    clones = grace_effect(uptake, K + 1, K + 1, REACH, later="natural")
    assert found.months == clones.months
    assert found.still_there.status == Status.ESTIMATED


def test_order_and_copies_of_customers() -> None:
    who = fixed(6)
    once = policy_effect(who.uptake(REACH), K, REACH)
    order = np.random.default_rng(1).permutation(len(who.entry))
    mixed = policy_effect(who.where(order).uptake(REACH), K, REACH)
    twice = policy_effect(who.where(np.tile(order, 2)).uptake(REACH), K, REACH)
    for other in (mixed, twice):
        for name in ("value", "low", "high", "se"):
            assert getattr(other.months, name) == pytest.approx(getattr(once.months, name))
    assert twice.months.persons == 2 * once.months.persons


def test_swapped_arms_swap_the_sign() -> None:
    trial = landmark_trial(fixed(7).uptake(REACH), K)
    one, two = (compare(trial, *a, REACH - K) for a in ((TAKEN, NOT_TAKEN), (NOT_TAKEN, TAKEN)))
    assert one.months.value == pytest.approx(-two.months.value)
    assert one.months.value != 0


def test_limits_are_multiplied_where_events_are_few() -> None:
    who = fixed(8)
    later = np.flatnonzero((who.taken > 0) & who.left)
    stays = replace(who, left=who.left & ~np.isin(np.arange(len(who.exit)), later[4:]))
    found = policy_effect(stays.uptake(REACH), K, REACH)
    assert found.months.se is None
    assert "multiplied" in found.months.method
    assert found.months.low < found.months.value < found.months.high
    assert found.months.high >= found.still_there.value * found.landmark.months.high


def test_three_who_took_it_say_nothing() -> None:
    who = fixed(9)
    took = np.flatnonzero(who.taken > 0)
    few = replace(who, taken=np.where(np.isin(np.arange(len(who.taken)), took[:3]), who.taken, 0))
    few = replace(
        few, exit=np.where(few.taken > 0, REACH, few.exit), left=few.left & (few.taken == 0)
    )
    few = replace(few, cell=0 * few.cell)
    found = policy_effect(few.uptake(REACH), K, REACH)
    assert (found.months.value, found.months.reason) == (None, TOO_FEW_PERSONS)
    assert found.months.status == Status.NOT_IDENTIFIABLE


def test_a_cell_in_which_nobody_took_it() -> None:
    who = fixed(10, fixed=True)
    barred = replace(who, taken=np.where(who.cell[:, 0] == 1, 0, who.taken))
    found = policy_effect(barred.uptake(REACH), K, REACH)
    assert (found.months.value, found.months.reason) == (None, NO_COUNTERPART)
    there = (who.exit > K) & (who.cell[:, 0] == 1)
    assert landmark_trial(barred.uptake(REACH), K).without == there.sum()


@pytest.mark.parametrize("share", [0, 1])
def test_nobody_or_everybody_took_it(share: int) -> None:
    who = fixed(11)
    same = replace(who, taken=np.where((who.exit > K) & (share == 1), K + 1, 0))
    found = policy_effect(same.uptake(REACH), K, REACH)
    for estimate in (found.months, found.share, found.landmark.months):
        assert (estimate.value, estimate.reason) == (None, NO_COUNTERPART)
        assert estimate.status == Status.NOT_IDENTIFIABLE
    assert 0 < found.still_there.value < 1
    naive = naive_ever(same.uptake(REACH), 6).months
    assert (naive.value, naive.reason) == (None, NOT_OBSERVED)


def test_an_arm_all_censored() -> None:
    who = fixed(15)
    ends = replace(who, exit=np.where(who.taken > 0, K + 2, who.exit))
    ends = replace(ends, left=who.left & (who.taken == 0))
    assert policy_effect(ends.uptake(REACH), K, REACH).months.reason == NOT_OBSERVED


@pytest.mark.parametrize(("k", "horizon"), [(0, 5), (5, 5), (4, 40)])
def test_landmarks_that_are_none(k: int, horizon: int) -> None:
    with pytest.raises(ParameterError, match="unit"):
        policy_effect(fixed(12).uptake(REACH), k, horizon)


def test_the_naive_difference_is_that_of_two_plain_curves() -> None:
    uptake = fixed(13, late=True).uptake(REACH)
    c = uptake.counts
    curves = []
    for own in (c.taken > 0, c.taken == 0):
        rows = (a.to_numpy() for a in (c.block[own], c.exit[own], (c.end != "censored")[own]))
        made = table(*rows, entry=c.entry[own].to_numpy())
        curves.append(kaplan_meier(made, errors="blocks"))
    right, found = rmst_difference(*curves, 8), naive_ever(uptake, 8)
    assert found.months.value == pytest.approx(right.value, abs=1e-12)
    assert found.months.se == pytest.approx(right.se, rel=1e-9)
    assert found.months.status == Status.MEASURED
    assert not found.months.assumptions


def test_the_naive_difference_does_not_refuse() -> None:
    who = fixed(14)
    took = np.flatnonzero(who.taken > 0)[:20]
    few = replace(who, taken=np.where(np.isin(np.arange(len(who.taken)), took), who.taken, 0))
    assert naive_ever(few.uptake(REACH), 6).months.value is not None


@pytest.mark.parametrize(("beta", "ever", "exposed"), [(0.0, 0.298, 0.845), (EFFECT, 0.236, 0.621)])
def test_hazard_ratios_of_the_usual_models(beta: float, ever: float, exposed: float) -> None:
    """The ratios that a Cox model prints, whose time-fixed form makes a rebate look a marvel."""
    worlds = [rebate_world(generator("usual models", i), beta) for i in range(20)]
    for ratio, printed in ((naive_ratio, ever), (ratio_from_uptake, exposed)):
        found = np.array([ratio(w).value for w in worlds])
        error = found.std(ddof=1) / np.sqrt(len(found))
        # printed from 100 repetitions, to three digits
        assert abs(found.mean() - printed) < 3 * error * np.sqrt(1.2) + 0.0005


def test_truths_of_the_rebate() -> None:
    assert rebate_truth(EFFECT) == pytest.approx((0.9401, 1.9568), abs=5e-5)
    assert rebate_truth(0.0) == (0, 0)
