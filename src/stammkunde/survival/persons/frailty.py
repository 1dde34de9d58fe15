"""Do people leave sooner when they have come back, or do those come back who leave soon?

Whoever has a second spell has left a first one, so second spells belong to those who leave easily:
pooled, they end sooner although nobody has changed. The gamma-frailty likelihood of both spells
takes that out, as long as returning itself does not depend on how easily somebody leaves; where it
does, returns have to be modelled too. Second spells are also the later ones: where contracts have
changed, each is compared with spells begun under the same terms. Comparing each returner with
himself is no cure: of two spells within one time of observation, a long first leaves room for a
short second only, and the ratio comes out far too low. Paid units on the person's clock need none
of this.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from stammkunde.draws import BLOCKS, FEWEST_BLOCKS
from stammkunde.intervals import FEW_EVENTS, normal_quantile, student_quantile
from stammkunde.result import Estimate, Status, table_html
from stammkunde.survival.curve import TOO_FEW_PERSONS
from stammkunde.survival.persons.baseline import baseline, shared_events
from stammkunde.survival.persons.likelihood import (
    Corners,
    corners,
    information,
    log_likelihood,
    scores,
)
from stammkunde.survival.persons.patterns import Patterns, courses

TOO_FEW_RETURNS, TERMS_APART = "too_few_returns", "terms_apart"
NOT_CONVERGED = "not_converged"
INDEPENDENT_RETURN = "return_independent_of_frailty"
GAMMA = "gamma_frailty"
# logarithms and variances beyond these are infinite for all that data can say
WIDEST, MOST_VARIED = 30.0, 100.0
BEGIN, LONGEST, ROUNDS, HALVINGS = 0.3, 2.0, 60, 30
NEAR, DECREMENT, VAGUE = 1e-4, 1e-7, 5.0


@dataclass(frozen=True, kw_only=True)
class OrderEffect:
    """The hazard ratio of the second spell against the first, as pooled and with frailty.

    `naive` takes all spells for those of different people; `frailty` is the gamma-frailty estimate;
    `variance` that of the frailty, which has mean 1. `at_boundary`: no variance was found, so both
    ratios are the same. `persons` have a first spell, `returners` of them a second one, and
    `left_out` persons were not seen in their first.
    """

    naive: Estimate
    frailty: Estimate
    variance: Estimate
    persons: int
    returners: int
    left_out: int
    at_boundary: bool = False

    def _repr_html_(self) -> str:
        rows: dict[str, object] = {"persons": self.persons, "returners": self.returners}
        for name in ("naive", "frailty", "variance"):
            e = getattr(self, name)
            shown = e.reason if e.value is None else f"{e.value:.3f} ({e.low:.3f} to {e.high:.3f})"
            rows[name] = shown
        return table_html(rows, "Second spells against first, hazard ratio")


@dataclass(frozen=True)
class Fit:
    """Parameters (log rates, log ratio, variance) and the covariance of those that moved.

    `here` is the information there, `beyond` is how far below 0 the variance would have gone (0
    where it did not).
    """

    at: np.ndarray
    covariance: np.ndarray
    log_likelihood: float
    converged: bool
    here: tuple[np.ndarray, ...]
    beyond: float = 0.0


def order_effect(patterns: Patterns, *, level: float = 0.95) -> OrderEffect:
    """Return the hazard ratio of second spells against first, naive and with gamma frailty.

    Both by the exact likelihood of grouped time, with rates by tenure of their own for each of the
    terms under which spells began (`patterns_of` with `signed_from`). The naive interval has the
    person blocks' sandwich error and t quantiles, that with frailty the inverse information; both
    on the log scale. Where people hardly vary, a variance cut at 0 makes the second ratio a little
    too low. A reason instead of values with fewer than 10 blocks, with fewer than 5 departures from
    second or from first spells ("terms_apart" where that is so of the terms that both have), or
    where no maximum is found.
    """
    reason = _too_little(patterns)
    if reason:
        return _unknown(patterns, reason, level)
    once = courses(patterns)
    exposure, rates = baseline(once)
    terms = corners(once, exposure)
    start = np.append(rates, [0.0, 0.0])
    plain = fitted(start, terms, varies=False)
    varied = _varied(plain, terms)
    if not (_is_found(plain) and _is_found(varied)):
        return _unknown(patterns, NOT_CONVERGED, level)
    return _known(patterns, plain, varied, corners(patterns, exposure), level)


def fitted(
    start: np.ndarray,
    terms: Corners,
    *,
    varies: bool,
    here: tuple[np.ndarray, ...] | None = None,
) -> Fit:
    """Return the maximum of the likelihood, by Newton's method from `start`.

    With `varies` the variance moves too, and stays above 0. `here` is the information at
    `start`, where it is known.
    """
    at = start
    size = len(at) if varies else len(at) - 1
    value = log_likelihood(at, terms)
    covariance = np.zeros((size, size))
    for _ in range(ROUNDS):
        here = here or information(at, terms)
        gradient, curvature, _ = here
        covariance = _inverse(curvature[:size, :size])
        step = np.zeros_like(at)
        step[:size] = covariance @ gradient[:size]
        gain = float(gradient @ step)
        if gain < DECREMENT and _is_definite(curvature[:size, :size]):
            return Fit(at, covariance, value, True, here)
        found = _uphill(at, step, value, terms, gain)
        if found is None:
            break
        (at, value), here = found, None
    return Fit(at, covariance, value, False, here or information(at, terms))


def _varied(plain: Fit, terms: Corners) -> Fit:
    """Return the fit with a variance.

    Where the likelihood falls as soon as people vary, its maximum is where they do not; that the
    variance had to be found still counts in the errors.
    """
    gradient, curvature, squares = plain.here
    if not plain.converged or gradient[-1] > 0:
        return fitted(plain.at, terms, varies=True, here=plain.here)
    sure = _is_definite(curvature)
    if not sure:
        # falling at first, it may yet rise
        further = fitted(np.append(plain.at[:-1], BEGIN), terms, varies=True)
        if further.converged and further.log_likelihood > plain.log_likelihood:
            return further
    covariance = _inverse(curvature if sure else squares)
    beyond = float(covariance[-1] @ gradient)
    return Fit(plain.at, covariance, plain.log_likelihood, True, plain.here, beyond)


def _uphill(
    at: np.ndarray, step: np.ndarray, value: float, terms: Corners, gain: float
) -> tuple[np.ndarray, float] | None:
    """Return the first of ever shorter steps that leads higher, and how high; None without one."""
    step = step * min(1.0, LONGEST / np.abs(step).max())
    for _ in range(HALVINGS):
        there = at + step
        if at[-1] / 4 <= there[-1] <= MOST_VARIED and np.abs(there[:-1]).max() < WIDEST:
            higher = log_likelihood(there, terms)
            # so near the top the likelihood's own rounding would hide the way
            if higher > value or gain < NEAR:
                return there, higher
        step = step / 2
    return None


def _is_found(fit: Fit) -> bool:
    """Return whether there is a maximum, and not a likelihood that is flat in the ratio."""
    place = len(fit.at) - 2
    return fit.converged and bool(fit.covariance[place, place] < VAGUE**2)


def _is_definite(matrix: np.ndarray) -> bool:
    return bool(np.linalg.eigvalsh(matrix)[0] > 0)


def _inverse(matrix: np.ndarray) -> np.ndarray:
    """Return the inverse; of a matrix that is not positive definite, one of a matrix near it."""
    values, vectors = np.linalg.eigh(matrix)
    safe = np.maximum(np.abs(values), 1e-9 * np.abs(values).max())
    return np.asarray((vectors / safe) @ vectors.T)


def _too_little(patterns: Patterns) -> str:
    if len(np.unique(patterns.block)) < FEWEST_BLOCKS:
        return TOO_FEW_PERSONS
    left = int(patterns.count[patterns.left > 0].sum())
    if min(left, patterns.events) < FEW_EVENTS:
        return TOO_FEW_RETURNS
    return TERMS_APART if shared_events(patterns) < FEW_EVENTS else ""


def _known(
    patterns: Patterns, plain: Fit, varied: Fit, terms: Corners, level: float
) -> OrderEffect:
    """Return the estimates of two fits that have a maximum."""
    common = _common(patterns, level)
    normal = normal_quantile(level)
    boundary = bool(varied.at[-1] == 0)
    place = len(varied.at) - 2
    se = float(np.sqrt(varied.covariance[place, place]))
    robust, blocks = _sandwich(plain, terms)
    naive = _ratio(plain.at[-2], robust, student_quantile(level, blocks))
    assumptions = (INDEPENDENT_RETURN, GAMMA)
    return OrderEffect(
        naive=Estimate(**common, **naive, unit="ratio", method="grouped hazards, spells pooled"),
        frailty=Estimate(
            **common,
            **_ratio(varied.at[-2], se, normal),
            unit="ratio",
            method="grouped hazards, shared gamma frailty" + (", no variance" if boundary else ""),
            status=Status.ESTIMATED,
            assumptions=assumptions,
        ),
        variance=Estimate(
            **common,
            **_variance(varied, normal),
            unit="variance",
            method="grouped hazards, shared gamma frailty",
            status=Status.ESTIMATED,
            assumptions=assumptions,
        ),
        **_heads(patterns),
        at_boundary=boundary,
    )


def _sandwich(fit: Fit, terms: Corners) -> tuple[float, int]:
    """Return the error of log r that respects persons, G/(G-1) sum of squared influences, and G."""
    influence = scores(fit.at, terms, np.append(fit.covariance[:, -1], 0.0))
    held = np.bincount(terms.block, minlength=BLOCKS) > 0
    groups = int(held.sum())
    return float(np.sqrt(groups / (groups - 1) * (influence[held] ** 2).sum())), groups


def _ratio(log_ratio: float, se: float, quantile: float) -> dict[str, Any]:
    low, value, high = (float(np.exp(log_ratio + k * quantile * se)) for k in (-1, 0, 1))
    return {"value": value, "low": low, "high": high, "se": value * se}


def _variance(fit: Fit, quantile: float) -> dict[str, Any]:
    """Return the frailty's variance with limits cut at 0."""
    value, se = float(fit.at[-1]), float(np.sqrt(fit.covariance[-1, -1]))
    low, high = (max(value + fit.beyond + k * quantile * se, 0.0) for k in (-1, 1))
    return {"value": value, "low": low, "high": high, "se": se}


def _common(patterns: Patterns, level: float) -> dict[str, Any]:
    spells = patterns.persons + patterns.returners
    heads = {"persons": patterns.persons, "spells": spells, "events": patterns.events}
    return {"level": level, **heads}


def _heads(patterns: Patterns) -> dict[str, Any]:
    heads: dict[str, Any] = {"persons": patterns.persons, "returners": patterns.returners}
    return heads | {"left_out": patterns.left_out}


def _unknown(patterns: Patterns, reason: str, level: float) -> OrderEffect:
    """Return the effect without values, and why."""
    none = Estimate(
        value=None,
        unit="ratio",
        method="grouped hazards",
        reason=reason,
        **_common(patterns, level),
    )
    variance = replace(none, unit="variance")
    return OrderEffect(naive=none, frailty=none, variance=variance, **_heads(patterns))
