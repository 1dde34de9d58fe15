"""Which answer a board reads first, and what of a chapter it need not see."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stammkunde.chapters.exhibit import Section
from stammkunde.chapters.offers.offers import cases_of, offers
from stammkunde.chapters.offers.ranked import LEADING, MILD, NEXT, at_stake
from stammkunde.chapters.offers.told import PLAIN
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.made import TREATED
from stammkunde.report.curves import draw_survival
from stammkunde.report.words import Words
from stammkunde.result import Label
from stammkunde.study import Study
from tests.chapters.offered import all_said, answered, asks, with_months

Asked = tuple[Study, dict[str, Answer]]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """Return a study that asks of a landmark and of a lot, and its answers."""
    study, answers = answered(tmp_path_factory.mktemp("two"), asks("landmark", "lot"))
    return study, {n: a for n, a in answers.items() if isinstance(a, Answer)}


def weights(asked: Asked, **months: tuple[float, float, float]) -> dict[str, float]:
    study, answers = asked
    told = {n: with_months(a, *months[n], usual=6.0) for n, a in answers.items()}
    return {c.question.name: c.importance for c in cases_of(study, told)}


def test_a_harm_that_a_lot_shows_leads_over_a_gain_that_nobody_dealt_out(asked: Asked) -> None:
    # as many have had either
    assert weights(asked, landmark=(0.9, 0.8, 1.0), lot=(-0.9, -1.0, -0.8)) == {
        "lot": LEADING,
        "landmark": NEXT,
    }


def test_an_answer_that_may_go_either_way_does_not_lead(asked: Asked) -> None:
    found = weights(asked, landmark=(0.9, 0.6, 1.2), lot=(-9.0, -20.0, 2.0))
    assert found == {"landmark": LEADING, "lot": PLAIN}
    both = weights(asked, landmark=(0.9, -0.6, 1.2), lot=(-9.0, -20.0, 2.0))
    assert both == {"landmark": PLAIN, "lot": PLAIN}


def test_an_effect_too_small_to_matter_is_mild_at_most(asked: Asked) -> None:
    found = weights(asked, landmark=(0.9, 0.6, 1.2), lot=(0.4, 0.39, 0.41))
    assert found["lot"] == MILD
    assert found["landmark"] in (LEADING, NEXT)


def test_at_stake_is_what_is_decided_times_those_who_had_it(asked: Asked) -> None:
    study, answers = asked
    told = {n: with_months(a, -0.9, -1.0, -0.8) for n, a in answers.items()}
    cases = {c.question.name: c for c in cases_of(study, told)}
    had = {n: a.compared.adequacy.arms[TREATED].persons for n, a in answers.items()}
    assert at_stake(cases["lot"]) == pytest.approx(0.8 * had["lot"])
    assert at_stake(cases["landmark"]) == pytest.approx(0.8 * had["landmark"] / 2)


def test_all_answers_are_named_by_the_way_they_go(asked: Asked) -> None:
    study, answers = asked
    lot, landmark = (
        replace(a, estimand=replace(a.estimand, title=Label(n, dict.fromkeys(("de", "en"), n))))
        for n, a in ((n, answers[n]) for n in ("lot", "landmark"))
    )

    def overview(*limits: float) -> Section:
        told = {"landmark": with_months(landmark, 0.9, 0.6, 1.2), "lot": with_months(lot, *limits)}
        return offers(study, told)[0]

    harm = all_said(overview(-0.9, -1.2, -0.6))
    assert "longer with: landmark. Customers leave sooner with: lot." in harm
    assert "is small or open with: lot." in all_said(overview(-0.9, -1.2, 0.6))
    assert "Früher gehen Kunden bei: lot." in all_said(overview(-0.9, -1.2, -0.6), "de_DE")


def test_the_verdict_stands_only_where_something_was_claimed(asked: Asked) -> None:
    study, answers = asked
    (table,) = offers(study, answers)[0].tables
    assert [len(row) for row in table.rows] == [5, 5]
    assert "no claim" in all_said(offers(study, answers)[0])
    none = tuple(replace(q, claims=()) for q in study.toml.question)
    plain = replace(study, toml=replace(study.toml, question=none))
    (table,) = offers(plain, answers)[0].tables
    assert [len(row) for row in table.rows] == [4, 4]
    assert len(table.columns) == 4
    against = {n: with_months(a, -0.9, -1.2, -0.6) for n, a in answers.items()}
    sections = offers(plain, against)[1:]
    assert not [f for s in sections for f in s.findings if f.id.endswith(".claim")]
    small = {n: with_months(a, 0.1, 0.05, 0.2) for n, a in answers.items()}
    text = all_said(offers(plain, small)[1])
    assert "Whether it keeps customers at least 0.5 months longer: the data do not" in text
    assert "It was asked" not in text


def test_a_way_of_one_step_is_a_sheet_and_no_picture(asked: Asked) -> None:
    study, answers = asked
    _, landmark, lot = offers(study, answers)
    assert "offers.landmark.steps" in {f.id for f in landmark.figures}
    assert len(answers["lot"].steps) == 2
    assert "offers.lot.steps" not in {f.id for f in lot.figures}
    assert "offers.lot.steps" in {t.id for t in lot.tables}
    assert lot.findings[0].table == "offers.lot.steps"


def test_curves_of_a_landmark_stand_on_the_clock_of_a_customer(asked: Asked) -> None:
    study, answers = asked
    figure = next(f for f in offers(study, answers)[1].figures if f.id.endswith(".curves"))
    assert figure.x_from == 6
    tenures = [row[1] for row in figure.table.rows]
    assert (min(tenures), max(tenures)) == (6, answers["landmark"].estimand.horizon)


def test_the_ticks_say_that_clock(asked: Asked) -> None:
    study, answers = asked
    figure = next(f for f in offers(study, answers)[1].figures if f.id.endswith(".curves"))
    canvas = draw_survival(figure, Words("en_GB"), narrow=False)
    told = canvas.axes[0].xaxis.get_major_formatter()
    assert [told(x, None) for x in (0, 3, 6)] == ["6", "9", "12"]
