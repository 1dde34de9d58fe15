"""WHETHER groups differ, and by how much: months, shares, tests, many groups at once, strata."""

from stammkunde.survival.contrasts.differences import (
    rmst_difference,
    rmst_ratio,
    survival_difference,
)
from stammkunde.survival.contrasts.equality import Test, logrank, stratified_logrank
from stammkunde.survival.contrasts.multiplicity import Contrast, adjusted, against_the_rest
from stammkunde.survival.contrasts.strata import Pair, stratified_difference
from stammkunde.survival.contrasts.uneven import (
    beyond_the_mix,
    heterogeneity,
    stratum_differences,
)

__all__ = [
    "Contrast",
    "Pair",
    "Test",
    "adjusted",
    "against_the_rest",
    "beyond_the_mix",
    "heterogeneity",
    "logrank",
    "rmst_difference",
    "rmst_ratio",
    "stratified_difference",
    "stratified_logrank",
    "stratum_differences",
    "survival_difference",
]
