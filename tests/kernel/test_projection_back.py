"""The trial on an earlier day: nobody is lost at the cut, and a law that holds is found to hold."""

from __future__ import annotations

import numpy as np
import pytest

from stammkunde.errors import NotObservedError
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.projection import back_test, cut_at
from stammkunde.survival.projection.backtest import share_of_those
from stammkunde.survival.table import LifeTable
from tests.kernel.projecting import seen

pytestmark = pytest.mark.filterwarnings("error")

# cohorts of months 0 .. 23, observed to the end of month 35
COHORTS, END, DAY = range(24), 36, 24


def cohorts(law, size: int = 250) -> dict[int, LifeTable]:
    rng = np.random.default_rng(12)
    return {start: seen(law(rng, size), END - start) for start in COHORTS}


def sorted_out(rng: np.random.Generator, size: int) -> np.ndarray:
    return rng.geometric(np.maximum(rng.beta(1.2, 14.0, size), 1e-9))


def with_a_term(rng: np.random.Generator, size: int) -> np.ndarray:
    """Return stays of which a third end with month 24, whatever came before."""
    stay = rng.geometric(np.full(size, 0.02))
    return np.where((stay >= 24) & (rng.random(size) < 0.4), 24, stay)


def test_a_cut_loses_nobody():
    made = cohorts(sorted_out)
    cut = cut_at(made, DAY)
    left = sum(int(t.moves.sum()) for t in made.values())
    # a unit counts as known where it was over for the whole cohort
    here = sum(
        int(t.at_risk[0, :, DAY - start - 1].sum())
        for start, t in made.items()
        if 0 < DAY - start - 1 < t.length
    )
    assert int(cut.there.sum()) == here
    assert int(cut.came.at_risk[0, :, 0].sum()) == here
    missing = sum(int(t.moves.sum()) for start, t in made.items() if DAY - start - 1 < 1)
    assert int(cut.known.moves.sum() + cut.came.moves.sum()) == left - missing
    assert int(np.flatnonzero(cut.there)[-1]) == DAY - 1


def test_the_share_of_those_there_is_a_mean_over_tenures():
    curves = np.cumprod(np.r_[1.0, np.linspace(0.8, 0.95, 9)])[None]
    there = np.array([0, 3, 0, 1])
    found = share_of_those(curves, there, 4)
    own = [(3 * curves[0, 1 + h] / curves[0, 1] + curves[0, 3 + h] / curves[0, 3]) / 4
           for h in range(5)]  # fmt: skip
    assert found[0] == pytest.approx(own, rel=1e-12)


def test_a_law_that_holds_passes():
    cut = cut_at(cohorts(sorted_out), DAY)
    found = back_test(cut)
    assert found.persons == int(cut.there.sum())
    observed = kaplan_meier(cut.came)
    assert found.observed.value == pytest.approx(observed.value, rel=1e-12)
    trials = {t.name: t for t in found.trials}
    assert trials["beta-geometric"].passed
    assert found.together.passed
    assert sum(t.weight for t in found.trials) == pytest.approx(1, rel=1e-12)
    last = found.observed.observed_to
    own = trials["beta-geometric"]
    gap = own.value[-1] - observed.value[last]
    assert own.error.value == pytest.approx(gap, rel=1e-9)
    assert own.error.low < 0 < own.error.high
    assert (own.low <= own.value).all()
    assert (own.value <= own.high).all()


def test_a_term_that_nobody_has_reached_yet_is_found_out():
    found = back_test(cut_at(cohorts(with_a_term), DAY))
    assert not found.together.passed
    assert found.together.error.low > 0


def test_without_anybody_there_is_no_trial():
    with pytest.raises(NotObservedError, match="nobody was there"):
        cut_at({0: seen(np.ones(30, dtype=int), 12)}, 8)
    with pytest.raises(NotObservedError, match="nobody was there"):
        cut_at({0: seen(np.full(30, 40), 12)}, 13)


def test_on_the_day_itself_all_are_there():
    found = back_test(cut_at(cohorts(sorted_out), DAY))
    ends = (found.together.low[0], found.together.value[0], found.together.high[0])
    assert ends == pytest.approx((1, 1, 1), abs=1e-9)
    assert np.isfinite([found.together.low, found.together.high]).all()


def test_where_hardly_anybody_had_left_no_family_is_tried():
    late = {0: seen(np.r_[np.full(200, 3), np.full(200, 30), np.full(300, 40)], 36)}
    few = {0: seen(np.r_[3, np.full(200, 30), np.full(300, 40)], 36)}
    assert back_test(cut_at(late, 25), ["geometric"]).trials
    with pytest.raises(NotObservedError, match="no family"):
        back_test(cut_at(few, 25), ["geometric"])
