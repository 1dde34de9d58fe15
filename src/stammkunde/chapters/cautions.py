"""What a careful statistician would warn of, computed from the data at hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from stammkunde.chapters.exhibit import Line, Section
from stammkunde.chapters.parts import counted, horizons, results, survival_figure, unit
from stammkunde.result import Estimate, Finding, Sentence, Status
from stammkunde.study import Study
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable
from stammkunde.survival.window import last_unit_only


def snapshot(study: Study, table: LifeTable) -> Section:
    """Return the section on a snapshot that knows recent leavers only: two readings, far apart.

    Left out where the data are no snapshot. Where the source does not say since when leavers are in
    it, the section says what has to be asked.
    """
    heading = Sentence("lifetimes.heading.snapshot")
    if study.toml.snapshot is None:
        why = Sentence("lifetimes.left_out.no_snapshot")
        return Section(id="lifetimes.snapshot", heading=heading, left_out=why)
    window = study.source.caveats.leavers_window if study.source else 0
    if window != 1:
        finding = Finding(
            id="lifetimes.snapshot",
            status=Status.NOT_IDENTIFIABLE,
            sentence=Sentence("caution.snapshot_unknown"),
            importance=0.6,
            caution=True,
            missing=("start", "end"),
        )
        return Section(id="lifetimes.snapshot", heading=heading, findings=[finding])
    return _two_readings(study, table, heading)


def _two_readings(study: Study, table: LifeTable, heading: Sentence) -> Section:
    cohort, recent = kaplan_meier(table), kaplan_meier(last_unit_only(table))
    words = _reading_words(study, cohort, recent)
    figure = survival_figure(
        "lifetimes.snapshot",
        [
            Line(cohort, Sentence("caution.reading.cohort")),
            Line(recent, Sentence("caution.reading.recent")),
        ],
        study=study,
        title=Sentence("caution.figure.snapshot", words),
        alt=Sentence("caution.alt.snapshot", words),
        shared=True,
        first_page=True,
    )
    found = {f"survival.{h}": _assumed(recent.at(h)) for h in horizons(study, recent.observed_to)}
    found |= {"share": counted(float(words["rate"]), cohort, "share")}
    return Section(
        id="lifetimes.snapshot",
        heading=heading,
        findings=[_snapshot_finding(words)],
        figures=[figure],
        results=results("lifetimes.recent_leavers", found),
    )


def _reading_words(study: Study, cohort: Curve, recent: Curve) -> dict[str, Any]:
    at = horizons(study, min(cohort.observed_to, recent.observed_to))[0]
    leavers, customers = int(cohort.events.sum()), cohort.persons
    return {
        "at": at,
        "unit": unit(cohort.unit, case="dative"),
        "one": unit(cohort.unit, 1),
        "cohort": cohort.at(at),
        "recent": recent.at(at),
        "leavers": leavers,
        "customers": customers,
        "rate": leavers / max(customers, 1),
    }


def _snapshot_finding(words: dict[str, Any]) -> Finding:
    return Finding(
        id="lifetimes.snapshot",
        status=Status.NOT_IDENTIFIABLE,
        sentence=Sentence("caution.snapshot", words),
        headline=Sentence("caution.headline.snapshot", words),
        importance=0.95,
        caution=True,
        missing=("start", "end"),
        figure="lifetimes.snapshot",
        questions=(1, 20),
    )


def _assumed(estimate: Estimate) -> Estimate:
    return replace(estimate, status=Status.ESTIMATED, assumptions=("leavers_of_last_unit_only",))


def nature(study: Study) -> Section:
    """Return the section that says that customers are not real; left out where they are."""
    heading = Sentence("lifetimes.heading.nature")
    if study.nature == "real":
        why = Sentence("lifetimes.left_out.real")
        return Section(id="lifetimes.nature", heading=heading, left_out=why)
    finding = Finding(
        id="lifetimes.nature",
        status=Status.NOT_IDENTIFIABLE,
        sentence=Sentence(f"caution.{study.nature}", {"client": study.name}),
        importance=0.6,
        caution=True,
    )
    return Section(id="lifetimes.nature", heading=heading, findings=[finding])
