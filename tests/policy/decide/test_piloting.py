"""How large a pilot should be: printed values, every size tried, corners."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from stammkunde.errors import ParameterError
from stammkunde.policy.decide import Terms, best_pilot, enbs, normal_evpi, normal_evsi


@pytest.mark.parametrize(("deducted", "size", "net"), [(False, 929, 29_460), (True, 706, 26_582)])
def test_the_worked_values(deducted: bool, size: int, net: int) -> None:
    found = best_pilot(4, 10, 120, Terms(20_000, 4, deducted=deducted))
    assert found.per_arm == size
    assert round(found.net) == net
    assert found.cost == 8 * size


@pytest.mark.parametrize(
    "case",
    [
        (4, 10, 120, Terms(20_000, 4)),
        (4, 10, 120, Terms(20_000, 4, deducted=True)),
        (0, 5, 60, Terms(5000, 1, fixed=500)),
        (-12, 8, 200, Terms(300_000, 0.5)),
        (1, 2, 30, Terms(1000, 0, deducted=True)),
    ],
)
def test_no_other_size_nets_more(case: tuple[float, float, float, Terms]) -> None:
    mean, sd, outcome, terms = case
    sizes = np.arange(1, int(terms.population // 2) + 1)
    nets = enbs(normal_evsi(mean, sd, outcome, sizes), sizes, terms)
    found = best_pilot(mean, sd, outcome, terms)
    assert found.per_arm == sizes[nets.argmax()]
    assert found.net == pytest.approx(nets.max(), rel=1e-12)
    assert found.evsi == float(normal_evsi(mean, sd, outcome, found.per_arm))


def test_a_numeric_optimiser_finds_the_same_place() -> None:
    terms = Terms(20_000, 4)
    best = optimize.minimize_scalar(
        lambda n: -float(enbs(normal_evsi(4, 10, 120, n), n, terms)),
        bounds=(1, 9000),
        method="bounded",
    )
    assert abs(best.x - 929) < 1


def test_a_large_population_is_searched_as_finely() -> None:
    terms = Terms(2e9, 0.01)
    found = best_pilot(4, 10, 120, terms)
    near = np.arange(max(found.per_arm - 3000, 1), found.per_arm + 3000)
    assert found.per_arm == near[enbs(normal_evsi(4, 10, 120, near), near, terms).argmax()]


def test_money_scales_and_what_is_fixed_is_only_taken_off() -> None:
    one = best_pilot(4, 10, 120, Terms(20_000, 4))
    large = best_pilot(40, 100, 1200, Terms(20_000, 40))
    assert large.per_arm == one.per_arm
    assert large.net == pytest.approx(10 * one.net, rel=1e-12)
    fixed = best_pilot(4, 10, 120, Terms(20_000, 4, fixed=1000))
    assert fixed.per_arm == one.per_arm
    assert fixed.net == pytest.approx(one.net - 1000)
    assert fixed.cost == one.cost + 1000


def test_where_none_pays_there_is_none() -> None:
    for terms in (Terms(20_000, 1e6), Terms(1, 4), Terms(0, 0), Terms(20_000, 4, fixed=1e6)):
        found = best_pilot(4, 10, 120, terms)
        assert (found.per_arm, found.net, found.cost) == (0, 0.0, 0.0)
    assert best_pilot(4, 0, 120, Terms(20_000, 4)).per_arm == 0


def test_a_free_pilot_takes_everybody_and_nets_less_than_knowing() -> None:
    found = best_pilot(4, 10, 120, Terms(20_000, 0))
    assert found.per_arm == 10_000
    assert found.net < 20_000 * normal_evpi(4, 10)
    assert "<table" in found._repr_html_()


def test_by_hand() -> None:
    assert enbs(2.0, 10, Terms(100, 3, fixed=5)) == 100 * 2 - 60 - 5
    assert enbs(2.0, 10, Terms(100, 3, fixed=5, deducted=True)) == 80 * 2 - 60 - 5


def test_what_cannot_be_is_refused() -> None:
    for wrong in (
        lambda: enbs(2.0, 51, Terms(100, 3)),
        lambda: enbs(2.0, -1, Terms(100, 3)),
        lambda: enbs(np.nan, 1, Terms(100, 3)),
        lambda: best_pilot(4, 10, 120, Terms(100, -3)),
        lambda: best_pilot(4, -10, 120, Terms(100, 3)),
        lambda: best_pilot(4, 10, 120, Terms(np.inf, 3)),
    ):
        with pytest.raises(ParameterError) as refused:
            wrong()
        assert refused.value.remedy
