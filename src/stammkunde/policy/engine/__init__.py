"""WHAT HAPPENS under a policy: states, lives, returns and today's customers, as exact expectations.

A `Chain` is any model of states and cycles. A `Life` is one time as a customer; `renewed` lets the
same persons come back to new lives; `existing` are today's customers; `Pays` is what they bring;
`value` and `base_value` are what it is worth. `reduced` is the model of one state without returns.

Hazards follow tenure. Where they follow the calendar, too (a price rise that everybody feels in the
same month), the month of sign-up becomes a leading axis, each row with its own hazards and sign-ups
in its month alone; for today's customers that axis is their tenure so far.
"""

from stammkunde.policy.engine.base import (
    Base,
    base_by_month,
    base_value,
    existing,
    residual,
)
from stammkunde.policy.engine.care import cared_for
from stammkunde.policy.engine.chain import Chain, Move, Occupancy, occupancy
from stammkunde.policy.engine.chunks import in_parts
from stammkunde.policy.engine.lives import Life, life, staged
from stammkunde.policy.engine.pays import Pays, worth_by_unit
from stammkunde.policy.engine.reduced import Reduced, reduced
from stammkunde.policy.engine.renewal import Cohorts, renewed
from stammkunde.policy.engine.returns import Return
from stammkunde.policy.engine.value import (
    customers,
    leavers,
    lived,
    money_by_month,
    value,
)
from stammkunde.policy.engine.whereabouts import Whereabouts, whereabouts
from stammkunde.policy.engine.yields import Counted, Yield, by_cycle, total

__all__ = [
    "Base",
    "Chain",
    "Cohorts",
    "Counted",
    "Life",
    "Move",
    "Occupancy",
    "Pays",
    "Reduced",
    "Return",
    "Whereabouts",
    "Yield",
    "base_by_month",
    "base_value",
    "by_cycle",
    "cared_for",
    "customers",
    "existing",
    "in_parts",
    "leavers",
    "life",
    "lived",
    "money_by_month",
    "occupancy",
    "reduced",
    "renewed",
    "residual",
    "staged",
    "total",
    "value",
    "whereabouts",
    "worth_by_unit",
]
