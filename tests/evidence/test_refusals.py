"""Data that cannot answer are told so, end to end, with a reason and without a traceback."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from stammkunde.draws import BLOCKS
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.doubt.bounds import mean_bounds
from stammkunde.evidence.doubt.negative import negative_control
from stammkunde.evidence.doubt.permutation import permutation_test
from stammkunde.evidence.doubt.sensitivity import e_value_of
from stammkunde.evidence.doubt.tipping import corrected, tipping
from stammkunde.evidence.doubt.unrecorded import Unrecorded
from stammkunde.evidence.trial import Compared, compare
from stammkunde.result import Status
from tests.evidence.trials import ARMS

REACH = 24


def people(size: int = 2000, seed: int = 1) -> pd.DataFrame:
    """Return people of two cells, arms by chance, leaving at 4 % a month, all seen to the end."""
    rng = np.random.default_rng(seed)
    stay = rng.geometric(0.04, size)
    return pd.DataFrame(
        {
            "arm": np.where(rng.random(size) < 0.5, *ARMS),
            "cell": rng.integers(0, 2, size),
            "block": rng.integers(0, BLOCKS, size),
            "begin": 0,
            "finish": np.minimum(stay, REACH),
            "end": np.where(stay <= REACH, "left", "censored"),
            "n": 1,
        }
    )


def compared(rows: pd.DataFrame, **how: object) -> Compared:
    return compare(baseline_trial(rows, ARMS, reach=REACH, **how), *ARMS, REACH)  # type: ignore[arg-type]


def refused(found: Compared, reason: str) -> None:
    """Hold a comparison to its refusal: no number leaves it, nor anything made of it."""
    assert found.adequacy.refused == reason
    for estimate in (found.months, found.share):
        assert (estimate.value, estimate.low, estimate.high, estimate.se) == (None,) * 4
        assert (estimate.status, estimate.reason) == (Status.NOT_IDENTIFIABLE, reason)
        assert estimate.replicates is None
    assert reason in found.adequacy._repr_html_()
    value = e_value_of(found)
    assert (value.estimate, value.limit, value.ratio.reason) == (None, None, reason)
    tips = tipping(found)
    assert (tips.tips, tips.reason) == ((), reason)
    assert corrected(found, Unrecorded(odds=2.0, difference=0.3)).months is found.months


def test_the_same_people_are_compared_where_nothing_is_amiss() -> None:
    found = compared(people())
    assert found.adequacy.refused == ""
    assert found.months.value is not None
    assert found.months.low is not None


def test_an_offer_that_is_a_tenure_band() -> None:
    """Everybody has it from month 13 on and nobody before: those seen under it are seen late."""
    rows = people()
    late = rows.arm == ARMS[0]
    rows = rows.assign(begin=np.where(late, 12, 0))
    rows["finish"] = np.where(late, rows.finish, np.minimum(rows.finish, 12))
    rows["end"] = np.where(~late & (rows.finish == 12), "censored", rows.end)
    found = compared(rows[rows.begin < rows.finish])
    refused(found, "no_counterpart")
    only = people().assign(cell=0)
    only = only.assign(begin=np.where(only.arm == ARMS[0], 12, 0)).query("begin < finish")
    # a handful is there from the start, so that there is a share to weigh by
    few = people(seed=3).query("arm == 'offered'").assign(cell=0, finish=1, end="left")
    refused(compared(pd.concat([only, few])), "no_counterpart_at_some_tenure")


def test_an_offer_for_newcomers_only() -> None:
    """Whoever has the offer is out of sight when it ends."""
    rows = people()
    short = (rows.arm == ARMS[0]) & (rows.finish > 12)
    rows = rows.assign(
        finish=np.where(short, 12, rows.finish), end=np.where(short, "censored", rows.end)
    )
    found = compared(rows)
    refused(found, "not_observed")
    assert found.curves[ARMS[0]].observed_to == 12


def test_perfect_separation() -> None:
    rows = people()
    found = compared(rows.assign(cell=np.where(rows.arm == ARMS[0], 0, 1)))
    refused(found, "no_counterpart")
    assert not found.curves
    assert [w.persons for w in found.adequacy.arms.values()] == [0, 0]
    dealt = permutation_test(rows.assign(cell=np.where(rows.arm == ARMS[0], 0, 1)), ARMS, REACH)
    assert (dealt.p, dealt.reason) == (None, "no_counterpart")


def test_three_treated_customers() -> None:
    rows = people()
    treated = rows.index[rows.arm == ARMS[0]]
    found = compared(rows.drop(index=treated[3:]).assign(cell=0))
    refused(found, "too_few_persons")
    assert found.adequacy.arms[ARMS[0]].persons == 3


@pytest.mark.parametrize("months", [5, REACH])
def test_an_arm_all_censored(months: int) -> None:
    """Lost from sight early, or never seen to leave although watched to the end."""
    rows = people()
    ours = rows.arm == ARMS[0]
    rows = rows.assign(
        finish=np.where(ours, months, rows.finish), end=np.where(ours, "censored", rows.end)
    )
    found = compared(rows)
    refused(found, "nobody_left_in_an_arm" if months == REACH else "not_observed")
    assert (found.curves[ARMS[0]].value == 1).all()


def test_one_cell_only_is_an_answer_without_weights() -> None:
    """Nothing is known of anybody: the plain comparison, whose assumption says so."""
    rows = people().assign(cell=0)
    found = compared(rows)
    mean = rows.groupby("arm")["finish"].mean()
    assert found.months.value == pytest.approx(mean[ARMS[0]] - mean[ARMS[1]], abs=1e-10)
    assert found.months.assumptions == ("alike_given_what_is_known",)


def test_one_cell_that_holds_both_arms() -> None:
    rows = people()
    found = compared(rows[(rows.cell == 0) | (rows.arm == ARMS[0])])
    refused(found, "no_counterpart")
    assert found.adequacy.arms[ARMS[0]].persons < (rows.arm == ARMS[0]).sum()


def test_weights_that_explode() -> None:
    """All but two of 1500 like customers have the offer: the two would stand for all of them."""
    rows = people()
    alike = rows.index[rows.cell == 0]
    arm = rows.arm.where(rows.cell == 1, ARMS[0])
    arm[alike[:2]] = ARMS[1]
    found = compared(rows.assign(arm=arm))
    refused(found, "too_unlike")
    assert found.adequacy.arms[ARMS[1]].share < 0.1
    overlap = compared(rows.assign(arm=arm), population="overlap")
    assert overlap.adequacy.refused == ""
    assert overlap.months.value is not None


def test_everybody_leaves_at_once() -> None:
    rows = people().assign(finish=1, end="left")
    found = compare(baseline_trial(rows, ARMS, reach=1), *ARMS, 1)
    assert (found.share.value, found.months.value) == (0.0, 0.0)
    assert e_value_of(found).ratio.reason == "all_or_nobody_left"


def test_no_causal_sentence_when_four_blocks_carry_more_than_half() -> None:
    """Customers of four houses leave together, all others at random."""
    rows = people(600, seed=5)
    crowd = people(1600, seed=6)
    crowd = crowd.assign(block=np.arange(len(crowd)) % 4)
    crowd["finish"] = np.where((crowd.block < 2) == (crowd.arm == ARMS[0]), 2, REACH)
    crowd["end"] = np.where(crowd.finish == 2, "left", "censored")
    found = compared(pd.concat([rows, crowd]))
    refused(found, "rests_on_few")
    alone = compared(rows)
    assert alone.adequacy.refused == ""


def test_a_negative_control_is_refused_with_its_comparison() -> None:
    rows = people()
    treated = rows.index[rows.arm == ARMS[0]]
    trial = baseline_trial(rows.drop(index=treated[20:]).assign(cell=0), ARMS, reach=REACH)
    found = negative_control(trial, *ARMS, REACH, "left")
    assert (found.estimate.value, found.estimate.reason) == (None, "too_few_persons")
    assert found.is_clean is None


def test_clusters_have_a_least_number_instead() -> None:
    rows = people().assign(block=lambda f: np.arange(len(f)) % 15)
    trial = replace(baseline_trial(rows, ARMS, reach=REACH), clusters=15)
    assert compare(trial, *ARMS, REACH).adequacy.refused == "too_few_clusters"


def test_nothing_known_of_anybody_leaves_all_possible() -> None:
    assert (mean_bounds(3.0, 0.0, 1.0, 24.0).low, mean_bounds(3.0, 0.0, 1.0, 24.0).high) == (1, 24)
