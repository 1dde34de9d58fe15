"""What the sections on doubt share: assumptions as they are written, and a model of few draws."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

import numpy as np

from stammkunde.chapters.exhibit import Name
from stammkunde.chapters.parts import unit
from stammkunde.chapters.policies.book.worded import assumption_title
from stammkunde.chapters.policies.numbers import spread
from stammkunde.chapters.policies.read import Decision
from stammkunde.chapters.policies.valued.anew import Anew
from stammkunde.policy.decide.one_way import ENDS, Model
from stammkunde.policy.ledger.assumption import RANGES, Source
from stammkunde.result import Estimate, Sentence, Status
from stammkunde.study import HORIZONS

FORMS = {"share": "share", "hazard": "hazard", "ratio": "ratio", "count": "count"}
CURRENCY = re.compile(r"[A-Z]{3}")
MEAN = "mean and quantiles of joint draws"
SET = "mean and quantiles of joint draws, one assumption set"
POINT = "quantile of the draws of an assumption"


def titled(decision: Decision, name: str) -> Name:
    """Return what an assumption is called in reports."""
    return assumption_title(decision.study, name)


def key_of(name: str) -> str:
    """Return the name of an assumption as a part of a result's id, which has no dots of its own."""
    return name.replace(".", "_")


def at_point(decision: Decision, name: str, value: float, how: str = POINT) -> Estimate:
    """Return a value of an assumption in its unit: somebody's, without an interval."""
    return Estimate(
        value=value,
        unit=decision.ledger.of(name).unit or "number",
        method=how,
        status=decision.ledger.of(name).status,
        reason="no interval: a point of an assumption",
    )


def written(point: Estimate) -> Sentence:
    """Return the value of an assumption with its unit."""
    known = FORMS.get(point.unit)
    if known:
        return Sentence(f"policies_doubt.point.{known}", {"at": point})
    if CURRENCY.fullmatch(point.unit):
        return Sentence("policies_doubt.point.money", {"at": point})
    if point.unit in HORIZONS:
        return Sentence("policies_doubt.point.worded", {"at": point, "word": unit(point.unit)})
    if point.unit == "number":
        return Sentence("policies_doubt.point.number", {"at": point})
    return Sentence("policies_doubt.point.worded", {"at": point, "word": point.unit})


def typed(decision: Decision) -> list[str]:
    """Return the assumptions that somebody made; what was counted in the data is none of them."""
    return [a.name for a in decision.ledger.assumptions if a.source != Source.ESTIMATED]


def doubtful(decision: Decision) -> list[str]:
    """Return those typed assumptions that are not certain."""
    return [n for n in typed(decision) if np.ptp(decision.drawn[n]) > 0]


def few(decision: Decision, count: int) -> dict[str, np.ndarray]:
    """Return the first draws of all assumptions."""
    return {n: x[:count] for n, x in decision.drawn.items()}


def steady(
    decision: Decision, count: int, *names: str, among: Collection[str] | None = None
) -> Model:
    """Return the model of the first `count` draws, for setting the assumptions of those names.

    Its means are moved by what so few draws miss of all, apart from what they miss because of these
    assumptions themselves: that goes once these are set (regression on them and their products).
    Where only those policies `among` all are looked at, the others may keep their values.
    """
    own = np.stack([np.ones(len(decision.values)), *(decision.drawn[n] for n in names)], axis=1)
    scale = np.abs(own).max(axis=0)
    lines = own / np.where(scale > 0, scale, 1.0)
    places = np.triu_indices(lines.shape[1])
    terms = lines[:, places[0]] * lines[:, places[1]]
    explained = terms @ np.linalg.lstsq(terms, decision.values, rcond=None)[0]
    missed = (explained - decision.values)[:count].mean(axis=0)

    def moved(given: Mapping[str, np.ndarray]) -> np.ndarray:
        own = decision.model
        if among is not None and isinstance(own, Anew):
            return np.asarray(own.among(given, among) + missed)
        return np.asarray(own(given) + missed)

    return moved


def others_rest(decision: Decision, name: str) -> bool:
    """Return whether policies that were not looked at may rest on an assumption."""
    return isinstance(decision.model, Anew) and decision.model.rests_on(name)


def plausible(decision: Decision, name: str) -> tuple[float, float]:
    """Return between what an assumption lies in nine draws of ten; a certain one at its value."""
    low, high = np.quantile(decision.drawn[name], ENDS)
    return float(low), float(high)


def wide(decision: Decision, name: str) -> tuple[float, float]:
    """Return a range twice as wide as is plausible, and as its unit allows.

    Of a certain assumption half and one and a half times its value.
    """
    low, high = plausible(decision, name)
    half = (high - low) / 2 if high > low else abs(low) / 2
    least, most = RANGES.get(decision.ledger.of(name).unit, (-np.inf, np.inf))
    # what is never negative, a price or a length, is not looked at below 0
    least = max(least, 0.0) if low >= 0 else least
    return max(low - half, least), min(high + half, most)


def of_draws(
    decision: Decision,
    numbers: np.ndarray,
    estimand: str,
    *,
    unit_name: str = "",
    method: str = MEAN,
    at: float | None = None,
) -> Estimate:
    """Return the mean of draws [B] (or `at`) and their quantiles, money where no unit is named."""
    return spread(
        numbers,
        unit_name or decision.currency,
        status(decision),
        estimand=estimand,
        method=method,
        at=at,
        assumptions=decision.assumptions,
    )


def status(decision: Decision) -> Status:
    """Return how far what is compared may be trusted: assumed, where one of the two is."""
    found = {decision.league.of(n).difference.status for n in rivals_of(decision)}
    return Status.ASSUMED if Status.ASSUMED in found else decision.league.evpi.status


def rivals_of(decision: Decision) -> tuple[str, str]:
    """Return the policy ahead and whom it is held against: the comparator, or who comes next."""
    order = [s.policy for s in decision.league.standings]
    other = decision.comparator if order[0] != decision.comparator else order[1]
    return order[0], other


def difference(decision: Decision, values: np.ndarray, one: str, other: str) -> np.ndarray:
    """Return by how much one policy is worth more than another [B], values [B, P]."""
    names = decision.names
    return np.asarray(values[:, names.index(one)] - values[:, names.index(other)])


def quoted(names: Iterable[Name]) -> list[Sentence]:
    """Return names in quotation marks, to be listed in a sentence."""
    return [Sentence("policies_doubt.named.quoted", {"name": n}) for n in names]
