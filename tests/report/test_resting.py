"""What is taken for granted: a few under each finding, all of it once in the appendix."""

import pytest

from stammkunde.report.notes import LONGEST, MOST, remarks, sheet_name, sourced
from stammkunde.report.resting import resting
from stammkunde.report.words import Words
from stammkunde.result import Finding, Sentence, Status

MANY = (
    "rivals_stand_still", "reactions_assumed", "effect_holds_for_policy", "lapse_rule",
    "effect_ends_with_observation", "group_as_today", "first_purchases", "all_contracts_kept",
)  # fmt: skip


def found(assumptions):
    return Finding(
        id="f", status=Status.ASSUMED, sentence=Sentence("ui.nothing"), assumptions=assumptions
    )


@pytest.mark.parametrize("language", ["de_DE", "en_GB"])
def test_no_more_than_a_few_stand_under_a_finding(language):
    words = Words(language)
    (few,) = remarks(found(MANY[:MOST]), words)
    (many,) = remarks(found(MANY), words)
    assert few.count(";") == MOST - 1
    assert many.count(";") == MOST
    assert many.endswith(words.ui("and_more"))


def test_the_appendix_names_each_once_with_all_that_needs_it():
    told = [
        {"heading": "Which?", "assumptions": ["that a", "that b"]},
        {"heading": "Which?", "assumptions": ["that b"]},
        {"heading": "When?", "assumptions": ["that b"]},
    ]
    (section,) = resting(told)
    assert section.tables[0].rows == [("that b", "Which?; When?"), ("that a", "Which?")]


def test_nothing_assumed_is_no_list():
    assert resting([{"heading": "Which?", "assumptions": []}]) == []


def test_a_note_ends_as_a_sentence_does():
    assert sourced("Counted.", "Numbers.") == "Counted. Numbers."
    assert sourced("As counted", "Numbers.") == "As counted. Numbers."
    assert sourced("", "Numbers.") == "Numbers."


def test_sheets_of_a_subject_with_a_long_name_are_told_apart():
    start = "offers.loyalty_rebate_after_month_13"
    ends = ("curves", "balance", "segments.usage")
    ids = [f"{start}.{n}" for n in ends] + [f"lifetimes.difference.{n}.within.term" for n in "ab"]
    names = {sheet_name(n) for n in ids}
    assert len(names) == len(ids)
    assert all(len(n) <= LONGEST for n in names)
    assert sheet_name(f"{start}.curves").startswith("offers.loyal…nth_13.curves~")
    assert sheet_name("policy.compare") == "policy.compare"
