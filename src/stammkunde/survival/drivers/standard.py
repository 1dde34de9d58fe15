"""Differences between levels in months and in shares still there, all else as it is.

Everybody's survival with a factor set to a level, less everybody's with it set to the reference,
the other columns staying as they are: standardisation, or the g-formula of one point in time
(Robins 1986). It is an association unless the caller knows better. The population is the spells of
the data, each once; without a block its people are missing from the average too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from stammkunde import intervals
from stammkunde.draws import FEWEST_BLOCKS, Replicates
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.intervals import FEW_EVENTS, poisson_limits
from stammkunde.result import Estimate, Status
from stammkunde.survival.curve import NOT_OBSERVED, TOO_FEW_PERSONS
from stammkunde.survival.drivers.average import (
    Asked,
    Average,
    People,
    average,
    people_of,
)
from stammkunde.survival.drivers.design import NO_LEAVERS
from stammkunde.survival.drivers.holders import Holders, holders
from stammkunde.survival.drivers.model import DriverModel
from stammkunde.survival.drivers.rests import rests_on

METHOD = "standardised over all customers by a discrete-time hazard model, person blocks"
AT_LEAST = ", at least limits combined (fewer than 5 events)"
NOT_TOGETHER = "not_together"
SIGNS = np.array([1.0, -1.0])


@dataclass(frozen=True)
class Difference:
    """A level against the reference of its factor, everybody else's columns as they are.

    `months` is the difference of restricted means (in the unit of the data), `survival` that of the
    shares still there, by tenure. Positive: who has the level stays longer. `spells` have the
    level, and `persons`, None where some persons have several spells.
    """

    factor: str
    level: str
    reference: str
    months: Estimate
    survival: Mapping[int, Estimate]
    spells: int
    persons: int | None

    def to_frame(self) -> pd.DataFrame:
        """Return one row per estimate: months first, then the share at each tenure."""
        own = {"factor": self.factor, "level": self.level, "reference": self.reference}
        names = ("estimand", "value", "low", "high", "unit", "events", "reason")
        every = (self.months, *self.survival.values())
        return pd.DataFrame([{**own, **{n: getattr(e, n) for n in names}} for e in every])

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(index=False, border=0, float_format=lambda x: f"{x:.4g}")


@dataclass(frozen=True)
class _Question:
    """What all differences share: the people, what is asked of curves, and how it is said."""

    people: People
    asked: Asked
    horizon: int
    tenures: tuple[int, ...]
    status: Status


@dataclass(frozen=True)
class _Pair:
    """A level of a factor and its reference, by their places, and who has the levels."""

    factor: int
    levels: tuple[int, int]
    held: Holders


@dataclass(frozen=True)
class _Arms:
    """Everybody at a level and at its reference, the leavers that count [2, A], and the blocks."""

    own: Average
    other: Average
    events: np.ndarray
    blocks: int


def standardised(
    model: DriverModel,
    horizon: int,
    tenures: Sequence[int] = (),
    *,
    status: Status = Status.ESTIMATED,
) -> list[Difference]:
    """Return for each factor and level its difference from the reference: months and shares.

    Months within the first `horizon`, shares still there after each of `tenures`; factors that are
    strata are handled by their own baselines. t limits by person blocks (leave-outs to first order
    in the parameters); with fewer than 5 leavers at the level or its reference they reach at least
    as far as exact limits of both numbers put together. No value, with the reason, for a level
    without a ratio, beyond what its stratum was observed for, and with too few blocks.
    ParameterError for a horizon or tenure below 1.
    """
    if horizon < 1 or any(t < 1 for t in tenures):
        raise ParameterError(
            f"{horizon} and {list(tenures)} are no horizon and tenures",
            remedy="Ask for 1 or more.",
        )
    question = _Question(
        people_of(model),
        _asked(horizon, tenures, model.cells.length),
        horizon,
        tuple(tenures),
        status,
    )
    return [d for f in range(len(model.cells.factors)) for d in _of_factor(question, f)]


def _asked(horizon: int, tenures: Sequence[int], length: int) -> Asked:
    """Return the sums that are asked of a curve, over no more units than were observed."""
    last = np.array([horizon - 1, *tenures])
    t = np.arange(min(int(last.max()), length) + 1)
    return Asked(np.stack([t <= last[0], *(t == x for x in last[1:])]).astype(float), last)


def _of_factor(question: _Question, f: int) -> list[Difference]:
    model = question.people.model
    factor = model.cells.factors[f]
    if len(factor.levels) < 2:
        return []
    held = holders(model.cells, f)
    reference = _reference(model, f, held)
    try:
        other = average(question.people, question.asked, f, reference)
    except NotObservedError:
        other = None
    out = []
    for level in range(len(factor.levels)):
        if level != reference:
            pair = _Pair(f, (level, reference), held)
            out.append(_difference(question, pair, _estimates(question, pair, other)))
    return out


def _reference(model: DriverModel, f: int, held: Holders) -> int:
    """Return the level that the others are compared with: the model's, or one with leavers."""
    factor = model.cells.factors[f]
    known = (*model.design.terms, *(t for t, _ in model.design.lost))
    told = [t.reference for t in known if t.factor == factor.name]
    return factor.levels.index(told[0]) if told else int(np.argmax(held.left[:, -1] > 0))


def _difference(question: _Question, pair: _Pair, estimates: list[Estimate]) -> Difference:
    cells = question.people.model.cells
    factor = cells.factors[pair.factor]
    spells = int(pair.held.spells[pair.levels[0]])
    level, reference = (factor.levels[i] for i in pair.levels)
    return Difference(
        factor=factor.name,
        level=level,
        reference=reference,
        months=estimates[0],
        survival=dict(zip(question.tenures, estimates[1:], strict=True)),
        spells=spells,
        persons=None if cells.repeats else spells,
    )


