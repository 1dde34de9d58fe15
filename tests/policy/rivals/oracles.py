"""Games played by counting customers and searching for better prices: no closed form in here."""

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize_scalar

Number = float | np.ndarray
Play = Callable[[Number], Number]


def middles(count: int) -> np.ndarray:
    """Return the middles of `count` equal parts of the line from 0 to 1."""
    return (np.arange(count) + 0.5) / count


def best(profit: Play, low: float, high: float) -> tuple[float, float]:
    """Return where a profit with kinks is highest, and how high: a grid, then a search around."""
    grid = np.linspace(low, high, 401)
    values = np.asarray(profit(grid))
    at = int(np.argmax(values))
    around = grid[max(at - 1, 0)], grid[min(at + 1, 400)]
    found = minimize_scalar(
        lambda x: -float(profit(x)), bounds=around, method="bounded", options={"xatol": 1e-11}
    )
    return max((-found.fun, found.x), (float(values[at]), float(grid[at])))[::-1]


def settled(
    answers: tuple[Callable[[float], float], Callable[[float], float]],
    start: tuple[float, float],
    rounds: int = 25,
) -> tuple[float, float]:
    """Return prices at which each of two firms answers the other's best."""
    a, b = start
    for _ in range(rounds):
        a = answers[0](b)
        b = answers[1](a)
    return a, b


def line_share(ahead: Number, taste: float, start: float, end: float) -> Number:
    """Return how much of [start, end] buys from the firm at 0 that is cheaper by `ahead`."""
    return np.minimum(np.maximum(0.5 + ahead / (2 * taste), start), end) - start


def own_profit(
    p: Number, q: Number, base: float, t: float, s: float = 0.0, c: float = 0.0
) -> Number:
    """Return what the owner of [0, base] earns on it by asking p while the rival asks q."""
    return (p - c) * line_share(q - p + s, t, 0.0, base)


def poach_profit(
    q: Number, p: Number, base: float, t: float, s: float = 0.0, c: float = 0.0
) -> Number:
    """Return what the rival earns on [0, base] by asking q while its owner asks p."""
    return (q - c) * (base - line_share(q - p + s, t, 0.0, base))


def turf_prices(base: float, t: float, s: float = 0.0, c: float = 0.0) -> tuple[float, float]:
    """Return the two prices on a turf by best answers, no firm asking less than its cost."""
    top = c + 3 * t + 2 * s
    return settled(
        (
            lambda q: best(lambda p: own_profit(p, q, base, t, s, c), c, top)[0],
            lambda p: best(lambda q: poach_profit(q, p, base, t, s, c), c, top)[0],
        ),
        (c + t, c),
    )


def leave_share(ahead: Number, switching_max: float) -> Number:
    """Return the share whose cost of leaving is below what the rival is cheaper by."""
    return np.minimum(np.maximum(ahead / switching_max, 0.0), 1.0)
