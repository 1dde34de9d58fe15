"""The market as it is shown: segments, money, and hazards under each policy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stammkunde.chapters.policies.book.market_shown import market_shown
from stammkunde.policy.declared.nouns import SettingToml
from stammkunde.policy.offers import (
    Behaviour,
    Policy,
    Reaction,
    RebateForAll,
)
from stammkunde.result import Estimate
from tests.chapters.policies.booking import (
    column,
    decision,
    table,
    told,
    with_parts,
    with_toml,
)
from tests.chapters.policies.made import made_decision


def test_the_comparator_leaves_as_was_observed_and_others_by_their_factor(tmp_path):
    kept = Behaviour((Reaction(0.5, ("price",)),))
    today = Policy("today", None, (RebateForAll(1.0, behaviour=kept),))
    found = made_decision(tmp_path, proposed=[today, Policy("nothing")], draws=40)
    section = market_shown(found)
    for kind, high in (("new", 60), ("today", 109)):
        shown = table(section, f"policy.hazards.{kind}")
        assert not shown.in_report
        listed = np.array(column(shown, "at list price"))
        observed = np.array(column(shown, "today (comparator)"))
        price = np.array([str(x) == "price" for x in column(shown, "reason")])
        assert observed[price] == pytest.approx(listed[price] / 2)
        assert observed[~price] == pytest.approx(listed[~price])
        assert column(shown, "nothing") == column(shown, "at list price")
        unit = np.array(column(shown, "month as a customer"))
        first = price & (unit == 1)
        assert observed[first] == pytest.approx([0.014, 0.0308])
        assert unit.max() == high


def test_today_s_customers_stand_where_they_are(tmp_path):
    shown = table(market_shown(decision(tmp_path)), "policy.hazards.today")
    rows = [
        (row[0], row[2], row[3])
        for row in shown.rows
        if str(row[1]) == "price" and row[2] in (1, 50, 51)
    ]
    assert [n for _, _, n in rows] == [28, 28, 0, 52, 52, 0]
    assert sum(row[3] for row in shown.rows if str(row[1]) == "moved") == 4000


def test_segments_show_their_customers_and_money(tmp_path):
    found = decision(tmp_path)
    section = market_shown(found)
    shown = table(section, "policy.market")
    assert column(shown, "customers today") == [1400, 2600]
    assert column(shown, "margin a month (EUR)") == [p.margin for p in found.basis.parts]
    assert column(shown, "price a month, as declared (EUR)") == [20.0, 20.0]
    known = {(r.id, *r.group.values()): r.estimate for r in section.results}
    assert known["policy.market.customers", "low"].value == 2600
    assert known["policy.market.margin", "high"] == found.basis.parts[0].margin
    assert "12 customers of today are not in it" in told(section.paragraphs[0], found)
    assert "12 Kunden von heute" in told(section.paragraphs[0], found, "de_DE")
    alone = replace(found, basis=replace(found.basis, left=1))
    assert "1 customer of today is not in it" in told(market_shown(alone).paragraphs[0], found)
    typed = replace(found.basis.parts[0], margin=Estimate(value=9.0, unit="EUR", method="typed"))
    typed = with_parts(found, (typed, found.basis.parts[1]))
    assert column(table(market_shown(typed), "policy.market"), "margin a month (EUR)")[0] == 9.0


def test_earlier_terms_and_levels_have_their_names(tmp_path):
    setting = SettingToml(comparator="today", horizon=60, segments="usage", acquisition=65.0)
    found = with_toml(decision(tmp_path), setting=setting)
    high, low = found.basis.parts
    for terms, name in {
        "": "high usage",
        "before": "high usage, signed under earlier terms",
        "2020-01-01": "high usage, signed under the terms from 1 January 2020",
    }.items():
        parts = (replace(high, terms=terms), low)
        shown = table(
            market_shown(replace(found, basis=replace(found.basis, parts=parts))), "policy.market"
        )
        assert told(shown.rows[0][0], found).replace("\u00a0", " ") == name
    parts = (replace(high, level=""), low)
    shown = table(
        market_shown(replace(found, basis=replace(found.basis, parts=parts))), "policy.market"
    )
    assert told(shown.rows[0][0], found, "de_DE") == "alle Kunden"


def test_it_is_told_whether_anything_is_projected(tmp_path):
    found = decision(tmp_path)
    assert "counted up to month 50 and is projected beyond" in told(
        market_shown(found).paragraphs[-1], found
    )
    market = found.basis.market
    nobody = tuple(replace(s, there=()) for s in market.segments)
    new = replace(market, segments=nobody, horizon=50)
    alone = replace(found, basis=replace(found.basis, market=new))
    said = told(market_shown(alone).paragraphs[-1], found)
    assert "up to month 50; nothing is projected" in said
    assert "hochgerechnet ist nichts" in told(market_shown(alone).paragraphs[-1], found, "de_DE")
    # today's customers go on beyond what was counted
    there = replace(found, basis=replace(found.basis, market=replace(market, horizon=50)))
    assert "projected beyond" in told(market_shown(there).paragraphs[-1], found)
