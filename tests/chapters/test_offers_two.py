"""What is said of one question that nobody randomised and of one that a lot decided."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stammkunde.result import Status
from tests.chapters.offered import (
    Told,
    all_said,
    are_documented,
    are_the_kernels,
    is_said_well,
    number,
    results,
    section_of,
    told_of,
    with_months,
)
from tests.documented import undocumented, unexplained


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return told_of(tmp_path_factory.mktemp("two"), "landmark", "lot")


def test_both_are_answered_and_said_in_every_language(told: Told) -> None:
    _, answers, sections = told
    assert list(sections) == ["overview", "landmark", "lot"]
    assert [a.estimand.design for a in answers.values()] == ["landmark", "lot"]
    assert not any(a.refused for a in answers.values())
    for section in sections.values():
        is_said_well(section)


@pytest.mark.parametrize("name", ["landmark", "lot"])
def test_the_numbers_are_the_kernels(told: Told, name: str) -> None:
    _, answers, sections = told
    are_the_kernels(sections[name], answers[name])


def test_every_id_and_assumption_is_documented(told: Told) -> None:
    are_documented(told[2].values(), 30)
    assert undocumented(["offers.landmark.nothing", "offers.landmark.months"]) == [
        "offers.landmark.nothing"
    ]
    assert unexplained(["anything", "arms_dealt_by_lot"]) == ["anything"]


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
    # some had it as a customer once and not another time: they are in both
    assert max(usual) < answer.usual.persons < sum(usual) < answer.usual.spells
    assert [b.start for b in bars if b.kind == "compared"] == [6, 0, 6, 6]


@pytest.mark.parametrize(
    ("limits", "usual", "verdict", "heading", "says"),
    [
        ((0.9, 0.6, 1.2), 8.0, "supported", "stay 0.9 months longer", "8.9 times the answer"),
        ((0.4, 0.2, 0.45), 8.0, "not_supported", "stay 0.4 months longer", "20 times the answer"),
        ((0.1, -0.2, 0.4), 8.0, "not_supported", "hardly stay longer", "outside the interval"),
        (
            (-0.9, -1.2, -0.6),
            0.5,
            "not_supported",
            "leave 0.9 months sooner because of it",
            "wrong sign",
        ),
        ((0.6, 0.2, 1.0), 0.7, "supported", "stay 0.6 months longer", "within the interval"),
        ((0.45, 0.2, 0.7), 0.9, "too_few_data", "stay 0.5 months longer", "2.0 times the answer"),
        ((0.2, -0.4, 0.8), 2.0, "too_few_data", "stay longer because of it is open", "outside"),
        ((0.01, 0.005, 0.015), 2.0, "not_supported", "hardly stay longer", "200 times the answer"),
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


def test_an_open_share_and_a_later_end_are_said(told: Told) -> None:
    share = replace(number(0.01, -0.02, 0.04), unit="share")
    section = section_of(told[0], "landmark", replace(told[1]["landmark"], share=share))
    assert "is open: 1.0 (95%: −2.0 to 4.0) of 100 customers" in all_said(section)
    for months, says in (((-1.0, -2.0, -0.5), "these leave"), ((0.0, -1.0, 1.0), "is open:")):
        compared = replace(told[1]["landmark"].compared, months=number(*months))
        found = section_of(told[0], "landmark", replace(told[1]["landmark"], compared=compared))
        assert says in all_said(found)


def test_numbers_of_fewer_than_may_be_shown_are_not_shown(told: Told) -> None:
    answer = told[1]["landmark"]
    few = replace(answer.steps[0], sizes=(9, 500))
    section = section_of(told[0], "landmark", replace(answer, steps=(few, *answer.steps[1:])))
    assert "offers.landmark.months.usual" not in results(section)
    assert "all others" not in all_said(section)
    assert not [f for f in section.figures if f.kind in ("steps", "compared")]
