"""What the client declares about the meaning of its data; nothing of it is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Unit = Literal["day", "week", "month", "quarter", "year"]


@dataclass(frozen=True, kw_only=True)
class WindowToml:
    """`[window]`: first observed day, the day after the last one, the unit of tenure."""

    open: date | None = None
    close: date | None = None
    unit: Unit = "month"


@dataclass(frozen=True, kw_only=True)
class LapseToml:
    """`[lapse]`: days without a purchase until a customer counts as gone; other rules."""

    gap_days: int
    compare_days: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SpellsToml:
    """`[spells]`: what one spell is, and when a new contract of the same person is a return.

    `per` "contract": every contract is a spell. `per` "person": contracts of one person that run at
    the same time, or follow one another with at most `merge_gap_days` days between them, are one
    spell. A later spell within `return_days` of the end of the last is a return; after that, or
    where it is 0, a new customer's.
    """

    per: Literal["contract", "person"] = "contract"
    merge_gap_days: int = 0
    return_days: int = 0


@dataclass(frozen=True, kw_only=True)
class CauseToml:
    """`[causes.NAME]`: the delivered reasons that mean this cause, and whether it is controllable.

    An empty reason stays `unknown`; a reason that no cause lists is counted as `unlisted`.
    """

    reasons: tuple[str, ...]
    title: Mapping[str, str]
    controllable: bool = True


@dataclass(frozen=True, kw_only=True)
class TermToml:
    """`[[terms]]`: what was agreed in contracts signed from `signed_from` on, until the next entry.

    Months of the minimum term and of each renewal (0: none), days of notice.
    """

    signed_from: date
    minimum_months: int = 0
    renewal_months: int = 0
    notice_days: int = 0


@dataclass(frozen=True, kw_only=True)
class MoneyToml:
    """`[money]`: the currency of all amounts, whether they are net, the rate of VAT, and the yearly
    interest at which later payments are discounted (0.08; none: they are not).
    """

    currency: str = "EUR"
    net: bool = True
    vat: float = 0.0
    interest: float | None = None


@dataclass(frozen=True, kw_only=True)
class RelevantToml:
    """`[relevant]`: the smallest effect that would change a decision, declared beforehand.

    `months` of expected time as a customer, `share` of customers (0.02: two in a hundred), `money`
    per customer.
    """

    months: float = 0.5
    share: float = 0.02
    money: float = 5.0


@dataclass(frozen=True, kw_only=True)
class AlertToml:
    """`[alert]`: what is at stake in contacting a customer who seems to have gone.

    `cost` of a contact in the currency of `[money]`, `won_back` the share of those gone whom a
    contact wins back, `margin_share` of what they then pay within `months`. `says` names who
    assumes so, by language.
    """

    cost: float
    won_back: float
    margin_share: float
    months: int = 12
    says: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class ChecksToml:
    """`[checks]`: the share of rejected rows beyond which no report is made."""

    most_rejected: float = 0.05


@dataclass(frozen=True, kw_only=True)
class GroupToml:
    """`[groups.NAME]`: a column to tell customers apart by; `cuts` make bands of a number.

    In `[transactions]` the value is that of the first day of the spell, numbers summed.
    """

    column: str
    title: Mapping[str, str]
    cuts: tuple[float, ...] = ()
    levels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class CovariateToml:
    """`[covariates.NAME]`: a further column that may explain who leaves: a number or a level."""

    column: str
    title: Mapping[str, str]
    kind: Literal["number", "level"] = "level"
