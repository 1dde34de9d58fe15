"""Cost against effect: which policies are worth considering at all, and from which price on.

Effects are whatever money is spent on (months as a customer, customers kept, life years); a price
is what one unit of effect is held to be worth. Source: Drummond, Sculpher, Claxton, Stoddart and
Torrance (2015), chapters 4 and 11; acceptability and its frontier: Fenwick, Claxton and Sculpher
(2001), Health Economics 10(8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from stammkunde.errors import ParameterError, several
from stammkunde.policy.decide.checked import at_least, finite, in_order
from stammkunde.policy.decide.league import shares_best

if TYPE_CHECKING:
    import pandas as pd


class Rank(StrEnum):
    """Whether a policy is on the frontier, or why it is not."""

    FRONTIER = "frontier"
    DOMINATED = "dominated"
    EXTENDEDLY_DOMINATED = "extendedly_dominated"
    EQUAL = "equal"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One policy: its cost and effect, its rank, and beside which others it has it.

    On the frontier, `price` is the cost of each further unit of effect compared with the policy
    before it, in `beside` (None for the cheapest). Elsewhere `beside` names the policy that costs
    no more and yields no less, or the two between which a mixture does.
    """

    policy: str
    cost: float
    effect: float
    rank: Rank
    price: float | None
    beside: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Frontier:
    """All policies by their cost, the cheapest first."""

    steps: tuple[Step, ...]

    @property
    def path(self) -> tuple[Step, ...]:
        """Return the policies on the frontier, their prices rising."""
        return tuple(s for s in self.steps if s.rank is Rank.FRONTIER)

    def best_at(self, price: float) -> str:
        """Return the policy to choose where a unit of effect is worth `price` (0 or more)."""
        at_least(price, 0.0, "a price")
        return [s for s in self.path if s.price is None or s.price <= price][-1].policy

    def to_frame(self) -> pd.DataFrame:
        """Return one row per policy, the cheapest first."""
        import pandas as pd

        rows = [
            (s.policy, s.cost, s.effect, str(s.rank), s.price, ", ".join(s.beside))
            for s in self.steps
        ]
        return pd.DataFrame(rows, columns=["policy", "cost", "effect", "rank", "price", "beside"])

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(index=False, border=0, float_format=lambda x: f"{x:.6g}")


@dataclass(frozen=True, kw_only=True)
class Acceptability:
    """For each price [W] of a unit of effect: P(best) [W, P], who has the best mean, and its doubt.

    `leaders` [W] have the best mean net value, `frontier` [W] is the P(best) of these, `evpi` [W]
    what perfect information is worth.
    """

    names: tuple[str, ...]
    prices: np.ndarray
    best: np.ndarray
    leaders: tuple[str, ...]
    frontier: np.ndarray
    evpi: np.ndarray


def frontier(costs: ArrayLike, effects: ArrayLike, names: Sequence[str]) -> Frontier:
    """Return the fully incremental comparison of policies by cost and effect, [P] or draws [B, P].

    Draws are averaged first. A policy is dominated where another costs no more and yields no less,
    extendedly dominated where a mixture of two others does. ParameterError for numbers or names
    that do not fit.
    """
    cost, effect, known = _both(costs, effects, names)
    cost, effect = (x.reshape(-1, len(known)).mean(axis=0) for x in (cost, effect))
    order = sorted(range(len(known)), key=lambda i: (cost[i], -effect[i], i))
    path, out = _hull(order, cost, effect)
    steps = []
    for i in order:
        rank, beside, price = out.get(i, (Rank.FRONTIER, (), None))
        if i in path[1:]:
            before = path[path.index(i) - 1]
            beside, price = (before,), _price(before, i, cost, effect)
        step = Step(
            policy=known[i],
            cost=float(cost[i]),
            effect=float(effect[i]),
            rank=rank,
            price=price,
            beside=tuple(known[k] for k in beside),
        )
        steps.append(step)
    return Frontier(steps=tuple(steps))


def acceptability(
    costs: ArrayLike, effects: ArrayLike, names: Sequence[str], prices: ArrayLike
) -> Acceptability:
    """Return how often each policy is best at each price of a unit of effect, from draws [B, P].

    Net values are price * effect - cost, draw by draw; ties count in equal parts. Leaders tie in
    the order of their names.
    """
    cost, effect, known = _both(costs, effects, names)
    if cost.ndim != 2:
        raise ParameterError(
            f"costs of the shape {cost.shape}", remedy="Give one row per draw of each."
        )
    worth = at_least(prices, 0.0, "prices").reshape(-1)
    best, means, tops = [], [], []
    for price in worth:
        net = price * effect - cost
        best.append(shares_best(net).mean(axis=0))
        means.append(net.mean(axis=0))
        tops.append(net.max(axis=1).mean())
    lead = np.array(means).argmax(axis=1)
    at = np.arange(len(worth))
    return Acceptability(
        names=known,
        prices=worth,
        best=np.array(best),
        leaders=tuple(known[i] for i in lead),
        frontier=np.array(best)[at, lead],
        evpi=np.array(tops) - np.array(means)[at, lead],
    )


def _both(
    costs: ArrayLike, effects: ArrayLike, names: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Return costs, effects and names, policies in the order of their names."""
    cost, effect = finite(costs, "costs"), finite(effects, "effects")
    known = several(names, "names of policies")
    if cost.shape != effect.shape or cost.ndim not in (1, 2) or cost.shape[-1] != len(known):
        raise ParameterError(
            f"costs {cost.shape} and effects {effect.shape} of {len(known)} policies",
            remedy="Give one of each per policy, and one row per draw of both.",
        )
    if not cost.size:
        raise ParameterError("there is no policy to compare", remedy="Give one at least.")
    order = in_order(known)
    one, other = (np.ascontiguousarray(x[..., order]) for x in (cost, effect))
    return one, other, tuple(known[i] for i in order)


Out = tuple[Rank, tuple[int, ...], float | None]


def _hull(
    order: Sequence[int], cost: np.ndarray, effect: np.ndarray
) -> tuple[list[int], dict[int, Out]]:
    """Return who is on the frontier, the cheapest first, and why each other one is not."""
    path: list[int] = []
    out: dict[int, Out] = {}
    for i in order:
        if path and effect[i] <= effect[path[-1]]:
            top = path[-1]
            same = cost[i] == cost[top] and effect[i] == effect[top]
            out[i] = (Rank.EQUAL if same else Rank.DOMINATED, (top,), None)
            continue
        while len(path) > 1 and _price(path[-1], i, cost, effect) < _price(
            path[-2], path[-1], cost, effect
        ):
            gone = path.pop()
            out[gone] = (Rank.EXTENDEDLY_DOMINATED, (path[-1], i), None)
        path.append(i)
    return path, out


def _price(a: int, b: int, cost: np.ndarray, effect: np.ndarray) -> float:
    return float((cost[b] - cost[a]) / (effect[b] - effect[a]))
