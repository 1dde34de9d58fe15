"""The calendar: months unlike others, price rises before and after, and what cannot be told."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from stammkunde import chapters as tell
from stammkunde.report.figures import draw
from stammkunde.report.words import Words
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.beside.rises import price_rises
from stammkunde.spells.delivery.engine import connect, keep
from stammkunde.spells.read import spells_from
from stammkunde.spells.spells import SideTable, Tally
from stammkunde.survival.calendar import calendar_ratio
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.lexis import cohort_survival, lexis
from tests.chapters.lives import CONTRACTS, PURCHASES, is_sayable, said, study, untraced

FIRST = 12 * 2015
TERMS = (
    "[[terms]]\nsigned_from = 2010-01-01\nminimum_months = 24\nrenewal_months = 12\n"
    "[[terms]]\nsigned_from = 2017-03-01\n"
)


def day(month: int, in_month: int = 1) -> date:
    return date(month // 12, month % 12 + 1, in_month)


def customers(*, months=36, each=60, hazard=0.02, times=None, seed=1, free_from=0, contracts=1):
    """Return customers of `months` cohorts from 2015 on, leaving at `hazard` in each month.

    `times` multiplies it in months counted from 2015. Cohorts before `free_from` leave not at all
    in their first 24 months. A person has so many `contracts`.
    """
    random = np.random.default_rng(seed)
    start = np.repeat(np.arange(months), each)
    gone = np.full(len(start), -1)
    for now in range(months):
        level = hazard * (times or {}).get(now, 1)
        bound = (start < free_from) & (now - start < 24)
        leaves = (start <= now) & (gone < 0) & ~bound & (random.random(len(start)) < level)
        gone[leaves] = now
    return pd.DataFrame(
        {
            "who": [f"K{i // contracts}" for i in range(len(start))],
            "begin": [day(FIRST + s) for s in start],
            "last": [day(FIRST + g, 20) if g >= 0 else None for g in gone],
        }
    )


def spells_of(frame, close=None, **asked):
    close = close or date(2018, 1, 1)
    names = {"start": "begin", "end": "last", "person": "who"}
    return spells_from(frame, **names, close=close, open=date(2015, 1, 1), **asked)


def priced(*rows):
    """Return the tables beside, with a price list of (plan, first day, last day, cents)."""
    frame = pd.DataFrame(rows, columns=["plan", "start", "last", "price"])
    relation = keep(connect(), frame).cast({"start": "date", "last": "date", "price": "int64"})
    return Beside(prices=SideTable(relation, Tally(len(frame), len(frame), 0, 0), (), frame[:0]))


def risen(*days, plan="A", price=1000):
    """Return a price list that rises by a tenth on each of the days."""
    firsts = [date(2010, 1, 1), *days]
    lasts = [*(date.fromordinal(d.toordinal() - 1) for d in days), None]
    return priced(
        *(
            (plan, a, b, round(price * 1.1**i))
            for i, (a, b) in enumerate(zip(firsts, lasts, strict=True))
        )
    )


def told(folder, frame, beside=None, **asked):
    return tell.calendar(study(folder, **asked), spells_of(frame), beside or Beside())


def results(section):
    return {(r.id, *r.group.values()): r.estimate for r in section.results}


def ids(section):
    return [f.id.removeprefix("lifetimes.calendar.") for f in section.findings]


def test_more_after_a_price_rise_is_told_with_what_was_before(tmp_path):
    """In March, April and May 2017 three times as many leave."""
    frame = customers(times=dict.fromkeys((26, 27, 28), 3.0))
    section = told(tmp_path, frame, risen(date(2017, 3, 1)))
    assert ids(section) == ["rises", "months", "separate"]
    found = results(section)
    after = found["lifetimes.calendar.after_rises",]
    assert after.low < 3 < after.high
    before = found["lifetimes.calendar.before_rises",]
    assert before.low < 1 < before.high
    assert found["lifetimes.calendar.rises",].value == pytest.approx(after.value / before.value)
    assert said(section).startswith("In the 3 months after the price rise of 1\xa0March\xa02017 ")
    assert "3 of the 3 with more lie within the 6 months after a price rise." in said(section)
    assert section.findings[0].importance == 0.4
    assert is_sayable(section)
    assert untraced(section) == []


def test_the_numbers_are_those_of_the_kernel(tmp_path):
    frame = customers(times={26: 3.0})
    section = told(tmp_path, frame, risen(date(2017, 3, 1)))
    diagram = lexis(spells_of(frame))
    apart = ["2017-03", "2017-04", "2017-05"]
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
    joined = calendar_ratio(diagram, by={"after": apart}, apart=apart).at("after")
    assert found["lifetimes.calendar.after_rises",].value == joined.value


def test_without_any_calendar_effect_a_rise_is_not_blamed(tmp_path):
    section = told(tmp_path, customers(), risen(date(2017, 3, 1)))
    assert "than before is not established" in said(section)
    assert "No month stands out" in said(section)
    assert section.figures[0].title.key == "calendar.figure.none"
    assert is_sayable(section)


def test_fewer_after_a_rise_is_told_too(tmp_path):
    frame = customers(each=200, times=dict.fromkeys((23, 24, 25), 3.0))
    section = told(tmp_path, frame, risen(date(2017, 3, 1)))
    assert "not more left than before, but fewer" in said(section)
    assert is_sayable(section)


def test_few_leavers_beside_a_rise_say_nothing(tmp_path):
    frame = customers(each=200, times=dict.fromkeys((23, 24, 25, 26, 27, 28), 0.005))
    section = told(tmp_path, frame, risen(date(2017, 3, 1)))
    assert "these data do not say" in said(section)
    assert results(section)["lifetimes.calendar.rises",].reason == "too_few_leavers"
    assert is_sayable(section)


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
    spells = lexis(spells_of(frame))
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


def test_price_rises_are_told_from_other_changes():
    """A rises by 10 %, falls, and was free once; B rises by 20 % on a day on which A is ended."""
    list_ = priced(
        ("A", date(2015, 1, 1), date(2015, 12, 31), 1000),
        ("A", date(2016, 1, 1), date(2016, 6, 30), 1100),
        ("A", date(2016, 7, 1), date(2016, 12, 31), 0),
        ("A", date(2017, 1, 1), date(2017, 5, 31), 900),
        ("B", date(2015, 1, 1), date(2017, 6, 30), 500),
        ("B", date(2017, 7, 1), None, 600),
    ).prices
    one, two = price_rises(list_)
    assert (one.day, one.plans, one.every) == (date(2016, 1, 1), ("A",), False)
    assert one.share == pytest.approx(0.1)
    assert (two.day, two.plans, two.every) == (date(2017, 7, 1), ("B",), True)
    assert two.share == pytest.approx(0.2)
    assert price_rises(None) == ()


def test_several_plans_on_one_day_are_one_rise_the_largest():
    rows = [(p, date(2015, 1, 1), date(2016, 1, 31), 1000) for p in "AB"]
    rows += [("A", date(2016, 2, 1), None, 1050), ("B", date(2016, 2, 1), None, 1200)]
    (rise,) = price_rises(priced(*rows).prices)
    assert (rise.plans, rise.every) == (("A", "B"), True)
    assert rise.share == pytest.approx(0.2)


def test_at_most_six_rises_are_marked_and_a_rise_in_the_middle_of_a_month_counts_from_the_next(
    tmp_path,
):
    days = [date(2015 + i // 4, 1 + 3 * (i % 4), 15) for i in range(11)]
    section = told(tmp_path, customers(), risen(*days))
    assert len(section.figures[0].marks) == 6
    assert is_sayable(section)
    one = told(tmp_path, customers(times={27: 4.0}), risen(date(2017, 3, 15)))
    frame = lexis(spells_of(customers(times={27: 4.0})))
    later = ["2017-04", "2017-05", "2017-06"]
    kernel = calendar_ratio(frame, by={"x": later}, apart=later).at("x")
    assert results(one)["lifetimes.calendar.after_rises",].value == kernel.value


def test_a_rise_whose_months_were_not_all_observed_is_marked_and_not_compared(tmp_path):
    section = told(tmp_path, customers(), risen(date(2017, 11, 1)))
    assert len(section.figures[0].marks) == 1
    assert ids(section) == ["months", "separate"]
    assert not section.tables


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


def test_a_remark_says_that_a_rise_was_of_some_plans_only(tmp_path):
    rows = [("B", date(2010, 1, 1), None, 500)]
    rows += [("A", date(2010, 1, 1), date(2017, 2, 28), 1000), ("A", date(2017, 3, 1), None, 1100)]
    section = told(tmp_path, customers(), priced(*rows))
    remarks = [Words("en_GB").say(r) for r in section.findings[0].remarks]
    assert "A price rise concerned only some of the plans; all customers are counted." in remarks
    assert Words("de_DE").say(section.figures[0].marks[0].label) == "+10\xa0% (A)"
