"""What pilots of several sizes would be worth, from the draws of a decision that is not normal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from stammkunde.policy.decide.checked import at_least, finite, stream
from stammkunde.policy.decide.partial import Partial, evppi, informed, prepared
from stammkunde.policy.decide.smoother import fitted
from stammkunde.result import Status

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Sampled:
    """What pilots with standard errors `errors` [N] are worth (`value`, Monte Carlo `se`) [N].

    `resolved` [N] is the share of the assumption's variance that each resolves, `perfect` what
    knowing the assumption itself is worth.
    """

    errors: np.ndarray
    resolved: np.ndarray
    value: np.ndarray
    se: np.ndarray
    perfect: Partial

    def to_frame(self) -> pd.DataFrame:
        """Return one row per pilot."""
        import pandas as pd

        names = ("errors", "resolved", "value", "se")
        return pd.DataFrame({n: getattr(self, n) for n in names})

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(index=False, border=0, float_format=lambda x: f"{x:.4g}")


def evsi_from_draws(
    values: ArrayLike,
    parameter: ArrayLike,
    errors: ArrayLike,
    names: Sequence[str],
    *,
    unit: str = "EUR",
    status: Status = Status.ESTIMATED,
) -> Sampled:
    """Return what pilots are worth that measure one assumption [B] with standard errors [N].

    `values` [B, P] are net values drawn jointly with it. A pilot with the error se resolves the
    share sd^2 / (sd^2 + se^2) of the assumption's variance, and what would be believed after it is
    spread like the values smoothed over the assumption, drawn towards their mean by the root of
    that share (moment matching: Jalal and Alarid-Escudero 2018, Medical Decision Making 38(2)).
    Exact where assumption and error are normal and values linear in it; elsewhere simulate results
    and use `evsi_of_results`. Never falls as the error does, and never passes `perfect`.
    """
    drawn, by = prepared(values, parameter, names)
    spread = float(np.std(finite(parameter, "assumptions"), ddof=1))
    wide = at_least(errors, 0.0, "standard errors").reshape(-1)
    whole = spread**2 + wide**2
    share = np.divide(spread**2, whole, out=np.zeros(whole.shape), where=whole > 0)
    found = informed(by, fitted(by, drawn), np.append(share, 1.0))
    perfect = evppi(values, parameter, names, unit=unit, status=status)
    # the same correction for all, so that a larger pilot is never worth less
    best = float(found.raw[-1])
    honest = float(perfect.value.value or 0.0) / best if best > 0 else 0.0
    return Sampled(
        errors=wide,
        resolved=share,
        value=found.raw[:-1] * honest,
        se=found.error[:-1],
        perfect=perfect,
    )


def pilot_results(parameter: ArrayLike, error: float, key: str) -> np.ndarray:
    """Return a pilot's measurement of an assumption [B], one for each draw, with a normal error.

    `key` names the pilot: the same key gives the same measurements. ParameterError for a negative
    standard error.
    """
    truth = finite(parameter, "assumptions")
    return np.asarray(
        truth + at_least(error, 0.0, "a standard error") * stream(key).standard_normal(truth.shape)
    )
