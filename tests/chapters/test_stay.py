"""How long: the curve with its band, means and quantiles, and what is not measured."""

import numpy as np
import pytest

import stammkunde as sk
from stammkunde import chapters as tell
from stammkunde.chapters.parts import least_at_risk
from stammkunde.errors import SchemaError
from stammkunde.report.words import Words
from stammkunde.result import Status
from stammkunde.survival.bands import simultaneous
from tests.chapters.lives import PURCHASES, is_sayable, said, study, table, untraced

FLAT = [0.03] * 40


def told(folder, lives, given=0, **asked):
    asked_of = study(folder, **asked)
    curve = sk.kaplan_meier(lives, given=given)
    return tell.how_long(asked_of, curve, given), curve


def results(section):
    return {r.id: r.estimate for r in section.results}


def test_the_means_of_all_horizons_are_the_curves_own(tmp_path):
    section, curve = told(tmp_path, table(FLAT))
    found = results(section)
    for horizon in (12, 24, 36):
        assert found[f"lifetimes.rmst.{horizon}"].value == curve.rmst(horizon).value
        assert found[f"lifetimes.rmst.{horizon}"].low == curve.rmst(horizon).low
    for percent in (10, 25, 50):
        assert found[f"lifetimes.quantile.{percent}"].value == curve.quantile(percent / 100).value
    assert found["lifetimes.median"].value == found["lifetimes.quantile.50"].value
    assert found["lifetimes.quantile.75"].reason == "not_reached"
    assert untraced(section) == []


def test_a_horizon_that_was_not_observed_has_a_reason_and_no_value(tmp_path):
    section, _ = told(tmp_path, table(FLAT), report="horizons = [12, 60]")
    missing = results(section)["lifetimes.rmst.60"]
    assert (missing.value, missing.reason) == (None, "not_observed")
    words = Words("en_GB")
    last = [words.cell(value) for value in section.tables[0].rows[-1]]
    assert last == ["60", "not observed that long", "not observed that long"]


def test_a_declared_mean_beyond_observation_is_said_to_be_none(tmp_path):
    section, _ = told(tmp_path, table(FLAT), report="mean_horizon = 60")
    beyond = {f.id: f for f in section.findings}["lifetimes.beyond"]
    assert beyond.status is Status.NOT_IDENTIFIABLE
    assert "first 60 months is not measured: observation ends with month 40" in said(section)
    assert is_sayable(section)
    within, _ = told(tmp_path, table(FLAT), report="mean_horizon = 40")
    assert "lifetimes.beyond" not in {f.id for f in within.findings}


def test_the_curve_ends_where_fewer_are_at_risk_than_asked(tmp_path):
    lives = table(FLAT, 1000)
    section, curve = told(tmp_path, lives, report="least_at_risk = 500")
    end = int(np.flatnonzero(curve.at_risk < 500)[0])
    line = section.figures[0].lines[0].curve
    assert line.observed_to == end < 40
    assert results(section)["lifetimes.rmst.36"].reason == "not_observed"
    assert f"Observation ends with month {end}: up to it at least 500 are at risk." in Words(
        "en_GB"
    ).say(section.tables[0].note)


def test_the_least_at_risk_never_falls_below_the_smallest_group(tmp_path):
    small = study(tmp_path, report="smallest_group = 30\nleast_at_risk = 5")
    assert least_at_risk(small) == 30
    with pytest.raises(SchemaError, match="least_at_risk"):
        study(tmp_path, report="least_at_risk = -1")


def test_who_is_too_few_at_risk_is_told_from_too_few_persons(tmp_path):
    lives = table(FLAT, 50)
    section, _ = told(tmp_path, lives, report="least_at_risk = 100")
    assert (
        "This report asks for 100 in every unit of time; in the data there are: 50 customers."
        in said(section)
    )
    fewer, _ = told(tmp_path, table(FLAT, 5))
    assert "below 10 nothing is shown" in said(fewer)
    assert is_sayable(section)


def test_the_band_is_the_kernels_where_five_have_left_and_wider_than_the_points(tmp_path):
    section, curve = told(tmp_path, table(FLAT))
    line = section.figures[0].lines[0].curve
    band = simultaneous(curve)
    first = int(np.flatnonzero(np.cumsum(curve.events) >= 5)[0]) + 1
    assert np.isnan(line.band_low[:first]).all()
    assert line.band_low[first:] == pytest.approx(band.band_low[first:])
    assert (line.band_low[first:] < line.low[first:]).all()
    assert (line.band_high[first:] > line.high[first:]).all()
    assert "light band: of the whole curve at once" in Words("en_GB").say(
        section.figures[0].subtitle
    )


def test_the_sheet_holds_the_band_too(tmp_path):
    section, _ = told(tmp_path, table(FLAT))
    sheet = section.figures[0].table
    heads = [c.heading for c in sheet.columns]
    row = dict(zip(heads, sheet.rows[20], strict=True))
    assert row["column.band_low"] < row["column.low"] < row["column.value"]


def test_nobody_leaves_within_a_minimum_term_and_no_band_pretends_otherwise(tmp_path):
    section, _ = told(tmp_path, table([0.0] * 11 + [0.5] + [0.02] * 12))
    line = section.figures[0].lines[0].curve
    assert np.isnan(line.band_low[:12]).all()
    assert np.isfinite(line.band_low[12:]).all()


def test_under_a_lapse_rule_there_is_no_table_of_quantiles(tmp_path):
    section, _ = told(tmp_path, table(FLAT), data=PURCHASES)
    assert [t.id for t in section.tables] == ["lifetimes.means"]
    assert section.tables[0].rows


DEGENERATE = {
    "one customer": table([0.5], 1),
    "all censored": table([0.0] * 12, 200),
    "all leave in month one": table([1.0], 200),
    "one leaves": table([0.0] * 5 + [0.004] * 4, 60),
    "seen late": table([0.1] * 30, 4000, late=8),
}


@pytest.mark.parametrize("case", DEGENERATE)
def test_degenerate_data_give_sentences(tmp_path, case):
    lives = DEGENERATE[case]
    asked = study(tmp_path)
    given = tell.seen_from(asked, lives)
    section = tell.how_long(asked, sk.kaplan_meier(lives, given=given), given)
    assert is_sayable(section)
    assert section.findings
