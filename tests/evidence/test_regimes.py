"""Rules followed and left: by hand, plainly, in the engine, and what dropping the weights does."""

from __future__ import annotations

from fractions import Fraction

import ibis
import numpy as np
import pandas as pd
import pytest

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.evidence.adequacy import NO_COUNTERPART
from stammkunde.evidence.arms import weights_of
from stammkunde.evidence.reacting.courses import Courses, courses, courses_of, units_from_start
from stammkunde.evidence.reacting.regimes import (
    CAPPED,
    odds_in_the_unit,
    regime_trial,
    without_weights,
)
from stammkunde.evidence.reacting.steps import steps
from stammkunde.evidence.trial import arm_curve, compare
from stammkunde.evidence.units import begun, holds, person_units
from stammkunde.result import Status
from stammkunde.spells.spells import CENSORED
from stammkunde.survival.curve import TOO_FEW_PERSONS
from tests.evidence.reacting import contracts, happenings, in_engine, paths, spells_of
from tests.validate import reactive_limits as limits
from tests.validate.reactive import RULES as C_RULES
from tests.validate.reactive import by_month, by_rules, followed, months_of, world
from tests.validate.rule import unbiased

RULES = {"answered": "answered", "never": "never", "always": "always"}
REACH = 8


def made(frame: pd.DataFrame, **how: object) -> Courses:
    return courses(frame, RULES, **{"by": ["mood"], "reach": REACH, **how})  # type: ignore[arg-type]


def plainly(frame: pd.DataFrame, rule: str, reach: int = REACH) -> np.ndarray:
    """Return survival under a rule, spell by spell, weights being products of shares by mood."""
    at_risk = frame[(frame.unit <= reach) & frame.seen]
    share = at_risk.groupby("mood").taken.mean()
    n, d = np.zeros(reach + 1), np.zeros(reach + 1)
    rows = frame.sort_values(["person", "spell", "unit"])
    weight, spell, follows = 1.0, None, True
    for row in rows[["person", "spell", "unit", "mood", "taken", "seen", "end", rule]].itertuples():
        if (row.person, row.spell) != spell:
            weight, spell, follows = 1.0, (row.person, row.spell), True
        follows = follows and row.taken == row[-1] and row.unit <= reach
        if follows:
            weight /= share[row.mood] if row.taken else 1 - share[row.mood]
            n[row.unit] += weight * row.seen
            d[row.unit] += weight * row.seen * (row.end is not None)
    return np.concatenate([[1.0], np.cumprod(1 - d[1:] / np.maximum(n[1:], 1e-9))])


def test_by_hand() -> None:
    """Four customers, one mood: in unit 1 two get it, in unit 2 one of the three still there."""
    lines = [
        *[("p1", 1, 0, None), ("p1", 2, 0, "left"), ("p2", 1, 0, None), ("p2", 2, 1, None)],
        *[("p3", 1, 1, None), ("p3", 2, 0, None), ("p4", 1, 1, "left")],
    ]
    frame = pd.DataFrame(lines, columns=["person", "unit", "taken", "end"])
    frame = frame.assign(spell=1, block=range(len(frame)), never=0, mood=0)
    # of seven units three hold it; who never does, counts 7/4 in the first, 49/16 in the second
    trial = regime_trial(courses(frame, {"never": "never"}, by=["mood"], reach=2))
    once = Fraction(7, 4)
    arm = trial.arm("never")
    assert sorted(weights_of(arm, trial.shares)[:, 0]) == pytest.approx([once, once**2])
    assert arm_curve(trial, "never").value == pytest.approx([1, 1, 0], abs=1e-15)
    assert arm.counts.at_risk[0].tolist() == [2, 1]
    assert arm.counts.moves[0, 0].tolist() == [0, 1]


@pytest.mark.parametrize("late", [False, True])
def test_equals_plain_arithmetic_also_without_a_block(late: bool) -> None:
    frame = paths(np.random.default_rng(1), 400, late=late)
    trial = regime_trial(made(frame))
    gone = frame.block.mode()[0]
    for rule in RULES:
        curve = arm_curve(trial, rule)
        units = curve.observed_to + 1
        assert units > 5
        assert curve.value == pytest.approx(plainly(frame, rule)[:units], abs=1e-12)
        assert curve.replicates is not None
        without = plainly(frame[frame.block != gone], rule)[:units]
        assert curve.replicates.leave_out[gone] == pytest.approx(without, abs=1e-12)


def test_without_a_record_of_before_late_entries_are_left_out() -> None:
    frame = paths(np.random.default_rng(2), 500, late=True)
    rows = frame[frame.seen].drop(columns="seen")
    found = made(rows)
    late = rows.groupby(["person", "spell"]).unit.min() > 1
    assert found.late == late.sum() > 30
    early = rows.merge(late[~late].index.to_frame(index=False))
    same = arm_curve(regime_trial(made(early)), "never").value
    assert arm_curve(regime_trial(found), "never").value == pytest.approx(same, abs=1e-15)


