"""Who stays longer: two levels, many levels, and customers alike in another group."""

import pytest

import stammkunde as sk
from stammkunde.chapters.lifetimes.compare import who
from stammkunde.chapters.lifetimes.inside import Inside
from stammkunde.survival.contrasts import (
    against_the_rest,
    heterogeneity,
    logrank,
    stratified_difference,
    stratum_differences,
)
from tests.chapters.lives import is_sayable, said, study, table

GROUPS = """
[groups.branch]
column = "b"
title = { de = "Filiale", en = "branch" }
[groups.term]
column = "t"
title = { de = "Laufzeit", en = "term" }
"""


def asked(folder):
    return study(folder, more=GROUPS, report="mean_horizon = 24")


def lives(hazard, persons=800, units=36):
    return table([hazard] * units, persons)


def results(section):
    found = {}
    for r in section.results:
        found.setdefault(r.id.removeprefix("lifetimes."), []).append(r.estimate)
    return found


TWO = {"A": lives(0.02), "B": lives(0.05)}


def test_the_numbers_of_two_levels_are_the_kernels(tmp_path):
    section = who(asked(tmp_path), TWO, "branch")
    found = results(section)
    a, b = (sk.kaplan_meier(t) for t in TWO.values())
    assert found["ratio.branch"][0].value == sk.survival.rmst_ratio(a, b, 24).value
    gap = sk.survival.survival_difference(a, b, 12)
    own = found["difference.branch.survival.12"][0]
    assert (own.value, own.low, own.high) == (gap.value, gap.low, gap.high)
    early = logrank([*TWO.values()], rho=1)
    assert found["logrank.branch.early.p"][0].value == early.p
    assert found["logrank.branch.early"][0].value == early.statistic
    assert is_sayable(section)


def within(hazards):
    return Inside("term", {key: lives(h, n) for key, (h, n) in hazards.items()})


INSIDE = {
    "is smaller": within(
        {("A", "x"): (0.01, 700), ("A", "y"): (0.06, 100)}
        | {("B", "x"): (0.011, 100), ("B", "y"): (0.062, 700)}
    ),
    "is larger": within(
        {("A", "x"): (0.01, 100), ("A", "y"): (0.03, 700)}
        | {("B", "x"): (0.025, 700), ("B", "y"): (0.06, 100)}
    ),
    "another among them than among all is not established": within(
        {("A", "x"): (0.02, 400), ("A", "y"): (0.02, 400)}
        | {("B", "x"): (0.05, 400), ("B", "y"): (0.05, 400)}
    ),
    "cannot be compared": within({("A", "x"): (0.02, 800), ("B", "y"): (0.05, 800)}),
    "differs by term: “x” ": within(
        {("A", "x"): (0.01, 400), ("A", "y"): (0.05, 400)}
        | {("B", "x"): (0.08, 400), ("B", "y"): (0.05, 400)}
    ),
    "among all it is more": within(
        {("A", "x"): (0.005, 700), ("A", "y"): (0.05, 100)}
        | {("B", "x"): (0.02, 100), ("B", "y"): (0.051, 700)}
    ),
    "among all it is less": within(
        {("A", "x"): (0.002, 300), ("A", "y"): (0.05, 500)}
        | {("B", "x"): (0.03, 500), ("B", "y"): (0.06, 300)}
    ),
    "is reversed": within(
        {("A", "x"): (0.02, 700), ("A", "y"): (0.05, 100)}
        | {("B", "x"): (0.012, 100), ("B", "y"): (0.032, 700)}
    ),
    "among all it has the other sign": within(
        {("A", "x"): (0.02, 700), ("A", "y"): (0.08, 100)}
        | {("B", "x"): (0.018, 100), ("B", "y"): (0.03, 700)}
    ),
}


def arms(among):
    """Return the tables of both levels, those of the other group together."""
    found = {}
    for (level, _), lives_ in among.tables.items():
        found[level] = found[level] + lives_ if level in found else lives_
    return found


@pytest.mark.parametrize("says", INSIDE)
def test_customers_alike_in_another_group_are_compared(tmp_path, says):
    among = INSIDE[says]
    section = who(asked(tmp_path), arms(among), "branch", among)
    assert says in said(section)
    assert is_sayable(section)
    found = results(section)
    own = found.get("difference.branch.within.term")
    if not own:
        assert says == "cannot be compared"
        return
    pairs = [(among.tables["A", s], among.tables["B", s]) for s in "xy"]
    each = [e.value for e in stratum_differences(pairs, 24)]
    assert [e.value for e in own] == [stratified_difference(pairs, 24).value, *each]
    test = heterogeneity(pairs, 24)
    assert found["difference.branch.within.term.alike.p"][0].value == test.p
    (strata,) = [t for t in section.tables if t.id == "lifetimes.difference.branch.within.term"]
    assert [row[-1].value for row in strata.rows] == [*each, own[0].value]


