"""Competing causes: against R, by hand, against printed numbers, and by what must hold anywhere.

Six customers, worked in fractions (entry, exit, cause): A (0, 1] price, B (0, 2] price,
C (0, 2] censored, D (1, 3] moved, E (1, 2] moved, F (0, 4] censored.

    month   at risk   price   moved   S      price    moved
      1        4        1       0     3/4    1/4      0
      2        5        1       1     9/20   2/5      3/20
      3        2        0       1     9/40   2/5      3/8
      4        1        0       0     9/40   2/5      3/8

Variance of price after month 3: month 1 adds (3/16 - 3/40 + 3/400) / 4 = 3/100, month 2
(4/25) (9/16) / 5 = 9/500. If nobody moved: month 1 leaves 3/4; of month 2's cumulated hazard
-log(1 - 2/5) price has 1 of 2 parts, which leaves (3/5)^(1/2); month 3 takes nobody: the square is
9/16 * 3/5 = 27/80.

Eight customers, all there from the start; in month 1 three leave for price and three move, in month
2 the last two move. If nobody moved (1/4)^(1/2) = 1/2 would stay; half-month movers give 1 - 3/6.5,
whole-month ones 5/8. Its log's variance: 1/4 * 6/(8 * 2) + (log 4)^2 * 1/4 / 6 = 3/32 +
(log 4)^2 / 24.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction as F
from typing import Any

import numpy as np
import pytest

from stammkunde.survival.causes import (
    aalen_johansen,
    months_lost,
    net_survival,
    share_of_leavers,
)
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable
from tests.kernel.leaving import CAUSES, expected, table
from tests.reference.stored import stored

pytestmark = pytest.mark.filterwarnings("error")
EXACT = {"rel": 1e-12, "abs": 1e-14}


@pytest.fixture(scope="module")
def r() -> dict[str, Any]:
    return stored("causes.json")


@pytest.fixture(scope="module")
def six() -> LifeTable:
    return table([1, 2, 2, 3, 2, 4], [1, 1, 0, 2, 2, 0], [0, 0, 0, 1, 1, 0])


@pytest.mark.parametrize("cause", CAUSES)
def test_incidences_and_their_errors_are_survfits(r: dict[str, Any], cause: str) -> None:
    curve = aalen_johansen(table(r["exit"], r["cause"]))[cause]
    assert curve.value[1:] == pytest.approx(r[cause], **EXACT)
    assert curve.se is not None
    assert curve.se[1:] == pytest.approx(r[f"{cause}.se"], **EXACT)


@pytest.mark.parametrize("cause", CAUSES)
def test_delayed_entry_is_survfits_with_greenwoods_errors(r: dict[str, Any], cause: str) -> None:
    curve = aalen_johansen(table(r["exit"], r["cause"], r["entry"]))[cause]
    assert curve.value[1:] == pytest.approx(r[f"late.{cause}"], **EXACT)
    assert curve.se is not None
    assert curve.se[1:] == pytest.approx(r[f"late.{cause}.se"], **EXACT)


@pytest.mark.parametrize("cause", CAUSES)
def test_months_lost_and_their_errors_are_rs(r: dict[str, Any], cause: str) -> None:
    found = months_lost(aalen_johansen(table(r["exit"], r["cause"]))[cause], 20)
    assert [found.value, found.se] == pytest.approx(r[f"lost.{cause}"], **EXACT)


def test_the_share_for_a_cause_and_its_error_are_rs(r: dict[str, Any]) -> None:
    found = share_of_leavers(table(r["exit"], r["cause"]), ["price"], 20)
    assert [found.value, found.se] == pytest.approx(r["share.price"], **EXACT)


def test_the_net_curve_with_whole_months_is_rs_kaplan_meier(r: dict[str, Any]) -> None:
    curve = net_survival(table(r["exit"], r["cause"]), ["moved"], exposure="whole")
    assert curve.value[1:] == pytest.approx(r["net.price"], **EXACT)
    assert curve.se is not None
    assert curve.se[1:] == pytest.approx(r["net.price.se"], **EXACT)


ALONE = {"slow": ("exit", None), "late": ("exit", "entry"), "fast": ("fast.exit", "fast.entry")}


@pytest.mark.parametrize("world", ALONE)
def test_the_net_curve_is_that_of_each_months_likeliest_rates(
    r: dict[str, Any], world: str
) -> None:
    exits, entries = ALONE[world]
    made = table(r[exits], r["cause"], r[entries] if entries else None)
    curve = net_survival(made, ["moved"])
    assert curve.value[1:] == pytest.approx(r[f"alone.{world}"], **EXACT)
    assert curve.se is not None
    # R differentiates numerically
    assert curve.se[1:] == pytest.approx(r[f"alone.{world}.se"], rel=1e-8)


def test_the_net_restricted_mean_and_its_error_are_rs(r: dict[str, Any]) -> None:
    found = net_survival(table(r["exit"], r["cause"]), ["moved"]).rmst(20)
    assert [found.value, found.se] == pytest.approx(r["alone.slow.rmst20"], rel=1e-8)


def test_eight_customers_of_whom_nobody_moves_by_hand() -> None:
    eight = table([1] * 6 + [2, 2], [1, 1, 1, 2, 2, 2, 2, 2])
    curve = net_survival(eight, ["moved"])
    assert curve.value.tolist() == [1, 0.5, 0.5]
    assert curve.se is not None
    assert (curve.se[1] / curve.value[1]) ** 2 == pytest.approx(3 / 32 + np.log(4) ** 2 / 24)
    assert net_survival(eight, ["moved"], exposure="whole").value[1] == pytest.approx(5 / 8)
    gone = net_survival(eight, ["price"]).value
    assert gone.tolist() == [1, 0.5, 0]


def test_six_customers_by_hand(six: LifeTable) -> None:
    curves = aalen_johansen(six)
    price, moved = (curves[c] for c in CAUSES)
    assert price.value == pytest.approx([float(f) for f in (0, F(1, 4), F(2, 5), F(2, 5), F(2, 5))])
    assert moved.value == pytest.approx([float(f) for f in (0, 0, F(3, 20), F(3, 8), F(3, 8))])
    assert price.se is not None
    assert price.se[3] ** 2 == pytest.approx(float(F(3, 100) + F(9, 500)))
    assert months_lost(price, 4).value == pytest.approx(float(F(21, 20)))
    assert months_lost(moved, 4).value == pytest.approx(float(F(21, 40)))
    assert share_of_leavers(six, ["price"], 4).value == pytest.approx(float(F(16, 31)))
    assert net_survival(six, ["moved"]).value[3] ** 2 == pytest.approx(float(F(27, 80)))
    assert net_survival(six, ["moved"], exposure="whole").value[3] == pytest.approx(float(F(3, 5)))


@pytest.mark.parametrize(
    ("price", "incidence", "stay", "mean", "lost"),
    [
        (0.03, (0.4459, 0.2229), 0.3312, 14.8624, (6.0917, 3.0459)),
        (0.018, (0.3017, 0.2514), 0.4469, 16.7598, (3.9492, 3.2910)),
    ],
)
def test_monthly_hazards_give_the_printed_numbers(
    price: float, incidence: Sequence[float], stay: float, mean: float, lost: Sequence[float]
) -> None:
    made = expected(price, 0.015, 24)
    curves = aalen_johansen(made)
    assert [curves[c].value[24] for c in CAUSES] == pytest.approx(incidence, abs=6e-5)
    assert [months_lost(curves[c], 24).value for c in CAUSES] == pytest.approx(lost, abs=6e-5)
    whole = kaplan_meier(made)
    assert (whole.value[24], whole.rmst(24).value) == pytest.approx((stay, mean), abs=6e-5)


def test_one_minus_kaplan_meier_per_cause_adds_up_to_too_much() -> None:
    made = expected(0.03, 0.015, 24)
    alone = [1 - net_survival(made, [c], exposure="whole").value[24] for c in ("moved", "price")]
    assert alone == pytest.approx([0.5186, 0.3042], abs=6e-5)
    assert sum(alone) > 1 - kaplan_meier(made).value[24] + 0.15


@pytest.mark.long
@pytest.mark.parametrize(
    ("price", "incidence", "stay", "mean", "lost"),
    [
        (0.03, (0.4403, 0.2201), 0.3396, 14.676, (6.216, 3.108)),
        (0.015, (0.2566, 0.2566), 0.4868, 17.108, (3.446, 3.446)),
        (0.018, (0.2984, 0.2487), 0.4529, 16.5776, (4.0486, 3.3738)),
    ],
)
def test_continuous_hazards_in_hundredths_of_a_month_give_the_printed_numbers(
    price: float, incidence: Sequence[float], stay: float, mean: float, lost: Sequence[float]
) -> None:
    """Areas by trapezes: a sum over the left ends of steps misses half a step."""
    rate = price + 0.015
    leave = -np.expm1(-rate / 100)
    made = expected(price / rate * leave, 0.015 / rate * leave, 2400)
    curves = aalen_johansen(made)
    ends = [curves[c].value[2400] for c in CAUSES]
    areas = [(months_lost(curves[c], 2400).value or 0) / 100 for c in CAUSES]
    assert ends == pytest.approx(incidence, abs=6e-5)
    assert [a + e / 200 for a, e in zip(areas, ends, strict=True)] == pytest.approx(lost, abs=6e-4)
    whole = kaplan_meier(made)
    found = (whole.rmst(2400).value or 0) / 100 - (1 - whole.value[2400]) / 200
    assert (whole.value[2400], found) == pytest.approx((stay, mean), abs=6e-4)
