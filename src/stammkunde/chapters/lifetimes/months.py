"""Calendar months as a chapter tells of them: which are shown, and which are beyond chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from stammkunde.chapters.lifetimes.rises import Compared, apart, compared, largest, settling
from stammkunde.chapters.parts import assumptions, least_at_risk
from stammkunde.intervals import FEW_EVENTS
from stammkunde.result import Estimate, Status
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.beside.rises import PriceRise, price_rises
from stammkunde.study import Study
from stammkunde.survival.calendar import CalendarRatio, Lexis, calendar_ratio, period_of, unusual

COHORTS_ALIKE = "cohorts_alike"
ALARM = 0.05
LENGTH = {"month": 1, "quarter": 3}
SMALL = 0.1


@dataclass(frozen=True, kw_only=True)
class Months:
    """The periods shown with their ratios, those beyond chance above and below 1, price rises.

    `by` is "month" or "quarter", `without` are the months set apart, `settle` after each
    rise; `after` compares the rises.
    """

    by: str
    found: CalendarRatio
    ratios: Mapping[str, Estimate]
    above: Sequence[str]
    below: Sequence[str]
    rises: Sequence[PriceRise]
    without: Sequence[str]
    settle: int
    after: Compared


def new_terms(study: Study) -> list[str]:
    """Return the months from which on contracts began under other terms."""
    days = [term.signed_from for term in study.toml.data.terms]
    months = [12 * d.year + d.month - 1 + (d.day > 1) for d in days]
    return [period_of(m, "month") for m in months]


def months_of(study: Study, diagram: Lexis, beside: Beside) -> Months | None:
    """Return the calendar of months, or of quarters; None with one cohort or too few leavers."""
    if len(diagram.tables) < 2 or diagram.length <= diagram.partial:
        return None
    plain = calendar_ratio(diagram)
    rises = largest(price_rises(beside.prices), plain.periods)
    settle = settling(rises, plain.periods)
    without = apart(rises, plain.periods, settle)
    for by in ("month", "quarter"):
        found = calendar_ratio(diagram, by=by, apart=without)
        ratios = _shown(study, found, by)
        if len(ratios) > 1 and np.median([e.events or 0 for e in ratios.values()]) >= FEW_EVENTS:
            p = unusual(found, ratios)
            odd = [n for n, x in p.items() if x < ALARM]
            after = compared(diagram, rises, plain.periods, without)
            return Months(
                by=by,
                found=found,
                ratios=ratios,
                above=[n for n in odd if (ratios[n].value or 0) > 1],
                below=[n for n in odd if (ratios[n].value or 0) < 1],
                rises=rises,
                without=without,
                settle=settle,
                after=_told(study, after),
            )
    return None


def first_day(period: str) -> date:
    """Return the first day of a month "2021-04" or a quarter "2021-Q2"."""
    return date.fromisoformat(f"{inside(period)[0]}-01")


def inside(period: str) -> list[str]:
    """Return the months of a month "2021-04" or a quarter "2021-Q2"."""
    if "Q" not in period:
        return [period]
    first = 3 * int(period[-1]) - 2
    return [f"{period[:4]}-{m:02d}" for m in range(first, first + 3)]


def _shown(study: Study, found: CalendarRatio, by: str) -> dict[str, Estimate]:
    """Return the ratios of periods with as many customers as the study shows, and a tenth of usual.

    Where observation begins, the first month may hold newcomers only; it would crush the picture.
    """
    least = max(least_at_risk(study) * LENGTH[by], SMALL * float(np.median(found.at_risk)))
    enough = [p for p, n in zip(found.periods, found.at_risk, strict=True) if n >= least]
    ratios = {p: _assumed(study, found.at(p)) for p in enough}
    return {p: e for p, e in ratios.items() if e.value is not None}


def _assumed(study: Study, estimate: Estimate) -> Estimate:
    assumed = (*assumptions(study), COHORTS_ALIKE)
    return replace(estimate, status=Status.ESTIMATED, assumptions=assumed)


def _told(study: Study, found: Compared) -> Compared:
    """Return the comparison with the status that all of this has."""
    if found.after is None or found.before is None or found.gap is None:
        return found
    after, before, gap = (_assumed(study, e) for e in (found.after, found.before, found.gap))
    each = {r: (_assumed(study, a), _assumed(study, b)) for r, (a, b) in found.each.items()}
    return replace(found, after=after, before=before, gap=gap, each=each)
