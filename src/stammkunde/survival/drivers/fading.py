"""Which effects fade or grow with tenure, and which factors need a baseline of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from scipy import stats

from stammkunde.draws import BLOCKS, FEWEST_BLOCKS
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.survival import formulas
from stammkunde.survival.contrasts.equality import Test
from stammkunde.survival.contrasts.multiplicity import adjusted
from stammkunde.survival.drivers import solve
from stammkunde.survival.drivers.blocks import by_block
from stammkunde.survival.drivers.cells import Cells, at_risk, events
from stammkunde.survival.drivers.design import Design, Kept, Term, design_of
from stammkunde.survival.drivers.model import peak, shape_of

EXPECTED = 10.0
KNOWN = 1e-9


@dataclass(frozen=True)
class _Scores:
    """Scores of later bands at the model in which no effect fades, the baseline following.

    `score` [P], `information` [P, P] and, for repeat spells, the `pulls` [G, P] of the held blocks
    belong to `terms`, of which the first `fitted` are those of the model.
    """

    terms: tuple[Term, ...]
    fitted: int
    score: np.ndarray
    information: np.ndarray
    pulls: np.ndarray | None


@dataclass(frozen=True)
class Fading:
    """A test of "the effect of a factor is the same over tenure" and its p adjusted (Holm)."""

    factor: str
    test: Test
    adjusted: float


def fading_tests(
    cells: Cells, cuts: Sequence[int], *, strata: Sequence[str] = ()
) -> tuple[Fading, ...]:
    """Return whether effects fade or grow, for every factor that is no stratum (see `fading_test`).

    A factor that one band alone can tell nothing about is left out.
    """
    scores = _scores(cells, cuts, strata)
    names = dict.fromkeys(t.factor for t in scores.terms)
    tests = {n: _test(scores, n) for n in names}
    known = {n: t for n, t in tests.items() if t is not None}
    p = adjusted([t.p for t in known.values()], method="holm")
    return tuple(Fading(n, t, a) for (n, t), a in zip(known.items(), p, strict=True))


def fading_test(
    cells: Cells, factor: str, cuts: Sequence[int], *, strata: Sequence[str] = ()
) -> Test:
    """Return the test of "the effect of `factor` is the same in all bands of tenure".

    `cuts` are the last units of all bands but the last. The score test at the model without
    interaction, all other factors in it, so that a level without leavers in a band is no trouble.
    One spell per person: chi-square with the model's information; repeat spells: Hotelling's form
    with the covariance of the persons' blocks, referred to F. NotObservedError where the data
    cannot tell.
    """
    cells.place(factor)
    test = _test(_scores(cells, cuts, strata), factor)
    if test is None:
        raise NotObservedError(
            f"too little was observed of `{factor}` in the bands of tenure to tell whether its "
            "effect fades",
            remedy="Take fewer or longer bands.",
        )
    return test


def structural(cells: Cells) -> tuple[str, ...]:
    """Return the factors whose levels cannot leave in some units while others do.

    A level has no leavers over a run of units in which, at the hazard of all customers, at least 10
    would have left: a minimum term, for example. Such a factor should be a stratum.
    """
    n, d = at_risk(cells), events(cells)
    pooled = formulas.hazard(n.sum(axis=0), d.sum(axis=0))
    found = []
    for i, factor in enumerate(cells.factors):
        same = np.arange(len(factor.levels))[:, None] == cells.levels[:, i]
        member = same.astype(float)
        expected, seen = (member @ n) * pooled, member @ d
        if any(_longest(e, s == 0) >= EXPECTED for e, s in zip(expected, seen, strict=True)):
            found.append(factor.name)
    return tuple(found)


def _longest(expected: np.ndarray, empty: np.ndarray) -> float:
    """Return the most that was expected in a run of units without leavers."""
    runs = groupby(zip(expected, empty, strict=True), key=lambda unit: bool(unit[1]))
    return max((sum(float(e) for e, _ in run) for none, run in runs if none), default=0.0)


def _scores(cells: Cells, cuts: Sequence[int], strata: Sequence[str]) -> _Scores:
    ends = sorted({int(c) for c in cuts})
    if not ends or not 0 < ends[0] <= ends[-1] < cells.length:
        raise ParameterError(
            "no band of tenure lies within what was observed",
            remedy=f"Cut between 1 and {cells.length - 1} {cells.unit}s.",
        )
    design, kept = design_of(cells, at_risk(cells), events(cells), strata, {})
    _, null = peak(cells, design, kept)
    later = tuple(
        Term(t.factor, t.level, t.reference, a + 1, b)
        for t in design.terms
        for a, b in zip(ends, [*ends[1:], None], strict=True)
    )
    wide = Design(design.factors, design.strata, design.keys, tuple(ends), design.terms + later)
    shape = shape_of(wide, cells.levels, cells.length)
    at = solve.point(shape, np.concatenate([null.beta, np.zeros(len(later))]), null.baseline)
    n, d = kept.at_risk, kept.events
    form = solve.sums(shape, n * at.expected)
    score = solve.scores(shape, n * at.score_n + d * at.score_d).reduced(form)
    pulls = _blocks(cells, shape, kept, at, form) if cells.repeats else None
    return _Scores(wide.terms, len(design.terms), score, form.reduced(), pulls)


def _test(scores: _Scores, factor: str) -> Test | None:
    """Return the test of a factor, or None where the bands tell nothing of it."""
    own = [i for i, t in enumerate(scores.terms) if i < scores.fitted or t.factor == factor]
    among = scores.information[np.ix_(own, own)]
    project, information = _efficient(among, scores.fitted)
    basis = _basis(information)
    if basis.shape[1] == 0:
        return None
    project = basis.T @ project
    excess = project @ scores.score[own]
    if scores.pulls is None:
        return _by_model(excess, basis.T @ information @ basis)
    return _by_blocks(excess, scores.pulls[:, own] @ project.T)


def _efficient(information: np.ndarray, p: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what makes later scores free of the first `p`, and their information then."""
    across = information[p:, :p] @ np.linalg.inv(information[:p, :p])
    project = np.hstack([-across, np.eye(len(information) - p)])
    return project, project @ information @ project.T


