"""Cells of customers: what the engine counts, against a loop over the rows."""

from __future__ import annotations

from collections import Counter

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.errors import DataError, NotObservedError, ParameterError
from stammkunde.spells.spells import CENSORED, LEFT, MISSING, Spells
from stammkunde.survival.drivers.arrays import cells_from
from stammkunde.survival.drivers.blocks import by_block
from stammkunde.survival.drivers.cells import OTHER, Factor, at_risk, cells_of, events
from stammkunde.survival.table import life_tables
from tests.kernel.making import lives
from tests.patience import examples


@pytest.fixture(scope="module")
def people() -> Spells:
    """400 persons with 500 spells, a group with a missing level and a rare one."""
    rng = np.random.default_rng(3)
    size = 500
    product = rng.choice(["b", "a", None], size, p=[0.5, 0.3, 0.2]).astype(object)
    product[:4] = "rare"
    return lives(
        list(rng.integers(1, 25, size)),
        list(rng.integers(0, 2, size)),
        person=[int(i) for i in np.arange(size) % 400],
        product=list(product),
        region=list(rng.choice(["north", "south"], size)),
    )


@pytest.fixture(scope="module")
def frame(people: Spells) -> pd.DataFrame:
    shown = people.to_frame()
    shown["product"] = shown["product"].fillna(MISSING).replace("rare", OTHER)
    return shown


def with_number(spells: Spells, column: ir.Value) -> Spells:
    relation = spells.relation.mutate(**{"covariate use": column})
    return type(spells)(**{**vars(spells), "relation": relation, "covariates": ("use",)})


def test_levels_are_ordered_and_rare_ones_put_together(people):
    cells = cells_of(people, ["product", "region"], fewest=4)
    assert cells.factors[0].levels == ("b", "a", "rare", MISSING)
    cells = cells_of(people, ["product"])
    # the four of the rare level are fewer than ten, so the next smallest level joins them
    assert cells.factors[0].levels == ("b", "a", OTHER)
    frequent = people.to_frame()["region"].value_counts().idxmax()
    assert cells_of(people, ["region"]).factors[0].levels[0] == frequent


def test_counts_are_those_of_a_loop(people):
    cells = cells_of(people, ["product", "region"], fewest=4)
    wanted: Counter[tuple[object, ...]] = Counter()
    for row in people.to_frame().fillna({"product": MISSING}).itertuples():
        key = (row.product, row.region, row.block, row.entry, row.exit, row.end != CENSORED)
        wanted[key] += 1
    found = Counter()
    for i in range(len(cells.n)):
        code = cells.levels[cells.cell[i]]
        levels = [f.levels[c] for f, c in zip(cells.factors, code, strict=True)]
        where = (int(a[i]) for a in (cells.block, cells.begin, cells.finish))
        found[(*levels, *where, bool(cells.left[i]))] = int(cells.n[i])
    assert found == wanted
    assert (cells.persons, cells.spells, cells.repeats) == (400, 500, True)


def test_risk_sets_are_those_of_the_life_tables(people):
    cells = cells_of(people, ["region"])
    n, d = at_risk(cells), events(cells)
    tables = life_tables(people, by="region")
    for i, (code,) in enumerate(cells.levels):
        table = tables[cells.factors[0].levels[code]]
        at, moves, _ = table.in_state()
        assert n[i, : table.length].tolist() == at.sum(axis=0).tolist()
        assert d[i, : table.length].tolist() == moves.sum(axis=(0, 1)).tolist()
        assert not n[i, table.length :].any()


def test_blocks_add_up(people):
    cells = cells_of(people, ["product", "region"])
    n, d = np.zeros((2, len(cells.levels), cells.length))
    parts = list(by_block(cells))
    for part in parts:
        n[part.own] += part.at_risk
        d[part.own] += part.events
    np.testing.assert_array_equal(n, at_risk(cells))
    np.testing.assert_array_equal(d, events(cells))
    assert [p.block for p in parts] == sorted(set(cells.block.tolist()))
    assert sum(len(p.own) for p in parts) == len({*zip(cells.cell, cells.block, strict=True)})
    assert all(p.at_risk.any(axis=1).all() for p in parts)


