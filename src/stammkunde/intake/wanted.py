"""What to send next: columns and tables that would answer what cannot be answered now."""

from __future__ import annotations

from dataclasses import dataclass

from stammkunde.spells.schema.data import DataToml


@dataclass(frozen=True, kw_only=True)
class Want:
    """Something not delivered: a stable id, and the numbers of the questions it would answer.

    `key` is where the client's TOML would name it. The questions are those of docs/data-report.md.
    """

    id: str
    key: str
    questions: tuple[int, ...]


DATES = Want(id="dates", key="contracts.start", questions=(1, 2, 4))
PERSON = Want(id="person", key="person", questions=(6,))
REASON = Want(id="reason", key="contracts.reason", questions=(5,))
NOTICE = Want(id="notice", key="contracts.notice", questions=(8,))
GROUPS = Want(id="groups", key="groups", questions=(13,))
OFFERS = Want(id="offers", key="offers", questions=(2, 7, 8, 9, 10, 11, 12))
OFFER_PRICE = Want(id="offer_price", key="offers.price", questions=(2, 10, 11))
ARM = Want(id="arm", key="offers.arm", questions=(7, 12, 19))
PRICES = Want(id="prices", key="prices", questions=(2, 4, 11, 18))
EVENTS = Want(id="events", key="events", questions=(13, 14, 15, 16))
COST = Want(id="cost", key="events.cost", questions=(3, 14, 16))
TEAM = Want(id="team", key="events.team", questions=(15,))
TERMS = Want(id="terms", key="terms", questions=(8, 10))
PURCHASE_VALUE = Want(id="purchase_value", key="transactions.amount", questions=(2, 4))
MARGIN = Want(id="margin", key="margin", questions=(2, 3, 4))
# ids in the order in which they are told
WANTS = (
    *(DATES, PERSON, REASON, NOTICE, OFFERS, ARM, OFFER_PRICE, PRICES, EVENTS, COST, TEAM),
    *(TERMS, GROUPS, PURCHASE_VALUE, MARGIN),
)


def wanted(data: DataToml) -> tuple[Want, ...]:
    """Return what is not among the tables and columns declared, most telling first."""
    contracts, offers, events = data.contracts, data.offers, data.events
    earning = contracts or data.snapshot
    lacking = {
        DATES: data.snapshot is not None,
        PERSON: not data.table.person,
        REASON: contracts is not None and not contracts.reason,
        NOTICE: contracts is not None and not contracts.notice and contracts.end_is != "notice",
        OFFERS: offers is None,
        ARM: offers is not None and not offers.arm,
        OFFER_PRICE: offers is not None and not offers.price,
        PRICES: data.prices is None and data.transactions is None,
        EVENTS: events is None,
        COST: events is not None and not events.cost,
        TEAM: events is not None and not events.team,
        TERMS: contracts is not None and not data.terms,
        GROUPS: not data.groups,
        PURCHASE_VALUE: data.transactions is not None and not data.transactions.amount,
        MARGIN: earning is not None and not earning.margin,
    }
    return tuple(want for want in WANTS if lacking[want])