def _basis(information: np.ndarray) -> np.ndarray:
    """Return the directions in which something is known [e, rank]."""
    values, vectors = np.linalg.eigh(information)
    return np.asarray(vectors[:, values > KNOWN * max(values.max(initial=0.0), 1e-300)])


def _blocks(
    cells: Cells, shape: solve.Shape, kept: Kept, at: solve.Point, form: solve.Sums
) -> np.ndarray:
    """Return the score of each held block [G, p], alpha following."""
    out = np.zeros((BLOCKS, len(at.beta)))
    held = np.zeros(BLOCKS, dtype=bool)
    used = kept.at_risk > 0
    for part in (whole.within(used) for whole in by_block(cells)):
        held[part.block] = part.at_risk.any()
        pull = part.at_risk * at.score_n[part.own] + part.events * at.score_d[part.own]
        out[part.block] = solve.scores(part.shape(shape), pull).reduced(form)
    return out[held]


def _by_model(excess: np.ndarray, information: np.ndarray) -> Test:
    statistic, df = float(excess @ np.linalg.solve(information, excess)), len(excess)
    return Test(statistic, df, float(stats.chi2.sf(statistic, df)), "score test of fading effects")


def _by_blocks(excess: np.ndarray, pulls: np.ndarray) -> Test | None:
    """Return Hotelling's test with the covariance of the blocks' scores [G, df]."""
    groups, df = pulls.shape
    if groups < max(FEWEST_BLOCKS, df + 2):
        return None
    off = pulls - pulls.mean(axis=0)
    covariance = groups / (groups - 1) * off.T @ off
    if np.linalg.matrix_rank(covariance) < df:
        return None
    statistic = float(excess @ np.linalg.solve(covariance, excess))
    scale = (groups - df) / (df * (groups - 1))
    p = float(stats.f.sf(scale * statistic, df, groups - df))
    return Test(statistic, df, p, "score test of fading effects, person blocks")
