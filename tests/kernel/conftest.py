"""Data that several tests read: IBM's sample as declared, lung, customers made for scores."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from lifelines.datasets import load_lung

from stammkunde.spells.read import spells_from
from stammkunde.spells.source import fetch
from stammkunde.spells.spells import Spells
from stammkunde.study import read_study
from stammkunde.survival.accuracy.predictions import Predictions, predicted
from stammkunde.survival.drivers.cells import Cells
from stammkunde.survival.drivers.model import driver_model
from stammkunde.survival.table import LifeTable, life_table, life_tables
from stammkunde.workspace import Workspace
from tests.kernel.drivers import cells_by
from tests.kernel.scoring import Rows, simulated

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def telco() -> Spells:
    """Telco through clients/telco.toml; its file is fetched where it is not there."""
    fetch(ROOT, "telco")
    return read_study("telco", workspace=Workspace(ROOT)).spells()


@pytest.fixture(scope="session")
def telco_all(telco: Spells) -> LifeTable:
    return life_table(telco)


@pytest.fixture(scope="session")
def telco_by_contract(telco: Spells) -> dict[str, LifeTable]:
    return life_tables(telco, by="contract")


@pytest.fixture(scope="session")
def lung() -> Spells:
    """Lung in days; sex 1 is male, 2 female."""
    frame = pd.DataFrame(load_lung())
    frame = frame.assign(sex=frame["sex"].map({1: "male", 2: "female"}), gone=frame["status"] == 1)
    return spells_from(frame, tenure="time", left="gone", by=["sex"], unit="day")


@pytest.fixture(scope="session")
def lung_all(lung: Spells) -> LifeTable:
    return life_table(lung)


@pytest.fixture(scope="session")
def lung_by_sex(lung: Spells) -> dict[str, LifeTable]:
    return life_tables(lung, by="sex")


@pytest.fixture(scope="session")
def rows() -> Rows:
    """1500 customers of two factors, one spell each."""
    return simulated(1500, 1)


@pytest.fixture(scope="session")
def cells(rows: Rows) -> Cells:
    return cells_by(rows)


@pytest.fixture(scope="session")
def fitted(cells: Cells) -> Predictions:
    return Predictions.in_sample(predicted(driver_model(cells)))
