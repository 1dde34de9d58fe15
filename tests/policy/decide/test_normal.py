"""What knowing more is worth where doubt is normal: printed values, integrals and laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from stammkunde.errors import ParameterError
from stammkunde.policy.decide import (
    difference_se,
    normal_best,
    normal_evpi,
    normal_evsi,
    normal_regret,
    preposterior_sd,
)
from tests.patience import examples

means = st.floats(-1e4, 1e4)
spreads = st.floats(1e-3, 1e4)


def test_the_worked_values() -> None:
    assert round(float(normal_evpi(4, 10)), 4) == 2.3044
    assert round(float(normal_best(4, 10)), 4) == 0.6554
    assert round(float(normal_regret(4, 10)), 4) == 6.3044
    pilots = normal_evsi(4, 10, 120, np.array([100, 500, 1000, 2000, 5000]))
    assert pilots.round(3).tolist() == [0.623, 1.570, 1.871, 2.066, 2.203]


@pytest.mark.parametrize(("mean", "sd"), [(4.0, 10.0), (-7.0, 3.0), (0.0, 1.0), (20.0, 5.0)])
def test_perfect_information_is_the_integral_of_what_choosing_saves(mean: float, sd: float) -> None:
    law = stats.norm(mean, sd)
    gain = integrate.quad(lambda x: x * law.pdf(x), 0, mean + 40 * sd, epsabs=1e-12)[0]
    assert normal_evpi(mean, sd) == pytest.approx(gain - max(mean, 0.0), abs=1e-9)
    assert normal_best(mean, sd) == pytest.approx(max(law.sf(0), law.cdf(0)), abs=1e-12)


def test_a_pilot_is_worth_what_choosing_after_it_gains() -> None:
    """Truth, pilot, what is believed after it, choice: with a plain shrunken mean, no formula."""
    rng = np.random.default_rng(3)
    truth = rng.normal(4, 10, 400_000)
    se = float(difference_se(120, 500))
    seen = truth + rng.normal(0, se, truth.shape)
    believed = (4 / 10**2 + seen / se**2) / (1 / 10**2 + 1 / se**2)
    gain = np.where(believed > 0, truth, 0.0) - truth
    error = gain.std() / np.sqrt(len(gain))
    assert abs(gain.mean() - normal_evsi(4, 10, 120, 500)) < 3.5 * error


def test_the_standard_error_of_a_difference_is_that_of_two_means() -> None:
    assert difference_se(120, 500) == pytest.approx(np.sqrt(120**2 / 500 + 120**2 / 500))


@settings(max_examples=examples(100))
@given(means, spreads, spreads, st.lists(st.integers(1, 10**7), min_size=2, max_size=6))
def test_a_larger_pilot_is_never_worth_less_nor_more_than_knowing_all(
    mean: float, sd: float, outcome: float, sizes: list[int]
) -> None:
    worth = normal_evsi(mean, sd, outcome, np.array(sorted(sizes)))
    assert (np.diff(worth) >= -1e-12 * sd).all()
    assert (worth <= normal_evpi(mean, sd) + 1e-12 * sd).all()
    assert (worth >= -1e-12 * sd).all()


@settings(max_examples=examples(100))
@given(means, spreads, st.floats(1e-3, 1e3))
def test_money_scales_and_the_sign_of_the_mean_does_not_matter(
    mean: float, sd: float, scale: float
) -> None:
    assert normal_evpi(scale * mean, scale * sd) == pytest.approx(
        scale * normal_evpi(mean, sd), rel=1e-9, abs=1e-12 * scale * sd
    )
    assert normal_evpi(-mean, sd) == normal_evpi(mean, sd)
    assert normal_best(-mean, sd) == normal_best(mean, sd)
    assert normal_regret(mean, sd) - normal_evpi(mean, sd) == pytest.approx(abs(mean))


def test_without_doubt_nothing_is_left_to_learn() -> None:
    assert normal_evpi([4.0, 0.0], 0.0).tolist() == [0.0, 0.0]
    assert normal_best([4.0, 0.0], 0.0).tolist() == [1.0, 0.5]
    assert preposterior_sd(0.0, 0.0) == 0.0
    assert preposterior_sd(3.0, 0.0) == 3.0
    assert normal_evsi(4, 0, 120, 10) == 0.0


def test_what_cannot_be_is_refused() -> None:
    for wrong in (
        lambda: normal_evpi(4, -1),
        lambda: normal_evpi(np.nan, 1),
        lambda: difference_se(120, 0),
        lambda: preposterior_sd(1, -1),
        lambda: normal_best(1, np.inf),
    ):
        with pytest.raises(ParameterError) as refused:
            wrong()
        assert refused.value.remedy
