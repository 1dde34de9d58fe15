"""How a finished pilot is analysed: as a question that the evidence room answers."""

from __future__ import annotations

from typing import Any

from stammkunde.errors import ParameterError
from stammkunde.evidence.asking import QuestionToml
from stammkunde.evidence.asking.keys import check_question
from stammkunde.policy.pilot.protocol import Decision, Protocol
from stammkunde.result import Estimate
from stammkunde.spells.months import moved


def question_of(protocol: Protocol) -> QuestionToml:
    """Return the question, its assignment drawn by lot, whose answer is that of the pilot.

    Customers of today are compared from the day of their row in the table of offers on, newcomers
    from sign-up, clusters from the day on which the pilot began. Who was dealt within strata is
    compared within them; the smallest effect that matters is the one the pilot was made for.
    SchemaError, naming the key, where the evidence room would not take it.
    """
    p = protocol
    question = QuestionToml(
        name=p.name,
        title=p.title,
        treated=p.treated,
        control=p.control,
        assignment="drawn",
        where=p.where,
        horizon=p.horizon,
        relevant=p.enough.difference,
        by=p.by,
        claims=p.claims,
        euro=p.euro,
        **_drawn(p),
    )
    check_question(question, place="protocol")
    return question


def decided(protocol: Protocol, months: Estimate) -> Decision:
    """Return what the pilot's difference in expected units says: introduce, drop, or undecided.

    "introduce" where the whole interval lies above what pays, "drop" where it lies below it; a
    difference without an interval decides nothing, nor does any where none was agreed to.
    ParameterError for an interval of another level than was agreed, or another unit.
    """
    agreed = (protocol.deciding.level, protocol.unit)
    if (months.level, months.unit) != agreed:
        raise ParameterError(
            f"an interval of {months.level:g} in {months.unit}s, where {agreed[0]:g} in"
            f" {agreed[1]}s was agreed",
            where=f"protocol `{protocol.name}`",
            remedy="Decide by what the protocol says.",
        )
    pays = protocol.deciding.pays
    if months.low is None or months.high is None or pays is None:
        return "undecided"
    return "introduce" if months.low > pays else "drop" if months.high < pays else "undecided"


def harmed(protocol: Protocol, months: Estimate) -> bool:
    """Return whether a look ends the pilot: the treated do worse by more than chance explains.

    By standard errors, as `Stopping` says; a difference without an error ends nothing.
    """
    if months.value is None or not months.se:
        return False
    return months.value / months.se < -protocol.stopping.harm


def _drawn(p: Protocol) -> dict[str, Any]:
    """Return the keys that say what was dealt, to whom, and from when on it counts."""
    if p.population == "clusters":
        return {"column": p.column, "cluster": p.cluster, "day": p.begins}
    own: dict[str, Any] = {"offer": p.offer, "alike": p.strata}
    if p.population == "base":
        return own | {"on_its_day": True}
    signed = {"signed_from": p.begins, "signed_before": moved(p.begins, p.entering, p.unit)}
    return own | signed | {"lasts": p.lasts}
