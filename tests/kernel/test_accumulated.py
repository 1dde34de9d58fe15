"""A column that grows with tenure is told from one that goes with staying."""

from fractions import Fraction

import numpy as np
import pytest

from stammkunde.errors import ParameterError
from stammkunde.survival.drivers.accumulated import is_accumulated, told_of_tenure
from stammkunde.survival.drivers.arrays import cells_from
from stammkunde.survival.drivers.cells import Factor

BANDS = Factor("sum", ("low", "high"))


def made(exit_, left, code):
    codes = np.array(code)[:, None]
    return cells_from(np.array(exit_), np.array(left), codes, (BANDS,))


def test_by_hand():
    """Leavers 1, 2 | 5, 6: means 1.5 and 5.5 around 3.5, so 16 of 17; those still there 4 of 5."""
    exits, left = [1, 2, 5, 6, 1, 2, 3, 4], [1, 1, 1, 1, 0, 0, 0, 0]
    found = told_of_tenure(made(exits, left, [0, 0, 1, 1, 0, 0, 1, 1]), "sum")
    assert found == pytest.approx(float(min(Fraction(16, 17), Fraction(4, 5))))


def customers(seed=1, count=4000, rate=0.05, price=None):
    rng = np.random.default_rng(seed)
    left_after = rng.geometric(rate if price is None else rate * price, count)
    seen = rng.integers(1, 60, count)
    return np.minimum(left_after, seen), left_after <= seen, seen


def test_a_sum_of_bills_is_found_out_and_a_reason_to_stay_is_not():
    exits, left, _ = customers()
    bills = exits * np.random.default_rng(2).uniform(20, 40, len(exits))
    assert is_accumulated(made(exits, left, (bills > np.median(bills)).astype(int)), "sum")
    price = np.random.default_rng(3).choice([1.0, 3.0], 4000)
    exits, left, _ = customers(price=price)
    assert not is_accumulated(made(exits, left, (price > 2).astype(int)), "sum")


def test_a_column_that_goes_with_the_time_of_signing_is_no_sum():
    """It tells the tenure of those still there all right, and hardly that of the leavers."""
    exits, left, seen = customers(rate=0.02)
    cells = made(exits, left, (seen > 30).astype(int))
    assert (
        told_of_tenure(made(exits[~left], left[~left], (seen > 30)[~left].astype(int)), "sum") == 0
    )
    assert told_of_tenure(cells, "sum") < 0.3


@pytest.mark.parametrize("left", [[1, 1, 1], [0, 0, 0], [1, 0, 0]])
def test_where_tenure_does_not_vary_nothing_is_told(left):
    assert told_of_tenure(made([4, 4, 4], left, [0, 1, 1]), "sum") == 0.0


def test_an_unknown_column_is_named():
    with pytest.raises(ParameterError, match="no factor `x`"):
        told_of_tenure(made([1, 2], [1, 0], [0, 1]), "x")
