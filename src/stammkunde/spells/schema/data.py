"""What a client's TOML says about its data: tables, window, groups, rules and their meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from stammkunde.result import Label
from stammkunde.spells.schema.meaning import (
    AlertToml,
    CauseToml,
    ChecksToml,
    CovariateToml,
    GroupToml,
    LapseToml,
    MoneyToml,
    RelevantToml,
    SpellsToml,
    TermToml,
    WindowToml,
)
from stammkunde.spells.schema.tables import (
    ContractsToml,
    Delivery,
    EventsToml,
    OffersToml,
    PersonsToml,
    PricesToml,
    SnapshotToml,
    TransactionsToml,
)
from stammkunde.spells.spells import Group

MAIN = ("contracts", "snapshot", "transactions")
BESIDE = ("events", "offers", "prices", "persons")


@dataclass(frozen=True, kw_only=True)
class DataToml:
    """The part of a client's TOML that says how its tables become spells, and what they mean."""

    window: WindowToml = field(default_factory=WindowToml)
    contracts: ContractsToml | None = None
    snapshot: SnapshotToml | None = None
    transactions: TransactionsToml | None = None
    events: EventsToml | None = None
    offers: OffersToml | None = None
    prices: PricesToml | None = None
    persons: PersonsToml | None = None
    spells: SpellsToml = field(default_factory=SpellsToml)
    lapse: LapseToml | None = None
    alert: AlertToml | None = None
    causes: Mapping[str, CauseToml] = field(default_factory=dict)
    terms: tuple[TermToml, ...] = ()
    money: MoneyToml = field(default_factory=MoneyToml)
    relevant: RelevantToml = field(default_factory=RelevantToml)
    checks: ChecksToml = field(default_factory=ChecksToml)
    groups: Mapping[str, GroupToml] = field(default_factory=dict)
    covariates: Mapping[str, CovariateToml] = field(default_factory=dict)

    @property
    def table(self) -> ContractsToml | SnapshotToml | TransactionsToml:
        """Return the one table that says who was a customer."""
        found = self.contracts or self.snapshot or self.transactions
        assert found is not None
        return found

    @property
    def deliveries(self) -> dict[str, Delivery]:
        """Return where each named table lies, by section, the main table first."""
        tables: dict[str, Any] = {name: getattr(self, name) for name in (*MAIN, *BESIDE)}
        return {name: table.delivery for name, table in tables.items() if table is not None}


def bands(cuts: tuple[float, ...]) -> list[str]:
    """Return the names of the bands that `cuts` make: "< 20", "20 to < 50", ">= 50"."""
    if not cuts:
        return []
    inner = [f"{a:g} to < {b:g}" for a, b in pairwise(cuts)]
    return [f"< {cuts[0]:g}", *inner, f">= {cuts[-1]:g}"]


def group_of(name: str, toml: GroupToml) -> Group:
    """Return the group as declared: title, levels in order."""
    order = list(dict.fromkeys((*bands(toml.cuts), *toml.levels)))
    levels = {level: Label(level, dict(toml.levels.get(level, {}))) for level in order}
    return Group(name, Label(name, dict(toml.title)), levels)
