"""The picture and the tables of how value builds up."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stammkunde.chapters.exhibit import Column, Figure, Mark, Table, Way
from stammkunde.chapters.parts import amount
from stammkunde.chapters.policies.compare import challenger_of, leader_of
from stammkunde.chapters.policies.course.built import Built, lasting, payback
from stammkunde.chapters.policies.course.repaid import DRAWS, WAYS, Repaid
from stammkunde.result import Sentence

ID = "policy.course"
# more lines than these cannot be told apart
MOST = 5


def figure(given: Built, kind: str, words: Mapping[str, object]) -> Figure:
    """Return the picture of leads by month; `kind` is the situation that its title states."""
    decision, shown = given.decision, drawn(given)
    ends = sorted(given.names, key=lambda n: decision.league.of(n).difference.value or 0.0)
    said = dict(words) | {
        "best": decision.title(ends[-1]),
        "best_lead": decision.league.of(ends[-1]).difference,
        "worst": decision.title(ends[0]),
        "worst_lead": decision.league.of(ends[0]).difference,
        "some": _some(given, len(shown)),
    }
    return Figure(
        id=ID,
        kind="course",
        title=Sentence(f"policy_course.figure.{kind}", said),
        subtitle=Sentence("policy_course.figure.subtitle", said),
        note=Sentence("policy_course.figure.note", said),
        alt=Sentence("policy_course.figure.alt", said),
        x=Sentence("policy_course.axis.months"),
        y=Sentence("policy_course.axis.lead", said),
        ways=[*(_way(given, n) for n in shown), _measure(given)],
        marks=marks(given, shown),
        x_ticks=12 if decision.market.horizon > 12 else 0,
        unit=decision.currency,
        table=_months(given, words),
    )


def drawn(given: Built) -> tuple[str, ...]:
    """Return the policies that are drawn: the best of the others, and those farthest from 0."""
    league, first = given.decision.league, challenger_of(given.decision)
    far = sorted(given.names, key=lambda n: -abs(league.of(n).difference.value or 0.0))
    chosen = [first, *(n for n in far if n != first)][:MOST]
    return tuple(n for n in given.names if n in chosen)


def marks(given: Built, shown: tuple[str, ...]) -> list[Mark]:
    """Return the months in which the leader overtakes for good, first the comparator."""
    decision = given.decision
    leader = leader_of(decision)
    if leader == decision.comparator:
        return []
    found = []
    for other in (decision.comparator, *(n for n in shown if n != leader)):
        month = float(lasting(given.mean(leader) - given.mean(other)))
        if 1 < month < np.inf:
            words = {"other": decision.title(other), "leader": decision.title(leader)}
            found.append(Mark(month, Sentence("policy_course.mark", words)))
    # the comparator, and who was ahead longest
    return found[:1] + sorted(found[1:], key=lambda m: -_at(m))[:1]


def tables(given: Built, paid: Mapping[str, Repaid], words: Mapping[str, object]) -> list[Table]:
    """Return leads at the ends of years (some in the report, all in the workbook), and paybacks."""
    some = given.ends
    if len(some) > 3:
        some = (some[0], some[len(some) // 2], some[-1])
    every = _years(given, words, given.ends, f"{ID}.years", in_report=False)
    report = _years(given, words, some, ID, in_report=True)
    return [report, every, *([_repaid(given, paid, words)] if paid else [])]


def _some(given: Built, count: int) -> Sentence | str:
    if count == len(given.names):
        return ""
    words = {"drawn": count, "policies": amount("policies", len(given.names))}
    return Sentence("policy_course.figure.some", words)


def _way(given: Built, name: str) -> Way:
    low, high = given.limits(name)
    return Way(
        label=given.decision.title(name),
        value=given.mean(name).tolist(),
        low=low.tolist(),
        high=high.tolist(),
        leads=name == leader_of(given.decision),
    )


def _measure(given: Built) -> Way:
    nothing = [0.0] * given.decision.market.horizon
    title = given.decision.title(given.decision.comparator)
    return Way(label=title, value=nothing, low=nothing, high=nothing)


def _at(mark: Mark) -> float:
    return float(mark.at) if isinstance(mark.at, int | float) else 0.0


def _years(
    given: Built,
    words: Mapping[str, object],
    ends: tuple[int, ...],
    name: str,
    *,
    in_report: bool,
) -> Table:
    decision = given.decision
    columns = [
        Column("policy.column.policy", "text"),
        Column("policy_course.column.payback", "int"),
    ]
    columns += [
        Column(Sentence("policy_course.column.after", {"months": m}), "money0") for m in ends
    ]
    rows = [
        (decision.title(n), payback(given, n), *(given.at(n, m) for m in ends)) for n in given.names
    ]
    return Table(
        id=name,
        caption=Sentence("policy_course.caption.years", words),
        columns=columns,
        rows=rows,
        note=Sentence("policy_course.note.years", words),
        in_report=in_report,
    )


def _months(given: Built, words: Mapping[str, object]) -> Table:
    forms = {"policy": "text", "month": "int", "value": "n0", "low": "n0", "high": "n0"}
    rows = []
    for name in given.names:
        courses = (given.mean(name), *given.limits(name))
        for month, lead in enumerate(zip(*courses, strict=True), 1):
            rows.append((given.decision.title(name), month, *map(float, lead)))
    return Table(
        id=f"{ID}.months",
        caption=Sentence("policy_course.caption.months", words),
        columns=[
            Column(
                f"policy_course.column.{n}", form, given.decision.currency if form == "n0" else ""
            )
            for n, form in forms.items()
        ],
        rows=rows,
        note=Sentence("policy_course.note.months", words),
        in_report=False,
    )


def _repaid(given: Built, paid: Mapping[str, Repaid], words: Mapping[str, object]) -> Table:
    few = min(DRAWS, given.decision.league.draws)
    columns = [Column("policy.column.policy", "text")]
    columns += [Column(f"policy_course.column.{n}", "int") for n in WAYS]
    rows = [
        (given.decision.title(name), *(getattr(own, way) for way in WAYS))
        for name, own in paid.items()
    ]
    return Table(
        id="policy.repaid",
        caption=Sentence("policy_course.caption.repaid", words),
        columns=columns,
        rows=rows,
        note=Sentence("policy_course.note.repaid", {**words, "few": few}),
    )
