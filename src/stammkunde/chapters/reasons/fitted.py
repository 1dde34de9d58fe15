"""The model behind the sections on what goes with leaving: its columns, strata and differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from stammkunde.chapters.parts import assumptions, horizons, least_at_risk, mean_horizon
from stammkunde.chapters.reasons.courses import DECIDED, Courses, Stretch, courses_of, is_estimable
from stammkunde.chapters.reasons.names import is_number
from stammkunde.chapters.reasons.numbers import excludes_zero
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.result import Estimate, Status
from stammkunde.spells.spells import MISSING, Spells
from stammkunde.study import Study
from stammkunde.survival.contrasts import adjusted
from stammkunde.survival.drivers.accumulated import is_accumulated
from stammkunde.survival.drivers.cells import OTHER, Cells, Factor, at_risk, cells_of, events
from stammkunde.survival.drivers.model import DriverModel, driver_model
from stammkunde.survival.drivers.screen import LeftOut, screened
from stammkunde.survival.drivers.standard import Difference, standardised
from stammkunde.survival.drivers.window import among, within

MANY_LEVELS, SMALL_LEVELS, NOT_ESTIMABLE = "many_levels", "small_levels", "not_estimable"
ACCUMULATED = "accumulated"
# more levels make no picture, more bands no model of some thousand cells
MOST_LEVELS, BANDS = 12, 3
FEWEST_LEAVERS = 50


@dataclass(frozen=True)
class Drivers:
    """What goes with leaving in the first `span` units, columns compared with all else equal.

    `cells` are the customers by the columns kept, tenure up to `span`. `holm` are the p-values of
    the differences in months that allow for their number, by factor and level. `stretches` hold the
    differences of uneven columns by stretch of tenure (first, last], of those still there.
    """

    cells: Cells
    model: DriverModel
    differences: tuple[Difference, ...]
    holm: Mapping[tuple[str, str], float]
    courses: Courses
    stretches: Mapping[Stretch, tuple[Difference, ...]]
    left_out: tuple[LeftOut, ...]
    span: int
    tenures: tuple[int, ...]

    def is_decided(self, found: Difference) -> bool:
        """Return whether a difference is beyond chance, all that were looked at allowed for."""
        p = self.holm.get((found.factor, found.level), 1.0)
        return p < DECIDED and excludes_zero(found.months)


@dataclass(frozen=True)
class Unfit:
    """Why there is no model (`why` is a key of sentences), and what was left out before."""

    why: str
    left_out: tuple[LeftOut, ...] = ()


def read_drivers(study: Study, spells: Spells) -> Drivers | Unfit:
    """Return the model of all declared groups and covariates, or why there is none.

    Columns that are no drivers, that have many levels or that nothing can be said of beside the
    others are left out. Tenure ends with the horizon of the mean, or where fewer are at risk than
    the study asks for. What is done with effects that change over tenure, `courses_of` says.
    """
    columns = (*spells.groups, *spells.covariates)
    if not columns or not spells.spells:
        return Unfit("no_columns" if not columns else "too_few")
    least = study.toml.report.smallest_group
    cells = cells_of(spells, columns, bands=BANDS, fewest=least)
    unfit = {f.name: why for f in cells.factors if (why := _unfit(study, cells, f))}
    left_out = tuple(LeftOut(c, why, "", None) for c, why in unfit.items())
    if len(unfit) > len(columns) - 2:
        return Unfit("one_column", left_out)
    cells = among(cells, [c for c in columns if c not in unfit])
    kept, out = screened(spells, cells)
    left_out = (*out, *left_out)
    if len(kept) < 2:
        return Unfit("one_column", left_out)
    span = _span(study, cells)
    if isinstance(span, str):
        return Unfit(span, left_out)
    cells = within(among(cells, kept), 0, span)
    if events(cells).sum() < FEWEST_LEAVERS:
        return Unfit("too_few", left_out)
    sound, unsound = _estimable(cells)
    left_out += tuple(LeftOut(c, NOT_ESTIMABLE, "", None) for c in unsound)
    if len(sound) < 2:
        return Unfit("one_column" if sound else "too_few", left_out)
    return _fitted(study, among(cells, sound), left_out, span)


def _unfit(study: Study, cells: Cells, factor: Factor) -> str:
    """Return why the levels of a column cannot be compared, or nothing."""
    if set(factor.levels) <= {OTHER, MISSING} and OTHER in factor.levels:
        return SMALL_LEVELS
    if is_number(study, factor.name) and is_accumulated(cells, factor.name):
        return ACCUMULATED
    return MANY_LEVELS if len(factor.levels) > MOST_LEVELS else ""


def _span(study: Study, cells: Cells) -> int | str:
    """Return the horizon of the mean (or the last unit with enough at risk), or why there is none.

    A span of one unit has no course over tenure.
    """
    few = np.flatnonzero(at_risk(cells).sum(axis=0) < least_at_risk(study))
    reach = int(few[0]) if few.size else cells.length
    if reach == 0:
        return "late" if cells.spells >= least_at_risk(study) else "too_few"
    span = mean_horizon(study, reach)
    return span if span > 1 else "short"


def _estimable(cells: Cells) -> tuple[list[str], list[str]]:
    """Return the columns that a model can hold together, the first first, and the others."""
    if is_estimable(cells):
        return [*cells.names], []
    sound: list[str] = []
    for name in cells.names:
        if is_estimable(among(cells, [*sound, name])):
            sound.append(name)
    return sound, [n for n in cells.names if n not in sound]


def _fitted(study: Study, cells: Cells, left_out: tuple[LeftOut, ...], span: int) -> Drivers:
    courses = courses_of(study, cells)
    model = driver_model(cells, strata=courses.strata, fading=courses.bands)
    tenures = horizons(study, max(min(span, int(model.reach.min())), 1))
    assumed = _assumed(study, model)
    status = Status.ESTIMATED if assumed else Status.MEASURED
    every = standardised(model, span, tenures, status=status)
    found = [_with(d, assumed) for d in every]
    return Drivers(
        cells=cells,
        model=model,
        differences=tuple(found),
        holm=_holm(found),
        courses=courses,
        stretches=_by_stretch(study, cells, courses),
        left_out=left_out,
        span=span,
        tenures=tenures,
    )


def _by_stretch(
    study: Study, cells: Cells, courses: Courses
) -> dict[Stretch, tuple[Difference, ...]]:
    """Return the differences of uneven factors in each stretch, among those still there."""
    found: dict[Stretch, tuple[Difference, ...]] = {}
    for first, last in courses.stretches if courses.uneven else ():
        try:
            part = within(cells, first, last)
            model = driver_model(part, strata=courses.strata)
        except (NotObservedError, ParameterError):
            continue
        length = last - first
        assumed = _assumed(study, model)
        status = Status.ESTIMATED if assumed else Status.MEASURED
        every = standardised(model, length, (length,), status=status)
        found[(first, last)] = tuple(_with(d, assumed) for d in every if d.factor in courses.uneven)
    return found


def _assumed(study: Study, model: DriverModel) -> tuple[str, ...]:
    """Return what differences rest on beside the counts."""
    today = ("group_as_today",) if study.toml.data.snapshot is not None else ()
    proportional = ("proportional_hazards",) if model.design.terms else ()
    return (*assumptions(study), *today, *proportional)


def _with(found: Difference, assumed: tuple[str, ...]) -> Difference:
    survival = {t: replace(e, assumptions=assumed) for t, e in found.survival.items()}
    return replace(found, months=replace(found.months, assumptions=assumed), survival=survival)


def _holm(found: Sequence[Difference]) -> dict[tuple[str, str], float]:
    """Return the p-values of differences in months, allowing for their number (Holm)."""
    known = {(d.factor, d.level): d.months for d in found if d.months.value is not None}
    corrected = adjusted([_p(e) for e in known.values()])
    return dict(zip(known, corrected, strict=True))


def _p(estimate: Estimate) -> float:
    """Return the p-value of "no difference" by the t distribution of the person blocks."""
    if not estimate.se or estimate.value is None or estimate.replicates is None:
        return 1.0
    blocks = estimate.replicates.smallest
    return float(2 * stats.t.sf(abs(estimate.value) / estimate.se, max(blocks - 1, 1)))
