"""How much longer: survival given the tenure so far."""

import numpy as np
import pytest

import stammkunde as sk
from stammkunde import chapters as tell
from stammkunde.survival.kaplan_meier import conditional
from tests.chapters.lives import PURCHASES, is_sayable, said, study, table, untraced

FALLING = [0.06 * 0.95**t for t in range(60)]
TERMS = "[[terms]]\nsigned_from = 2010-01-01\nminimum_months = 24\n"


def told(folder, lives, **asked):
    return tell.further(study(folder, **asked), lives)


def results(section):
    return {r.id.removeprefix("lifetimes.further."): r.estimate for r in section.results}


def test_the_shares_are_the_kernels(tmp_path):
    lives = table(FALLING)
    found = results(told(tmp_path, lives))
    for g, e in zip((0, 12, 24, 36), conditional(lives, [0, 12, 24, 36], 12), strict=True):
        own = found[f"{g}.12"]
        assert (own.value, own.low, own.high) == (e.value, e.low, e.high)
        assert own.estimand == e.estimand


def test_shares_of_further_years_multiply_to_the_curve(tmp_path):
    lives = table(FALLING)
    found = results(told(tmp_path, lives))
    product = np.prod([found[f"{g}.12"].value for g in (0, 12, 24, 36)])
    assert product == pytest.approx(sk.kaplan_meier(lives).at(48).value)


def test_the_difference_is_last_less_first_with_independent_errors(tmp_path):
    found = results(told(tmp_path, table(FALLING)))
    gap, first, last = found["difference"], found["0.12"], found["36.12"]
    assert gap.value == pytest.approx(last.value - first.value)
    assert gap.se == pytest.approx(np.hypot(first.se, last.se))
    assert gap.persons == first.persons
    assert gap.events == first.events + last.events


VERDICTS = {
    "That is": FALLING,
    "So those who have been there longer are not more likely to stay": [0.01] * 30 + [0.04] * 30,
    "A difference is not established": [0.02] * 60,
}


@pytest.mark.parametrize("says", VERDICTS)
def test_each_verdict_is_reached(tmp_path, says):
    section = told(tmp_path, table(VERDICTS[says]))
    assert says in said(section)
    assert untraced(section) == []
    assert is_sayable(section)


def test_growing_loyalty_is_not_explained(tmp_path):
    assert "these data do not say" in said(told(tmp_path, table(FALLING)))


def test_where_one_time_was_observed_one_share_is_told(tmp_path):
    section = told(tmp_path, table([0.03] * 20), report="horizons = [12, 24]")
    assert set(results(section)) == {"0.12"}
    assert "of new customers stay another 12 months." in said(section)
    assert is_sayable(section)


def test_under_a_lapse_rule_nobody_is_new(tmp_path):
    lives = table([0.0] * 5 + [0.5] + [0.05] * 30)
    found = results(told(tmp_path, lives, data=PURCHASES))
    assert set(found) == {"12.12", "24.12", "difference"}


def test_curves_of_those_seen_late_begin_with_them(tmp_path):
    lives = table([0.05] * 60, late=8)
    found = results(told(tmp_path, lives))
    assert set(found) == {"8.12", "12.12", "24.12", "36.12", "difference"}


def test_declared_terms_are_a_remark(tmp_path):
    section = told(tmp_path, table(FALLING), more=TERMS)
    assert [r.key for r in section.findings[0].remarks] == ["further.terms"]


def test_a_curve_ends_where_too_few_are_at_risk(tmp_path):
    section = told(tmp_path, table(FALLING, 400), report="least_at_risk = 150")
    reach = max(int(key.split(".")[0]) for key in results(section) if key != "difference")
    at_risk = table(FALLING, 400).at_risk[0].sum(axis=0)
    assert at_risk[reach : reach + 12].min() >= 150


CASES = {
    "one customer": table([1.0], 1),
    "too short": table([0.1] * 5),
    "all leave in month one": table([1.0], 300),
    "all censored": table([0.0] * 40, 300),
    "nobody but one leaves": table([0.0] * 20 + [0.002] * 20, 50),
}


@pytest.mark.parametrize("case", CASES)
def test_degenerate_data_give_sentences(tmp_path, case):
    section = told(tmp_path, CASES[case])
    assert is_sayable(section)
    assert section.findings or section.left_out
