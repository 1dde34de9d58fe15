"""What goes with leaving: every sentence is reached, and its numbers are the kernel's."""

import re
from dataclasses import replace

import numpy as np
import pytest

from stammkunde.chapters.reasons.drivers import drivers
from stammkunde.chapters.reasons.names import level_name
from stammkunde.chapters.reasons.numbers import excludes_zero
from stammkunde.chapters.reasons.uneven import _verdict, uneven
from stammkunde.intervals import student_quantile
from stammkunde.report.figures import draw
from stammkunde.report.sentences import languages
from stammkunde.report.words import Words
from stammkunde.result import Estimate, turned
from stammkunde.survival.drivers.model import driver_model
from stammkunde.survival.drivers.standard import standardised
from tests.chapters.columns import (
    COUNT,
    MONTHS,
    REPORT,
    client,
    columns,
    hazards,
    lines,
    read,
)
from tests.chapters.lives import is_sayable, said
from tests.whole.test_numbers import allowed, orphans


@pytest.fixture(scope="module")
def plus_leaves(tmp_path_factory):
    """A client whose customers of "plus" leave at 1.8 times the rate, and its model."""
    made = columns(COUNT)
    found = client(tmp_path_factory.mktemp("a"), lines(made, hazards(made, 1.8)), report=REPORT)
    return found, read(found)


@pytest.fixture(scope="module")
def plus_fades(tmp_path_factory):
    """A client whose customers of "plus" leave at 4 times the rate, in the first year only."""
    made = columns(COUNT)
    course = np.where(np.arange(MONTHS) < 12, 4.0, 1.0)
    text = lines(made, hazards(made, course=course))
    found = client(tmp_path_factory.mktemp("b"), text, report=REPORT)
    return found, read(found)


def tables(sections):
    return {t.id: t for s in sections for t in s.tables}


def test_the_largest_difference_is_that_of_the_column_that_matters(plus_leaves):
    study, found = plus_leaves
    main, _ = drivers(study, found)
    text = said(main)
    assert text.startswith("By tariff: “basic” stays ")
    assert "compared with otherwise equal customers" in text
    assert main.findings[0].importance >= 0.35
    assert main.findings[0].assumptions == ("proportional_hazards",)


def test_the_numbers_are_the_kernels(plus_leaves):
    study, found = plus_leaves
    main, _ = drivers(study, found)
    model = driver_model(found.cells, strata=found.courses.strata)
    (own,) = [d for d in standardised(model, 24, (12, 24)) if d.factor == "tariff"]
    told = {r.id: r for r in main.results if r.group == {"tariff": "plus - basic"}}
    assert told["drivers.months.24"].estimate.value == pytest.approx(own.months.value, abs=1e-12)
    for tenure in (12, 24):
        e = told[f"drivers.survival.{tenure}"].estimate
        assert (e.low, e.high) == pytest.approx(
            (own.survival[tenure].low, own.survival[tenure].high)
        )
    (largest,) = [r for r in main.results if r.id == "drivers.largest.24"]
    assert largest.group == {"tariff": "basic - plus"}
    assert largest.estimate.value == pytest.approx(-own.months.value, abs=1e-12)
    blocks = own.months.replicates.smallest
    further = [student_quantile(1 - 0.05 / k, blocks) for k in (1, found.tests)]
    reach = (own.months.high - own.months.value) * further[1] / further[0]
    assert largest.estimate.low == pytest.approx(-own.months.value - reach, abs=1e-9)
    assert largest.estimate.high == pytest.approx(-own.months.value + reach, abs=1e-9)


def test_the_truth_lies_in_the_interval_and_the_other_columns_tell_nothing(plus_leaves):
    _, found = plus_leaves
    stay = [np.cumsum((1 - h) ** np.arange(24))[-1] for h in (0.03 * 1.8, 0.03)]
    (own,) = [d.months for d in found.differences if d.factor == "tariff"]
    assert own.low < stay[0] - stay[1] < own.high
    assert {d.factor for d in found.differences if found.is_decided(d)} == {"tariff"}
    assert found.courses.uneven == ()


def test_columns_that_do_not_matter_are_said_not_to(plus_leaves):
    study, found = plus_leaves
    main, _ = drivers(study, found)
    (others,) = [f for f in main.findings if f.id == "drivers.others"]
    assert Words("en_GB").say(others.sentence) == (
        "By the other columns no difference between otherwise equal customers is established:"
        " region and age."
    )


def test_all_is_said_in_every_language_and_drawn(plus_leaves, plus_fades):
    for study, found in (plus_leaves, plus_fades):
        main, appendix = drivers(study, found)
        assert is_sayable(main)
        assert is_sayable(appendix)
        for language in languages():
            for narrow in (False, True):
                assert draw(main.figures[0], Words(language), narrow).startswith("<svg")


def test_the_appendix_has_ratios_by_both_models(plus_leaves):
    study, found = plus_leaves
    _, appendix = drivers(study, found)
    told = {(r.id, str(r.group)): r.estimate for r in appendix.results}
    group = str({"tariff": "plus - basic"})
    own, cox = told["drivers.ratio", group], told["drivers.ratio.cox", group]
    assert own.low < 1.8 < own.high
    # the discrete model and Efron's correction differ by less than a tenth of an error
    assert abs(own.value - cox.value) < 0.1 * own.se
    assert len(tables([appendix])["appendix.ratios"].rows) == len(found.model.coefficients)
    assert appendix.id.startswith("appendix.")


