"""The ledger of assumptions as it is shown."""

from __future__ import annotations

from typing import get_type_hints

from stammkunde.chapters.policies.book.clauses import KINDS
from stammkunde.chapters.policies.book.ledger_shown import assumed
from stammkunde.policy.declared.nouns import AssumptionToml, RivalToml, SettingToml
from stammkunde.policy.ledger import Assumption, Correlation, Ledger
from stammkunde.policy.ledger.laws import Law
from stammkunde.policy.offers import (
    Behaviour,
    Policy,
    Reaction,
    RebateForAll,
    Step,
)
from stammkunde.policy.offers.given import Limits
from stammkunde.report.sentences import leaves, sentences
from tests.chapters.policies.booking import (
    TAKEN,
    Asked,
    column,
    decision,
    table,
    told,
    with_taken,
    with_toml,
)
from tests.chapters.policies.made import DAY, LEDGER, SAYS, made_decision


def ledger_toml(name, **changed):
    given = {
        "name": name,
        "title": {"de": "wer ohnehin kommt", "en": "who comes anyway"},
        "value": 0.8,
        "says": {"de": "die Vertriebsleitung", "en": "the head of sales"},
        "why": {"de": "Erfahrung", "en": "experience"},
        "when": DAY,
    }
    return AssumptionToml(**given | changed)


def test_the_ledger_is_told_in_the_reader_s_language(tmp_path):
    found = with_toml(decision(tmp_path), assumption=(ledger_toml("always_buyers"),))
    section = assumed(found)
    row = table(section, "policy.assumptions").rows[0]
    assert [told(c, found).replace("\u00a0", " ") for c in row] == [
        "who comes anyway",
        "80% (70% to 90%)",
        "newcomer rebate, share who would have come anyway",
        "the head of sales, 1 December 2024",
    ]
    assert [told(c, found, "de_DE").replace("\u00a0", " ") for c in row] == [
        "wer ohnehin kommt",
        "80 % (70 % bis 90 %)",
        "Neukundenrabatt, Anteil, der auch so gekommen wäre",
        "die Vertriebsleitung, 1. Dezember 2024",
    ]
    full = table(section, "policy.assumptions.full")
    assert not full.in_report
    assert told(column(full, "why")[0], found, "de_DE") == "Erfahrung"
    assert column(full, "value") == [0.8, 0.76, 1.6, 40.0]
    assert told(column(full, "where it acts")[1], found) == (
        "loyalty rebate, factor on leaving: loyalty rebate; rebate for all, factor on "
        "leaving: rebate for all"
    )
    assert told(section.opening[0], found).startswith("4 numbers that these data do not show")


def test_setting_and_rivals_are_told_as_places_where_an_assumption_acts(tmp_path):
    setting = SettingToml(
        comparator="today", horizon=60, acquisition="switching_cost", price="switching_cost"
    )
    rival = RivalToml(switching_cost="switching_cost")
    found = with_toml(decision(tmp_path), setting=setting, rival=rival)
    used = table(assumed(found), "policy.assumptions").rows[3][2]
    assert told(used, found) == (
        "list price of all policies; acquisition cost of all policies; switching cost in "
        "the game with rivals"
    )


def test_what_was_counted_stands_in_the_workbook_only(tmp_path):
    proposed, ledger = with_taken()
    questions = (Asked("offer", {"de": "das Angebot", "en": "the offer"}),)
    found = made_decision(tmp_path, proposed=proposed, ledger=ledger, draws=20)
    typed = tuple(a for a in found.study.toml.assumption if a.name not in TAKEN)
    found = with_toml(found, question=questions, assumption=typed)
    section = assumed(found)
    assert len(table(section, "policy.assumptions").rows) == 4
    full = table(section, "policy.assumptions.full")
    assert [told(c, found) for c in column(full, "what is assumed")][4:] == [
        "share who took it: the offer",
        "share who took it: the offer (high usage)",
        "share who took it: the offer (low usage)",
    ]
    assert {told(c, found) for c in column(full, "who says so")[4:]} == {"counted in these data"}
    assert told(section.opening[0], found).startswith("4 numbers")


def test_a_fixed_number_has_no_range_and_correlations_have_a_sheet(tmp_path):
    fixed = Assumption("switching_cost", 40.0, unit="EUR", says=SAYS, when=DAY)
    ledger = Ledger(
        (*LEDGER.assumptions[:3], fixed), (Correlation(("always_buyers"), ("spike"), 0.5),)
    )
    section = assumed(decision(tmp_path, ledger=ledger))
    assert told(table(section, "policy.assumptions").rows[3][1], None) == "€40"
    (row,) = table(section, "policy.correlations").rows
    assert [str(row[0]), str(row[1]), row[2]] == ["always_buyers", "spike", 0.5]
    assert [a.law for a in ledger.assumptions] == [Law.TRIANGULAR] * 3 + [Law.FIXED]


def test_without_assumptions_there_is_no_ledger_to_show(tmp_path):
    proposed = [Policy("today"), Policy("for_all", None, (RebateForAll(1.0),))]
    section = assumed(made_decision(tmp_path, proposed=proposed, ledger=Ledger(), draws=20))
    assert section.left_out is not None
    assert not section.needed
    assert not section.tables


def test_every_number_that_may_be_assumed_has_a_word():
    places = {"field": (*KINDS, Behaviour, Reaction, Step), "setting": (SettingToml,)}
    places["rival"] = (RivalToml,)
    known = {key for key, _ in leaves(sentences("en"))}
    for where, kinds in places.items():
        hints = [get_type_hints(kind, include_extras=True) for kind in kinds]
        may = {
            name
            for found in hints
            for name, hint in found.items()
            if isinstance(getattr(hint, "__metadata__", (None,))[0], Limits)
        }
        assert may
        assert {f"book.{where}.{name}" for name in may} - known == set()
