"""The leak of a newcomer rebate: customers who cancel and sign again as "new".

Hopping is a nuisance that differs from customer to customer, drawn evenly between 0 and
`hassle_max`; who saves more by it than it annoys him hops, once a cycle. A cool-off of some months
without the service, before one counts as new, adds what these months are worth to everybody's
nuisance. Money per customer and cycle throughout; own, simple, and to be checked against the
client's returners.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.policy.rivals.checked import Numbers, number

# points of the first grid of savings, and of those around the best one
GRIDS = (257, *(17,) * 12)


@dataclass(frozen=True, kw_only=True)
class Leak:
    """What hopping does to a base in one cycle; arrays of any one shape.

    `hopping` is the share of customers who hop, `lost` money the firm loses per customer of the
    base, `hassle` what customers waste on it, per customer of the base.
    """

    hopping: np.ndarray
    lost: np.ndarray
    hassle: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Hoppers:
    """Who hops: the highest nuisance, what a hop costs the firm, and the cool-off.

    `hassle_max` above 0; `handling` money per hop; `months` of cool-off, each of which is worth
    `service` to a customer. Numbers or arrays that broadcast; ParameterError for negative ones.
    """

    hassle_max: Numbers
    handling: Numbers = 0.0
    months: Numbers = 0.0
    service: Numbers = 0.0

    def __post_init__(self) -> None:
        number("hassle_max", self.hassle_max, least=0, above=True)
        for name in ("handling", "months", "service"):
            number(name, getattr(self, name), least=0)

    @property
    def threshold(self) -> np.ndarray:
        """Return the saving up to which nobody hops: what the service is worth in the cool-off."""
        return np.asarray(self.months, float) * self.service

    def leak(self, saving: Numbers) -> Leak:
        """Return what hopping does where who signs as new saves `saving` per cycle.

        Without a cool-off: share saving / hassle_max, lost saving (saving + handling) / hassle_max,
        hassle saving^2 / (2 hassle_max); all hop from hassle_max (and the cool-off's worth) on.
        ParameterError for a negative saving.
        """
        d = number("saving", saving, least=0)
        low, spread = self.threshold, np.asarray(self.hassle_max, float)
        beyond = np.clip(d - low, 0.0, spread)
        share = beyond / spread
        return Leak(
            hopping=share,
            lost=share * (d + self.handling),
            hassle=share * (low + beyond / 2),
        )


@dataclass(frozen=True, kw_only=True)
class Best:
    """The saving for newcomers that earns most, and what it earns per cycle (`profit`, money)."""

    saving: np.ndarray
    profit: np.ndarray


def best_saving(
    hoppers: Hoppers, *, newcomers: Numbers, response: Numbers, value: Numbers, base: Numbers
) -> Best:
    """Return the saving D that earns most where newcomers are `newcomers` + `response` D.

    Earned are (newcomers + response D)(value - D) - base lost(D), with `value` what a newcomer is
    worth before his saving and `base` the customers who could hop; between the savings from which
    on some and all hop the best one solves
    base (2 D + handling - threshold) / hassle_max = response (value - D) - newcomers(D).
    All of hopping, some and none are compared, since the sum may have two peaks. Arguments
    broadcast, draws with draws. ParameterError for negative ones.
    """
    n, eta = number("newcomers", newcomers, least=0), number("response", response, least=0)
    w, b = number("value", value, least=0), number("base", base, least=0)
    low, spread, k = hoppers.threshold, np.asarray(hoppers.hassle_max), hoppers.handling
    push = eta * w - n
    peaks = (
        (push, 2 * eta, 0.0, low),
        (push - b * (k - low) / spread, 2 * (eta + b / spread), low, low + spread),
        (push - b, 2 * eta, low + spread, np.inf),
    )
    savings = [_clipped(*p) for p in peaks]
    shape = np.broadcast_shapes(*(np.shape(x) for x in savings))
    options = np.stack([np.broadcast_to(x, shape) for x in savings])
    profits = (n + eta * options) * (w - options) - b * hoppers.leak(options).lost
    best = np.argmax(profits, axis=0)[None]
    return Best(
        saving=np.take_along_axis(options, best, 0)[0],
        profit=np.take_along_axis(profits, best, 0)[0],
    )


def _clipped(push: np.ndarray, pull: np.ndarray, low: Numbers, high: Numbers) -> np.ndarray:
    # where more saving brings nobody, the sum falls from the start
    safe = np.where(pull > 0, pull, 1.0)
    top = np.where(pull > 0, push / safe, -np.inf)
    return np.asarray(np.clip(top, low, high))


def best_saving_for(
    hoppers: Hoppers,
    newcomers: Callable[[np.ndarray], np.ndarray],
    *,
    value: Numbers,
    base: Numbers,
    most: Numbers,
) -> Best:
    """Return the saving between 0 and `most` that earns most, for any response of newcomers.

    `newcomers` maps savings [..., G] to how many come, for as many draws as `value`, `base` and
    `most` have on their leading axes; what is earned as in `best_saving`. Found on a grid of 257
    savings, drawn closer around the best one twelve times: narrower peaks than most / 256 may be
    missed. ParameterError where newcomers are no numbers, or fewer than none.
    """
    w, b = number("value", value, least=0), number("base", base, least=0)
    shape = np.broadcast_shapes(*(np.shape(x) for x in (w, b, most, *vars(hoppers).values())))
    last = Hoppers(**{n: np.asarray(x, float)[..., None] for n, x in vars(hoppers).items()})
    low, high = np.zeros(shape), np.broadcast_to(number("most", most, least=0), shape)
    for points in GRIDS:
        step = (high - low) / (points - 1)
        grid = low[..., None] + step[..., None] * np.arange(points)
        come = np.asarray(newcomers(grid), float)
        if not (np.isfinite(come).all() and (come >= 0).all()):
            raise ParameterError(
                "the response gives fewer newcomers than none, or no number",
                remedy="Give a function that is 0 or more for every saving.",
            )
        profit = come * (w[..., None] - grid) - b[..., None] * last.leak(grid).lost
        at = np.argmax(profit, axis=-1)[..., None]
        best = np.take_along_axis(grid, at, -1)[..., 0]
        earned = np.take_along_axis(profit, at, -1)[..., 0]
        low, high = np.maximum(best - step, low), np.minimum(best + step, high)
    return Best(saving=best, profit=earned)
