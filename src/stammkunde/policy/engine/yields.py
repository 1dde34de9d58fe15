"""What time in a state, and a move, cost or yield: the totals of a chain, discounted by cycle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from stammkunde.errors import ParameterError, nearest
from stammkunde.policy.engine.chain import Occupancy
from stammkunde.policy.engine.given import lasting, numbers, powers


class Counted(StrEnum):
    """Whose cycle it is: of those there when it ends, or of those there when it begins."""

    END = "end"
    BEGINNING = "beginning"


@dataclass(frozen=True, eq=False)
class Yield:
    """Amounts by state and cycle, by move, and once at the start for everybody.

    `by_state` [..., K] or a number: per cycle for who is there at its end (worth v^t in cycle t) or
    at its beginning (v^(t - 1)), as `counted` says. `by_move` [..., K] or a number, by (source,
    target): for each move, at the end of its cycle. `once` [...]: for each who starts, at time 0.
    """

    by_state: Mapping[str, ArrayLike] = field(default_factory=dict)
    by_move: Mapping[tuple[str, str], ArrayLike] = field(default_factory=dict)
    once: ArrayLike = 0.0
    counted: Counted = Counted.END


def by_cycle(there: Occupancy, amounts: Yield, v: ArrayLike = 1.0) -> np.ndarray:
    """Return the discounted amounts of cycle 1 .. K [..., K], without what is due once.

    `v` is the worth now of one due a cycle later. ParameterError for an unknown state or move.
    """
    chain = there.chain
    end = Counted(amounts.counted) is Counted.END
    factors = powers(v, chain.cycles + 1)
    of_states, late = (factors[..., 1:] if end else factors[..., :-1]), factors[..., 1:]
    total = np.zeros(chain.cycles)
    for state, given in amounts.by_state.items():
        if state not in chain.states:
            raise ParameterError(f'"{state}" is no state', remedy=nearest(state, chain.states))
        what = f'what "{state}" yields'
        amount = lasting(numbers(given, what), chain.cycles, what)
        here = there.of(state)
        total = total + (here[..., 1:] if end else here[..., :-1]) * amount * of_states
    for (source, target), given in amounts.by_move.items():
        what = f'what a move from "{source}" to "{target}" yields'
        amount = lasting(numbers(given, what), chain.cycles, what)
        total = total + there.flow(source, target) * amount * late
    return np.asarray(total)


def total(there: Occupancy, amounts: Yield, v: ArrayLike = 1.0) -> np.ndarray:
    """Return the discounted amount over all cycles [...], with what is due once."""
    once = numbers(amounts.once, "what is due once")
    return np.asarray(
        by_cycle(there, amounts, v).sum(axis=-1) + once * there.shares[..., 0, :].sum(axis=-1)
    )
