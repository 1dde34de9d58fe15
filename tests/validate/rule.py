"""How an estimator passes: bias, coverage, power of the check, one more run for a failure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

import numpy as np
from scipy import stats

from stammkunde.result import Estimate

LEVEL = 0.95
REGION = 0.999
Three = tuple[float, float, float]
Bias = Literal["none", "must miss", ""]
Cover = Literal["exact", "conservative", "must fall short", ""]


@dataclass(frozen=True)
class Check:
    """What is asked of one estimator: its truth, whether it may be biased, how it must cover."""

    name: str
    truth: float
    bias: Bias = "none"
    cover: Cover = "exact"


@dataclass(frozen=True)
class Recipe:
    """A world whose truth is known; `once` maps a generator to (value, low, high) by name."""

    name: str
    about: str
    checks: tuple[Check, ...]
    once: Callable[[np.random.Generator], Mapping[str, Three]]


@dataclass(frozen=True)
class Verdict:
    """What the repetitions say of one check."""

    check: Check
    repetitions: int
    mean: float
    error: float
    spread: float
    covered: int | None
    passed: bool
    again: bool = False


def three(estimate: Estimate) -> Three:
    """Return value and limits; a limit that is not reached lies beyond everything."""
    far = float("inf")
    value, low, high = estimate.value, estimate.low, estimate.high
    return (
        float("nan") if value is None else value,
        far if low is None else low,
        far if high is None else high,
    )


def seed(name: str, again: bool = False) -> np.random.SeedSequence:
    """Return the seed of a recipe: the hash of its name, with ":2" for the run that decides."""
    text = name + (":2" if again else "")
    return np.random.SeedSequence(int.from_bytes(sha256(text.encode("utf-8")).digest()[:16], "big"))


def generator(name: str, repetition: int, again: bool = False) -> np.random.Generator:
    """Return the generator of one repetition, the same in whatever order they are run."""
    entropy = seed(name, again).entropy
    return np.random.Generator(
        np.random.PCG64(np.random.SeedSequence(entropy, spawn_key=(repetition,)))
    )


def region(repetitions: int) -> tuple[int, int]:
    """Return the exact binomial 99.9 % region of the number of intervals that cover."""
    tail = (1 - REGION) / 2
    law = stats.binom(repetitions, LEVEL)
    return int(law.ppf(tail)), int(law.ppf(1 - tail))


def unbiased(errors: np.ndarray) -> bool:
    """Return whether |mean error| < 3.5 Monte Carlo errors or < 0.1 empirical standard errors."""
    spread = float(errors.std(ddof=1))
    off = abs(float(errors.mean()))
    return bool(off < 3.5 * spread / np.sqrt(len(errors)) or off < 0.1 * spread or off < 1e-12)


def misses(errors: np.ndarray) -> bool:
    """Return whether the mean error is more than 10 Monte Carlo errors."""
    return bool(abs(errors.mean()) > 10 * errors.std(ddof=1) / np.sqrt(len(errors)))


def covers(covered: int, repetitions: int, how: Cover) -> bool:
    """Return whether so many intervals cover as they should."""
    low, high = region(repetitions)
    if how == "must fall short":
        return covered < low
    return covered >= low and (how == "conservative" or covered <= high)


def judge(check: Check, found: Sequence[Three], again: bool = False) -> Verdict:
    """Return the verdict on one check. A repetition without a value fails a check of bias."""
    values, lows, highs = np.array(found, dtype=float).T
    errors = values - check.truth
    passed, covered = True, None
    if check.bias:
        known = bool(np.isfinite(errors).all())
        passed = known and (unbiased(errors) if check.bias == "none" else misses(errors))
    if check.cover:
        covered = int(((lows <= check.truth) & (check.truth <= highs)).sum())
        passed = passed and covers(covered, len(values), check.cover)
    seen = errors[np.isfinite(errors)]
    mean, spread = float(seen.mean()), float(seen.std(ddof=1))
    error = spread / float(np.sqrt(len(seen)))
    return Verdict(check, len(values), mean, error, spread, covered, passed, again)
