"""How long customers will stay: counted as far as was observed, projected beyond."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from stammkunde.chapters.exhibit import Column, Dot, Figure, Line, Mark, Section, Table
from stammkunde.chapters.outlook.families import LEAST_WEIGHT
from stammkunde.chapters.outlook.read import Ahead, Future, told
from stammkunde.chapters.outlook.seam import is_torn, seam, seam_finding
from stammkunde.chapters.outlook.tried import Tried
from stammkunde.chapters.parts import (
    is_contradicted,
    lead,
    results,
    source,
    survival_figure,
    ticks,
    unit,
)
from stammkunde.chapters.reasons.names import level_name, title_of
from stammkunde.result import Estimate, Finding, Result, Sentence, Status
from stammkunde.study import Study
from stammkunde.survival.curve import Curve
from stammkunde.survival.projection.choice import Outlook
from stammkunde.survival.projection.worth import lifetime, share_beyond

ID = "outlook.lifetime"
Words = Mapping[str, object]


def outlook(study: Study, found: Future) -> Section:
    """Return the section on new customers' expected stay within the horizon of the projection.

    `found` is what `read_outlook` returned. The curve is counted as far as was observed; what lies
    beyond, and how much of the expectation does, is told. Discounted where the TOML declares an
    interest; by group where it declares groups. Left out where nothing can be projected.
    """
    heading = Sentence("outlook.heading.outlook")
    if found.main is None:
        why = Sentence(f"outlook.left_out.{found.why}", _why_words(study, found))
        return Section(id="outlook", heading=heading, left_out=why)
    curve = spliced(found.main, found.horizon)
    numbers = _numbers(study, found, found.main)
    words = _words(study, found, numbers)
    levels = _levels(study, found)
    end = seam(study, found, found.main)
    torn = end is not None and is_torn(end[0])
    findings = [_mean(study, found, words, torn)]
    if end is not None and torn:
        findings.append(seam_finding(study, *end, words))
    if end is not None:
        numbers["seam"] = end[0]
    if "discounted" in numbers:
        findings.append(_discounted(study, numbers["discounted"], words))
    figures = [_figure(study, found, curve, words)]
    figures += [_groups(study, found, levels, words)] if levels else []
    return Section(
        id="outlook",
        heading=heading,
        findings=findings,
        figures=figures,
        paragraphs=[Sentence("outlook.method", words)],
        results=[*_results(found, numbers), *_group_results(found, levels)],
    )


def spliced(ahead: Ahead, horizon: int) -> Curve:
    """Return the survival curve up to `horizon`, counted with its own limits as far as it goes.

    `observed_to` is the last unit counted; customers at risk are given so far.
    """
    curve, counted, reach = ahead.look.curve(), ahead.curve, ahead.plan.reach
    low, high = (a[: horizon + 1].copy() for a in (curve.low, curve.high))
    low[: reach + 1], high[: reach + 1] = counted.low[: reach + 1], counted.high[: reach + 1]
    return replace(
        curve,
        value=curve.value[: horizon + 1],
        low=low,
        high=high,
        at_risk=counted.at_risk[:reach],
        events=counted.events[:reach],
        errors=counted.errors,
    )


def at_of(look: Outlook, tenure: int) -> Estimate:
    """Return the share still there at a tenure."""
    return look.number(lambda s: s[:, tenure], "log-log", "share", f"survival({tenure})")


def _why_words(study: Study, found: Future) -> Words:
    name = study.toml.data.window.unit
    return {
        "unseen": found.unseen,
        "one": unit(name, 1),
        "years": found.years,
        "unit_years": unit("year", found.years, "dative"),
    }


def _numbers(study: Study, found: Future, main: Ahead) -> dict[str, Estimate]:
    span, interest = found.horizon, study.toml.data.money.interest
    numbers = {
        "mean": lifetime(main.look, span),
        "beyond": share_beyond(main.look, span),
        "end": at_of(main.look, span),
    }
    if interest is not None:
        numbers["discounted"] = lifetime(main.look, span, interest=interest)
    return {n: told(study, e, found) for n, e in numbers.items()}


def _words(study: Study, found: Future, numbers: Mapping[str, Estimate]) -> dict[str, object]:
    main, span = found.main, found.horizon
    assert main is not None
    name, ends = main.table.unit, main.plan.ends
    renews = Sentence("outlook.renews", {"every": main.plan.every, "units": unit(name)})
    listed = {"ends": [*ends], "count": len(ends), "one": unit(name, 1), "units": unit(name)}
    listed |= {"renews": renews if main.plan.every else "", "units_dative": unit(name, 2, "dative")}
    words: dict[str, object] = {
        **numbers,
        "lead": found.lead or lead(study),
        "years": found.years,
        "unit_years": unit("year", found.years, "dative"),
        "span": span,
        "unit": unit(name, span, "dative"),
        "units": unit(name),
        "units_dative": unit(name, 2, "dative"),
        "one": unit(name, 1),
        "reach": main.plan.reach,
        "kind": Sentence("outlook.kind.contract", listed)
        if ends
        else Sentence("outlook.kind.smooth", listed),
        "level": numbers["mean"].level,
        "holds": Sentence(
            "outlook.holds", {"count": int((main.choice.weights >= LEAST_WEIGHT).sum())}
        ),
    }
    interest = study.toml.data.money.interest
    return words if interest is None else words | {"interest": interest}


def _mean(study: Study, found: Future, words: Words, torn: bool) -> Finding:
    mean = words["mean"]
    assert isinstance(mean, Estimate)
    missed = isinstance(found.tried, Tried) and not found.tried.test.together.passed
    return Finding(
        id=ID,
        status=Status.ESTIMATED,
        assumptions=mean.assumptions,
        sentence=Sentence("outlook.mean", words),
        importance=0.2 if is_contradicted(study) else 0.4 if missed or torn else 0.55,
        remarks=(Sentence("outlook.missed"),) if missed else (),
        questions=(1,),
        figure="outlook.survival",
    )


def _discounted(study: Study, value: Estimate, words: Words) -> Finding:
    return Finding(
        id="outlook.discounted",
        status=Status.ESTIMATED,
        assumptions=(*value.assumptions, "interest_as_declared"),
        sentence=Sentence("outlook.discounted", words),
        importance=0.1 if is_contradicted(study) else 0.3,
        questions=(2,),
    )


def _figure(study: Study, found: Future, curve: Curve, words: Words) -> Figure:
    title = Sentence("outlook.figure.survival", words)
    made = survival_figure(
        "outlook.survival",
        [Line(curve)],
        study=study,
        title=title,
        alt=Sentence("outlook.alt.survival", words),
    )
    mark = Mark(curve.observed_to, Sentence("outlook.mark"))
    subtitle = Sentence("outlook.subtitle", {"unit": words["unit"], "level": curve.level})
    table = _table(curve, title)
    x_ticks = ticks(found.horizon, curve.unit)
    return replace(made, marks=[mark], subtitle=subtitle, table=table, x_ticks=x_ticks)


def _table(curve: Curve, title: Sentence) -> Table:
    columns = [
        Column("column.tenure", "int"),
        Column("outlook.column.basis", "text"),
        Column("column.value", "percent1"),
        Column("column.low", "percent1"),
        Column("column.high", "percent1"),
        Column("column.at_risk", "int"),
        Column("column.events", "int"),
    ]
    rows: list[tuple[object, ...]] = []
    for t in range(len(curve.value)):
        is_seen = t <= curve.observed_to
        basis = Sentence("outlook.basis.counted" if is_seen else "outlook.basis.projected")
        counts = (int(curve.at_risk[t - 1]), int(curve.events[t - 1])) if t > 0 and is_seen else ()
        numbers = (_known(a[t]) for a in (curve.value, curve.low, curve.high))
        rows.append((t, basis, *numbers, *(counts or (None, None))))
    return Table(id="outlook.survival", caption=title, columns=columns, rows=rows, in_report=False)


def _known(number: float) -> float | None:
    return None if np.isnan(number) else float(number)


def _levels(study: Study, found: Future) -> dict[str, dict[str, Estimate]]:
    """Return the expected stay of newcomers by group and level, where two can be told of."""
    known: dict[str, dict[str, Estimate]] = {}
    for name, levels in found.groups.items():
        own = {n: a[found.today] for n, a in levels.items() if found.today in a}
        means = {
            n: told(study, lifetime(a.look, found.horizon), found)
            for n, a in own.items()
            if not a.given
        }
        if len(means) > 1:
            known[name] = means
    return known


def _groups(
    study: Study, found: Future, levels: Mapping[str, Mapping[str, Estimate]], words: Words
) -> Figure:
    assert found.main is not None
    shown = [
        Dot(level_name(study, name, level), e, group=title_of(study, name))
        for name, means in levels.items()
        for level, e in means.items()
    ]
    title = Sentence("outlook.figure.groups", words)
    axis = Sentence("outlook.axis", words)
    columns = [Column("outlook.column.group", "text"), Column("outlook.column.level", "text")]
    columns += [Column("column.spells", "int"), Column("column.events", "int"), Column(axis, "n1")]
    rows = [(d.group, d.label, d.estimate.spells, d.estimate.events, d.estimate) for d in shown]
    return Figure(
        id="outlook.groups",
        kind="dots",
        title=title,
        subtitle=Sentence("outlook.groups_subtitle", words),
        note=source(study, [found.main.curve]),
        alt=Sentence("outlook.alt.groups", words),
        x=axis,
        y=Sentence("outlook.column.group"),
        dots=shown,
        table=Table(
            id="outlook.groups", caption=title, columns=columns, rows=rows, in_report=False
        ),
    )


def _results(found: Future, numbers: Mapping[str, Estimate]) -> list[Result]:
    span = found.horizon
    names = {
        "mean": f"lifetime.{span}",
        "beyond": f"beyond.{span}",
        "end": f"survival.{span}",
        "discounted": f"discounted.{span}",
        "seam": "seam",
    }
    group = {} if found.under is None else {"terms": found.today}
    return results("outlook", {names[n]: e for n, e in numbers.items()}, group)


def _group_results(found: Future, levels: Mapping[str, Mapping[str, Estimate]]) -> list[Result]:
    terms = {} if found.under is None else {"terms": found.today}
    return [
        r
        for name, means in levels.items()
        for level, e in means.items()
        for r in results("outlook", {f"lifetime.{found.horizon}": e}, terms | {name: level})
    ]
