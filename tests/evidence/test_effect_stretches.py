"""Stretches of an effect: where they begin, and how many leavers they need."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.effect import EVERYBODY, Effect, effect_of
from tests.evidence.trials import ARMS

LEAVERS = {ARMS[0]: (2, 2, 2, 20, 20, 2, 2, 2), ARMS[1]: (4, 4, 4, 4, 4, 4, 4, 4)}


def effect(**how: object) -> Effect:
    """Return the effect of 200 customers an arm, of whom so many leave in each unit."""
    rows = []
    for i, (arm, left) in enumerate(LEAVERS.items()):
        parts = pd.DataFrame({"finish": np.arange(1, 9), "end": "left", "n": left})
        rest = pd.DataFrame({"finish": [8], "end": ["censored"], "n": [200 - sum(left)]})
        both = pd.concat([parts, rest])
        rows.append(both.assign(arm=arm, cell=0, begin=0, block=np.arange(9) + i))
    trial = baseline_trial(pd.concat(rows), ARMS, reach=8)
    return effect_of({EVERYBODY: trial}, *ARMS, 8, **how)  # type: ignore[arg-type]


def at_risk(arm: str, unit: int) -> int:
    return 200 - sum(LEAVERS[arm][: unit - 1])


def pooled(arm: str, first: int, last: int) -> float:
    units = range(first, last + 1)
    return sum(LEAVERS[arm][u - 1] for u in units) / sum(at_risk(arm, u) for u in units)


def test_a_spike_stands_alone_where_a_stretch_begins_and_ends_with_it() -> None:
    found = effect(least=6, breaks=(4, 6)).hazards[:, 0, 0]
    for row, arm in zip(found, ARMS, strict=True):
        expected = [pooled(arm, 1, 3)] * 3 + [pooled(arm, 4, 5)] * 2 + [pooled(arm, 6, 8)] * 3
        assert row == pytest.approx(expected, abs=1e-15)


def test_without_breaks_the_spike_spreads_over_its_neighbours() -> None:
    found = effect(least=6).hazards[0, 0, 0]
    assert found[3] > found[0] == found[2]
    assert len(set(np.round(found, 12))) == 3
    assert found[3] == found[3:5].max()


def test_more_leavers_make_longer_stretches() -> None:
    assert len(set(effect(least=1000).hazards[0, 0, 0])) == 1
    assert effect(least=1000).hazards[0, 0, 0, 0] == pytest.approx(pooled(ARMS[0], 1, 8))


def test_breaks_that_leave_too_few_are_left_out() -> None:
    """Two leavers of the treated arm between two breaks are no stretch."""
    assert (effect(least=1000, breaks=(8,)).hazards == effect(least=1000).hazards).all()


def test_breaks_beyond_the_horizon_say_nothing() -> None:
    assert (effect(breaks=(1, 9, 30)).hazards == effect().hazards).all()
