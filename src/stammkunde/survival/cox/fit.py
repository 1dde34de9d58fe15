"""Proportional hazards: what multiplies the hazard of leaving, all else in the model equal.

Cox (1972) with Efron's correction for ties, start and stop, strata and errors by person. Equal rows
are counted together first, so that the cost grows with tenures and patterns, not with customers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import get_args

import numpy as np
import pandas as pd
from scipy import stats

from stammkunde.draws import FEWEST_BLOCKS
from stammkunde.errors import ParameterError
from stammkunde.intervals import normal_quantile, student_quantile
from stammkunde.result import Estimate, Status
from stammkunde.survival.contrasts.equality import Test
from stammkunde.survival.cox.compress import gathered
from stammkunde.survival.cox.efron import Ties, point
from stammkunde.survival.cox.newton import Peak, climbed, scaled
from stammkunde.survival.cox.riskset import RiskSets, risk_sets
from stammkunde.survival.cox.robust import clustered, score_residuals
from stammkunde.survival.curve import TOO_FEW_PERSONS

PROPORTIONAL = "proportional_hazards"


@dataclass(frozen=True, kw_only=True)
class CoxFit:
    """A proportional hazards model: log hazard ratios [p], their covariance, and what they rest on.

    `covariance` is the model's, `robust` that by clusters (None where none were given), `clusters`
    their number. `rows` and `events` count repeated rows. `score` is the score statistic at 0.
    `sets` are the counted rows, from which tests and baselines are made.
    """

    names: tuple[str, ...]
    coefficients: np.ndarray
    covariance: np.ndarray
    robust: np.ndarray | None
    clusters: int | None
    persons: int | None
    rows: int
    events: int
    log_likelihood: float
    log_likelihood_null: float
    score: float
    ties: Ties
    sets: RiskSets = field(repr=False, compare=False)

    @property
    def se(self) -> np.ndarray:
        """Return the standard errors [p] of the log hazard ratios: by cluster where there are."""
        used = self.covariance if self.robust is None else self.robust
        return np.sqrt(np.diag(used))

    def hazard_ratios(self, level: float = 0.95) -> list[Estimate]:
        """Return exp(coefficient) for each name, with limits on the log scale.

        `se` is on the natural scale. Errors by cluster take Student's quantile with one degree of
        freedom less than clusters; with fewer than 10 there is no value but a reason.
        """
        method = f"Cox ({self.ties.capitalize()})"
        quantile = normal_quantile(level)
        if self.clusters is not None:
            method += ", errors by cluster (Lin and Wei)"
            quantile = student_quantile(level, self.clusters)
        few = self.clusters is not None and self.clusters < FEWEST_BLOCKS
        found = []
        for name, beta, se in zip(self.names, self.coefficients, self.se, strict=True):
            ends = np.exp(beta + quantile * se * np.array([-1.0, 0.0, 1.0]))
            low, value, high = (None if few else float(e) for e in ends)
            found.append(
                Estimate(
                    value=value,
                    low=low,
                    high=high,
                    level=level,
                    se=None if value is None else float(value * se),
                    unit="ratio",
                    persons=self.persons,
                    spells=self.rows,
                    events=self.events,
                    method=method,
                    status=Status.ESTIMATED,
                    estimand=f"hazard ratio of {name}",
                    assumptions=(PROPORTIONAL,),
                    reason=TOO_FEW_PERSONS if few else "",
                )
            )
        return found

    def tests(self) -> list[Test]:
        """Return the tests that nothing in the model matters: likelihood ratio, Wald, score.

        With clusters Wald's rests on their errors; fewer clusters than coefficients leave it fewer
        degrees of freedom.
        """
        used = self.covariance if self.robust is None else self.robust
        scale = 1 / self.se
        z = self.coefficients * scale
        inner = used * np.outer(scale, scale)
        rank = int(np.linalg.matrix_rank(inner, hermitian=True))
        wald = float(z @ np.linalg.pinv(inner, hermitian=True) @ z)
        ratio = 2 * (self.log_likelihood - self.log_likelihood_null)
        by = "" if self.robust is None else ", errors by cluster"
        df = len(self.names)
        found = [
            ("likelihood ratio", ratio, df),
            (f"Wald{by}", wald, rank),
            ("score", self.score, df),
        ]
        return [Test(x, k, float(stats.chi2.sf(x, k)), name) for name, x, k in found]

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Return one row per covariate: coefficient, its error, hazard ratio and limits."""
        ratios = self.hazard_ratios(level)
        return pd.DataFrame(
            {
                "name": self.names,
                "coefficient": self.coefficients,
                "se": self.se,
                "ratio": [e.value for e in ratios],
                "low": [e.low for e in ratios],
                "high": [e.high for e in ratios],
            }
        )

    def _repr_html_(self) -> str:
        shown = self.to_frame()
        return shown.to_html(index=False, border=0, float_format=lambda x: f"{x:.4g}")


