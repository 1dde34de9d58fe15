"""The model behind the sections on what goes with leaving: its strata and its differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from scipy import stats

from stammkunde.chapters.parts import as_today, assumptions, horizons
from stammkunde.chapters.reasons.courses import DECIDED, Courses, Stretch, courses_of
from stammkunde.chapters.reasons.numbers import excludes_zero
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.result import Estimate, Status
from stammkunde.study import Study
from stammkunde.survival.contrasts import Test, adjusted
from stammkunde.survival.drivers.alike import Alike, alike
from stammkunde.survival.drivers.cells import Cells
from stammkunde.survival.drivers.joint import joint_test
from stammkunde.survival.drivers.model import DriverModel, driver_model
from stammkunde.survival.drivers.rests import PROPORTIONAL, STRETCHES, rests_on
from stammkunde.survival.drivers.screen import LeftOut
from stammkunde.survival.drivers.standard import Difference, standardised
from stammkunde.survival.drivers.start import Start
from stammkunde.survival.drivers.window import within

# from these shares on a difference is mostly, or wholly, one between early and late beginners
MOSTLY, WHOLLY = 0.5, 0.9
COHORTS_ALIKE, AVERAGE = "cohorts_alike", "average_over_tenure"
Key = tuple[str, str]


@dataclass(frozen=True)
class Together:
    """Columns that tell nearly the same, with the test of all their differences in months.

    `test` is None where there is none; `adjusted` allows for all comparisons (Holm).
    """

    alike: Alike
    test: Test | None
    adjusted: float

    @property
    def is_decided(self) -> bool:
        """Return whether some difference by them is beyond chance."""
        return self.test is not None and self.adjusted < DECIDED


@dataclass(frozen=True)
class Drivers:
    """What goes with leaving in the first `span` units, columns compared with all else equal.

    `cells` are the customers by the columns kept, tenure up to `span`. `holm` are the p-values of
    the differences in months that allow for their number, by factor and level. `stretches` hold the
    differences of uneven columns by stretch of tenure (first, last], of those still there.
    `together` are columns that tell nearly the same, `starts` how far the time of start tells a
    level, where that is known.
    """

    cells: Cells
    model: DriverModel
    differences: tuple[Difference, ...]
    holm: Mapping[Key, float]
    courses: Courses
    stretches: Mapping[Stretch, tuple[Difference, ...]]
    left_out: tuple[LeftOut, ...]
    span: int
    tenures: tuple[int, ...]
    together: tuple[Together, ...] = ()
    starts: Mapping[Key, Start] = field(default_factory=dict)

    @property
    def tests(self) -> int:
        """Return how many comparisons the p-values allow for."""
        return len(self.holm) + sum(t.test is not None for t in self.together)

    def is_decided(self, found: Difference) -> bool:
        """Return whether a difference is beyond chance, all that were looked at allowed for."""
        p = self.holm.get((found.factor, found.level), 1.0)
        return p < DECIDED and excludes_zero(found.months)

    def with_(self, column: str) -> Together | None:
        """Return the columns that tell nearly the same as one, with it; None where none does."""
        return next((t for t in self.together if column in t.alike.columns), None)

    def started(self, found: Difference) -> Start | None:
        """Return how far starts tell the levels of a difference, where it is mostly so."""
        return _mostly(self.starts, (found.factor, found.level), found.reference)


@dataclass(frozen=True)
class Unfit:
    """Why there is no model (`why` is a key of sentences), and what was left out before."""

    why: str
    left_out: tuple[LeftOut, ...] = ()


def fitted(
    study: Study,
    cells: Cells,
    span: int,
    *,
    left_out: tuple[LeftOut, ...] = (),
    starts: Sequence[Start] = (),
) -> Drivers:
    """Return the model of all columns of `cells`, tenure up to `span`, and its differences.

    What is done with effects that change over tenure, `courses_of` says.
    """
    courses = courses_of(study, cells)
    model = driver_model(cells, strata=courses.strata, fading=courses.bands)
    tenures = horizons(study, max(min(span, int(model.reach.min())), 1))
    known = {(x.factor, x.level): x for x in starts}
    rests = _Rests(study, courses, known)
    found = [rests.told(model, d) for d in standardised(model, span, tenures)]
    holm, together = _tested(cells, found)
    return Drivers(
        cells=cells,
        model=model,
        differences=tuple(found),
        holm=holm,
        courses=courses,
        stretches=_by_stretch(cells, courses, rests),
        left_out=left_out,
        span=span,
        tenures=tenures,
        together=together,
        starts=known,
    )


def rests(courses: Courses, model: DriverModel, factor: str) -> tuple[str, ...]:
    """Return what is assumed of the course of the differences by a factor.

    An average over time of what changes with it is one, and not a factor that stays the same.
    """
    return (AVERAGE,) if factor in courses.averaged else rests_on(model.design, factor)


@dataclass(frozen=True)
class _Rests:
    """What differences rest on beside the counts: the data, their courses, when people began."""

    study: Study
    courses: Courses
    starts: Mapping[Key, Start]

    def told(
        self, model: DriverModel, found: Difference, course: tuple[str, ...] | None = None
    ) -> Difference:
        """Return a difference with its assumptions, and measured where there are none."""
        today = as_today(self.study)
        start = _mostly(self.starts, (found.factor, found.level), found.reference)
        course = rests(self.courses, model, found.factor) if course is None else course
        alike_ = (COHORTS_ALIKE,) if start is not None else ()
        every = (*assumptions(self.study), *today, *course, *alike_)
        status = Status.ESTIMATED if every else Status.MEASURED

        def with_(e: Estimate) -> Estimate:
            return replace(e, assumptions=every, status=status)

        survival = {t: with_(e) for t, e in found.survival.items()}
        return replace(found, months=with_(found.months), survival=survival)


def _mostly(starts: Mapping[Key, Start], key: Key, reference: str) -> Start | None:
    """Return the start of a level that is mostly told by it, against this reference."""
    start = starts.get(key)
    if start is None or start.reference != reference or start.share < MOSTLY:
        return None
    return start


def _by_stretch(
    cells: Cells, courses: Courses, rests: _Rests
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
        every = standardised(model, length, (length,))
        found[(first, last)] = tuple(
            rests.told(model, d, _in_stretch(model, d)) for d in every if d.factor in courses.uneven
        )
    return found


def _in_stretch(model: DriverModel, found: Difference) -> tuple[str, ...]:
    """Return what is assumed of courses within a stretch of tenure."""
    own = rests_on(model.design, found.factor)
    return tuple(STRETCHES if a == PROPORTIONAL else a for a in own)


def _tested(
    cells: Cells, found: Sequence[Difference]
) -> tuple[dict[Key, float], tuple[Together, ...]]:
    """Return the p-values that allow for their number (Holm), of levels and of columns together."""
    known = {(d.factor, d.level): d.months for d in found if d.months.value is not None}
    sets = [(a, _joint([d.months for d in found if d.factor in a.columns])) for a in alike(cells)]
    tests = [t for _, t in sets if t is not None]
    corrected = adjusted([*map(_p, known.values()), *(t.p for t in tests)])
    more = iter(corrected[len(known) :])
    together = [Together(a, t, 1.0 if t is None else next(more)) for a, t in sets]
    return dict(zip(known, corrected, strict=False)), tuple(together)


def _joint(months: Sequence[Estimate]) -> Test | None:
    try:
        return joint_test(months)
    except NotObservedError:
        return None


def _p(estimate: Estimate) -> float:
    """Return the p-value of "no difference" by the t distribution of the person blocks."""
    if not estimate.se or estimate.value is None or estimate.replicates is None:
        return 1.0
    blocks = estimate.replicates.smallest
    return float(2 * stats.t.sf(abs(estimate.value) / estimate.se, max(blocks - 1, 1)))
