"""The worlds of `make validate` are those that are shipped, and their truths are those told."""

from __future__ import annotations

import json

import numpy as np
import pytest

from stammkunde.survival.table import life_table
from stammkunde.worlds.musterstrom import process
from stammkunde.worlds.musterstrom.dates import CLOSES, DAY, OPENS, dated
from stammkunde.worlds.musterstrom.draw import draw
from tests.validate import worlds_autohaus as autohaus
from tests.validate import worlds_musterstrom as musterstrom
from tests.validate import worlds_musterstrom_ahead, worlds_musterstrom_offers
from tests.validate.counting import completed_months, table
from tests.validate.worlds import AUTOHAUS, CLIENTS, MUSTERSTROM
from tests.validate.worlds_files import spells_of

# worlds as large as clients: `make test-full` runs them
pytestmark = pytest.mark.long


@pytest.mark.parametrize("module", [musterstrom, autohaus], ids=["musterstrom", "autohaus"])
def test_the_files_are_those_of_the_whole_export(module):
    world = module.KIND.world(seed=7, size=900)
    whole, own = (world.kind.files(t) for t in (world.tables(), module.tables(world)))
    assert own
    assert {name: whole[name] for name in own} == own


@pytest.mark.parametrize("client", CLIENTS, ids=lambda c: c.name)
def test_every_primary_result_has_a_truth_and_an_estimate(client):
    truths, found = client.truths(), client.once(3, 2500)
    assert len(set(client.ids)) == len(client.ids)
    for name in client.ids:
        assert np.isfinite(truths[name])
        assert np.isfinite(found[name][0])
        assert found[name][1] <= found[name][0] <= found[name][2]


def test_the_product_reads_the_true_contracts_and_no_others():
    """Counted from what was drawn, without files, dirt and engine, the curve is the same."""
    world = musterstrom.KIND.world(seed=11, size=4000)
    policy = process.policy_of(world.levers)
    true = dated(draw(policy, seed=world.seed, size=world.size)).query("carried")
    start, last = (true[n].to_numpy().astype("datetime64[D]") for n in ("start", "last"))
    ends = ~np.isnat(last)
    seen = completed_months(start, np.full(len(start), CLOSES))
    stay = completed_months(start, np.where(ends, last, CLOSES)) + 1
    left = ends & (stay <= seen)
    late = completed_months(start, np.where(start < OPENS, OPENS - DAY, start)) + 1
    own = table(
        np.zeros(len(true), dtype=int), np.where(left, stay, seen), left,
        entry=np.where(start >= OPENS, 0, late), person=true["person"].to_numpy(),
    )  # fmt: skip
    with spells_of(world, musterstrom.tables(world)) as spells:
        read = life_table(spells)
    assert np.array_equal(own.in_state()[0].sum(axis=0), read.in_state()[0].sum(axis=0))
    leavers = [t.in_state()[1].sum(axis=(0, 1)) for t in (own, read)]
    assert np.array_equal(*leavers)


def test_the_shipped_worlds_are_judged_at_their_full_size():
    assert MUSTERSTROM.shipped == musterstrom.KIND.size
    assert AUTOHAUS.shipped == autohaus.KIND.size


def test_truths_are_those_that_the_world_tells():
    truths = musterstrom.truths()
    told = {t["id"]: t["value"] for t in musterstrom.KIND.world().truth()["truths"]}
    same = [n for n in musterstrom.IDS if n in told]
    assert len(same) == 39 + len(musterstrom.AHEAD)
    assert set(worlds_musterstrom_ahead.NAMES) <= set(told)
    assert {n: truths[n] for n in same} == {n: told[n] for n in same}
    for name, true in worlds_musterstrom_offers.TRUTHS.items():
        assert truths[name] == pytest.approx(told[true], rel=1e-9)


def test_what_the_export_cannot_show_is_all_that_returns_lack():
    """Of returners, those who had left before the migration, and the newest, are not counted."""
    truths = musterstrom.truths()
    told = {t["id"]: t["value"] for t in musterstrom.KIND.world().truth()["truths"]}
    all_of_them = told["signups.new"] + told["signups.reactivated"]
    assert 0.97 * all_of_them < truths["signups.returns"] < all_of_them


def test_incidences_and_those_who_stay_add_up():
    truths = musterstrom.truths()
    gone = sum(v for n, v in truths.items() if n.startswith("incidence.36."))
    assert gone + truths["survival.36.all"] == pytest.approx(1, abs=1e-9)
    lost = sum(v for n, v in truths.items() if n.startswith("months_lost.36."))
    missing = 36 - truths["rmst.36.all"]
    assert lost == pytest.approx((1 - musterstrom.UNKNOWN) * missing, abs=1e-9)


def test_the_stored_truths_of_the_garage_are_those_of_its_process():
    stored = json.loads(autohaus.STORED.read_text(encoding="utf-8"))
    assert stored["process_version"] == autohaus.KIND.version
    assert (stored["worlds"], stored["size"]) == (autohaus.WORLDS, autohaus.SIZE)
    assert tuple(stored["truths"]) == autohaus.IDS
    again = autohaus.counted(autohaus.FIRST_SEED, autohaus.SIZE)
    assert again == pytest.approx(stored["first"], abs=1e-12)
    for name, (value, error) in stored["truths"].items():
        # one world of 30,000 is drawn with the square root of 40 times the error
        assert abs(again[name] - value) < 4 * error * np.sqrt(autohaus.WORLDS), name
