"""Which columns have the same effect at every tenure, and what is done with those that have not.

A column whose effect changes gets a baseline of its own for every level, or, where its levels are
too few in some unit, a ratio of its own for every stretch of tenure, or, where even that cannot be
estimated, an average over time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from stammkunde.chapters.lifetimes.onward import YEAR
from stammkunde.chapters.parts import least_at_risk
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.study import Study
from stammkunde.survival.drivers.cells import Cells, at_risk, events
from stammkunde.survival.drivers.design import Design, design_of
from stammkunde.survival.drivers.fading import Fading, fading_tests, structural
from stammkunde.survival.drivers.model import peak

# each combination of strata needs a course of its own
MOST_STRATA = 12
MOST_STRETCHES = 5
DECIDED = 0.05

Stretch = tuple[int, int]


@dataclass(frozen=True)
class Courses:
    """How the effects of columns go over tenure, by stretch of it (first, last].

    `strata` have baselines of their own, those of them in `forced` because a level cannot leave for
    a while; `banded` have a ratio for each stretch. `fading` are the tests of all others.
    """

    strata: tuple[str, ...]
    forced: tuple[str, ...]
    banded: tuple[str, ...]
    fading: tuple[Fading, ...]
    stretches: tuple[Stretch, ...]

    @property
    def uneven(self) -> tuple[str, ...]:
        """Return the columns whose effect changes over tenure beyond chance, the surest first."""
        sure = [f for f in self.fading if f.adjusted < DECIDED]
        return tuple(f.factor for f in sorted(sure, key=lambda f: (f.adjusted, f.test.p)))

    @property
    def averaged(self) -> tuple[str, ...]:
        """Return those of them that have one ratio for all tenures nevertheless."""
        return tuple(n for n in self.uneven if n not in (*self.strata, *self.banded))

    @property
    def bands(self) -> Mapping[str, tuple[int, ...]]:
        """Return the last units of all stretches but the last, for each banded column."""
        return {name: cuts_of(self.stretches) for name in self.banded}


def courses_of(study: Study, cells: Cells) -> Courses:
    """Return how the effects of all columns of the cells go over tenure."""
    stretches = _stretches(study, cells.length)
    forced = _strata(cells, structural(cells), (), least=1)
    found = Courses(forced, forced, (), _fading(cells, cuts_of(stretches), forced), stretches)
    strata = _strata(cells, found.uneven, forced, least=least_at_risk(study))
    banded = _banded(cells, [n for n in found.uneven if n not in strata], strata, stretches)
    return Courses(strata, forced, banded, found.fading, stretches)


def cuts_of(stretches: Sequence[Stretch]) -> tuple[int, ...]:
    """Return the last units of all stretches but the last."""
    return tuple(last for _, last in stretches[:-1])


def is_estimable(cells: Cells, strata: Sequence[str] = ()) -> bool:
    """Return whether a model of the cells has a solution; its errors are not asked for."""
    return set(cells.names) <= set(strata) or _solved(cells, strata, {}) is not None


def is_aliased(cells: Cells) -> bool:
    """Return whether some levels only matter together, so that one follows from the others."""
    try:
        design, kept = design_of(cells, at_risk(cells), events(cells), (), {})
        peak(cells, design, kept)
    except ParameterError:
        return True
    except NotObservedError:
        return False
    return False


def _solved(
    cells: Cells, strata: Sequence[str], bands: Mapping[str, Sequence[int]]
) -> Design | None:
    try:
        design, kept = design_of(cells, at_risk(cells), events(cells), strata, bands)
        peak(cells, design, kept)
    except (NotObservedError, ParameterError):
        return None
    return design


def _stretches(study: Study, span: int) -> tuple[Stretch, ...]:
    """Return the years (or the first horizon's units) that `span` holds, five at most."""
    year = YEAR[study.toml.data.window.unit]
    step = year if 2 * year <= span else study.horizons[0]
    ends = [*range(0, span + 1, step)][: MOST_STRETCHES + 1]
    return tuple(pairwise(ends))


def _fading(cells: Cells, cuts: Sequence[int], strata: Sequence[str]) -> tuple[Fading, ...]:
    """Return the tests of even effects; none where tenure has one stretch only."""
    if not cuts or set(cells.names) <= set(strata):
        return ()
    try:
        return fading_tests(cells, cuts, strata=strata)
    except NotObservedError:
        return ()


def _strata(
    cells: Cells, names: Sequence[str], forced: Sequence[str], *, least: int
) -> tuple[str, ...]:
    """Return `forced` and, in order, the names that can be strata beside those before them.

    Every combination of levels needs `least` at risk in every unit, and all levels of one have to
    occur beside all of the others: where nobody was, there is no course.
    """
    strata = [*forced]
    for name in names:
        tried = [*strata, name]
        places = [cells.place(s) for s in tried]
        keys, of = np.unique(cells.levels[:, places], axis=0, return_inverse=True)
        member = np.arange(len(keys))[:, None] == np.asarray(of).reshape(-1)
        enough = bool((member.astype(np.int64) @ at_risk(cells) >= least).all())
        whole = len(keys) == np.prod([len(np.unique(cells.levels[:, p])) for p in places])
        if len(keys) <= MOST_STRATA and enough and whole and is_estimable(cells, tried):
            strata = tried
    return tuple(strata)


def _banded(
    cells: Cells, names: Sequence[str], strata: Sequence[str], stretches: Sequence[Stretch]
) -> tuple[str, ...]:
    """Return the names that can have a ratio for each stretch, all levels in all of them."""
    cuts = tuple(c for c in cuts_of(stretches) if c < cells.length)
    banded: list[str] = []
    for name in names:
        design = _solved(cells, strata, dict.fromkeys((*banded, name), cuts))
        if cuts and design is not None and not any(t.factor == name for t, _ in design.lost):
            banded.append(name)
    return tuple(banded)
