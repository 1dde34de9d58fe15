"""What a client's TOML says of policies: the setting, the policies, and what is assumed.

A number may be typed, or be the name of an `[[assumption]]`.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal

from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.policy.offers.elements import (
    Care,
    CoolOff,
    GlidePath,
    LoyaltyRebate,
    MinimumTerm,
    NewcomerRebate,
    Programme,
    RebateForAll,
    Recovery,
    WinBack,
)
from stammkunde.policy.offers.given import (
    AMOUNT,
    ANY,
    SHARE,
    Amount,
    Given,
    MaybeAmount,
    check_fields,
)
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.tables import INLINE

MaybeMoney = Annotated[Given | None, ANY]
MaybeShare = Annotated[Given | None, SHARE]
# how a typed number is drawn; what was estimated here is a `[[question]]`, and in no ledger yet
Typed = Literal["fixed", "uniform", "triangular", "normal", "lognormal", "beta"]
Said = Literal["literature", "workshop"]
DRAWS = 2_000
MOST_MONTHS = 600


@dataclass(frozen=True, kw_only=True)
class SettingToml:
    """`[setting]`: what all policies have in common: comparator, months, customers, money.

    `comparator` is the policy under which the data were observed; `longer` are more months than the
    horizon, to look at beside it. Money is per month and customer; what is None is counted from the
    data: `price` as the mean of `[prices]` at the close, `margin` from the main table, `signups` a
    month over the last twelve. `margin_share` of what is paid is the margin of purchases. `serve`
    is typed, or what `service`, kinds of events, cost in the last twelve months. `acquisition` is
    money per sign-up, an assumption or a number covariate.
    """

    comparator: str
    horizon: Annotated[int, 1]
    longer: Annotated[int | None, 1] = None
    segments: str = ""
    price: MaybeAmount = None
    margin: MaybeMoney = None
    margin_share: MaybeShare = None
    acquisition: Amount
    serve: MaybeAmount = None
    service: tuple[str, ...] = ()
    handling: Amount = 0.0
    signups: MaybeAmount = None
    arrears: bool = False
    inflation: float = 0.0
    draws: Annotated[int, 1] = DRAWS

    def __post_init__(self) -> None:
        """Refuse numbers beyond their limits."""
        check_fields(self)

    @property
    def further(self) -> int:
        """Return the months of a longer look: twice the horizon where none are declared."""
        return min(self.longer or 2 * self.horizon, MOST_MONTHS)


@dataclass(frozen=True, kw_only=True)
class RulesToml:
    """The elements that customers get, by kind; a name tells two of one kind apart."""

    newcomer_rebate: tuple[NewcomerRebate, ...] = ()
    loyalty_rebate: tuple[LoyaltyRebate, ...] = ()
    rebate_for_all: tuple[RebateForAll, ...] = ()
    glide_path: tuple[GlidePath, ...] = ()
    win_back: tuple[WinBack, ...] = ()
    cool_off: tuple[CoolOff, ...] = ()
    minimum_term: tuple[MinimumTerm, ...] = ()
    care: tuple[Care, ...] = ()
    recovery: tuple[Recovery, ...] = ()
    programme: tuple[Programme, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PolicyToml:
    """`[[policy]]`: what is proposed to all customers, and under `segments` to some others.

    It may be `like` a policy above it, `without` some of its elements (their names); elements of
    the same name take the place of that policy's.

    `dial` is the path of a number (`loyalty.amount`), turned between the ends `dial_to` until the
    policy spends what the policy `spends_as` does.
    """

    name: str
    title: Mapping[str, str]
    like: str = ""
    without: tuple[str, ...] = ()
    dial: str = ""
    spends_as: str = ""
    dial_to: tuple[float, ...] = ()
    rules: RulesToml = field(default_factory=RulesToml, metadata=INLINE)
    segments: Mapping[str, RulesToml] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ElementToml:
    """`[elements.NAME]`: what elements of that name are called in reports, by language."""

    title: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class AssumptionToml:
    """`[[assumption]]`: a number that somebody assumes: what, how sure, who says so, when, why."""

    name: str
    title: Mapping[str, str]
    value: float
    low: float | None = None
    high: float | None = None
    law: Typed = "fixed"
    unit: str = ""
    says: Mapping[str, str]
    when: date
    why: Mapping[str, str]
    source: Said = "workshop"


@dataclass(frozen=True, kw_only=True)
class CorrelationToml:
    """`[[correlation]]`: two assumptions that move together, by `rho` from -1 to 1."""

    first: str
    second: str
    rho: float


@dataclass(frozen=True, kw_only=True)
class RivalToml:
    """`[rival]`: the market in which a rival answers; money per customer.

    `switching_cost` is the highest of evenly spread ones, once; `price` and `margin` are a month's,
    by default the setting's price and the mean margin; `customers` by default today's. A period
    lasts `months`; there are `firms`.
    """

    switching_cost: Amount
    price: MaybeAmount = None
    margin: MaybeAmount = None
    customers: MaybeAmount = None
    months: Annotated[int, 1] = 12
    firms: Annotated[int, 2] = 2

    def __post_init__(self) -> None:
        """Refuse numbers beyond their limits."""
        check_fields(self)


@dataclass(frozen=True, kw_only=True)
class PilotToml:
    """`[pilot]`: an element of a policy dealt by lot before it is decided on.

    `per_customer` and `fixed` are what the pilot costs, `months` how long customers are followed;
    `difference` the smallest effect in months that it shall not miss (None: `relevant.months`).
    """

    policy: str
    element: str
    per_customer: Annotated[float, AMOUNT] = 0.0
    fixed: Annotated[float, AMOUNT] = 0.0
    months: Annotated[int, 1] = 12
    difference: Annotated[float | None, AMOUNT] = None
    begins: date

    def __post_init__(self) -> None:
        """Refuse numbers beyond their limits."""
        check_fields(self)


class Declared(typing.Protocol):
    """The part of a client's TOML that tells of policies."""

    @property
    def setting(self) -> SettingToml | None:
        """Return what all policies have in common."""

    @property
    def policy(self) -> Sequence[PolicyToml]:
        """Return the policies."""

    @property
    def elements(self) -> Mapping[str, ElementToml]:
        """Return what elements are called, by name."""

    @property
    def assumption(self) -> Sequence[AssumptionToml]:
        """Return what is assumed."""

    @property
    def correlation(self) -> Sequence[CorrelationToml]:
        """Return which assumptions move together."""

    @property
    def rival(self) -> RivalToml | None:
        """Return the market with rivals."""

    @property
    def pilot(self) -> PilotToml | None:
        """Return the pilot."""

    @property
    def question(self) -> Sequence[QuestionToml]:
        """Return the questions, whose effects a policy may have."""

    @property
    def data(self) -> DataToml:
        """Return what the data mean."""
