"""The garage: its primary results under the lapse rule, their truths, one world.

Under a rule of days no recursion over months gives the truth, so it is counted in other worlds,
from what was drawn and not from files: `python -m tests.validate.worlds_autohaus` writes it beside
this module, with its error.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from stammkunde.survival.table import life_table, life_tables
from stammkunde.worlds import find
from stammkunde.worlds.autohaus import parameters as p
from stammkunde.worlds.autohaus.draw import lives
from stammkunde.worlds.autohaus.visits import DATED_FROM, drawn, visit_rows, with_dirt
from stammkunde.worlds.world import World
from tests.validate.counting import completed_months
from tests.validate.rule import Three
from tests.validate.worlds_files import spells_of
from tests.validate.worlds_musterstrom import stays

KIND = find("autohaus")
HORIZONS, MEAN, COLUMN = (24, 36, 48), 48, "segment"
GROUPS = ("all", *(f"{COLUMN}.{s}" for s in p.SEGMENTS))
IDS = tuple(
    f"{what}.{who}"
    for who in GROUPS
    for what in (*(f"survival.{h}" for h in HORIZONS), f"rmst.{MEAN}")
)
STORED = Path(__file__).with_suffix(".json")
WORLDS, SIZE, FIRST_SEED = 40, 30_000, 20_260_101
CLOSE = np.datetime64(p.CLOSE, "D")


def truths() -> dict[str, float]:
    """Return the stored truths by id: means over worlds."""
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    return {name: float(value) for name, (value, _) in stored["truths"].items()}


def tables(world: World) -> dict[str, pd.DataFrame]:
    """Return the one table of the export that lifetimes are read from."""
    visits = visit_rows(drawn(lives(world.levers, world.seed, world.size), world.seed))
    return {"besuche": with_dirt(visits, world.seed)}


def estimates(seed: int, size: int) -> dict[str, Three]:
    """Return what the product says of one world, by id."""
    world = KIND.world(seed=seed, size=size)
    with spells_of(world, tables(world)) as spells:
        found = stays("all", life_table(spells), HORIZONS, MEAN)
        for level, part in life_tables(spells, by=COLUMN).items():
            found |= stays(f"{COLUMN}.{level}", part, HORIZONS, MEAN)
    return found


def counted(seed: int, size: int) -> dict[str, float]:
    """Return survival and mean of one world by id, from its visits and nothing else."""
    made = drawn(lives(KIND.world().levers, seed, size), seed)
    v = made.lives.visits
    day = made.day[v.month, v.person]
    order = np.lexsort((day, v.person))
    person, day = v.person[order], day[order]
    fresh = np.append(True, (np.diff(person) > 0) | (np.diff(day) > p.LAPSE_DAYS))
    closes = np.append(fresh[1:], True)
    start, latest = day[fresh], day[closes]
    segment = made.lives.segment[person[fresh]]
    return {
        name: value
        for at, who in enumerate(GROUPS)
        for name, value in _followed(start, latest, (segment == at - 1) | (at == 0), who).items()
    }


def _followed(
    start: np.ndarray, latest: np.ndarray, chosen: np.ndarray, who: str
) -> Mapping[str, float]:
    """Return survival and mean of the spells that were chosen, month by month."""
    begun, lapsed = ((x[chosen] - DATED_FROM).astype("datetime64[D]") for x in (start, latest))
    stay = completed_months(begun, lapsed + p.LAPSE_DAYS) + 1
    seen = completed_months(begun, np.full(len(begun), CLOSE))
    survival = [1.0]
    for month in range(1, MEAN + 1):
        there = (stay >= month) & (seen >= month)
        survival.append(survival[-1] * (1 - (stay[there] == month).mean()))
    found = {f"survival.{h}.{who}": float(survival[h]) for h in HORIZONS}
    return found | {f"rmst.{MEAN}.{who}": float(sum(survival[:MEAN]))}


def stored() -> dict[str, object]:
    """Return what is written beside this module: truths with their errors, and the first world."""
    found = [counted(FIRST_SEED + k, SIZE) for k in range(WORLDS)]
    values = {name: np.array([f[name] for f in found]) for name in IDS}
    means = {
        name: (float(x.mean()), float(x.std(ddof=1) / np.sqrt(WORLDS)))
        for name, x in values.items()
    }
    process = {"process_version": KIND.version, "worlds": WORLDS, "size": SIZE}
    return {**process, "first_seed": FIRST_SEED, "first": found[0], "truths": means}


if __name__ == "__main__":
    STORED.write_text(json.dumps(stored(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
