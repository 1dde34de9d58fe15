"""The chapter on the future on data that say little: sentences, never a number from nothing."""

import numpy as np
import pytest

import stammkunde as sk
from stammkunde import chapters as tell
from stammkunde.chapters.outlook.plan import plan, terms_under
from stammkunde.errors import SchemaError
from stammkunde.workspace import Workspace
from tests.chapters.futures import (
    TARIFF,
    check,
    contracts,
    delivered,
    future,
    numbers,
    parts,
)
from tests.chapters.lives import PURCHASES, said, study, table

pytestmark = pytest.mark.long

LITTLE = {
    "one customer": table([1.0], 1),
    "all censored": table([0.0] * 60, 300),
    "all leave in month one": table([1.0], 300),
    "a handful of leavers": table([0.0] * 20 + [0.01] * 3, 200),
    "one unit": table([0.3], 300),
    "few customers": table([0.05] * 30, 60),
    "nobody seen from the start": table([0.02] * 60, late=30),
    "nobody left at the end": table([0.5] * 12, 4000),
    "very many": table([0.02] * 48, 400_000),
    "one spike only": table([0.0] * 11 + [0.3] + [0.0] * 30),
}


@pytest.mark.parametrize("case", LITTLE)
def test_degenerate_tables_give_sentences(tmp_path, case):
    asked = study(tmp_path)
    sections = parts(asked, future(asked, {"": LITTLE[case]}))
    check(sections)
    assert all(s.findings or s.left_out or s.id.startswith("appendix.") for s in sections)


DELIVERED = {
    "two customers": contracts(lambda t, s: 0.02, 2),
    "a handful": contracts(lambda t, s: 0.02, 12),
    "nobody leaves": contracts(lambda t, s: 0.0, 300),
    "all leave at once": contracts(lambda t, s: 1.0, 300),
    "only the last months": contracts(lambda t, s: 0.03, 40, last=12 * 2015),
}


@pytest.mark.parametrize("case", DELIVERED)
def test_degenerate_contracts_give_sentences(tmp_path, case):
    asked, found = delivered(tmp_path, DELIVERED[case])
    check(parts(asked, found))


def test_customers_whose_term_nobody_has_completed_are_left_out_and_counted(tmp_path):
    terms = (
        "[[terms]]\nsigned_from = 2015-01-01\n"
        "[[terms]]\nsigned_from = 2024-01-01\nminimum_months = 24\n"
    )
    text = contracts(lambda t, s: 0.02, 2500)
    asked, found = delivered(tmp_path, text, TARIFF + terms)
    assert (found.main, found.why, found.unseen) == (None, "unseen", 24)
    sections = parts(asked, found)
    check(sections)
    assert found.left > 50
    assert f"no projection ({found.left} customers): Those who are customers" in said(sections[2])


@pytest.mark.parametrize("unit", ["quarter", "year"])
def test_other_units_are_projected_without_a_back_test(tmp_path, unit):
    text = contracts(lambda t, s: 0.03, 1500)
    report = "horizons = [1, 2]\n"
    asked, found = delivered(tmp_path, text, TARIFF, unit=unit, report=report)
    assert found.horizon == {"quarter": 40, "year": 10}[unit]
    sections = parts(asked, found)
    check(sections)
    assert sections[1].left_out.key in (
        "outlook.left_out.tried.unit",
        "outlook.left_out.not_projected",
    )


def test_five_hundred_groups_are_not_told_apart(tmp_path):
    rows = contracts(lambda t, s: 0.03, 2000).splitlines()
    text = "\n".join(
        [rows[0], *(f"{r.rsplit(',', 1)[0]},{i % 500}" for i, r in enumerate(rows[1:]))]
    )
    asked, found = delivered(tmp_path, text)
    assert found.groups == {}
    check(parts(asked, found))


def test_observation_as_long_as_the_projection_needs_none(tmp_path):
    asked = study(tmp_path, report="projection_years = 3")
    found = future(asked, {"": table([0.02] * 48)})
    assert found.why == "seen"


def test_the_years_of_the_projection_are_declared(tmp_path):
    asked = study(tmp_path, report="projection_years = 20")
    found = future(asked, {"": table([0.02] * 48)})
    (first, *_) = parts(asked, found)
    assert "outlook.lifetime.240" in numbers(first)


@pytest.mark.parametrize(
    ("more", "report", "named"),
    [
        ("", "projection_years = 0", "projection_years"),
        ("", "projection_years = 99", "projection_years"),
        ("[money]\ninterest = 8.0", "", "money.interest"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path, more, report, named):
    with pytest.raises(SchemaError, match=named):
        study(tmp_path, more=more, report=report)


def test_a_snapshot_is_projected_as_the_cohort_it_is_taken_for(tmp_path):
    rng, rows = np.random.default_rng(5), ["who,tenure,left"]
    for i in range(3000):
        life, seen = rng.geometric(0.03), rng.integers(1, 61)
        rows.append(f"k{i},{min(life, seen)},{'yes' if life <= seen else 'no'}")
    data = (
        '[snapshot]\nfile = "c.csv"\nperson = "who"\ntenure = "tenure"\nleft = "left"\n'
        'left_values = ["yes"]\nstayed_values = ["no"]\n'
    )
    text = study(tmp_path, data=data).workspace.toml("muster")
    plain = text.read_text(encoding="utf-8")
    for key in ("open = 2015-01-01\n", "close = 2025-01-01\n"):
        plain = plain.replace(key, "")
    text.write_text(plain, encoding="utf-8")
    (tmp_path / "data/raw/muster/c.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    asked = sk.read_study("muster", workspace=Workspace(tmp_path))
    sections = parts(asked, tell.read_outlook(asked, sk.read_spells(asked)))
    check(sections)
    (mean, *_) = sections[0].findings
    assert "snapshot_as_cohort" in mean.assumptions
    assert sections[1].left_out.key == "outlook.left_out.tried.dates"


def test_an_end_nobody_has_reached_is_not_projected(tmp_path):
    asked = study(tmp_path, more="[[terms]]\nsigned_from = 2015-01-01\nminimum_months = 24\n")
    way = plan(asked, table([0.01] * 20), terms_under(asked, None, ""))
    assert way.unseen == 24
    found = future(asked, {"": table([0.01] * 20)})
    assert (found.main, found.why) == (None, "unseen")
    check(parts(asked, found))


def test_a_renewal_nobody_has_reached_is_not_projected(tmp_path):
    terms = "[[terms]]\nsigned_from = 2015-01-01\nminimum_months = 24\nrenewal_months = 12\n"
    asked = study(tmp_path, more=terms)
    lives = table([0.01] * 23 + [0.2] + [0.01] * 6)
    assert plan(asked, lives, terms_under(asked, None, "")).unseen == 36


def test_what_stands_out_every_year_is_a_renewal(tmp_path):
    yearly = table([0.2 if t % 12 == 0 else 0.01 for t in range(1, 49)])
    way = plan(study(tmp_path), yearly, None)
    assert (way.ends, way.every) == ((12,), 12)


def test_purchases_are_left_to_a_model_of_purchases(tmp_path):
    asked = study(tmp_path, data=PURCHASES)
    found = tell.read_outlook(asked, None)
    sections = parts(asked, found)
    assert all(s.left_out for s in sections)
    assert [s.needed for s in sections] == [True] + [False] * 5
    assert sections[0].left_out.key == "outlook.left_out.purchases"
    check(sections)
