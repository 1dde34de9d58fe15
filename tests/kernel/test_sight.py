"""Who is scored, and who stands for whom: R from rows, fractions by hand, laws, groups."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction as F

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.draws import BLOCKS
from stammkunde.errors import DataError, NotObservedError, ParameterError
from stammkunde.spells.months import completed
from stammkunde.spells.read import spells_from
from stammkunde.survival.accuracy import Predictions, brier, calibration, seen_from_start
from stammkunde.survival.accuracy.sight import MOST_GROUPS, sight
from stammkunde.survival.drivers.arrays import cells_from
from stammkunde.survival.drivers.cells import Cells, Factor, cells_of
from stammkunde.survival.drivers.window import among, within
from tests.kernel.drivers import A, B
from tests.patience import examples
from tests.reference.stored import stored

KIND = Factor("kind", ("0", "1"))


def in_r() -> tuple[dict[str, np.ndarray], dict[str, object], Predictions]:
    r = {k: np.array(v) for k, v in stored("accuracy.json").items()}
    own = {"block": np.arange(240) % BLOCKS}
    rows = (r["exit"], r["left"], np.column_stack([r["a"], r["b"]]), (A, B))
    stays = np.column_stack([np.ones(6), r["brier.stays"].reshape(6, 6)])
    return r, {"rows": rows, "own": own}, Predictions.in_sample(stays)


def test_scores_in_groups_are_those_of_rows_in_r():
    r, made, predictions = in_r()
    cells = cells_from(*made["rows"], **made["own"])
    found = brier(cells, predictions, range(1, 5), lost_by=["a"])
    scores = [p.score.value for p in found.at.values()]
    assert scores == pytest.approx(r["brier.groups"], rel=1e-12)
    plain = brier(cells, predictions, range(1, 5))
    assert scores[1:] != pytest.approx([p.score.value for p in plain.at.values()][1:], rel=1e-4)
    assert found.at[4].gain.assumptions == ("lost_alike_in_groups",)
    assert plain.at[4].gain.assumptions == ("lost_from_sight_alike",)


def test_scores_of_who_began_early_enough_are_those_of_rows_in_r():
    r, made, predictions = in_r()
    cells = cells_from(*made["rows"], **made["own"], reach=r["reach"])
    found = brier(cells, predictions, range(1, 5), lost_by=["a"])
    scores = [p.score.value for p in found.at.values()]
    assert scores == pytest.approx(r["brier.reach"], rel=1e-12)
    assert [p.score.spells for p in found.at.values()] == [
        (r["reach"] >= t).sum() for t in range(1, 5)
    ]


def two_kinds(known: bool) -> Cells:
    """Return 120 spells: of 80 of kind 0, 20 leave in unit 2; of 40 of kind 1, 10 leave in unit 1.

    Observation of another 20 of kind 1 ends after unit 1.
    """
    count = [20, 60, 10, 20, 10]
    kind, exit_, left, reach = (
        np.repeat(x, count)
        for x in ([0, 0, 1, 1, 1], [2, 2, 1, 1, 2], [1, 0, 1, 0, 0], [2, 2, 2, 1, 2])
    )
    # each block holds some of all, so that no group ends without one of them
    own = {"block": np.arange(120) % 10, "reach": reach if known else None}
    return cells_from(exit_, left, kind[:, None], (KIND,), **own)


def test_two_kinds_by_hand():
    """Predicted .7 and .5: who began late does not count, or others of his kind stand for him."""
    p, q = F(7, 10), F(1, 2)
    predictions = Predictions.in_sample(np.array([[1.0, 0.8, 0.7], [1.0, 0.6, 0.5]]))
    zero = 20 * p**2 + 60 * (1 - p) ** 2
    known = (zero + 10 * q**2 + 10 * (1 - q) ** 2) / 100
    found = brier(two_kinds(known=True), predictions, [2]).at[2]
    assert found.score.value == pytest.approx(float(known), rel=1e-14)
    assert (found.score.spells, found.score.events, found.score.assumptions) == (100, 30, ())
    # of 30 of kind 1 who did not leave 20 were lost, and each of the other 10 stands for 3
    alike = (zero + 10 * q**2 + 3 * 10 * (1 - q) ** 2) / 120
    blind = two_kinds(known=False)
    seen = sight(blind, ["kind"], 2)
    assert len(seen.until) == 1  # 10 of kind 1 are too few for a group of their own
    several = replace(blind, n=3 * blind.n)
    found = brier(several, predictions, [2], lost_by=["kind"]).at[2]
    assert found.score.value == pytest.approx(float(alike), rel=1e-14)
    # one curve of both: of 110 at the end of unit 1, 20 were lost
    weight = F(110, 90)
    mixed = weight * (zero + 10 * (1 - q) ** 2) + 10 * q**2
    found = brier(several, predictions, [2]).at[2]
    assert found.score.value == pytest.approx(float(mixed / 120), rel=1e-14)


def made(seed: int, size: int = 600) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    code = rng.integers(0, 2, size)
    stay, reach = rng.geometric(0.1 + 0.1 * code), rng.integers(1, 13 - 4 * code)
    return {
        "exit_": np.minimum(stay, reach),
        "left": stay <= reach,
        "codes": code[:, None],
        "block": rng.integers(0, BLOCKS, size),
        "reach": reach,
    }


FLAT = Predictions.in_sample(np.array([0.9, 0.8])[:, None] ** np.arange(13))


@given(st.integers(0, 2**32))
@settings(max_examples=examples(10), deadline=None)
def test_with_known_ends_a_score_is_the_mean_of_who_began_early_enough(seed):
    rows = made(seed)
    cells = cells_from(**rows, factors=(KIND,))
    found = brier(cells, FLAT, [5], lost_by=["kind"]).at[5]
    there = rows["reach"] >= 5
    stayed = ~(rows["left"] & (rows["exit_"] <= 5))[there]
    error = (stayed - np.array([0.9, 0.8])[rows["codes"][there, 0]] ** 5) ** 2
    assert found.score.value == pytest.approx(error.mean(), rel=1e-12)
    for part in calibration(cells, FLAT, 5, bins=2):
        own = stayed[rows["codes"][there, 0] == (part.predicted < 0.5)]
        assert (part.spells, part.observed.value) == (len(own), pytest.approx(own.mean()))


@given(st.integers(0, 2**32))
@settings(max_examples=examples(6), deadline=None)
def test_who_began_too_late_does_not_matter(seed):
    rows = made(seed)
    early = rows["reach"] >= 5
    rows["left"] |= ~early & (np.arange(600) % 2 == 0)
    one, two = (
        brier(cells_from(**part, factors=(KIND,)), FLAT, [5]).at[5].score
        for part in (rows, {k: v[early] for k, v in rows.items()})
    )
    assert (one.value, one.spells) == (two.value, two.spells)
    assert (one.low, one.se) == pytest.approx((two.low, two.se), rel=1e-12)


def test_groups_alike_are_one():
    rows = {**made(1), "reach": None}
    again = [{**rows, "codes": np.full_like(rows["codes"], k)} for k in (0, 1)]
    both = {k: v if v is None else np.concatenate([x[k] for x in again]) for k, v in rows.items()}
    both["exit_"] = np.minimum(both["exit_"], 6)
    both["left"] &= np.concatenate([rows["exit_"] <= 6] * 2)
    cells = cells_from(**both, factors=(KIND,))
    one, two = (brier(cells, FLAT, [5], lost_by=by).at[5] for by in ((), ("kind",)))
    assert two.score.assumptions == ("lost_alike_in_groups",)
    assert two.score.value == pytest.approx(one.score.value, rel=1e-12)


def test_there_are_few_groups_and_none_is_small():
    rng = np.random.default_rng(4)
    many = Factor("many", tuple(f"{i:02d}" for i in range(40)))
    codes = np.column_stack([rng.integers(0, 40, 3000), rng.integers(0, 2, 3000)])
    exit_ = rng.integers(1, 7, 3000)
    cells = cells_from(exit_, exit_ < 3, codes, (many, KIND))
    seen = sight(cells, ["many", "kind"], 6)
    assert 2 == len(seen.until) <= MOST_GROUPS
    assert len(sight(cells, ["kind", "many"], 6).until) == 2
    with pytest.raises(ParameterError, match="no factor"):
        sight(cells, ["colour"], 6)


def test_a_group_of_which_all_were_lost_has_no_score():
    exit_, left = np.repeat([1, 3, 4], 40), np.repeat([1, 0, 0], 40)
    cells = cells_from(exit_, left, np.zeros((120, 1), int), (KIND,), block=np.arange(120))
    flat = Predictions.in_sample(np.array([0.9]) ** np.arange(6)[None])
    found = brier(cells, flat, [4, 5])
    assert found.at[4].score.value is not None
    assert found.at[5].score.reason == "not_observed"


def test_nobody_began_early_enough():
    rows = made(2)
    short = {**rows, "reach": np.minimum(rows["reach"], 4)}
    short["left"] = rows["left"] & (rows["exit_"] <= 4)
    short["exit_"] = np.minimum(rows["exit_"], 4)
    cells = cells_from(**short, factors=(KIND,))
    assert brier(cells, FLAT, [4, 5]).at[5].gain.reason == "not_observed"
    with pytest.raises(NotObservedError, match="from its start for 5 months"):
        calibration(cells, FLAT, 5)
    with pytest.raises(DataError, match="reach is out of range"):
        cells_from(**{**rows, "reach": rows["exit_"] - 1}, factors=(KIND,))


@pytest.mark.parametrize("unit", ["month", "week", "quarter"])
def test_the_engine_counts_from_the_start_to_the_end_of_observation(unit):
    opens, close = date(2020, 1, 1), date(2023, 5, 17)
    starts = [date(2019, 6, 1) + timedelta(days=5 * i) for i in range(250)]
    ends = [s + timedelta(days=11 * i) if i % 3 else None for i, s in enumerate(starts)]
    frame = pd.DataFrame({"start": starts, "end": ends, "kind": ["a", "b"] * 125})
    own = {"start": "start", "end": "end", "by": "kind"}
    spells = spells_from(frame, **own, open=opens, close=close, unit=unit)
    cells = cells_of(spells, ["kind"], reach=True)
    used = spells.to_frame()
    wanted = Counter(
        int(r.exit) if r.entry else completed(r.start.date(), close, unit)
        for r in used.itertuples()
    )
    found: Counter[int] = Counter()
    assert cells.reach is not None
    for reach, n in zip(cells.reach.tolist(), cells.n.tolist(), strict=True):
        found[reach] += n
    assert found == wanted
    assert cells_of(spells, ["kind"]).reach is None
    # whoever is not seen to leave is seen as long as could be
    stays = ~cells.left
    assert (cells.reach[stays] == cells.finish[stays]).all()


def test_parts_keep_how_long_somebody_could_be_observed():
    cells = cells_from(**made(3), factors=(KIND,))
    assert cells.reach is not None
    one = among(cells, [])
    whole = (cells.reach * cells.n).sum()
    assert one.reach is not None
    assert (one.reach * one.n).sum() == whole
    part = within(cells, 0, 5)
    assert part.reach is not None
    assert part.reach.max() == 5
    assert (part.reach >= part.finish).all()
    a, b = (brier(c, FLAT, [5]).at[5].score for c in (cells, part))
    assert (a.value, a.low) == (b.value, b.low)
    late = replace(cells, begin=np.where(np.arange(len(cells.n)) % 2, cells.begin, 1))
    started = seen_from_start(late)
    assert started.spells == started.n.sum() == cells.n[1::2].sum()
