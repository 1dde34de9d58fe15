"""What the energy supplier's offers do, against persons drawn with their days."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pytest

from stammkunde.worlds.musterstrom import effects, lots
from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom.dates import CLOSES, DAY, OPENS, dated
from stammkunde.worlds.musterstrom.draw import draw
from stammkunde.worlds.musterstrom.effect_rows import ALIKE
from stammkunde.worlds.musterstrom.happenings import happened
from tests.validate.counting import completed_months
from tests.worlds.once import KIND, LOTS, NOW, landmark_once, lots_once, window_once

# worlds as large as clients: `make test-full` runs them
pytestmark = pytest.mark.long

SEEDS, FOLDS = range(101, 105), 16
LIMIT = 3.5
Counts = tuple[np.ndarray, np.ndarray, np.ndarray]


@cache
def drawn(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The contracts of a world, and its drawings by lot, each on one of its days."""
    world = draw(NOW, seed=seed, size=KIND.size)
    contracts = dated(world)
    own = contracts[contracts["carried"]].copy()
    start = own["start"].to_numpy().astype("datetime64[D]")
    last = own["last"].to_numpy().astype("datetime64[D]")
    late = completed_months(start, np.full(len(own), OPENS - DAY)) + 1
    own["entry"] = np.where(start >= OPENS, 0, late)
    own["fold"] = (seed - SEEDS[0]) * FOLDS + own["region"] % FOLDS
    own["start"], own["last"] = start, last
    rows = happened(world, contracts)
    named = [f"{n}{held}" for n in LOTS for held in ("", "_held")]
    rows = rows[rows["what"].isin(named) & rows["carried"]]
    care = np.random.default_rng(seed).integers(0, lots.CARE_DAYS, len(rows))
    met = own.loc[rows["contract"]].assign(
        what=rows["what"].to_numpy(),
        on=rows["begins"].to_numpy().astype("datetime64[D]") + care * DAY,
    )
    return own, met[(met["on"] >= OPENS) & (met["on"] < CLOSES)]


def from_day(rows: pd.DataFrame, day: np.ndarray) -> pd.DataFrame:
    """The rows there on their day, with units at risk from it on."""
    start, last = (rows[n].to_numpy().astype("datetime64[D]") for n in ("start", "last"))
    seen = completed_months(day, np.full(len(rows), CLOSES))
    stays = completed_months(day, np.where(np.isnat(last), CLOSES, last)) + 1
    left = ~np.isnat(last) & (stays <= seen)
    there = (start <= day) & (np.isnat(last) | (last >= day))
    there &= completed_months(start, day) >= rows["entry"]
    found = rows.assign(begin=0, finish=np.where(left, stays, seen), left=left)
    return found[there & (found["finish"] > 0)]


def from_start(rows: pd.DataFrame) -> pd.DataFrame:
    found = from_day(rows.assign(entry=0), rows["start"].to_numpy().astype("datetime64[D]"))
    entry = rows["entry"].loc[found.index]
    return found.assign(entry=entry, begin=entry)


def counts(rows: pd.DataFrame, treated: np.ndarray, cell: np.ndarray, units: int) -> Counts:
    """[fold, arm, cell, unit] at risk and leaving, and those seen from time zero on."""
    rows = rows.assign(arm=np.where(treated, 0, 1), cell=cell)
    rows = rows[rows["begin"] < np.minimum(rows["finish"], units)]
    shape = (len(SEEDS) * FOLDS, 2, int(rows["cell"].max()) + 1)
    there, gone, begun = np.zeros((*shape, units + 1)), np.zeros((*shape, units)), np.zeros(shape)
    at = (rows["fold"], rows["arm"], rows["cell"])
    np.add.at(there, (*at, rows["begin"]), 1)
    np.add.at(there, (*at, np.minimum(rows["finish"], units)), -1)
    out = rows[rows["left"] & (rows["finish"] <= units)]
    np.add.at(gone, (out["fold"], out["arm"], out["cell"], out["finish"] - 1), 1)
    new = rows[rows["begin"] == 0]
    np.add.at(begun, (new["fold"], new["arm"], new["cell"]), 1)
    return np.cumsum(there, axis=-1)[..., :units], gone, begun


