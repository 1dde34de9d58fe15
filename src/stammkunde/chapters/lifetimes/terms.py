"""How long customers stay under today's terms, beside all terms together.

Where contracts changed, the curve of all is true of nobody: its early units hold new contracts, its
late ones old. What new customers face is the curve of those who began under today's terms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from stammkunde.chapters.exhibit import Column, Figure, Line, Section, Table
from stammkunde.chapters.lifetimes.regimes import (
    MIXED,
    Regimes,
    curve_under,
    name_of,
    titled,
    today_curve,
)
from stammkunde.chapters.parts import horizons, mean_horizon, remarks, results, survival_figure
from stammkunde.chapters.parts import unit as unit_of
from stammkunde.result import Estimate, Finding, Result, Sentence, Status
from stammkunde.study import Study
from stammkunde.survival.contrasts import rmst_difference
from stammkunde.survival.curve import Curve

EARLIER = "earlier"
# what is said of all terms together stays behind what is said of today's
BEHIND = 0.3


def beside_today(
    study: Study, section: Section, whole: Curve, under: Regimes, given: int
) -> Section:
    """Return the section on all customers, `whole`, with today's terms before it.

    Where nobody under today's terms was observed for the first horizon, that is said instead, and
    all together lead: as a forecast, that customers are alike whenever they began.
    """
    curve = today_curve(study, under, given)
    mixed = [_mixed(f) for f in section.findings]
    pictures = [_picture(f) for f in section.figures]
    if curve is None:
        findings = [*mixed, _unknown(study, under, whole)]
        first = [replace(f, first_page=True) for f in pictures]
        return replace(section, findings=findings, figures=first)
    known = {n: c for n, t in under.tables.items() if (c := curve_under(study, t)) is not None}
    words, gap = _words(study, under, curve, whole)
    key = _verdict(gap)
    behind = [replace(f, importance=min(f.importance, BEHIND)) for f in mixed]
    numbers = _results(study, under, known, words, gap)
    told = {r.id for r in section.results}
    span = f"rmst.{words['span']}"
    if f"lifetimes.{span}" not in told and isinstance(words["all_mean"], Estimate):
        numbers = [*results("lifetimes", {span: words["all_mean"]}), *numbers]
    return replace(
        section,
        findings=[_share(words, curve, key), _mean(words, curve, gap, key), *behind],
        figures=[
            _figure(study, under, known, whole, words, key),
            *(replace(f, first_page=False) for f in pictures),
        ],
        tables=[_table(study, under, known, whole, words), *section.tables],
        results=[*section.results, *numbers],
    )


def _mixed(found: Finding) -> Finding:
    """Return a finding on all terms together with the words that say so."""
    sentence = found.sentence
    return replace(found, sentence=replace(sentence, values={**sentence.values, "lead": MIXED}))


def _picture(figure: Figure) -> Figure:
    """Return a picture of all terms together with a title that says so."""
    title = titled(figure.title, MIXED)
    return replace(figure, title=title, table=replace(figure.table, caption=title))


def _unknown(study: Study, under: Regimes, whole: Curve) -> Finding:
    first = study.horizons[0]
    words = {
        "day": under.signed[-1],
        "first": first,
        "unit": unit_of(whole.unit, first),
    }
    return Finding(
        id="lifetimes.terms",
        status=Status.NOT_IDENTIFIABLE,
        sentence=Sentence("terms.unknown", words),
        importance=0.6,
        questions=(1,),
    )


def _words(
    study: Study, under: Regimes, curve: Curve, whole: Curve
) -> tuple[dict[str, object], Estimate | None]:
    """Return what the sentences show, and today's mean less that of earlier terms, if known."""
    reach = min(curve.observed_to, whole.observed_to)
    at, span = horizons(study, reach), mean_horizon(study, reach)
    words: dict[str, object] = {
        "day": under.signed[-1],
        "first": at[0],
        "last": at[-1],
        "unit_first": unit_of(curve.unit, at[0], "dative"),
        "unit_last": unit_of(curve.unit, at[-1], "dative"),
        "s": curve.at(at[0]),
        "s_last": curve.at(at[-1]),
        "all": whole.at(at[0]),
        "all_last": whole.at(at[-1]),
        "span": span,
        "unit": unit_of(curve.unit, span, "dative"),
        "units": unit_of(curve.unit),
        "mean": curve.rmst(span),
        "all_mean": whole.rmst(span),
    }
    earlier = curve_under(study, under.earlier)
    if earlier is None or earlier.observed_to < span:
        return words, None
    gap = rmst_difference(curve, earlier, span)
    if gap.value is None:
        return words, None
    words |= {"before": earlier.at(at[0]), "before_last": earlier.at(at[-1])}
    return words | {"before_mean": earlier.rmst(span), "gap": gap}, gap


