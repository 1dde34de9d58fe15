"""Which columns tell nearly the same, so that no model can tell whose difference it is.

The measure is Cramér's V of the spells by the levels of two columns, corrected for chance (Bergsma
2013): 0 for columns that have nothing to do with each other, 1 where either follows from the other.
Columns with a V of at least 0.5 are taken as alike, and so are those linked by a third. (Cohen 1988
calls .35 large for columns of three levels; numbers cut into three bands whose correlation is .8
have about .5.) Below, a model tells them apart at the cost of wider intervals, which show it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from stammkunde.survival.drivers.cells import Cells

ALIKE = 0.5


@dataclass(frozen=True)
class Alike:
    """Columns that tell nearly the same, in their order; `least` is the smallest V that links."""

    columns: tuple[str, ...]
    least: float


def alike(cells: Cells, least: float = ALIKE) -> tuple[Alike, ...]:
    """Return the sets of columns that tell nearly the same, each column in one of them at most."""
    links = {(a, b): cramers_v(crossed(cells, a, b)) for a, b in combinations(cells.names, 2)}
    strong = {pair: v for pair, v in links.items() if v >= least}
    home = {name: {name} for name in cells.names}
    for a, b in strong:
        both = home[a] | home[b]
        home |= dict.fromkeys(both, both)
    found = []
    for columns in dict.fromkeys(
        tuple(n for n in cells.names if n in own) for own in home.values()
    ):
        own = [v for (a, _), v in strong.items() if a in columns]
        if own:
            found.append(Alike(columns, min(own)))
    return tuple(found)


def crossed(cells: Cells, a: str, b: str) -> np.ndarray:
    """Return spells by the level of `a` and that of `b`."""
    i, j = cells.place(a), cells.place(b)
    table = np.zeros((len(cells.factors[i].levels), len(cells.factors[j].levels)), dtype=np.int64)
    np.add.at(table, (cells.levels[cells.cell, i], cells.levels[cells.cell, j]), cells.n)
    return table


def cramers_v(table: np.ndarray) -> float:
    """Return Cramér's V of counts [A, B], corrected for chance; 0 where either does not vary.

    Source: Bergsma (2013), Journal of the Korean Statistical Society 42.
    """
    held = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0].astype(float)
    n = held.sum()
    if min(held.shape) < 2 or n < 2:
        return 0.0
    expected = np.outer(held.sum(axis=1), held.sum(axis=0)) / n
    square = float(((held - expected) ** 2 / expected).sum() / n)
    less = [(k - 1) / (n - 1) for k in held.shape]
    own = max(square - (held.shape[0] - 1) * less[1], 0.0)
    sizes = [k - (k - 1) * by for k, by in zip(held.shape, less, strict=True)]
    most = min(sizes) - 1
    return float(min(np.sqrt(own / most), 1.0)) if most > 0 else 0.0
