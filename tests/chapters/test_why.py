"""Why customers leave: every branch says something, and its numbers are the kernel's."""

from functools import cache

import numpy as np
import pytest

import stammkunde as sk
from stammkunde.chapters.reasons import levels
from stammkunde.report.sentences import languages
from stammkunde.report.show import components
from stammkunde.report.words import Words
from stammkunde.survival.causes import (
    aalen_johansen,
    gray_test,
    merge_causes,
    months_lost,
    net_survival,
    share_of_leavers,
)
from stammkunde.survival.contrasts import adjusted
from tests.chapters.leavers import BRANCHES, alike, contracts, keys, numbers, same, told
from tests.chapters.test_dated import spoken

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def branch(tmp_path_factory):
    """Return what is told of a case, made once for all tests."""
    return cache(lambda case: told(tmp_path_factory.mktemp("branch"), **BRANCHES[case]))


@pytest.mark.parametrize("case", BRANCHES)
def test_every_branch_can_be_said_and_drawn_in_every_language(branch, case, recwarn):
    *_, made = branch(case)
    for language in languages():
        for section in made:
            assert all(spoken(section, Words(language)))
    for section in made:
        assert bool(components(section, Words("de_DE"))) is section.needed
    for line in numbers(made).values():
        shown = line.as_json()
        assert shown["value"] is not None or shown["reason"]
        assert line.estimate.value is None or np.isfinite(line.estimate.value)
    assert [w for w in recwarn if issubclass(w.category, RuntimeWarning)] == []


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("many", {"largest": "largest", "controllable": "controllable.open"}),
        ("two alike", {"largest": "two", "controllable": "controllable.all"}),
        ("one cause", {"largest": "only", "controllable": "controllable.all"}),
        ("one and few", {"largest": "mostly", "controllable": None, "months_lost": None}),
        ("one and few unknown", {"largest": "mostly", "naive": None, "net": None}),
        ("few and unknown", {"largest": "only", "controllable": "controllable.open"}),
        ("none in reach", {"largest": "largest", "controllable": "controllable.none"}),
        ("all known", {"controllable": "controllable.all", "net": "net", "naive": "naive"}),
        ("all alike", {"controllable": None, "net": None}),
        ("spells", {"months_lost": "lost", "net": "net"}),
        ("late", {"months_lost": None, "largest": "largest", "controllable": "controllable.open"}),
        ("all for one at once", {"naive": None, "net": None}),
    ],
)
def test_a_sentence_fits_its_data(branch, case, said):
    section = branch(case)[-1][0]
    found = keys(section)
    for name, key in said.items():
        assert found.get(f"reasons.{name}") == (key and f"reasons.{key}"), name


@pytest.mark.parametrize(
    ("case", "why", "needed"),
    [
        ("no causes", "no_causes", True),
        ("no reasons", "no_reasons", False),
        ("nobody left", "few_leavers", True),
        ("one customer", "too_few", True),
        ("all unknown", "unstated", True),
        ("few leavers", "few_leavers", True),
    ],
)
def test_what_cannot_be_said_is_left_out(branch, case, why, needed):
    (section,) = branch(case)[-1]
    assert section.left_out.key == f"reasons.left_out.{why}"
    assert section.needed is needed


def test_the_numbers_are_the_kernels(branch):
    _, table, _, _, made = branch("many")
    found, curves = numbers(made), aalen_johansen(table)
    for cause in ("price", "service", "moved", "died", "unknown"):
        same(found["reasons.incidence.24", cause].estimate, curves[cause].at(24))
        same(found["reasons.months_lost.24", cause].estimate, months_lost(curves[cause], 24))
    can, out = ["price", "service"], ["moved", "died"]
    same(found["reasons.controllable.24",].estimate, share_of_leavers(table, can, 24))
    same(found["reasons.net.24",].estimate, net_survival(table, out).at(24))
    assert found["reasons.net.24",].estimate.assumptions == ("independent_causes",)
    stay = sk.kaplan_meier(table)
    same(found["reasons.stay.24",].estimate, stay.at(24))
    naive = [
        1 - net_survival(table, [d for d in curves if d != c], exposure="whole").value[24]
        for c in curves
    ]
    assert found["reasons.left.24",].naive == pytest.approx(sum(naive), abs=0.01)
    assert found["reasons.left.24",].naive > found["reasons.left.24",].estimate.high


