"""Parts of counted customers hold the same customers, and a model of a part is that of its rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.survival.drivers.arrays import cells_from
from stammkunde.survival.drivers.blocks import by_block
from stammkunde.survival.drivers.cells import at_risk, events
from stammkunde.survival.drivers.model import driver_model
from stammkunde.survival.drivers.window import among, within
from tests.kernel.drivers import A, B, cells_by, simulated
from tests.patience import examples

ROWS = simulated(600, 3)


def test_some_columns_are_the_cells_counted_by_them_alone():
    part = among(cells_by(ROWS), ["b"])
    alone = cells_from(**{**ROWS, "codes": ROWS["codes"][:, 1:]}, factors=(B,))
    for name in ("levels", "cell", "block", "begin", "finish", "left", "n"):
        assert np.array_equal(getattr(part, name), getattr(alone, name)), name
    assert part.factors == (B,)
    assert (part.spells, part.persons) == (600, 600)


def test_the_order_of_columns_is_that_asked_for():
    assert among(cells_by(ROWS), ["b", "a"]).factors == (B, A)


def test_all_columns_are_all_there_is():
    whole = cells_by(ROWS)
    same = among(whole, ["a", "b"])
    assert np.array_equal(at_risk(same), at_risk(whole))
    assert np.array_equal(events(same), events(whole))


def test_an_unknown_column_is_named():
    with pytest.raises(ParameterError, match="no factor `c`"):
        among(cells_by(ROWS), ["c"])


@given(first=st.integers(0, 20), length=st.integers(1, 10))
@settings(max_examples=examples(25), deadline=None)
def test_a_stretch_has_the_counts_of_its_units(first, length):
    whole = cells_by(ROWS)
    part = within(whole, first, first + length)
    n, d = (a[:, first : first + length] for a in (at_risk(whole), events(whole)))
    used = n.any(axis=1)
    assert np.array_equal(at_risk(part), n[used][:, : part.length])
    assert np.array_equal(events(part), d[used][:, : part.length])
    assert np.array_equal(part.levels, whole.levels[used])
    assert part.spells == part.persons == int(n[:, 0].sum())
    blocks = sum(b.events.sum() for b in by_block(part))
    assert blocks == d.sum()


def test_a_stretch_by_hand():
    """Three customers: gone in unit 2, gone in unit 5, seen to unit 4 from the third unit on."""
    cells = cells_from(
        np.array([2, 5, 4]),
        np.array([1, 1, 0]),
        np.array([[0, 0], [1, 0], [1, 0]]),
        (A, B),
        entry=np.array([0, 0, 2]),
    )
    part = within(cells, 2, 4)
    assert part.levels.tolist() == [[1, 0]]
    assert (part.begin.tolist(), part.finish.tolist(), part.left.tolist()) == ([0], [2], [False])
    assert part.n.tolist() == [2]
    assert part.spells == 2


def test_a_stretch_of_the_whole_leaves_the_model_as_it_is():
    whole = cells_by(ROWS)
    one, two = driver_model(whole), driver_model(within(whole, 0, whole.length))
    assert one.beta == pytest.approx(two.beta, abs=1e-12)
    assert one.moves.leave_out == pytest.approx(two.moves.leave_out, abs=1e-12)


def test_persons_with_several_spells_stay_those_of_all():
    cells = cells_by(ROWS, persons=300)
    part = within(cells, 6, 12)
    assert part.repeats
    assert part.persons == 300
    assert part.spells < 600


@pytest.mark.parametrize(("first", "last"), [(3, 3), (-1, 4), (5, 2)])
def test_no_stretch_is_a_mistake(first, last):
    with pytest.raises(ParameterError, match="no stretch of tenure"):
        within(cells_by(ROWS), first, last)


def test_a_stretch_that_nobody_reached():
    with pytest.raises(NotObservedError, match="nobody was at risk in the months 31 to 40"):
        within(cells_by(ROWS), 30, 40)
