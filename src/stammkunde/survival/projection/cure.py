"""A share of customers that never leaves: only where they were followed long enough to know.

A curve that has levelled off by the end of observation may go on falling; a model with a share that
stays finds one in almost any data. It is printed only where of those who will leave hardly anybody
can be left, where the laws that were tried agree, and where the last leavers come as fitted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from stammkunde.result import Estimate
from stammkunde.survival.projection.choice import weights_of
from stammkunde.survival.projection.families import CURED, FAMILIES, log_survival
from stammkunde.survival.projection.fit import Fit, fitted
from stammkunde.survival.projection.mixture import mixture
from stammkunde.survival.projection.moving import FLAT, covariance_of
from stammkunde.survival.table import LifeTable, added

NOT_LONG_ENOUGH = "follow_up_too_short"
LAWS_DISAGREE = "laws_disagree"
TREND = "trend_at_the_end"
# of those who will leave, so many may still be there at the end, by the upper limit
MOST_LEFT = 0.05
# laws may differ by so much in the share that stays
MOST_APART = 0.05
# a trend beyond the fitted one, by its error, that chance makes in one of a hundred
UNLIKELY = 2.6
STAYS = "stays"
OF_LEAVERS = {CURED[name].name: FAMILIES[name] for name in CURED}


@dataclass(frozen=True)
class Cure:
    """The share that stays for each group, and whether follow-up allows to say so.

    `share` has no value, and the reason, where it may not be printed. `left` is the share of those
    who will leave who are still there at the end of observation; `apart` by how much the laws
    differ in the share; `trend` is the slope of the last quarter's log odds beyond the fitted one,
    by its error; `alpha` is Maller and Zhou's (1994) number, small where follow-up is long enough:
    quoted, not relied on.
    """

    share: Mapping[str, Estimate]
    left: Estimate
    apart: float
    trend: float
    alpha: float
    fits: tuple[Fit, ...]


def cure_fraction(
    tables: LifeTable | Mapping[str, LifeTable],
    *,
    own: Collection[str] = (STAYS,),
    level: float = 0.95,
) -> Cure:
    """Return the share of customers that stays for ever, or why it cannot be known.

    Weibull, log-normal and log-logistic laws for the others, weighted as families are. With several
    tables each group has the parameters in `own` for itself and shares the others.
    """
    groups = {"": tables} if isinstance(tables, LifeTable) else dict(tables)
    every = [fitted(groups, law, own=own, level=level) for law in CURED.values()]
    fits = tuple(f for f in every if not f.problem)
    whole = _together(groups)
    alpha = _alpha(whole)
    if not fits:
        none = replace(every[0].parameters(next(iter(groups)))[STAYS], value=None, unit="share")
        none = replace(none, low=None, high=None, reason=every[0].problem or FLAT)
        return Cure(dict.fromkeys(groups, none), none, np.nan, 0.0, alpha, ())
    weights = weights_of(fits)
    left, trend = _left(fits, weights), _trend(fits, weights)
    shares = {g: np.array([f.parameters(g)[STAYS].value for f in fits]) for g in groups}
    likely = weights > weights.max() / 20
    apart = max(float(np.ptp(s[likely])) for s in shares.values())
    reason = ""
    if left.high is None or left.high > MOST_LEFT:
        reason = NOT_LONG_ENOUGH
    elif abs(trend) > UNLIKELY:
        reason = TREND
    elif apart > MOST_APART:
        reason = LAWS_DISAGREE
    told = {g: _share(fits, weights, g, reason) for g in groups}
    return Cure(told, left, apart, trend, alpha, fits)


def _together(groups: Mapping[str, LifeTable]) -> LifeTable:
    tables = list(groups.values())
    whole = tables[0]
    for table in tables[1:]:
        whole = added(whole, table)
    return whole


def _share(fits: tuple[Fit, ...], weights: np.ndarray, group: str, reason: str) -> Estimate:
    """Return the weighted share that stays, with the interval of the mixture on the logit scale."""
    one = replace(
        fits[0].parameters(group)[STAYS],
        unit="share",
        estimand="share that stays",
        method="laws with a share that stays, maximum likelihood, weighted by AIC",
    )
    if reason:
        return replace(one, value=None, low=None, high=None, reason=reason)
    logits = [f.theta(group)[0] for f in fits]
    errors = [_error(f, f.theta(group, f.moved)[:, 0], f.theta(group)[0]) for f in fits]
    ends = mixture(
        np.array(logits), np.array(errors), weights, fits[0].quantile(), fits[0].level, ""
    )
    low, high = (float(special.expit(x)) for x in ends)
    value = float(weights @ special.expit(logits))
    return replace(one, value=value, low=low, high=high)


def _left(fits: tuple[Fit, ...], weights: np.ndarray) -> Estimate:
    """Return the share of those who will leave who are there at the end, in the worst group."""
    found = []
    for group in fits[0].levels:
        logits, errors = [], []
        for fit in fits:
            law, length = OF_LEAVERS[fit.family.name], fit.observed_to
            moved = log_survival(law, fit.theta(group, fit.moved)[:, 1:], length)[0][:, -1]
            here = log_survival(law, fit.theta(group)[1:], length)[0][-1]
            # log(-log S) is nearly linear in the numbers
            turned, at = (np.log(np.maximum(-x, 1e-12)) for x in (moved, here))
            logits.append(float(at))
            errors.append(_error(fit, turned, float(at)))
        ends = mixture(
            np.array(logits), np.array(errors), weights, fits[0].quantile(), fits[0].level, ""
        )
        value = float(weights @ np.exp(-np.exp(logits)))
        found.append((float(np.exp(-np.exp(ends[0]))), value, float(np.exp(-np.exp(ends[1])))))
    high, value, low = max(found)
    one = fits[0].parameters(fits[0].levels[0])[STAYS]
    return replace(
        one,
        value=value,
        low=low,
        high=high,
        unit="share",
        estimand=f"share of the leavers still there after {fits[0].observed_to}",
    )


def _error(fit: Fit, moved: np.ndarray, at: float) -> float:
    one = covariance_of(moved[:, None], np.array([at]), fit.held, fit.errors)
    return float(np.sqrt(one[0, 0]))


def _trend(fits: tuple[Fit, ...], weights: np.ndarray) -> float:
    """Return the trend of the last quarter's leavers beyond those fitted, by its error.

    The score test of a linear trend of log odds, all groups together. A hazard that falls as the
    law says it must is no trend; one that falls more, or less, says that the law does not hold
    where it matters.
    """
    fit = fits[int(np.argmax(weights))]
    last = slice(3 * fit.observed_to // 4, None)
    t = np.arange(fit.observed_to, dtype=float)[last]
    stay, _ = fit.family.steps(fit.at[fit.shared.place], fit.observed_to)
    leave = -np.expm1(stay)[:, last]
    n, d = fit.at_risk[:, last], fit.events[:, last]
    weight = n * leave * (1 - leave)
    if not weight.sum():
        return 0.0
    away = t - (weight * t).sum() / weight.sum()
    spread = float(np.sqrt((weight * away**2).sum()))
    return float((away * (d - n * leave)).sum() / spread) if spread else 0.0


def _alpha(table: LifeTable) -> float:
    """Return (1 - N / n)^n, N being the leavers within the last stretch without any."""
    _, moves, censored = table.in_state()
    d, c = moves.sum(axis=(0, 1)), censored.sum(axis=0)
    ends = np.flatnonzero(d + c)
    left = np.flatnonzero(d)
    if not left.size:
        return 1.0
    last, latest = int(ends[-1]) + 1, int(left[-1]) + 1
    # unit t is position t - 1: leavers in (2 latest - last, latest]
    number, total = float(d[max(2 * latest - last, 0) : latest].sum()), float((d + c).sum())
    return float((1 - number / total) ** total)
