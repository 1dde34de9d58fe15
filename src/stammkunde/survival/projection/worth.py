"""What a projected curve yields: expected and discounted lifetimes, of newcomers and of the base.

Payments fall at the beginning of a unit: a newcomer pays at once, who has stayed g units is about
to pay for unit g + 1. v = (1 + yearly interest)^(-1 / units a year).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.special import hyp2f1

from stammkunde.errors import ParameterError
from stammkunde.result import Estimate
from stammkunde.survival.curve import TOO_FEW_PERSONS
from stammkunde.survival.projection.choice import Outlook
from stammkunde.survival.table import LifeTable

A_YEAR = {"day": 365.25, "week": 365.25 / 7, "month": 12.0, "quarter": 4.0, "year": 1.0}


def discount(unit: str, interest: float) -> float:
    """Return v, the present value of one paid a unit later; ParameterError for interest <= -1."""
    if interest <= -1:
        raise ParameterError(f"an interest of {interest:g} a year leaves nothing")
    return float((1 + interest) ** (-1 / A_YEAR[unit]))


def lifetime(outlook: Outlook, horizon: int, *, interest: float = 0.0) -> Estimate:
    """Return the expected paid units of a newcomer within `horizon`, discounted to the start.

    Sum of S(t) v^t, t = 0 .. horizon - 1 (Fader and Hardie's DEL where the horizon is far off).
    ParameterError for a horizon beyond the outlook.
    """
    _within(outlook, horizon)
    weight = discount(_unit(outlook), interest) ** np.arange(horizon)
    return outlook.number(
        lambda s: s[:, :horizon] @ weight, "log", _unit(outlook), f"lifetime({horizon})"
    )


def residual_lifetime(
    outlook: Outlook, tenure: int, horizon: int, *, interest: float = 0.0
) -> Estimate:
    """Return the expected further paid units, within `horizon` of now, of who stayed `tenure`.

    Sum of S(g + k) / S(g) v^k, k = 0 .. horizon - 1: the next payment is sure and undiscounted.
    """
    _within(outlook, tenure + horizon)
    weight = discount(_unit(outlook), interest) ** np.arange(horizon)
    return outlook.number(
        lambda s: (s[:, tenure : tenure + horizon] @ weight) / np.maximum(s[:, tenure], 1e-300),
        "log",
        _unit(outlook),
        f"residual_lifetime({tenure}, {horizon})",
    )


def base_lifetime(
    outlook: Outlook, there: np.ndarray, horizon: int, *, interest: float = 0.0
) -> Estimate:
    """Return the expected further paid units, within `horizon` of now, of all who are there.

    `there` [K + 1] are customers by tenure so far (see `still_there`); their number is known, how
    long they stay is not.
    """
    worth = base_units(there, horizon, discount(_unit(outlook), interest))
    _within(outlook, int(np.max(np.flatnonzero(there), initial=0)) + horizon)
    return outlook.number(worth, "log", _unit(outlook), f"base_lifetime({horizon})")


def base_units(there: np.ndarray, horizon: int, v: float) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function of curves [B, T + 1] that adds up the further units of a stock."""
    tenures = np.flatnonzero(there)
    weight = v ** np.arange(horizon)

    def units(curves: np.ndarray) -> np.ndarray:
        total = np.zeros(len(curves))
        for g in tenures:
            now = np.maximum(curves[:, g], 1e-300)
            total += there[g] * (curves[:, g : g + horizon] @ weight) / now
        return total

    return units


def still_there(table: LifeTable) -> np.ndarray:
    """Return how many were there when observation ended, by completed tenure [K + 1].

    Who was lost from sight before is among them.
    """
    return np.concatenate([[0], table.censored[0].sum(axis=0)])


def share_beyond(outlook: Outlook, horizon: int, *, interest: float = 0.0) -> Estimate:
    """Return the share of a newcomer's expected units within `horizon` that was never observed."""
    _within(outlook, horizon)
    weight = discount(_unit(outlook), interest) ** np.arange(horizon)
    # S(t) is observed up to t = observed_to, the payment for the unit after it is
    seen = min(outlook.observed_to + 1, horizon)

    def share(curves: np.ndarray) -> np.ndarray:
        paid = curves[:, :horizon] * weight
        return np.asarray(paid[:, seen:].sum(axis=1) / paid.sum(axis=1))

    return outlook.number(share, "log", "share", f"share_beyond({horizon})")


def alike(there: np.ndarray, hazard: float, horizon: int, v: float) -> float:
    """Return the further units of a stock if all had one constant hazard, whatever their tenure."""
    keep = (1 - hazard) * v
    each = horizon if keep == 1 else (1 - keep**horizon) / (1 - keep)
    return float(there.sum() * each)


def ignoring_differences(
    outlook: Outlook,
    table: LifeTable,
    horizon: int,
    *,
    interest: float = 0.0,
) -> Estimate:
    """Return what valuing the base by one average hazard misses, as a share of its value.

    The average hazard is leavers per customer unit; -.2 says that the base was valued a fifth too
    low. Customers who have stayed are those who stay (Fader and Hardie 2010). No value where nobody
    is there.
    """
    at_risk, moves, _ = table.in_state()
    hazard = float(moves.sum() / at_risk.sum())
    there, v = still_there(table), discount(_unit(outlook), interest)
    _within(outlook, int(np.max(np.flatnonzero(there), initial=0)) + horizon)
    if not there.any():
        none = outlook.number(lambda s: np.zeros(len(s)), "", "share", f"ignoring({horizon})")
        return replace(none, value=None, low=None, high=None, se=None, reason=TOO_FEW_PERSONS)
    naive, units = alike(there, hazard, horizon, v), base_units(there, horizon, v)
    return outlook.number(lambda s: naive / units(s) - 1, "", "share", f"ignoring({horizon})")


def beta_geometric_lifetime(alpha: float, beta: float, interest: float) -> float:
    """Return DEL of a shifted beta-geometric law, periods being those of the interest.

    2F1(1, beta; alpha + beta; 1 / (1 + interest)) (Fader and Hardie 2010); infinite without
    interest where alpha <= 1.
    """
    if interest == 0 and alpha <= 1:
        return float("inf")
    return float(hyp2f1(1, beta, alpha + beta, 1 / (1 + interest)))


def beta_geometric_residual(alpha: float, beta: float, renewals: int, interest: float) -> float:
    """Return DERL just before renewal number `renewals`, which is not yet sure and undiscounted.

    (beta + n - 1) / (alpha + beta + n - 1) 2F1(1, beta + n; alpha + beta + n; 1 / (1 + interest))
    (Fader and Hardie 2010). ParameterError below renewal 1.
    """
    if renewals < 1:
        raise ParameterError(f"the first renewal is number 1, not {renewals}")
    n = renewals
    share = (beta + n - 1) / (alpha + beta + n - 1)
    if interest == 0 and alpha <= 1:
        return float("inf")
    return float(share * hyp2f1(1, beta + n, alpha + beta + n, 1 / (1 + interest)))


def retention_elasticity(curve: np.ndarray, weights: np.ndarray, interest: float) -> float:
    """Return by how many per cent a base's value rises if everybody's retention rises by one.

    `curve` [T + 1] is the survival of a mixture of constant hazards by period, `weights` [n] the
    customers just before renewal 1, 2, ... Multiplying each one's retention by k multiplies the
    share that passes m renewals by k^m, so that the elasticity is the mean m by present value.
    """
    total = lever = 0.0
    for n, weight in enumerate(weights, start=1):
        passed = np.arange(1, len(curve) - n + 1)
        worth = curve[n:] / curve[n - 1] * (1 + interest) ** -(passed - 1.0)
        total += weight * worth.sum()
        lever += weight * (passed * worth).sum()
    return float(lever / total)


def _unit(outlook: Outlook) -> str:
    return outlook.parts[0].unit if outlook.parts else "month"


def _within(outlook: Outlook, horizon: int) -> None:
    if horizon < 1:
        raise ParameterError(f"a horizon of {horizon}", remedy="Ask for 1 or more.")
    if outlook.parts and horizon > outlook.horizon + 1:
        raise ParameterError(
            f"the projection ends with unit {outlook.horizon}, and {horizon} was asked for",
            remedy="Project further.",
        )
