"""Further survival within one table: R's value, fractions, and two regimes mixed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.survival.arrays import life_table_from
from stammkunde.survival.further import further_difference, since
from stammkunde.survival.kaplan_meier import conditional, kaplan_meier
from tests.kernel.arms import some
from tests.patience import examples
from tests.reference.stored import stored

pytestmark = pytest.mark.filterwarnings("error")


def steady(share, units, persons=2**20):
    """Return the table of customers of whom `share` leave in every unit, to the last head."""
    left = [0]
    for _ in range(units):
        left.append(int((persons - sum(left)) * share))
    ends = np.r_[np.repeat(np.arange(units + 1), left), np.full(persons - sum(left), units)]
    return life_table_from(ends, np.arange(persons) < sum(left))


def test_the_difference_is_rs():
    r = stored("uneven.json")
    lung = life_table_from(np.array(r["time"]), np.array(r["died"]), unit="day")
    found = further_difference(lung, 0, 360, 180)
    assert found.value == pytest.approx(r["further"][0], rel=1e-9)
    assert found.se == pytest.approx(r["further.se"][0], rel=1e-9)


def test_by_hand():
    """16 begin; 8, 2, 2, 1 leave in months 1 to 4: S(1|0) is 1/2, S(4|3) is 3/4."""
    exits = np.repeat([1, 2, 3, 4, 5], [8, 2, 2, 1, 3])
    found = further_difference(life_table_from(exits, exits < 5), 0, 3, 1)
    assert found.value == pytest.approx(1 / 4, rel=1e-14)
    assert (found.persons, found.events) == (16, 9)
    assert found.estimand == "survival(4 | 3) - survival(1 | 0)"


def test_a_constant_hazard_grows_no_loyalty_and_two_mixed_seem_to():
    old, new = steady(1 / 64, 48), steady(1 / 8, 48)
    for table in (old, new):
        assert further_difference(table, 0, 24, 12).value == pytest.approx(0, abs=2e-3)
    mixed = further_difference(old + new, 0, 24, 12)
    assert mixed.low > 0.2


@given(st.integers(0, 10**6), st.booleans())
@settings(max_examples=examples(30), deadline=None)
def test_it_is_the_difference_of_the_conditional_shares(seed, repeats):
    table = some(seed, repeats=repeats)[0]
    late, early = conditional(table, [5, 1], 4)
    found = further_difference(table, 1, 5, 4)
    assert found.value == pytest.approx(late.value - early.value, abs=1e-12)
    if not repeats and found.se is not None:
        assert found.se == pytest.approx(np.hypot(late.se, early.se), rel=1e-12)


def test_a_curve_counted_from_a_tenure_begins_at_one():
    table = steady(0.1, 20, 2000)
    curve = since(kaplan_meier(table, given=5), 5)
    assert curve.observed_to == 15
    assert curve.at(0).value == 1
    assert curve.at(10).value == kaplan_meier(table, given=5).at(15).value
    # all stand in block 0: without another one the curve is the same
    assert curve.at(10).replicates.leave_out[1] == pytest.approx(curve.at(10).value)


def test_times_that_overlap_or_were_not_observed_are_refused():
    table = steady(0.1, 20, 2000)
    with pytest.raises(ParameterError, match="overlap"):
        further_difference(table, 0, 6, 12)
    with pytest.raises(NotObservedError):
        further_difference(table, 0, 12, 12)
