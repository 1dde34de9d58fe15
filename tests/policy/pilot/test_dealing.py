"""A lot that can be drawn again: balanced, whatever the rows' order, and fair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.errors import ParameterError
from stammkunde.policy.pilot import Dealt, deal, deal_clusters, envelopes
from tests.patience import examples

EVEN = {"treated": 1, "control": 1}
UNEVEN = {"treated": 1, "control": 3}


def people(count: int, strata: int = 3, seed: int = 0) -> tuple[list[str], list[str | None]]:
    rng = np.random.default_rng(seed)
    keys = [sha256(f"{seed}-{i}".encode()).hexdigest()[:32] for i in range(count)]
    names = [None, *(f"s{i}" for i in range(1, strata))]
    return keys, [names[i] for i in rng.integers(0, strata, count)]


def by_key(keys: list[str], dealt: Dealt) -> dict[str, str]:
    return dict(zip(keys, dealt.arm, strict=True))


def test_a_lot_worked_out_with_nothing_but_hashes() -> None:
    """Four keys of one stratum: who comes first, and what the block says, told by SHA-256."""

    def digest(*words: str) -> str:
        return sha256("\x1f".join(words).encode()).hexdigest()

    keys = ["k1", "k2", "k3", "k4"]
    order = sorted(keys, key=lambda k: digest("lot", "order", k))
    plain: dict[str, str] = {}
    for number in (0, 1):
        first = digest("lot", "block", "basic", f"{number}.0")
        second = digest("lot", "block", "basic", f"{number}.1")
        # the block is written in the order of the names: control, treated
        own = ["control", "treated"] if first < second else ["treated", "control"]
        plain |= dict(zip(order[2 * number : 2 * number + 2], own, strict=True))
    assert by_key(keys, deal(keys, ["basic"] * 4, EVEN, "lot")) == plain


def test_it_is_the_same_lot_for_ever() -> None:
    """Whoever changes how it is drawn changes lists that have been handed out."""
    keys, strata = people(200)
    told = "".join(a[0] for a in deal(keys, strata, UNEVEN, "a seed").arm)
    assert sha256(told.encode()).hexdigest()[:16] == "d554eccbff0d204a"
    told = "".join(a[0] for a in envelopes("basic", 200, EVEN, "a seed"))
    assert sha256(told.encode()).hexdigest()[:16] == "205a8453fc6377e5"


@settings(max_examples=examples(60), deadline=None)
@given(
    count=st.integers(0, 80),
    strata=st.integers(1, 12),
    parts=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    seed=st.text(min_size=1, max_size=5),
    order=st.randoms(use_true_random=False),
)
def test_balanced_in_every_stratum_and_whatever_the_order(
    count: int, strata: int, parts: tuple[int, int], seed: str, order: Random
) -> None:
    keys, levels = people(count, strata)
    arms = dict(zip(("treated", "control"), parts, strict=True))
    dealt = deal(keys, levels, arms, seed)
    rows = list(zip(keys, levels, strict=True))
    order.shuffle(rows)
    again = deal([k for k, _ in rows], [s for _, s in rows], dict(reversed(arms.items())), seed)
    assert by_key(keys, dealt) == by_key([k for k, _ in rows], again)
    whole = sum(parts)
    for arm, part in arms.items():
        within = [c[arm] - part / whole * sum(c.values()) for c in dealt.counts.values()]
        assert all(abs(x) < whole for x in within)
        # of all together as of one
        assert abs(sum(within)) < whole
    counted = Counter(("" if s is None else s, a) for s, a in zip(levels, dealt.arm, strict=True))
    told = {(s, a): n for s, c in dealt.counts.items() for a, n in c.items() if n}
    assert counted == told


def test_even_arms_differ_by_one_at_most_though_strata_are_many() -> None:
    keys, strata = people(601, 150)
    dealt = deal(keys, strata, EVEN, "many strata")
    assert abs(int((dealt.arm == "treated").sum()) - 300) <= 1
    assert all(abs(c["treated"] - c["control"]) <= 2 for c in dealt.counts.values())


def test_everybody_has_the_same_chance_and_nobody_goes_with_another() -> None:
    """Over 3000 lots: the share of each key, and of any two of them."""
    keys, strata = people(30, 4)
    lots = 3000
    treated = np.array([deal(keys, strata, UNEVEN, f"seed {i}").arm == "treated"
                        for i in range(lots)])  # fmt: skip
    share = treated.mean(axis=0)
    assert np.abs(share - 0.25).max() < 4 * np.sqrt(0.25 * 0.75 / lots)
    # two of one block are never both treated, so that pairs are together a little less often
    both = (treated.T.astype(float) @ treated / lots)[np.triu_indices(30, 1)]
    assert both.max() < 1 / 16 + 4.5 * np.sqrt(1 / 16 * 15 / 16 / lots)
    number = treated.sum(axis=1)
    assert {*number} <= {7, 8}
    assert number.mean() == pytest.approx(7.5, abs=3.5 * 0.5 / np.sqrt(lots))


def test_another_seed_is_another_lot() -> None:
    keys, strata = people(400)
    one, two = (deal(keys, strata, EVEN, s).arm for s in ("one", "two"))
    assert 150 < int((one == two).sum()) < 250
    assert (one == deal(keys, strata, EVEN, "one").arm).all()
    # parts of a block mean shares: 2 of 4 are 1 of 2
    assert (one == deal(keys, strata, {"treated": 2, "control": 2}, "one").arm).all()


def test_clusters_are_dealt_as_a_whole_and_alike_in_size() -> None:
    rng = np.random.default_rng(6)
    names = [f"branch {i}" for i in range(40)]
    sizes = rng.integers(5, 400, 40)
    rows = [n for n, size in zip(names, sizes, strict=True) for _ in range(size)]
    level = ["north" if int(n.split()[1]) < 20 else "south" for n in rows]
    dealt = deal_clusters(rows, level, EVEN, "branches")
    arm_of = {n: {a for r, a in zip(rows, dealt.arm, strict=True) if r == n} for n in names}
    assert all(len(a) == 1 for a in arm_of.values())
    assert dealt.clusters == {"treated": 20, "control": 20}
    assert dealt.reason == ""
    turn = rng.permutation(len(rows))
    again = deal_clusters([rows[i] for i in turn], [level[i] for i in turn], EVEN, "branches")
    assert (again.arm == dealt.arm[turn]).all()
    # pairs of neighbours in size: no more apart than the largest is from the smallest
    for stratum, count in dealt.counts.items():
        own = [s for n, s in zip(names, sizes, strict=True)
               if (int(n.split()[1]) < 20) == (stratum == "north")]  # fmt: skip
        assert abs(count["treated"] - count["control"]) <= max(own) - min(own)


def test_too_few_clusters_are_told() -> None:
    rows = [f"c{i}" for i in range(19)]
    assert deal_clusters(rows, [None] * 19, EVEN, "s").reason == "too_few_clusters"
    rows = [f"c{i}" for i in range(20)]
    assert deal_clusters(rows, [None] * 20, EVEN, "s").reason == ""
    uneven = deal_clusters(rows, [None] * 20, UNEVEN, "s")
    assert uneven.clusters == {"treated": 5, "control": 15}
    assert uneven.reason == "too_few_clusters"


def test_envelopes_for_newcomers_do_not_change_when_more_are_made() -> None:
    first, more = envelopes("basic", 37, EVEN, "s"), envelopes("basic", 500, EVEN, "s")
    assert more[:37] == first
    assert envelopes("basic", 0, EVEN, "s") == ()
    assert envelopes("green", 500, EVEN, "s") != more
    ahead = np.cumsum([1 if a == "treated" else -1 for a in more])
    # never further apart than half the largest block
    assert np.abs(ahead).max() <= 3
    # a block of two sizes: its end cannot be told by counting
    ends = np.flatnonzero(ahead == 0) + 1
    assert len({int(e) % 4 for e in ends}) > 1
    third = envelopes("basic", 900, {"a": 1, "b": 2}, "s")
    assert abs(Counter(third)["a"] - 300) < 9


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: deal(["a", "a"], ["", ""], EVEN, "s"), r"more than once \(1 row\)"),
        (lambda: deal(["a", ""], ["", ""], EVEN, "s"), "no key"),
        (lambda: deal(["a"], ["", ""], EVEN, "s"), "1 rows and 2 strata"),
        (lambda: deal(["a"], [""], EVEN, ""), "no seed"),
        (lambda: deal(["a"], [""], {"treated": 1}, "s"), "the arms are"),
        (lambda: deal(["a"], [""], {"treated": 1, "control": 0}, "s"), "the arms are"),
        (lambda: deal_clusters(["a", "a"], ["x", "y"], EVEN, "s"), "`a` lies in several strata"),
        (lambda: deal_clusters(["a", ""], ["x", "y"], EVEN, "s"), "no cluster"),
        (lambda: deal_clusters(["a"], ["x"], EVEN, ""), "no seed"),
        (lambda: envelopes("x", -1, EVEN, "s"), "-1 envelopes"),
        (lambda: envelopes("x", 5, EVEN, "s", sizes=(0,)), "5 envelopes in blocks"),
        (lambda: envelopes("x", 5, EVEN, ""), "no seed"),
    ],
)
def test_what_cannot_be_is_refused(call: Callable[[], object], said: str) -> None:
    with pytest.raises(ParameterError, match=said) as refused:
        call()
    assert refused.value.remedy
