"""Survival given a tenure passed, means beyond the data, and where a curve ends."""

from __future__ import annotations

import numpy as np
import pytest

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.survival.arrays import life_table_from
from stammkunde.survival.curve import ended
from stammkunde.survival.kaplan_meier import conditional, hazard, kaplan_meier


def test_conditional_survival_by_hand():
    """Of 10, 2 leave in month 1, of 8 then 1 in 2 and 3 in 4: P(T > 4 | T > 1) = 7/8 * 4/7."""
    table = life_table_from(np.array([1, 1, 2, 4, 4, 4, 5, 5, 5, 5]),
                            np.array([1, 1, 1, 1, 1, 1, 0, 0, 0, 0]))  # fmt: skip
    one, two, beyond, nobody = conditional(table, [1, 0, 3, 9], 3)
    assert one.value == pytest.approx(1 / 2, rel=1e-12)
    assert two.value == pytest.approx(8 / 10 * 7 / 8, rel=1e-12)
    assert (beyond.value, beyond.reason, nobody.reason) == (None, "not_observed", "not_observed")
    assert beyond.unit == one.unit == "share"
    for wrong in (([0], 0), ([-1], 3)):
        with pytest.raises(ParameterError, match="are no tenures"):
            conditional(table, *wrong)


def test_conditional_survival_of_late_entrants_needs_nobody_seen_from_the_start():
    table = life_table_from(np.tile([5, 6, 8], 30), np.tile([1, 1, 0], 30), entry=np.full(90, 4))
    early, there = conditional(table, [0, 4], 2)
    assert early.reason == "not_observed"
    assert there.value == pytest.approx(1 / 3, rel=1e-12)


def test_a_mean_beyond_what_was_observed_has_a_reason_instead_of_a_value():
    table = life_table_from(np.tile([2, 4, 6], 20), np.tile([1, 1, 0], 20))
    curve = kaplan_meier(table)
    assert curve.mean_or_reason(6) == curve.rmst(6)
    assert curve.mean_or_reason(7) == curve.rmst(7), "RMST(7) needs S(6), which is observed"
    beyond = curve.mean_or_reason(8)
    assert (beyond.value, beyond.low, beyond.high) == (None, None, None)
    assert (beyond.reason, beyond.estimand, beyond.unit) == ("not_observed", "rmst(8)", "month")
    with pytest.raises(NotObservedError, match="month 8 was asked for"):
        curve.rmst(8)
    with pytest.raises(ParameterError, match="a horizon of at least 1"):
        curve.mean_or_reason(0)
    with pytest.raises(ParameterError, match="survival"):
        hazard(table).mean_or_reason(99)


def test_a_curve_ends_where_fewer_than_asked_are_at_risk():
    table = life_table_from(np.tile([2, 4, 6], 20), np.tile([1, 1, 0], 20))
    curve = kaplan_meier(table)
    assert [ended(curve, least).observed_to for least in (1, 20, 21, 41, 61)] == [6, 6, 4, 2, 0]
    short = ended(curve, 21)
    assert short.mean_or_reason(6).reason == "not_observed"
    assert short.value.tolist() == curve.value[:5].tolist()
    late = kaplan_meier(
        life_table_from(np.tile([6, 8], 30), np.ones(60, int), entry=np.repeat([0, 4], [3, 57])),
        given=4,
    )
    assert ended(late, 20, given=4).observed_to == 8, "the few before the condition do not count"
    assert ended(late, 20).observed_to == 0
