"""From which difference on a policy pays, in the report: what is said and what is agreed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from stammkunde.chapters.policies.read import Decision
from stammkunde.policy.offers import RebateForAll
from tests.chapters.futures import numbers
from tests.chapters.lives import said
from tests.chapters.policies.trying import (
    STAY,
    agreed,
    beside,
    both,
    found,
    one_hazard,
    told,
    trial,
    usual,
)

# too slow for every run: `make test-full` has them
pytestmark = pytest.mark.long

made = usual
close = both


def test_the_protocol_says_from_which_difference_on_it_pays(close: Decision) -> None:
    section = told(close, policy="dear")
    pays = numbers(section)["policy.pilot.pays"]
    assert pays.value is not None
    low, high = np.quantile(trial(close, policy="dear").difference, [0, 1])
    assert low < pays.value < high
    assert pays.assumptions[-1] == "trial_turns_leaving_evenly"
    assert f"lies above {pays.value:.2f} months" in agreed(section)["pilot.row.decides"]
    assert f"From a difference of {pays.value:.2f} months on, “dear” is worth more" in said(section)
    assert "for as long as it holds" in beside(section)
    # a normal difference whose error so many customers leave: wanted, not the size for it
    tried, shown = trial(close, policy="dear"), numbers(section)["policy.pilot.introduced"]
    error = tried.detectable / (stats.norm.ppf(0.975) + stats.norm.ppf(0.8))
    above = stats.norm(tried.wanted, error).sf(pays.value + stats.norm.ppf(0.975) * error)
    assert shown.value == pytest.approx(above)
    assert shown.value < 0.8
    # the two policies that there are
    assert "nothing else" not in beside(section)


FREE, COSTLY = RebateForAll(0.0, behaviour=STAY), RebateForAll(6.0, behaviour=STAY)


@pytest.mark.parametrize(
    ("element", "serve", "kind", "words"),
    [
        (FREE, 0.0, "always", "at every difference that is held possible, from "),
        (COSTLY, 0.0, "never", "at no difference that is held possible, from "),
        (FREE, 11.0, "never", "at no difference that is held possible, from "),
    ],
)
def test_where_no_difference_decides_none_is_agreed(
    tmp_path: Path, element: RebateForAll, serve: float, kind: str, words: str
) -> None:
    ratios = np.tile(np.linspace(0.1, 0.9, 8), 16)
    small = one_hazard(tmp_path, element, ratios, hazard=0.08, horizon=24, there=1000, serve=serve)
    section = told(small, policy="offer", element="for_all")
    pays = numbers(section)["policy.pilot.pays"]
    assert (pays.value, found(section, "pays").sentence.key) == (None, f"pilot.turns.{kind}")
    text = agreed(section)["pilot.row.decides"]
    assert text.startswith("Not this trial: ")
    # a geometric sum: of 12 months those that are paid, less those without the offer
    low, high = (sum((1 - 0.08 * r) ** t - 0.92**t for t in range(12)) for r in (0.9, 0.1))
    assert f"{words}{low:.2f} to {high:.2f} months" in text
    assert "lies above" not in text


def test_where_longer_stays_cost_money_no_difference_decides(tmp_path: Path) -> None:
    ratios = np.tile(np.linspace(0.6, 1.4, 8), 16)
    small = one_hazard(tmp_path, FREE, ratios, hazard=0.08, horizon=24, there=1000, serve=11.0)
    section = told(small, policy="offer", element="for_all")
    assert numbers(section)["policy.pilot.pays"].reason == "longer_stays_do_not_pay"
    assert found(section, "pays").sentence.key == "pilot.turns.reversed"
    assert agreed(section)["pilot.row.decides"].startswith("Not this trial alone: longer stays do")


def test_a_policy_that_pays_though_customers_stay_shorter(tmp_path: Path) -> None:
    """Dropping a rebate: customers may leave somewhat sooner."""
    small = one_hazard(
        tmp_path,
        FREE,
        np.tile(np.linspace(0.9, 1.6, 8), 16),
        hazard=0.04,
        horizon=24,
        there=1000,
        other=0.5,
    )
    section = told(small, policy="offer", element="for_all")
    pays = numbers(section)["policy.pilot.pays"].value
    assert pays is not None
    assert pays < 0
    assert found(section, "pays").sentence.key == "pilot.turns.spares"
    assert f"Even if customers stay up to {-pays:.2f} months shorter" in said(section)
    assert f"lies above −{-pays:.2f} months" in agreed(section)["pilot.row.decides"]


def test_of_a_trial_that_shows_nothing_no_difference_is_told(made: Decision) -> None:
    section = told(made, policy="nothing", element="newcomer")
    assert numbers(section)["policy.pilot.pays"].reason == "trial_shows_nothing"
    assert [f.id for f in section.findings] == ["policy.pilot.size", "policy.pilot.first"]
    assert "no difference is expected" in agreed(section)["pilot.row.decides"]


def test_which_comparison_it_does_not_settle(made: Decision) -> None:
    ahead = [s.policy for s in made.league.standings[:2]]
    assert {*ahead} != {"for_all", "today"}
    text = beside(told(made, policy="for_all", element="for_all"))
    assert "settles whether “rebate for all” is better than “as today”, and nothing else" in text
    words = [made.title(n).in_language("en") for n in ahead]
    assert f"“{words[0]}” is worth most, then “{words[1]}”" in text
