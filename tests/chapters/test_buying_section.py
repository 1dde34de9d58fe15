"""Customers without a contract in the report: every verdict, every reason, every number."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from stammkunde import chapters as tell
from stammkunde.chapters.buying.ahead import MONTHS
from stammkunde.chapters.buying.model import yearly
from stammkunde.chapters.buying.read import unit_of
from stammkunde.report.words import Words
from stammkunde.result import Status
from stammkunde.survival import buying as kernel
from tests.chapters.futures import check, numbers, small_type
from tests.chapters.lives import is_sayable, said
from tests.chapters.shops import MIDDLE, bought, buyer, shop

YEAR = 365.25 / 7


@pytest.fixture(scope="module")
def true(tmp_path_factory):
    """Customers as the model takes them."""
    return shop(tmp_path_factory.mktemp("true"), bought(buyer(), 2000))


@pytest.fixture(scope="module")
def lost(tmp_path_factory):
    """Customers who buy half as much from the middle of the window on."""
    return shop(tmp_path_factory.mktemp("lost"), bought(buyer(), 1200, kept=0.5))


def sections(asked, found):
    return [tell.buying(asked, found), tell.still_there(asked, found)]


def test_the_window_is_halved_and_the_model_hits_its_own_customers(true):
    asked, found = true
    assert (found.why, found.until, found.fit.unit) == ("", MIDDLE, "week")
    assert found.held.holdout == (date(2025, 1, 1) - MIDDLE).days
    assert found.tested.verdict == "hit"
    made = sections(asked, found)
    check(made)
    assert "The model holds" in said(made[0])
    assert [f.id for f in made[0].figures] == ["buying.track", "buying.chances"]
    assert made[1].findings[0].importance >= 0.35


def test_the_numbers_are_the_kernels(true):
    asked, found = true
    section = tell.buying(asked, found)
    own = numbers(section) | numbers(section, until=MIDDLE.isoformat())
    days = kernel.timeline(found.purchases, until=MIDDLE, later_until=found.purchases.close)
    told = kernel.tracked(found.before, days)
    assert own["buying.error.ahead"].value == told.ahead.value - 1
    assert own["buying.error.whole"].value == told.whole.value - 1
    came = int(days.repeats[days.until :].sum())
    assert own["buying.observed.ahead"].value == came
    assert own["buying.expected.ahead"].value == pytest.approx(told.ahead.value * came)
    assert own["buying.rate"].value == pytest.approx(found.fit.rate.value * YEAR)
    assert own["buying.rate"].low == yearly(found.fit).low
    there = tell.still_there(asked, found)
    again = found.histories.where(found.histories.x > 0)
    share = kernel.alive_share(found.fit, again)
    known = numbers(there, customers="again")
    assert (known["buying.there.share"].value, known["buying.there.share"].high) == (
        share.value,
        share.high,
    )
    assert known["buying.there.persons"].value == share.value * again.persons
    ahead = numbers(there)
    assert ahead["buying.ahead.12"].value == pytest.approx(
        kernel.purchases_ahead(found.fit, found.histories, MONTHS * YEAR / 12).value
    )
    money = kernel.money_ahead(found.fit, found.spend, found.histories, YEAR)
    assert (ahead["buying.money.12"].value, ahead["buying.money.12"].unit) == (
        pytest.approx(money.value),
        "EUR",
    )


def test_purchases_at_their_price_are_the_money(true):
    asked, found = true
    own = numbers(tell.still_there(asked, found))
    each, money, bought_ = (own[f"buying.{n}"] for n in ("money.each", "money.12", "ahead.12"))
    assert each.value * bought_.value == pytest.approx(money.value, rel=1e-12)
    assert each.low < each.value < each.high
    block = money.replicates.leave_out / bought_.replicates.leave_out
    assert each.replicates.leave_out == pytest.approx(block, rel=1e-12)
    assert (each.unit, each.assumptions) == ("EUR", money.assumptions)


def test_the_rule_is_counted_by_hand(true):
    asked, found = true
    h = found.histories
    again = h.x > 0
    recent = h.length - h.t_x <= 184
    known = numbers(tell.still_there(asked, found), customers="again")["buying.there.rule"]
    assert known.value == h.count[again & recent].sum() / h.count[again].sum()
    assert known.status is Status.ESTIMATED
    assert known.assumptions == ("lapse_rule",)


def test_what_rule_and_model_got_wrong_is_counted_by_hand(true):
    asked, found = true
    held = found.held
    came = held.later > 0
    silent = held.length - held.t_x > 184
    slow = kernel.buying_chances(found.before, held) < 0.5
    for name, gone in (("rule", silent), ("model", slow)):
        own = numbers(tell.still_there(asked, found), by=name)
        wrong = held.count[gone == came].sum() / held.persons
        assert own["buying.wrong.all"].value == wrong
        assert own["buying.wrong.declared"].value == held.count[gone].sum()
        assert own["buying.wrong.gone"].value == (
            held.count[gone & came].sum() / held.count[gone].sum()
        )


def test_the_error_leaves_out_what_the_same_persons_bought_later(true):
    """Without a block the error has that block's purchases neither in the fit nor in what came."""
    _, found = true
    held, model, told = found.held, found.tested.tracking.ahead, found.tested.ahead
    block = int(held.block[0])
    rest = held.block != block
    mean = held.count @ held.later / held.persons
    others = held.count[rest] @ held.later[rest] / held.count[rest].sum()
    wanted = model.replicates.leave_out[block] * mean / others - 1
    assert told.replicates.leave_out[block] == pytest.approx(wanted, rel=1e-12)
    assert told.replicates.leave_out[block] != pytest.approx(told.value, rel=1e-6)


