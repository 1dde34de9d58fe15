"""What checks find: which rows are set aside, what is remarkable about the others."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stammkunde.errors import DataError
from stammkunde.spells.checks.quarantine import WHY, stacked
from stammkunde.spells.checks.rows import REMEDIES
from stammkunde.spells.checks.shapes import shape, shapes
from stammkunde.spells.read import read_data, spells_from
from stammkunde.spells.schema.meaning import ChecksToml
from stammkunde.spells.spells import Spells
from tests.kernel.tables import adds_up, by_check, contracts, contracts_toml, one
from tests.patience import examples

NUMBERED = {"contract": "number"}


def why(spells: Spells) -> dict[int, str]:
    return dict(zip(spells.rejected.record, spells.rejected.check, strict=True))


def test_a_contract_that_is_there_twice_is_used_once(tmp_path):
    text = """who,number,from,to
        a,1,2020-01-01,2020-06-30
        a,1,2020-01-01,2020-06-30
        b,2,2020-01-01,
        a,1,2020-01-01,2020-06-30
        b,3,2020-01-01,
        c,,2020-01-01,
        c,,2020-01-01,"""
    spells = contracts(tmp_path, text, NUMBERED)
    assert why(spells) == {2: "duplicate", 4: "duplicate"}
    assert (spells.tally.read, spells.tally.used, spells.tally.rejected) == (7, 5, 2)
    found = one(spells.found, "duplicate")
    assert (found.severity, found.rows, found.records) == ("error", 2, (2, 4))
    assert one(spells.found, "missing_contract").records == (6, 7)
    adds_up(spells)


def test_rows_of_one_contract_number_that_overlap_are_all_set_aside(tmp_path):
    text = """who,number,from,to
        a,1,2020-01-01,2020-06-30
        a,1,2020-06-30,
        b,2,2020-01-01,2020-06-30
        b,2,2020-07-01,
        c,3,2020-01-01,
        c,3,2020-03-01,2020-03-31
        c,3,2020-04-01,2020-04-30
        c,3,soon,2020-04-30
        d,4,2020-01-01,2020-06-30
        d,4,2020-01-01,2020-06-30
        e,4,2020-01-01,2020-06-30"""
    spells = contracts(tmp_path, text, NUMBERED)
    assert why(spells) == {
        **dict.fromkeys((1, 2, 5, 6, 7, 9, 11), "overlapping"),
        8: "unreadable_start",
        10: "duplicate",
    }
    assert (spells.persons, spells.spells) == (1, 2)
    adds_up(spells)


def test_identical_rows_that_nothing_identifies_are_used_and_counted(tmp_path):
    text = """who,from,to,note
        a,2020-01-01,,x
        a,2020-01-01,,x
        a,2020-01-01,,y
        b,2020-01-01,,x"""
    spells = contracts(tmp_path, text)
    found = one(spells.found, "repeated_rows")
    assert (found.severity, found.rows, found.records) == ("warning", 1, (2,))
    assert spells.tally.used == 4
    nobody = contracts(tmp_path, text, {"person": ""})
    assert one(nobody.found, "repeated_rows").records == (2,)
    assert one(nobody.found, "no_person").severity == "note"
    assert "no_person" not in by_check(spells.found)


def test_known_ends_in_the_future_are_no_fault(tmp_path):
    spells = contracts(tmp_path, "who,from,to\na,2020-01-01,2021-01-01\nb,2020-01-01,2020-12-31")
    found = one(spells.found, "ends_after_window")
    assert (found.severity, found.rows, found.records) == ("note", 1, (1,))
    assert spells.to_frame().end.tolist() == ["censored", "left"]


def test_a_quarantine_holds_what_was_delivered_as_it_was_delivered(tmp_path):
    text = 'who,check,from,to\n a ," x",2020-01-01,\nb,"two\nlines",soon,\nc,3,2020-01-01, never \n'
    data = contracts_toml(tmp_path, "who,check,from,to")
    (tmp_path / "contracts.csv").write_text(text, encoding="utf-8")
    spells = read_data(tmp_path, data)
    frame = spells.rejected
    assert list(frame.columns) == [*WHY, "who", "check", "from", "to"]
    assert frame.iloc[:, :5].values.tolist() == [
        ["contracts", 2, 3, "unreadable_start", REMEDIES["unreadable_start"]],
        ["contracts", 3, 5, "unreadable_end", REMEDIES["unreadable_end"]],
    ]
    assert frame.iloc[0, 5:].tolist()[:3] == ["b", "two\nlines", "soon"]
    assert frame.iloc[1, 5:].tolist() == ["c", "3", "2020-01-01", " never "]
    assert one(spells.found, "unreadable_end").shapes == (" aaaaa ",)


def test_quarantines_of_several_tables_are_stacked_without_hiding_a_column():
    one_table = pd.DataFrame([["a", 1, 2, "c", "r", "x"]], columns=[*WHY, "check"])
    other = pd.DataFrame([["b", 3, pd.NA, "d", "s", "y"]], columns=[*WHY, "who"])
    both = stacked([one_table, other])
    assert list(both.columns) == [*WHY, "=check", "who"]
    assert both.table.tolist() == ["a", "b"]
    assert both["=check"].tolist()[0] == "x"
    assert len(stacked([one_table.iloc[:0], other.iloc[:0]])) == 0


def test_a_shape_shows_no_letter_and_no_digit():
    assert shape("Müller & Söhne 17b") == "Aaaaaa & Aaaaa 99a"
    assert shape("x" * 100) == "a" * 40 + "…"
    assert shapes(["31.12.20", None, "1.1.2020", "30.11.19"]) == ("99.99.99", "9.9.9999")


ROWS = ["a,2020-01-01,", "b,2020-01-01,"] * 9


def test_too_many_rejected_rows_stop_the_reading(tmp_path):
    bad = ["c,01.01.2020,", "d,31.02.2020,", ",2020-01-01,"]
    text = "\n".join(["who,from,to", *ROWS, *bad])
    data = contracts_toml(tmp_path, text, checks=ChecksToml())
    with pytest.raises(DataError) as error:
        read_data(tmp_path, data)
    assert str(error.value) == (
        "contracts.csv: 14.3% of the rows cannot be used, and `checks.most_rejected` is 0.05: "
        "`unreadable_start` 2, `missing_key` 1 (3 rows). Compare the `date_format` in the client "
        "file; `stammkunde check NAME` lists them."
    )
    assert len(read_data(tmp_path, data, stop=False).rejected) == 3


def test_as_many_as_allowed_do_not_stop_the_reading(tmp_path):
    text = "\n".join(["who,from,to", *ROWS, "c,2020-01-01,", "d,soon,"])
    assert read_data(tmp_path, contracts_toml(tmp_path, text, checks=ChecksToml())).spells == 19


def test_a_frame_is_read_however_many_rows_are_set_aside():
    frame = pd.DataFrame({"who": [1, None, None], "units": [3, 4, 5], "gone": [1, 0, 1]})
    spells = spells_from(frame, person="who", tenure="units", left="gone")
    assert spells.tally.rejected == 2
    assert spells.rejected.line.isna().all()


CELLS = st.tuples(
    st.sampled_from(["a", "b", ""]),
    st.sampled_from(["1", "2", "3", ""]),
    st.sampled_from(["2020-01-01", "2020-02-01", "2020-03-31", "x", "2021-05-01"]),
    st.sampled_from(["", "2020-02-29", "2020-03-31", "2020-12-31", "2022-01-01", "?"]),
)


@settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=st.lists(CELLS, max_size=25))
@pytest.mark.long
def test_rows_of_contract_numbers_are_used_once_never_or_rejected(tmp_path, rows):
    """By a plain loop: identical rows but the first, and all that meet another of their number."""
    rows = [("sure", "0", "2020-01-01", ""), *rows]
    text = "\n".join(["who,number,from,to", *(",".join(r) for r in rows)])
    spells = contracts(tmp_path, text, NUMBERED)
    adds_up(spells)
    days = {i: _days(r) for i, r in enumerate(rows, start=1)}
    good = {i: d for i, d in days.items() if d is not None}
    first = [i for i in good if not any(rows[j - 1] == rows[i - 1] and j < i for j in good)]
    first += [i for i in good if i not in first and not rows[i - 1][1]]
    crossed = {
        i
        for i in first
        for j in first
        if i != j and rows[i - 1][1] and rows[i - 1][1] == rows[j - 1][1]
        if good[i][0] <= good[j][1] and good[j][0] <= good[i][1]
    }
    assert spells.tally.used + spells.tally.never_at_risk == len(set(first) - crossed)
    counts = by_check(spells.found)
    assert counts.get("overlapping", 0) == len(crossed)
    assert counts.get("duplicate", 0) == len(good) - len(first)


def _days(row: tuple[str, ...]) -> tuple[str, str] | None:
    """Return first and last day of a contract as text, None where its row is no good."""
    who, _, start, end = row
    if not who or start in ("x", "2021-05-01") or end == "?" or (end and end < start):
        return None
    return start, end or "9999"
