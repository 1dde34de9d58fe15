"""In which segments an offer pays, and what a choice of segments is worth on other customers.

What a segment gains is what an offer changes there, not how many leave: months gained, times what a
customer earns in a month, less what the offer costs, all of it discounted. Within the horizon that
is counted; those whom the offer leaves there at its end go on paying, which is projected. Segments
are chosen on some customers and judged on others; whoever chose and judged on the same would praise
chance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from stammkunde.evidence.asking.gained import Gained, gained_of, held_of, units_of
from stammkunde.evidence.asking.later import Later
from stammkunde.evidence.asking.rules import rules_of
from stammkunde.evidence.asking.stakes import MONEY, Heads, Levels, Stakes
from stammkunde.evidence.drawn import spread_of
from stammkunde.evidence.trial import Compared
from stammkunde.intervals import student_quantile
from stammkunde.result import Estimate, Status, said, table_html

SHARE = 0.2
SPREAD = "spread of segments (Q profile)"
Drawing = Callable[[Mapping[Levels, Estimate]], Mapping[Levels, Estimate]]


@dataclass(frozen=True, kw_only=True)
class Gain:
    """What an offer brings of one customer of a segment: of `persons`, counted as `entries`.

    `months` gained within the horizon (drawn towards the other segments), `margin` per month, what
    staying longer has `brought`, its `cost` (None where no money is known), and `each`: the gain in
    all, in money where it is known, else in months. `within` is the part of it within the horizon,
    None where there is no other.
    """

    levels: Levels
    persons: int
    entries: int
    months: Estimate
    each: Estimate
    within: Estimate | None = None
    margin: Estimate | None = None
    cost: Estimate | None = None
    brought: Estimate | None = None

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
    ("best"); to all whose segment is expected to "gain". Given to nobody it is worth 0. Where what
    follows the horizon is counted, up to `span` units from time zero, `within` and `after` are the
    parts of each, and `ended` is the whole if an offer that goes on costing ended with the horizon;
    else they are empty, `span` is 0, and `why` says why money ends with the horizon. `over_risk` is
    what the third is worth more than the second.
    """

    columns: tuple[str, ...]
    segments: tuple[Gain, ...]
    spread: Estimate
    rules: Mapping[str, Estimate]
    over_risk: Estimate
    within: Mapping[str, Estimate] = field(default_factory=dict)
    after: Mapping[str, Estimate] = field(default_factory=dict)
    ended: Mapping[str, Estimate] = field(default_factory=dict)
    share: float = SHARE
    horizon: int
    span: int = 0
    why: str = ""

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
    heads: Heads | None = None,
) -> Gains | None:
    """Return what an offer brings by segment; None where fewer than two segments can be told of.

    `persons` [256] by segment say whom the rules are about, each as often as he is in it (`heads`
    are the persons where some are there several times), `drawing` draws segments' estimates
    towards one another. Without `stakes`, or where some segment's margin is not known, gains are
    months.
    """
    months = drawing({n: c.months for n, c in compared.items()})
    told = [n for n, e in months.items() if e.value is not None and e.se]
    if len(told) < 2:
        return None
    if stakes is not None and not all(stakes.is_known(n) for n in told):
        stakes = None
    some = {n: compared[n] for n in told}
    paid = _paid(some, stakes, drawing) if stakes else {}
    ruled = rules_of(some, persons, stakes, share, heads)
    later = stakes.later if stakes else None
    return Gains(
        columns=columns,
        segments=tuple(
            _segment(n, months[n], persons[n], heads, paid.get(n, {"each": months[n]}))
            for n in compared
        ),
        spread=_spread([c.months for c in some.values()], ruled.rules["everyone"]),
        rules=ruled.rules,
        over_risk=ruled.over_risk,
        within=ruled.within,
        after=ruled.after,
        ended=ruled.ended,
        share=share,
        horizon=next(iter(some.values())).horizon,
        span=later.span if later else 0,
        why=stakes.why if stakes else "",
    )


