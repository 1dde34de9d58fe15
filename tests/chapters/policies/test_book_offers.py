"""What each policy gives, in plain words of both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stammkunde.chapters.policies.book.clauses import clause
from stammkunde.chapters.policies.book.described import described
from stammkunde.chapters.policies.book.worded import Told
from stammkunde.policy.declared.nouns import PolicyToml
from stammkunde.policy.ledger import estimated
from stammkunde.policy.offers import (
    Care,
    CoolOff,
    Dialled,
    GlidePath,
    LoyaltyRebate,
    MinimumTerm,
    NewcomerRebate,
    Policy,
    RebateForAll,
    Recovery,
    Step,
    WinBack,
)
from stammkunde.report.words import Words
from tests.chapters.policies.booking import (
    decision,
    table,
    taken,
    told,
    with_taken,
    with_toml,
)
from tests.chapters.policies.made import DAY, made_decision


@pytest.mark.parametrize(
    ("element", "english", "german"),
    [
        (
            NewcomerRebate(12, 10.0),
            "€10 off a month for the first 12 months to newcomers",
            "10 € Rabatt im Monat in den ersten 12 Monaten für Neukunden",
        ),
        (
            NewcomerRebate(1, share=0.2, hops=0.05, applies="both"),
            (
                "20% off the price in the first month to newcomers and today’s customers; at "
                "its end 5% cancel and sign up again as new"
            ),
            (
                "20 % Rabatt auf den Preis im ersten Monat für Neukunden und heutige Kunden; "
                "am Ende kündigen 5 % und fangen wieder als neu an"
            ),
        ),
        (
            NewcomerRebate(6, 2.5, hassle="switching_cost"),
            (
                "€2.50 off a month for the first 6 months to newcomers; at its end those "
                "cancel and sign up again to whom that is worth the hassle, which is worth "
                "up to €40 (assumed) to them"
            ),
            (
                "2,50 € Rabatt im Monat in den ersten 6 Monaten für Neukunden; am Ende "
                "kündigt und fängt wieder als neu an, wem das die Mühe wert ist, die bis zu "
                "40 € (angenommen) gilt"
            ),
        ),
        (
            LoyaltyRebate(13, 4.0, every=12, cap=8.0, applies="new"),
            (
                "€4 off a month from month 13 on, the same again every 12 months, €8 at "
                "most, new customers only"
            ),
            (
                "4 € Rabatt im Monat ab dem 13. Monat, nach je 12 Monaten noch einmal so "
                "viel, höchstens 8 €, nur für neue Kunden"
            ),
        ),
        (
            LoyaltyRebate(steps=(Step(13, 24, 2.0), Step(25, None, 4.0))),
            (
                "off a month, by how long they have been there: €2 in months 13 to 24, €4 "
                "from month 25 on"
            ),
            (
                "Rabatt im Monat, je nachdem, wie lange der Kunde da ist: 2 € vom 13. bis "
                "zum 24. Monat, 4 € ab dem 25. Monat"
            ),
        ),
        (
            RebateForAll(0.7, applies="base"),
            "€0.70 off a month to everybody, for as long as they stay, today’s customers only",
            "0,70 € Rabatt im Monat für alle, solange sie bleiben, nur für heutige Kunden",
        ),
        (
            GlidePath((Step(1, 1, 9.0), Step(2, 6, 5.0))),
            "off a month, going down to newcomers: €9 in month 1, €5 in months 2 to 6",
            (
                "sinkender Rabatt im Monat für Neukunden: 9 € im 1. Monat, 5 € vom 2. bis "
                "zum 6. Monat"
            ),
        ),
        (
            WinBack(("price",), "always_buyers", 1.1, 0.5, capacity=200, amount=2.0, months=6),
            (
                "50% of those who leave (price) are asked back at €1.10 each; 80% (assumed) "
                "of them come, with €2 off a month for 6 months; at most 200 a month"
            ),
            (
                "von denen, die gehen (price), werden 50 % zurückgebeten, zu je 1,10 €; 80 % "
                "(angenommen) davon kommen, mit 2 € Rabatt im Monat, 6 Monate lang; "
                "höchstens 200 im Monat"
            ),
        ),
        (
            CoolOff(6, deterred=0.6),
            "who comes back within 6 months does not count as new; 60% of them then stay away",
            (
                "wer innerhalb von 6 Monaten zurückkommt, gilt nicht als neu; 60 % davon "
                "bleiben dann weg"
            ),
        ),
        (
            MinimumTerm(12, ("price", "moved"), renewal=12),
            (
                "a minimum term of 12 months, then 12 months at a time (binds leaving for: "
                "price, moved)"
            ),
            (
                "Mindestlaufzeit von 12 Monaten, danach jeweils 12 Monate (bindet, wer gehen "
                "will: price, moved)"
            ),
        ),
        (
            Care("call", 6.0, 0.015, from_unit=4, to_unit=24),
            "1.5% are contacted (“call”) every month from month 4 on up to month 24, at €6 each",
            "Ansprache „call“: jeden Monat 1,5 % vom 4. Monat an bis zum 24. Monat, zu je 6 €",
        ),
        (
            Care("reminder", 0.9, 0.5, from_unit=11, every=12, applies="base"),
            (
                "50% are contacted (“reminder”) every 12 months from month 11 on, at €0.90 "
                "each, today’s customers only"
            ),
            (
                "Ansprache „reminder“: alle 12 Monate 50 % vom 11. Monat an, zu je 0,90 €, "
                "nur für heutige Kunden"
            ),
        ),
        (
            Care("letter", 1.5, from_unit=2, to_unit=2),
            "100% are contacted (“letter”) in month 2, at €1.50 each",
            "Ansprache „letter“: 100 % im 2. Monat, zu je 1,50 €",
        ),
        (
            Care("hello", 1.0, every=None),
            "100% are contacted (“hello”) in month 1, at €1 each",
            "Ansprache „hello“: 100 % im 1. Monat, zu je 1 €",
        ),
        (
            Recovery(0.9, 3.0),
            "90% of complaints are answered well, at €3 each",
            "90 % der Beschwerden werden gut beantwortet, zu je 3 €",
        ),
    ],
)
def test_every_element_reads_as_a_clause(tmp_path, element, english, german):
    said = clause(element, Told(decision(tmp_path)))
    assert Words("en_GB").say(said).replace("\u00a0", " ") == english
    assert Words("de_DE").say(said).replace("\u00a0", " ") == german


def test_shares_of_takers_by_segment_are_one_clause(tmp_path):
    proposed, ledger = with_taken()
    found = made_decision(tmp_path, proposed=proposed, ledger=ledger, draws=20)
    shown = table(described(found), "policy.offered")
    today, further, without = (told(row[1], found).replace("\u00a0", " ") for row in shown.rows)
    # what was counted is not called assumed
    assert today == (
        "€3 off a month for the first 12 months to newcomers, taken up by 28% (high "
        "usage: 31%, low usage: 24%)"
    )
    assert further == (
        "“as today”, and further: high usage: €4 off a month from month 13 on; 10% are contacted "
        "(“call”) every month from month 1 on, at €6 each; high usage: 20% are contacted (“call”) "
        "every month from month 1 on, at €6 each"
    )
    assert without == "10% are contacted (“call”) every month from month 1 on, at €6 each"
    german = told(shown.rows[0][1], found, "de_DE").replace("\u00a0", " ")
    assert german.endswith(
        "in Anspruch genommen von 28 % (hoher Verbrauch: 31 %, niedriger Verbrauch: 24 %)"
    )


def test_what_differs_from_the_comparator_is_told(tmp_path):
    care = Care("call", 6.0, 0.1)
    today = Policy("today", None, (LoyaltyRebate(13, 4.0), NewcomerRebate(12, 3.0), care))
    other = Policy("other", None, (LoyaltyRebate(13, 4.0), replace(care, reach=0.2), CoolOff(6)))
    found = made_decision(tmp_path, proposed=[today, other], draws=20)
    shown = table(described(found), "policy.offered")
    assert told(shown.rows[1][1], found).replace("\u00a0", " ") == (
        "“today”, but without: newcomer rebate, with a change: 20% are contacted "
        "(“call”) every month from month 1 on, at €6 each, and further: who comes back "
        "within 6 months does not count as new"
    )
    assert told(shown.rows[1][1], found, "de_DE").startswith(
        "„today“, aber ohne: Neukundenrabatt, geändert: Ansprache „call“: jeden Monat 20"
    )


def test_a_dial_is_told_with_the_spend_it_meets(tmp_path):
    found = decision(tmp_path)
    declared = PolicyToml(name="loyalty", title={}, dial="loyalty.amount", spends_as="nothing")
    found = with_toml(found, policy=(declared,))
    turned = Dialled(found.policies[2], "loyalty.amount", 0.5512, 87260.2, 87260.2)
    found = replace(found, dialled={"loyalty": turned})
    shown = table(described(found), "policy.offered")
    said = told(shown.rows[2][1], found).replace("\u00a0", " ")
    assert said == (
        "€0.55 off a month from month 13 on; rebate a month turned to €0.55, so that all costs "
        "what “no rebate” costs (€87,260)"
    )
    german = told(shown.rows[2][1], found, "de_DE").replace("\u00a0", " ")
    assert german == (
        "0,55 € Rabatt im Monat ab dem 13. Monat; Rabatt im Monat auf 0,55 € gestellt, damit alles "
        "so viel kostet wie „kein Rabatt“ (87.260 €)"
    )
    assert "turned" not in told(shown.rows[3][1], found)


def test_who_no_longer_has_to_ask_for_an_offer_is_told(tmp_path):
    some, everybody = LoyaltyRebate(13, 4.0, take_up=0.28655), LoyaltyRebate(13, 4.0)
    today = Policy("today", None, (some, Care("call", 6.0, 0.1)))
    other = Policy("other", None, (everybody, Care("call", 6.0, 0.1)))
    found = made_decision(tmp_path, proposed=[today, other], draws=20)
    shown = table(described(found), "policy.offered")
    assert told(shown.rows[1][1], found).replace("\u00a0", " ") == (
        "“today”, with a change: €4 off a month from month 13 on, now for all"
    )
    # a typed number keeps its digits
    assert "taken up by 28.655%" in told(shown.rows[0][1], found)


def test_counted_shares_have_one_digit(tmp_path):
    proposed, ledger = with_taken()
    third = estimated("offer.taken", taken(1 / 3), when=DAY)
    rows = tuple(third if a.name == "offer.taken" else a for a in ledger.assumptions)
    found = made_decision(
        tmp_path, proposed=proposed, ledger=replace(ledger, assumptions=rows), draws=20
    )
    shown = table(described(found), "policy.offered")
    assert "taken up by 33.3% (high usage: 31%" in told(shown.rows[0][1], found)
