"""All assumptions of a question, and joint draws of them.

Each is drawn from a stream of its own, seeded by its name: another assumption beside it changes no
draw of it, and fewer draws are the first of more. Correlation is that of a Gaussian copula, so that
each keeps its law exactly; of correlated assumptions the one that stands first keeps its own draws.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from hashlib import sha256
from itertools import combinations
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from stammkunde.draws import DRAWS
from stammkunde.errors import ParameterError, nearest
from stammkunde.policy.ledger.assumption import Assumption
from stammkunde.policy.ledger.laws import Law

if TYPE_CHECKING:
    import pandas as pd

STREAM = "stammkunde ledger 1: "
SLACK = 1e-12


@dataclass(frozen=True)
class Correlation:
    """How two assumptions move together: `rho` of their normal scores, from -1 to 1."""

    first: str
    second: str
    rho: float


@dataclass(frozen=True)
class Ledger:
    """The assumptions and their correlations; ParameterError where they cannot be.

    Names are unique. Two assumptions have one correlation at most, neither of them fixed nor
    estimated (its draws are those of the persons), and all together can occur.
    """

    assumptions: tuple[Assumption, ...] = ()
    correlations: tuple[Correlation, ...] = ()

    def __post_init__(self) -> None:
        """Refuse names twice and correlations that cannot be."""
        names = self.names
        twice = [n for k, n in enumerate(names) if n in names[:k]]
        if twice:
            raise ParameterError(
                f'two assumptions have the name "{twice[0]}"',
                where=f"assumptions[{names.index(twice[0], names.index(twice[0]) + 1)}].name",
                remedy="Rename one of them.",
            )
        _checked(self)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names in their order."""
        return tuple(a.name for a in self.assumptions)

    def of(self, name: str) -> Assumption:
        """Return the assumption of that name; ParameterError for an unknown one."""
        if name not in self.names:
            raise ParameterError(
                f'nothing is assumed as "{name}"', remedy=nearest(name, self.names)
            )
        return self.assumptions[self.names.index(name)]

    def draws(self, count: int = DRAWS) -> dict[str, np.ndarray]:
        """Return `count` joint draws of each assumption [count], by name.

        An estimate's are those of its replicates. ParameterError for a count below 1.
        """
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise ParameterError(f"{count} draws were asked for", remedy="Ask for 1 or more.")
        found: dict[str, np.ndarray] = {}
        scores = self._scores(count)
        for a in self.assumptions:
            if a.estimate is not None and a.estimate.replicates is not None:
                found[a.name] = np.asarray(a.estimate.replicates.draws(count)).reshape(count)
            elif a.name in scores:
                found[a.name] = a.at(special.ndtr(scores[a.name]))
            else:
                found[a.name] = a.at(uniforms(a.name, count))
        return found

    def at(self, points: Mapping[str, float] | None = None) -> dict[str, np.ndarray]:
        """Return a single draw [1]: every assumption at its mean, but those of `points`."""
        given = dict(points or {})
        for name in given:
            self.of(name)
        return {a.name: np.array([given.get(a.name, a.mean())]) for a in self.assumptions}

    def to_frame(self) -> pd.DataFrame:
        """Return the ledger as a table, one row per assumption."""
        import pandas as pd

        shown = [f.name for f in fields(Assumption) if f.name != "estimate"]
        rows = [{n: getattr(a, n) for n in shown} | {"level": a.level} for a in self.assumptions]
        table = pd.DataFrame(rows, columns=[*shown, "level"])
        return table.assign(law=table["law"].map(str), source=table["source"].map(str))

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(index=False, border=0, float_format=lambda x: f"{x:.4g}")

    def _scores(self, count: int) -> dict[str, np.ndarray]:
        """Return the normal scores [count] of those assumptions that are correlated."""
        names, factor = self._factor
        own = [special.ndtri(uniforms(n, count)) for n in names]
        found = {}
        for k, name in enumerate(names):
            # added up one by one, so that draws do not depend on how many there are
            score = np.zeros(count)
            for j in range(k + 1):
                if factor[k, j] != 0.0:
                    score = score + factor[k, j] * own[j]
            found[name] = score
        return found

    @cached_property
    def _factor(self) -> tuple[tuple[str, ...], np.ndarray]:
        """Return the correlated names and the triangular root of their matrix."""
        names, matrix = _matrix(self)
        return names, _root(matrix)


