"""Pure formulas on counts of one cause beside all others; the last axis is tenure.

In unit t, d of n at risk leave for the cause and o for others; h = d / n, H = (d + o) / n. Leaving
in a unit is multinomial. Every estimate here moves with the unit's share for the cause by
S(t-1) - v / (1 - H), and with the share for others by - v / (1 - H), v being what the unit's
survivors would have added later; its variance is then one sum over units.
"""

from __future__ import annotations

import numpy as np

from stammkunde import intervals
from stammkunde.survival import formulas


def incidence(at_risk: np.ndarray, events: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return P(T <= t, cause) [..., K+1], 0 first (Aalen and Johansen 1978)."""
    stays = formulas.survival(at_risk, events + others)[..., :-1]
    steps = np.cumsum(stays * formulas.hazard(at_risk, events), axis=-1)
    return np.concatenate([np.zeros((*steps.shape[:-1], 1)), steps], axis=-1)


def share(at_risk: np.ndarray, events: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return, of all who leave within the units given, the share for the cause; 0 if none does."""
    own, rest = (incidence(at_risk, a, b)[..., -1] for a, b in ((events, others), (others, events)))
    whole = own + rest
    return np.divide(own, whole, out=np.zeros_like(whole), where=whole > 0)


def incidence_variance(at_risk: np.ndarray, events: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the variance of P(T <= t, cause) [K+1], counts [K].

    The Greenwood-type estimator (Andersen, Borgan, Gill and Keiding 1993, section IV.4). Without
    delayed entry it is the infinitesimal jackknife of R's survfit.
    """
    n, h, odds = _shares(at_risk, events, others)
    before = formulas.survival(at_risk, events + others)[:-1]
    curve = incidence(at_risk, events, others)
    reached = curve[1:]
    # The square of F(t) - F(s) is opened, so that one pass over s serves every t.
    square = np.cumsum(odds / n)
    cross = np.cumsum((h * before + odds * reached) / n)
    own = h * (1 - h) * before**2 + 2 * h * before * reached + odds * reached**2
    variance = np.cumsum(own / n) - 2 * reached * cross + reached**2 * square
    return np.concatenate([[0.0], np.maximum(variance, 0.0)])


def lost_variance(
    at_risk: np.ndarray, events: np.ndarray, others: np.ndarray, horizon: int
) -> float:
    """Return the variance of the sum of F(t), t = 0 .. K-1, counts [K - 1] or longer."""
    n, d, o = (a[: horizon - 1] for a in (at_risk, events, others))
    curve = incidence(n, d, o)
    units = horizon - np.arange(1, horizon)
    later = np.cumsum(curve[:0:-1])[::-1] - units * curve[1:]
    before = formulas.survival(n, d + o)[:-1]
    return _summed((n, d, o), before * units, later)


def share_variance(at_risk: np.ndarray, events: np.ndarray, others: np.ndarray) -> float:
    """Return the variance of `share`, counts [K]; 0 if nobody leaves."""
    own, rest = incidence(at_risk, events, others), incidence(at_risk, others, events)
    whole = own + rest
    if whole[-1] == 0:
        return 0.0
    value = own[-1] / whole[-1]
    before = 1 - whole[:-1]
    stays = 1 - formulas.hazard(at_risk, events + others)
    later = (own[-1] - own[1:]) - value * (whole[-1] - whole[1:])
    counts = (at_risk, events, others)
    return _summed(counts, before, value * before * stays + later) / float(whole[-1]) ** 2


def _shares(
    at_risk: np.ndarray, events: np.ndarray, others: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return n (1 where nobody is at risk), h and H / (1 - H) (0 where all leave)."""
    h, whole = formulas.hazard(at_risk, events), formulas.hazard(at_risk, events + others)
    odds = np.divide(whole, 1 - whole, out=np.zeros_like(whole), where=whole < 1)
    return np.maximum(at_risk, 1), h, odds


def _summed(
    counts: tuple[np.ndarray, np.ndarray, np.ndarray], lead: np.ndarray, later: np.ndarray
) -> float:
    """Return the sum over units of the multinomial variance of h * lead - later * H / (1 - H)."""
    n, h, odds = _shares(*counts)
    terms = h * (1 - h) * lead**2 - 2 * h * lead * later + odds * later**2
    return max(float(np.sum(terms / n)), 0.0)


def few_limits(
    at_risk: np.ndarray, events: np.ndarray, others: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return beta product limits of P(T <= t, cause) after each unit [K], conservative.

    Who left for other causes stays at risk in share: n (1 - F) / S stand in for those at risk, F
    and S just before the unit (as in Gray's test). Without censoring the limits are Clopper and
    Pearson's for all who began. The upper one trusts no unit more than the thinnest before it,
    since with delayed entry the first may be thin.
    """
    stays = formulas.survival(at_risk, events + others)[:-1]
    curve = incidence(at_risk, events, others)[:-1]
    known = int(np.argmax(stays <= formulas.ROUNDING)) if stays[-1] <= formulas.ROUNDING else None
    n = (at_risk * (1 - curve) / np.where(stays > 0, stays, 1))[:known]
    d = np.minimum(events[:known], n)
    thinnest = np.minimum.accumulate(n - d)
    both = np.stack([n, thinnest], axis=-1).reshape(-1)
    leave = np.stack([d, np.zeros_like(d)], axis=-1).reshape(-1)
    stay_low, stay_high = (a[1::2] for a in intervals.beta_product(both, leave, level))
    rest = (0, len(at_risk) - len(n))
    return np.pad(1 - stay_high, rest, mode="edge"), np.pad(1 - stay_low, rest, mode="edge")
