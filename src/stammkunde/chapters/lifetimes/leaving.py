"""When customers leave: the hazard, unit by unit, and whether one unit stands out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from stammkunde.chapters.exhibit import Figure, Line, Section
from stammkunde.chapters.parts import (
    curve_table,
    is_contradicted,
    lead,
    remarks,
    results,
    source,
    standing,
    ticks,
    too_few,
    unit,
)
from stammkunde.draws import FEWEST_BLOCKS
from stammkunde.intervals import FEW_EVENTS, log, normal_quantile, student_quantile
from stammkunde.result import Estimate, Finding, Sentence
from stammkunde.study import Study
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import hazard
from stammkunde.survival.shares import share
from stammkunde.survival.table import LifeTable

# A unit is named only if enough customers reach it, in heads and as a share of the beginners.
LEAST_AT_RISK, LEAST_SHARE = 50, 0.05


def when(study: Study, table: LifeTable, given: int = 0) -> Section:
    """Return the section on the hazard: the unit that stands out, if one does beyond chance.

    A unit stands out if the lower limit of its hazard, at a level that allows for all units looked
    at (Bonferroni), lies above the upper limit of all others together. Under a lapse rule the first
    unit in which anybody can have gone is the rule's doing, and is said to be.
    """
    curve = standing(study, hazard(table, given=given), given)
    heading = Sentence("lifetimes.heading.when")
    if too_few(study, curve, given) or not (curve.events >= FEW_EVENTS).any():
        why = Sentence("lifetimes.left_out.few_leavers")
        return Section(id="lifetimes.when", heading=heading, left_out=why)
    peak, key = _peak(study, curve, table, given)
    units = np.arange(1, curve.observed_to + 1)
    others = units > peak if key == "hazard_rule" else (units != peak) & (units > given)
    rest = _together(curve, table, others if key != "hazard_flat" else units > given)
    if rest.value is None and key != "hazard_flat":
        key += "_only"
    words = _words(study, curve, peak, rest)
    finding = Finding(
        id="lifetimes.hazard",
        status=curve.status,
        assumptions=curve.assumptions,
        sentence=Sentence(f"lifetimes.{key}", words),
        importance=0.28 if is_contradicted(study) else 0.3 if key == "hazard_flat" else 0.5,
        remarks=remarks(rest),
        figure="lifetimes.hazard",
    )
    estimates = {f"hazard.{t}": curve.at(t) for t in range(given + 1, curve.observed_to + 1)}
    if rest.value is not None:
        estimates["hazard.all_units" if key == "hazard_flat" else "hazard.other_units"] = rest
    return Section(
        id="lifetimes.when",
        heading=heading,
        findings=[finding],
        figures=[_figure(study, curve, key, words)],
        results=results("lifetimes", estimates),
    )


def _words(study: Study, curve: Curve, peak: int, rest: Estimate) -> dict[str, object]:
    return {
        "lead": lead(study),
        "peak": peak,
        "h": curve.at(peak),
        "rest": rest,
        "level": curve.level,
        "days": study.toml.data.lapse.gap_days if study.toml.data.lapse else 0,
        "one": unit(curve.unit, 1),
        "units": unit(curve.unit),
    }


def _peak(study: Study, curve: Curve, table: LifeTable, given: int) -> tuple[int, str]:
    """Return the unit with the highest hazard, and which sentence it deserves."""
    enough = curve.at_risk >= max(LEAST_AT_RISK, LEAST_SHARE * curve.at_risk[given])
    fit = enough & (curve.events >= FEW_EVENTS) & (np.arange(len(enough)) >= given)
    if not fit.any():
        return int(np.argmax(curve.events)) + 1, "hazard_flat"
    peak = int(np.argmax(np.where(fit, curve.value[1:], -1.0))) + 1
    if study.toml.data.lapse is not None and not curve.events[: peak - 1].any():
        return peak, "hazard_rule"
    others = (np.arange(1, curve.observed_to + 1) != peak) & (np.arange(len(fit)) >= given)
    rest = _together(curve, table, others)
    low = _low_among(curve, peak, int(fit.sum()))
    stands_out = rest.high is None or low > rest.high
    return peak, "hazard" if stands_out else "hazard_flat"


def _low_among(curve: Curve, unit_number: int, looked_at: int) -> float:
    """Return the lower limit of a unit's hazard at a level that allows for all units looked at."""
    assert curve.se is not None
    level = 1 - (1 - curve.level) / looked_at
    quantile = normal_quantile(level)
    if curve.errors == "blocks" and curve.replicates is not None:
        quantile = student_quantile(level, curve.replicates.smallest)
    value, se = (np.asarray(a[unit_number]) for a in (curve.value, curve.se))
    return float(log(value, se, quantile)[0])


def _together(curve: Curve, table: LifeTable, chosen: np.ndarray) -> Estimate:
    """Return the hazard of several units together, by the person blocks where there are enough."""
    at_risk, moves, _ = table.in_state()
    units = np.flatnonzero(chosen)
    trials, events = at_risk[:, units].sum(axis=1), moves.sum(axis=0)[:, units].sum(axis=1)
    several = table.repeats or int((trials > 0).sum()) >= FEWEST_BLOCKS
    found = share(events, trials, persons=curve.persons, repeats=several, level=curve.level)
    return replace(found, unit="hazard", status=curve.status, assumptions=curve.assumptions)


def _figure(study: Study, curve: Curve, key: str, words: Mapping[str, object]) -> Figure:
    lines = [Line(curve)]
    title = Sentence(f"lifetimes.figure.{key.removesuffix('_only')}", words)
    return Figure(
        id="lifetimes.hazard",
        kind="hazard",
        title=title,
        subtitle=Sentence("figure.hazard.subtitle", words),
        note=source(study, [curve]),
        alt=Sentence(f"lifetimes.alt.{key.removesuffix('_only')}", words),
        x=Sentence("axis.tenure", {"unit": unit(curve.unit)}),
        y=Sentence("axis.hazard"),
        lines=lines,
        x_ticks=ticks(curve.observed_to, curve.unit),
        table=curve_table("lifetimes.hazard", lines, title),
    )
