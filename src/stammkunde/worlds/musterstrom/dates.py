"""Days of the drawn contracts: units that begin on a person's day of the month."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom.draw import Drawn

DAY = np.timedelta64(1, "D")
OPENS, CLOSES = np.datetime64("2020-01-01"), np.datetime64("2026-01-01")


def day_of(month: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Return the days `day` (1 to 28) of months counted from January 2017."""
    months = np.datetime64(f"{p.FIRST_YEAR}-01", "M") + np.asarray(month).astype("timedelta64[M]")
    return months.astype("datetime64[D]") + (np.asarray(day) - 1) * DAY


def dated(drawn: Drawn) -> pd.DataFrame:
    """Return the contracts with the columns of their persons, `start` and `last`.

    A contract of T units ends on the day before start + T months; NaT where the client cannot know
    it at the close. `carried`: false for what had ended before the migration. `customer` is the
    number, which a person who signs again as new gets anew.
    """
    rows = drawn.contracts.join(drawn.persons.drop(columns="month"), on="person")
    start = day_of(rows["signed"].to_numpy(), rows["day"].to_numpy())
    ends = (rows["signed"] + rows["units"]).to_numpy()
    last = day_of(ends, rows["day"].to_numpy()) - DAY
    known = (rows["units"].to_numpy() > 0) & (last < CLOSES)
    last = np.where(known, last, np.datetime64("NaT"))
    size = len(drawn.persons)
    order = _shuffled(size)
    customer = 100_000 + rows["numbers"].to_numpy() * size + order[rows["person"].to_numpy()]
    carried = ~known | (last >= OPENS)
    return rows.assign(start=start, last=last, carried=carried, customer=customer)


def _shuffled(size: int) -> np.ndarray:
    """Return an order of the persons in which neighbours have nothing in common."""
    return np.random.Generator(np.random.PCG64(size)).permutation(size)
