"""A curve over tenure: what an estimator returns and everything else reads.

Conventions of the kernel (stated here once). A customer is at risk in unit t when
entry < t <= exit. S(t) = P(T > t), T being the unit at whose end the spell stops.
RMST(K) = sum of S(t) for t = 0 .. K-1: the expected paid units within the first K.
Arrays `value`, `low`, `high`, `se` are indexed by t = 0 .. K; `at_risk` and `events` by unit
t = 1 .. K (position t-1).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from stammkunde.draws import Replicates
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.intervals import FEW_EVENTS, normal_quantile, student_quantile
from stammkunde.result import Estimate, Status
from stammkunde.survival import formulas

# Reasons are ids: a report says them in the reader's language, results.json as they are.
TOO_FEW_PERSONS = "too_few_persons"
NOT_REACHED = "not_reached"
NOT_OBSERVED = "not_observed"


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Values over tenure 0 .. K with their interval and their basis in counts.

    `kind` is "survival", "incidence", "hazard" or "occupancy"; for a hazard position 0 is nan.
    `observed_to` is the last unit before which the risk set never empties; the arrays end there.
    `errors` is "greenwood" (one spell per person) or "blocks" (persons with several spells).
    `band_low` and `band_high` [K+1], where asked for, hold the whole curve at once. `others`, for
    an incidence or a net survival, are the events of all other causes by unit.
    """

    kind: str
    unit: str
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray
    persons: int
    spells: int
    observed_to: int
    level: float = 0.95
    se: np.ndarray | None = None
    errors: str = "greenwood"
    basis: str = "counted"
    method: str = ""
    status: Status = Status.MEASURED
    assumptions: tuple[str, ...] = ()
    band_low: np.ndarray | None = None
    band_high: np.ndarray | None = None
    others: np.ndarray | None = None
    replicates: Replicates | None = field(default=None, repr=False, compare=False)

    def at(self, tenure: int) -> Estimate:
        """Return the curve's value at `tenure`; NotObservedError beyond what was observed."""
        self._must_reach(tenure, tenure)
        if self.kind == "hazard" and tenure == 0:
            raise ParameterError(f"a hazard begins with {self.unit} 1")
        few = " (beta product interval: fewer than 5 events)"
        counted = self.kind in ("survival", "incidence")
        rare = counted and self.events[:tenure].sum() < FEW_EVENTS
        value, low, high = (_known(a[tenure]) for a in (self.value, self.low, self.high))
        return self._estimate(
            value,
            low,
            high,
            se=None if self.se is None else _known(self.se[tenure]),
            unit="share" if self.kind != "hazard" else "hazard",
            method=self.method + (few if rare else ""),
            estimand=f"{self.kind}({tenure})",
            reason="" if value is not None else TOO_FEW_PERSONS,
            replicates=self.replicates and self.replicates.map(lambda x: x[..., tenure]),
        )

    def quantile(self, share: float) -> Estimate:
        """Return the smallest tenure by which `share` have left, interval by inverting the curve's.

        `value` is None, with a reason, where fewer have left by the end of observation. No
        replicates: the jackknife is inconsistent for quantiles.
        """
        must_be(self, "survival")
        if not 0 < share < 1:
            raise ParameterError(f"a quantile needs a share between 0 and 1, not {share}")
        reason = TOO_FEW_PERSONS if np.isnan(self.value[-1]) else NOT_REACHED
        found = [
            formulas.first_at_or_below(a, 1 - share) for a in (self.value, self.low, self.high)
        ]
        return self._estimate(
            *(None if f is None else float(f) for f in found),
            unit=self.unit,
            method=f"{self.method}, inverted",
            estimand=f"quantile({share:g})",
            reason="" if found[0] is not None else reason,
        )

    def median(self) -> Estimate:
        """Return the tenure by which half have left (see `quantile`)."""
        return self.quantile(0.5)

    def rmst(self, horizon: int | None = None) -> Estimate:
        """Return the expected paid units within the first `horizon` (all observed ones by default).

        The interval is that of the mean itself: Greenwood's sum or the person blocks', cut at 0 and
        the horizon; with fewer than 5 events, or where all leave in one unit, the sum of the
        pointwise limits (conservative).
        """
        must_be(self, "survival")
        horizon = self.observed_to if horizon is None else horizon
        if horizon < 1:
            raise ParameterError(f"a restricted mean needs a horizon of at least 1, not {horizon}")
        self._must_reach(horizon - 1, horizon)
        value = float(formulas.restricted_mean(self.value, horizon))
        replicates = self.replicates and self.replicates.map(
            lambda x: formulas.restricted_mean(x, horizon)
        )
        se, quantile = self._mean_error(horizon, replicates)
        low, high = value - quantile * se, value + quantile * se
        method = f"area under {self.method}"
        few = self.events[: horizon - 1].sum() < FEW_EVENTS
        # all gone in one unit: the formulas know no error then
        if few or se <= formulas.ROUNDING:
            low, high = (float(np.sum(a[:horizon])) for a in (self.low, self.high))
            why = "fewer than 5 events" if few else "all left at once"
            method += f" (sum of beta product limits: {why})"
        known = self.errors == "greenwood" or (replicates is not None and replicates.is_enough)
        return self._estimate(
            value if known else None,
            max(low, 0.0) if known else None,
            min(high, float(horizon)) if known else None,
            se=se if known else None,
            unit=self.unit,
            method=method,
            estimand=f"rmst({horizon})",
            reason="" if known else TOO_FEW_PERSONS,
            replicates=replicates,
        )

    def mean_or_reason(self, horizon: int) -> Estimate:
        """Return `rmst(horizon)`; beyond what was observed no value, the reason "not_observed".

        A horizon is within reach up to one unit after `observed_to`: RMST(K) needs S(K - 1).
        """
        if horizon - 1 <= self.observed_to:
            return self.rmst(horizon)
        must_be(self, "survival")
        return self._estimate(
            None,
            None,
            None,
            unit=self.unit,
            method=f"area under {self.method}",
            estimand=f"rmst({horizon})",
            reason=NOT_OBSERVED,
        )

    def to_frame(self) -> pd.DataFrame:
        """Return the curve as a table, one row per tenure."""
        lead = lambda counts: np.concatenate([[np.nan], counts])  # noqa: E731
        columns = {"value": self.value, "low": self.low, "high": self.high}
        if self.band_low is not None and self.band_high is not None:
            columns |= {"band_low": self.band_low, "band_high": self.band_high}
        columns |= {"at_risk": lead(self.at_risk), "events": lead(self.events)}
        return pd.DataFrame(columns, index=pd.RangeIndex(len(self.value), name=self.unit))

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format=lambda x: f"{x:.4g}", max_rows=14, border=0)

    def _mean_error(self, horizon: int, replicates: Replicates | None) -> tuple[float, float]:
        """Return the standard error of RMST and the quantile that belongs to it."""
        if self.errors == "blocks" and replicates is not None:
            return float(replicates.se()), student_quantile(self.level, replicates.smallest)
        variance = formulas.restricted_mean_variance(
            self.value, self.at_risk, self.events, horizon, self.others
        )
        return float(np.sqrt(variance)), normal_quantile(self.level)

    def _estimate(
        self, value: float | None, low: float | None, high: float | None, **rest: Any
    ) -> Estimate:
        return Estimate(
            value=value,
            low=low,
            high=high,
            level=self.level,
            persons=self.persons,
            spells=self.spells,
            events=int(self.events.sum()),
            status=self.status,
            assumptions=self.assumptions,
            **rest,
        )

    def _must_reach(self, tenure: int, asked: int) -> None:
        if not 0 <= tenure <= self.observed_to:
            raise NotObservedError(
                f"{self.unit} {asked} was asked for, but customers were observed for at most "
                f"{self.observed_to} {self.unit}s",
                remedy="Ask for an earlier one; what lies beyond would be a projection.",
            )


