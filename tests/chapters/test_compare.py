"""Who stays longer: two levels, many levels, and customers alike in another group."""

import pytest

import stammkunde as sk
from stammkunde.chapters.lifetimes.compare import who
from stammkunde.chapters.lifetimes.inside import Inside
from stammkunde.survival.contrasts import against_the_rest, logrank, stratified_difference
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
        | {("B", "x"): (0.01, 100), ("B", "y"): (0.06, 700)}
    ),
    "is larger": within(
        {("A", "x"): (0.005, 400), ("A", "y"): (0.01, 400)}
        | {("B", "x"): (0.10, 400), ("B", "y"): (0.12, 400)}
    ),
    "is about the same": within(
        {("A", "x"): (0.02, 400), ("A", "y"): (0.02, 400)}
        | {("B", "x"): (0.05, 400), ("B", "y"): (0.05, 400)}
    ),
    "cannot be compared": within({("A", "x"): (0.02, 800), ("B", "y"): (0.05, 800)}),
}


@pytest.mark.parametrize("says", INSIDE)
def test_customers_alike_in_another_group_are_compared(tmp_path, says):
    section = who(asked(tmp_path), TWO, "branch", INSIDE[says])
    assert says in said(section)
    assert is_sayable(section)
    own = results(section).get("difference.branch.within.term")
    if own:
        tables = INSIDE[says].tables
        pairs = [(tables["A", s], tables["B", s]) for s in "xy"]
        assert own[0].value == stratified_difference(pairs, 24).value
    else:
        assert says == "cannot be compared"


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
