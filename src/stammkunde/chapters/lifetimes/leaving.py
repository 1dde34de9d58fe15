"""When customers leave: the hazard, unit by unit, and the units that stand out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from stammkunde.chapters.exhibit import Figure, Line, Mark, Section
from stammkunde.chapters.lifetimes.events import LEAST_SHARE, Events, contract_events
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
from stammkunde.intervals import FEW_EVENTS
from stammkunde.result import Estimate, Finding, Sentence
from stammkunde.study import Study
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import hazard
from stammkunde.survival.shares import share
from stammkunde.survival.smooth import best_bandwidth, smooth_hazard
from stammkunde.survival.table import LifeTable
from stammkunde.survival.window import until

MOST_MARKS, FEW_MARKS = 20, 3


def when(study: Study, table: LifeTable, given: int = 0) -> Section:
    """Return the section on the hazard: every unit that stands out, and the level between them.

    The hazard is smoothed between contract events (see `contract_events`) and never across. Under a
    lapse rule the first unit in which anybody can have gone is the rule's doing, and is said to be.
    Left out where in no unit 5 have left.
    """
    curve = standing(study, hazard(table, given=given), given)
    heading = Sentence("lifetimes.heading.when")
    if too_few(study, curve, given) or not (curve.events >= FEW_EVENTS).any():
        why = Sentence("lifetimes.left_out.few_leavers")
        return Section(id="lifetimes.when", heading=heading, left_out=why)
    events = contract_events(study, table, curve, given)
    smooth, is_smooth = _smoothed(study, table, curve, events, given)
    found = _pooled(curve, table, events, given)
    key = _key(events, found)
    words = _words(study, curve, events, found)
    words |= {"terms": _terms(study, events, words)}
    words |= {"trend": _trend(study, smooth, events, given) if is_smooth else ""}
    finding = Finding(
        id="lifetimes.hazard",
        status=curve.status,
        assumptions=curve.assumptions,
        sentence=Sentence(f"lifetimes.{key}", words),
        importance=0.28 if is_contradicted(study) else 0.5 if events.found else 0.3,
        remarks=remarks(*(e for e in found.values() if e.value is not None)),
        figure="lifetimes.hazard",
    )
    told = range(given + 1, curve.observed_to + 1)
    estimates = {f"hazard.{t}": curve.at(t) for t in told}
    estimates |= {f"hazard.smooth.{t}": smooth.at(t) for t in told}
    estimates |= {f"hazard.{name}": e for name, e in found.items() if e.value is not None}
    line = Line(_seen(curve, given))
    line = replace(line, smooth=_seen(smooth, given), breaks=events.all) if is_smooth else line
    return Section(
        id="lifetimes.when",
        heading=heading,
        findings=[finding],
        figures=[_figure(study, line, events, key, words)],
        results=results("lifetimes", estimates),
    )


def _seen(curve: Curve, given: int) -> Curve:
    """Return the curve without values up to `given`, where nobody who left was seen."""
    value, low, high = (a.copy() for a in (curve.value, curve.low, curve.high))
    for a in (value, low, high):
        a[: given + 1] = np.nan
    return replace(curve, value=value, low=low, high=high)


def _smoothed(
    study: Study, table: LifeTable, curve: Curve, events: Events, given: int
) -> tuple[Curve, bool]:
    """Return the smoothed hazard of the units shown, and whether it is smoother than the raw one.

    The bandwidth is chosen where many are at risk: the noise of the last few would choose it
    otherwise, and smooth away what the many show.
    """
    breaks = sorted({*events.all, *range(1, given + 1)})
    many = curve.at_risk >= LEAST_SHARE * curve.at_risk[given]
    last = int(np.flatnonzero(many)[-1]) + 1
    inside = [b for b in breaks if b <= last]
    wide = best_bandwidth(curve.at_risk[:last], curve.events[:last], breaks=inside)
    shown = until(table, curve.observed_to)
    smooth = smooth_hazard(shown, breaks=events.all, bandwidth=wide, given=given)
    return standing(study, smooth, given), wide > 1 and bool(np.isfinite(smooth.value[-1]))


def _pooled(curve: Curve, table: LifeTable, events: Events, given: int) -> dict[str, Estimate]:
    """Return the hazard of the units that stand out, together, and of all others together.

    Under a lapse rule the others are the units after it. Where nothing stands out, there are the
    units together.
    """
    units = np.arange(1, curve.observed_to + 1)
    if not events.found:
        return {"all_units": _together(curve, table, units > given)}
    if events.rule:
        return {"other_units": _together(curve, table, units > events.rule)}
    named = np.isin(units, events.found)
    single = len(events.found) == 1
    return {
        "events": curve.at(events.found[0]) if single else _together(curve, table, named),
        "other_units": _together(curve, table, ~named & (units > given)),
    }


def _key(events: Events, found: Mapping[str, Estimate]) -> str:
    """Return which sentence the hazard deserves."""
    if not events.found:
        return "hazard_flat"
    key = "hazard_rule" if events.rule else "hazard" if len(events.found) == 1 else "hazard_several"
    return f"{key}_only" if found["other_units"].value is None else key


def _words(
    study: Study, curve: Curve, events: Events, found: Mapping[str, Estimate]
) -> dict[str, object]:
    named = [events.rule] if events.rule else [*events.found]
    peak = max(named, key=lambda u: curve.value[u]) if named else int(np.nanargmax(curve.value))
    words: dict[str, object] = {
        "lead": lead(study),
        "peak": peak,
        "h": curve.at(peak),
        "level": curve.level,
        "days": study.toml.data.lapse.gap_days if study.toml.data.lapse else 0,
        "one": unit(curve.unit, 1),
        "units": unit(curve.unit),
        "in": _in(curve.unit, named),
        "numbers": len(named),
        "together": found.get("events"),
        "rest": found.get("other_units", found.get("all_units")),
    }
    return {name: value for name, value in words.items() if value is not None}


def _in(unit_name: str, units: list[int]) -> Sentence:
    """Return the words for "in month 12" or "in the months 12, 13 and 24"."""
    words = {"count": len(units), "numbers": units, "one": unit(unit_name, 1)}
    return Sentence("lifetimes.in_units", words | {"units": unit(unit_name, 2, "dative")})


def _terms(study: Study, events: Events, words: Mapping[str, object]) -> Sentence | str:
    """Return in which of the units that stand out declared terms end; nothing without terms."""
    if not events.declared or not events.found or events.rule:
        return ""
    ending = [u for u in events.found if u in events.declared]
    others = [u for u in events.found if u not in events.declared]
    if not ending:
        return Sentence("lifetimes.terms.none", words)
    unit_name = study.toml.data.window.unit
    told = {"ending": _in(unit_name, ending), "others": others}
    return Sentence(f"lifetimes.terms.{'some' if others else 'every'}", told)


def _trend(study: Study, smooth: Curve, events: Events, given: int) -> Sentence | str:
    """Return how the smoothed hazard moves from the first unit between events to the last named.

    Nothing where the intervals of the two overlap.
    """
    last = min(smooth.observed_to, study.horizons[-1])
    free = [u for u in range(max(given, events.rule) + 1, last + 1) if u not in events.all]
    if len(free) < 2:
        return ""
    a, b = free[0], free[-1]
    if smooth.high[b] < smooth.low[a]:
        way = "falls"
    elif smooth.low[b] > smooth.high[a]:
        way = "rises"
    else:
        return ""
    way = f"{way}_otherwise" if events.found else way
    words = {"from": a, "to": b, "early": smooth.at(a), "late": smooth.at(b)}
    return Sentence(f"lifetimes.trend.{way}", words | {"one": unit(smooth.unit, 1)})


def _together(curve: Curve, table: LifeTable, chosen: np.ndarray) -> Estimate:
    """Return the hazard of several units together, by the person blocks where there are enough."""
    at_risk, moves, _ = table.in_state()
    units = np.flatnonzero(chosen)
    trials, events = at_risk[:, units].sum(axis=1), moves.sum(axis=0)[:, units].sum(axis=1)
    several = table.repeats or int((trials > 0).sum()) >= FEWEST_BLOCKS
    found = share(events, trials, persons=curve.persons, repeats=several, level=curve.level)
    return replace(found, unit="hazard", status=curve.status, assumptions=curve.assumptions)


def _figure(
    study: Study, line: Line, events: Events, key: str, words: Mapping[str, object]
) -> Figure:
    curve = line.curve
    dress = "plain" if line.smooth is None else "marked" if events.all else "smooth"
    # where nothing is left beside what stands out, there is nothing to set it against
    shown = "hazard" if key == "hazard_several_only" else key.removesuffix("_only")
    title = Sentence(f"lifetimes.figure.{shown}", words)
    return Figure(
        id="lifetimes.hazard",
        kind="hazard",
        title=title,
        subtitle=Sentence(f"figure.hazard.{dress}", words),
        note=source(study, [curve]),
        alt=Sentence(f"lifetimes.alt.{shown}", words),
        x=Sentence("axis.tenure", {"unit": unit(curve.unit)}),
        y=Sentence("axis.hazard"),
        lines=[line],
        x_ticks=ticks(curve.observed_to, curve.unit),
        table=curve_table("lifetimes.hazard", [line], title),
        marks=_marks(curve, events),
    )


def _marks(curve: Curve, events: Events) -> list[Mark]:
    """Return the contract events as marks, those that stand out first where there are too many."""
    first = sorted(events.all, key=lambda u: u not in events.found)[:MOST_MARKS]
    one = unit(curve.unit, 1)
    name = "number" if len(first) > FEW_MARKS else "unit"
    return [
        Mark(u, Sentence(f"lifetimes.mark.{name}", {"unit": u, "one": one})) for u in sorted(first)
    ]