def cox(
    exit_: np.ndarray,
    event: np.ndarray,
    covariates: np.ndarray,
    *,
    entry: np.ndarray | None = None,
    weight: np.ndarray | None = None,
    stratum: np.ndarray | None = None,
    cluster: np.ndarray | None = None,
    persons: int | None = None,
    names: Sequence[str] | None = None,
    ties: Ties = "efron",
) -> CoxFit:
    """Return the proportional hazards model of rows at risk in (entry, exit].

    Arrays [N], `covariates` [N, p]. `event` is 1 where the row ends with leaving; `entry` is 0 by
    default, and rows with entry >= exit were never at risk. `weight` are whole numbers and mean
    that the row is there so often: the fit equals that of the repeated rows. Each `stratum` has a
    baseline of its own. `cluster` (a person, or a block of persons) gives errors that respect
    who belongs together; `persons` is only handed on. Strata and clusters may be any labels.

    DataError for missing values, ParameterError for columns that do not vary or follow from others,
    NotObservedError where nobody leaves or a column tells exactly who does.
    Source: Efron (1977); Therneau and Grambsch (2000).
    """
    if ties not in get_args(Ties):
        raise ParameterError(f"ties are counted by efron or breslow, not by `{ties}`")
    columns = {"entry": entry, "weight": weight, "stratum": stratum}
    rows = gathered(exit_, event, covariates, **columns, cells=cluster is not None)
    labels = _named(names, len(rows.covariates))
    sets = risk_sets(rows)
    scale = scaled(sets)
    peak = climbed(sets, scale.z, labels, ties)
    inner = np.linalg.inv(peak.information)
    units = np.outer(scale.spread, scale.spread)
    sandwich, clusters = _by_cluster(sets, scale.z, peak, inner, cluster, weight)
    return CoxFit(
        names=labels,
        coefficients=peak.beta / scale.spread,
        covariance=(inner + inner.T) / 2 / units,
        robust=None if sandwich is None else sandwich / units,
        clusters=clusters,
        persons=persons,
        rows=int(rows.weight.sum()),
        events=int(rows.weight[rows.event].sum()),
        log_likelihood=peak.at.log_likelihood,
        log_likelihood_null=peak.null.log_likelihood,
        score=peak.score_statistic,
        ties=ties,
        sets=sets,
    )


def _by_cluster(
    sets: RiskSets,
    z: np.ndarray,
    peak: Peak,
    inner: np.ndarray,
    cluster: np.ndarray | None,
    weight: np.ndarray | None,
) -> tuple[np.ndarray | None, int | None]:
    """Return the sandwich around `inner` and the number of clusters; None where there are none."""
    if cluster is None or sets.rows.cell is None:
        return None, None
    residuals = score_residuals(sets, z, peak.at)
    middle, clusters = clustered(residuals, sets.rows.cell, np.asarray(cluster), weight)
    return inner @ middle @ inner, clusters


def _named(names: Sequence[str] | None, count: int) -> tuple[str, ...]:
    """Return the names of the covariates; x1, x2, ... where none are given."""
    labels = tuple(f"x{j + 1}" for j in range(count)) if names is None else tuple(names)
    if not count:
        raise ParameterError("there is no covariate", remedy="Name one column at least.")
    if len(labels) != count or len(set(labels)) != count:
        raise ParameterError(
            f"{count} covariates have {len(set(labels))} different names",
            remedy="Give each column one name of its own.",
        )
    return labels


def baselines(fit: CoxFit, at: np.ndarray | None = None) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return times and cumulative hazards after them for each stratum, in the order of the labels.

    At the covariates `at` [p] (all 0 by default). A stratum in which nobody leaves has none.
    """
    sets, scale = fit.sets, scaled(fit.sets)
    here = point(sets, scale.z, fit.coefficients * scale.spread, fit.ties)
    place = np.zeros(len(fit.names)) if at is None else np.asarray(at, dtype=float)
    factor = np.exp(fit.coefficients @ (place - scale.centre))
    pairs = zip(sets.bounds[:-1], sets.bounds[1:], strict=True)
    return [(sets.times[a:b], np.cumsum(here.a[a:b]) * factor) for a, b in pairs]
