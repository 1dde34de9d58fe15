"""What a fitted BG/NBD expects: being still there, and purchases to come.

Somebody still there after x repeat purchases in T has a rate that is gamma(r + x, alpha + T) and a
chance to go after each purchase that is beta(a, b + x), independent of one another. At a rate l and
a chance p he makes (1 - exp(-l p t)) / p purchases in the next t, and so in the mean over both

    integral of (1 - (1 + p t / (alpha + T))^-(r + x)) / p over beta(a, b + x)

which is what Fader, Hardie and Lee (2005) write with a hypergeometric function. Theirs divides by
a - 1 and has poles where a + b + x is 1; the integral has neither. It is computed at Chebyshev's
nodes with the weights of the beta distribution, which cost a recursion and no root-finding.
Parameters [B, 4] are logarithms of r, alpha, a and b, times in the units of alpha.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

MOST_CELLS = 2_000_000
# so few numbers are had faster with the nodes of the one that needs most
WORTH_PARTING = 3000
FEWEST_NODES, MOST_NODES, DIGITS, ROUNDED_UP = 8, 2000, 28.0, 1.3


def still_there(
    parameters: np.ndarray, x: np.ndarray, t_x: np.ndarray, length: np.ndarray
) -> np.ndarray:
    """Return the chance of being still a customer [B, N]; 1 for who has not bought again."""
    found = np.ones((len(parameters), len(x)))
    again = np.flatnonzero(x > 0)
    x, t_x, length = (np.asarray(v, float)[again] for v in (x, t_x, length))
    r, alpha, a, b = np.exp(parameters).T[..., None]
    logs = np.log((alpha + length) / (alpha + t_x))
    found[:, again] = expit(np.log(b + x - 1) - np.log(a) - (r + x) * logs)
    return found


def to_come(
    parameters: np.ndarray, x: np.ndarray, length: np.ndarray, ahead: np.ndarray | float
) -> np.ndarray:
    """Return the expected purchases [B, N] in the next `ahead` of who is still there."""
    return _come(parameters, x, length, ahead, 0)


def if_back(parameters: np.ndarray, x: np.ndarray, t_x: np.ndarray, ahead: float) -> np.ndarray:
    """Return the expected purchases [B, N] in the next `ahead` of who had gone and is won back.

    He buys as he did before he went: whose last of x repeat purchases was at t_x, and who went with
    it, has a rate that is gamma(r + x, alpha + t_x) and a chance that is beta(a + 1, b + x - 1). 0
    for who has not bought again, and so cannot have gone.
    """
    found = np.zeros((len(parameters), len(x)))
    again = np.flatnonzero(x > 0)
    found[:, again] = _come(parameters, x[again], t_x[again], ahead, 1)
    return found


def _come(
    parameters: np.ndarray,
    x: np.ndarray,
    seen: np.ndarray,
    ahead: np.ndarray | float,
    gone: int,
) -> np.ndarray:
    """Return purchases to come [B, N] after x in `seen`, of which the last `gone` made one go."""
    x, seen, ahead = np.broadcast_arrays(x, seen, np.asarray(ahead, float))
    needed = _nodes_needed(parameters, x, seen, ahead)
    found = np.empty((len(parameters), len(x)))
    if found.size < WORTH_PARTING:
        needed = np.maximum.reduce(needed, keepdims=True, initial=FEWEST_NODES).repeat(len(x))
    for nodes in np.unique(needed):
        own = np.flatnonzero(needed == nodes)
        found[:, own] = _integrals(parameters, x[own], seen[own], ahead[own], gone, int(nodes))
    return found


def _integrals(
    parameters: np.ndarray,
    x: np.ndarray,
    seen: np.ndarray,
    ahead: np.ndarray,
    gone: int,
    nodes: int,
) -> np.ndarray:
    """Return the same for those who all need so many nodes."""
    values, place = np.unique(x, return_inverse=True)
    found = np.empty((len(parameters), len(x)))
    step = max(1, MOST_CELLS // max(1, len(x) * nodes))
    for begin in range(0, len(parameters), step):
        part = np.exp(parameters[begin : begin + step])
        a, b = part[:, None, 2] + gone, part[:, None, 3] + values - gone
        p, weight = beta_rule(a, b, nodes)
        shape = -(part[:, :1] + x)[..., None]
        bought = (ahead / (part[:, 1:2] + seen))[..., None] * p
        # in place: what is made anew for each step costs as much as the logarithms
        np.log1p(bought, out=bought)
        np.multiply(bought, shape, out=bought)
        np.expm1(bought, out=bought)
        np.multiply(bought, (weight / -p)[:, place], out=bought)
        found[begin : begin + step] = bought.sum(axis=-1)
    return found


def from_start(parameters: np.ndarray, ahead: np.ndarray) -> np.ndarray:
    """Return the expected repeat purchases [B, N] within `ahead` of the first purchase."""
    none = np.zeros(len(ahead))
    return to_come(parameters, none, none, ahead)


def _nodes_needed(
    parameters: np.ndarray, x: np.ndarray, length: np.ndarray, ahead: np.ndarray
) -> np.ndarray:
    """Return how many nodes give about 12 digits [N]: more where the integrand bends near p = 0.

    Numbers of nodes are rounded up to few different ones.
    """
    (r, alpha), at_once = np.exp(parameters).T[:2], np.maximum(ahead, 1e-12)
    # the integrand is singular at minus this, outside of [0, 1]
    distance = np.minimum((alpha.min(initial=np.inf) + length) / at_once, 1e6)
    bend = (r.max(initial=0.0) + x) / distance
    middle = 1 + 2 * distance
    pace = np.log(middle + np.sqrt(middle**2 - 1))
    wanted = DIGITS / pace + 4 * np.sqrt(bend) + FEWEST_NODES
    steps = np.ceil(np.log(wanted / FEWEST_NODES) / np.log(ROUNDED_UP))
    return np.minimum(FEWEST_NODES * ROUNDED_UP**steps, MOST_NODES).astype(np.int64)


def beta_rule(a: np.ndarray, b: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return nodes in (0, 1) [size] and weights [..., size] for means over beta(a, b).

    Exact for polynomials of a degree below `size`. The mean of each Chebyshev polynomial follows
    from the two before it (Piessens 1987, Journal of Computational and Applied Mathematics 20).
    """
    total, apart = a + b, b - a
    means = [np.ones_like(total), -apart / total]
    for n in range(1, size - 1):
        means.append(-(2 * apart * means[n] + (total - n) * means[n - 1]) / (total + n))
    angle = np.pi * (np.arange(size) + 0.5) / size
    series = np.cos(np.arange(size)[:, None] * angle) * (2 / size)
    series[0] /= 2
    return (1 + np.cos(angle)) / 2, np.stack(means, axis=-1) @ series
