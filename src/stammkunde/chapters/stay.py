"""How long customers stay, and when they leave: everybody together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stammkunde.chapters.exhibit import Figure, Line, Section
from stammkunde.chapters.parts import (
    curve_table,
    horizons,
    mean_horizon,
    results,
    source,
    survival_figure,
    ticks,
    unit,
)
from stammkunde.intervals import FEW_EVENTS
from stammkunde.result import Estimate, Finding, Sentence, Status
from stammkunde.study import Study
from stammkunde.survival.curve import Curve


def how_long(study: Study, curve: Curve) -> Section:
    """Return the section on the whole curve: who is still there, the mean and the median stay."""
    reached = horizons(study, curve.observed_to)
    span = mean_horizon(study, curve.observed_to)
    mean, median = curve.rmst(span), curve.median()
    at = {h: curve.at(h) for h in reached}
    words = {
        "unit": unit(curve.unit, case="dative"),
        "units": unit(curve.unit),
        "first": reached[0],
        "s": at[reached[0]],
        "last": reached[-1],
        "s_last": at[reached[-1]],
        "span": span,
        "mean": mean,
        "median": median,
    }
    naive = mean_of_leavers(curve)
    key = "lifetimes.survival" if len(reached) > 1 else "lifetimes.survival_one"
    first = Finding(
        id="lifetimes.survival",
        status=curve.status,
        sentence=Sentence(key, words),
        headline=Sentence("lifetimes.headline.survival", words),
        importance=0.8,
        questions=(1,),
        figure="lifetimes.survival",
    )
    figure = survival_figure(
        "lifetimes.survival",
        [Line(curve)],
        study=study,
        title=Sentence("lifetimes.figure.survival", words),
        alt=Sentence("lifetimes.alt.survival", words),
        first_page=True,
    )
    estimates = {f"survival.{h}": e for h, e in at.items()}
    estimates |= {f"rmst.{span}": mean, "median": median}
    return Section(
        id="lifetimes.how_long",
        heading=Sentence("lifetimes.heading.how_long"),
        findings=[first, _mean(mean, median, words), _leavers(naive, curve, words)],
        figures=[figure],
        results=results("lifetimes", estimates, naive={f"rmst.{span}": naive}),
    )


def mean_of_leavers(curve: Curve) -> float:
    """Return the mean tenure of those who have left: what dashboards print, and nobody's lifetime."""
    units = np.arange(1, curve.observed_to + 1)
    return float((units * curve.events).sum() / max(curve.events.sum(), 1))


def _mean(mean: Estimate, median: Estimate, words: Mapping[str, object]) -> Finding:
    key = "lifetimes.mean_median" if median.value is not None else "lifetimes.mean_only"
    return Finding(
        id="lifetimes.mean",
        status=mean.status,
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
    """Return the section on the hazard: the unit in which the largest share of those present leaves.

    Only units with at least 5 leavers can be named; with none, the section is left out.
    """
    heading = Sentence("lifetimes.heading.when")
    enough = curve.events >= FEW_EVENTS
    if not enough.any():
        why = Sentence("lifetimes.left_out.few_leavers")
        return Section(id="lifetimes.when", heading=heading, left_out=why)
    peak = int(np.argmax(np.where(enough, curve.value[1:], -1.0))) + 1
    others = np.arange(curve.observed_to) != peak - 1
    rest = float(curve.events[others].sum() / max(curve.at_risk[others].sum(), 1))
    words = {
        "peak": peak,
        "h": curve.at(peak),
        "rest": rest,
        "level": curve.level,
        "in_unit": unit(curve.unit, 1, "dative"),
        "one": unit(curve.unit, 1),
        "units": unit(curve.unit),
    }
    finding = Finding(
        id="lifetimes.hazard",
        status=curve.status,
        sentence=Sentence("lifetimes.hazard", words),
        importance=0.5,
        figure="lifetimes.hazard",
    )
    return Section(
        id="lifetimes.when",
        heading=heading,
        findings=[finding],
        figures=[_hazard_figure(study, curve, words)],
        results=results(
            "lifetimes", {f"hazard.{t}": curve.at(t) for t in range(1, curve.observed_to + 1)}
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
