"""What holds of every answer, whatever the data: signs, copies, order, designs that agree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pytest

from stammkunde.draws import paired
from stammkunde.evidence.asking.ask import ask, made_of
from stammkunde.evidence.asking.estimand import estimand_of
from stammkunde.evidence.asking.made import Made
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.evidence.effect import EVERYBODY
from stammkunde.evidence.starting.start import ByOffer, start_trial
from stammkunde.evidence.trial import compare
from stammkunde.result import Estimate
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import Spells
from tests.evidence.asked import World, question, world

DAY = date(2021, 7, 15)
WELCOME: dict[str, Any] = {"offer": "welcome", "alike": ("kind",)}
LOYAL: dict[str, Any] = {"offer": "loyal", "from_unit": 7, "horizon": 18, "alike": ("kind",)}
QUESTIONS = {
    "column": question("y", "n", column="met", alike=("kind",)),
    "start": question("yes", "no", **WELCOME),
    "landmark": question("yes", **LOYAL),
    "grace": question(offer="window", from_unit=4, to_unit=6, alike=("kind",)),
    "lot": question("called", "held", offer="call", on_its_day=True, assignment="drawn"),
    "values": question("big", "small", event="complaint", alike=("kind",)),
    "reaction": question(event="complaint", alike=("kind",), horizon=6),
    "day": question("y", "n", column="met", day=DAY, alike=("kind",)),
    "regions": question("y", "n", column="met", day=DAY, cluster="region", assignment="drawn"),
}


def designs(short: tuple[str, ...], others: tuple[str, ...]) -> pytest.MarkDecorator:
    """Return the designs for which a law is tried: some always, the others where there is time."""
    late = [pytest.param(n, marks=pytest.mark.long) for n in others]
    return pytest.mark.parametrize("name", [*short, *late])


each = designs(
    ("column",), ("landmark", "start", "grace", "lot", "values", "reaction", "day", "regions")
)


def made(asks: QuestionToml, spells: Spells, beside: Beside) -> Made:
    return made_of(asks, estimand_of(asks), spells, beside)


@pytest.fixture(scope="module")
def read() -> tuple[Spells, Beside]:
    return world().read()


@pytest.fixture(scope="module")
def answers(read: tuple[Spells, Beside]) -> Callable[[str], Made]:
    return cache(lambda name: made(QUESTIONS[name], *read))


def same(a: Made, b: Made, *, sign: int = 1) -> None:
    for one, two in ((a.months, b.months), (a.share, b.share)):
        assert one.value is not None
        assert one.value == pytest.approx(sign * two.value, abs=1e-11)
        assert one.se == pytest.approx(two.se, rel=1e-9)
    assert [s.name for s in a.steps] == [s.name for s in b.steps]


@pytest.mark.long
@pytest.mark.parametrize("name", QUESTIONS)
def test_every_design_answers(name: str, read: tuple[Spells, Beside]) -> None:
    found = made(QUESTIONS[name], *read)
    assert found.months.value is not None, found.months.reason
    assert found.months.low is not None
    assert found.months.low < found.months.value < found.months.high
    design = "start" if name == "column" else name
    assert estimand_of(QUESTIONS[name]).design == design


@designs(("column",), ("start", "lot", "values", "day", "regions"))
def test_swapped_arms_swap_signs(
    name: str, read: tuple[Spells, Beside], answers: Callable[[str], Made]
) -> None:
    q = QUESTIONS[name]
    swapped = replace(q, treated=q.control, control=q.treated)
    same(answers(name), made(swapped, *read), sign=-1)


def twice(table: ir.Table) -> ir.Table:
    return ibis.union(table, table.mutate(person=table.person + "x"), distinct=False)


@each
def test_everybody_twice_in_his_block_changes_nothing(
    name: str, read: tuple[Spells, Beside], answers: Callable[[str], Made]
) -> None:
    spells, tables = read
    whole = replace(
        spells,
        relation=twice(spells.relation),
        persons=2 * spells.persons,
        spells=2 * spells.spells,
    )
    assert tables.offers is not None
    assert tables.events is not None
    beside = Beside(
        events=replace(tables.events, relation=twice(tables.events.relation)),
        offers=replace(tables.offers, relation=twice(tables.offers.relation)),
    )
    found = made(QUESTIONS[name], whole, beside)
    same(answers(name), found)
    assert found.months.persons == 2 * (answers(name).months.persons or 0)


@designs(("start",), ("landmark", "lot", "reaction"))
@pytest.mark.long
def test_rows_in_another_order_change_nothing(name: str, answers: Callable[[str], Made]) -> None:
    w = world()
    mixed = World(*(t.sample(frac=1.0, random_state=1) for t in (w.contracts, w.offers, w.events)))
    found = made(QUESTIONS[name], *mixed.read())
    assert found.months.value == answers(name).months.value
    assert found.months.low == answers(name).months.low


def test_a_welcome_asked_at_the_start_or_on_its_day(read: tuple[Spells, Beside]) -> None:
    """Who is seen from his first day on is the same customer on the same clock in both."""
    q = question("yes", "no", **WELCOME)
    found, day = made(q, *read), made(replace(q, on_its_day=True), *read)
    assert found.months.value == pytest.approx(day.months.value, abs=1e-11)
    assert found.share.value == pytest.approx(day.share.value, abs=1e-11)
    assert found.months.se == pytest.approx(day.months.se, rel=1e-9)


@pytest.mark.long
def test_a_reward_asked_at_the_landmark_or_on_its_day(read: tuple[Spells, Beside]) -> None:
    """Offered or not to all still there after six months: the effect from there on is one."""
    q = question("yes", **LOYAL)
    at_landmark = made(q, *read).compared
    lot = question("yes", "no", offer="loyal", on_its_day=True, alike=("kind",), horizon=12)
    found = made(lot, *read)
    assert at_landmark.months.value == pytest.approx(found.months.value, abs=1e-11)
    assert at_landmark.months.se == pytest.approx(found.months.se, rel=1e-9)


def gap(a: Estimate, b: Estimate) -> tuple[float, float]:
    """Return the difference of two estimates of the same data, and its error, paired by block."""
    assert a.value is not None
    assert b.value is not None
    assert a.replicates is not None
    assert b.replicates is not None
    return a.value - b.value, float(paired(a.replicates, b.replicates, np.subtract).se())


def with_late_entrants(spells: Spells, beside: Beside) -> Estimate:
    """Return the difference that the welcome makes, from those seen late, too."""
    assert beside.offers is not None
    offers = beside.offers.relation
    arms = ByOffer(
        table=offers.filter(offers.offer == "welcome"), arms={"yes": ("yes",), "no": ("no",)}
    )
    trial = start_trial(spells, arms, ("kind",), reach=12)
    return compare(trial, "yes", "no", 12).months


@pytest.mark.long
def test_where_a_coin_decided_designs_of_one_estimand_agree() -> None:
    """Late entrants in or out, weighted or not: each estimates the same, but for chance."""
    read = world(700, 11, effect=0.02, drawn=True).read()
    start = made(question("yes", "no", **WELCOME), *read)
    late = with_late_entrants(*read)
    plain = made(question("yes", "no", offer="welcome", assignment="drawn"), *read)
    lot = made(question("yes", "no", offer="welcome", assignment="drawn", on_its_day=True), *read)
    for other in (late, plain.months, lot.months):
        off, error = gap(start.months, other)
        assert 0 < abs(off) < 3.5 * error
    truth = made(question("yes", **LOYAL), *read)
    unweighted = next(s.months for s in truth.steps if s.name == "all")
    off, error = gap(truth.months, unweighted)
    assert 0 < abs(off) < 3.5 * error
    # and where the arms differ, the naive number does not agree
    ever = next(s.months for s in truth.steps if s.name == "ever")
    off, error = gap(truth.months, ever)
    assert abs(off) > 10 * error


@designs(("landmark",), ("column", "start", "grace", "lot", "values", "reaction", "day", "regions"))
def test_an_effect_on_its_own_baseline_gives_its_own_treated_curve(
    name: str, read: tuple[Spells, Beside]
) -> None:
    answer = ask(QUESTIONS[name], *read)
    effect = answer.effect
    assert effect is not None
    before = np.full((*effect.hazards.shape[2:3], effect.origin), 0.01)
    treated, control = (np.concatenate([before, h[0]], axis=-1) for h in effect.hazards)
    found = effect.applied(control, EVERYBODY)
    known = effect.origin + int(effect.supported[0])
    curve = np.cumprod(1 - found.sum(axis=0))[:known]
    assert curve == pytest.approx(np.cumprod(1 - treated.sum(axis=0))[:known], abs=1e-12)
    assert known == effect.origin + answer.compared.horizon
