"""Amounts of money as their reader writes them: the sign's place, millions, intervals."""

from __future__ import annotations

import pytest

from stammkunde.errors import RenderError
from stammkunde.report.formats import currency
from stammkunde.report.words import Words
from stammkunde.result import Estimate, Sentence


def money(value, low=None, high=None, unit="EUR"):
    return Estimate(value=value, low=low, high=high, unit=unit, method="counted")


@pytest.mark.parametrize(
    ("locale", "form", "written"),
    [
        ("de_DE", "money2", "1.234,50 €"),
        ("de_AT", "money2", "€ 1.234,50"),
        ("de_CH", "money2", "EUR 1’234.50"),
        ("en_GB", "money0", "€1,235"),
        ("en_US", "", "€1,234.50"),
        ("de_DE", "money2+ci", "1.234,50 € (95 %: 1.200,00–1.300,00 €)"),
        ("en_GB", "money0+ci", "€1,235 (95%: €1,200–1,300)"),
        ("en_GB", "money0+range", "95%: €1,200–1,300"),
        ("de_DE", "n0+cell", "1.235 (1.200–1.300)"),
    ],
)
def test_an_amount_carries_its_sign(locale, form, written):
    told = Words(locale).value(money(1234.5, 1200.0, 1300.0), form)
    assert told.replace("\u00a0", " ") == written


def test_from_a_million_on_the_value_decides_for_its_limits():
    large = money(1.23456e6, 0.95e6, 1.5e6)
    assert Words("de_DE").value(large, "money0+ci").replace("\u00a0", " ") == (
        "1,23 Mio. € (95 %: 0,95–1,50 Mio. €)"
    )
    assert Words("en_GB").value(large, "money0").replace("\u00a0", " ") == "€1.23 million"
    just = money(999_999.4, 900_000.0, 1_100_000.0)
    assert Words("en_GB").value(just, "money0+ci") == "€999,999 (95%: €900,000–1,100,000)"


def test_limits_on_both_sides_of_nothing_each_carry_the_sign():
    told = Words("en_GB").value(money(-3.0, -5.0, 2.0, "USD"), "money2+ci")
    assert told == "−US$3.00 (95%: −US$5.00 to US$2.00)"
    assert Words("de_DE").value(money(-3.0), "money0").replace("\u00a0", " ") == "−3 €"
    assert "unbegrenzt" not in Words("de_DE").value(money(3.0, 1.0), "money0+ci")


def test_an_amount_without_a_currency_is_refused():
    with pytest.raises(RenderError, match="without a currency"):
        Words("de_DE").value(3.0, "money0")
    with pytest.raises(RenderError, match="without a currency"):
        Words("de_DE").value(Estimate(value=3.0, unit="month", method=""), "money0")
    words = Words("en_GB", {"x": "{a:money1}"})
    assert words.say(Sentence("x", {"a": money(2.0)})) == "€2.0"


def test_every_currency_has_a_sign_in_every_locale():
    for locale in ("de_AT", "de_CH", "de_DE", "en_GB", "en_US"):
        for name in ("EUR", "CHF", "USD", "GBP", "SEK"):
            assert currency("1", name, locale).strip("1") != ""
