"""What the energy supplier's policies are worth: by the calendar, and by persons drawn."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom import process
from stammkunde.worlds.musterstrom.base import NOBODY
from stammkunde.worlds.musterstrom.draw import Drawn, _Run, draw_persons, start
from stammkunde.worlds.musterstrom.expect import first_signups, run
from stammkunde.worlds.musterstrom.future import HORIZON, carried, eve
from stammkunde.worlds.musterstrom.ledger import Ledger, ledger
from stammkunde.worlds.musterstrom.onward import AHEAD, onward
from stammkunde.worlds.musterstrom.parameters import Policy
from stammkunde.worlds.musterstrom.policies import MOVES, Valued, value_of
from stammkunde.worlds.musterstrom.valued import INTEREST
from stammkunde.worlds.streams import uniform
from tests.worlds.once import KIND, NOW, SEED, course_once, eve_once, valued_once, window_once

# worlds as large as clients: `make test-full` runs them
pytestmark = pytest.mark.long

MONTHS = (p.CLOSE, p.CLOSE + HORIZON)
V = (1 + INTEREST) ** (-np.arange(HORIZON) / 12)
LIMIT = 3.5
POSTS = ("margin", "newcomer", "loyalty", "for_all", "acquisition", "service")
# all that a policy may move at once
ALL: dict[str, Any] = {
    "newcomer_share": 0.5, "newcomer_for_returners": False, "loyalty": "all",
    "loyalty_rebate": 2.5, "rebate_for_all": 0.75, "compensation": 35.0, "call": 0.9,
    "reminder": 0.2, "winback": 0.8, "hotline_fee": 1.0, "failure_rate": 0.03,
}  # fmt: skip


def present(books: Ledger) -> np.ndarray:
    """The present values of the posts of a ledger."""
    return np.array([V @ getattr(books, n)[-HORIZON:] for n in POSTS])


def posts(one: Valued, parts: slice) -> np.ndarray:
    own = {f.name: getattr(one.worth, f.name)[parts].sum() for f in fields(one.worth)}
    return np.array([own[n] + (own["care"] if n == "service" else 0.0) for n in POSTS])


def forever(policy: Policy) -> np.ndarray:
    """First sign-ups by month, from 2017 to the last month that is valued."""
    mean = first_signups(policy)[..., p.CLOSE - 12 :].mean(axis=-1, keepdims=True)
    return np.concatenate([first_signups(policy), np.repeat(mean, HORIZON, axis=-1)], axis=-1)


def test_as_things_are_it_is_one_course_from_2017_to_2030() -> None:
    """On all axes, by the calendar, with all returns: no unit is taken for another, none is cut."""
    months = (0, MONTHS[1])
    course = run(NOW, months=months, joins=months, arrivals=forever(NOW))
    today = valued_once()["today"]
    np.testing.assert_allclose(posts(today, slice(None)), present(ledger(course, NOW)), rtol=1e-10)
    signed = [course.signups[k][p.CLOSE :].sum() for k in ("first", "new", "reactivated")]
    own = today.future.signed.sum(axis=(0, 2))
    np.testing.assert_allclose([0, signed[0], signed[1] + signed[2]], own, rtol=1e-10)
    assert today.future.left.sum() == pytest.approx(course.left.sum(), rel=1e-10)


def handed_over(policy: Policy) -> np.ndarray:
    """The customers of the window as the policy finds them."""
    base = course_once().left.copy()
    if policy.loyalty != "taken up":
        late = slice(0, p.CLOSE - policy.loyalty_from + 1)
        both = base[..., late].sum(axis=-2)
        base[..., late] = 0
        base[..., int(policy.loyalty == "all"), late] = both
    return base


@pytest.mark.parametrize("levers", [ALL, MOVES["none"][1]], ids=["all at once", "none"])
def test_each_part_is_that_of_the_calendar(levers: dict[str, Any]) -> None:
    policy = replace(NOW, **levers)
    found, base = value_of(eve_once(), **levers), handed_over(policy)
    stays = run(policy, months=MONTHS, joins=NOBODY, comes_back=False, base=base)
    np.testing.assert_allclose(posts(found, slice(0, 1)), present(ledger(stays, policy)), rtol=1e-9)
    new = run(policy, months=MONTHS, joins=MONTHS, comes_back=False, arrivals=forever(policy))
    books = present(ledger(new, policy, origin=p.CLOSE))
    np.testing.assert_allclose(posts(found, slice(1, 2)), books, rtol=1e-9)
    back = forever(policy)
    for month in range(p.CLOSE, p.CLOSE + 6):  # of those gone before, regions do not matter
        back[..., :1, :, month] += eve_once().back.signs(month, policy)
    course = run(policy, months=MONTHS, joins=MONTHS, base=base, arrivals=back)
    whole = present(ledger(course, policy))
    np.testing.assert_allclose(posts(found, slice(None)), whole, rtol=1e-9)


def test_the_base_is_the_one_of_the_rows_ahead() -> None:
    """Those of whom `ahead.base` tells, month by month and by usage, for ten years."""
    found = carried(NOW, eve(window_once(), AHEAD)).there[:, 0].sum(axis=(2, 3, 4))
    known = onward(NOW, course_once())
    for usage in range(len(p.USAGE)):
        there = known.there(usage=usage)[p.CLOSE :].sum(axis=1)
        np.testing.assert_allclose(found[:, usage], there, rtol=1e-10)


SIZE = KIND.size
DRAWN = ("none", "loyalty_instead", "cool_off", "recovery", "calls", "letters", "no_reminders")


def chances(seed: int) -> Any:
    def chance(purpose: str, month: int = 0) -> np.ndarray:
        return uniform(seed, purpose, SIZE, month)

    return chance


def copied(one: _Run, policy: Policy) -> _Run:
    other = _Run(
        persons=pd.DataFrame(one.who),
        policy=policy,
        chance=one.chance,
        now={n: a.copy() for n, a in one.now.items()},
    )
    other.signed, other.ended, other.events = [*one.signed], [*one.ended], []
    other.count = one.count
    return other


@cache
def window_drawn() -> _Run:
    """All persons, drawn to the end of 2025 under today's policy."""
    chance = chances(SEED)
    persons = draw_persons(SEED, SIZE, chance)
    one = _Run(persons=persons, policy=NOW, chance=chance, now=start(persons, NOW, chance))
    for month in range(p.CLOSE):
        one.sign(month)
        one.live(month)
    return one


