"""The energy supplier as it is, drawn and computed once for all tests."""

from __future__ import annotations

from functools import cache

import pandas as pd

from stammkunde.worlds import find
from stammkunde.worlds.musterstrom import effects, lots, process
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
