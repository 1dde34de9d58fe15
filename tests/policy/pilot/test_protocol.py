"""A protocol that holds together, and the question that analyses it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stammkunde.errors import ParameterError, SchemaError
from stammkunde.evidence.asking import ArmToml, QuestionToml, ask, estimand_of
from stammkunde.policy.pilot import (
    Deciding,
    Enough,
    Protocol,
    Stopping,
    by_months,
    deal,
    decided,
    harmed,
    months_variance,
    question_of,
)
from stammkunde.result import Estimate
from stammkunde.spells.read import spells_from
from tests.evidence.asked import beside, later, world

TITLE = {"de": "Treuerabatt", "en": "loyalty rebate"}
ENOUGH = Enough(measure="months", treated=300, control=300, difference=0.5, baseline=10.2)


def arm(word: str) -> ArmToml:
    return ArmToml(title={"de": word, "en": word}, words=(word,))


def protocol(**keys: Any) -> Protocol:
    usual: dict[str, Any] = {
        "name": "pilot", "title": TITLE, "population": "base", "treated": arm("called"),
        "control": arm("held"), "offer": "call", "seed": "written down on 3 January",
        "begins": date(2021, 1, 5), "units": 12, "horizon": 12, "enough": ENOUGH,
        "deciding": Deciding(pays=0.2),
    }  # fmt: skip
    return Protocol(**{**usual, **keys})


def found(low: float | None, high: float | None, **keys: Any) -> Estimate:
    value = None if low is None or high is None else (low + high) / 2
    own: dict[str, Any] = {"unit": "month", "method": "", **keys}
    return Estimate(value=value, low=low, high=high, **own)


def test_customers_of_today_are_compared_from_the_day_of_their_lot() -> None:
    asks = question_of(protocol(strata=("kind",), by=("kind",), euro=6.0, claims=("A44",)))
    told = estimand_of(asks)
    assert (told.design, told.assignment, told.alike) == ("lot", "drawn", ("kind",))
    assert (told.horizon, told.relevant, told.claimed) == (12, 0.5, "longer")
    assert asks.treated.words == ("called",)
    assert asks.control.words == ("held",)
    assert (asks.euro, asks.claims, asks.by) == (6.0, ("A44",), ("kind",))


def test_newcomers_are_compared_from_sign_up() -> None:
    asks = question_of(
        protocol(population="new", entering=3, units=14, lasts=6, where={"region": ("r01",)})
    )
    told = estimand_of(asks)
    assert (told.design, told.assignment, asks.lasts) == ("start", "drawn", 6)
    assert (told.signed_from, told.signed_before) == (date(2021, 1, 5), date(2021, 4, 5))
    assert told.where == {"region": ("r01",)}


def test_clusters_are_compared_as_a_whole() -> None:
    asks = question_of(
        protocol(population="clusters", offer="", column="met", cluster="region",
                 treated=arm("y"), control=arm("n"))
    )  # fmt: skip
    told = estimand_of(asks)
    assert (told.design, told.day, told.cluster) == ("regions", date(2021, 1, 5), "region")


def test_the_evidence_room_refuses_what_it_could_not_answer() -> None:
    with pytest.raises(SchemaError, match=r"protocol\.name"):
        question_of(protocol(name="Not a name"))
    with pytest.raises(SchemaError, match=r"protocol\.control\.words"):
        question_of(protocol(control=arm("called")))


def test_the_question_is_the_one_that_would_have_been_written() -> None:
    plain = QuestionToml(
        name="pilot",
        title=TITLE,
        treated=arm("called"),
        control=arm("held"),
        offer="call",
        assignment="drawn",
        alike=("kind",),
        on_its_day=True,
        horizon=12,
        relevant=0.5,
    )
    assert question_of(protocol(strata=("kind",))) == plain


@pytest.mark.long
@pytest.mark.parametrize(
    "keys",
    [
        {"strata": ("kind",)},
        {"population": "new", "begins": date(2020, 7, 1), "entering": 18, "units": 30,
         "offer": "welcome", "treated": arm("yes"), "control": arm("no"), "strata": ("kind",)},
        {"population": "clusters", "offer": "", "column": "met", "cluster": "region",
         "treated": arm("y"), "control": arm("n")},
    ],
)  # fmt: skip
def test_every_population_gets_an_answer(keys: dict[str, Any]) -> None:
    own = protocol(**keys)
    months = ask(question_of(own), *world(drawn=True).read()).months
    assert months.reason == ""
    assert (months.level, months.unit) == (own.deciding.level, own.unit)
    # nothing but chance is in this world
    assert decided(own, months) != "introduce"


def dealt_world(effect: float, size: int = 2400) -> tuple[Any, Any, Protocol]:
    """Return customers of a day who were dealt by the lot of a protocol, and followed."""
    rng = np.random.default_rng(12)
    own = protocol(strata=("kind",), begins=date(2021, 7, 1))
    who = [f"p{i:05}" for i in range(size)]
    kind = rng.choice(["a", "b"], size)
    parts = dict(zip(("called", "held"), own.parts, strict=True))
    arms = deal(who, [str(k) for k in kind], parts, own.seed).arm
    hazard = np.where(kind == "a", 0.03, 0.08) * np.where(arms == "called", effect, 1.0)
    starts = [date(2021, 1, 1 + int(d)) for d in rng.integers(0, 27, size)]
    stays = rng.geometric(hazard)
    ends = [later(date(2021, 7, 3), int(t) - 1) if t < 18 else None for t in stays]
    rows = pd.DataFrame(
        {"who": who, "begin": starts, "end": ends, "kind": kind, "region": "r", "met": "y"}
    )
    offers = pd.DataFrame(
        {"person": who, "offer": "call", "start": own.begins, "last": own.begins, "arm": arms}
    )
    events = pd.DataFrame(
        [("p00000", "complaint", date(2021, 8, 1), "big")],
        columns=["person", "kind", "day", "value"],
    )
    spells = spells_from(rows, start="begin", end="end", person="who", open=date(2020, 7, 1),
                         close=date(2023, 1, 1), by=["kind"])  # fmt: skip
    return spells, beside(offers, events), own


@pytest.mark.parametrize(
    ("effect", "verdict"),
    [(0.5, "introduce"), pytest.param(1.0, "drop", marks=pytest.mark.long)],
)
def test_from_the_lot_to_the_verdict(effect: float, verdict: str) -> None:
    spells, tables, own = dealt_world(effect)
    own = replace(own, deciding=Deciding(pays=0.6))
    answer = ask(question_of(own), spells, tables)
    t = np.arange(12)
    kinds = [((1 - h * effect) ** t - (1 - h) ** t).sum() for h in (0.03, 0.08)]
    truth = float(np.mean(kinds))
    months = answer.months
    assert months.value is not None
    assert months.se is not None
    assert abs(months.value - truth) < 3.5 * months.se
    assert decided(own, months) == verdict
    assert not harmed(own, months)
    # of the doubt that the size had been reckoned with
    curve = np.mean([(1 - h) ** np.arange(13) for h in (0.03, 0.08)], axis=0)
    told = np.sqrt(4 * months_variance(curve, 12) / 2400)
    assert months.se == pytest.approx(told, rel=0.1)
    size = by_months(curve, 0.6, 12)
    assert size.customers < 2400


def test_what_decides() -> None:
    own = protocol(deciding=Deciding(pays=0.2))
    told = {
        (0.3, 0.9): "introduce",
        (-0.4, 0.1): "drop",
        (0.1, 0.4): "undecided",
        (0.2, 0.4): "undecided",
        (0.1, 0.2): "undecided",
        (None, None): "undecided",
    }
    assert {k: decided(own, found(*k)) for k in told} == told
    # where no difference was agreed to, none decides
    open_ = protocol(deciding=Deciding(pays=None))
    assert {decided(open_, found(*k)) for k in told} == {"undecided"}
    with pytest.raises(ParameterError, match=r"0\.9 in months, where 0\.95"):
        decided(own, found(0.1, 0.2, level=0.9))
    with pytest.raises(ParameterError, match="in days, where"):
        decided(own, found(0.1, 0.2, unit="day"))


def test_a_difference_that_can_just_be_seen_may_decide() -> None:
    assert protocol(deciding=Deciding(pays=-10.19)).deciding.pays == -10.19
    assert protocol(deciding=Deciding(pays=1.79)).deciding.pays == 1.79


def test_what_would_end_it_before() -> None:
    own = protocol(stopping=Stopping(looks=(6, 9)))
    assert not harmed(own, found(-0.9, -0.3, se=0.2001))
    assert harmed(own, found(-0.9, -0.3, se=0.1999))
    assert not harmed(own, found(0.3, 0.9, se=0.01))
    assert not harmed(own, found(None, None))


def test_three_errors_at_a_look_hardly_touch_the_test_at_the_end() -> None:
    """Two looks and an end without any effect: how often the pilot ends early, or sees one."""
    rng = np.random.default_rng(30)
    steps = rng.normal(size=(200_000, 3)) * np.sqrt([0.5, 0.25, 0.25])
    z = np.cumsum(steps, axis=1) / np.sqrt([0.5, 0.75, 1.0])
    early = (z[:, :2] < -Stopping().harm).any(axis=1)
    assert early.mean() < 0.003
    wrong = early | (np.abs(z[:, 2]) > 1.959964)
    assert wrong.mean() == pytest.approx(0.05, abs=0.003)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"seed": ""}, "no seed"),
        ({"parts": (0, 1)}, "a block of"),
        ({"enough": replace(ENOUGH, control=0)}, "an arm is empty"),
        ({"enough": replace(ENOUGH, difference=0.0)}, "it is to see no effect"),
        ({"enough": replace(ENOUGH, power=1.0)}, "a power of 1"),
        ({"horizon": 0}, "a horizon of 0"),
        ({"entering": 0}, "0 units of entering"),
        ({"entering": 13}, "customers enter until unit 13"),
        ({"units": 11}, "nobody is followed for 12 units"),
        ({"stopping": Stopping(looks=(6, 12))}, "looked at in the units"),
        ({"stopping": Stopping(harm=0.0)}, "any difference would end it"),
        ({"deciding": Deciding(pays=0.1, level=95)}, "a level of 95"),
        # of 10.2 months within 12 nobody loses 10.2, or wins 1.8
        ({"deciding": Deciding(pays=-10.2)}, "pays from a difference of -10.2 on, of 10.2 units"),
        ({"deciding": Deciding(pays=1.9)}, "a difference of 1.9 on, of 10.2 units within 12"),
        ({"population": "clusters", "cluster": "region"}, "clusters need a column"),
        ({"cluster": "region", "column": "met"}, "clusters need a column"),
        ({"offer": ""}, "what is dealt is not named"),
    ],
)
def test_parts_that_do_not_fit_are_refused(keys: dict[str, Any], said: str) -> None:
    with pytest.raises(ParameterError, match=said) as refused:
        protocol(**keys)
    assert refused.value.remedy
    assert refused.value.where == "protocol `pilot`"
