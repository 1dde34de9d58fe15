"""The ranking reckoned in other ways, side by side: what one way says, as rows and results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stammkunde.chapters.exhibit import Column, Name, Table
from stammkunde.chapters.policies.doubts.assuming import (
    difference,
    of_draws,
    status,
    the_two,
)
from stammkunde.chapters.policies.read import Decision
from stammkunde.result import Estimate, Result, Sentence


@dataclass(frozen=True, kw_only=True)
class Reckoning:
    """Every policy's `differences` to the comparator in one way of reckoning, called `name`.

    `key` begins the ids of its results; "" is the way of the chapter, which has none here. `apart`
    is the leader of the chapter less whom it is held against; `order` is by mean, the comparator
    before others worth the same. `draws` says of how many.
    """

    name: Name
    key: str
    order: tuple[str, ...]
    differences: dict[str, Estimate]
    apart: Estimate
    draws: int


def reckoned(
    decision: Decision, values: np.ndarray, name: Name, key: str = "", how: str = ""
) -> Reckoning:
    """Return one way of reckoning, from net values [B', P]; `how` says so in the estimates."""
    names, today = decision.names, decision.comparator
    means = dict(zip(names, values.mean(axis=0).tolist(), strict=True))
    method = f"mean and quantiles of joint draws{how and f', {how}'}"

    def apart(a: str, b: str) -> Estimate:
        said = f"{a} less {b}{key and f' ({key})'}"
        draws, trusted = difference(decision, values, a, b), status(decision, a, b)
        return of_draws(decision, draws, said, method=method, trusted=trusted)

    return Reckoning(
        name=name,
        key=key,
        order=tuple(sorted(names, key=lambda n: (-means[n], n != today, n))),
        differences={n: apart(n, today) for n in names if n != today},
        apart=apart(*the_two(decision)),
        draws=len(values),
    )


def as_all(decision: Decision, values: np.ndarray) -> np.ndarray:
    """Return values of few draws, moved by what these miss of all draws."""
    some = decision.values[: len(values)]
    return np.asarray(values + (decision.values.mean(axis=0) - some.mean(axis=0)))


def short(decision: Decision, ways: Sequence[Reckoning], name: str) -> Table:
    """Return who leads in each way, by how much the leader of the chapter is, in how many draws."""
    one, other = the_two(decision)
    words = {"leader": decision.title(one), "other": decision.title(other)}
    heads = [Column(f"policies_doubt.column.{n}", "text") for n in (name, "leads", "next")]
    heads += [Column(Sentence("policies_doubt.column.ahead", words), "money0")]
    heads += [Column("policies_doubt.column.draws", "int")]
    return Table(
        id=f"policy.{name}",
        caption=Sentence(f"policies_doubt.caption.{name}"),
        columns=heads,
        rows=[(w.name, *map(decision.title, w.order[:2]), w.apart, w.draws) for w in ways],
        note=Sentence(f"policies_doubt.note.{name}", {"draws": decision.league.draws}),
    )


def full(decision: Decision, ways: Sequence[Reckoning], name: str) -> Table:
    """Return every policy's rank and difference in each way, for the workbook."""
    today = {"other": decision.title(decision.comparator)}
    columns = [Column(f"policies_doubt.column.{n}", "text") for n in (name, "policy")]
    columns += [Column("policies_doubt.column.rank", "int")]
    columns += [Column(Sentence("policies_doubt.column.difference", today), "money0")]
    columns += [Column("policies_doubt.column.draws", "int")]
    return Table(
        id=f"policy.{name}.all",
        caption=Sentence(f"policies_doubt.caption.{name}_all"),
        columns=columns,
        rows=[
            (w.name, decision.title(n), rank, w.differences.get(n), w.draws)
            for w in ways
            for rank, n in enumerate(w.order, 1)
        ],
        in_report=False,
    )


def results_of(ways: Sequence[Reckoning]) -> list[Result]:
    """Return the differences and the lead in each way that has a key."""
    lines = []
    for w in ways:
        for name, e in w.differences.items() if w.key else ():
            lines.append(Result(id=f"policy.{w.key}.difference.{name}", estimate=e))
        if w.key:
            lines.append(Result(id=f"policy.{w.key}.ahead", estimate=w.apart))
    return lines
