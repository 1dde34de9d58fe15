"""The energy supplier as it is, drawn and computed once for all tests."""

from __future__ import annotations

from functools import cache

import pandas as pd

from stammkunde.worlds import find
from stammkunde.worlds.musterstrom import effects, future, lots, policies, process
from stammkunde.worlds.musterstrom.dates import dated
from stammkunde.worlds.musterstrom.draw import Drawn, draw
from stammkunde.worlds.musterstrom.expect import Course, run
from stammkunde.worlds.musterstrom.watched import Watched, watched

KIND = find("musterstrom")
NOW = process.policy_of(KIND.world().levers)
SEED = 1
LOTS = ("call", "wine", "reminder")


@cache
def drawn_once() -> Drawn:
    return draw(NOW, seed=SEED, size=KIND.size)


@cache
def contracts_once() -> pd.DataFrame:
    return dated(drawn_once())


@cache
def course_once() -> Course:
    return run(NOW)


@cache
def window_once() -> Watched:
    return watched(NOW, lots.MONTHS)


@cache
def lots_once() -> dict[str, lots.Lot]:
    return lots.lots(window_once(), LOTS)


@cache
def landmark_once() -> effects.Landmark:
    return effects.landmark(window_once())


@cache
def eve_once() -> future.Eve:
    return future.eve(window_once())


@cache
def valued_once() -> dict[str, policies.Valued]:
    return policies.valued(eve_once())


@cache
def told_once() -> dict[str, float]:
    """What is told of the policies, by id."""
    found = valued_once()
    rows = policies.told_of(eve_once(), found, policies.ten_years(window_once(), found))
    return {name: value for name, _, value, _ in rows}
