"""What a customer brings or costs: by unit of tenure, at sign-up, on leaving, by month.

Margins, rebates, handling and care are each a `Pays` of their own: what they are worth adds up, and
what a policy spends is known apart from what it earns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from stammkunde.errors import ParameterError, nearest
from stammkunde.policy.engine.given import lasting, numbers, powers
from stammkunde.policy.engine.lives import Life


@dataclass(frozen=True, eq=False)
class Pays:
    """Money per customer of one kind, in any currency; what costs is negative.

    `unit` [..., T]: for each unit of tenure, paid at its beginning, or at its end where `arrears`
    is set, by everybody who is a customer in it (who leaves at a unit's end has paid for it). A
    number, or a last axis of 1, holds for every unit. `state` [..., T] the same, further, for those
    in an active state. `once` [...]: at sign-up. `at_exit` [..., T]: at the end of the last unit,
    by cause. `by_month` [..., H]: a factor on all of these by month of the calendar (prices with
    their validity, inflation), counted from the first month of the horizon. Euros that depend on
    the month alone are a unit of 1 with the euros as factor.
    """

    unit: ArrayLike = 0.0
    once: ArrayLike = 0.0
    at_exit: Mapping[str, ArrayLike] = field(default_factory=dict)
    state: Mapping[str, ArrayLike] = field(default_factory=dict)
    arrears: bool = False
    by_month: ArrayLike | None = None

    def factor(self, horizon: int) -> np.ndarray | None:
        """Return the factor by month [..., H], or None where there is none."""
        if self.by_month is None:
            return None
        return lasting(numbers(self.by_month, "a factor by month"), horizon, "a factor by month")


@dataclass(frozen=True, eq=False)
class Earned:
    """Expected money of one who signs up, at each unit's beginning and end [..., T].

    `end` is None where nothing is paid at the end of a unit. Neither holds what is due `once`.
    """

    begin: np.ndarray
    end: np.ndarray | None

    def all(self, grown: np.ndarray | None = None) -> np.ndarray:
        """Return begin + end by unit [..., T], times `grown` [..., T]."""
        both = self.begin if self.end is None else self.begin + self.end
        return both if grown is None else both * grown


def earned(life: Life, pays: Pays, units: int, v: ArrayLike = 1.0) -> Earned:
    """Return what a life earns in unit 1 .. `units`, which it must be known for, discounted by v.

    Begins are multiplied by v^(u - 1), ends by v^u.
    """
    life.within(units)
    whose = f'what "{life.name}" pays'
    factors = powers(v, units + 1)
    late = factors[..., 1:]
    early = late if pays.arrears else factors[..., :-1]
    # amounts mostly have fewer leading axes than lives: they are discounted first
    paid = life.survival[..., :units] * (lasting(numbers(pays.unit, whose), units, whose) * early)
    for state, given in pays.state.items():
        if life.mix is None or state not in life.states:
            raise ParameterError(
                f'"{life.name}" has no active state "{state}"',
                remedy=nearest(state, life.states) or "Pay it by unit: it has one state only.",
            )
        amount = lasting(numbers(given, whose), units, whose) * early
        paid = paid + life.mix[..., life.states.index(state), :units] * amount
    exits: np.ndarray | None = None
    for cause, given in pays.at_exit.items():
        amount = lasting(numbers(given, whose), units, whose) * late
        part = life.of(cause)[..., :units] * amount
        exits = part if exits is None else exits + part
    if not pays.arrears:
        return Earned(paid, exits)
    return Earned(np.zeros(units), paid if exits is None else paid + exits)


def discounted(money: Earned, v: ArrayLike, *, grown: np.ndarray | None = None) -> np.ndarray:
    """Return begin * v^(u - 1) + end * v^u by unit u = 1 .. T [..., T], times `grown` [..., T]."""
    units = money.begin.shape[-1]
    factors = powers(v, units + 1)
    worth = money.begin * factors[..., :-1]
    if money.end is not None:
        worth = worth + money.end * factors[..., 1:]
    return np.asarray(worth if grown is None else worth * grown)


def worth_by_unit(life: Life, pays: Pays, v: ArrayLike, horizon: int) -> np.ndarray:
    """Return what one who signs up now is worth within 1 .. H units, without returns [..., H].

    The last is the value within the horizon; the first unit in which it is not below 0 is the
    payback. A factor by month counts from sign-up.
    """
    once = numbers(pays.once, f'what "{life.name}" pays once')
    grown = pays.factor(horizon)
    worth = earned(life, pays, horizon, v).all(grown)
    first = once if grown is None else once * grown[..., 0]
    return np.asarray(np.cumsum(worth, axis=-1) + first[..., None])
