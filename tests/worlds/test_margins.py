"""The energy supplier's margins and the worth of its base, held against what is true of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from stammkunde import chapters as tell
from stammkunde.study import read_spells, read_study
from stammkunde.survival.margins import between, margin_change, margins, margins_by, mean_margin
from stammkunde.workspace import Workspace
from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom.onward import base_as_observed, onward
from stammkunde.worlds.musterstrom.truth import money
from tests.validate.worlds_files import CLIENTS
from tests.validate.worlds_musterstrom import tables
from tests.validate.worlds_musterstrom_ahead import without_prices
from tests.worlds.once import KIND, NOW, SEED, course_once

AHEAD = 120


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """The shipped world as its IT delivers it: the study, and its spells."""
    workspace, name = Workspace(tmp_path_factory.mktemp("supplier")), KIND.name
    for place in (workspace.clients, workspace.raw / name):
        place.mkdir(parents=True)
    shutil.copy(Path(CLIENTS) / f"{name}.toml", workspace.clients)
    made = tables(KIND.world(seed=SEED, size=KIND.size))
    for file, data in KIND.files(made).items():
        (workspace.raw / name / file).write_bytes(data)
    study = without_prices(read_study(name, workspace=workspace))
    return study, read_spells(study)


def test_the_mean_margin_by_tenure_is_the_true_one(client):
    found, true = margins(client[1]), money(course_once())
    assert [row["id"] for row in true] == [f"margin.unit.{t}" for t in (1, 37, 61)]
    for row in true:
        told = mean_margin(found, int(row["id"].rpartition(".")[2]))
        assert told.low < row["value"] < told.high


def test_margins_grow_by_sorting_alone(client):
    """The claim that a person's margin grows is planted as false: its truth is 0."""
    _, spells = client
    change = margin_change(margins(spells), 1, 61)
    assert change.total.low > 0
    assert change.leaving.low > 0
    assert change.observed.low < 0 < change.observed.high
    pairs = between(spells)
    assert (pairs.per_month.value, pairs.changed.value) == (0, 0)
    assert pairs.changed.high < 0.002


@pytest.mark.long
def test_the_value_of_the_base_is_the_true_one(client):
    """Euros that are there by usage, times the months that the process still gives each of them.

    As observed: the window's price rises and advertising go on, which the data cannot know ended.
    """
    study, spells = client
    section = tell.worth(study, spells, tell.read_outlook(study, spells))
    told = {r.id: r.estimate for r in section.results if not r.group}
    known = onward(NOW, course_once())
    true = 0.0
    for (level,), found in margins_by(spells, ("usage",)).items():
        euros = found.censored[1].sum() / 100
        true += euros * base_as_observed(known, usage=p.USAGE.index(level))
    plain = told[f"outlook.base.value.undiscounted.{AHEAD}"]
    assert plain.low < true < plain.high
    assert told[f"outlook.base.value.{AHEAD}"].high < true
