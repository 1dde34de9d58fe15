"""Brier scores and calibration: R from rows, fractions by hand, identities, laws, reasons."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.survival.accuracy.bins import calibration
from stammkunde.survival.accuracy.predictions import (
    Predictions,
    cross_fitted,
    plain,
    plain_beside,
    predicted,
    rows_of,
)
from stammkunde.survival.accuracy.scores import Brier, brier
from stammkunde.survival.drivers.arrays import cells_from
from stammkunde.survival.drivers.cells import Cells, Factor
from stammkunde.survival.drivers.model import driver_model
from stammkunde.survival.kaplan_meier import kaplan_meier
from tests.kernel.drivers import A, B, cells_by
from tests.kernel.scoring import simulated
from tests.patience import examples
from tests.reference.stored import stored
from tests.validate.counting import table


def numbers(found: Brier) -> np.ndarray:
    parts = (*found.at.values(), found.integrated)
    every = [e for p in parts for e in (p.score, p.reference, p.gain)]
    return np.array([x for e in every for x in (e.value, e.low, e.high)], dtype=float)


def test_scores_are_those_of_rows_in_r():
    r = {k: np.array(v) for k, v in stored("accuracy.json").items()}
    codes = np.column_stack([r["a"], r["b"]])
    block = np.arange(len(codes)) % BLOCKS
    cells = cells_from(r["exit"], r["left"], codes, (A, B), block=block)
    # R's columns are by a and then b, each of six tenures, and so are the cells
    stays = np.column_stack([np.ones(6), r["brier.stays"].reshape(6, 6)])
    assert cells.levels.tolist() == [[a, b] for a in range(3) for b in range(2)]
    found = brier(cells, Predictions.in_sample(stays), range(1, 7))
    scores = [p.score.value for p in found.at.values()]
    references = [p.reference.value for p in found.at.values()]
    assert scores == pytest.approx(r["brier.score"], rel=1e-12)
    assert references == pytest.approx(r["brier.reference"], rel=1e-12)
    assert found.integrated.score.value == pytest.approx(r["brier.score"].mean(), rel=1e-12)
    gains = [p.gain.value for p in found.at.values()]
    assert gains == pytest.approx(1 - r["brier.score"] / r["brier.reference"], abs=1e-12)


def test_twenty_customers_by_hand():
    """Of 20, 5 leave and 5 are lost in unit 1; of the other 10, 4 leave in unit 2 and 6 stay."""
    exit_ = np.repeat([1, 1, 2, 2], [5, 5, 4, 6])
    left = np.repeat([1, 0, 1, 0], [5, 5, 4, 6])
    cells = cells_from(exit_, left, np.zeros((20, 0), int), (), block=np.arange(20))
    found = brier(cells, Predictions.in_sample(np.array([[1.0, 0.7, 0.5]])), [1, 2])
    one = (5 * F(7, 10) ** 2 + 15 * F(3, 10) ** 2) / 20
    # 5 of the 15 who did not leave were lost, so each of the other 10 stands for 3/2
    two = (5 * F(1, 2) ** 2 + F(3, 2) * 4 * F(1, 2) ** 2 + F(3, 2) * 6 * F(1, 2) ** 2) / 20
    assert found.at[1].score.value == pytest.approx(float(one), rel=1e-14)
    assert found.at[2].score.value == pytest.approx(float(two), rel=1e-14)
    # S(1) = 3/4 and S(2) = 3/4 * 6/10
    stays = F(3, 4) * F(6, 10)
    assert found.at[2].reference.value == pytest.approx(float(stays * (1 - stays)), rel=1e-14)
    assert found.at[2].gain.value == pytest.approx(float(1 - two / (stays * (1 - stays))))
    assert found.integrated.score.value == pytest.approx(float((one + two) / 2))


def test_predicting_the_plain_curve_gains_nothing(cells):
    found = brier(cells, Predictions.in_sample(plain(cells)), [3, 6, 12])
    for part in (*found.at.values(), found.integrated):
        assert part.score.value == part.reference.value
        assert part.gain.value == 0
        assert part.gain.se == 0


def test_the_plain_curve_of_other_folds_gains_nothing(cells):
    found = brier(cells, cross_fitted(cells, plain), [6], horizon=3)
    assert found.at[6].gain.value == 0
    own = Predictions.in_sample(plain(cells))
    assert found.at[6].score.value > brier(cells, own, [6]).at[6].score.value


def test_the_reference_is_the_plain_share_times_its_rest(rows, cells, fitted):
    curve = kaplan_meier(table(rows["block"], rows["exit_"], rows["left"]))
    found = brier(cells, fitted, [3, 12])
    for t in (3, 12):
        s = curve.at(t).value
        assert found.at[t].reference.value == pytest.approx(s * (1 - s), rel=1e-12)


def test_complete_data_give_the_mean_squared_error():
    rows = simulated(800, 2, censored=False)
    cells = cells_by(rows)
    survival = predicted(driver_model(cells))
    found = brier(cells, Predictions.in_sample(survival), [5])
    own = survival[rows["codes"] @ [2, 1], 5]
    there = ~(rows["left"] & (rows["exit_"] <= 5))
    wanted = ((there - own) ** 2).mean()
    assert found.at[5].score.value == pytest.approx(wanted, rel=1e-12)
    # without censoring it is a mean, and a mean's error is known
    spread = ((there - own) ** 2).std() / np.sqrt(len(own))
    assert found.at[5].score.se == pytest.approx(spread, rel=0.15)


def test_a_leave_out_is_the_score_of_the_data_without_that_block(cells, fitted):
    found = brier(cells, fitted, [6], horizon=4)
    for block in range(0, BLOCKS, 50):
        part = brier(rows_of(cells, cells.block != block), fitted, [6], horizon=4)
        assert found.at[6].score.replicates.leave_out[block] == pytest.approx(
            part.at[6].score.value, rel=1e-12
        )
        whole = found.integrated.score.replicates.leave_out[block]
        assert whole == pytest.approx(part.integrated.score.value, rel=1e-12)


def test_draws_spread_as_the_jackknife_says(cells, fitted):
    part = brier(cells, fitted, [6]).at[6]
    for e in (part.score, part.reference, part.gain):
        assert 0.9 < e.replicates.draws(2000).std() / e.se < 1.1
        one = e.replicates.reweighted(np.ones((1, BLOCKS)))[0]
        assert one == pytest.approx(e.value, rel=1e-9)


def test_a_model_of_the_truth_gains_and_a_bold_one_loses(cells, fitted):
    good = brier(cells, fitted, [6]).at[6].gain
    assert 0.05 < good.low < good.value < good.high < 0.5
    bold = Predictions.in_sample((fitted.survival[0] > 0.5).astype(float))
    assert brier(cells, bold, [6]).at[6].gain.value < good.value


@given(st.integers(0, 2**32))
@settings(max_examples=examples(9), deadline=None)
def test_the_order_of_rows_does_not_matter(rows, cells, fitted, seed):
    order = np.random.default_rng(seed).permutation(1500)
    other = cells_by({k: v[order] for k, v in rows.items()})
    one, two = (brier(c, fitted, [6]) for c in (cells, other))
    np.testing.assert_array_equal(numbers(one), numbers(two))
    first, second = (calibration(c, fitted, 6) for c in (cells, other))
    assert [b.predicted for b in first] == [b.predicted for b in second]
    assert [b.observed for b in first] == [b.observed for b in second]


def test_all_customers_twice_change_no_value(cells, fitted):
    twice = replace(cells, n=2 * cells.n)
    one, two = (brier(c, fitted, [6]) for c in (cells, twice))
    assert numbers(two) == pytest.approx(numbers(one), rel=1e-12)
    assert two.spells == 2 * one.spells
    first, second = (calibration(c, fitted, 6, bins=4) for c in (cells, twice))
    assert [b.observed.value for b in first] == pytest.approx([b.observed.value for b in second])
    assert [b.spells * 2 for b in first] == [b.spells for b in second]


@given(st.integers(7, 17))
@settings(max_examples=examples(6), deadline=None)
def test_what_happens_later_does_not_matter(rows, cells, fitted, close):
    early = {
        **rows,
        "exit_": np.minimum(rows["exit_"], close),
        "left": rows["left"] & (rows["exit_"] <= close),
    }
    one, two = (brier(c, fitted, [6]) for c in (cells, cells_by(early)))
    assert numbers(two) == pytest.approx(numbers(one), rel=1e-12)


def test_who_was_seen_late_is_left_out_and_counted(rows, cells, fitted):
    late = np.where(np.arange(1500) % 4 == 0, 2, 0)
    there = late < rows["exit_"]
    entered = cells_by({k: v[there] for k, v in rows.items()}, entry=late[there])
    found = brier(entered, fitted, [6])
    assert found.seen_late == (late[there] > 0).sum()
    assert found.spells == (late == 0).sum()
    alone = brier(cells_by({k: v[late == 0] for k, v in rows.items()}), fitted, [6])
    assert found.at[6].score.value == pytest.approx(alone.at[6].score.value, rel=1e-12)
    # the plain curve is that of all customers, seen late or not
    assert found.at[6].reference.value != alone.at[6].reference.value
    assert sum(b.spells for b in calibration(entered, fitted, 6)) == found.spells


def test_cross_fitting_hides_each_fold_from_its_fit(cells):
    shown = []

    def fit(part: Cells) -> np.ndarray:
        shown.append(part)
        return predicted(driver_model(part))

    found = cross_fitted(cells, fit, folds=4)
    assert len(shown) == 4
    for k, part in enumerate(shown):
        own = set(np.flatnonzero(found.fold == k)) & set(cells.block.tolist())
        assert own
        assert not own & set(part.block.tolist())
        assert own | set(part.block.tolist()) == set(cells.block.tolist())
    assert found.survival.shape == (4, 6, cells.length + 1)
    assert len({tuple(x) for x in found.survival[:, 0, 1:6].tolist()}) == 4


def test_out_of_sample_a_model_of_noise_gains_nothing():
    rng = np.random.default_rng(3)
    size = 400
    noise = Factor("noise", tuple(f"{i:02d}" for i in range(40)))
    stay, seen = rng.geometric(0.1, size), rng.integers(3, 13, size)
    rows = (np.minimum(stay, seen), stay <= seen, rng.integers(0, 40, (size, 1)), (noise,))
    cells = cells_from(*rows, block=rng.integers(0, BLOCKS, size))
    fit = lambda part: predicted(driver_model(part))  # noqa: E731
    inside = brier(cells, Predictions.in_sample(fit(cells)), [6]).at[6].gain
    outside = brier(cells, cross_fitted(cells, fit), [6]).at[6].gain
    assert inside.low > 0
    assert outside.value < 0


def test_beyond_what_was_predicted_or_observed_there_is_no_score(cells, fitted):
    short = Predictions.in_sample(fitted.survival[0, :, :7])
    found = brier(cells, short, [6, 7], horizon=7)
    assert found.at[6].score.value is not None
    assert (found.at[7].gain.value, found.at[7].gain.reason) == (None, "not_observed")
    assert found.integrated.score.reason == "not_observed"
    assert brier(cells, fitted, [99]).at[99].score.reason == "not_observed"


def test_few_leavers_and_few_blocks_are_said(rows, cells, fitted):
    nobody = cells_by({**rows, "left": np.zeros(1500, bool)})
    flat = Predictions.in_sample(np.ones((6, 19)))
    assert brier(nobody, flat, [6]).at[6].gain.reason == "too_few_events"
    few = replace(cells, block=cells.block % 9)
    assert brier(few, fitted, [6]).at[6].score.reason == "too_few_persons"


def test_where_all_leave_in_the_first_unit():
    gone = cells_from(np.ones(60, int), np.ones(60, int), np.zeros((60, 0), int), (),
                      block=np.arange(60))  # fmt: skip
    found = brier(gone, Predictions.in_sample(np.array([[1.0, 0.2]])), [1]).at[1]
    assert found.score.value == pytest.approx(0.04)
    assert (found.reference.value, found.gain.value) == (0, None)
    assert found.gain.reason == "nothing_to_predict"


def test_what_cannot_be_scored_is_said(rows, cells, fitted):
    for tenures, horizon in (([], None), ([0], None), ([6], 0)):
        with pytest.raises(ParameterError, match="no tenures to score"):
            brier(cells, fitted, tenures, horizon=horizon)
    there = rows["exit_"] > 1
    late = cells_by({k: v[there] for k, v in rows.items()}, entry=np.ones(there.sum(), int))
    for ask in (lambda: brier(late, fitted, [6]), lambda: calibration(late, fitted, 6)):
        with pytest.raises(NotObservedError, match="from its start"):
            ask()
    with pytest.raises(ParameterError, match="into 1 folds"):
        cross_fitted(cells, plain, folds=1)
    with pytest.raises(ParameterError, match="Deal persons into more blocks"):
        cross_fitted(replace(cells, block=0 * cells.block), plain)
    with pytest.raises(ParameterError, match="0 bins"):
        calibration(cells, fitted, 6, bins=0)
    with pytest.raises(NotObservedError, match="no prediction for 25 months"):
        calibration(cells, fitted, 25)


def test_predictions_end_where_their_stratum_does(rows):
    short = np.where(rows["codes"][:, 1] == 1, np.minimum(rows["exit_"], 4), rows["exit_"])
    cells = cells_by({**rows, "exit_": short, "left": rows["left"] & (short == rows["exit_"])})
    survival = predicted(driver_model(cells, strata=["b"]))
    ends = np.isfinite(survival).sum(axis=1) - 1
    assert ends.tolist() == [cells.length, 4] * 3
    beside = plain_beside(cells, Predictions.in_sample(survival))
    assert np.isfinite(beside.survival).all()


def test_it_shows_itself(cells, fitted):
    found = brier(cells, fitted, [3, 6])
    assert found.to_frame()["tenure"].tolist() == [3, 6, "mean"]
    assert "<table" in found._repr_html_()
