"""A trial in numbers: who stays, how many it takes, what it is worth, from when it pays."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from stammkunde.chapters.policies.read import Decision
from stammkunde.chapters.policies.trials.agreed import toml_lines
from stammkunde.chapters.policies.trials.trial import later
from stammkunde.chapters.policies.trials.worth import bought
from stammkunde.evidence.asking import ArmToml, QuestionToml
from stammkunde.policy.decide import normal_evpi
from stammkunde.policy.ledger import Ledger
from stammkunde.policy.ledger.laws import Law
from stammkunde.policy.offers import worths
from stammkunde.spells.schema.loading import build
from tests.chapters.lives import said
from tests.chapters.policies.made import (
    HEADS,
    HORIZON,
    LEDGER,
    made_decision,
    made_market,
)
from tests.chapters.policies.trying import DEAR, MONTHS, TODAY, told, trial, usual, worth

# too slow for every run: `make test-full` has them
pytestmark = pytest.mark.long

made = usual

PRICE = 0
NORMAL = replace(LEDGER.of("loyalty_ratio"), law=Law.NORMAL)


@pytest.fixture(scope="module")
def doubtful(tmp_path_factory: pytest.TempPathFactory) -> Decision:
    """Two policies, and only one normal assumption that decides between them."""
    ledger = Ledger(tuple(NORMAL if a.name == NORMAL.name else a for a in LEDGER.assumptions))
    folder = tmp_path_factory.mktemp("doubtful")
    return made_decision(folder, proposed=(TODAY, DEAR), ledger=ledger, draws=1000)


def staying(draw: int, made: Decision, ratio: float, first: int, months: int) -> np.ndarray:
    """Return how many of today's customers are there after 0 .. M months, one after another.

    From unit `first` of their tenure on leaving for the price is multiplied by `ratio`.
    """
    total = np.zeros(months + 1)
    for segment in made_market(made.weights).segments:
        hazards = np.array(np.asarray(segment.hazards)[draw])
        hazards[PRICE, first - 1 :] *= ratio
        for done, heads in enumerate(np.asarray(segment.there)):
            here = float(heads)
            for k in range(months + 1):
                total[k] += here
                here *= 1 - hazards[:, done + k].sum()
    return total


def test_todays_customers_stay_as_counted_one_by_one(made: Decision) -> None:
    own = trial(made)
    assert (own.population, own.available, own.units, own.entering) == ("base", 4000, 12, 1)
    for draw in (0, 7, 299):
        ratio = float(made.drawn["loyalty_ratio"][draw])
        for curve, by in ((own.control, 1.0), (own.treated, ratio)):
            heads = staying(draw, made, by, 13, MONTHS)
            assert curve[draw] == pytest.approx(heads / sum(HEADS.values()))


def test_the_ratio_makes_the_difference_asked_for(made: Decision) -> None:
    own = trial(made)
    curve = own.control.mean(axis=0)
    hazards = 1 - curve[1:] / curve[:-1]
    changed = np.cumprod(np.append(1.0, 1 - own.ratio * hazards))
    assert (changed - curve)[:MONTHS].sum() == pytest.approx(0.5)
    assert own.ratio < 1


def test_newcomers_are_dealt_as_they_sign_up(made: Decision) -> None:
    own = trial(made, policy="nothing", element="newcomer", months=18, difference=0.8)
    assert own.population == "new"
    # 28 and 52 sign up in a month
    assert own.available == 80 * own.entering
    assert own.entering == int(np.ceil(2 * own.asked / 80))
    assert own.units == 18 + own.entering - 1
    hazards = [np.asarray(s.hazards)[3] for s in made_market(made.weights).segments]
    spike = float(made.drawn["spike"][3])
    found = np.zeros(19)
    for h, inflow in zip(hazards, (28.0, 52.0), strict=True):
        h = np.array(h)
        h[PRICE, 12:14] *= spike
        found += inflow / 80 * np.cumprod(np.append(1.0, 1 - h.sum(axis=0)[:18]))
    assert own.control[3] == pytest.approx(found)
    text = said(told(made, policy="nothing", element="newcomer", months=18, difference=0.8))
    assert "Half of them would get “no rebate”, the others “as today”" in text


def test_what_begins_later_is_what_comes_first_discounted(made: Decision) -> None:
    assert later(made, 0) == pytest.approx(made.values)
    # a horizon that is shorter by a year, valued anew
    short = replace(made.market, horizon=HORIZON - 12)
    found = worths(made.policies, short, made.drawn, weights=made.weights)
    anew = np.stack([found[n].total for n in made.names], axis=-1)
    assert later(made, 12) == pytest.approx(made.market.v**12 * anew)


def test_the_worth_of_a_trial_is_that_of_normal_doubt(doubtful: Decision) -> None:
    own = trial(doubtful, policy="dear")
    found, values = worth(doubtful, own), later(doubtful, own.units)
    ahead = values[:, 1] - values[:, 0]
    slope = np.polyfit(own.difference, ahead, 1)[0]
    spread = abs(slope) * own.difference.std(ddof=1)
    for k in (found.proposed, len(found.worth) - 1):
        rho = own.difference.var(ddof=1) / (own.difference.var(ddof=1) + found.error[k] ** 2)
        assert found.resolved[k] == pytest.approx(rho)
        expected = float(normal_evpi(ahead.mean(), spread * np.sqrt(rho)))
        e = found.worth[k]
        assert expected > 100
        assert abs((e.value or 0.0) - expected) < 4 * (e.se or 0.0) + 0.03 * expected


def test_a_larger_trial_is_worth_more_and_costs_more(doubtful: Decision) -> None:
    own = trial(doubtful, policy="dear")
    found = worth(doubtful, own)
    assert (np.diff([w.value or 0.0 for w in found.worth]) >= 0).all()
    costs = [c.value or 0.0 for c in found.cost]
    assert costs == pytest.approx([2.0 * 2 * n + 5000 for n in found.per_arm])
    net = [n.value or 0.0 for n in found.net]
    assert net == pytest.approx(
        [(w.value or 0.0) - c for w, c in zip(found.worth, costs, strict=True)]
    )
    assert net[found.best] == max(net)
    assert found.per_arm[found.proposed] == own.per_arm


def test_money_scales_and_the_number_does_not(made: Decision) -> None:
    own = trial(made)
    values = later(made, own.units)
    once, thrice = bought(made, own, values), bought(made, own, 3 * values)
    assert [w.value for w in thrice.worth] == pytest.approx(
        [3 * (w.value or 0) for w in once.worth]
    )
    assert (once.per_arm == thrice.per_arm).all()


def test_lines_of_a_toml_say_every_kind_of_key() -> None:
    made = QuestionToml(
        name="x",
        title={"de": 'ein "Wort"', "en": "a\\b"},
        treated=ArmToml(title={"de": "ja", "en": "yes"}, words=("y", "j")),
        control=ArmToml(title={"de": "nein", "en": "no"}, words=("n",)),
        offer="x",
        where={"kind": ("a", "b")},
        horizon=3,
        signed_from=date(2020, 1, 2),
        euro=2.5,
    )
    raw = tomllib.loads("\n".join(toml_lines(made)))["question"][0]
    assert build(QuestionToml, raw, "") == made
