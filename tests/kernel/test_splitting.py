"""Episodes: the engine counts what a loop counts, and splitting one anywhere changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from stammkunde.spells.spells import split
from stammkunde.survival.table import life_table, life_tables
from tests.kernel.making import Part, counted, episodes_of, laid_out, law_holds, same_counts

ENGINE = settings(max_examples=6, deadline=None, phases=(Phase.explicit, Phase.generate))


@st.composite
def one_spell(
    draw: st.DrawFn, number: int, states: Sequence[str], cells: Sequence[str]
) -> list[Part]:
    """Draw the contiguous episodes of one spell; neighbours differ in state, cell or neither."""
    begin = draw(st.integers(0, 4))
    cuts = sorted(draw(st.sets(st.integers(begin + 1, begin + 9), min_size=1, max_size=4)))
    ends = [begin, *cuts]
    kinds = [
        (draw(st.sampled_from(states)), draw(st.sampled_from(cells)), draw(st.integers(-50, 5000)))
        for _ in cuts
    ]
    last = draw(st.sampled_from(["left", "moved", "censored"]))
    parts = []
    for i, (a, b) in enumerate(pairwise(ends)):
        state, cell, cents = kinds[i]
        to = last if i == len(cuts) - 1 else kinds[i + 1][0]
        came = None if i == 0 else kinds[i - 1][0]
        parts.append(Part(f"p{number}", 1, a, b, to, state, came, cell, cents))
    return parts


@st.composite
def spells_in_parts(
    draw: st.DrawFn, states: Sequence[str] = ("customer",), cells: Sequence[str] = ("all",)
) -> list[Part]:
    size = draw(st.integers(2, 12))
    return [p for i in range(size) for p in draw(one_spell(i, states, cells))]


def cut(parts: Sequence[Part], at: int) -> list[Part]:
    """Return the episodes that span `at` cut in two, nothing else changed."""
    out = []
    for p in parts:
        if p.begin < at < p.finish:
            out += [replace(p, finish=at, to=p.state), replace(p, begin=at, came_from=p.state)]
        else:
            out.append(p)
    return out


@ENGINE
@given(parts=spells_in_parts())
def test_the_engine_counts_what_a_loop_counts(parts):
    table = life_table(episodes_of(parts))
    assert laid_out({"all": table}) == counted(parts)
    law_holds(table)


@ENGINE
@given(parts=spells_in_parts(states=("new", "loyal", "paused")))
def test_the_engine_counts_states_as_a_loop_does(parts):
    table = life_table(episodes_of(parts))
    assert laid_out({"all": table}) == counted(parts)
    law_holds(table)


@ENGINE
@given(parts=spells_in_parts(states=("new", "loyal"), cells=("basic", "plus", "pro")))
def test_the_engine_counts_cells_that_change_within_a_spell_as_a_loop_does(parts):
    tables = life_tables(episodes_of(parts), by="cell")
    assert laid_out(tables) == counted(parts)


def test_a_cell_that_everybody_leaves_for_another_is_counted():
    """Basic until month 6, plus until month 9: nobody ends in basic; unit 7 counts the crossing."""
    parts = [
        Part("a", 1, 0, 6, "customer", cell="basic"),
        Part("a", 1, 6, 9, "left", came_from="customer", cell="plus"),
    ]
    tables = life_tables(episodes_of(parts), by="cell")
    assert tables["basic"].at_risk[0].sum(axis=0).tolist() == [1] * 6 + [0]
    assert tables["plus"].at_risk[0].sum(axis=0).tolist() == [0] * 6 + [1] * 3
    whole = life_table(episodes_of(parts))
    same_counts(tables["basic"] + tables["plus"], whole, heads=False)
    assert [int(t.persons.sum()) for t in (*tables.values(), whole)] == [1, 1, 1]


def test_a_cell_that_is_crossed_later_than_anybody_leaves_it_is_counted():
    parts = [
        Part("a", 1, 0, 6, "customer", cell="basic"),
        Part("a", 1, 6, 9, "left", came_from="customer", cell="plus"),
        Part("b", 1, 0, 2, "left", cell="basic"),
    ]
    assert laid_out(life_tables(episodes_of(parts), by="cell")) == counted(parts)


@ENGINE
@given(parts=spells_in_parts(states=("new", "loyal")), at=st.integers(1, 12))
@pytest.mark.long
def test_splitting_an_episode_anywhere_changes_no_count(parts, at):
    whole = life_table(episodes_of(parts))
    same_counts(life_table(episodes_of(cut(parts, at))), whole)
    same_counts(life_table(split(split(episodes_of(parts), at), at + 1)), whole)


@ENGINE
@given(parts=spells_in_parts(), at=st.integers(1, 12), data=st.data())
@pytest.mark.long
def test_splitting_one_episode_and_shuffling_rows_changes_no_cell(parts, at, data):
    """Each spell stays in its cell; one person's episodes are cut, the others are not."""
    parts = [replace(p, cell="ab"[int(p.person[1:]) % 2]) for p in parts]
    some = [q for p in parts for q in (cut([p], at) if p.person == "p0" else [p])]
    shuffled = data.draw(st.permutations(some))
    one = life_tables(episodes_of(parts), by="cell")
    two = life_tables(episodes_of(shuffled), by="cell")
    assert set(one) == set(two)
    for cell, table in one.items():
        same_counts(table, two[cell])


@ENGINE
@given(parts=spells_in_parts(), at=st.integers(1, 12))
def test_splitting_changes_no_heads_of_persons_who_come_back(parts, at):
    parts = [
        replace(p, person=f"p{int(p.person[1:]) // 2}", spell=int(p.person[1:]) % 2 + 1)
        for p in parts
    ]
    whole = life_table(episodes_of(parts, repeats=True))
    same_counts(life_table(episodes_of(cut(parts, at), repeats=True)), whole)
    assert int(whole.persons.sum()) == len({p.person for p in parts})
    assert int(whole.spells.sum()) == len({(p.person, p.spell) for p in parts})
