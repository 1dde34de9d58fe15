"""What goes with leaving, where little or nothing can be said, and which columns are left out."""

from datetime import date

import numpy as np
import pytest

from stammkunde.chapters.reasons.drivers import drivers
from stammkunde.chapters.reasons.fitted import Drivers, Unfit
from stammkunde.report.words import Words
from stammkunde.survival.drivers.cells import OTHER
from tests.chapters.columns import (
    AGE,
    CLOSED,
    COUNT,
    MONTHS,
    OPENED,
    REGION,
    REPORT,
    TARIFF,
    client,
    columns,
    hazards,
    lines,
    read,
)
from tests.chapters.lives import is_sayable, said
from tests.chapters.test_dated import spoken

pytestmark = pytest.mark.long


def days(row):
    """Return for how many days a contract was seen."""
    begin, last = (x and date.fromisoformat(x).toordinal() for x in row.split(",")[1:3])
    return (last or CLOSED) - begin


def tables(sections):
    return {t.id: t for s in sections for t in s.tables}


def test_where_no_difference_is_established_that_is_said(tmp_path):
    made = columns(600)
    found = client(tmp_path, lines(made, hazards(made)), report=REPORT)
    main, _ = drivers(found, read(found))
    assert main.findings[0].sentence.key == "drivers.none"
    assert main.findings[0].importance < 0.35
    assert is_sayable(main)


def test_columns_that_are_no_drivers_are_left_out_and_said_to_be(tmp_path):
    made = columns(COUNT)
    text = lines(made, hazards(made, 1.8))
    head, *rows = text.strip().split("\n")
    gone = [row.split(",")[2] != "" for row in rows]
    more = {
        "state": ["gone" if g else "there" for g in gone],
        "area": [f"area {row.split(',')[4]}" for row in rows],
        "firm": ["ours"] * len(rows),
        "branch": [f"B{i % 40}" for i in range(len(rows))],
        "bills": [f"{days(row) * (1 + i % 3 / 10):.2f}" for i, row in enumerate(rows)],
    }
    rows = [",".join([r, *(v[i] for v in more.values())]) for i, r in enumerate(rows)]
    numbers = {"bills": 'kind = "number"\n'}
    declared = "".join(
        f'[covariates.{n}]\ncolumn = "{n}"\ntitle = {{ de = "Spalte {n}", en = "column {n}" }}\n'
        + numbers.get(n, "")
        for n in more
    )
    study = client(
        tmp_path,
        "\n".join([",".join([head, *more]), *rows]) + "\n",
        more=TARIFF + REGION + AGE + declared,
        report=REPORT,
    )
    found = read(study)
    assert {x.column: x.why for x in found.left_out} == {
        "state": "leaking",
        "area": "duplicate",
        "firm": "near_constant",
        "branch": "many_levels",
        "bills": "accumulated",
    }
    sections = drivers(study, found)
    assert len(tables(sections)["appendix.columns"].rows) == 5
    assert all(is_sayable(s) for s in sections)


def test_who_is_not_stated_is_a_level_and_never_the_headline(tmp_path):
    made = columns(COUNT)
    hazard = 0.03 * np.where(made["region"] == "", 4.0, 1.0)[:, None] * np.ones(MONTHS)
    study = client(tmp_path, lines(made, hazard), report=REPORT)
    found = read(study)
    main, _ = drivers(study, found)
    names = [Words("en_GB").text(row[0]) for row in tables([main])["drivers.differences"].rows]
    assert "region: not stated" in names
    assert {d.level for d in found.differences if found.is_decided(d)} == {"(missing)"}
    assert "not stated" not in said(main)


def test_persons_with_several_contracts_have_errors_by_block(tmp_path):
    made = columns(COUNT)
    text = lines(made, hazards(made, 1.8), per_person=3)
    study = client(tmp_path, text, report=REPORT)
    found = read(study)
    assert found.cells.repeats
    assert found.model.errors == "blocks"
    assert all(is_sayable(s) for s in drivers(study, found))


def rare(made, level, count):
    made["region"][:count] = level
    return made


