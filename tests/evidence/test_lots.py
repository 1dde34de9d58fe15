"""Was a lot kept, and are the arms of a window alike where they part?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stammkunde.evidence.arms import Arm, weights_of
from stammkunde.evidence.asking.ask import made_of
from stammkunde.evidence.asking.estimand import estimand_of
from stammkunde.evidence.asking.lots import MOST_LEVELS, lot_balance
from stammkunde.evidence.asking.made import Made
from stammkunde.evidence.doubt.balance import Balance, balance_as_dealt
from stammkunde.evidence.staying.clones import Plan, at_unit, chances, followed, followers
from stammkunde.evidence.staying.grace import NEVER, TAKEN, grace_balance
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import Spells
from tests.evidence.asked import question, running, spells_of, world
from tests.evidence.taking import people
from tests.evidence.trials import ARMS, subjects

FIRST, LAST, REACH = 4, 6, 14
DRAWN: dict[str, Any] = {"offer": "call", "on_its_day": True, "assignment": "drawn"}
CALLS: dict[str, Any] = {"treated": "called", "control": "held", **DRAWN}


@cache
def read() -> tuple[Spells, Beside]:
    return world().read()


def lot(**keys: Any) -> tuple[Made, Balance | None]:
    asks = question(**{"name": "lot", "assignment": "drawn", **keys})
    estimand = estimand_of(asks)
    made = made_of(asks, estimand, *read())
    return made, made.unlike


@pytest.mark.long
def test_a_lot_is_checked_in_every_column_row_by_row() -> None:
    """Calls dealt to whoever is there: shares of each level counted by a loop over the calls."""
    _, found = lot(**CALLS)
    assert found is not None
    # a region has 24 levels
    assert {*found.table.column} == {"kind", "met", "tenure"}
    rows = [
        (row.arm, s.kind)
        for row, s in running(spells_of(read()[0]), world().offers, "start")
        if row.offer == "call" and s.from_day(row.start) is not None
    ]
    frame = pd.DataFrame(rows, columns=["arm", "kind"])
    for arm, column in (("called", "treated"), ("held", "control")):
        share = (frame[frame.arm == arm].kind == "a").mean()
        told = found.table[(found.table.column == "kind") & (found.table.level == "a")]
        assert told[column].item() == pytest.approx(share, abs=1e-12)
    assert found.before == found.after
    assert MOST_LEVELS < 24


def test_what_decides_the_arms_is_no_check_of_them() -> None:
    _, found = lot(treated="y", control="n", column="met", day=date(2021, 7, 15), cluster="region")
    assert found is not None
    assert {*found.table.column} == {"kind", "tenure"}


def test_no_lot_no_check() -> None:
    made, _ = lot(treated="y", control="n", column="met")
    subjects = made.subjects
    assert subjects is not None
    chosen = {"assignment": "chosen", "alike": ("kind",)}
    within = {"assignment": "drawn", "alike": ("kind",)}
    for keys in ({**CALLS, **chosen}, {**CALLS, **within}):
        asks = question(name="lot", **keys)
        assert lot_balance(asks, estimand_of(asks), subjects) is None
    # an offer at the start: whom it was drawn among is told by its rows alone
    asks = question("yes", "no", name="lot", offer="welcome", assignment="drawn")
    assert lot_balance(asks, estimand_of(asks), subjects) is None
    asks = question("called", "held", name="lot", **DRAWN)
    assert lot_balance(asks, estimand_of(asks), replace(subjects, groups={}, covariates=())) is None


def test_counts_as_dealt_are_those_of_a_trial_without_weights() -> None:
    rows = subjects(np.random.default_rng(1), 400)
    plain = rows.assign(level=rows.cell.astype(str))
    counts = plain.groupby(["arm", "level"], as_index=False)["n"].sum().assign(column="c")
    made = balance_as_dealt(counts, *ARMS)
    shares = [(rows[rows.arm == a].cell == c).mean() for c in range(3) for a in ARMS]
    assert made.table[["treated", "control"]].to_numpy().ravel() == pytest.approx(shares)
    p, q = np.array(shares).reshape(3, 2).T
    smd = (p - q) / np.sqrt((p * (1 - p) + q * (1 - q)) / 2)
    assert made.table.before.to_numpy() == pytest.approx(smd)
    turned = balance_as_dealt(counts, *reversed(ARMS)).table.before
    assert turned.to_numpy() == pytest.approx(-smd)
    assert balance_as_dealt(counts[:0], *ARMS).before == 0


def weighed(arm: Arm, trial_shares: object) -> dict[tuple[int, float], float]:
    """Return how many of a block have a weight."""
    each = np.round(weights_of(arm, trial_shares)[:, 0][arm.code], 9)  # type: ignore[arg-type]
    frame = pd.DataFrame({"block": arm.block, "weight": each, "n": arm.at_risk})
    return dict(frame.groupby(["block", "weight"])["n"].sum())  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [{}, {"late": True}, {"early": True, "fixed": True}])
def test_followers_are_those_at_risk_in_the_trial(kind: dict[str, bool]) -> None:
    uptake = people(1, 700, units=range(FIRST, 10), **kind).uptake(REACH)
    known = chances(uptake, REACH)
    plans = (
        Plan(name=TAKEN, without=FIRST - 1, by=LAST),
        Plan(name=NEVER, without=REACH),
    )
    for plan in plans:
        whole = followed(uptake, plan, known, REACH)
        for unit in (FIRST, LAST, LAST + 2):
            own, cell = followers(uptake, plan, known, unit)
            assert weighed(own, known.shares) == weighed(at_unit(whole, unit), known.shares)
            assert len(cell) == len(own.code)


def test_a_window_is_alike_once_weighted() -> None:
    """Cells that never change decide who takes it: before weighting they differ, after hardly."""
    who = people(2, 6000, fixed=True)
    uptake = who.uptake(REACH)
    levels = pd.DataFrame({"cell": ["low", "high"]})
    found = grace_balance(uptake, FIRST + 1, LAST + 1, levels)
    assert found.before > 0.3
    assert found.after < 0.1
    # the share of each cell among those who hold it at the end of the window, by a loop
    t = LAST + 1
    there = (who.entry <= FIRST) & (who.exit >= t) & (who.taken > FIRST) & (who.taken <= t)
    there &= who.entry < t
    share = (who.cell[there, t - 1] == 1).mean()
    told = found.table[found.table.level == "high"].treated.item()
    assert told == pytest.approx(share, abs=1e-12)


def test_without_an_effect_a_window_of_one_unit_is_alike_exactly() -> None:
    uptake = people(3, 2000, units=range(FIRST, FIRST + 1), fixed=True).uptake(REACH)
    levels = pd.DataFrame({"cell": ["low", "high"]})
    found = grace_balance(uptake, FIRST, FIRST, levels)
    assert found.before > 0.3
    assert found.after < 1e-12
    assert (found.treated, found.control) == (TAKEN, NEVER)
