"""Is the hazard ratio the same at every tenure?

Grambsch and Therneau (1994) as a score test: each covariate is joined by its product with a
function of tenure, whose coefficient is tested for 0. The whole information is used, as R's
survival has done since 3.0, not the approximation by its mean.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy import stats

from stammkunde.errors import ParameterError
from stammkunde.survival.contrasts.equality import Test
from stammkunde.survival.cox.efron import information, point
from stammkunde.survival.cox.fit import CoxFit
from stammkunde.survival.cox.newton import scaled

Transform = Literal["km", "identity"]
GLOBAL = "all together"


def proportionality(fit: CoxFit, transform: Transform = "km") -> list[Test]:
    """Return a test of proportional hazards for each covariate and one for all together.

    In the order of the names, the global test last; `method` names the covariate. `transform` is
    the function of tenure that is tried: the share who have left before ("km", over all strata) or
    tenure itself ("identity"). ParameterError for another one.
    """
    if transform not in ("km", "identity"):
        raise ParameterError(f"tenure is transformed by km or identity, not by `{transform}`")
    sets, scale = fit.sets, scaled(fit.sets)
    here = point(sets, scale.z, fit.coefficients * scale.spread, fit.ties)
    g = sets.times if transform == "identity" else sets.before
    g = g - g @ sets.deaths / sets.deaths.sum()
    plain, once, twice = (information(sets, scale.z, here, g**k) for k in range(3))
    slopes = here.score() @ g
    # what is left of the products' information beside the covariates themselves
    beside = twice - once.T @ np.linalg.solve(plain, once)
    tested = []
    for j, name in enumerate(fit.names):
        tested.append(_test(slopes[[j]], beside[np.ix_([j], [j])], name, transform))
    tested.append(_test(slopes, beside, GLOBAL, transform))
    return tested


def _test(slopes: np.ndarray, beside: np.ndarray, name: str, transform: str) -> Test:
    """Return the score test; one that cannot tell (a single tenure) says p = 1."""
    df = int(np.linalg.matrix_rank(beside, tol=1e-10 * max(1.0, float(np.abs(beside).max()))))
    statistic = float(slopes @ np.linalg.pinv(beside, hermitian=True) @ slopes) if df else 0.0
    p = float(stats.chi2.sf(statistic, df)) if df else 1.0
    return Test(statistic, df, p, f"Grambsch and Therneau, {name} ({transform})")
