"""Everybody's survival under a model of drivers with one factor set to a level, and how it moves.

A cell's curve depends on its stratum, on the terms that change with tenure, and on one number: the
sum of its other coefficients. Where cells are many, curves are computed on a grid of that number
and interpolated (cubic, error below 1e-8), so that the cost does not grow with cells times units.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from stammkunde.draws import BLOCKS
from stammkunde.survival.drivers.design import NO_COMPARISON, NO_LEAVERS, NO_STAYERS, Term
from stammkunde.survival.drivers.model import DriverModel

STEP = 0.02
POINTS = np.array([-1, 0, 1, 2])
LARGEST = 1e30


@dataclass(frozen=True)
class Asked:
    """Sums over a curve: `weight` [A, K + 1], and the last tenure [A] that each of them needs."""

    weight: np.ndarray
    last: np.ndarray


@dataclass(frozen=True)
class Terms:
    """What the coefficients belong to: place of the factor [p], of the level, bands [bands, p]."""

    factor: np.ndarray
    level: np.ndarray
    bands: np.ndarray


@dataclass(frozen=True)
class People:
    """The customers of a model, and how it moves without each block.

    `own` [C] is a cell's sum of coefficients that hold for all units, `effects` the same by level
    for each factor; `shaped` are the places of factors that give a cell another course. `columns`
    [bands, C, p], `n` [C] spells, `by_block` [256, C] (sparse), `held` [256]
    blocks with somebody, moves [256, p] and [256, S, K].
    """

    model: DriverModel
    terms: Terms
    own: np.ndarray
    effects: tuple[np.ndarray, ...]
    shaped: tuple[int, ...]
    columns: np.ndarray
    n: np.ndarray
    by_block: Any
    held: np.ndarray
    beta_moves: np.ndarray
    baseline_moves: np.ndarray


@dataclass(frozen=True)
class Average:
    """What was asked of everybody's survival [A], without each block [256, A], to which tenure."""

    value: np.ndarray
    leave_out: np.ndarray
    reach: int


@dataclass(frozen=True)
class _Nodes:
    """Where curves are computed: sum `at` [M] and course [M]; what cells take [C, M] (sparse)."""

    at: np.ndarray
    course: np.ndarray
    taken: Any


@dataclass(frozen=True)
class _Courses:
    """Hazards of each course at sum 0 [G, K], by what the baseline is multiplied, the stratum."""

    hazard: np.ndarray
    ratio: np.ndarray
    stratum: np.ndarray


def people_of(model: DriverModel) -> People:
    """Return the customers of a model: each spell once, by cell and block."""
    cells, design = model.cells, model.design
    beta, baseline = model.left_out()
    terms = _terms(model)
    effects = tuple(np.zeros(len(f.levels)) for f in cells.factors)
    for i in np.flatnonzero(terms.bands.all(axis=0)):
        effects[terms.factor[i]][terms.level[i]] = model.beta[i]
    names = {t.factor for t, _ in design.lost} | {t.factor for t in design.terms if not is_plain(t)}
    finite = np.isfinite(model.baseline)
    counts = (cells.n.astype(float), (cells.block, cells.cell))
    own = sum((e[cells.levels[:, f]] for f, e in enumerate(effects)), np.zeros(len(cells.levels)))
    return People(
        model=model,
        terms=terms,
        own=own,
        effects=effects,
        shaped=tuple(sorted({cells.place(n) for n in (*names, *design.strata)})),
        columns=design.columns(cells.levels),
        n=np.bincount(cells.cell, weights=cells.n, minlength=len(cells.levels)),
        by_block=sparse.coo_array(counts, shape=(BLOCKS, len(cells.levels))).tocsr(),
        held=np.bincount(cells.block, minlength=BLOCKS) > 0,
        beta_moves=beta - model.beta,
        baseline_moves=np.where(finite, baseline, 0.0) - np.where(finite, model.baseline, 0.0),
    )


