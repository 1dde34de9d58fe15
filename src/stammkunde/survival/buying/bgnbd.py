"""BG/NBD: customers without a contract buy at rates of their own until they have gone unseen.

While there, a customer buys at the rate l (Poisson), l gamma with shape r and rate alpha over
customers; after each purchase but the first he goes with chance p, p beta with a and b, l and p
independent. Of x repeat purchases, the last t_x after the first, seen for T:

    L = G(r+x) alpha^r / G(r) * B(a, b+x) / B(a, b)
        * [ (alpha+T)^-(r+x) + [x > 0] a / (b+x-1) (alpha+t_x)^-(r+x) ]

G and B being the gamma and beta functions. Source: Fader, Hardie and Lee (2005), Marketing Science
24(2), 275-284. Who has not bought again counts as still there for certain: the model lets nobody go
before the first repeat purchase.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.special import digamma, expit, gammaln, polygamma

from stammkunde.draws import BLOCKS, FEWEST_BLOCKS
from stammkunde.intervals import FEW_EVENTS
from stammkunde.result import Estimate, Status, table_html
from stammkunde.survival.buying.histories import Histories, distinct
from stammkunde.survival.buying.maximum import Maximum, Moves, Terms, in_logs, maximum, moves
from stammkunde.survival.buying.told import told
from stammkunde.survival.curve import TOO_FEW_PERSONS

NO_REPEATS = "no_repeat_purchases"
TOO_FEW_REPEATERS = "too_few_repeat_buyers"
NOBODY_LEAVES = "nobody_leaves"
RUNS_OFF = "parameters_run_off"
STEADY = "steady_buying_until_gone"
METHOD = "BG/NBD, maximum likelihood"
# a chance to go this small is none
NO_CHANCE = 1e-4
STARTS = ((-0.7, 0.0, -0.3, 0.8), (0.7, 0.0, -0.3, 2.5), (-1.2, -1.0, 0.5, 0.5))


@dataclass(frozen=True, kw_only=True)
class BgNbd:
    """A fitted BG/NBD: its parameters, alpha per `unit`, and what they say of everybody.

    `rate` is the mean of purchases per unit while there, `chance` the mean chance to go after a
    purchase. `moves` are those of the logarithms of r, alpha (in days), a and b; None, and every
    value too, where there is no fit, for the `reason`.
    """

    r: Estimate
    alpha: Estimate
    a: Estimate
    b: Estimate
    rate: Estimate
    chance: Estimate
    log_likelihood: float | None
    persons: int
    repeaters: int
    unit: str
    days: float
    moves: Moves | None
    reason: str = ""

    def _repr_html_(self) -> str:
        rows: dict[str, object] = {"persons": self.persons, "bought again": self.repeaters}
        for name in ("r", "alpha", "a", "b", "rate", "chance"):
            e = getattr(self, name)
            shown = e.reason if e.value is None else f"{e.value:.4g} ({e.low:.4g} to {e.high:.4g})"
            rows[name] = shown
        return table_html(rows | {"log-likelihood": self.log_likelihood or ""}, "BG/NBD")


def bg_nbd(histories: Histories, *, level: float = 0.95) -> BgNbd:
    """Return the BG/NBD of purchase histories, by maximum likelihood.

    Errors by leaving out blocks of persons, or by the observed information where blocks are not
    known; intervals on the log scale (of the chance: log-log). No values, with the reason, for
    fewer than 10 persons, where nobody or fewer than 5 persons bought again, where nobody seems to
    leave, or where the likelihood has no maximum.
    """
    reason = too_little(histories)
    if reason:
        return _unknown(histories, reason, level)
    length = float(histories.count @ histories.length) / histories.persons
    terms, by_block = terms_of(histories, length)
    best = _best(terms, np.asarray(by_block.sum(axis=0)).ravel())
    if not best.found:
        return _unknown(histories, _why(best), level)
    turn = np.array([0.0, np.log(length), 0.0, 0.0])
    moved = moves(best, terms, by_block).shifted(turn)
    value = best.value + histories.repeats * np.log(histories.days / length)
    return _known(histories, moved, float(value), level)


def too_little(histories: Histories) -> str:
    """Return why histories are too few for a model of buying; "" where they are enough."""
    if histories.persons < FEWEST_BLOCKS:
        return TOO_FEW_PERSONS
    if histories.repeaters == 0:
        return NO_REPEATS
    return TOO_FEW_REPEATERS if histories.repeaters < FEW_EVENTS else ""


def terms_of(histories: Histories, length: float) -> tuple[Terms, sparse.csr_array]:
    """Return the likelihood's terms, times by `length` days, and their counts [256, N].

    Each pattern of x, t_x and T has one term, whatever the block.
    """
    h = histories
    first, which = distinct(h.x, h.t_x, h.length)
    x, t_x, end = h.x[first], h.t_x[first], h.length[first]
    values, place = np.unique(x, return_inverse=True)
    last, end = t_x / length, end / length

    def terms(at: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return _terms(at, values, place, last, end)

    counted = sparse.csr_array((h.count, (h.block, which)), shape=(BLOCKS, len(first)))
    return terms, counted


def _terms(
    at: np.ndarray, values: np.ndarray, place: np.ndarray, last: np.ndarray, end: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return value [N], score [N, 4] and second derivatives [N, 4, 4] by the log parameters."""
    r, alpha, a, b = np.exp(at)
    x = values[place]
    value, score, curved = (part[place] for part in _by_purchases(at, values))
    stay, went = np.log(alpha + end), np.log(alpha + last)
    again = x > 0
    # of who bought again: the odds of having gone with the last purchase
    odds = np.where(
        again, np.log(a) - np.log(b + np.maximum(x, 1) - 1) + (r + x) * (stay - went), -np.inf
    )
    gone = expit(odds)
    value = value - (r + x) * stay + np.where(again, np.logaddexp(0.0, odds), 0.0)
    here, there = _power(r, alpha, x, end, stay), _power(r, alpha, x, last, went)
    after = b + np.maximum(x, 1) - 1
    there[0][:, 2], there[0][:, 3] = 1 / a, -1 / after
    there[1][:, 2, 2], there[1][:, 3, 3] = -1 / a**2, 1 / after**2
    share = gone[:, None]
    apart = there[0] - here[0]
    score = score + here[0] + share * apart
    curved = curved + here[1] + share[..., None] * (there[1] - here[1])
    curved = curved + (gone * (1 - gone))[:, None, None] * apart[:, :, None] * apart[:, None, :]
    return in_logs(np.exp(at), value, score, curved)


