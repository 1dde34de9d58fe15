"""What the energy supplier's policies are worth: closed forms and identities."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom import process
from stammkunde.worlds.musterstrom.future import (
    HORIZON,
    PARTS,
    Eve,
    Future,
    carried,
    eve,
    newly_signed,
)
from stammkunde.worlds.musterstrom.policies import (
    DIALS,
    LONG,
    MOVES,
    followed,
    policy_rows,
    turned_to,
    value_of,
)
from stammkunde.worlds.musterstrom.valued import INTEREST, Worth, worth
from stammkunde.worlds.musterstrom.watched import watched
from tests.worlds.once import NOW, eve_once, told_once, valued_once, window_once

# fifteen policies, of two of which the euro is searched: `make test-full` runs them
pytestmark = pytest.mark.long

V = (1 + INTEREST) ** (-1 / 12)
LAST_MONTHS = range(p.CLOSE - 6, p.CLOSE)


def test_without_what_changes_hazards_it_is_a_closed_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal odds for all, moods that move nobody, no returns: geometric series of both parts."""
    for name in ("PRICE_USAGE", "NEWCOMER_ENDS", "PRICE_MOOD", "SERVICE_MOOD", "RESIGNS",
                 "REACTIVATED"):  # fmt: skip
        monkeypatch.setattr(p, name, np.zeros_like(getattr(p, name)))
    for name in ("PRICE_HOPPER", "PRICE_PORTAL", "NEWCOMER_HELD", "PER_EURO", "ADVERT_FELT"):
        monkeypatch.setattr(p, name, 0.0)
    monkeypatch.setattr(p, "MOVED", np.full(3, 0.004))
    monkeypatch.setattr(p, "DIED", np.full(3, 0.001))
    free = replace(NOW, terms=False, price_rise=False, rebate_for_all=0.5)
    start = eve(watched(free, LAST_MONTHS))
    found = value_of(start)
    stay = 1 / (1 + np.exp(p.PRICE) + np.exp(p.SERVICE) + np.exp(p.OTHER) + 0.005)
    q, months = V * stay, np.arange(HORIZON)
    usage = start.stay.sum(axis=(0, 2, 3, 4, 5, 6, 7, 8, 9))
    before = usage @ process.margin(np.arange(3)) * (1 - q**HORIZON) / (1 - q)
    arrivals = newly_signed(free)
    new = arrivals.sum(axis=(1, 2, 3, 4, 5)) @ process.margin(np.arange(3))
    later = new * (V**months * (1 - q ** (HORIZON - months)) / (1 - q)).sum()
    np.testing.assert_allclose(found.worth.margin, [before, later, 0], rtol=1e-12)
    left = np.minimum(HORIZON - months, 12)  # units of those who sign then in which it is paid
    paid = 10 * arrivals[..., 1].sum() * (V**months * (1 - q**left) / (1 - q)).sum()
    assert found.worth.newcomer[1] == pytest.approx(paid, rel=1e-12)
    kept = months[: HORIZON - 12]
    takes = arrivals.sum(axis=(1, 2, 3, 4, 5)) @ p.LOYALTY_UPTAKE
    held = (V**kept * q**12 * (1 - q ** (HORIZON - 12 - kept)) / (1 - q)).sum()
    assert found.worth.loyalty[1] == pytest.approx(4 * takes * held, rel=1e-12)
    everybody = 0.5 * usage.sum() * (1 - q**HORIZON) / (1 - q)
    assert found.worth.for_all[0] == pytest.approx(everybody, rel=1e-12)
    assert found.future.left[0] == pytest.approx(usage.sum() * stay**HORIZON, rel=1e-12)


def test_the_origins_of_2025_sign_up_ever_after() -> None:
    """A mean month of 2025 of who needs no offer, and as many as the offer's depth brings."""
    share = process.months_of("always")[p.CLOSE - 12 :].mean()
    for depth, brought in ((1.0, 1.0), (0.5, 0.5), (0.0, 0.0)):
        found = newly_signed(replace(NOW, newcomer_share=depth, advertising="all")).sum()
        assert found == pytest.approx(share * (0.80 + 0.16 * brought), rel=1e-12)
    assert told_once()["policy.none.signups.first"] == pytest.approx(p.SIZE * 60 * share * 0.80)


@pytest.mark.parametrize("name", ["today", "loyalty_instead"])
def test_ten_years_begin_with_the_five(name: str) -> None:
    five = valued_once()[name]
    ten = followed(eve(window_once(), LONG), five.policy)
    for what in ("there", "lost", "signed"):
        first = getattr(ten.future, what)[:HORIZON]
        np.testing.assert_allclose(first, getattr(five.future, what), rtol=1e-12)
    cut = Future(units=ten.future.units, there=ten.future.there[HORIZON:],
                 lost=ten.future.lost[HORIZON:], signed=ten.future.signed[HORIZON:],
                 left=ten.future.left)  # fmt: skip
    late = worth(cut, five.policy, NOW).value.sum() * V**HORIZON
    whole = five.worth.value.sum() + late
    assert ten.worth.value.sum() == pytest.approx(whole, rel=1e-12)
    today = followed(eve(window_once(), LONG), NOW).worth.value.sum()
    told = told_once()[f"policy.{name}.difference.{LONG}"]
    assert told == pytest.approx(p.SIZE * (whole - today), abs=1e-6)


