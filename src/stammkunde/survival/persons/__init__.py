"""Persons, not contracts: paid units of a person, who comes back, and what coming back does."""

from stammkunde.survival.persons.frailty import OrderEffect, order_effect
from stammkunde.survival.persons.paid import occupancy, paid_units
from stammkunde.survival.persons.patterns import Patterns, patterns_of, without_terms
from stammkunde.survival.persons.returners import SignupCounts, Signups, signups, signups_from

__all__ = [
    "OrderEffect",
    "Patterns",
    "SignupCounts",
    "Signups",
    "occupancy",
    "order_effect",
    "paid_units",
    "patterns_of",
    "signups",
    "signups_from",
    "without_terms",
]
