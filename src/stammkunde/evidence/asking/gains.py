"""In which segments an offer pays, and what a choice of segments is worth on other customers.

What a segment gains is what an offer changes there, not how many leave: months gained within the
horizon, times what a customer earns in a month, less what the offer costs. Segments are chosen on
some customers and judged on others; whoever chose and judged on the same would praise chance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from stammkunde.evidence.asking.rules import rules_of
from stammkunde.evidence.asking.stakes import ALIKE_EARNED, MONEY, Levels, Stakes
from stammkunde.evidence.drawn import spread_of
from stammkunde.evidence.trial import Compared
from stammkunde.intervals import student_quantile
from stammkunde.result import Estimate, Status, said, table_html

SHARE = 0.2
SPREAD = "spread of segments (Q profile)"
Drawing = Callable[[Mapping[Levels, Estimate]], Mapping[Levels, Estimate]]


@dataclass(frozen=True, kw_only=True)
class Gain:
    """What an offer brings of one customer of a segment, within the horizon.

    `months` gained (drawn towards the other segments), `margin` per month and `cost` (None where no
    money is known), and `each`: the gain, in money where it is known, else in months.
    """

    levels: Levels
    persons: int
    months: Estimate
    each: Estimate
    margin: Estimate | None = None
    cost: Estimate | None = None

    @property
    def told(self) -> bool:
        """Return whether anything can be told of the segment."""
        return self.each.value is not None and bool(self.each.se)


@dataclass(frozen=True, kw_only=True)
class Gains:
    """What an offer brings by segment of `columns`, and what rules of whom to give it are worth.

    `spread` is the standard deviation of the segments' truths in months; its lower limit is 0 where
    they may all be alike. `rules`, per 1000 customers of the segments that can be told of: given to
    "everyone"; to the `share` most at "risk" of leaving; to the same share of those who gain most
    ("best"); to all whose segment is expected to "gain". Given to nobody it is worth 0.
    """

    columns: tuple[str, ...]
    segments: tuple[Gain, ...]
    spread: Estimate
    rules: Mapping[str, Estimate]
    share: float = SHARE
    horizon: int

    @property
    def in_money(self) -> bool:
        """Return whether gains are money, not months."""
        return any(g.margin is not None for g in self.segments)

    def _repr_html_(self) -> str:
        rows = {" × ".join(g.levels): said(g.each) for g in self.segments}
        return table_html(rows | {n: said(e) for n, e in self.rules.items()}, "Gains")


def gains_of(
    columns: tuple[str, ...],
    compared: Mapping[Levels, Compared],
    persons: Mapping[Levels, np.ndarray],
    drawing: Drawing,
    stakes: Stakes | None = None,
    *,
    share: float = SHARE,
) -> Gains | None:
    """Return what an offer brings by segment; None where fewer than two segments can be told of.

    `persons` [256] by segment say whom the rules are about, `drawing` draws segments' estimates
    towards one another. Without `stakes`, or where some segment's margin is not known, gains are
    months.
    """
    months = drawing({n: c.months for n, c in compared.items()})
    told = [n for n, e in months.items() if e.value is not None and e.se]
    if len(told) < 2:
        return None
    if stakes is not None and not all(stakes.is_known(n) for n in told):
        stakes = None
    first = next(iter(compared.values()))
    return Gains(
        columns=columns,
        segments=tuple(
            _gain(n, c, months[n], int(persons[n].sum()), stakes) for n, c in compared.items()
        ),
        spread=_spread([compared[n].months for n in told]),
        rules=rules_of({n: compared[n] for n in told}, persons, stakes, share),
        share=share,
        horizon=first.horizon,
    )


def _gain(
    levels: Levels, found: Compared, months: Estimate, persons: int, stakes: Stakes | None
) -> Gain:
    """Return the gain of one segment; the doubts of effect, cost and margin are added up."""
    if stakes is None or months.value is None or not months.se:
        return Gain(levels=levels, persons=persons, months=months, each=months)
    margin, cost = _margin(levels, stakes), _cost(found, stakes)
    assert margin.value is not None
    assert margin.se is not None
    assert cost.value is not None
    assert cost.se is not None
    at = months.value * margin.value - cost.value
    se = float(
        np.sqrt((margin.value * months.se) ** 2 + (months.value * margin.se) ** 2 + cost.se**2)
    )
    step = se * (_high(months) - months.value) / months.se
    each = replace(
        months,
        value=at,
        low=at - step,
        high=at + step,
        se=se,
        unit=MONEY,
        replicates=None,
        estimand=f"gain per customer within {found.horizon} {months.unit}s",
        assumptions=(*months.assumptions, ALIKE_EARNED),
    )
    return Gain(levels=levels, persons=persons, months=months, each=each, margin=margin, cost=cost)


def _high(e: Estimate) -> float:
    assert e.high is not None
    return e.high


def _margin(levels: Levels, stakes: Stakes) -> Estimate:
    """Return the mean margin per month of a segment's customers, its error from the blocks."""
    cents, known = stakes.cents[levels], stakes.known[levels]
    at = cents.sum() / known.sum() / 100
    without = (cents.sum() - cents) / np.maximum(known.sum() - known, 1) / 100
    held = known > 0
    groups = int(held.sum())
    off = without[held] - without[held].mean()
    se = float(np.sqrt((groups - 1) / groups * (off**2).sum()))
    step = student_quantile(0.95, groups) * se
    return Estimate(
        value=float(at),
        low=float(at - step),
        high=float(at + step),
        se=se,
        unit=MONEY,
        persons=int(known.sum()),
        method="mean of customers, person blocks",
    )


def _cost(found: Compared, stakes: Stakes) -> Estimate:
    """Return what the offer costs of one customer within the horizon."""
    if not stakes.held:
        return Estimate(
            value=stakes.euro,
            low=stakes.euro,
            high=stakes.euro,
            se=0.0,
            unit=MONEY,
            method="as declared",
            status=Status.ASSUMED,
        )
    units = found.curves[found.treated].rmst(min(stakes.held, found.horizon))
    assert units.value is not None
    assert units.low is not None
    assert units.high is not None
    return replace(
        units,
        value=stakes.euro * units.value,
        low=stakes.euro * units.low,
        high=stakes.euro * units.high,
        se=stakes.euro * (units.se or 0.0),
        unit=MONEY,
        replicates=None,
    )


def _spread(own: list[Estimate]) -> Estimate:
    """Return how far apart the truths of segments are, in months."""
    values, errors = (np.array([getattr(e, n) for e in own], dtype=float) for n in ("value", "se"))
    value, low, high = spread_of(values, errors)
    return Estimate(
        value=value,
        low=low,
        high=high,
        unit=own[0].unit,
        persons=sum(e.persons or 0 for e in own),
        method=SPREAD,
        status=own[0].status,
        estimand="standard deviation of the segments' effects",
        assumptions=own[0].assumptions,
    )
