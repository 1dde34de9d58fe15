"""A stage: one stochastic matrix over one part of a customer's state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from stammkunde.worlds.autohaus import parameters as p

AXES = ("segment", "team", "loyal", "status", "mood", "known", "clock")
SHAPE = (3, 9, 2, 7, 4, 2, p.CLOCKS)
EVERY_CLOCK = np.arange(p.CLOCKS)
VISITED = np.array([0])


@dataclass(frozen=True, kw_only=True, eq=False)
class Stage:
    """A stochastic matrix over one part of the state.

    `chance` broadcasts over `AXES` with the outcome last, its clock axis over `only`; `target`
    [old value, outcome] is the new value. `by` says who shares a chance event.
    """

    name: str
    axis: str
    outcomes: tuple[str, ...]
    target: np.ndarray
    chance: np.ndarray
    only: np.ndarray
    by: str = "person"

    @property
    def part(self) -> slice | np.ndarray:
        """Return `only` as an index, a slice where it can be one: views are faster than copies."""
        begin, end = int(self.only[0]), int(self.only[-1]) + 1
        return slice(begin, end) if end - begin == len(self.only) else self.only

    @cached_property
    def moves(self) -> tuple[tuple[int, int, np.ndarray], ...]:
        """Return which values become which others, with the chance, without the stage's axis.

        For stages that do not change the clock.
        """
        at = AXES.index(self.axis)
        chance = np.moveaxis(self.chance, at, 0)
        total: dict[tuple[int, int], np.ndarray] = {}
        for old, news in enumerate(self.target):
            here = chance[old if len(chance) > 1 else 0]
            for k, new in enumerate(news):
                if new != old and here[..., k].any():
                    total[old, int(new)] = total.get((old, int(new)), 0.0) + here[..., k]
        return tuple((old, new, c) for (old, new), c in total.items())

    @cached_property
    def jumps(self) -> tuple[tuple[tuple[int, ...], np.ndarray], ...]:
        """Return where each clock goes, with the chance, for stages that change the clock."""
        total: dict[tuple[int, ...], np.ndarray] = {}
        for k, new in enumerate(self.target.T.tolist()):
            if new != list(range(len(new))):
                total[tuple(new)] = total.get(tuple(new), 0.0) + self.chance[..., k]
        return tuple(total.items())

    @cached_property
    def edges(self) -> np.ndarray:
        """Return where in [0, 1) each outcome but the last ends."""
        return np.cumsum(self.chance, axis=-1)[..., :-1]

    def index(self, outcome: str) -> int:
        """Return the number of an outcome."""
        return self.outcomes.index(outcome)


def clock_of(letter: int, month: int = 0) -> int:
    """Return the clock's value `month` months after a letter (0 hold-out, 1 card, 2 and offer)."""
    return p.LAPSED + 1 + letter * p.LETTER_MONTHS + month


LETTER_DAY = np.array([clock_of(1), clock_of(2)])


def along(axis: str, values: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return values laid along one axis of the type and state."""
    shape = [1] * len(AXES)
    shape[AXES.index(axis)] = -1
    return np.asarray(values, float).reshape(shape)
