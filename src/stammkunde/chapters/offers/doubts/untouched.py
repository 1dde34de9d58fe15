"""Where nothing should differ: causes that no offer changes, months before the day, arms dealt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from stammkunde.chapters.exhibit import Column, Figure, Mark, Point, Section, Table
from stammkunde.chapters.offers.spoken import arms_of, words_of
from stammkunde.chapters.parts import amount, unit
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.made import ARMS
from stammkunde.evidence.doubt.negative import CAUSE_OUT_OF_REACH, NegativeControl
from stammkunde.result import Estimate, Finding, Label, Result, Sentence, Status
from stammkunde.spells.months import moved
from stammkunde.study import Study

# months of the calendar in one point of the picture
QUARTER = 3


def untouched(study: Study, answer: Answer) -> Section:
    """Return the checks where no difference should be: by cause, before the day, by dealing anew.

    Causes of fewer leavers than the study shows are passed over.
    """
    name, words = answer.estimand.name, words_of(study, answer)
    least = study.toml.report.smallest_group
    controls = [c for c in answer.doubts.untouched if _is_told(c.estimate, least)]
    findings, figures, numbers = [], [], []
    before = answer.doubts.before
    if answer.doubts.around is not None and before is not None and before.is_clean is not None:
        told = {**words, **_around_words(answer, before)}
        findings.append(_before_finding(answer, before, told))
        figures.append(_figure(answer, told))
        numbers.append(Result(id=f"offers.{name}.before", estimate=before.estimate))
        numbers += [_result(answer, p, e) for p, e in answer.doubts.around.estimates().items()]
    if controls:
        findings.append(_finding(study, answer, controls, words))
        numbers += [
            Result(id=f"offers.{name}.control.{c.of}", estimate=c.estimate) for c in controls
        ]
    if answer.doubts.dealt is not None and answer.doubts.dealt.value is not None:
        numbers += _dealt(answer)
    return Section(
        id=f"offers.{name}.untouched",
        heading=Sentence("doubts.heading", words),
        findings=findings,
        figures=figures,
        tables=[_table(study, answer, controls, words)] if controls else [],
        results=numbers,
    )


def dealt_remark(answer: Answer) -> tuple[Sentence, ...]:
    """Return how far arms dealt anew lie apart by chance; nothing where that was not asked."""
    found = answer.doubts.dealt
    if found is None or found.value is None or found.low is None or found.high is None:
        return ()
    low, high = (_of_chance(answer, x) for x in (found.low, found.high))
    months = answer.compared.months
    told: dict[str, object] = {"numbers": found.count, "low": low, "high": high}
    told |= {"value": months, "units": unit(months.unit)}
    inside = low.value <= months.value <= high.value  # type: ignore[operator]
    key = "within" if inside else "beyond"
    return (Sentence(f"doubts.dealt.{key}", told),)


def _of_chance(answer: Answer, value: float) -> Estimate:
    return Estimate(
        value=value,
        unit=answer.compared.months.unit,
        persons=answer.compared.months.persons,
        method="arms dealt anew among those alike (Fisher 1935)",
        reason="no interval: a quantile",
    )


def _dealt(answer: Answer) -> list[Result]:
    found, name = answer.doubts.dealt, answer.estimand.name
    assert found is not None
    ends = (("low", found.low), ("high", found.high))
    return [
        Result(id=f"offers.{name}.dealt.{k}", estimate=_of_chance(answer, x))
        for k, x in ends
        if x is not None
    ]


def _is_told(e: Estimate, least: int) -> bool:
    return e.value is not None and e.low is not None and (e.events or 0) >= least


def _cause(study: Study, cause: str) -> Label:
    return Label(cause, dict(study.toml.data.causes[cause].title))


def _finding(
    study: Study, answer: Answer, controls: list[NegativeControl], words: Mapping[str, object]
) -> Finding:
    clean = all(c.is_clean for c in controls)
    shown = controls if clean else [c for c in controls if not c.is_clean]
    each = [
        Sentence("doubts.control.each", {"cause": _cause(study, c.of), "difference": c.estimate})
        for c in shown
    ]
    ends = [abs(x) for c in controls for x in (c.estimate.low, c.estimate.high) if x is not None]
    drawn = answer.estimand.assignment == "drawn"
    key = "clean" if clean else "drawn" if drawn else "chosen"
    name = answer.estimand.name
    told = {**words, "each": each, "hidden": max(ends), "all": len(controls)}
    return Finding(
        id=f"offers.{name}.control",
        status=Status.ESTIMATED,
        sentence=Sentence(f"doubts.control.{key}", {**told, "count": len(controls)}),
        importance=0.0 if clean else 0.3,
        caution=not clean,
        assumptions=(CAUSE_OUT_OF_REACH,),
        table=f"offers.{name}.control",
    )


def _table(
    study: Study, answer: Answer, controls: list[NegativeControl], words: Mapping[str, object]
) -> Table:
    return Table(
        id=f"offers.{answer.estimand.name}.control",
        caption=Sentence("doubts.caption.control", words),
        columns=[
            Column("doubts.column.cause", "text"),
            Column("doubts.column.leavers", "int"),
            Column("doubts.column.net", "per100n1"),
            Column("doubts.column.plain", "per100n1"),
        ],
        rows=[(_cause(study, c.of), c.estimate.events, c.estimate, c.plain) for c in controls],
        note=Sentence("doubts.note.control"),
        in_report=False,
    )


def _result(answer: Answer, period: int, e: Estimate) -> Result:
    group = {"from": _day(answer, period).isoformat()}
    return Result(id=f"offers.{answer.estimand.name}.around", estimate=e, group=group)


def _day(answer: Answer, period: int) -> date:
    """Return the day on which a period begins."""
    day = answer.estimand.day
    assert day is not None
    return moved(day, QUARTER * period)


def _around_words(answer: Answer, before: NegativeControl) -> dict[str, object]:
    around = answer.doubts.around
    assert around is not None
    periods = around.estimates()
    return {
        "day": answer.estimand.day,
        "before": before.estimate,
        "first": periods.get(0),
        "months": QUARTER * sum(p < 0 for p in periods),
        "shown": len(periods),
    }


def _before_finding(answer: Answer, before: NegativeControl, told: Mapping[str, object]) -> Finding:
    first = told["first"]
    known = isinstance(first, Estimate) and first.value is not None
    key = ("alike" if before.is_clean else "apart") + ("" if known else "_only")
    name = answer.estimand.name
    return Finding(
        id=f"offers.{name}.before",
        status=Status.MEASURED,
        sentence=Sentence(f"doubts.before.{key}", told),
        importance=0.0 if before.is_clean else 0.3,
        caution=not before.is_clean,
        figure=f"offers.{name}.around",
    )


def _figure(answer: Answer, told: Mapping[str, object]) -> Figure:
    """Return the picture of the months around the day."""
    around, name = answer.doubts.around, answer.estimand.name
    assert around is not None
    periods, titles = around.estimates(), arms_of(answer)
    columns = [Column("doubts.column.from", "date"), Column("doubts.axis.around", "per100n2")]
    columns += [
        Column(Sentence(f"doubts.column.{key}", {"arm": titles[a]}), "int")
        for key in ("at_risk", "left")
        for a in ARMS
    ]
    rows = [
        (_day(answer, p), e, *(int(n[i]) for n in (*around.at_risk, *around.left)))
        for i, (p, e) in enumerate(periods.items())
    ]
    title = Sentence(f"doubts.around.{'alike' if _clean(answer) else 'apart'}", told)
    months = amount("customers", int(answer.compared.months.persons or 0))
    return Figure(
        id=f"offers.{name}.around",
        kind="series",
        title=title,
        subtitle=Sentence("doubts.around.subtitle", told),
        note=Sentence("doubts.around.source", {**told, "heads": months}),
        alt=Sentence("doubts.around.alt", told),
        x=Sentence("doubts.axis.calendar"),
        y=Sentence("doubts.axis.around"),
        points=[Point(_day(answer, p), e) for p, e in periods.items()],
        reference=0.0,
        marks=[Mark(_day(answer, 0), answer.estimand.title)],
        table=Table(
            id=f"offers.{name}.around",
            caption=title,
            columns=columns,
            rows=rows,
            note=Sentence("doubts.note.around"),
            in_report=False,
        ),
    )


def _clean(answer: Answer) -> bool:
    before = answer.doubts.before
    return bool(before and before.is_clean)