def _terms(model: DriverModel) -> Terms:
    cells, terms = model.cells, model.design.terms
    factor = np.array([cells.place(t.factor) for t in terms], dtype=np.int64)
    level = [cells.factors[f].levels.index(t.level) for f, t in zip(factor, terms, strict=True)]
    first = np.array([0, *model.design.cuts])[:, None] + 1
    begin = np.array([t.first for t in terms], dtype=np.int64)
    end = np.array([np.inf if t.last is None else t.last for t in terms])
    return Terms(factor, np.array(level, dtype=np.int64), (begin <= first) & (first <= end))


def is_plain(term: Term) -> bool:
    """Return whether a term holds for all units."""
    return term.first == 1 and term.last is None


def average(
    people: People, asked: Asked, factor: int, level: int, *, times: float = 1.0
) -> Average:
    """Return everybody's survival with a factor set to a level, all other factors as they are.

    `times` multiplies all hazards. Leave-outs are first-order in the parameters and exact in who is
    there. NotObservedError for a combination of strata that nobody was in.
    """
    levels = people.model.cells.levels
    own = people.own - people.effects[factor][levels[:, factor]] + people.effects[factor][level]
    own = own + np.log(times)
    course, rows = _kinds(people, factor, level)
    courses = _courses(people.model, rows, asked.weight.shape[1] - 1)
    nodes = _nodes(own, course, len(rows))
    lived = np.cumsum(courses.hazard, axis=1)[nodes.course] * np.exp(nodes.at)[:, None]
    stays = np.exp(-np.hstack([np.zeros((len(nodes.at), 1)), lived]))
    slopes = _slopes(people, courses, nodes, stays, asked)
    table = nodes.taken @ np.hstack([stays @ asked.weight.T, *slopes])
    size = len(asked.weight)
    by_cell, by_band = table[:, :size], np.hsplit(table[:, size:], len(people.columns))
    weight = people.n / people.n.sum()
    value = weight @ by_cell
    by_beta = _by_beta(people, factor, level, [weight[:, None] * b for b in by_band])
    by_baseline = _by_baseline(people, courses, nodes, stays, weight, asked)
    leave_out = value + people.beta_moves @ by_beta
    units = by_baseline.shape[-1]
    leave_out = leave_out + np.einsum(
        "gst,ast->ga", people.baseline_moves[..., :units], by_baseline
    )
    leave_out += _without(people, by_cell, value)
    reach = int(people.model.reach[np.unique(courses.stratum)].min())
    return Average(value, leave_out, reach)


def _kinds(people: People, factor: int, level: int) -> tuple[np.ndarray, np.ndarray]:
    """Return which course each cell takes [C], and the levels of one cell of each course [G, F]."""
    levels = people.model.cells.levels
    key = np.zeros(len(levels), dtype=np.int64)
    for f in people.shaped:
        own = levels[:, f] if f != factor else np.full(len(levels), level)
        # numbered anew after each factor, so that many factors make no huge number
        _, key = np.unique(key * len(people.effects[f]) + own, return_inverse=True)
    found, first, course = np.unique(key, return_index=True, return_inverse=True)
    rows = levels[first].copy()
    rows[:, factor] = level
    assert len(found) == len(rows)
    return course, rows


def _courses(model: DriverModel, rows: np.ndarray, length: int) -> _Courses:
    """Return the courses of cells with these levels [G, F] over the first `length` units."""
    design = model.design
    late = [i for i, t in enumerate(design.terms) if not is_plain(t)]
    columns = design.columns(rows, [design.terms[i] for i in late])
    ratio = np.exp(columns @ model.beta[late])[design.band_of(length)].T
    stratum = design.stratum_of(rows)
    hazard = np.minimum(model.baseline[stratum, :length], LARGEST) * ratio
    stuck = model.baseline[stratum, :length] == np.inf
    for reason, value in (
        (NO_COMPARISON, np.where(stuck, LARGEST, 0.0)),
        (NO_STAYERS, np.full(stuck.shape, LARGEST)),
        (NO_LEAVERS, np.zeros(stuck.shape)),
    ):
        touched = design.where_lost(rows, length, reason)
        hazard, ratio = np.where(touched, value, hazard), np.where(touched, 0.0, ratio)
    return _Courses(np.minimum(hazard, LARGEST), ratio, stratum)


