"""Margins by tenure: by hand, by pandas, and what must not change them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.spells.spells import CENSORED, STATE
from stammkunde.survival.margins import margin_change, margins, margins_by, mean_margin
from stammkunde.survival.margins.change import NO_DIFFERENCE, PARTS, moved
from stammkunde.survival.table import life_table
from tests.kernel.earning import Paid, by_pandas, cut, drawn, episodes_of

ARRAYS = ("at_risk", "entered", "left", "censored", "changed")
# units 1 to 3: A pays 10, then 12 from unit 2 on; B pays 20 and leaves after unit 1; C pays 30
# and is lost from sight after unit 2; D, who pays 40, is seen from unit 3 on
HAND = [
    Paid("a", 0, 1, STATE, 1000),
    Paid("a", 1, 3, CENSORED, 1200, STATE),
    Paid("b", 0, 1, "left", 2000),
    Paid("c", 0, 2, CENSORED, 3000),
    Paid("d", 2, 3, "left", 4000),
]


def same(one, two):
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name), err_msg=name)


def totals(found, first, last):
    span = slice(first - 1, last)
    sums = [a[i][:, span].sum(axis=0) for a in (found.at_risk, found.left, found.censored)
            for i in (0, 1)]  # fmt: skip
    return dict(zip(PARTS, moved(*sums, found.changed[:, span].sum(axis=0)), strict=True))


def test_a_change_by_hand():
    found = margins(episodes_of(HAND))
    assert found.to_frame().at_risk.tolist() == [3, 2, 2]
    assert found.to_frame().margin.tolist() == [20, 21, 26]
    # after unit 1 the mean of A and C, 20, is that of all; A then pays 2 more; after unit 2, with
    # a mean of 21, C goes from sight and A is left with 12; D makes it 26
    within, leaving = Fraction(2, 2), Fraction(0)
    observed = Fraction(12 - 21) + Fraction(26 - 12)
    told = totals(found, 1, 3)
    assert told == pytest.approx(
        {"total": 6, "within": within, "leaving": leaving, "observed": observed}, abs=1e-14
    )
    # without A's change and C's end: who left after unit 1 paid 20, a mean of 20 stays 20
    assert totals(found, 1, 2) == pytest.approx(
        {"total": 1, "within": 1, "leaving": 0, "observed": 0}, abs=1e-14
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_parts_are_those_of_pandas_and_add_up(seed):
    parts = drawn(np.random.default_rng(seed), 60)
    found = margins(episodes_of(parts))
    last = max(p.finish for p in parts) - 2
    for first in (1, 2):
        told, own = totals(found, first, last), by_pandas(parts, first, last)
        assert told == pytest.approx(own, rel=1e-9, abs=1e-9)
        assert told["within"] + told["leaving"] + told["observed"] == pytest.approx(
            told["total"], abs=1e-12
        )
        for unit in range(first, last):
            step = totals(found, unit, unit + 1)
            own = {n: own[n] - step[n] for n in PARTS}
        assert own == pytest.approx(dict.fromkeys(PARTS, 0.0), abs=1e-9)


def test_splitting_shuffling_and_adding_change_nothing():
    rng = np.random.default_rng(7)
    parts = drawn(rng, 50)
    whole = margins(episodes_of(parts))
    same(margins(episodes_of(cut(cut(parts, 3), 5))), whole)
    same(margins(episodes_of([parts[i] for i in rng.permutation(len(parts))])), whole)
    by = margins_by(episodes_of(parts), ("kind",))
    same(by[("a",)] + by[("b",)], whole)
    assert (by[("a",)].persons + by[("b",)].persons).sum() == whole.persons.sum() == 50


def test_the_life_table_carries_the_same_money():
    parts = drawn(np.random.default_rng(3), 40)
    some = [replace(p, cents=None) if p.person == "p3" else p for p in parts]
    table, found = life_table(episodes_of(some)), margins(episodes_of(some))
    for name, i in (("margin_known", 0), ("margin", 1)):
        own = table.money[name][0][:, : found.length]
        np.testing.assert_array_equal(own, found.at_risk[i])
    assert (table.at_risk[0] >= table.money["margin_known"][0]).all()


def test_a_margin_that_is_not_known_is_not_zero():
    parts = drawn(np.random.default_rng(5), 30)
    some = [replace(p, cents=None) if p.person in ("p1", "p2") else p for p in parts]
    found = margins(episodes_of(some))
    same(found, margins(episodes_of([p for p in parts if p.person not in ("p1", "p2")])))
    lost = [p for p in parts if p.person in ("p1", "p2") and p.to == CENSORED]
    assert (found.unknown, found.unknown_there) == (2, len(lost))
    # of a spell with a margin for a while only, nothing is compared
    once = [replace(p, cents=None) if p.person == "p1" and p.came_from else p for p in parts]
    if any(p.person == "p1" and p.came_from for p in parts):
        same(margins(episodes_of(once)), margins(episodes_of([p for p in parts
                                                              if p.person != "p1"])))  # fmt: skip


def test_what_has_no_margin_says_so():
    parts = [replace(p, cents=None) for p in HAND]
    with pytest.raises(NotObservedError, match="nobody at risk"):
        margins(episodes_of(parts))
    bare = replace(episodes_of(HAND), money=())
    with pytest.raises(NotObservedError, match="hold no margin"):
        margins(bare)
    moves = [replace(p, kind="x" if p.came_from else "y") for p in HAND]
    with pytest.raises(ParameterError, match="changes within a spell"):
        margins_by(episodes_of(moves), ("kind",))


def test_the_intervals_are_the_jackknifes():
    found = margins(episodes_of(drawn(np.random.default_rng(11), 400)))
    change = margin_change(found, 1, 8)
    for part in PARTS:
        told = getattr(change, part)
        values = []
        for block in range(256):
            rest = {n: np.delete(getattr(found, n), block, axis=-2) for n in ARRAYS}
            values.append(totals(replace(found, **rest), 1, 8)[part])
        held = found.at_risk[0][:, :8].sum(axis=-1) > 0
        kept = np.array(values)[held]
        own = np.sqrt((len(kept) - 1) / len(kept) * ((kept - kept.mean()) ** 2).sum())
        assert told.se == pytest.approx(own, rel=1e-9)
        assert told.low < told.value < told.high
    assert change.within.value + change.leaving.value + change.observed.value == pytest.approx(
        change.total.value, abs=1e-12
    )
    mean = mean_margin(found, 3)
    assert mean.value == pytest.approx(found.to_frame().margin[3])
    assert mean.spells == found.at_risk[0][:, 2].sum()


def test_a_share_of_a_change_is_fiellers():
    """The limits r are those at which part - r whole is just told from nothing."""
    found = margins(episodes_of(_rising(500)))
    change = margin_change(found, 1, 3)
    told = change.share("within")
    for limit in (told.low, told.high):
        gap = change.within.replicates.leave_out - limit * change.total.replicates.leave_out
        kept = gap[change.total.replicates.held]
        own = np.sqrt((len(kept) - 1) / len(kept) * ((kept - kept.mean()) ** 2).sum())
        step = (change.total.high - change.total.value) / change.total.se
        assert abs(change.within.value - limit * change.total.value) == pytest.approx(
            step * own, rel=1e-6
        )
    assert told.value == pytest.approx(change.within.value / change.total.value)
    level = margin_change(margins(episodes_of(drawn(np.random.default_rng(2), 300))), 1, 2)
    assert level.share("leaving").reason == NO_DIFFERENCE
    with pytest.raises(ParameterError):
        change.share("total")


def _rising(persons):
    rng = np.random.default_rng(1)
    parts = []
    for i in range(persons):
        cents = int(rng.integers(500, 1500))
        stop = "left" if rng.random() < (1500 - cents) / 2000 else STATE
        parts.append(Paid(f"p{i}", 0, 1, stop, cents))
        if stop == STATE:
            more = cents + int(rng.integers(100, 300))
            parts.append(Paid(f"p{i}", 1, 3, CENSORED, more, STATE))
    return parts


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([*HAND[:1], Paid("a", 1, 2, "left", 5, STATE)], "too_few_persons"),
        ([Paid(f"p{i}", 0, 1, "left", 100) for i in range(300)], "not_observed"),
        (
            [Paid(f"p{i}", 0, 1, "left", 100) for i in range(300)]
            + [Paid(f"q{i}", 1, 3, CENSORED, 100) for i in range(300)],
            "not_observed",
        ),
    ],
)
def test_little_gives_a_reason(parts, reason):
    found = margins(episodes_of(parts))
    change = margin_change(found, 1, 2)
    assert {getattr(change, p).value for p in PARTS} == {None}
    assert {getattr(change, p).reason for p in PARTS} == {reason}
    assert change.share("leaving").reason == reason
    assert mean_margin(found, 9).reason == "not_observed"


def test_all_alike_have_no_spread():
    found = margins(episodes_of([Paid(f"p{i}", 0, 2, "left", 700) for i in range(300)]))
    told = mean_margin(found, 2)
    assert (told.value, told.low, told.high) == (7, 7, 7)
    with pytest.raises(ParameterError):
        mean_margin(found, 0)
    with pytest.raises(ParameterError):
        margin_change(found, 2, 2)
