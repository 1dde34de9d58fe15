"""What one customer of a kind brings and costs, apart by what it is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from stammkunde.policy.engine import Pays
from stammkunde.policy.offers.elements import Care, Element, Recovery, WinBack
from stammkunde.policy.offers.given import resolved, under
from stammkunde.policy.offers.hazards import Scene
from stammkunde.policy.offers.market import Market, Segment, by_unit
from stammkunde.policy.offers.money import Stream, rebates
from stammkunde.policy.offers.roles import Role, asked_back, contacts, gets


def paid(
    role: Role,
    elements: Sequence[Element],
    segment: Segment,
    scene: Scene,
    takers: Mapping[str, np.ndarray],
    length: int,
) -> dict[Stream, Pays]:
    """Return what one of a kind brings and costs, by stream; streams of nothing are left out.

    `takers` [..., T] are by element name those of its takers who are still there.
    """
    draws, market = scene.draws, scene.market
    with under(segment.name):
        margin = by_unit(segment.margin, draws, length, "margin")
        price = by_unit(segment.price, draws, length, "price")
        costs = {k: resolved(segment, k, draws) for k in ("serve", "acquisition", "handling")}
    found = {Stream.MARGIN: _pays(market, margin - costs["serve"][..., None])}
    off = rebates(elements, role, price, draws, takers)
    if off is not None:
        found[Stream.REBATES] = _pays(market, -off)
    if role.outside:
        found[Stream.ACQUISITION] = _pays(market, once=-costs["acquisition"])
    elif not role.base:
        found[Stream.HANDLING] = _pays(market, once=-costs["handling"])
    care = _care(role, elements, segment, scene, length)
    if care is not None:
        found[Stream.CARE] = _pays(market, care[0], at_exit=care[1])
    return found


def _pays(
    market: Market,
    unit: np.ndarray | float = 0.0,
    *,
    once: np.ndarray | float = 0.0,
    at_exit: Mapping[str, np.ndarray] | None = None,
) -> Pays:
    return Pays(unit, once, at_exit or {}, arrears=market.arrears, by_month=market.by_month)


def _care(
    role: Role, elements: Sequence[Element], segment: Segment, scene: Scene, length: int
) -> tuple[np.ndarray, dict[str, np.ndarray]] | None:
    """Return what care costs a unit [..., T], and at leaving by cause; negative."""
    unit: np.ndarray = np.zeros(length)
    at_exit: dict[str, np.ndarray] = {}
    any_cost = False
    for e in elements:
        with under(e.name):
            if isinstance(e, Care) and gets(e, role):
                each = resolved(e, "cost", scene.draws) * scene.reached(e)
                unit, any_cost = unit - each[..., None] * contacts(e, length), True
            elif isinstance(e, WinBack) and asked_back(e, role.base):
                each = resolved(e, "cost", scene.draws) * scene.reached(e)
                for c in e.causes:
                    at_exit[c] = at_exit.get(c, np.zeros(1)) - each[..., None]
                any_cost = True
            elif isinstance(e, Recovery) and segment.complaints is not None:
                each = resolved(e, "cost", scene.draws) * resolved(e, "answered", scene.draws)
                per = each * resolved(segment.complaints, "complains", scene.draws)
                unit, any_cost = unit - per[..., None] * np.ones(length), True
    return (unit, at_exit) if any_cost else None
