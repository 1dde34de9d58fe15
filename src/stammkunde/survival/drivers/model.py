"""Drivers: what goes with leaving, by a model of monthly hazards that leaves their course free.

In unit t a customer of stratum s leaves with hazard h, log(-log(1 - h)) = alpha[s, t] + x beta: the
complementary log-log link, so that exp(beta) is the ratio of hazards in continuous time, however
coarse the units are (Prentice and Gloeckler 1978). Units without leavers have hazard 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from stammkunde.draws import Replicates
from stammkunde.errors import ParameterError
from stammkunde.survival.drivers import solve
from stammkunde.survival.drivers.cells import Cells, at_risk, events
from stammkunde.survival.drivers.design import (
    NO_COMPARISON,
    NO_LEAVERS,
    NO_STAYERS,
    Design,
    Kept,
    Term,
    design_of,
)
from stammkunde.survival.drivers.leave import Moves, moves
from stammkunde.survival.drivers.ratios import Coefficient, Errors, Fit, coefficients

DEPENDENT = 1e-9


@dataclass(frozen=True, kw_only=True)
class DriverModel:
    """A fitted model: hazard ratios by level, and the hazards of every cell.

    `beta` [p] are the coefficients of `design.terms`, `baseline` [S, K] is exp(alpha): the
    cumulative hazard of each unit at the references (0 where nobody left, inf where all did),
    `covariance` [p, p] the model-based one, right where each person has one spell. `reach` [S] is
    the last unit before which a stratum's risk set never empties; hazards beyond mean nothing.
    `errors` is "model" or "blocks".
    """

    cells: Cells
    design: Design
    beta: np.ndarray
    baseline: np.ndarray
    covariance: np.ndarray
    coefficients: tuple[Coefficient, ...]
    reach: np.ndarray
    log_likelihood: float
    events: int
    errors: Errors
    level: float
    moves: Moves = field(repr=False, compare=False)

    @property
    def replicates(self) -> Replicates:
        """Return the replicates of `beta`."""
        return self.moves.replicates()

    def under(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return beta [B, p] and baseline [B, S, K] under weights of the blocks [B, 256]."""
        beta = self.moves.effects(weights)
        return beta, self.moves.baselines(weights, beta)

    def left_out(self) -> tuple[np.ndarray, np.ndarray]:
        """Return beta [256, p] and baseline [256, S, K] without each block."""
        beta = self.moves.leave_out
        return beta, self.moves.baselines(1.0 - np.eye(len(beta)), beta)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per term: its levels, units, hazard ratio and interval."""
        names = ("value", "low", "high", "events", "reason")
        rows = [
            {**vars(c.term), **{n: getattr(c.ratio, n) for n in names}} for c in self.coefficients
        ]
        return pd.DataFrame(rows, columns=[*Term.__dataclass_fields__, *names])

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(index=False, border=0, float_format=lambda x: f"{x:.4g}")


def driver_model(
    cells: Cells,
    *,
    strata: Sequence[str] = (),
    fading: Mapping[str, Sequence[int]] | None = None,
    errors: Errors | None = None,
    level: float = 0.95,
) -> DriverModel:
    """Return the model of all factors of `cells`, each of `strata` with a baseline of its own.

    `fading` gives a factor one coefficient per band of tenure, its cuts the last units of all bands
    but the last: {"tariff": (12, 24)} for units 1-12, 13-24 and from 25. `errors` are by default
    the model's where each person has one spell, else the person blocks'. A level without leavers
    (or stayers) has no ratio, with the reason. ParameterError for factors that cannot be told
    apart, NotObservedError where nobody left or levels tell who leaves.
    """
    design, kept = design_of(cells, at_risk(cells), events(cells), strata, fading or {})
    shape, at = peak(cells, design, kept)
    form = solve.sums(shape, kept.at_risk * at.observed_n + kept.events * at.observed_d)
    known = solve.sums(shape, kept.at_risk * at.expected)
    covariance = np.linalg.inv(known.reduced())
    fit = Fit(cells, design, kept, at.beta, covariance, moves(cells, shape, kept, at, form))
    errors = errors or ("blocks" if cells.repeats else "model")
    return DriverModel(
        cells=cells,
        design=design,
        beta=at.beta,
        baseline=at.baseline,
        covariance=covariance,
        coefficients=coefficients(fit, errors, level),
        reach=_reach(shape, at_risk(cells)),
        log_likelihood=solve.log_likelihood(kept.at_risk, kept.events, at),
        events=int(cells.n[cells.left].sum()),
        errors=errors,
        level=level,
        moves=fit.moves,
    )


def shape_of(design: Design, levels: np.ndarray, length: int) -> solve.Shape:
    """Return where cells with these `levels` [C, F] stand in a design."""
    columns, stratum = design.columns(levels), design.stratum_of(levels)
    return solve.Shape(columns, design.band_of(length), stratum, len(design.keys))


def peak(cells: Cells, design: Design, kept: Kept) -> tuple[solve.Shape, solve.Point]:
    """Return where the cells stand in a design, and the point of greatest likelihood.

    Errors as in `driver_model`.
    """
    shape = shape_of(design, cells.levels, cells.length)
    begin = solve.start(shape, kept.at_risk, kept.events, kept.full)
    _must_differ(design, solve.sums(shape, kept.at_risk * begin.expected))
    return shape, solve.newton(shape, kept.at_risk, kept.events, begin)


def hazards(
    design: Design, levels: np.ndarray, beta: np.ndarray, baseline: np.ndarray
) -> np.ndarray:
    """Return the hazards [..., C, K] of cells with `levels` [C, F], of the fit or of replicates.

    `beta` is [..., p], `baseline` [..., S, K]. Levels without leavers have hazard 0.
    """
    length = baseline.shape[-1]
    found = solve.hazards_at(shape_of(design, levels, length), beta, baseline)
    own = baseline[..., design.stratum_of(levels), :]
    for reason, value in (
        (NO_COMPARISON, np.where(np.isinf(own), 1.0, 0.0)),
        (NO_STAYERS, np.ones(())),
        (NO_LEAVERS, np.zeros(())),
    ):
        found = np.where(design.where_lost(levels, length, reason), value, found)
    return found


def predict(model: DriverModel) -> np.ndarray:
    """Return the fitted hazards of the model's cells [C, K]; see `reach` for how far they hold."""
    return hazards(model.design, model.cells.levels, model.beta, model.baseline)


def _reach(shape: solve.Shape, n: np.ndarray) -> np.ndarray:
    present = shape.member @ n > 0
    return np.where(present.all(axis=1), n.shape[1], np.argmin(present, axis=1))


def _must_differ(design: Design, information: solve.Sums) -> None:
    """Raise ParameterError where some coefficients only matter together."""
    reduced, alone = information.reduced(), np.diag(information.bb)
    scale = np.sqrt(solve.inverse(alone))
    values, vectors = np.linalg.eigh(reduced * scale * scale[:, None])
    null = np.abs(vectors[:, values < DEPENDENT]).max(axis=1, initial=0.0) > 1e-6
    names = list(dict.fromkeys(t.factor for t, x in zip(design.terms, null, strict=True) if x))
    if names:
        said = " and ".join(f"`{n}`" for n in names)
        beside = " and the strata" if design.strata else ""
        raise ParameterError(
            f"the effects of {said}{beside} cannot be told apart: one follows from the other"
            if len(names) > 1 or design.strata
            else f"the levels of {said} are never at risk together while somebody leaves",
            remedy="Leave out one of the columns.",
        )