def test_no_ratio_and_no_p_value_stands_outside_the_appendix(plus_fades):
    main, _ = drivers(*plus_fades)
    assert {r.estimate.unit for r in main.results} == {"month", "share"}
    words = Words("en_GB")
    shown = [words.say(f.sentence) for f in main.findings]
    shown += [words.heading(c.heading) for t in main.tables for c in t.columns]
    assert not [text for text in shown if re.search(r"\bp\b|ratio", text)]


def test_a_difference_that_fades_is_told_by_stretch(plus_fades):
    study, found = plus_fades
    assert found.courses.uneven == ("tariff",)
    assert found.courses.strata == ("tariff",)
    main, appendix = drivers(study, found)
    (fades,) = [f for f in main.findings if f.id == "drivers.uneven"]
    text = Words("en_GB").say(fades.sentence)
    assert text.startswith("By tariff: the difference fades. In month 1 to 12, of a hundred")
    assert "with “plus” than with “basic”" in text
    early, late = (
        r.estimate
        for r in main.results
        if r.id in ("drivers.leaving.1-12", "drivers.leaving.13-24")
    )
    assert early.low < 0.97**12 - 0.88**12 < early.high
    assert late.low < 0 < late.high
    said_so = [Words("en_GB").say(p) for p in appendix.paragraphs]
    assert any("by: tariff" in text for text in said_so)


def test_its_own_course_gives_the_difference_in_months(plus_fades):
    _, found = plus_fades

    def mean(first):
        return sum((1 - first) ** min(t, 12) * 0.97 ** max(t - 12, 0) for t in range(24))

    (own,) = [d.months for d in found.differences if d.factor == "tariff"]
    assert own.low < mean(0.12) - mean(0.03) < own.high


def test_one_ratio_for_all_months_would_miss_the_first_year(plus_fades):
    _, found = plus_fades
    truth = 0.88**12 - 0.97**12
    (own,) = [d.survival[12] for d in found.differences if d.factor == "tariff"]
    assert own.low < truth < own.high
    even = standardised(driver_model(found.cells), 24, (12,))
    (other,) = [d.survival[12] for d in even if d.factor == "tariff"]
    assert not other.low < truth < other.high


def estimate(value, error=0.01):
    return Estimate(value=value, low=value - error, high=value + error, unit="share", method="made")


@pytest.mark.parametrize(
    ("early", "late", "verdict"),
    [
        (0.1, 0.0, "fades"),
        (0.1, 0.05, "shrinks"),
        (0.05, 0.1, "widens"),
        (0.0, 0.1, "grows"),
        (0.1, -0.1, "turns"),
        (0.005, 0.001, "changes"),
    ],
)
def test_every_course_has_its_sentence(plus_fades, early, late, verdict):
    study, found = plus_fades
    assert _verdict(estimate(early), estimate(late)) == verdict
    for sign in (1, -1):
        stretches = {}
        for stretch, value in (((0, 12), early), ((12, 24), late)):
            (d,) = [d for d in found.stretches[stretch] if d.factor == "tariff"]
            stretches[stretch] = (replace(d, survival={12: estimate(-sign * value)}),)
        made = replace(found, stretches=stretches)
        main = drivers(study, made)[0]
        (finding,) = [f for f in main.findings if f.id == "drivers.uneven"]
        assert finding.sentence.key == f"drivers.uneven.{verdict}"
        assert is_sayable(main)
        used = [v for v in finding.sentence.values.values() if isinstance(v, Estimate)]
        known = [(r.estimate.value, r.estimate.low) for r in main.results]
        assert all((e.value, e.low) in known for e in used)
        leading = used[1] if verdict == "grows" else used[0]
        assert leading.value >= 0


def test_bands_of_numbers_are_said_in_the_readers_words(plus_leaves):
    study, _ = plus_leaves
    told = [level_name(study, "age", x) for x in ("< 38", "38 to < 59.5", ">= 59.5", "< 0.0001")]
    assert [Words("de_DE").text(x) for x in told] == [
        "unter 38",
        "38,0 bis unter 59,5",
        "ab 59,5",
        "< 0.0001",
    ]
    assert [Words("en_GB").text(x) for x in told[:2]] == ["below 38", "38.0 to below 59.5"]


def test_turning_a_difference_round_twice_changes_nothing(plus_leaves):
    _, found = plus_leaves
    e = found.differences[0].months
    again = turned(turned(e))
    assert (again.value, again.low, again.high) == (e.value, e.low, e.high)
    assert (turned(e).low, turned(e).high) == (-e.high, -e.low)
    assert again.replicates.se() == pytest.approx(e.replicates.se())
    assert excludes_zero(e) == excludes_zero(turned(e))


def test_without_uneven_columns_there_is_nothing_of_stretches(plus_leaves):
    study, found = plus_leaves
    more = uneven(study, found, {})
    assert (more.findings, more.tables, more.results) == ((), (), ())


@pytest.mark.parametrize("language", languages())
def test_every_number_is_a_result_or_declared(plus_fades, language):
    study, found = plus_fades
    sections = drivers(study, found)
    known = allowed(
        [r.as_json() for s in sections for r in s.results],
        {"horizons": [12, 24], "smallest_group": 10, "level": 0.95, "stretches": [1, 13]},
        [1972, 1977, 1978, 2013, 0.5],
    )
    words = Words(language)
    texts = [words.say(f.sentence) for s in sections for f in s.findings]
    texts += [words.say(x) for s in sections for f in s.figures for x in (f.title, f.subtitle)]
    texts += [words.say(p) for s in sections for p in s.paragraphs]
    assert len(texts) >= 10
    assert [t for t in texts if orphans(t, language, known)] == []