def _segment(
    levels: Levels,
    months: Estimate,
    persons: np.ndarray,
    heads: Heads | None,
    paid: Mapping[str, Estimate],
) -> Gain:
    entries = int(persons.sum())
    once = entries if heads is None else min(entries, heads.persons.get(levels, entries))
    own = {n: e if e is months else _of(e, once, entries) for n, e in paid.items()}
    return Gain(levels=levels, persons=once, entries=entries, months=months, **own)


def _of(e: Estimate, persons: int, entries: int) -> Estimate:
    """Return a number of a segment that counts its persons once.

    Where some are there several times and not all are known, nobody knows how many persons are.
    """
    if e.persons is None:
        return e
    once = persons if e.persons >= entries else e.persons if persons == entries else None
    return replace(e, persons=once, spells=min(e.persons, entries))


def _paid(
    compared: Mapping[Levels, Compared], stakes: Stakes, drawing: Drawing
) -> dict[Levels, dict[str, Estimate]]:
    """Return margin, cost and gain of each segment; the doubts of all three are added up."""
    numbers = {n: gained_of(c, stakes) for n, c in compared.items()}
    ends: dict[str, Later | None] = {"each": stakes.later}
    if stakes.later is not None:
        ends["within"] = None
    found: dict[Levels, dict[str, Estimate]] = {n: {"margin": _margin(n, stakes)} for n in compared}
    for name, later in ends.items():
        rests = {n: later and later.of([n]) for n in compared}
        units = drawing({n: units_of(c, numbers[n], rests[n]) for n, c in compared.items()})
        for n, c in compared.items():
            cost = _cost(c, numbers[n], stakes, rests[n])
            span = later.span if later else c.horizon
            brought = _brought(units[n], found[n]["margin"], stakes, span)
            if name == "each":
                found[n] |= {"cost": cost, "brought": brought}
            found[n][name] = _gain(brought, cost)
    return found


def _brought(units: Estimate, margin: Estimate, stakes: Stakes, span: int) -> Estimate:
    """Return what the units gained within so many units earn."""
    assert units.value is not None
    assert units.se is not None
    assert margin.value is not None
    assert margin.se is not None
    a_unit, at = margin.value * stakes.months, units.value * margin.value * stakes.months
    se = float(np.hypot(a_unit * units.se, units.value * margin.se * stakes.months))
    step = se * (_high(units) - units.value) / units.se
    return replace(
        units,
        value=at,
        low=at - step,
        high=at + step,
        se=se,
        unit=MONEY,
        replicates=None,
        estimand=f"earned by longer stay per customer within {span} {units.unit}s",
        assumptions=tuple(dict.fromkeys((*units.assumptions, *stakes.rests))),
    )


def _gain(brought: Estimate, cost: Estimate) -> Estimate:
    """Return what is earned less the cost."""
    assert brought.value is not None
    assert brought.se is not None
    assert cost.value is not None
    assert cost.se is not None
    at, se = brought.value - cost.value, float(np.hypot(brought.se, cost.se))
    step = se * (_high(brought) - brought.value) / brought.se
    named = brought.estimand.replace("earned by longer stay", "gain")
    return replace(brought, value=at, low=at - step, high=at + step, se=se, estimand=named)


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


def _cost(found: Compared, numbers: Gained, stakes: Stakes, later: Later | None) -> Estimate:
    """Return what the offer costs of one customer, as far as what he brings is counted."""
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
    units = held_of(found, numbers, later)
    value, low, high, se = (
        stakes.euro * (x or 0.0) for x in (units.value, units.low, units.high, units.se)
    )
    return replace(
        units,
        value=value,
        low=low,
        high=high,
        se=se,
        unit=MONEY,
        replicates=None,
        estimand="cost per customer",
    )


def _spread(own: list[Estimate], everyone: Estimate) -> Estimate:
    """Return how far apart the truths of segments are, in months; of as many as `everyone` is."""
    values, errors = (np.array([getattr(e, n) for e in own], dtype=float) for n in ("value", "se"))
    value, low, high = spread_of(values, errors)
    return Estimate(
        value=value,
        low=low,
        high=high,
        unit=own[0].unit,
        persons=everyone.persons,
        spells=everyone.spells,
        method=SPREAD,
        status=own[0].status,
        estimand="standard deviation of the segments' effects",
        assumptions=own[0].assumptions,
    )
