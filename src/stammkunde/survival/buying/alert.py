"""A lapse alert by money: whom to contact because he seems to have gone.

Contacting somebody who is still there costs `false_alarm` (the letter, and the gift he did not
need); contacting somebody who has gone is worth `save` (the chance to win him back times what he
would bring, less the letter). With the chance p of still being there, contact is worth

    (1 - p) save - p false_alarm,

more than nothing exactly where p is below save / (save + false_alarm). The threshold follows from
the money and from nothing else. Who has not bought again counts as still there, so that this model
never raises the alarm for him.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.result import Estimate, Status, table_html
from stammkunde.survival.buying.alive import chances, summed
from stammkunde.survival.buying.bgnbd import METHOD, STEADY, BgNbd
from stammkunde.survival.buying.expected import still_there
from stammkunde.survival.buying.histories import Histories
from stammkunde.survival.buying.holdout import by_block
from stammkunde.survival.buying.told import Quantity, Scale, Told, telling
from stammkunde.survival.shares import share

NOBODY_CONTACTED = "nobody_contacted"
THRESHOLDS = tuple(t / 10 for t in range(1, 10))


@dataclass(frozen=True)
class Stakes:
    """What is at stake, in money: an alarm for somebody still there, one for somebody gone."""

    false_alarm: float
    save: float

    def __post_init__(self) -> None:
        if not (self.false_alarm > 0 and self.save > 0):
            raise ParameterError(
                f"an alert with stakes of {self.false_alarm:g} and {self.save:g}",
                remedy="Give what a false alarm costs and what a right one is worth, both above 0.",
            )

    @property
    def threshold(self) -> float:
        """Return the chance of still being there below which contact pays."""
        return self.save / (self.save + self.false_alarm)


@dataclass(frozen=True)
class Rule:
    """A rule of whom to contact: its name, and of each history whether [N]."""

    name: str
    who: np.ndarray
    threshold: float | None = None


@dataclass(frozen=True, kw_only=True)
class Alert:
    """A rule of whom to contact: how many, and what the model expects of it.

    `gone` is the share of those contacted who have gone, `caught` that of those gone who are
    contacted, `bothered` that of those still there who are; `gain` the money altogether and
    `gain_each` per person contacted. `threshold` is that of the chance, None for a rule of silence.
    """

    name: str
    threshold: float | None
    contacted: int
    persons: int
    gone: Estimate
    caught: Estimate
    bothered: Estimate
    gain: Estimate
    gain_each: Estimate

    def _repr_html_(self) -> str:
        rows: dict[str, object] = {"contacted": f"{self.contacted} of {self.persons}"}
        for name in ("gone", "caught", "bothered", "gain", "gain_each"):
            e = getattr(self, name)
            rows[name.replace("_", " ")] = e.reason if e.value is None else f"{e.value:.4g}"
        return table_html(rows, f"Lapse alert: {self.name}")


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """How a verdict on who has gone fared in the hold-out.

    `gone` is the share of those declared gone who bought after all, `there` that of those declared
    still there who bought nothing, `all` the share of all persons about whom it was wrong. Nobody
    is seen to go: who bought nothing may only be slow. So a rule of silence, which says who will
    not buy, is compared like with like to `buying_chances` below a half; `chances` below a half
    says who has gone, which shows only where the truth is known.
    """

    declared: int
    persons: int
    gone: Estimate
    there: Estimate
    all: Estimate


def alert(fit: BgNbd, histories: Histories, stakes: Stakes, *, level: float = 0.95) -> Alert:
    """Return the alert whose threshold the stakes set.

    Whom to contact is decided by the fit; intervals say how far what comes of it may be off.
    NotObservedError without a fit.
    """
    threshold = stakes.threshold
    below = chances(fit, histories) < threshold
    (found,) = alerts(fit, histories, stakes, [Rule("chance", below, threshold)], level=level)
    return found


def trade_off(
    fit: BgNbd,
    histories: Histories,
    stakes: Stakes,
    *,
    thresholds: Sequence[float] = THRESHOLDS,
    silent_days: Sequence[int] = (),
    level: float = 0.95,
) -> tuple[Alert, ...]:
    """Return alerts at several thresholds of the chance, then at several days of silence.

    What each catches and whom it bothers, by the model: the two sides that a threshold trades.
    NotObservedError without a fit.
    """
    chance = chances(fit, histories)
    rules = [Rule("chance", chance < t, t) for t in thresholds]
    rules += [Rule(f"{d} days", silent(histories, d)) for d in silent_days]
    return alerts(fit, histories, stakes, rules, level=level)


def silent(histories: Histories, days: float) -> np.ndarray:
    """Return whose last purchase lies more than `days` back [N]: the rule of inactivity."""
    return np.asarray(histories.length - histories.t_x > days)


def out_of_rhythm(histories: Histories, factor: float) -> np.ndarray:
    """Return who has been silent for more than `factor` of his own mean gaps [N].

    Of who has not bought again, and so has no rhythm, the mean gap of all is taken.
    """
    h = histories
    bought = int(h.count @ h.x)
    common = float(h.count @ h.t_x) / bought if bought else np.inf
    own = np.where(h.x > 0, h.t_x / np.maximum(h.x, 1), common)
    return np.asarray(h.length - h.t_x > factor * own)


def verdict(histories: Histories, gone: np.ndarray, *, level: float = 0.95) -> Wrong:
    """Return how far the verdict `gone` [N] was wrong in the hold-out; exact intervals.

    NotObservedError without a hold-out.
    """
    if histories.later is None:
        raise NotObservedError(
            "without a hold-out no verdict can be checked",
            remedy="Count histories with `later_until`.",
        )
    h, came = histories, histories.later > 0

    def of(wrong: np.ndarray, who: np.ndarray) -> Estimate:
        events, trials = (by_block(h, h.count * flag) for flag in (wrong & who, who))
        persons = int(trials.sum())
        return share(events, trials, persons=persons, repeats=False, level=level)

    everybody = np.ones(len(h.x), dtype=bool)
    return Wrong(
        declared=int(h.count[gone].sum()),
        persons=h.persons,
        gone=of(came, gone),
        there=of(~came, ~gone),
        all=of(came == gone, everybody),
    )


def alerts(
    fit: BgNbd,
    histories: Histories,
    stakes: Stakes,
    rules: Sequence[Rule],
    *,
    level: float = 0.95,
) -> tuple[Alert, ...]:
    """Return what each rule of whom to contact is expected to catch, bother and gain.

    NotObservedError without a fit.
    """
    h = histories
    if fit.moves is None:
        raise NotObservedError(
            "there is no fitted model of these purchases", remedy="See the reason of the fit."
        )
    weight = np.stack([h.count * r.who for r in rules] + [h.count], axis=1).astype(float)

    def there(parameters: np.ndarray) -> np.ndarray:
        return summed(parameters, weight, lambda p: still_there(p, h.x, h.t_x, h.length))

    sums, heads = telling(fit.moves, there), weight.sum(axis=0)
    save, cost, all_ = stakes.save, stakes.false_alarm, int(heads[-1])

    def contacts(i: int) -> Contacts:
        return Contacts(
            sums=sums,
            i=i,
            all_at=-1,
            size=int(heads[i]),
            all=all_,
            gain=lambda q: (heads[i] - q[:, i]) * save - q[:, i] * cost,
            level=level,
        )

    return tuple(alert_of(contacts(i), r.name, r.threshold) for i, r in enumerate(rules))


@dataclass(frozen=True, kw_only=True)
class Contacts:
    """How many are still there of those contacted by rule `i`, and of all: sums [B, K].

    `all_at` is the place of the sum over all; `gain` maps the sums to the money of all contacts.
    """

    sums: Told
    i: int
    all_at: int
    size: int
    all: int
    gain: Quantity
    level: float
    method: str = METHOD
    assumptions: tuple[str, ...] = (STEADY,)

    def there(self, q: np.ndarray) -> np.ndarray:
        """Return how many of those contacted are still there."""
        return np.asarray(q[:, self.i])

    def gone(self, q: np.ndarray) -> np.ndarray:
        """Return how many of those contacted have gone."""
        return np.asarray(self.size - q[:, self.i])

    def ratio(self, part: Quantity, whole: Quantity, estimand: str) -> Estimate:
        """Return the share of `whole` that `part` is; no value of nobody."""
        nobody = self.size == 0 or float(whole(self.sums.value[None])[0]) <= 0
        return self._told(lambda q: part(q) / whole(q), "share", "share", estimand, nobody)

    def gained(self, by: int, estimand: str) -> Estimate:
        """Return the expected gain of all contacts, divided by `by`."""
        return self._told(
            lambda q: self.gain(q) / by, "money", "identity", estimand, self.size == 0
        )

    def _told(
        self, pick: Quantity, unit: str, scale: Scale, estimand: str, nobody: bool
    ) -> Estimate:
        about: dict[str, Any] = {"unit": unit, "estimand": estimand, "persons": self.size}
        about |= {"method": self.method, "assumptions": self.assumptions, "level": self.level}
        if nobody:
            about |= {"status": Status.ESTIMATED, "reason": NOBODY_CONTACTED}
            return Estimate(value=None, **about)
        return self.sums.estimate(pick, scale=scale, **about)


def alert_of(contacts: Contacts, name: str, threshold: float | None) -> Alert:
    """Return the alert of a rule's contacts."""
    size, all_, at = contacts.size, contacts.all, contacts.all_at
    gone, there = contacts.gone, contacts.there
    return Alert(
        name=name,
        threshold=threshold,
        contacted=size,
        persons=all_,
        gone=contacts.ratio(gone, lambda q: np.full(len(q), float(size)), "gone if contacted"),
        caught=contacts.ratio(gone, lambda q: all_ - q[:, at], "contacted if gone"),
        bothered=contacts.ratio(there, lambda q: q[:, at], "contacted if still there"),
        gain=contacts.gained(1, "gain of all contacts"),
        gain_each=contacts.gained(size, "gain per contact"),
    )
