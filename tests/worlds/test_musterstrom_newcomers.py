"""The energy supplier's newcomer rebate: what the product says of it, beside what is true."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stammkunde.chapters.offers.newcomers.read import Newcomers, read_newcomers
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.ask import made_of
from stammkunde.evidence.asking.estimand import estimand_of
from stammkunde.evidence.starting.recycled import Recycled, recycled
from stammkunde.evidence.starting.start import ByColumn
from stammkunde.result import Estimate
from stammkunde.worlds.musterstrom import parameters as p
from tests.validate.worlds_files import study_of
from tests.validate.worlds_musterstrom_offers import with_offers
from tests.worlds.once import KIND, SEED, window_once

# a world as large as a client: `make test-full` runs it
pytestmark = pytest.mark.long

Told = tuple[Newcomers, Recycled, dict[str, float]]


@pytest.fixture(scope="module")
def told() -> Iterator[Told]:
    """What is told of the rebate, who of all came back, and what is true by id."""
    world = KIND.world(seed=SEED, size=KIND.size)
    true = {row["id"]: row["value"] for row in world.truth()["truths"]}
    with study_of(world, world.tables()) as study:
        spells, beside = with_offers(study)
        (question,) = (q for q in study.toml.question if q.lasts)
        estimand = estimand_of(question)
        made = made_of(question, estimand, spells, beside)
        answer = Answer(
            estimand=estimand,
            months=made.months,
            share=made.share,
            compared=made.compared,
            trial=made.trial,
            steps=made.steps,
        )
        every = ByColumn(column="newcomer", arms={"all": ("ja", "nein")})
        found = read_newcomers(study, question, answer, spells, beside)
        yield found, recycled(spells, every, "all", lasts=12), true


def limits(e: Estimate | None) -> tuple[float, float]:
    assert e is not None
    assert e.low is not None
    assert e.high is not None
    return e.low, e.high


def test_who_of_the_new_are_old_ones(told: Told) -> None:
    found, every, true = told
    low, high = limits(every.share)
    assert low < true["signups.new"] + true["signups.reactivated"] < high
    # who signs again as new is a hopper, and so many of those take the rebate
    assert found.back is not None
    low, high = limits(found.back.of_all)
    signed = {k: n[p.TERM_BEFORE :].sum() for k, n in window_once().course.signups.items()}
    least, most = p.NEWCOMER_UPTAKE[:, 1] * signed["new"] / sum(signed.values())
    assert low < most
    assert least < high
    low, high = limits(found.again)
    assert 0.3 < low < high < 0.65, "65 % of the hoppers among those who leave for the price"


def test_the_rebate_looks_worse_than_it_is_where_nobody_knows_who_hops(told: Told) -> None:
    found, _, true = told
    low, high = limits(found.answer.months)
    assert low < true["effect.newcomer.months.compared"] < high < true["effect.newcomer.months"]
    assert found.early is not None
    assert (found.early.value or 0) < true["effect.newcomer.months.12"]
    low, _ = limits(found.early)
    assert low > 0, "while it runs it keeps customers, even as it looks here"
    assert found.spike is not None
    assert limits(found.spike.gap)[0] > 0.05


def test_too_few_are_brought_in_for_the_rebate_to_pay(told: Told) -> None:
    found, _, true = told
    first, longer = found.priced
    assert (first.horizon, longer.horizon) == (24, 36)
    assert true["signups.induced"] < limits(longer.by_share.break_even)[0]
    assert limits(longer.by_share.break_even)[1] < limits(first.by_share.break_even)[0]
