"""One retention for all: the printed misses, the step of one per cent, and customers drawn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from stammkunde.errors import ParameterError
from stammkunde.policy.worth import base_worth, retention_step
from stammkunde.survival.projection import retention_elasticity

pytestmark = pytest.mark.filterwarnings("error")

# alpha, beta: per cent missed with the retention of four and of five renewals
MISSED = {(3.80, 15.20): (-12.2, -11.0), (0.067, 0.267): (-41.4, -36.3)}


@pytest.mark.parametrize("law", MISSED)
def test_the_printed_misses(law: tuple[float, float]) -> None:
    found = [100 * base_worth(*law, 5, 0.1, renewals=n).missed for n in (4, 5)]
    assert found == pytest.approx(MISSED[law], abs=0.05)
    assert base_worth(*law, 5, 0.1) == base_worth(*law, 5, 0.1, renewals=4)


RETAINED = {(3.80, 15.20): (0.8117, 0.8147), (0.067, 0.267): (0.9159, 0.9282)}


@pytest.mark.parametrize("law", RETAINED)
def test_the_printed_retentions(law: tuple[float, float]) -> None:
    """One retention r gives everybody 1.1 r / (1.1 - r): a base of one is told it back."""
    t = np.arange(4)
    curve = np.concatenate([[1.0], np.cumprod((law[1] + t) / (sum(law) + t))])
    for renewals, printed in zip((4, 5), RETAINED[law], strict=True):
        each = base_worth(*law, 5, 0.1, renewals=renewals).one_rate / curve.sum()
        assert 1.1 * each / (1.1 + each) == pytest.approx(printed, abs=5e-5)


def test_the_printed_elasticity_of_one_retention() -> None:
    """(1 + d) / (1 + d - r): a step of nothing much, with one retention for all."""
    step = 1e-6
    assert retention_step(3.80, 15.20, 5, 0.1, step).one_rate / step == pytest.approx(
        3.82, abs=5e-3
    )


@pytest.mark.parametrize("law", MISSED)
def test_customers_drawn_one_by_one(law: tuple[float, float]) -> None:
    rng = np.random.default_rng(11)
    kept = 1 - rng.beta(*law, 400_000)
    weight = sum(kept**n for n in range(5))
    paid = weight * kept / (1 - kept / 1.1)
    found = base_worth(*law, 5, 0.1).true
    assert abs(paid.mean() - found) < 3.5 * paid.std() / np.sqrt(len(paid))


def test_one_per_cent_more_retention() -> None:
    found = retention_step(3.80, 15.20, 5, 0.1)
    assert 100 * found.true == pytest.approx(4.91, abs=5e-3)
    assert 100 * found.one_rate == pytest.approx(3.93, abs=5e-3)
    assert found.missed < 0


def test_a_small_step_is_the_elasticity() -> None:
    step = 1e-5
    found = retention_step(3.80, 15.20, 5, 0.1, step)
    t = np.arange(3000)
    curve = np.concatenate([[1.0], np.cumprod((15.2 + t) / (19.0 + t))])
    assert found.true / step == pytest.approx(retention_elasticity(curve, curve[:5], 0.1), rel=1e-3)
    assert retention_step(3.80, 15.20, 5, 0.1, 0.0).true == 0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: base_worth(0.0, 1.0, 5, 0.1), "the alpha is 0"),
        (lambda: base_worth(1.0, 1.0, 1, 0.1), "1 cohorts"),
        (lambda: base_worth(1.0, 1.0, 5, 0.0), "the interest is 0"),
        (lambda: base_worth(1.0, 1.0, 5, 0.1, renewals=6), "over 6 renewals"),
        (lambda: retention_step(1.0, 1.0, 5, 0.1, step=-2.0), "step of retention is -2"),
    ],
)
def test_what_cannot_be_is_refused(call: Callable[[], object], said: str) -> None:
    with pytest.raises(ParameterError, match=said) as refused:
        call()
    assert refused.value.remedy
