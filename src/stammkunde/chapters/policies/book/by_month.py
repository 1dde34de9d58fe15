"""Every policy month by month, and from the margin to its value: a calculation to follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from stammkunde.chapters.exhibit import Column, Section, Table
from stammkunde.chapters.parts import results
from stammkunde.chapters.policies.book.booked import FIXED, PURPOSES, Booked, added, booked
from stammkunde.chapters.policies.book.means import Means, at_means
from stammkunde.chapters.policies.book.worded import policy_title, segment_title
from stammkunde.chapters.policies.read import Decision
from stammkunde.policy.offers import Stream
from stammkunde.result import Estimate, Result, Sentence

ID = "policy.monthly"
THOUSAND, MANY = 1e3, 1e5
HEADS = {"signed": "n1", "again": "n1", "customers": "n1", "leavers": "n1"}
AFTER = {"net": "n2", "late": "n2", "factor": "n4", "factor_late": "n4", "present": "n2"}
AFTER |= {"cumulative": "n2", "ahead": "n2"}
METHOD = "every assumption at its mean, everything else at its estimate"
NO_INTERVAL = "no interval: at the means"


def by_month(decision: Decision) -> Section:
    """Return each policy's money month by month, and its way from the margin to the value.

    The months stand in the workbook. They are at the mean of every assumption and the estimate of
    everything else: one calculation, where the league has one for each draw. Results are the
    present values of its streams, `policy.stream.NAME.margin` and so on.
    """
    means = at_means(decision)
    apart = {n: booked(given) for n, given in means.policies.items()}
    whole = {n: added(given, apart[n].values()) for n, given in means.policies.items()}
    return Section(
        id=ID,
        heading=Sentence("book.monthly.heading"),
        opening=[Sentence("book.monthly.opening")],
        tables=[
            _streams(decision, whole),
            _months(decision, means, whole),
            _by_segment(decision, apart),
        ],
        paragraphs=[Sentence("book.monthly.method")],
        results=_results(decision, whole),
    )


def _streams(decision: Decision, whole: Mapping[str, Booked]) -> Table:
    """Return the table from the margin to the value, policies by their place in the league."""
    used = [s for s in PURPOSES if any(w.of(s) for w in whole.values())]
    values = [abs(w.of(s)) for w in whole.values() for s in used]
    scale, size = (THOUSAND, "thousands") if max(values, default=0.0) >= MANY else (1.0, "units")
    unit = decision.currency if scale == 1 else f"{scale:g} {decision.currency}"
    heads = [*(f"book.stream.{s}.short" for s in used), "book.column.worth.short"]
    heads += [f"book.column.{n}" for n in ("drawn", "difference")]
    rows = []
    for standing in decision.league.standings:
        own = whole[standing.policy]
        parts = [own.of(s) / scale for s in used]
        apart = None if standing.policy == decision.comparator else standing.difference
        drawn = (standing.value.value or 0.0) / scale
        title = policy_title(decision, standing.policy)
        total = float(own.present.sum()) / scale
        rows.append((title, *parts, total, drawn, apart and _scaled(apart, scale)))
    return Table(
        id="policy.streams",
        caption=Sentence(f"book.streams.{size}", {"currency": decision.currency}),
        columns=[Column("book.column.policy", "text"), *(Column(h, "n0", unit) for h in heads)],
        rows=rows,
        note=Sentence("book.streams.note", {"level": decision.league.standings[0].value.level}),
    )


def _scaled(e: Estimate, scale: float) -> Estimate:
    """Return an amount in units of `scale`, which the caption of its table names."""
    value, low, high = (None if x is None else x / scale for x in (e.value, e.low, e.high))
    return replace(e, value=value, low=low, high=high, unit=f"{scale:g} {e.unit}")


def _months(decision: Decision, means: Means, whole: Mapping[str, Booked]) -> Table:
    forms = {"policy": "text", "month": "int"} | HEADS
    words = {"currency": decision.currency}
    columns = [Column(f"book.column.{n}", form) for n, form in forms.items()]
    columns += [Column(Sentence(f"book.stream.{s}.units", words), "n2") for s in PURPOSES]
    columns += [
        Column(f"book.column.{n}", form, "" if n.startswith("factor") else decision.currency)
        for n, form in AFTER.items()
    ]
    measure = np.cumsum(whole[decision.comparator].present)
    rows: list[tuple[object, ...]] = []
    for name in decision.names:
        rows += _of_policy(decision, name, whole[name], means.market.v, measure)
    return Table(
        id=ID,
        caption=Sentence("book.monthly.caption", words),
        columns=columns,
        rows=rows,
        note=Sentence("book.monthly.note"),
        in_report=False,
    )


def _of_policy(
    decision: Decision, name: str, own: Booked, v: float, measure: np.ndarray
) -> list[tuple[object, ...]]:
    """Return the rows of one policy; `measure` [H] is what the comparator has brought by then."""
    title, cumulative = policy_title(decision, name), np.cumsum(own.present)
    heads = np.stack([getattr(own, n) for n in HEADS])
    factors = v ** np.arange(len(cumulative) + 1)
    after = [own.net, own.late, factors[:-1], factors[1:]]
    after += [own.present, cumulative, cumulative - measure]
    numbers = np.concatenate([heads, own.paid, np.stack(after)])
    return [
        (title, month, *(float(x) for x in column)) for month, column in enumerate(numbers.T, 1)
    ]


def _by_segment(decision: Decision, apart: Mapping[str, Mapping[str, Booked]]) -> Table:
    """Return present values by policy and segment, with what is spent."""
    words = {"currency": decision.currency}
    titles = {p.name: segment_title(decision.study, p) for p in decision.basis.parts}
    columns = [Column(f"book.column.{n}", "text") for n in ("policy", "segment")]
    columns += [Column(Sentence(f"book.stream.{s}.units", words), "n2") for s in Stream]
    columns += [Column(Sentence("book.column.worth.units", words), "n2")]
    columns += [Column("book.column.spent", "n2", decision.currency)]
    rows = [
        (
            policy_title(decision, name),
            titles.get(segment, segment),
            *(own.of(s) for s in Stream),
            float(own.present.sum()),
            spent(own),
        )
        for name in decision.names
        for segment, own in apart[name].items()
    ]
    return Table(
        id="policy.segments",
        caption=Sentence("book.segments.caption"),
        columns=columns,
        rows=rows,
        note=Sentence("book.segments.note"),
        in_report=False,
    )


def spent(own: Booked) -> float:
    """Return the present value of what rebates, care and programmes cost."""
    return 0.0 - sum(own.of(s) for s in (Stream.REBATES, Stream.CARE, FIXED))


def _results(decision: Decision, whole: Mapping[str, Booked]) -> list[Result]:
    found = []
    for name in decision.names:
        own = whole[name]
        parts = {s: own.of(s) for s in PURPOSES}
        parts |= {"value": float(own.present.sum()), "spend": spent(own)}
        league = decision.league.of(name).value
        estimates = {
            key: Estimate(
                value=value,
                unit=decision.currency,
                method=METHOD,
                status=league.status,
                estimand=f"{key} of {name}",
                assumptions=league.assumptions,
                reason=NO_INTERVAL,
            )
            for key, value in parts.items()
        }
        found += results(f"policy.stream.{name}", estimates)
    return found
