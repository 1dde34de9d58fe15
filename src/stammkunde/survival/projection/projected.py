"""A survival curve that goes on: counted as far as customers were observed, a family's beyond.

Up to the last observed unit nothing is assumed; beyond it, customers leave as the family says of
those who have come so far. Whatever is asked of the curve is asked of the moved curves too, so that
every number carries the errors of both parts and how they hang together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from stammkunde import intervals
from stammkunde.draws import Replicates
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.result import Estimate, Status
from stammkunde.survival import formulas
from stammkunde.survival.curve import Curve
from stammkunde.survival.projection.families import log_survival
from stammkunde.survival.projection.fit import FAMILY_HOLDS, Fit
from stammkunde.survival.table import LifeTable

Functional = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Projection:
    """S(t), t = 0 .. T: `value` [T + 1], counted up to `observed_to`, projected beyond.

    `moved` [B, T + 1] are the curves of the moved counts (see `Fit`), `held` which of them count.
    `under` draws curves under weights of the blocks. `problem` says why there is none.
    """

    family: str
    unit: str
    value: np.ndarray
    observed_to: int
    moved: np.ndarray = field(repr=False)
    held: np.ndarray = field(repr=False)
    errors: str
    quantile: float
    level: float
    persons: int
    spells: int
    events: int
    problem: str = ""
    under: Callable[[np.ndarray], np.ndarray] | None = field(default=None, repr=False)

    @property
    def horizon(self) -> int:
        """Return T, the last unit of the curve."""
        return len(self.value) - 1

    def centre(self, functional: Functional) -> tuple[np.ndarray, np.ndarray]:
        """Return a functional of the curve [...], with its standard error.

        `functional` takes curves [B, T + 1] and returns [B, ...].
        """
        value = functional(self.value[None])[0]
        if self.errors == "units":
            away = functional(self.moved) - value
            return value, np.sqrt((away**2).sum(axis=0))
        kept = functional(self.moved[self.held])
        away = kept - kept.mean(axis=0)
        return value, np.sqrt((len(kept) - 1) / len(kept) * (away**2).sum(axis=0))

    def replicates(self, functional: Functional) -> Replicates | None:
        """Return the replicates of a functional; None where there are no person blocks."""
        if self.under is None:
            return None
        under = self.under
        return Replicates(
            functional(self.moved), self.held, lambda w: functional(under(w)), int(self.held.sum())
        )

    def about(self) -> dict[str, object]:
        """Return what every estimate of this projection says."""
        return {
            "level": self.level,
            "persons": self.persons,
            "spells": self.spells,
            "events": self.events,
            "status": Status.ESTIMATED,
            "method": f"counted, then {self.family} from {self.unit} {self.observed_to + 1} on",
            "assumptions": (FAMILY_HOLDS,),
        }


def projected(
    table: LifeTable,
    fit: Fit,
    horizon: int,
    *,
    group: str = "",
    reach: int | None = None,
    given: int = 0,
) -> Projection:
    """Return the curve of a table to `horizon`: counted up to `reach`, the fit's beyond.

    `reach` is the last unit counted (by default the last that was used in the fit and observed), 0
    for the family alone. `given` conditions on still being there at that tenure: the curve is 1
    until then. ParameterError for a horizon below 1; NotObservedError where nobody was at risk in a
    unit that should be counted.
    """
    if horizon < 1:
        raise ParameterError(f"a projection needs a horizon of at least 1, not {horizon}")
    n, d = _counted(table, min(fit.observed_to if reach is None else reach, horizon), given)
    reach = n.shape[-1]

    def curves(counts: tuple[np.ndarray, np.ndarray], numbers: np.ndarray) -> np.ndarray:
        return _curve(*counts, fit, group, numbers, (given, reach, horizon))

    whole = (n.sum(axis=0)[None], d.sum(axis=0)[None])
    moved = _moved(fit, group, n, d, curves)
    under = None if fit.errors != "blocks" else _under(fit, n, d, curves)
    return Projection(
        family=fit.family.name,
        unit=table.unit,
        value=curves(whole, fit.at[None])[0],
        observed_to=reach,
        moved=moved,
        held=fit.held if fit.errors == "blocks" else np.ones(len(moved), dtype=bool),
        errors=fit.errors,
        quantile=fit.quantile(),
        level=fit.level,
        persons=int(table.persons.sum()),
        spells=int(table.spells.sum()),
        events=int(d.sum()),
        problem=fit.problem,
        under=under,
    )


def _counted(table: LifeTable, reach: int, given: int) -> tuple[np.ndarray, np.ndarray]:
    """Return at risk and leavers [256, reach], as far as anybody was at risk."""
    at_risk, moves, _ = table.in_state()
    n, d = at_risk.astype(float), moves.sum(axis=0).astype(float)
    seen = int(np.max(np.flatnonzero(n.sum(axis=0) > 0), initial=-1)) + 1
    reach = min(reach, seen)
    if (n.sum(axis=0)[given:reach] == 0).any():
        raise NotObservedError(
            f"nobody was at risk in one of the {table.unit}s {given + 1} to {reach}",
            remedy="Ask for those who have stayed long enough to have been observed.",
        )
    return n[:, :reach], d[:, :reach]


def _curve(
    n: np.ndarray,
    d: np.ndarray,
    fit: Fit,
    group: str,
    numbers: np.ndarray,
    span: tuple[int, int, int],
) -> np.ndarray:
    """Return curves [B, T + 1] of counts [B, reach] and numbers [B, q]."""
    given, reach, horizon = span
    stays = 1 - formulas.hazard(n, d)
    theta = fit.theta(group, numbers)
    beyond, _ = log_survival(fit.family, theta, horizon)
    steps = np.exp(np.diff(beyond, axis=-1))
    steps[..., :reach] = stays
    steps[..., :given] = 1.0
    return np.concatenate([np.ones((len(steps), 1)), np.cumprod(steps, axis=-1)], axis=-1)


def _moved(
    fit: Fit, group: str, n: np.ndarray, d: np.ndarray, curves: Callable[..., np.ndarray]
) -> np.ndarray:
    """Return the curves of the moved counts, in the order of the fit's moved numbers."""
    total_n, total_d = n.sum(axis=0), d.sum(axis=0)
    if fit.errors == "blocks":
        return np.asarray(curves((total_n - n, total_d - d), fit.moved))
    more = np.zeros((len(fit.moved), len(total_n)))
    if fit.more is not None:
        own = fit.more[fit.levels.index(group), :, : len(total_n)]
        begin = fit.levels.index(group) * len(own)
        more[begin : begin + len(own)] = own
    counts = (np.broadcast_to(total_n, more.shape), total_d + more)
    return np.asarray(curves(counts, fit.moved))


