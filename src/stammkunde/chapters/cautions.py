"""What a careful statistician would warn of, computed from the data at hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from stammkunde.chapters.exhibit import Line, Section
from stammkunde.chapters.parts import (
    counted,
    horizons,
    results,
    standing,
    survival_figure,
    too_few,
    unit,
)
from stammkunde.errors import NotObservedError
from stammkunde.result import Finding, Sentence, Status
from stammkunde.study import Study
from stammkunde.survival.curve import Curve
from stammkunde.survival.grouped.recent import recent_leavers
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable
from stammkunde.survival.window import last_unit_only


def snapshot(study: Study, table: LifeTable) -> Section:
    """Return the section on a snapshot that knows recent leavers only: two readings of it.

    One takes it for a cohort, the other counts as observed the last units only, as many as the
    source declares. Left out where the data are no snapshot. Where the source does not say since
    when leavers are in it, the section says what has to be asked.
    """
    heading = Sentence("lifetimes.heading.snapshot")
    if study.toml.data.snapshot is None:
        why = Sentence("lifetimes.left_out.no_snapshot")
        name = "lifetimes.snapshot"
        return Section(id=name, heading=heading, left_out=why, needed=False)
    window = study.source.caveats.leavers_window if study.source else 0
    if window:
        return _recent_leavers(study, table, window, heading)
    finding = Finding(
        id="lifetimes.snapshot",
        status=Status.NOT_IDENTIFIABLE,
        sentence=Sentence("caution.snapshot_unknown"),
        importance=0.6,
        caution=True,
        missing=("start", "end"),
    )
    return Section(id="lifetimes.snapshot", heading=heading, findings=[finding])


def _recent_leavers(study: Study, table: LifeTable, window: int, heading: Sentence) -> Section:
    """Return the section on leavers of a window: both readings, or that there is no second one."""
    cohort = standing(study, kaplan_meier(table))
    if too_few(study, cohort):
        why = Sentence("lifetimes.left_out.too_few")
        return Section(id="lifetimes.snapshot", heading=heading, left_out=why)
    recent = _recent(table, window)
    if recent is not None:
        return _two_readings(study, cohort, recent, table, window)
    finding = Finding(
        id="lifetimes.snapshot",
        status=Status.NOT_IDENTIFIABLE,
        sentence=Sentence("recent.unread"),
        importance=0.92,
        caution=True,
        missing=("start", "end"),
    )
    return Section(id="lifetimes.snapshot", heading=heading, findings=[finding])


def _two_readings(
    study: Study, cohort: Curve, recent: Curve, table: LifeTable, window: int
) -> Section:
    words = _reading_words(study, cohort, recent, table, window)
    stem = "caution" if window == 1 else "recent"
    figure = survival_figure(
        "lifetimes.snapshot",
        [
            Line(cohort, Sentence("caution.reading.cohort")),
            Line(recent, Sentence(f"{stem}.reading.recent", words)),
        ],
        study=study,
        title=Sentence(f"{stem}.figure.snapshot", words),
        alt=Sentence("caution.alt.snapshot", words),
        shared=True,
        first_page=True,
    )
    found = {f"survival.{h}": recent.at(h) for h in horizons(study, recent.observed_to)}
    found |= {"beginners": counted(words["needed"], cohort, "count")}
    found = {
        n: replace(e, status=recent.status, assumptions=recent.assumptions)
        for n, e in found.items()
    }
    return Section(
        id="lifetimes.snapshot",
        heading=Sentence("lifetimes.heading.snapshot"),
        findings=_snapshot_findings(words, recent, stem),
        figures=[figure],
        results=results("lifetimes.recent_leavers", found),
    )


def _recent(table: LifeTable, window: int) -> Curve | None:
    """Return the curve of a snapshot that holds the leavers of its last `window` units only.

    For one unit it needs no steady pace of joining, and each customer counts as one. None where
    nobody was then under observation in the first unit.
    """
    try:
        if window > 1:
            return recent_leavers(table, window)
        curve = kaplan_meier(last_unit_only(table))
    except NotObservedError:
        return None
    return replace(curve, status=Status.ESTIMATED, assumptions=("leavers_of_last_unit_only",))


def _reading_words(
    study: Study, cohort: Curve, recent: Curve, table: LifeTable, window: int
) -> dict[str, Any]:
    """Return the words for two readings, and how many beginners the second would need.

    Today's customers of the longest tenure are what is left of them at the second reading's rates.
    """
    at = horizons(study, min(cohort.observed_to, recent.observed_to))[0]
    there = table.censored[0].sum(axis=0)[: recent.observed_to]
    known = np.flatnonzero((there > 0) & (recent.value[1:] > 0))
    oldest = int(known[-1]) if known.size else 0
    needed = float(there[oldest] / recent.value[oldest + 1]) if known.size else 0.0
    return {
        "at": at,
        "unit": unit(cohort.unit, at, "dative"),
        "one": unit(cohort.unit, 1),
        "cohort": cohort.at(at),
        "recent": recent.at(at),
        "leavers": int(cohort.events.sum()),
        "customers": cohort.persons,
        "needed": float(f"{needed:.1g}"),
        "oldest": int(there[oldest]),
        "tenure": oldest + 1,
        "units": unit(cohort.unit, oldest + 1, "dative"),
        "window": window,
        "unit_window": unit(cohort.unit, window, "dative"),
    }


def _snapshot_findings(words: dict[str, Any], recent: Curve, stem: str) -> list[Finding]:
    one = stem == "caution"
    caution = Finding(
        id="lifetimes.snapshot",
        status=Status.NOT_IDENTIFIABLE if one else recent.status,
        assumptions=() if one else recent.assumptions,
        sentence=Sentence(f"{stem}.snapshot", words),
        headline=Sentence(f"{stem}.headline.snapshot", words),
        importance=0.95,
        caution=True,
        missing=("start", "end"),
        figure="lifetimes.snapshot",
        questions=(1, 20),
    )
    needed = Finding(
        id="lifetimes.snapshot.beginners",
        status=recent.status,
        assumptions=recent.assumptions,
        sentence=Sentence(f"{stem}.beginners", {**words, "count": words["oldest"]}),
        figure="lifetimes.snapshot",
    )
    return [caution, needed]


def nature(study: Study) -> Section:
    """Return the section that says that customers are not real; left out where they are."""
    heading = Sentence("lifetimes.heading.nature")
    if study.nature == "real":
        why = Sentence("lifetimes.left_out.real")
        name = "lifetimes.nature"
        return Section(id=name, heading=heading, left_out=why, needed=False)
    finding = Finding(
        id="lifetimes.nature",
        status=Status.NOT_IDENTIFIABLE,
        sentence=Sentence(f"caution.{study.nature}", {"client": study.name}),
        unknown=Sentence(f"caution.unknown.{study.nature}"),
        importance=0.6 if study.source else 0.0,
        caution=True,
    )
    return Section(id="lifetimes.nature", heading=heading, findings=[finding])
