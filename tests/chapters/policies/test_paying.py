"""Up to what amount a policy pays, and what it costs per customer that it adds."""

from dataclasses import replace

import numpy as np
import pytest

from stammkunde.chapters.policies.doubts.costing import FEWER, NO_MORE, UNSURE
from stammkunde.chapters.policies.doubts.paying import (
    ALWAYS,
    EVEN,
    NEVER,
    REACTION,
    dial_of,
    paying,
    paying_finding,
    paying_results,
    paying_table,
)
from stammkunde.policy.ledger import Ledger
from stammkunde.policy.offers import (
    Behaviour,
    Care,
    Dialled,
    LoyaltyRebate,
    NewcomerRebate,
    Policy,
    Reaction,
    RebateForAll,
    turned,
    worths,
)
from stammkunde.policy.offers.steps import Step
from stammkunde.report.words import Words
from stammkunde.result import Estimate, Sentence, Status
from tests.chapters.policies.linear import assumed
from tests.chapters.policies.made import made_decision, with_status

STAY = Behaviour((Reaction(0.8, ("price",)),))
HARM = Behaviour((Reaction(1.3, ("price",)),))
NOTHING = Policy("today")


def decided(folder, *elements, ledger=Ledger(), comparator=NOTHING, segments=None):  # noqa: B008
    """Return a decision between a policy of these elements and nothing."""
    proposed = Policy("new", elements=elements, segments=segments or {})
    return made_decision(folder, proposed=[comparator, proposed], draws=200, ledger=ledger)


def of(decision):
    return {p.name: p for p in paying(decision)}["new"]


def said(decision):
    (finding,) = paying_finding(decision, paying(decision))
    kinds = finding.sentence.key.split(".")
    return kinds[2], kinds[3], Words("en_GB").say(finding.sentence)


def test_at_break_even_the_policy_is_worth_what_the_comparator_is(tmp_path):
    decision = decided(tmp_path, RebateForAll(0.5, behaviour=STAY))
    p = of(decision)
    assert (p.dial, p.now.value) == ("for_all.amount", 0.5)
    assert p.even.low < p.even.value < p.even.high
    at = turned(decision.policies[1], p.dial, p.even.value)
    found = worths([at], decision.market, decision.drawn, count=200, weights=decision.weights)
    apart = found["new"].total - decision.worths["today"].total
    assert apart.mean() == pytest.approx(0.0, abs=1e-6 * np.abs(decision.values).mean())
    # the interval is that of each draw's own break-even
    low = worths(
        [turned(at, p.dial, p.even.low)], decision.market, decision.drawn, count=200,
        weights=decision.weights,
    )["new"].total - decision.worths["today"].total  # fmt: skip
    assert float((low >= 0).mean()) == pytest.approx(0.975, abs=0.01)
    assert said(decision)[:2] == ("amount", "breakeven_at")


def test_without_an_effect_it_pays_at_no_amount_but_0(tmp_path):
    p = of(decided(tmp_path, RebateForAll(0.5)))
    assert (p.even.value, p.even.low, p.even.high) == (0.0, 0.0, 0.0)


def test_what_drives_customers_away_never_pays(tmp_path):
    decision = decided(tmp_path, RebateForAll(0.5, behaviour=HARM))
    assert (of(decision).even.value, of(decision).even.reason) == (None, NEVER)
    assert said(decision)[:2] == ("amount", NEVER)


def test_what_never_costs_more_than_it_brings_always_pays(tmp_path):
    keeps = Behaviour((Reaction(0.0, ("price",)),))
    given = LoyaltyRebate(55, 0.01, behaviour=keeps)
    care = Care("call", 0.001, from_unit=1, every=None, lasts=60, behaviour=keeps)
    decision = decided(tmp_path, care)
    assert (of(decision).even.value, of(decision).even.reason) == (None, ALWAYS)
    assert said(decision)[:2] == ("cost", ALWAYS)
    assert of(decided(tmp_path, given)).dial == "loyalty.amount"


