"""What would have to be true for another policy to win: where the best one turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stammkunde.errors import ParameterError
from stammkunde.policy.decide.checked import net_values
from stammkunde.policy.decide.one_way import Model, column, held, mean_values, smooth_over

STEPS, ROUNDING, CENTRAL = 40, 1e-12, (0.01, 0.99)


@dataclass(frozen=True, kw_only=True)
class Turn:
    """The value of an assumption `at` which, going up, the best policy turns from `before`."""

    assumption: str
    at: float
    before: str
    after: str


def threshold(
    model: Model,
    drawn: Mapping[str, np.ndarray],
    names: Sequence[str],
    assumption: str,
    low: float,
    high: float,
    *,
    steps: int = STEPS,
) -> tuple[Turn, ...]:
    """Return every value between `low` and `high` at which the policy with the best mean turns.

    The assumption is set to a point in all draws, the others stay as drawn; none where one policy
    is best throughout. A pair of turns closer than (high - low) / steps may be missed. Policies
    that tie do not turn. ParameterError for a range or an assumption that is none.
    """
    column(drawn, assumption)

    def means(point: float) -> np.ndarray:
        return mean_values(model, held(drawn, {assumption: point}), names)

    return _turns(means, tuple(sorted(names)), assumption, _range(low, high, steps))


def threshold_of_draws(
    values: ArrayLike, drawn: Mapping[str, np.ndarray], names: Sequence[str], assumption: str
) -> tuple[Turn, ...]:
    """Return the values of an assumption at which the best policy turns, from joint draws [B, P].

    Values are smoothed over the assumption, between the points below which 1 and 99 % of its draws
    lie. All else as in `threshold`; ParameterError for fewer than 100 draws.
    """
    known, order = net_values(values, names)
    levels, smooth = smooth_over(known, column(drawn, assumption))
    low, high = (float(x) for x in np.quantile(column(drawn, assumption), CENTRAL))
    if low == high:
        return ()

    def means(point: float) -> np.ndarray:
        return np.array([np.interp(point, levels, one) for one in smooth.T])

    return _turns(means, order, assumption, _range(low, high, STEPS))


def _range(low: float, high: float, steps: int) -> np.ndarray:
    if not (np.isfinite([low, high]).all() and low < high and steps >= 1):
        raise ParameterError(
            f"no range goes from {low:g} to {high:g} in {steps} steps",
            remedy="Give the lower end first, and one step at least.",
        )
    return np.linspace(low, high, steps + 1)


def _turns(
    means: Callable[[float], np.ndarray],
    names: tuple[str, ...],
    assumption: str,
    points: np.ndarray,
) -> tuple[Turn, ...]:
    """Return the turns along points: where none of those who were best so far is best any more."""
    left, found = float(points[0]), []
    holding = _best(means(left))
    for right in points[1:].tolist():
        while not holding & _best(means(right)):
            at, beyond, lasting = _between(means, holding, left, right)
            new = _best(means(beyond))
            before, after = (names[min(who)] for who in (lasting, new))
            found.append(Turn(assumption=assumption, at=at, before=before, after=after))
            left, holding = beyond, new
        holding &= _best(means(right))
        left = right
    return tuple(found)


def _between(
    means: Callable[[float], np.ndarray], holding: frozenset[int], low: float, high: float
) -> tuple[float, float, frozenset[int]]:
    """Return where those who are best at `low` stop being so, a point beyond, and who lasted.

    Halving leaves a stretch on which means are as good as straight, and the turn is where two
    straight lines cross.
    """
    start, span = low, high - low
    while high - low > span * 2.0**-20:
        middle = (low + high) / 2
        still = holding & _best(means(middle))
        if still:
            low, holding = middle, still
        else:
            high = middle
    old, new = min(holding), min(_best(means(high)))
    at_low, at_high = (float(m[new] - m[old]) for m in (means(low), means(high)))
    at = low - at_low * (high - low) / (at_high - at_low)
    return max(at, start), high, holding


def _best(means: np.ndarray) -> frozenset[int]:
    """Return the places of the best mean, and of those that differ from it by rounding only."""
    top = means.max()
    close = means >= top - ROUNDING * np.abs(means).max()
    return frozenset(np.flatnonzero(close).tolist())
