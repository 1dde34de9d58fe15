"""How much longer: of those who have stayed so long, how many stay another year?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from stammkunde.chapters.exhibit import Column, Dot, Figure, Section, Table
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
from stammkunde.result import Estimate, Finding, Sentence
from stammkunde.study import Study
from stammkunde.survival.contrasts import survival_difference
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable

YEAR = {"day": 365, "week": 52, "month": 12, "quarter": 4, "year": 1}


def further(study: Study, table: LifeTable) -> Section:
    """Return the section on survival given the tenure so far: does loyalty grow with it?

    Told are new customers and those who have stayed the declared horizons, each for another year
    (or the first horizon, where less than two years were observed). Under a lapse rule nobody is
    new: the rule keeps all until it first applies. The last are compared with the first; as their
    further times do not overlap, the errors are independent, or paired by person block. Left out
    where not two such times were observed.
    """
    given = seen_from(study, table)
    curve = standing(study, kaplan_meier(table, given=given), given)
    step = _step(study, curve)
    tenures = [] if too_few(study, curve, given) else _tenures(study, curve, given, step)
    heading = Sentence("further.heading")
    if not tenures:
        why = Sentence("further.left_out")
        return Section(id="lifetimes.further", heading=heading, left_out=why)
    since = {g: _since(study, table, g) for g in tenures}
    stay = {g: _stay(c, g, step) for g, c in since.items()}
    gap = _gap(since, step)
    words = _words(study, curve, stay, step)
    estimates = {f"further.{g}.{step}": e for g, e in stay.items()}
    if gap is not None:
        words["gap"] = gap
        estimates["further.difference"] = gap
    key = _verdict(gap)
    return Section(
        id="lifetimes.further",
        heading=heading,
        findings=[_finding(study, stay, gap, key, words)],
        figures=[_figure(study, curve, stay, key, words)],
        results=results("lifetimes", estimates),
    )


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
    curve = standing(study, kaplan_meier(table, given=tenure), tenure)
    replicates = curve.replicates and curve.replicates.map(lambda x: x[..., tenure:])
    return replace(
        curve,
        value=curve.value[tenure:],
        low=curve.low[tenure:],
        high=curve.high[tenure:],
        se=None if curve.se is None else curve.se[tenure:],
        at_risk=curve.at_risk[tenure:],
        events=curve.events[tenure:],
        observed_to=curve.observed_to - tenure,
        replicates=replicates,
    )


def _stay(since: Curve, tenure: int, step: int) -> Estimate:
    estimand = f"survival({tenure + step} | {tenure})"
    return replace(since.at(step), estimand=estimand, events=int(since.events[:step].sum()))


def _gap(since: Mapping[int, Curve], step: int) -> Estimate | None:
    """Return the latest share less the first one; None where their times overlap."""
    first, last = min(since), max(since)
    if last < first + step:
        return None
    gap = survival_difference(since[last], since[first], step)
    # both are of the same customers, who must not be counted twice
    events = sum(int(c.events[:step].sum()) for c in (since[first], since[last]))
    estimand = f"survival({last + step} | {last}) - survival({first + step} | {first})"
    persons, spells = since[last].persons, since[last].spells
    return replace(gap, estimand=estimand, persons=persons, spells=spells, events=events)


def _verdict(gap: Estimate | None) -> str:
    """Return which sentence the difference deserves."""
    if gap is None:
        return "one"
    if gap.low is None or gap.high is None or gap.low <= 0 <= gap.high:
        return "same"
    return "grows" if gap.low > 0 else "falls"


def _words(
    study: Study, curve: Curve, stay: Mapping[int, Estimate], step: int
) -> dict[str, object]:
    first, last = min(stay), max(stay)
    return {
        "lead": lead(study),
        "step": step,
        "unit_step": unit(curve.unit, step),
        "units": unit(curve.unit),
        "units_in": unit(curve.unit, 2, "dative"),
        "first": first,
        "last": last,
        "unit_last": unit(curve.unit, last),
        "s_first": stay[first],
        "s_last": stay[last],
        "who_first": _who(curve.unit, first),
        "level": curve.level,
    }


def _who(unit_name: str, tenure: int) -> Sentence:
    """Return the words for "of new customers" or "of those who have stayed 12 months"."""
    if not tenure:
        return Sentence("further.of_new")
    return Sentence("further.of_those", {"tenure": tenure, "unit": unit(unit_name, tenure)})


def _finding(
    study: Study,
    stay: Mapping[int, Estimate],
    gap: Estimate | None,
    key: str,
    words: Mapping[str, object],
) -> Finding:
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


def _figure(
    study: Study,
    curve: Curve,
    stay: Mapping[int, Estimate],
    key: str,
    words: Mapping[str, object],
) -> Figure:
    title = Sentence(f"further.figure.{key}", words)
    dots = [Dot(_row(curve.unit, g), e) for g, e in stay.items()]
    return Figure(
        id="lifetimes.further",
        kind="dots",
        title=title,
        subtitle=Sentence("further.subtitle", words),
        note=source(study, [curve]),
        alt=Sentence("further.alt", {**words, "shares": [*stay.values()], "tenures": [*stay]}),
        x=Sentence("further.axis", words),
        y=Sentence("axis.tenure", {"unit": words["units"]}),
        dots=dots,
        table=Table(
            id="lifetimes.further",
            caption=title,
            columns=[
                Column("further.column", "text"),
                Column("column.events", "int"),
                Column(Sentence("further.axis", words), "percent1"),
            ],
            rows=[(_row(curve.unit, g), e.events, e) for g, e in stay.items()],
            in_report=False,
        ),
    )


def _row(unit_name: str, tenure: int) -> Sentence:
    if not tenure:
        return Sentence("further.new")
    words = {"tenure": tenure, "unit": unit(unit_name, tenure, "dative")}
    return Sentence("further.after", words)
