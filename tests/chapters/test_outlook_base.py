"""Today's customers: what is open, what is untried, and what one rate of leaving makes of it."""

from dataclasses import replace

import numpy as np
import pytest

from stammkunde import chapters as tell
from stammkunde.chapters.outlook.usual import direction, missed, one_rate, rate_error, verdict
from stammkunde.chapters.outlook.values import stock_of
from stammkunde.result import Estimate
from tests.chapters.futures import TARIFF, TERMS, check, contracts, delivered, future, numbers
from tests.chapters.lives import said, study, table

RENEW = "older_terms_renew_as_before"
TOTAL = Estimate(value=50.0, low=48.0, high=53.0, unit="month", method="projected")


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """Terms of a year that renewed until 2020, none since."""

    def hazard(tenure, start):
        if start < 12 * 2020:
            return 0.25 if tenure % 12 == 0 else 0.002
        return 0.02

    folder = tmp_path_factory.mktemp("changed")
    return delivered(folder, contracts(hazard, 2000), TARIFF + TERMS)


def test_older_terms_that_renew_are_said_to_be_untried(changed):
    asked, found = changed
    section = tell.base(asked, found)
    check([section])
    finding = section.findings[0]
    assert [r.key for r in finding.remarks] == ["outlook.untried.plain"]
    assert RENEW in finding.assumptions
    risen = tell.base(asked, replace(found, rises=True))
    assert [r.key for r in risen.findings[0].remarks] == ["outlook.untried.rises"]
    check([risen])


def test_terms_that_do_not_renew_need_no_such_remark(tmp_path):
    asked = study(tmp_path)
    section = tell.base(asked, future(asked, {"": table([0.02] * 48)}))
    assert section.findings[0].remarks == ()
    assert RENEW not in section.findings[0].assumptions


def test_courses_under_older_terms_stand_in_the_appendix(changed):
    asked, found = changed
    section = tell.families(asked, found)
    check([section])
    older = section.tables[1]
    assert older.id == "families.2015-01-01"
    shares = [row[1] for row in older.rows if row[1] is not None]
    assert sum(shares) == pytest.approx(1)
    whole = found.base["2015-01-01"]
    mean = stock_of({"": whole}).units(found.horizon).value / whole.there.sum()
    parts = [row[1] * row[3].value for row in older.rows if row[1] is not None]
    assert sum(parts) == pytest.approx(mean, rel=1e-9)


@pytest.mark.long
def test_groups_that_contradict_all_together_leave_it_open(tmp_path):
    """Who began late leaves soon: all together he is taken for one who has stayed for long."""
    text = contracts(lambda t, start: 0.004 if start < 12 * 2021 else 0.06, 3000)
    rows = text.splitlines()
    for i, row in enumerate(rows[1:], 1):
        begin, last, _ = row.split(",")
        rows[i] = f"{begin},{last},{'basic' if begin < '2021' else 'plus'}"
    asked, found = delivered(tmp_path, "\n".join(rows) + "\n")
    section = tell.base(asked, found)
    check([section])
    assert [f.id for f in section.findings] == ["outlook.base", "outlook.base.apart"]
    assert "How long today's customers will stay is open: another" in said(section)
    least, most = (section.findings[0].sentence.values[n].value for n in ("least", "most"))
    assert least < most


def test_the_usual_figure_has_a_sampling_error_of_its_own():
    alone, both = missed(55.0, 0.0, TOTAL), missed(55.0, 0.05, TOTAL)
    assert alone.low == pytest.approx(55 / 53 - 1)
    assert alone.high == pytest.approx(55 / 48 - 1)
    assert both.low < 0 < alone.low
    assert both.high > alone.high
    assert (direction(alone), direction(both)) == ("high", "same")
    assert missed(55.0, float("nan"), TOTAL).low is None


def test_the_error_of_the_rate_is_that_of_a_share(tmp_path):
    """Log units move by d log(units) / d hazard times sqrt(leavers) / units at risk."""
    lives = table([0.02] * 48, 8000)
    found = future(study(tmp_path), {"": lives})
    stock = stock_of(found.base)
    at_risk, moves, _ = lives.in_state()
    hazard = moves.sum() / at_risk.sum()
    units = [(1 - (1 - h) ** 120) / h for h in (hazard * 0.999, hazard * 1.001)]
    slope = np.log(units[1] / units[0]) / (0.002 * hazard)
    known = abs(slope) * np.sqrt(moves.sum()) / at_risk.sum()
    assert one_rate([lives], stock, 120) > 0
    assert rate_error([lives], stock, 120) == pytest.approx(known, rel=0.25)


def test_a_direction_needs_heads_and_money():
    high, low = missed(60.0, 0.0, TOTAL), missed(40.0, 0.0, TOTAL)
    same, unknown = missed(50.0, 0.0, TOTAL), replace(TOTAL, value=None)
    assert verdict(high, None) == verdict(high, high) == verdict(high, unknown) == "high"
    assert verdict(high, same) == verdict(high, low) == verdict(low, same) == "unsure"
    assert verdict(same, high) == "same"
    assert verdict(unknown, high) == ""


def test_a_sum_over_terms_does_not_count_persons_twice(changed):
    asked, found = changed
    own = numbers(tell.base(asked, found))["outlook.base.units.120"]
    assert own.persons in (None, sum(int(a.table.persons.sum()) for a in found.base.values()))


@pytest.mark.long
def test_a_back_test_without_a_miss_says_how_little_it_tried(tmp_path):
    asked, found = delivered(tmp_path, contracts(lambda tenure, start: 0.02, 9000))
    section = tell.foretold(asked, found)
    check([section])
    assert "it is not established that the curve missed" in said(section)
    assert "What is tried thereby is 12 months, not 10 years" in said(section)
