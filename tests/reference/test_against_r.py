"""The kernel against R's survival package, on values stored by values.R."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lifelines.datasets import load_lung, load_rossi

from stammkunde.spells.read import spells_from
from stammkunde.survival import formulas
from stammkunde.survival.contrasts import logrank, rmst_difference
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable, life_table, life_tables
from tests.kernel.making import Part, episodes_of
from tests.reference.stored import stored

EXACT = {"rel": 1e-12, "abs": 1e-13}


@pytest.fixture(scope="module")
def r() -> dict[str, Any]:
    return stored()


@cache
def rossi(by: str = "") -> dict[Any, LifeTable]:
    """Return the life table of rossi in weeks, by fin or by prio in three bands."""
    frame = pd.DataFrame(load_rossi())
    frame = frame.assign(
        band=pd.cut(frame.prio, [-1, 0, 3, 99], labels=["0", "1-3", "4+"]).astype(str)
    )
    spells = spells_from(frame, tenure="week", left="arrest", by=["fin", "band"], unit="week")
    return life_tables(spells, by=by) if by else {"": life_table(spells)}


@pytest.fixture(scope="module")
def late(r: dict[str, Any]) -> Curve:
    rows = zip(r["late.entry"], r["late.exit"], r["late.left"], strict=True)
    parts = [
        Part(f"p{i}", 1, int(a), int(b), "left" if d else "censored")
        for i, (a, b, d) in enumerate(rows)
    ]
    return kaplan_meier(life_table(episodes_of(parts)))


def agrees(curve: Curve, r: dict[str, Any], prefix: str) -> None:
    """Compare S, se, and limits from the fifth event on (before, the kernel's are exact ones)."""
    assert curve.value[1:] == pytest.approx(r[f"{prefix}.survival"], **EXACT)
    assert curve.se[1:] == pytest.approx(r[f"{prefix}.se"], **EXACT)
    many = np.cumsum(curve.events) >= 5
    assert many.sum() >= 5
    for name in ("low", "high"):
        own = getattr(curve, name)[1:][many]
        assert own == pytest.approx(np.array(r[f"{prefix}.{name}"])[many], **EXACT)


def test_delayed_entry_is_rs(late, r):
    agrees(late, r, "late")


def test_rossi_in_weeks_is_rs(r):
    agrees(kaplan_meier(rossi()[""]), r, "rossi")


def test_rossi_quantiles_are_rs(r):
    curve = kaplan_meier(rossi()[""])
    for i, share in enumerate((0.1, 0.25)):
        found = curve.quantile(share)
        # R's upper limit is NA where the curve's never comes down so far
        wanted = [r[f"rossi.quantile{end}"][i] for end in ("", ".low", ".high")]
        assert [found.value, found.low, found.high] == wanted


def test_rossi_means_and_their_errors_are_rs(r):
    curve = kaplan_meier(rossi()[""])
    for horizon, key in ((52, "rossi.mean"), (30, "rossi.mean.30")):
        mean = curve.rmst(horizon)
        assert [mean.value, mean.se] == pytest.approx(r[key], rel=1e-10)


def test_rossi_means_by_money_and_their_difference_are_rs(r):
    curves = {k: kaplan_meier(t) for k, t in rossi("fin").items()}
    (without, se0), (with_money, se1) = np.reshape(r["rossi.mean.by.fin"], (2, 2))
    found = rmst_difference(curves["1"], curves["0"], 52)
    assert found.value == pytest.approx(with_money - without, rel=1e-9)
    assert found.se == pytest.approx(np.hypot(se0, se1), rel=1e-10)


def test_logrank_of_two_groups_is_rs(r):
    assert logrank(list(rossi("fin").values())).statistic == pytest.approx(
        r["rossi.logrank.fin"][0], rel=1e-10
    )


def test_logrank_of_three_groups_is_rs(r):
    tables = [rossi("band")[k] for k in ("0", "1-3", "4+")]
    test = logrank(tables)
    assert (test.statistic, test.df) == (pytest.approx(r["rossi.logrank.prio"][0], rel=1e-10), 2)
    length = max(t.length for t in tables)
    counts = [(t.at_risk[0].sum(axis=0), t.moves[0].sum(axis=(0, 1))) for t in tables]
    n, d = (np.stack([np.pad(c[i], (0, length - len(c[i]))) for c in counts]) for i in (0, 1))
    assert formulas.excess_events(n, d) == pytest.approx(r["rossi.logrank.prio.excess"], rel=1e-10)
    covariance = np.reshape(r["rossi.logrank.prio.covariance"], (3, 3))
    assert formulas.excess_covariance(n, d) == pytest.approx(covariance, rel=1e-10)


def test_logrank_of_lung_by_three_grades_is_rs(r):
    frame = pd.DataFrame(load_lung())
    frame = frame[frame["ph.ecog"].isin([0, 1, 2])].assign(grade=frame["ph.ecog"])
    spells = spells_from(frame, tenure="time", left="status", by=["grade"], unit="day")
    test = logrank(list(life_tables(spells, by="grade").values()))
    assert test.statistic == pytest.approx(r["lung.logrank.ecog"][0], rel=1e-10)


def test_a_missing_file_names_its_command(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"make it with `Rscript tests/reference/values.R`"):
        stored(folder=tmp_path)
