"""Whom to contact: exact numbers of a world with known uplift, and what rules must not do."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from stammkunde.draws import BLOCKS
from stammkunde.errors import DataError, ParameterError
from stammkunde.evidence.benefit import FOLDS, RULES, Pilot, chosen, shrunk, targeted, worth
from stammkunde.result import Status

VALUE, COST = 300.0, 8.0


@pytest.fixture(scope="module")
def world() -> tuple[np.ndarray, np.ndarray]:
    """Return risk and uplift of kinds of equal mass: risk beta(2, 8), another trait normal."""
    rows, columns = 2500, 600
    risk = np.repeat(stats.beta(2, 8).ppf((np.arange(rows) + 0.5) / rows), columns)
    trait = np.tile(stats.norm.ppf((np.arange(columns) + 0.5) / columns), rows)
    rises = 1 / (1 + np.exp(8 * (risk - 0.2) - 1.5 - trait))
    return risk, 0.9 * risk * (1 - risk) * rises - 0.03 * (trait < -1)


@pytest.mark.parametrize(
    ("rule", "saved", "profit"),
    [("risk", 0.1046, 7012), ("uplift", 0.1368, 9913), ("random", 0.0862, 5359)],
)
def test_risk_is_not_what_a_contact_changes(
    world: tuple[np.ndarray, np.ndarray], rule: str, saved: float, profit: float
) -> None:
    risk, uplift = world
    score = {"risk": risk, "uplift": uplift, "random": np.zeros_like(risk)}[rule]
    found = targeted(score, uplift, np.ones_like(risk), 0.3, value=VALUE, cost=COST)
    assert found.saved == pytest.approx(saved, abs=5e-5)
    assert found.profit == pytest.approx(profit, abs=1.5)
    if rule == "risk":
        assert found.harmed == pytest.approx(0.035, abs=5e-4)


def test_without_a_budget_everybody_who_gains_is_contacted(
    world: tuple[np.ndarray, np.ndarray],
) -> None:
    _, uplift = world
    mass = np.ones_like(uplift)
    gains = float((VALUE * uplift > COST).mean())
    assert gains == pytest.approx(0.893, abs=5e-4)
    found = targeted(uplift, uplift, mass, gains, value=VALUE, cost=COST)
    assert found.profit == pytest.approx(18_385, abs=5)
    everybody = targeted(uplift, uplift, mass, 1.0, value=VALUE, cost=COST)
    assert everybody.profit == pytest.approx(17_863, abs=5)
    assert everybody.harmed == pytest.approx(0.022, abs=5e-4)


def test_equal_scores_are_treated_alike() -> None:
    score, mass = np.array([2.0, 1.0, 1.0, 0.0]), np.array([10.0, 20.0, 20.0, 50.0])
    assert chosen(score, mass, 0.3) == pytest.approx([1.0, 0.5, 0.5, 0.0])
    assert chosen(score, mass, 1.0) == pytest.approx(np.ones(4))
    assert chosen(np.zeros(4), mass, 0.3) == pytest.approx(np.full(4, 0.3))


def test_shrinking_by_hand() -> None:
    """Errors alike: the spread is that of the estimates less chance, and so is what is kept."""
    estimates, errors = np.array([0.0, 0.06]), np.array([0.02, 0.02])
    found, spread = shrunk(estimates, errors)
    variance = 0.06**2 / 2 - 0.02**2
    assert spread == pytest.approx(np.sqrt(variance))
    keep = variance / (variance + 0.02**2)
    assert found == pytest.approx(0.03 + keep * (estimates - 0.03))
    same, none = shrunk(np.array([0.0, 0.02]), errors)
    assert none == 0
    assert same == pytest.approx([0.01, 0.01])


def test_the_spread_explains_how_far_apart_they_are() -> None:
    rng = np.random.default_rng(1)
    errors = rng.uniform(0.01, 0.05, (3, 20))
    estimates = rng.normal(0, 0.06, (3, 20)) + rng.normal(0, errors)
    _, spread = shrunk(estimates, errors)
    for y, e, s in zip(estimates, errors, spread, strict=True):
        weight = 1 / (e**2 + s**2)
        mean = weight @ y / weight.sum()
        assert weight @ (y - mean) ** 2 == pytest.approx(19, rel=1e-9)


def pilot(rng: np.random.Generator, size: int = 3000) -> Pilot:
    segment, arm = rng.integers(0, 4, size), rng.integers(0, 2, size)
    left = rng.random(size) < 0.2 - np.array([0.1, 0.05, 0.0, -0.05])[segment] * (arm == 0)
    counts = np.zeros((2, 4, 2, BLOCKS), dtype=np.int64)
    block = rng.integers(0, BLOCKS, size)
    np.add.at(counts[0], (segment, arm, block), 1)
    np.add.at(counts[1], (segment, arm, block), left)
    return Pilot(segments=tuple("abcd"), persons=counts[0], left=counts[1])


def test_worth_of_all_and_of_any_is_plain_arithmetic() -> None:
    made = pilot(np.random.default_rng(2))
    found = worth(made, value=VALUE, cost=COST, share=0.25)
    total = 0.0
    for f in range(FOLDS):
        n, d = (a[..., f::FOLDS].sum(axis=-1) for a in (made.persons, made.left))
        gain = d[:, 1] / n[:, 1] - d[:, 0] / n[:, 0]
        total += n.sum(axis=1) @ (VALUE * gain - COST)
    assert found["all"].value == pytest.approx(1000 * total / made.persons.sum())
    assert found["random"].value == pytest.approx(0.25 * (found["all"].value or 0))
    assert set(found) == set(RULES)
    assert all(e.status is Status.ESTIMATED for e in found.values())


def test_worth_knows_its_own_leave_outs() -> None:
    made = pilot(np.random.default_rng(3))
    found = worth(made, value=VALUE, cost=COST, share=0.25)
    kept = np.arange(BLOCKS) != 5
    alone = Pilot(segments=made.segments, persons=made.persons * kept, left=made.left * kept)
    again = worth(alone, value=VALUE, cost=COST, share=0.25)
    for name in RULES:
        own = found[name].replicates
        assert own is not None
        assert own.leave_out[5] == pytest.approx(again[name].value)


def test_too_little_and_wrong() -> None:
    rng = np.random.default_rng(4)
    few = worth(pilot(rng, 80), value=VALUE, cost=COST, share=0.25)
    assert {e.reason for e in few.values()} == {"too_few_persons"}
    made = pilot(rng)
    with pytest.raises(ParameterError, match="cannot be"):
        worth(made, value=VALUE, cost=COST, share=0.0)
    with pytest.raises(ParameterError, match="a share of 2"):
        targeted(np.ones(2), np.ones(2), np.ones(2), 2.0, value=1, cost=0)
    with pytest.raises(DataError, match="no pilot"):
        Pilot(segments=("a",), persons=made.persons, left=made.left)
    with pytest.raises(DataError, match="has no error"):
        shrunk(np.ones(2), np.array([0.1, 0.0]))
    one = Pilot(segments=("a",), persons=made.persons[:1], left=made.left[:1])
    lone = worth(one, value=VALUE, cost=COST, share=0.25)
    assert lone["gain"].value == pytest.approx(lone["random"].value)
