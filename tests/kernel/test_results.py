"""What is handed upwards: estimates, the lines of results.json, errors in one sentence."""

from __future__ import annotations

import json
import math
import pickle
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stammkunde import errors
from stammkunde.errors import NotObservedError, ParameterError, StammkundeError, nearest
from stammkunde.result import Estimate, Result, Status, rounded
from stammkunde.survival.kaplan_meier import hazard, kaplan_meier
from stammkunde.survival.table import life_table
from tests.kernel.making import lives

FLOATS = st.floats(-1e300, 1e300, allow_subnormal=False)


def test_numbers_have_ten_significant_digits():
    assert rounded(1 / 3) == 0.3333333333
    assert rounded(123456789.123456789) == 123456789.1
    assert rounded(-1.00000000005e-7) == -1.000000000e-7


@pytest.mark.parametrize("nothing", [None, math.nan, math.inf, -math.inf, np.float64("nan")])
def test_what_is_no_number_is_null(nothing):
    assert rounded(nothing) is None


@given(x=FLOATS)
def test_rounding_twice_is_rounding_once_and_moves_little(x):
    once = rounded(x)
    assert rounded(once) == once
    assert once == pytest.approx(x, rel=5.1e-10)


def test_a_line_of_results_has_the_documented_form():
    estimate = Estimate(
        value=0.123456789012, low=0.1, high=0.2, unit="share", method="m", persons=5, events=3,
        assumptions=("lapse_rule",),
    )  # fmt: skip
    line = Result(
        id="lifetimes.survival.12", estimate=estimate, group={"a": "b"}, naive=10.3
    ).as_json()
    assert line == {
        "id": "lifetimes.survival.12", "group": {"a": "b"}, "value": 0.123456789, "low": 0.1,
        "high": 0.2, "level": 0.95, "unit": "share", "status": "measured", "method": "m",
        "persons": 5, "events": 3, "assumptions": ["lapse_rule"], "naive": 10.3,
    }  # fmt: skip
    assert json.loads(json.dumps(line, allow_nan=False)) == line


def test_what_cannot_be_computed_is_null_with_a_reason():
    median = kaplan_meier(life_table(lives([5] * 20, [0] * 20))).median()
    line = Result(id="lifetimes.median", estimate=median).as_json()
    assert (line["value"], line["low"], line["high"]) == (None, None, None)
    assert line["reason"] == "not_reached"


def test_statuses_are_written_as_the_contract_has_them():
    assert [str(s) for s in Status] == ["measured", "estimated", "assumed", "not_identifiable"]


def test_estimates_cannot_be_changed_and_show_themselves():
    estimate = kaplan_meier(life_table(lives([1, 2, 3] * 9, [1, 1, 0] * 9))).at(2)
    with pytest.raises(FrozenInstanceError):
        estimate.value = 1.0  # type: ignore[misc]
    assert "<table" in estimate._repr_html_()
    assert estimate.to_frame().value[0] == estimate.value
    assert (estimate.persons, estimate.spells, estimate.events) == (27, 27, 18)
    assert (estimate.unit, estimate.level, estimate.estimand) == ("share", 0.95, "survival(2)")


def test_curves_and_tables_show_themselves():
    table = life_table(lives([1, 2, 3] * 9, [1, 1, 0] * 9))
    curve = kaplan_meier(table)
    frame = curve.to_frame()
    assert frame.index.name == "month"
    assert frame.value.tolist() == pytest.approx([1, 2 / 3, 1 / 3, 1 / 3])
    assert frame.at_risk.tolist()[1:] == [27, 18, 9]
    assert table.to_frame()["to left"].tolist() == [9, 9, 0]
    for shown in (curve, table, lives([3], [1])):
        assert "<t" in shown._repr_html_()


def test_what_was_not_observed_is_refused_with_a_remedy():
    curve = kaplan_meier(life_table(lives([3] * 12, [0] * 12)))
    with pytest.raises(NotObservedError, match=r"month 9 was asked for.*at most 3 months.*earlier"):
        curve.at(9)
    with pytest.raises(NotObservedError):
        curve.at(-1)
    with pytest.raises(ParameterError, match="at least 1"):
        curve.rmst(0)
    for share in (0, 1, 1.2):
        with pytest.raises(ParameterError, match="between 0 and 1"):
            curve.quantile(share)


def test_a_hazard_is_no_survival_curve():
    rates = hazard(life_table(lives([3] * 12, [1] * 12)))
    assert rates.at(3).unit == "hazard"
    for ask in (rates.median, rates.rmst):
        with pytest.raises(ParameterError, match="survival curve"):
            ask()


def test_unknown_options_name_the_nearest():
    table = life_table(lives([3] * 12, [1] * 12))
    with pytest.raises(ParameterError, match=r"unknown interval `loglog`. Did you mean `log-log`"):
        kaplan_meier(table, interval="loglog")
    with pytest.raises(ParameterError, match=r"unknown errors `block`. Did you mean `blocks`"):
        hazard(table, errors="block")


def test_an_error_is_one_sentence_with_place_rows_and_remedy():
    error = StammkundeError("it broke", where="a.csv", rows=1200, remedy="Mend it.")
    assert str(error) == "a.csv: it broke (1,200 rows). Mend it."
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert str(StammkundeError("it broke", rows=1)) == "it broke (1 row)."
    kinds = [
        k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, StammkundeError)
    ]
    assert len(kinds) == 9
    assert all(k.exit_code > 0 and k.__doc__ for k in kinds)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [("Tarif", "Did you mean `tariff`?"), ("zzz", "Known are: `area`, `tariff`.")],
)
def test_the_nearest_spelling_or_all_of_them(wrong, said):
    assert nearest(wrong, ["tariff", "area"]) == said


def test_a_replaced_level_is_honoured_everywhere():
    table = life_table(lives([1, 2, 3, 4] * 20, [1, 1, 1, 0] * 20))
    wide, narrow = (kaplan_meier(table, level=x) for x in (0.99, 0.5))
    for ask in ("at", "rmst"):
        a, b = getattr(wide, ask)(3), getattr(narrow, ask)(3)
        assert (a.level, b.level) == (0.99, 0.5)
        assert a.low < b.low < b.value < b.high < a.high
    assert replace(wide.at(3)).level == 0.99
