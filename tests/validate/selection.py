"""Worlds in which columns are chosen by the same data as their differences are told from."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from stammkunde.chapters.reasons.fitted import fitted
from stammkunde.chapters.reasons.pairs import gap, stated
from stammkunde.result import Estimate
from stammkunde.survival.drivers.arrays import cells_from
from stammkunde.survival.drivers.cells import Cells, Factor
from stammkunde.survival.drivers.standard import Difference
from tests.validate.rule import Check, Recipe, Three, three

SPAN = 24
# a quarter of the blocks, which cost most
FEW_BLOCKS = 64
STUDY: Any = SimpleNamespace(
    horizons=(12, 24),
    toml=SimpleNamespace(
        report=SimpleNamespace(smallest_group=10, least_at_risk=10, mean_horizon=SPAN),
        data=SimpleNamespace(
            snapshot=None,
            transactions=None,
            window=SimpleNamespace(unit="month", open="2020-01-01"),
        ),
    ),
)


def lived(rng: np.random.Generator, rates: np.ndarray, codes: np.ndarray, sizes: Any) -> Cells:
    """Return customers with cumulative hazards `rates` [N, 24] and levels, seen 12 to 36 months."""
    left = rng.random(rates.shape) < -np.expm1(-rates)
    leave = np.where(left.any(axis=1), left.argmax(axis=1) + 1, SPAN + 1)
    seen = np.minimum(rng.integers(12, 37, len(rates)), SPAN)
    factors = [Factor(n, tuple(map(str, range(size)))) for n, size in sizes.items()]
    return cells_from(
        np.minimum(leave, seen),
        leave <= seen,
        codes,
        factors,
        block=rng.integers(0, FEW_BLOCKS, len(rates)),
    )


def mean(rates: np.ndarray, weights: np.ndarray) -> float:
    """Return the mean months within 24 of kinds with these rates [C, 24] and weights [C]."""
    stays = np.exp(-np.cumsum(rates, axis=1))[:, :-1].sum(axis=1) + 1
    return float(weights @ stays)


# `early` has its effect in the first year only, little enough that the test of an even effect finds
# it in about half of the repetitions; `twin` tells nearly what `steady` does, and `nil` nothing
FADE, STEADY = 0.45, np.array([0.0, 0.5, -0.4])
SIZES = {"early": 2, "steady": 3, "twin": 3, "nil": 2}
BASE = 0.035


def rates_of(early: np.ndarray, steady: np.ndarray) -> np.ndarray:
    months = np.arange(SPAN)
    log = FADE * early[:, None] * (months < SPAN // 2) + STEADY[steady][:, None]
    return np.asarray(BASE * np.exp(log))


def truths() -> dict[tuple[str, str], float]:
    """Return the differences in months by column and level, standardised over all customers."""
    early, steady = (x.ravel() for x in np.meshgrid([0, 1], [0, 1, 2], indexing="ij"))
    weights = np.where(early == 1, 0.4, 0.6) / 3

    def at(early: np.ndarray, steady: np.ndarray) -> float:
        return mean(rates_of(early, steady), weights)

    nil = np.zeros_like(early)
    found = {("early", "1"): at(nil + 1, steady) - at(nil, steady), ("nil", "1"): 0.0}
    for level in (1, 2):
        found["steady", str(level)] = at(early, nil + level) - at(early, nil)
        found["twin", str(level)] = 0.0
    return found


def chosen(rng: np.random.Generator) -> dict[str, Three]:
    size = 3000
    early = (rng.random(size) < 0.4).astype(int)
    steady = rng.integers(0, 3, size)
    twin = np.where(rng.random(size) < 0.75, steady, rng.integers(0, 3, size))
    nil = rng.integers(0, 2, size)
    codes = np.column_stack([early, steady, twin, nil])
    found = fitted(STUDY, lived(rng, rates_of(early, steady), codes, SIZES), SPAN)
    told = {f"{d.factor} {d.level}": three(d.months) for d in found.differences}
    told.pop("twin 2")  # as good as twin 1
    wrong = float(any(found.is_decided(d) for d in found.differences if d.factor in NOTHING))
    together = [t for t in found.together if t.alike.columns == ("steady", "twin")]
    missed = float(not (together and together[0].is_decided))
    return {
        **told,
        "no false alarm (Holm)": (0.0, wrong, wrong),
        "alike columns are found together": (0.0, missed, missed),
    }


NOTHING = ("twin", "nil")
TRUTHS = truths()
COURSES = Recipe(
    "drivers after selection",
    "3000 customers; whether a column has a course of its own is decided by a test on the same "
    "data, that of one column holds in the first year only, and another's twin tells nearly the "
    "same",
    (
        Check("early 1", TRUTHS["early", "1"]),
        Check("steady 1", TRUTHS["steady", "1"]),
        Check("steady 2", TRUTHS["steady", "2"]),
        Check("twin 1", 0.0),
        Check("nil 1", 0.0),
        Check("no false alarm (Holm)", 0.0, "", "conservative"),
        Check("alike columns are found together", 0.0, "", "conservative"),
    ),
    chosen,
)

# alike in size, so that chance decides which of them is the largest
MANY, SLIGHT, FEW = 6, 0.12, 1200


def largest(rng: np.random.Generator) -> dict[str, Three]:
    codes = rng.integers(0, 2, (FEW, MANY))
    rates = np.repeat((BASE * np.exp(SLIGHT * codes.sum(axis=1)))[:, None], SPAN, axis=1)
    sizes = {f"column {i}": 2 for i in range(MANY)}
    found = fitted(STUDY, lived(rng, rates, codes, sizes), SPAN)
    first = stated(found)[0]
    truth = -SLIGHTLY if first.reference == "0" else SLIGHTLY
    sign = 1.0 if (first.months.value or 0.0) >= 0 else -1.0
    return {
        "the largest of 6": off(gap(found, first), sign * truth),
        "the largest, as if there were no others": off(turned(first, sign), sign * truth),
        "the first of 6": off(found.differences[0].months, truth_of(found.differences[0])),
    }


def turned(found: Difference, sign: float) -> Estimate:
    """Return the difference in months, positive, with the limits it has for itself."""
    e = found.months
    low, high = sorted(sign * (x or 0.0) for x in (e.low, e.high))
    return Estimate(value=sign * (e.value or 0.0), low=low, high=high, unit=e.unit, method=e.method)


def off(estimate: Estimate, truth: float) -> Three:
    """Return an estimate less its truth, which is another one each time."""
    value, low, high = three(estimate)
    return value - truth, low - truth, high - truth


def truth_of(found: Difference) -> float:
    return -SLIGHTLY if found.reference == "0" else SLIGHTLY


def _slightly() -> float:
    """Return by how many months who lacks a level stays longer, over all combinations."""
    others = np.arange(MANY)
    weights = np.array([_choose(MANY - 1, k) for k in others]) / 2 ** (MANY - 1)

    def at(more: int) -> float:
        rates = BASE * np.exp(SLIGHT * (others + more))
        return mean(np.repeat(rates[:, None], SPAN, axis=1), weights)

    return at(0) - at(1)


def _choose(n: int, k: int) -> float:
    return float(np.prod([(n - i) / (i + 1) for i in range(k)]))


SLIGHTLY = _slightly()
LARGEST = Recipe(
    "largest of many differences",
    "1200 customers and 6 columns with the same small difference: told is the one that happens to "
    "come out largest",
    (
        Check("the first of 6", 0.0),
        Check("the largest of 6", 0.0, "", "conservative"),
        Check("the largest, as if there were no others", 0.0, "must miss", "must fall short"),
    ),
    largest,
)

RECIPES = [COURSES, LARGEST]