def test_a_number_is_cut_at_readable_quantiles(people):
    relation = people.relation
    numbered = with_number(people, (relation.record * 7).cast("float64"))
    (factor,) = cells_of(numbered, ["use"]).factors
    # records 1 .. 500: quantiles 875.75+7, 1753.5, 2628.25, rounded to hundreds
    assert sorted(factor.levels) == ["1800 to < 2600", "900 to < 1800", "< 900", ">= 2600"]
    halves = cells_of(numbered, ["use"], bands=2).factors[0]
    assert len(halves.levels) == 2


def test_a_number_that_is_missing_or_does_not_vary(people):
    r = people.relation
    some = ibis.ifelse(r.record > 400, ibis.null("float64"), r.record.cast("float64"))
    assert cells_of(with_number(people, some), ["use"]).factors[0].levels[-1] == MISSING
    never = with_number(people, ibis.null("float64"))
    assert cells_of(never, ["use"]).factors[0].levels == (MISSING,)
    constant = with_number(people, ibis.literal(3.0))
    assert cells_of(constant, ["use"]).factors[0].levels == (">= 3",)


def test_only_a_cause_counts(people):
    whole = cells_of(people, ["region"])
    only = cells_of(people, ["region"], cause=LEFT)
    assert events(only).sum() == events(whole).sum() > 0
    with pytest.raises(ParameterError, match="nobody left for `moved`"):
        cells_of(people, ["region"], cause="moved")


def test_what_cannot_be_counted_is_said(people):
    with pytest.raises(ParameterError, match=r"no column `regoin`.*Did you mean `region`"):
        cells_of(people, ["regoin"])
    with pytest.raises(NotObservedError, match="nobody was at risk"):
        cells_of(people.where(people.relation.entry < 0), ["region"])
    with pytest.raises(ParameterError, match="1 bands"):
        cells_of(with_number(people, ibis.literal(3.0)), ["use"], bands=1)


def test_without_columns_there_is_one_cell(people):
    cells = cells_of(people, [])
    assert cells.levels.shape == (1, 0)
    assert at_risk(cells)[0, 0] == 500


def test_arrays_give_the_cells_of_the_engine(people, frame):
    cells = cells_of(people, ["product", "region"])
    codes = np.column_stack(
        [
            [f.levels.index(x if x in f.levels else OTHER) for x in frame[f.name]]
            for f in cells.factors
        ]
    )
    numbers = (frame[c].to_numpy(np.int64) for c in ("exit", "entry", "block"))
    exit_, entry, block = numbers
    left = (frame["end"] != CENSORED).to_numpy()
    same = cells_from(
        exit_, left, codes, cells.factors, entry=entry, block=block, persons=people.persons
    )
    assert same.factors == cells.factors
    for name, value in vars(cells).items():
        if name != "factors":
            np.testing.assert_array_equal(getattr(same, name), value, err_msg=name)


TWO = (Factor("a", ("x", "y")),)
SPELLS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(1, 9), st.booleans(), st.integers(0, 1)), min_size=1
)


@given(SPELLS, st.randoms())
@settings(max_examples=examples(60), deadline=None)
def test_the_order_of_rows_does_not_matter_and_nobody_is_lost(rows, random):
    def made(some):
        entry, exit_, left, code = (np.array(x) for x in zip(*some, strict=True))
        block = entry * 7 + exit_
        return cells_from(exit_, left, code[:, None], TWO, entry=entry, block=block)

    seen = [r for r in rows if r[0] < r[1]]
    if not seen:
        with pytest.raises(NotObservedError):
            made(rows)
        return
    cells = made(rows)
    for name, value in vars(made(random.sample(rows, len(rows)))).items():
        np.testing.assert_array_equal(getattr(cells, name), value)
    assert at_risk(cells).sum() == sum(b - a for a, b, _, _ in seen)
    assert events(cells).sum() == sum(left for _, _, left, _ in seen)


def test_numbers_out_of_range_are_refused():
    exit_, left = np.array([3, 4]), np.array([1, 0])
    with pytest.raises(DataError, match=r"out of range \(1 row\)"):
        cells_from(exit_, left, np.array([[0], [2]]), TWO)
