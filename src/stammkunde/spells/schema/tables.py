"""The tables a client delivers: where each lies, how its cells are written, what columns mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote

Separator = Literal[",", ";", "\t", "|", "whitespace"]
Encoding = Literal["utf-8", "latin-1", "windows-1252"]
EndIs = Literal["last_day", "day_after", "notice", "paid_until", "grace_end"]

# Databases that are one file; every other is a server's.
EMBEDDED = ("duckdb", "sqlite")
# Keys of this dataclass stand in the section of the table that holds it.
INLINE = {"inline": True}


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """Where a table lies and how its cells are written; its keys stand in the table's section.

    Either `file` (CSV or other text, XLSX with its `sheet`, Parquet: one file or a folder), or
    `database` (a URL such as "postgresql://reader@server/crm", "duckdb://crm.duckdb",
    "sqlite://crm.sqlite") with `table` or `query`. Cells that are typed already need no format.
    Texts that are one of `empty`, such as "N/A", are read as cells with nothing in them.
    """

    file: str = ""
    sheet: str = ""
    database: str = ""
    table: str = ""
    query: str = ""
    separator: Separator = ","
    encoding: Encoding = "utf-8"
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", "'", " "] = ""
    date_format: str = "%Y-%m-%d"
    empty: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the name under which messages and reports speak of the table."""
        return self.file or self.table or "query"

    @property
    def path(self) -> str:
        """Return the file or folder on disk as declared; "" for a server's database."""
        scheme, _, rest = self.database.partition("://")
        return self.file or (unquote(rest) if scheme.lower() in EMBEDDED else "")


@dataclass(frozen=True, kw_only=True)
class ContractsToml:
    """`[contracts]`: one row per contract, with the day it began and the day it ended.

    `end_is` says what the column `end` holds: the last day as a customer, the day after it, the day
    notice was given (leaving then counts from the notice), the end of the paid period, or the end
    of a period of grace of `grace_days` after it. `contract` is the contract's own number,
    `notice` the day on which notice was given, `reason` why it ended, `margin` the money earned
    with it per month before rebates.
    """

    delivery: Delivery = field(default_factory=Delivery, metadata=INLINE)
    start: str
    end: str
    end_is: EndIs = "last_day"
    grace_days: int = 0
    contract: str = ""
    person: str = ""
    reason: str = ""
    notice: str = ""
    margin: str = ""


@dataclass(frozen=True, kw_only=True)
class SnapshotToml:
    """`[snapshot]`: one row per customer: completed units of tenure, and who has left.

    `margin` is the column of the money earned with him per month before rebates.
    """

    delivery: Delivery = field(default_factory=Delivery, metadata=INLINE)
    tenure: str
    left: str
    left_values: tuple[str, ...]
    stayed_values: tuple[str, ...]
    person: str = ""
    margin: str = ""


@dataclass(frozen=True, kw_only=True)
class TransactionsToml:
    """`[transactions]`: one row per purchase; no contract says when a customer has gone.

    `amount` and `place` are the columns of what a purchase was worth and where it was made.
    `first_purchases` says that everybody's first purchase is in the file.
    """

    delivery: Delivery = field(default_factory=Delivery, metadata=INLINE)
    person: str
    date: str
    amount: str = ""
    place: str = ""
    first_purchases: bool = False


@dataclass(frozen=True, kw_only=True)
class EventKindToml:
    """`[events.kinds.NAME]`: the delivered words that mean this kind, and its name for readers."""

    values: tuple[str, ...]
    title: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class EventsToml:
    """`[events]`: what happened to customers (complaint, recovery, gesture, contact, fee, letter).

    Columns: `person` (the customer, as in the main table), `date`, `kind`, and optionally `value`
    (a number or a word), `cost` (money) and `team`. `kinds` gathers delivered words under one name;
    a word that no kind lists stands for itself.
    """

    delivery: Delivery = field(default_factory=Delivery, metadata=INLINE)
    person: str
    date: str
    kind: str
    value: str = ""
    cost: str = ""
    team: str = ""
    kinds: Mapping[str, EventKindToml] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class OffersToml:
    """`[offers]`: who was offered or got what, from when to when, at what price.

    Columns: `person`, `offer` (what), `start` and `end` (its last day, empty while it runs),
    `price`, and `arm`: what became of it (taken, declined, held out), where that is recorded.
    """

    delivery: Delivery = field(default_factory=Delivery, metadata=INLINE)
    person: str
    offer: str
    start: str
    end: str = ""
    price: str = ""
    arm: str = ""


@dataclass(frozen=True, kw_only=True)
class PricesToml:
    """`[prices]`: the price list: `plan`, valid from `start` to `end` (its last day), `price`."""

    delivery: Delivery = field(default_factory=Delivery, metadata=INLINE)
    plan: str
    start: str
    end: str = ""
    price: str


@dataclass(frozen=True, kw_only=True)
class PersonsToml:
    """`[persons]`: which customer numbers (`customer`) are one person or household (`person`)."""

    delivery: Delivery = field(default_factory=Delivery, metadata=INLINE)
    customer: str
    person: str