def _verdict(gap: Estimate | None) -> str:
    """Return which sentence the difference from earlier terms deserves."""
    if gap is None or gap.low is None or gap.high is None:
        return "alone"
    return "longer" if gap.low > 0 else "shorter" if gap.high < 0 else "same"


def _share(words: Mapping[str, object], curve: Curve, key: str) -> Finding:
    one = "_one" if words["first"] == words["last"] else ""
    head = "headline_apart" if key in ("longer", "shorter") else "headline"
    return Finding(
        id="lifetimes.terms.survival",
        status=curve.status,
        assumptions=curve.assumptions,
        sentence=Sentence(f"terms.survival{one}", words),
        headline=Sentence(f"terms.{head}", words),
        importance=0.8,
        remarks=(Sentence("terms.again"),) if curve.errors == "blocks" else (),
        questions=(1,),
        figure="lifetimes.terms",
        table="lifetimes.terms.means",
    )


def _mean(words: Mapping[str, object], curve: Curve, gap: Estimate | None, key: str) -> Finding:
    return Finding(
        id="lifetimes.terms.mean",
        status=curve.status,
        assumptions=curve.assumptions,
        sentence=Sentence(f"terms.mean.{key}", words),
        importance=0.75,
        remarks=remarks(gap) if gap is not None else (),
        questions=(1,),
        figure="lifetimes.terms",
        table="lifetimes.terms.means",
    )


def _results(
    study: Study,
    under: Regimes,
    known: Mapping[str, Curve],
    words: Mapping[str, object],
    gap: Estimate | None,
) -> list[Result]:
    span, numbers = words["span"], []
    assert isinstance(span, int)
    for name, curve in known.items():
        found = {f"survival.{h}": curve.at(h) for h in horizons(study, curve.observed_to)}
        found |= {f"rmst.{h}": curve.rmst(h) for h in _spans(study, curve, span)}
        numbers += results("lifetimes", found, {"terms": name})
    keys = {f"survival.{words['first']}": "before", f"survival.{words['last']}": "before_last"}
    before = {k: words.get(n) for k, n in (keys | {f"rmst.{span}": "before_mean"}).items()}
    earlier = {k: e for k, e in before.items() if isinstance(e, Estimate)}
    numbers += results("lifetimes", earlier, {"terms": EARLIER})
    if gap is not None:
        pair = {"terms": f"{under.today} - {EARLIER}"}
        numbers += results("lifetimes", {"difference.terms": gap}, pair)
    return numbers


def _spans(study: Study, curve: Curve, span: int) -> Sequence[int]:
    wanted = {span, mean_horizon(study, curve.observed_to)}
    return sorted(s for s in wanted if s <= curve.observed_to)


def _figure(
    study: Study,
    under: Regimes,
    known: Mapping[str, Curve],
    whole: Curve,
    words: Mapping[str, object],
    key: str,
) -> Figure:
    apart = "apart" if key in ("longer", "shorter") else "alone"
    lines = [Line(known[n], name_of(under, n, "line")) for n in reversed([*known])]
    return survival_figure(
        "lifetimes.terms",
        [*lines, Line(whole, Sentence("terms.name.all"))],
        study=study,
        title=Sentence(f"terms.figure.{apart}", words),
        alt=Sentence(f"terms.alt.{apart}", words),
        first_page=True,
        shared=True,
    )


def _table(
    study: Study,
    under: Regimes,
    known: Mapping[str, Curve],
    whole: Curve,
    words: Mapping[str, object],
) -> Table:
    first, span = words["first"], words["span"]
    assert isinstance(first, int)
    assert isinstance(span, int)
    named = [(name_of(under, n), known[n]) for n in reversed([*known])]
    at = {"at": first, "unit": unit_of(whole.unit, first, "dative")}
    rows = [
        (
            name,
            curve.spells,
            int(curve.events.sum()),
            curve.at(first) if first <= curve.observed_to else None,
            curve.rmst(span) if span <= curve.observed_to else None,
        )
        for name, curve in [*named, (Sentence("terms.name.all"), whole)]
    ]
    return Table(
        id="lifetimes.terms.means",
        caption=Sentence("terms.caption"),
        columns=[
            Column("terms.column", "text"),
            Column("column.spells", "int"),
            Column("column.events", "int"),
            Column(Sentence("column.survival_at", at), "percent1"),
            Column(Sentence("column.mean_within", {**words, **at}), "n1"),
        ],
        rows=rows,
        note=Sentence("terms.note"),
    )
