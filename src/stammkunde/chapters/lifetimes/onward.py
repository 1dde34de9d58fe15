"""Customers by their tenure so far, and how many stay another year: words and picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stammkunde.chapters.exhibit import Column, Dot, Figure, Table
from stammkunde.chapters.parts import (
    is_contradicted,
    lead,
    remarks,
    results,
    seen_from,
    source,
    standing,
    too_few,
    unit,
)
from stammkunde.errors import NotObservedError
from stammkunde.result import Estimate, Finding, Result, Sentence
from stammkunde.study import Study
from stammkunde.survival.curve import Curve
from stammkunde.survival.further import difference_of, since
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable

YEAR = {"day": 365, "week": 52, "month": 12, "quarter": 4, "year": 1}
ALL = Sentence("terms.name.all")
Row = tuple[Sentence | None, Sentence, Estimate]


@dataclass(frozen=True)
class Seen:
    """Customers of one table: the shares who stay another `step`, by tenure so far."""

    curve: Curve
    step: int
    since: Mapping[int, Curve]

    @property
    def stay(self) -> dict[int, Estimate]:
        """Return the share staying another step, by tenure so far."""
        return {g: _stay(c, g, self.step) for g, c in self.since.items()}

    @property
    def gap(self) -> Estimate | None:
        """Return the latest share less the first one; None where their times overlap."""
        first, last = min(self.since), max(self.since)
        if last < first + self.step:
            return None
        return difference_of(self.since[last], self.since[first], first, last, self.step)


def seen_of(study: Study, table: LifeTable, step: int = 0) -> Seen | None:
    """Return the customers of a table by tenure so far; None where that cannot be shown.

    They begin where they were first observed in numbers; `step` is that of the section.
    """
    given = seen_from(study, table)
    try:
        curve = standing(study, kaplan_meier(table, given=given), given)
    except NotObservedError:
        return None
    step = step or _step(study, curve)
    tenures = [] if too_few(study, curve, given) else _tenures(study, curve, given, step)
    if not tenures:
        return None
    return Seen(curve, step, {g: _since(study, table, g) for g in tenures})


def _step(study: Study, curve: Curve) -> int:
    year = YEAR[curve.unit]
    return year if 2 * year <= curve.observed_to else study.horizons[0]


def _tenures(study: Study, curve: Curve, given: int, step: int) -> list[int]:
    """Return the tenures so far, from `given` on, after which another step was observed."""
    known = [g for g in sorted({given, *study.horizons}) if given <= g <= curve.observed_to - step]
    if study.toml.data.lapse is not None:
        known = [g for g in known if curve.events[:g].any()]
    return known


def _since(study: Study, table: LifeTable, tenure: int) -> Curve:
    """Return the survival of those who have stayed `tenure` units, counted from then on."""
    return since(standing(study, kaplan_meier(table, given=tenure), tenure), tenure)


def _stay(since: Curve, tenure: int, step: int) -> Estimate:
    estimand = f"survival({tenure + step} | {tenure})"
    return replace(since.at(step), estimand=estimand, events=int(since.events[:step].sum()))


def verdict(gap: Estimate | None) -> str:
    """Return which sentence the difference deserves."""
    if gap is None:
        return "one"
    if gap.low is None or gap.high is None or gap.low <= 0 <= gap.high:
        return "same"
    return "grows" if gap.low > 0 else "falls"


def words_of(study: Study, seen: Seen, gap: Estimate | None) -> dict[str, object]:
    """Return what the sentences on these customers show; `gap` where it is known."""
    stay, step, name = seen.stay, seen.step, seen.curve.unit
    first, last = min(stay), max(stay)
    words: dict[str, object] = {
        "lead": lead(study),
        "step": step,
        "unit_step": unit(name, step),
        "units": unit(name),
        "units_in": unit(name, 2, "dative"),
        "first": first,
        "last": last,
        "unit_last": unit(name, last),
        "s_first": stay[first],
        "s_last": stay[last],
        "who_first": _who(name, first),
        "level": seen.curve.level,
        "shares": [*stay.values()],
        "tenures": [*stay],
    }
    return words if gap is None else words | {"gap": gap}


def _who(unit_name: str, tenure: int) -> Sentence:
    """Return the words for "of new customers" or "of those who have stayed 12 months"."""
    if not tenure:
        return Sentence("further.of_new")
    return Sentence("further.of_those", {"tenure": tenure, "unit": unit(unit_name, tenure)})


def finding_of(
    study: Study,
    stay: Mapping[int, Estimate],
    gap: Estimate | None,
    key: str,
    words: Mapping[str, object],
) -> Finding:
    """Return the finding that the sentence `key` deserves, with its weight."""
    one = next(iter(stay.values()))
    ruled = study.toml.data.lapse is not None
    importance = 0.25 if key in ("same", "one") else 0.3 if ruled else 0.45
    terms = (Sentence("further.terms"),) if study.toml.data.terms else ()
    return Finding(
        id="lifetimes.further",
        status=one.status,
        assumptions=one.assumptions,
        sentence=Sentence(f"further.{key}", words),
        importance=0.25 if is_contradicted(study) else importance,
        remarks=(*terms, *remarks(*([gap] if gap else []))),
        questions=(1,),
        figure="lifetimes.further",
    )


def figure_of(
    study: Study, curve: Curve, rows: Sequence[Row], key: str, words: Mapping[str, object]
) -> Figure:
    """Return the picture of `rows` (terms or None, tenure so far, share), titled by `key`."""
    title = Sentence(f"further.figure.{key}", words)
    named = any(terms for terms, _, _ in rows)
    columns = [
        Column("further.column", "text"),
        Column("column.events", "int"),
        Column(Sentence("further.axis", words), "percent1"),
    ]
    lines = [(label, e.events, e) for _, label, e in rows]
    table = Table(
        id="lifetimes.further",
        caption=title,
        columns=[Column("terms.column", "text"), *columns] if named else columns,
        rows=[(r[0], *line) for r, line in zip(rows, lines, strict=True)] if named else lines,
        in_report=False,
    )
    return Figure(
        id="lifetimes.further",
        kind="dots",
        title=title,
        subtitle=Sentence("further.subtitle", words),
        note=source(study, [curve]),
        alt=Sentence("further.alt", words),
        x=Sentence("further.axis", words),
        y=Sentence("axis.tenure", {"unit": words["units"]}),
        dots=[Dot(label, e, group=terms) for terms, label, e in rows if terms != ALL],
        table=table,
    )


def row_of(unit_name: str, tenure: int) -> Sentence:
    """Return the name of a row: "new customers" or "after 12 months"."""
    if not tenure:
        return Sentence("further.new")
    words = {"tenure": tenure, "unit": unit(unit_name, tenure, "dative")}
    return Sentence("further.after", words)


def results_of(
    seen: Seen,
    gap: Estimate | None,
    group: Mapping[str, str] | None = None,
    naive: float | None = None,
) -> list[Result]:
    """Return the shares and their difference as results, of `group`."""
    estimates = {f"further.{g}.{seen.step}": e for g, e in seen.stay.items()}
    if gap is not None:
        estimates["further.difference"] = gap
    told = {} if naive is None else {"further.difference": naive}
    return results("lifetimes", estimates, group, told)
