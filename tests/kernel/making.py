"""Spells, episodes and tables made by hand, and the same counts by a plain loop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from stammkunde.result import Label
from stammkunde.spells.blocks import block_of
from stammkunde.spells.delivery.engine import connect, keep
from stammkunde.spells.read import read_data, spells_from
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.meaning import ChecksToml, GroupToml, WindowToml
from stammkunde.spells.schema.tables import Delivery, SnapshotToml
from stammkunde.spells.spells import Episodes, Group, Spells
from stammkunde.survival.table import LifeTable

ARRAYS = ("entered", "at_risk", "moves", "censored", "crossed")


@dataclass(frozen=True)
class Part:
    """One episode of a spell: tenure (begin, finish], state, where from and to, cell, money."""

    person: str
    spell: int
    begin: int
    finish: int
    to: str
    state: str = "customer"
    came_from: str | None = None
    cell: str = "all"
    cents: int = 0


def episodes_of(parts: Sequence[Part], repeats: bool = False) -> Episodes:
    """Return episodes with the one group `cell` and the one money column `cents`."""
    frame = pd.DataFrame([{**vars(p), "block": block_of(p.person)} for p in parts])
    whole = dict.fromkeys(("spell", "begin", "finish", "block", "cents"), "int64")
    frame = frame.astype({"came_from": "string"}).rename(columns={"cell": "group cell"})
    relation = keep(connect(), frame).cast(whole)
    return Episodes(relation, "month", {"cell": Group("cell", Label("cell"))}, repeats, ("cents",))


def counted(parts: Sequence[Part]) -> dict[str, Counter[tuple[object, ...]]]:
    """Return the counts of a life table, by a loop over persons and units."""
    counts: dict[str, Counter[tuple[object, ...]]] = {
        n: Counter() for n in ("at_risk", "entered", "moves", "censored", "cents")
    }
    for p in parts:
        at = (p.cell, p.state, block_of(p.person))
        for unit in range(p.begin + 1, p.finish + 1):
            counts["at_risk"][(*at, unit)] += 1
            counts["cents"][(*at, unit)] += p.cents
        if p.came_from != p.state:
            counts["entered"][(*at, p.begin + 1)] += 1
        if p.to == "censored":
            counts["censored"][(*at, p.finish)] += 1
        elif p.to != p.state:
            counts["moves"][(*at, p.to, p.finish)] += 1
    return counts


def laid_out(tables: Mapping[str, LifeTable]) -> dict[str, Counter[tuple[object, ...]]]:
    """Return the counts of life tables by cell in the form of `counted`; zeros are left out."""
    counts: dict[str, Counter[tuple[object, ...]]] = {
        n: Counter() for n in ("at_risk", "entered", "moves", "censored", "cents")
    }
    for cell, table in tables.items():
        arrays = {n: getattr(table, n) for n in ("at_risk", "entered", "censored")}
        for name, array in (arrays | dict(table.money)).items():
            for s, b, t in np.argwhere(array):
                counts[name][(cell, table.states[s], int(b), int(t) + 1)] = int(array[s, b, t])
        for s, m, b, t in np.argwhere(table.moves):
            key = (cell, table.states[s], int(b), table.causes[m], int(t) + 1)
            counts["moves"][key] = int(table.moves[s, m, b, t])
    return counts


def lives(
    tenure: Sequence[int],
    left: Sequence[int],
    /,
    person: Sequence[object] | None = None,
    unit: str = "month",
    **groups: Sequence[object],
) -> Spells:
    """Return spells from completed units and flags; persons are numbered unless named."""
    who = range(len(tenure)) if person is None else person
    frame = pd.DataFrame({"who": list(who), "units": list(tenure), "gone": list(left)})
    frame = frame.assign(**{n: list(v) for n, v in groups.items()})
    return spells_from(frame, person="who", tenure="units", left="gone", by=list(groups), unit=unit)


def delivered(
    folder: Path,
    text: str | bytes,
    *,
    groups: Mapping[str, GroupToml] | None = None,
    **keys: object,
) -> Spells:
    """Return the spells of a snapshot file with columns `months` and `gone` (yes, no)."""
    data = text if isinstance(text, bytes) else text.encode("utf-8")
    (folder / "customers.csv").write_bytes(data)
    table = SnapshotToml(
        delivery=Delivery(
            file="customers.csv", **{k: keys.pop(k) for k in ("separator",) if k in keys}
        ),
        tenure="months",
        left="gone",
        left_values=("yes",),
        stayed_values=("no",),
        **keys,  # type: ignore[arg-type]
    )
    checks = ChecksToml(most_rejected=1.0)
    data = DataToml(window=WindowToml(), snapshot=table, groups=groups or {}, checks=checks)
    return read_data(folder, data)


def same_counts(a: LifeTable, b: LifeTable, heads: bool = True) -> None:
    """Fail unless two tables hold the same counts, money and (unless told otherwise) heads."""
    assert (a.states, a.causes, a.length) == (b.states, b.causes, b.length)
    for name in (*ARRAYS, *(("persons", "spells") if heads else ())):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)
    assert set(a.money) == set(b.money)
    for name, cents in a.money.items():
        np.testing.assert_array_equal(cents, b.money[name], err_msg=name)


def law_holds(table: LifeTable) -> None:
    """Fail unless at_risk[t+1] = at_risk[t] - moves - censored + who came, in integers."""
    stay = table.at_risk - table.moves.sum(axis=1) - table.censored
    assert stay.min() >= 0
    arrive = table.entered + table.crossed
    np.testing.assert_array_equal(table.at_risk[..., 1:], stay[..., :-1] + arrive[..., 1:])
    np.testing.assert_array_equal(table.at_risk[..., 0], arrive[..., 0])
    counts = [
        table.at_risk,
        table.moves,
        table.censored,
        table.entered,
        table.persons,
        table.spells,
    ]
    assert all(np.issubdtype(c.dtype, np.integer) and c.min(initial=0) >= 0 for c in counts)
