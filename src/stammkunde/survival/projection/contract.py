"""A hazard with the contract's structure: quiet within the term, peaks at its ends, then level.

Curves without a contract in them (Weibull and its kin) stretch a peak at the end of the term over
all that follows and are far off beyond it. Here each kind of unit has a hazard of its own; what is
assumed of the future is that units of a kind stay as they were.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from scipy import special

from stammkunde.errors import ParameterError
from stammkunde.survival.projection.families import Family, Pair
from stammkunde.survival.table import LifeTable

WITHIN, END, RENEWAL, LEVEL, FADING = "within", "end", "renewal", "level", "fading"


def contract(
    table: LifeTable, ends: Collection[int], *, every: int = 0, fading: bool = False
) -> Family:
    """Return the family of a contract whose terms or prices end with the units `ends`.

    Before the first of `ends` all units share a hazard; each of `ends` has its own; after the last,
    every `every` units (0: never) a renewal ends, all with one hazard; the rest are level, or, with
    `fading`, have log odds that are linear in the logarithm of tenure. A kind of unit in which
    nobody left, though some were there, has the hazard 0 and no parameter. Parameters are hazards
    (with `fading` also the slope). ParameterError for an end below unit 1.
    """
    known = sorted(set(ends))
    if not known or known[0] < 1:
        remedy = "Give the units with which the term or the newcomer's price ends."
        raise ParameterError("a contract needs an end in unit 1 or later", remedy=remedy)
    kinds = (WITHIN, *(f"{END} {e}" for e in known), *([RENEWAL] if every else []), LEVEL)
    at_risk, moves, _ = table.in_state()
    kind = _kind(table.length, known, every)
    left, there = (
        np.bincount(kind, weights=n, minlength=len(kinds))
        for n in (moves.sum(axis=(0, 1)), at_risk.sum(axis=0))
    )
    # the level is what goes on, and a kind that nobody reached is not known to keep all: they stay
    # free, and a fit says that nothing is known of them
    free = [i for i in range(len(kinds)) if left[i] > 0 or not there[i] or kinds[i] == LEVEL]
    names = (*(kinds[i] for i in free), *([FADING] if fading else []))

    def steps(theta: np.ndarray, length: int) -> Pair:
        columns = _columns(_kind(length, known, every), free, len(kinds) - 1, known[-1], fading)
        odds = theta @ columns.T
        at_risk = columns[:, : len(free)].any(axis=1)
        stay = np.where(at_risk, -np.logaddexp(0.0, odds), 0.0)
        return stay, -(special.expit(odds) * at_risk)[..., None] * columns

    def start(hazard: float) -> tuple[tuple[float, ...], ...]:
        point = [float(special.logit(hazard))] * len(free) + [0.0] * fading
        return (tuple(point),)

    scales = ("logit",) * len(free) + ("",) * fading
    name = "contract" + (", level fading" if fading else "")
    return Family(name, names, scales, steps, start)


def _kind(length: int, ends: list[int], every: int) -> np.ndarray:
    """Return the kind [K] of each unit: 0 within, 1 .. the ends, then renewal, then level."""
    unit = np.arange(1, length + 1)
    level = 1 + len(ends) + (every > 0)
    kind = np.where(unit < ends[0], 0, level)
    if every:
        renews = (unit > ends[-1]) & ((unit - ends[-1]) % every == 0)
        kind[renews] = level - 1
    for i, end in enumerate(ends):
        kind[unit == end] = 1 + i
    return np.asarray(kind)


def _columns(kind: np.ndarray, free: list[int], level: int, last: int, fading: bool) -> np.ndarray:
    """Return the design [K, p]: a flag per free kind, and the slope of the level."""
    flags = [kind == i for i in free]
    if fading:
        unit = np.arange(1, len(kind) + 1)
        flags.append(np.where(kind == level, np.log(unit / last), 0.0))
    return np.stack(flags, axis=-1).astype(float)
