"""What cohorts are worth within the horizon, and what happens month by month.

The value needs no money by month: a life begun in month t earns what any life earns in its first
H - t units, so that

    value = sum over lives k and months t of starts(k, t) * v^t * W(k, H - t)

with W the running worth of one life (the adjoint of the sum by month). Only money with a factor by
month of the calendar is added up by month.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from stammkunde.errors import ParameterError, nearest
from stammkunde.policy.engine.given import numbers, powers
from stammkunde.policy.engine.kernel import convolved
from stammkunde.policy.engine.lives import Life
from stammkunde.policy.engine.pays import Earned, Pays, discounted, earned, worth_by_unit
from stammkunde.policy.engine.renewal import Cohorts


def value(cohorts: Cohorts, pays: Mapping[str, Pays], v: ArrayLike) -> np.ndarray:
    """Return the present value of all lives begun within the horizon [...].

    `pays` says by name what a life brings; one without an entry brings nothing. Today's customers
    are not in it, but their new lives are. With one sign-up in month 0 it is the value of a person
    together with all that he comes back for. ParameterError for an unknown name.
    """
    _known(cohorts, pays)
    total = np.zeros(cohorts.starts.shape[:-2])
    for name, money in pays.items():
        if money.by_month is not None:
            part = np.add.reduce(money_of(cohorts, name, money, v), axis=-1)
        else:
            worth = worth_by_unit(cohorts.life(name), money, v, cohorts.horizon)
            # in one stretch of memory, which products are added up from much faster
            part = np.vecdot(_backwards(cohorts.of(name), v), worth)
        total = total + part
    return np.asarray(total)


def _backwards(starts: np.ndarray, v: ArrayLike) -> np.ndarray:
    """Return starts(t) * v^t for t = H - 1 .. 0."""
    factors = powers(v, starts.shape[-1])
    begun = np.empty(
        (*np.broadcast_shapes(starts.shape[:-1], factors.shape[:-1]), starts.shape[-1])
    )
    return np.multiply(starts[..., ::-1], factors[..., ::-1], out=begun)


def money_by_month(cohorts: Cohorts, pays: Mapping[str, Pays], v: ArrayLike = 1.0) -> np.ndarray:
    """Return the present value of the money of each month 0 .. H - 1 [..., H]; v = 1: as paid.

    The months add up to `value`.
    """
    _known(cohorts, pays)
    total = np.zeros(cohorts.signed.shape)
    for name, money in pays.items():
        total = total + money_of(cohorts, name, money, v)
    return total


def money_of(cohorts: Cohorts, name: str, pays: Pays, v: ArrayLike = 1.0) -> np.ndarray:
    """Return the money of one life by month, as `money_by_month`."""
    life, starts = cohorts.life(name), cohorts.of(name)
    money = earned(life, pays, cohorts.horizon)
    once = numbers(pays.once, f'what "{name}" pays once')
    begin = convolved(starts, money.begin) + starts * once[..., None]
    end = None if money.end is None else convolved(starts, money.end)
    return discounted(Earned(begin, end), v, grown=pays.factor(cohorts.horizon))


def customers(cohorts: Cohorts, name: str) -> np.ndarray:
    """Return how many live the life `name` in month 0 .. H - 1 [..., H]; they pay in it."""
    return convolved(cohorts.of(name), cohorts.life(name).survival[..., : cohorts.horizon])


def leavers(cohorts: Cohorts, name: str, cause: str) -> np.ndarray:
    """Return how many leave the life `name` for `cause` at the end of month 0 .. H - 1 [..., H]."""
    return convolved(cohorts.of(name), cohorts.life(name).of(cause)[..., : cohorts.horizon])


def lived(life: Life, horizon: int) -> np.ndarray:
    """Return the expected paid units within 1 .. H units of one who signs up [..., H]."""
    life.within(horizon)
    return np.asarray(np.cumsum(life.survival[..., :horizon], axis=-1))


def _known(cohorts: Cohorts, pays: Mapping[str, Pays]) -> None:
    names = [x.name for x in cohorts.lives]
    for name in pays:
        if name not in names:
            raise ParameterError(
                f'"{name}" pays something and is no life', remedy=nearest(name, names)
            )