def uniforms(name: str, count: int) -> np.ndarray:
    """Return `count` numbers strictly between 0 and 1 from the stream of that name."""
    seed = int.from_bytes(sha256((STREAM + name).encode()).digest()[:16], "big")
    # half a step up: 0 has no quantile
    return np.random.Generator(np.random.PCG64(seed)).random(count) + 2.0**-54


def _matrix(ledger: Ledger) -> tuple[tuple[str, ...], np.ndarray]:
    pairs = {frozenset((c.first, c.second)): c.rho for c in ledger.correlations}
    names = tuple(n for n in ledger.names if any(n in p for p in pairs))
    matrix = np.eye(len(names))
    for (i, a), (j, b) in combinations(enumerate(names), 2):
        matrix[i, j] = matrix[j, i] = pairs.get(frozenset((a, b)), 0.0)
    return names, matrix


def _root(matrix: np.ndarray) -> np.ndarray:
    """Return the lower triangular L with L L' = matrix; rows of what is determined end in 0."""
    size = len(matrix)
    root = np.zeros((size, size))
    for i in range(size):
        for j in range(i):
            rest = matrix[i, j] - float(root[i, :j] @ root[j, :j])
            root[i, j] = rest / root[j, j] if root[j, j] > 0 else 0.0
        square = 1.0 - float(root[i, :i] @ root[i, :i])
        root[i, i] = sqrt(square) if square > SLACK else 0.0
    return root


def _checked(ledger: Ledger) -> None:
    seen: set[frozenset[str]] = set()
    for k, c in enumerate(ledger.correlations):
        where = f"correlations[{k}]"
        for name in (c.first, c.second):
            if name not in ledger.names:
                raise ParameterError(
                    f'"{name}" is correlated and not assumed',
                    where=where,
                    remedy=nearest(name, ledger.names),
                )
            if ledger.of(name).law in (Law.FIXED, Law.EVIDENCE):
                raise ParameterError(
                    f'"{name}" is {ledger.of(name).law} and cannot be correlated',
                    where=where,
                    remedy="Correlate only what is drawn by a law of the ledger.",
                )
        pair = frozenset((c.first, c.second))
        if len(pair) < 2 or pair in seen or not -1 <= c.rho <= 1:
            raise ParameterError(
                f'the correlation of "{c.first}" and "{c.second}" is {c.rho:g}'
                + (", for the second time" if pair in seen else ""),
                where=where,
                remedy="Two different assumptions have one correlation, from -1 to 1.",
            )
        seen.add(pair)
    _possible(ledger)


def _possible(ledger: Ledger) -> None:
    names, matrix = _matrix(ledger)
    if not names:
        return
    sizes, vectors = np.linalg.eigh(matrix)
    if sizes[0] >= -1e-9:
        return
    worst, where = _at_fault(names, vectors[:, 0], ledger.correlations)
    raise ParameterError(
        f'"{worst.first}" and "{worst.second}" cannot be correlated by {worst.rho:g} with the '
        "other correlations as they are",
        where=f"correlations[{where}].rho",
        remedy="Bring it nearer to what the others imply, or give the pairs left out.",
    )


def _at_fault(
    names: Sequence[str], direction: np.ndarray, given: Iterable[Correlation]
) -> tuple[Correlation, int]:
    """Return the pair that does most to make a variance negative, and its place."""
    place = {n: float(x) for n, x in zip(names, direction, strict=True)}
    ranked = [(c.rho * place[c.first] * place[c.second], k, c) for k, c in enumerate(given)]
    _, k, worst = min(ranked, key=lambda x: (round(x[0], 9), x[1]))
    return worst, k
