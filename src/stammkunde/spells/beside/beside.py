"""The tables beside the main one, read: events, offers, prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stammkunde.spells.beside.events import read_events
from stammkunde.spells.beside.offers import read_offers
from stammkunde.spells.beside.prices import read_prices
from stammkunde.spells.build import Main
from stammkunde.spells.delivery.take import Taken
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.spells import SideTable


@dataclass(frozen=True)
class Beside:
    """Tables beside the main one, each None where the client's TOML names none.

    `events`: person, block, day, kind, value (text), number (or null), cost (cents), team, record.
    `offers`: person, block, offer, start, last, price (cents), arm, record.
    `prices`: plan, start, last, price (cents), record.
    """

    events: SideTable | None = None
    offers: SideTable | None = None
    prices: SideTable | None = None

    @property
    def tables(self) -> dict[str, SideTable]:
        """Return the tables that there are, by the section of the TOML."""
        named = {"events": self.events, "offers": self.offers, "prices": self.prices}
        return {n: t for n, t in named.items() if t is not None}


def beside_main(taken: Mapping[str, Taken], data: DataToml, main: Main, *, stop: bool) -> Beside:
    """Return the tables beside `main`, of the same engine and with the same keys."""
    most = data.checks.most_rejected if stop else None
    events = offers = prices = None
    if data.events is not None:
        events = read_events(taken["events"], data, data.events, main, most=most)
    if data.offers is not None:
        offers = read_offers(taken["offers"], data, data.offers, main, most=most)
    if data.prices is not None:
        prices = read_prices(taken["prices"], data.prices, most=most)
    return Beside(events, offers, prices)
