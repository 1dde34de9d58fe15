"""Clients of whom little or nothing can be said: both chapters say so, in words and in numbers."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

import stammkunde as sk
from stammkunde import chapters as tell
from stammkunde.chapters.exhibit import Section
from stammkunde.report.words import Words
from stammkunde.study import Study
from stammkunde.workspace import Workspace
from tests.chapters.lives import is_sayable

TOML = """
schema = 1

[client]
name = { de = "Muster", en = "Muster" }
as_of = 2024-12-31

[window]
open = 2018-01-01
close = 2025-01-01

[contracts]
file = "c.csv"
person = "customer"
start = "begin"
end = "last"
reason = "why"

[causes.price]
reasons = ["price"]
title = { de = "Preis", en = "price" }

[causes.moved]
reasons = ["moved"]
title = { de = "Umzug", en = "moving house" }
controllable = false

[groups.tariff]
column = "tariff"
title = { de = "Tarif", en = "tariff" }

[groups.channel]
column = "channel"
title = { de = "Weg", en = "channel" }

[covariates.age]
column = "age"
title = { de = "Alter", en = "age" }
kind = "number"

[report]
horizons = [12, 24]
mean_horizon = 24
"""
HEAD = "customer,begin,last,why,tariff,channel,age"
CLOSE, OPEN = date(2025, 1, 1), date(2018, 1, 1)


def contracts(
    count: int,
    *,
    hazard: float = 0.04,
    begins: date = OPEN,
    days: int = 2200,
    moved: float = 0.3,
    tariffs: int = 2,
    stay: int = 0,
) -> str:
    """Return contracts begun within `days`; all of `stay` days, or of months with a hazard."""
    random = np.random.default_rng(1)
    rows = [HEAD]
    for i in range(count):
        begin = begins + timedelta(int(random.integers(0, days)))
        months = int(random.geometric(hazard)) if hazard else 10**3
        last = begin + timedelta(stay or 30 * months)
        why = "moved" if random.random() < moved else "price"
        end = f"{last},{why}" if last < CLOSE else ","
        kind, age = "ab"[int(random.integers(0, 2))], int(random.integers(18, 80))
        rows.append(f"K{i},{begin},{end},T{i % tariffs},{kind},{age}")
    return "\n".join(rows) + "\n"


CLIENTS = {
    "one customer": contracts(1, days=10),
    "one customer, who left": contracts(1, days=10, stay=100),
    "ten customers": contracts(10),
    "nobody left": contracts(60, hazard=0, days=400),
    "all left in month one": contracts(200, days=400, stay=5),
    "begun on one day": contracts(100, days=1),
    "all seen late": contracts(300, hazard=0.01, begins=date(2014, 1, 1), days=700),
    "a reason with few": contracts(300, days=700, moved=0.01),
    "500 groups": contracts(1000, days=400, tariffs=500),
    "groups that follow from each other": contracts(300, days=700).replace(",T1,b,", ",T1,a,"),
}
# of these nothing at all may be said of how long they stay
TOO_FEW = ("one customer", "one customer, who left")


def study_of(folder: Path, rows: str) -> Study:
    for name in ("clients", "notebooks", "data/raw/muster"):
        (folder / name).mkdir(parents=True)
    (folder / "clients/muster.toml").write_text(TOML, encoding="utf-8")
    (folder / "data/raw/muster/c.csv").write_text(rows, encoding="utf-8")
    return sk.read_study("muster", workspace=Workspace(folder))


def sections(study: Study) -> Iterator[Section]:
    """Yield the sections of both chapters, as the notebooks ask for them."""
    spells = sk.read_spells(study)
    table = sk.life_table(spells)
    given = tell.seen_from(study, table)
    beside = study.beside()
    yield tell.how_long(study, sk.kaplan_meier(table, given=given), given)
    yield tell.further(study, table)
    yield tell.when(study, table, given)
    yield tell.persons(study, spells)
    yield tell.cohorts(study, sk.life_tables(spells.first(), by="cohort"))
    yield tell.calendar(study, spells, beside)
    yield tell.data(study, spells, beside)
    groups = {n: sk.life_tables(spells, by=n) for n in spells.groups}
    yield from tell.why(study, table, given, {"tariff": groups["tariff"]})
    for name, tables in groups.items():
        yield tell.who(study, tables, name, tell.inside(study, spells, name))
    found = tell.read_drivers(study, spells)
    yield from tell.drivers(study, found)
    yield tell.accuracy(study, found)


@pytest.mark.long
@pytest.mark.parametrize("name", CLIENTS)
def test_every_section_speaks_without_warning_or_nan(tmp_path: Path, name: str) -> None:
    with warnings.catch_warnings():
        for kind in (RuntimeWarning, UserWarning, FutureWarning):
            warnings.simplefilter("error", kind)
        made = list(sections(study_of(tmp_path, CLIENTS[name])))
    assert all(is_sayable(section) for section in made)
    estimates = [r.estimate for section in made for r in section.results]
    numbers = [x for e in estimates for x in (e.value, e.low, e.high) if x is not None]
    assert np.isfinite(numbers).all()
    for e in estimates:
        assert e.value is not None or e.reason
        if e.value is not None and e.low is not None and e.high is not None:
            assert e.low <= e.value <= e.high
        if e.value is not None and e.unit == "share":
            assert -1 <= e.value <= 1
    if name in TOO_FEW:
        assert not any(r.id.startswith("lifetimes.survival") for s in made for r in s.results)


def test_of_one_customer_no_number_is_told(tmp_path: Path) -> None:
    first = next(sections(study_of(tmp_path, CLIENTS["one customer"])))
    said = " ".join(Words("en_GB").say(f.sentence) for f in first.findings)
    assert "too few" in said
    assert "%" not in said
