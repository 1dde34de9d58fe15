"""States and the chances of moving between them, cycle by cycle: exact shares, nobody drawn.

    here[t + 1, s] = here[t, s] * (1 - chances of leaving s in cycle t + 1)
                   + sum over moves into s of here[t, source] * chance in cycle t + 1

(the cohort simulation of decision models: Briggs, Claxton and Sculpher 2006, chapter 2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stammkunde.errors import ParameterError, nearest, several
from stammkunde.policy.engine.given import SLACK, counts, lasting, positive, shares


@dataclass(frozen=True, eq=False)
class Move:
    """One way from a state to another, or back to itself.

    `chance` [..., K] is the share of those in `source` who take it in cycle 1 .. K; a single number
    holds in every cycle. Two moves with the same ends are two ways and add up.
    """

    source: str
    target: str
    chance: ArrayLike


@dataclass(frozen=True, eq=False)
class Chain:
    """States, the moves between them and how many cycles they go on; who does not move stays.

    ParameterError for a state that nobody declared, a chance outside [0, 1], one given for fewer
    cycles, or chances out of one state that add up to more than 1.
    """

    states: tuple[str, ...]
    moves: tuple[Move, ...]
    cycles: int

    def __post_init__(self) -> None:
        states = several(self.states, "states")
        if len(set(states)) < len(states):
            raise ParameterError("two states have the same name", remedy="Rename one of them.")
        positive(self.cycles, "the number of cycles")
        for move in self.moves:
            for state in (move.source, move.target):
                if state not in states:
                    raise ParameterError(
                        f'a move goes from "{move.source}" to "{move.target}", and "{state}" is '
                        "no state",
                        remedy=nearest(state, states),
                    )
        for state in states:
            self.staying(state)

    def chance(self, move: Move) -> np.ndarray:
        """Return the chances of a move [..., K]."""
        what = f'the chance of moving from "{move.source}" to "{move.target}"'
        return lasting(shares(move.chance, what), self.cycles, what)

    def staying(self, state: str) -> np.ndarray:
        """Return the share of those in `state` who take no move, by cycle [..., K]."""
        left: np.ndarray = np.ones(self.cycles)
        for move in self.moves:
            if move.source == state:
                left = left - self.chance(move)
        if left.min() < -SLACK:
            raise ParameterError(
                f'the chances of leaving "{state}" add up to {1 - float(left.min()):.6g}',
                remedy="They must leave at least nobody behind: lower one of them.",
            )
        return np.maximum(left, 0.0)


@dataclass(frozen=True, eq=False)
class Occupancy:
    """Where everybody is: `shares` [..., K + 1, S] after 0 .. K cycles, `flows` by move [..., K].

    `flows` stand in the order of the chain's moves; they are shares of all who started.
    """

    chain: Chain
    shares: np.ndarray
    flows: tuple[np.ndarray, ...]

    def of(self, state: str) -> np.ndarray:
        """Return the share in `state` after 0 .. K cycles [..., K + 1]."""
        return np.asarray(self.shares[..., self.chain.states.index(state)])

    def flow(self, source: str, target: str) -> np.ndarray:
        """Return who moves from `source` to `target` in cycle 1 .. K [..., K], by all such ways."""
        ways = zip(self.chain.moves, self.flows, strict=True)
        found = [f for m, f in ways if (m.source, m.target) == (source, target)]
        if not found:
            raise ParameterError(
                f'there is no move from "{source}" to "{target}"',
                remedy=nearest(target, {m.target for m in self.chain.moves if m.source == source})
                or f'Nobody moves out of "{source}".',
            )
        return np.asarray(sum(found[1:], found[0]))


def occupancy(chain: Chain, start: str | ArrayLike) -> Occupancy:
    """Return where everybody is after each cycle, and who moved.

    `start` is the state in which all begin, or shares (or head-counts) by state [..., S].
    """
    chances = [chain.chance(m) for m in chain.moves]
    stays = [chain.staying(s) for s in chain.states]
    begin = _begin(chain, start)
    lead = np.broadcast_shapes(begin.shape[:-1], *(c.shape[:-1] for c in (*chances, *stays)))
    # time first, so that every step works on whole arrays that lie together
    here = np.zeros((chain.cycles + 1, len(chain.states), *lead))
    here[0] = np.moveaxis(np.broadcast_to(begin, (*lead, len(chain.states))), -1, 0)
    moved = np.zeros((len(chain.moves), chain.cycles, *lead))
    ends = [(chain.states.index(m.source), chain.states.index(m.target)) for m in chain.moves]
    for t in range(chain.cycles):
        for s, stay in enumerate(stays):
            here[t + 1, s] = here[t, s] * stay[..., t]
        for m, (source, target) in enumerate(ends):
            moved[m, t] = here[t, source] * chances[m][..., t]
            here[t + 1, target] += moved[m, t]
    flows = tuple(np.ascontiguousarray(np.moveaxis(f, 0, -1)) for f in moved)
    return Occupancy(chain, np.moveaxis(here, (0, 1), (-2, -1)), flows)


def _begin(chain: Chain, start: str | ArrayLike) -> np.ndarray:
    if isinstance(start, str):
        if start not in chain.states:
            raise ParameterError(f'"{start}" is no state', remedy=nearest(start, chain.states))
        return np.array([float(s == start) for s in chain.states])
    begin = counts(start, "the share that starts in a state")
    if begin.ndim == 0 or begin.shape[-1] != len(chain.states):
        raise ParameterError(
            f"there are {len(chain.states)} states, and starting shares for "
            f"{begin.shape[-1] if begin.ndim else 1}",
            remedy="Give a share for each state, in the order of `states`.",
        )
    return begin
