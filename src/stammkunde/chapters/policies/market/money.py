"""What customers bring and cost a month: margin, price, acquisition, service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import ibis

from stammkunde.chapters.policies.market.cells import Cell, Cells
from stammkunde.chapters.policies.market.numbers import A_COUNT, Number, added, mean, typed
from stammkunde.policy.declared import SettingToml
from stammkunde.result import Estimate
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.months import moved
from stammkunde.spells.spells import CENSORED, MARGIN, SideTable, Spells, column_of, covariate_of
from stammkunde.study import Study
from stammkunde.survival.margins.between import DAYS_A_MONTH
from stammkunde.survival.margins.serving import serving
from stammkunde.survival.persons.arrivals import (
    LATELY,
    Sums,
    level_of,
    outside,
    sums_by,
    with_age,
)

MARGIN_ASSUMED, MARGIN_STAYS = "margin_assumed", "margin_stays"
PRICE_IS_MARGIN, SERVED = "price_is_margin", "service_as_last_year"
Found = Mapping[tuple[str, ...], Sums]


@dataclass(frozen=True, kw_only=True)
class Money:
    """Money by cell: margin a month, cost per sign-up and of service a month; the list price.

    `price` is None where nobody knows it.
    """

    margin: Callable[[Cell], Number]
    acquisition: Callable[[Cell], Number]
    serve: Callable[[Cell], Number]
    price: float | str | None
    assumptions: tuple[str, ...]


def money(study: Study, setting: SettingToml, beside: Beside, known: Cells) -> Money | None:
    """Return the money of the customers of `known`; None where no margin is known or assumed."""
    currency = study.toml.data.money.currency
    margin = _margin(study, setting, known, currency)
    if margin is None:
        return None
    named = (MARGIN_STAYS, *((MARGIN_ASSUMED,) if setting.margin is not None else ()))
    price = setting.price if setting.price is not None else at_close(known, beside.prices)
    named += (PRICE_IS_MARGIN,) if price is None else ()
    named += (SERVED,) if setting.serve is None and setting.service else ()
    cost = acquisition(study, setting, known.spells)
    service = serve(study, setting, beside, known.spells, known.by)
    return Money(
        margin=margin,
        acquisition=lambda cell: cost(cell.level),
        serve=lambda cell: service(known.key(cell)),
        price=price,
        assumptions=named,
    )


def _margin(
    study: Study, setting: SettingToml, known: Cells, currency: str
) -> Callable[[Cell], Number] | None:
    """Return the margin of a cell: of today's customers and of last year's sign-ups."""
    if setting.margin is not None:
        own = typed(study, setting.margin, currency)
        return lambda cell: own
    if MARGIN not in known.spells.relation.columns:
        return None
    s = with_age(known.spells)
    rows = s.filter((s.end == CENSORED) | (s.ago.between(1, LATELY)))
    keys = {column_of(n): level_of(rows, n) for n in known.by}
    rows = rows.mutate(**keys)
    found = sums_by(rows, list(keys), rows[MARGIN].cast("int64"))
    if not any(x.number.any() for x in found.values()):
        return None
    way = "today's customers and last year's sign-ups with a known margin"
    means = _mean_of(found, currency, way)
    return lambda cell: means(known.key(cell))


def _mean_of(
    found: Found, unit: str, way: str, scale: float = 100.0, *, counted: bool = True
) -> Callable[[tuple[str, ...]], Number]:
    """Return the mean by levels, that of all of them where there is nobody."""
    every = mean(added(found.values()), unit, way, scale, counted=counted)
    none = Number(estimate=Estimate(value=0.0, unit=unit, method=way, reason=A_COUNT))

    def of(levels: tuple[str, ...]) -> Number:
        own = found.get(levels)
        exact = None if own is None else mean(own, unit, way, scale, counted=counted)
        return exact or every or none

    return of


def acquisition(study: Study, setting: SettingToml, spells: Spells) -> Callable[[str], Number]:
    """Return the cost of a sign-up by level: typed, assumed, or the mean of a number covariate.

    The mean is that of the sign-ups from outside in the last year.
    """
    currency = study.toml.data.money.currency
    name = str(setting.acquisition)
    assumed = {a.name for a in study.toml.assumption}
    if name not in study.toml.data.covariates or name in assumed:
        own = typed(study, setting.acquisition, currency)
        return lambda level: own
    rows = outside(spells, setting.segments)
    rows = rows.filter(rows.ago.between(1, LATELY))
    cents = (rows[covariate_of(name)] * 100).round().cast("int64")
    means = _mean_of(sums_by(rows, ["level"], cents), currency, "sign-ups of the last year")
    return lambda level: means((level,))


def serve(
    study: Study, setting: SettingToml, beside: Beside, spells: Spells, by: tuple[str, ...]
) -> Callable[[tuple[str, ...]], Number]:
    """Return the cost of service a month by levels: typed, assumed, or of last year's events."""
    close, currency = spells.close, study.toml.data.money.currency
    if setting.serve is not None or not setting.service or beside.events is None or close is None:
        own = typed(study, 0.0 if setting.serve is None else setting.serve, currency)
        return lambda levels: own
    since, opens = moved(close, -LATELY), study.toml.data.window.open
    since = since if opens is None else max(since, opens)
    found = serving(spells, beside.events, setting.service, by, since)
    way = "cost of events by months as a customer, last year"
    return _mean_of(found, currency, way, 100 / DAYS_A_MONTH, counted=False)


def at_close(known: Cells, prices: SideTable | None) -> float | None:
    """Return the mean price of the plans on the last observed day; None where none is known."""
    if prices is None or known.spells.close is None:
        return None
    eve = ibis.literal(known.spells.close - timedelta(days=1), type="date")
    p = prices.relation
    p = p.filter((p.start <= eve) & (p["last"].fill_null(eve) >= eve))
    frame = p.aggregate(n=p.count(), total=p.price.sum().cast("int64")).execute()
    number = int(frame.n[0])
    return float(frame.total[0]) / number / 100 if number else None
