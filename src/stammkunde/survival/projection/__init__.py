"""Beyond the last observed unit: families of curves, how they are chosen, and what they yield."""

from stammkunde.survival.projection.backtest import BackTest, Cut, Trial, back_test, cut_at
from stammkunde.survival.projection.choice import Choice, Outlook, choose, outlook
from stammkunde.survival.projection.contract import contract
from stammkunde.survival.projection.cure import Cure, cure_fraction
from stammkunde.survival.projection.families import CURED, FAMILIES, Family
from stammkunde.survival.projection.fit import Fit, fitted
from stammkunde.survival.projection.habit import TwoReadings, two_readings
from stammkunde.survival.projection.projected import Projection, curve_of, estimate_of, projected
from stammkunde.survival.projection.worth import (
    base_lifetime,
    beta_geometric_lifetime,
    beta_geometric_residual,
    discount,
    ignoring_differences,
    lifetime,
    residual_lifetime,
    retention_elasticity,
    share_beyond,
    still_there,
)

__all__ = [
    "CURED",
    "FAMILIES",
    "BackTest",
    "Choice",
    "Cure",
    "Cut",
    "Family",
    "Fit",
    "Outlook",
    "Projection",
    "Trial",
    "TwoReadings",
    "back_test",
    "base_lifetime",
    "beta_geometric_lifetime",
    "beta_geometric_residual",
    "choose",
    "contract",
    "cure_fraction",
    "curve_of",
    "cut_at",
    "discount",
    "estimate_of",
    "fitted",
    "ignoring_differences",
    "lifetime",
    "outlook",
    "projected",
    "residual_lifetime",
    "retention_elasticity",
    "share_beyond",
    "still_there",
    "two_readings",
]
