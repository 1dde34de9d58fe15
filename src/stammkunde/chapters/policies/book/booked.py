"""Month by month: who signs up, stays and leaves under a policy, and the money that moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np

from stammkunde.chapters.policies.book.means import single
from stammkunde.policy.engine import (
    Base,
    Cohorts,
    Pays,
    base_by_month,
    customers,
    leavers,
    money_by_month,
)
from stammkunde.policy.engine.pays import earned
from stammkunde.policy.engine.value import convolved
from stammkunde.policy.offers import Applied, Played, Stream, fixed_by_month
from stammkunde.policy.offers.referred import cohorts_of_all

FIXED = "fixed"
PURPOSES = (*map(str, Stream), FIXED)


@dataclass(frozen=True, eq=False)
class Booked:
    """What happens in month 1 .. H [H], and the money that moves in it, by its purpose [6, H].

    `signed` sign up from outside, or because customers brought them; `again` begin anew: who came
    back, was won back, or cancelled to sign up again. `customers` are there and pay, `leavers` go
    at the month's end. `paid` is money as it is paid, `late` [H] that part of it which is due at
    the month's end, `worth` [6, H] its present value. Purposes are the streams, and what programmes
    cost, which is no segment's.
    """

    signed: np.ndarray
    again: np.ndarray
    customers: np.ndarray
    leavers: np.ndarray
    paid: np.ndarray
    late: np.ndarray
    worth: np.ndarray

    @property
    def net(self) -> np.ndarray:
        """Return what is left of each month's money [H]."""
        return np.asarray(self.paid.sum(axis=0))

    @property
    def present(self) -> np.ndarray:
        """Return the present value of each month's money [H]."""
        return np.asarray(self.worth.sum(axis=0))

    def of(self, purpose: str) -> float:
        """Return the present value of all money for one purpose."""
        return float(self.worth[PURPOSES.index(purpose)].sum())


def booked(given: Applied) -> dict[str, Booked]:
    """Return what happens in each segment of an applied policy, which holds one draw at most."""
    return {n: _segment(p, given.market.v) for n, p in given.segments.items()}


def added(given: Applied, parts: Iterable[Booked]) -> Booked:
    """Return all segments of an applied policy together, and what its programmes cost."""
    known = [*parts]
    whole = {f.name: np.sum([getattr(p, f.name) for p in known], axis=0) for f in fields(Booked)}
    plain = replace(given.market, interest=0.0)
    for name, market in (("paid", plain), ("worth", given.market)):
        whole[name][-1] -= single(fixed_by_month(given.policy, market, given.draws))
    return Booked(**whole)


def _segment(p: Played, v: float) -> Booked:
    cohorts = cohorts_of_all(p)
    signed = single(cohorts.signed)
    there, gone = _heads(cohorts, p.base)
    streams: list[Mapping[str, Pays]] = [*(p.pays.get(s, {}) for s in Stream), {}]
    late = np.sum([_late(p, cohorts, by_life) for by_life in streams], axis=0)
    return Booked(
        signed=signed,
        again=single(cohorts.starts.sum(axis=-2)) - signed,
        customers=there,
        leavers=gone,
        paid=np.stack([_money(p, cohorts, by_life, 1.0) for by_life in streams]),
        late=late,
        worth=np.stack([_money(p, cohorts, by_life, v) for by_life in streams]),
    )


def _heads(cohorts: Cohorts, base: Base | None) -> tuple[np.ndarray, np.ndarray]:
    there, gone = np.zeros(cohorts.horizon), np.zeros(cohorts.horizon)
    for x in cohorts.lives:
        there = there + single(customers(cohorts, x.name))
        gone = gone + sum(single(leavers(cohorts, x.name, cause)) for cause in x.causes)
    if base is not None:
        there = there + single(base.customers())
        gone = gone + sum(single(base.leavers(cause)) for cause in base.life.causes)
    return there, gone


def _money(p: Played, cohorts: Cohorts, by_life: Mapping[str, Pays], v: float) -> np.ndarray:
    """Return the present value of a stream's money by month; with v = 1 as it is paid."""
    total = single(money_by_month(cohorts, p.of_new(by_life), v))
    if p.base is not None and p.base.life.name in by_life:
        total = total + single(base_by_month(p.base, by_life[p.base.life.name], v))
    return total


def _late(p: Played, cohorts: Cohorts, by_life: Mapping[str, Pays]) -> np.ndarray:
    """Return that part of a stream's money that is due at the end of each month."""
    base = p.base
    total = np.zeros(cohorts.horizon)
    for name, pays in p.of_new(by_life).items():
        end = earned(cohorts.life(name), pays, cohorts.horizon).end
        if end is not None:
            total = total + _grown(convolved(cohorts.of(name), end), pays)
    if base is not None and base.life.name in by_life:
        pays = by_life[base.life.name]
        end = earned(base.life, pays, base.each.shape[-1] - 1 + base.horizon).end
        if end is not None:
            total = total + _grown(base.carried(end), pays)
    return total


def _grown(money: np.ndarray, pays: Pays) -> np.ndarray:
    factor = pays.factor(money.shape[-1])
    return single(money) if factor is None else single(money * factor)
