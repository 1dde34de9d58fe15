"""What a policy is made of: rebates, offers to come back, terms, and care.

Units are units of tenure, the first is 1. Where a number stands, the name of an assumption may
stand. `applies` says whether new customers (returners among them), today's, or both get an element.

Of those who could get a rebate a share `take_up` does, when it begins. Takers and others are told
apart in one life: of those still there more take it the better it keeps them, and rebates are paid
to these (see `takers`). Only what customers do by the month for the firm, referrals, counts the
share of the beginning. Of today's customers as many take it as are left at their tenure of those
who took it up at the rate of the policy: where it is not that of today's policy, as if it had
always been so. Under a minimum term, or with complaints, shares are those of customers who are not
bound and content. Rebates are held against the price in full.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from stammkunde.errors import ParameterError, nearest, several
from stammkunde.policy.offers.behaviour import NOTHING, Behaviour
from stammkunde.policy.offers.given import (
    Amount,
    MaybeAmount,
    MaybeUnits,
    Months,
    Share,
    Units,
    check_fields,
)
from stammkunde.policy.offers.steps import Step, contiguous, decreasing, one_of


class Population(StrEnum):
    """Who gets an element."""

    NEW = "new"
    BASE = "base"
    BOTH = "both"


@dataclass(frozen=True)
class NewcomerRebate:
    """Money off the first `months` units of whoever signs up as new: `amount`, or `share` of price.

    At its end a share `hops`: leaves and signs up again as new. With `hassle` it follows from the
    rebate: hassle is even from 0 to that amount, and who saves more than it costs him hops.
    """

    months: Units
    amount: Amount = 0.0
    share: Share = 0.0
    hops: Share = 0.0
    hassle: Amount = 0.0
    behaviour: Behaviour = NOTHING
    applies: Population = Population.NEW
    name: str = "newcomer"
    take_up: Share = 1.0

    def __post_init__(self) -> None:
        """Refuse numbers beyond their limits."""
        _checked(self)
        one_of(self, "amount", "share")
        one_of(self, "hops", "hassle")


@dataclass(frozen=True)
class LoyaltyRebate:
    """Money off from a unit on: `amount` from `from_unit`, or by `steps`.

    With `every`, the amount grows by itself each so many units, up to `cap` a unit.
    """

    from_unit: MaybeUnits = None
    amount: Amount = 0.0
    every: MaybeUnits = None
    steps: tuple[Step, ...] = ()
    cap: MaybeAmount = None
    behaviour: Behaviour = NOTHING
    applies: Population = Population.BOTH
    name: str = "loyalty"
    take_up: Share = 1.0

    def __post_init__(self) -> None:
        """Refuse numbers beyond their limits, and schedules with gaps or overlaps."""
        _checked(self)
        if bool(self.steps) == (self.from_unit is not None):
            raise ParameterError(
                "it begins with a unit and goes by steps" if self.steps else "it never begins",
                where="from_unit",
                remedy="Give `from_unit` and `amount`, or `steps`.",
            )
        if self.steps:
            one_of(self, "amount", "steps")
            one_of(self, "every", "steps")
            contiguous(self.steps)


@dataclass(frozen=True)
class RebateForAll:
    """Money off every unit of everybody: `amount`, or `share` of the price."""

    amount: Amount = 0.0
    share: Share = 0.0
    behaviour: Behaviour = NOTHING
    applies: Population = Population.BOTH
    name: str = "for_all"
    take_up: Share = 1.0

    def __post_init__(self) -> None:
        """Refuse numbers beyond their limits."""
        _checked(self)
        one_of(self, "amount", "share")


@dataclass(frozen=True)
class GlidePath:
    """A newcomer rebate that goes down over tenure: steps from unit 1 on, each below the last."""

    steps: tuple[Step, ...]
    behaviour: Behaviour = NOTHING
    applies: Population = Population.NEW
    name: str = "glide_path"
    take_up: Share = 1.0

    def __post_init__(self) -> None:
        """Refuse a path that does not start at 1, has gaps or overlaps, or goes up."""
        _checked(self)
        contiguous(self.steps, first=1)
        decreasing(self.steps)


@dataclass(frozen=True)
class WinBack:
    """Leavers of `causes` are asked back: a share `reach`, each at `cost`; `won_back` of them come.

    They come `lag` months after the month that follows their leaving, with a rebate of `amount` for
    `months`. `capacity` is the most that can be asked in a month, on average over the horizon.
    `applies` says whose leavers are asked.
    """

    causes: tuple[str, ...]
    won_back: Share
    cost: Amount = 0.0
    reach: Share = 1.0
    capacity: float | None = None
    amount: Amount = 0.0
    months: Months = 0
    lag: Months = 0
    behaviour: Behaviour = NOTHING
    applies: Population = Population.BOTH
    name: str = "win_back"

    def __post_init__(self) -> None:
        """Refuse numbers beyond their limits, no cause, or a rebate for no month."""
        _checked(self)
        if not several(self.causes, "causes"):
            raise ParameterError(
                "nobody is asked back", where="causes", remedy="Name the causes of leaving."
            )
        if self.amount != 0.0 and not self.months:
            raise ParameterError(
                "a rebate is given for 0 months", where="months", remedy="Give 1 month or more."
            )


@dataclass(frozen=True)
class CoolOff:
    """Who comes back within `months` does not count as new: no newcomer rebate, no glide path.

    A share `deterred` of these stays away. Of hoppers a share `stops` does not hop, the others wait
    the months out; where hopping follows from hassle, a month without the service costs `service`.
    """

    months: Units
    deterred: Share = 0.0
    stops: Share = 1.0
    service: Amount = 0.0
    name: str = "cool_off"

    def __post_init__(self) -> None:
        """Refuse numbers beyond their limits."""
        _checked(self)


@dataclass(frozen=True)
class MinimumTerm:
    """New customers leave for `causes` only at the end of `months`, then each `renewal` units.

    Of those who would have left before, a share `pent_up` leaves at the first occasion, if it has
    not left for another cause; the others have thought better of it.
    """

    months: Units
    causes: tuple[str, ...] = ()
    renewal: Units = 1
    pent_up: Share = 1.0
    behaviour: Behaviour = NOTHING
    name: str = "minimum_term"

    def __post_init__(self) -> None:
        """Refuse numbers beyond their limits, or no cause."""
        _checked(self)
        if not several(self.causes, "causes"):
            raise ParameterError(
                "nobody is bound", where="causes", remedy="Name the causes of leaving it binds."
            )


@dataclass(frozen=True)
class Care:
    """A contact or gesture: in its units a share `reach` of customers, drawn anew, each at `cost`.

    Contacts fall at the beginning of unit `from_unit`, and each `every` units after it (None: only
    once), up to `to_unit`. Those reached react `lasts` units long, the first is that of the contact
    (None: a single unit); whom several contacts reach reacts once, until the last has worn off. All
    who are there in a unit are as likely to be among them. An estimated effect goes on from the
    last contact of each customer, its unit 1 is that of the contact; `lasts` ends it (None: as far
    as it was observed, then by its `beyond`). `capacity` is the most contacts in a month, on
    average over the horizon.
    """

    name: str
    cost: Amount = 0.0
    reach: Share = 1.0
    capacity: float | None = None
    from_unit: Units = 1
    to_unit: MaybeUnits = None
    every: MaybeUnits = 1
    lasts: MaybeUnits = None
    behaviour: Behaviour = NOTHING
    applies: Population = Population.BOTH

    def __post_init__(self) -> None:
        """Refuse numbers beyond their limits, and units that end before they begin."""
        _checked(self)
        if self.to_unit is not None and self.to_unit < self.from_unit:
            raise ParameterError(
                f"it ends with unit {self.to_unit} and begins with {self.from_unit}",
                where="to_unit",
                remedy="Care is given in one unit at least.",
            )


@dataclass(frozen=True)
class Recovery:
    """A share `answered` of complaints is answered well, each answer at `cost`.

    Where the market knows of complaints, this takes the place of today's share. Today's customers
    are then as content as if it had always been so: what they bring is an upper bound.
    """

    answered: Share
    cost: Amount = 0.0
    name: str = "recovery"

    def __post_init__(self) -> None:
        """Refuse numbers beyond their limits."""
        _checked(self)


@dataclass(frozen=True)
class Programme:
    """What a policy costs whoever gets it: `once` at the beginning, and `monthly` all along."""

    name: str
    once: Amount = 0.0
    monthly: Amount = 0.0

    def __post_init__(self) -> None:
        """Refuse numbers beyond their limits."""
        _checked(self)


Rebate = NewcomerRebate | LoyaltyRebate | RebateForAll | GlidePath
Element = Rebate | WinBack | CoolOff | MinimumTerm | Care | Recovery | Programme
# what nobody reacts to
UNFELT = CoolOff | Recovery | Programme


def _checked(element: Element) -> None:
    check_fields(element)
    if not element.name:
        raise ParameterError("it has no name", where="name", remedy="Name it.")
    applies = getattr(element, "applies", Population.BOTH)
    if applies not in set(Population):
        raise ParameterError(
            f'it applies to "{applies}"', where="applies", remedy=nearest(applies, list(Population))
        )
    capacity = getattr(element, "capacity", None)
    if capacity is not None and not capacity >= 0:
        raise ParameterError(
            f"it is {capacity}", where="capacity", remedy="Nobody can be asked less than 0 times."
        )
