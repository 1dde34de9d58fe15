"""Who comes back, as the market shows it; and where its price comes from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stammkunde.chapters.policies.book.booked import booked
from stammkunde.chapters.policies.book.market_shown import market_shown
from stammkunde.chapters.policies.book.means import at_means
from stammkunde.chapters.policies.book.returns_shown import returning
from stammkunde.policy.declared.nouns import SettingToml
from stammkunde.policy.offers.earlier import still_to_come
from tests.chapters.policies.booking import RICH, column, decision, table, told, with_toml
from tests.chapters.policies.made import HORIZON

RETURNS = np.zeros((2, 24))
RETURNS[0, [0, 2, 11, 23]] = [0.1, 0.05, 0.03, 0.02]
RETURNS[1, 5] = 0.04
GONE = np.full((2, 24), 7.0)
BACK = "former customers who come back (within the whole time)"


def with_returns(found, factors=(1.7, 1.7), gone=GONE):
    """Return the decision in a market to which leavers come back, in some draws more of them."""
    level = np.linspace(0.5, 1.5, 40)[:, None, None]

    def of(market, returns):
        both = zip(market.segments, factors, strict=True)
        own = [replace(s, returns=returns, returners=f) for s, f in both]
        # who had left is known of one segment alone
        return replace(market, segments=(replace(own[0], gone=gone), own[1]))

    basis = replace(found.basis, market=of(found.basis.market, RETURNS))
    return replace(found, basis=basis, market=of(found.market, RETURNS * level))


def test_who_had_left_before_has_a_column_and_a_result(tmp_path):
    found = with_returns(decision(tmp_path))
    section = market_shown(found)
    shown = column(table(section, "policy.market"), BACK)
    come = still_to_come(RETURNS, GONE, HORIZON).sum()
    assert shown[0].value == pytest.approx(come)
    assert shown[0].low < come < shown[0].high
    assert shown[1] == 0.0
    own = [r for r in section.results if r.id == "policy.market.returning"]
    assert [r.estimate for r in own] == [returning(found)["high"]]
    assert str(own[0].estimate.status) == "estimated"
    assert "returns_alike" in own[0].estimate.assumptions
    for locale, said in (("en_GB", "none of them"), ("de_DE", "zählt nicht zu ihnen")):
        assert said in told(table(section, "policy.market").note, found, locale)


def test_without_anybody_who_had_left_there_is_neither(tmp_path):
    for found in (decision(tmp_path), with_returns(decision(tmp_path), gone=())):
        section = market_shown(found)
        heads = [told(c.heading, found) for c in table(section, "policy.market").columns]
        assert BACK not in heads
        assert not [r for r in section.results if r.id == "policy.market.returning"]
        assert "had left" not in told(table(section, "policy.market").note, found)
    assert "policy.returns" not in [t.id for t in market_shown(decision(tmp_path)).tables]


def test_chances_of_coming_back_by_stretch_add_up_to_all(tmp_path):
    found = with_returns(decision(tmp_path))
    shown = table(market_shown(found), "policy.returns")
    assert not shown.in_report
    price = [row for row in shown.rows if str(row[0]) == "price"]
    assert [row[1:3] for row in price] == [(0, 0), (1, 2), (3, 5), (6, 11), (12, 23)]
    shares = [getattr(row[3], "value", row[3]) for row in price]
    assert shares == pytest.approx([0.1, 0.05, 0, 0.03, 0.02])
    # of what nobody did there is no interval
    assert price[2][3] == 0.0
    assert price[0][3].low == pytest.approx(0.1 * (0.5 + 0.025))
    every = sum(getattr(row[3], "value", row[3]) for row in shown.rows)
    assert every == pytest.approx(RETURNS.sum())
    assert len(shown.rows) == 10


@pytest.mark.parametrize(
    ("factors", "english", "german"),
    [
        ((1.7, 1.7), "leaves 1.70 times as fast", "geht 1,70-mal so schnell"),
        ((1.7, 1.5), "leaves 1.50 to 1.70 times", "1,50- bis 1,70-mal"),
        ((1.0, 1.0), "was not counted apart", "nicht für sich gezählt"),
    ],
)
def test_how_fast_those_leave_who_came_back(tmp_path, factors, english, german):
    found = with_returns(decision(tmp_path), factors)
    note = table(market_shown(found), "policy.returns").note
    assert english in told(note, found)
    assert german in told(note, found, "de_DE")


def test_a_price_says_where_it_comes_from(tmp_path):
    found = decision(tmp_path)
    setting = SettingToml(comparator="today", horizon=60, acquisition=65.0)

    def heading(of, locale="en_GB"):
        shown = table(market_shown(of), "policy.market")
        return told(shown.columns[-1].heading, of, locale)

    assert heading(found) == "price a month, as declared (EUR)"
    found = with_toml(found, setting=setting)
    assert heading(found) == "price a month by the price list (EUR)"
    assert heading(found, "de_DE") == "Preis im Monat laut Preisliste (EUR)"
    taken = replace(found, basis=replace(found.basis, assumptions=("price_is_margin",)))
    assert heading(taken) == "price a month, taken to be the margin (EUR)"


def test_month_by_month_they_come_again_and_are_no_sign_ups(tmp_path):
    """Under a cool-off of three months a fifth stays away of those away for no longer."""
    found = decision(tmp_path, RICH)
    one, two = (
        booked(at_means(with_returns(found, gone=gone)).policies["rich"])["high"]
        for gone in (GONE, ())
    )
    come = still_to_come(RETURNS, GONE, HORIZON)[0]
    # who left in the last month, or two months before it, of whom .9 were still away
    assert one.again[0] == pytest.approx(come - 0.2 * 7 * (0.1 + 0.05 / 0.9))
    assert two.again[0] == 0
    assert one.signed[0] == two.signed[0]
    onward = one.customers - one.leavers + np.append(one.signed + one.again, 0)[1:]
    assert onward[:-1] == pytest.approx(one.customers[1:])