def test_a_share_of_the_price_is_told_as_one(tmp_path):
    decision = decided(tmp_path, RebateForAll(share=0.02, behaviour=STAY))
    p = of(decision)
    same = of(decided(tmp_path, RebateForAll(0.02 * 20.0, behaviour=STAY)))
    assert p.even.unit == "share"
    assert 20.0 * p.even.value == pytest.approx(same.even.value, rel=1e-9)
    assert "of the price; proposed are 2.0%" in said(decision)[2]


def test_an_assumed_amount_is_proposed_as_the_ledger_has_it(tmp_path):
    amount = assumed("off", 0.3, 0.7, "EUR")
    decision = decided(tmp_path, RebateForAll("off", behaviour=STAY), ledger=Ledger((amount,)))
    p = of(decision)
    assert p.now.value == 0.5 != decision.drawn["off"].mean()
    typed = of(decided(tmp_path, RebateForAll(0.5, behaviour=STAY)))
    # the draws are the same but for the amount, which moves the mean of so few
    assert p.even.value == pytest.approx(typed.even.value, rel=0.2)


@pytest.mark.parametrize(
    ("elements", "path"),
    [
        ((), ""),
        ((RebateForAll(1.0),), "for_all.amount"),
        ((RebateForAll(share=0.1),), "for_all.share"),
        ((NewcomerRebate(12, 5.0),), "newcomer.amount"),
        ((NewcomerRebate(12, 5.0), RebateForAll(1.0)), ""),
        ((LoyaltyRebate(steps=(Step(1, 12, 1.0), Step(13, None, 2.0))),), ""),
        ((LoyaltyRebate(steps=(Step(1, None, 1.0),)),), "loyalty.steps[0].amount"),
        ((Care("call", 2.0),), "call.cost"),
        ((Care("call"),), ""),
    ],
)
def test_the_one_amount_of_a_policy_is_found(tmp_path, elements, path):
    decision = decided(tmp_path)
    assert dial_of(decision, Policy("p", elements=elements)) == path


def test_an_amount_that_the_comparator_pays_as_well_sets_nothing_apart(tmp_path):
    decision = made_decision(tmp_path)
    today = decision.policy("today")
    assert dial_of(decision, Policy("p", elements=today.elements)) == ""
    changed = tuple(replace(e, amount=1.0) for e in today.elements)
    assert dial_of(decision, Policy("p", elements=changed)) != ""


def test_a_policy_without_one_amount_has_no_break_even(tmp_path):
    decision = decided(tmp_path)
    assert of(decision).even is None
    assert paying_finding(decision, paying(decision)) == []


@pytest.mark.parametrize("form", ["amount", "share", "cost"])
@pytest.mark.parametrize("kind", ["breakeven_at", NEVER, ALWAYS])
def test_every_kind_of_break_even_can_be_said(form, kind):
    unit = "share" if form == "share" else "EUR"
    number = Estimate(value=0.5, low=0.4, high=0.6, unit=unit, method="made")
    words = {"policy": "A", "other": "B", "now": number, "even": number}
    for language, names in (("en_GB", "“A”|“B”"), ("de_DE", "„A“|„B“")):
        text = Words(language).say(Sentence(f"policies_doubt.even.{form}.{kind}", words))
        assert all(name in text for name in names.split("|"))
        assert ("95" in text) == (kind == "breakeven_at")


def test_customers_more_cost_all_that_is_paid_out_for_them(tmp_path):
    decision = decided(tmp_path, RebateForAll(0.5, behaviour=STAY))
    p = of(decision)
    new, today = decision.worths["new"], decision.worths["today"]
    assert p.more.value == pytest.approx((new.spend - today.spend).mean())
    # what is not margin is paid out
    paid = (new.margin - new.total) - (today.margin - today.total)
    assert p.paid.value == pytest.approx(paid.mean())
    assert p.customers.value == pytest.approx((new.customers - today.customers).mean())
    assert p.each.value == pytest.approx(p.paid.value / p.customers.value)
    assert p.each.low < p.each.value < p.each.high
    assert (p.each.unit, p.customers.unit) == ("EUR", "count")


