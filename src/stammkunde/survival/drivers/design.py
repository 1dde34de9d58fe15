"""Which terms a model of drivers has, and which of them the data cannot tell.

A term is one level of one factor against its reference, over all units or over a band of them. A
level without leavers has no finite coefficient: it is set aside with the reason, its hazard is 0,
and what it touches leaves the likelihood, so that the rest stays right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.survival.drivers.cells import Cells, Factor

NO_LEAVERS = "no_leavers"
NO_STAYERS = "no_stayers"
NO_COMPARISON = "no_comparison"


@dataclass(frozen=True)
class Term:
    """A level against the reference of its factor in units `first` .. `last` (None: to the end)."""

    factor: str
    level: str
    reference: str
    first: int = 1
    last: int | None = None


@dataclass(frozen=True)
class Design:
    """The terms of a model, the strata that have their own baseline, and where bands begin.

    `lost` are terms without a finite coefficient, with the reason. `keys` [S, .] are the positions
    of the levels of the strata factors; band i holds the units from `cuts[i - 1]` + 1 to `cuts[i]`.
    """

    factors: tuple[Factor, ...]
    strata: tuple[str, ...]
    keys: np.ndarray
    cuts: tuple[int, ...]
    terms: tuple[Term, ...]
    lost: tuple[tuple[Term, str], ...] = ()

    def stratum_of(self, levels: np.ndarray) -> np.ndarray:
        """Return the stratum of each cell [C]; NotObservedError for one that nobody was in."""
        own = levels[:, [self._place(s) for s in self.strata]]
        same = np.asarray((own[:, None, :] == self.keys[None]).all(axis=-1))
        if not same.any(axis=1).all():
            raise NotObservedError(
                f"nobody was observed in some combination of {_said(self.strata)}",
                remedy="Ask about combinations that occur.",
            )
        return np.argmax(same, axis=1)

    def columns(self, levels: np.ndarray, terms: Sequence[Term] | None = None) -> np.ndarray:
        """Return 1 where a term holds, else 0, for each band and cell [bands, C, p]."""
        terms = self.terms if terms is None else terms
        edges = np.array([0, *self.cuts])
        out = np.zeros((len(edges), len(levels), len(terms)))
        for i, term in enumerate(terms):
            f = self._place(term.factor)
            inside = np.asarray((edges + 1 >= term.first) & (edges < (term.last or np.inf)))
            there = np.asarray(levels[:, f] == self.factors[f].levels.index(term.level))
            out[..., i] = inside[:, None] & there
        return out

    def band_of(self, length: int) -> np.ndarray:
        """Return the band of each unit 1 .. `length`."""
        return np.asarray(np.searchsorted(self.cuts, np.arange(1, length + 1), side="left"))

    def where_lost(self, levels: np.ndarray, length: int, *reasons: str) -> np.ndarray:
        """Return the cells and units [C, K] that a term touches which was lost for a reason."""
        terms = [t for t, reason in self.lost if reason in reasons]
        touched = self.columns(levels, terms).max(axis=-1, initial=0.0) > 0
        return np.asarray(np.asarray(touched)[self.band_of(length)].T)

    def _place(self, factor: str) -> int:
        return [f.name for f in self.factors].index(factor)


@dataclass(frozen=True)
class Kept:
    """What of the counts is in the likelihood: at risk and events [C, K], zero elsewhere.

    `full` [S, K] are the units of a stratum in which everybody left.
    """

    at_risk: np.ndarray
    events: np.ndarray
    full: np.ndarray


def design_of(
    cells: Cells,
    n: np.ndarray,
    d: np.ndarray,
    strata: Sequence[str],
    fading: Mapping[str, Sequence[int]],
) -> tuple[Design, Kept]:
    """Return the design of a model of all factors, and the counts that stay in its likelihood.

    `n` and `d` [C, K] are at risk and events. ParameterError for unknown or doubled factors,
    NotObservedError where nobody left or a factor has no level to compare with.
    """
    cuts = _checked(cells, strata, fading)
    if not d.any():
        raise NotObservedError(
            "nobody left, so nothing can be said about what goes with leaving",
            remedy="Observe for longer.",
        )
    places = [cells.place(s) for s in strata]
    keys = np.unique(cells.levels[:, places], axis=0)
    design = Design(cells.factors, tuple(strata), keys, cuts, ())
    for i, factor in enumerate(cells.factors):
        if factor.name not in strata and len(factor.levels) > 1:
            here = tuple(sorted(set(fading.get(factor.name, ()))))
            terms = _terms(cells, factor, cells.levels[:, i], d, n, here)
            design = _with(design, (*design.terms, *terms))
    return _sifted(design, cells.levels, n, d)


def _checked(
    cells: Cells, strata: Sequence[str], fading: Mapping[str, Sequence[int]]
) -> tuple[int, ...]:
    """Return all cuts in order, after every name was looked at."""
    for name in (*strata, *fading):
        cells.place(name)
    both = sorted(set(strata) & set(fading))
    if both:
        raise ParameterError(
            f"{_said(both)} cannot be a stratum and fade at once",
            remedy="A stratum has its own baseline, so that its effect may take any course.",
        )
    cuts = sorted({int(c) for own in fading.values() for c in own})
    if cuts and not 0 < cuts[0] <= cuts[-1] < cells.length:
        raise ParameterError(
            f"a band of {cells.unit}s ends at {cuts[0] if cuts[0] < 1 else cuts[-1]}",
            remedy=f"Cut between 1 and {cells.length - 1}.",
        )
    return tuple(cuts)


def _terms(
    cells: Cells,
    factor: Factor,
    codes: np.ndarray,
    d: np.ndarray,
    n: np.ndarray,
    cuts: tuple[int, ...],
) -> list[Term]:
    """Return the terms of a factor; its reference has leavers and stayers in every band."""
    ends = [0, *cuts, d.shape[1]]
    events, stays = (_by_level(a, codes, len(factor.levels), ends) for a in (d, n - d))
    able = [i for i in range(len(factor.levels)) if events[i].all() and stays[i].all()]
    if not able:
        raise NotObservedError(
            f"`{factor.name}` has no level in which some leave and some stay"
            + (" in every band" if cuts else ""),
            remedy="Take longer bands, or make it a stratum." if cuts else "Make it a stratum.",
        )
    order = [able[0], *(i for i in range(len(factor.levels)) if i != able[0])]
    reference = factor.levels[order[0]]
    return [
        Term(factor.name, factor.levels[i], reference, a + 1, b if b < ends[-1] else None)
        for i in order[1:]
        for a, b in pairwise(ends)
    ]


def _by_level(counts: np.ndarray, codes: np.ndarray, levels: int, ends: list[int]) -> np.ndarray:
    """Return sums of counts [C, K] by level and band [L, B]."""
    bands = np.add.reduceat(counts, ends[:-1], axis=1)
    out = np.zeros((levels, bands.shape[1]), dtype=np.int64)
    np.add.at(out, codes, bands)
    return out


def _sifted(
    design: Design, levels: np.ndarray, n: np.ndarray, d: np.ndarray
) -> tuple[Design, Kept]:
    """Set aside units and terms that no finite number describes, until none is left.

    A unit of a stratum in which nobody (or everybody) left, a level with nobody leaving (staying):
    one may bring about the other, so it takes several rounds.
    """
    stratum, length = design.stratum_of(levels), n.shape[1]
    # floats, because products of whole numbers are slow
    member = (np.arange(len(design.keys))[:, None] == stratum).astype(float)
    whole, full = d, np.zeros((len(design.keys), length), dtype=bool)
    while True:
        some, rest = member @ d, member @ (n - d)
        full |= (some > 0) & (rest == 0)
        stays = ((some > 0) & (rest > 0))[stratum]
        n, d = n * stays, d * stays
        lost = _loss(design, levels, n, d, whole)
        if not lost:
            return design, Kept(n, d, full)
        names = [t for t, _ in lost]
        kept = tuple(t for t in design.terms if t not in names)
        design = _with(design, kept, (*design.lost, *lost))
        outside = ~design.where_lost(levels, length, NO_LEAVERS, NO_STAYERS, NO_COMPARISON)
        n, d = n * outside, d * outside


def _loss(
    design: Design, levels: np.ndarray, n: np.ndarray, d: np.ndarray, whole: np.ndarray
) -> list[tuple[Term, str]]:
    """Return the terms without a finite coefficient in what is left of the counts."""
    columns, band = design.columns(levels), design.band_of(n.shape[1])

    def by_term(counts: np.ndarray) -> np.ndarray:
        bands = np.stack([counts[:, band == b].sum(axis=1) for b in range(len(columns))])
        return np.asarray(np.einsum("bc,bcp->p", bands, columns))

    events, rest, ever = by_term(d), by_term(n - d), by_term(whole)
    lost = []
    for i, term in enumerate(design.terms):
        if events[i] == 0 and ever[i] == 0:
            lost.append((term, NO_LEAVERS))
        elif events[i] == 0:
            lost.append((term, NO_COMPARISON))
        elif rest[i] == 0:
            lost.append((term, NO_STAYERS))
    return lost


def _with(
    design: Design, terms: tuple[Term, ...], lost: tuple[tuple[Term, str], ...] | None = None
) -> Design:
    lost = design.lost if lost is None else lost
    return Design(design.factors, design.strata, design.keys, design.cuts, terms, lost)


def _said(names: Sequence[str]) -> str:
    return ", ".join(f"`{n}`" for n in names)
