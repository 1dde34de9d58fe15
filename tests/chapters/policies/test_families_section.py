"""Whether the ranking hangs on the model by which leaving is projected."""

from dataclasses import replace

import numpy as np
import pytest

from stammkunde.chapters.policies.doubts.families import families
from stammkunde.chapters.policies.doubts.otherwise import reckoned
from stammkunde.report.words import Words
from stammkunde.result import Label
from tests.chapters.futures import check, numbers
from tests.chapters.lives import said
from tests.chapters.policies.linear import assumed, linear

X = assumed("x", 0.0, 2.0)
VALUES = {"today": lambda d: 0.0, "loyalty": lambda d: 40 + d["x"], "for_all": lambda d: 30.0}


def by_models(folder, moved, known=("Weibull", "log-normal")):
    """Return a decision in which each model adds so much to the loyalty rebate."""
    decision = linear(folder, VALUES, X)
    names = list(decision.names)

    def alone(family):
        values = decision.values[:64].copy()
        values[:, names.index("loyalty")] += moved[family]
        return values

    basis = replace(decision.basis, families=tuple(known))
    return replace(decision, basis=basis, by_family=alone)


def test_the_same_policy_under_every_model(tmp_path):
    decision = by_models(tmp_path, {"Weibull": 5.0, "log-normal": -5.0})
    section = families(decision)
    assert "Whichever model projects how customers leave, “loyalty rebate” leads" in said(section)
    lead = decision.values[:, list(decision.names).index("loyalty")].mean()
    found = numbers(section)
    # what the few draws of a model miss of all draws is added
    assert found["policy.family.weibull.ahead"].value == pytest.approx(lead + 5)
    assert found["policy.family.log_normal.difference.loyalty"].value == pytest.approx(lead - 5)
    assert found["policy.family.log_normal.difference.for_all"].value == pytest.approx(30)
    check([section])


def test_the_models_together_are_held_against_each_in_the_same_draws(tmp_path):
    decision = by_models(tmp_path, {"Weibull": 5.0, "log-normal": -5.0})
    together, one, other = families(decision).tables[0].rows
    assert [row[-1] for row in (together, one, other)] == [64, 64, 64]
    assert together[3].value == pytest.approx(decision.league.of("loyalty").difference.value)
    for end in ("low", "high"):
        middle = getattr(together[3], end)
        assert getattr(other[3], end) < middle < getattr(one[3], end)
        assert middle == pytest.approx(getattr(one[3], end) - 5)
    note = Words("en_GB").say(families(decision).tables[0].note)
    assert "the first of 400" in note


def test_a_tie_goes_to_the_comparator(tmp_path):
    decision = by_models(tmp_path, {"Weibull": 0.0, "log-normal": 0.0})
    level = reckoned(decision, np.zeros((8, 3)), Label("level"))
    assert level.order == ("today", "for_all", "loyalty")
    assert level.draws == 8


def test_another_policy_under_one_model(tmp_path):
    section = families(by_models(tmp_path, {"Weibull": 5.0, "log-normal": -15.0}))
    assert "with log-normal it is not “loyalty rebate” but “rebate for all”" in said(section)
    leads = [row[1].key for row in section.tables[0].rows]
    assert leads == ["loyalty", "loyalty", "for_all"]
    check([section])


def test_another_policy_under_all_models(tmp_path):
    section = families(by_models(tmp_path, {"Weibull": -90.0, "log-normal": -15.0}))
    assert "none of them by itself" in said(section)
    check([section])


def test_ranks_of_all_policies_stand_in_the_workbook(tmp_path):
    section = families(by_models(tmp_path, {"Weibull": 5.0, "log-normal": -90.0}))
    short, full = section.tables
    assert (short.in_report, full.in_report) == (True, False)
    ranks = [(row[1].key, row[2]) for row in full.rows[-3:]]
    assert ranks == [("for_all", 1), ("today", 2), ("loyalty", 3)]
    assert full.rows[-2][3] is None
    assert np.isclose(full.rows[-3][3].value, 30)


def test_one_model_leaves_nothing_to_compare(tmp_path):
    section = families(by_models(tmp_path, {"Weibull": 5.0}, known=("Weibull",)))
    assert section.left_out is not None
    assert not section.needed
