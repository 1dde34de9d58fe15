"""How who has come back leaves, beside who is new: one factor, standardised over tenure."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from stammkunde.survival.formulas import hazard
from stammkunde.survival.table import LifeTable

FEWEST_LATER = 20


def later_ratio(
    pairs: Iterable[tuple[LifeTable, LifeTable]], least: int = FEWEST_LATER
) -> float | None:
    """Return the leavers of later spells by those expected had they left as first spells did.

    `pairs` are tables of all spells and of persons' first spells, by level; expected are the later
    spells at risk times the first ones' hazard, by level and unit, where first spells were at risk.
    None with fewer than `least` leavers of later spells, or where none are expected: among so few
    the factor would be off by a fifth and more by chance alone.
    """
    seen, expected = 0, 0.0
    for every, first in pairs:
        span = min(every.length, first.length)
        own = _totals(first)[:, :span]
        later = _totals(every)[:, :span] - own
        known = own[0] > 0
        seen += int(later[1, known].sum())
        expected += float((later[0] * hazard(own[0], own[1]))[known].sum())
    return seen / expected if seen >= least and expected > 0 else None


def _totals(table: LifeTable) -> np.ndarray:
    """Return who was at risk and who left by unit [2, K]."""
    at_risk, moves, _ = table.in_state()
    return np.stack([at_risk.sum(axis=0), moves.sum(axis=(0, 1))])
