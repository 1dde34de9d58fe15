"""Several families instead of one: what the data cannot tell apart, later numbers must carry.

Families that describe the observed years alike say different things of the years to come. They are
kept side by side, with weights exp(-AIC / 2) (Akaike 1978; Burnham and Anderson 2002), tempered:
with very many customers the plain weights would choose one family for a difference that no curve
shows, since none is the exact law. The exponent is therefore divided by 1 + leavers / 1000, as if
at most a thousand leavers had been seen (the coarsened posterior of Miller and Dunson 2019). The
interval of a number is that of the mixture: sampling error and the spread of the families together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.result import Estimate, Status
from stammkunde.survival.curve import Curve
from stammkunde.survival.projection.families import FAMILIES, Family
from stammkunde.survival.projection.fit import FAMILY_HOLDS, Fit, fitted
from stammkunde.survival.projection.mixture import mixture
from stammkunde.survival.projection.projected import Functional, Projection, projected
from stammkunde.survival.table import LifeTable

COARSE = 1000
NO_FAMILY, OUTDONE = "no_family_fits", "outdone"
# logarithm of how much more weight what has no fit may have than a fit
OUTDOES = float(np.log(20))
REMEDY = "Read `Choice.left_out`; declare the ends of terms, or wait for more leavers."
METHOD = "counted, then families weighted by AIC"


@dataclass(frozen=True)
class Choice:
    """Fits of several families to the same data, their weights [J], and those left out.

    `left_out` names, for each family without a fit, why.
    """

    fits: tuple[Fit, ...]
    weights: np.ndarray
    left_out: Mapping[str, str]

    def to_frame(self) -> pd.DataFrame:
        """Return the families with their criteria, the weightiest first."""
        rows = [
            {"family": f.family.name, "weight": w, "log_likelihood": f.log_likelihood}
            | {"numbers": f.shared.size, "aic": f.aic, "bic": f.bic, "problem": ""}
            for f, w in zip(self.fits, self.weights, strict=True)
        ]
        rows += [{"family": n, "weight": 0.0, "problem": why} for n, why in self.left_out.items()]
        frame = pd.DataFrame(rows, columns=["family", "weight", "log_likelihood", "numbers",
                                            "aic", "bic", "problem"])  # fmt: skip
        return frame.sort_values("weight", ascending=False, kind="stable", ignore_index=True)

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(index=False, border=0, float_format=lambda x: f"{x:.4g}")


def choose(
    tables: LifeTable | Mapping[str, LifeTable],
    families: Iterable[Family | str] = tuple(FAMILIES),
    *,
    own: Collection[str] | None = None,
    reach: int | None = None,
    level: float = 0.95,
) -> Choice:
    """Return the families fitted to the same data, weighted; those without a fit are left out.

    So are those ("outdone") that a family without a fit describes the data far better than: its
    limit cannot be projected, but where it outweighs a fit twentyfold, the fit is no answer either.
    ParameterError where there are none to try.
    """
    fits = [fitted(tables, f, own=own, reach=reach, level=level) for f in families]
    if not fits:
        raise ParameterError("a choice needs families", remedy="Name one at least.")
    left_out = {f.family.name: f.problem for f in fits if f.problem}
    limit = max((f for f in fits if f.problem), key=_score, default=None)
    for fit in fits:
        if limit is not None and not fit.problem and _score(limit) - _score(fit) > OUTDOES:
            left_out[fit.family.name] = OUTDONE
    good = tuple(f for f in fits if f.family.name not in left_out)
    return Choice(good, weights_of(good), left_out)


def _score(fit: Fit) -> float:
    """Return the logarithm of the weight of a fit, but for what is common to all."""
    return float(-fit.aic / 2 / (1 + fit.events.sum() / COARSE))


def weights_of(fits: Sequence[Fit]) -> np.ndarray:
    """Return the tempered Akaike weights [J] of fits to the same data."""
    if not fits:
        return np.zeros(0)
    score = np.array([_score(f) for f in fits])
    raw = np.exp(score - score.max())
    return np.asarray(raw / raw.sum())


@dataclass(frozen=True)
class Outlook:
    """Projections of the same curve by several families, and their weights [J]."""

    parts: tuple[Projection, ...]
    weights: np.ndarray

    @property
    def horizon(self) -> int:
        """Return T, the last unit."""
        return self.parts[0].horizon if self.parts else 0

    @property
    def observed_to(self) -> int:
        """Return the last unit that was counted."""
        return self.parts[0].observed_to if self.parts else 0

    def draws(self, functional: Functional, weights: np.ndarray) -> np.ndarray:
        """Return a functional [B, ...] under weights of the blocks [B, 256].

        Draw b is of the family whose share of the unit interval holds the b-th number of van der
        Corput's sequence, so that fewer draws are a prefix of more and every room has the same.
        ParameterError where there are no person blocks.
        """
        if any(p.under is None for p in self.parts) or not self.parts:
            raise ParameterError("this outlook has no person blocks to draw from")
        which = np.searchsorted(np.cumsum(self.weights)[:-1], _even(len(weights)), side="right")
        found = None
        for j, part in enumerate(self.parts):
            rows = np.flatnonzero(which == j)
            own = functional(part.under(weights[rows])) if rows.size else None  # type: ignore[misc]
            if own is None:
                continue
            if found is None:
                found = np.zeros((len(weights), *own.shape[1:]))
            found[rows] = own
        return np.asarray(found)

    def curve(self) -> Curve:
        """Return the mean curve of the families with the interval of their mixture.

        NotObservedError where no family fits.
        """
        if not self.parts:
            raise NotObservedError("no family fits, so there is no curve to show", remedy=REMEDY)
        one = self.parts[0]
        centres, errors = (
            np.stack(a) for a in zip(*(p.centre(lambda s: s) for p in self.parts), strict=True)
        )
        value = self.weights @ centres
        low, high = mixture(centres, errors, self.weights, one.quantile, one.level, "log-log")
        none = np.zeros(one.horizon, dtype=np.int64)
        return Curve(
            kind="survival",
            unit=one.unit,
            value=value,
            low=low,
            high=high,
            at_risk=none,
            events=none,
            persons=one.persons,
            spells=one.spells,
            observed_to=one.observed_to,
            level=one.level,
            errors=one.errors,
            basis="projected",
            method=METHOD,
            status=Status.ESTIMATED,
            assumptions=(FAMILY_HOLDS,),
        )

    def number(self, functional: Functional, link: str, unit: str, estimand: str) -> Estimate:
        """Return one number with the interval of the mixture, on the scale of `link`.

        `functional` takes curves [B, T + 1] and returns [B]. `se` is that of the mixture.
        """
        if not self.parts:
            none = Estimate(value=None, unit=unit, method=METHOD, estimand=estimand)
            return replace(none, reason=NO_FAMILY, status=Status.ESTIMATED)
        one = self.parts[0]
        centres, errors = (
            np.array(a) for a in zip(*(p.centre(functional) for p in self.parts), strict=True)
        )
        value = float(self.weights @ centres)
        low, high = mixture(centres, errors, self.weights, one.quantile, one.level, link)
        spread = float(np.sqrt(self.weights @ (errors**2 + (centres - value) ** 2)))
        about = {**one.about(), "method": METHOD}
        told = {"value": value, "low": float(low), "high": float(high), "se": spread}
        return Estimate(unit=unit, estimand=estimand, **told, **about)  # type: ignore[arg-type]


def outlook(
    table: LifeTable,
    choice: Choice,
    horizon: int,
    *,
    group: str = "",
    reach: int | None = None,
    given: int = 0,
) -> Outlook:
    """Return the projections of a table by all families of a choice (see `projected`)."""
    parts = tuple(
        projected(table, f, horizon, group=group, reach=reach, given=given) for f in choice.fits
    )
    return Outlook(parts, choice.weights)


def _even(count: int) -> np.ndarray:
    """Return the first numbers of van der Corput's sequence in base 2, moved off 0 by a half."""
    number = np.arange(1, count + 1, dtype=np.uint64)
    found, part = np.zeros(count), 0.5
    while number.any():
        found += part * (number & np.uint64(1))
        number >>= np.uint64(1)
        part /= 2
    return found
