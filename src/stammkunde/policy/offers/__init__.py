"""WHAT is proposed: offers and care as data, put together to policies and applied to a market.

An element says what customers get and how they react; a `Policy` is a named set of them; `applied`
makes of it lives, returns and money for the engine; `worth` says what that is worth; `dialled`
turns one number until a policy spends what another does.
"""

from stammkunde.policy.offers.applied import Applied, applied
from stammkunde.policy.offers.behaviour import Behaviour, Reaction, When
from stammkunde.policy.offers.elements import (
    Care,
    CoolOff,
    Element,
    GlidePath,
    LoyaltyRebate,
    MinimumTerm,
    NewcomerRebate,
    Population,
    Programme,
    RebateForAll,
    Recovery,
    WinBack,
)
from stammkunde.policy.offers.equal_spend import Dialled, dialled, spend_at_means, turned
from stammkunde.policy.offers.estimated import Estimated, named_effects, with_effects
from stammkunde.policy.offers.given import resolve, under
from stammkunde.policy.offers.listed import at_list_price
from stammkunde.policy.offers.market import Complaints, Market, Segment
from stammkunde.policy.offers.money import Stream
from stammkunde.policy.offers.played import Played
from stammkunde.policy.offers.policy import Policy
from stammkunde.policy.offers.programme import fixed_by_month
from stammkunde.policy.offers.steps import Step
from stammkunde.policy.offers.worth import Worth, value_by_month, worth, worths

__all__ = [
    "Applied",
    "Behaviour",
    "Care",
    "Complaints",
    "CoolOff",
    "Dialled",
    "Element",
    "Estimated",
    "GlidePath",
    "LoyaltyRebate",
    "Market",
    "MinimumTerm",
    "NewcomerRebate",
    "Played",
    "Policy",
    "Population",
    "Programme",
    "Reaction",
    "RebateForAll",
    "Recovery",
    "Segment",
    "Step",
    "Stream",
    "When",
    "WinBack",
    "Worth",
    "applied",
    "at_list_price",
    "dialled",
    "fixed_by_month",
    "named_effects",
    "resolve",
    "spend_at_means",
    "turned",
    "under",
    "value_by_month",
    "with_effects",
    "worth",
    "worths",
]
