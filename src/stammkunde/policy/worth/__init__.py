"""What customers and rebates are worth where a formula says it: no engine, no draws needed."""

from stammkunde.policy.worth.allocation import (
    Allocation,
    Answering,
    allocated,
    answering,
    best_allocation,
)
from stammkunde.policy.worth.breakeven_rebate import break_even_rebate, break_even_rebate_by_cause
from stammkunde.policy.worth.damper import Damped, damped_at_any_time, damped_by_month
from stammkunde.policy.worth.given import month_factor
from stammkunde.policy.worth.multiples import (
    gain_from_points,
    interest_effect,
    margin_multiple,
    retention_effect,
)
from stammkunde.policy.worth.one_rate import OneRate, base_worth, retention_step
from stammkunde.policy.worth.retained import (
    by_recency,
    discounted_lifetime,
    migration_value,
    retained_value,
)
from stammkunde.policy.worth.saves import Needed, acquisition_needed, cost_per_save, uplift_needed

__all__ = [
    "Allocation",
    "Answering",
    "Damped",
    "Needed",
    "OneRate",
    "acquisition_needed",
    "allocated",
    "answering",
    "base_worth",
    "best_allocation",
    "break_even_rebate",
    "break_even_rebate_by_cause",
    "by_recency",
    "cost_per_save",
    "damped_at_any_time",
    "damped_by_month",
    "discounted_lifetime",
    "gain_from_points",
    "interest_effect",
    "margin_multiple",
    "migration_value",
    "month_factor",
    "retained_value",
    "retention_effect",
    "retention_step",
    "uplift_needed",
]
