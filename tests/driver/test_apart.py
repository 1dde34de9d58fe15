"""Files about single customers: for their owner alone, where they may lie, in no other's place."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

import pandas as pd
import pytest

from stammkunde.errors import ParameterError
from stammkunde.report.driver.apart import check_place, write_new

ROWS = pd.DataFrame({"rank": [1, 2], "person": ["a", "b"], "gain": [1.234, 0.5]})
WHY = "a list of customers does not belong here"


def test_a_file_is_for_its_owner_and_takes_no_place_of_another(tmp_path: Path) -> None:
    file, forbidden = tmp_path / "list.csv", tmp_path / "workspace"
    check_place(file, forbidden, WHY)
    write_new(ROWS, file, decimals=2)
    assert file.read_bytes() == b"rank,person,gain\n1,a,1.23\n2,b,0.50\n"
    assert [*tmp_path.iterdir()] == [file]
    if sys.platform != "win32":
        assert file.stat().st_mode & 0o777 == 0o600
    before = file.read_bytes()
    with pytest.raises(ParameterError, match="already"):
        check_place(file, forbidden, WHY)
    # what came in between stays
    with pytest.raises(ParameterError, match="already"):
        write_new(ROWS.head(1), file)
    assert file.read_bytes() == before


def test_places_where_no_such_file_may_lie(tmp_path: Path) -> None:
    forbidden = tmp_path / "workspace"
    for place in (forbidden, forbidden / "reports", tmp_path / "else" / ".." / "workspace"):
        with pytest.raises(ParameterError, match=WHY):
            check_place(place / "list.csv", forbidden, WHY)
    with pytest.raises(ParameterError, match="no such folder"):
        check_place(tmp_path / "none" / "list.csv", forbidden, WHY)


def test_a_file_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: pd.DataFrame, stream: TextIO, **__: object) -> None:
        stream.write("rank,")
        raise OSError("no space left")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    with pytest.raises(OSError, match="no space"):
        write_new(ROWS, tmp_path / "list.csv")
    assert [*tmp_path.iterdir()] == []
