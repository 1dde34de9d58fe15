"""The energy supplier's truths: their form, their agreement with brute force, and the page."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom import process
from stammkunde.worlds.musterstrom.base import Base, mean_months
from stammkunde.worlds.musterstrom.claims_signing import FOR_ALL, signing
from stammkunde.worlds.musterstrom.expect import cells, moved, run, transition
from stammkunde.worlds.musterstrom.future import PARTS
from stammkunde.worlds.musterstrom.ledger import ledger
from stammkunde.worlds.musterstrom.policies import MOVES
from stammkunde.worlds.musterstrom.truth import lifetimes, sign_ups
from tests.worlds.once import KIND, NOW, SEED, contracts_once

PAGE = Path(__file__).parents[2] / "docs" / "musterstrom.md"
PLANTED = ("A6", "A18", "A22", "A28", "A43", "A44.wine")
LIMIT = 3.9


@pytest.fixture(scope="module")
def truth():
    return KIND.world(seed=SEED).truth()


@pytest.fixture(scope="module")
def contracts():
    return contracts_once()


@pytest.fixture(scope="module")
def base():
    return Base(policy=NOW, month=84)


def test_the_truth_is_plain_data(truth):
    assert json.loads(json.dumps(truth, allow_nan=False)) == truth
    assert (truth["schema"], truth["world"], truth["seed"]) == (1, "musterstrom", 1)
    ids = [t["id"] for t in truth["truths"]]
    assert len(ids) == len(set(ids))
    assert all({"id", "about", "value", "unit", "error", "how"} == set(t) for t in truth["truths"])


def test_claims_are_judged_by_their_values(truth):
    claims = truth["claims"]
    for claim in claims.values():
        assert claim["reaches"] == (claim["value"] >= claim["smallest_relevant"])
        assert claim["says"] == ("true" if claim["reaches"] else "false")
    assert len(claims) >= 20
    assert sum(c["reaches"] for c in claims.values()) >= 8
    assert sum(not c["reaches"] for c in claims.values()) >= 5


def test_effects_planted_as_absent_are_absent(truth):
    for name in PLANTED:
        claim = truth["claims"][name]
        assert abs(claim["value"]) < 1e-9 < claim["smallest_relevant"], name


def test_questions_name_their_columns(truth):
    questions = truth["questions"]
    assert sorted(map(int, questions)) == list(range(1, 21))
    assert sum(q["answerable"] for q in questions.values()) >= 17
    tables = KIND.world(seed=1, size=300).tables()
    columns = {f"{name}.{c}" for name, frame in tables.items() for c in frame}
    named = {c for q in questions.values() if q["answerable"] for c in q["columns"]}
    assert named <= columns


def value(truth, name):
    return next(t["value"] for t in truth["truths"] if t["id"] == name)


def near(counts, of, share):
    """Whether a share drawn is the true one within its binomial error."""
    assert abs(counts / of - share) < LIMIT * np.sqrt(share * (1 - share) / of)


def test_sign_ups_and_causes_agree_with_brute_force(truth, contracts):
    signed = contracts[contracts["signed"] >= p.OPEN]
    for at, kind in enumerate(("first", "new", "reactivated")):
        near((signed["kind"] == at).sum(), len(signed), value(truth, f"signups.{kind}"))
    first = signed[signed["kind"] == 0]
    near((first["origin"] > 0).sum(), len(first), value(truth, "signups.induced"))
    near_exported = value(truth, "contracts.exported") * KIND.size
    assert abs(contracts["carried"].sum() - near_exported) < LIMIT * np.sqrt(near_exported)
    left = leavers(contracts)
    for at, cause in enumerate(p.CAUSES):
        near((left["cause"] == at).sum(), len(left), value(truth, f"cause.{cause}"))


def leavers(contracts):
    """Those whose last unit began in the window and ended before the close."""
    begun = contracts["signed"] + contracts["units"] - 1
    return contracts[contracts["last"].notna() & (begun >= p.OPEN)]


def test_the_naive_mean_of_leavers_agrees_with_brute_force(truth, contracts):
    units = leavers(contracts)["units"]
    error = units.std() / np.sqrt(len(units))
    assert abs(units.mean() - value(truth, "naive.leavers_mean_tenure")) < LIMIT * error


def test_paid_months_of_persons_agree_with_brute_force(truth, contracts):
    for month, name in ((38, "2020-03"), (62, "2022-03")):
        firsts = contracts[(contracts["kind"] == 0) & (contracts["signed"] == month)]["person"]
        rows = contracts[contracts["person"].isin(firsts) & (contracts["signed"] < month + 36)]
        ends = np.where(rows["units"] > 0, rows["signed"] + rows["units"], p.MONTHS + 36)
        paid = np.minimum(ends, month + 36) - rows["signed"]
        own = {
            "person": paid.groupby(rows["person"]).sum(),
            "contract": paid[rows["kind"] == 0],
        }
        for level, months in own.items():
            assert len(months) == len(firsts) > 200
            error = months.std() / np.sqrt(len(months))
            true = value(truth, f"paid.36.{level}.{name}")
            assert abs(months.mean() - true) < LIMIT * error


def test_backwards_from_the_horizon_gives_what_forwards_gave(base):
    """Expected months to come, state by state from the end, weighted with who is there."""
    signed = np.arange(30, 70)  # past the month in which the loyalty rebate is taken up
    grid, ahead = cells(signed), 0.0
    for month in range(107, 83, -1):
        stays = 1 - process.leaving(grid, month, NOW).sum(axis=0)
        matrix = transition(grid, month, NOW)
        onward = np.einsum("ij...,j...->i...", matrix, ahead + np.zeros_like(stays))
        ahead = 1 + stays * onward
    there = np.zeros_like(base.there)
    there[..., signed] = base.there[..., signed]
    for matrix in (base.move("failure", "part_late"), base.move("gesture", "call")):
        begin = moved(there, matrix)
        course = run(NOW, months=(84, 108), joins=(0, 0), comes_back=False, base=begin)
        assert (begin[..., signed] * ahead).sum() == pytest.approx(course.at_risk.sum(), rel=1e-12)


def test_a_policy_of_things_as_they_are_changes_nothing(base):
    again = base.after(call=NOW.call, hotline_fee=NOW.hotline_fee)
    assert np.array_equal(again.at_risk, base.unhurt.at_risk)
    still = base.after(base.move("gesture", "wine"))
    assert np.array_equal(still.at_risk, base.unhurt.at_risk)


def test_what_a_policy_abolishes_leaves_no_gap_in_the_numbers():
    """No offer, failures or full answers: what can be said is finite, the rest is left out."""
    policy = replace(NOW, newcomer_share=0.0, failure_rate=0.0, recovery_share=0.0)
    bare = run(policy)
    claims = {c.name: c.plain() for c in signing(policy, bare, cost_per_save=100.0)}
    assert "A7" not in claims
    assert claims["A1"]["value"] > 0
    rows = [*lifetimes(bare), *sign_ups(bare)]
    assert not any(".newcomer.yes" in r["id"] for r in rows)
    json.dumps([claims, rows], allow_nan=False)
    moves = Base(policy=policy, month=84).move("failure", "whole_soon", "whole_late")
    np.testing.assert_allclose(moves.sum(axis=1), 1.0)


def test_service_has_the_signs_it_must_have(base):
    best, worst = (mean_months(base.after(base.move("failure", o))) for o in
                   ("whole_soon", "part_late"))  # fmt: skip
    assert best > mean_months(base.unhurt) - 0.5 > worst


def test_the_rebate_for_all_costs_what_the_newcomer_rebate_costs():
    """Otherwise the comparison of the two would not be one at equal spend."""
    for_all = replace(NOW, newcomer_share=0.0, rebate_for_all=FOR_ALL)
    books = [ledger(run(policy), policy) for policy in (NOW, for_all)]
    spent = [b.newcomer[p.OPEN :].sum() + b.for_all[p.OPEN :].sum() for b in books]
    assert spent[1] == pytest.approx(spent[0], rel=0.03)


def test_every_policy_is_valued_and_has_its_place(truth):
    at = {t["id"]: t["value"] for t in truth["truths"] if t["id"].startswith("policy.")}
    assert at["policy.today.difference"] == 0
    for name in MOVES:
        own, today = at[f"policy.{name}.value"], at["policy.today.value"]
        assert at[f"policy.{name}.difference"] == pytest.approx(own - today, abs=0.01)
        parts = [at[f"policy.{name}.value.{part}"] for part in PARTS]
        assert sum(parts) == pytest.approx(own, abs=0.01)
        better = sum(at[f"policy.{n}.value"] > own for n in MOVES)
        assert at[f"policy.{name}.rank"] == 1 + better


def claim_row(name, claim):
    measure = f"{claim['value']:.3g} {claim['unit']}, {claim['smallest_relevant']:g}"
    return f"| {name} | {claim['estimand']} | {measure} | {claim['says']} |"


def truth_row(true):
    return f"| `{true['id']}` | {true['value']:.4g} | {true['unit']} |"


def test_the_page_says_what_is_true(truth):
    lines = set(PAGE.read_text(encoding="utf-8").splitlines())
    assert {claim_row(n, c) for n, c in truth["claims"].items()} <= lines
    # what policies are worth has a table of its own, which `test_musterstrom_policies` reads
    listed = [t for t in truth["truths"] if not t["id"].startswith("policy.")]
    assert {truth_row(t) for t in listed if ".usage." not in t["id"]} <= lines


def test_the_page_names_every_lever():
    page = PAGE.read_text(encoding="utf-8")
    for name, lever in KIND.levers.items():
        assert f"| `{name}` | {lever.now} | {lever.about} |" in page
