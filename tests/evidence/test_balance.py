"""Balance, positivity and trimming against hand examples and plain counting."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from stammkunde.draws import BLOCKS
from stammkunde.errors import DataError, ParameterError
from stammkunde.evidence.adequacy import adequacy
from stammkunde.evidence.arms import weights_of
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.doubt.balance import balance, balance_by_unit, known_of
from stammkunde.evidence.doubt.positivity import best_least, effective_by_unit, positivity, trimmed
from stammkunde.evidence.history import history_arm
from stammkunde.evidence.shares import Shares
from stammkunde.evidence.trial import Trial, compare
from stammkunde.survival.drivers.cells import Factor
from tests.evidence.trials import ARMS, subjects

KNOWN = pd.DataFrame(
    {"channel": ["shop", "web", "web"], "age": ["young", "young", None]}, index=[0, 1, 2]
)


def counted(numbers: dict[tuple[str, int], int], months: int = 3) -> pd.DataFrame:
    """Return customers by arm and cell, all seen to the end."""
    rows = [
        {"arm": a, "cell": c, "block": 7, "begin": 0, "finish": months, "end": "censored", "n": n}
        for (a, c), n in numbers.items()
    ]
    return pd.DataFrame(rows)


def level(table: pd.DataFrame, column: str, name: str) -> pd.Series:
    return table[(table.column == column) & (table.level == name)].iloc[0]


HAND = counted({(ARMS[0], 0): 30, (ARMS[1], 0): 10, (ARMS[0], 1): 10, (ARMS[1], 1): 30,
                (ARMS[0], 2): 10, (ARMS[1], 2): 10})  # fmt: skip


def test_hand_example_in_fractions() -> None:
    """Of 50 each, 30 and 10 come from the shop: 2/5 by the root of (6/25 + 4/25) / 2 = 1/5."""
    found = balance(baseline_trial(HAND, ARMS, reach=3), *ARMS, KNOWN)
    shop = level(found.table, "channel", "shop")
    assert (shop.treated, shop.control, shop.everybody) == (3 / 5, 1 / 5, 2 / 5)
    assert shop.before == pytest.approx((2 / 5) / np.sqrt(1 / 5), abs=1e-12)
    assert (shop.treated_weighted, shop.control_weighted) == pytest.approx((2 / 5, 2 / 5))
    missing = level(found.table, "age", "(missing)")
    assert (missing.treated, missing.control, missing.before) == (1 / 5, 1 / 5, 0)
    assert found.before == pytest.approx((2 / 5) / np.sqrt(1 / 5))
    assert found.after == pytest.approx(0, abs=1e-12)


def test_overlap_weights_name_their_population() -> None:
    """The overlap counts a cell by n p (1 - p): 7.5, 7.5 and 5 of 20."""
    found = balance(baseline_trial(HAND, ARMS, reach=3, population="overlap"), *ARMS, KNOWN)
    assert found.after == pytest.approx(0, abs=1e-12)
    named = found.composition.set_index(["column", "level"])
    assert named.population[("channel", "shop")] == pytest.approx(3 / 8)
    assert named.population[("age", "(missing)")] == pytest.approx(1 / 4)
    assert named.everybody[("age", "(missing)")] == pytest.approx(1 / 5)
    treated = balance(baseline_trial(HAND, ARMS, reach=3, population="treated"), *ARMS, KNOWN)
    shares = treated.composition.set_index(["column", "level"]).population
    assert shares[("channel", "shop")] == pytest.approx(3 / 5)


def test_weights_by_one_column_leave_the_other_unbalanced() -> None:
    """What is not in the cells is not balanced, and the largest remaining difference says so."""
    rng = np.random.default_rng(1)
    rows = subjects(rng, 3000)
    coarse = rows.assign(cell=rows.cell // 2)
    both = pd.crosstab([rows.cell], rows.arm)
    share = both / both.sum()
    expected = {}
    for c in both.index:
        p, q = share.loc[c, ARMS[0]], share.loc[c, ARMS[1]]
        expected[str(c)] = (p - q) / np.sqrt((p * (1 - p) + q * (1 - q)) / 2)
    fine = balance(baseline_trial(rows, ARMS, reach=20), *ARMS, pd.DataFrame({"cell": range(3)}))
    assert fine.table.set_index("level").before.to_dict() == pytest.approx(expected)
    assert fine.after == pytest.approx(0, abs=1e-12)
    trial = baseline_trial(coarse, ARMS, reach=20)
    # a trial by the coarse cells, of which each row still knows the fine one
    order = [rows[rows.arm == a].cell.to_numpy() for a in ARMS]
    known = {}
    for a, cells in zip(ARMS, order, strict=True):
        more = np.concatenate([cells, np.zeros(len(trial.arm(a).code) - len(cells), int)])
        known[a] = pd.DataFrame({"cell": more})
    left = balance(trial, *ARMS, known)
    assert left.after > 0.1
    assert left.after < left.before


def test_swapped_arms_swap_signs() -> None:
    trial = baseline_trial(subjects(np.random.default_rng(2)), ARMS, reach=20)
    levels = pd.DataFrame({"cell": range(3)})
    one, two = balance(trial, *ARMS, levels), balance(trial, *ARMS[::-1], levels)
    assert one.table.before.to_numpy() == pytest.approx(-two.table.before.to_numpy())
    assert one.table.treated.tolist() == two.table.control.tolist()


def test_by_unit_those_at_risk_are_counted() -> None:
    rows = subjects(np.random.default_rng(3), 1500)
    trial = baseline_trial(rows, ARMS, reach=20)
    found = balance_by_unit(trial, *ARMS, pd.DataFrame({"cell": range(3)}))
    first = found.table[found.table.unit == 1]
    assert first.after.abs().max() == pytest.approx(0, abs=1e-12)
    for unit in (1, 5, 12):
        there = rows[(rows.arm == ARMS[0]) & (rows.finish >= unit)]
        own = found.table[found.table.unit == unit].set_index("level").treated
        assert own["0"] == pytest.approx((there.cell == 0).mean())
    assert set(found.composition.columns) >= {"unit", "population"}


def test_histories_are_balanced_row_by_row() -> None:
    """Two histories, taken up by 1/4 and 3/4: weights of 4 and 4/3 make the takers like all."""
    part, whole = np.zeros((2, BLOCKS), int), np.zeros((2, BLOCKS), int)
    part[:, 0], whole[:, 0] = (10, 30), (40, 40)
    taker = history_arm(
        "taken", np.eye(2, dtype=int), np.array([1, 1]), np.zeros(2, int), np.array([10, 30]),
        np.zeros((2, 1), int), np.eye(1, BLOCKS, dtype=int)[0] * 40, 1,
    )  # fmt: skip
    everybody = history_arm(
        "all", np.zeros((2, 2), int), np.array([1, 1]), np.zeros(2, int), np.array([40, 40]),
        np.zeros((2, 1), int), np.eye(1, BLOCKS, dtype=int)[0] * 80, 1,
    )  # fmt: skip
    trial = Trial(
        arms={"taken": taker, "all": everybody}, shares=Shares(part, whole), causes=("left",)
    )
    rows = pd.DataFrame({"usage": ["low", "high"]})
    found = balance(trial, "taken", "all", {"taken": rows, "all": rows})
    low = level(found.table, "usage", "low")
    assert (low.treated, low.treated_weighted, low.control) == pytest.approx((1 / 4, 1 / 2, 1 / 2))
    assert found.before > 0.5
    assert found.after == pytest.approx(0, abs=1e-12)
    with pytest.raises(DataError, match="1 rows of levels for 2 rows"):
        balance(trial, "taken", "all", {"taken": rows[:1], "all": rows})


def test_levels_that_tell_arms_apart_alone_are_finite() -> None:
    """All of one arm and none of the other: no spread within, one of 1/2 over both."""
    known = {a: pd.DataFrame({"x": [str(i)] * 2}) for i, a in enumerate(ARMS)}
    rows = counted({(ARMS[0], 0): 5, (ARMS[1], 0): 5, (ARMS[0], 1): 5, (ARMS[1], 1): 5})
    found = balance(baseline_trial(rows, ARMS, reach=3), *ARMS, known)
    assert found.before == pytest.approx(2.0)


def test_levels_are_named_by_their_numbers() -> None:
    factors = (Factor("channel", ("web", "shop")), Factor("age", ("young", "(missing)")))
    made = known_of(factors, np.array([[1, 0], [0, 0], [0, 1]]))
    named = KNOWN.fillna("(missing)")
    pd.testing.assert_frame_equal(made, named)
    trial = baseline_trial(HAND, ARMS, reach=3)
    pd.testing.assert_frame_equal(
        balance(trial, *ARMS, made).table, balance(trial, *ARMS, KNOWN).table
    )


def test_levels_nobody_has_are_not_listed() -> None:
    trial = baseline_trial(ALONE, ARMS, reach=3)
    table = balance(trial, *ARMS, LEVELS).table
    assert table[table.column == "age"].level.tolist() == ["(missing)", "young"]
    assert trial.without == 20


def test_every_cell_needs_its_levels() -> None:
    with pytest.raises(DataError, match="cell 2 has no levels"):
        balance(baseline_trial(HAND, ARMS, reach=3), *ARMS, KNOWN[:2])
    with pytest.raises(DataError, match="cell 2 has no levels"):
        positivity(HAND, ARMS, KNOWN[:2], reach=3)


ALONE = pd.concat([HAND, counted({(ARMS[0], 3): 20})], ignore_index=True)
LEVELS = pd.concat([KNOWN, pd.DataFrame({"channel": ["web"], "age": ["old"]}, index=[3])])


def test_who_has_no_counterpart() -> None:
    found = positivity(ALONE, ARMS, LEVELS, reach=3)
    assert (found.persons, found.alone, found.share) == (120, 20, 1 / 6)
    assert level(found.groups, "age", "old").share == 1
    web = level(found.groups, "channel", "web")
    assert (web.persons, web.alone, web.share) == (80, 20, 1 / 4)
    assert found.cells[["cell", "level channel", "level age", *ARMS]].values.tolist() == [
        [3, "web", "old", 20, 0]
    ]
    assert found.units.share.tolist() == pytest.approx([1 / 6] * 3)
    assert compare(baseline_trial(ALONE, ARMS, reach=3), *ARMS, 3).adequacy.refused


def test_units_without_a_counterpart() -> None:
    """In cell 0 the offered are gone after the second month: the ten others are alone then."""
    rows = HAND.assign(finish=np.where((HAND.arm == ARMS[0]) & (HAND.cell == 0), 2, 3))
    units = positivity(rows, ARMS, KNOWN, reach=3).units
    assert units.at_risk.tolist() == [100, 100, 70]
    assert units.alone.tolist() == [0, 0, 10]


def test_effective_numbers_by_unit() -> None:
    rows = subjects(np.random.default_rng(4))
    trial = baseline_trial(rows, ARMS, reach=20)
    found = effective_by_unit(trial).set_index(["arm", "unit"])
    own = rows[(rows.arm == ARMS[0]) & (rows.finish >= 4)]
    each = weights_of(trial.arm(ARMS[0]), trial.shares)[:, 0][own.cell]
    assert found.at_risk[(ARMS[0], 4)] == len(own)
    assert found.effective[(ARMS[0], 4)] == pytest.approx(each.sum() ** 2 / (each**2).sum())


def test_trimming_announces_whom_the_answer_is_of() -> None:
    left = trimmed(ALONE, ARMS, LEVELS, least=0.0)
    assert (left.persons, left.before, left.share) == (100, 120, 5 / 6)
    named = left.composition.set_index(["column", "level"])
    assert named.population[("age", "old")] == 0
    assert named.everybody[("age", "old")] == pytest.approx(1 / 6)
    assert baseline_trial(left.counts, ARMS, reach=3).without == 0
    stricter = trimmed(ALONE, ARMS, LEVELS, least=0.3)
    assert (stricter.persons, stricter.least) == (20, 0.3)
    assert set(stricter.counts.cell) == {2}
    with pytest.raises(ParameterError, match=r"least share of 0\.5"):
        trimmed(ALONE, ARMS, LEVELS, least=0.5)
    with pytest.raises(ParameterError, match="of two arms"):
        trimmed(ALONE, ARMS[:1], LEVELS)


def test_the_best_least_share_has_the_smallest_variance_of_all_subsets() -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        e, n = rng.uniform(0.005, 0.5, 7), rng.integers(200, 260, 7)

        def variance(kept: np.ndarray, e: np.ndarray = e, n: np.ndarray = n) -> float:
            return float((n / (e * (1 - e)))[kept].sum() / n[kept].sum() ** 2)

        every = [np.array(c) for k in range(1, 8) for c in combinations(range(7), k)]
        best = min(map(variance, every))
        assert variance(e >= best_least(e, n)) == pytest.approx(best, rel=1e-12)
    assert best_least(np.zeros(3), np.ones(3)) == 0.0
    assert trimmed(HAND, ARMS, KNOWN, least=None).persons == 100


@pytest.mark.parametrize(
    ("rare", "share", "refused"), [(5, 0.82, ""), (20, 0.34, ""), (50, 0.15, ""),
                                   (200, 0.04, "too_unlike")]
)  # fmt: skip
def test_effective_share_when_nearly_everybody_has_the_offer(
    rare: int, share: float, refused: str
) -> None:
    """60 % have it but for one in `rare`, 40 % one in two: 1 / [(.6 e + .2) (.6 / e + .8)]."""
    size, e = 100_000, 1 / rare
    few = 60 * size // 100 // rare
    numbers = {(ARMS[0], 0): 60 * size // 100 - few, (ARMS[1], 0): few}
    numbers |= {(a, 1): 20 * size // 100 for a in ARMS}
    trial = baseline_trial(counted(numbers), ARMS, reach=3)
    found = adequacy(trial.arms, trial.shares)
    assert found.arms[ARMS[1]].share == pytest.approx(1 / ((0.6 * e + 0.2) * (0.6 / e + 0.8)))
    assert round(found.arms[ARMS[1]].share, 2) == share
    assert weights_of(trial.arm(ARMS[1]), trial.shares).max() == pytest.approx(rare)
    assert found.refused == refused
    overlap = baseline_trial(counted(numbers), ARMS, reach=3, population="overlap")
    assert adequacy(overlap.arms, overlap.shares).refused == ""
