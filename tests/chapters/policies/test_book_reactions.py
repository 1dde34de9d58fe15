"""How customers are taken to react to what a policy gives, in words."""

from __future__ import annotations

from stammkunde.chapters.policies.book.described import described
from stammkunde.chapters.policies.book.responses import questions, responses
from stammkunde.chapters.policies.book.worded import Told
from stammkunde.policy.declared.nouns import PolicyToml, RulesToml
from stammkunde.policy.offers import (
    Behaviour,
    CoolOff,
    NewcomerRebate,
    Policy,
    Reaction,
)
from stammkunde.result import Label
from tests.chapters.policies.booking import (
    Asked,
    column,
    decision,
    table,
    told,
    with_toml,
)
from tests.chapters.policies.made import made_decision


def test_reactions_are_told_one_by_one(tmp_path):
    behaviour = Behaviour(
        (
            Reaction(0.7, ("price",)),
            Reaction("spike", (), "after", 1, 2),
            Reaction(1.02, ("price", "moved"), "others", 3, adds=0.01),
            Reaction(1.3, (), "induced", 4, 4),
        ),
        lift=0.1,
        referrals=0.002,
    )
    offer = NewcomerRebate(12, 3.0, behaviour=behaviour)
    proposed = [
        Policy("today"),
        Policy("new", None, (offer, CoolOff(6, deterred="always_buyers"))),
    ]
    found = made_decision(tmp_path, proposed=proposed, draws=20)
    shown = table(described(found), "policy.reactions")
    assert not shown.in_report
    said = [told(c, found) for c in column(shown, "how customers are taken to react")]
    assert said == [
        "leaving (price) while they have it: times 0.7",
        (
            "leaving (whatever reason) after it has ended, in months 1 to 2 of that: times "
            "1.6 (assumed)"
        ),
        (
            "leaving (price, moved) of those who do not get it, from month 3 of that on: "
            "times 1.02, and 1% more a month"
        ),
        (
            "leaving (whatever reason) of those who came because of it, in month 4 of that: "
            "times 1.3"
        ),
        "10% more sign-ups",
        "each brings 0.002 new customers in a month",
        "80% (assumed) of those who would come back stay away",
    ]
    assert {told(c, found) for c in column(shown, "source")} == {"assumed"}


def test_what_was_answered_by_a_question_names_it(tmp_path):
    found = decision(tmp_path)
    offer = NewcomerRebate(12, 3.0, behaviour=Behaviour(effect="offer"))
    question = Label("offer", {"de": "Wirkt es?", "en": "Does it work?"})
    ((said, seen),) = responses(offer, Told(found), question)
    assert seen
    assert told(said, found) == "leaving as it was estimated from these data: Does it work?"
    assert told(said, found, "de_DE") == "Abgänge, wie aus diesen Daten geschätzt: Wirkt es?"
    ((unnamed, _),) = responses(offer, Told(found))
    assert told(unnamed, found) == "leaving as it was estimated from these data"


def test_the_question_of_an_element_is_that_of_its_policy_or_of_the_one_it_is_like(tmp_path):
    offer = NewcomerRebate(12, 3.0, behaviour=Behaviour(effect="offer"))
    rules = RulesToml(newcomer_rebate=(offer,))
    declared = (
        PolicyToml(name="today", title={}, rules=rules),
        PolicyToml(name="more", title={}, like="today"),
    )
    asked = (Asked("offer", {"en": "Does it work?"}),)
    found = with_toml(decision(tmp_path), policy=declared, question=asked)
    titles = {key: told(t, found) for key, t in questions(found).items()}
    assert titles == {
        ("today", "newcomer"): "Does it work?",
        ("more", "newcomer"): "Does it work?",
    }
