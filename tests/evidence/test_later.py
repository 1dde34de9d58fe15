"""What follows the horizon: worked by hand, and what must hold whatever the numbers are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from stammkunde.draws import BLOCKS
from stammkunde.evidence.asking.later import (
    EFFECT_ENDS,
    Afterwards,
    Asked,
    later_of,
    marked,
)
from stammkunde.evidence.asking.stakes import FOR_GOOD
from stammkunde.spells.read import spells_from
from stammkunde.spells.spells import Spells
from stammkunde.survival.arrays import life_table_from
from stammkunde.survival.projection.choice import Outlook, choose, outlook
from stammkunde.survival.projection.fit import FAMILY_HOLDS
from stammkunde.survival.projection.projected import Projection

OPEN, CLOSE = date(2020, 1, 1), date(2024, 1, 1)
# v is a half for a month
HALVED = 2.0**12 - 1


def known(curve: list[float], *, moved: list[list[float]] | None = None) -> Outlook:
    """Return an outlook of one family whose curve is known; no block can move it."""
    value = np.array(curve)
    part = Projection(
        family="known",
        unit="month",
        value=value,
        observed_to=0,
        moved=np.array(moved or [curve]),
        held=np.ones(len(moved or [curve]), dtype=bool),
        errors="units",
        quantile=2.0,
        level=0.95,
        persons=1,
        spells=1,
        events=1,
    )
    return Outlook((part,), np.ones(1))


def three() -> Spells:
    """Return two customers of kind a, signed under old and new terms, and one of kind b."""
    frame = pd.DataFrame(
        {
            "who": ["p", "q", "r"],
            "kind": ["a", "a", "b"],
            "begin": pd.to_datetime(["2020-02-01", "2022-02-01", "2022-03-01"]),
            "end": pd.NaT,
        }
    )
    names = {"start": "begin", "end": "end", "person": "who", "by": ("kind",)}
    return spells_from(frame, **names, open=OPEN, close=CLOSE)


def asked(spells: Spells, **keys: object) -> Asked:
    about = {"columns": ("kind",), "design": "landmark", "origin": 1, "horizon": 2}
    return Asked(spells=spells, **{**about, **keys})  # type: ignore[arg-type]


HALVING, STAYING = [0.5**t for t in range(9)], [1.0] * 9
AFTERWARDS = Afterwards(
    interest=HALVED,
    span=4,
    looks={0: known(HALVING), 1: known(STAYING)},
    signed=(date(2022, 1, 1),),
    assumptions=("cohorts_alike",),
    why="",
)


def test_what_one_still_there_goes_on_paying_by_hand() -> None:
    """Two halve each month, two stay; paid are units 3 and 4, worth 1/4 and 1/8 at time zero."""
    v = [Fraction(1, 2**u) for u in range(4)]
    halved = [Fraction(1, 2**u) for u in range(4)]
    # of old terms S(1 + u) / S(1) are there, u units from time zero
    there = {"a": halved[2] + 1, "b": Fraction(1)}
    paid = {"a": halved[2] * v[2] + halved[3] * v[3] + v[2] + v[3], "b": v[2] + v[3]}
    third = {"a": halved[2] * v[2] + v[2], "b": v[2]}
    segments = [("a",), ("b",)]
    found = later_of(asked(marked(three(), AFTERWARDS)), segments, AFTERWARDS, held=3)
    assert found is not None
    for i, kind in enumerate("ab"):
        assert found.at[0, i] == pytest.approx(float(paid[kind] / there[kind]))
        assert found.at[1, i] == pytest.approx(float(third[kind] / there[kind]))
    assert found.at[0, 0] == pytest.approx(29 / 80)
    assert found.at[:, 1] == pytest.approx([3 / 8, 1 / 4])
    assert (found.units(np.ones((3, BLOCKS))) == found.at[:, None]).all()
    assert found.span == 4
    assert set(found.rests) == {EFFECT_ENDS, FAMILY_HOLDS, "cohorts_alike"}
    turned = found.of(segments[::-1])
    assert (turned.at == found.at[:, ::-1]).all()
    assert (turned.variants == found.variants[..., ::-1]).all()


def test_an_offer_for_good_is_held_as_long_as_one_is_there() -> None:
    found = later_of(asked(marked(three(), AFTERWARDS)), [("a",)], AFTERWARDS, held=FOR_GOOD)
    assert found is not None
    assert found.at[0] == pytest.approx(found.at[1])


@pytest.mark.parametrize(
    ("keys", "change"),
    [
        ({"design": "reaction"}, {}),
        ({"horizon": 4}, {}),
        ({}, {"looks": {}}),
        # two of three signed under terms that are not projected
        ({}, {"looks": {0: known(HALVING)}}),
        # longer there than anybody was seen
        ({"origin": 5}, {}),
    ],
)
def test_where_nothing_is_known_of_later_nothing_is_said(keys, change) -> None:
    own = replace(AFTERWARDS, **change)
    spells = marked(three(), AFTERWARDS)
    assert later_of(asked(spells, **keys), [("a",), ("b",)], own, held=0) is None


def test_spells_are_marked_only_where_terms_tell_customers_apart() -> None:
    spells = three()
    assert marked(spells, Afterwards()) is spells
    assert marked(spells, replace(AFTERWARDS, signed=())) is spells
    rows = marked(spells, AFTERWARDS).relation.order_by("person").execute()
    assert [*rows["number of terms"]] == [0, 1, 1]


def test_the_projection_errs_with_the_same_persons() -> None:
    """Of a fitted outlook the leave-outs move what follows, and with them the whole."""
    rng = np.random.default_rng(8)
    stay, block = rng.geometric(0.05, 6000), rng.integers(0, BLOCKS, 6000)
    table = life_table_from(np.minimum(stay, 24), stay <= 24, block=block)
    look = outlook(table, choose(table, ["geometric", "Weibull"]), 90)
    own = replace(AFTERWARDS, looks={0: look}, signed=(), span=60, interest=0.0)
    found = later_of(asked(three(), horizon=6), [("a",), ("b",)], own, held=0)
    assert found is not None
    # of a constant hazard: sum of .95^k, k = 0 .. 53
    assert found.at[0] == pytest.approx((1 - 0.95**54) / 0.05, rel=0.1)
    leave_out = found.units(1.0 - np.eye(BLOCKS))[0, :, 0]
    se = np.sqrt((BLOCKS - 1) / BLOCKS * ((leave_out - leave_out.mean()) ** 2).sum())
    # that of the hazard, by the delta method and no more than a little above it
    assert 0.1 < se < 1.0
    assert found.shares.sum() == pytest.approx(1)
    mean = (found.shares[:, None] * found.variants[0]).sum(axis=0)
    assert mean == pytest.approx(found.at[0], rel=0.02)


def test_without_blocks_moved_leavers_say_how_sure_it_is() -> None:
    moved = [[*HALVING[:4], *(1.1 * x for x in HALVING[4:])], HALVING]
    own = replace(AFTERWARDS, looks={0: known(HALVING, moved=moved)}, signed=())
    found = later_of(asked(three()), [("a",)], own, held=0)
    assert found is not None
    assert found.variants.shape == (2, 3, 1)
    assert [*found.shares] == [1.0, 1.0, 1.0]
    # S(4) is 1.1 times what it was: of 1/4 v^2 + 1/8 v^3, by 1/4, the second term
    assert found.variants[0, :, 0] == pytest.approx([5 / 16, 5 / 16 + 1 / 160, 5 / 16])