def test_a_model_that_misses_says_so_and_shows_pairs_instead_of_totals(lost):
    asked, found = lost
    made = sections(asked, found)
    check(made)
    assert found.tested.verdict == "missed_many"
    assert "The model misses" in said(made[0])
    assert [f.id for f in made[0].figures] == ["buying.chances"]
    assert made[0].findings[0].remarks
    assert "remains open" in said(made[1])
    by = {f.id: f for f in made[1].findings}
    assert by["buying.money"].importance < 0.35
    assert by["buying.ahead"].remarks


@pytest.mark.parametrize(
    ("error", "verdict", "words"),
    [
        ((-0.03, -0.05, -0.01), "hit", "The model holds"),
        ((0.02, -0.05, 0.08), "hit", "The model holds"),
        ((0.3, -0.1, 0.9), "open", "cannot be told with so few purchases"),
        ((-0.14, -0.18, -0.10), "few", "fewer repeat purchases"),
        ((0.14, 0.10, 0.18), "many", "more repeat purchases"),
        ((-0.3, -0.4, -0.2), "missed_few", "The model misses"),
        ((0.3, 0.2, 0.4), "missed_many", "The model misses"),
    ],
)
def test_every_verdict_has_its_sentences(true, error, verdict, words):
    asked, found = true
    value, low, high = error
    ahead = replace(found.tested.ahead, value=value, low=low, high=high)
    found = replace(found, tested=replace(found.tested, ahead=ahead))
    assert found.tested.verdict == verdict
    model = tell.buying(asked, found)
    assert is_sayable(model)
    assert words in said(model)


def test_remarks_tell_which_way_the_model_was_off(true):
    asked, found = true
    small = replace(found, histories=found.histories.where(found.histories.block < 32))
    for error, words in ((-0.14, "fewer"), (0.14, "more"), (-0.3, "missed"), (0.3, "missed")):
        ahead = replace(found.tested.ahead, value=error, low=error - 0.02, high=error + 0.02)
        section = tell.still_there(asked, replace(small, tested=replace(found.tested, ahead=ahead)))
        assert is_sayable(section)
        told = {
            f.id: [*small_type(replace(section, findings=[f], figures=[]))]
            for f in section.findings
        }
        assert any(words in Words("en_GB").say(s) for s in told["buying.ahead"])
        assert ("remains open" in said(section)) == (words == "missed")


@pytest.mark.parametrize(
    ("error", "key", "words"),
    [
        (0.01, "known", ""),
        (-0.14, "few", "suggests that more are"),
        (0.14, "many", "suggests that fewer are"),
        (-0.3, "missed_few", "speaks for more than"),
        (0.3, "missed_many", "speaks for fewer than"),
    ],
)
def test_who_is_there_is_told_with_how_far_the_model_was_off(true, error, key, words):
    asked, found = true
    ahead = replace(found.tested.ahead, value=error, low=error - 0.02, high=error + 0.02)
    section = tell.still_there(asked, replace(found, tested=replace(found.tested, ahead=ahead)))
    (there, *_) = section.findings
    assert (there.sentence.key, there.headline.key) == (
        f"buying.there.{key}",
        f"buying.headline.{key}",
    )
    assert is_sayable(section)
    told = Words("en_GB").say(there.sentence)
    assert words in told
    assert (f"{abs(error):.0%}" in told) == (key != "known")
    assert not any("buying.off" in r.key for r in there.remarks)


def test_the_unit_is_the_week_for_short_windows_only(true):
    asked, _ = true
    window = asked.toml.data.window
    for opens, unit, told in (
        (window.open, "month", "week"),
        (date(2020, 1, 1), "month", "month"),
        (None, "month", "month"),
        (window.open, "day", "day"),
    ):
        data = replace(asked.toml.data, window=replace(window, open=opens, unit=unit))
        assert unit_of(replace(asked, toml=replace(asked.toml, data=data))) == told


def test_the_picture_tells_fitted_from_foretold(true):
    asked, found = true
    figure = tell.buying(asked, found).figures[0]
    track = figure.track
    assert track.until == pytest.approx(found.tested.tracking.until)
    assert [m.at for m in figure.marks] == [track.until]
    parts = [row[1].key for row in figure.table.rows]
    assert parts.count("buying.part.fitted") == int(np.floor(track.until)) + 1
    assert parts[-1] == "buying.part.ahead"
