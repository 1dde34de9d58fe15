"""The chapter on the future: what is projected, what is refused, and every sentence of it."""

import numpy as np
import pytest

from stammkunde import chapters as tell
from stammkunde.chapters.lifetimes.months import COHORTS_ALIKE
from stammkunde.chapters.outlook.ahead import spliced
from stammkunde.chapters.outlook.values import stock_of
from stammkunde.report.figures import draw
from stammkunde.report.sentences import languages
from stammkunde.report.words import Words
from stammkunde.result import Sentence, Status
from stammkunde.survival import projection as kernel
from tests.chapters.futures import (
    INTEREST,
    TARIFF,
    TERMS,
    check,
    contracts,
    delivered,
    future,
    numbers,
    parts,
)
from tests.chapters.lives import said, study, table

SPIKED = table([0.01] * 11 + [0.2] + [0.01] * 35)
FALLING = table([0.3 / (t + 2) for t in range(48)])
LEVEL = table([0.02] * 48)


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """Terms of a year that renewed until 2020, none since; then the newcomer's price ends."""

    def hazard(tenure, start):
        if start < 12 * 2020:
            return 0.25 if tenure % 12 == 0 else 0.002
        return 0.2 if tenure == 12 else 0.02

    text = contracts(hazard, 4000)
    return delivered(tmp_path_factory.mktemp("changed"), text, TARIFF + TERMS + INTEREST)


def test_the_numbers_of_new_customers_are_the_kernels(changed):
    asked, found = changed
    section = tell.outlook(asked, found)
    own = numbers(section, terms=found.today)
    mean = kernel.lifetime(found.main.look, 120)
    assert (own["outlook.lifetime.120"].value, own["outlook.lifetime.120"].low) == (
        mean.value,
        mean.low,
    )
    worth = kernel.lifetime(found.main.look, 120, interest=0.08)
    assert own["outlook.discounted.120"].high == worth.high
    assert own["outlook.beyond.120"].value == kernel.share_beyond(found.main.look, 120).value
    assert found.today == "2020-01-01"


def test_todays_customers_are_projected_by_their_contract(changed):
    _, found = changed
    old, new = found.base["2015-01-01"].plan, found.main.plan
    assert (old.ends, old.every) == ((12,), 12)
    assert (new.ends, new.every) == ((12,), 0)
    assert {f.family.name for f in found.main.choice.fits} <= {
        "contract",
        "contract, level fading",
    }


def test_every_section_is_said_with_its_assumptions(changed):
    asked, found = changed
    sections = parts(asked, found)
    check(sections)
    (mean, *_) = sections[0].findings
    assert mean.status is Status.ESTIMATED
    assert mean.assumptions == (kernel.fit.FAMILY_HOLDS, COHORTS_ALIKE)
    assert mean.importance >= 0.35
    assert [s.id for s in sections if s.left_out] == ["outlook.habit", "outlook.stays"]


def test_the_back_test_hits_where_nothing_changed(changed):
    asked, found = changed
    section = tell.foretold(asked, found)
    test = found.tried.test
    own = numbers(section, terms=found.today)
    assert own["outlook.foretold.error"].value == test.together.error.value
    assert own["outlook.foretold.observed.12"].value == test.observed.at(12).value
    assert own["outlook.foretold.projected.12"].value == test.together.value[-1]
    assert test.observed.observed_to == 12
    assert "would have hit" in said(section)
    (figure,) = section.figures
    assert [line.curve.basis for line in figure.lines] == ["counted", "projected"]


@pytest.mark.long
def test_a_back_test_that_misses_says_so_on_the_first_page(tmp_path):
    def hazard(tenure, start):
        return 0.15 if start + tenure >= 12 * 2024 else 0.01

    asked, found = delivered(tmp_path, contracts(hazard))
    sections = parts(asked, found)
    check(sections)
    (missed,) = sections[1].findings
    assert "would have missed, promising too much" in said(sections[1])
    assert missed.importance >= 0.35
    assert sections[0].findings[0].remarks


def test_a_back_test_that_expects_too_little_says_so(tmp_path):
    def hazard(tenure, start):
        return 0.0 if start + tenure >= 12 * 2024 else 0.05

    asked, found = delivered(tmp_path, contracts(hazard))
    assert "expecting too little" in said(tell.foretold(asked, found))


def test_a_back_test_of_few_customers_claims_no_hit(tmp_path):
    asked, found = delivered(tmp_path, contracts(lambda tenure, start: 0.02, 300))
    section = tell.foretold(asked, found)
    assert "cannot be decided with so few customers" in said(section)
    check([section])


def test_the_base_is_the_sum_of_its_terms(changed):
    asked, found = changed
    own = numbers(tell.base(asked, found))
    alone = [kernel.base_lifetime(a.look, a.there, 120) for a in found.base.values()]
    total = sum(e.value for e in alone)
    there = sum(int(a.there.sum()) for a in found.base.values())
    assert own["outlook.base.units.120"].value == pytest.approx(total, rel=1e-12)
    assert own["outlook.base.further.120"].value == pytest.approx(total / there, rel=1e-12)
    assert own["outlook.base.customers"].value == there
    assert sum(e.low for e in alone) < own["outlook.base.units.120"].low < total
    assert total < own["outlook.base.units.120"].high < sum(e.high for e in alone)


def test_tenures_and_levels_add_up_to_all_customers(changed):
    asked, found = changed
    (table_of,) = tell.base(asked, found).tables
    words = Words("en_GB")
    rows = [[words.text(r[0]), words.text(r[1]), r[2]] for r in table_of.rows]
    whole = rows[0][2]
    assert sum(r[2] for r in rows if r[0].startswith("time")) == whole
    assert sum(r[2] for r in rows if r[0] == "tariff" and r[1] != "all together") == whole
    assert [r[2] for r in rows if r[1] == "all together"] == [whole]


