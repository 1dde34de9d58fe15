"""The calendar: months unlike others, cohorts, and what cannot be told apart."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from stammkunde import chapters as tell
from stammkunde.chapters.lifetimes.cohorts import begun_late, period_name
from stammkunde.report.figures import draw
from stammkunde.report.words import Words
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.read import spells_from
from stammkunde.survival.calendar import calendar_ratio, cohort_survival, lexis_of_spells
from stammkunde.survival.kaplan_meier import kaplan_meier
from tests.chapters.calendars import customers, ids, results, risen, spells_of, told
from tests.chapters.lives import CONTRACTS, PURCHASES, is_sayable, said, study

pytestmark = pytest.mark.long

TERMS = (
    "[[terms]]\nsigned_from = 2010-01-01\nminimum_months = 24\nrenewal_months = 12\n"
    "[[terms]]\nsigned_from = 2017-03-01\n"
)


def test_the_numbers_are_those_of_the_kernel(tmp_path):
    frame = customers(times={26: 3.0})
    section = told(tmp_path, frame, risen(date(2017, 3, 1)))
    diagram = lexis_of_spells(spells_of(frame))
    after = ["2017-03", "2017-04", "2017-05"]
    apart = [*after, "2017-06", "2017-07", "2017-08"]
    months = calendar_ratio(diagram, apart=apart)
    found = results(section)
    for period in months.periods[-12:]:
        shown, kernel = found[f"lifetimes.calendar.ratio.{period}",], months.at(period)
        assert (shown.value, shown.low, shown.high) == (kernel.value, kernel.low, kernel.high)
        assert shown.assumptions == ("cohorts_alike",)
    cohorts = cohort_survival(diagram, (6, 12), by="quarter")
    for name in ("2015-Q1", "2016-Q4"):
        shown = found["lifetimes.calendar.survival.6", name]
        assert shown.value == cohorts[name][6].value
    joined = calendar_ratio(diagram, by={"after": after}, apart=apart).at("after")
    assert found["lifetimes.calendar.after_rises",].value == joined.value


def test_months_above_and_below_are_counted(tmp_path):
    frame = customers(each=300, times={20: 3.0, 30: 0.1})
    text = said(told(tmp_path, frame))
    # the first month has less than a tenth of the usual number of customers
    assert text.startswith("In 1 of 35 months more left")
    assert "most in September\xa02016" in text
    assert "fewest in July\xa02017" in text
    only = said(told(tmp_path, customers(each=300, times={30: 0.05})))
    assert "fewer left than time as a customer alone" in only


def test_terms_are_compared_with_their_like(tmp_path):
    """Who signed before March 2017 cannot leave for 24 months: without the terms, all is odd."""
    frame = customers(months=60, each=200, free_from=26)
    spells = spells_of(frame, close=date(2020, 1, 1))
    known = tell.calendar(study(tmp_path, more=TERMS), spells, Beside())
    assert "No month stands out" in said(known)
    assert "and equal terms" in said(known)
    blind = tell.calendar(study(tmp_path), spells, Beside())
    assert "beyond chance" in said(blind)
    assert is_sayable(known)
    assert is_sayable(blind)


@pytest.mark.parametrize(("months", "stay"), [(36, 28), (13, 28), (13, 20), (2, 2)])
def test_who_all_leave_within_a_month_make_no_month_odd(tmp_path, months, stay):
    """Begun on any day, gone within `stay` days: in how many calendar months is their days' doing.

    The months of start are seen in part; the last ones hold those who began on their first days.
    """
    random = np.random.default_rng(1)
    begin = [
        date(2015, 1, 1) + timedelta(days=int(d)) for d in random.integers(0, 30 * months, 400)
    ]
    last = [d + timedelta(days=int(random.integers(0, stay))) for d in begin]
    frame = pd.DataFrame({"who": range(400), "begin": begin, "last": last})
    for close in (date(2018, 1, 1), begin[0] + timedelta(days=200), max(begin)):
        spells = spells_of(frame[frame.begin < close], close=close)
        section = tell.calendar(study(tmp_path), spells, Beside())
        assert "beyond chance; " not in said(section)
        assert is_sayable(section)


def test_with_few_leavers_quarters_are_shown_and_with_fewer_nothing(tmp_path):
    quarters = told(tmp_path, customers(each=12, hazard=0.01))
    names = [p.at for p in quarters.figures[0].points]
    assert names[-1] == date(2017, 10, 1)
    assert {d.month for d in names} <= {1, 4, 7, 10}
    assert "quarter" in said(quarters)
    assert is_sayable(quarters)
    none = told(tmp_path, customers(each=12, hazard=0.0005))
    assert ids(none) == ["separate"]
    assert [f.kind for f in none.figures] == ["heat"]
    assert is_sayable(none)


def test_both_pictures_can_be_drawn(tmp_path):
    section = told(tmp_path, customers(), risen(date(2017, 3, 1)))
    assert [f.kind for f in section.figures] == ["series", "heat"]
    for figure in section.figures:
        for language in ("de_DE", "en_GB"):
            for narrow in (False, True):
                assert draw(figure, Words(language), narrow).startswith("<svg")


def test_a_cohort_ends_where_few_are_at_risk(tmp_path):
    frame = customers(each=60, hazard=0.02)
    cells = told(tmp_path, frame, report="least_at_risk = 100\n").figures[-1].cells
    spells = lexis_of_spells(spells_of(frame))
    for name, row in zip(cells.rows, cells.values, strict=True):
        quarter = f"{name.values['year']}-Q{name.values['number']}"
        months = [t for n, t in spells.tables.items() if in_quarter(n) == quarter]
        curve = kaplan_meier(months[0] + months[1] + months[2])
        for tenure, value in zip(cells.columns, row, strict=True):
            if value is not None:
                assert curve.at_risk[tenure - 1] >= 100
                assert value == curve.at(tenure).value
    assert any(value is None for row in cells.values for value in row)


def in_quarter(month):
    return f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}"


def test_years_and_months_name_cohorts_where_they_fit(tmp_path):
    few = told(tmp_path, customers(months=12, each=100)).figures[-1]
    assert [r.key for r in few.cells.rows[:1]] == ["cohort.month"]
    spells = spells_of(customers(months=60), close=date(2020, 1, 1))
    many = tell.calendar(study(tmp_path), spells, Beside()).figures[-1]
    assert [Words("en_GB").text(r) for r in many.cells.rows] == [str(2015 + i) for i in range(5)]


def test_a_month_of_which_only_the_first_days_were_seen_is_no_cohort(tmp_path):
    """Begun on any day: of the last month only those of the 1st were seen for a whole month."""
    frame = customers(months=12, each=60)
    spread = [d.replace(day=1 + i % 28 if i % 5 else 1) for i, d in enumerate(frame.begin)]
    frame = frame.assign(begin=spread, last=None)
    for close, last, hidden in (
        (date(2016, 1, 1), "2015-11", 1),
        (date(2015, 12, 31), "2015-11", 0),
        (date(2016, 1, 31), "2015-12", 0),
    ):
        spells = spells_of(frame[frame.begin < close], close=close)
        asked = study(tmp_path)
        picture = tell.calendar(asked, spells, Beside()).figures[-1]
        assert Words("en_GB").text(picture.cells.rows[-1]) == Words("en_GB").say(period_name(last))
        assert picture.table.note.values["hidden"] == hidden


@pytest.mark.parametrize(
    ("close", "unit", "late"),
    [
        (date(2022, 1, 1), "month", {"2021-12"}),
        (date(2021, 12, 31), "month", {"2021-12"}),
        (date(2021, 12, 29), "month", {"2021-11", "2021-12"}),
        (date(2022, 1, 1), "day", set()),
        (date(2022, 1, 1), "quarter", {"2021-10", "2021-11", "2021-12", "2021-Q4"}),
        (date(2022, 1, 1), "year", {*(f"2021-{m:02d}" for m in range(1, 13)), "2021-Q3", "2021-Q4"}
         | {"2021-Q1", "2021-Q2", "2021"}),
        (None, "year", set()),
    ],
)  # fmt: skip
def test_cohorts_begun_too_late_are_known_by_their_first_month(close, unit, late):
    months = [f"2021-{m:02d}" for m in range(1, 13)]
    periods = [*months, *(f"2021-Q{q}" for q in range(1, 5)), "2020", "2021"]
    assert begun_late(periods, close, unit) - {"2020"} == late


def test_a_single_odd_month_is_told_with_whether_it_follows_a_rise(tmp_path):
    frame = customers(each=300, times={20: 3.0})
    for rise, told_ in (
        (date(2016, 8, 1), "fall within"),
        (date(2017, 8, 1), "do not fall within"),
    ):
        section = told(tmp_path, frame, risen(rise))
        said_ = said(section)
        assert f"The leavers in September\xa02016 {told_} the 6 months after" in said_, said_
        assert is_sayable(section)


DEGENERATE = {
    "one customer": customers(months=1, each=1),
    "one cohort": customers(months=1, each=50),
    "all stay": customers(each=20, hazard=0.0),
    "all leave in the first month": customers(each=20, hazard=1.0),
    "two cohorts that never meet": pd.concat(
        [customers(months=1, each=40, hazard=1.0), customers(each=40)[-40:]]
    ),
    "few who come back": customers(months=6, each=4, contracts=4),
    "a contract a day": customers(months=36, each=1),
}


@pytest.mark.parametrize("case", DEGENERATE)
def test_degenerate_data_give_sentences(tmp_path, case):
    for beside in (Beside(), risen(date(2017, 3, 1))):
        section = told(tmp_path, DEGENERATE[case], beside)
        assert section.left_out or section.findings
        assert is_sayable(section)
        for figure in section.figures:
            assert draw(figure, Words("de_DE"))


def test_snapshots_and_purchases_are_left_out_with_the_reason(tmp_path):
    words = Words("en_GB")
    spells = spells_of(customers(months=4))
    rule = tell.calendar(study(tmp_path, data=PURCHASES), spells, Beside())
    assert words.say(rule.left_out).startswith("Without a contract a rule decides")
    counted = spells_from(pd.DataFrame({"t": [3, 4], "g": [1, 0]}), tenure="t", left="g")
    undated = tell.calendar(study(tmp_path, data=CONTRACTS), counted, Beside())
    assert words.say(undated.left_out).startswith("The data do not say on which day")


def test_the_order_of_rows_and_a_shift_of_all_by_years_change_nothing(tmp_path):
    frame = customers(times={26: 3.0})
    beside = risen(date(2017, 3, 1))
    plain = told(tmp_path, frame, beside)
    mixed = told(tmp_path, frame.sample(frac=1, random_state=2), beside)
    assert results(plain) == results(mixed)
    asked = study(tmp_path)
    later = frame.assign(
        **{
            c: [None if pd.isna(d) else replace_year(d) for d in frame[c]]
            for c in ("begin", "last")
        }
    )
    names = {"start": "begin", "end": "last", "person": "who"}
    spells = spells_from(later, **names, open=date(2019, 1, 1), close=date(2022, 1, 1))
    moved = tell.calendar(asked, spells, risen(date(2021, 3, 1)))
    both = [
        [e.value for (name, *_), e in results(s).items() if ".ratio." in name]
        for s in (plain, moved)
    ]
    assert both[0] == both[1]


def replace_year(when):
    return when.replace(year=when.year + 4)
