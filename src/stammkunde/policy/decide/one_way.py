"""How the choice moves with one assumption or two: tornado and map, from a model or from draws.

A model takes drawn assumptions by name, arrays [B], and returns the net values [B, P] of the
policies. With a model an assumption is *set*, and all others stay as they were drawn; from draws
alone the answer is what goes along with the assumption, which is the same where assumptions were
drawn independently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from stammkunde.errors import ParameterError, nearest
from stammkunde.policy.decide.checked import finite, net_values, place, shares
from stammkunde.policy.decide.smoother import fitted, smoother

if TYPE_CHECKING:
    import pandas as pd

Model = Callable[[Mapping[str, np.ndarray]], np.ndarray]
ENDS = (0.05, 0.95)


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One assumption at its `low` and `high` point, and the mean difference there."""

    assumption: str
    low: float
    high: float
    at_low: float
    at_high: float

    @property
    def swing(self) -> float:
        """Return how far the difference moves between the two points."""
        return abs(self.at_high - self.at_low)

    @property
    def turns(self) -> bool:
        """Return whether the better of the two policies is another at the other point."""
        return self.at_low * self.at_high < 0


@dataclass(frozen=True, kw_only=True)
class Tornado:
    """Bars of the mean difference `policy` less `comparator`, the widest first; its `middle`."""

    policy: str
    comparator: str
    middle: float
    bars: tuple[Bar, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per assumption, the widest bar first."""
        import pandas as pd

        names = ("assumption", "low", "high", "at_low", "at_high", "swing", "turns")
        return pd.DataFrame([[getattr(b, n) for n in names] for b in self.bars], columns=names)

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(index=False, border=0, float_format=lambda x: f"{x:.4g}")


@dataclass(frozen=True, kw_only=True)
class TwoWay:
    """Means [A, C, P] of policies over the points [A] and [C] of two assumptions; who is best.

    `best` [A, C] holds places in `names`, `lead` [A, C] by how much the best is ahead of the next.
    """

    names: tuple[str, ...]
    first: str
    second: str
    first_points: np.ndarray
    second_points: np.ndarray
    means: np.ndarray
    best: np.ndarray
    lead: np.ndarray


def tornado(
    model: Model,
    drawn: Mapping[str, np.ndarray],
    names: Sequence[str],
    policy: str,
    comparator: str,
    *,
    of: Sequence[str] = (),
    ends: tuple[float, float] = ENDS,
) -> Tornado:
    """Return by how much a mean difference moves as each assumption is set to its two ends.

    `ends` are shares of the draws below the points (5 and 95 %); `of` are the assumptions to move,
    by default all. ParameterError for names that are not known.
    """
    a, b = (place(n, sorted(names)) for n in (policy, comparator))

    def difference(given: Mapping[str, np.ndarray]) -> float:
        means = mean_values(model, given, names)
        return float(means[a] - means[b])

    bars = []
    for name in of or tuple(drawn):
        points = np.quantile(column(drawn, name), _ends(ends))
        at = [difference(held(drawn, {name: float(x)})) for x in points]
        bars.append(_bar(name, points, at))
    return _tornado(policy, comparator, difference(drawn), bars)


def tornado_of_draws(
    values: ArrayLike,
    drawn: Mapping[str, np.ndarray],
    names: Sequence[str],
    policy: str,
    comparator: str,
    *,
    ends: tuple[float, float] = ENDS,
) -> Tornado:
    """Return by how much a mean difference goes along with each assumption, from joint draws.

    `values` [B, P] are smoothed over each assumption [B] and read at its two ends. All else as in
    `tornado`. ParameterError for fewer than 100 draws.
    """
    known, order = net_values(values, names)
    apart = (known[:, place(policy, order)] - known[:, place(comparator, order)])[:, None]
    bars = []
    for name in drawn:
        points = np.quantile(column(drawn, name), _ends(ends))
        levels, smooth = smooth_over(apart, column(drawn, name))
        bars.append(_bar(name, points, [float(np.interp(x, levels, smooth[:, 0])) for x in points]))
    return _tornado(policy, comparator, float(apart.mean()), bars)


def two_way(
    model: Model,
    drawn: Mapping[str, np.ndarray],
    names: Sequence[str],
    first: tuple[str, ArrayLike],
    second: tuple[str, ArrayLike],
) -> TwoWay:
    """Return which policy is best where two assumptions are set to the points of a grid.

    `first` and `second` are a name and its points; the map has one mean per policy and pair of
    points, all other assumptions as drawn.
    """
    (one, rows), (two, columns) = (
        (name, finite(points, "points").reshape(-1)) for name, points in (first, second)
    )
    column(drawn, one), column(drawn, two)
    if one == two:
        raise ParameterError(f"a map of `{one}` over itself", remedy="Name two assumptions.")
    means = np.array(
        [
            [mean_values(model, held(drawn, {one: x, two: y}), names) for y in columns.tolist()]
            for x in rows.tolist()
        ]
    )
    ranked = np.sort(means, axis=-1)
    lead = ranked[..., -1] - ranked[..., -2] if means.shape[-1] > 1 else 0.0 * ranked[..., 0]
    return TwoWay(
        names=tuple(sorted(names)),
        first=one,
        second=two,
        first_points=rows,
        second_points=columns,
        means=means,
        best=means.argmax(axis=-1),
        lead=lead,
    )


def mean_values(model: Model, given: Mapping[str, np.ndarray], names: Sequence[str]) -> np.ndarray:
    """Return the mean net values [P] of a model, policies in the order of their names."""
    return np.asarray(net_values(model(given), names)[0].mean(axis=0))


def held(drawn: Mapping[str, np.ndarray], points: Mapping[str, float]) -> dict[str, np.ndarray]:
    """Return drawn assumptions with some of them set to a point in every draw."""
    return {**drawn, **{n: np.full(len(column(drawn, n)), x) for n, x in points.items()}}


def column(drawn: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """Return the draws [B] of an assumption; ParameterError for one that was not drawn."""
    if name not in drawn:
        raise ParameterError(f"there is no assumption `{name}`", remedy=nearest(name, drawn))
    return finite(drawn[name], f"draws of `{name}`")


def smooth_over(values: np.ndarray, parameter: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the levels [L] of an assumption in order, and the values [L, P] smoothed over it."""
    if len(parameter) != len(values):
        raise ParameterError(
            f"{len(parameter)} draws of an assumption for {len(values)} of the values",
            remedy="Draw them jointly.",
        )
    levels, at = np.unique(parameter, return_index=True)
    return levels, fitted(smoother(parameter), values).values[at]


def _ends(ends: tuple[float, float]) -> np.ndarray:
    low, high = shares(ends, "ends")
    if low >= high:
        raise ParameterError(f"ends of {low:g} and {high:g}", remedy="Give the lower one first.")
    return np.array([low, high])


def _bar(name: str, points: np.ndarray, at: Sequence[float]) -> Bar:
    low, high = (float(x) for x in points)
    return Bar(assumption=name, low=low, high=high, at_low=at[0], at_high=at[1])


def _tornado(policy: str, comparator: str, middle: float, bars: Sequence[Bar]) -> Tornado:
    ordered = tuple(sorted(bars, key=lambda b: (-b.swing, b.assumption)))
    return Tornado(policy=policy, comparator=comparator, middle=middle, bars=ordered)
