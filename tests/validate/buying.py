"""Customers without a contract: worlds whose rates, chances to go and spending are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from stammkunde.result import Estimate
from stammkunde.survival.buying import (
    BgNbd,
    Histories,
    Stakes,
    alert,
    alive_share,
    bg_nbd,
    chances,
    gamma_gamma,
    histories_from,
    pairs_by_purchases,
    purchases_ahead,
    purchases_of_newcomer,
    silent,
)
from stammkunde.survival.buying.alive import bought, spends
from stammkunde.survival.buying.expected import from_start, still_there, to_come
from tests.validate.counting import dealt
from tests.validate.rule import Check, Recipe, Three, three

NAN = float("nan")
# hundredths of days, so that no two purchases of one person fall together
TICKS = 700
R, ALPHA, A, B = 0.8, 6.0, 0.8, 2.4
TRUE = np.log(np.array([[R, ALPHA * TICKS, A, B]]))
AHEAD, SILENT = 26, 13
WEEKS = np.array([30, 40, 50, 60])
STAKES = Stakes(false_alarm=2.0, save=6.0)


@dataclass(frozen=True)
class Lives:
    """Drawn histories, and of each whether the person is still there."""

    histories: Histories
    there: np.ndarray


def drawn(rng: np.random.Generator, size: int, *, blocks: bool = True) -> Lives:
    """Return persons of a BG/NBD, seen for 30, 40, 50 or 60 weeks, and for 26 weeks after that."""
    rate = rng.gamma(R, 1 / (ALPHA * TICKS), size)
    goes_with = rng.geometric(np.clip(rng.beta(A, B, size), 1e-12, 1.0))
    length = rng.choice(WEEKS, size) * TICKS
    end = length + AHEAD * TICKS
    x, later, last, now, n = (np.zeros(size) for _ in range(5))
    open_ = np.arange(size)
    while open_.size:
        now[open_] += rng.exponential(1 / rate[open_])
        n[open_] += 1
        open_ = open_[now[open_] <= end[open_]]
        seen = now[open_] <= length[open_]
        x[open_[seen]] += 1
        last[open_[seen]] = now[open_[seen]]
        later[open_[~seen]] += 1
        open_ = open_[n[open_] < goes_with[open_]]
    h = histories_from(
        x.astype(int),
        np.clip(np.ceil(last), x > 0, length).astype(int),
        length,
        block=dealt(rng, size) if blocks else None,
        # the truth comes along as what followed, for the histories are put in order
        later=(later * 2 + (x < goes_with)).astype(int),
        days=TICKS,
        holdout=AHEAD * TICKS,
    )
    assert h.later is not None
    there = (h.later % 2).astype(bool)
    return Lives(Histories(**{**vars(h), "later": h.later // 2}), there)


def logs(estimate: Estimate) -> Three:
    """Return value and limits of a positive number as logarithms."""
    value, low, high = np.log(three(estimate))
    return float(value), float(low), float(high)


def less(estimate: Estimate, truth: float) -> Three:
    """Return value and limits less a truth that differs from world to world."""
    value, low, high = three(estimate)
    return value - truth, low - truth, high - truth


def by(estimate: Estimate, truth: float) -> Three:
    """Return value and limits divided by a truth that differs from world to world."""
    value, low, high = three(estimate)
    return value / truth, low / truth, high / truth


def parameters(fit: BgNbd) -> dict[str, Three]:
    names = {"r": fit.r, "alpha": fit.alpha, "a": fit.a, "b": fit.b}
    return {f"log {name}": logs(e) for name, e in names.items()}


def recovered(rng: np.random.Generator) -> Mapping[str, Three]:
    h = drawn(rng, 3000).histories
    fit = bg_nbd(h)
    share = float(still_there(TRUE, h.x, h.t_x, h.length)[0] @ h.count) / h.persons
    total = float(bought(TRUE, h, AHEAD * TICKS)[0] @ h.count)
    quiet = float(h.count @ ~silent(h, SILENT * TICKS)) / h.persons
    steady = float(h.count @ (h.x / h.length)) * AHEAD * TICKS
    return {
        **parameters(fit),
        "mean rate": three(fit.rate),
        "mean chance to go": three(fit.chance),
        "newcomer, 52 weeks": three(purchases_of_newcomer(fit, 52)),
        "still there, less truth": less(alive_share(fit, h), share),
        "purchases ahead by truth": by(purchases_ahead(fit, h, AHEAD), total),
        "not silent for 13 weeks, less truth": (quiet - share, NAN, NAN),
        "as many as ever, by truth": (steady / total, NAN, NAN),
    }


NEWCOMER = float(from_start(TRUE, np.array([52.0 * TICKS]))[0, 0])
RECOVERY = Recipe(
    "BG/NBD",
    "3000 customers with r .8, alpha 6 weeks, a .8, b 2.4, seen for 30 to 60 weeks; truths of the "
    "customers drawn are what the true parameters expect of their histories",
    (
        Check("log r", float(np.log(R))),
        Check("log alpha", float(np.log(ALPHA))),
        Check("log a", float(np.log(A))),
        Check("log b", float(np.log(B))),
        Check("mean rate", R / ALPHA),
        Check("mean chance to go", A / (A + B)),
        Check("newcomer, 52 weeks", NEWCOMER),
        Check("still there, less truth", 0.0),
        Check("purchases ahead by truth", 1.0),
        Check("not silent for 13 weeks, less truth", 0.0, "must miss", ""),
        Check("as many as ever, by truth", 1.0, "must miss", ""),
    ),
    recovered,
)


def without_blocks(rng: np.random.Generator) -> Mapping[str, Three]:
    fit = bg_nbd(drawn(rng, 3000, blocks=False).histories)
    return {**parameters(fit), "newcomer, 52 weeks": three(purchases_of_newcomer(fit, 52))}


INFORMATION = Recipe(
    "BG/NBD, errors by information",
    "the same customers, in no blocks",
    (*RECOVERY.checks[:4], RECOVERY.checks[6]),
    without_blocks,
)


def known_truth(rng: np.random.Generator) -> Mapping[str, Three]:
    lives = drawn(rng, 1500)
    h, there = lives.histories, lives.there
    fit = bg_nbd(h)
    p = chances(fit, h)
    found: dict[str, Three] = {}
    for low, high in BINS:
        part = (p >= low) & (p < high)
        n = h.count[part].sum()
        off = float(h.count[part] @ (there[part] - p[part])) / max(n, 1)
        found[f"still there of {low:g} to {high:g}"] = (off, NAN, NAN)
    told = alert(fit, h, STAKES)
    called = p < STAKES.threshold
    right = float(h.count[called] @ ~there[called])
    truth = right * STAKES.save - (told.contacted - right) * STAKES.false_alarm
    found["gain of the alert, less truth"] = less(told.gain, truth)
    quiet = silent(h, SILENT * TICKS)
    gone = float(h.count[quiet] @ ~there[quiet])
    every = float(h.count @ quiet)
    found["silent, taken for gone"] = ((every - gone) / every, NAN, NAN)
    for pair in pairs_by_purchases(fit, h, most=MOST):
        found[f"observed after {pair.first:g} repeats"] = three(pair.observed)
        found[f"expected after {pair.first:g} repeats"] = (pair.expected.value or NAN, NAN, NAN)
    return found


def after(first: int, last: int) -> float:
    """Return the mean of purchases in the 26 weeks after, of those with so many repeats.

    The chance of x repeats in T, and still there or gone: Fader, Hardie and Lee (2005), equation 8.
    Who is still there after x in T has the same expectation whenever the last of them was.
    """
    x = np.arange(first, last + 1)
    bought_, persons = 0.0, 0.0
    for weeks in WEEKS:
        share = stats.nbinom.pmf(np.arange(last + 1), R, ALPHA / (ALPHA + weeks))
        there = special.beta(A, B + x) / special.beta(A, B) * share[x]
        more = 1 - np.concatenate([[0.0], np.cumsum(share)])[x]
        goes = special.beta(A + 1, B + np.maximum(x, 1) - 1) / special.beta(A, B)
        persons += float((there + np.where(x > 0, goes * more, 0.0)).sum())
        ahead = to_come(TRUE, x, np.full(len(x), weeks * TICKS), float(AHEAD * TICKS))[0]
        bought_ += float(there @ ahead)
    return bought_ / persons


MOST, MANY = 3, 300
AFTER = [*(after(x, x) for x in range(MOST)), after(MOST, MANY)]


BINS = ((0.0, 0.3), (0.3, 0.6), (0.6, 0.9))
TRUTH = Recipe(
    "still there or gone",
    "1500 such customers, of whom it is known who has gone: shares truly there less chances told; "
    "what an alert with 2 a false alarm and 6 a right one brings; purchases in the 26 weeks after",
    (
        *(Check(f"still there of {low:g} to {high:g}", 0.0, "none", "") for low, high in BINS),
        Check("gain of the alert, less truth", 0.0, "none", ""),
        Check("silent, taken for gone", 0.0, "must miss", ""),
        *(Check(f"observed after {x} repeats", t) for x, t in enumerate(AFTER)),
        *(Check(f"expected after {x} repeats", t, "none", "") for x, t in enumerate(AFTER)),
    ),
    known_truth,
)

P, Q, GAMMA = 6.0, 4.0, 15.0


def spent(rng: np.random.Generator) -> Mapping[str, Three]:
    size = 1500
    x = rng.geometric(0.3, size)
    rate = rng.gamma(Q, 1 / GAMMA, size)
    cents = np.rint(100 * rng.gamma(P * x) / rate).astype(int)
    h = histories_from(x, x, x, block=dealt(rng, size), spent=cents)
    fit = gamma_gamma(h)
    assert h.spent is not None
    assert fit.moves is not None
    own = h.spent / h.x / 100
    dear = own >= np.quantile(np.repeat(own, h.count), 0.9)
    n = h.count[dear].sum()
    truth = spends(np.log(np.array([[P, Q, 100 * GAMMA]])), h)[0] / 100
    said = spends(fit.moves.at[None], h)[0] / 100
    return {
        "log p": logs(fit.p),
        "log q": logs(fit.q),
        "log gamma": logs(fit.gamma),
        "mean spend": three(fit.mean),
        "dearest tenth, by truth": (
            float(h.count[dear] @ said[dear]) / float(h.count[dear] @ truth[dear]),
            NAN,
            NAN,
        ),
        "dearest tenth, as before": (
            float(h.count[dear] @ (own[dear] - truth[dear])) / float(n),
            NAN,
            NAN,
        ),
    }


SPENDING = Recipe(
    "gamma-gamma",
    "1500 customers with 1 or more repeat purchases, p 6, q 4, gamma 15; the tenth that spent most "
    "per purchase is expected to spend less from now on",
    (
        Check("log p", float(np.log(P))),
        Check("log q", float(np.log(Q))),
        Check("log gamma", float(np.log(GAMMA))),
        Check("mean spend", P * GAMMA / (Q - 1)),
        Check("dearest tenth, by truth", 1.0, "none", ""),
        Check("dearest tenth, as before", 0.0, "must miss", ""),
    ),
    spent,
)

RECIPES = [RECOVERY, INFORMATION, TRUTH, SPENDING]
