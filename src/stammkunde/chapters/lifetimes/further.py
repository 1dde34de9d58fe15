"""How much longer: of those who have stayed so far, how many stay another year?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from stammkunde.chapters.exhibit import Section
from stammkunde.chapters.lifetimes.onward import (
    ALL,
    Row,
    Seen,
    figure_of,
    finding_of,
    results_of,
    row_of,
    seen_of,
    verdict,
    words_of,
)
from stammkunde.chapters.lifetimes.regimes import (
    Regimes,
    lead_of,
    mixed_curve,
    name_of,
    titled,
)
from stammkunde.result import Finding, Sentence, Status
from stammkunde.study import Study
from stammkunde.survival.table import LifeTable


def further(study: Study, table: LifeTable, under: Regimes | None = None) -> Section:
    """Return the section on survival given the tenure so far: does loyalty grow with it?

    Told are new customers and those who have stayed the declared horizons, each for another year
    (or the first horizon, where less than two years were observed). Under a lapse rule nobody is
    new: the rule keeps all until it first applies. The last are compared with the first; as their
    further times do not overlap, the errors are independent, or paired by person block. Where
    declared terms changed (`under`, see `regimes`), only customers under the same terms are
    compared: today's, else the latest that were observed long enough. Left out where not two such
    times were observed.
    """
    heading = Sentence("further.heading")
    whole = seen_of(study, table)
    if whole is None:
        why = Sentence("further.left_out")
        return Section(id="lifetimes.further", heading=heading, left_out=why)
    if under is not None:
        return replace(within_terms(study, whole, under), heading=heading)
    gap = whole.gap
    key, words = verdict(gap), words_of(study, whole, gap)
    rows: list[Row] = [(None, row_of(whole.curve.unit, g), e) for g, e in whole.stay.items()]
    return Section(
        id="lifetimes.further",
        heading=heading,
        findings=[finding_of(study, whole.stay, gap, key, words)],
        figures=[figure_of(study, whole.curve, rows, key, words)],
        results=results_of(whole, gap),
    )


def within_terms(study: Study, whole: Seen, under: Regimes) -> Section:
    """Return the section where customers under the same terms only are compared."""
    found = {n: s for n, t in under.tables.items() if (s := seen_of(study, t, whole.step))}
    gaps = {n: s.gap for n, s in found.items()}
    compared = [n for n in found if gaps[n] is not None]
    told = compared[-1] if compared else None
    mixture = replace(whole, since={g: mixed_curve(c) for g, c in whole.since.items()})
    rows = _rows(under, found, mixture)
    if told is None:
        words = words_of(study, mixture, None)
        finding = _refused(words)
        key = "refused"
    else:
        seen, gap = found[told], gaps[told]
        key, words = verdict(gap), words_of(study, seen, gap)
        words["lead"] = lead_of(under, told)
        finding = finding_of(study, seen.stay, gap, key, words)
        crude = _crude(mixture, seen)
        late = (Sentence("terms.further.not_today"),) if told != under.today else ()
        finding = replace(finding, remarks=(*finding.remarks, *late, *crude))
    figure = figure_of(study, whole.curve, rows, key, words)
    if told is not None:
        figure = replace(figure, title=titled(figure.title, lead_of(under, told, "short")))
    numbers = results_of(mixture, mixture.gap)
    for name, seen in found.items():
        numbers += results_of(seen, gaps[name], {"terms": name}, _crude_gap(whole, seen))
    return Section(
        id="lifetimes.further",
        heading=figure.title,
        findings=[finding],
        figures=[figure],
        results=numbers,
    )


def _rows(under: Regimes, found: Mapping[str, Seen], mixture: Seen) -> list[Row]:
    """Return the shares under today's terms first, those of all together last."""
    named = [(name_of(under, n), s) for n, s in reversed([*found.items()])]
    return [
        (name, row_of(s.curve.unit, g), e)
        for name, s in [*named, (ALL, mixture)]
        for g, e in s.stay.items()
    ]


def _crude(mixture: Seen, seen: Seen) -> tuple[Sentence, ...]:
    """Return what the same tenures of all terms together would say, where they were observed."""
    first, last = min(seen.since), max(seen.since)
    stay = mixture.stay
    if first not in stay or last not in stay:
        return ()
    return (Sentence("terms.further.crude", {"first": stay[first], "last": stay[last]}),)


def _crude_gap(whole: Seen, seen: Seen) -> float | None:
    first, last = min(seen.since), max(seen.since)
    late, early = (whole.stay[g].value if g in whole.since else None for g in (last, first))
    return None if late is None or early is None else late - early


def _refused(words: Mapping[str, object]) -> Finding:
    return Finding(
        id="lifetimes.further",
        status=Status.NOT_IDENTIFIABLE,
        sentence=Sentence("terms.further.refused", words),
        importance=0.3,
        figure="lifetimes.further",
    )
