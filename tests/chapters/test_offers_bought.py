"""Customers without contracts are asked about an offer: from the files to the results."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest

from stammkunde.chapters.exhibit import Section
from stammkunde.chapters.offers.doubts.method import doubts_method
from stammkunde.chapters.offers.gains import who_gains
from stammkunde.chapters.offers.newcomers.section import newcomer_offers
from stammkunde.chapters.offers.offers import offers
from stammkunde.chapters.offers.read import Answers, read_answers
from stammkunde.evidence.asking.answer import Answer
from stammkunde.intake.examine import examine
from stammkunde.report.dress import facts
from stammkunde.report.driver.results_file import results, results_json, same_results
from stammkunde.report.words import Words
from stammkunde.study import Study, read_study, read_tables
from stammkunde.workspace import Workspace
from tests.chapters.offered import all_said, is_said_well
from tests.chapters.vouchers import shop_at
from tests.documented import undocumented, unexplained

# what takes seconds a case: `make test-full` runs it
pytestmark = pytest.mark.long

Shop = tuple[Study, Answers, list[Section]]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Return the study of the shop, its answers and all sections of the chapter."""
    folder = tmp_path_factory.mktemp("shop")
    shop_at(folder)
    study = read_study("shop", workspace=Workspace(folder))
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        tables = read_tables(study)
        answers = read_answers(study, *tables)
        sections = [
            *offers(study, answers),
            *newcomer_offers(study, answers, *tables),
            *who_gains(study, answers),
            *doubts_method(answers),
        ]
    return study, answers, sections


def test_both_questions_are_answered_in_every_language(shop: Shop) -> None:
    _, answers, sections = shop
    assert [a.refused for a in answers.values() if isinstance(a, Answer)] == ["", ""]
    assert {s.id for s in sections} >= {"offers.overview", "offers.voucher", "offers.welcome"}
    for section in sections[:-1]:
        is_said_well(section)
    assert all(all_said(sections[-1], locale) for locale in ("de_DE", "en_GB"))
    told = "\n".join(map(all_said, sections))
    assert "Effect of the voucher" in told
    assert "town" in told


def test_whoever_had_ceased_by_the_day_takes_no_part(shop: Shop) -> None:
    """A customer of a shop is there as long as the rule says, told from what was bought before."""
    _, answers, _ = shop
    voucher = answers["voucher"]
    assert isinstance(voucher, Answer)
    there = sum(a.persons for a in voucher.compared.adequacy.arms.values())
    assert 200 < there < 500
    assert voucher.doubts.unlike is not None
    assert {*voucher.doubts.unlike.table.column} >= {"first_order", "town"}
    # who ceases buying is still there for as long as the rule waits
    assert voucher.usual.value is not None
    assert voucher.months.value is not None
    assert voucher.usual.value > voucher.months.value + 1


def test_every_answer_rests_on_the_rule_of_who_has_gone(shop: Shop) -> None:
    _, answers, sections = shop
    for answer in answers.values():
        assert isinstance(answer, Answer)
        assert {"lapse_rule"} <= {*answer.months.assumptions} & {*answer.share.assumptions}
    told = [f for s in sections for f in s.findings if f.id in ("offers.voucher", "offers.welcome")]
    assert [f.assumptions[-1] for f in told] == ["lapse_rule"] * 2
    assert unexplained(["lapse_rule"]) == []


def test_the_results_hold_the_answers(shop: Shop) -> None:
    study, _, sections = shop
    told = {
        locale: results([facts(s, Words(locale)) for s in sections])
        for locale in ("de_DE", "en_GB")
    }
    text = results_json("shop", study.as_of, study.created, same_results(told))
    found = json.loads(text, parse_constant=lambda word: pytest.fail(word))["results"]
    ids = {r["id"] for r in found}
    assert ids >= {"offers.voucher.months", "offers.voucher.share", "offers.welcome.months"}
    assert undocumented(ids) == []
    assert all(r["value"] is not None or r["reason"] for r in found)


def test_the_check_finds_nothing_amiss(shop: Shop) -> None:
    report = examine(shop[0])
    assert report.usable
    assert [(q.name, q.unfit) for q in report.asked] == [("voucher", None), ("welcome", None)]


def test_the_words_of_the_other_arm_are_needed_where_all_have_a_row(tmp_path: Path) -> None:
    shop_at(tmp_path)
    path = tmp_path / "clients/shop.toml"
    text = path.read_text(encoding="utf-8").replace('words = ["no"]\n', "")
    path.write_text(text, encoding="utf-8")
    study = read_study("shop", workspace=Workspace(tmp_path))
    answers = read_answers(study, *read_tables(study))
    (section,) = [s for s in offers(study, answers) if s.id == "offers.welcome"]
    assert "No customer asked about belongs to “without welcome”." in all_said(section)
