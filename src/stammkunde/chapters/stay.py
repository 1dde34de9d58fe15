"""How long customers stay, and when they leave: everybody together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stammkunde.chapters.exhibit import Figure, Line, Section
from stammkunde.chapters.parts import (
    counted,
    curve_table,
    horizons,
    mean_horizon,
    results,
    source,
    standing,
    survival_figure,
    ticks,
    too_few,
    unit,
)
from stammkunde.intervals import FEW_EVENTS
from stammkunde.result import Estimate, Finding, Sentence, Status
from stammkunde.study import Study
from stammkunde.survival.curve import Curve


def how_long(study: Study, curve: Curve) -> Section:
    """Return the section on the whole curve: who is still there, the mean and the median stay."""
    curve = standing(study, curve)
    heading = Sentence("lifetimes.heading.how_long")
    if too_few(curve):
        why = Sentence("lifetimes.left_out.too_few")
        return Section(id="lifetimes.how_long", heading=heading, left_out=why)
    span = mean_horizon(study, curve.observed_to)
    mean, median = curve.rmst(span), curve.median()
    at = {h: curve.at(h) for h in horizons(study, curve.observed_to)}
    words = _words(curve, at, span, mean, median)
    naive = mean_of_leavers(curve)
    figure = survival_figure(
        "lifetimes.survival",
        [Line(curve)],
        study=study,
        title=Sentence("lifetimes.figure.survival", words),
        alt=Sentence("lifetimes.alt.survival", words),
        first_page=curve.status is Status.MEASURED,
    )
    estimates = {f"survival.{h}": e for h, e in at.items()}
    estimates |= {f"rmst.{span}": mean, "median": median}
    estimates |= {"leavers.mean_tenure": counted(naive, curve, curve.unit)}
    estimates |= {"leavers.count": counted(float(curve.events.sum()), curve, "count")}
    findings = [_first(curve, at, words), _mean(mean, median, words), _leavers(naive, curve, words)]
    return Section(
        id="lifetimes.how_long",
        heading=heading,
        findings=findings,
        figures=[figure],
        results=results("lifetimes", estimates, naive={f"rmst.{span}": naive}),
    )


def _words(
    curve: Curve, at: Mapping[int, Estimate], span: int, mean: Estimate, median: Estimate
) -> dict[str, object]:
    first, last = min(at), max(at)
    return {
        "unit": unit(curve.unit, case="dative"),
        "units": unit(curve.unit),
        "first": first,
        "s": at[first],
        "last": last,
        "s_last": at[last],
        "span": span,
        "mean": mean,
        "median": median,
    }


def _first(curve: Curve, at: Mapping[int, Estimate], words: Mapping[str, object]) -> Finding:
    key = "lifetimes.survival" if len(at) > 1 else "lifetimes.survival_one"
    return Finding(
        id="lifetimes.survival",
        status=curve.status,
        assumptions=curve.assumptions,
        sentence=Sentence(key, words),
        headline=Sentence("lifetimes.headline.survival", words),
        importance=0.8,
        questions=(1,),
        figure="lifetimes.survival",
    )


def mean_of_leavers(curve: Curve) -> float:
    """Return the mean tenure of those who have left: what dashboards print."""
    units = np.arange(1, curve.observed_to + 1)
    return float((units * curve.events).sum() / max(curve.events.sum(), 1))


def _mean(mean: Estimate, median: Estimate, words: Mapping[str, object]) -> Finding:
    key = "lifetimes.mean_median" if median.value is not None else "lifetimes.mean_only"
    return Finding(
        id="lifetimes.mean",
        status=mean.status,
        assumptions=mean.assumptions,
        sentence=Sentence(key, words),
        importance=0.75,
        questions=(1,),
        figure="lifetimes.survival",
    )


def _leavers(naive: float, curve: Curve, words: Mapping[str, object]) -> Finding:
    values = {**words, "naive": naive, "leavers": int(curve.events.sum())}
    return Finding(
        id="lifetimes.leavers",
        status=Status.MEASURED,
        sentence=Sentence("lifetimes.leavers", values),
        importance=0.4,
        questions=(1,),
    )


def when(study: Study, curve: Curve) -> Section:
    """Return the section on the hazard: the unit in which most of those present leave.

    Only units with at least 5 leavers can be named; with none, the section is left out. Under a
    lapse rule the first unit in which anybody can have gone is the rule's doing, and is said to be.
    """
    curve = standing(study, curve)
    heading = Sentence("lifetimes.heading.when")
    enough = curve.events >= FEW_EVENTS
    if too_few(curve) or not enough.any():
        why = Sentence("lifetimes.left_out.few_leavers")
        return Section(id="lifetimes.when", heading=heading, left_out=why)
    peak = int(np.argmax(np.where(enough, curve.value[1:], -1.0))) + 1
    by_rule = study.toml.lapse is not None and not curve.events[: peak - 1].any()
    units = np.arange(curve.observed_to) + 1
    others = units > peak if by_rule else units != peak
    rest = float(curve.events[others].sum() / max(curve.at_risk[others].sum(), 1))
    words = {
        "peak": peak,
        "h": curve.at(peak),
        "rest": rest,
        "level": curve.level,
        "days": study.toml.lapse.gap_days if study.toml.lapse else 0,
        "one": unit(curve.unit, 1),
        "units": unit(curve.unit),
    }
    finding = Finding(
        id="lifetimes.hazard",
        status=curve.status,
        sentence=Sentence("lifetimes.hazard_rule" if by_rule else "lifetimes.hazard", words),
        assumptions=curve.assumptions,
        importance=0.5,
        figure="lifetimes.hazard",
    )
    return Section(
        id="lifetimes.when",
        heading=heading,
        findings=[finding],
        figures=[_hazard_figure(study, curve, words)],
        results=results(
            "lifetimes",
            {f"hazard.{t}": curve.at(t) for t in range(1, curve.observed_to + 1)}
            | {"hazard.other_units": counted(rest, curve, "hazard")},
        ),
    )


def _hazard_figure(study: Study, curve: Curve, words: Mapping[str, object]) -> Figure:
    lines = [Line(curve)]
    title = Sentence("lifetimes.figure.hazard", words)
    return Figure(
        id="lifetimes.hazard",
        kind="hazard",
        title=title,
        subtitle=Sentence("figure.hazard.subtitle", words),
        note=source(study, [curve]),
        alt=Sentence("lifetimes.alt.hazard", words),
        x=Sentence("axis.tenure", {"unit": unit(curve.unit)}),
        y=Sentence("axis.hazard"),
        lines=lines,
        x_ticks=ticks(curve.observed_to, curve.unit),
        table=curve_table("lifetimes.hazard", lines, title),
    )
