"""One life as a customer: who is still there after each unit of tenure, and who left for what.

Unit of tenure 1 begins when the customer signs up. Who leaves in unit u leaves at its end and was a
customer for all of it: survival[u] is the share that is still there after u units.

    survival[0] = 1
    leaving[c, u] = survival[u - 1] * hazard[c, u]
    survival[u] = survival[u - 1] - sum over c of leaving[c, u]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from stammkunde.errors import ParameterError, nearest, several
from stammkunde.policy.engine.chain import Chain, occupancy
from stammkunde.policy.engine.given import SLACK, positive, shares


@dataclass(frozen=True, eq=False)
class Life:
    """A kind of customer: survival [..., T + 1], which starts with 1, and hazards [..., C, T].

    `hazards` are the shares of those still there who leave, by cause. `states` and `mix` [..., A,
    T] say, where a life has several active states, which share of all is in which during unit 1 ..
    T: they add up to survival[..., :-1], and the hazards are those of the mixture.
    """

    name: str
    causes: tuple[str, ...]
    survival: np.ndarray
    hazards: np.ndarray
    states: tuple[str, ...] = ()
    mix: np.ndarray | None = field(default=None, repr=False)

    @property
    def units(self) -> int:
        """Return T, the units of tenure that the life is known for."""
        return int(self.hazards.shape[-1])

    @property
    def lead(self) -> tuple[int, ...]:
        """Return the leading axes: draws, policies, segments."""
        return self.survival.shape[:-1]

    @property
    def leaving(self) -> np.ndarray:
        """Return the share of all that leaves, by cause and unit [..., C, T]."""
        return np.asarray(self.hazards * self.survival[..., None, :-1])

    def place(self, cause: str) -> int:
        """Return where `cause` stands among the causes; ParameterError for an unknown one."""
        if cause not in self.causes:
            raise ParameterError(
                f'nobody of "{self.name}" leaves for "{cause}"', remedy=nearest(cause, self.causes)
            )
        return self.causes.index(cause)

    def of(self, cause: str) -> np.ndarray:
        """Return the share of all that leaves for `cause` at the end of unit 1 .. T [..., T]."""
        return np.asarray(self.hazards[..., self.place(cause), :] * self.survival[..., :-1])

    def within(self, horizon: int) -> int:
        """Return `horizon`; ParameterError where it is below 1 or beyond the life's last unit."""
        if positive(horizon) > self.units:
            raise ParameterError(
                f'"{self.name}" is known for {self.units} units of tenure, and the horizon is '
                f"{horizon}",
                remedy="Project its hazards further, or shorten the horizon.",
            )
        return horizon


def life(name: str, causes: Sequence[str], hazards: ArrayLike) -> Life:
    """Return the life that follows from hazards by cause [..., C, T]: one active state.

    A hazard is the share of those still there who leave for the cause in that unit. ParameterError
    where one lies outside [0, 1], or where they add up to more than 1.
    """
    causes = several(causes, "causes")
    given = np.asarray(hazards, dtype=float)
    if given.ndim < 2 or given.shape[-2] != len(causes) or not given.size:
        raise ParameterError(
            f'"{name}" has {len(causes)} causes, and its hazards are shaped {given.shape}',
            remedy="The last axes of hazards are causes and units of tenure.",
        )
    stays = 1 - given[..., 0, :]
    for c in range(1, len(causes)):
        stays -= given[..., c, :]
    # two passes over the hazards are enough: none below 0, and none above 1 in their sum
    least = float(stays.min())
    if not (given.min() >= 0 and least >= -SLACK):
        shares(given, f'a hazard of "{name}"')
        raise ParameterError(
            f'the hazards of "{name}" add up to {1 - least:.6g} in some unit',
            remedy="More than all cannot leave: lower them, or cut what multiplies them.",
        )
    if least < 0:
        np.maximum(stays, 0.0, out=stays)
    survival = np.empty((*stays.shape[:-1], stays.shape[-1] + 1))
    survival[..., 0] = 1.0
    np.cumprod(stays, axis=-1, out=survival[..., 1:])
    return Life(name, causes, survival, given)


def staged(
    name: str, chain: Chain, active: Sequence[str], causes: Sequence[str], start: str | ArrayLike
) -> Life:
    """Return the life of customers who move among active states until they reach a cause.

    `active` and `causes` are states of `chain`; its cycle u is unit u of tenure, moves happen at a
    unit's end. `start` is an active state, or shares by state of the chain that add up to 1.
    ParameterError where a state is neither, a cause can be left, or somebody starts there.
    """
    active, causes = several(active, "active states"), several(causes, "causes")
    _all_placed(chain, active, causes)
    there = occupancy(chain, start)
    mix = np.stack([there.of(s) for s in active], axis=-2)
    survival = np.ascontiguousarray(mix.sum(axis=-2))
    if np.abs(survival[..., 0] - 1).max() > SLACK:
        raise ParameterError(
            f'"{name}" does not start with everybody in an active state',
            remedy="Let the starting shares of the active states add up to 1.",
        )
    gone = np.diff(np.stack([there.of(c) for c in causes], axis=-2), axis=-1)
    here = survival[..., None, :-1]
    # where nobody is left nobody leaves
    hazards = np.divide(gone, here, out=np.zeros_like(gone), where=here > 0)
    return Life(name, causes, survival, hazards, active, mix[..., :-1])


def _all_placed(chain: Chain, active: tuple[str, ...], causes: tuple[str, ...]) -> None:
    named = sorted((*active, *causes))
    if named != sorted(chain.states):
        raise ParameterError(
            "the active states and the causes are not the states of the chain",
            remedy="Name each state once, as active or as a cause.",
        )
    for move in chain.moves:
        if move.source in causes:
            raise ParameterError(
                f'a move leads out of "{move.source}", which is a cause of leaving',
                remedy="Those who come back begin a new life: declare a return.",
            )
