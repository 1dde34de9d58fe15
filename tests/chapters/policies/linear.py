"""Decisions whose values are straight lines in the assumptions, so that every answer is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from stammkunde.chapters.policies.read import Decision
from stammkunde.policy.decide import league
from stammkunde.policy.ledger import Assumption, Ledger
from stammkunde.policy.ledger.laws import Law
from tests.chapters.policies.made import DAY, SAYS, made_decision, policies

Drawn = Mapping[str, np.ndarray]
Values = Mapping[str, Callable[[Drawn], np.ndarray]]


def assumed(name: str, low: float, high: float, unit: str = "ratio") -> Assumption:
    """Return an assumption even between two limits; a certain one where they are the same."""
    middle = (low + high) / 2
    if low == high:
        return Assumption(name, low, unit=unit, says=SAYS, when=DAY, why="made")
    return Assumption(name, middle, low, high, Law.UNIFORM, unit, SAYS, DAY, "made")


def linear(
    folder: Path,
    values: Values,
    *given: Assumption,
    comparator: str = "today",
    draws: int = 400,
    noise: float = 0.0,
) -> Decision:
    """Return a decision between policies worth `values`, each a function of the assumptions.

    `noise` is the standard deviation of what the first policy's value has from the data.
    """
    # policies that give nothing: their values are those that are given here
    known = [replace(p, elements=()) for p in policies() if p.name in values]
    made = made_decision(
        folder, proposed=known, comparator=comparator, draws=draws, ledger=Ledger(given)
    )
    names = [p.name for p in known]
    chance = noise * np.random.default_rng(1).standard_normal(draws)

    def model(own: Drawn) -> np.ndarray:
        count = max((len(x) for x in own.values()), default=64)
        columns = [np.broadcast_to(np.asarray(values[n](own), float), count) for n in names]
        found = np.stack(columns, axis=-1)
        found[:, 0] += chance[:count]
        return found

    drawn = dict(made.drawn) or {"": np.zeros(draws)}
    total = model(drawn)
    worths = {n: replace(made.worths[n], total=total[:, i]) for i, n in enumerate(names)}
    status = made.league.evpi.status
    standing = league(total, names, comparator, status=status, assumptions=())
    return replace(made, worths=worths, league=standing, model=model, assumptions=())