def _nodes(own: np.ndarray, course: np.ndarray, courses: int) -> _Nodes:
    """Return a grid of sums for every course, or the cells themselves where they are no more."""
    place = own / STEP
    first = int(np.floor(place.min())) + POINTS[0]
    size = int(np.floor(place.max())) + POINTS[-1] + 1 - first
    if courses * size >= len(own):
        return _Nodes(own, course, sparse.eye_array(len(own), format="csr"))
    below = np.floor(place)
    index = (course * size + below.astype(np.int64) - first)[:, None] + POINTS
    ends = np.arange(len(own) + 1) * len(POINTS)
    taken = sparse.csr_array(
        (_cubic(place - below).ravel(), index.ravel(), ends), shape=(len(own), courses * size)
    )
    at = (first + np.arange(size)) * STEP
    return _Nodes(np.tile(at, courses), np.repeat(np.arange(courses), size), taken)


def _cubic(x: np.ndarray) -> np.ndarray:
    """Return Lagrange's weights [C, 4] of the points -1, 0, 1, 2 at x in [0, 1)."""
    a, b, c = x + 1, x - 1, x - 2
    return np.stack([-x * b * c / 6, a * b * c / 2, -a * x * c / 2, a * x * b / 6], axis=1)


def _slopes(
    people: People, courses: _Courses, nodes: _Nodes, stays: np.ndarray, asked: Asked
) -> list[np.ndarray]:
    """Return by band how the sums of each node's curve move with a term of that band [M, A]."""
    bands = people.model.design.band_of(courses.hazard.shape[1])
    out = []
    for band in range(len(people.columns)):
        part = np.cumsum(np.where(bands == band, courses.hazard, 0.0), axis=1)[nodes.course]
        fall = stays[:, 1:] * part * np.exp(nodes.at)[:, None]
        out.append(-fall @ asked.weight[:, 1:].T)
    return out


def _by_beta(people: People, factor: int, level: int, by_band: list[np.ndarray]) -> np.ndarray:
    """Return the derivative by the coefficients [p, A]; `by_band` [C, A] is that by cell."""
    out = np.asarray(sum(x.T @ part for x, part in zip(people.columns, by_band, strict=True)))
    whole = np.stack([part.sum(axis=0) for part in by_band])
    terms = people.terms
    own = np.flatnonzero(terms.factor == factor)
    here = terms.level[own] == level
    out[own] = here[:, None] * (terms.bands[:, own].T @ whole)
    return out


def _by_baseline(
    people: People,
    courses: _Courses,
    nodes: _Nodes,
    stays: np.ndarray,
    weight: np.ndarray,
    asked: Asked,
) -> np.ndarray:
    """Return the derivative by the baseline [A, S, K]."""
    on = nodes.taken.T @ weight
    sums = sparse.csr_array(
        (on * np.exp(nodes.at), (nodes.course, np.arange(len(on)))),
        shape=(len(courses.stratum), len(on)),
    )
    falls = (sums @ stays)[None] * asked.weight[:, None, :]
    later = np.flip(np.cumsum(np.flip(falls, axis=-1), axis=-1), axis=-1)[..., 1:]
    strata = len(people.model.baseline)
    member = (np.arange(strata)[:, None] == courses.stratum).astype(float)
    return np.asarray(member @ (-later * courses.ratio))


def _without(people: People, by_cell: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Return how the average moves when a block's customers are not averaged over [256, A]."""
    there = people.by_block.sum(axis=1)[:, None]
    excess = there * value - people.by_block @ by_cell
    return np.asarray(excess / np.maximum(people.n.sum() - there, 1.0))