def _by_purchases(at: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the part of the terms that hangs on x alone."""
    r, alpha, a, b = np.exp(at)
    value = gammaln(r + x) - gammaln(r) + r * at[1]
    value += gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    score, curved = np.zeros((len(x), 4)), np.zeros((len(x), 4, 4))
    both, both_2 = (
        digamma(a + b) - digamma(a + b + x),
        polygamma(1, a + b) - polygamma(1, a + b + x),
    )
    score[:, 0] = digamma(r + x) - digamma(r) + at[1]
    score[:, 1] = r / alpha
    score[:, 2], score[:, 3] = both, both + digamma(b + x) - digamma(b)
    curved[:, 0, 0] = polygamma(1, r + x) - polygamma(1, r)
    curved[:, 0, 1] = curved[:, 1, 0] = 1 / alpha
    curved[:, 1, 1] = -r / alpha**2
    curved[:, 2, 2] = curved[:, 2, 3] = curved[:, 3, 2] = both_2
    curved[:, 3, 3] = both_2 + polygamma(1, b + x) - polygamma(1, b)
    return value, score, curved


def _power(
    r: float, alpha: float, x: np.ndarray, time: np.ndarray, logs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return score and second derivatives of -(r + x) log(alpha + time)."""
    score, curved = np.zeros((len(x), 4)), np.zeros((len(x), 4, 4))
    score[:, 0], score[:, 1] = -logs, -(r + x) / (alpha + time)
    curved[:, 0, 1] = curved[:, 1, 0] = -1 / (alpha + time)
    curved[:, 1, 1] = (r + x) / (alpha + time) ** 2
    return score, curved


def _best(terms: Terms, count: np.ndarray) -> Maximum:
    """Return the first maximum from a few starts, else the highest point that was reached."""
    tried: list[Maximum] = []
    for start in STARTS:
        tried.append(maximum(np.array(start), terms, count))
        if tried[-1].found:
            return tried[-1]
    return max(tried, key=lambda m: m.value)


def _why(best: Maximum) -> str:
    """Return why there is no maximum: nobody goes, or a parameter knows no bounds."""
    _, _, a, b = best.at
    return NOBODY_LEAVES if expit(a - b) < NO_CHANCE else RUNS_OFF


def _common(histories: Histories, level: float) -> dict[str, Any]:
    heads = {"persons": histories.persons, "events": histories.repeats}
    return {"level": level, "method": METHOD, "assumptions": (STEADY,), **heads}


def _known(histories: Histories, moved: Moves, value: float, level: float) -> BgNbd:
    about, per = _common(histories, level), histories.days

    def alone(i: int, by: float = 1.0) -> Estimate:
        return told(moved, lambda p: np.exp(p[:, i]) / by, scale="log", unit="ratio", **about)

    rate = told(
        moved, lambda p: per * np.exp(p[:, 0] - p[:, 1]), scale="log", unit="count", **about
    )
    chance = told(moved, lambda p: expit(p[:, 2] - p[:, 3]), scale="share", unit="share", **about)
    return BgNbd(
        r=alone(0),
        alpha=alone(1, per),
        a=alone(2),
        b=alone(3),
        rate=rate,
        chance=chance,
        log_likelihood=value,
        persons=histories.persons,
        repeaters=histories.repeaters,
        unit=histories.unit,
        days=per,
        moves=moved,
    )


def _unknown(histories: Histories, reason: str, level: float) -> BgNbd:
    """Return the model without values, and why."""
    about = {**_common(histories, level), "status": Status.ESTIMATED, "reason": reason}
    none = {n: Estimate(value=None, unit="ratio", **about) for n in ("r", "alpha", "a", "b")}
    return BgNbd(
        **none,
        rate=Estimate(value=None, unit="count", **about),
        chance=Estimate(value=None, unit="share", **about),
        log_likelihood=None,
        persons=histories.persons,
        repeaters=histories.repeaters,
        unit=histories.unit,
        days=histories.days,
        moves=None,
        reason=reason,
    )
