"""The market of contracts and snapshots: cells, sign-ups and money put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from stammkunde.chapters.lifetimes.months import COHORTS_ALIKE
from stammkunde.chapters.outlook.older import RENEW_AS_BEFORE
from stammkunde.chapters.parts import as_today, assumptions
from stammkunde.chapters.policies.market.cells import Cell, Cells, read_cells
from stammkunde.chapters.policies.market.law import Law
from stammkunde.chapters.policies.market.money import Money, money
from stammkunde.chapters.policies.market.numbers import A_COUNT
from stammkunde.chapters.policies.market.signing import Signing, signing
from stammkunde.chapters.policies.read import Basis, Part, Undecided
from stammkunde.policy.declared import SettingToml, policies_of
from stammkunde.policy.offers import GlidePath, Market, NewcomerRebate, Segment
from stammkunde.result import Estimate
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import Spells
from stammkunde.study import Study
from stammkunde.survival.projection.fit import FAMILY_HOLDS

NO_MARGIN = "margin_unknown"
CAUSES_LAST_YEAR, DISCOUNTED = "causes_as_last_year", "interest_as_declared"
RETURNERS_ALIKE, RUNNING = "returners_leave_alike", "running_rebates_left_out"


@dataclass(frozen=True, kw_only=True)
class Counted:
    """All that a market is made of."""

    study: Study
    setting: SettingToml
    known: Cells
    signing: Signing
    money: Money


def contract_market(
    study: Study, spells: Spells, beside: Beside, setting: SettingToml
) -> Basis | Undecided:
    """Return the market of customers with a contract, or why it cannot be told."""
    known = read_cells(study, spells, setting.segments, setting.horizon)
    if isinstance(known, Undecided):
        return known
    found = money(study, setting, beside, known)
    if found is None:
        return Undecided(NO_MARGIN, "no margin is declared in the main table or in the setting")
    own = Counted(
        study=study,
        setting=setting,
        known=known,
        signing=signing(study, setting, known),
        money=found,
    )
    laws = [c.law for c in known.cells]
    return Basis(
        market=_market(own, None, ""),
        under=lambda weights, family: _market(own, weights, family),
        parts=tuple(_part(own, c) for c in known.cells),
        families=tuple(dict.fromkeys(f for law in laws for f in law.families)),
        observed=min(c.new.look.observed_to for c in known.cells),
        left=known.left,
        assumptions=_assumptions(own),
    )


def _assumptions(own: Counted) -> tuple[str, ...]:
    snapshot = own.study.toml.data.snapshot is not None
    named = [*own.signing.assumptions, *own.money.assumptions, FAMILY_HOLDS]
    named += [] if snapshot and own.known.under is None else [COHORTS_ALIKE]
    named += [CAUSES_LAST_YEAR] if len(own.known.causes) > 1 else []
    named += as_today(own.study) if own.setting.segments else ()
    named += [RETURNERS_ALIKE] if own.known.returners is not None else []
    named += [RUNNING] if running(own.study, own.setting) else []
    named += [DISCOUNTED] if own.study.toml.data.money.interest else []
    named += (
        [RENEW_AS_BEFORE] if any(c.terms and c.ahead.plan.every for c in own.known.cells) else []
    )
    return tuple(dict.fromkeys((*named, *assumptions(own.study))))


def _market(own: Counted, weights: np.ndarray | None, family: str) -> Market:
    """Return the market at the estimates, or under weights of the persons' blocks."""
    chance = own.signing.returns(weights)
    laws: dict[int, np.ndarray] = {}

    def hazards(law: Law) -> np.ndarray:
        if id(law) not in laws:
            laws[id(law)] = law.at() if weights is None else law.under(weights, family)
        return laws[id(law)]

    segments = tuple(
        coming_back(
            Segment(**_segment(own, cell, weights, chance), **_leaving(own, cell, hazards)),
            own.known.returners,
        )
        for cell in own.known.cells
    )
    return Market(
        own.known.causes,
        segments,
        **common(own.study, own.setting),
        group=own.setting.segments,
    )


def coming_back(segment: Segment, ratio: float | None) -> Segment:
    """Return a segment with the factor of who comes back, where one is known."""
    if ratio is None:
        return segment
    return replace(segment, returners=within(ratio, np.asarray(segment.hazards)))


def within(ratio: float, hazards: np.ndarray) -> float:
    """Return a factor of hazards [..., C, T], lowered so that none is multiplied beyond 1."""
    most = float(hazards.sum(axis=-2).max(initial=0.0))
    return min(ratio, 1 / most) if most > 0 else ratio


def running(study: Study, setting: SettingToml) -> bool:
    """Return whether today's customers may have rebates that newcomers get now."""
    now = [p for p in policies_of(study.toml) if p.name == setting.comparator]
    rules = [e for p in now for es in (p.elements, *p.segments.values()) for e in es]
    return any(isinstance(e, NewcomerRebate | GlidePath) for e in rules)


def common(study: Study, setting: SettingToml) -> dict[str, Any]:
    """Return what all segments have in common: horizon, interest, when money is paid."""
    grown = None
    if setting.inflation:
        grown = (1 + setting.inflation) ** (np.arange(setting.horizon) / 12)
    interest = study.toml.data.money.interest or 0.0
    told: Mapping[str, Any] = {"interest": interest, "arrears": setting.arrears}
    return {"horizon": setting.horizon, "by_month": grown, **told}


def _leaving(own: Counted, cell: Cell, hazards: Any) -> dict[str, Any]:
    """Return how who signs up leaves, and today's customers, where these do otherwise."""
    new = hazards(cell.new)
    if cell.law is cell.new:
        return {"hazards": new}
    return {"hazards": new[..., : own.setting.horizon], "today": hazards(cell.law)}


def _segment(
    own: Counted, cell: Cell, weights: np.ndarray | None, chance: np.ndarray | None
) -> dict[str, Any]:
    """Return money, sign-ups and today's customers of a segment."""
    margin = own.money.margin(cell)
    number = margin.under(weights)
    drawn: Any = margin.name or (number[..., None] if number.ndim else float(number))
    price = own.money.price
    level = cell.level
    coming: dict[str, Any] = {"inflow": 0.0}
    if cell.signs:
        # who comes back signs under today's terms, whatever those were that he left
        coming = {
            "inflow": own.signing.inflow(level, own.setting.horizon, weights),
            "gone": own.signing.gone(level),
        }
    return {
        "name": cell.name,
        "margin": drawn,
        "price": drawn if price is None else price,
        "acquisition": own.money.acquisition(cell).given,
        "serve": own.money.serve(cell).given,
        "handling": own.setting.handling,
        "returns": chance,
        "there": cell.there,
        "rules": level,
        **coming,
    }


def _part(own: Counted, cell: Cell) -> Part:
    nobody = Estimate(
        value=0.0, unit="count", method="nobody signs under earlier terms", reason=A_COUNT
    )
    return Part(
        name=cell.name,
        level=cell.level,
        terms=cell.terms,
        customers=int(cell.there.sum()),
        margin=own.money.margin(cell).estimate,
        signups=own.signing.rates[cell.level].estimate if cell.signs else nobody,
        acquisition=own.money.acquisition(cell).pointed,
        serve=own.money.serve(cell).pointed,
    )
