"""Columns of a sheet: headings that name unit and limit, numbers in the form of their unit."""

import pytest

from stammkunde.chapters.exhibit import Column, Table
from stammkunde.report.dress import facts, level_of, sheet_facts
from stammkunde.report.sheet_columns import LIMIT_KEYS, strips
from stammkunde.report.words import Words
from stammkunde.result import Estimate, Sentence
from tests.report import making

EN, DE = Words("en_GB"), Words("de_DE")
POINTS = {"share": "{at:percent1}", "money": "{at:money2}", "ratio": "{at:n2}"}
POINTS |= {"worded": "{at:n1} {word}"}
LIMITS = ("lower limit (95%)", "upper limit (95%)")


def estimate(unit, value=2.0, **more):
    limits = {"low": 1.0, "high": 3.0} | more
    return Estimate(value=value, unit=unit, method="made", **limits)


def columns(cells, heading="worth", form="", words=EN, **more):
    """Return the columns of a sheet that one column of a table becomes."""
    own = Words(words.locale, {"h": {"own": heading} | POINTS})
    rows = [(cell,) for cell in cells]
    columns = [Column("h.own", form)]
    table = Table(id="x", caption=Sentence("h.own"), columns=columns, rows=rows, **more)
    return strips(sheet_facts(table, own), own)


def headings(*args, **more):
    return [strip.heading for strip in columns(*args, **more)]


@pytest.mark.parametrize(
    ("words", "unit", "named"),
    [
        (EN, "EUR", "worth, EUR"),
        (EN, "1000 EUR", "worth, thousand EUR"),
        (DE, "1000 EUR", "worth, Tsd. EUR"),
        (EN, "month", "worth, months"),
        (DE, "month", "worth, Monate"),
        (EN, "share", "worth"),
        (EN, "count", "worth"),
    ],
)
def test_a_heading_names_the_unit_that_its_numbers_do_not_show(words, unit, named):
    assert headings([estimate(unit)], words=words)[0] == named


@pytest.mark.parametrize(
    ("heading", "unit", "form"),
    [
        ("worth (EUR)", "EUR", "n0"),
        ("value (thousand EUR)", "EUR", "n0"),
        ("months gained", "month", "n1"),
        ("Month of the end", "month", "n1"),
        ("points after 12 months", "share", "per100n1"),
        ("more leavers of 100", "share", "per100n1"),
    ],
)
def test_a_heading_that_names_its_unit_stays_as_it_is(heading, unit, form):
    assert headings([estimate(unit)], heading, form)[0] == heading


def test_shares_of_a_hundred_are_points():
    assert (
        headings([estimate("share")], "as it was", "per100n1")[0] == "as it was, percentage points"
    )
    shown = columns([estimate("share", 0.125)], "as it was", "per100n1")[0].cells[0]
    assert (shown.value, shown.pattern) == (12.5, "#,##0.0")


def test_limits_are_headed_as_limits_with_their_level():
    assert headings([estimate("EUR")]) == ["worth, EUR", *(f"worth, EUR, {n}" for n in LIMITS)]
    other = headings([estimate("EUR", level=0.9)], words=DE)
    assert other[1] == "worth, EUR, untere Grenze (90\u00a0%)"
    assert other[2] == "worth, EUR, obere Grenze (90\u00a0%)"


def test_limits_of_several_levels_have_none_in_their_heading():
    cells = [estimate("share"), estimate("share", level=0.9)]
    assert headings(cells) == ["worth", "worth, lower limit", "worth, upper limit"]


def test_what_has_no_limits_has_no_columns_of_limits():
    cells = [estimate("EUR", low=None, high=None, reason="no interval: typed")] * 2
    assert headings(cells) == ["worth, EUR"]


def of_keys(keys, words, level=None):
    """Return the headings of the sheet of a table with these columns of numbers."""
    columns = [Column(key, "n1") for key in keys]
    table = Table(
        id="x", caption=Sentence("column.value"), columns=columns, rows=[[1.0] * len(keys)]
    )
    return [strip.heading for strip in strips(sheet_facts(table, words, level), words)]


@pytest.mark.parametrize("words", [EN, DE])
@pytest.mark.parametrize("level", [0.95, None])
def test_limits_that_are_columns_of_their_own_are_headed_as_limits(words, level):
    names = ("value", "low", "high", "events", "smooth", "smooth_low", "smooth_high")
    value, events, smooth = (words.heading(f"column.{n}") for n in ("value", "events", "smooth"))
    key = "limit.{}" if level is None else "limit.{}_at"
    low, high, smooth_low, smooth_high = (
        words.ui(key.format(part), of=of, level=level)
        for of in (value, smooth)
        for part in ("low", "high")
    )
    wanted = [value, low, high, events, smooth, smooth_low, smooth_high]
    assert of_keys([f"column.{n}" for n in names], words, level) == wanted


def test_the_range_of_an_assumption_has_its_own_words():
    keys = [f"book.column.{n}" for n in ("value", "low", "high")]
    for words in (EN, DE):
        assert of_keys(keys, words) == [words.heading(key) for key in keys]


@pytest.mark.parametrize("words", [EN, DE])
def test_every_heading_of_a_limit_ends_with_the_word_that_is_replaced(words):
    assert len(LIMIT_KEYS) == 8
    for key, part in LIMIT_KEYS.items():
        assert words.heading(key).endswith(words.ui(part))


def test_curves_tell_the_level_of_their_limits():
    shown = making.figure("rate", grouped=True)
    assert level_of(shown) == 0.95
    assert level_of(making.figure("dots", "dots")) is None
    words = making.english()
    sheets = facts(making.sections()[1], words)["sheets"]
    assert [sheet["level"] for sheet in sheets] == [0.95, None, None]


@pytest.mark.parametrize(
    ("words", "money"),
    [
        (EN, '"€"#,##0.00'),
        (DE, '#,##0.00"\u00a0€"'),
        (Words("de_CH"), '"EUR\u00a0"#,##0.00'),
    ],
)
def test_where_units_are_mixed_each_amount_shows_its_currency(words, money):
    shown = columns([estimate("EUR"), estimate("share")], words=words)
    assert shown[0].heading == "worth"
    assert [cell.pattern for cell in shown[0].cells] == [money, "0.0%"]


def point(key, unit, value, **more):
    at = Estimate(value=value, unit=unit, method="typed", reason="no interval: typed")
    return Sentence(f"h.{key}", {"at": at} | more)


def test_a_sentence_that_is_one_number_becomes_that_number():
    months = {"word": Sentence("unit.month.plain", {"count": 2})}
    cells = [
        point("share", "share", 0.7512),
        point("money", "EUR", 2.6),
        point("worded", "month", 3.0, **months),
        point("ratio", "ratio", 1.25),
        None,
    ]
    (strip,) = columns(cells, form="text")
    assert [(c.value, c.pattern) for c in strip.cells] == [
        (0.7512, "0.0%"),
        (2.6, '"€"#,##0.00'),
        (3.0, '#,##0.0" months"'),
        (1.25, "#,##0.00"),
        (None, "General"),
    ]
    assert strip.heading == "worth"
    assert strip.numeric


def test_numbers_of_one_currency_leave_it_to_the_heading():
    (strip,) = columns([point("money", "EUR", 2.6), None], "proposed", "text")
    assert strip.heading == "proposed, EUR"
    assert (strip.cells[0].value, strip.cells[0].pattern) == (2.6, "#,##0.00")
