"""Differences that cannot be told from when customers began, or from those of other columns."""

from __future__ import annotations

import numpy as np
import pytest

from stammkunde.chapters.reasons.dotted import MOST_LINES, figures
from stammkunde.chapters.reasons.drivers import drivers
from stammkunde.chapters.reasons.fitted import Drivers
from stammkunde.chapters.reasons.pairs import words_of
from stammkunde.errors import ParameterError
from stammkunde.report.sentences import languages
from stammkunde.report.words import Words
from stammkunde.result import Status
from stammkunde.survival.drivers.window import among, merged
from tests.chapters.columns import (
    AGE,
    COUNT,
    MONTHS,
    REGION,
    REPORT,
    TARIFF,
    client,
    columns,
    hazards,
    lines,
    read,
)
from tests.chapters.lives import is_sayable, untraced

LEVEL = AGE.replace('"number"', '"level"')
SEVERAL = "".join(
    f'[covariates.{n}]\ncolumn = "{n}"\ntitle = {{ de = "Spalte {n}", en = "column {n}" }}\n'
    for n in ("twin", "reason", "old")
)


def replaced(text: str) -> str:
    """Return the contracts, those begun from 2020 on with the tariff "plus" and no other."""
    head, *rows = text.strip().split("\n")
    out = []
    for row in rows:
        who, begin, last, _, *more = row.split(",")
        out.append(",".join([who, begin, last, "plus" if begin >= "2020" else "basic", *more]))
    return "\n".join([head, *out]) + "\n"


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A client whose tariff was replaced, with a region that has a twin, and its model."""
    made = columns(COUNT)
    rng = np.random.default_rng(9)
    twin = np.where(rng.random(COUNT) < 0.75, made["region"], rng.choice(["north", "south"], COUNT))
    made |= {"twin": np.where(twin == "", "none", twin)}
    south = (made["region"] == "south")[:, None]
    text = replaced(lines(made, hazards(made, 1.0) * np.where(south, 2.5, 1.0)))
    # the reason of leaving, under a name of its own, and words for those who stay
    head, *rows = text.strip().split("\n")
    gone = [row.split(",")[2] != "" for row in rows]
    why = ["price" if g and i % 3 else "running" for i, g in enumerate(gone)]
    text = "\n".join([head + ",reason", *(f"{r},{w}" for r, w in zip(rows, why, strict=True))])
    declared = SEVERAL.split("[covariates.old]")[0]
    more = TARIFF + REGION + AGE + declared
    study = client(tmp_path_factory.mktemp("a"), text + "\n", more=more, report=REPORT)
    return study, read(study)


def by_id(section, name):
    return [f for f in section.findings if f.id == name]


def test_a_tariff_that_was_replaced_cannot_be_told_from_when_customers_began(told):
    study, found = told
    start = found.starts["tariff", found.cells.factors[0].levels[1]]
    assert start.share == 1.0
    main, appendix = drivers(study, found)
    (said,) = by_id(main, "drivers.start")
    assert said.status is Status.NOT_IDENTIFIABLE
    assert (
        Words("en_GB")
        .say(said.sentence)
        .startswith(
            "By tariff the difference cannot be told apart from that between earlier and later"
            " beginners: 100%"
        )
    )
    own = [d.months for d in found.differences if d.factor == "tariff"]
    assert all("cohorts_alike" in e.assumptions for e in own)
    others = [d.months for d in found.differences if d.factor != "tariff"]
    assert not any("cohorts_alike" in e.assumptions for e in others)
    assert "appendix.start" in {t.id for t in appendix.tables}


def test_twins_are_tested_together_and_said_to_be_hard_to_tell_apart(told):
    study, found = told
    (pair,) = found.together
    assert pair.alike.columns == ("region", "twin")
    assert pair.is_decided
    main, _ = drivers(study, found)
    (said,) = by_id(main, "drivers.together")
    text = Words("en_GB").say(said.sentence)
    assert text.startswith("region and column twin tell nearly the same")
    assert "on its own only by: region" in text
    (first,) = by_id(main, "drivers.largest")
    assert "Nearly the same is told by: column twin" in Words("en_GB").say(first.sentence)
    rows = {Words("en_GB").text(r[0]): r[-1] for r in main.tables[0].rows}
    assert rows["region: south"] is True
    assert Words("en_GB").cell(rows["column twin: south"]) == "only together"


def test_a_renamed_reason_is_no_driver(told):
    _, found = told
    assert "reason" in {x.column for x in found.left_out if x.why == "leaking"}


def test_all_numbers_are_results_and_all_is_sayable(told):
    study, found = told
    sections = drivers(study, found)
    assert all(is_sayable(s) for s in sections)
    assert untraced(sections[0]) == []
    ids = {(r.id, tuple(r.group.items())) for s in sections for r in s.results}
    assert len(ids) == sum(len(s.results) for s in sections)


def test_pictures_are_no_taller_than_half_a_page(told):
    study, found = told
    drawn = figures(study, found, words_of(study, found))
    shown = [d.label for f in drawn for d in f.dots]
    assert len(shown) == len(found.differences)
    for figure in drawn:
        heads = {Words("en_GB").text(d.group) for d in figure.dots}
        assert len(figure.dots) + len(heads) <= MOST_LINES
    assert len({f.id for f in drawn}) == len(drawn)
    for language in languages():
        assert all(Words(language).say(f.title) for f in drawn)


def test_no_one_factor_for_all_tenures_is_assumed_of_a_column_with_its_own_course(tmp_path):
    made = columns(COUNT)
    course = np.where(np.arange(MONTHS) < 12, 4.0, 1.0)
    study = client(tmp_path, lines(made, hazards(made, course=course)), report=REPORT)
    found = read(study)
    main, appendix = drivers(study, found)
    assert found.courses.strata == ("tariff",)
    for finding in (*by_id(main, "drivers.largest"), *by_id(main, "drivers.uneven")):
        assert finding.assumptions == ("proportional_others",)
    kept = [d.months for d in found.differences if d.factor != "tariff"]
    assert {e.assumptions for e in kept} == {("proportional_hazards",)}
    ratios = [r.estimate for r in appendix.results if r.id == "drivers.ratio"]
    assert {e.assumptions for e in ratios} == {("proportional_hazards",)}


@pytest.fixture(scope="module")
def beside(tmp_path_factory):
    """A client in whom age "z" is found beside the tariff "special" only, and no other."""
    made = columns(COUNT)
    rng = np.random.default_rng(4)
    made["age"] = rng.choice(["x", "y", "z"], COUNT)
    made["tariff"] = np.where(made["age"] == "z", "special", made["tariff"])
    text = lines(made, hazards(made, 1.8))
    study = client(tmp_path_factory.mktemp("b"), text, more=TARIFF + REGION + LEVEL, report=REPORT)
    return study, read(study)


def test_a_level_that_exists_beside_one_level_only_is_named_and_the_rest_compared(beside):
    study, found = beside
    assert isinstance(found, Drivers)
    (out,) = [x for x in found.left_out if x.level]
    assert (out.column, out.why, out.level) == ("age", "level_follows", "z")
    assert "age" in found.cells.names
    sections = drivers(study, found)
    assert all(is_sayable(s) for s in sections)
    (table,) = [t for t in sections[1].tables if t.id == "appendix.columns"]
    assert "only the level “z”" in Words("en_GB").text(table.rows[0][1])


def test_a_level_counted_as_another_changes_nobodys_number(beside):
    _, found = beside
    cells = found.cells
    name, (first, second) = "age", cells.factors[cells.place("age")].levels
    fewer = merged(cells, name, [first], second)
    assert fewer.factors[fewer.place(name)].levels == (second,)
    rest = [n for n in cells.names if n != name]
    one, other = among(fewer, rest), among(cells, rest)
    assert np.array_equal(one.n, other.n)
    assert np.array_equal(one.levels, other.levels)
    with pytest.raises(ParameterError, match="has no levels"):
        merged(cells, name, [first], "q")


def test_the_reference_that_follows_gives_way_to_the_commonest_other(beside):
    _, found = beside
    levels = found.cells.factors[found.cells.place("age")].levels
    assert set(levels) == {"x", "y"}
    (age,) = [d for d in found.differences if d.factor == "age"]
    assert age.months.low < 0 < age.months.high
