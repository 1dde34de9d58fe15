"""What happens: the most frequent cause, the share that can be influenced, what is lost."""

from __future__ import annotations

from collections.abc import Mapping

from stammkunde.chapters.parts import remarks
from stammkunde.chapters.reasons.causes import (
    MOSTLY,
    NO,
    OPEN,
    UNSTATED,
    YES,
    Causes,
    quoted,
    share_for,
)
from stammkunde.result import Estimate, Finding, Sentence, Status
from stammkunde.study import Study
from stammkunde.survival.causes import months_lost

DECLARED = "controllable_as_declared"
Told = tuple[list[Finding], dict[str, Estimate]]
Words = Mapping[str, object]


def largest(study: Study, found: Causes, words: Words, _: Mapping[str, Estimate]) -> Told:
    """Return the finding on the most frequent cause; on two where their intervals overlap."""
    key, told = most_frequent(study, found)
    numbers, lacking = _unstated(study, found)
    said = [Sentence("reasons.unstated", {**words, "share": e}) for e in numbers.values()]
    finding = Finding(
        id="reasons.largest",
        status=found.stay.status,
        assumptions=found.stay.assumptions,
        sentence=Sentence(f"reasons.{key}", {**words, **told}),
        importance=0.2 if lacking else 0.4,
        remarks=(Sentence("reasons.recorded"), *said, *remarks(*_estimates(found))),
        figure="reasons.stacked",
        table="reasons.causes",
    )
    return [finding], numbers


def most_frequent(study: Study, found: Causes) -> tuple[str, dict[str, object]]:
    """Return which sentence the most frequent causes deserve, and their names and shares.

    "largest" is told where its interval lies above that of the next, else "two"; "only" where one
    cause alone was large enough to be shown, "mostly" where it is shown with all others. The shares
    cannot both be large, so intervals that do not overlap tell them apart.
    """
    first, *others = found.stated
    one = found.curves[first].at(found.span)
    told: dict[str, object] = {"cause": found.names[first], "f": one}
    if first == MOSTLY:
        told |= {"least": study.toml.report.smallest_group, "rest": quoted(found.merged)}
        return "mostly", told | {"count": len(found.merged)}
    if not others:
        return "only", told
    other = found.curves[others[0]].at(found.span)
    told |= {"next": found.names[others[0]], "f_next": other}
    return "largest" if _above(one, other) else "two", told


def _estimates(found: Causes) -> list[Estimate]:
    return [found.curves[c].at(found.span) for c in found.stated[:2]]


def _above(one: Estimate, other: Estimate) -> bool:
    return one.low is not None and other.high is not None and one.low > other.high


def _unstated(study: Study, found: Causes) -> tuple[dict[str, Estimate], bool]:
    """Return the share of leavers without a recorded cause, and whether they are the most."""
    blank = [c for c in found.seen if c in UNSTATED]
    if not blank:
        return {}, False
    share = share_for(study, found, blank)
    if share.value is None:
        return {}, False
    most = max(found.curves[c].value[found.span] for c in blank)
    first = found.curves[found.stated[0]].value[found.span]
    return {f"unstated.{found.span}": share}, bool(most > first)


def controllable(study: Study, found: Causes, words: Words, _: Mapping[str, Estimate]) -> Told:
    """Return the finding on the share of leavers whom the client might have kept.

    Causes of which nobody knows whether they can be influenced make it a range. Nothing where all
    causes were declared alike, or it is known of none that is shown, which says nothing.
    """
    declared = {c.controllable for c in study.toml.data.causes.values()}
    if len(declared) < 2 or not found.of(YES, NO):
        return [], {}
    span, can = found.span, found.of(YES)
    numbers = {f"controllable.{span}": share_for(study, found, can)}
    numbers[f"at_most.{span}"] = share_for(study, found, found.of(YES, OPEN))
    if found.of(OPEN):
        numbers[f"open.{span}"] = share_for(study, found, found.of(OPEN))
    told: dict[str, object] = {**words, "names": quoted([found.names[c] for c in can])}
    told |= {name.partition(".")[0]: e for name, e in numbers.items()}
    told["unclear"] = quoted([found.names[c] for c in found.of(OPEN)])
    if any(e.value is None for e in numbers.values()):
        return [], numbers
    key = "none" if not can else "open" if found.of(OPEN) else "all"
    status = numbers[f"controllable.{span}"].assumptions
    finding = Finding(
        id="reasons.controllable",
        status=Status.ESTIMATED,
        assumptions=(*status, DECLARED),
        sentence=Sentence(f"reasons.controllable.{key}", told),
        headline=Sentence("reasons.headline.controllable", told),
        importance=0.6,
        remarks=remarks(*numbers.values()),
        questions=(5,),
        table="reasons.causes",
    )
    return [finding], numbers


def lost(study: Study, found: Causes, words: Words, estimates: Mapping[str, Estimate]) -> Told:
    """Return the finding on the units of tenure that the two most frequent causes take, if any."""
    whole = estimates.get(f"months_lost.{found.span}")
    if whole is None or whole.value is None or MOSTLY in found.curves:
        return [], {}
    parts = {c: months_lost(found.curves[c], found.span) for c in found.stated}
    order = sorted(parts, key=lambda c: -(parts[c].value or 0.0))[:2]
    items = [
        Sentence("reasons.lost_to", {"cause": found.names[c], "lost": parts[c]}) for c in order
    ]
    finding = Finding(
        id="reasons.months_lost",
        status=found.stay.status,
        assumptions=found.stay.assumptions,
        sentence=Sentence("reasons.lost", {**words, "lost": whole, "items": items}),
        importance=0.3,
        remarks=remarks(whole, *parts.values()),
        table="reasons.causes",
    )
    return [finding], {}
