"""The money that today's customers bring, by terms: how much is there, and how long it stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from stammkunde.chapters.outlook.plan import same_plan
from stammkunde.chapters.outlook.read import ALL, Ahead, Future
from stammkunde.chapters.outlook.values import Part, drawn_of
from stammkunde.errors import NotObservedError
from stammkunde.spells.signed import SIGNED, by_terms
from stammkunde.spells.spells import Spells
from stammkunde.study import Study
from stammkunde.survival.margins import Margins, margins_by, weighted
from stammkunde.survival.margins.counts import CENTS, HEADS
from stammkunde.survival.projection.choice import Outlook, choose, outlook
from stammkunde.survival.projection.worth import A_YEAR

MONTHS_A_YEAR = 12


@dataclass(frozen=True, kw_only=True)
class Paid:
    """Customers of a cell under one set of terms who are there now and whose margin is known.

    `part` are their margins per unit by tenure and how the money stays; `monthly` is what they
    bring together per month, `unknown` how many there have no known margin.
    """

    part: Part
    unit: str
    customers: int
    monthly: float
    unknown: int


Cells = Mapping[tuple[str, ...], Mapping[str, Paid]]


def paid(study: Study, spells: Spells, found: Future, by: tuple[str, ...]) -> Cells:
    """Return the money that is there by levels of groups and by terms that can be projected.

    The families are those of the customers. Where nobody with a margin is there, a cell is not.
    """
    counted = _counted(spells, found, by)
    cells: dict[tuple[str, ...], dict[str, Paid]] = {}
    looks: dict[tuple[tuple[str, ...], str], tuple[Outlook, Margins]] = {}
    for (key, *levels), margins in counted.items():
        ahead = _ahead(found, by, key, tuple(levels))
        if ahead is None or not margins.censored[HEADS].any():
            continue
        looks[tuple(levels), key] = (_look(study, found, ahead, margins), margins)
    several = len(looks) > 1 and not by
    drawn = drawn_of([look for look, _ in looks.values()]) if several else [None] * len(looks)
    for (cell, (look, margins)), draws in zip(looks.items(), drawn, strict=True):
        cells.setdefault(cell[0], {})[cell[1]] = _paid(look, margins, draws)
    return cells


def _counted(spells: Spells, found: Future, by: tuple[str, ...]) -> dict[tuple[str, ...], Margins]:
    """Return margins by terms and levels; terms that nobody told apart have the key of all."""
    if found.under is None:
        return {(ALL, *k): m for k, m in margins_by(spells, by).items()}
    return margins_by(by_terms(spells, found.under.signed), (SIGNED, *by))


def _ahead(found: Future, by: tuple[str, ...], key: str, levels: tuple[str, ...]) -> Ahead | None:
    """Return the projection of the same customers by heads."""
    if not by:
        return found.base.get(key)
    return found.groups[by[0]].get(levels[0], {}).get(key)


def _look(study: Study, found: Future, ahead: Ahead, margins: Margins) -> Outlook:
    """Return how the money stays; that of the heads where it cannot be told."""
    try:
        table = weighted(margins).table
    except NotObservedError:
        return ahead.look
    way = same_plan(study, table, ahead.plan, ahead.choice, ahead.given)
    reach = min(way.reach, ahead.plan.reach)
    if way.unseen or reach <= ahead.given:
        return ahead.look
    choice = choose(table, way.families)
    if not choice.fits:
        return ahead.look
    return outlook(table, choice, table.length + found.horizon, reach=reach, given=ahead.given)


def _paid(look: Outlook, margins: Margins, drawn: np.ndarray | None) -> Paid:
    heads, cents = (margins.censored[i].sum(axis=0) for i in (HEADS, CENTS))
    there = np.concatenate([[0.0], cents / 100 * MONTHS_A_YEAR / A_YEAR[margins.unit]])
    return Paid(
        part=Part(look, there, drawn),
        unit=margins.unit,
        customers=int(heads.sum()),
        monthly=float(cents.sum()) / 100,
        unknown=margins.unknown_there,
    )