def difference(there: np.ndarray, gone: np.ndarray, begun: np.ndarray) -> np.ndarray:
    """Expected units, treated less control: cells weighted to stand for all of theirs."""
    weight = begun.sum(axis=-2, keepdims=True) / np.maximum(begun, 1)
    at_risk, left = ((n * weight[..., None]).sum(axis=-2) for n in (there, gone))
    curve = np.cumprod(1 - left / np.maximum(at_risk, 1e-9), axis=-1)
    paid = 1 + curve[..., :-1].sum(axis=-1)
    return np.asarray(paid[..., 0] - paid[..., 1])


def off(parts: list[Counts], truth: float) -> float:
    """By how many Monte Carlo errors what persons show is off; regions of a world are left out."""
    total = [np.add.reduce(n) for n in zip(*parts, strict=True)]
    value = difference(*(n.sum(axis=0) for n in total))
    less = difference(*(n.sum(axis=0) - n for n in total))
    folds = len(less)
    error = np.sqrt((folds - 1) / folds * ((less - less.mean()) ** 2).sum())
    print(f"{value:.4f} {truth:.4f} error {error:.4f}: {(value - truth) / error:.2f}")
    return float((value - truth) / error)


def alike(rows: pd.DataFrame, *names: str) -> np.ndarray:
    found = np.zeros(len(rows), dtype=int)
    for name in names:
        found = 3 * found + rows[name].to_numpy()
    return found


def worlds(make: Callable[[pd.DataFrame, pd.DataFrame], Counts]) -> list[Counts]:
    return [make(*drawn(seed)) for seed in SEEDS]


@pytest.mark.parametrize("known", [ALIKE, (*ALIKE, "hopper")], ids=["columns", "and hopping"])
@pytest.mark.parametrize("horizon", [12, 24])
def test_persons_compared_by_newcomer_rebate(known, horizon):
    def make(own: pd.DataFrame, _: pd.DataFrame) -> Counts:
        rows = from_start(own.assign(terms=(own["signed"] >= p.TERM_BEFORE).astype(int)))
        return counts(rows, rows["newcomer"] == 1, alike(rows, *known), horizon)

    said = effects.newcomers_compared(window_once(), *known).months(horizon)
    # cells are made by base 3, which not all fill
    assert abs(off(worlds(make), said)) < LIMIT


@pytest.mark.parametrize("usage", range(3))
def test_persons_still_there_with_and_without_the_loyalty_rebate(usage):
    def make(own: pd.DataFrame, _: pd.DataFrame) -> Counts:
        rows = from_start(own)
        rows = rows[(rows["entry"] <= 12) & (rows["finish"] > 12) & (rows["usage"] == usage)]
        rows = rows.assign(begin=0, finish=rows["finish"] - 12)
        return counts(rows, rows["loyalty"] == 1, alike(rows), 24)

    assert abs(off(worlds(make), landmark_once().arms(usage=usage).months(24))) < LIMIT


@pytest.mark.parametrize(
    ("axis", "treated", "day", "month", "horizon"),
    [("group", 0, "2022-10-01", 69, 12), ("arm", 1, "2023-01-01", 72, 24)],
)
def test_persons_of_a_day(axis, treated, day, month, horizon):
    def make(own: pd.DataFrame, _: pd.DataFrame) -> Counts:
        rows = from_day(own, np.full(len(own), np.datetime64(day)))
        return counts(rows, rows[axis] == treated, alike(rows), horizon)

    said = effects.on_a_day(window_once(), axis, month, horizon).arms(treated).months(horizon)
    assert abs(off(worlds(make), said)) < LIMIT


@pytest.mark.parametrize("name", LOTS)
@pytest.mark.parametrize("usage", [None, 0, 2])
def test_persons_dealt_by_lot(name, usage):
    def make(_: pd.DataFrame, met: pd.DataFrame) -> Counts:
        rows = met[met["what"].isin([name, f"{name}_held"])]
        rows = rows if usage is None else rows[rows["usage"] == usage]
        rows = from_day(rows, rows["on"].to_numpy().astype("datetime64[D]"))
        return counts(rows, rows["what"] == name, alike(rows), lots.HORIZON)

    at = {} if usage is None else {"usage": usage}
    curves = lots_once()[name].survival(**at)[:, : lots.HORIZON].sum(axis=1)
    assert abs(off(worlds(make), float(curves[0] - curves[1]))) < LIMIT
