"""Margins by tenure as a section: does the customer grow, or do the large ones stay?"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile

import numpy as np

from stammkunde.chapters.exhibit import Column, Dot, Figure, Section, Table
from stammkunde.chapters.outlook.growth import Growth, growth_of, in_money
from stammkunde.chapters.parts import amount, least_at_risk, results, unit
from stammkunde.result import Estimate, Finding, Sentence, Status
from stammkunde.spells.spells import MARGIN, Spells
from stammkunde.study import Study
from stammkunde.survival.margins import Margins, margin_change, margins, mean_margin
from stammkunde.survival.margins.change import MarginChange
from stammkunde.survival.projection.worth import A_YEAR

Words = Mapping[str, object]


def margin(study: Study, spells: Spells) -> Section:
    """Return the section on the mean margin by tenure, and how much of its change is growth.

    Left out where no margin is declared, or too few who have one were seen for a year.
    """
    heading = Sentence("margin.heading")
    if MARGIN not in spells.relation.columns:
        why = Sentence("margin.left_out.undeclared")
        return Section(id="outlook.margin", heading=heading, left_out=why, needed=False)
    found = margins(spells) if _known(spells) else None
    told = None if found is None else _told(study, found)
    if found is None or told is None:
        why = Sentence("margin.left_out.short")
        return Section(id="outlook.margin", heading=heading, left_out=why)
    return _shown(study, spells, found, *told)


def _told(study: Study, found: Margins) -> tuple[dict[int, Estimate], MarginChange] | None:
    """Return mean margins by unit and the change over all of them, as far as both can be told."""
    means = {u: in_money(study, mean_margin(found, u)) for u in _units(study, found)}
    units = list(takewhile(lambda u: means[u].value is not None, means))
    while len(units) > 1:
        change = margin_change(found, units[0], units[-1])
        if change.total.value is not None:
            return {u: means[u] for u in units}, change
        units.pop()
    return None


def _known(spells: Spells) -> bool:
    return bool(spells.relation[MARGIN].notnull().any().execute())


def _units(study: Study, found: Margins) -> tuple[int, ...]:
    """Return the first unit with enough at risk, and each a year later while there are enough.

    They end after the last declared horizon, if that is a year or more.
    """
    enough = found.at_risk[0].sum(axis=0) >= least_at_risk(study)
    if not enough.any():
        return ()
    first = int(np.argmax(enough))
    rest = np.flatnonzero(~enough[first:])
    last = first + (int(rest[0]) if rest.size else len(enough) - first)
    step = max(round(A_YEAR[found.unit]), 1)
    asked = max(study.horizons[-1], step) + 1
    return tuple(range(first + 1, min(last, first + asked) + 1, step))


def _shown(
    study: Study,
    spells: Spells,
    found: Margins,
    means: Mapping[int, Estimate],
    change: MarginChange,
) -> Section:
    parts = {n: in_money(study, getattr(change, n)) for n in ("total", "leaving", "observed")}
    growth = growth_of(study, spells, found, change)
    words = _words(study, found, means, change, parts)
    findings = [_mean(words, parts["total"])]
    if _is_decided(parts["total"]):
        findings.append(_sorting(growth, words))
    kept = {f"unit.{u}": e for u, e in means.items()}
    span = f"{change.first}.{change.last}"
    kept |= {f"{n}.{span}": e for n, e in parts.items()} | _kept(growth, span)
    return Section(
        id="outlook.margin",
        heading=Sentence("margin.heading"),
        findings=findings,
        figures=[_figure(study, means, words, parts["total"])],
        tables=[_table(parts, words)],
        results=results("outlook.margin", kept),
    )


def _is_decided(total: Estimate) -> bool:
    return not (total.low or 0.0) <= 0 <= (total.high or 0.0)


def _words(
    study: Study,
    found: Margins,
    means: Mapping[int, Estimate],
    change: MarginChange,
    parts: Mapping[str, Estimate],
) -> dict[str, object]:
    first, last = change.first, change.last
    return {
        **parts,
        "early": means[first],
        "late": means[last],
        "first": first,
        "last": last,
        "one": unit(found.unit, 1),
        "one_dative": unit(found.unit, 1, "dative"),
        "currency": study.toml.data.money.currency,
        "level": parts["total"].level,
        "missing": amount("spells", found.unknown) if found.unknown else "",
        "spells": int(found.spells.sum()),
        "client": study.name,
        "day": study.as_of,
    }


def _mean(words: Words, total: Estimate) -> Finding:
    key = "level" if not _is_decided(total) else "rises" if (total.value or 0) > 0 else "falls"
    missing = (Sentence("margin.remark.unknown", words),) if words["missing"] else ()
    return Finding(
        id="outlook.margin",
        status=total.status,
        assumptions=total.assumptions,
        sentence=Sentence(f"margin.mean.{key}", words),
        importance=0.25,
        claims=("A6",),
        remarks=missing,
        figure="outlook.margin",
    )


def _sorting(growth: Growth, words: Words) -> Finding:
    """Return the finding on growth: its share beside who leaves, or that it cannot be known."""
    share = growth.share
    if share is None or share.value is None:
        return Finding(
            id="outlook.margin.growth",
            status=Status.NOT_IDENTIFIABLE,
            sentence=Sentence("margin.growth.unseen", words),
            unknown=Sentence("margin.growth.headline"),
            importance=0.2,
            claims=("A6",),
            missing=("margin_over_time",),
            table="outlook.margin",
        )
    told = {**words, "growth": share}
    told |= {"heads": amount("customers", growth.persons)}
    told |= {"year": growth.year, "differ": growth.differ}
    return Finding(
        id="outlook.margin.growth",
        status=share.status,
        assumptions=share.assumptions,
        sentence=Sentence(f"margin.growth.{growth.kind}", told),
        importance=0.33,
        claims=("A6",),
        table="outlook.margin",
    )


def _kept(growth: Growth, span: str) -> dict[str, Estimate]:
    """Return the results on growth, by the end of their ids."""
    if growth.share is None or growth.rest is None:
        return {}
    kept = {f"growth.share.{span}": growth.share, f"sorting.share.{span}": growth.rest}
    if growth.year is None or growth.differ is None:
        return kept
    return kept | {"between.year": growth.year, "between.changed": growth.differ}


def _figure(study: Study, means: Mapping[int, Estimate], words: Words, total: Estimate) -> Figure:
    key = "level" if not _is_decided(total) else "rises" if (total.value or 0) > 0 else "falls"
    dots = [
        Dot(Sentence("margin.unit", {"one": words["one"], "unit": u}), e) for u, e in means.items()
    ]
    columns = [
        Column(Sentence("margin.column.unit", words), "int"),
        Column(Sentence("margin.column.mean", words), "n2"),
        Column("column.at_risk", "int"),
    ]
    rows = [(u, e, e.spells) for u, e in means.items()]
    title = Sentence(f"margin.figure.{key}", words)
    table = Table(
        id="outlook.margin_by_tenure", caption=title, columns=columns, rows=rows, in_report=False
    )
    return Figure(
        id="outlook.margin",
        kind="dots",
        title=title,
        subtitle=Sentence("margin.figure.subtitle", words),
        note=Sentence("margin.figure.note", words),
        alt=Sentence("margin.figure.alt", words),
        x=Sentence("margin.column.mean", words),
        y=Sentence("margin.column.unit", words),
        dots=dots,
        table=table,
    )


def _table(parts: Mapping[str, Estimate], words: Words) -> Table:
    """Return why the mean changes, part by part."""
    rows: list[tuple[object, ...]] = []
    rows += [(Sentence(f"margin.part.{n}"), parts[n]) for n in ("leaving", "observed")]
    rows.append((Sentence("margin.part.total", words), parts["total"]))
    columns = [
        Column("margin.column.part", "text"),
        Column(Sentence("margin.column.change", words), "n2"),
    ]
    return Table(
        id="outlook.margin",
        caption=Sentence("margin.caption", words),
        columns=columns,
        rows=rows,
        note=Sentence("margin.note", words),
    )
