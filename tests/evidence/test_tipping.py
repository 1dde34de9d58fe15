"""Something unrecorded taken out of the hazards: identities, known worlds, tips."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from stammkunde.draws import BLOCKS
from stammkunde.errors import ParameterError
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.doubt.tipping import corrected, tipping
from stammkunde.evidence.doubt.unrecorded import Unrecorded, standardised
from stammkunde.evidence.trial import Compared, compare
from stammkunde.result import Status
from tests.evidence.trials import ARMS, subjects


def asked(rows: pd.DataFrame, horizon: int = 12) -> Compared:
    reach = max(horizon, int(rows.finish.max()))
    return compare(baseline_trial(rows, ARMS, reach=reach), *ARMS, horizon)


@pytest.fixture(scope="module")
def found() -> Compared:
    return asked(subjects(np.random.default_rng(1), 1500))


@pytest.mark.parametrize("spread", ["normal", "binary"])
def test_what_both_arms_have_alike_or_what_does_nothing_changes_nothing(
    found: Compared, spread: str
) -> None:
    for odds, difference in ((3.0, 0.0), (1.0, 0.6)):
        u = Unrecorded(odds=odds, difference=difference, spread=spread)  # type: ignore[arg-type]
        same = corrected(found, u)
        for own, was in ((same.months, found.months), (same.share, found.share)):
            assert own.value == pytest.approx(was.value, abs=1e-9)
            assert (own.low, own.high) == pytest.approx((was.low, was.high), abs=1e-9)


@pytest.mark.parametrize("spread", ["normal", "binary"])
@pytest.mark.parametrize("treated", [True, False])
def test_an_arm_put_together_with_its_own_is_itself(spread: str, treated: bool) -> None:
    """However strong the tie: at every hazard, also where nobody or everybody leaves."""
    hazards = np.array([0.3, 0.0, 0.001, 0.9, 0.05, 1e-6, 1.0, 0.0])
    survival = np.concatenate([[1.0], np.cumprod(1 - hazards)])[None]
    for odds in (0.01, 1.3, 20.0, 100.0):
        for difference in (-1.0, 0.3, 1.0):
            u = Unrecorded(odds=odds, difference=difference, spread=spread)  # type: ignore[arg-type]
            own = standardised(survival, u, 1.0 if treated else 0.0, treated)
            assert own == pytest.approx(survival, abs=1e-9)


def test_one_unit_by_hand() -> None:
    """1/2 of 80 treated and 1/4 of 80 others leave; U doubles the odds, held by 3/4 and 1/4.

    x solves 3/4 . 2x / (1 + 2x) + 1/4 . x / (1 + x) = 1/2, that is x = (sqrt(33) - 1) / 8, and so
    in the other arm; U is then held by half of everybody.
    """
    rows = pd.DataFrame(
        {"arm": [ARMS[0]] * 80 + [ARMS[1]] * 80, "cell": 0, "n": 1, "begin": 0, "finish": 1,
         "block": np.arange(160), "end": ["left"] * 40 + ["censored"] * 40 + ["left"] * 20
         + ["censored"] * 60}
    )  # fmt: skip
    made = corrected(asked(rows, 1), Unrecorded(odds=2.0, difference=0.5, spread="binary"))
    x = max(np.roots([3 / 2 + 1 / 2 - 1, 3 / 2 + 1 / 4 - 3 / 2, -1 / 2]))
    y = max(np.roots([1 / 2 + 3 / 2 - 1 / 2, 1 / 2 + 3 / 4 - 3 / 4, -1 / 4]))
    leave = [(2 * z / (1 + 2 * z) + z / (1 + z)) / 2 for z in (x, y)]
    assert made.share.value == pytest.approx(leave[1] - leave[0], abs=1e-9)


def test_swapped_arms_swap_signs(found: Compared) -> None:
    rows = subjects(np.random.default_rng(1), 1500)
    trial = baseline_trial(rows, ARMS, reach=int(rows.finish.max()))
    other = compare(trial, *ARMS[::-1], 12)
    one = corrected(found, Unrecorded(odds=2.0, difference=0.4)).months
    two = corrected(other, Unrecorded(odds=2.0, difference=-0.4)).months
    assert one.value == pytest.approx(-(two.value or 0), abs=1e-9)
    assert (one.low, one.high) == pytest.approx((-(two.high or 0), -(two.low or 0)), abs=1e-9)


def test_less_of_what_drives_out_is_the_same_as_more_of_what_holds(found: Compared) -> None:
    one = corrected(found, Unrecorded(odds=2.0, difference=0.4)).months
    two = corrected(found, Unrecorded(odds=0.5, difference=-0.4)).months
    assert one.value == pytest.approx(two.value, abs=1e-9)


def test_replicates_are_taken_apart_anew(found: Compared) -> None:
    rows = subjects(np.random.default_rng(1), 1500)
    u = Unrecorded(odds=2.0, difference=0.4)
    own = corrected(found, u).months
    assert own.replicates is not None
    for block in (0, 17):
        less = asked(rows[rows.block != block])
        share = found.curves[ARMS[0]].persons / sum(c.persons for c in found.curves.values())
        again = corrected(less, u, treated_share=share).months.value
        assert own.replicates.leave_out[block] == pytest.approx(again, abs=1e-9)


def test_a_tip_is_where_the_corrected_effect_is_at_its_target(found: Compared) -> None:
    assert found.months.value is not None
    target = found.months.value - 0.8
    for spread in ("normal", "binary"):
        made = tipping(found, odds=(3.0,), spread=spread, target=target)  # type: ignore[arg-type]
        (tip,) = made.tips
        assert tip.difference is not None
        assert tip.limit is not None
        assert tip.difference < tip.limit <= 0
        u = Unrecorded(odds=3.0, difference=tip.difference, spread=spread)  # type: ignore[arg-type]
        assert corrected(found, u).months.value == pytest.approx(target, abs=1e-3)


def test_stronger_ties_need_less_difference_and_the_limit_less_than_the_estimate() -> None:
    rows = subjects(np.random.default_rng(7), 3000)
    treated = rows.arm == ARMS[0]
    rows["finish"] = np.where(treated, rows.finish, np.maximum(rows.finish // 2, 1))
    made = tipping(asked(rows), odds=(1.5, 3.0, 6.0))
    needed = [t.difference for t in made.tips]
    assert all(t.difference < t.limit < 0 for t in made.tips if t.difference and t.limit)
    assert needed == sorted(needed, key=lambda x: x or 0)
    assert made.to_frame().shape == (3, 3)


def test_what_cannot_be_reached_has_no_tip() -> None:
    rows = subjects(np.random.default_rng(7), 3000)
    treated = rows.arm == ARMS[0]
    rows["finish"] = np.where(treated, rows.finish, np.maximum(rows.finish // 4, 1))
    (tip,) = tipping(asked(rows, 5), odds=(1.05,), spread="binary").tips
    assert (tip.difference, tip.limit) == (None, None)


def test_an_interval_that_holds_the_target_needs_nothing(found: Compared) -> None:
    made = tipping(found, target=found.months.value or 0.0, odds=(2.0,))
    assert made.tips[0].limit == 0.0
    assert made.tips[0].difference == 0.0


def test_few_leavers_move_as_the_estimate_does() -> None:
    size = 400
    rows = pd.DataFrame(
        {"arm": np.where(np.arange(size) % 2, *ARMS), "cell": 0, "n": 1, "begin": 0,
         "block": np.arange(size) % BLOCKS, "finish": 12, "end": "censored"}
    )  # fmt: skip
    rows.loc[[0, 2, 4, 6, 8, 10, 12, 14, 16, 1], ["finish", "end"]] = [5, "left"]
    was = asked(rows).months
    assert was.se is None
    now = corrected(asked(rows), Unrecorded(odds=2.0, difference=0.5)).months
    by = (now.value or 0) - (was.value or 0)
    assert by > 0.01
    assert (now.low, now.high) == pytest.approx(((was.low or 0) + by, (was.high or 0) + by))


def deals(rng: np.random.Generator, size: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Return customers of whom the deal-prone take the offer and leave, and how prone they are."""
    prone = rng.standard_normal(size)
    portal = (rng.random(size) < expit(-0.5 + 1.5 * prone)).astype(int)
    takes = rng.random(size) < expit(1.2 * prone)
    stay = np.full(size, 25)
    for month in range(24, 0, -1):
        push = -0.7 * (month <= 12) + 1.1 * (13 <= month <= 14)
        leaves = rng.random(size) < expit(-3.5 + 0.7 * prone + takes * push)
        stay = np.where(leaves, month, stay)
    rows = pd.DataFrame(
        {"arm": np.where(takes, *ARMS), "cell": portal, "block": rng.integers(0, BLOCKS, size),
         "begin": 0, "finish": np.minimum(stay, 24), "n": 1,
         "end": np.where(stay <= 24, "left", "censored")}
    )  # fmt: skip
    return rows, prone


