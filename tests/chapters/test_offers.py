"""The chapter on what offers did: every question of a small world, answered and said."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from stammkunde.chapters.offers.offers import offers
from stammkunde.chapters.offers.read import NOBODY, Unasked, read_answers, relevant_of
from stammkunde.errors import ParameterError
from stammkunde.evidence.asking.answer import Answer
from stammkunde.result import Status, Verdict
from tests.chapters.lives import study as study_of
from tests.chapters.offered import (
    Told,
    all_said,
    are_documented,
    are_the_kernels,
    asking,
    asks,
    is_said_well,
    number,
    results,
    section_of,
    told_of,
    with_months,
)
from tests.evidence.asked import question, world

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return told_of(tmp_path_factory.mktemp("asks"))


def test_every_design_is_answered_and_said_in_every_language(told: Told) -> None:
    study, answers, sections = told
    assert list(sections) == ["overview", *(q.name for q in study.toml.question)]
    designs = [a.estimand.design for a in answers.values()]
    assert set(designs) == {
        "start", "landmark", "grace", "lot", "values", "reaction", "day", "regions",
    }  # fmt: skip
    for section in sections.values():
        is_said_well(section)


@pytest.mark.parametrize("name", ["start", "grace", "day", "regions"])
def test_the_numbers_are_the_kernels(told: Told, name: str) -> None:
    _, answers, sections = told
    are_the_kernels(sections[name], answers[name])


def test_every_id_and_assumption_is_documented(told: Told) -> None:
    are_documented(told[2].values(), 100)


def test_with_a_grace_window_both_are_compared_from_the_beginning(told: Told) -> None:
    bars = told[2]["grace"].figures[1].bars
    assert [(b.start, b.stop) for b in bars if b.kind == "compared"][2:] == [(0, 12), (0, 12)]
    assert "in month 4 to 6" in all_said(told[2]["grace"])


def test_the_question_stands_first_with_what_makes_the_arms_alike(told: Told) -> None:
    texts = {n: all_said(s) for n, s in told[2].items()}
    assert (
        "The groups were not drawn at random; so only customers alike in column kind"
        in (texts["landmark"])
    )
    assert "The groups were drawn at random, as the client's file says." in texts["lot"]
    assert "for all customers of the same “column region” together" in texts["regions"]
    assert "what happened lately" in texts["reaction"]
    assert "time as a customer by then" in texts["day"]
    assert "15\xa0July\xa02021" in texts["day"]


def test_who_is_asked_about_is_limited_by_days_and_levels(told: Told) -> None:
    study, answers, _ = told
    estimand = replace(
        answers["start"].estimand,
        signed_from=study.as_of.replace(year=2019),
        signed_before=study.as_of,
        where={"kind": ("a", "b")},
    )
    section = section_of(told[0], "start", replace(answers["start"], estimand=estimand))
    text = all_said(section)
    assert "(begun from 31\xa0December\xa02019 on, begun before 31\xa0December\xa02024" in text
    assert "and column kind: a and b)" in text


def test_only_what_was_claimed_is_judged_as_a_claim(told: Told) -> None:
    _, _, sections = told
    judged = {
        n: [f.verdict for f in s.findings if f.id.endswith(".claim")] for n, s in sections.items()
    }
    assert judged["start"] == [None]
    assert judged["lot"][0] in set(Verdict)


def test_answers_that_may_go_either_way_stay_off_the_first_page(told: Told) -> None:
    _, answers, sections = told
    weights = {n: s.findings[0].importance for n, s in sections.items() if n != "overview"}
    weighty = {n for n, weight in weights.items() if weight >= 0.35}
    decided = {n for n, a in answers.items() if not a.months.low <= 0 <= a.months.high}
    assert weighty <= decided
    assert len(weighty) == min(len(decided), 2)
    assert all(f.importance < 0.35 for s in sections.values() for f in s.findings[1:])


REASONS = (
    "too_few_persons", "too_unlike", "no_counterpart", "no_counterpart_at_some_tenure",
    "not_observed", "nobody_left_in_an_arm", "rests_on_few", "too_few_clusters",
)  # fmt: skip


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("name", ["landmark", "regions"])
def test_a_refusal_says_why_and_what_would_help(told: Told, name: str, reason: str) -> None:
    if reason == "too_few_clusters" and name != "regions":
        assert not told[1][name].trial.clusters
        return
    none = replace(number(0, 0, 0), value=None, low=None, high=None, reason=reason)
    none = replace(none, status=Status.NOT_IDENTIFIABLE)
    answer = replace(told[1][name], months=none, share=replace(none, unit="share"))
    section = section_of(told[0], name, answer)
    assert section.findings[0].status == Status.NOT_IDENTIFIABLE
    assert not [f for f in section.figures if f.id.endswith((".steps", ".compared", ".curves"))]
    for locale in ("de_DE", "en_GB"):
        assert len(all_said(section, locale)) > 100
    assert "cannot be told from these data" in all_said(section)
    shown = "with all others shows" in all_said(section)
    assert shown == (name == "landmark" and reason != "too_few_persons")
    assert results(section)[f"offers.{name}.months"].estimate.reason == reason


@pytest.mark.parametrize("reason", ["no_counterpart", "no_counterpart_at_some_tenure"])
def test_a_refusal_of_an_event_or_of_what_all_have_gives_another_remedy(
    told: Told, reason: str
) -> None:
    """Nobody deals out complaints; and where all have the offer, nobody is left to compare."""
    none = replace(number(0, 0, 0), value=None, low=None, high=None, reason=reason)
    none = replace(none, status=Status.NOT_IDENTIFIABLE)

    def said(name: str, answer: Answer) -> str:
        refused = replace(answer, months=none, share=replace(none, unit="share"))
        section = section_of(told[0], name, refused)
        assert len(all_said(section, "de_DE")) > 100
        return all_said(section)

    event = said("reaction", told[1]["reaction"])
    assert "data of a longer time may hold some" in event
    assert "offer" not in event
    assert "chosen at random" not in event
    plain = told[1]["landmark"]
    assert plain.counted is not None
    assert "longer time" not in said("landmark", plain)
    everybody = replace(plain, counted=plain.counted[plain.counted.arm == "treated"])
    assert "Everybody there belongs to" in said("landmark", everybody)
    assert "Everybody there" not in said("landmark", plain)


def test_an_arm_that_is_not_there_is_named(
    told: Told, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("odd")
    # it is taken in unit 7
    odd = question("yes", name="odd", offer="loyal", from_unit=9, alike=("kind",))
    study = asking(folder, [odd, *asks("lot")])
    answers = read_answers(asking(folder, [odd]), *world(150).read())
    assert isinstance(answers["odd"], Unasked)
    assert answers["odd"].reason == "taken_otherwise"
    answers["lot"] = told[1]["lot"]
    overview, section, _ = offers(study, answers)
    assert section.findings[0].status == Status.NOT_IDENTIFIABLE
    assert "Of 2 questions on what offers and events did, the data answer 1." in all_said(overview)
    assert "taken at another time" in all_said(overview)
    assert "Most took it in month 7" in all_said(section)
    assert all_said(section, "de_DE")
    alone = replace(study, toml=replace(study.toml, question=(odd, odd)))
    none, *_ = offers(alone, {"odd": Unasked(reason=NOBODY)})
    assert none.id == "offers.odd"


def test_a_misspelt_word_stops_the_report(tmp_path: Path) -> None:
    odd = question(name="odd", treated="aa", control="b", column="kind", alike=("met",))
    with pytest.raises(
        ParameterError, match=r"`question\.treated\.words` \(`odd`\): `aa`"
    ) as caught:
        read_answers(asking(tmp_path, [odd]), *world(150).read())
    assert caught.value.remedy == "Did you mean `a`?"


def test_without_a_usual_number_nothing_is_said_of_it(told: Told) -> None:
    answer = told[1]["day"]
    assert answer.steps[0].name == "before"
    months = replace(answer.steps[0].months, value=None, low=None, high=None, reason="not_observed")
    first = replace(answer.steps[0], months=months)
    section = section_of(told[0], "day", replace(answer, steps=(first, *answer.steps[1:])))
    assert "offers.day.months.usual" not in results(section)
    assert not [f for f in section.figures if f.kind == "steps"]
    assert "offers.day.usual" not in [f.id for f in section.findings]
    assert [all_said(section, locale) for locale in ("de_DE", "en_GB")]


def test_nothing_answered_is_said_of_all_questions(told: Told) -> None:
    study, _, _ = told
    two = tuple(replace(q, claims=()) for q in study.toml.question[:2])
    alone = replace(study, toml=replace(study.toml, question=two))
    overview, *_ = offers(alone, {q.name: Unasked(reason=NOBODY) for q in two})
    for locale in ("de_DE", "en_GB"):
        assert all_said(overview, locale)
    assert "the data answer none" in all_said(overview)


def test_usual_numbers_that_are_right_are_called_so(told: Told) -> None:
    study, answers, _ = told
    lot, values = (with_months(answers[n], 0.5, 0.1, 0.9, usual=0.6) for n in ("lot", "values"))
    two = tuple(q for q in study.toml.question if q.name in ("lot", "values"))
    overview, *sections = offers(
        replace(study, toml=replace(study.toml, question=two)), {"lot": lot, "values": values}
    )
    assert "For none of them does the usual number" in all_said(overview)
    assert all("cannot be relied on" in all_said(s) for s in sections)
    off = with_months(answers["lot"], 0.5, 0.1, 0.9, usual=2.0)
    overview, *_ = offers(
        replace(study, toml=replace(study.toml, question=two)), {"lot": off, "values": values}
    )
    outside = r"For 1 of 2 the usual number \([^)]*\) lies outside[^,]*\."
    assert re.search(outside, all_said(overview))


def test_without_questions_the_chapter_says_what_is_lacking(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    offered = '[offers]\nfile = "o.csv"\nperson = "who"\noffer = "what"\nstart = "day"\n'
    contracts = '[contracts]\nfile = "c.csv"\nperson = "who"\nstart = "begin"\nend = "last"\n'
    for data, says in (
        (contracts, "name neither offers nor events"),
        (contracts + offered, "[[question]]"),
    ):
        study = study_of(tmp_path_factory.mktemp("none"), data=data)
        (section,) = offers(study, {})
        assert says in all_said(section)
        assert section.needed
        assert section.left_out is not None
        assert all_said(section, "de_DE")


def test_the_smallest_effect_is_of_the_unit_of_tenure(told: Told) -> None:
    study, answers, _ = told
    assert answers["lot"].estimand.relevant == relevant_of(study, "month") == 0.5
    assert relevant_of(study, "quarter") == pytest.approx(0.5 / 3)
    assert relevant_of(study, "day") == pytest.approx(365.25 / 24)
