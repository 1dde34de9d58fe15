"""The market as it was counted, and how customers leave in it: at list price and under policies."""

from __future__ import annotations

from itertools import product

import numpy as np

from stammkunde.chapters.exhibit import Column, Name, Section, Table
from stammkunde.chapters.parts import amount, results
from stammkunde.chapters.policies.book.means import Means, at_means, single
from stammkunde.chapters.policies.book.returns_shown import returning, returns_shown
from stammkunde.chapters.policies.book.worded import (
    cause_title,
    policy_title,
    segment_title,
)
from stammkunde.chapters.policies.market.money import PRICE_IS_MARGIN
from stammkunde.chapters.policies.numbers import count_of
from stammkunde.chapters.policies.read import Decision, Part
from stammkunde.policy.engine import Life
from stammkunde.policy.offers import Played, Segment
from stammkunde.policy.offers.market import by_unit
from stammkunde.policy.offers.roles import NEWCOMER
from stammkunde.result import Estimate, Result, Sentence

ID = "policy.market"
MONEY = ("margin", "serve", "acquisition")


def market_shown(decision: Decision) -> Section:
    """Return the segments with their customers and money; hazards by month stand in the workbook.

    Results are `policy.market.customers` and so on, by segment.
    """
    means = at_means(decision)
    basis = decision.basis
    sheets = [_hazards(decision, means, today=False), _hazards(decision, means, today=True)]
    sheets.append(returns_shown(decision))
    remarks = []
    if basis.left:
        left = {"heads": amount("customers", basis.left), "count": basis.left}
        remarks = [Sentence("book.market.left", left)]
    return Section(
        id=ID,
        heading=Sentence("book.market.heading"),
        tables=[_segments(decision, means), *(s for s in sheets if s.rows)],
        paragraphs=[*remarks, _method(decision)],
        results=_results(decision),
    )


def _method(decision: Decision) -> Sentence:
    """Return what the market holds, and how far it was counted: all of it, or with a projection."""
    basis = decision.basis
    within = basis.market.horizon <= basis.observed
    nobody = not any(np.any(np.asarray(s.there) > 0) for s in basis.market.segments)
    key = "counted" if within and nobody else "projected"
    return Sentence(f"book.market.{key}", {"count": basis.observed})


def _segments(decision: Decision, means: Means) -> Table:
    words = {"currency": decision.currency}
    columns = [Column("book.column.segment", "text"), Column("book.column.there", "int")]
    columns += [Column("book.column.signups", "n1")]
    back = returning(decision)
    columns += [Column("market.column.returning", "n1")] if back else []
    columns += [Column(Sentence(f"book.column.{n}", words), "n2") for n in MONEY]
    columns += [Column(Sentence(f"market.price.{_whence(decision)}", words), "n2")]
    by_name = {s.name: s for s in decision.basis.market.segments}
    rows = [
        (
            segment_title(decision.study, p),
            p.customers,
            _plain(p.signups),
            *([back.get(p.name, 0.0)] if back else []),
            *(_plain(getattr(p, n)) for n in MONEY),
            _price(by_name[p.name], decision, means),
        )
        for p in decision.basis.parts
    ]
    return Table(
        id=ID,
        caption=Sentence("book.market.caption"),
        columns=columns,
        rows=rows,
        note=Sentence("market.note.back" if back else "market.note.plain"),
    )


def _plain(e: Estimate) -> Estimate | float:
    """Return an estimate, or the number alone where it was typed and so has no interval."""
    return e.value if e.value is not None and e.low is None and e.high is None else e


def _whence(decision: Decision) -> str:
    """Return where the price comes from, as a key: so that nobody takes it for what is paid."""
    toml = decision.study.toml
    if toml.setting is not None and toml.setting.price is not None:
        return "declared"
    if PRICE_IS_MARGIN in decision.basis.assumptions:
        return "margin"
    return "paid" if toml.data.transactions is not None else "listed"


