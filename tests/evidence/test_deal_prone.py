"""The newcomer rebate of the recipes: printed values, exact limits and estimates in one sample."""

from __future__ import annotations

import numpy as np
import pytest

from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.starting.person_trial import compare_persons
from stammkunde.evidence.starting.robust import doubly_robust
from stammkunde.evidence.trial import compare
from tests.validate.starting import (
    ARMS,
    CURVES,
    HORIZON,
    LEVELS,
    TRUTH,
    against,
    by_prone,
    deal_prone,
    expit,
    newcomers,
)

# printed values of naive and weighted estimates, and their Monte Carlo errors
PRINTED = {
    ("plain", False): (0.220, 0.013),
    ("plain", True): (-1.416, 0.013),
    ("portal", False): (1.468, 0.014),
    ("portal", True): (-0.716, 0.014),
}
SIZE = 150_000
# of 5000 customers one estimate has an error of .24
SPREAD = 0.24 * np.sqrt(5000 / SIZE)


def limit(by: str, hidden: bool) -> float:
    """Return what an estimate tends to, by quadrature over how prone to deals people are."""
    points, weights = np.polynomial.hermite_e.hermegauss(80)
    weights = weights / weights.sum()
    portal = expit(-0.5 + 1.5 * points)
    found = []
    for taken in (True, False):
        stay = np.cumprod(1 - expit(newcomers(points, np.full(len(points), taken))), axis=1)
        means = 1 + stay[:, : HORIZON - 1].sum(axis=1)
        # people of each portal by point [2, points], and of those who are in the arm
        people = weights * np.array([1 - portal, portal])
        chance = expit(1.2 * points * np.ones((2, 1)))
        if not hidden:
            chance = expit(-0.8 + 1.6 * np.array([[0.0], [1.0]])) * np.ones(len(points))
        own = people * (chance if taken else 1 - chance)
        if by == "plain":
            found.append((own @ means).sum() / own.sum())
        else:
            found.append((own @ means / own.sum(axis=1)) @ people.sum(axis=1))
    return float(found[0] - found[1])


@pytest.mark.parametrize(("by", "hidden"), PRINTED)
def test_limits_are_the_printed_values(by: str, hidden: bool) -> None:
    value, error = PRINTED[by, hidden]
    assert limit(by, hidden) == pytest.approx(value, abs=3 * error)


def test_the_truth_is_the_printed_one() -> None:
    assert pytest.approx(1.4934, abs=5e-5) == TRUTH
    assert CURVES[:, HORIZON] == pytest.approx([0.5047, 0.4761], abs=5e-5)
    assert CURVES[0, :12].sum() - CURVES[1, :12].sum() == pytest.approx(0.9061, abs=5e-5)
    assert limit("portal", False) == pytest.approx(TRUTH, abs=1e-9)


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.long
def test_estimates_go_where_they_should(hidden: bool) -> None:
    rows, prone = deal_prone(np.random.default_rng(11), SIZE, hidden)
    months = {
        "plain": against(rows.assign(cell=0)).months.value,
        "portal": against(rows).months.value,
    }
    for by, value in months.items():
        assert value == pytest.approx(limit(by, hidden), abs=3 * SPREAD)
    robust = doubly_robust(rows, LEVELS, *ARMS, HORIZON, chances="cells").months.value
    assert robust == pytest.approx(months["portal"], abs=1e-9)
    if hidden:
        known = compare_persons(by_prone(rows, prone, True), *ARMS, HORIZON).months
        assert known.value == pytest.approx(TRUTH, abs=4 * SPREAD)


def test_in_a_world_without_confounding_all_agree() -> None:
    """The lot gives the rebate: weighting tells what the plain difference tells."""
    rows, _ = deal_prone(np.random.default_rng(12), 20_000, hidden=False)
    lot = np.random.default_rng(13).permutation(rows.arm.to_numpy())
    rows = rows.assign(arm=lot)
    plain = compare(baseline_trial(rows.assign(cell=0), ARMS, reach=HORIZON), *ARMS, HORIZON)
    cells = compare(baseline_trial(rows, ARMS, reach=HORIZON), *ARMS, HORIZON)
    a, b = plain.months.replicates, cells.months.replicates
    assert a is not None
    assert b is not None
    apart = a.leave_out - b.leave_out
    error = np.sqrt(255 / 256 * ((apart - apart.mean()) ** 2).sum())
    assert plain.months.value is not None
    assert cells.months.value is not None
    assert abs(plain.months.value - cells.months.value) < 3.5 * error
    assert (plain.months.low or 0) < 0 < (plain.months.high or 0)
