"""Tables from arrays are counted in chunks; where the chunks end must not show."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.errors import DataError
from stammkunde.survival import arrays
from stammkunde.survival.arrays import life_table_from, life_tables_from
from stammkunde.survival.kaplan_meier import kaplan_meier
from tests.kernel.making import same_counts
from tests.patience import examples

CAUSES = ("price", "moved")


def made(size, seed=5):
    rng = np.random.default_rng(seed)
    entry = rng.integers(0, 4, size)
    return {
        "exit_": rng.integers(1, 9, size),
        "cause": rng.integers(0, 3, size),
        "entry": entry,
        "group": rng.integers(0, 3, size),
        "block": rng.integers(0, 256, size),
    }


def by_hand(rows, group, length):
    """Count as the definition says: at risk in unit t when entry < t <= exit."""
    here = (rows["group"] == group) & (rows["entry"] < rows["exit_"])
    at_risk, moves = np.zeros((256, length), int), np.zeros((len(CAUSES), 256, length), int)
    columns = (rows[k][here] for k in ("exit_", "cause", "entry", "block"))
    for last, cause, entry, block in zip(*columns, strict=True):
        at_risk[block, entry:last] += 1
        if cause:
            moves[cause - 1, block, last - 1] += 1
    return at_risk, moves


@settings(max_examples=examples(60), deadline=None)
@given(size=st.integers(0, 400), seed=st.integers(0, 99), dealt=st.booleans())
def test_rows_are_counted_as_the_definition_says_whatever_the_chunks(size, seed, dealt):
    rows = made(size, seed)
    if not dealt:
        rows["block"][:] = 0
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(arrays, "CHUNK", 1)
        tables = life_tables_from(
            rows["exit_"], rows["cause"], rows["group"], 3,
            causes=CAUSES, entry=rows["entry"], block=rows["block"] if dealt else None,
        )  # fmt: skip
    for group, table in enumerate(tables):
        at_risk, moves = by_hand(rows, group, table.length)
        np.testing.assert_array_equal(table.at_risk[0], at_risk)
        kept = [CAUSES.index(cause) for cause in table.causes]
        np.testing.assert_array_equal(table.moves[0], moves[kept])
        assert moves.sum() == table.moves.sum()


def test_many_chunks_are_the_sum_of_parts():
    rng = np.random.default_rng(8)
    size = 5 * arrays.CHUNK + 17
    exit_, left = rng.integers(1, 9, size), rng.integers(0, 2, size)
    cuts = [0, 3, arrays.CHUNK, 3 * arrays.CHUNK + 5, size]
    parts = [life_table_from(exit_[a:b], left[a:b]) for a, b in pairwise(cuts)]
    whole = life_table_from(exit_, left)
    same_counts(sum(parts[1:], parts[0]), whole)
    stays = Fraction(1)
    for unit in range(1, 9):
        at_risk = int((exit_ >= unit).sum())
        stays *= Fraction(at_risk - int(left[exit_ == unit].sum()), at_risk)
    assert kaplan_meier(whole).value[8] == pytest.approx(float(stays), rel=1e-12)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int32, np.uint64])
def test_any_kind_of_integers_counts_the_same_and_is_left_as_it_was(kind):
    rows = made(400)
    few = {**rows, "block": rows["block"] % 100}
    names = ("exit_", "cause", "entry", "block")
    small = {k: few[k].astype(kind) for k in names}
    before = {k: a.copy() for k, a in small.items()}
    same_counts(
        life_table_from(**small, causes=CAUSES),
        life_table_from(**{k: few[k] for k in names}, causes=CAUSES),
    )
    assert all(np.array_equal(small[k], before[k]) for k in names)


@pytest.mark.parametrize("name", ["exit_", "cause", "entry", "block"])
def test_fractions_are_refused_by_name(name):
    rows = made(20)
    del rows["group"]
    rows[name] = rows[name] + 0.5
    with pytest.raises(DataError, match=f"`{name}` does not hold whole numbers"):
        life_table_from(**rows, causes=CAUSES)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("cause", 3, "a cause is out of range"),
        ("group", -1, "a group is out of range"),
        ("block", 256, "a block is out of range"),
        ("entry", -2, "an entry lies before tenure 0"),
    ],
)
def test_numbers_without_a_place_are_counted_in_the_refusal(name, value, told):
    rows = made(20)
    rows["exit_"][:] = 8
    rows[name][[3, 4]] = value
    group = rows.pop("group")
    with pytest.raises(DataError, match=rf"{told} \(2 rows\)"):
        life_tables_from(rows.pop("exit_"), rows.pop("cause"), group, 3, causes=CAUSES, **rows)


def test_without_blocks_all_stand_in_the_first():
    rows = made(300)
    table = life_table_from(rows["exit_"], rows["cause"], causes=CAUSES)
    assert table.at_risk[0, 1:].sum() == 0
    assert table.at_risk[0, 0, 0] == 300
