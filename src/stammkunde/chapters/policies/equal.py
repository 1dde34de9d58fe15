"""What the same money brings in another way: policies whose amount was turned to a given spend."""

from __future__ import annotations

from collections.abc import Mapping

from stammkunde.chapters.policies.numbers import spread, status_of
from stammkunde.chapters.policies.read import Decision
from stammkunde.result import Estimate, Finding, Sentence, Status

ID, WEIGHT = "policy.compare.equal", 0.6


def for_as_much(decision: Decision, words: Mapping[str, object]) -> list[Finding]:
    """Return what the same money brings in another way, for the best of those with a dial."""
    turned = [s.policy for s in decision.league.standings if s.policy in decision.dialled]
    if not turned or not decision.dialled[turned[0]].spend:
        return []
    name = turned[0]
    apart = _apart(decision, name)
    said = dict(words) | {
        "title": decision.title(name),
        "like": decision.title(_spends_as(decision, name)),
        "apart": apart,
        "spend": _spend(decision, name),
        "dial": _dial(decision, name),
    }
    kind = "more" if (apart.low or 0.0) > 0 else "less" if (apart.high or 0.0) < 0 else "open"
    return [
        Finding(
            id=ID,
            status=apart.status,
            sentence=Sentence(f"policy.equal.{kind}", said),
            importance=WEIGHT,
            questions=(13,),
        )
    ]


def _apart(decision: Decision, name: str) -> Estimate:
    """Return what a policy is worth more than the one that spends as much."""
    like = _spends_as(decision, name)
    own, other = (decision.worths[n].total for n in (name, like))
    typed = Status.ASSUMED in {status_of(decision, n) for n in (name, like)}
    return spread(
        own - other,
        decision.currency,
        Status.ASSUMED if typed else Status.ESTIMATED,
        estimand=f"{name} less {like}, which spends as much",
        assumptions=decision.assumptions,
    )


def _spend(decision: Decision, name: str) -> Estimate:
    """Return what a policy with a dial spends, as the other does: at the means, so no interval."""
    return Estimate(
        value=decision.dialled[name].spend,
        unit=decision.currency,
        method="at the means of all assumptions",
        status=status_of(decision, name),
        assumptions=decision.assumptions,
        reason="no interval: at the means",
    )


def dialled_numbers(decision: Decision, name: str) -> dict[str, Estimate]:
    """Return what a policy's dial stands at, what it spends, and what it is worth more for that."""
    return {
        "dial": _dial(decision, name),
        "dial.spend": _spend(decision, name),
        "equal": _apart(decision, name),
    }


def _spends_as(decision: Decision, name: str) -> str:
    declared = next(p.spends_as for p in decision.study.toml.policy if p.name == name)
    return declared or decision.comparator


def _dial(decision: Decision, name: str) -> Estimate:
    """Return what a dial was turned to: no interval, it is chosen."""
    dial = decision.dialled[name]
    return Estimate(
        value=dial.value,
        unit=decision.currency,
        method=f"`{dial.dial}` turned until the spend is met, at the means of all assumptions",
        status=Status.ASSUMED,
        assumptions=decision.assumptions,
        reason="no interval: chosen",
    )
