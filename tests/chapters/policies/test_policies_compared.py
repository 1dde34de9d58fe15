"""The section on which policy is worth most: who leads, how surely, and in which words."""

from dataclasses import replace

import numpy as np
import pytest

from stammkunde.chapters.policies.compare import (
    challenger_of,
    compare,
    leader_of,
    likeliest_of,
    others,
    situation,
)
from stammkunde.chapters.policies.course.course import course
from stammkunde.chapters.policies.numbers import difference, number, status_of
from stammkunde.chapters.policies.valued.standing import (
    apart,
    assumed_in,
    is_typed,
    judged_league,
    typed_money,
)
from stammkunde.chapters.policies.valued.taken import by_level, name_of
from stammkunde.errors import ParameterError
from stammkunde.policy.decide import league
from stammkunde.policy.ledger import Assumption, Ledger
from stammkunde.policy.ledger.laws import Law
from stammkunde.policy.offers import (
    Behaviour,
    Care,
    CoolOff,
    LoyaltyRebate,
    NewcomerRebate,
    Policy,
    Reaction,
    RebateForAll,
    WinBack,
)
from stammkunde.report.words import Words
from stammkunde.result import Status
from tests.chapters.policies.made import DAY, SAYS, made_decision


@pytest.fixture(scope="module")
def decision(tmp_path_factory):
    return made_decision(tmp_path_factory.mktemp("made"))


def with_values(decision, **totals):
    """Return the decision with other values, each policy's as given plus what it has by chance."""
    noise = np.random.default_rng(3).normal(size=len(decision.weights))
    worths = {
        n: replace(w, total=totals.get(n, 0.0) + (1 + i) * noise)
        for i, (n, w) in enumerate(decision.worths.items())
    }
    values = np.stack([worths[n].total for n in decision.names], axis=-1)
    found = league(values, decision.names, decision.comparator)
    return replace(decision, worths=worths, league=found)


def said(decision, language):
    section = compare(decision)
    words = Words(language)
    return [words.say(f.sentence) for f in section.findings], words.say(
        section.findings[0].headline
    )


@pytest.mark.parametrize(
    ("totals", "leads", "expected"),
    [
        ({"loyalty": 100.0}, "loyalty", "leads"),
        ({"today": 100.0}, "today", "stay"),
        ({"loyalty": 0.5}, "loyalty", "open"),
        ({"today": 0.5}, "today", "unsure"),
    ],
)
def test_who_leads_and_how_surely(decision, totals, leads, expected):
    other = with_values(decision, **totals)
    assert leader_of(other) == leads
    assert situation(other) == expected
    assert challenger_of(other) != other.comparator


def test_a_sure_lead_is_told_with_its_euros_and_its_doubt(decision):
    texts, headline = said(with_values(decision, loyalty=1000.0), "en_GB")
    assert "Worth most is “loyalty rebate”: over 60 months €1,00" in texts[0]
    assert f"the {len(decision.weights)} joint draws it is the best of 4 policies." in texts[0]
    assert headline.startswith("“Loyalty rebate” is worth €1,00")


def test_a_lead_that_a_rival_takes_in_some_draws_is_told_with_its_likelihood(decision):
    other = with_values(decision, loyalty=1000.0, for_all=999.9)
    leader = other.league.of(leader_of(other))
    assert situation(other) == "leads"
    assert 0.5 < leader.best.value < 1
    texts, _ = said(other, "en_GB")
    assert f"is the best of 4 policies is {leader.best.value:.0%}; on average" in texts[0]


def test_where_nothing_beats_the_comparator_that_is_the_headline(decision):
    texts, headline = said(with_values(decision, today=1000.0), "de_DE")
    assert texts[0].startswith("Von 4 Regeln ist keine mehr wert als „wie heute“.")
    assert "gemeinsamen Ziehungen ist „wie heute“ am besten." in texts[0]
    assert headline == "Keine der verglichenen Regeln ist mehr wert als „wie heute“."


def test_where_another_may_be_better_the_likeliest_is_named(decision):
    other = with_values(decision, today=0.5, for_all=-1.0, loyalty=-3.0)
    best = {s.policy: s.best.value for s in other.league.standings if s.policy != "today"}
    assert likeliest_of(other) == max(best, key=best.__getitem__)
    texts, headline = said(other, "en_GB")
    name = str(other.title(likeliest_of(other)).in_language("en"))
    assert f"Most likely it is “{name}”" in texts[0]
    assert "open" in headline


