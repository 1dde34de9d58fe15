"""Whether the ranking hangs on the model by which leaving is projected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stammkunde.chapters.exhibit import Column, Section, Table
from stammkunde.chapters.outlook.naming import family_name
from stammkunde.chapters.policies.doubts.assuming import (
    difference,
    of_draws,
    quoted,
    rivals_of,
    status,
)
from stammkunde.chapters.policies.read import Decision
from stammkunde.result import Estimate, Finding, Result, Sentence

ID = "policy.families"
ALONE = "mean and quantiles of joint draws, projected by one family alone"


@dataclass(frozen=True, kw_only=True)
class Alone:
    """Every policy's `differences` to the comparator by one projection alone ("" all by weight).

    `apart` is the leader of all together less whom it is held against.
    """

    family: str
    order: tuple[str, ...]
    differences: dict[str, Estimate]
    apart: Estimate


def families(decision: Decision) -> Section:
    """Return the section on whether the same policy leads under each projection.

    Left out where nothing is projected, or by one family only.
    """
    heading, known = Sentence("policies_doubt.heading.families"), decision.basis.families
    if len(known) < 2:
        why = Sentence("policies_doubt.left_out.families")
        return Section(id=ID, heading=heading, left_out=why, needed=False)
    together = _alone(decision, "", decision.values)
    found = [_alone(decision, f, _as_all(decision, decision.by_family(f))) for f in known]
    return Section(
        id=ID,
        heading=heading,
        findings=[_finding(decision, together, found)],
        tables=[_short(decision, together, found), _full(decision, together, found)],
        results=_results(found),
    )


def _as_all(decision: Decision, values: np.ndarray) -> np.ndarray:
    """Return values of few draws, moved by what these miss of all draws."""
    some = decision.values[: len(values)]
    return np.asarray(values + (decision.values.mean(axis=0) - some.mean(axis=0)))


def _alone(decision: Decision, family: str, values: np.ndarray) -> Alone:
    names, today = decision.names, decision.comparator
    means = dict(zip(names, values.mean(axis=0).tolist(), strict=True))
    one, other = rivals_of(decision)

    def apart(a: str, b: str) -> Estimate:
        by = f" by {family}" if family else ""
        draws = difference(decision, values, a, b)
        return of_draws(decision, draws, f"{a} less {b}{by}", method=ALONE)

    return Alone(
        family=family,
        order=tuple(sorted(names, key=lambda n: (-means[n], n))),
        differences={n: apart(n, today) for n in names if n != today},
        apart=apart(one, other),
    )


def _finding(decision: Decision, together: Alone, found: Sequence[Alone]) -> Finding:
    """Return the finding on whether the same policy leads under every projection."""
    one, other = rivals_of(decision)
    ranked = sorted(found, key=lambda a: a.apart.value or 0.0)
    words: dict[str, object] = {"leader": decision.title(one), "other": decision.title(other)}
    words |= {"least": ranked[0].apart, "most": ranked[-1].apart, "count": len(found)}
    words |= {"least_by": family_name(ranked[0].family)}
    words |= {"most_by": family_name(ranked[-1].family)}
    others = [a for a in found if a.order[0] != one]
    if not others:
        kind = "same"
    else:
        kind = "none" if len(others) == len(found) else "differ"
        words["families"] = [family_name(a.family) for a in others]
        leading = dict.fromkeys(a.order[0] for a in others)
        words["names"] = quoted(map(decision.title, leading))
    return Finding(
        id=ID,
        status=status(decision),
        sentence=Sentence(f"policies_doubt.families.{kind}", words),
        importance=0.25 if kind == "same" else 0.45,
        table=ID,
    )


def _rows(together: Alone, found: Sequence[Alone]) -> list[tuple[object, Alone]]:
    named = [(family_name(a.family), a) for a in found]
    return [(Sentence("outlook.family.together"), together), *named]


def _short(decision: Decision, together: Alone, found: Sequence[Alone]) -> Table:
    """Return who leads by each projection, and by how much the leader of all is ahead."""
    one, other = rivals_of(decision)
    words = {"leader": decision.title(one), "other": decision.title(other)}
    heads = [Column("policies_doubt.column.family", "text")]
    heads += [Column("policies_doubt.column.leads", "text")]
    heads += [Column("policies_doubt.column.next", "text")]
    heads += [Column(Sentence("policies_doubt.column.ahead", words), "money0")]
    return Table(
        id=ID,
        caption=Sentence("policies_doubt.caption.families"),
        columns=heads,
        rows=[
            (name, decision.title(a.order[0]), decision.title(a.order[1]), a.apart)
            for name, a in _rows(together, found)
        ],
        note=Sentence("policies_doubt.note.families"),
    )


def _full(decision: Decision, together: Alone, found: Sequence[Alone]) -> Table:
    """Return every policy's rank and difference by each projection, for the workbook."""
    forms = {"family": "text", "policy": "text", "rank": "int", "difference": "money0"}
    today = {"other": decision.title(decision.comparator)}
    columns = [
        Column(Sentence(f"policies_doubt.column.{n}", today) if n == "difference"
               else f"policies_doubt.column.{n}", form)
        for n, form in forms.items()
    ]  # fmt: skip
    return Table(
        id=f"{ID}.all",
        caption=Sentence("policies_doubt.caption.families_all"),
        columns=columns,
        rows=[
            (name, decision.title(n), rank, a.differences.get(n))
            for name, a in _rows(together, found)
            for rank, n in enumerate(a.order, 1)
        ],
        in_report=False,
    )


def _results(found: Sequence[Alone]) -> list[Result]:
    lines = []
    for a in found:
        start = f"policy.family.{family_name(a.family).key.rpartition('.')[2]}"
        lines += [
            Result(id=f"{start}.difference.{name}", estimate=e) for name, e in a.differences.items()
        ]
        lines.append(Result(id=f"{start}.ahead", estimate=a.apart))
    return lines