def test_the_parts_add_up_to_the_whole(branch):
    *_, made = branch("spells")
    rows = made[0].tables[0].rows
    *parts, total = [[e if isinstance(e, int) else e.value for e in row[1:4]] for row in rows]
    assert np.sum(parts, axis=0) == pytest.approx(total, abs=1e-9)
    found = numbers(made)
    kinds = [found[f"reasons.{n}.24",].estimate.value for n in ("controllable", "open", "at_most")]
    assert kinds[0] + kinds[1] == pytest.approx(kinds[2])


def test_status_and_assumptions_are_named(branch):
    section = branch("many")[-1][0]
    found = {f.id: (str(f.status), f.assumptions) for f in section.findings}
    assert found["reasons.largest"] == ("measured", ())
    assert found["reasons.controllable"] == ("estimated", ("controllable_as_declared",))
    assert found["reasons.net"] == ("estimated", ("independent_causes",))
    assert [f.questions for f in section.findings if f.id == "reasons.controllable"] == [(5,)]


def test_contracts_that_may_have_been_deleted_are_an_assumption(tmp_path):
    section = told(tmp_path, contracts(1500), opens="")[-1][0]
    found = {f.id: f.assumptions for f in section.findings}
    assert found["reasons.largest"] == ("all_contracts_kept",)
    assert found["reasons.net"] == ("all_contracts_kept", "independent_causes")


def test_small_causes_are_merged_and_named(tmp_path):
    *_, made = told(tmp_path, contracts(700, weights=(0.6, 0.01, 0.36, 0.01, 0.01, 0.01)))
    rows = made[0].tables[0].rows
    named = {Words("en_GB").text(row[0]): row[1] for row in rows}
    assert set(named) == {"price", "moving house", "all other reasons", "all reasons together"}
    assert all(leavers >= 10 for leavers in named.values())
    assert "taken together" in Words("en_GB").say(made[0].tables[0].note)
    assert {r.group["cause"] for r in made[0].results if r.group} == {"price", "moved", "(rest)"}


def test_a_cause_too_small_alone_takes_the_next_with_it(tmp_path):
    weights = (0.6, 0.0, 0.38, 0.02, 0.0, 0.0)
    *_, made = told(tmp_path, contracts(300, weights=weights, seed=3))
    rows = {row[0].key: row[1] for row in made[0].tables[0].rows}
    assert set(rows) == {"price", "reasons.name.rest", "reasons.name.all"}
    assert rows["reasons.name.rest"] >= 10


@pytest.mark.parametrize("case", ["one and few", "one and few unknown"])
def test_one_cause_of_too_few_does_not_hide_the_others_nor_follows_from_them(branch, case):
    _, table, _, _, made = branch(case)
    few = [int(m[:, :24].sum()) for m in table.in_state()[1]]
    assert 0 < min(few) < 10 < max(few)
    section, found = made[0], numbers(made)
    assert section.needed
    assert section.left_out is None
    leavers = {e.estimate.value for n, e in found.items() if n[0] == "reasons.leavers.24"}
    assert leavers == {sum(few)}
    said = " ".join(t for w in ("de_DE", "en_GB") for t in spoken(section, Words(w)))
    assert "Preis (mit seltenen Gründen)" in said
    assert "fewer than 10 of all leavings are" in said


