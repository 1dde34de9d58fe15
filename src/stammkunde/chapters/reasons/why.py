"""Why customers leave: what happens by each cause, what it takes, and what if some fell away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from stammkunde.chapters.exhibit import Column, Figure, Line, Section, Table
from stammkunde.chapters.parts import (
    complement,
    counted,
    curve_table,
    horizons,
    results,
    source,
    ticks,
    unit,
)
from stammkunde.chapters.reasons.apart import apart
from stammkunde.chapters.reasons.causes import (
    MOSTLY,
    Causes,
    quoted,
    read_causes,
)
from stammkunde.chapters.reasons.levels import by_level
from stammkunde.chapters.reasons.shares import controllable, largest, lost, most_frequent
from stammkunde.result import Estimate, Result, Sentence
from stammkunde.study import Study
from stammkunde.survival.causes import months_lost
from stammkunde.survival.curve import Curve, cut
from stammkunde.survival.table import LifeTable


def why(
    study: Study,
    table: LifeTable,
    given: int = 0,
    groups: Mapping[str, Mapping[str, LifeTable]] | None = None,
) -> list[Section]:
    """Return the section on causes of leaving, and what of it belongs into the appendix.

    What happens (Aalen and Johansen's curves, units lost, the share that the client can influence)
    and what would happen without some causes are told apart. `given` is the tenure on which all is
    conditional; units lost are then not told. `groups` maps names to tables by level, which the
    appendix compares cause by cause. Left out without declared causes, and with few leavers.
    """
    heading = Sentence("reasons.heading.why")
    found = read_causes(study, table, given)
    if isinstance(found, str):
        why_not = Sentence(f"reasons.left_out.{found}")
        needed = found != "no_reasons"
        return [Section(id="reasons.why", heading=heading, left_out=why_not, needed=needed)]
    words = _words(study, found)
    estimates, findings = _totals(study, found), []
    for told in (largest, controllable, lost, apart):
        more, numbers = told(study, found, words, estimates)
        findings += more
        estimates |= numbers
    section = Section(
        id="reasons.why",
        heading=heading,
        findings=findings,
        figures=[_figure(study, found, words)],
        tables=[_table(study, found, words, estimates)],
        results=[*_results(study, found), *_of_all(found, estimates)],
    )
    return [section, by_level(study, found, groups or {})]


def _words(study: Study, found: Causes) -> dict[str, object]:
    """Return what the sentences share: the span, and who leaves within it."""
    one, span, given = found.stay, found.span, found.given
    kind = "given" if given else "spells" if one.errors == "blocks" else "customers"
    given_words = {"given": given, "unit": unit(one.unit, given)}
    span_words = {"span": span, "unit": unit(one.unit, span, "dative"), "one": unit(one.unit, 1)}
    return span_words | {
        "units": unit(one.unit),
        "units_in": unit(one.unit, case="dative"),
        "level": one.level,
        "who": Sentence(f"reasons.who.{kind}", given_words),
        "go": Sentence(f"reasons.go.{kind}"),
        "among": Sentence("reasons.among", given_words) if given else "",
        "each": Sentence(f"reasons.each.{kind}"),
        "within": Sentence(f"reasons.within.{'given' if given else 'first'}", span_words),
    }


def _totals(study: Study, found: Causes) -> dict[str, Estimate]:
    """Return the estimates for all causes together."""
    span = found.span
    totals = {f"left.{h}": complement(found.stay.at(h)) for h in _tenures(study, found)}
    if not found.given:
        totals[f"months_lost.{span}"] = _lost(found.stay, span)
    return totals


def _lost(stay: Curve, span: int) -> Estimate:
    """Return the units of the first `span` that a customer is not there."""
    mean = stay.rmst(span)
    low, high = (None if x is None else span - x for x in (mean.high, mean.low))
    return replace(
        mean,
        value=None if mean.value is None else span - mean.value,
        low=low,
        high=high,
        estimand=f"{span} - {mean.estimand}",
        replicates=mean.replicates and mean.replicates.map(lambda x: span - x),
    )


def _tenures(study: Study, found: Causes) -> list[int]:
    asked = {*horizons(study, found.stay.observed_to), found.span}
    return sorted(h for h in asked if h > found.given)


def _results(study: Study, found: Causes) -> list[Result]:
    """Return the numbers of each cause."""
    lines: list[Result] = []
    for cause, curve in found.curves.items():
        numbers = {f"incidence.{h}": curve.at(h) for h in _tenures(study, found)}
        if not found.given:
            numbers[f"months_lost.{found.span}"] = months_lost(curve, found.span)
        leavers = counted(float(found.leavers(cause)), curve, "count")
        numbers[f"leavers.{found.span}"] = replace(leavers, events=found.leavers(cause))
        lines += results("reasons", numbers, {"cause": cause})
    return lines


def _of_all(found: Causes, estimates: Mapping[str, Estimate]) -> list[Result]:
    """Return the numbers of all causes together; the naive sum stands beside those who left."""
    told, left = dict(estimates), f"left.{found.span}"
    naive = told.pop("naive", None)
    beside = {left: naive.value} if naive is not None and naive.value is not None else {}
    leavers = sum(found.leavers(c) for c in found.curves)
    told[f"leavers.{found.span}"] = counted(float(leavers), found.stay, "count")
    return results("reasons", told, naive=beside)


def _figure(study: Study, found: Causes, words: Mapping[str, object]) -> Figure:
    whole = [Line(found.curves[c], found.names[c]) for c in found.seen]
    stay = Line(found.stay, Sentence("reasons.still"))
    parts = [replace(line, curve=cut(line.curve, found.span)) for line in whole]
    key, most = most_frequent(study, found)
    told = {**words, **most}
    told["left"] = complement(found.stay.at(found.span))
    told["causes"] = quoted([found.names[c] for c in found.seen])
    told["shares"] = [found.curves[c].at(found.span) for c in found.seen]
    return Figure(
        id="reasons.stacked",
        kind="stacked",
        title=Sentence(f"reasons.figure.{key}", told),
        subtitle=Sentence("reasons.subtitle", told),
        note=source(study, [found.stay]),
        alt=Sentence("reasons.alt", told),
        x=Sentence("axis.tenure", {"unit": words["units"]}),
        y=Sentence("reasons.axis"),
        lines=parts,
        rest=replace(stay, curve=cut(found.stay, found.span)),
        x_ticks=ticks(found.span, found.stay.unit),
        table=curve_table("reasons.stacked", [*whole, stay], Sentence("reasons.curves", told)),
    )


def _table(
    study: Study,
    found: Causes,
    words: Mapping[str, object],
    estimates: Mapping[str, Estimate],
) -> Table:
    span = found.span
    columns = [
        Column("reasons.column.cause", "text"),
        Column("column.events", "int"),
        Column(Sentence("reasons.column.left", words), "percent1"),
    ]
    rows: list[tuple[object, ...]] = [
        (found.names[c], found.leavers(c), found.curves[c].at(span)) for c in found.seen
    ]
    leavers = sum(found.leavers(c) for c in found.seen)
    rows.append((Sentence("reasons.name.all"), leavers, estimates[f"left.{span}"]))
    if not found.given:
        columns.append(Column(Sentence("reasons.column.lost", words), "n1"))
        taken = [*(months_lost(found.curves[c], span) for c in found.seen)]
        taken.append(estimates[f"months_lost.{span}"])
        rows = [(*row, e) for row, e in zip(rows, taken, strict=True)]
    columns.append(Column("reasons.column.controllable", "text"))
    kinds: list[object] = [Sentence(f"reasons.kind.{found.kinds[c]}") for c in found.seen]
    rows = [(*row, kind) for row, kind in zip(rows, [*kinds, None], strict=True)]
    return Table(
        id="reasons.causes",
        caption=Sentence("reasons.caption", words),
        columns=columns,
        rows=rows,
        note=_note(study, found),
    )


def _note(study: Study, found: Causes) -> Sentence:
    values = {"merged": quoted(found.merged), "least": study.toml.report.smallest_group}
    key = "merged_mostly" if MOSTLY in found.curves else "merged"
    more = Sentence(f"reasons.{key}", values) if found.merged else ""
    return Sentence("reasons.note", {"more": more})
