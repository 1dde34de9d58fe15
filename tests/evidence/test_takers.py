"""An offer that ends: what it does when, who leaves then, who is old, what takers are worth."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.evidence.adequacy import NO_COUNTERPART
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.starting.newcomers import expiry_spike, induced_by_worth
from stammkunde.evidence.starting.recycled import back_again, recycled
from stammkunde.evidence.starting.start import ByColumn, Eligible, counted_at_start
from stammkunde.evidence.starting.takers import (
    among_takers,
    arm_hazard,
    leaving_then,
    while_and_after,
)
from stammkunde.evidence.starting.valued import Price, valued
from stammkunde.evidence.trial import arm_curve, compare
from stammkunde.spells.spells import MARGIN, Spells
from stammkunde.survival.contrasts.uneven import TOO_FEW_EVENTS
from tests.evidence.contracts import CLOSE, OPEN, contracts, made
from tests.validate.starting import ARMS, HORIZON, deal_prone

BY_KIND = ByColumn(column="kind", arms={"a": ("a",), "b": ("b",)})


def rows(seed: int = 1) -> pd.DataFrame:
    return deal_prone(np.random.default_rng(seed), 4000, hidden=False)[0]


def test_what_it_does_while_it_runs_and_after_adds_up() -> None:
    trial = baseline_trial(rows(), ARMS, reach=HORIZON)
    found = compare(trial, *ARMS, HORIZON)
    early, late = while_and_after(found, 12)
    assert (early.value or 0) + (late.value or 0) == pytest.approx(found.months.value, abs=1e-9)
    alone = compare(trial, *ARMS, 12).months
    for one, other in ((early.value, alone.value), (early.se, alone.se), (early.low, alone.low)):
        assert one == pytest.approx(other, rel=1e-6)
    for nowhere in (0, HORIZON):
        with pytest.raises(ParameterError, match="an offer that ends"):
            while_and_after(found, nowhere)


def test_a_refused_comparison_is_refused_while_and_after() -> None:
    lost = rows(2)
    lost = lost[(lost.cell == 0) | (lost.arm == ARMS[0])]
    found = compare(baseline_trial(lost, ARMS, reach=HORIZON), *ARMS, HORIZON)
    for e in while_and_after(found, 12):
        assert (e.value, e.low, e.reason) == (None, None, NO_COUNTERPART)


def test_a_trial_anew_for_its_takers() -> None:
    counts = rows(3)
    whole = baseline_trial(counts, ARMS, reach=HORIZON)
    again = among_takers(whole, counts, ARMS)
    direct = baseline_trial(counts, ARMS, reach=HORIZON, population="treated")
    for name in ARMS:
        one, other = arm_curve(again, name), arm_curve(direct, name)
        assert one.value == pytest.approx(other.value)
        assert one.persons == other.persons


def test_the_rates_and_the_shares_leaving_are_those_of_the_curves() -> None:
    trial = baseline_trial(rows(4), ARMS, reach=HORIZON, population="treated")
    for name in ARMS:
        rate, curve = arm_hazard(trial, name), arm_curve(trial, name)
        assert np.isnan(rate.value[0])
        assert np.cumprod(1 - rate.value[1:]) == pytest.approx(curve.value[1:])
        assert (rate.low[1:] <= rate.value[1:]).all()
        assert (rate.value[1:] <= rate.high[1:]).all()
        gone = leaving_then(trial, name, 11)
        assert gone.value == pytest.approx(1 - curve.value[13] / curve.value[11])
        assert gone.low is not None
        assert gone.high is not None
        assert 0 < gone.low < (gone.value or 0) < gone.high < 1
    one, two = (leaving_then(trial, n, 12).value or 0 for n in ARMS)
    assert one - two == pytest.approx(expiry_spike(trial, *ARMS, 12).value)


def test_too_few_leaving_and_beyond_the_reach() -> None:
    counts = rows(5)
    # nobody leaves in the thirteenth and fourteenth unit
    counts = counts[~((counts.end == "left") & counts.finish.isin((13, 14)))]
    trial = baseline_trial(counts, ARMS, reach=HORIZON)
    found = leaving_then(trial, ARMS[0], 12)
    assert (found.value, found.events, found.reason) == (None, 0, TOO_FEW_EVENTS)
    rate = arm_hazard(trial, ARMS[0])
    assert rate.value[13] == rate.low[13] == 0
    assert 0 < rate.high[13] < 0.02
    with pytest.raises(NotObservedError, match="does not reach"):
        leaving_then(trial, ARMS[0], HORIZON - 1)


def old_and_new(frame: pd.DataFrame, lasts: int) -> tuple[list[int], pd.DataFrame]:
    """Return sign-ups and former customers of kind a, units given and sign-ups, read one by one."""
    spells = made(frame).relation.execute().sort_values(["person", "spell"])
    days = {c: pd.to_datetime(spells[c]).dt.date for c in ("start", "last")}
    spells = spells.assign(**days)
    back = []
    for s in spells.itertuples():
        before = spells[(spells.person == s.person) & (spells.spell < s.spell)]
        # who had left before observation began has no row there, but his spells are numbered
        back.append(s.spell > 1 and all(d < s.start for d in before["last"]))
    spells = spells.assign(back=back)
    own = spells[(spells["group kind"] == "a") & (spells.entry == 0)]
    units = own.exit.clip(upper=lasts)
    told = [len(own), int(own.back.sum()), int(units[own.back].sum()), int(units.sum())]
    return [*told, int((spells.entry == 0).sum())], spells


@pytest.mark.long
def test_former_customers_among_the_takers_are_those_read_one_by_one() -> None:
    frame = contracts(120, seed=4)
    (n, back, units, given, signed), spells = old_and_new(frame, 6)
    found = recycled(made(frame), BY_KIND, "a", lasts=6)
    assert (found.takers, found.back, found.units, found.all_units) == (n, back, units, given)
    assert found.share.value == pytest.approx(back / n)
    assert found.of_all.value == pytest.approx(back / signed)
    assert found.share.low is not None
    assert 0 < found.share.low < back / n
    late = date(2022, 1, 1)
    some = recycled(made(frame), BY_KIND, "a", lasts=6, eligible=Eligible(begun_from=late))
    kept = spells[(spells["group kind"] == "a") & (spells.start >= late) & (spells.entry == 0)]
    assert (some.takers, some.back) == (len(kept), int(kept.back.sum()))
    with pytest.raises(NotObservedError, match="signed up within"):
        recycled(made(frame), ByColumn(column="kind", arms={"c": ("c",)}), "c", lasts=6)


def test_who_comes_back_soon_is_read_one_by_one() -> None:
    frame, days = contracts(160, seed=5), 150
    _, spells = old_and_new(frame, 6)
    n = back = 0
    for s in spells.itertuples():
        left = s.end != "censored" and s._asdict().get("exit") in range(1, 10)
        if spells.loc[s.Index, "group kind"] != "a" or not left:
            continue
        if s.last + timedelta(days=days) >= CLOSE:
            continue
        later = spells[(spells.person == s.person) & (spells.start > s.last)]
        n += 1
        back += bool((later.start <= s.last + timedelta(days=days)).any())
    found = back_again(made(frame), BY_KIND, "a", left_from=1, left_to=9, days=days)
    assert 10 < back < n
    assert found.value == pytest.approx(back / n)
    assert found.events == back
    assert OPEN < CLOSE


def stays(size: int, seed: int) -> pd.DataFrame:
    """Return contracts followed to their end: two margins, two cells, an offer that some take."""
    rng = np.random.default_rng(seed)
    cell = rng.random(size) < 0.5
    large = rng.random(size) < 0.3 + 0.4 * cell
    taken = rng.random(size) < 0.3 + 0.3 * cell
    # who brings more stays longer, and the offer helps the small only
    hazard = np.where(large, 0.03, np.where(taken, 0.08, 0.12))
    months = rng.geometric(hazard)
    begin = date(2020, 1, 1)
    rows = {
        "who": [f"p{i}" for i in range(size)],
        "begin": [begin] * size,
        "end": [date(2020 + m // 12, m % 12 + 1, 1) - timedelta(days=1) for m in months],
        "cell": np.where(cell, "x", "y"),
        "kind": np.where(taken, "a", "b"),
        "margin": np.where(large, 3000, 500),
        "months": months,
    }
    return pd.DataFrame(rows)


def spells_of(frame: pd.DataFrame, cents: pd.Series) -> Spells:
    from stammkunde.spells.read import spells_from

    told = frame.assign(cents=cents.astype(str))
    found = spells_from(
        told.drop(columns=["margin", "months"]),
        start="begin",
        end="end",
        person="who",
        close=date(2060, 1, 1),
        by=["kind", "cell", "cents"],
    )
    r = found.relation
    known = r["group cents"].try_cast("int64")
    return type(found)(**{**vars(found), "relation": r.mutate(**{MARGIN: known})})


PRICE = Price(per_unit=4.0, lasts=6, won=20.0, discount=0.99)
SPAN = 24


def worth_by_hand(frame: pd.DataFrame, shift: int = 0) -> tuple[float, float]:
    """Return the worth of a taker with the offer and without, one by one, all seen to their end."""
    paid = frame.months.clip(upper=SPAN)
    value = (1 - 0.99**paid) / (1 - 0.99)
    cost = 4.0 * (1 - 0.99 ** frame.months.clip(upper=6)) / (1 - 0.99)
    taken, m = frame.kind == "a", (frame.margin + shift) / 100
    n = taken.sum()
    with_offer = ((frame.margin / 100 * value) - cost)[taken].sum() / n - 20
    without = 0.0
    for cell in ("x", "y"):
        here = frame.cell == cell
        own, others = here & taken, here & ~taken
        share = (m * value)[others].sum() / m[others].sum()
        without += m[own].sum() * share - shift / 100 * own.sum() * value[others].mean()
    return float(with_offer), float(without / n - 20)


@pytest.mark.parametrize("lower", [0, 700])
def test_the_worth_of_takers_by_hand(lower: int) -> None:
    frame = stays(1500, 3)
    frame = frame.assign(margin=frame.margin - lower)
    shift = max(0, 1 - int(frame.margin.min()))
    spells = spells_of(frame, frame.margin)
    counted = counted_at_start(spells, BY_KIND, ["cell"], reach=SPAN)
    trial = baseline_trial(counted.rows, ("a", "b"), reach=SPAN, population="treated")
    found = valued(spells, trial, BY_KIND, ["cell"], PRICE, SPAN)
    one = np.ones((1, 256))
    assert found.worths.reweighted(one)[0] == pytest.approx(worth_by_hand(frame, shift), rel=1e-6)
    takers = frame[frame.kind == "a"]
    assert found.margin.reweighted(one)[0, 0] == pytest.approx(takers.margin.mean() / 100)
    assert found.unknown == 0
    made_of = induced_by_worth(found.worths, compare(trial, "a", "b", SPAN), unit="EUR")
    taken, plain = worth_by_hand(frame, shift)
    assert made_of.gains[0].value == pytest.approx(taken - plain, rel=1e-6)
    assert made_of.gains[-1].value == pytest.approx(taken, rel=1e-6)


def test_a_mean_margin_times_mean_months_misses_where_large_ones_stay() -> None:
    frame = stays(20_000, 4)
    spells = spells_of(frame, frame.margin)
    counted = counted_at_start(spells, BY_KIND, ["cell"], reach=SPAN)
    trial = baseline_trial(counted.rows, ("a", "b"), reach=SPAN, population="treated")
    found = valued(spells, trial, BY_KIND, ["cell"], Price(per_unit=0, lasts=0), SPAN)
    months = {h: (1 - (1 - h) ** SPAN) / h for h in (0.03, 0.08, 0.12)}
    weight = np.array([0.5 * 0.6, 0.5 * 0.3]) / 0.45
    large = float(weight @ [0.7, 0.3])
    truth = [30 * large * months[0.03] + 5 * (1 - large) * months[h] for h in (0.08, 0.12)]
    value, se = found.worths.reweighted(np.ones((1, 256)))[0], found.worths.se()
    assert np.abs(value - truth) == pytest.approx(0, abs=3.5 * se.max())
    mean = found.margin.reweighted(np.ones((1, 256)))[0, 0]
    naive = mean * float(arm_curve(trial, "b").value[:SPAN].sum())
    assert abs(naive - truth[1]) > 10 * se[1]


def test_margins_that_nobody_knows_are_said() -> None:
    frame = stays(400, 5)
    texts = frame.margin.astype(str).where(np.arange(400) % 4 > 0, "unknown")
    spells = spells_of(frame, texts)
    counted = counted_at_start(spells, BY_KIND, [], reach=SPAN)
    trial = baseline_trial(counted.rows, ("a", "b"), reach=SPAN, population="treated")
    assert valued(spells, trial, BY_KIND, [], PRICE, SPAN).unknown == 100
    with pytest.raises(NotObservedError, match="have no margin"):
        valued(made(contracts()), trial, BY_KIND, [], PRICE, SPAN)
    none = spells_of(frame, pd.Series(["unknown"] * 400))
    with pytest.raises(NotObservedError, match="no margin is known"):
        valued(none, trial, BY_KIND, [], PRICE, SPAN)
