"""Who is still there, and what the customers of today will buy: totals and means of a base.

The base is known and fixed; what is uncertain are the parameters. Everything is a function of them,
so leave-outs and draws come with each number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.result import Estimate, Status
from stammkunde.survival.buying.bgnbd import METHOD, STEADY, BgNbd
from stammkunde.survival.buying.expected import MOST_CELLS, from_start, still_there, to_come
from stammkunde.survival.buying.gamma_gamma import APART, CENTS, NO_MEAN, GammaGamma
from stammkunde.survival.buying.histories import Histories, distinct
from stammkunde.survival.buying.maximum import joined
from stammkunde.survival.buying.told import Scale, told
from stammkunde.survival.curve import TOO_FEW_PERSONS


def chances(fit: BgNbd, histories: Histories) -> np.ndarray:
    """Return the chance of still being a customer of each history [N]; nan without a fit."""
    if fit.moves is None:
        return np.full(len(histories.x), np.nan)
    h = histories
    return np.asarray(still_there(fit.moves.at[None], h.x, h.t_x, h.length)[0])


def alive_share(fit: BgNbd, histories: Histories, *, level: float = 0.95) -> Estimate:
    """Return the share of the persons of `histories` who are still customers.

    Who has not bought again counts as still there: see `bgnbd`. Interval on the log-log scale.
    """
    about = _about(fit, histories, "share", "share still there")

    def share(parameters: np.ndarray) -> np.ndarray:
        total = summed(parameters, histories.count, lambda p: _there(p, histories))
        return total / histories.persons

    return _told(fit, histories, share, "share", level, about)


def alive_persons(fit: BgNbd, histories: Histories, *, level: float = 0.95) -> Estimate:
    """Return how many of the persons of `histories` are still customers."""
    share, size = alive_share(fit, histories, level=level), histories.persons
    shown = {n: getattr(share, n) for n in ("value", "low", "high", "se")}
    numbers: dict[str, Any] = {n: None if v is None else v * size for n, v in shown.items()}
    replicates = share.replicates and share.replicates.map(lambda a: a * size)
    about: dict[str, Any] = {"unit": "count", "estimand": "persons still there"}
    return replace(share, **numbers, **about, replicates=replicates)


def purchases_ahead(
    fit: BgNbd, histories: Histories, ahead: float, *, level: float = 0.95
) -> Estimate:
    """Return how many purchases the persons of `histories` will make in the next `ahead` units.

    Days with a purchase, all persons together. Interval on the log scale. ParameterError unless
    `ahead` is above 0.
    """
    days = _ahead(ahead) * fit.days
    about = _about(fit, histories, "count", f"purchases in the next {ahead:g} {fit.unit}s")

    def total(parameters: np.ndarray) -> np.ndarray:
        return summed(parameters, histories.count, lambda p: bought(p, histories, days))

    return _told(fit, histories, total, "log", level, about)


def purchases_of_newcomer(fit: BgNbd, ahead: float, *, level: float = 0.95) -> Estimate:
    """Return how many repeat purchases a new customer makes within `ahead` units of the first."""
    days = np.array([_ahead(ahead) * fit.days])
    about: dict[str, Any] = {"unit": "count", "persons": fit.persons, "method": METHOD}
    about |= {
        "estimand": f"repeat purchases within {ahead:g} {fit.unit}s",
        "assumptions": (STEADY,),
    }
    return _told(fit, None, lambda p: from_start(p, days)[:, 0], "log", level, about)


def spend_per_purchase(spend: GammaGamma, histories: Histories, *, level: float = 0.95) -> Estimate:
    """Return what a purchase of the persons of `histories` will cost, the mean over persons.

    Each person's own mean, drawn towards that of all the more, the fewer purchases it rests on.
    """
    about: dict[str, Any] = {"unit": "money", "persons": histories.persons, "assumptions": (APART,)}
    about |= {"method": "gamma-gamma", "estimand": "spend per purchase"}
    reason = spend.reason or (NO_MEAN if spend.mean.value is None else "")
    if spend.moves is None or reason or not histories.persons:
        about |= {"status": Status.ESTIMATED, "reason": reason or TOO_FEW_PERSONS, "level": level}
        return Estimate(value=None, **about)

    def mean(parameters: np.ndarray) -> np.ndarray:
        total = summed(parameters, histories.count, lambda p: spends(p, histories))
        return total / (histories.persons * CENTS)

    return told(spend.moves, mean, scale="log", level=level, **about)


def money_ahead(
    fit: BgNbd, spend: GammaGamma, histories: Histories, ahead: float, *, level: float = 0.95
) -> Estimate:
    """Return what the persons of `histories` will spend in the next `ahead` units, not discounted.

    Expected purchases times expected spend, person by person; both models move together by block.
    """
    days = _ahead(ahead) * fit.days
    about = _about(fit, histories, "money", f"spend in the next {ahead:g} {fit.unit}s")
    about |= {"method": "BG/NBD and gamma-gamma", "assumptions": (STEADY, APART)}
    reason = fit.reason or spend.reason or (NO_MEAN if spend.mean.value is None else "")
    reason = reason or ("" if histories.persons else TOO_FEW_PERSONS)
    if fit.moves is None or spend.moves is None or reason:
        about |= {"status": Status.ESTIMATED, "reason": reason, "level": level}
        return Estimate(value=None, **about)

    def each(parameters: np.ndarray) -> np.ndarray:
        return bought(parameters[:, :4], histories, days) * spends(parameters[:, 4:], histories)

    def total(parameters: np.ndarray) -> np.ndarray:
        return summed(parameters, histories.count, each) / CENTS

    both = joined(fit.moves, spend.moves)
    return told(both, total, scale="identity", level=level, **about)


def spends(parameters: np.ndarray, histories: Histories) -> np.ndarray:
    """Return the expected cents per purchase [B, N], of logarithms of p, q and gamma [B, 3].

    p (gamma + s) / (p x + q - 1); nothing is known of who has no amounts.
    """
    p, q, gamma = np.exp(parameters).T[..., None]
    known = np.zeros_like(histories.x) if histories.spent is None else histories.spent
    x = np.where(known > 0, histories.x, 0)
    return np.asarray(p * (gamma + np.maximum(known, 0)) / (p * x + q - 1))


def each_history(
    fit: BgNbd, histories: Histories, ahead: float, spend: GammaGamma | None = None
) -> pd.DataFrame:
    """Return one row per history: the counts, the chance to be there and purchases in `ahead`.

    With `spend` also the expected money per purchase. NotObservedError without a fit.
    """
    if fit.moves is None or (spend is not None and spend.mean.value is None):
        raise NotObservedError(
            "there is no fitted model of these purchases", remedy="See the reason of the fit."
        )
    frame = histories.to_frame()
    frame["alive"] = chances(fit, histories)
    frame["ahead"] = bought(fit.moves.at[None], histories, _ahead(ahead) * fit.days)[0]
    if spend is not None and spend.moves is not None:
        frame["spend"] = spends(spend.moves.at[None], histories)[0] / CENTS
    return frame


def _there(parameters: np.ndarray, h: Histories) -> np.ndarray:
    return still_there(parameters, h.x, h.t_x, h.length)


def bought(parameters: np.ndarray, h: Histories, days: float) -> np.ndarray:
    """Return the expected purchases in the next `days` of each history [B, N]."""
    # what is to come hangs on x and T alone
    first, place = distinct(h.x, h.length)
    come = to_come(parameters, h.x[first], h.length[first], days)
    return np.asarray(come[:, place] * _there(parameters, h))


def summed(
    parameters: np.ndarray, count: np.ndarray, each: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Return the sums over persons [B] of what is expected of each history [B, N], part by part."""
    step = max(1, MOST_CELLS // max(len(count), 1))
    starts = range(0, len(parameters), step)
    return np.concatenate([each(parameters[s : s + step]) @ count for s in starts])


def _about(fit: BgNbd, histories: Histories, unit: str, estimand: str) -> dict[str, Any]:
    heads = {"persons": histories.persons, "method": METHOD, "assumptions": (STEADY,)}
    return {"unit": unit, "estimand": estimand, "status": Status.ESTIMATED, **heads}


def _told(
    fit: BgNbd,
    histories: Histories | None,
    quantity: Callable[[np.ndarray], np.ndarray],
    scale: Scale,
    level: float,
    about: dict[str, Any],
) -> Estimate:
    nobody = histories is not None and not histories.persons
    if fit.moves is None or nobody:
        reason = fit.reason or TOO_FEW_PERSONS
        about = {"status": Status.ESTIMATED} | about
        return Estimate(value=None, reason=reason, level=level, **about)
    return told(fit.moves, quantity, scale=scale, level=level, **about)


def _ahead(ahead: float) -> float:
    if not ahead > 0:
        raise ParameterError(f"nothing is to come in {ahead:g} units", remedy="Give more than 0.")
    return ahead
