"""E-values and the bounding factor: printed values, and the risk ratio they are of."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.errors import ParameterError
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.doubt.sensitivity import (
    bounding_factor,
    confounding,
    e_value,
    e_value_of,
    leaving_ratio,
    ratio_from_hazards,
    ratio_from_odds,
)
from stammkunde.evidence.trial import Compared, compare
from stammkunde.intervals import student_quantile
from stammkunde.result import Status
from tests.evidence.trials import ARMS, subjects
from tests.patience import examples


def test_printed_values() -> None:
    assert round(e_value(0.7), 3) == 2.211
    assert round(e_value(0.85), 3) == 1.632
    assert round(ratio_from_hazards(0.7), 4) == 0.7812
    assert round(e_value(ratio_from_hazards(0.7)), 3) == 1.879
    assert ratio_from_odds(0.49) == pytest.approx(0.7)
    # smoking and lung cancer: 10.73 (9.36 to 12.3) (VanderWeele and Ding 2017)
    assert [round(e_value(x), 2) for x in (10.73, 8.02, 3.9)] == [20.95, 15.52, 7.26]


def test_the_bounding_factor_is_above_what_can_be() -> None:
    """P(U=1) .8 and .4, a risk ratio of 3: 2.6 / 1.8 = 1.444, bound 2 x 3 / 4 = 1.5."""
    assert confounding(0.8, 0.4, 3) == pytest.approx(13 / 9)
    assert bounding_factor(2, 3) == 1.5


@settings(max_examples=examples(100), deadline=None)
@given(st.floats(0.01, 1), st.floats(0.01, 1), st.floats(1, 20))
def test_no_unrecorded_thing_exceeds_the_bounding_factor(one: float, two: float, r: float) -> None:
    a, b = max(one, two), min(one, two)
    assert confounding(a, b, r) <= bounding_factor(a / b, r) * (1 + 1e-12)


@settings(max_examples=examples(100), deadline=None)
@given(st.floats(0.01, 50), st.floats(0.1, 10))
def test_ties_of_the_e_value_make_up_the_ratio(ratio: float, towards: float) -> None:
    """Both ties as strong as the E-value have the whole distance as their bounding factor."""
    strong = e_value(ratio, towards)
    far = max(ratio / towards, towards / ratio)
    assert bounding_factor(strong, strong) == pytest.approx(far)
    assert e_value(1 / ratio, 1 / towards) == pytest.approx(strong)


def test_wrong_numbers() -> None:
    for wrong in (0.0, -1.0, math.inf, math.nan):
        with pytest.raises(ParameterError):
            e_value(wrong)
        with pytest.raises(ParameterError):
            ratio_from_hazards(wrong)
    with pytest.raises(ParameterError, match="invert"):
        bounding_factor(0.5, 2)
    with pytest.raises(ParameterError, match="prevalence"):
        confounding(1.2, 0.4, 3)


def asked(rows: pd.DataFrame, horizon: int = 12) -> Compared:
    return compare(baseline_trial(rows, ARMS, reach=20), *ARMS, horizon)


def test_the_ratio_is_of_shares_that_left_and_its_error_the_blocks() -> None:
    rows = subjects(np.random.default_rng(1), 1500)
    found = asked(rows)
    ratio = leaving_ratio(found)
    ends = [1 - found.curves[a].value[12] for a in ARMS]
    assert ratio.value == pytest.approx(ends[0] / ends[1])
    assert ratio.replicates is not None
    for block in (3, 200):
        again = asked(rows[rows.block != block]).curves
        one, two = (1 - again[a].value[12] for a in ARMS)
        assert ratio.replicates.leave_out[block] == pytest.approx(one / two, abs=1e-12)
    step = student_quantile(0.95, ratio.replicates.smallest) * (ratio.se or 0) / (ratio.value or 1)
    assert (ratio.low, ratio.high) == pytest.approx(
        ((ratio.value or 0) * math.exp(-step), (ratio.value or 0) * math.exp(step))
    )


def test_swapped_arms_invert_the_ratio_and_keep_the_e_value() -> None:
    trial = baseline_trial(subjects(np.random.default_rng(2), 1500), ARMS, reach=20)
    one, two = (e_value_of(compare(trial, *a, 12)) for a in (ARMS, ARMS[::-1]))
    assert (one.ratio.value or 0) * (two.ratio.value or 0) == pytest.approx(1)
    assert one.estimate == pytest.approx(two.estimate)
    assert one.limit == pytest.approx(two.limit, rel=0.01)


def test_an_interval_that_holds_one_needs_nothing() -> None:
    rng = np.random.default_rng(3)
    rows = subjects(rng, 1500)
    rows["arm"] = np.where(rng.random(len(rows)) < 0.5, *ARMS)
    found = e_value_of(asked(rows))
    assert found.limit == 1.0
    assert (found.estimate or 0) > 1
    beyond = e_value_of(asked(rows), towards=2.0)
    assert 1 < (beyond.limit or 0) < (beyond.estimate or 0)


def test_few_leavers_have_limits_from_the_arms() -> None:
    rng = np.random.default_rng(4)
    size = 400
    rows = pd.DataFrame(
        {"arm": np.where(np.arange(size) % 2, *ARMS), "cell": 0, "n": 1, "begin": 0,
         "block": rng.integers(0, 256, size), "finish": 20, "end": "censored"}
    )  # fmt: skip
    rows.loc[[0, 2, 4, 6, 8, 10, 12, 1], ["finish", "end"]] = [5, "left"]
    ratio = leaving_ratio(asked(rows))
    assert ratio.value == pytest.approx(1 / 7)
    assert ratio.low is not None
    assert ratio.high is not None
    assert 0 < ratio.low < 0.05 < 1 / 7 < 0.8 < ratio.high
    assert "limits combined" in ratio.method
    assert ratio.status is Status.ESTIMATED
