"""The calendar clock: against following every spell by the day, and by hand."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.errors import NotObservedError
from stammkunde.spells.calendar_clock import on_calendar_clock
from stammkunde.spells.months import completed
from stammkunde.spells.read import spells_from
from stammkunde.spells.spells import Spells
from stammkunde.survival.calendar import cohort_survival, lexis_of_spells
from stammkunde.survival.table import life_table, life_tables
from tests.kernel.making import law_holds, lives
from tests.kernel.tables import contracts
from tests.patience import examples

DAYS = [date(2018, 10, 1) + timedelta(days=i) for i in range(700)]


def dated(
    spans: list[tuple[date, date | None]], opens: date | None, closes: date, unit: str = "month"
) -> Spells:
    frame = pd.DataFrame(
        {
            "who": [f"w{i}" for i in range(len(spans))],
            "from": [pd.Timestamp(a) for a, _ in spans],
            "to": [pd.NaT if b is None else pd.Timestamp(b) for _, b in spans],
        }
    )
    return spells_from(
        frame, start="from", end="to", person="who", open=opens, close=closes, unit=unit
    )


def month(day: date) -> int:
    return 12 * day.year + day.month - 1


def first_day(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def by_days(
    spans: list[tuple[date, date | None]], opens: date, closes: date, unit: str
) -> tuple[Counter[tuple[str, int]], Counter[tuple[str, int]]]:
    """Return at_risk and leavers by cohort and calendar month, following every spell by the day."""
    at_risk: Counter[tuple[str, int]] = Counter()
    gone: Counter[tuple[str, int]] = Counter()
    for start, last in spans:
        entry = 0 if start >= opens else completed(start, opens - timedelta(days=1), unit) + 1
        if completed(start, closes, unit) <= entry:
            continue
        watched = start
        while entry and completed(start, watched, unit) < entry:
            watched += timedelta(days=1)
        if last is not None and last < watched:
            continue
        for number in range(month(start), month(closes)):
            if entry and first_day(number) < watched:
                continue
            if last is not None and last < first_day(number):
                continue
            key = (f"{start:%Y-%m}", number - month(start) + 1)
            at_risk[key] += 1
            gone[key] += last is not None and month(last) == number
    return at_risk, +gone


spans = st.lists(
    st.tuples(st.sampled_from(DAYS[:640]), st.one_of(st.none(), st.integers(0, 500))).map(
        lambda x: (x[0], None if x[1] is None else x[0] + timedelta(days=x[1]))
    ),
    min_size=5,
    max_size=60,
)


@given(
    spans,
    st.sampled_from(DAYS[60:200]),
    st.sampled_from(DAYS[641:]),
    st.sampled_from(["month", "month", "week", "quarter", "day"]),
)
@settings(max_examples=examples(24), deadline=None)
@pytest.mark.long
def test_the_clock_counts_what_following_every_day_counts(spells, opens, closes, unit):
    at_risk, gone = by_days(spells, opens, closes, unit)
    spells = [*spells, (date(2019, 9, 1), None)]
    at_risk.update({("2019-09", k + 1): 1 for k in range(month(closes) - month(date(2019, 9, 1)))})
    tables = life_tables(on_calendar_clock(dated(spells, opens, closes, unit)), by="cohort")
    found_risk, found_gone = Counter(), Counter()
    for name, table in tables.items():
        law_holds(table)
        n, d = table.at_risk[0].sum(axis=0), table.moves.sum(axis=(0, 1, 2))
        found_risk.update({(name, t + 1): int(n[t]) for t in np.flatnonzero(n)})
        found_gone.update({(name, t + 1): int(d[t]) for t in np.flatnonzero(d)})
    assert found_risk == at_risk
    assert found_gone == gone


def test_the_first_and_the_last_months_by_hand():
    """Observed from 10 March to 15 August 2020: whole calendar months are April to July."""
    spells = dated(
        [
            (date(2020, 1, 20), date(2020, 7, 31)),  # first whole unit from 20 March on: April
            (date(2020, 2, 1), None),  # from 1 April on
            (date(2020, 3, 12), date(2020, 3, 31)),  # leaves in its own month
            (date(2020, 5, 31), date(2020, 8, 3)),  # August is not whole
        ],
        date(2020, 3, 10),
        date(2020, 8, 15),
    )
    tables = life_tables(on_calendar_clock(spells), by="cohort")
    at_risk = {n: t.at_risk.sum(axis=(0, 1)).tolist() for n, t in tables.items()}
    gone = {n: t.moves.sum(axis=(0, 1, 2)).tolist() for n, t in tables.items()}
    assert at_risk == {
        "2020-01": [0, 0, 0, 1, 1, 1, 1],
        "2020-02": [0, 0, 1, 1, 1, 1],
        "2020-03": [1],
        "2020-05": [1, 1, 1],
    }
    assert gone == {
        "2020-01": [0, 0, 0, 0, 0, 0, 1],
        "2020-02": [0] * 6,
        "2020-03": [1],
        "2020-05": [0, 0, 0],
    }


def test_completed_units_have_no_calendar():
    with pytest.raises(NotObservedError, match=r"needs dates.*Ask for the days"):
        on_calendar_clock(lives([3], [1]))


def test_a_cohort_seen_late_has_no_survival_from_the_start():
    spans = [(date(2019, 1, 5), None)] * 12 + [(date(2020, 2, 5), None)] * 12
    diagram = lexis_of_spells(dated(spans, date(2020, 1, 1), date(2021, 1, 1)))
    found = cohort_survival(diagram, (6,))
    assert (found["2019"][6].value, found["2019"][6].reason) == (None, "not_observed")
    assert found["2020"][6].value == 1


def test_causes_go_along_and_those_not_counted_in_whole_units_are_unknown(tmp_path):
    """The second left on 31 December, 11 days into a month that was not observed whole."""
    text = """
        who, from,       to,         why
        a,   2020-10-01, 2020-12-10, price
        b,   2020-10-20, 2020-12-31, moved
        c,   2020-10-20,           ,
    """
    table = life_table(on_calendar_clock(contracts(tmp_path, text, {"reason": "why"})))
    assert table.causes == ("price", "unknown")
    assert table.moves.sum(axis=(0, 2)).tolist() == [[0, 0, 1], [0, 0, 1]]
    plain = dated(
        [(date(2020, 10, 20), date(2020, 12, 31))] * 2 + [(date(2020, 10, 1), date(2020, 11, 3))],
        None,
        date(2021, 1, 1),
    )
    assert life_table(on_calendar_clock(plain)).causes == ("left",)
