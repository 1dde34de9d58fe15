"""Customers with margins, written down by a test, and the same numbers by pandas, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from stammkunde.result import Label
from stammkunde.spells.blocks import block_of
from stammkunde.spells.delivery.engine import connect, keep
from stammkunde.spells.spells import CENSORED, MARGIN, MARGIN_KNOWN, STATE, Episodes, Group

WHOLE = ("spell", "block", "begin", "finish", MARGIN, MARGIN_KNOWN)


@dataclass(frozen=True)
class Paid:
    """An episode (begin, finish] with a margin in cents (None: not known)."""

    person: str
    begin: int
    finish: int
    to: str
    cents: int | None
    came_from: str | None = None
    spell: int = 1
    kind: str = "all"


def episodes_of(parts: Sequence[Paid]) -> Episodes:
    """Return the episodes in the engine, with the group `kind`."""
    rows = [
        {
            **{n: v for n, v in vars(p).items() if n not in ("cents", "kind")},
            "block": block_of(p.person),
            "state": STATE,
            "group kind": p.kind,
            MARGIN: p.cents or 0,
            MARGIN_KNOWN: int(p.cents is not None),
        }
        for p in parts
    ]
    frame = pd.DataFrame(rows).astype({"came_from": "string"})
    relation = keep(connect(), frame).cast(dict.fromkeys(WHOLE, "int64"))
    repeats = len({p.person for p in parts}) < len({(p.person, p.spell) for p in parts})
    groups = {"kind": Group("kind", Label("kind"))}
    return Episodes(relation, "month", groups, repeats, (MARGIN, MARGIN_KNOWN))


def drawn(rng: np.random.Generator, persons: int) -> list[Paid]:
    """Return spells of which a part have two or three margins one after another."""
    parts: list[Paid] = []
    for i in range(persons):
        begin = int(rng.integers(0, 4)) * int(rng.random() < 0.3)
        steps = 1 + int(rng.integers(0, 3))
        cuts = np.cumsum(rng.integers(1, 6, steps)) + begin
        final = "left" if rng.random() < 0.6 else CENSORED
        came, start = None, begin
        for n, stop in enumerate(cuts):
            to = final if n == steps - 1 else STATE
            cents = int(rng.integers(-200, 3000))
            parts.append(Paid(f"p{i}", start, int(stop), to, cents, came, kind="ab"[i % 2]))
            came, start = STATE, int(stop)
    return parts


def cut(parts: Sequence[Paid], at: int) -> list[Paid]:
    """Return the episodes that span `at` cut in two."""
    out: list[Paid] = []
    for p in parts:
        if p.begin < at < p.finish:
            out += [replace(p, finish=at, to=STATE), replace(p, begin=at, came_from=STATE)]
        else:
            out.append(p)
    return out


def by_pandas(parts: Sequence[Paid], first: int, last: int) -> dict[str, float]:
    """Return the parts of the change, from the rows of customers by month, in the currency."""
    frame = pd.DataFrame(
        {"who": p.person, "unit": u, "cents": p.cents, "end": p.to if u == p.finish else STATE}
        for p in parts
        for u in range(p.begin + 1, p.finish + 1)
    )
    sums = dict.fromkeys(("within", "leaving", "observed"), 0.0)
    for unit in range(first, last):
        now = frame[frame.unit == unit].set_index("who")
        then = frame[frame.unit == unit + 1].set_index("who").cents
        stayers = now.index[now.end == STATE]
        mean, stay = now.cents.mean(), len(stayers)
        sums["within"] += (then[stayers] - now.cents[stayers]).mean()
        for name, end in (("leaving", "left"), ("observed", CENSORED)):
            sums[name] -= (now.cents[now.end == end] - mean).sum() / stay
        sums["observed"] += then.mean() - then[stayers].mean()
    mean = frame.groupby("unit").cents.mean()
    total = {"total": mean[last] - mean[first]}
    return {name: float(value) / 100 for name, value in (total | sums).items()}
