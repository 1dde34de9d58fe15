"""How unequal would the arms have to be in what nobody recorded?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from stammkunde.chapters.exhibit import Column, Section, Table
from stammkunde.chapters.offers.spoken import column_name, words_of
from stammkunde.chapters.parts import unit
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.doubt.tipping import UNRECORDED, Tip, Tipping
from stammkunde.result import Estimate, Finding, Result, Sentence, Status
from stammkunde.study import Study

# what is told to a board: something that half have and that doubles the odds of leaving
ODDS = 2.0
NOT_AT_ALL = "no_such_difference"


def unrecorded(study: Study, answer: Answer) -> Section:
    """Return how wrong the answer would have to be; empty where a lot decided, or nothing did.

    The sentence is of something that half of the customers have; for the share still there an
    E-value stands below it. Other odds, and what has no two states, are in the workbook.
    """
    name, words, doubts = answer.estimand.name, words_of(study, answer), answer.doubts
    heading = Sentence("doubts.heading", words)
    empty = Section(id=f"offers.{name}.unrecorded", heading=heading)
    if doubts.common is None or doubts.common.reason:
        return replace(empty, findings=_bounds_findings(answer, words), results=_bounds(answer))
    return replace(
        empty,
        findings=[_finding(study, answer, words)],
        tables=[_table(answer, words)],
        results=_results(answer),
    )


def _finding(study: Study, answer: Answer, words: Mapping[str, object]) -> Finding:
    common = answer.doubts.common
    assert common is not None
    tip = next(t for t in common.tips if t.odds == ODDS)
    key, told = _said(study, answer, tip)
    name = answer.estimand.name
    return Finding(
        id=f"offers.{name}.tipping",
        status=Status.ESTIMATED,
        sentence=Sentence(f"doubts.tipping.{key}", {**words, **told}),
        importance=0.1,
        assumptions=(UNRECORDED,),
        remarks=_e_remark(answer, words),
        table=f"offers.{name}.tipping",
    )


def _said(study: Study, answer: Answer, tip: Tip) -> tuple[str, dict[str, object]]:
    """Return which sentence a tip deserves, and its numbers."""
    low, high = answer.compared.months.low, answer.compared.months.high
    told: dict[str, object] = {"moved": _moved(answer), "beside": ""}
    if tip.limit == 0.0 or low is None or high is None:
        hidden = answer.doubts.hidden
        far = hidden.tips[0].difference if hidden and hidden.tips else None
        if far is None:
            return "open", told
        told |= {"far": abs(far), "relevant": answer.estimand.relevant, "way": _way(far)}
        return "hidden", told
    if tip.limit is None:
        return "never", told
    edge, reached = ("low", low) if low > 0 else ("high", high)
    told |= {"limit": abs(tip.limit), "way": _way(tip.limit), "reached": reached}
    told["those"] = Sentence("doubts.those.landmark") if _is_landmark(answer) else ""
    told["edge"] = Sentence(f"doubts.edge.{edge}")
    if tip.difference is None:
        return "doubt_only", told
    told |= {"difference": abs(tip.difference), "beside": _beside(study, answer, tip.difference)}
    return "both", told


def _is_landmark(answer: Answer) -> bool:
    """Return whether the number doubted is of those still there, the answer of all who begin."""
    return answer.estimand.design == "landmark"


def _way(difference: float) -> Sentence:
    return Sentence(f"doubts.way.{'more' if difference > 0 else 'fewer'}")


def _moved(answer: Answer) -> Sentence | str:
    """Return what weighting by all that is recorded changed; a yardstick for what is not."""
    steps = {s.name: s.months for s in answer.steps}
    plain, weighted = steps.get("all"), steps.get("alike")
    if plain is None or weighted is None or None in (plain.value, weighted.value):
        return ""
    told = {"plain": plain, "weighted": weighted, "units": unit(answer.estimand.unit)}
    return Sentence("doubts.moved", told)


def _beside(study: Study, answer: Answer, difference: float) -> Sentence | str:
    """Return in how many of the recorded columns the arms are as unequal before weighting."""
    unlike = answer.doubts.unlike
    if unlike is None or not len(unlike.table):
        return ""
    gap = (unlike.table.treated - unlike.table.control).abs()
    most = gap.groupby(unlike.table.column).max()
    so = [column_name(study, c) for c in most.index[most >= abs(difference)]]
    told = {"so": so, "all": len(most), "count": len(most)}
    return Sentence(f"doubts.beside.{'some' if so else 'none'}", told)


def _e_remark(answer: Answer, words: Mapping[str, object]) -> tuple[Sentence, ...]:
    found = answer.doubts.strength
    if found is None or found.estimate is None or found.limit is None:
        return ()
    told = {**words, "ratio": found.ratio, "e": found.estimate, "limit": found.limit}
    key = "open" if found.limit == 1 else "both"
    return (Sentence(f"doubts.e_value.{key}", told),)


def _table(answer: Answer, words: Mapping[str, object]) -> Table:
    common, deep = answer.doubts.common, answer.doubts.tip
    assert common is not None
    other = {t.odds: t for t in deep.tips} if deep is not None else {}
    rows = [(t.odds, *_points(t), *_deviations(other.get(t.odds))) for t in common.tips]
    columns = [Column("doubts.column.odds", "n1")]
    columns += [Column(f"doubts.column.{k}", "n0") for k in ("points", "points_limit")]
    columns += [Column(f"doubts.column.{k}", "n2") for k in ("deviations", "deviations_limit")]
    return Table(
        id=f"offers.{answer.estimand.name}.tipping",
        caption=Sentence("doubts.caption.tipping", words),
        columns=columns,
        rows=rows,
        note=Sentence("doubts.note.tipping", words),
        in_report=False,
    )


def _points(tip: Tip) -> tuple[float | None, float | None]:
    a, b = (None if x is None else 100 * x for x in (tip.difference, tip.limit))
    return a, b


def _deviations(tip: Tip | None) -> tuple[float | None, float | None]:
    return (None, None) if tip is None else (tip.difference, tip.limit)


def _results(answer: Answer) -> list[Result]:
    doubts, name = answer.doubts, f"offers.{answer.estimand.name}"
    found: list[Result] = []
    for key, tipping in (("share", doubts.common), ("deviations", doubts.tip)):
        found += _tips(f"{name}.tipping.{key}", tipping, answer)
    found += _tips(f"{name}.hidden", doubts.hidden, answer)
    if doubts.strength is not None:
        found += _e_results(answer)
    return found


def _tips(prefix: str, tipping: Tipping | None, answer: Answer) -> list[Result]:
    if tipping is None:
        return []
    kind = "share" if tipping.spread == "binary" else "ratio"
    about = Estimate(
        value=None,
        unit=kind,
        persons=answer.compared.months.persons,
        method="difference in what is not recorded that tips the answer",
        status=Status.ASSUMED,
        assumptions=(UNRECORDED,),
    )
    lines = []
    for tip in tipping.tips:
        for key, value in ((prefix, tip.difference), (f"{prefix}.limit", tip.limit)):
            reason = NOT_AT_ALL if value is None else "no interval: a condition"
            e = replace(about, value=value, reason=reason)
            lines.append(Result(id=key, estimate=e, group={"odds": f"{tip.odds:g}"}))
    return lines


def _e_results(answer: Answer) -> list[Result]:
    found = answer.doubts.strength
    assert found is not None
    name = f"offers.{answer.estimand.name}"
    lines = [Result(id=f"{name}.leaving_ratio", estimate=found.ratio)]
    for key, value in (("e_value", found.estimate), ("e_value.limit", found.limit)):
        reason = found.ratio.reason if value is None else "no interval: a condition"
        e = replace(found.ratio, value=value, low=None, high=None, se=None, replicates=None)
        e = replace(e, method="E-value (VanderWeele and Ding 2017)", reason=reason)
        lines.append(Result(id=f"{name}.{key}", estimate=e))
    return lines


def _bounds_findings(answer: Answer, words: Mapping[str, object]) -> list[Finding]:
    bounds = answer.doubts.bounds
    if bounds is None:
        return []
    told = {**words, "least": bounds.low, "most": bounds.high}
    return [
        Finding(
            id=f"offers.{answer.estimand.name}.bounds",
            status=Status.MEASURED,
            sentence=Sentence("doubts.bounds", told),
        )
    ]


def _bounds(answer: Answer) -> list[Result]:
    bounds, name = answer.doubts.bounds, f"offers.{answer.estimand.name}"
    if bounds is None:
        return []
    about = Estimate(
        value=None, unit=answer.estimand.unit, method="bounds without assumptions (Manski 1990)"
    )
    low = replace(about, value=bounds.low, low=bounds.least, high=bounds.low)
    high = replace(about, value=bounds.high, low=bounds.high, high=bounds.most)
    ends = {"bounds.low": low, "bounds.high": high}
    return [Result(id=f"{name}.{k}", estimate=e) for k, e in ends.items()]
