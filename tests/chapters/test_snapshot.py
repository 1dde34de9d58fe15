"""A snapshot that knows recent leavers only: two readings, of whatever window is declared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stammkunde import chapters as tell
from stammkunde.report.figures import draw
from stammkunde.report.words import Words
from stammkunde.result import Status
from stammkunde.spells.source import Caveats, Source
from stammkunde.survival.arrays import life_table_from
from stammkunde.survival.grouped.recent import recent_leavers
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.window import last_unit_only
from tests.chapters.lives import is_sayable, said, study, untraced

SNAPSHOT = (
    '[snapshot]\nfile = "s.csv"\ntenure = "t"\nleft = "gone"\n'
    'left_values = ["yes"]\nstayed_values = ["no"]\n'
)
HAZARD, PACE, MONTHS = 0.05, 200, 60


def lives(window):
    """Return a steady firm on one day: its customers, and who left in its last `window` months.

    200 join each month, of those present a twentieth leaves.
    """
    there = PACE * (1 - HAZARD) ** np.arange(MONTHS + 1)
    stay = np.round(there).astype(int)[1:]
    left = np.round(window * HAZARD * there[:-1]).astype(int)
    tenure = np.arange(1, MONTHS + 1)
    ends = np.r_[np.repeat(tenure, stay), np.repeat(tenure, left)]
    gone = np.r_[np.zeros(stay.sum(), int), np.ones(left.sum(), int)]
    block = np.random.default_rng(1).permutation(len(ends)) % 256
    return life_table_from(ends, gone, block=block)


def of(folder, window, data=SNAPSHOT, unit="month"):
    made = study(folder, data=data, unit=unit)
    name = {"de": "Muster", "en": "Muster"}
    source = Source(
        title=name,
        description=name,
        nature="fictional",
        origin=name,
        licence=name,
        caveats=Caveats(leavers_window=window),
    )
    return replace(made, source=source)


def results(section):
    return {r.id: r.estimate for r in section.results}


@pytest.mark.parametrize("window", [2, 3, 12])
def test_the_leavers_of_a_declared_window_are_read_with_it(tmp_path, window):
    table = lives(window)
    section = tell.snapshot(of(tmp_path, window), table)
    found = results(section)["lifetimes.recent_leavers.survival.12"]
    kernel = recent_leavers(table, window).at(12)
    assert (found.value, found.low, found.high) == (kernel.value, kernel.low, kernel.high)
    assert found.low < (1 - HAZARD) ** 12 < found.high
    cohort = section.findings[0].sentence.values["cohort"]
    assert cohort.low > found.high
    assert found.assumptions == ("leavers_of_window",)
    assert {f.status for f in section.findings} == {Status.ESTIMATED}
    text = said(section)
    assert f"only those who left in the last {window} months (" in text
    assert "only under an assumption" in text
    needed = results(section)["lifetimes.recent_leavers.beginners"].value
    words = section.findings[1].sentence.values
    there = words["oldest"] / recent_leavers(table, window).at(words["tenure"]).value
    assert needed == float(f"{there:.1g}")
    assert is_sayable(section)
    # the first reading is a result of the section on the whole curve
    assert {e.value for e in untraced(section)} == {cohort.value}
    headline = Words("de_DE").say(section.findings[0].headline)
    assert f"die Abgänge der letzten {window} Monate" in headline
    for narrow in (False, True):
        assert draw(section.figures[0], Words("de_DE"), narrow).startswith("<svg")


def test_the_leavers_of_one_unit_are_read_as_ever(tmp_path):
    table = lives(1)
    section = tell.snapshot(of(tmp_path, 1), table)
    found = results(section)["lifetimes.recent_leavers.survival.12"]
    plain = kaplan_meier(last_unit_only(table)).at(12)
    assert (found.value, found.low, found.high) == (plain.value, plain.low, plain.high)
    assert found.method == plain.method
    assert found.assumptions == ("leavers_of_last_unit_only",)
    assert str(found.status) == "estimated"
    assert section.findings[0].status is Status.NOT_IDENTIFIABLE
    assert section.findings[0].sentence.key == "caution.snapshot"
    assert section.figures[0].title.key == "caution.figure.snapshot"
    assert is_sayable(section)


def test_an_unknown_window_is_asked_for(tmp_path):
    section = tell.snapshot(of(tmp_path, 0), lives(1))
    assert said(section).startswith("Whether this snapshot holds all leavers is not known.")
    assert not section.results
    assert is_sayable(section)


def test_where_nobody_was_seen_in_the_first_unit_there_is_no_second_reading(tmp_path):
    table = life_table_from(np.full(30, 5), np.zeros(30, int), block=np.arange(30))
    for window in (1, 2):
        section = tell.snapshot(of(tmp_path, window), table)
        assert "every curve from them is too high" in said(section)
        assert not section.results


def test_other_units_are_named(tmp_path):
    table = replace(lives(4), unit="week")
    section = tell.snapshot(of(tmp_path, 4, unit="week"), table)
    assert "in the last 4 weeks" in said(section)
    assert "in den letzten 4 Wochen" in said(section, "de_DE")


@pytest.mark.parametrize(
    ("tenures", "gone"),
    [([5], [0]), ([5] * 30, [0] * 30), ([1] * 30, [1] * 30), ([1, 2] * 30, [1, 0] * 30)],
    ids=["one customer", "nobody left", "all left in unit 1", "two tenures"],
)
def test_degenerate_snapshots_give_sentences(tmp_path, tenures, gone):
    table = life_table_from(np.array(tenures), np.array(gone), block=np.arange(len(gone)))
    for window in (1, 2, 100):
        section = tell.snapshot(of(tmp_path, window), table)
        assert section.left_out or section.findings
        assert is_sayable(section)
        for figure in section.figures:
            assert draw(figure, Words("de_DE"))
