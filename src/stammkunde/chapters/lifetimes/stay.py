"""How long customers stay: everybody together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from stammkunde.chapters.exhibit import Line, Section
from stammkunde.chapters.lifetimes.milestones import means, milestones, quantiles
from stammkunde.chapters.lifetimes.regimes import Regimes, mixed_curve
from stammkunde.chapters.lifetimes.terms import beside_today
from stammkunde.chapters.parts import (
    amount,
    counted,
    horizons,
    is_contradicted,
    lead,
    least_at_risk,
    mean_horizon,
    results,
    standing,
    survival_figure,
    too_few,
    unit,
)
from stammkunde.intervals import FEW_EVENTS
from stammkunde.result import Estimate, Finding, Sentence, Status
from stammkunde.study import Study
from stammkunde.survival.bands import simultaneous
from stammkunde.survival.curve import NOT_OBSERVED, Curve

# More would move the band by less than a hundredth of its width, and take memory in days.
BAND_DRAWS = 2_000


def how_long(study: Study, curve: Curve, given: int = 0, under: Regimes | None = None) -> Section:
    """Return the section on the whole curve: who is still there, the mean and the median stay.

    Where declared terms changed (`under`, see `regimes`), those under today's terms lead, and all
    together stand behind as a mixture.

    `given` is the tenure on which the curve is conditional; then only shares are told. Under a
    lapse rule the mean and the leavers are left to the section on the rule. A declared mean that
    lies beyond what was observed is said to be no measurement.
    """
    curve = standing(study, curve, given)
    heading = Sentence("lifetimes.heading.how_long")
    if too_few(study, curve, given):
        return Section(id="lifetimes.how_long", heading=heading, findings=[_too_few(study, curve)])
    if under is None:
        return _whole(study, curve, given)
    curve = mixed_curve(curve)
    return beside_today(study, _whole(study, curve, given), curve, under, given)


def _whole(study: Study, curve: Curve, given: int) -> Section:
    span = mean_horizon(study, curve.observed_to)
    at = {h: curve.at(h) for h in horizons(study, curve.observed_to) if h > given}
    at = at or {curve.observed_to: curve.at(curve.observed_to)}
    words = _words(study, curve, at, span, given)
    figure = survival_figure(
        "lifetimes.survival",
        [Line(_banded(curve, given))],
        study=study,
        title=Sentence(_key("lifetimes.figure.survival", curve, given), words),
        alt=Sentence("lifetimes.alt.survival", words),
        first_page=curve.status is Status.MEASURED,
    )
    estimates = {f"survival.{h}": e for h, e in at.items()}
    findings = [_share_finding(study, curve, at, words, given)]
    naive: dict[str, float] = {}
    if not given:
        estimates |= means(study, curve, span) | quantiles(curve)
        mean = mean_of_leavers(curve, span)
        if study.toml.data.lapse is None:
            findings.append(_mean(study, words))
        if study.toml.data.lapse is None and mean is not None:
            findings.append(_leavers(study, mean, words))
            naive = {f"rmst.{span}": mean}
            estimates |= {"leavers.mean_tenure": counted(mean, curve, curve.unit)}
        findings += _beyond(study, curve)
    estimates |= {"leavers.count": counted(float(curve.events.sum()), curve, "count")}
    return Section(
        id="lifetimes.how_long",
        heading=Sentence("lifetimes.heading.how_long"),
        findings=findings,
        figures=[figure],
        tables=[] if given else milestones(study, curve, span),
        results=results("lifetimes", estimates, naive=naive),
    )


def _banded(curve: Curve, given: int) -> Curve:
    """Return the curve with its simultaneous band, from the unit on by which 5 have left.

    Before, the band knows nothing but that the curve does not rise: a wide block, which would say
    nothing of units in which nobody can leave.
    """
    found = simultaneous(curve, draws=BAND_DRAWS)
    if found.band_low is None or found.band_high is None:
        return found
    begun = np.flatnonzero(np.cumsum(curve.events) >= FEW_EVENTS)
    first = int(begun[0]) + 1 if begun.size else given + 1
    known = np.arange(curve.observed_to + 1) >= first
    low, high = (np.where(known, a, np.nan) for a in (found.band_low, found.band_high))
    return replace(found, band_low=low, band_high=high)


def _too_few(study: Study, curve: Curve) -> Finding:
    least = study.toml.report.smallest_group
    few = curve.persons < least
    words: dict[str, object] = {"persons": curve.persons}
    words["least"] = least if few else least_at_risk(study)
    words["heads"] = amount("customers", curve.persons)
    return Finding(
        id="lifetimes.too_few",
        status=Status.NOT_IDENTIFIABLE,
        sentence=Sentence("caution.too_few" if few else "lifetimes.too_few_at_risk", words),
        headline=Sentence("caution.headline.too_few"),
        importance=0.95,
        caution=True,
    )


def mean_of_leavers(curve: Curve, span: int) -> float | None:
    """Return the mean tenure of those who left within `span` units: what dashboards print.

    None with fewer than 5 of them, or where it does not fall short of the restricted mean.
    """
    events = curve.events[:span]
    if events.sum() < FEW_EVENTS:
        return None
    mean = float((np.arange(1, len(events) + 1) * events).sum() / events.sum())
    restricted = curve.rmst(span).value
    return mean if restricted is not None and mean < restricted else None


def _words(
    study: Study, curve: Curve, at: Mapping[int, Estimate], span: int, given: int
) -> dict[str, object]:
    first, last = min(at), max(at)
    whole = {"mean": curve.rmst(span), "median": curve.median()} if not given else {}
    return whole | {
        "lead": lead(study),
        "unit": unit(curve.unit, span, "dative"),
        "unit_first": unit(curve.unit, first, "dative"),
        "unit_last": unit(curve.unit, last, "dative"),
        "unit_given": unit(curve.unit, given, "plain"),
        "units": unit(curve.unit),
        "first": first,
        "s": at[first],
        "last": last,
        "s_last": at[last],
        "span": span,
        "given": given,
        "spells": curve.spells,
    }


def _key(stem: str, curve: Curve, given: int) -> str:
    """Return the sentence for customers, for spells of which persons have several, or `given`."""
    if given:
        return f"{stem}_given"
    return f"{stem}_spells" if curve.errors == "blocks" else stem


def _share_finding(
    study: Study,
    curve: Curve,
    at: Mapping[int, Estimate],
    words: Mapping[str, object],
    given: int,
) -> Finding:
    key = _key("lifetimes.survival", curve, given)
    if len(at) == 1 and not given:
        key += "_one"
    return Finding(
        id="lifetimes.survival",
        status=curve.status,
        assumptions=curve.assumptions,
        sentence=Sentence(key, words),
        headline=Sentence(_key("lifetimes.headline.survival", curve, given), words),
        importance=0.3 if is_contradicted(study) or study.toml.data.lapse else 0.8,
        questions=(1,),
        figure="lifetimes.survival",
    )


def _mean(study: Study, words: Mapping[str, object]) -> Finding:
    mean, median = words["mean"], words["median"]
    assert isinstance(mean, Estimate)
    assert isinstance(median, Estimate)
    key = "lifetimes.mean_median" if median.value is not None else "lifetimes.mean_only"
    return Finding(
        id="lifetimes.mean",
        status=mean.status,
        assumptions=mean.assumptions,
        sentence=Sentence(key, words),
        importance=0.25 if is_contradicted(study) else 0.75,
        questions=(1,),
        figure="lifetimes.survival",
    )


def _leavers(study: Study, naive: float, words: Mapping[str, object]) -> Finding:
    mean = words["mean"]
    assert isinstance(mean, Estimate)
    return Finding(
        id="lifetimes.leavers",
        status=mean.status,
        assumptions=mean.assumptions,
        sentence=Sentence("lifetimes.leavers", {**words, "naive": naive}),
        importance=0.2 if is_contradicted(study) else 0.4,
        questions=(1,),
    )


def _beyond(study: Study, curve: Curve) -> list[Finding]:
    """Return the finding that the declared mean is not measured, where it is not."""
    asked = study.toml.report.mean_horizon
    if not asked or curve.mean_or_reason(asked).reason != NOT_OBSERVED:
        return []
    reach = curve.observed_to
    words = {
        "asked": asked,
        "unit_asked": unit(curve.unit, asked, "dative"),
        "one": unit(curve.unit, 1),
        "reach": reach,
        "few": amount("customers", least_at_risk(study)),
        "lead": lead(study),
    }
    return [
        Finding(
            id="lifetimes.beyond",
            status=Status.NOT_IDENTIFIABLE,
            sentence=Sentence("lifetimes.beyond", words),
            importance=0.4,
            questions=(1,),
        )
    ]
