"""Price rises: which there are, and whether more left after them than before."""

from __future__ import annotations

from datetime import date

import pytest

from stammkunde.chapters.lifetimes.rises import apart, settling
from stammkunde.report.words import Words
from stammkunde.spells.beside.rises import price_rises
from stammkunde.survival.calendar import calendar_ratio, lexis_of_spells
from tests.chapters.calendars import customers, ids, priced, results, risen, spells_of, told
from tests.chapters.lives import is_sayable, said, untraced

pytestmark = pytest.mark.long


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
    frame = lexis_of_spells(spells_of(customers(times={27: 4.0})))
    later = ["2017-04", "2017-05", "2017-06"]
    apart = [*later, "2017-07", "2017-08", "2017-09"]
    kernel = calendar_ratio(frame, by={"x": later}, apart=apart).at("x")
    assert results(one)["lifetimes.calendar.after_rises",].value == kernel.value


def test_six_months_are_no_yardstick_or_three_where_six_were_too_many():
    months = [f"{y}-{m:02d}" for y in (2015, 2016) for m in range(1, 13)]
    rises = price_rises(risen(*(date(2015, 1, 1), date(2015, 7, 1), date(2016, 1, 1))).prices)
    assert [settling(rises[:n], months) for n in range(4)] == [0, 6, 6, 3]
    assert len(apart(rises, months, 3)) == 9
    assert settling(rises, months[:12]) == 3
    assert settling(rises, months[:6]) == 3
    assert settling(rises, months[:4]) == 0


def test_the_note_names_the_months_left_out(tmp_path):
    section = told(tmp_path, customers(), risen(date(2017, 3, 1)))
    note = Words("en_GB").say(section.figures[0].note)
    assert "the 6 months after each price rise" in note


def test_a_rise_whose_months_were_not_all_observed_is_marked_and_not_compared(tmp_path):
    section = told(tmp_path, customers(), risen(date(2017, 11, 1)))
    assert len(section.figures[0].marks) == 1
    assert ids(section) == ["months", "separate"]
    assert not section.tables


def test_a_remark_says_that_a_rise_was_of_some_plans_only(tmp_path):
    rows = [("B", date(2010, 1, 1), None, 500)]
    rows += [("A", date(2010, 1, 1), date(2017, 2, 28), 1000), ("A", date(2017, 3, 1), None, 1100)]
    section = told(tmp_path, customers(), priced(*rows))
    remarks = [Words("en_GB").say(r) for r in section.findings[0].remarks]
    assert "A price rise concerned only some of the plans; all customers are counted." in remarks
    assert Words("de_DE").say(section.figures[0].marks[0].label) == "+10\xa0% (A)"
