"""The units of the energy supplier's contracts after the close, beside those of the calendar."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom import process
from stammkunde.worlds.musterstrom.expect import cells
from stammkunde.worlds.musterstrom.parameters import Policy
from stammkunde.worlds.musterstrom.units import units_of
from tests.worlds.once import NOW

LOOKED_AT = (0, 1, 2, 11, 12, 13, 14, 25, 40)
UNLIKE = [
    NOW,
    replace(NOW, newcomer_months=6, loyalty_from=30, hotline_fee=0.0),
    replace(NOW, newcomer_months=45, price_rise=False),
    replace(NOW, terms=False, loyalty_from=2, rebate_for_all=1.0),
]


@pytest.mark.parametrize("policy", UNLIKE, ids=["now", "late", "long", "early"])
def test_units_told_apart_are_those_of_the_calendar(policy: Policy) -> None:
    """Month by month after the close, contracts of all months of signing, of both groups."""
    units = units_of(policy)
    where = {(s, g): units.place(s, g) for s, g in product(range(p.MONTHS), range(2))}
    for month in range(p.CLOSE, p.CLOSE + 41):
        there = np.eye(len(units.tenure))
        if month > p.CLOSE:
            where = {who: int(units.onward(there[at]).argmax()) for who, at in where.items()}
        if month - p.CLOSE not in LOOKED_AT:
            continue
        by_calendar = process.leaving(cells(np.arange(p.MONTHS)), month, policy)
        at = np.array([[where[s, g] for s in range(p.MONTHS)] for g in range(2)])
        found = np.stack([units.chances[:, :, :, :, :, :, 0, 0][..., a] for a in at], axis=6)
        # factors are multiplied in another order
        np.testing.assert_allclose(found, by_calendar[:, :, :, :, :, :, 0], rtol=1e-14)


def test_who_signs_later_begins_with_the_first_unit() -> None:
    units = units_of(NOW)
    assert units.place(p.CLOSE, 0) == units.place(p.CLOSE, 1) == 0
    moves = units.onward(np.ones(len(units.tenure)))
    assert moves.sum() == len(units.tenure)
    assert moves[0] == 0
    grid = cells(np.arange(p.CLOSE - 3, p.CLOSE + 21))
    chances = process.leaving(grid, p.CLOSE + 20, NOW)[:, :, :, :, :, :, 0, 0]
    later = units.chances[:, :, :, :, :, :, 0, 0, ..., :24]
    np.testing.assert_allclose(later, chances[..., ::-1], rtol=1e-14)
