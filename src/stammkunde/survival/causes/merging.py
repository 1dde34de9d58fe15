"""Causes taken together, as when a board asks only what it could have prevented."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from stammkunde.errors import ParameterError, nearest
from stammkunde.survival.table import LifeTable


def merge_causes(table: LifeTable, into: Mapping[str, str]) -> LifeTable:
    """Return the table with each cause of `into` under its new name, several under one added up.

    Causes that are not named keep their own. ParameterError for a cause that nobody left for.
    """
    must_know(table, into)
    renamed = [into.get(cause, cause) for cause in table.causes]
    causes = tuple(sorted(set(renamed)))
    shape = (len(table.states), len(causes), *table.moves.shape[2:])
    moves = np.zeros(shape, dtype=table.moves.dtype)
    for m, cause in enumerate(renamed):
        moves[:, causes.index(cause)] += table.moves[:, m]
    return replace(table, causes=causes, moves=moves)


def must_know(table: LifeTable, causes: Collection[str]) -> None:
    """Raise ParameterError where nobody left for one of the causes."""
    for cause in causes:
        if cause not in table.causes:
            raise ParameterError(
                f"nobody in this table left for `{cause}`", remedy=nearest(cause, table.causes)
            )
