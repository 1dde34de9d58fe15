"""Questions about a day against the same answer computed customer by customer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from stammkunde.evidence.asking.ask import made_of
from stammkunde.evidence.asking.estimand import estimand_of
from stammkunde.evidence.asking.on_a_day import by_cluster
from tests.evidence.asked import (
    Read,
    Spell,
    Subject,
    agrees,
    asked,
    later,
    plain,
    question,
    spells_of,
    told,
    world,
)

DAY = date(2021, 7, 15)


@pytest.fixture(scope="module")
def read() -> Read:
    made = world()
    spells, tables = made.read()
    return made, spells, tables, spells_of(spells)


def on_the_day(own: list[Spell], day: date) -> list[Subject]:
    found = []
    for s in own:
        if (seen := s.from_day(day)) is not None:
            found.append(Subject(s.met == "y", s.kind, 0, *seen, cluster=s.region))
    return found


@pytest.mark.long
def test_a_policy_from_a_day_on(read: Read) -> None:
    asks = question("y", "n", column="met", day=DAY, alike=("kind",), assignment="drawn")
    made = asked(read, asks)
    agrees(made, on_the_day(read[3], DAY))
    then = [
        Subject(False, 0, x.begin, x.finish, x.left)
        for x in on_the_day(read[3], later(DAY, -12))
        if x.treated
    ]
    now = [
        Subject(True, 0, x.begin, x.finish, x.left) for x in on_the_day(read[3], DAY) if x.treated
    ]
    assert told(made)["before"] == pytest.approx(plain([*now, *then], 12)[0], abs=1e-12)
    # a year before the window nobody was observed: then there is no such number
    early = asked(read, question("y", "n", column="met", day=date(2021, 2, 1), assignment="drawn"))
    assert [s.name for s in early.steps] == ["before", "all"]
    usual = early.steps[0].months
    assert (usual.value, usual.reason) == (None, "not_observed")
    assert early.months.value is not None


def test_the_day_a_horizon_before_the_end_of_a_long_month(read: Read) -> None:
    """28 February stands for 31 March a month earlier, and for nothing else."""
    made = asked(read, question("y", "n", column="met", day=date(2021, 3, 31), horizon=1,
                                assignment="drawn"))  # fmt: skip
    then = [Subject(False, 0, 0, x.finish, x.left)
            for x in on_the_day(read[3], date(2021, 2, 28)) if x.treated]  # fmt: skip
    now = [Subject(True, 0, 0, x.finish, x.left)
           for x in on_the_day(read[3], date(2021, 3, 31)) if x.treated]  # fmt: skip
    assert told(made)["before"] == pytest.approx(plain([*now, *then], 1)[0], abs=1e-12)


@pytest.mark.long
def test_regions_count_as_one_each(read: Read) -> None:
    """The error is that of leaving out a region at a time, its t of so many regions less two."""
    asks = question("y", "n", column="met", day=DAY, cluster="region", assignment="drawn")
    made = asked(read, asks)
    subjects = on_the_day(read[3], DAY)
    agrees(made, subjects, alike=False)
    regions = sorted({s.cluster for s in subjects})
    without = np.array(
        [plain([s for s in subjects if s.cluster != r], 12, alike=False)[0] for r in regions]
    )
    g = len(regions)
    se = np.sqrt((g - 1) / g * ((without - without.mean()) ** 2).sum())
    assert made.months.se == pytest.approx(se, rel=1e-9)
    assert made.trial.clusters == g == 24
    one = asked(read, question("y", "n", column="met", day=DAY, assignment="drawn"))
    assert one.months.value == pytest.approx(made.months.value, abs=1e-12)
    assert one.months.se != pytest.approx(made.months.se, rel=1e-3)
    assert made.months.low is not None
    assert made.months.value is not None
    assert made.months.value - made.months.low == pytest.approx(2.0739 * se, rel=1e-4)


def test_more_regions_than_blocks_share_them() -> None:
    w = world()
    number = w.contracts.who.str[1:].astype(int) % 300
    many = w.contracts.assign(
        region=number.map("r{:03}".format), met=np.where(number % 2, "n", "y")
    )
    spells, tables = replace(w, contracts=many).read()
    blocks = by_cluster(spells, "region").relation.execute()
    assert (blocks.block == blocks["group region"].str[1:].astype(int) % 256).all()
    asks = question("y", "n", column="met", day=DAY, cluster="region", assignment="drawn")
    made = made_of(asks, estimand_of(asks), spells, tables)
    agrees(made, on_the_day(spells_of(spells), DAY), alike=False)
    held = np.any([a.heads > 0 for a in made.trial.arms.values()], axis=0)
    assert 200 < made.trial.clusters == held.sum() <= 256


@pytest.mark.parametrize(
    ("unit", "horizon", "before"),
    [("week", 20, 140), pytest.param("quarter", 4, 365, marks=pytest.mark.long)],
)
def test_other_units_of_tenure(unit: str, horizon: int, before: int) -> None:
    spells, tables = world().read(unit)
    own = spells_of(spells)
    asks = question("y", "n", column="met", day=DAY, alike=("kind",), assignment="drawn")
    asks = replace(asks, horizon=horizon)
    made = made_of(asks, estimand_of(asks, unit=unit), spells, tables)
    now, then = on_the_day(own, DAY), on_the_day(own, DAY - timedelta(days=before))
    agrees(made, now, horizon)
    both = [Subject(on, 0, 0, x.finish, x.left)
            for on, days in ((True, now), (False, then)) for x in days if x.treated]  # fmt: skip
    assert told(made)["before"] == pytest.approx(plain(both, horizon)[0], abs=1e-12)
    assert made.around is None
