"""Which policy leads as an assumption is moved: means at a few points, and turns between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from stammkunde.chapters.policies.doubts.assuming import few, plausible, steady, typed, wide
from stammkunde.chapters.policies.read import Decision
from stammkunde.errors import ParameterError
from stammkunde.policy.decide import Turn, TwoWay, threshold, two_way
from stammkunde.policy.decide.one_way import Model, held

POINTS, DRAWS = 5, 40
GRID, GRID_DRAWS, FINE = 5, 32, 41


@dataclass(frozen=True, kw_only=True)
class Probe:
    """Means [Q, P] of the policies with an assumption at `points` [Q], around its mean `here`.

    `leads` is best there; `below` and `above` are the nearest turns on either side. `reach` is half
    of where nine draws of ten lie, or of what was looked at for a certain assumption (not
    `is_doubtful`).
    """

    name: str
    here: float
    points: np.ndarray
    means: np.ndarray
    leads: str
    below: Turn | None
    above: Turn | None
    reach: float
    is_doubtful: bool

    @property
    def turns(self) -> bool:
        """Return whether another policy leads somewhere in what was looked at."""
        return self.below is not None or self.above is not None

    @property
    def near(self) -> float:
        """Return how far the nearest turn is, in halves of where nine draws of ten lie."""
        far = [abs(t.at - self.here) / self.reach for t in (self.below, self.above) if t]
        return min(far, default=np.inf)

    @property
    def is_near(self) -> bool:
        """Return whether the choice turns about where nine draws of ten lie."""
        return self.is_doubtful and self.near <= 1

    def swing(self, ends: tuple[float, float], among: Sequence[int]) -> float:
        """Return how far means of policies, by place, move against one another between two ends."""
        low, high = _curve(self.points, self.means)(np.clip(ends, self.points[0], self.points[-1]))
        return float(np.ptp((high - low)[list(among)]))


@dataclass(frozen=True, kw_only=True)
class Area:
    """Who is best over two assumptions, `here` as the ledger has them, from so many draws.

    `best` [F, F] are places in the names of the map over its ranges, on smooth curves between the
    points that were valued.
    """

    map: TwoWay
    best: np.ndarray
    here: tuple[float, float]
    draws: int

    def points(self, axis: int) -> np.ndarray:
        """Return the points [F] of the first (0) or second (1) assumption."""
        return _finer((self.map.first_points, self.map.second_points)[axis])


def probes(decision: Decision) -> list[Probe]:
    """Return how each assumption that policies rest on moves them, in the order of the ledger."""
    some = few(decision, DRAWS)
    found = [_probe(decision, steady(decision, DRAWS, n), some, n) for n in typed(decision)]
    return [p for p in found if p is not None]


def area(decision: Decision, found: Sequence[Probe]) -> tuple[Area | None, list[str]]:
    """Return the map of the two assumptions that move who may lead most, and lines for the log.

    Assumptions in doubt come before certain ones. None where there are not two, or where policies
    cannot be valued in some corner of the map; the log says so.
    """
    among = _leading(decision, found)
    order = sorted(
        found, key=lambda p: (not p.is_doubtful, -_own_swing(decision, p, among), p.name)
    )
    if len(order) < 2:
        return None, []
    one, two = order[:2]
    some = few(decision, GRID_DRAWS)
    axes = [(p.name, np.linspace(p.points[0], p.points[-1], GRID)) for p in (one, two)]
    ahead = _contenders(decision, one, two)
    model = steady(decision, GRID_DRAWS, one.name, two.name, among=ahead)
    places = [decision.names.index(n) for n in ahead]

    def own(given: Mapping[str, np.ndarray]) -> np.ndarray:
        return np.asarray(model(given)[:, places])

    try:
        made = two_way(own, some, ahead, axes[0], axes[1])
    except ParameterError as error:
        return None, [f"no map of {one.name} and {two.name}: {error}"]
    here = (decision.ledger.of(one.name).value, decision.ledger.of(two.name).value)
    draws = len(next(iter(some.values())))
    return Area(map=made, best=_smooth(made), here=here, draws=draws), []


def _contenders(decision: Decision, one: Probe, two: Probe) -> list[str]:
    """Return who may be best somewhere on the map: where both effects are taken to add up.

    Whoever is behind there by less than a tenth of what the policies are apart may be, too.
    """
    across, up = (_curve(p.points, p.means)(_finer(p.points)) for p in (one, two))
    middle = _curve(one.points, one.means)(one.here)
    both = across[:, None] + up[None] - middle
    behind = (both.max(axis=-1, keepdims=True) - both).min(axis=(0, 1))
    return [n for n, x in zip(decision.names, behind, strict=True) if x <= 0.1 * np.ptp(both)]


def _smooth(made: TwoWay) -> np.ndarray:
    """Return who is best between the points of a map, too."""
    along = _curve(made.first_points, made.means)(_finer(made.first_points))
    both = _curve(made.second_points, np.moveaxis(along, 1, 0))(_finer(made.second_points))
    return np.asarray(np.moveaxis(both, 0, 1).argmax(axis=-1))


def _finer(points: np.ndarray) -> np.ndarray:
    return np.linspace(points[0], points[-1], FINE)


def _leading(decision: Decision, found: Sequence[Probe]) -> list[int]:
    """Return the places of who leads now, comes next, or leads anywhere in what was looked at."""
    first = [decision.names.index(s.policy) for s in decision.league.standings[:2]]
    best = [int(k) for p in found for k in p.means.argmax(axis=-1)]
    return sorted({*first, *best})


def _own_swing(decision: Decision, p: Probe, among: Sequence[int]) -> float:
    ends = plausible(decision, p.name)
    whole = (float(p.points[0]), float(p.points[-1]))
    return p.swing(ends if p.is_doubtful else whole, among)


def _probe(
    decision: Decision, model: Model, some: Mapping[str, np.ndarray], name: str
) -> Probe | None:
    """Return how an assumption moves the policies; None where it moves none, or cannot move."""
    drawn = decision.drawn[name]
    here, (low, high) = float(drawn.mean()), wide(decision, name)
    if not low < high:
        return None
    known: dict[float, np.ndarray] = {here: _means(model, some, name, here)}
    grid = np.linspace(low, high, POINTS)
    for side in (grid[grid < here][::-1], grid[grid > here]):
        # from the middle outwards: policies may be impossible from some point on
        for point in side.tolist():
            try:
                known[point] = _means(model, some, name, point)
            except ParameterError:
                break
            if len(known) == 3 and all(np.array_equal(m, known[here]) for m in known.values()):
                # two points away nothing has moved: no policy rests on it
                return None
    points = np.array(sorted(known))
    if len(points) < 3:
        return None
    means = np.stack([known[x] for x in points.tolist()])
    if not np.ptp(means, axis=0).any():
        return None
    return _turned(decision, name, here, points, means)


def _means(model: Model, some: Mapping[str, np.ndarray], name: str, x: float) -> np.ndarray:
    return np.asarray(model(held(some, {name: x})).mean(axis=0))


def _turned(
    decision: Decision, name: str, here: float, points: np.ndarray, means: np.ndarray
) -> Probe:
    """Return the probe with its turns, which lie between points on smooth curves through them."""
    curve = _curve(points, means)

    def smooth(given: Mapping[str, np.ndarray]) -> np.ndarray:
        return np.asarray(curve(given[name]))

    start: dict[str, np.ndarray] = {name: np.zeros(2)}
    low, high = float(points[0]), float(points[-1])
    turns = threshold(smooth, start, decision.names, name, low, high)
    below = max((t for t in turns if t.at <= here), key=lambda t: t.at, default=None)
    above = min((t for t in turns if t.at > here), key=lambda t: t.at, default=None)
    leads = above.before if above else below.after if below else _best(decision, curve(here))
    ends = plausible(decision, name)
    doubt = ends[1] > ends[0]
    return Probe(
        name=name,
        here=here,
        points=points,
        means=means,
        leads=leads,
        below=below,
        above=above,
        reach=(ends[1] - ends[0] if doubt else high - low) / 2,
        is_doubtful=doubt,
    )


def _curve(points: np.ndarray, means: np.ndarray) -> CubicSpline:
    return CubicSpline(points, means, axis=0)


def _best(decision: Decision, means: np.ndarray) -> str:
    return decision.names[int(means.argmax())]