def test_weights_alone_make_no_verdict(tmp_path):
    """B leaves alike in x and y, and A more of x: the mean differs from the plain by weights."""
    among = within(
        {("A", "x"): (0.005, 700), ("A", "y"): (0.05, 100)}
        | {("B", "x"): (0.05, 100), ("B", "y"): (0.05, 700)}
    )
    section = who(asked(tmp_path), arms(among), "branch", among)
    found = results(section)
    own, gap = found["difference.branch.within.term"][0], found["difference.branch"][0]
    assert own.value < gap.low
    assert "among all it is" not in said(section)
    assert "is smaller" not in said(section)
    assert found["difference.branch.within.term.beyond.first"][0].value == pytest.approx(0, abs=0.1)


def test_small_levels_of_the_other_group_are_hidden_and_many_are_told_by_the_ends(tmp_path):
    among = within(
        {
            (level, f"t{i}"): (0.002 if level == "A" and i > 3 else 0.05, 150)
            for level in "AB"
            for i in range(7)
        }
        | {("A", "tiny"): (0.3, 6), ("B", "tiny"): (0.3, 6)}
    )
    among.tables["A", "tiny"], among.tables["B", "tiny"] = (lives(0.05, 6) for _ in "AB")
    section = who(asked(tmp_path), arms(among), "branch", among)
    (strata,) = [t for t in section.tables if t.id == "lifetimes.difference.branch.within.term"]
    assert len(strata.rows) == 8
    assert strata.note.values["more"].values["count"] == 1
    (finding,) = [f for f in section.findings if f.id.endswith("within.term")]
    assert len(finding.sentence.values["levels"]) == 2
    assert is_sayable(section)


def test_levels_apart_are_named_and_marked_as_the_kernel_has_them(tmp_path):
    many = {f"b{i}": lives(0.03) for i in range(6)} | {"odd": lives(0.08), "good": lives(0.005)}
    section = who(asked(tmp_path), many, "branch")
    assert "lie apart from all others together" in said(section)
    kernel = against_the_rest(many, 24)
    marks = {str(row[0]): row[-1] for row in section.tables[0].rows}
    for level, contrast in kernel.items():
        gap = contrast.difference
        side = "longer" if gap.low > 0 else "shorter" if gap.high < 0 else None
        assert marks[level] == side or marks[level].key == f"groups.mark.{side}"
    assert marks["odd"].key == "groups.mark.shorter"
    values = [e.value for e in results(section)["apart.branch"]]
    assert values == [kernel[n].difference.value for n in sorted(many)]
    assert is_sayable(section)


def test_alike_levels_are_not_told_apart(tmp_path):
    section = who(asked(tmp_path), {f"b{i}": lives(0.03) for i in range(5)}, "branch")
    assert "is not established" in said(section)
    assert is_sayable(section)


@pytest.mark.long
def test_of_500_groups_the_largest_are_pictured_and_all_are_in_the_workbook(tmp_path):
    many = {f"b{i:03}": lives(0.03 + 0.0001 * (i % 7), 40 + i, 30) for i in range(500)}
    section = who(asked(tmp_path), many, "branch")
    assert len(section.figures[0].lines) == 8
    assert [str(line.label) for line in section.figures[0].lines] == sorted(many)[-8:]
    shown, every = section.tables
    assert (len(shown.rows), len(every.rows)) == (8, 500)
    assert shown.in_report
    assert not every.in_report
    assert is_sayable(section)


DEGENERATE = {
    "one customer each": {"A": lives(0.1, 1), "B": lives(0.1, 1)},
    "all censored": {n: lives(0.0, 60) for n in "ABC"},
    "all leave in month one": {n: table([1.0], 60) for n in "ABC"},
    "no overlap": {"A": table([0.05] * 30, 200), "B": table([0.05] * 30, 200, late=20)},
    "short and long": {"A": lives(0.05, 200, 4), "B": lives(0.05, 200), "C": lives(0.02, 200)},
}


@pytest.mark.parametrize("case", DEGENERATE)
def test_degenerate_data_give_sentences(tmp_path, case):
    section = who(asked(tmp_path), DEGENERATE[case], "branch")
    assert is_sayable(section)
    assert section.findings or section.left_out
