"""Pilots of the size that is told see the effect as often as was wanted, nothing from nothing.

Each is simulated 4000 times; a chance is right within 3.5 errors of its simulation.
"""

from __future__ import annotations

import numpy as np
import pytest

from stammkunde.policy.pilot import (
    Size,
    Wanted,
    by_logrank,
    by_months,
    by_shares,
    followed,
    in_clusters,
    treated_curve,
)
from stammkunde.policy.pilot.followed import Meaning
from tests.policy.pilot.trials import counts, logrank_z, months_z, shares_z

pytestmark = pytest.mark.filterwarnings("error")

REPETITIONS = 4000
CRITICAL = 1.959964
YEAR = 0.98 ** np.arange(13)
# leaving that slows down, as it mostly does
FALLING = np.cumprod(np.concatenate([[1.0], 1 - 0.06 / np.sqrt(np.arange(1, 25))]))
LOST = followed(12, lost=0.02, entering=6, closes=12)


def arms(seed: int, size: Size, curves: tuple[np.ndarray, np.ndarray], seen: np.ndarray) -> list:
    rng = np.random.default_rng(seed)
    heads = (int(size.control), int(size.treated))
    pairs = zip(curves, heads, strict=True)
    return [counts(rng, curve, n, seen, REPETITIONS) for curve, n in pairs]


def right(z: np.ndarray, wanted: float) -> None:
    """Assert that the chance of a test is what was wanted."""
    error = np.sqrt(wanted * (1 - wanted) / REPETITIONS)
    assert abs((np.abs(z) > CRITICAL).mean() - wanted) < 3.5 * error


@pytest.mark.parametrize("meaning", ["hazard", "survival"])
@pytest.mark.parametrize("seen", [followed(12), LOST])
@pytest.mark.parametrize("wanted", [Wanted(), Wanted(power=0.9, treated=0.4)])
def test_log_rank(meaning: Meaning, seen: np.ndarray, wanted: Wanted) -> None:
    size = by_logrank(YEAR, 0.8, wanted, seen=seen, meaning=meaning)
    other = treated_curve(YEAR, 0.8, meaning)
    found = arms(1, size, (YEAR, other), seen)
    right(logrank_z(found), wanted.power)
    right(logrank_z(arms(2, size, (YEAR, YEAR), seen)), wanted.error)
    assert size.events is not None
    seen_to_leave = sum(d.sum(axis=1).mean() for _, d in found)
    assert seen_to_leave == pytest.approx(float(size.events), rel=0.01)


@pytest.mark.parametrize("pooled", [True, False])
@pytest.mark.parametrize("wanted", [Wanted(), Wanted(power=0.9, treated=0.4)])
def test_shares(pooled: bool, wanted: Wanted) -> None:
    curves = np.array([1.0, 0.85]), np.array([1.0, 0.88])
    size = by_shares(0.15, 0.12, wanted, pooled=pooled)
    right(shares_z(arms(3, size, curves, np.ones(1)), pooled=pooled), wanted.power)
    null = arms(4, size, (curves[0], curves[0]), np.ones(1))
    right(shares_z(null, pooled=pooled), wanted.error)


@pytest.mark.parametrize("seen", [followed(24), followed(24, lost=0.02, entering=8, closes=26)])
@pytest.mark.parametrize("wanted", [Wanted(), Wanted(power=0.9, treated=0.4)])
def test_months(seen: np.ndarray, wanted: Wanted) -> None:
    other = treated_curve(FALLING, 0.75)
    apart = (other - FALLING)[:24].sum()
    size = by_months(FALLING, apart, 24, wanted, seen=seen, treated=other)
    right(months_z(arms(5, size, (FALLING, other), seen), 24), wanted.power)
    right(months_z(arms(6, size, (FALLING, FALLING), seen), 24), wanted.error)


def test_without_counting_who_is_lost_a_pilot_is_too_small() -> None:
    """The check of the checks: a size that forgets what it should count fails them."""
    size = by_logrank(YEAR, 0.8)
    found = logrank_z(arms(7, size, (YEAR, treated_curve(YEAR, 0.8)), LOST))
    with pytest.raises(AssertionError):
        right(found, 0.8)


def test_clusters() -> None:
    """Of each cluster of 30 a beta share leaves; clusters are compared by their means."""
    rng = np.random.default_rng(8)
    p, change, members, rho = 0.15, 0.03, 30, 0.02
    size = in_clusters(by_shares(p, p - change, pooled=False), members, rho)
    number = int(np.ceil(size.treated / members))
    means = []
    for share in (p, p - change):
        spread = 1 / rho - 1
        own = rng.beta(share * spread, (1 - share) * spread, (REPETITIONS, number))
        means.append(rng.binomial(members, own) / members)
    error = np.sqrt(sum(m.var(axis=1, ddof=1) / number for m in means))
    z = (means[1].mean(axis=1) - means[0].mean(axis=1)) / error
    assert number > 100
    right(z, 0.8)
