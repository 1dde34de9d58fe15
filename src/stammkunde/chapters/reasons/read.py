"""Which columns the sections on what goes with leaving compare, and which they leave out."""

from __future__ import annotations

import numpy as np

from stammkunde.chapters.parts import least_at_risk, mean_horizon
from stammkunde.chapters.reasons.courses import is_aliased, is_estimable
from stammkunde.chapters.reasons.fitted import Drivers, Unfit, fitted
from stammkunde.chapters.reasons.names import is_number
from stammkunde.spells.schema.roles import delivered_as, tell_of_leaving
from stammkunde.spells.spells import MISSING, Spells
from stammkunde.study import Study
from stammkunde.survival.drivers.accumulated import is_accumulated
from stammkunde.survival.drivers.cells import OTHER, Cells, Factor, at_risk, cells_of, events
from stammkunde.survival.drivers.screen import Declared, LeftOut, leaking, screened
from stammkunde.survival.drivers.start import told_by_start
from stammkunde.survival.drivers.window import among, merged, within

MANY_LEVELS, SMALL_LEVELS, NOT_ESTIMABLE = "many_levels", "small_levels", "not_estimable"
ACCUMULATED, LEVEL_FOLLOWS = "accumulated", "level_follows"
# more levels make no picture, more bands no model of some thousand cells
MOST_LEVELS, BANDS = 12, 3
FEWEST_LEAVERS = 50


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
    cells = cells_of(spells, columns, bands=BANDS, fewest=least, reach=True)
    kept, left_out = _fit_for_it(study, spells, cells)
    if len(kept) < 2:
        return Unfit("one_column", left_out)
    span = _span(study, cells)
    if isinstance(span, str):
        return Unfit(span, left_out)
    cells = within(among(cells, kept), 0, span)
    if events(cells).sum() < FEWEST_LEAVERS:
        return Unfit("too_few", left_out)
    cells, unsound = _estimable(cells)
    left_out += unsound
    if len(cells.names) < 2:
        return Unfit("one_column" if cells.names else "too_few", left_out)
    starts = told_by_start(spells, cells, bands=BANDS)
    return fitted(study, cells, span, left_out=left_out, starts=starts)


def _fit_for_it(
    study: Study, spells: Spells, cells: Cells
) -> tuple[tuple[str, ...], tuple[LeftOut, ...]]:
    """Return the columns that may be compared, and the others with the reason."""
    data = study.toml.data
    declared = Declared(delivered_as(data), tell_of_leaving(data))
    leaks = leaking(spells, cells, declared, bands=BANDS)
    told = [x.column for x in leaks]
    factors = [f for f in cells.factors if f.name not in told]
    unfit = {f.name: why for f in factors if (why := _unfit(study, cells, f))}
    left_out = (*leaks, *(LeftOut(c, why, "", None) for c, why in unfit.items()))
    fit = [f.name for f in factors if f.name not in unfit]
    if len(fit) < 2:
        return tuple(fit), left_out
    kept, out = screened(spells, among(cells, fit), declared, leaks=())
    return kept, (*out, *left_out)


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


def _estimable(cells: Cells) -> tuple[Cells, tuple[LeftOut, ...]]:
    """Return the columns that a model can hold together, the first first, and what it cannot.

    Of a column that the others tell in part, the levels that they tell count as its reference: what
    sets them apart is in the differences by the others.
    """
    if is_estimable(cells):
        return cells, ()
    sound: list[str] = []
    out: list[LeftOut] = []
    for name in cells.names:
        tried = among(cells, [*sound, name])
        if not is_estimable(tried):
            follow = _follow(tried, name)
            if not follow:
                out.append(LeftOut(name, NOT_ESTIMABLE, "", None))
                continue
            cells = merged(cells, name, *follow)
            out += [LeftOut(name, LEVEL_FOLLOWS, "", None, level) for level in follow[0]]
        sound.append(name)
    return among(cells, sound), tuple(out)


def _follow(cells: Cells, name: str) -> tuple[tuple[str, ...], str] | None:
    """Return the levels of a column that follow from the others, and the commonest of the rest.

    None where none does so by itself, or where the rest would still not do.
    """
    place = cells.place(name)
    levels = cells.factors[place].levels
    spells = np.bincount(cells.levels[cells.cell, place], weights=cells.n, minlength=len(levels))
    follow = tuple(x for x in levels if is_aliased(_alone(cells, name, x)))
    rest = sorted((i for i, x in enumerate(levels) if x not in follow), key=lambda i: -spells[i])
    if not follow or len(rest) < 2:
        return None
    into = levels[rest[0]]
    return (follow, into) if is_estimable(merged(cells, name, follow, into)) else None


def _alone(cells: Cells, name: str, level: str) -> Cells:
    """Return the cells with a level of a column against all its others together."""
    first, *others = (x for x in cells.factors[cells.place(name)].levels if x != level)
    return merged(cells, name, others, first)
