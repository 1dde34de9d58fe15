"""One table for all packages, in memory as whole numbers, and what the packages make of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

CAUSES = ("price", "moved", "service")
LONGEST = 120
SHARES = (0.5, 0.3, 0.2, 0.4, 0.1)
EFFECTS = (0.3, -0.2, 0.5, 0.0, 0.1)


@dataclass(frozen=True)
class Table:
    """Customers in months, arrays [N].

    `exit` is the last month observed, `cause` 0 where it ends with still being there and c for
    `CAUSES[c - 1]`, `event` whether they left, `group` 0 or 1.
    """

    exit: np.ndarray
    event: np.ndarray
    group: np.ndarray
    cause: np.ndarray


@dataclass(frozen=True)
class Rows:
    """Customers with five flags [N, 5], as they lie and as other packages want them.

    `numbers` are the flags as floats; `frame` has them, `exit` and `event` as columns.
    """

    exit: np.ndarray
    event: np.ndarray
    flags: np.ndarray
    numbers: np.ndarray
    frame: pd.DataFrame


def table(size: int) -> Table:
    """Return `size` customers of two groups; they leave for three causes, alike in every month."""
    rng = np.random.default_rng(size)
    group = rng.integers(0, 2, size)
    stays = rng.geometric(np.array([0.020, 0.021])[group])
    exit_, event = _seen(rng, stays, LONGEST)
    cause = rng.integers(1, len(CAUSES) + 1, size)
    cause *= event
    return Table(exit_, event, group, cause)


def rows(size: int) -> Rows:
    """Return `size` customers of whom five things are known, four of which matter."""
    rng = np.random.default_rng(size)
    flags = rng.random((size, len(SHARES))) < SHARES
    hazard = 0.02 * np.exp(flags @ np.array(EFFECTS))
    exit_, event = _seen(rng, rng.geometric(hazard), LONGEST // 2)
    numbers = flags.astype(float)
    frame = pd.DataFrame(numbers, columns=[f"x{j + 1}" for j in range(len(SHARES))])
    return Rows(exit_, event, flags, numbers, frame.assign(exit=exit_, event=event))


def _seen(
    rng: np.random.Generator, stays: np.ndarray, longest: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the last month observed and whether it ends with leaving."""
    observed = rng.integers(1, longest + 1, len(stays))
    return np.minimum(stays, observed), stays <= observed
