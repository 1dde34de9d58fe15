"""Segments by block of persons: what an offer gains there, so that some blocks can be left out.

An estimate of some blocks is the mean of their pseudo-values (Miller 1974; Andersen, Klein and
Rosthoj 2003): each block's are those of the whole data, so that no segment is too small for a curve
of its own in a part of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from stammkunde.evidence.asking.gained import gained_of
from stammkunde.evidence.asking.later import Later, nothing
from stammkunde.evidence.asking.stakes import Levels, Stakes
from stammkunde.evidence.trial import Compared


@dataclass(frozen=True, kw_only=True)
class Blocks:
    """Segments by block [256, S]: pseudo-values, heads and money.

    `numbers` [256, S, 5] as in `Gained`; `held`: whether anybody is there; `persons`; margins per
    unit in `cents` of those `known`. The offer costs `euro`, per unit of holding if `each_unit`;
    `later` is what follows the horizon.
    """

    numbers: np.ndarray
    held: np.ndarray
    persons: np.ndarray
    cents: np.ndarray
    known: np.ndarray
    later: Later
    euro: float = 0.0
    each_unit: bool = False


def blocks_of(
    compared: Mapping[Levels, Compared],
    persons: Mapping[Levels, np.ndarray],
    stakes: Stakes | None,
) -> Blocks:
    """Return segments by block."""
    numbers, held = zip(*(_pseudo_values(c, stakes) for c in compared.values()), strict=True)
    people = np.stack([persons[n] for n in compared], axis=1).astype(float)
    cents, known = 100 * np.ones_like(people), np.ones_like(people)
    if stakes is not None:
        sums = (stakes.cents, stakes.known)
        cents, known = (np.stack([a[n] for n in compared], axis=1).astype(float) for a in sums)
    later = stakes.later if stakes else None
    return Blocks(
        numbers=np.stack(numbers, axis=1),
        held=np.stack(held, axis=1),
        persons=people,
        cents=cents * (stakes.months if stakes else 1.0),
        known=known,
        later=later.of([*compared]) if later else nothing([*compared]),
        euro=stakes.euro if stakes else 0.0,
        each_unit=stakes is not None and stakes.held > 0,
    )


def _pseudo_values(found: Compared, stakes: Stakes | None) -> tuple[np.ndarray, np.ndarray]:
    """Return pseudo-values [256, 5] of a segment's numbers, and who is held."""
    assert found.months.replicates is not None
    gained = gained_of(found, stakes)
    # of the blocks of both arms: who is not in the one tells nothing of it there
    there = found.months.replicates.held
    groups = int(there.sum())
    values = groups * gained.value - (groups - 1) * gained.replicates.leave_out
    return np.where(there[:, None], values, 0.0), there
