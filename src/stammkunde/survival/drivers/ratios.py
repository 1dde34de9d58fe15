"""Hazard ratios of a fitted model, each with its interval or the reason why it has none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from stammkunde import intervals
from stammkunde.draws import BLOCKS, FEWEST_BLOCKS
from stammkunde.result import Estimate
from stammkunde.survival.curve import TOO_FEW_PERSONS
from stammkunde.survival.drivers.cells import Cells
from stammkunde.survival.drivers.design import Design, Kept, Term
from stammkunde.survival.drivers.leave import Moves

Errors = Literal["model", "blocks"]
METHOD = "discrete-time proportional hazards (complementary log-log)"


@dataclass(frozen=True)
class Coefficient:
    """A term of the model and its hazard ratio, with a reason where there is none."""

    term: Term
    ratio: Estimate


@dataclass(frozen=True)
class Fit:
    """What ratios are made of: the counts and the design, the coefficients and their errors."""

    cells: Cells
    design: Design
    kept: Kept
    beta: np.ndarray
    covariance: np.ndarray
    moves: Moves


def coefficients(fit: Fit, errors: Errors, level: float) -> tuple[Coefficient, ...]:
    """Return all terms in the order of factors, levels and bands, those without a ratio too."""
    about: dict[str, Any] = {"unit": "ratio", "level": level}
    found = {t: _ratio(fit, i, errors, about) for i, t in enumerate(fit.design.terms)}
    for term, reason in fit.design.lost:
        found[term] = Estimate(value=None, reason=reason, **about, **_counts(fit, term, errors))
    places = {f.name: (i, f.levels) for i, f in enumerate(fit.cells.factors)}

    def order(term: Term) -> tuple[int, int, int]:
        i, levels = places[term.factor]
        return i, levels.index(term.level), term.first

    return tuple(Coefficient(t, found[t]) for t in sorted(found, key=order))


def _ratio(fit: Fit, i: int, errors: Errors, about: dict[str, Any]) -> Estimate:
    """Return the hazard ratio of one fitted term, its interval on the log scale.

    With fewer than 5 events at the level or at its reference, the limits reach at least as far as
    the exact ones for two counts (Clopper and Pearson for the share of one of them).
    """
    term, value = fit.design.terms[i], float(np.exp(fit.beta[i]))
    about = about | _counts(fit, term, errors)
    blocks = min(_blocks(fit, term, name) for name in (term.level, term.reference))
    replicates = replace(fit.moves.replicates().map(lambda b: np.exp(b[..., i])), smallest=blocks)
    if errors == "model":
        spread = float(np.sqrt(fit.covariance[i, i]))
        quantile = intervals.normal_quantile(about["level"])
    elif blocks < FEWEST_BLOCKS:
        return Estimate(value=None, reason=TOO_FEW_PERSONS, **about)
    else:
        spread = float(fit.moves.replicates().se()[i])
        quantile = intervals.student_quantile(about["level"], blocks)
    low, high = value * np.exp(-quantile * spread), value * np.exp(quantile * spread)
    own, other = (_events(fit, term, name) for name in (term.level, term.reference))
    if min(own, other) < intervals.FEW_EVENTS:
        exact = _exact(value, own, other, about["level"])
        low, high = min(low, exact[0]), max(high, exact[1])
        about["method"] += ", at least exact limits (fewer than 5 events)"
    return Estimate(
        value=value,
        low=float(low),
        high=float(high) if np.isfinite(high) else None,
        se=value * spread,
        replicates=replicates if blocks >= FEWEST_BLOCKS else None,
        **about,
    )


def _exact(value: float, own: int, other: int, level: float) -> tuple[float, float]:
    """Return `value` times the limits of own / other, over own / other."""
    low, high = (float(a) for a in intervals.clopper_pearson(own, own + other, level))
    by = value * other / own
    return low / (1 - low) * by, high / (1 - high) * by if high < 1 else np.inf


def _rows(fit: Fit, term: Term, level: str) -> tuple[np.ndarray, int]:
    """Return the rows with a level that were at risk in the units of a term, and its last unit."""
    cells, f = fit.cells, fit.cells.place(term.factor)
    last = cells.length if term.last is None else term.last
    there = (cells.levels[:, f] == cells.factors[f].levels.index(level))[cells.cell]
    return there & (cells.begin < last) & (cells.finish >= term.first), last


def _counts(fit: Fit, term: Term, errors: Errors) -> dict[str, Any]:
    """Return what every estimate of a term says, with or without a value."""
    rows, last = _rows(fit, term, term.level)
    gone = rows & fit.cells.left & (fit.cells.finish <= last)
    return {
        "spells": int(fit.cells.n[rows].sum()),
        "events": int(fit.cells.n[gone].sum()),
        "method": METHOD + (", person blocks" if errors == "blocks" else ""),
        "estimand": f"hazard ratio {term.factor}: {term.level} to {term.reference}",
    }


def _blocks(fit: Fit, term: Term, level: str) -> int:
    """Return how many blocks hold somebody with a level in the units of a term."""
    rows, _ = _rows(fit, term, level)
    return int((np.bincount(fit.cells.block[rows], minlength=BLOCKS) > 0).sum())


def _events(fit: Fit, term: Term, level: str) -> int:
    """Return the events at a level in the units of a term, of those in the likelihood."""
    f = fit.cells.place(term.factor)
    there = fit.cells.levels[:, f] == fit.cells.factors[f].levels.index(level)
    return int(fit.kept.events[there, term.first - 1 : term.last].sum())
