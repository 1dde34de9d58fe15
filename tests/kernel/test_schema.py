"""A wrong client file: the message names file, key, value and the nearest right spelling."""

from __future__ import annotations

from pathlib import Path

import pytest

from stammkunde.errors import ParameterError, SchemaError
from stammkunde.study import Study, read_study
from stammkunde.workspace import Workspace

RIGHT = """
schema = 1
[client]
name = { de = "Eins", en = "One" }
as_of = 2021-01-01
languages = ["de_DE", "en_GB"]
[window]
open = 2020-01-01
close = 2021-01-01
[contracts]
file = "c.csv"
start = "from"
end = "to"
[groups.tariff]
column = "tariff"
title = { de = "Tarif", en = "tariff" }
[report]
horizons = [12, 24]
"""


def study(folder: Path, text: str) -> Study:
    (folder / "clients").mkdir(exist_ok=True)
    (folder / "clients" / "one.toml").write_text(text, encoding="utf-8")
    return read_study("one", workspace=Workspace(folder))


def test_the_right_file_is_read(tmp_path):
    read = study(tmp_path, RIGHT)
    assert (read.toml.data.window.unit, read.toml.report.horizons) == ("month", (12, 24))
    assert (read.language, str(read.created), read.nature) == ("de_DE", "2021-01-01", "unstated")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[window]", "[windov]", r"one\.toml: unknown key `windov`\. Did you mean `window`\?"),
        ("close =", "clos =", r"one\.toml: unknown key `window\.clos`\. Did you mean `close`\?"),
        ('file = "c.csv"\n', "", r"one\.toml: key `contracts\.file` is missing"),
        ('file = "c.csv"', "file = 3", r"one\.toml: `contracts\.file` is 3, which is not a text"),
        ("open = 2020-01-01", 'open = "soon"', r"`window\.open` is 'soon', which is not a date"),
        ("open = 2020-01-01", "open = 2020-01-01T00:00:00", r"`window\.open` is .* not a date"),
        ("[contracts]", '[contracts]\nseparator = ":"', r"`contracts\.separator` is ':'.*Known"),
        ("[window]", '[window]\nunit = "moth"', r"`window\.unit` is 'moth'.*Did you mean `month`"),
        ("horizons = [12, 24]", "horizons = 12", r"`report\.horizons` is 12, which is not a list"),
        ("horizons = [12, 24]", 'horizons = ["x"]', r"`report\.horizons\[0\]` is 'x'.*whole"),
        ("horizons = [12, 24]", "horizons = [true]", r"`report\.horizons\[0\]` is True"),
        ("horizons = [12, 24]", 'horizons = ["12"]', r"Write it without quotes: `12`\."),
        ("horizons = [12, 24]", "horizons = 12", r"Write it in brackets: `\[12\]`\."),
        ("open = 2020-01-01", 'open = "2020-01-01"', r"without quotes: `2020-01-01`\."),
        ("open = 2020-01-01", 'open = "soon"', r"Write a date such as 2025-12-31"),
        ("[groups.tariff]", '[groups.x]\ncolumn = "x"\ntitle = "X"\n[groups.tariff]',
         r"`groups\.x\.title` is 'X', which is not a table\. Write it like `\{ de = \"…\", en"),
        ("horizons = [12, 24]", "horizons = [0]", r"`report\.horizons` are units of tenure"),
        ("title = {", 'titel = {', r"unknown key `groups\.tariff\.titel`\. Did you mean `title`"),
        ("[groups.tariff]", "[groups.cohort]", r"one\.toml: a group cannot be called `cohort`"),
        ('column = "tariff"', 'column = "t"\ncuts = [5, 2]', r"`groups\.tariff\.cuts` do not rise"),
        ("open = 2020-01-01", "open = 2021-01-01", r"`window\.open` is not before `window\.close`"),
        ("close = 2021-01-01\n", "", r"one\.toml: key `window\.close` is missing"),
        ("schema = 1", "", r"one\.toml: the file says nothing of its schema\. Write `schema = 1`"),
        ("schema = 1", "schema = 2", r"one\.toml: the file is of schema 2"),
        ("schema = 1", "schema 1", r"one\.toml: this is not TOML"),
        ("[contracts]", "[lapse]\ngap_days = 3\n[contracts]", r"`\[transactions\]` and"),
        ('de = "Eins", ', "", r"one\.toml: a text lacks the language `de`"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_named_with_key_value_and_remedy(tmp_path, old, new, said):
    assert old in RIGHT
    with pytest.raises(SchemaError, match=said) as caught:
        study(tmp_path, RIGHT.replace(old, new, 1))
    assert "\n" not in str(caught.value)


def test_two_tables_of_customers_are_refused(tmp_path):
    two = (
        RIGHT
        + '[snapshot]\nfile = "s"\ntenure = "t"\nleft = "l"\n'
        + 'left_values = ["y"]\nstayed_values = ["n"]\n'
    )
    with pytest.raises(SchemaError, match=r"two tables: `\[contracts\]`, `\[snapshot\]`"):
        study(tmp_path, two)


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    study(tmp_path, RIGHT)
    (tmp_path / "clients" / "one.toml").write_bytes(
        RIGHT.replace("Eins", "\u00e4").encode("latin-1")
    )
    with pytest.raises(SchemaError, match=r"one\.toml: the file is not UTF-8"):
        read_study("one", workspace=Workspace(tmp_path))


def test_an_unknown_client_or_language_is_named_with_the_nearest(tmp_path):
    study(tmp_path, RIGHT)
    with pytest.raises(
        ParameterError, match=r"there is no client `onne` in clients/. Did you mean `one`"
    ):
        read_study("onne", workspace=Workspace(tmp_path))
    with pytest.raises(ParameterError, match=r"`en_UK`. Did you mean `en_GB`"):
        read_study("one", workspace=Workspace(tmp_path), language="en_UK")
