"""Rules of whom to contact: what each is expected to bring, and what it would have met."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stammkunde.chapters.buying.read import Buying
from stammkunde.result import Estimate, Sentence
from stammkunde.study import Study
from stammkunde.survival.buying import (
    Alert,
    BgNbd,
    Contact,
    GammaGamma,
    Histories,
    Pair,
    Rule,
    Stakes,
    alerts,
    at_most,
    best_threshold,
    chances,
    contacts,
    gamma_gamma,
    pairs_among,
    returns,
    silent,
    worth_contacting,
)
from stammkunde.survival.buying.histories import days_of

OWN, ONE = "own_worth", "one_threshold"
THRESHOLDS = (0.2, 0.4, 0.6, 0.8)
VAGUE = 0.15
NO_STAKES = Stakes(false_alarm=1.0, save=1.0)
Who = Callable[[BgNbd, GammaGamma | None, Histories], np.ndarray]


@dataclass(frozen=True)
class Choice:
    """A rule of whom to contact, as a function of what is known on a day; `key` is that of results.

    `kind` is "money", "chance" or "silence".
    """

    key: str
    kind: str
    label: Sentence
    who: Who


@dataclass(frozen=True)
class Told:
    """What a rule is expected to bring today, and whom it would have named in the middle.

    `at_most` is what it can have brought at most, `then` the gain that was to be expected, told of
    the choice by own worth alone.
    """

    choice: Choice
    alert: Alert
    tried: Pair | None
    at_most: Estimate | None
    then: Estimate | None


@dataclass(frozen=True, kw_only=True)
class Priced:
    """All rules; `contact` is None where no stakes are known.

    `threshold` is the best one for all, `brings` what the most promising contact is expected to
    return, `whole` the same were everybody who has gone won back. Without stakes all are 0.
    """

    told: tuple[Told, ...]
    contact: Contact | None
    threshold: float = 0.0
    brings: float = 0.0
    whole: float = 0.0

    @property
    def break_even(self) -> float:
        """Return the share to be won back from which contact pays for somebody; 0 for nobody."""
        return self.contact.cost / self.whole if self.contact and self.whole > 0 else 0.0

    def of(self, key: str) -> Told | None:
        """Return what is told of one rule, None where it is not among them."""
        return next((t for t in self.told if t.choice.key == key), None)


def stakes_of(study: Study, bought: Buying) -> Contact | None:
    """Return what a contact costs and may bring; None without stakes or spending."""
    declared, fit, spend = study.toml.data.alert, bought.fit, bought.spend
    if declared is None or fit is None or spend is None or spend.mean.value is None:
        return None
    ahead = declared.months * days_of("month") / fit.days
    return Contact(declared.cost, declared.won_back, declared.margin_share, ahead)


def priced(study: Study, bought: Buying) -> Priced:
    """Return all rules of whom to contact, told with money where stakes are known.

    Rules that name fewer persons than may be shown are left out, but for that by own worth.
    """
    fit, h, contact = bought.fit, bought.histories, stakes_of(study, bought)
    assert fit is not None
    assert h is not None
    choices = _choices(study, contact)
    rules = [Rule(c.key, c.who(fit, bought.spend, h)) for c in choices]
    if contact is None:
        found = alerts(fit, h, NO_STAKES, rules)
    else:
        assert bought.spend is not None
        found = contacts(fit, bought.spend, h, contact, rules)
    least = study.toml.report.smallest_group
    past = _past(bought, choices, contact, least)
    nothing = (None, None, None)
    told = tuple(
        Told(c, a, *past.get(c.key, nothing))
        for c, a in zip(choices, found, strict=True)
        if a.contacted >= least or c.key == OWN
    )
    return _with_stakes(bought, told, contact)


def _with_stakes(bought: Buying, told: tuple[Told, ...], contact: Contact | None) -> Priced:
    fit, spend, h = bought.fit, bought.spend, bought.histories
    if contact is None or fit is None or spend is None or h is None:
        return Priced(told=told, contact=None)
    most = float(((1 - chances(fit, h)) * returns(fit, spend, h, contact)).max(initial=0.0))
    return Priced(
        told=told,
        contact=contact,
        threshold=best_threshold(fit, spend, h, contact),
        brings=most,
        whole=most / contact.won_back,
    )


def _choices(study: Study, contact: Contact | None) -> list[Choice]:
    own = [] if contact is None else [_own(contact), _one(contact)]
    lapse = study.toml.data.lapse
    days = () if lapse is None else sorted({lapse.gap_days, *lapse.compare_days})
    silence = [_silent(d, again=False) for d in days]
    silence += [_silent(d, again=True) for d in days]
    return [*own, *map(_below, THRESHOLDS), *silence]


def _own(contact: Contact) -> Choice:
    def who(fit: BgNbd, spend: GammaGamma | None, h: Histories) -> np.ndarray:
        return _nobody(h) if spend is None else worth_contacting(fit, spend, h, contact)

    return Choice(OWN, "money", Sentence("alert.rule.own"), who)


def _one(contact: Contact) -> Choice:
    def who(fit: BgNbd, spend: GammaGamma | None, h: Histories) -> np.ndarray:
        if spend is None:
            return _nobody(h)
        return chances(fit, h) < best_threshold(fit, spend, h, contact)

    return Choice(ONE, "money", Sentence("alert.rule.one"), who)


def _below(threshold: float) -> Choice:
    def who(fit: BgNbd, spend: GammaGamma | None, h: Histories) -> np.ndarray:
        return chances(fit, h) < threshold

    label = Sentence("alert.rule.chance", {"threshold": threshold})
    return Choice(f"chance_below_{100 * threshold:.0f}", "chance", label, who)


def _silent(days: int, *, again: bool) -> Choice:
    def who(fit: BgNbd, spend: GammaGamma | None, h: Histories) -> np.ndarray:
        return silent(h, days) & ((h.x > 0) | (not again))

    kind = "repeat" if again else "silent"
    label = Sentence(f"alert.rule.{kind}", {"days": days, "count": days})
    return Choice(f"{kind}_{days}", "silence", label, who)


def _nobody(h: Histories) -> np.ndarray:
    return np.zeros(len(h.x), dtype=bool)


def _past(
    bought: Buying, choices: list[Choice], contact: Contact | None, least: int
) -> dict[str, tuple[Pair, Estimate | None, Estimate | None]]:
    """Return whom each rule would have named in the middle, and how many of them then bought.

    With money what it can have brought at most, and what was expected. Rules that would have named
    too few are left out.
    """
    held, before = bought.held, bought.before
    if held is None or before is None:
        return {}
    spend = gamma_gamma(held) if contact is not None else None
    if spend is not None and spend.mean.value is None:
        spend = None
    every = [Rule(c.key, c.who(before, spend, held)) for c in choices]
    named = [r for r in every if int(held.count[r.who].sum()) >= least]
    pairs = pairs_among(before, held, [r.who for r in named])
    if contact is None or spend is None:
        return {r.name: (p, None, None) for r, p in zip(named, pairs, strict=True)}
    # of who bought once nothing is known that he would bring
    most = [
        at_most(before, spend, held, contact, r.who) if (held.x[r.who] > 0).all() else None
        for r in named
    ]
    own = {
        r.name: _expected(before, spend, held.where(r.who), contact) for r in named if r.name == OWN
    }
    lines = zip(named, pairs, most, strict=True)
    return {rule.name: (pair, gain, own.get(rule.name)) for rule, pair, gain in lines}


def _expected(fit: BgNbd, spend: GammaGamma, part: Histories, contact: Contact) -> Estimate:
    """Return the gain to be expected of contacting all of a part."""
    (told,) = contacts(fit, spend, part, contact, [Rule(OWN, ~_nobody(part))])
    return told.gain


def judged(pair: Pair) -> str:
    """Return whether as many came back as expected, more or fewer, or nobody can say."""
    seen, expected = pair.observed, pair.expected.value
    if seen.low is None or seen.high is None or expected is None:
        return "open"
    if seen.low <= expected <= seen.high:
        return "open" if seen.high - seen.low > 2 * VAGUE else "hit"
    return "more" if expected < seen.low else "fewer"
