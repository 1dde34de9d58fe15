"""The same estimate by three packages, each called in the fastest way that it documents.

A call returns the numbers to be compared: curves with both limits one below the other, a statistic,
coefficients with their errors.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import lifelines
import numpy as np
from lifelines.statistics import multivariate_logrank_test
from survival.regression import coxph_fit_raw
from survival.surv_analysis import survfitaj, survfitkm
from survival.validation import logrank_test

from benchmark.estimators_table import CAUSES, Rows, Table
from stammkunde.survival.arrays import life_table_from, life_tables_from
from stammkunde.survival.causes import aalen_johansen
from stammkunde.survival.contrasts import logrank
from stammkunde.survival.cox import cox
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import kaplan_meier

Call = Callable[[], np.ndarray]

# months are whole numbers: nothing has to be looked at that is nearly equal
FAST: dict[str, Any] = {"conf_type": "log-log", "timefix": False}


@dataclass(frozen=True)
class Task:
    """An estimate: its title and one call per package; names that begin with "stammkunde" are ours.

    `coarse` says within what those agree that end their iterations earlier; those `alone` are
    timed and not compared.
    """

    title: str
    calls: dict[str, Call]
    coarse: Mapping[str, float] = field(default_factory=dict)
    alone: tuple[str, ...] = ()


def of_table(t: Table) -> list[Task]:
    """Return the tasks on exits and causes: Kaplan-Meier, log-rank, Aalen-Johansen."""
    status = t.event.astype(np.int64)
    return [
        Task(
            "Kaplan-Meier with interval",
            {
                "lifelines": lambda: _by_lifelines(t),
                "survival": lambda: _limits(survfitkm(t.exit, status, **FAST)),
                "stammkunde": lambda: _own(kaplan_meier(life_table_from(t.exit, t.event))),
            },
        ),
        Task(
            "log-rank test of two groups",
            {
                "lifelines": lambda: _one(
                    multivariate_logrank_test(t.exit, t.group, t.event).test_statistic
                ),
                "survival": lambda: _one(
                    logrank_test(t.exit, status, t.group, timefix=False).statistic
                ),
                "stammkunde": lambda: _one(
                    logrank(life_tables_from(t.exit, t.event, t.group, 2)).statistic
                ),
            },
        ),
        Task(
            "Aalen-Johansen with intervals, three causes",
            {
                "lifelines": lambda: _jittered(t),
                "survival": lambda: _states(survfitaj(t.exit, t.cause, CAUSES, **FAST)),
                "stammkunde": lambda: _incidences(t),
            },
            alone=("lifelines",),
        ),
    ]


def of_rows(r: Rows) -> list[Task]:
    """Return the task on rows with covariates: Cox with Efron's correction."""
    status = r.event.astype(np.int64)
    calls: dict[str, Call] = {
        "lifelines": lambda: _batches(r),
        "survival": lambda: _raw(coxph_fit_raw(r.exit, status, r.numbers, resid=False)),
        "stammkunde": lambda: _coefficients(r, r.flags),
        "stammkunde, covariates as floats": lambda: _coefficients(r, r.numbers),
    }
    return [Task("Cox, five binary covariates, from rows", calls, coarse={"lifelines": 1e-5})]


def _one(statistic: float) -> np.ndarray:
    return np.array([float(statistic)])


def _by_lifelines(t: Table) -> np.ndarray:
    fit = lifelines.KaplanMeierFitter().fit(t.exit, t.event)
    both = fit.survival_function_.join(fit.confidence_interval_)
    return both.to_numpy().T[:, 1:]


def _limits(fit: Any) -> np.ndarray:
    return np.array([fit.surv, fit.lower, fit.upper])


def _own(curve: Curve) -> np.ndarray:
    return np.array([curve.value, curve.low, curve.high])[:, 1:]


def _states(fit: Any) -> np.ndarray:
    found = [np.array(a)[:, 1:].T for a in (fit.pstate, fit.lower, fit.upper)]
    return np.stack(found, axis=1)


def _incidences(t: Table) -> np.ndarray:
    curves = aalen_johansen(life_table_from(t.exit, t.cause, causes=CAUSES))
    return np.array([_own(curves[cause]) for cause in CAUSES])


def _jittered(t: Table) -> np.ndarray:
    """Return the curves that lifelines makes of months that it first shifts at random."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*[Tt]ied event times.*")
        fits = [
            lifelines.AalenJohansenFitter().fit(t.exit, t.cause, event_of_interest=c)
            for c in range(1, len(CAUSES) + 1)
        ]
    return np.array([fit.cumulative_density_.iloc[-1, 0] for fit in fits])


def _batches(r: Rows) -> np.ndarray:
    fit = lifelines.CoxPHFitter().fit(r.frame, "exit", "event", batch_mode=True)
    return np.array([fit.params_, fit.standard_errors_])


def _raw(fit: Any) -> np.ndarray:
    return np.array([fit.coefficients, np.sqrt(np.diag(fit.var))])


def _coefficients(r: Rows, covariates: np.ndarray) -> np.ndarray:
    fit = cox(r.exit, r.event, covariates)
    return np.array([fit.coefficients, fit.se])
