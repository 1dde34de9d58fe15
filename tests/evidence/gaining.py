"""Customers of several segments, half of them treated by lot, and their answers by segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS
from stammkunde.evidence.asking.answer import Segment
from stammkunde.evidence.asking.gains import Gains, gains_of
from stammkunde.evidence.asking.segments import drawn_estimates, segments_of
from stammkunde.evidence.asking.stakes import Levels, Stakes
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.trial import Compared, compare

ARMS = ("treated", "control")
HORIZON = 6


@dataclass(frozen=True)
class Lot:
    """Segments by lot: arms compared, persons by block, and what customers earn."""

    columns: tuple[str, ...]
    compared: Mapping[Levels, Compared]
    persons: Mapping[Levels, np.ndarray]
    stakes: Stakes

    def gains(self, *, money: bool = True) -> Gains:
        found = gains_of(
            self.columns,
            self.compared,
            self.persons,
            drawn_estimates,
            self.stakes if money else None,
        )
        assert found is not None
        return found

    def segments(self) -> tuple[Segment, ...]:
        return segments_of({self.columns: self.compared})


def lot(
    changes: Mapping[Levels, float],
    *,
    columns: tuple[str, ...] = ("kind",),
    size: int = 1200,
    sizes: Sequence[int] | None = None,
    margin: float = 20.0,
    euro: float = 1.0,
    held: int = 0,
    seed: int = 1,
) -> Lot:
    """Return segments of `size` customers whose monthly hazard .1 an offer changes."""
    rng = np.random.default_rng(seed)
    compared, persons, cents, known = {}, {}, {}, {}
    for i, (levels, change) in enumerate(changes.items()):
        count = sizes[i] if sizes else size
        rows = customers(rng, count, change)
        trial = baseline_trial(rows, ARMS, reach=HORIZON, assumptions=())
        compared[levels] = compare(trial, *ARMS, HORIZON)
        persons[levels] = np.bincount(rows.block, minlength=BLOCKS)
        known[levels] = persons[levels]
        cents[levels] = persons[levels] * round(100 * margin)
    stakes = Stakes(cents=cents, known=known, euro=euro, held=held)
    return Lot(columns, compared, persons, stakes)


def customers(rng: np.random.Generator, count: int, change: float) -> pd.DataFrame:
    treated = np.arange(count) % 2 == 0
    stay = rng.geometric(np.where(treated, 0.1 + change, 0.1))
    return pd.DataFrame(
        {
            "arm": np.where(treated, *ARMS),
            "cell": 0,
            "block": rng.integers(0, BLOCKS, count),
            "begin": 0,
            "finish": np.minimum(stay, HORIZON),
            "end": np.where(stay <= HORIZON, "left", "censored"),
            "n": 1,
        }
    )
