"""The courses of persons that the engine counts: by hand, and by a plain loop."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from stammkunde.errors import NotObservedError
from stammkunde.spells.read import spells_from
from stammkunde.spells.spells import Spells
from stammkunde.survival.persons import patterns_of
from tests.kernel.making import lives

NAMES = ("entry", "first", "left", "second", "left_again", "block", "count")


def dated(rows: list[tuple[str, date, date | None]], opens: date | None = None) -> Spells:
    frame = pd.DataFrame(rows, columns=["who", "from", "to"])
    frame = frame.assign(to=pd.to_datetime(frame.to), **{"from": pd.to_datetime(frame["from"])})
    names = {"person": "who", "start": "from", "end": "to"}
    return spells_from(frame, open=opens, close=date(2021, 1, 1), **names)


def test_patterns_by_hand():
    found = patterns_of(
        dated(
            [
                ("a", date(2020, 1, 1), date(2020, 3, 31)),
                ("a", date(2020, 6, 1), date(2020, 7, 31)),
                ("a", date(2020, 9, 1), None),  # a third is not looked at
                ("b", date(2020, 2, 1), date(2020, 6, 30)),
                ("b", date(2020, 4, 1), date(2020, 12, 31)),  # beside the first
                ("c", date(2019, 6, 1), date(2020, 2, 29)),
                ("c", date(2020, 12, 15), None),  # not yet a whole unit
                ("d", date(2018, 1, 1), date(2019, 1, 31)),  # over before observation
                ("d", date(2020, 5, 1), None),
                ("e", date(2020, 5, 1), date(2020, 6, 30)),
                ("e", date(2020, 7, 1), None),
            ],
            opens=date(2020, 1, 1),
        )
    )
    columns = [getattr(found, n).tolist() for n in NAMES if n != "block"]
    rows = set(zip(*columns, strict=True))
    assert rows == {(0, 3, 1, 2, 1, 1), (0, 5, 1, 0, 0, 1), (7, 9, 1, 0, 0, 1), (0, 2, 1, 6, 0, 1)}
    assert (found.persons, found.returners, found.events, found.left_out) == (4, 2, 1, 1)


def test_patterns_count_in_the_engine_what_a_loop_counts():
    rng = np.random.default_rng(4)
    rows = []
    for i in range(200):
        day = date(2018, 1, 1) + timedelta(days=int(rng.integers(0, 800)))
        for _ in range(int(rng.integers(1, 4))):
            last = day + timedelta(days=int(rng.integers(10, 400)))
            rows.append((f"p{i}", day, last))
            day = last + timedelta(days=int(rng.integers(1, 200)))
    spells = dated(rows, opens=date(2018, 7, 1))
    found = patterns_of(spells)
    wanted: dict[tuple[int, ...], int] = {}
    for _, own in spells.to_frame().groupby("person"):
        own = own.set_index("spell")
        if 1 not in own.index:
            continue
        one, left = own.loc[1], own.loc[1].end != "censored"
        two = own.loc[2] if 2 in own.index and left else None
        more = (0, 0) if two is None else (two.exit, int(two.end != "censored"))
        key = (one.entry, one.exit, int(left), *more, one.block)
        wanted[key] = wanted.get(key, 0) + 1
    columns = [getattr(found, n).tolist() for n in NAMES]
    assert {r[:-1]: r[-1] for r in zip(*columns, strict=True)} == wanted
    assert found.returners > 20


def test_without_dates_there_is_no_order():
    with pytest.raises(NotObservedError, match="which came first"):
        patterns_of(lives([3, 5], [1, 0], person=["a", "a"]))


def test_terms_are_those_of_the_day_a_spell_began():
    spells = dated(
        [
            ("a", date(2020, 1, 1), date(2020, 3, 31)),
            ("a", date(2020, 6, 1), date(2020, 7, 31)),
            ("b", date(2020, 5, 31), None),
            ("c", date(2020, 6, 1), date(2020, 8, 31)),
            ("c", date(2020, 9, 1), None),
        ]
    )
    found = patterns_of(spells, signed_from=[date(2020, 6, 1), date(2020, 8, 1)])
    rows = zip(found.first, found.second, *found.regimes, strict=True)
    assert set(rows) == {(3, 2, 0, 1), (7, 0, 0, 0), (3, 4, 1, 2)}
    blind = patterns_of(spells)
    assert not blind.regimes[0].any()
    assert not blind.regimes[1].any()