def _under(
    fit: Fit, n: np.ndarray, d: np.ndarray, curves: Callable[..., np.ndarray]
) -> Callable[[np.ndarray], np.ndarray]:
    numbers = fit.replicates()
    return lambda weights: curves((weights @ n, weights @ d), numbers.reweighted(weights))


def estimate_of(
    projection: Projection, functional: Functional, link: str, unit: str, estimand: str
) -> Estimate:
    """Return one number of a projection with its interval on the scale of `link`.

    `link` is "log-log" for shares, "log" for what is positive, "" for the rest.
    """
    about = projection.about()
    if projection.problem:
        none = {"value": None, "reason": projection.problem}
        return Estimate(unit=unit, estimand=estimand, **none, **about)  # type: ignore[arg-type]
    value, se = projection.centre(functional)
    low, high = limits(value, se, projection.quantile, link)
    replicates = projection.replicates(functional)
    told = {"value": float(value), "low": float(low), "high": float(high), "se": float(se)}
    return Estimate(unit=unit, estimand=estimand, replicates=replicates, **told, **about)  # type: ignore[arg-type]


def limits(
    value: np.ndarray, se: np.ndarray, quantile: float, link: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits of an interval that is even on the scale of `link`.

    What cannot move, such as a share of 1 at the start, is its own limits.
    """
    if link == "":
        return value - quantile * se, value + quantile * se
    low, high = (intervals.log_log if link == "log-log" else intervals.log)(value, se, quantile)
    fixed = (se <= formulas.ROUNDING) | (value <= 0)
    return np.where(fixed, value, low), np.where(fixed, value, high)


def curve_of(projection: Projection) -> Curve:
    """Return the projection as a survival curve of basis "projected", `observed_to` being counted.

    Without values where the fit has a problem.
    """
    value, se = projection.centre(lambda s: s)
    low, high = limits(value, se, projection.quantile, "log-log")
    parts = [np.full_like(a, np.nan) if projection.problem else a for a in (value, low, high, se)]
    none = np.zeros(projection.horizon, dtype=np.int64)
    return Curve(
        kind="survival",
        unit=projection.unit,
        value=parts[0],
        low=parts[1],
        high=parts[2],
        se=parts[3],
        at_risk=none,
        events=none,
        persons=projection.persons,
        spells=projection.spells,
        observed_to=projection.observed_to,
        level=projection.level,
        errors=projection.errors,
        basis="projected",
        method=str(projection.about()["method"]),
        status=Status.ESTIMATED,
        assumptions=(FAMILY_HOLDS,),
        replicates=projection.replicates(lambda s: s),
    )
