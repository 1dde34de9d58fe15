"""What was asked, in months and in customers: said where the two do not agree."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stammkunde.chapters.offers.read import read_answers
from stammkunde.evidence.asking.answer import Answer
from stammkunde.result import Status, Verdict
from stammkunde.study import Study
from tests.chapters.offered import (
    all_said,
    asking,
    asks,
    is_said_well,
    number,
    results,
    section_of,
    with_months,
)
from tests.documented import undocumented
from tests.evidence.asked import world

Two = tuple[Study, dict[str, Answer]]
LARGE, SMALL, EITHER, AGAINST = (
    (0.05, 0.03, 0.07), (0.01, 0.005, 0.015), (0.03, -0.01, 0.07), (-0.05, -0.07, -0.03),
)  # fmt: skip


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Two:
    """Return a study that asks twice, and its answers."""
    study = asking(tmp_path_factory.mktemp("two"), asks("landmark", "lot"))
    found = read_answers(study, *world(400).read())
    return study, {n: a for n, a in found.items() if isinstance(a, Answer)}


@pytest.mark.parametrize(
    ("months", "share", "says"),
    [
        ((0.9, 0.6, 1.2), LARGE, ()),
        ((0.9, 0.6, 1.2), SMALL, ("its estimate reaches what matters (0.5", "is smaller than")),
        (
            (0.9, 0.6, 1.2),
            AGAINST,
            ("its estimate reaches", "the effect goes the other way (2.0 of"),
        ),
        (
            (0.9, 0.6, 1.2),
            EITHER,
            ("its estimate reaches", "the effect may or may not be as large"),
        ),
        (
            (0.2, 0.1, 0.3),
            LARGE,
            ("is smaller than what matters (0.5 months)", "its estimate reaches"),
        ),
        ((0.2, 0.1, 0.3), AGAINST, ()),
        ((-0.9, -1.2, -0.6), EITHER, ("the effect goes the other way (0.5", "may or may not")),
        (
            (0.3, -0.4, 1.0),
            LARGE,
            ("may or may not be as large as what matters (0.5", "its estimate reaches"),
        ),
    ],
)
def test_two_measures_that_part_are_said_to(
    two: Two,
    months: tuple[float, float, float],
    share: tuple[float, float, float],
    says: tuple[str, ...],
) -> None:
    study, answers = two
    changed = with_months(answers["lot"], *months)
    section = section_of(
        study, "lot", replace(changed, share=replace(number(*share), unit="share"))
    )
    is_said_well(section)
    found = [f for f in section.findings if f.id == "offers.lot.measures"]
    assert len(found) == bool(says)
    text = all_said(section)
    assert all(s in text for s in says)
    assert ("it does not come out the same" in text) == bool(says)
    # the verdict of the claim is that in months, whatever the share
    claim = next(f for f in section.findings if f.id == "offers.lot.claim")
    assert (claim.verdict == Verdict.SUPPORTED) == (months[1] == 0.6)


def test_a_share_that_is_not_known_parts_from_nothing(two: Two) -> None:
    study, answers = two
    none = replace(number(0, 0, 0), value=None, low=None, high=None, reason="not_observed")
    none = replace(none, unit="share", status=Status.NOT_IDENTIFIABLE)
    changed = with_months(answers["lot"], 0.9, 0.6, 1.2)
    section = section_of(study, "lot", replace(changed, share=none))
    assert "offers.lot.measures" not in [f.id for f in section.findings]


def test_what_matters_is_declared_for_both_and_reaches_the_results(two: Two) -> None:
    study, answers = two
    assert answers["lot"].estimand.relevant_share == study.toml.data.relevant.share == 0.02
    found = results(section_of(study, "lot", answers["lot"]))
    told = found["offers.lot.relevant.share"].estimate
    assert (told.value, told.unit, told.status) == (0.02, "share", Status.ASSUMED)
    assert undocumented(found) == []


def test_another_share_that_matters_is_what_is_judged_by(two: Two) -> None:
    study, answers = two
    estimand = replace(answers["lot"].estimand, relevant_share=0.005)
    changed = replace(with_months(answers["lot"], 0.9, 0.6, 1.2), estimand=estimand)
    section = section_of(
        study, "lot", replace(changed, share=replace(number(*SMALL), unit="share"))
    )
    assert "offers.lot.measures" not in [f.id for f in section.findings]
