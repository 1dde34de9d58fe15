"""The tables of a group's levels: the levels side by side, and two of them compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stammkunde.chapters.exhibit import Column, Table
from stammkunde.chapters.lifetimes.apart import Apart, mark
from stammkunde.chapters.parts import horizons, results, unit
from stammkunde.result import Estimate, Label, Result, Sentence
from stammkunde.study import Study
from stammkunde.survival.contrasts import rmst_ratio, survival_difference
from stammkunde.survival.curve import Curve

MOST = 8
Name = Label | Sentence


@dataclass(frozen=True)
class Levels:
    """The levels of a group that are shown: names, curves, the horizon of means, who lies apart."""

    name: str
    title: Label
    labels: Mapping[str, Name]
    curves: Mapping[str, Curve]
    span: int
    found: Apart | None

    @property
    def largest(self) -> list[str]:
        """Return the levels to be pictured, in order: those of most persons, 8 at most."""
        most = sorted(self.labels, key=lambda n: -self.curves[n].persons)[:MOST]
        return [n for n in self.labels if n in most]


def mean_of(curve: Curve, span: int) -> Estimate | None:
    """Return the mean within `span`, None where the level was not observed that long."""
    return curve.rmst(span) if span <= curve.observed_to else None


def group_tables(study: Study, levels: Levels, note: Sentence) -> list[Table]:
    """Return the table of the levels; of many, the largest, and all of them for the workbook."""
    key = f"lifetimes.groups.{levels.name}"
    largest = levels.largest
    if len(largest) == len(levels.labels):
        return [_table(study, levels, key, largest, note)]
    every = _table(study, levels, f"{key}.all", [*levels.labels], note, in_report=False)
    words = {"all": len(levels.labels), "shown": len(largest), "rest": note}
    return [_table(study, levels, key, largest, Sentence("groups.note.largest", words)), every]


def _table(
    study: Study, levels: Levels, key: str, rows: list[str], note: Sentence, in_report: bool = True
) -> Table:
    one, span, found = next(iter(levels.curves.values())), levels.span, levels.found
    at = horizons(study, min(span, *(c.observed_to for c in levels.curves.values())))[0]
    at = at if len(levels.labels) <= MOST else horizons(study, span)[0]
    words = {"span": span, "at": at, "unit": unit(one.unit, at, "dative"), "units": unit(one.unit)}
    columns = [
        Column(Sentence("column.group_named", {"group": levels.title}), "text"),
        Column("column.spells" if one.errors == "blocks" else "column.persons", "int"),
        Column("column.events", "int"),
        Column(Sentence("column.survival_at", words), "percent1"),
        Column(Sentence("column.mean_within", words), "n1"),
    ]
    median = study.toml.data.lapse is None
    columns += [Column(Sentence("column.median_in", words), "int")] if median else []
    if found:
        columns.append(Column(Sentence("groups.column.gap", words), "n1"))
        columns.append(Column("groups.column.apart", "text"))
    lines = []
    for n in rows:
        c = levels.curves[n]
        share = c.at(at) if at <= c.observed_to else None
        line = [levels.labels[n], c.spells, int(c.events.sum()), share, mean_of(c, span)]
        line += [c.median()] if median else []
        if found:
            contrast = found.contrasts.get(n)
            line += [contrast.difference if contrast else None, mark(found, n)]
        lines.append(tuple(line))
    caption = Sentence("table.groups.caption", {"group": levels.title})
    return Table(
        id=key, caption=caption, columns=columns, rows=lines, note=note, in_report=in_report
    )


def contrast_table(
    study: Study, levels: Levels, ends: tuple[str, str]
) -> tuple[Table | None, list[Result]]:
    """Return the shares of two levels at the horizons, their difference, and all as results.

    The note gives the ratio of the means. No table where they were not observed to a horizon.
    """
    high, low = (levels.curves[n] for n in ends)
    ratio = rmst_ratio(high, low, levels.span)
    asked = [h for h in study.horizons if h <= min(high.observed_to, low.observed_to)]
    gaps = {h: survival_difference(high, low, h) for h in asked}
    pair = {levels.name: f"{ends[0]} - {ends[1]}"}
    numbers = {f"ratio.{levels.name}": ratio}
    numbers |= {f"difference.{levels.name}.survival.{h}": g for h, g in gaps.items()}
    lines = results("lifetimes", numbers, pair)
    if not gaps or ratio.value is None:
        return None, lines
    words = {
        "group": levels.title,
        "high": levels.labels[ends[0]],
        "low": levels.labels[ends[1]],
        "ratio": ratio,
        "span": levels.span,
        "unit": unit(high.unit, levels.span, "dative"),
        "units": unit(high.unit, 2, "dative"),
    }
    columns = [
        Column(Sentence("groups.column.after", words), "int"),
        Column(Sentence("groups.column.high", words), "percent1"),
        Column(Sentence("groups.column.low", words), "percent1"),
        Column("groups.column.points", "per100n1"),
    ]
    rows = [(h, high.at(h), low.at(h), g) for h, g in gaps.items()]
    caption, note = Sentence("groups.caption", words), Sentence("groups.note.ratio", words)
    key = f"lifetimes.contrast.{levels.name}"
    return Table(id=key, caption=caption, columns=columns, rows=rows, note=note), lines