def test_one_stock_has_the_kernels_limits(tmp_path):
    found = future(study(tmp_path), {"": SPIKED})
    own = stock_of(found.base).units(120)
    known = kernel.base_lifetime(found.main.look, found.main.there, 120)
    assert (own.value, own.low, own.high) == (known.value, known.low, known.high)
    wrong = kernel.ignoring_differences(found.main.look, SPIKED, 120)
    section = tell.base(study(tmp_path), found)
    assert numbers(section)["outlook.base.ignoring.120"].value == pytest.approx(wrong.value)


RATES = {"gives less than": FALLING, "no established difference": LEVEL}


@pytest.mark.parametrize("says", RATES)
def test_what_one_rate_for_all_would_miss(tmp_path, says):
    asked = study(tmp_path)
    section = tell.base(asked, future(asked, {"": RATES[says]}))
    assert says in said(section)


def test_one_rate_gives_more_where_leaving_grows(tmp_path):
    asked = study(tmp_path)
    found = future(asked, {"": table([0.002 + 0.001 * t for t in range(48)])})
    assert "gives more than" in said(tell.base(asked, found))


def test_a_falling_rate_has_two_readings(tmp_path):
    asked = study(tmp_path)
    found = future(asked, {"": FALLING})
    section = tell.habit(asked, found)
    both = kernel.two_readings(found.main.look, 12, 36)
    own = numbers(section)
    assert own["outlook.kept.sorting.survival.36"].value == both.by_sorting.value
    assert own["outlook.kept.habit.survival.36"].value == both.by_habit.value
    (finding,) = section.findings
    assert finding.status is Status.NOT_IDENTIFIABLE
    assert finding.missing
    check([section])


def test_a_level_rate_raises_no_question_of_habit(tmp_path):
    asked = study(tmp_path)
    section = tell.habit(asked, future(asked, {"": LEVEL}))
    assert section.left_out.key == "outlook.left_out.not_falling"
    assert not section.needed


def stay_for_ever(share, months=96):
    """Return hazards of customers of whom a share never leaves, the others at a rate of .1."""
    there = share + (1 - share) * 0.9 ** np.arange(months + 1.0)
    return table([*(1 - there[1:] / there[:-1])], 8000)


STAYS = {
    "of customers never leave": stay_for_ever(0.3),
    "observation is too short": stay_for_ever(0.3, 18),
    "is not to be seen in these data": LEVEL,
}


@pytest.mark.parametrize("says", STAYS)
def test_a_share_that_stays_is_named_only_where_it_is_known(tmp_path, says):
    asked = study(tmp_path)
    found = future(asked, {"": STAYS[says]})
    section = tell.stays(asked, found)
    assert says in said(section)
    known = kernel.cure_fraction(STAYS[says]).share[""]
    assert numbers(section)["outlook.stays.share"].value == known.value
    check([section])


def test_families_stand_in_the_appendix_with_weights_and_problems(tmp_path):
    asked = study(tmp_path)
    found = future(asked, {"": SPIKED})
    section = tell.families(asked, found)
    (table_of,) = section.tables
    weights = [row[1] for row in table_of.rows if row[1] is not None]
    assert sum(weights) == pytest.approx(1)
    assert len(table_of.rows) == 8
    assert section.id.startswith("appendix.")
    check([section])


def test_a_family_without_a_fit_says_why(tmp_path):
    asked = study(tmp_path)
    found = future(asked, {"": LEVEL})
    section = tell.families(asked, found)
    told = {Words("en_GB").text(row[-1]) for row in section.tables[0].rows if row[-1]}
    assert "the fit runs to a limiting case of this model" in told
    assert found.main.choice.left_out
    check([section])


def test_every_reason_of_a_fit_has_words():
    reasons = (kernel.moving, kernel.choice, kernel.cure)
    found = {
        value
        for module in reasons
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str) and value.replace("_", "").islower()
    }
    ids = {r for r in found if "_" in r or r == "outdone"} - {"stays", kernel.fit.FAMILY_HOLDS}
    assert {"parameters_run_off", "no_curvature", "follow_up_too_short", "outdone"} <= ids
    for language in languages():
        assert all(Words(language).say(Sentence(f"reason.{r}")) for r in ids)


def test_courses_that_do_not_fit_where_they_take_over_say_so(tmp_path):
    asked = study(tmp_path)
    breaks = table([0.03] * 40 + [0.12] * 8)
    section = tell.outlook(asked, future(asked, {"": breaks}))
    assert "Where the projection takes over, it fits badly" in said(section)
    assert section.findings[0].importance == 0.4
    check([section])


def test_the_picture_is_counted_then_projected(tmp_path):
    found = future(study(tmp_path), {"": SPIKED})
    curve = spliced(found.main, 120)
    reach = found.main.plan.reach
    counted = found.main.curve
    np.testing.assert_allclose(curve.value[: reach + 1], counted.value[: reach + 1], rtol=1e-12)
    assert (curve.low[: reach + 1] == counted.low[: reach + 1]).all()
    assert (curve.observed_to, len(curve.value), len(curve.at_risk)) == (47, 121, 47)
    (figure, *_) = tell.outlook(study(tmp_path), found).figures
    assert [mark.at for mark in figure.marks] == [47]
    assert "stroke-dasharray" in draw(figure, Words("en_GB"))
