"""WHAT goes with leaving: hazards by tenure and by what is known of customers."""

from stammkunde.survival.drivers.arrays import cells_from
from stammkunde.survival.drivers.blocks import by_block
from stammkunde.survival.drivers.cells import Cells, Factor, at_risk, cells_of, events
from stammkunde.survival.drivers.design import Design, Term
from stammkunde.survival.drivers.fading import Fading, fading_test, fading_tests, structural
from stammkunde.survival.drivers.model import DriverModel, driver_model, hazards, predict
from stammkunde.survival.drivers.ratios import Coefficient
from stammkunde.survival.drivers.screen import LeftOut, screened
from stammkunde.survival.drivers.standard import Difference, standardised

__all__ = [
    "Cells",
    "Coefficient",
    "Design",
    "Difference",
    "DriverModel",
    "Factor",
    "Fading",
    "LeftOut",
    "Term",
    "at_risk",
    "by_block",
    "cells_from",
    "cells_of",
    "driver_model",
    "events",
    "fading_test",
    "fading_tests",
    "hazards",
    "predict",
    "screened",
    "standardised",
    "structural",
]
