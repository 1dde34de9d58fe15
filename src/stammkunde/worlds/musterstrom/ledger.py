"""What a course of the energy supplier earns and costs, in euro per person who could sign up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom import process
from stammkunde.worlds.musterstrom.expect import Course
from stammkunde.worlds.musterstrom.parameters import Policy

COMPLAINTS = ("whole_soon", "whole_late", "part_soon", "part_late")
CONTACTS = ("free_short", "free_long", "paid_short", "paid_long")
PAID = ("paid_short", "paid_long")
CARE = ("call", "wine", "early_call", "reminder")


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """Euro by month: `margin` before rebates, `newcomer`, `loyalty` and `for_all` rebates,
    `acquisition`, and `service`, which is failures, complaints, calls and care less fees earned.
    """

    margin: np.ndarray
    newcomer: np.ndarray
    loyalty: np.ndarray
    for_all: np.ndarray
    acquisition: np.ndarray
    service: np.ndarray

    @property
    def net(self) -> np.ndarray:
        """Return what is left of the margin, by month."""
        rebates = self.newcomer + self.loyalty + self.for_all
        return np.asarray(self.margin - rebates - self.acquisition - self.service)


def ledger(course: Course, policy: Policy, origin: int = 0) -> Ledger:
    """Return the ledger of a course whose first month of signing is `origin`."""
    there = course.at_risk
    month = course.first + np.arange(len(there))[:, None]
    tenure = month - origin - np.arange(there.shape[-1]) + 1
    newcomers = there[:, :, :, :, 1].sum(axis=(1, 2, 3, 4))
    holders = there[:, :, :, :, :, 1].sum(axis=(1, 2, 3, 4))
    by_usage = there.sum(axis=(2, 3, 4, 5, 6))
    early = (newcomers * (tenure <= policy.newcomer_months)).sum(axis=1)
    late = (holders * (tenure >= policy.loyalty_from)).sum(axis=1)
    return Ledger(
        margin=by_usage @ process.margin(np.arange(3)),
        newcomer=early * policy.newcomer_rebate,
        loyalty=late * policy.loyalty_rebate,
        for_all=by_usage.sum(axis=1) * policy.rebate_for_all,
        acquisition=course.acquisition,
        service=_service(course, policy),
    )


def _service(course: Course, policy: Policy) -> np.ndarray:
    happened, lost = course.happenings, course.lost.sum(axis=2)
    served = cost_to_serve(happened, policy) + cost_of_care(happened)
    return np.asarray(served + cost_of_letters(lost, policy))


def cost_to_serve(happened: Mapping[str, np.ndarray], policy: Policy) -> np.ndarray:
    """Return what failures, complaints and calls cost, less the fees earned."""
    failed = _times(happened, ("silent", *COMPLAINTS)) * p.FAILURE_COST
    answered = _times(happened, COMPLAINTS) * (p.COMPLAINT_COST + policy.compensation)
    spoken = _times(happened, CONTACTS) * p.CONTACT_COST
    fees = _times(happened, PAID) * policy.hotline_fee
    return np.asarray(failed + answered + spoken - fees)


def cost_of_care(happened: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return what unasked calls, wine, welcome calls and reminders cost."""
    return np.add.reduce([happened[name] * p.COSTS[name] for name in CARE])


def cost_of_letters(lost: np.ndarray, policy: Policy) -> np.ndarray:
    """Return what win-back letters to the leavers [..., cause] cost: to all but the dead."""
    written = lost.sum(axis=-1) - lost[..., p.CAUSES.index("died")]
    return np.asarray(written * policy.winback * p.COSTS["winback"])


def _times(happened: Mapping[str, np.ndarray], names: Sequence[str]) -> np.ndarray:
    return np.add.reduce([happened[name] for name in names])
