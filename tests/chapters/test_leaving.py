"""When: all units that stand out are named, smoothing never crosses them, terms are told."""

from itertools import pairwise

import numpy as np
import pytest

from stammkunde import chapters as tell
from stammkunde.chapters.lifetimes.events import ends_of_terms
from stammkunde.report.figures import draw
from stammkunde.report.words import Words
from stammkunde.survival.arrays import life_table_from
from tests.chapters.lives import PURCHASES, is_sayable, said, study, table, untraced

TERM = "[[terms]]\nsigned_from = 2010-01-01\nminimum_months = {}\nrenewal_months = {}\n"


def spiked(level=0.01, length=40, **at):
    hazards = [level] * length
    for unit, height in at.items():
        hazards[int(unit[1:]) - 1] = height
    return hazards


def told(folder, lives, given=0, **asked):
    return tell.when(study(folder, **asked), lives, given)


def results(section):
    return {r.id: r.estimate for r in section.results}


def test_every_month_that_stands_out_is_named_and_the_level_between_them_told(tmp_path):
    lives = table(spiked(m12=0.06, m24=0.2, m36=0.2))
    section = told(tmp_path, lives)
    text = said(section)
    assert text.startswith("In months 12, 24 and 36, ")
    at_risk, moves, _ = lives.in_state()
    n, d = at_risk.sum(axis=0), moves.sum(axis=(0, 1))
    named = np.isin(np.arange(1, 41), (12, 24, 36))
    found = results(section)
    assert found["lifetimes.hazard.events"].value == pytest.approx(d[named].sum() / n[named].sum())
    others = found["lifetimes.hazard.other_units"]
    assert others.value == pytest.approx(d[~named].sum() / n[~named].sum())
    assert others.low < 0.01 < others.high
    assert untraced(section) == []
    assert is_sayable(section)


def test_the_smoothed_hazard_is_the_counted_one_at_events_and_flat_beside_them(tmp_path):
    found = results(told(tmp_path, table(spiked(m12=0.06, m24=0.2, m36=0.2))))
    for unit in (12, 24, 36):
        raw, smooth = (found[f"lifetimes.hazard.{name}{unit}"] for name in ("", "smooth."))
        assert (smooth.value, smooth.low, smooth.high) == (raw.value, raw.low, raw.high)
    for unit in (11, 13, 23, 25):
        assert found[f"lifetimes.hazard.smooth.{unit}"].value < 0.015


def test_a_single_month_is_told_as_one(tmp_path):
    section = told(tmp_path, table(spiked(m24=0.2)))
    assert said(section).startswith("In month 24, ")
    found = results(section)
    assert found["lifetimes.hazard.events"].value == found["lifetimes.hazard.24"].value
    assert said(section, "de_DE").startswith("In Monat 24 gehen ")


@pytest.mark.parametrize(
    ("minimum", "renewal", "says"),
    [
        (24, 12, "In months 24 and 36 a declared minimum term or renewal ends, but not in 12."),
        (12, 12, "A declared minimum term or renewal ends then."),
        (20, 0, "No declared minimum term or renewal ends then."),
    ],
)
def test_declared_terms_are_compared_with_what_stands_out(tmp_path, minimum, renewal, says):
    section = told(
        tmp_path, table(spiked(m12=0.08, m24=0.2, m36=0.2)), more=TERM.format(minimum, renewal)
    )
    assert says in said(section)
    assert is_sayable(section)


def test_without_declared_terms_none_are_spoken_of(tmp_path):
    assert "declared" not in said(told(tmp_path, table(spiked(m24=0.2))))


def test_a_declared_end_breaks_the_line_though_nothing_stands_out(tmp_path):
    section = told(tmp_path, table([0.02] * 40), more=TERM.format(24, 0))
    line = section.figures[0].lines[0]
    assert tuple(line.breaks) == (24,)
    assert [m.at for m in section.figures[0].marks] == [24]
    assert "No single unit of time (month) stands out" in said(section)


@pytest.mark.parametrize(
    ("unit", "minimum", "renewal", "ends"),
    [
        ("month", 24, 12, (24, 36)),
        ("month", 24, 1, (24,)),
        ("month", 0, 12, ()),
        ("quarter", 24, 12, (8, 12, 16, 20, 24, 28, 32, 36, 40)),
        ("year", 24, 12, (2,)),
        ("day", 24, 12, ()),
    ],
)
def test_terms_end_in_the_units_of_the_clock(tmp_path, unit, minimum, renewal, ends):
    asked = study(tmp_path, unit=unit, more=TERM.format(minimum, renewal))
    assert ends_of_terms(asked, 40) == ends