def test_what_few_of_a_group_left_for_follows_from_nothing_shown():
    pairs = {("a", "price"): 90, ("a", "moved"): 3, ("a", "died"): 20, ("b", "price"): 80}
    pairs |= {("b", "moved"): 40, ("b", "died"): 15, ("c", "price"): 70, ("c", "moved"): 50}
    pairs |= {("c", "died"): 30}
    few = levels.few(pairs, 10)
    assert ("a", "moved") in few
    for i in (0, 1):
        for key in {p[i] for p in pairs}:
            hidden = [n for p, n in pairs.items() if p[i] == key and p in few]
            assert not hidden or sum(hidden) >= 10
    assert few == {("a", "moved"), ("a", "died"), ("b", "moved")}
    assert levels.few({("a", "price"): 50, ("a", "moved"): 0}, 10) == {("a", "moved")}


def test_many_causes_are_told_apart_up_to_a_number(tmp_path):
    names = [f"c{i}" for i in range(12)]
    *_, made = told(tmp_path, contracts(3000, cases=names), causes=alike(names))
    assert len(made[0].figures[0].lines) == 7


def test_what_is_shown_is_conditional_where_beginnings_were_not_seen(tmp_path):
    text = contracts(2500, begins=500)
    _, table, given, _, made = told(tmp_path, text, opens="2022-01-01", mean=0)
    assert given > 0
    found, section = numbers(made), made[0]
    span = int(next(n[0] for n in found if n[0].startswith("reasons.controllable")).split(".")[-1])
    curve = aalen_johansen(table, given=given)["price"]
    same(found[f"reasons.incidence.{span}", "price"].estimate, curve.at(span))
    curves = aalen_johansen(table, given=given)
    whole = sum(float(c.value[span]) for c in curves.values())
    part = sum(float(curves[c].value[span]) for c in ("price", "service"))
    share = found[f"reasons.controllable.{span}",].estimate.value
    assert share == pytest.approx(part / whole)
    assert not any("months_lost" in n[0] for n in found)
    assert "have been there for" in Words("en_GB").say(section.findings[0].sentence)


def test_groups_are_tested_cause_by_cause_in_the_appendix(branch):
    *_, groups, made = branch("many")
    found, tables = numbers(made), [*groups["tariff"].values()]
    shown = made[0].tables[0].rows[:-1]
    causes = [r.group["cause"] for r in made[0].results if r.id == "reasons.leavers.24" and r.group]
    assert len(causes) == len(shown)
    small = dict.fromkeys(set(tables[0].causes) - set(causes), "(rest)")
    merged = [merge_causes(t, {c: n for c, n in small.items() if c in t.causes}) for t in tables]
    tests = [gray_test(merged, c) for c in causes]
    for cause, test, holm in zip(causes, tests, adjusted([t.p for t in tests]), strict=True):
        assert found["reasons.gray.tariff", cause].estimate.value == test.statistic
        assert found["reasons.gray.tariff.p", cause].estimate.value == test.p
        assert found["reasons.gray.tariff.holm", cause].estimate.value == holm
    assert made[1].id == "appendix.reasons"


def test_a_share_of_few_leavers_is_not_shown(branch):
    *_, made = branch("no overlap")
    found = numbers(made)
    missing = [r.estimate for n, r in found.items() if "T1" in n and n[0].startswith("reasons.inc")]
    assert missing
    assert {(e.value, e.low, e.events, e.reason) for e in missing} == {
        (None, None, None, "few_leavers")
    }


@pytest.mark.parametrize(
    ("case", "columns", "note"),
    [("many", 6, "columns"), ("5 groups", 4, "tests"), ("20 groups", 1, "untested")],
)
def test_many_levels_are_tested_without_columns_or_not_at_all(branch, case, columns, note):
    *_, made = branch(case)
    (table,) = made[1].tables
    assert len(table.columns) == columns
    assert table.note.key == f"reasons.by_note.{note}"


def test_without_groups_the_appendix_tells_the_method(tmp_path):
    *_, made = told(tmp_path, **BRANCHES["many"] | {"grouped": False})
    assert made[1].tables == []
    assert len(made[1].paragraphs) == 4