def case(name):
    """Return contracts of clients of whom little or nothing can be said, and the key of why."""
    made = columns(400)
    flat = hazards(made)
    first = np.zeros((400, MONTHS))
    first[:, 0] = 1.0
    some = {
        "one customer": (columns(1), hazards(columns(1)), "too_few"),
        "all censored": (made, np.zeros((400, MONTHS)), "too_few"),
        "all leave in month one": (made, first, "short"),
        "few leavers": (made, flat / 40, "too_few"),
    }
    return some[name]


@pytest.mark.parametrize(
    "name", ["one customer", "all censored", "all leave in month one", "few leavers"]
)
def test_little_data_give_a_sentence(tmp_path, name):
    made, hazard, why = case(name)
    study = client(tmp_path, lines(made, hazard, last_start=OPENED + 365))
    found = read(study)
    assert isinstance(found, Unfit)
    sections = drivers(study, found)
    assert sections[0].left_out is not None
    assert all(is_sayable(s) for s in sections)
    assert found.why in (why, "one_column")


@pytest.mark.parametrize(
    ("more", "why"), [("", "no_columns"), (TARIFF, "one_column")], ids=["none", "one"]
)
def test_too_few_columns_are_a_reason(tmp_path, more, why):
    made = columns(300)
    found = read(client(tmp_path, lines(made, hazards(made)), more=more))
    assert found == Unfit(why)


def test_five_hundred_levels_are_left_out(tmp_path):
    made = columns(6000)
    made["region"] = np.array([f"R{i % 500}" for i in range(6000)])
    made["tariff"] = np.array([f"T{i}" for i in range(6000)])
    study = client(tmp_path, lines(made, hazards(made)), report=REPORT)
    found = read(study)
    assert {(x.column, x.why) for x in found.left_out} == {
        ("region", "many_levels"),
        ("tariff", "small_levels"),
    }
    assert found.why == "one_column"
    made = columns(2000)
    every = {n: np.array([f"{n} {i % 500}" for i in range(2000)]) for n in made}
    other = client(
        tmp_path / "b",
        lines(every, hazards(made)),
        more=TARIFF + REGION + AGE.replace('"number"', '"level"'),
    )
    found = read(other)
    assert found.why == "one_column"
    assert all(is_sayable(s) for s in drivers(other, found))


def test_groups_that_were_never_there_together(tmp_path):
    """One tariff's customers leave in the first year, the other's are seen from the second on."""
    made = columns(1200)
    hazard = np.where((made["tariff"] == "plus")[:, None], 0.5, 0.0) * np.ones(MONTHS)
    hazard[:, 12:] = np.where((made["tariff"] == "basic")[:, None], 0.05, 0.0)
    study = client(tmp_path, lines(made, hazard), report=REPORT)
    found = read(study)
    sections = drivers(study, found)
    assert all(is_sayable(s) for s in sections)
    assert not [
        r.id
        for s in sections
        for r in s.results
        if r.estimate.value is None and not r.estimate.reason
    ]


def test_columns_that_only_matter_together_do_not_stop_the_rest(tmp_path):
    """The third column follows from two others, though from neither alone."""
    made = columns(COUNT)
    odd = (made["tariff"] == "plus") ^ (made["region"] == "south")
    made["age"] = np.where(odd, "odd", "even")
    rows = {**made, "sum": np.where(made["tariff"] == "plus", 1, 0).astype(str)}
    study = client(
        tmp_path,
        lines(rows, hazards(made, 1.8)),
        more=TARIFF + REGION + AGE.replace('"number"', '"level"'),
        report=REPORT,
    )
    found = read(study)
    assert isinstance(found, Drivers)
    assert "tariff" in found.cells.names


def test_small_levels_are_put_together(tmp_path):
    made = rare(columns(COUNT), "west", 4)
    made["region"][4:9] = "east"
    study = client(tmp_path, lines(made, hazards(made, 1.8)), report=REPORT)
    found = read(study)
    levels = found.cells.factors[found.cells.place("region")].levels
    assert not {"east", "west"} & set(levels)
    assert OTHER in levels
    assert "others" in " ".join(spoken(drivers(study, found)[0], Words("en_GB")))
