"""What the sections on doubt share: assumptions as they are written, and a model of few draws."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np

from stammkunde.chapters.exhibit import Name
from stammkunde.chapters.parts import results
from stammkunde.chapters.policies.book.worded import assumption_title, in_unit
from stammkunde.chapters.policies.compare import challenger_of, leader_of
from stammkunde.chapters.policies.numbers import count_of, spread, status_of
from stammkunde.chapters.policies.read import Decision
from stammkunde.chapters.policies.valued.anew import Anew
from stammkunde.policy.decide.one_way import ENDS, Model
from stammkunde.policy.ledger.assumption import RANGES, Source
from stammkunde.result import Estimate, Result, Sentence, Status

# digits of what is reckoned, by its unit
DIGITS = {"hazard": 2, "ratio": 2, "number": 2}
MEAN = "mean and quantiles of joint draws"
SET = "mean and quantiles of joint draws, one assumption set"
POINT = "quantile of the draws of an assumption"
MADE = "as the ledger of assumptions has it"


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


def written(decision: Decision, point: Estimate) -> Sentence:
    """Return a value of an assumption with its unit, in as many digits as can be told apart."""
    return in_unit(point, point.unit, decision.currency, DIGITS.get(point.unit, 1))


def as_made(decision: Decision, name: str) -> Estimate:
    """Return an assumption as the ledger has it, which need not be the mean of its draws."""
    return at_point(decision, name, decision.ledger.of(name).value, MADE)


def typed(decision: Decision) -> list[str]:
    """Return the assumptions that somebody made; what was counted in the data is none of them."""
    return [a.name for a in decision.ledger.assumptions if a.source != Source.ESTIMATED]


def doubtful(decision: Decision) -> list[str]:
    """Return those typed assumptions that are not certain."""
    return [n for n in typed(decision) if np.ptp(decision.drawn[n]) > 0]


def few(decision: Decision, count: int) -> dict[str, np.ndarray]:
    """Return the first draws of all assumptions."""
    return {n: x[:count] for n, x in decision.drawn.items()}


def counts(decision: Decision, most: int) -> dict[str, object]:
    """Return the words for how many draws were used (`few`, at most so many), of how many."""
    return {"few": min(most, decision.league.draws), "draws": decision.league.draws}


def counted(decision: Decision, **most: int) -> list[Result]:
    """Return how many draws were used (at most so many) as results, by what they were used for."""
    used = {name: count_of(min(m, decision.league.draws)) for name, m in most.items()}
    return results("policy.draws", used)


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
    """Return a range twice as wide as where nine draws of ten lie, and as its unit allows.

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
    trusted: Status | None = None,
) -> Estimate:
    """Return the mean of draws [B] (or `at`) and their quantiles, money where no unit is named.

    `trusted` is its status, by default that of the two that are compared.
    """
    return spread(
        numbers,
        unit_name or decision.currency,
        trusted or status(decision),
        estimand=estimand,
        method=method,
        at=at,
        assumptions=decision.assumptions,
    )


def status(decision: Decision, *names: str) -> Status:
    """Return how far policies, by default the two compared, may be trusted: assumed if one is."""
    found = {status_of(decision, n) for n in names or the_two(decision)}
    return Status.ASSUMED if Status.ASSUMED in found else Status.ESTIMATED


def the_two(decision: Decision) -> tuple[str, str]:
    """Return the policy ahead and whom it is held against: the comparator, or who comes next."""
    one = leader_of(decision)
    ahead = one != decision.comparator
    return one, decision.comparator if ahead else challenger_of(decision)


def difference(decision: Decision, values: np.ndarray, one: str, other: str) -> np.ndarray:
    """Return by how much one policy is worth more than another [B], values [B, P]."""
    names = decision.names
    return np.asarray(values[:, names.index(one)] - values[:, names.index(other)])


def quoted(names: Iterable[Name]) -> list[Sentence]:
    """Return names in quotation marks, to be listed in a sentence."""
    return [Sentence("policies_doubt.named.quoted", {"name": n}) for n in names]
