"""What each kind of life is worth to the firm, and costs it, by what it is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.policy.offers.elements import (
    Element,
    GlidePath,
    LoyaltyRebate,
    NewcomerRebate,
    RebateForAll,
    WinBack,
)
from stammkunde.policy.offers.given import AMOUNT, Draws, resolve, resolved, under
from stammkunde.policy.offers.roles import Role, during, gets, taken
from stammkunde.policy.offers.steps import Step

ROUNDING = 1e-9


class Stream(StrEnum):
    """What money is for; rebates and care are what a policy spends."""

    MARGIN = "margin"
    ACQUISITION = "acquisition"
    REBATES = "rebates"
    HANDLING = "handling"
    CARE = "care"


def rebate_of(element: Element, price: np.ndarray, draws: Draws) -> np.ndarray | None:
    """Return an element's rebate by unit of tenure [..., T] for those who get it; None: no rebate.

    `price` [..., T] is the list price.
    """
    length = price.shape[-1]
    match element:
        case NewcomerRebate() | RebateForAll():
            if element.share != 0.0:
                full = resolved(element, "share", draws)[..., None] * price
            elif element.amount != 0.0:
                full = resolved(element, "amount", draws)[..., None] * np.ones(length)
            else:
                return None
            return np.asarray(np.where(during(element, length), full, 0.0))
        case WinBack():
            if element.amount == 0.0:
                return None
            full = resolved(element, "amount", draws)[..., None] * np.ones(length)
            return np.asarray(np.where(during(element, length), full, 0.0))
        case GlidePath():
            return _stepped(element.steps, draws, length)
        case LoyaltyRebate():
            return _loyal(element, draws, length)
        case _:
            return None


def rebates(
    elements: Sequence[Element],
    role: Role,
    price: np.ndarray,
    draws: Draws,
    takers: Mapping[str, np.ndarray] | None = None,
) -> np.ndarray | None:
    """Return all rebates of a kind of life by unit of tenure [..., T], added up; None: none.

    Averaged over those still there: `takers` [..., T] are the share of them who take an element, by
    its name; of others that is `take_up` in every unit. ParameterError where they are above the
    price of one who takes them all.
    """
    total: np.ndarray | None = None
    full: np.ndarray = np.zeros(())
    names = []
    for e in elements:
        if not gets(e, role):
            continue
        with under(e.name):
            own, share = rebate_of(e, price, draws), taken(e, draws)
        if own is not None:
            full = full + own
            if share is not None:
                share = share[..., None] if takers is None else takers.get(e.name, share[..., None])
                own = share * own
            total = own if total is None else total + own
            names.append(e.name)
    if total is not None:
        _below(full, price, names)
    return total


def _below(total: np.ndarray, price: np.ndarray, names: Sequence[str]) -> None:
    above = total - price
    if above.max() <= ROUNDING:
        return
    rows = above.reshape(-1, above.shape[-1])
    unit = int(np.flatnonzero((rows > ROUNDING).any(axis=0))[0])
    draw = int(rows[:, unit].argmax())
    most, listed = (
        float(np.broadcast_to(a, above.shape).reshape(rows.shape)[draw, unit])
        for a in (total, price)
    )
    raise ParameterError(
        f"in unit {unit + 1} the rebates add up to {most:.6g}, and the price is {listed:.6g}",
        where=" + ".join(names),
        remedy="Nobody is paid for being a customer: lower the rebates, or correct the price.",
    )


def _stepped(steps: Sequence[Step], draws: Draws, length: int) -> np.ndarray:
    unit = np.arange(1, length + 1)
    total = np.zeros(length)
    for k, step in enumerate(steps):
        with under(f"steps[{k}]"):
            amount = resolved(step, "amount", draws)[..., None]
        last = length if step.to_unit is None else step.to_unit
        total = total + np.where((unit >= step.from_unit) & (unit <= last), amount, 0.0)
    return total


def _loyal(element: LoyaltyRebate, draws: Draws, length: int) -> np.ndarray:
    if element.steps:
        found = _stepped(element.steps, draws, length)
    else:
        unit = np.arange(1, length + 1) - (element.from_unit or 1)
        times = (unit >= 0) * (1 if element.every is None else 1 + unit // element.every)
        found = resolved(element, "amount", draws)[..., None] * times
    if element.cap is None:
        return np.asarray(found)
    with under("cap"):
        return np.asarray(np.minimum(found, resolve(element.cap, draws, AMOUNT)[..., None]))