def test_fewer_customers_in_the_end_are_said(decision):
    fewer = {
        n: replace(w, customers=w.customers - 100 * (n == "loyalty"))
        for n, w in with_values(decision, loyalty=1000.0).worths.items()
    }
    base = replace(with_values(decision, loyalty=1000.0), worths=fewer)
    same = {n: replace(w, customers=fewer["today"].customers) for n, w in fewer.items()}
    less = {**same, "loyalty": replace(same["loyalty"], customers=same["today"].customers - 100)}
    texts, _ = said(replace(base, worths=less), "en_GB")
    assert "the change in customers is −100" in texts[0]
    assert "change in customers" not in said(replace(base, worths=same), "en_GB")[0][0]


def test_a_tie_for_the_first_place_leaves_things_as_they_are(decision):
    values = np.zeros((len(decision.weights), 4))
    tied = replace(decision, league=league(values, decision.names, "today"))
    assert situation(tied) == "stay"


def test_every_number_of_a_sentence_is_among_the_results(decision):
    section = compare(decision)
    known = {id(r.estimate) for r in section.results}
    values = {r.estimate.value for r in section.results}
    assert known
    for finding in section.findings:
        quoted = [v for v in finding.sentence.values.values() if hasattr(v, "replicates")]
        assert quoted
        assert {v.value for v in quoted} <= values


def test_the_league_and_the_results_say_the_same(decision):
    found = {r.id: r.estimate for r in compare(decision).results}
    names = decision.names
    assert sum(found[f"policy.best.{n}"].value for n in names) == pytest.approx(1.0)
    for n in names:
        if n == "today":
            assert f"policy.difference.{n}" not in found
            continue
        apart_by = found[f"policy.value.{n}"].value - found["policy.value.today"].value
        assert found[f"policy.difference.{n}"].value == pytest.approx(apart_by)
        own = difference(decision, n, "customers", "count")
        assert found[f"policy.customers.difference.{n}"].value == own.value


def test_spends_are_those_of_the_draws(decision):
    spend = number(decision, "today", "spend")
    assert spend.value == pytest.approx(decision.worths["today"].spend.mean())
    assert spend.low < spend.value < spend.high


TYPED = Behaviour(reactions=(Reaction(0.8),))


@pytest.mark.parametrize(
    ("element", "typed"),
    [
        (LoyaltyRebate(13, 4.0), False),
        (LoyaltyRebate(13, 4.0, behaviour=TYPED), True),
        (NewcomerRebate(12, 5.0, behaviour=Behaviour(lift=0.1)), True),
        (NewcomerRebate(12, 5.0, behaviour=Behaviour(always_buyers=0.9)), True),
        (RebateForAll(1.0, behaviour=Behaviour(referrals=0.01)), True),
        (CoolOff(3), False),
        (CoolOff(3, deterred=0.5), True),
        (WinBack(("price",), 0.1), True),
        (Care("call"), True),
    ],
)
def test_what_people_do_is_typed_or_seen(element, typed):
    assert is_typed(element) is typed
    expected = (*(("reactions_assumed",) if typed else ()), "rivals_stand_still")
    assert assumed_in([Policy("one", elements=(element,))]) == expected


def among(decision, *policies):
    """Return the decision between other policies, all worth the same, with its judged league."""
    worths = {p.name: decision.worths["today"] for p in policies}
    made = judged_league(decision.study, policies, policies[0], worths)
    return replace(decision, policies=policies, worths=worths, league=made)


def counted(decision):
    """Return the decision with a margin that the data know."""
    toml = decision.study.toml
    setting = replace(toml.setting, margin=None, margin_share=None, signups=None)
    return replace(decision, study=replace(decision.study, toml=replace(toml, setting=setting)))


def test_where_the_margin_is_typed_everything_is_assumed(decision):
    plain = Policy("plain", elements=(NewcomerRebate(12, 5.0),))
    assert typed_money(decision.study)
    assert not typed_money(counted(decision).study)
    for known, status in ((decision, Status.ASSUMED), (counted(decision), Status.ESTIMATED)):
        own = among(known, Policy("today"), plain)
        assert status_of(own, "plain") == status
        assert own.league.evpi.status == status