def _price(segment: Segment, decision: Decision, means: Means) -> float | Sentence:
    """Return the list price a month, or that it depends on how long a customer has been there."""
    price = single(by_unit(segment.price, means.at, decision.market.horizon, "price"))
    if np.ptp(price) > 0:
        return Sentence("book.price.varies")
    return float(price[0])


def _hazards(decision: Decision, means: Means, *, today: bool) -> Table:
    """Return the share who leave by segment, cause and month as a customer, under every policy.

    Of those who sign up, as far as the horizon; or of today's customers, with how many of them
    begin the first month in each.
    """
    kind = "today" if today else "new"
    heads = ["segment", "cause", "month_of"] + (["there"] if today else [])
    columns = [Column(f"book.column.{n}", "text" if n in heads[:2] else "int") for n in heads]
    columns += [Column("book.column.list_price", "percent3")]
    columns += [Column(Sentence("book.column.of_policy", {"policy": policy_title(decision, n)}),
                       "percent3") for n in decision.names]  # fmt: skip
    titles = {p.name: segment_title(decision.study, p) for p in decision.basis.parts}
    rows: list[tuple[object, ...]] = []
    for segment in means.market.segments:
        name = titles.get(segment.name, segment.name)
        rows += _of_segment(decision, means, segment, name, today=today)
    return Table(
        id=f"policy.hazards.{kind}",
        caption=Sentence(f"book.hazards.{kind}"),
        columns=columns,
        rows=rows,
        note=Sentence(f"book.hazards.note_{kind}"),
        in_report=False,
    )


def _of_segment(
    decision: Decision, means: Means, segment: Segment, name: Name, *, today: bool
) -> list[tuple[object, ...]]:
    lives = {n: _life(a.segments[segment.name], today) for n, a in means.policies.items()}
    known = [x for x in lives.values() if x is not None]
    signs = isinstance(segment.inflow, str) or bool(np.any(np.asarray(segment.inflow)))
    if not known or not (today or signs):
        return []
    own = segment.today if today and segment.today is not None else segment.hazards
    listed = np.asarray(own, dtype=float)
    listed = listed.reshape(-1, *listed.shape[-2:])[0]
    causes = decision.market.causes
    units = min(x.units for x in known)
    heads = np.asarray(segment.there, dtype=float)
    rows: list[tuple[object, ...]] = []
    every = dict.fromkeys(c for x in known for c in x.causes)
    for cause, unit in product(every, range(units)):
        at_list = float(listed[causes.index(cause), unit]) if cause in causes else 0.0
        there = [round(heads[unit]) if unit < len(heads) else 0] if today else []
        numbers = [_of(lives[n], cause, unit) for n in decision.names]
        rows.append((name, cause_title(decision.study, cause), unit + 1, *there, at_list, *numbers))
    return rows


def _life(played: Played, today: bool) -> Life | None:
    if today:
        return None if played.base is None else played.base.life
    return next(x for x in played.lives if x.name == NEWCOMER)


def _of(life: Life | None, cause: str, unit: int) -> float | None:
    """Return the share who leave for a cause in a unit (0-based)."""
    if life is None:
        return None
    if cause not in life.causes:
        return 0.0
    at = life.hazards[..., life.place(cause), unit]
    return float(np.ravel(at)[0])


def _results(decision: Decision) -> list[Result]:
    found: list[Result] = []
    back = returning(decision)
    for p in decision.basis.parts:
        own = {"signups": p.signups} | {n: getattr(p, n) for n in MONEY}
        own["customers"] = count_of(p.customers)
        own |= {"returning": back[p.name]} if p.name in back else {}
        found += results("policy.market", own, _group(decision, p))
    return found


def _group(decision: Decision, part: Part) -> dict[str, str]:
    """Return the level of a segment, and the terms of customers under earlier ones."""
    setting = decision.study.toml.setting
    level = {setting.segments: part.level} if setting and setting.segments else {}
    return level | ({"terms": part.terms} if part.terms else {})
