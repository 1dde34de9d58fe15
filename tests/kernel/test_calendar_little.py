"""Months of which little is known: seen in part, with few who stay, or with blocks all alike."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from stammkunde.errors import NotObservedError
from stammkunde.survival.arrays import life_tables_from
from stammkunde.survival.calendar import calendar_ratio, lexis_of_tables, unusual


def test_months_seen_in_part_are_not_compared_by_hand():
    """The two cohorts of above without their months of start: 15 of the first, of whom 3 leave."""
    exit_ = np.array([1] * 5 + [2] * 15 + [1] * 20)
    left = np.array([1] * 8 + [0] * 12 + [1] + [0] * 19)
    one, two = life_tables_from(exit_, left, np.repeat([0, 1], 20), 2, block=np.arange(40))
    tables = {"2021-01": one, "2021-02": two}
    found = calendar_ratio(lexis_of_tables(tables, partial=1))
    assert found.periods == ("2021-02",)
    assert found.at_risk.tolist() == [15]
    assert found.observed.tolist() == [3]
    assert found.expected == pytest.approx([3], rel=1e-14)
    with pytest.raises(NotObservedError, match="nobody was a customer for longer"):
        calendar_ratio(lexis_of_tables(tables, partial=2))


def test_few_who_stay_have_the_exact_interval_and_p_value():
    """30 at risk in each of two months of one tenure: 28 leave and 20; expected 24 each."""
    stay = np.ones(60, dtype=int)
    left = np.r_[np.ones(28, dtype=int), np.zeros(2, dtype=int), np.ones(20, dtype=int),
                 np.zeros(10, dtype=int)]  # fmt: skip
    tables = life_tables_from(stay, left, np.repeat([0, 1], 30), 2, block=np.arange(60))
    found = calendar_ratio(lexis_of_tables(dict(zip(["2021-01", "2021-02"], tables, strict=True))))
    first = found.at("2021-01")
    assert "exact" in first.method
    # Garwood's limits of a count of 28
    assert (first.low, first.high) == pytest.approx((18.6058 / 24, 40.4678 / 24), rel=1e-5)
    mean = stats.poisson(24)
    wanted = 2 * min(mean.cdf(28), mean.sf(27))
    assert unusual(found, ["2021-01"])["2021-01"] == pytest.approx(wanted, rel=1e-12)
    assert "blocks" in found.at("2021-02").method


def test_blocks_that_are_all_alike_have_no_doubt_to_measure():
    """In every block 5 begin in each month; 2 leave in the first, 1 in the second."""
    left = np.tile([1, 1, 0, 0, 0, 1, 0, 0, 0, 0], 20)
    start, block = np.tile(np.repeat([0, 1], 5), 20), np.repeat(np.arange(20), 10)
    tables = life_tables_from(np.ones(200, dtype=int), left, start, 2, block=block)
    found = calendar_ratio(lexis_of_tables(dict(zip(["2021-01", "2021-02"], tables, strict=True))))
    assert found.value == pytest.approx([4 / 3, 2 / 3], rel=1e-12)
    assert (found.at("2021-01").value, found.at("2021-01").reason) == (None, "no_spread")
    assert unusual(found) == {}