def test_nobody_is_made_or_lost() -> None:
    for name, one in valued_once().items():
        signed, lost = one.future.signed.sum(axis=(0, 2)), one.future.lost.sum(axis=(0, 2))
        begun = np.array([eve_once().stay.sum(), 0, 0]) + signed
        np.testing.assert_allclose(one.future.left, begun - lost, rtol=1e-11, err_msg=name)


def test_parts_and_posts_add_up() -> None:
    rows = told_once()
    for name in MOVES:
        at = {n.removeprefix(f"policy.{name}."): v for n, v in rows.items()}
        for what in ("value", "difference"):
            parts = sum(at[f"{what}.{part}"] for part in PARTS)
            assert parts == pytest.approx(at[what], abs=1e-6)
        left = at["margin"] - at["rebates"] - at["care"] - at["acquisition"] - at["service"]
        assert at["value"] == pytest.approx(left, rel=1e-12)
        assert at["spend"] == pytest.approx(at["rebates"] + at["care"], rel=1e-12)
        less = at["value"] - rows["policy.today.value"]
        assert at["difference"] == pytest.approx(less, abs=1e-6)
        persons = rows["policy.base"] + at["signups.first"]
        assert at["person"] == pytest.approx(at["value"] / persons, rel=1e-12)


def test_whoever_keeps_the_loyalty_rebate_has_both_policies_in_one() -> None:
    """Today's customers go on as they are, whoever signs up first as where nobody gets it."""
    kept, only, none = (valued_once()[n] for n in ("loyalty_kept", "loyalty_only", "none"))
    for part, like in ((0, only), (1, none)):
        assert kept.worth.value[part] == pytest.approx(like.worth.value[part], rel=1e-12)
        assert kept.future.left[part] == pytest.approx(like.future.left[part], rel=1e-12)
    # among those who come back nobody holds it
    assert kept.worth.loyalty[2] == 0 < only.worth.loyalty[2]


def test_places_follow_values() -> None:
    rows = told_once()
    values = sorted((rows[f"policy.{n}.value"] for n in MOVES), reverse=True)
    for name in MOVES:
        assert values[int(rows[f"policy.{name}.rank"]) - 1] == rows[f"policy.{name}.value"]
    assert len(set(values)) == len(MOVES) >= 6


@pytest.mark.parametrize("name", DIALS)
def test_the_same_money_is_spent(name: str) -> None:
    rows = told_once()
    spent = rows[f"policy.{name}.spend"]
    assert spent == pytest.approx(rows["policy.today.spend"], rel=1e-9)
    one = valued_once()[name]
    assert rows[f"policy.{name}.euro"] == one.euro == getattr(one.policy, DIALS[name]) > 0
    # and no other euro would do: it goes up with the rebate
    by_euro = [value_of(eve_once(), **MOVES[name][1], **{DIALS[name]: e}).spend for e in (1, 3, 6)]
    assert by_euro == sorted(by_euro)


def test_what_cannot_be_spent_has_no_euro() -> None:
    levers = MOVES["rebate_for_all"][1]
    assert turned_to(eve_once(), levers, "rebate_for_all", 1e9) is None
    never = replace(eve_once(), policy=replace(NOW, loyalty_from=170, loyalty="none"))
    assert turned_to(never, {"loyalty": "all"}, "loyalty_rebate", 100.0) is None


def test_nothing_spent_is_no_rebate() -> None:
    """A supplier without offers and care spends nothing, and so would its rebate for all."""
    bare = replace(NOW, newcomer_share=0.0, loyalty="none", call=0.0, wine=0.0, early_call=0.0,
                   reminder=0.0, winback=0.0)  # fmt: skip
    start = eve(watched(bare, LAST_MONTHS))
    today, found = value_of(start), turned_to(start, {}, "rebate_for_all", 0.0)
    assert today.spend == 0
    assert found is not None
    assert found.euro == 0
    assert np.array_equal(found.worth.value, today.worth.value)


def gain(**levers: Any) -> np.ndarray:
    return np.asarray(value_of(eve_once(), **levers).worth.value - today_().value)


def today_() -> Worth:
    return valued_once()["today"].worth


def test_without_effect_and_cost_a_policy_is_worth_nothing() -> None:
    """Advertising was in 2023; nobody's answer is better than as things are."""
    for levers in ({}, {"advertising": "all"}, {"recovery_share": NOW.recovery_share}):
        assert (gain(**levers) == 0).all()


