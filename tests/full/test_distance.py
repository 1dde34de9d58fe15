"""How far the reduced model is from the full one: as documented, and why."""

from __future__ import annotations

from pathlib import Path

import pytest
from numpy.testing import assert_allclose

from benchmark import distance
from stammkunde.policy.engine import value
from stammkunde.policy.offers import applied, worth
from stammkunde.policy.offers.market import Market
from stammkunde.policy.offers.referred import cohorts_of_one

DOCS = Path(__file__).parents[2] / "docs" / "benchmarks.md"
ROWS = {r.name: r for r in distance.rows()}


def test_the_documented_table_is_the_printed_one(capsys):
    documented = [
        tuple(c.strip() for c in line.strip("|").split("|"))
        for line in DOCS.read_text(encoding="utf-8").splitlines()
        if line.startswith(("| a newcomer rebate", "| and "))
    ]
    assert documented == [distance.cells(r) for r in ROWS.values()]
    distance.run()
    printed = capsys.readouterr().out.splitlines()[-len(ROWS) :]
    assert [" ".join(line.split()) for line in printed] == [" ".join(c) for c in documented]


@pytest.mark.parametrize(
    "name",
    [
        "a newcomer rebate",
        "and care every six months",
        "and complaints",
        "and complaints answered better",
    ],
)
def test_without_returns_the_reduced_model_is_exact(name):
    assert_allclose(ROWS[name].known, ROWS[name].full, rtol=1e-12)


@pytest.mark.parametrize(
    "name", ["and leavers who come back", "and winning back", "and hopping for the rebate"]
)
def test_what_it_leaves_out_are_the_lives_after_the_first(name):
    """The distance, counted from its other end: what all later lives are worth."""
    policy, segment = distance.examples()[name]
    put = applied(policy, Market(distance.CAUSES, (segment,), distance.HORIZON, 0.08), {})
    played = put.segments["all"]
    again = cohorts_of_one(played)
    later = sum(
        value(again, {n: pays for n, pays in by_life.items() if n != "newcomer"}, put.market.v)
        for by_life in played.pays.values()
        if played.base is None
    )
    row = ROWS[name]
    assert later > 30
    assert_allclose(row.full - row.known, later, rtol=1e-9)
    assert_allclose(row.full, worth(put).per_acquired, rtol=1e-12)


def test_what_is_left_out_has_the_sign_that_is_told():
    off = {n: r.known - r.full for n, r in ROWS.items()}
    assert off["and others whom the rebate brings"] > 10
    assert off["and referrals"] < -10
    hopping = ROWS["and hopping for the rebate"]
    assert hopping.known < hopping.full < hopping.blind
    assert max(abs(r.known / r.full - 1) for r in ROWS.values()) < 0.5
