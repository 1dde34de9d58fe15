"""Gamma-gamma: what a purchase costs, of customers who differ.

A customer's purchases are gamma with shape p and a rate of his own, which is gamma with shape q and
rate g over customers. Of x repeat purchases that cost s together:

    L = G(px+q) / (G(px) G(q)) * g^q s^(px-1) x / (g+s)^(px+q)

G being the gamma function; s^(px-1) x is that of the mean s/x. What somebody spends must not go
with how often he buys: `with_rate` tells how far it does. Source: Fader, Hardie and Lee (2005),
Journal of Marketing Research 42(4), 415-430; Fader and Hardie (2013), The gamma-gamma model of
monetary value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.special import digamma, gammaln, polygamma

from stammkunde.draws import BLOCKS, FEWEST_BLOCKS
from stammkunde.result import Estimate, Status, table_html
from stammkunde.survival.buying.bgnbd import NO_REPEATS, RUNS_OFF
from stammkunde.survival.buying.histories import Histories, distinct
from stammkunde.survival.buying.maximum import Maximum, Moves, Terms, in_logs, maximum, moves
from stammkunde.survival.buying.told import told
from stammkunde.survival.curve import TOO_FEW_PERSONS

NO_AMOUNTS = "no_amounts"
NO_MEAN = "mean_spend_is_infinite"
APART = "spend_independent_of_rate"
METHOD = "gamma-gamma, maximum likelihood"
CENTS = 100
STARTS = ((1.8, 1.3, 0.0), (0.5, 1.5, 0.5), (3.0, 2.0, -1.0))


@dataclass(frozen=True, kw_only=True)
class GammaGamma:
    """A fitted gamma-gamma: p, q and gamma (in money), and the mean spend per purchase.

    `mean` is the expected spend per purchase of somebody of whom nothing is known. `with_rate` is
    the correlation of mean spend with the number of repeat purchases (None where one does not
    vary). `left_out` persons who bought again have no amounts, or none above 0. `moves` are those
    of the logarithms of p, q and gamma (in cents).
    """

    p: Estimate
    q: Estimate
    gamma: Estimate
    mean: Estimate
    log_likelihood: float | None
    with_rate: float | None
    persons: int
    left_out: int
    moves: Moves | None
    reason: str = ""

    def _repr_html_(self) -> str:
        rows: dict[str, object] = {"persons": self.persons, "left out": self.left_out}
        for name in ("p", "q", "gamma", "mean"):
            e = getattr(self, name)
            shown = e.reason if e.value is None else f"{e.value:.4g} ({e.low:.4g} to {e.high:.4g})"
            rows[name] = shown
        return table_html(rows | {"log-likelihood": self.log_likelihood or ""}, "Gamma-gamma")


def gamma_gamma(histories: Histories, *, level: float = 0.95) -> GammaGamma:
    """Return the gamma-gamma model of what those who bought again have spent.

    Errors as in `bg_nbd`. No values, with the reason, without amounts, for fewer than 10 persons,
    or where the likelihood has no maximum; no mean where q is 1 or less, for then none exists.
    """
    if histories.repeaters == 0:
        return _unknown(histories, NO_REPEATS, level)
    if histories.spent is None:
        return _unknown(histories, NO_AMOUNTS, level)
    paid = histories.where((histories.x > 0) & (histories.spent > 0))
    if paid.persons < FEWEST_BLOCKS:
        return _unknown(histories, TOO_FEW_PERSONS, level)
    assert paid.spent is not None
    size = float(paid.count @ paid.spent) / paid.repeats
    terms, by_block = spend_terms(paid, size)
    best = _best(terms, np.asarray(by_block.sum(axis=0)).ravel())
    if not best.found:
        return _unknown(histories, RUNS_OFF, level)
    moved = moves(best, terms, by_block).shifted(np.array([0.0, 0.0, np.log(size)]))
    # the density is that of a mean in money, not in means of everybody
    value = best.value - paid.persons * np.log(size / CENTS)
    return _known(histories, paid, moved, float(value), level)


def spend_terms(paid: Histories, size: float) -> tuple[Terms, sparse.csr_array]:
    """Return the likelihood's terms, amounts by `size` cents, and their counts [256, N]."""
    assert paid.spent is not None
    first, which = distinct(paid.x, paid.spent)
    values, place = np.unique(paid.x[first], return_inverse=True)
    spent = paid.spent[first] / size

    def terms(at: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return _terms(at, values, place, spent)

    where = (paid.block, which)
    return terms, sparse.csr_array((paid.count, where), shape=(BLOCKS, len(first)))


def _terms(
    at: np.ndarray, values: np.ndarray, place: np.ndarray, spent: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return value [N], score [N, 3] and second derivatives [N, 3, 3] by the log parameters."""
    p, q, gamma = np.exp(at)
    x, shape = values[place], (p * values + q)
    both = np.log(gamma + spent)
    part = gammaln(shape) - gammaln(p * values) - gammaln(q) + q * at[2]
    value = part[place] + (p * x - 1) * np.log(spent) + np.log(x) - (p * x + q) * both
    score, curved = np.zeros((len(x), 3)), np.zeros((len(x), 3, 3))
    of_shape = digamma(shape)
    score[:, 0] = x * ((of_shape - digamma(p * values))[place] + np.log(spent) - both)
    score[:, 1] = (of_shape - digamma(q))[place] + at[2] - both
    score[:, 2] = q / gamma - (p * x + q) / (gamma + spent)
    bent = polygamma(1, shape)
    curved[:, 0, 0] = (values**2 * (bent - polygamma(1, p * values)))[place]
    curved[:, 0, 1] = (values * bent)[place]
    curved[:, 0, 2] = -x / (gamma + spent)
    curved[:, 1, 1] = (bent - polygamma(1, q))[place]
    curved[:, 1, 2] = 1 / gamma - 1 / (gamma + spent)
    curved[:, 2, 2] = -q / gamma**2 + (p * x + q) / (gamma + spent) ** 2
    for i, j in ((1, 0), (2, 0), (2, 1)):
        curved[:, i, j] = curved[:, j, i]
    return in_logs(np.exp(at), value, score, curved)


def _best(terms: Terms, count: np.ndarray) -> Maximum:
    for start in STARTS:
        found = maximum(np.array(start), terms, count)
        if found.found:
            return found
    return found


def mean_spend(parameters: np.ndarray) -> np.ndarray:
    """Return p gamma / (q - 1) [B] in cents, of logarithms [B, 3]; infinite where q <= 1."""
    p, q, gamma = np.exp(parameters).T
    return np.where(q > 1, p * gamma / np.maximum(q - 1, 1e-300), np.inf)


def _common(persons: int, level: float) -> dict[str, Any]:
    return {"level": level, "persons": persons, "method": METHOD, "assumptions": (APART,)}


def _known(
    histories: Histories, paid: Histories, moved: Moves, value: float, level: float
) -> GammaGamma:
    about = _common(paid.persons, level)

    def alone(i: int, by: float = 1.0, unit: str = "ratio") -> Estimate:
        return told(moved, lambda t: np.exp(t[:, i]) / by, scale="log", unit=unit, **about)

    # the log of q must be clearly above 0 in every leave-out, or some of them have no mean
    if np.min(moved.leave_out[:, 1]) > 0 and moved.at[1] > 0:
        mean = told(moved, lambda t: mean_spend(t) / CENTS, scale="log", unit="money", **about)
    else:
        status = Status.ESTIMATED
        mean = Estimate(value=None, unit="money", reason=NO_MEAN, status=status, **about)
    return GammaGamma(
        p=alone(0),
        q=alone(1),
        gamma=alone(2, CENTS, "money"),
        mean=mean,
        log_likelihood=value,
        with_rate=_correlation(paid),
        persons=paid.persons,
        left_out=histories.repeaters - paid.persons,
        moves=moved,
    )


def _correlation(paid: Histories) -> float | None:
    assert paid.spent is not None
    covariance = np.cov(paid.x, paid.spent / paid.x, fweights=paid.count)
    spread = float(covariance[0, 0] * covariance[1, 1])
    return float(covariance[0, 1] / np.sqrt(spread)) if spread > 0 else None


def _unknown(histories: Histories, reason: str, level: float) -> GammaGamma:
    """Return the model without values, and why."""
    about = {"status": Status.ESTIMATED, "reason": reason, **_common(histories.repeaters, level)}
    ratio = Estimate(value=None, unit="ratio", **about)
    money = Estimate(value=None, unit="money", **about)
    return GammaGamma(
        p=ratio,
        q=ratio,
        gamma=money,
        mean=money,
        log_likelihood=None,
        with_rate=None,
        persons=histories.repeaters,
        left_out=0,
        moves=None,
        reason=reason,
    )