def test_who_signs_up_more_costs_what_a_sign_up_costs(tmp_path):
    p = of(decided(tmp_path, NewcomerRebate(6, 0.5, behaviour=Behaviour(lift=0.1))))
    # a tenth more of 28 and 52 a month, 65 each, at 5 % a year, by hand
    months = 1.05 ** (-np.arange(60) / 12)
    assert p.paid.value - p.more.value == pytest.approx(65 * 0.1 * (28 + 52) * months.sum())
    assert p.each.value == pytest.approx(p.paid.value / p.customers.value)
    assert p.each.value > 2 * p.more.value / p.customers.value


def test_who_adds_nobody_or_costs_nothing_has_no_cost_of_one_more(tmp_path):
    harmed = decided(tmp_path, RebateForAll(0.5, behaviour=HARM))
    assert (of(harmed).each.value, of(harmed).each.reason) == (None, FEWER)
    own, today = (harmed.worths[n] for n in ("new", "today"))
    doubted = today.customers + np.linspace(-1.0, 2.0, 200)
    worths = {"new": replace(own, customers=doubted), "today": today}
    assert of(replace(harmed, worths=worths)).each.reason == UNSURE
    costly = replace(NOTHING, elements=(RebateForAll(2.0),))
    cheap = decided(tmp_path, RebateForAll(0.5, behaviour=STAY), comparator=costly)
    assert of(cheap).each.reason == NO_MORE


def test_the_table_says_what_is_missing_and_all_of_it_is_a_result(tmp_path):
    decision = decided(tmp_path, RebateForAll(0.5, behaviour=HARM))
    found = paying(decision)
    table = paying_table(decision, found)
    for language, gap in (
        ("en_GB", "pays at no amount"),
        ("de_DE", "lohnt sich bei keinem Betrag"),
    ):
        words = Words(language)
        rows = [
            [words.cell(x, c.form) for x, c in zip(row, table.columns, strict=True)]
            for row in table.rows
        ]
        assert rows[0][1:3] == ["–", "–"]
        assert rows[1][2] == gap
    ids = {r.id for r in paying_results(decision, found)}
    # how many customers more there are is a result of the league
    assert ids == IDS


IDS = {
    f"policy.{n}.new"
    for n in ("amount", "breakeven", "spend.difference", "paid.difference", "cost_per_customer")
} | {"policy.draws.breakeven"}


def test_what_a_dial_was_turned_to_is_a_result_of_the_league(tmp_path):
    decision = decided(tmp_path, RebateForAll(0.5, behaviour=STAY))
    turned_to = Dialled(decision.policies[1], "for_all.amount", 0.5, 1.0, 1.0)
    dialled = replace(decision, dialled={"new": turned_to})
    ids = {r.id for r in paying_results(dialled, paying(dialled))}
    assert ids == IDS - {"policy.amount.new"}


@pytest.mark.parametrize("status", [Status.ESTIMATED, Status.ASSUMED])
def test_what_a_policy_needs_is_as_sure_as_the_policy(tmp_path, status):
    decision = decided(tmp_path, RebateForAll(0.5, behaviour=STAY))
    p = of(with_status(decision, status))
    assert {e.status for e in (p.even, p.more, p.paid, p.customers, p.each)} == {status}
    # what is proposed was typed, and rests on nothing else
    assert (p.now.status, p.now.method, p.now.assumptions) == (Status.ASSUMED, "as proposed", ())
    assert p.even.assumptions == (*decision.assumptions, REACTION)
    assert (p.even.method, p.even.unit, p.even.estimand) == (
        EVEN, "EUR", "for_all.amount at break-even"
    )  # fmt: skip