def test_deal_proneness_explains_the_sign() -> None:
    """Takers are .72 and .70 deviations more deal-prone, each of which brings exp(.7) odds.

    The comparison by portal says -.716 months for a true 1.493. The tip towards the truth is near
    the difference that there is, and that towards no effect is well below it: the display says
    that as much as there really is turns the sign.
    """
    rows, prone = deals(np.random.default_rng(1), 60_000)
    takes = (rows.arm == ARMS[0]).to_numpy()
    gaps = [
        prone[takes & (rows.cell == c)].mean() - prone[~takes & (rows.cell == c)].mean()
        for c in (0, 1)
    ]
    assert gaps == pytest.approx([0.72, 0.70], abs=0.03)
    wrong = asked(rows, 24)
    assert wrong.months.value == pytest.approx(-0.716, abs=0.25)
    true = tipping(wrong, odds=(np.exp(0.7),), target=1.4934).tips[0]
    assert true.difference == pytest.approx(0.71, abs=0.1)
    none = tipping(wrong, odds=(np.exp(0.7),)).tips[0]
    assert none.difference is not None
    assert 0 < none.difference < 0.5 * 0.71
    mended = corrected(wrong, Unrecorded(odds=np.exp(0.7), difference=0.71)).months
    assert mended.value == pytest.approx(1.4934, abs=0.25)
    assert mended.low is not None
    assert mended.low > 0
    assert mended.status is Status.ASSUMED
    assert mended.assumptions[-1] == "unrecorded_difference_as_given"


@pytest.mark.parametrize(
    "wrong",
    [{"odds": 0.0, "difference": 0.1}, {"odds": 2.0, "difference": 6.0},
     {"odds": 2.0, "difference": 0.5, "spread": "binary", "prevalence": 0.2},
     {"odds": 2.0, "difference": 0.0, "prevalence": 1.0}],
)  # fmt: skip
def test_what_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ParameterError):
        Unrecorded(**wrong)  # type: ignore[arg-type]


def test_a_share_of_the_treated_is_a_share(found: Compared) -> None:
    with pytest.raises(ParameterError, match="share of 2"):
        tipping(found, treated_share=2.0)
