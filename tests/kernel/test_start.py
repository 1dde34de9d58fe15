"""How far the month of start tells a level: by hand, by chance, and where a tariff was replaced."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.spells.read import spells_from
from stammkunde.survival.drivers.cells import OTHER, cells_of
from stammkunde.survival.drivers.start import apart_at_start, told_by_start
from tests.patience import examples


def test_by_hand():
    """Of 80 and 40, ten of the rarer are expected in 30: months of 40 stand alone, the last not.

    First period: 40 of the one, none of the other; second: 20 and 20; third: 20 and 20.
    """
    counts = np.array([[40, 20, 20], [0, 20, 20]])
    assert apart_at_start(counts) == pytest.approx(40 / 120)


def test_less_than_a_tenth_is_next_to_nothing():
    counts = np.array([[500, 500], [49, 451]])
    # in the first half 549 of 1500 hold 183 of the 500 rarer to be expected, and have 49
    assert apart_at_start(counts) == 0.0
    assert apart_at_start(np.array([[500, 0], [17, 483]])) == 1.0


def test_few_are_no_sign():
    assert apart_at_start(np.array([[500, 500], [9, 0]])) == 0.0
    assert apart_at_start(np.array([[500, 500], [0, 0]])) == 0.0


def test_chance_alone_tells_nothing():
    rng = np.random.default_rng(1)
    for share in (0.02, 0.3, 0.5):
        rare = rng.random(4000) < share
        month = rng.integers(0, 60, 4000)
        counts = np.stack([np.bincount(month[rare == x], minlength=60) for x in (False, True)])
        assert apart_at_start(counts) == 0.0


def test_a_change_of_tariff_tells_all():
    counts = np.zeros((2, 60), dtype=np.int64)
    counts[0, :30] = counts[1, 30:] = 50
    assert apart_at_start(counts) == 1.0


@settings(max_examples=examples(50), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), min_size=1, max_size=24))
def test_levels_change_places_and_months_without_starts_do_not_count(months):
    counts = np.array(months).T
    found = apart_at_start(counts)
    assert 0 <= found <= 1
    assert apart_at_start(counts[::-1]) == found
    assert apart_at_start(np.insert(counts, 1, 0, axis=1)) == found
    assert apart_at_start(np.insert(counts, 0, 0, axis=1)) == found


def contracts(kinds: list[str], years: list[int]) -> pd.DataFrame:
    rows = range(len(kinds))
    begins = [date(y, 1 + i % 12, 1) for i, y in zip(rows, years, strict=True)]
    return pd.DataFrame({"who": rows, "from": begins, "to": pd.NaT, "kind": kinds})


def test_of_spells_by_level_and_rare_levels_together():
    frame = contracts(
        ["old"] * 300 + ["new"] * 240 + ["rare"] * 12 + ["odd"] * 4,
        [2020] * 300 + [2022] * 240 + [2020] * 12 + [2022] * 4,
    )
    close = date(2024, 1, 1)
    spells = spells_from(frame, person="who", start="from", end="to", close=close, by="kind")
    cells = cells_of(spells, ["kind"], fewest=14)
    found = {s.level: s for s in told_by_start(spells, cells)}
    assert found.keys() == {"new", OTHER}
    assert (found["new"].reference, found["new"].share, found["new"].spells) == ("old", 1.0, 540)
    # 12 of the rare ones began beside the old ones, and 4 later: too few to stand alone
    assert found[OTHER].share == 0.0


def test_nothing_is_told_where_no_start_is_known():
    frame = pd.DataFrame(
        {"who": range(40), "units": 3, "gone": [0, 1] * 20, "kind": ["a", "b"] * 20}
    )
    spells = spells_from(frame, person="who", tenure="units", left="gone", by="kind")
    assert told_by_start(spells, cells_of(spells, ["kind"])) == ()
