"""When customers leave: the hazard, unit by unit, and the units that stand out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from stammkunde.chapters.exhibit import Figure, Line, Section
from stammkunde.chapters.lifetimes.events import LEAST_SHARE, Events, contract_events
from stammkunde.chapters.lifetimes.hazards import hazard_figure
from stammkunde.chapters.lifetimes.regimes import (
    MIXED,
    Regimes,
    lead_of,
    mixed_curve,
    terms_of,
    titled,
    today_curve,
)
from stammkunde.chapters.lifetimes.terms import BEHIND
from stammkunde.chapters.parts import (
    is_contradicted,
    lead,
    remarks,
    results,
    standing,
    too_few,
    unit,
)
from stammkunde.draws import FEWEST_BLOCKS
from stammkunde.intervals import FEW_EVENTS
from stammkunde.result import Estimate, Finding, Sentence
from stammkunde.spells.schema.meaning import TermToml
from stammkunde.study import Study
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import hazard
from stammkunde.survival.shares import share
from stammkunde.survival.smooth import best_bandwidth, smooth_hazard
from stammkunde.survival.table import LifeTable
from stammkunde.survival.window import until


def when(study: Study, table: LifeTable, given: int = 0, under: Regimes | None = None) -> Section:
    """Return the section on the hazard: every unit that stands out, and the level between them.

    The hazard is smoothed between contract events (see `contract_events`) and never across. Under a
    lapse rule the first unit in which anybody can have gone is the rule's doing, and is said to be.
    Where declared terms changed (`under`, see `regimes`), today's are told first, and what stands
    out in all together is said to be of old and new contracts. Left out where in no unit 5 have
    left.
    """
    heading = Sentence("lifetimes.heading.when")
    whole = _told(study, table, given, None if under is None else MIXED)
    if whole is None:
        why = Sentence("lifetimes.left_out.few_leavers")
        return Section(id="lifetimes.when", heading=heading, left_out=why)
    if under is None or today_curve(study, under, given) is None:
        return whole
    lead_today = lead_of(under, under.today)
    today = _told(study, under.tables[under.today], 0, lead_today, terms_of(study, under))
    if today is None:
        return whole
    behind = [replace(f, importance=min(f.importance, BEHIND)) for f in whole.findings]
    return replace(
        whole,
        findings=[*(_renamed(f) for f in today.findings), *behind],
        figures=[*(_renamed_figure(f) for f in today.figures), *whole.figures],
        results=[
            *whole.results,
            *(replace(r, group={"terms": under.today}) for r in today.results),
        ],
    )


def _renamed(found: Finding) -> Finding:
    return replace(found, id="lifetimes.terms.hazard", figure="lifetimes.terms.hazard")


def _renamed_figure(figure: Figure) -> Figure:
    key = "lifetimes.terms.hazard"
    return replace(figure, id=key, table=replace(figure.table, id=key))


def _told(
    study: Study,
    table: LifeTable,
    given: int,
    terms_lead: Sentence | None,
    terms: Sequence[TermToml] | None = None,
) -> Section | None:
    """Return the section on one table, with `terms_lead` before what it says; None with too few."""
    curve = standing(study, hazard(table, given=given), given)
    if too_few(study, curve, given) or not (curve.events >= FEW_EVENTS).any():
        return None
    curve = mixed_curve(curve) if terms_lead is MIXED else curve
    events = contract_events(study, table, curve, given, terms)
    smooth, is_smooth = _smoothed(study, table, curve, events, given)
    smooth = mixed_curve(smooth) if terms_lead is MIXED else smooth
    found = _pooled(curve, table, events, given)
    key = _key(events, found)
    words = _words(study, curve, events, found)
    words |= {"terms": _terms(study, events, words), "lead": terms_lead or lead(study)}
    words |= {"trend": _trend(study, smooth, events, given) if is_smooth else ""}
    told = range(given + 1, curve.observed_to + 1)
    estimates = {f"hazard.{t}": curve.at(t) for t in told}
    estimates |= {f"hazard.smooth.{t}": smooth.at(t) for t in told}
    estimates |= {f"hazard.{name}": e for name, e in found.items() if e.value is not None}
    line = Line(_seen(curve, given))
    line = replace(line, smooth=_seen(smooth, given), breaks=events.all) if is_smooth else line
    figure = hazard_figure(study, line, events, key, words)
    if terms_lead is not None:
        title, alt = (titled(t, terms_lead) for t in (figure.title, figure.alt))
        table_named = replace(figure.table, caption=title)
        figure = replace(figure, title=title, alt=alt, table=table_named)
    return Section(
        id="lifetimes.when",
        heading=Sentence("lifetimes.heading.when"),
        findings=[_finding(study, curve, events, found, key, words)],
        figures=[figure],
        results=results("lifetimes", estimates),
    )


def _finding(
    study: Study,
    curve: Curve,
    events: Events,
    found: Mapping[str, Estimate],
    key: str,
    words: Mapping[str, object],
) -> Finding:
    return Finding(
        id="lifetimes.hazard",
        status=curve.status,
        assumptions=curve.assumptions,
        sentence=Sentence(f"lifetimes.{key}", words),
        importance=0.28 if is_contradicted(study) else 0.5 if events.found else 0.3,
        remarks=remarks(*(e for e in found.values() if e.value is not None)),
        figure="lifetimes.hazard",
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