def test_order_of_rows_does_not_matter_and_rows_twice_leave_the_estimate_alone() -> None:
    frame = paths(np.random.default_rng(3), 700)
    mixed = frame.sample(frac=1, random_state=1)
    double = pd.concat([frame, frame.assign(person=frame.person + "again")])
    one, two, three = (differences(f) for f in (frame, mixed, double))
    for other in (two, three):
        assert other == pytest.approx(one, abs=1e-12)
    assert differences(frame, "never", "answered")[0] == pytest.approx(-one[0], abs=1e-12)


def differences(frame: pd.DataFrame, *arms: str) -> tuple[float, float, float]:
    return months_of(compare(regime_trial(made(frame)), *(arms or ("answered", "never")), 4))


def test_stabilised_weights_give_the_same_curve_and_stay_near_one() -> None:
    frame = paths(np.random.default_rng(4), 700)
    plain, calm = (regime_trial(made(frame), stabilised=s) for s in (False, True))
    for rule in RULES:
        one, two = arm_curve(plain, rule), arm_curve(calm, rule)
        assert two.value == pytest.approx(one.value, abs=1e-12)
        assert two.se == pytest.approx(one.se, abs=1e-12)
        raw, own = (weights_of(t.arm(rule), t.shares).max() for t in (plain, calm))
        assert own < raw / 3
    # those at risk count on the whole for as many as those of them who follow
    arm = calm.arm("never")
    each = weights_of(arm, calm.shares)[arm.code, 0]
    mean = np.average(each, weights=arm.at_risk)
    assert mean == pytest.approx(1, abs=0.1)


def test_a_cap_is_announced_and_moves_towards_no_weights() -> None:
    frame = paths(np.random.default_rng(5), 900)
    free, cut = (regime_trial(made(frame), cap=c) for c in (None, 2.0))
    assert cut.assumptions[-1] == CAPPED
    assert CAPPED not in free.assumptions
    a, b, c = (arm_curve(t, "answered").value[4] for t in (free, cut, without_weights(free)))
    assert min(a, c) < b < max(a, c)


def test_what_nobody_was_given_is_refused() -> None:
    frame = paths(np.random.default_rng(6), 500)
    frame = frame.assign(taken=frame.taken * (frame.mood != 2))
    trial = regime_trial(made(frame))
    assert trial.without > 0
    found = compare(trial, "always", "never", 4).months
    assert (found.status, found.reason) == (Status.NOT_IDENTIFIABLE, NO_COUNTERPART)
    assert not compare(regime_trial(made(frame.assign(mood=0))), "always", "never", 2).months.reason


def test_a_rule_nobody_follows_is_refused() -> None:
    frame = paths(np.random.default_rng(7), 300)
    found = compare(regime_trial(made(frame.assign(taken=0))), "always", "never", 2)
    assert found.months.reason == NO_COUNTERPART
    assert found.months.value is None


@pytest.mark.parametrize("by", [["mood"], ["mood", "half"], []])
@pytest.mark.parametrize("late", [False, True])
def test_engine_and_memory_count_the_same(by: list[str], late: bool) -> None:
    frame = paths(np.random.default_rng(8), 250, late=late)
    # 21 cells: their shares need several whole numbers
    frame = frame.assign(half=frame.block % 7)
    table = ibis.memtable(frame).mutate(end=ibis._["end"].cast("string"))
    one, two = courses_of(table, RULES, by=by, reach=REACH), made(frame, by=by)
    assert (one.cells, one.late) == (two.cells, two.late)
    names = [str(i) for i in range(2 * one.cells)]
    for rule in RULES:
        assert (one.heads[rule] == two.heads[rule]).all()
        keys = ["unit", "block", "end", *names]
        assert _told(one.followed[rule], keys) == _told(two.followed[rule], keys)
        keys = ["unit", "block", "share"]
        assert _told(one.strayed[rule], keys) == _told(two.strayed[rule], keys)
    assert _told(one.shares, ["share", "block"]) == _told(two.shares, ["share", "block"])


def _told(rows: pd.DataFrame, keys: list[str]) -> dict[tuple[object, ...], int]:
    plain = rows.astype({"end": str}) if "end" in keys else rows
    found = plain.groupby(keys).n.sum()
    return {k: int(n) for k, n in found[found > 0].items()}


def test_units_from_the_start_tell_which_were_seen() -> None:
    spells = spells_of(contracts(60))
    units = units_from_start(spells, ["kind"]).execute()
    ends = spells.to_frame()
    assert len(units) == ends.exit.sum()
    assert (~units.seen).sum() == ends.entry.sum() > 0
    assert (units.groupby(["person", "spell"]).unit.min() == 1).all()


