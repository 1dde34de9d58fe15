"""The chapter on what offers did: every question of a small world, answered and said."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from stammkunde.chapters.exhibit import Section
from stammkunde.chapters.offers.offers import offers
from stammkunde.chapters.offers.read import read_answers, relevant_of
from stammkunde.evidence.asking.answer import Answer
from stammkunde.result import Status, Verdict
from stammkunde.study import Study
from tests.chapters.lives import study as study_of
from tests.chapters.lives import untraced
from tests.chapters.offered import (
    all_said,
    answered,
    asking,
    asks,
    number,
    results,
    section_of,
    with_months,
)
from tests.evidence.asked import question, world

pytestmark = pytest.mark.long

Told = tuple[Study, dict[str, Answer], dict[str, Section]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Return the study, its answers and its sections by the name of the question."""
    study, answers = answered(tmp_path_factory.mktemp("asks"), asks())
    sections = {s.id.removeprefix("offers."): s for s in offers(study, answers)}
    return study, {n: a for n, a in answers.items() if isinstance(a, Answer)}, sections


def test_every_design_is_answered_and_said_in_every_language(told: Told) -> None:
    study, answers, sections = told
    assert list(sections) == ["overview", *(q.name for q in study.toml.question)]
    designs = [a.estimand.design for a in answers.values()]
    assert set(designs) == {
        "start", "landmark", "grace", "lot", "values", "reaction", "day", "regions",
    }  # fmt: skip
    for section in sections.values():
        for locale in ("de_DE", "en_GB"):
            text = all_said(section, locale)
            assert "nan" not in text.split()
            assert "{" not in text
            assert "None" not in text


@pytest.mark.parametrize("name", ["start", "landmark", "grace", "lot", "day", "regions"])
def test_the_numbers_are_the_kernels(told: Told, name: str) -> None:
    _, answers, sections = told
    answer, found = answers[name], results(sections[name])
    assert found[f"offers.{name}.months"].estimate == answer.months
    assert found[f"offers.{name}.share"].estimate == answer.share
    usual = found.get(f"offers.{name}.months.usual")
    if len(answer.steps) > 1:
        assert usual.estimate == answer.usual
        assert found[f"offers.{name}.months"].naive == answer.usual.value
    else:
        assert usual is None
    first, share = (
        next(f for f in sections[name].findings if f.id == n)
        for n in (f"offers.{name}", f"offers.{name}.share")
    )
    # a difference that goes down is told without its sign
    turned = {-(answer.months.value or 0), -(answer.share.value or 0)}
    own = replace(sections[name], findings=[first, share])
    assert {e.value for e in untraced(own)} <= turned


def test_a_landmark_tells_of_all_who_begin_and_of_those_still_there(told: Told) -> None:
    _, answers, sections = told
    answer, found = answers["landmark"], results(sections["landmark"])
    still, those = (
        found[f"offers.landmark.{n}"].estimate.value for n in ("still_there", "landmark.months")
    )
    assert still * those == pytest.approx(answer.months.value, abs=1e-12)
    assert "reach month 7" in all_said(sections["landmark"])
    kinds = [f.kind for f in sections["landmark"].figures]
    assert kinds[:3] == ["steps", "compared", "survival"]
    bars = sections["landmark"].figures[1].bars
    stay = [b for b in bars if b.kind == "must_stay"]
    assert [(b.start, b.stop) for b in stay] == [(0, 6)]
    usual = [b.count for b in bars[1:3]]
    assert sum(usual) == answer.usual.persons
    assert [b.start for b in bars if b.kind == "compared"] == [6, 0, 6, 6]


def test_with_a_grace_window_both_are_compared_from_the_beginning(told: Told) -> None:
    bars = told[2]["grace"].figures[1].bars
    assert [(b.start, b.stop) for b in bars if b.kind == "compared"][2:] == [(0, 12), (0, 12)]
    assert "in month 4 to 6" in all_said(told[2]["grace"])


def test_the_question_stands_first_with_what_makes_the_arms_alike(told: Told) -> None:
    texts = {n: all_said(s) for n, s in told[2].items()}
    assert (
        "No lot decided which group it was; so only customers alike in column kind"
        in (texts["landmark"])
    )
    assert "Which group it was, a lot decided, as the client's file says." in texts["lot"]
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


