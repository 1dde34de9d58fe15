"""Who begins which life when, under a policy: with those whom customers bring.

Customers of month t bring new ones who sign up in month t + 1. With R(u) what one sign-up makes of
customers u months later, times what each brings, and N(t) the same of all others,

    x(t + 1) = N(t) + sum over s <= t of x(s) * R(t - s)

so that two runs of the engine are enough, however many generations there are.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stammkunde.policy.engine import Cohorts, customers, renewed
from stammkunde.policy.engine.kernel import convolved
from stammkunde.policy.offers.played import Played


def cohorts_of_new(played: Played, one: Cohorts | None = None) -> Cohorts:
    """Return the lives of those who sign up within the horizon, and of whom they bring.

    Where the lives of a single one are known (`one`), those of each month are the same, later: they
    are added up.
    """
    signing = played.signing
    if one is None:
        return _run(played, signing, based=False)
    if np.ptp(signing, axis=-1).any():
        starts, signed = _later(signing, one)
    else:
        each = signing[..., :1]
        starts = np.cumsum(one.starts, axis=-1) * each[..., None]
        signed = np.cumsum(one.signed, axis=-1) * each
    return replace(one, starts=starts, signed=signed)


def _later(signing: np.ndarray, one: Cohorts) -> tuple[np.ndarray, np.ndarray]:
    """Return starts [..., N, H] and sign-ups [..., H] of all from those of one, month by month."""
    lead = np.broadcast_shapes(signing.shape[:-1], one.starts.shape[:-2])
    starts = np.zeros((*lead, *one.starts.shape[-2:]))
    for k in range(one.starts.shape[-2]):
        if one.starts[..., k, :].any():
            starts[..., k, :] = convolved(signing, one.starts[..., k, :])
    return starts, convolved(signing, one.signed)


def cohorts_of_one(played: Played) -> Cohorts:
    """Return the lives of one who signs up in the first month, and of whom he brings."""
    now = np.zeros(played.signing.shape[-1])
    now[0] = 1.0
    return _run(played, now, based=False)


def cohorts_of_base(played: Played) -> Cohorts | None:
    """Return the new lives that those begin and bring who are customers today, or were before.

    None where there are neither.
    """
    if played.base is None and not played.earlier:
        return None
    return _run(played, np.zeros(played.signing.shape[-1]), based=True)


def cohorts_of_all(played: Played) -> Cohorts:
    """Return all lives begun within the horizon."""
    return _run(played, played.signing, based=True)


def _run(played: Played, signing: np.ndarray, *, based: bool) -> Cohorts:
    plain = _renewed(played, signing, based=based)
    if not played.referrals:
        return plain
    now = np.zeros(signing.shape[-1])
    now[0] = 1.0
    each = _brought(played, _renewed(played, now, based=False))
    first = _brought(played, plain)
    lead = np.broadcast_shapes(each.shape[:-1], first.shape[:-1])
    come = np.zeros((*lead, signing.shape[-1]))
    for t in range(signing.shape[-1] - 1):
        own = (come[..., : t + 1] * each[..., t::-1]).sum(axis=-1)
        come[..., t + 1] = first[..., t] + own
    return _renewed(played, signing + come, based=based)


def _renewed(played: Played, signing: np.ndarray, *, based: bool) -> Cohorts:
    inflow: dict[str, np.ndarray] = {}
    # lives that nobody begins are not followed
    if signing.any():
        inflow = {n: signing * share[..., None] for n, share in played.mix.items()}
    horizon = signing.shape[-1]
    if not based:
        return renewed(played.lives, played.after_new, inflow, horizon)
    bases = [] if played.base is None else [played.base]
    returns = (*played.after_new, *played.after_base)
    found = renewed(played.lives, returns, {**inflow, **played.earlier}, horizon, bases=bases)
    if not played.earlier:
        return found
    # who had left before is none of the sign-ups
    signed = sum(inflow.values(), np.zeros(1))
    return replace(found, signed=np.broadcast_to(signed, found.signed.shape))


def _brought(played: Played, cohorts: Cohorts) -> np.ndarray:
    """Return the new customers whom those of month 0 .. H - 1 bring [..., H]."""
    total = np.zeros(cohorts.horizon)
    names = {x.name for x in cohorts.lives}
    for name, each in played.referrals.items():
        if name in names:
            total = total + each[..., None] * customers(cohorts, name)
    for base in cohorts.bases:
        if base.life.name in played.referrals:
            each = played.referrals[base.life.name]
            total = total + each[..., None] * base.customers()
    return total
