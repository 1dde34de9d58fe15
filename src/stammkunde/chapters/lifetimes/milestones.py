"""Means within each horizon, and the time by which given shares of customers have left."""

from __future__ import annotations

from dataclasses import replace

from stammkunde.chapters.exhibit import Column, Table
from stammkunde.chapters.parts import least_at_risk, unit
from stammkunde.result import Estimate, Sentence
from stammkunde.study import Study
from stammkunde.survival.curve import NOT_OBSERVED, Curve

SHARES = (10, 25, 50, 75)


def means(study: Study, curve: Curve, span: int) -> dict[str, Estimate]:
    """Return the restricted means at all horizons as `rmst.K`, without a value if not observed.

    Horizons are the declared ones, that of the mean, and `span`, the one the report speaks of.
    """
    return {f"rmst.{h}": curve.mean_or_reason(h) for h in _horizons(study, span)}


def quantiles(curve: Curve) -> dict[str, Estimate]:
    """Return the times by which 10, 25, 50 and 75 percent have left, and the median."""
    found = {f"quantile.{p}": curve.quantile(p / 100) for p in SHARES}
    return {"median": curve.median()} | found


def milestones(study: Study, curve: Curve, span: int) -> list[Table]:
    """Return the tables of means and of quantiles; under a lapse rule the former alone.

    Then the first to leave do so when the rule first applies, which is no finding.
    """
    tables = [_means_table(study, curve, span)]
    return tables if study.toml.data.lapse is not None else [*tables, _quantiles_table(curve)]


def _horizons(study: Study, span: int) -> list[int]:
    return sorted({*study.horizons, study.toml.report.mean_horizon or span, span})


def _means_table(study: Study, curve: Curve, span: int) -> Table:
    words = {"units": unit(curve.unit)}
    columns = [
        Column(Sentence("column.first_units", {"units": unit(curve.unit, 2, "dative")}), "int"),
        Column("column.still", "percent1"),
        Column(Sentence("column.mean_stay", words), "n1"),
    ]
    rows = [(h, _share(curve, h), curve.mean_or_reason(h)) for h in _horizons(study, span)]
    few = {"reach": curve.observed_to, "least": least_at_risk(study), "one": unit(curve.unit, 1)}
    return Table(
        id="lifetimes.means",
        caption=Sentence("table.means.caption"),
        columns=columns,
        rows=rows,
        note=Sentence("table.means.note", few),
    )


def _share(curve: Curve, tenure: int) -> Estimate:
    """Return the share still there, without a value beyond what was observed."""
    if tenure <= curve.observed_to:
        return curve.at(tenure)
    missing = replace(curve.at(curve.observed_to), value=None, low=None, high=None, se=None)
    return replace(missing, estimand=f"survival({tenure})", reason=NOT_OBSERVED, replicates=None)


def _quantiles_table(curve: Curve) -> Table:
    columns = [
        Column("column.share_left", "percent0"),
        Column(Sentence("column.left_after", {"units": unit(curve.unit, 2, "dative")}), "int"),
    ]
    found = {p: curve.quantile(p / 100) for p in SHARES}
    open_above = any(e.value is not None and e.high is None for e in found.values())
    return Table(
        id="lifetimes.quantiles",
        caption=Sentence("table.quantiles.caption"),
        columns=columns,
        rows=[(p / 100, e) for p, e in found.items()],
        note=Sentence("table.quantiles.open") if open_above else None,
    )