@pytest.mark.parametrize("lever", ["wine", "early_call"])
def test_without_effect_it_is_worth_what_it_costs(lever: str) -> None:
    """A share of bottles and of welcome calls costs itself, and nothing else moves."""
    more, less = (value_of(eve_once(), **{lever: s}).worth for s in (1.0, 0.0))
    for one in fields(more):
        same = np.array_equal(getattr(more, one.name), getattr(less, one.name))
        assert same == (one.name != "care")
    half = (more.care + less.care) / 2
    np.testing.assert_allclose(half, today_().care, rtol=1e-12)
    # nobody of the base signs up, and so none of it is welcomed
    assert ((more.care > less.care) == (lever == "wine", True, True)).all()


def test_a_rebate_that_moves_nobody_is_worth_its_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(p, "PER_EURO", 0.0)
    start = eve(watched(NOW, LAST_MONTHS))
    free, held = value_of(start), value_of(start, rebate_for_all=2.0)
    months = V ** np.arange(HORIZON) @ free.future.there.sum(axis=(2, 3, 4, 5))
    np.testing.assert_allclose(held.worth.value - free.worth.value, -2 * months, rtol=1e-10)
    none = value_of(start, loyalty="none").worth.value - free.worth.value
    np.testing.assert_allclose(none, free.worth.loyalty, rtol=1e-10)


def test_money_times_three_is_every_euro_times_three(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the same course: prices move nobody here, they only count."""
    one = valued_once()["recovery"]
    for name in ("MARGIN_BASE", "MARGIN_KWH", "ACQUISITION", "COMPLAINT_COST", "CONTACT_COST",
                 "FAILURE_COST", "WHOLE_MORE", "QUICK_MORE"):  # fmt: skip
        monkeypatch.setattr(p, name, getattr(p, name) * 3)
    monkeypatch.setattr(p, "COSTS", {n: 3 * c for n, c in p.COSTS.items()})
    rebates = ("newcomer_rebate", "loyalty_rebate", "rebate_for_all", "compensation", "hotline_fee")
    dear = replace(one.policy, **{n: 3 * getattr(one.policy, n) for n in rebates})
    found = worth(one.future, dear, NOW)
    for field in fields(found):
        np.testing.assert_allclose(
            getattr(found, field.name), 3 * getattr(one.worth, field.name), rtol=1e-12
        )


def test_without_interest_every_month_counts_alike() -> None:
    one = valued_once()["today"]
    plain = worth(one.future, NOW, NOW, interest=0.0)
    months = one.future.there.sum(axis=(0, 3, 4, 5))
    np.testing.assert_allclose(plain.margin, months @ process.margin(np.arange(3)), rtol=1e-12)
    assert (plain.margin > one.worth.margin).all()


def holders(start: Eve, **levers: Any) -> float:
    found = carried(replace(NOW, **levers), start)
    late = found.units.tenure > NOW.loyalty_from
    there = found.there[0, 0][..., late].sum(axis=(0, 1, 3))
    return float(there[1] / there.sum())


def test_the_loyalty_rebate_begins_and_ends_on_the_day_for_all() -> None:
    start = eve_once()
    assert holders(start, loyalty="all") == 1
    assert holders(start, loyalty="none") == 0
    own = start.stay[..., : p.CLOSE - NOW.loyalty_from + 1].sum(axis=tuple(range(8)))
    assert holders(start) == pytest.approx(own[1].sum() / own.sum(), rel=1e-12)
    assert 0.2 < holders(start) < 0.5


def test_a_promised_newcomer_rebate_is_paid_to_its_end() -> None:
    """Without an offer from 2026 on, those who signed in 2025 are paid up to December 2026."""
    future = carried(replace(NOW, newcomer_share=0.0), eve_once())
    paid = future.there[:, :, :, 1][..., future.units.tenure <= 12].sum(axis=(2, 3, 4))
    assert (paid[:11, 0] > 0).all()
    assert not paid[11:, 0].any()
    assert not paid[:, 1:].any()


def test_what_is_there_on_the_day() -> None:
    rows, now = told_once(), window_once().there[p.CLOSE - 1]
    assert rows["policy.base"] < rows["policy.base.in_force"] < p.SIZE * now.sum()
    drawn = 27 / 28 * now.sum() + 1 / 28 * window_once().course.left.sum()
    assert rows["policy.base.in_force"] == pytest.approx(p.SIZE * drawn, rel=1e-12)
    for name in MOVES:
        base = valued_once()[name].future.there[0, 0].sum()
        assert p.SIZE * base == pytest.approx(rows["policy.base"], rel=1e-12)


def test_under_other_levers_rows_are_whole() -> None:
    """Where nobody is offered anything, five policies are one, and the rebate for all is 0."""
    bare = replace(NOW, newcomer_share=0.0, loyalty="none")
    rows = {n: v for n, _, v, _ in policy_rows(watched(bare, LAST_MONTHS))}
    assert np.isfinite(list(rows.values())).all()
    same = ("today", "none", "newcomer_only", "loyalty_only", "rebate_for_all")
    assert len({rows[f"policy.{n}.value"] for n in same}) == 1
    assert rows["policy.rebate_for_all.euro"] == 0
