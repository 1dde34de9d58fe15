"""Persons and their blocks: the same for the engine, for Python, and for every order of rows."""

from __future__ import annotations

import unicodedata
from hashlib import md5

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.errors import StammkundeError
from stammkunde.spells.blocks import block_of
from stammkunde.spells.read import spells_from
from tests.kernel.making import delivered, lives

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1)


def blocks(keys: object) -> dict[int, tuple[str, int]]:
    """Return person and block by row number."""
    frame = pd.DataFrame({"who": keys}).assign(units=3, gone=1)
    found = spells_from(frame, person="who", tenure="units", left="gone").to_frame()
    return dict(zip(found.record, zip(found.person, found.block, strict=True), strict=True))


def first_byte(text: str) -> int:
    return md5(text.encode("utf-8")).digest()[0]


def test_a_block_is_the_first_byte_of_the_keys_md5():
    """md5("7590-VHVEG") = 8ca6..., md5("1") = c4ca4238a0b923820dcc509a6f75849b."""
    assert block_of("1") == 0xC4
    assert blocks(["1", "7590-VHVEG"]) == {
        1: ("1", 0xC4),
        2: ("7590-VHVEG", first_byte("7590-VHVEG")),
    }


def test_keys_are_trimmed():
    assert blocks(["x", " x", "x\t", "\n x \r\n"]) == {
        i: ("x", first_byte("x")) for i in range(1, 5)
    }


def test_composed_and_decomposed_letters_are_one_person():
    composed, decomposed = "M\u00fcller", "Mu\u0308ller"
    assert composed != decomposed
    wanted = (composed, first_byte(composed))
    assert blocks([composed, decomposed]) == {1: wanted, 2: wanted}


def test_whole_numbers_have_no_decimals():
    wanted = {1: ("7", first_byte("7")), 2: ("12", first_byte("12"))}
    assert blocks([7, 12]) == blocks([7.0, 12.0]) == blocks(["7", "12"]) == wanted


def test_a_number_beside_a_missing_one_keeps_its_person():
    """pandas makes floats of whole numbers when one is missing."""
    assert blocks([7, None, 12]) == {1: ("7", first_byte("7")), 3: ("12", first_byte("12"))}


def test_text_that_looks_like_a_number_stays_as_it_is():
    assert [k for k, _ in blocks(["007", "7.0", "7"]).values()] == ["007", "7.0", "7"]


@pytest.mark.parametrize("number", [1e22, 9.3e18])
def test_a_float_that_is_no_integer_of_the_engine_is_still_a_key(number):
    assert blocks([number, 1.0])[2] == ("1", first_byte("1"))


def test_keys_of_several_types_are_text_or_refused():
    try:
        found = blocks([1, "1", "x"])
    except StammkundeError:
        return
    assert [k for k, _ in found.values()] == ["1", "1", "x"]


@settings(max_examples=10, deadline=None)
@given(keys=st.lists(TEXT, min_size=1, max_size=40))
@pytest.mark.long
def test_engine_and_python_deal_the_same_blocks(keys):
    found = blocks(["sure", *keys])
    for row, (person, block) in found.items():
        key = ["sure", *keys][row - 1]
        assert block == block_of(key)
        assert person == unicodedata.normalize("NFC", key.strip(" \t\n\r\v\f"))


@settings(max_examples=8, deadline=None)
@given(
    keys=st.lists(
        st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15),
        min_size=1,
        max_size=40,
    )
)
@pytest.mark.long
def test_engine_and_python_deal_the_same_blocks_to_numbers(keys):
    assert [b for _, b in blocks(keys).values()] == [block_of(k) for k in keys]


def test_without_a_person_column_each_row_is_a_person():
    frame = pd.DataFrame({"units": [3, 3, 3, 4], "gone": [1, 1, 0, 1]})
    spells = spells_from(frame, tenure="units", left="gone")
    assert (spells.persons, spells.spells, spells.repeats) == (4, 4, False)
    keys = ["3\x1f1#1", "3\x1f1#2", "3\x1f0#1", "4\x1f1#1"]
    assert spells.to_frame().person.tolist() == keys
    assert spells.to_frame().block.tolist() == [first_byte(k) for k in keys]


def test_without_a_person_column_the_order_of_rows_changes_no_persons():
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({"units": rng.integers(1, 4, 40), "gone": rng.integers(0, 2, 40)})
    one = spells_from(frame, tenure="units", left="gone").to_frame()
    two = spells_from(frame.sample(frac=1, random_state=3), tenure="units", left="gone").to_frame()
    columns = ["person", "block", "exit", "end"]
    assert sorted(map(tuple, one[columns].values)) == sorted(map(tuple, two[columns].values))


def test_without_a_person_column_rows_that_look_alike_are_still_two_persons(tmp_path):
    """The second cell is the same letter, once composed and once not."""
    rows = "name,months,gone\n\u00e9,3,yes\ne\u0301,3,yes\n"
    spells = delivered(tmp_path, rows)
    assert (spells.persons, spells.spells) == (2, 2)


def test_without_a_person_column_a_whole_number_is_one_however_pandas_holds_it():
    frame = pd.DataFrame({"units": [3, 4], "gone": [1, 0], "age": [40, 50]})
    floats = frame.assign(age=frame.age.astype(float))
    one, two = (spells_from(f, tenure="units", left="gone").to_frame() for f in (frame, floats))
    assert one.block.tolist() == two.block.tolist()


def test_a_person_with_two_rows_is_one_person_in_one_block():
    spells = lives([3, 5, 4], [1, 1, 0], person=["a", "a", "b"])
    frame = spells.to_frame()
    assert (spells.persons, spells.spells, spells.repeats) == (2, 3, True)
    assert frame[frame.person == "a"].spell.tolist() == [1, 2]
    assert frame[frame.person == "a"].block.nunique() == 1


def test_a_persons_spells_are_numbered_by_start():
    days = pd.to_datetime(["2020-05-01", "2019-01-01", "2021-02-01"])
    frame = pd.DataFrame({"who": "a", "from": days, "to": [None, "2019-12-31", None]})
    frame = frame.assign(to=pd.to_datetime(frame.to))
    spells = spells_from(
        frame, person="who", start="from", end="to", close=pd.Timestamp("2022-01-01").date()
    )
    assert spells.to_frame().set_index("record").spell.to_dict() == {1: 2, 2: 1, 3: 3}
