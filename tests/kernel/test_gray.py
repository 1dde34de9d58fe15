"""Gray's test: against cmprsk, by hand, and by what must hold anywhere.

By hand, groups x (1 price, 2 moved, 3 price) and y (1 moved, 2 price, 3 censored): at risk with
those whom other causes took are 3 and 3, then 2 and 3, then 2 and 2. The score of x is
(1 - 1/2) - 2/5 + (1 - 1/2) = 3/5.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.survival.arrays import life_table_from, life_tables_from
from stammkunde.survival.causes import gray_test
from stammkunde.survival.causes.gray import scores
from stammkunde.survival.formulas import excess_events
from stammkunde.survival.table import LifeTable
from tests.patience import examples
from tests.reference.stored import stored

pytestmark = pytest.mark.filterwarnings("error")
CAUSES = ("price", "moved")
EXACT = {"rel": 1e-10}


@pytest.fixture(scope="module")
def r() -> dict[str, Any]:
    return {k: np.array(v) for k, v in stored("causes.json").items()}


@pytest.fixture(scope="module")
def groups(r: dict[str, Any]) -> list[LifeTable]:
    return life_tables_from(r["exit"], r["cause"], r["group"] - 1, 3, causes=CAUSES)


def table(exit_: list[int], cause: list[int], entry: list[int] | None = None) -> LifeTable:
    late = None if entry is None else np.array(entry)
    return life_table_from(np.array(exit_), np.array(cause), causes=CAUSES, entry=late)


@pytest.mark.parametrize("i", [0, 1])
def test_two_and_three_groups_with_ties_are_cmprsks(
    r: dict[str, Any], groups: list[LifeTable], i: int
) -> None:
    for some, name, df in ((groups, "three", 2), (groups[:2], "two", 1)):
        found = gray_test(some, CAUSES[i])
        assert found.statistic == pytest.approx(r[f"gray.{name}"][i], **EXACT)
        assert found.p == pytest.approx(r[f"gray.{name}.p"][i], **EXACT)
        assert found.df == df


def test_without_other_causes_it_is_cmprsks_too(r: dict[str, Any]) -> None:
    price = np.where(r["cause"] == 1, 1, 0)
    alone = life_tables_from(r["exit"], price, r["group"] - 1, 3, causes=("price",))
    assert gray_test(alone, "price").statistic == pytest.approx(r["gray.alone"][0], **EXACT)


def test_six_customers_by_hand() -> None:
    n = np.array([[3, 2, 1], [3, 2, 1]])
    price, moved = np.array([[1, 0, 1], [0, 1, 0]]), np.array([[0, 1, 0], [1, 0, 0]])
    assert scores(n, price, moved) == pytest.approx([3 / 5, -3 / 5])


COUNTS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 3)), min_size=4, max_size=4
)


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(COUNTS, min_size=2, max_size=4))
def test_scores_sum_to_zero_and_without_other_causes_are_the_log_ranks(rows: Any) -> None:
    """Whatever enters late; a group goes on as long as somebody of it is left."""
    stay, price, moved = np.moveaxis(np.array(rows), -1, 0)
    n = stay + price + moved
    assert scores(n, price, moved).sum() == pytest.approx(0, abs=1e-12)
    n = 1 + stay + price
    plain = excess_events(n, price)
    assert scores(n, price, np.zeros_like(price)) == pytest.approx(plain, abs=1e-12)


@pytest.mark.parametrize("cause", CAUSES)
def test_the_order_of_groups_does_not_matter(groups: list[LifeTable], cause: str) -> None:
    found = [gray_test([groups[i] for i in o], cause).statistic for o in ((0, 1, 2), (2, 0, 1))]
    assert found[0] == pytest.approx(found[1], rel=1e-10)


def test_a_group_against_itself_differs_in_nothing(groups: list[LifeTable]) -> None:
    found = gray_test([groups[0], groups[0]], "price")
    assert (found.statistic, found.p) == pytest.approx((0, 1), abs=1e-12)


def test_blocks_say_the_same_where_each_person_has_one_spell(r: dict[str, Any]) -> None:
    size = 8
    exit_, cause = (np.tile(r[k], size) for k in ("exit", "cause"))
    rng = np.random.default_rng(2)
    # groups by lot: Gray's variance is that under no difference
    block, group = rng.integers(0, 256, len(exit_)), rng.integers(0, 2, len(exit_))
    made = life_tables_from(exit_, cause, group, 2, causes=CAUSES, block=block)
    plain = gray_test(made, "price")
    persons = gray_test([replace(t, repeats=True) for t in made], "price")
    assert persons.statistic == pytest.approx(plain.statistic, rel=0.25)
    assert (persons.method, plain.method) == ("Gray, person blocks", "Gray")


def test_late_entry_changes_the_test_but_not_what_it_asks(r: dict[str, Any]) -> None:
    """Ten times the customers, each seen from a tenure of its own: the same difference is found."""
    exit_, cause, group = (np.tile(r[k], 10) for k in ("exit", "cause", "group"))
    entry = np.random.default_rng(3).integers(0, 3, len(exit_))
    late = life_tables_from(exit_, cause, group - 1, 3, causes=CAUSES, entry=entry)
    full = life_tables_from(exit_, cause, group - 1, 3, causes=CAUSES)
    found, wanted = (gray_test(t[:2], "moved").statistic for t in (late, full))
    assert found < wanted
    assert found == pytest.approx(wanted, rel=0.5)


def test_a_group_emptied_before_others_enter_takes_no_further_part() -> None:
    gone = table([1, 1, 3, 3], [1, 2, 1, 1], [0, 0, 1, 1])
    other = table([1, 2, 3, 3], [1, 2, 1, 0])
    cut = table([1, 1], [1, 2])
    one, two = (gray_test([t, other], "price") for t in (gone, cut))
    assert one.statistic == pytest.approx(two.statistic)


def test_many_groups_are_compared_in_one_test() -> None:
    rng = np.random.default_rng(4)
    exit_, cause, group = rng.integers(1, 25, 40_000), rng.integers(0, 3, 40_000), np.arange(40_000)
    found = gray_test(life_tables_from(exit_, cause, group % 200, 200, causes=CAUSES), "price")
    assert found.df == 199
    assert 0.001 < found.p < 0.999


def test_what_cannot_be_compared_is_refused(groups: list[LifeTable]) -> None:
    with pytest.raises(ParameterError, match="two groups"):
        gray_test(groups[:1], "price")
    with pytest.raises(ParameterError, match="`prise`"):
        gray_test(groups, "prise")
    with pytest.raises(ParameterError, match="weeks"):
        gray_test([groups[0], replace(groups[1], unit="week")], "price")
    with pytest.raises(NotObservedError, match="never at risk together"):
        gray_test([table([2, 2], [1, 2]), table([5, 6], [1, 2], [3, 3])], "price")
    with pytest.raises(NotObservedError, match="too few persons"):
        gray_test([replace(t, repeats=True) for t in groups], "price")
