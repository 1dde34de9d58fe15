"""What the months after the close are worth under a policy, in euro per person who could sign up.

A month's money falls due at its beginning, the first on 1 January 2026, and counts less by 8 % a
year. Costs are those of the ledger; an answer to a complaint that is better than it would be as
things are costs more, which no system of the supplier charges.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom import process
from stammkunde.worlds.musterstrom.future import Future
from stammkunde.worlds.musterstrom.ledger import (
    COMPLAINTS,
    cost_of_care,
    cost_of_letters,
    cost_to_serve,
)
from stammkunde.worlds.musterstrom.parameters import Policy

INTEREST = 0.08  # a year


@dataclass(frozen=True, kw_only=True)
class Worth:
    """Present values by `future.PARTS`: `margin` before rebates, three kinds of rebate,
    `acquisition`, `care` (calls, wine, reminders, letters, better answers), and `service`
    (failures, complaints and calls to the hotline, less fees earned).
    """

    margin: np.ndarray
    newcomer: np.ndarray
    loyalty: np.ndarray
    for_all: np.ndarray
    acquisition: np.ndarray
    care: np.ndarray
    service: np.ndarray

    @property
    def rebates(self) -> np.ndarray:
        """Return all money off."""
        return self.newcomer + self.loyalty + self.for_all

    @property
    def spend(self) -> np.ndarray:
        """Return what a policy spends: rebates and care, on whomever it falls."""
        return self.rebates + self.care

    @property
    def value(self) -> np.ndarray:
        """Return what is left of the margin."""
        return self.margin - self.spend - self.acquisition - self.service


def worth(future: Future, policy: Policy, today: Policy, interest: float = INTEREST) -> Worth:
    """Return what a future is worth under its policy; `today` says how complaints are answered."""
    v = (1 + interest) ** (-np.arange(len(future.there)) / 12)
    there, lost, signed = (
        np.tensordot(v, n, axes=1) for n in (future.there, future.lost, future.signed)
    )
    by_usage, tenure = there.sum(axis=(2, 3)), future.units.tenure
    happened = {n: (by_usage * s).sum(axis=(1, 2)) for n, s in future.units.happens.items()}
    # in a year that goes round, a unit stands for all later ones of its place
    early = there[:, :, 1][..., tenure <= policy.newcomer_months].sum(axis=(1, 2, 3))
    late = there[:, :, :, 1][..., tenure >= policy.loyalty_from].sum(axis=(1, 2, 3))
    return Worth(
        margin=by_usage.sum(axis=2) @ process.margin(np.arange(3)),
        newcomer=early * policy.newcomer_rebate,
        loyalty=late * policy.loyalty_rebate,
        for_all=by_usage.sum(axis=(1, 2)) * policy.rebate_for_all,
        acquisition=signed @ p.ACQUISITION,
        care=cost_of_care(happened)
        + cost_of_letters(lost, policy)
        + _better_answers(happened, policy, today),
        service=cost_to_serve(happened, policy),
    )


def _better_answers(happened: dict[str, np.ndarray], policy: Policy, today: Policy) -> np.ndarray:
    """Return what answers cost that are given in every point, or soon, beyond as many as today."""
    complaints = np.add.reduce([happened[n] for n in COMPLAINTS])
    whole = policy.recovery_share - today.recovery_share
    soon = policy.quick_share - today.quick_share
    return np.asarray(complaints * (whole * p.WHOLE_MORE + soon * p.QUICK_MORE))
