"""A life table cut short is that of the same lives watched for less long."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.errors import ParameterError
from stammkunde.survival.arrays import life_table_from
from stammkunde.survival.window import until
from tests.patience import examples

LIFE = st.tuples(st.integers(0, 5), st.integers(1, 12), st.integers(0, 2), st.integers(0, 255))


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(LIFE, min_size=1, max_size=30), st.integers(1, 12))
def test_a_cut_table_is_the_table_of_cut_lives(lives, reach):
    entry, more, cause, block = np.array(lives).T
    ends = entry + more
    whole = life_table_from(ends, cause, causes=("a", "b"), entry=entry, block=block)
    cut = until(whole, reach)
    seen = np.where(ends > reach, 0, cause)
    inside = entry < reach
    short = life_table_from(
        np.minimum(ends, reach)[inside],
        seen[inside],
        causes=("a", "b"),
        entry=entry[inside],
        block=block[inside],
    )
    assert counts(cut) == counts(short)


def counts(table):
    """Return what is not zero, by name, unit and block: tables name only causes that occur."""
    arrays = {name: getattr(table, name)[0] for name in ("entered", "at_risk", "censored")}
    arrays |= dict(zip(table.causes, table.moves[0], strict=True))
    places = {name: np.argwhere(array) for name, array in arrays.items()}
    return {
        (name, *map(int, place)): int(arrays[name][tuple(place)])
        for name, found in places.items()
        for place in found
    }


def test_nobody_is_watched_for_less_than_a_unit():
    table = life_table_from(np.array([3, 4]), np.array([1, 0]))
    with pytest.raises(ParameterError, match="cannot end with month 0"):
        until(table, 0)
    assert until(table, 4) is table
