"""Whom to contact: a world in which it is known who has gone, and what each would bring back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from stammkunde.survival.buying import (
    Contact,
    Histories,
    Rule,
    Stakes,
    best_threshold,
    bg_nbd,
    chances,
    contacts,
    gamma_gamma,
    histories_from,
    returns,
    silent,
    worth_contacting,
)
from stammkunde.survival.buying.alive import spends
from stammkunde.survival.buying.expected import if_back, still_there
from tests.validate.buying import ALPHA, GAMMA, TICKS, TRUE, A, B, P, Q, R, less
from tests.validate.counting import dealt
from tests.validate.rule import Check, Recipe, Three

NAN = float("nan")
WEEKS = np.array([30, 40, 50, 60])
CONTACT = Contact(cost=2.0, won_back=0.1, margin_share=0.4, ahead=52)
SPEND = np.log(np.array([[P, Q, 100 * GAMMA]]))
SILENT = (8, 13, 26)
GRID = (0.2, 0.4, 0.6, 0.8)


@dataclass(frozen=True)
class Worths:
    """Drawn histories; of each whether the person has gone, and what he would bring if won back.

    `brings` is the mean over what may still happen to a person of his own rate, chance and spend.
    """

    histories: Histories
    gone: np.ndarray
    brings: np.ndarray

    def gained(self, who: np.ndarray) -> float:
        """Return what contacting the persons `who` [N] gains, knowing who has gone."""
        each = np.where(self.gone, self.brings, 0.0) - CONTACT.cost
        return float(each[who].sum())


def drawn(rng: np.random.Generator, size: int) -> Worths:
    """Return persons of a BG/NBD and a gamma-gamma, each in a row of his own."""
    rate = rng.gamma(R, 1 / (ALPHA * TICKS), size)
    chance = np.clip(rng.beta(A, B, size), 1e-12, 1.0)
    goes_with = rng.geometric(chance)
    end = rng.choice(WEEKS, size) * TICKS
    x, last, now = (np.zeros(size) for _ in range(3))
    open_ = np.arange(size)
    while open_.size:
        now[open_] += rng.exponential(1 / rate[open_])
        open_ = open_[now[open_] <= end[open_]]
        x[open_] += 1
        last[open_] = now[open_]
        open_ = open_[x[open_] < goes_with[open_]]
    dear = rng.gamma(Q, 1 / GAMMA, size)
    cents = np.where(x > 0, np.rint(100 * rng.gamma(P * np.maximum(x, 1)) / dear), 0)
    h = histories_from(
        x.astype(int),
        np.clip(np.ceil(last), x > 0, end).astype(int),
        end,
        block=dealt(rng, size),
        spent=cents.astype(int),
        # who is who, for the histories are put in order
        later=np.arange(size),
        days=TICKS,
    )
    assert h.later is not None
    ahead = CONTACT.ahead * TICKS
    again = -np.expm1(-rate * chance * ahead) / chance
    brings = CONTACT.won_back * CONTACT.margin_share * again * P / dear
    return Worths(h, (x >= goes_with)[h.later], brings[h.later])


def by_worth(rng: np.random.Generator) -> Mapping[str, Three]:
    world = drawn(rng, 6000)
    h = world.histories
    fit, spend = bg_nbd(h), gamma_gamma(h)
    p, brings = chances(fit, h), returns(fit, spend, h, CONTACT)
    each = (1 - p) * brings - CONTACT.cost
    own = worth_contacting(fit, spend, h, CONTACT)
    one = p < best_threshold(fit, spend, h, CONTACT)
    # one worth for all, the mean of all, as if nobody were worth more than another
    mean = Stakes(CONTACT.cost, float(brings.mean()) - CONTACT.cost)
    alike = p < mean.threshold
    said = float(mean.save * (1 - p)[alike].sum() - mean.false_alarm * p[alike].sum())
    best = world.gained(own)
    found = {
        "gain, less truth": float(each[own].sum()) - best,
        "gain at one threshold, less truth": float(each[one].sum()) - world.gained(one),
        "share gone of those contacted, less truth": float((1 - p - world.gone)[own].mean()),
        "gain with one worth for all, less truth": said - world.gained(alike),
        "one threshold, by own worth": world.gained(one) / best,
    }
    found |= {f"threshold {t:g}, by own worth": world.gained(p < t) / best for t in GRID}
    found |= {
        f"silent for {w} weeks, by own worth": world.gained(silent(h, w * TICKS)) / best
        for w in SILENT
    }
    return {name: (value, NAN, NAN) for name, value in found.items()}


BY_WORTH = Recipe(
    "lapse alert by money",
    "6000 customers who buy and spend as above, of whom it is known who has gone and what each "
    "would bring if won back: a contact costs 2, a tenth comes back, 40 % of what they pay in 52 "
    "weeks is earned. Other rules of whom to contact gain less than each by his own worth",
    (
        Check("gain, less truth", 0.0, "none", ""),
        Check("gain at one threshold, less truth", 0.0, "none", ""),
        Check("share gone of those contacted, less truth", 0.0, "none", ""),
        Check("gain with one worth for all, less truth", 0.0, "must miss", ""),
        Check("one threshold, by own worth", 1.0, "must miss", ""),
        *(Check(f"threshold {t:g}, by own worth", 1.0, "must miss", "") for t in GRID),
        *(Check(f"silent for {w} weeks, by own worth", 1.0, "must miss", "") for w in SILENT),
    ),
    by_worth,
)


def with_doubt(rng: np.random.Generator) -> Mapping[str, Three]:
    h = drawn(rng, 800).histories
    fit, spend = bg_nbd(h), gamma_gamma(h)
    part = h.where(worth_contacting(fit, spend, h, CONTACT))
    (told,) = contacts(fit, spend, part, CONTACT, [Rule("own worth", part.count > 0)])
    there = still_there(TRUE, part.x, part.t_x, part.length)[0]
    again = if_back(TRUE, part.x, part.t_x, CONTACT.ahead * TICKS)[0]
    earned = CONTACT.won_back * CONTACT.margin_share * again * spends(SPEND, part)[0] / 100
    truth = float(((1 - there) * earned - CONTACT.cost).sum())
    return {
        "gain, less truth": less(told.gain, truth),
        "share gone, less truth": less(told.gone, float((1 - there).mean())),
    }


DOUBT = Recipe(
    "lapse alert by money, its intervals",
    "800 such customers; truths are what the true parameters expect of those contacted",
    (
        Check("gain, less truth", 0.0, ""),
        Check("share gone, less truth", 0.0, ""),
    ),
    with_doubt,
)

RECIPES = [BY_WORTH, DOUBT]