def test_a_policy_is_assumed_only_where_what_sets_it_apart_is(decision):
    both = LoyaltyRebate(13, 4.0, behaviour=TYPED)
    today = Policy("today", elements=(both,))
    plain = Policy("plain", elements=(both, NewcomerRebate(12, 5.0)))
    other = Policy("other", elements=(LoyaltyRebate(13, 5.0, behaviour=TYPED),))
    own = among(counted(decision), today, plain, other)
    assert apart(plain, today) == [NewcomerRebate(12, 5.0)]
    assert status_of(own, "plain") == Status.ESTIMATED
    assert status_of(own, "other") == Status.ASSUMED
    # knowing everything speaks of all policies
    assert own.league.evpi.status == Status.ASSUMED


def test_a_league_rests_on_what_is_given_or_on_what_is_assumed_of_policies(decision):
    known = decision.policies
    given = [decision.study, known, known[0], decision.worths]
    for made, rests in (
        (judged_league(*given), assumed_in(known)),
        (judged_league(*given, ("margin_assumed",)), ("margin_assumed",)),
    ):
        everything = [e for s in made.standings for e in (s.value, s.difference, s.best, s.regret)]
        assert {e.assumptions for e in (*everything, made.evpi)} == {rests}


def test_every_result_names_what_it_rests_on(decision):
    counts = {"policy.draws", "policy.draws.monthly", "policy.left"}
    found = {r.id: r.estimate.assumptions for r in compare(decision).results}
    assert {rests for name, rests in found.items() if name not in counts} == {decision.assumptions}


def test_the_comparator_is_marked_as_in_every_other_table(decision):
    rows = {str(Words("en_GB").text(row[0])) for row in compare(decision).tables[0].rows}
    assert "as today (comparator)" in rows
    assert {"loyalty rebate", "no rebate", "rebate for all"} < rows


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en_GB", "already run for today's customers are in no policy's spending"),
        ("de_DE", "die für heutige Kunden noch laufen, stehen bei keiner Regel darunter"),
    ],
)
def test_rebates_that_run_already_are_told_of_where_they_are_left_out(decision, language, text):
    left_out = replace(decision, assumptions=(*decision.assumptions, "running_rebates_left_out"))
    notes = [Words(language).say(compare(d).tables[0].note) for d in (decision, left_out)]
    assert [text in note for note in notes] == [False, True]


def test_the_course_tells_of_how_many_draws_it_is(decision):
    few = replace(decision, by_month=decision.by_month[:60])
    section, words = course(few), Words("en_GB")
    for table in section.tables[:2]:
        assert "From 60 joint draws; the lead in the end from all 300." in words.say(table.note)
    assert "From the first 256 of 300 joint draws." in words.say(section.tables[2].note)
    assert {r.id: r.estimate.value for r in section.results}["policy.draws.repaid"] == 256
    assert "From 60 joint draws" in words.say(section.figures[0].table.note)


def test_policies_are_found_by_name(decision):
    assert decision.policy("loyalty") is decision.policies[2]
    with pytest.raises(ParameterError, match="loyalti"):
        decision.policy("loyalti")
    assert {s.policy for s in others(decision)} == set(decision.names) - {"today"}


def share(name, value):
    return Assumption(name, value, law=Law.FIXED, unit="share", says=SAYS, when=DAY)


def test_takers_are_those_of_each_level_where_the_data_know_them():
    ledger = Ledger((share("loyalty.taken", 0.3), share(name_of("loyalty", "high"), 0.6)))
    rule = LoyaltyRebate(13, 4.0, take_up="loyalty.taken")
    policy = by_level(Policy("one", elements=(rule,)), ("low", "high", ""), ledger)
    assert policy.of("low") == (rule,)
    assert policy.of("high") == (replace(rule, take_up="loyalty.taken.high"),)


def test_a_rule_of_one_level_keeps_its_own_takers():
    ledger = Ledger((share(name_of("loyalty"), 0.3), share(name_of("loyalty", "high"), 0.6)))
    own = LoyaltyRebate(13, 9.0, take_up=1.0)
    policy = Policy("one", elements=(LoyaltyRebate(13, 4.0, take_up="loyalty.taken"),),
                    segments={"high": (own,)})  # fmt: skip
    assert by_level(policy, ("high",), ledger).of("high") == (own,)