def must_be(curve: Curve, kind: str) -> None:
    """Raise ParameterError unless the curve is of this kind."""
    if curve.kind != kind:
        raise ParameterError(f"this needs a {kind} curve, and this is one of {curve.kind}")


def ended(curve: Curve, least: int, given: int = 0) -> Curve:
    """Return the curve up to the first unit after `given` with fewer than `least` at risk."""
    few = np.flatnonzero(curve.at_risk[given:] < least)
    return cut(curve, given + int(few[0])) if few.size else curve


def cut(curve: Curve, reach: int) -> Curve:
    """Return the curve up to tenure `reach`, as if observation had ended there."""
    replicates = curve.replicates and curve.replicates.map(lambda x: x[..., : reach + 1])
    return replace(
        curve,
        value=curve.value[: reach + 1],
        low=curve.low[: reach + 1],
        high=curve.high[: reach + 1],
        se=None if curve.se is None else curve.se[: reach + 1],
        band_low=None if curve.band_low is None else curve.band_low[: reach + 1],
        band_high=None if curve.band_high is None else curve.band_high[: reach + 1],
        at_risk=curve.at_risk[:reach],
        events=curve.events[:reach],
        others=None if curve.others is None else curve.others[:reach],
        observed_to=reach,
        replicates=replicates,
    )


def _known(number: float) -> float | None:
    return None if np.isnan(number) else float(number)
