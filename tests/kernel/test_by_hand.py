"""Six customers, worked by hand in fractions.

Observed from 1 January 2020; the last observed day is 30 June. Two came before and are seen only
from their second month on.

    who  from         to           entry  exit  end       arm
    A    2020-01-31   2020-02-15     0     1    left      x
    B    2020-01-01   2020-02-29     0     2    left      x
    C    2020-04-20   -              0     2    censored  y
    D    2019-12-31   2020-03-30     1     3    left      y
    E    2019-12-15   2020-02-14     1     2    left      y
    F    2020-02-10   -              0     4    censored  x

    month   at risk         leave   S        Greenwood's sum
      1     A B C F     4   A   1   3/4      1/12
      2     B C D E F   5   B E 2   9/20     1/12 + 2/15        (C is censored in the same month)
      3     D F         2   D   1   9/40     1/12 + 2/15 + 1/2
      4     F           1   -   0   9/40     the same
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from stammkunde.spells.read import spells_from
from stammkunde.spells.spells import Spells
from stammkunde.survival import formulas
from stammkunde.survival.contrasts import logrank, rmst_difference
from stammkunde.survival.kaplan_meier import hazard, kaplan_meier
from stammkunde.survival.table import life_table, life_tables

F = Fraction
SURVIVAL = [F(1), F(3, 4), F(9, 20), F(9, 40), F(9, 40)]
GREENWOOD = [F(0), F(1, 12), F(13, 60), F(43, 60), F(43, 60)]
# RMST(4) = 1 + 3/4 + 9/20 + 9/40; what lies behind months 1, 2, 3: 57/40, 27/40, 9/40
MEAN = F(97, 40)
MEAN_VARIANCE = F(57, 40) ** 2 * F(1, 12) + F(27, 40) ** 2 * F(2, 15) + F(9, 40) ** 2 * F(1, 2)
# arm x: observed 2, expected 3/4 + 4/5 + 1/2; variance 3/16 + 9/25 + 1/4
EXCESS, VARIANCE = F(2) - F(41, 20), F(319, 400)


@pytest.fixture(scope="module")
def six() -> Spells:
    rows = [
        ("A", "2020-01-31", "2020-02-15", "x"),
        ("B", "2020-01-01", "2020-02-29", "x"),
        ("C", "2020-04-20", None, "y"),
        ("D", "2019-12-31", "2020-03-30", "y"),
        ("E", "2019-12-15", "2020-02-14", "y"),
        ("F", "2020-02-10", None, "x"),
    ]
    frame = pd.DataFrame(rows, columns=["who", "from", "to", "arm"])
    return spells_from(
        frame, person="who", start="from", end="to", by=["arm"],
        open=date(2020, 1, 1), close=date(2020, 7, 1),
    )  # fmt: skip


def test_months_of_six_customers(six):
    frame = six.to_frame().set_index("person")
    assert frame.entry.to_dict() == {"A": 0, "B": 0, "C": 0, "D": 1, "E": 1, "F": 0}
    assert frame.exit.to_dict() == {"A": 1, "B": 2, "C": 2, "D": 3, "E": 2, "F": 4}
    assert set(frame.index[frame.end == "censored"]) == {"C", "F"}


def test_counts_of_six_customers(six):
    table = life_table(six)
    assert table.at_risk[0].sum(axis=0).tolist() == [4, 5, 2, 1]
    assert table.moves[0, 0].sum(axis=0).tolist() == [1, 2, 1, 0]
    assert table.censored[0].sum(axis=0).tolist() == [0, 1, 0, 1]
    assert table.entered[0].sum(axis=0).tolist() == [4, 2, 0, 0]


def test_survival_and_greenwood_in_fractions(six):
    curve = kaplan_meier(life_table(six))
    assert curve.value == pytest.approx([float(s) for s in SURVIVAL], rel=1e-14)
    errors = [float(s) * float(g) ** 0.5 for s, g in zip(SURVIVAL, GREENWOOD, strict=True)]
    assert curve.se == pytest.approx(errors, rel=1e-14)


def test_hazard_in_fractions(six):
    assert hazard(life_table(six)).value[1:] == pytest.approx([1 / 4, 2 / 5, 1 / 2, 0], rel=1e-14)


def test_restricted_mean_and_its_variance_in_fractions(six):
    mean = kaplan_meier(life_table(six)).rmst(4)
    assert mean.value == pytest.approx(float(MEAN), rel=1e-14)
    assert mean.se == pytest.approx(float(MEAN_VARIANCE) ** 0.5, rel=1e-14)


def test_restricted_means_to_shorter_horizons_are_partial_sums(six):
    curve = kaplan_meier(life_table(six))
    sums = [float(sum(SURVIVAL[:k], F(0))) for k in range(1, 5)]
    assert [curve.rmst(k).value for k in range(1, 5)] == pytest.approx(sums, rel=1e-14)
    assert curve.rmst(1).se == 0


def test_logrank_in_fractions(six):
    tables = life_tables(six, by="arm")
    assert (tables["x"].length, tables["y"].length) == (4, 3)
    test = logrank([tables["x"], tables["y"]])
    assert test.statistic == pytest.approx(float(EXCESS**2 / VARIANCE), rel=1e-12)
    assert test.statistic == pytest.approx(1 / 319, rel=1e-12)


def test_logrank_numerator_and_covariance_in_fractions():
    at_risk = np.array([[3, 2, 1, 1], [1, 3, 1, 0]])
    events = np.array([[1, 1, 0, 0], [0, 1, 1, 0]])
    excess = formulas.excess_events(at_risk, events)
    assert excess == pytest.approx([float(EXCESS), -float(EXCESS)], rel=1e-13)
    v = float(VARIANCE)
    assert formulas.excess_covariance(at_risk, events) == pytest.approx(
        np.array([[v, -v], [-v, v]]), rel=1e-13
    )


def test_difference_of_two_arms_in_fractions(six):
    """x: 1, 2/3, 1/3, 1/3; y: 1, 1, 2/3 - so RMST(3) is 2 and 8/3."""
    tables = life_tables(six, by="arm")
    x, y = (kaplan_meier(tables[a]) for a in "xy")
    assert rmst_difference(x, y, 3).value == pytest.approx(float(F(2) - F(8, 3)), rel=1e-13)


def test_quantiles_of_six_customers(six):
    """S is 1, .75, .45, .225, .225: a quarter has gone by month 1, half by 2, 3/4 by 3."""
    curve = kaplan_meier(life_table(six))
    assert [curve.quantile(p).value for p in (0.25, 0.5, 0.75)] == [1, 2, 3]
    assert curve.quantile(0.8).value is None
