"""The customers of a day, and what becomes of them after an event or under other levers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from stammkunde.worlds.musterstrom import process
from stammkunde.worlds.musterstrom.expect import AXES, Course, cells, moved, run
from stammkunde.worlds.musterstrom.parameters import Policy

NOBODY = (0, 0)


@dataclass(frozen=True, kw_only=True)
class Base:
    """The customers at the beginning of `month` under a policy, followed for `horizon` months.

    Who leaves is out of sight; nobody joins.
    """

    policy: Policy
    month: int
    horizon: int = 24

    @cached_property
    def there(self) -> np.ndarray:
        """Return their numbers on all axes."""
        return run(self.policy, months=(0, self.month)).left

    @cached_property
    def unhurt(self) -> Course:
        """Return their course as things are."""
        return self.after()

    def after(self, matrix: np.ndarray | None = None, **levers: Any) -> Course:
        """Return their course when all go through a change of mood, or under moved levers."""
        begin = self.there if matrix is None else moved(self.there, matrix)
        until = self.month + self.horizon
        return run(
            replace(self.policy, **levers),
            months=(self.month, until),
            joins=NOBODY,
            comes_back=False,
            base=begin,
        )

    def move(self, stage: str, *outcomes: str) -> np.ndarray:
        """Return the change of mood [mood, mood after, …] in one of these outcomes of a stage.

        Several outcomes are mixed as they occur among customers of each usage.
        """
        grid = replace(cells(np.arange(1)), mood=np.zeros((1,) * len(AXES), dtype=int))
        step = process.STAGES[stage](grid, self.month, self.policy)
        at = [step.outcomes.index(o) for o in outcomes]
        share = step.share[at][:, 0]
        if len(at) == 1 or not share.any():
            # what does not occur under the policy has an effect all the same
            share = np.ones((len(at), *(1,) * (len(AXES) - 1)))
        return np.tensordot(step.moves[at], share / share.sum(axis=0), axes=(0, 0))


def mean_months(course: Course) -> float:
    """Return the expected paid months per customer there at the beginning."""
    there = course.at_risk.sum(axis=tuple(range(1, 7)))
    return float(there.sum() / there[0])


def months_by_usage(course: Course) -> np.ndarray:
    """Return the expected paid months by usage."""
    there = course.at_risk.sum(axis=tuple(range(2, 7)))
    return np.asarray(there.sum(axis=0) / there[0])


def still_there(course: Course, months: int) -> float:
    """Return the share of those there at the beginning who are there after some months."""
    there = course.at_risk.sum(axis=tuple(range(1, 7)))
    return float(there[months] / there[0])