@pytest.mark.parametrize(
    ("limits", "usual", "verdict", "heading", "says"),
    [
        ((0.9, 0.6, 1.2), 8.0, "supported", "stay 0.9 months longer", "8.9 times the answer"),
        ((0.4, 0.2, 0.45), 8.0, "not_supported", "stay 0.4 months longer", "20 times the answer"),
        ((0.1, -0.2, 0.4), 8.0, "not_supported", "it hardly changes", "outside the interval"),
        ((-0.9, -1.2, -0.6), 0.5, "not_supported", "leave sooner (−0.9 months)", "wrong sign"),
        ((0.6, 0.2, 1.0), 0.7, "supported", "stay 0.6 months longer", "within the interval"),
        ((0.45, 0.2, 0.7), 0.9, "too_few_data", "stay 0.5 months longer", "2.0 times the answer"),
        ((0.2, -0.4, 0.8), 2.0, "too_few_data", "whether customers stay longer is open", "outside"),
        ((0.01, 0.005, 0.015), 2.0, "not_supported", "it hardly changes", "200 times the answer"),
        ((0.9, 0.8, 1.0), 1.05, "supported", "stay 0.9 months longer", "outside the interval"),
    ],
)
def test_what_is_said_follows_from_interval_and_smallest_effect(
    told: Told,
    limits: tuple[float, float, float],
    usual: float,
    verdict: str,
    heading: str,
    says: str,
) -> None:
    changed = with_months(told[1]["lot"], *limits, usual=usual)
    section = section_of(told[0], "lot", changed)
    text = all_said(section)
    claim = next(f for f in section.findings if f.id == "offers.lot.claim")
    assert claim.verdict == verdict
    assert claim.claims == ("A44",)
    assert heading in text
    assert says in text
    assert section.findings[0].status == Status.ESTIMATED
    assert "nan" not in all_said(section, "de_DE").split()


def test_only_what_was_claimed_is_judged_as_a_claim(told: Told) -> None:
    _, _, sections = told
    judged = {
        n: [f.verdict for f in s.findings if f.id.endswith(".claim")] for n, s in sections.items()
    }
    assert judged["start"] == [None]
    assert judged["lot"][0] in set(Verdict)


def test_one_question_leads_the_first_page(told: Told) -> None:
    _, answers, sections = told
    weights = {n: s.findings[0].importance for n, s in sections.items()}
    (leader,) = [n for n, weight in weights.items() if weight >= 0.35]

    def apart(name: str) -> float:
        a = answers[name]
        return abs((a.usual.value or 0) - (a.months.value or 0)) if len(a.steps) > 1 else -1

    assert leader == max(answers, key=apart)
    assert all(f.importance < 0.35 for s in sections.values() for f in s.findings[1:])


def test_an_open_share_and_a_later_end_are_said(told: Told) -> None:
    share = replace(number(0.01, -0.02, 0.04), unit="share")
    section = section_of(told[0], "landmark", replace(told[1]["landmark"], share=share))
    assert "is open: 1.0 (95%: −2.0 to 4.0) of 100 customers" in all_said(section)
    for months, says in (((-1.0, -2.0, -0.5), "makes these leave"), ((0.0, -1.0, 1.0), "is open:")):
        compared = replace(told[1]["landmark"].compared, months=number(*months))
        found = section_of(told[0], "landmark", replace(told[1]["landmark"], compared=compared))
        assert says in all_said(found)


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


def test_numbers_of_fewer_than_may_be_shown_are_not_shown(told: Told) -> None:
    answer = told[1]["landmark"]
    few = replace(answer.steps[0], sizes=(9, 500))
    section = section_of(told[0], "landmark", replace(answer, steps=(few, *answer.steps[1:])))
    assert "offers.landmark.months.usual" not in results(section)
    assert "all others" not in all_said(section)
    assert not [f for f in section.figures if f.kind in ("steps", "compared")]


def test_an_arm_that_is_not_there_is_named(
    told: Told, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("odd")
    odd = question(name="odd", treated="nobody", control="b", column="kind", alike=("met",))
    study = asking(folder, [odd, *asks("lot")])
    answers = read_answers(asking(folder, [odd]), *world(150).read())
    assert answers["odd"] == "nobody_asked_about"
    answers["lot"] = told[1]["lot"]
    overview, section, _ = offers(study, answers)
    assert section.findings[0].status == Status.NOT_IDENTIFIABLE
    assert "Of 2 questions on what offers and events did, the data answer 1." in all_said(overview)
    assert "nobody in the data" in all_said(overview)
    assert "record who is" in all_said(section)
    assert all_said(section, "de_DE")
    alone = replace(study, toml=replace(study.toml, question=(odd, odd)))
    none, *_ = offers(alone, {"odd": "nobody_asked_about"})
    assert none.id == "offers.odd"


def test_nothing_answered_is_said_of_all_questions(told: Told) -> None:
    study, _, _ = told
    two = tuple(replace(q, claims=()) for q in study.toml.question[:2])
    alone = replace(study, toml=replace(study.toml, question=two))
    overview, *_ = offers(alone, {q.name: "nobody_asked_about" for q in two})
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
    assert re.search(r"For 1 of them the usual number lies outside[^,]*\.", all_said(overview))


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
