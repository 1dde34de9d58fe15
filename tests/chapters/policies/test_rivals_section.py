"""Rivals who answer, in the report: the games' own numbers, in the client's money."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.chapters.exhibit import Section
from stammkunde.chapters.policies.read import Decision
from stammkunde.chapters.policies.rivals.rivals import rivals
from stammkunde.policy.declared import RivalToml
from stammkunde.policy.rivals import Market, poached, promised, surfed, switched
from stammkunde.report.sentences import languages
from stammkunde.report.words import Words
from stammkunde.result import Sentence, Status
from tests.chapters.futures import check, numbers
from tests.chapters.lives import said
from tests.chapters.policies.made import HEADS, MARGIN, made_decision
from tests.patience import examples

SERVE, PRICE, INTEREST = 0.7, 20.0, 0.05
# the mean margin of today's customers, less what serving them costs
EARNED = sum(HEADS[n] * MARGIN[n] for n in HEADS) / sum(HEADS.values()) - SERVE
GAMES = ("poaching", "switching", "promise")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Decision:
    """A decision between four policies, with a cost of switching in its ledger."""
    return made_decision(tmp_path_factory.mktemp("rivals"))


def told(made: Decision, **keys: object) -> Section:
    """Return the section under a declared market; all of it can be said."""
    rival = RivalToml(**{"switching_cost": "switching_cost", **keys})  # type: ignore[arg-type]
    toml = replace(made.study.toml, rival=rival)
    section = rivals(replace(made, study=replace(made.study, toml=toml)))
    check([section])
    for text in (t.note for t in section.tables if t.note):
        assert all(Words(n).say(text) for n in languages())
    return section


def market(**keys: object) -> Market:
    usual = {"margin": EARNED, "price": PRICE, "customers": 4000, "interest": INTEREST}
    return Market(**{**usual, **keys})  # type: ignore[arg-type]


def sentences(section: Section) -> dict[str, str]:
    return {f.id: f.sentence.key for f in section.findings}


def test_without_a_market_with_rivals_nothing_is_asked(made: Decision) -> None:
    section = rivals(made)
    assert section.left_out == Sentence("rivals.left_out.absent")
    assert not section.needed
    assert all("[rival]" in Words(n).say(section.left_out) for n in languages())


def test_the_numbers_are_those_of_the_games_in_the_same_draws(made: Decision) -> None:
    section, cost = told(made), made.drawn["switching_cost"]
    known = numbers(section)
    games = (
        poached(market(), switching_cost=cost / 2),
        switched(market(), switching_max=cost),
        promised(market()),
    )
    for name, game in zip(GAMES, games, strict=True):
        for of, draws in (("frozen", game.total_frozen), ("after", game.total_after)):
            e = known[f"policy.rival.{name}.{of}"]
            assert e.value == pytest.approx(np.mean(draws))
            assert e.low == pytest.approx(np.quantile(draws, 0.025))
            assert e.high == pytest.approx(np.quantile(draws, 0.975))
            assert (e.unit, e.status) == ("EUR", Status.ASSUMED)
    assert known["policy.rival.margin"].value == pytest.approx(EARNED)
    assert known["policy.rival.price"].value == PRICE
    assert known["policy.rival.switching_cost"].value == pytest.approx(cost.mean())


def test_a_gain_against_a_frozen_rival_is_a_loss_once_he_answers(made: Decision) -> None:
    section = told(made)
    assert sentences(section) == {f"policy.rival.{g}": f"rivals.{g}.trap" for g in GAMES}
    assert {f.status for f in section.findings} == {Status.ASSUMED}
    (table, prices) = section.tables
    assert [row[3] for row in table.rows] == [Sentence("rivals.wins.customers")] * 3
    assert not prices.in_report
    english, german = said(section), said(section, "de_DE")
    assert "in 12 months while he stands still; once he answers it is a loss: \u2212€" in english
    assert "in 24 months while the rival stands still; once he promises too" in english
    assert "bringt in 12 Monaten" in german
    assert "in other models promised loyalty" in " ".join(
        Words("en_GB").say(Sentence(f"assumption.{a}")) for a in section.findings[2].assumptions
    )


def test_what_own_customers_and_those_won_bring_adds_up(made: Decision) -> None:
    known = numbers(told(made))
    for game in GAMES:
        own, won, after = (known[f"policy.rival.{game}.{n}"].value for n in ("own", "won", "after"))
        assert own is not None
        assert won is not None
        assert 4000 * (own + won) == pytest.approx(after)


def test_gains_do_not_hang_on_the_price(made: Decision) -> None:
    plain = numbers(told(made))
    # what customers pay besides is not in this price: less than the margin
    part = tuple(replace(s, price=5.0) for s in made.market.segments)
    other = told(replace(made, market=replace(made.market, segments=part)))
    known = numbers(other)
    assert set(plain) - set(known) == {
        "policy.rival.price",
        *(f"policy.rival.{g}.{n}_price" for g in GAMES for n in ("loyal", "newcomer")),
    }
    assert {n: known[n].value for n in known} == pytest.approx({n: plain[n].value for n in known})
    assert plain["policy.rival.promise.loyal_change"].value == pytest.approx(
        plain["policy.rival.promise.loyal_price"].value - PRICE
    )


def test_where_leaving_costs_a_lot_firms_may_keep_a_gain(made: Decision) -> None:
    year = market().earned.item()
    section = told(made, switching_cost=1.9 * year)
    assert sentences(section)["policy.rival.switching"] == "rivals.switching.keeps"
    assert section.tables[0].rows[1][3] == Sentence("rivals.wins.firms")
    assert "from own customers, who then pay another price or leave" in said(section)
    # the mean cost is just below the margin of a year, then above it: nobody comes
    assert sentences(section)["policy.rival.poaching"] == "rivals.poaching.trap"
    none = told(made, switching_cost=2.5 * year)
    assert sentences(none)["policy.rival.poaching"] == "rivals.poaching.nobody"
    assert numbers(none)["policy.rival.poaching.frozen"].value == 0


def test_whether_a_gain_stays_may_be_open(made: Decision) -> None:
    year = market().earned.item()
    drawn = {**made.drawn, "switching_cost": np.linspace(0.5, 3.5, len(made.weights)) * year}
    section = told(replace(made, drawn=drawn))
    assert sentences(section)["policy.rival.switching"] == "rivals.switching.open"
    assert section.tables[0].rows[1][3] == Sentence("rivals.wins.open")


def test_several_firms_play_another_game(made: Decision) -> None:
    section = told(made, firms=4)
    assert sentences(section) == {"policy.rival.surfing": "rivals.surfing.trap"}
    game = surfed(market(), switching_max=made.drawn["switching_cost"], firms=4)
    known = numbers(section)["policy.rival.surfing.after"]
    assert known.value == pytest.approx(game.total_after.mean())
    assert "Among 4 equal firms" in said(section)


def test_what_is_declared_takes_the_place_of_what_was_counted(made: Decision) -> None:
    section = told(made, margin=10.0, price=15.0, customers=500, months=6)
    game = promised(market(margin=10.0, price=15.0, customers=500, months=6))
    known = numbers(section)["policy.rival.promise.after"]
    assert known.value == pytest.approx(float(game.total_after))
    # twice as many customers, twice the money
    twice = numbers(told(made, margin=10.0, price=15.0, customers=1000, months=6))
    assert twice["policy.rival.promise.after"].value == pytest.approx(2 * float(game.total_after))


@pytest.mark.parametrize(
    "keys", [{"margin": 21.0, "price": 20.0}, {"margin": 0.0}, {"switching_cost": 0.0}]
)
def test_what_no_game_can_be_played_with_is_said(made: Decision, keys: dict[str, float]) -> None:
    section = told(made, **keys)
    assert section.left_out == Sentence("rivals.left_out.margin")
    assert section.needed


def test_without_interest_many_firms_have_no_game(made: Decision) -> None:
    free = replace(made, market=replace(made.market, interest=0.0))
    assert told(free, firms=3).left_out == Sentence("rivals.left_out.interest")
    assert told(free).left_out is None


@pytest.mark.parametrize("kind", ["trap", "open", "keeps"])
@pytest.mark.parametrize(("firms", "game"), [(2, "poaching"), (2, "switching"), (3, "surfing")])
def test_every_end_of_a_game_has_words(made: Decision, firms: int, game: str, kind: str) -> None:
    findings = {f.id: f.sentence for f in told(made, firms=firms).findings}
    sentence = findings[f"policy.rival.{game}"]
    for n in languages():
        text = Words(n).say(replace(sentence, key=f"rivals.{game}.{kind}"))
        assert "12 " in text
        assert "**" not in text


@settings(max_examples=examples(30))
@given(
    cost=st.floats(0.01, 500.0),
    margin=st.floats(0.5, 19.0),
    months=st.integers(1, 36),
    firms=st.integers(2, 5),
)
def test_whatever_the_market_something_is_said(
    made: Decision, cost: float, margin: float, months: int, firms: int
) -> None:
    section = told(made, switching_cost=cost, margin=margin, months=months, firms=firms)
    frozen = [e.value for n, e in numbers(section).items() if n.endswith(".frozen")]
    assert min(x for x in frozen if x is not None) >= 0
    assert len(section.findings) == (1 if firms > 2 else 3)