def test_at_most_twenty_marks_and_those_that_stand_out_among_them(tmp_path):
    lives = table(spiked(length=80, m75=0.3), 20_000)
    section = told(tmp_path, lives, more=TERM.format(3, 3))
    places = [m.at for m in section.figures[0].marks]
    assert len(places) == 20
    assert 75 in places
    assert all(a < b for a, b in pairwise(places))


def test_a_falling_hazard_is_said_to_fall_and_a_flat_one_is_not(tmp_path):
    falling = told(tmp_path, table([0.04 * 0.95**t for t in range(40)], 20_000))
    assert "The smoothed share leaving falls from" in said(falling)
    assert untraced(falling) == []
    rising = told(tmp_path, table([0.005 + 0.0015 * t for t in range(40)], 20_000))
    assert "The smoothed share leaving rises from" in said(rising)
    flat = told(tmp_path, table([0.02] * 40, 20_000))
    assert "smoothed" not in said(flat)


def test_between_months_that_stand_out_the_rest_may_fall_or_rise(tmp_path):
    hazards = [0.04 * 0.95**t for t in range(40)]
    hazards[23] = 0.25
    assert "Otherwise the smoothed share leaving falls from" in said(
        told(tmp_path, table(hazards, 20_000))
    )
    hazards = [0.005 + 0.0015 * t for t in range(40)]
    hazards[23] = 0.3
    assert "Otherwise the smoothed share leaving rises from" in said(
        told(tmp_path, table(hazards, 20_000))
    )


def test_the_first_month_can_stand_out_too(tmp_path):
    section = told(tmp_path, table([0.08] + [0.01] * 30))
    assert said(section).startswith("In month 1, ")


def test_under_a_lapse_rule_the_first_unit_is_the_rules(tmp_path):
    section = told(tmp_path, table([0.0] * 5 + [0.5] + [0.05] * 20), data=PURCHASES)
    assert "In month 6, " in said(section)
    assert "184 days without a purchase are then complete; after that, counting all" in said(
        section
    )
    assert "months together, it is 5." in said(section)
    only = told(tmp_path, table([0.0] * 5 + [0.5]), data=PURCHASES)
    assert said(only).endswith("are then complete.")


def test_where_all_stand_out_there_is_nothing_beside(tmp_path):
    section = told(tmp_path, table([0.3], 400))
    assert is_sayable(section)


def test_nothing_is_shown_of_units_before_anybody_was_seen(tmp_path):
    section = told(tmp_path, table([0.05] * 30, late=8), given=8)
    line = section.figures[0].lines[0]
    assert np.isnan(line.curve.value[:9]).all()
    assert np.isfinite(line.curve.value[9:]).all()
    rows = section.figures[0].table.rows
    assert [r[2] for r in rows[:8]] == [None] * 8
    assert "lifetimes.hazard.8" not in results(section)
    assert "lifetimes.hazard.9" in results(section)


def test_the_few_at_the_end_do_not_bend_the_line(tmp_path):
    """Nine reach the unit after the last one shown, and all leave in it, or are censored before."""
    others = np.repeat(np.arange(1, 41), 50)
    gone = np.arange(2000) % 5 == 0
    found = []
    for last, leave in ((41, True), (40, False)):
        ends = np.r_[others, np.full(9, last)]
        lives = life_table_from(ends, np.r_[gone, np.full(9, leave)])
        found.append(results(told(tmp_path, lives)))
    assert found[0].keys() == found[1].keys()
    for name in (f"lifetimes.hazard.smooth.{unit}" for unit in range(1, 41)):
        assert found[0][name].value == found[1][name].value


CASES = {
    "one customer": [1.0],
    "all censored": [0.0] * 12,
    "all leave in month one": [1.0],
    "all leave at the end": [0.0] * 11 + [1.0],
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("persons", [1, 300])
def test_degenerate_data_give_sentences(tmp_path, case, persons):
    section = told(tmp_path, table(CASES[case], persons))
    assert is_sayable(section)
    for figure in section.figures:
        assert "<svg" in draw(figure, Words("de_DE"))