def test_from_spells_and_events_to_rules() -> None:
    """Gifts in reaction to complaints, from contracts: late entries on record, and without."""
    frame = contracts(250)
    spells, events = spells_of(frame), in_engine(happenings(frame))
    for late, units in ((False, person_units(spells)), (True, units_from_start(spells))):
        for kind in ("complaint", "gift"):
            units = begun(units, holds(spells, events.filter(events.kind == kind)), kind)
        units = units.mutate(
            mood=ibis.least(units.complaint, 1),
            taken=ibis.least(units.gift, 1),
            never=ibis.literal(0),
        )
        rules = {"answered": "mood", "never": "never"}
        found = courses_of(units, rules, by=["mood"], reach=6)
        own = courses(units.execute(), rules, by=["mood"], reach=6)
        entry = spells.to_frame().entry
        assert found.late == own.late == (0 if late else entry.between(1, 5).sum())
        one, two = (
            months_of(compare(regime_trial(c), "answered", "never", 4)) for c in (found, own)
        )
        assert one == pytest.approx(two, abs=1e-12)
        assert np.isfinite(one).all()


def test_limits_are_the_printed_ones() -> None:
    answered, never = limits.under((0, 1)), limits.under((0, 0))
    assert [answered[24], never[24]] == pytest.approx([0.6124, 0.4834], abs=5e-5)
    months = [answered[:24].sum(), never[:24].sum()]
    assert months == pytest.approx([19.1569, 17.3684], abs=5e-5)
    assert months[0] - months[1] == pytest.approx(1.7885, abs=5e-5)
    mood = np.array([0.0, 1.0])
    one, two = (limits.afterwards(mood, a, 6) for a in (1, 0))
    assert [one[6], two[6]] == pytest.approx([0.8453, 0.7715], abs=5e-5)
    assert one[:6].sum() - two[:6].sum() == pytest.approx(0.3621, abs=5e-5)
    # printed from 200 simulated worlds of 5000, errors of .02 at most
    assert limits.ever_less_never() == pytest.approx(7.98, abs=0.06)
    assert limits.month_odds() == pytest.approx(0.279, abs=0.03)
    a, b = (limits.censored_only(r) for r in ((0, 1), (0, 0)))
    assert a[:24].sum() - b[:24].sum() == pytest.approx(1.240, abs=0.06)
    assert limits.ever_less_never(False) == pytest.approx(6.73, abs=0.06)
    assert limits.month_odds(False) == pytest.approx(1.06, abs=0.03)
    a, b = (limits.censored_only(r, False) for r in ((0, 1), (0, 0)))
    assert a[:24].sum() - b[:24].sum() == pytest.approx(0.70, abs=0.035)


def test_dropping_the_weights_fails() -> None:
    """In eight worlds of 5000: weighted the truth of 1.79 months, without weights .5 less."""
    weighted, plain = [], []
    for seed in range(8):
        trial = regime_trial(followed(by_month(world(np.random.default_rng(seed), 5000))))
        weighted.append(months_of(by_rules(trial))[0])
        plain.append(months_of(by_rules(without_weights(trial)))[0])
        effective = by_rules(trial).adequacy.arms["answered"].by_unit[-1]
        assert 15 < effective < 150
    assert unbiased(np.array(weighted) - 1.7885)
    assert not unbiased(np.array(plain) - 1.7885)
    assert np.mean(plain) < 1.5
    assert set(trial.arms) == set(C_RULES)


def test_odds_in_the_unit_of_an_offer() -> None:
    """Counted by hand: 30 of 120 units with an offer are left, 20 of 220 without."""
    rows = [(1, 1)] * 30 + [(1, 0)] * 90 + [(0, 1)] * 20 + [(0, 0)] * 200
    frame = pd.DataFrame(rows, columns=["taken", "gone"])
    frame = frame.assign(person=range(340), spell=1, unit=1, state=0)
    frame["block"] = np.random.default_rng(1).integers(0, 256, 340)
    frame["end"] = np.where(frame.gone == 1, "left", None)
    found = odds_in_the_unit(steps(frame, reach=1))
    assert found.value == pytest.approx((30 / 90) / (20 / 200))
    assert (found.status, found.events) == (Status.MEASURED, 50)
    other = odds_in_the_unit(steps(frame.assign(taken=1 - frame.taken), reach=1))
    assert other.value == pytest.approx(1 / found.value)
    assert found.low is not None
    assert found.high is not None
    # Woolf's textbook error of the log odds
    error = 1.97 * np.sqrt(1 / 30 + 1 / 90 + 1 / 20 + 1 / 200)
    limits_ = np.log([found.low, found.high]) - np.log(10 / 3)
    assert limits_ == pytest.approx([-error, error], rel=0.15)
    few = odds_in_the_unit(
        steps(frame.assign(end=np.where(frame.index < 4, "left", None)), reach=1)
    )
    assert few.value is None
    stays = odds_in_the_unit(steps(frame.assign(end=None), reach=1))
    assert (stays.value, stays.reason) == (None, TOO_FEW_PERSONS)


def test_wrong_questions() -> None:
    frame = paths(np.random.default_rng(9), 30)
    with pytest.raises(ParameterError, match="no rule"):
        courses(frame, {}, by=["mood"], reach=3)
    with pytest.raises(ParameterError, match="0 units"):
        made(frame, reach=0)
    with pytest.raises(NotObservedError, match="nobody was seen from the first unit"):
        made(frame[frame.unit > 1])
    assert made(frame).followed["never"].end.isin([CENSORED, "price", "moved"]).all()