def later(policy: Policy) -> _Run:
    """As many persons who could first sign up in the 60 months to come, each month as likely."""
    chance = chances(SEED + 1)
    persons = draw_persons(SEED + 1, SIZE, chance)
    persons["month"] = p.CLOSE + (chance("month to come") * HORIZON).astype(int)
    persons.loc[persons["origin"] == 2, "month"] = -1  # by then nobody advertises
    return _Run(persons=persons, policy=policy, chance=chance, now=start(persons, policy, chance))


def followed(one: _Run) -> Drawn:
    now, policy = one.now, one.policy
    late = (now["contract"] >= 0) & (p.CLOSE - now["signed"] + 1 > policy.loyalty_from)
    if policy.loyalty != "taken up":
        now["loyalty"][late] = int(policy.loyalty == "all")
    for month in range(*MONTHS):
        one.sign(month)
        one.live(month)
    persons = pd.DataFrame(one.who)
    return Drawn(persons=persons, contracts=one.contracts(), happenings=one.happened())


def worth_of(drawn: Drawn, policy: Policy) -> np.ndarray:
    """[part, person] net euro of each person, written down contract by contract."""
    rows = drawn.contracts.join(drawn.persons[["usage", "channel"]], on="person")
    left = np.concatenate([[0.0], np.cumsum(V)])
    signed, units = rows["signed"].to_numpy(), rows["units"].to_numpy()
    ends = np.where(units > 0, signed + units, MONTHS[1])

    def paid(since: np.ndarray, until: np.ndarray) -> np.ndarray:
        first, last = (np.clip(m - p.CLOSE, 0, HORIZON) for m in (since, until))
        return np.maximum(left[last] - left[first], 0)

    rebates = paid(signed, np.minimum(ends, signed + policy.newcomer_months))
    rebates *= policy.newcomer_rebate * rows["newcomer"].to_numpy()
    loyal = paid(signed + policy.loyalty_from - 1, ends) * rows["loyalty"].to_numpy()
    rebates += policy.loyalty_rebate * loyal + policy.rebate_for_all * paid(signed, ends)
    net = paid(signed, ends) * process.margin(rows["usage"].to_numpy()) - rebates
    net -= np.where(signed >= p.CLOSE, p.ACQUISITION[rows["channel"]], 0) * at(signed)
    written = (rows["letter"].to_numpy() == 1) & (ends > p.CLOSE)
    net -= written * p.COSTS["winback"] * at(ends - 1)
    made = drawn.happenings[drawn.happenings["what"] != "referral"]
    costs = made["what"].map(prices(policy)).to_numpy() * at(made["month"].to_numpy())
    net -= np.bincount(made["contract"], weights=costs, minlength=len(rows))
    part = np.where(signed < p.CLOSE, 0, np.where(rows["kind"] == 0, 1, 2))
    found = np.zeros((3, len(drawn.persons)))
    np.add.at(found, (part, rows["person"].to_numpy()), net)
    return found


