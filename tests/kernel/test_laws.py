"""Laws of survival curves: what may change about the rows without changing the answer."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from stammkunde.errors import NotObservedError
from stammkunde.spells.read import spells_from
from stammkunde.survival.arrays import life_table_from, life_tables_from
from stammkunde.survival.bands import simultaneous
from stammkunde.survival.contrasts import logrank, rmst_difference
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import conditional, hazard, kaplan_meier
from stammkunde.survival.smooth import smooth_hazard, spikes
from stammkunde.survival.table import LifeTable, life_table, life_tables
from tests.kernel.making import law_holds, same_counts
from tests.patience import examples

FEW = settings(max_examples=examples(30), deadline=None)
ENGINE = settings(max_examples=examples(9), deadline=None, phases=(Phase.explicit, Phase.generate))
NUMBERS = ("value", "low", "high", "se", "band_low", "band_high", "at_risk", "events")


@st.composite
def rows(draw: st.DrawFn, most: int = 80, horizon: int = 14) -> dict[str, np.ndarray]:
    """Draw spells as arrays: entry, exit, flag, block and group; somebody is seen from 0."""
    size = draw(st.integers(2, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    entry = rng.integers(0, draw(st.integers(1, 4)), size)
    entry[0] = 0
    exit_ = entry + rng.integers(1, horizon, size)
    left = (rng.random(size) < draw(st.sampled_from([0.0, 0.1, 0.6, 1.0]))).astype(int)
    block, group = rng.integers(0, 256, size), rng.integers(0, 2, size)
    group[:2] = [0, 1]
    return {"exit_": exit_, "cause": left, "entry": entry, "block": block, "group": group}


def whole(made: dict[str, np.ndarray]) -> LifeTable:
    return life_table_from(**{k: v for k, v in made.items() if k != "group"})


def curves(table: LifeTable) -> list[Curve]:
    """Return every curve of a table, with both kinds of errors."""
    return [
        find(table, errors=errors)
        for find in (banded, hazard, smooth_hazard)
        for errors in ("greenwood", "blocks")
    ]


def banded(table: LifeTable, errors: str) -> Curve:
    return simultaneous(kaplan_meier(table, errors=errors), draws=50)


def same_curves(a: LifeTable, b: LifeTable) -> None:
    for one, two in zip(curves(a), curves(b), strict=True):
        for name in NUMBERS:
            mine, other = getattr(one, name), getattr(two, name)
            assert (mine is None) == (other is None), name
            if mine is not None:
                np.testing.assert_array_equal(mine, other, err_msg=f"{one.kind} {name}")


@FEW
@given(made=rows(), seed=st.integers(0, 99))
def test_the_order_of_rows_changes_no_curve(made, seed):
    order = np.random.default_rng(seed).permutation(len(made["exit_"]))
    same_curves(whole(made), whole({k: v[order] for k, v in made.items()}))


@FEW
@given(made=rows(), at=st.integers(1, 12))
def test_a_spell_split_at_any_tenure_changes_no_curve(made, at):
    """The first part is censored where the second enters: more spells, the same risk sets."""
    cut = (made["entry"] < at) & (at < made["exit_"])
    first = {k: v[cut] for k, v in made.items()} | {
        "exit_": np.full(cut.sum(), at),
        "cause": np.zeros(cut.sum(), int),
    }
    rest = dict(made, entry=np.where(cut, at, made["entry"]))
    split = {k: np.concatenate([first[k], rest[k]]) for k in made}
    one, two = whole(made), whole(split)
    law_holds(two)
    np.testing.assert_array_equal(one.at_risk, two.at_risk)
    same_curves(one, two)


@FEW
@given(made=rows())
def test_the_curve_of_added_parts_is_that_of_all(made):
    parts = life_tables_from(
        made["exit_"], made["cause"], made["group"], 2, entry=made["entry"], block=made["block"]
    )
    both, everybody = parts[0] + parts[1], whole(made)
    same_counts(both, everybody)
    same_curves(both, everybody)


@FEW
@given(made=rows())
def test_twice_the_customers_have_the_same_curve_and_root_two_less_error(made):
    one, two = whole(made), whole({k: np.concatenate([v, v]) for k, v in made.items()})
    for a, b in ((kaplan_meier(one), kaplan_meier(two)), (hazard(one), hazard(two))):
        assert b.value == pytest.approx(a.value, rel=1e-12, nan_ok=True)
        assert b.se * 2**0.5 == pytest.approx(a.se, rel=1e-9, abs=1e-15, nan_ok=True)
        assert b.at_risk.tolist() == (2 * a.at_risk).tolist()
    span = kaplan_meier(one).observed_to
    mean, again = kaplan_meier(one).rmst(span), kaplan_meier(two).rmst(span)
    assert again.value == pytest.approx(mean.value, rel=1e-12)
    assert again.se * 2**0.5 == pytest.approx(mean.se, rel=1e-9, abs=1e-15)
    a, b = smooth_hazard(one, bandwidth=3), smooth_hazard(two, bandwidth=3)
    assert b.value == pytest.approx(a.value, rel=1e-12, abs=1e-15, nan_ok=True)
    assert b.se * 2**0.5 == pytest.approx(a.se, rel=1e-9, abs=1e-15, nan_ok=True)


def test_everybody_twice_in_a_block_is_no_news_to_the_blocks():
    """Contracts that always come in pairs: the blocks' errors stay, Greenwood's shrink wrongly."""
    rng = np.random.default_rng(8)
    exit_, block = rng.integers(1, 20, 600), rng.integers(0, 256, 600)
    left = (rng.random(600) < 0.6).astype(int)
    once, twice = (
        kaplan_meier(life_table_from(*(np.tile(a, k) for a in (exit_, left)),
                                     block=np.tile(block, k)), errors="blocks")
        for k in (1, 2)
    )  # fmt: skip
    assert twice.se == pytest.approx(once.se, rel=1e-12)
    assert twice.value == pytest.approx(once.value, rel=1e-12)


@ENGINE
@given(seed=st.integers(0, 999), years=st.integers(-12, 12))
@pytest.mark.long
def test_dates_moved_by_whole_years_give_the_same_table(seed, years):
    """Days to the 28th, which every year has; the cohort moves along."""
    rng = np.random.default_rng(seed)
    months, days = rng.integers(0, 36, 30), rng.integers(1, 29, 30)
    start = [date(2019 + m // 12, m % 12 + 1, int(d)) for m, d in zip(months, days, strict=True)]
    ends = [
        s + timedelta(days=int(d)) for s, d in zip(start, rng.integers(0, 700, 30), strict=True)
    ]
    ends = [min(e.replace(day=min(e.day, 28)), date(2023, 6, 28)) for e in ends]
    last = [max(s, e) if rng.random() < 0.7 else None for s, e in zip(start, ends, strict=True)]

    def table(move: int) -> tuple[LifeTable, dict[str, LifeTable]]:
        moved = [[d and d.replace(year=d.year + move) for d in column] for column in (start, last)]
        frame = pd.DataFrame({"who": range(30), "from": moved[0], "to": moved[1]})
        spells = spells_from(
            frame, person="who", start="from", end="to",
            open=date(2019, 7, 1 + seed % 28).replace(year=2019 + move),
            close=date(2022 + move, 3, 15),
        )  # fmt: skip
        return life_table(spells), life_tables(spells, by="cohort")

    (one, early), (two, late) = table(0), table(years)
    same_counts(one, two)
    moved = {f"{int(k[:4]) + years}{k[4:]}": t for k, t in early.items()}
    assert set(moved) == set(late)
    for cohort, part in moved.items():
        same_counts(part, late[cohort])


@FEW
@given(made=rows())
def test_swapping_labels_turns_differences_round_and_nothing_else(made):
    one, two = (
        life_tables_from(made["exit_"], made["cause"], g, 2, entry=made["entry"],
                         block=made["block"])
        for g in (made["group"], 1 - made["group"])
    )  # fmt: skip
    for a, b in zip(one, reversed(two), strict=True):
        same_counts(a, b)
    try:
        pair = [kaplan_meier(t) for t in one]
    except NotObservedError as error:
        with pytest.raises(NotObservedError, match=str(error).split(".")[0]):
            [kaplan_meier(t) for t in reversed(two)]
        return
    span = min(c.observed_to for c in pair)
    there, back = rmst_difference(*pair, span), rmst_difference(*reversed(pair), span)
    assert there.value == -back.value
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), rel=1e-9, abs=1e-12)
    if made["cause"].any():
        assert answered(one) == pytest.approx(answered(two), rel=1e-9, abs=1e-12)


def answered(tables: list[LifeTable]) -> tuple[float, ...]:
    """Return statistic and p of the log-rank test, nothing where there is nothing to compare."""
    try:
        found = logrank(tables)
    except NotObservedError:
        return ()
    return found.statistic, found.p


@FEW
@given(made=rows(), further=st.integers(1, 6))
def test_survival_multiplies_over_tenures_passed(made, further):
    """S(g + f) = S(g) P(T > g + f | T > g), wherever both are observed."""
    table = whole(made)
    curve = kaplan_meier(table)
    asked = list(range(curve.observed_to + 3))
    for g, e in zip(asked, conditional(table, asked, further), strict=True):
        assert e.estimand == f"survival({g + further} | {g})"
        if e.value is None:
            assert e.reason == "not_observed"
            assert (e.low, e.high, g + further > curve.observed_to) == (None, None, True)
        else:
            assert 0 <= e.low <= e.value <= e.high <= 1
            if g + further <= curve.observed_to and curve.value[g] > 0:
                whole_way = curve.value[g] * e.value
                assert whole_way == pytest.approx(curve.value[g + further], abs=1e-12)


@pytest.mark.parametrize("errors", ["greenwood", "blocks"])
@pytest.mark.parametrize(
    ("exit_", "left"),
    [([4], [1]), ([4], [0]), ([5] * 30, [0] * 30), ([1] * 30, [1] * 30), ([3] * 30, [1] * 30)],
    ids=["one leaves", "one stays", "all stay", "all leave in month 1", "all leave in month 3"],
)
def test_degenerate_tables_give_values_or_reasons(exit_, left, errors):
    block = np.arange(len(exit_))
    table = life_table_from(np.array(exit_), np.array(left), block=block)
    curve = kaplan_meier(table, errors=errors)
    span = curve.observed_to
    found = [curve.at(span), curve.rmst(span), curve.mean_or_reason(99), curve.median()]
    found += conditional(table, [0, span - 1, span], 1, errors=errors)
    for e in found:
        numbers = [x for x in (e.value, e.low, e.high, e.se) if x is not None]
        assert np.isfinite(numbers).all()
        assert (e.value is None) == bool(e.reason)
        if errors == "greenwood" and e.value is not None and e.low is not None:
            assert e.low <= e.value <= (np.inf if e.high is None else e.high)
    assert spikes(table) == ()


def test_five_hundred_groups_have_a_curve_each():
    size = 500
    group = np.repeat(np.arange(size), 4)
    exit_, left = np.tile([1, 2, 3, 4], size), np.tile([1, 0, 1, 1], size)
    tables = life_tables_from(exit_, left, group, size)
    for table in tables[::50]:
        curve = simultaneous(kaplan_meier(table))
        assert np.isfinite([curve.value, curve.low, curve.high, curve.band_low]).all()
    assert kaplan_meier(tables[-1]).value == pytest.approx([1, 3 / 4, 3 / 4, 3 / 8, 0])


def test_who_all_leave_in_one_unit_leave_doubt_about_the_mean():
    table = life_table_from(np.full(8, 2), np.ones(8, dtype=bool))
    mean = kaplan_meier(table).rmst(3)
    assert mean.value == 2
    assert mean.low < 2 < mean.high
    assert "all left at once" in mean.method
