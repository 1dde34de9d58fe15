"""Arms dealt at random within cells, and outcomes that the offer cannot touch."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from stammkunde.draws import BLOCKS
from stammkunde.errors import ParameterError
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.doubt.negative import negative_control, negative_period
from stammkunde.evidence.doubt.permutation import _dealt, _table, permutation_test
from stammkunde.evidence.trial import compare
from stammkunde.survival.causes import aalen_johansen
from tests.evidence.trials import ARMS, subjects
from tests.validate.causes import counted


@pytest.mark.parametrize("population", ["all", "treated", "overlap"])
@pytest.mark.parametrize("late", [False, True])
def test_the_difference_is_that_of_the_trial(population: str, late: bool) -> None:
    rows = subjects(np.random.default_rng(1), late=late)
    trial = baseline_trial(rows, ARMS, reach=12, population=population)  # type: ignore[arg-type]
    found = permutation_test(rows, ARMS, 12, population=population, count=9)  # type: ignore[arg-type]
    assert found.value == pytest.approx(compare(trial, *ARMS, 12).months.value, abs=1e-9)


def test_all_dealings_of_six_customers() -> None:
    """Means of 3 and 3 in one cell: p counts those of the 20 dealings that differ as much."""
    stay = np.array([1, 2, 5, 3, 6, 6])
    rows = pd.DataFrame(
        {"arm": [ARMS[0]] * 3 + [ARMS[1]] * 3, "cell": 4, "block": 0, "begin": 0, "finish": stay,
         "end": "left", "n": 1}
    )  # fmt: skip
    found = permutation_test(rows, ARMS, 6, count=4000)
    assert found.value == pytest.approx(8 / 3 - 5)
    gaps = [2 * stay[list(c)].sum() - stay.sum() for c in combinations(range(6), 3)]
    share = np.mean([abs(g) >= 7 for g in gaps])
    assert found.p == pytest.approx(share, abs=4 * np.sqrt(share / 4000))
    dealt = sorted(abs(g) / 3 for g in gaps)
    assert found.high is not None
    assert found.high <= dealt[-1] + 1e-12


def test_cells_and_late_comers_keep_their_numbers() -> None:
    rows = subjects(np.random.default_rng(2), late=True)
    made = _table(rows, ARMS, 20)
    dealt = _dealt(np.random.default_rng(1), made, 50)
    assert (np.add.reduceat(dealt, made.starts, axis=1)
            == np.add.reduceat(made.first, made.starts)).all()  # fmt: skip
    assert (dealt >= 0).all()
    assert (dealt <= made.both).all()
    assert (dealt != made.first).any()
    whole = rows.groupby(["cell", "begin"]).size()
    assert np.add.reduceat(made.both, made.starts).tolist() == whole.tolist()


def test_dealings_are_the_same_for_the_same_key() -> None:
    rows = subjects(np.random.default_rng(3), 300)
    one, same, other = (permutation_test(rows, ARMS, 12, count=50, key=k) for k in ("", "", "b"))
    assert one == same
    assert (one.low, one.value) != (other.low, other.value)
    shuffled = rows.sample(frac=1.0, random_state=1).assign(block=0)
    assert permutation_test(shuffled, ARMS, 12, count=50) == one


def test_duplicated_rows_as_counts() -> None:
    rows = subjects(np.random.default_rng(4), 300)
    twice = permutation_test(pd.concat([rows, rows]), ARMS, 12, count=50)
    assert twice == permutation_test(rows.assign(n=2), ARMS, 12, count=50)


def test_an_effect_is_found_and_confounding_is_not() -> None:
    """Cells decide both arm and leaving; within them the offer does nothing, or halves it."""
    rng = np.random.default_rng(5)
    size = 3000
    cell = rng.integers(0, 2, size)
    offered = rng.random(size) < np.where(cell == 1, 0.7, 0.2)
    for effect, found in ((1.0, False), (0.5, True)):
        stay = rng.geometric(np.where(cell == 1, 0.03, 0.12) * np.where(offered, effect, 1.0))
        rows = pd.DataFrame(
            {"arm": np.where(offered, *ARMS), "cell": cell, "block": 0, "begin": 0, "n": 1,
             "finish": np.minimum(stay, 12), "end": np.where(stay <= 12, "left", "censored")}
        )  # fmt: skip
        p = permutation_test(rows, ARMS, 12, count=199).p
        assert p is not None
        assert (p <= 0.01) is found
        naive = permutation_test(rows.assign(cell=0), ARMS, 12, count=199).p
        assert naive == pytest.approx(1 / 200)


def test_a_permutation_is_of_two_arms() -> None:
    rows = subjects(np.random.default_rng(6), 100)
    with pytest.raises(ParameterError, match="of two arms"):
        permutation_test(rows, ARMS[:1], 12)


RATES = {"price": (0.15, 0.30), "moved": (0.12, 0.12)}


def movers(size: int = 40_000, seed: int = 7) -> pd.DataFrame:
    """Return customers whose offer halves leaving for price and leaves moving alone."""
    rng = np.random.default_rng(seed)
    offered = rng.random(size) < 0.5
    place = np.where(offered, 0, 1)
    months = [rng.geometric(np.array(RATES[c])[place] / 10) for c in ("price", "moved")]
    first = np.minimum(*months)
    return pd.DataFrame(
        {"arm": np.where(offered, *ARMS), "cell": 0, "block": rng.integers(0, BLOCKS, size),
         "begin": 0, "finish": np.minimum(first, 24), "n": 1,
         "end": np.where(first > 24, "censored",
                         np.where(months[0] < months[1], "price", "moved"))}
    )  # fmt: skip


def test_an_offer_that_works_is_not_accused() -> None:
    """Who stays may still move away: the plain share of movers rises, their own hazard does not.

    Ties of a month count as moves, which shifts either hazard by a product of the two.
    """
    rows = movers()
    found = negative_control(baseline_trial(rows, ARMS, reach=24), *ARMS, 24, "moved")
    assert found.is_clean
    assert found.plain is not None
    assert found.plain.low is not None
    assert found.plain.low > 0.01
    assert found.estimate.assumptions == (
        "alike_given_what_is_known", "the_offer_cannot_touch_this_cause"
    )  # fmt: skip


def test_the_plain_share_is_that_of_aalen_and_johansen() -> None:
    rows = movers(2000)
    trial = baseline_trial(rows, ARMS, reach=24)
    found = negative_control(trial, *ARMS, 24, "moved")
    ends = []
    net = []
    for arm in ARMS:
        own = rows[rows.arm == arm]
        code = own.end.map({"censored": 0, "price": 1, "moved": 2}).to_numpy()
        made = counted(own.finish.to_numpy(), code, own.block.to_numpy())
        ends.append(aalen_johansen(made)[made.causes[1]].value[24])
        there = np.array([(own.finish >= t).sum() for t in range(1, 25)])
        gone = np.array([((own.finish == t) & (own.end == "moved")).sum() for t in range(1, 25)])
        net.append(1 - np.prod(1 - gone / there))
    assert found.plain is not None
    assert found.plain.value == pytest.approx(ends[0] - ends[1], abs=1e-12)
    assert found.estimate.value == pytest.approx(net[0] - net[1], abs=1e-12)
    swapped = negative_control(trial, *ARMS[::-1], 24, "moved").estimate
    assert swapped.value == pytest.approx(-(found.estimate.value or 0))


def test_an_unrecorded_difference_is_accused() -> None:
    """The offer went to townspeople, who move more; nobody wrote down where they live."""
    rng = np.random.default_rng(8)
    size = 6000
    town = rng.random(size) < 0.5
    offered = rng.random(size) < np.where(town, 0.7, 0.3)
    moved, price = rng.geometric(np.where(town, 0.03, 0.01)), rng.geometric(0.02, size)
    first = np.minimum(moved, price)
    rows = pd.DataFrame(
        {"arm": np.where(offered, *ARMS), "cell": town.astype(int), "n": 1, "begin": 0,
         "block": rng.integers(0, BLOCKS, size), "finish": np.minimum(first, 24),
         "end": np.where(first > 24, "censored", np.where(moved <= price, "moved", "price"))}
    )  # fmt: skip
    blind = baseline_trial(rows.assign(cell=0), ARMS, reach=24)
    assert negative_control(blind, *ARMS, 24, "moved").is_clean is False
    seeing = baseline_trial(rows, ARMS, reach=24)
    assert negative_control(seeing, *ARMS, 24, "moved").is_clean


def test_few_movers_have_limits_of_the_effective_numbers() -> None:
    rows = subjects(np.random.default_rng(9), 900)
    kept = rows.index[rows.end == "moved"]
    rows.loc[kept[3:], "end"] = "price"
    found = negative_control(baseline_trial(rows, ARMS, reach=12), *ARMS, 12, "moved").estimate
    assert found.se is None
    assert "limits combined" in found.method
    assert found.low is not None
    assert found.high is not None
    assert found.value is not None
    assert -0.1 < found.low < found.value < found.high < 0.1


def test_an_unknown_cause() -> None:
    trial = baseline_trial(subjects(np.random.default_rng(10)), ARMS, reach=12)
    with pytest.raises(ParameterError, match="moved"):
        negative_control(trial, *ARMS, 12, "movd")


def test_a_period_before_the_offer() -> None:
    found = compare(baseline_trial(movers(3000), ARMS, reach=24), *ARMS, 24)
    assert negative_period(found.months, "the year before").is_clean is False