def at(month: np.ndarray) -> np.ndarray:
    inside = (month >= p.CLOSE) & (month < MONTHS[1])
    return np.asarray(np.where(inside, V[np.clip(month - p.CLOSE, 0, HORIZON - 1)], 0.0))


def prices(policy: Policy) -> dict[str, float]:
    found = {n: p.COSTS[n] for n in ("call", "wine", "early_call", "reminder")}
    found |= {f"{n}_held": 0.0 for n in found}
    better = p.WHOLE_MORE * (policy.recovery_share - NOW.recovery_share)
    better += p.QUICK_MORE * (policy.quick_share - NOW.quick_share)
    answer = p.FAILURE_COST + p.COMPLAINT_COST + policy.compensation + better
    found |= dict.fromkeys(("whole_soon", "whole_late", "part_soon", "part_late"), answer)
    found |= {"silent": p.FAILURE_COST, "free_short": p.CONTACT_COST, "free_long": p.CONTACT_COST}
    fee = p.CONTACT_COST - policy.hotline_fee
    return found | {"paid_short": fee, "paid_long": fee}


def persons_worth(policy: Policy) -> tuple[np.ndarray, np.ndarray]:
    """[part, person] of who is a person of the window, and of who comes later, per person."""
    ahead = followed(copied(window_drawn(), policy)), followed(later(policy))
    weight = process.months_of("always")[p.CLOSE - 12 :].mean() * HORIZON
    each = [worth_of(d, policy) for d in ahead]
    return each[0], each[1] * weight


@cache
def today_drawn() -> tuple[np.ndarray, np.ndarray]:
    return persons_worth(NOW)


def off(each: tuple[np.ndarray, np.ndarray], truth: np.ndarray) -> np.ndarray:
    """By how many Monte Carlo errors each part, and their sum, is off."""
    found = [np.vstack([e, e.sum(axis=0)]) for e in each]
    mean = np.add.reduce([e.mean(axis=1) for e in found])
    error = np.sqrt(np.add.reduce([e.var(axis=1) / SIZE for e in found]))
    true = np.append(truth, truth.sum())
    print(np.round(mean, 3), np.round(true, 3), np.round(error, 3))
    # where a policy moves nobody, nothing may be off at all
    moved = error > 0
    assert (mean[~moved] == true[~moved]).all()
    return (mean[moved] - true[moved]) / error[moved]


def test_persons_drawn_are_worth_as_much() -> None:
    z = off(today_drawn(), valued_once()["today"].worth.value)
    assert (np.abs(z) < LIMIT).all(), z


@pytest.mark.parametrize("name", DRAWN)
def test_persons_drawn_gain_as_much(name: str) -> None:
    """The same persons and chances under both policies, so that little but the effect is left."""
    one, today = valued_once()[name], valued_once()["today"]
    own, other = persons_worth(one.policy), today_drawn()
    gain = (own[0] - other[0], own[1] - other[1])
    z = off(gain, one.worth.value - today.worth.value)
    assert (np.abs(z) < LIMIT).all(), z
