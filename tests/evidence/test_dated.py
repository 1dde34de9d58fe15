"""Customers on a day, and the months around it: against a plain loop over contracts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import ibis
import numpy as np
import pandas as pd
import pytest

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.evidence.dates.calendar import event_study
from stammkunde.evidence.dates.dated import months_around, on_day, on_days
from stammkunde.spells.blocks import block_of
from stammkunde.spells.months import completed
from stammkunde.spells.read import spells_from
from tests.evidence.contracts import CLOSE, contracts, made, table

DAY = date(2022, 3, 10)


def test_on_a_day_everybody_begins_anew() -> None:
    frame = contracts(200)
    spells = made(frame)
    found = on_day(spells, DAY).relation.execute()
    expected = Counter()
    for s in spells.relation.execute().itertuples():
        start = pd.Timestamp(s.start).date()
        last = None if pd.isna(s.last) else pd.Timestamp(s.last).date()
        if start > DAY or (last is not None and last < DAY) or completed(start, DAY) < s.entry:
            continue
        seen = completed(DAY, CLOSE)
        gone = last is not None and completed(DAY, last) + 1 <= seen
        units = completed(DAY, last) + 1 if gone and last is not None else seen
        expected[s.person, completed(start, DAY), units, gone] += 1
    rows = zip(
        found.person, found["covariate tenure"], found.exit, found.end != "censored", strict=True
    )
    assert Counter(rows) == expected
    assert len(found) > 50
    assert (found.entry == 0).all()
    assert set(found.end) == {"left", "censored"}


def test_who_left_in_an_unfinished_month_of_his_own_has_left() -> None:
    """Begun on 20 November, gone on 24 December: within a whole month of a day in December."""
    frame = pd.DataFrame(
        [("p", date(2022, 11, 20), date(2022, 12, 24)), ("q", date(2022, 1, 1), date(2022, 5, 1))],
        columns=["who", "begin", "end"],
    )
    spells = spells_from(
        frame, start="begin", end="end", person="who", open=date(2021, 1, 1), close=CLOSE
    )
    own = spells.relation.filter(spells.relation.person == "p")
    assert own.end.execute()[0] == "censored"
    found = on_day(spells, date(2022, 12, 1)).relation.execute()
    assert (found.exit[0], found.end[0]) == (1, "left")


def test_months_around_a_day_are_counted_by_the_months_that_customers_begin() -> None:
    spells = made(contracts(120))
    found = months_around(spells, "kind", ["a"], DAY, before=5, after=4)
    expected: Counter[tuple[bool, int, int]] = Counter()
    left: Counter[tuple[bool, int, int]] = Counter()
    for s in spells.to_frame().itertuples():
        start = pd.Timestamp(s.start).date()
        for t in range(s.entry + 1, s.exit + 1):
            month = start.year * 12 + start.month - 1 + t - 1
            period = month - (DAY.year * 12 + DAY.month - 1) - (start.day < DAY.day)
            if -5 <= period < 4:
                key = (s.kind == "a", period, block_of(s.person))
                expected[key] += 1
                left[key] += t == s.exit and s.end != "censored"
    sums = found.groupby(["treated", "period", "block"])[["at_risk", "left"]].sum()
    assert dict(sums.at_risk.items()) == dict(expected)
    assert {k: v for k, v in sums.left.items() if v} == {k: v for k, v in left.items() if v}
    units = found.groupby("cell")["at_risk"].sum()
    assert len(units) > 20, "customers are alike in tenure, to the month"


def test_only_one_cause_counts_where_one_is_asked_for() -> None:
    spells = made(contracts(120))
    r = spells.relation
    why = ibis.ifelse(r.record % 2 == 0, "price", "moved")
    told = replace(spells, relation=r.mutate(end=ibis.ifelse(r.end == "left", why, r.end)))
    both = months_around(told, "kind", ["a"], DAY, before=9, after=9)
    parts = [
        months_around(told, "kind", ["a"], DAY, before=9, after=9, cause=c)
        for c in ("price", "moved")
    ]
    assert both.left.sum() == sum(p.left.sum() for p in parts) > 10
    assert all(p.left.sum() > 3 for p in parts)
    assert all(p.at_risk.sum() == both.at_risk.sum() for p in parts)


@pytest.mark.long
def test_wrong_days() -> None:
    spells = made(contracts())
    for day in (CLOSE, date(2010, 1, 1)):
        with pytest.raises(NotObservedError, match="nobody was"):
            on_day(spells, day)
    with pytest.raises(NotObservedError, match="observed around"):
        months_around(spells, "kind", ["a"], date(2030, 1, 1), before=3, after=3)
    with pytest.raises(ParameterError, match="no months around"):
        months_around(spells, "kind", ["a"], DAY, before=0, after=3)
    with pytest.raises(ParameterError, match="tenure in months"):
        months_around(made(contracts(), "week"), "kind", ["a"], DAY, before=3, after=3)
    with pytest.raises(NotObservedError, match="all customers, or none"):
        event_study(months_around(spells, "kind", ["a", "b"], DAY, before=3, after=3))
    with pytest.raises(ParameterError, match="`kind` has no level `c`"):
        months_around(spells, "kind", ["c"], DAY, before=3, after=3)


@pytest.mark.long
def test_on_their_own_days_with_what_the_table_says() -> None:
    frame = contracts(80)
    spells = made(frame)
    rng = np.random.default_rng(3)
    who = rng.choice(frame.who.unique(), 150)
    days = [date(2021, 2, 1) + timedelta(days=int(d)) for d in 250 * rng.integers(0, 4, 150)]
    arm = rng.choice(["given", "held"], 150)
    rows = pd.DataFrame({"person": who, "start": days, "arm": arm})
    rows.loc[0, "arm"] = None
    given = table(rows.astype({"start": "datetime64[s]"}), "start")
    found = on_days(spells, given).relation.execute()
    expected: Counter[tuple[object, ...]] = Counter()
    for day, part in rows[rows.start < CLOSE].groupby("start"):
        own = on_day(spells, day).relation.execute()
        for r in part.itertuples():
            for s in own[own.person == r.person].itertuples():
                expected[r.person, day, s.exit, s.end, r.arm or "(missing)"] += 1
    start = [pd.Timestamp(d).date() for d in found.start]
    keys = zip(found.person, start, found.exit, found.end, found["covariate arm"], strict=True)
    assert Counter(keys) == expected
    assert len(found) > 20
    assert on_days(spells, given).covariates == ("tenure", "arm")
