"""What is done with columns whose effect changes over tenure, where a course of its own is not."""

import numpy as np
import pytest

from stammkunde.chapters.reasons import courses
from stammkunde.chapters.reasons.courses import courses_of, cuts_of, is_estimable
from stammkunde.chapters.reasons.drivers import drivers
from stammkunde.report.words import Words
from stammkunde.survival.drivers.window import among
from tests.chapters.columns import (
    COUNT,
    MONTHS,
    REPORT,
    TARIFF,
    client,
    columns,
    hazards,
    lines,
    read,
)
from tests.chapters.lives import is_sayable

FADES = np.where(np.arange(MONTHS) < 12, 4.0, 1.0)
BRANCH = '[covariates.branch]\ncolumn = "region"\ntitle = { de = "Filiale", en = "branch" }\n'


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    made = columns(COUNT)
    text = lines(made, hazards(made, course=FADES))
    return client(tmp_path_factory.mktemp("a"), text, more=TARIFF + BRANCH, report=REPORT)


def paragraphs(study, found):
    (appendix,) = drivers(study, found)[1:]
    return [Words("en_GB").say(p) for p in appendix.paragraphs]


def test_a_course_of_its_own_comes_first(study):
    found = read(study).courses
    assert (found.strata, found.banded, found.averaged) == (("tariff",), (), ())
    assert found.stretches == ((0, 12), (12, 24))
    assert cuts_of(found.stretches) == (12,)


def test_a_ratio_for_each_stretch_is_next(study, monkeypatch):
    monkeypatch.setattr(courses, "MOST_STRATA", 1)
    found = read(study)
    assert (found.courses.strata, found.courses.banded) == ((), ("tariff",))
    assert dict(found.courses.bands) == {"tariff": (12,)}
    sections = drivers(study, found)
    assert all(is_sayable(s) for s in sections)
    assert any("a factor of its own holds in each period" in p for p in paragraphs(study, found))
    ratios = {
        r.group.get("units"): r.estimate
        for r in sections[1].results
        if r.id == "drivers.ratio" and "tariff" in r.group
    }
    assert ratios.keys() == {"1-12", "13-24"}
    assert ratios["1-12"].low < 4 < ratios["1-12"].high
    assert ratios["13-24"].low < 1 < ratios["13-24"].high
    (own,) = [d.survival[12] for d in found.differences if d.factor == "tariff"]
    assert own.low < 0.88**12 - 0.97**12 < own.high
    cox = [r.group for r in sections[1].results if r.id == "drivers.ratio.cox"]
    assert not any("tariff" in group for group in cox)


def test_an_average_over_time_is_last_and_is_said_to_be_one(study, monkeypatch):
    monkeypatch.setattr(courses, "MOST_STRATA", 1)
    monkeypatch.setattr(courses, "_banded", lambda *_: ())
    found = read(study)
    assert found.courses.averaged == ("tariff",)
    assert any("what is shown is an average over time" in p for p in paragraphs(study, found))
    assert all(is_sayable(s) for s in drivers(study, found))
    assert {d.factor for s in found.stretches.values() for d in s} == {"tariff"}


def test_a_level_that_cannot_leave_for_a_year_is_a_stratum(tmp_path):
    made = columns(COUNT)
    course = np.where(np.arange(MONTHS) < 12, 0.0, 1.0)
    made_so = client(
        tmp_path, lines(made, hazards(made, course=course)), more=TARIFF + BRANCH, report=REPORT
    )
    found = read(made_so)
    assert found.courses.forced == ("tariff",)
    assert found.courses.fading
    assert "tariff" not in {f.factor for f in found.courses.fading}
    assert any("one of them cannot leave for a while" in p for p in paragraphs(made_so, found))
    (own,) = [d.survival[12] for d in found.differences if d.factor == "tariff"]
    # nobody of "plus" has left after a year, so nothing but a bound could be said of them
    assert own.value is None
    assert own.reason == "no_leavers"
    assert all(is_sayable(s) for s in drivers(made_so, found))


@pytest.mark.long
def test_columns_that_follow_from_each_other_are_not_estimable_together(study):
    cells = read(study).cells
    assert is_estimable(cells)
    twice = among(cells, ["tariff"])
    same = type(twice)(
        **{
            **vars(twice),
            "factors": (twice.factors[0], type(twice.factors[0])("again", ("a", "b"))),
            "levels": np.repeat(twice.levels, 2, axis=1),
        }
    )
    assert not is_estimable(same)
    assert is_estimable(same, ["tariff", "again"])


@pytest.mark.long
def test_one_stretch_has_no_course(tmp_path):
    made = columns(COUNT)
    short = client(
        tmp_path,
        lines(made, hazards(made, 2.0)),
        more=TARIFF + BRANCH,
        report="horizons = [12]\nmean_horizon = 12\n",
    )
    found = courses_of(short, read(short).cells)
    assert (found.stretches, found.fading, found.uneven) == (((0, 12),), (), ())