def _estimates(question: _Question, pair: _Pair, other: Average | None) -> list[Estimate]:
    """Return the differences of a level in all that is asked, with reasons where there is none."""
    model = question.people.model
    events = _events(question, pair)
    abouts = [_about(question, pair, events, a) for a in range(events.shape[1])]
    factor = model.cells.factors[pair.factor]
    name = (factor.name, factor.levels[pair.levels[0]])
    lost = [r for t, r in model.design.lost if (t.factor, t.level) == name]
    try:
        own = (
            None if lost else average(question.people, question.asked, pair.factor, pair.levels[0])
        )
    except NotObservedError:
        own = None
    if own is None or other is None:
        reason = lost[0] if lost else NOT_TOGETHER
        return [Estimate(value=None, reason=reason, **about) for about in abouts]
    arms = _Arms(own, other, events, int(pair.held.blocks[list(pair.levels)].min()))
    reasons = [_reason(question, arms, a) for a in range(len(abouts))]
    limits = _combined(question, pair, arms)
    return [
        Estimate(value=None, reason=reason, **about)
        if reason
        else _estimate(question, arms, a, limits[:, a], about)
        for a, (reason, about) in enumerate(zip(reasons, abouts, strict=True))
    ]


def _reason(question: _Question, arms: _Arms, a: int) -> str:
    """Return why there is no value, or nothing."""
    if question.asked.last[a] > min(arms.own.reach, arms.other.reach):
        return NOT_OBSERVED
    if question.asked.last[a] > 0 and not arms.events[:, a].all():
        return NO_LEAVERS
    return "" if arms.blocks >= FEWEST_BLOCKS else TOO_FEW_PERSONS


def _estimate(
    question: _Question, arms: _Arms, a: int, least: np.ndarray, about: dict[str, Any]
) -> Estimate:
    """Return a difference with limits that reach at least as far as `least` (nan: no such)."""
    value = float(arms.own.value[a] - arms.other.value[a])
    leave_out = arms.own.leave_out[:, a] - arms.other.leave_out[:, a]
    replicates = _replicates(value, leave_out, question.people.held, arms.blocks)
    se = float(replicates.se())
    step = intervals.student_quantile(about["level"], arms.blocks) * se
    low, high = value - step, value + step
    if not np.isnan(least).any():
        low, high = min(low, float(least[0])), max(high, float(least[1]))
        about = {**about, "method": about["method"] + AT_LEAST}
    most = float(question.horizon) if a == 0 else 1.0
    low, high = max(low, -most), min(high, most)
    return Estimate(value=value, low=low, high=high, se=se, replicates=replicates, **about)


def _replicates(value: float, leave_out: np.ndarray, held: np.ndarray, blocks: int) -> Replicates:
    """Return replicates that move along the leave-outs under weights, as parameters do."""
    groups = int(held.sum())
    kept = leave_out[held]
    step = np.sqrt((groups - 1) / groups) * (kept.mean() - kept)

    def reweighted(weights: np.ndarray) -> np.ndarray:
        return np.asarray(value + (weights[:, held] - 1) @ step)

    return Replicates(np.where(held, leave_out, value), held, reweighted, blocks)


def _combined(question: _Question, pair: _Pair, arms: _Arms) -> np.ndarray:
    """Return limits [2, A] from exact ones of the numbers of leavers at both levels.

    Only where one of them is few; elsewhere nan.
    """
    events, level = arms.events, question.people.model.level
    out = np.full((2, events.shape[1]), np.nan)
    for few in np.unique(events[:, events.min(axis=0) < FEW_EVENTS], axis=1).T:
        if few.all():
            same = (events == few[:, None]).all(axis=0)
            ends = []
            for place, known, number in zip(pair.levels, (arms.own, arms.other), few, strict=True):
                low, high = (float(x) / number for x in poisson_limits(int(number), level))
                # many leavers, few months
                limits = [
                    average(question.people, question.asked, pair.factor, place, times=x).value
                    for x in (high, low)
                ]
                ends.append(np.stack([known.value, *limits])[:, same])
            out[:, same] = intervals.mover(SIGNS, *np.stack(ends, axis=-1))
    return out


def _events(question: _Question, pair: _Pair) -> np.ndarray:
    """Return the leavers at a level and its reference [2, A] that a difference rests on.

    Those up to its tenure where each has a baseline of its own, else all.
    """
    model, last = question.people.model, question.asked.last
    own = model.cells.factors[pair.factor].name in model.design.strata
    units = np.minimum(last, model.cells.length) if own else np.full_like(last, -1)
    return np.asarray(pair.held.left[list(pair.levels)][:, units])


def _about(question: _Question, pair: _Pair, events: np.ndarray, a: int) -> dict[str, Any]:
    """Return what an estimate says with or without a value."""
    model = question.people.model
    cells, factor = model.cells, model.cells.factors[pair.factor]
    what = f"rmst({question.horizon})" if a == 0 else f"survival({question.tenures[a - 1]})"
    level, reference = (factor.levels[i] for i in pair.levels)
    spells = int(pair.held.spells[list(pair.levels)].sum())
    return {
        "unit": cells.unit if a == 0 else "share",
        "level": model.level,
        "persons": None if cells.repeats else spells,
        "spells": spells,
        "events": int(events[:, a].sum()),
        "method": METHOD,
        "status": question.status,
        "estimand": f"{what} difference {factor.name}: {level} to {reference}",
        "assumptions": rests_on(model.design, factor.name),
    }
