"""How customers stay once the horizon of a question is over: the projection of chapter three."""

from __future__ import annotations

from dataclasses import replace

from stammkunde.chapters.lifetimes.regimes import Regimes, regimes
from stammkunde.chapters.outlook.older import told_of
from stammkunde.chapters.outlook.read import ALL, future_of
from stammkunde.evidence.asking.later import NO_INTEREST, NOT_PROJECTED, NOWHERE, Afterwards
from stammkunde.evidence.asking.question import is_given
from stammkunde.result import Estimate
from stammkunde.spells.signed import BEFORE
from stammkunde.spells.spells import MARGIN, Spells
from stammkunde.study import Study
from stammkunde.survival.table import life_table


def read_afterwards(study: Study, spells: Spells) -> Afterwards:
    """Return how money counts that comes after a question's horizon, and how customers then stay.

    They are projected as in the outlook on today's customers, as far as that reaches. Nothing is
    where no question asks for money by segment, where the TOML declares no interest, and where
    customers cannot be projected.
    """
    asked = [q for q in study.toml.question if q.by and q.euro and is_given(q)]
    interest = study.toml.data.money.interest
    if not asked or MARGIN not in spells.relation.columns:
        return NOWHERE
    if interest is None:
        return replace(NOWHERE, why=NO_INTEREST)
    none = Afterwards(interest=interest, why=NOT_PROJECTED)
    if study.toml.data.transactions is not None or not spells.spells:
        return none
    under = regimes(study, spells)
    found = future_of(study, {ALL: life_table(spells)} if under is None else under.tables, under)
    if not found.base:
        return none
    any_one = Estimate(value=None, unit=spells.unit, method="")
    return Afterwards(
        interest=interest,
        span=found.horizon,
        looks={_number(under, n): a.look for n, a in found.base.items()},
        signed=() if under is None else under.signed,
        assumptions=told_of(study, any_one, found).assumptions,
        why="",
    )


def _number(under: Regimes | None, key: str) -> int:
    """Return the number of terms (see `terms_of`) of a key of tables."""
    if under is None or key == BEFORE:
        return 0
    return 1 + [d.isoformat() for d in under.signed].index(key)
