"""WHAT goes with leaving: hazards by tenure and by what is known of customers."""

from stammkunde.survival.drivers.alike import Alike, alike, cramers_v
from stammkunde.survival.drivers.arrays import cells_from
from stammkunde.survival.drivers.blocks import by_block
from stammkunde.survival.drivers.cells import Cells, Factor, at_risk, cells_of, events
from stammkunde.survival.drivers.design import Design, Term
from stammkunde.survival.drivers.fading import Fading, fading_test, fading_tests, structural
from stammkunde.survival.drivers.joint import joint_test
from stammkunde.survival.drivers.model import DriverModel, driver_model, hazards, predict
from stammkunde.survival.drivers.ratios import Coefficient
from stammkunde.survival.drivers.screen import Declared, LeftOut, leaking, screened
from stammkunde.survival.drivers.standard import Difference, standardised
from stammkunde.survival.drivers.start import Start, apart_at_start, told_by_start

__all__ = [
    "Alike",
    "Cells",
    "Coefficient",
    "Declared",
    "Design",
    "Difference",
    "DriverModel",
    "Factor",
    "Fading",
    "LeftOut",
    "Start",
    "Term",
    "alike",
    "apart_at_start",
    "at_risk",
    "by_block",
    "cells_from",
    "cells_of",
    "cramers_v",
    "driver_model",
    "events",
    "fading_test",
    "fading_tests",
    "hazards",
    "joint_test",
    "leaking",
    "predict",
    "screened",
    "standardised",
    "structural",
    "told_by_start",
]
