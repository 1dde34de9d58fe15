"""How well leaving can be foretold: each sentence is reached, and its numbers are the kernel's."""

import re
from dataclasses import replace

import numpy as np
import pytest

from stammkunde.chapters.reasons import accuracy as section
from stammkunde.chapters.reasons.accuracy import accuracy
from stammkunde.chapters.reasons.fitted import Unfit
from stammkunde.report.figures import draw
from stammkunde.report.sentences import languages
from stammkunde.report.words import Words
from stammkunde.result import Estimate
from stammkunde.survival.accuracy import (
    brier,
    calibration,
    cross_fitted,
    predicted,
    seen_from_start,
)
from stammkunde.survival.drivers.model import driver_model
from tests.chapters.columns import COUNT, MONTHS, REPORT, client, columns, lines, read
from tests.chapters.lives import is_sayable, said
from tests.whole.test_numbers import allowed, orphans


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A client whose customers of one tariff leave three times as fast: study, model, section."""
    made = columns(COUNT)
    hazard = 0.02 * np.where(made["tariff"] == "plus", 3.0, 1.0)[:, None] * np.ones(MONTHS)
    study = client(tmp_path_factory.mktemp("a"), lines(made, hazard), report=REPORT)
    found = read(study)
    return study, found, accuracy(study, found)


def results(made):
    return {(r.id, r.group.get("predicted", "")): r.estimate for r in made.results}


def test_the_numbers_are_the_kernels(told):
    _, found, made = told
    started = seen_from_start(found.cells)
    fit = cross_fitted(started, lambda part: predicted(driver_model(part)))
    scores = brier(started, fit, (12, 24), horizon=24)
    numbers = results(made)
    for name, score in (("12", scores.at[12]), ("24", scores.at[24]), ("1-24", scores.integrated)):
        for key, e in (
            ("brier", score.score),
            ("brier.plain", score.reference),
            ("gain", score.gain),
        ):
            own = numbers[(f"accuracy.{key}.{name}", "")]
            assert (own.value, own.low, own.high) == pytest.approx((e.value, e.low, e.high))
    bins = calibration(started, fit, 24)
    for b in bins:
        own = numbers[("accuracy.observed.24", f"{b.predicted:.4f}")]
        assert (own.value, own.low) == pytest.approx((b.observed.value, b.observed.low))
    assert numbers[("accuracy.bins", "")].value == len(bins)


def test_the_gain_is_told_for_what_it_is(told):
    _, _, made = told
    gain = results(made)[("accuracy.gain.1-24", "")]
    assert 0 < gain.low < gain.value < 0.3
    assert "lowers the error of prediction by" in said(made)
    assert made.findings[0].importance < 0.35
    # everybody's observation ends on a known day, so nothing is assumed of who is lost from sight
    assert made.findings[0].assumptions == ()
    assert made.figures[0].note.values["who"].key == "accuracy.who.early"
    assert "not on later years" in said(made)


def test_where_ends_are_not_known_others_alike_stand_for_the_lost(told):
    study, found, _ = told
    made = accuracy(study, replace(found, cells=replace(found.cells, reach=None)))
    assert made.findings[0].assumptions == ("lost_alike_in_groups",)
    assert made.figures[0].note.values["who"].key == "accuracy.who.weighted"
    assert is_sayable(made)


def test_who_was_seen_late_is_not_in_the_fit(told):
    study, found, _ = told
    cells = found.cells
    # a quarter seen from month 13 on, none of whom leaves
    late = (np.arange(len(cells.n)) % 4 == 0) & (cells.finish > 12)
    mixed = replace(
        cells,
        begin=np.where(late, 12, cells.begin),
        left=cells.left & ~late,
    )
    alone = replace(found, cells=seen_from_start(mixed))
    one, two = (results(accuracy(study, f)) for f in (replace(found, cells=mixed), alone))
    assert one[("accuracy.seen_late", "")].value == cells.n[late].sum()
    for key in ("accuracy.gain.1-24", "accuracy.brier.plain.24"):
        assert one[(key, "")].value == two[(key, "")].value


def test_a_gain_below_zero_is_told_as_a_larger_error(told, monkeypatch):
    study, found, _ = told
    made = section._trial(study, found)
    gain = replace(made.scores.integrated.gain, value=-0.019, low=-0.03, high=-0.01)
    whole = replace(made.scores.integrated, gain=gain)
    trial = replace(made, scores=replace(made.scores, integrated=whole))
    monkeypatch.setattr(section, "_trial", lambda *_: trial)
    sentence = accuracy(study, found).findings[0].sentence
    assert "its error is 1.9% (95%: 1.0–3.0%) higher" in Words("en_GB").say(sentence)
    german = Words("de_DE").say(sentence).replace("\u00a0", " ")
    assert re.search(r"Ihr Fehler ist um 1,9 % \(95 %: 1,0–3,0 %\) größer", german)
    for language in languages():
        assert "−" not in Words(language).say(sentence)


def test_groups_whose_prediction_holds_are_counted(told):
    _, _, made = told
    pairs = made.figures[0].pairs
    hits = sum(p.observed.low <= p.predicted <= p.observed.high for p in pairs)
    assert results(made)[("accuracy.hits", "")].value == hits
    assert hits >= len(pairs) - 3
    off = max(abs(p.predicted - p.observed.value) for p in pairs)
    assert results(made)[("accuracy.off", "")].value == pytest.approx(off)


@pytest.mark.parametrize(
    ("value", "low", "high", "verdict"),
    [
        (0.02, 0.01, 0.03, "hardly"),
        (0.2, 0.1, 0.3, "partly"),
        (0.5, 0.4, 0.6, "well"),
        (0.01, -0.01, 0.03, "nothing"),
        (-0.01, -0.03, 0.01, "no_better"),
        (0.0, 0.0, 0.0, "same"),
        (-0.02, -0.03, -0.01, "worse"),
    ],
)
def test_every_gain_has_its_sentence(told, monkeypatch, value, low, high, verdict):
    study, found, _ = told
    made = section._trial(study, found)
    gain = replace(made.scores.integrated.gain, value=value, low=low, high=high)
    whole = replace(made.scores.integrated, gain=gain)
    trial = replace(made, scores=replace(made.scores, integrated=whole))
    monkeypatch.setattr(section, "_trial", lambda *_: trial)
    said_so = accuracy(study, found)
    assert said_so.findings[0].sentence.key == f"accuracy.{verdict}"
    assert is_sayable(said_so)


def test_without_a_model_it_does_not_apply(told):
    study, _, _ = told
    made = accuracy(study, Unfit("one_column"))
    assert made.left_out is not None
    assert not made.needed
    assert is_sayable(made)


def test_who_was_not_seen_from_the_start_cannot_be_tried(told):
    study, found, _ = told
    late = replace(found.cells, begin=np.ones_like(found.cells.begin))
    made = accuracy(study, replace(found, cells=late))
    assert made.left_out is not None
    assert made.needed
    assert is_sayable(made)


def test_a_gap_has_a_reason_and_is_not_drawn(told, monkeypatch):
    study, found, _ = told
    made = section._trial(study, found)
    first, *others = made.bins
    none = Estimate(value=None, unit="share", method="made", reason="not_observed")
    trial = replace(made, bins=[replace(first, observed=none), *others])
    monkeypatch.setattr(section, "_trial", lambda *_: trial)
    shown = accuracy(study, found)
    assert len(shown.figures[0].pairs) == len(others)
    assert is_sayable(shown)
    monkeypatch.setattr(section, "_trial", lambda *_: replace(made, bins=trial.bins[:1]))
    assert accuracy(study, found).figures == []


def test_all_is_said_in_every_language_and_drawn(told):
    _, _, made = told
    assert is_sayable(made)
    for language in languages():
        for narrow in (False, True):
            assert draw(made.figures[0], Words(language), narrow).startswith("<svg")


@pytest.mark.parametrize("language", languages())
def test_every_number_is_a_result_or_declared(told, language):
    _, _, made = told
    known = allowed([r.as_json() for r in made.results], {"horizons": [12, 24], "level": 0.95})
    words = Words(language)
    (figure,) = made.figures
    sentences = [f.sentence for f in made.findings] + [figure.title, figure.subtitle, figure.note]
    texts = [words.say(s) for s in [*sentences, figure.alt, *made.paragraphs]]
    # the day of the data stands in the note
    known |= {31.0, 2024.0}
    assert [t for t in texts if orphans(t, language, known)] == []
