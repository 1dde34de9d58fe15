"""Reading: nothing is lost, nothing is mended, and what cannot be used says why."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stammkunde.errors import DataError, ParameterError
from stammkunde.spells.checks.quarantine import WHY
from stammkunde.spells.read import read_data, spells_from
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.meaning import ChecksToml, GroupToml, WindowToml
from stammkunde.spells.schema.tables import ContractsToml, Delivery
from stammkunde.spells.spells import Spells, Tally
from stammkunde.survival.table import life_tables
from tests.kernel.making import delivered, lives

HEAD = "who,months,gone\n"


def contracts(folder: Path, *rows: str, reason: str = "") -> Spells:
    (folder / "c.csv").write_text("\n".join(("who,from,to,why", *rows)) + "\n", encoding="utf-8")
    table = ContractsToml(
        delivery=Delivery(file="c.csv", date_format="%d.%m.%Y"),
        person="who",
        start="from",
        end="to",
        reason=reason,
    )
    window, checks = WindowToml(close=date(2021, 1, 1)), ChecksToml(most_rejected=1.0)
    return read_data(folder, DataToml(window=window, contracts=table, checks=checks))


def test_each_bad_contract_is_rejected_by_its_first_check_as_delivered(tmp_path):
    spells = contracts(
        tmp_path,
        "a,01.01.2020,,ok",
        ",01.01.2020,,no key",
        "b,,,no start",
        "c,2020-01-01,,wrong format",
        "d,31.02.2020,,no such day",
        "e,01.05.2020,soon,no such end",
        "f,01.05.2020,30.04.2020,backwards",
        "g,01.01.2021,,not begun",
        "h,01.05.2020,  ,blank is no end",
        ",,,nothing at all",
    )
    bad = spells.rejected
    assert dict(zip(bad.record, bad.check, strict=True)) == {
        2: "missing_key",
        3: "missing_start",
        4: "unreadable_start",
        5: "unreadable_start",
        6: "unreadable_end",
        7: "end_before_start",
        8: "start_after_window",
        10: "missing_key",
    }
    assert bad.remedy.str.len().min() > 10
    assert list(bad.columns) == [*WHY, "who", "from", "to", "why"]
    row = bad[bad.record == 6].iloc[0]
    assert (row.who, row["from"], row.to, row.why) == ("e", "01.05.2020", "soon", "no such end")
    assert spells.tally == Tally(read=10, used=2, never_at_risk=0, rejected=8)


def test_the_reason_of_a_contract_is_its_cause(tmp_path):
    rows = ("a,01.01.2020,05.06.2020, moved ", "b,01.01.2020,05.06.2020,", "c,01.01.2020,,moved")
    frame = contracts(tmp_path, *rows, reason="why").to_frame().set_index("person")
    assert frame.end.to_dict() == {"a": "moved", "b": "unknown", "c": "censored"}


def test_the_cohort_is_the_month_of_the_start(tmp_path):
    frame = contracts(tmp_path, "a,31.01.2020,,", "b,29.02.2020,,").to_frame()
    assert [str(c)[:10] for c in frame.cohort] == ["2020-01-01", "2020-02-01"]


def test_each_bad_row_of_a_snapshot_is_rejected_by_its_first_check(tmp_path):
    rows = [
        "a,3,yes",
        ",3,yes",
        "b,,no",
        "c,many,no",
        "d,2.5,no",
        "e,-1,no",
        "f,3,maybe",
        "g,3,",
        "h,0,no",
    ]
    spells = delivered(tmp_path, HEAD + "\n".join(rows) + "\n", person="who")
    bad = spells.rejected
    assert dict(zip(bad.record, bad.check, strict=True)) == {
        2: "missing_key",
        3: "unreadable_tenure",
        4: "unreadable_tenure",
        5: "unreadable_tenure",
        6: "negative_tenure",
        7: "unknown_flag",
        8: "unknown_flag",
    }
    assert spells.tally == Tally(read=9, used=1, never_at_risk=1, rejected=7)


@pytest.mark.parametrize("cell", ["nan", "NaN", "inf", "-inf", "1e300", "9999999999999999999"])
def test_a_tenure_that_is_no_whole_number_is_rejected_not_fatal(tmp_path, cell):
    spells = delivered(tmp_path, f"{HEAD}a,{cell},yes\nb,3,no\n", person="who")
    assert spells.tally == Tally(read=2, used=1, never_at_risk=0, rejected=1)


def test_a_missing_number_of_a_banded_group_is_a_level_of_its_own(tmp_path):
    groups = {"bill": GroupToml(column="bill", title={"en": "bill"}, cuts=(20.0,))}
    text = "who,months,gone,bill\na,3,yes,nan\nb,3,no,5\nc,3,no,\nd,4,no,99\ne,3,no,n/a\n"
    tables = life_tables(delivered(tmp_path, text, person="who", groups=groups), by="bill")
    assert {k: int(t.spells.sum()) for k, t in tables.items()} == {
        "(missing)": 3,
        "< 20": 1,
        ">= 20": 1,
    }


def test_a_missing_level_is_a_level_of_its_own():
    tables = life_tables(lives([3, 4, 5], [1, 0, 1], area=["n", None, " "]), by="area")
    assert {k: int(t.spells.sum()) for k, t in tables.items()} == {"(missing)": 2, "n": 1}


def test_cells_are_trimmed_and_lines_may_end_as_windows_ends_them(tmp_path):
    text = "\ufeff" + HEAD + " a , 3 , yes \nb,4,no\n"
    spells = delivered(tmp_path, text.replace("\n", "\r\n").encode(), person="who")
    frame = spells.to_frame()
    assert list(zip(frame.person, frame.exit, frame.end, strict=True)) == [
        ("a", 3, "left"),
        ("b", 4, "censored"),
    ]


def test_a_missing_column_is_named_with_the_nearest_spelling(tmp_path):
    with pytest.raises(
        DataError, match=r"customers.csv: column `whoo` not found. Did you mean `who`"
    ):
        delivered(tmp_path, HEAD + "a,3,yes\n", person="whoo")
    with pytest.raises(DataError, match=r"column `Units` not found. Did you mean `units`"):
        spells_from(pd.DataFrame({"units": [1], "gone": [1]}), tenure="Units", left="gone")


def test_a_missing_file_is_named_with_a_remedy(tmp_path):
    table = ContractsToml(delivery=Delivery(file="c.csv"), start="from", end="to")
    with pytest.raises(DataError, match=r"c.csv: the file is missing"):
        read_data(tmp_path, DataToml(window=WindowToml(close=date(2021, 1, 1)), contracts=table))


@pytest.mark.parametrize("separator", [",", "whitespace"])
@pytest.mark.parametrize(
    "text", ["", HEAD.replace(",", " "), HEAD], ids=["nothing", "head", "head,"]
)
def test_an_empty_table_is_refused(tmp_path, text, separator):
    with pytest.raises(DataError):
        delivered(tmp_path, text, person="who", separator=separator)


def test_an_empty_frame_is_refused():
    with pytest.raises(DataError, match="empty"):
        spells_from(pd.DataFrame({"units": [], "gone": []}), tenure="units", left="gone")


def test_a_table_of_rejected_rows_only_is_refused(tmp_path):
    with pytest.raises(
        DataError, match=r"no row can be used; most are rejected as `unreadable_tenure` \(1 row\)"
    ):
        delivered(tmp_path, HEAD + "a,x,yes\nb,3,?\n", person="who")


@pytest.mark.parametrize("bad", ["b,3", "b,3,no,more", "b"])
def test_a_row_of_other_length_is_set_aside_and_the_rest_is_read(tmp_path, bad):
    spells = delivered(tmp_path, HEAD + f"a,3,yes\n{bad}\nc,2,no\n", person="who")
    assert (spells.tally.read, spells.tally.used, spells.tally.rejected) == (3, 2, 1)
    assert spells.rejected.iloc[0, 1:4].tolist() == [2, 3, "malformed"]
    assert ",".join(spells.rejected.iloc[0, 5:].dropna()) == bad


@pytest.mark.parametrize(
    "text",
    [
        HEAD + 'a,3,yes\n"b,3,no\n',
        HEAD.encode() + b"\xe4,3,yes\n",
    ],
    ids=["quote", "latin-1"],
)
def test_a_file_that_is_no_table_is_refused_not_guessed(tmp_path, text):
    with pytest.raises(
        DataError, match=r"customers.csv: the file (cannot be read as a table|is not UTF-8)"
    ):
        delivered(tmp_path, text, person="who")


def test_a_cell_too_many_between_blanks_is_never_dropped_in_silence(tmp_path):
    text = "who months gone\na 3 yes more\nb 3 no\n"
    spells = delivered(tmp_path, text, person="who", separator="whitespace")
    assert spells.rejected.check.tolist() == ["malformed"]
    assert "more" in spells.rejected.gone[0]


@pytest.mark.parametrize("nothing", [None, float("nan"), pd.NaT])
def test_a_frame_in_which_nobody_has_left_is_read(nothing):
    """No end, no reason and an empty remark: columns without a single value."""
    frame = pd.DataFrame(
        {"who": [1, 2], "from": ["2020-01-01"] * 2, "to": [nothing] * 2, "why": [None] * 2}
    )
    spells = spells_from(frame, person="who", start="from", end="to", close=date(2020, 9, 1))
    assert set(spells.to_frame().end) == {"censored"}


def test_a_call_that_says_too_little_or_too_much_is_refused():
    frame = pd.DataFrame({"units": [1], "gone": [1], "from": ["2020-01-01"], "to": [None]})
    with pytest.raises(ParameterError, match="either"):
        spells_from(frame, tenure="units")
    with pytest.raises(ParameterError, match="either"):
        spells_from(frame, start="from", end="to")
    with pytest.raises(ParameterError, match="either"):
        spells_from(
            frame, tenure="units", left="gone", start="from", end="to", close=date(2021, 1, 1)
        )


def test_spells_are_the_same_from_texts_dates_and_timestamps():
    texts = pd.DataFrame(
        {"who": [1, 2], "from": ["2020-01-31", "2020-02-29"], "to": ["2020-03-30", None]}
    )
    stamps = texts.assign(**{"from": pd.to_datetime(texts["from"]), "to": pd.to_datetime(texts.to)})
    plain = texts.assign(
        **{"from": [date(2020, 1, 31), date(2020, 2, 29)], "to": [date(2020, 3, 30), None]}
    )
    found = [
        spells_from(f, person="who", start="from", end="to", close=date(2020, 9, 1)).to_frame()
        for f in (texts, stamps, plain)
    ]
    for other in found[1:]:
        pd.testing.assert_frame_equal(found[0], other)


def test_a_day_with_a_time_zone_stays_the_day_it_was_delivered_as():
    """Midnight of 1 January in Berlin is still December in Greenwich."""
    days = pd.to_datetime(["2020-01-01"]).tz_localize("Europe/Berlin")
    frame = pd.DataFrame({"from": days, "to": [None]}).astype({"to": "datetime64[s]"})
    spells = spells_from(frame, start="from", end="to", close=date(2020, 9, 1)).to_frame()
    assert str(spells.start[0])[:10] == "2020-01-01"


def test_a_tally_that_does_not_add_up_cannot_be_made():
    with pytest.raises(AssertionError, match="lost or counted twice"):
        Tally(read=3, used=1, never_at_risk=1, rejected=0)


CELLS = st.tuples(
    st.sampled_from(["a", "b", "c", " d ", "", "\u00e4"]),
    st.sampled_from(["0", "1", "2", "17", "-3", "1.5", "x", "", " 4 "]),
    st.sampled_from(["yes", "no", "YES", "", "?", " yes"]),
)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(CELLS, max_size=40))
@pytest.mark.long
def test_every_row_is_used_never_at_risk_or_rejected(tmp_path, rows):
    # a line with nothing but commas and blanks is no record
    rows = [("sure", "5", "yes"), *(r for r in rows if any(cell.strip() for cell in r))]
    spells = delivered(tmp_path, HEAD + "".join(",".join(r) + "\n" for r in rows), person="who")
    good = [
        (w, int(m))
        for w, m, g in rows
        if w.strip() and m.strip().isdigit() and g.strip() in ("yes", "no")
    ]
    tally = spells.tally
    assert tally.read == len(rows)
    assert tally.used == sum(m > 0 for _, m in good) == spells.spells
    assert tally.never_at_risk == sum(m == 0 for _, m in good)
    assert tally.rejected == len(rows) - len(good) == len(spells.rejected)
    assert spells.persons == len({w.strip() for w, m in good if m > 0})
