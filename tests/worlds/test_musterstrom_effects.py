"""What the energy supplier's offers do: by other ways, where it is 0, and what the page says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stammkunde.worlds.musterstrom import effects, lots
from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom.base import NOBODY
from stammkunde.worlds.musterstrom.effect_rows import ALIKE
from stammkunde.worlds.musterstrom.effect_rows import effects as effect_rows
from stammkunde.worlds.musterstrom.expect import AXES, run
from stammkunde.worlds.musterstrom.limits import limit
from stammkunde.worlds.musterstrom.watched import Watched, watched
from tests.validate import worlds_musterstrom_asked, worlds_musterstrom_offers
from tests.worlds.once import NOW, landmark_once, lots_once, window_once

# worlds as large as clients: `make test-full` runs them
pytestmark = pytest.mark.long

PAGE = Path(__file__).parents[2] / "docs" / "musterstrom.md"


def months(curves: np.ndarray, horizon: int) -> float:
    return float(curves[0, :horizon].sum() - curves[1, :horizon].sum())


def rows_of(seen: Watched) -> dict[str, float]:
    return {name: value for name, _, value, _ in effect_rows(seen)}


def test_at_sign_up_it_is_the_share_still_there_times_the_landmark():
    found, still = landmark_once(), landmark_once().still_there()
    assert still == pytest.approx(limit(window_once().course).survival[12], rel=1e-12)
    told = rows_of(window_once())
    for what in ("months", "share"):
        product = still * told[f"effect.loyalty.landmark.{what}"]
        assert told[f"effect.loyalty.{what}"] == pytest.approx(product, rel=1e-12)
    assert told["effect.loyalty.landmark.months"] == found.arms().months(24)


@pytest.mark.parametrize("usage", range(3))
def test_those_alike_in_usage_show_what_the_loyalty_rebate_does(usage):
    """Nothing but usage decides who takes it: as the window is, no less is seen."""
    since, course = slice(p.OPEN - 12, p.MONTHS), window_once().course
    held, none = (limit(course, usage=usage, loyalty=i, signed=since).survival[12:] for i in (1, 0))
    arms = landmark_once().arms(usage=usage)
    # who holds it has come so far, and so has no curve before
    before = limit(course, usage=usage, loyalty=1, signed=since).survival[12]
    np.testing.assert_allclose(held / before, arms.treated, rtol=1e-9)
    there = limit(landmark_once().none, usage=usage, signed=since).survival
    np.testing.assert_allclose(none[12:24] / none[12], there[24:36] / there[24], rtol=1e-9)


def test_a_coin_needs_no_second_world_and_regions_hardly():
    for axis, month, apart in (("group", 69, 1e-12), ("arm", 72, 2e-4)):
        each = [
            effects.on_a_day(window_once(), axis, month, 24, both=b).arms(1) for b in (True, False)
        ]
        for arm in ("treated", "control"):
            np.testing.assert_allclose(*(getattr(e, arm) for e in each), atol=apart)


def test_hopping_is_what_the_columns_miss_of_the_newcomer_rebate():
    truth = effects.newcomers(window_once()).arms().months(24)
    shown, known = (
        effects.newcomers_compared(window_once(), *k).months(24)
        for k in ((*ALIKE, "terms"), (*ALIKE, "terms", "hopper"))
    )
    assert known == pytest.approx(truth, abs=0.002)
    assert shown < 2 * truth < 0


def test_and_the_calendar_misses_the_rest(monkeypatch):
    """Who comes back under his old number has no rebate, and signs later than others alike."""
    monkeypatch.setattr("stammkunde.worlds.musterstrom.effect_rows._drawn", lambda _: ())
    gaps = []
    for levers in ({}, {"price_rise": False, "advertising": "none"}):
        told = rows_of(watched(replace(NOW, **levers), (68, 69, 71, 72)))
        truth = told["effect.newcomer.months"]
        gaps.append(abs(told["effect.newcomer.months.hopping_known"] - truth))
        assert told["effect.newcomer.months.compared"] < 2 * truth < 0
    assert gaps[1] < gaps[0] / 4 < 0.01


def forwards(drawn: lots._Drawn, month: int) -> np.ndarray:
    """[arm, month, usage] of those drawn in a month, followed month by month."""
    found = []
    for stays in drawn.arms:
        base = np.zeros((*np.transpose(stays, PLACES).shape[:-1], month + 1))
        base[..., drawn.signed] = np.transpose(stays, PLACES)
        months_ = (month + 1, min(month + lots.HORIZON, p.CLOSE))
        later = run(NOW, months=months_, joins=NOBODY, comes_back=False, base=base)
        found.append(later.at_risk.sum(axis=(2, 3, 4, 5, 6)))
    return np.stack(found)


PLACES = [lots._ORDER.index(name) for name in AXES]


@pytest.mark.parametrize(("name", "month"), [("call", 60), ("reminder", 84), ("call", 100)])
def test_backwards_from_the_close_is_forwards_from_the_drawing(name, month):
    later = next(v for m, v in lots._backwards(NOW) if m == month)
    assert later is not None
    drawn = lots._drawn(NOW, window_once().there[month], month, name)
    met = lots._met(drawn.arms, drawn.signed, later).sum(axis=2)
    ahead = forwards(drawn, month)
    np.testing.assert_allclose(np.moveaxis(ahead, 1, 2), met[..., : ahead.shape[1]], rtol=1e-10)


@pytest.mark.parametrize("month", [60, 90])
def test_both_arms_and_those_not_drawn_are_the_customers_of_the_next_month(month):
    """Whoever is not drawn for a call goes on as who is held out of one."""
    drawn = lots._drawn(NOW, window_once().there[month], month, "call")
    called, held = (np.transpose(a, PLACES).sum(axis=8) for a in drawn.arms)
    together = NOW.call * called + (1 - NOW.call) * held + (1 - p.CALLED) / p.CALLED * held
    later = window_once().there[month + 1].sum(axis=8)[..., drawn.signed]
    np.testing.assert_allclose(together, later, rtol=1e-10)


def test_of_each_month_the_last_units_are_seen_of_few():
    whole = lots.whole_units(lots.HORIZON)
    assert (whole[36] == 1).all()
    assert whole[107][0] == pytest.approx(1 / (p.DAYS * lots.CARE_DAYS))
    assert not whole[107][1:].any()
    for month in range(86, 107):
        left = 107 - month
        assert (whole[month][: left - 1] == 1).all()
        # before the last unit but one ends, for days that carry into the next month
        assert 0 < whole[month][left - 1] < 1
        assert not whole[month][left + 1 :].any()


WITHOUT = [
    ("effect.loyalty", {"loyalty_rebate": 0.0}),
    ("effect.price_rise", {"price_rise": False}),
    ("effect.advertised", {"advertising": "none"}),
    ("effect.newcomer", {"newcomer_rebate": 0.0}),
]


@pytest.mark.parametrize(("name", "levers"), WITHOUT, ids=[n for n, _ in WITHOUT])
def test_without_it_an_offer_does_nothing(name, levers, monkeypatch):
    monkeypatch.setattr("stammkunde.worlds.musterstrom.effect_rows._drawn", lambda _: ())
    told = rows_of(watched(replace(NOW, **levers), (68, 69, 71, 72)))
    own = {n: v for n, v in told.items() if n.startswith(name)}
    assert len(own) >= 2
    assert max(map(abs, own.values())) < 1e-12
    assert not any(".compared" in n for n in told if name == "effect.newcomer")


def test_what_moods_do_not_move_no_lot_moves(monkeypatch):
    """A bottle of wine moves no mood; where moods move nobody, nor do calls and reminders."""
    assert months(lots_once()["wine"].survival(), 24) == pytest.approx(0, abs=1e-12)
    for name in ("PRICE_MOOD", "SERVICE_MOOD"):
        monkeypatch.setattr(p, name, np.zeros(5))
    flat = lots.lots(watched(NOW, lots.MONTHS), ("call", "reminder"))
    for lot in flat.values():
        assert months(lot.survival(), 24) == pytest.approx(0, abs=1e-10)


def test_a_rebate_from_the_first_unit_on_has_no_landmark(monkeypatch):
    monkeypatch.setattr("stammkunde.worlds.musterstrom.effect_rows._drawn", lambda _: ())
    told = rows_of(watched(replace(NOW, loyalty_from=1), (68, 69, 71, 72)))
    assert not any(n.startswith("effect.loyalty") for n in told)
    assert np.isfinite(list(told.values())).all()


def test_the_page_tells_what_the_shipped_client_is_answered():
    page = set(PAGE.read_text(encoding="utf-8").splitlines())
    rows = [*worlds_musterstrom_asked.shipped()]
    assert len(rows) == len(worlds_musterstrom_offers.IDS)
    assert set(rows) <= page
    missed = [f"`{worlds_musterstrom_offers.MISSED}`" in r for r in rows]
    assert missed == ["missed" in r for r in rows]
