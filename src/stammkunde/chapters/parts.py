"""What every section of a chapter needs: words for units, figures and tables from curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from stammkunde.chapters.exhibit import Column, Figure, Line, Table
from stammkunde.result import Estimate, Result, Sentence, Status
from stammkunde.study import Study
from stammkunde.survival.curve import Curve, ended
from stammkunde.survival.drivers.cells import Cells
from stammkunde.survival.table import LifeTable

LEAST_P = 1e-4
EXTRA: Mapping[str, Callable[[Line], np.ndarray | None]] = {
    "band_low": lambda line: line.curve.band_low,
    "band_high": lambda line: line.curve.band_high,
    "smooth": lambda line: line.smooth.value if line.smooth else None,
    "smooth_low": lambda line: line.smooth.low if line.smooth else None,
    "smooth_high": lambda line: line.smooth.high if line.smooth else None,
}


def unit(name: str, count: int = 2, case: str = "plain") -> Sentence:
    """Return the word for a unit: `case` "plain" or "dative" (German: "nach 12 Monaten")."""
    return Sentence(f"unit.{name}.{case}", {"count": count})


def amount(name: str, count: int) -> Sentence:
    """Return a count with its word, "1 row" or "2 rows": `name` is a key of `amount`."""
    return Sentence(f"amount.{name}", {"count": count})


def horizons(study: Study, reach: int) -> tuple[int, ...]:
    """Return the declared horizons that `reach` units of observation allow, else the last one."""
    asked = tuple(h for h in study.horizons if h <= reach)
    return asked or (reach,)


def mean_horizon(study: Study, reach: int) -> int:
    """Return the horizon of restricted means: the declared one, or all that was observed."""
    asked = study.toml.report.mean_horizon
    return min(asked, reach) if asked else reach


def least_at_risk(study: Study) -> int:
    """Return how many must be at risk for a curve to go on: `smallest_group` at the least."""
    return max(study.toml.report.least_at_risk, study.toml.report.smallest_group)


def seen_from(study: Study, table: LifeTable) -> int:
    """Return the tenure from which on customers were observed in numbers that can be shown.

    It is 0 where newcomers were seen; else curves are of those who have been there that long.
    """
    at_risk = table.at_risk[0].sum(axis=0)
    enough = at_risk >= least_at_risk(study)
    first = study.horizons[0]
    return next((e for e in range(table.length) if enough[e : e + first].all()), 0)


def standing(study: Study, curve: Curve, given: int = 0) -> Curve:
    """Return the curve with the status that its data allow, up to where enough are at risk.

    It ends before the first unit after `given` with fewer at risk than the study asks for.
    """
    shown = ended(curve, least_at_risk(study), given)
    assumed = assumptions(study)
    status = Status.ESTIMATED if assumed else Status.MEASURED
    return replace(shown, status=status, assumptions=assumed)


def assumptions(study: Study) -> tuple[str, ...]:
    """Return what a curve of the study rests on beside its counts.

    Purchases say who has left only by a rule. A snapshot is a cohort only if one takes it for one,
    and contracts without a first observed day are all there are only if none was deleted.
    """
    toml = study.toml
    if toml.data.transactions is not None:
        seen = () if toml.data.transactions.first_purchases else ("first_purchases",)
        return ("lapse_rule", *seen)
    if toml.data.snapshot is not None:
        return ("snapshot_as_cohort",)
    return () if toml.data.window.open else ("all_contracts_kept",)


def as_today(study: Study) -> tuple[str, ...]:
    """Return what a comparison of groups rests on where they are known for one day only."""
    return ("group_as_today",) if study.toml.data.snapshot is not None else ()


def lead(study: Study) -> Sentence | str:
    """Return the words before a statement that the source of the data contradicts."""
    recent = study.source is not None and study.source.caveats.leavers_window > 0
    return Sentence("lead.snapshot") if study.toml.data.snapshot is not None and recent else ""


def is_contradicted(study: Study) -> bool:
    """Return whether the source itself says that its leavers are not all leavers."""
    return bool(lead(study))


def too_few(study: Study, curve: Curve, given: int = 0) -> bool:
    """Return whether there are too few persons, or too few observed, to show a curve."""
    few = curve.persons < study.toml.report.smallest_group or curve.observed_to <= given
    return few or bool(np.isnan(curve.value[-1]))


def source(study: Study, curves: Sequence[Curve], shared: bool = False) -> Sentence:
    """Return the note under a figure: the client, the customers and the spells it rests on.

    `shared` where all curves are of the same customers, who must not be counted twice.
    """
    count = max if shared else sum
    persons, spells = count(c.persons for c in curves), count(c.spells for c in curves)
    kind = "repeats" if any(c.errors == "blocks" for c in curves) else "once"
    kind = "once" if shared else kind
    values = {"client": study.name, "persons": persons, "spells": spells, "day": study.as_of}
    values |= {"heads": amount("customers", persons), "times": amount("spells", spells)}
    return Sentence(f"figure.source.{kind}", values)


def curve_table(name: str, lines: Sequence[Line], caption: Sentence) -> Table:
    """Return the numbers of curves, one row per curve and tenure, for the workbook.

    Bands and smoothed values, where a line has them, stand in columns of their own.
    """
    columns = [
        Column("column.group", "text"),
        Column("column.tenure", "int"),
        Column("column.value", "percent1"),
        Column("column.low", "percent1"),
        Column("column.high", "percent1"),
        Column("column.at_risk", "int"),
        Column("column.events", "int"),
    ]
    extra = {key: [series(line) for line in lines] for key, series in EXTRA.items()}
    extra = {key: found for key, found in extra.items() if any(f is not None for f in found)}
    columns += [Column(f"column.{key}", "percent1") for key in extra]
    rows = [
        row
        for i, line in enumerate(lines)
        for row in _curve_rows(line, [found[i] for found in extra.values()])
    ]
    return Table(id=name, caption=caption, columns=columns, rows=rows, in_report=False)


def _curve_rows(line: Line, extra: Sequence[np.ndarray | None]) -> list[tuple[object, ...]]:
    curve = line.curve
    label = line.label or Sentence("column.all")
    first = 1 if curve.kind == "hazard" else 0
    rows: list[tuple[object, ...]] = []
    for t in range(first, curve.observed_to + 1):
        counts = (None, None) if t == 0 else (int(curve.at_risk[t - 1]), int(curve.events[t - 1]))
        numbers = [_known(series, t) for series in (curve.value, curve.low, curve.high)]
        rows.append((label, t, *numbers, *counts, *(_known(series, t) for series in extra)))
    return rows


def _known(series: np.ndarray | None, tenure: int) -> float | None:
    return None if series is None or np.isnan(series[tenure]) else float(series[tenure])


def survival_figure(
    name: str,
    lines: Sequence[Line],
    *,
    study: Study,
    title: Sentence,
    alt: Sentence,
    first_page: bool = False,
    shared: bool = False,
) -> Figure:
    """Return a figure of survival curves with customers at risk under it."""
    span = unit(lines[0].curve.unit)
    words = {"unit": unit(lines[0].curve.unit, case="dative"), "level": lines[0].curve.level}
    banded = any(line.curve.band_low is not None for line in lines)
    subtitle = Sentence(f"figure.survival.{'banded' if banded else 'subtitle'}", words)
    return Figure(
        id=name,
        kind="survival",
        title=title,
        subtitle=subtitle,
        note=source(study, [line.curve for line in lines], shared),
        alt=alt,
        x=Sentence("axis.tenure", {"unit": span}),
        y=Sentence("axis.survival"),
        lines=lines,
        x_ticks=ticks(max(line.curve.observed_to for line in lines), lines[0].curve.unit),
        table=curve_table(name, lines, title),
        first_page=first_page,
    )


def ticks(reach: int, unit_name: str) -> int:
    """Return the distance of ticks on an axis of tenure: whole years of months where they fit."""
    if unit_name != "month":
        return 0
    return next((d for d in (1, 3, 6, 12, 24) if reach / d <= 8), 36)


def results(
    prefix: str,
    estimates: Mapping[str, Estimate],
    group: Mapping[str, str] | None = None,
    naive: Mapping[str, float] | None = None,
) -> list[Result]:
    """Return estimates as results with ids `prefix.key`."""
    naive = naive or {}
    return [
        Result(id=f"{prefix}.{key}", estimate=e, group=dict(group or {}), naive=naive.get(key))
        for key, e in estimates.items()
    ]


def complement(share: Estimate) -> Estimate:
    """Return one less an estimated share, with the interval turned round."""
    low, high = (None if x is None else 1 - x for x in (share.high, share.low))
    value = None if share.value is None else 1 - share.value
    replicates = share.replicates and share.replicates.map(lambda x: 1 - x)
    return replace(
        share,
        value=value,
        low=low,
        high=high,
        replicates=replicates,
        estimand=f"1 - {share.estimand}",
    )


def counted(
    value: float, about: Curve | Cells, unit_name: str, method: str = "counted"
) -> Estimate:
    """Return a count, or the number of a test, which has no sampling interval of interest."""
    if isinstance(about, Curve):
        events = int(about.events.sum())
        persons: int | None = about.persons
        known: dict[str, Any] = {"status": about.status, "assumptions": about.assumptions}
    else:
        events = int(about.n[about.left].sum())
        persons, known = None if about.repeats else about.spells, {}
    return Estimate(
        value=value,
        unit=unit_name,
        persons=persons,
        spells=about.spells,
        events=events,
        method=method,
        reason="no interval: a count",
        **known,
    )


def said_p(p: float) -> Sentence:
    """Return the words for a p-value."""
    return Sentence("table.p_below" if p < LEAST_P else "table.p_is", {"p": max(p, LEAST_P)})


def remarks(*estimates: Estimate) -> tuple[Sentence, ...]:
    """Return the remark that a finding rests on few persons, where one of its estimates does."""
    few = any(
        e.replicates is not None and "block" in e.method and e.replicates.rests_on_few()
        for e in estimates
    )
    return (Sentence("remark.few"),) if few else ()
