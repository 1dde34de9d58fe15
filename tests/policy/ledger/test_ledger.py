"""Draws that belong to a name, and correlations that keep every law."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from itertools import pairwise, permutations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from stammkunde.draws import BLOCKS, block_weights, replicate
from stammkunde.errors import ParameterError
from stammkunde.policy.ledger import Assumption, Correlation, Law, Ledger, Source, estimated
from stammkunde.result import Estimate, Status

TODAY = {"says": "workshop of the sales managers", "when": date(2026, 1, 12)}
LIFT = Assumption("lift", 0.1, 0.0, 0.3, Law.TRIANGULAR, "share", **TODAY)
RATIO = Assumption("ratio", 0.8, 0.64, 1.0, Law.LOGNORMAL, "ratio", **TODAY)
COST = Assumption("cost", 5.0, 3.0, 7.0, Law.NORMAL, "euro", **TODAY)
HOPS = Assumption("hops", 0.2, 0.1, 0.3, Law.UNIFORM, "share", **TODAY)
FEE = Assumption("fee", 2.5, unit="euro", **TODAY)
ALL = (LIFT, RATIO, COST, HOPS, FEE)


def same(a, b):
    return {n: x.tolist() for n, x in a.items()} == {n: x.tolist() for n, x in b.items()}


def test_a_stream_belongs_to_its_name():
    seed = int.from_bytes(sha256(b"stammkunde ledger 1: cost").digest()[:16], "big")
    chance = np.random.Generator(np.random.PCG64(seed)).random(7)
    known = stats.norm(5, 2 / stats.norm.ppf(0.95)).ppf(chance)
    assert_allclose(Ledger(ALL).draws(7)["cost"], known, rtol=1e-12)
    assert Ledger(ALL).draws(7)["fee"].tolist() == [2.5] * 7


def test_another_assumption_changes_no_draw():
    whole = Ledger(ALL).draws(500)
    for a in ALL:
        alone = Ledger((a,)).draws(500)
        assert alone[a.name].tolist() == whole[a.name].tolist()
    for order in list(permutations(ALL))[::17]:
        assert same(Ledger(order).draws(50), {a.name: whole[a.name][:50] for a in order})


def test_fewer_draws_are_the_first_of_more():
    linked = (Correlation("lift", "hops", 0.6), Correlation("cost", "lift", -0.3))
    many, few = Ledger(ALL, linked).draws(5000), Ledger(ALL, linked).draws(17)
    assert same(few, {n: x[:17] for n, x in many.items()})


def test_a_correlated_one_added_at_the_end_changes_none_before_it():
    before = Ledger((LIFT, RATIO, COST), (Correlation("lift", "cost", 0.5),)).draws(100)
    linked = (Correlation("lift", "cost", 0.5), Correlation("hops", "lift", 0.7))
    after = Ledger((LIFT, RATIO, COST, HOPS), linked).draws(100)
    assert same(before, {n: after[n] for n in before})
    assert after["hops"].tolist() != Ledger((HOPS,)).draws(100)["hops"].tolist()


def test_correlation_is_as_asked_and_every_law_stays():
    wanted = {("lift", "hops"): 0.6, ("cost", "lift"): -0.3, ("ratio", "cost"): 0.4}
    ledger = Ledger(ALL, tuple(Correlation(*pair, r) for pair, r in wanted.items()))
    count = 40_000
    drawn = ledger.draws(count)
    laws = {a.name: a for a in ALL if a.law != Law.FIXED}
    scores = {}
    for name, a in laws.items():
        grid = np.linspace(0, 1, 20_001)[1:-1]
        chance = np.sort(np.interp(drawn[name], a.at(grid), grid))
        apart = np.abs(chance - (np.arange(count) + 0.5) / count).max()
        # the 99.9 % point of Kolmogorov's law
        assert apart < 1.95 / np.sqrt(count)
        ranks = stats.rankdata(drawn[name]) / (count + 1)
        scores[name] = stats.norm.ppf(ranks)
    error = 3.5 / np.sqrt(count)
    for a, b in ((a, b) for a in laws for b in laws if a < b):
        rho = wanted.get((a, b), wanted.get((b, a), 0.0))
        assert abs(np.corrcoef(scores[a], scores[b])[0, 1] - rho) < error, (a, b)


@pytest.mark.parametrize("rho", [1.0, -1.0])
def test_what_moves_with_another_moves_with_it_wholly(rho):
    drawn = Ledger((COST, HOPS), (Correlation("cost", "hops", rho),)).draws(200)
    order = np.argsort(drawn["cost"])
    assert all(rho * (b - a) > 0 for a, b in pairwise(drawn["hops"][order]))


REFUSED = {
    "twice": (("lift", "hops", 0.6), ("hops", "lift", 0.5), "for the second time", 1),
    "with itself": (("lift", "lift", 0.5), None, '"lift" and "lift" is 0.5', 0),
    "more than wholly": (("lift", "hops", 1.5), None, "is 1.5", 0),
    "not assumed": (("lift", "hop", 0.5), None, '"hop" is correlated and not assumed', 0),
    "fixed": (("lift", "fee", 0.5), None, '"fee" is fixed', 0),
}


@pytest.mark.parametrize("what", REFUSED)
def test_correlations_that_cannot_be(what):
    *given, said, place = REFUSED[what]
    with pytest.raises(ParameterError) as told:
        Ledger(ALL, tuple(Correlation(*c) for c in given if c))
    assert said in told.value.what
    assert told.value.where == f"correlations[{place}]"


def test_an_impossible_matrix_names_its_pair():
    linked = [("lift", "hops", 0.9), ("hops", "cost", 0.9), ("lift", "cost", -0.5)]
    with pytest.raises(ParameterError) as told:
        Ledger(ALL, tuple(Correlation(*c) for c in linked))
    assert '"lift" and "hops" cannot be correlated by 0.9' in told.value.what
    assert told.value.where == "correlations[0].rho"
    # what the other two imply for it: -0.45, and sqrt(0.19 * 0.75) either way
    Ledger(ALL, tuple(Correlation(*c) for c in [("lift", "hops", -0.45), *linked[1:]]))
    # 0.9 * 0.9 - 0.19 = 0.62 is the least that the other two allow
    for rho in (0.62, 0.63, 0.99):
        linked[2] = ("lift", "cost", rho)
        drawn = Ledger(ALL, tuple(Correlation(*c) for c in linked)).draws(50)
        assert all(np.isfinite(x).all() for x in drawn.values())
    linked[2] = ("lift", "cost", 0.61)
    with pytest.raises(ParameterError):
        Ledger(ALL, tuple(Correlation(*c) for c in linked))


def test_names_are_unique():
    with pytest.raises(ParameterError) as told:
        Ledger((*ALL, LIFT))
    assert told.value.where == "assumptions[5].name"


def test_one_draw_at_the_means():
    at = Ledger(ALL).at()
    assert_allclose(at["lift"], [0.4 / 3])
    assert at["fee"].tolist() == [2.5]
    assert Ledger(ALL).at({"lift": 0.3})["lift"].tolist() == [0.3]
    with pytest.raises(ParameterError, match="Did you mean `lift`"):
        Ledger(ALL).at({"lifft": 0.3})
    many = Ledger(ALL).draws(40_000)
    for a in ALL:
        error = many[a.name].std() / 200
        assert abs(many[a.name].mean() - a.mean()) <= 3.5 * error


def an_estimate():
    counts = np.random.default_rng(3).poisson(40, (BLOCKS, 1)).astype(float)
    left = np.random.default_rng(4).binomial(counts.astype(int), 0.1).astype(float)
    made = replicate((counts, left), np.ones(BLOCKS, bool), lambda n, d: (d / n)[..., 0])
    value = float(left.sum() / counts.sum())
    return Estimate(
        value=value, low=value - 0.01, high=value + 0.01, unit="hazard", method="share who leave",
        status=Status.ESTIMATED, replicates=made,
    ), left, counts  # fmt: skip


def test_an_estimate_has_a_row_and_the_draws_of_the_persons():
    estimate, left, counts = an_estimate()
    row = estimated("leaving", estimate, when=date(2026, 1, 31))
    assert (row.value, row.low, row.high) == (estimate.value, estimate.low, estimate.high)
    assert (row.source, row.status, row.level) == (Source.ESTIMATED, Status.ESTIMATED, 0.95)
    drawn = Ledger((LIFT, row)).draws(300)
    w = block_weights(300)
    assert_allclose(drawn["leaving"], (w @ left / (w @ counts))[:, 0])
    assert drawn["lift"].tolist() == Ledger((LIFT,)).draws(300)["lift"].tolist()
    with pytest.raises(ParameterError, match="is evidence and cannot be correlated"):
        Ledger((LIFT, row), (Correlation("lift", "leaving", 0.5),))
    none = Estimate(value=None, unit="hazard", method="", reason="few")
    with pytest.raises(ParameterError, match="no value with an interval and draws"):
        estimated("leaving", none, when=date(2026, 1, 1))


def test_the_ledger_shows_itself():
    table = Ledger(ALL).to_frame()
    assert table["name"].tolist() == ["lift", "ratio", "cost", "hops", "fee"]
    assert table["law"].tolist()[:2] == ["triangular", "lognormal"]
    assert {"low", "high", "level", "unit", "says", "when", "why", "source"} <= set(table.columns)
    assert "workshop of the sales managers" in Ledger(ALL)._repr_html_()
    assert Ledger().to_frame().empty


@pytest.mark.parametrize("count", [0, -1, 2.5, True])
def test_no_draws(count):
    with pytest.raises(ParameterError, match="draws were asked for"):
        Ledger(ALL).draws(count)
