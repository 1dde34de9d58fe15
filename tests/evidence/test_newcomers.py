"""Newcomer offers: the composition by its printed values, the share induced, spike and returns."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from stammkunde.draws import BLOCKS
from stammkunde.errors import DataError, NotObservedError, ParameterError
from stammkunde.evidence.adequacy import NO_COUNTERPART
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.starting.newcomers import (
    ALWAYS_LIKE_ALIKE,
    NO_WORTH,
    Mix,
    Worth,
    by_induced_share,
    expiry_spike,
    returners,
)
from stammkunde.evidence.starting.start import ByColumn
from stammkunde.evidence.starting.visitors import (
    NOBODY_DETERRED,
    NOBODY_INDUCED,
    always_bounds,
    drawn_offer,
)
from stammkunde.evidence.trial import compare
from stammkunde.result import Status
from stammkunde.survival.contrasts.uneven import TOO_FEW_EVENTS
from stammkunde.survival.curve import TOO_FEW_PERSONS
from tests.evidence.contracts import contracts, made
from tests.validate.starting import ARMS, HORIZON, deal_prone, everybody

MONTH = np.arange(HORIZON)
REBATE = MONTH < 12
# 30 euro of margin a month, 15 of rebate for a year, interest of 1 % a month, 60 to win one
WITH_OFFER = Worth(per_unit=1.01**-MONTH * (30 - 15 * REBATE), once=-60)
WITHOUT = Worth(per_unit=1.01**-MONTH * 30.0, once=-60)


def mix() -> Mix:
    """Return the worth of always-buyers, normally prone to deals, and of the induced, by 1 more."""
    always, induced = everybody(), everybody(1.0)
    return Mix(
        always_without=float(WITHOUT.of(always[1])),
        always_with=float(WITH_OFFER.of(always[0])),
        induced=float(WITH_OFFER.of(induced[0])),
    )


def test_the_composition_is_the_printed_one() -> None:
    found = mix()
    assert found.always_without == pytest.approx(398.49, abs=0.005)
    assert found.always_with == pytest.approx(283.85, abs=0.005)
    assert found.induced == pytest.approx(213.59, abs=0.005)
    # 429 induced beside 1000 always-buyers, rounded from 1000 * .3 / .7
    assert found.gain(1000, 3000 / 7) == pytest.approx(-23_011, abs=100)
    assert found.credited(1000, 3000 / 7) == pytest.approx(375_483, abs=100)
    assert found.break_even == pytest.approx(0.349, abs=0.0005)
    share = found.break_even or 0
    assert 1000 * share / (1 - share) == pytest.approx(537, abs=0.5)
    assert found.gain(1 - share, share) == pytest.approx(0, abs=1e-9)


def test_a_mix_that_always_or_never_pays() -> None:
    assert Mix(always_without=1.0, always_with=2.0, induced=5.0).break_even == 0
    assert Mix(always_without=2.0, always_with=1.0, induced=-5.0).break_even is None


def takers(seed: int, size: int = 4000) -> pd.DataFrame:
    return deal_prone(np.random.default_rng(seed), size, hidden=False)[0]


def test_the_gain_by_the_share_induced() -> None:
    trial = baseline_trial(takers(1), ARMS, reach=HORIZON, population="treated")
    found = compare(trial, *ARMS, HORIZON)
    made_of = by_induced_share(found, WITH_OFFER, WITHOUT, shares=(0.0, 0.3, 1.0), unit="euro")
    taken, plain = (
        float(w.of(found.curves[a].value)) for w, a in zip((WITH_OFFER, WITHOUT), ARMS, strict=True)
    )
    values = [e.value for e in made_of.gains]
    assert values == pytest.approx([taken - plain, taken - 0.7 * plain, taken], abs=1e-9)
    assert made_of.break_even.value == pytest.approx(1 - taken / plain, abs=1e-9)
    assert made_of.break_even.low is not None
    assert 0 < made_of.break_even.low < 1 - taken / plain
    for e in made_of.gains:
        assert e.low is not None
        assert e.high is not None
        assert e.low < (e.value or 0) < e.high
        assert e.assumptions[0] == ALWAYS_LIKE_ALIKE
        assert e.unit == "euro"
    # expected months are the worth of one a month
    months = Worth(per_unit=np.ones(HORIZON))
    none = by_induced_share(found, months, months, shares=(0.0,)).gains[0]
    assert none.value == pytest.approx(found.months.value, abs=1e-9)
    assert none.se == pytest.approx(found.months.se, rel=1e-9)


def test_the_gain_where_nothing_can_be_said() -> None:
    rows = takers(2)
    lost = rows[(rows.cell == 0) | (rows.arm == ARMS[0])]
    found = compare(baseline_trial(lost, ARMS, reach=HORIZON), *ARMS, HORIZON)
    made_of = by_induced_share(found, WITH_OFFER, WITHOUT, shares=(0.2,))
    for e in (*made_of.gains, made_of.break_even):
        assert (e.value, e.low, e.reason) == (None, None, NO_COUNTERPART)
        assert e.status is Status.NOT_IDENTIFIABLE
    well = compare(baseline_trial(rows, ARMS, reach=HORIZON), *ARMS, HORIZON)
    dear = Worth(per_unit=WITHOUT.per_unit, once=-10_000)
    assert by_induced_share(well, dear, dear).break_even.reason == NO_WORTH
    with pytest.raises(ParameterError, match="more than 24 units"):
        by_induced_share(well, Worth(per_unit=np.ones(25)), WITHOUT)
    with pytest.raises(ParameterError, match="between 0 and 1"):
        by_induced_share(well, WITH_OFFER, WITHOUT, shares=(1.2,))


def test_the_spike_is_the_difference_of_weighted_shares_leaving() -> None:
    rows = takers(3)
    trial = baseline_trial(rows, ARMS, reach=HORIZON, population="treated")
    found = expiry_spike(trial, *ARMS, 12)
    share = rows.groupby("cell").arm.apply(lambda a: (a == ARMS[0]).mean())
    gone = []
    for arm in ARMS:
        own = rows[(rows.arm == arm) & (rows.finish > 12)]
        odds = share[own.cell].to_numpy()
        weight = np.ones(len(own)) if arm == ARMS[0] else odds / (1 - odds)
        stays = 1.0
        for t in (13, 14):
            there, leaves = own.finish >= t, (own.finish == t) & (own.end == "left")
            stays *= 1 - weight[leaves].sum() / weight[there].sum()
        gone.append(1 - stays)
    assert found.value == pytest.approx(gone[0] - gone[1], abs=1e-9)
    assert found.low is not None
    assert found.low > 0.02, "more of the takers leave once the rebate has run out"
    assert found.se == pytest.approx(
        np.sqrt(sum(g * (1 - g) / (rows[rows.arm == a].finish > 12).sum()
                    for g, a in zip(gone, ARMS, strict=True))), rel=0.25,
    )  # fmt: skip


def test_a_spike_that_cannot_be_seen() -> None:
    rows = takers(4)
    trial = baseline_trial(rows, ARMS, reach=HORIZON)
    with pytest.raises(NotObservedError, match="does not reach"):
        expiry_spike(trial, *ARMS, 23)
    with pytest.raises(ParameterError, match="units after"):
        expiry_spike(trial, *ARMS, 12, units=0)
    gone = (rows.arm == ARMS[0]) & rows.finish.isin([13, 14])
    quiet = expiry_spike(baseline_trial(rows[~gone], ARMS, reach=HORIZON), *ARMS, 12)
    assert (quiet.value, quiet.reason) == (None, TOO_FEW_EVENTS)


def test_returners_are_those_with_an_earlier_contract() -> None:
    spells = made(contracts(300))
    arms = ByColumn(column="kind", arms={"taken": ("a",), "other": ("b",)})
    found = returners(spells, arms, "taken")
    frame = spells.relation.execute()
    own = frame[frame["group kind"] == "a"]
    assert found.events == (own.spell > 1).sum() > 20
    assert found.value == pytest.approx((own.spell > 1).mean())
    assert found.persons == own.person.nunique() < len(own) == found.spells
    assert found.low is not None
    assert found.high is not None
    assert 0 < found.low < (found.value or 0) < found.high < 1
    assert found.method.endswith("person blocks")
    once = returners(spells.first(), arms, "taken")
    assert (once.value, once.low, once.events) == (0, 0, 0)
    assert once.method.endswith("exact limits")
    with pytest.raises(NotObservedError, match="nobody is in the arm"):
        returners(spells, arms, "third")


Heads = Mapping[str, np.ndarray]


def drawn(offered: int, plain: int, visitors: int = 40) -> tuple[Heads, Heads, pd.DataFrame]:
    """Return visitors per block, how many sign up in each arm, and that half of these stay."""
    came = {a: np.full(BLOCKS, visitors) for a in ARMS}
    signed = {ARMS[0]: np.full(BLOCKS, offered), ARMS[1]: np.full(BLOCKS, plain)}
    rows = [
        (arm, block, end, n // 2)
        for arm, heads in signed.items()
        for block, n in enumerate(heads)
        for end in ("left", "censored")
    ]
    frame = pd.DataFrame(rows, columns=["arm", "block", "end", "n"]).query("n > 0")
    frame = frame.assign(cell=0, begin=0, finish=np.where(frame.end == "left", 1, 2))
    return came, signed, frame


def test_an_offer_drawn_among_visitors_by_hand() -> None:
    """20 of 40 sign up with the offer, 10 without; of all half leave after the first of 2 units."""
    came, signed, rows = drawn(20, 10)
    trial = baseline_trial(rows, ARMS, reach=2, assumptions=())
    found = drawn_offer(came, signed, trial, *ARMS, 2)
    assert found.signing.value == pytest.approx(0.25)
    assert found.induced.value == pytest.approx(0.5)
    # 1.5 expected units for each who signs up
    assert found.per_visitor.value == pytest.approx(0.5 * 1.5 - 0.25 * 1.5)
    assert found.per_induced.value == pytest.approx(1.5)
    assert found.per_induced.assumptions == (NOBODY_DETERRED,)
    assert found.per_visitor.assumptions == ()
    # the half who sign up anyway are at worst all leavers, at best all stayers
    assert found.always == pytest.approx((1.0 - 1.5, 2.0 - 1.5))


def test_nobody_induced_and_too_few() -> None:
    came, signed, rows = drawn(10, 10)
    trial = baseline_trial(rows, ARMS, reach=2, assumptions=())
    found = drawn_offer(came, signed, trial, *ARMS, 2)
    assert (found.induced.value, found.induced.reason) == (None, NOBODY_INDUCED)
    assert (found.per_induced.value, found.per_induced.reason) == (None, NOBODY_INDUCED)
    assert found.always == pytest.approx((0, 0))
    few = rows[rows.block < 5]
    one = {a: n * (np.arange(BLOCKS) < 5) for a, n in signed.items()}
    little = drawn_offer(came, one, baseline_trial(few, ARMS, reach=2), *ARMS, 2)
    assert (little.per_visitor.value, little.per_visitor.reason) == (None, TOO_FEW_PERSONS)
    with pytest.raises(DataError, match="more signed up"):
        drawn_offer(signed, came, trial, *ARMS, 2)
    with pytest.raises(NotObservedError, match="observed for 2"):
        drawn_offer(came, signed, trial, *ARMS, 3)


def test_bounds_hold_whoever_the_always_buyers_are() -> None:
    rng = np.random.default_rng(5)
    stay = rng.integers(0, 9, 400)
    always = rng.random(400) < 0.7
    share = always.mean()

    def curve(units: np.ndarray) -> np.ndarray:
        return np.array([(units >= t).mean() for t in range(9)])

    low, high = always_bounds(curve(stay), np.zeros(9), float(share), 8)
    ordered = np.minimum(np.sort(stay) + 1, 8)
    count = int(always.sum())
    assert low == pytest.approx(ordered[:count].mean(), abs=1e-9)
    assert high == pytest.approx(ordered[-count:].mean(), abs=1e-9)
    assert low < np.minimum(stay + 1, 8)[always].mean() < high
    with pytest.raises(ParameterError, match="share of always-buyers"):
        always_bounds(curve(stay), curve(stay), 0.0, 8)
