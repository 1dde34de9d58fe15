"""Deciding under doubt: who leads, what doubt costs, which to resolve, and what would turn it."""

from stammkunde.policy.decide.breakeven import (
    Loyalty,
    Payback,
    breakeven_lift,
    breakeven_loyalty,
    newcomer_value,
    paid_months,
    payback,
)
from stammkunde.policy.decide.course import Course, Crossing, course, crossings
from stammkunde.policy.decide.frontier import (
    Acceptability,
    Frontier,
    Rank,
    Step,
    acceptability,
    frontier,
)
from stammkunde.policy.decide.league import League, Standing, league
from stammkunde.policy.decide.normal import (
    difference_se,
    normal_best,
    normal_evpi,
    normal_evsi,
    normal_regret,
    preposterior_sd,
)
from stammkunde.policy.decide.one_way import (
    Bar,
    Tornado,
    TwoWay,
    tornado,
    tornado_of_draws,
    two_way,
)
from stammkunde.policy.decide.partial import Partial, evppi, evppi_of_each, evsi_of_results
from stammkunde.policy.decide.piloting import BestPilot, Terms, best_pilot, enbs
from stammkunde.policy.decide.sampled import Sampled, evsi_from_draws, pilot_results
from stammkunde.policy.decide.turning import Turn, threshold, threshold_of_draws

__all__ = [
    "Acceptability",
    "Bar",
    "BestPilot",
    "Course",
    "Crossing",
    "Frontier",
    "League",
    "Loyalty",
    "Partial",
    "Payback",
    "Rank",
    "Sampled",
    "Standing",
    "Step",
    "Terms",
    "Tornado",
    "Turn",
    "TwoWay",
    "acceptability",
    "best_pilot",
    "breakeven_lift",
    "breakeven_loyalty",
    "course",
    "crossings",
    "difference_se",
    "enbs",
    "evppi",
    "evppi_of_each",
    "evsi_from_draws",
    "evsi_of_results",
    "frontier",
    "league",
    "newcomer_value",
    "normal_best",
    "normal_evpi",
    "normal_evsi",
    "normal_regret",
    "paid_months",
    "payback",
    "pilot_results",
    "preposterior_sd",
    "threshold",
    "threshold_of_draws",
    "tornado",
    "tornado_of_draws",
    "two_way",
]
