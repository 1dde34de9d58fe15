"""Who met a policy against who did not, by month: fractions, plain loops, what must not matter."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.evidence.dates.calendar import (
    FEW_LEAVERS,
    before_and_after,
    difference_in_differences,
    event_study,
)
from stammkunde.result import Status

COLUMNS = ["treated", "period", "cell", "at_risk", "left"]


def world(seed: int = 1, *, size: int = 40) -> pd.DataFrame:
    """Return counts of two groups, three cells, months -4 .. 5; leaving rises by half at 0."""
    rng = np.random.default_rng(seed)
    rows = []
    for treated in (True, False):
        for period in range(-4, 6):
            for cell in range(3):
                for block in range(0, BLOCKS, 4):
                    n = int(rng.integers(1, size))
                    hazard = 0.05 * (1 + cell) * (1.2 if treated else 1.0)
                    hazard *= 1.5 if treated and period >= 0 else 1.0
                    rows.append((treated, period, cell, n, rng.binomial(n, hazard), block))
    return pd.DataFrame(rows, columns=[*COLUMNS, "block"])


def plainly(counts: pd.DataFrame, months: range, scale: str) -> float:
    top = bottom = 0.0
    for _, part in counts[counts.period.isin(months)].groupby(["period", "cell"]):
        (n, d), (m, e) = (part[part.treated == t][["at_risk", "left"]].sum() for t in (True, False))
        if n + m == 0:
            continue
        if scale == "ratio":
            top, bottom = top + d * m / (n + m), bottom + e * n / (n + m)
        else:
            top, bottom = top + (d * m - e * n) / (n + m), bottom + n * m / (n + m)
    return top / bottom


def test_by_hand() -> None:
    """Two strata of month 0: 2 of 4 against 1 of 6, and 1 of 5 against 1 of 10."""
    rows = [(True, 0, 0, 4, 2), (False, 0, 0, 6, 1), (True, 0, 1, 5, 1), (False, 0, 1, 10, 1)]
    counts = pd.DataFrame(rows, columns=COLUMNS).assign(block=range(4))
    ratio = (Fraction(2 * 6, 10) + Fraction(1 * 10, 15)) / (Fraction(4, 10) + Fraction(5, 15))
    assert event_study(counts).value[0] == pytest.approx(float(ratio), abs=1e-15)
    gap = (Fraction(2 * 6 - 1 * 4, 10) + Fraction(1 * 10 - 1 * 5, 15)) / (
        Fraction(24, 10) + Fraction(50, 15)
    )
    found = event_study(counts, scale="difference")
    assert found.value[0] == pytest.approx(float(gap), abs=1e-15)
    assert np.isnan(found.low[0]), "five leavers are too few for limits"


@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_equals_a_plain_loop_also_without_a_block(scale: str) -> None:
    counts = world()
    study = event_study(counts, per=2, scale=scale)  # type: ignore[arg-type]
    assert study.periods == (-2, -1, 0, 1, 2)
    months = {p: range(2 * p, 2 * p + 2) for p in study.periods}
    plain = [plainly(counts, months[p], scale) for p in study.periods]
    assert study.value == pytest.approx(plain, abs=1e-12)
    others = counts[counts.block != 8]
    plain = [plainly(others, months[p], scale) for p in study.periods]
    assert study.replicates.leave_out[8] == pytest.approx(plain, abs=1e-12)
    assert (study.low < study.value).all()
    assert (study.value < study.high).all()


def test_differences_in_differences_of_both_scales() -> None:
    counts, before, after = world(), range(-4, 0), range(6)
    ratio = difference_in_differences(counts, before, after)
    plain = [plainly(counts, m, "ratio") for m in (before, after)]
    assert ratio.value == pytest.approx(plain[1] / plain[0], abs=1e-12)
    assert ratio.status is Status.ESTIMATED
    assert ratio.assumptions == ("parallel_ratio_of_hazards",)
    gap = difference_in_differences(counts, before, after, scale="difference")
    plain = [plainly(counts, m, "difference") for m in (before, after)]
    assert gap.value == pytest.approx(plain[1] - plain[0], abs=1e-12)
    assert gap.assumptions == ("parallel_difference_of_hazards",)
    assert gap.unit == "hazard"


def test_what_must_not_matter() -> None:
    counts, before, after = world(2), range(-4, 0), range(6)
    found = difference_in_differences(counts, before, after)
    assert found.low is not None
    assert found.value is not None
    mixed = counts.sample(frac=1, random_state=3)
    assert difference_in_differences(mixed, before, after).value == pytest.approx(found.value)
    halves = pd.concat([counts.assign(at_risk=counts.at_risk - counts["left"], left=0),
                        counts.assign(at_risk=counts["left"])])  # fmt: skip
    assert difference_in_differences(halves, before, after).low == pytest.approx(found.low)
    turned = difference_in_differences(counts.assign(treated=~counts.treated), before, after)
    assert turned.value == pytest.approx(1 / found.value)
    # the error is one of the ratio, so that its inverse has nearly, not exactly, inverse limits
    assert turned.low == pytest.approx(1 / (found.high or 1), rel=0.01)


def test_before_and_after_knows_the_treated_alone() -> None:
    counts = world(3)
    own = counts[counts.treated]
    sums = [own[own.period.isin(m)][["left", "at_risk"]].sum() for m in (range(-4, 0), range(6))]
    odds = [s["left"] / (s.at_risk - s["left"]) for s in sums]
    found = before_and_after(counts, range(-4, 0), range(6))
    assert found == pytest.approx(odds[1] / odds[0])
    others = counts.assign(left=np.where(counts.treated, counts["left"], 0))
    assert before_and_after(others, range(-4, 0), range(6)) == pytest.approx(found)


def test_too_little_to_tell() -> None:
    counts = world(4)
    few = counts.assign(left=np.where(counts.treated & (counts.period < 0), 0, counts["left"]))
    refused = difference_in_differences(few, range(-4, 0), range(6))
    assert (refused.value, refused.reason) == (None, FEW_LEAVERS)
    assert refused.status is Status.NOT_IDENTIFIABLE
    apart = counts.assign(cell=np.where(counts.treated, 0, 1))
    assert np.isnan(event_study(apart).value).all()
    assert difference_in_differences(apart, range(-4, 0), range(6)).reason == "nobody_alike"
    one = counts.assign(block=counts.block % 3)
    assert difference_in_differences(one, range(-4, 0), range(6)).reason == "too_few_persons"
    with pytest.raises(NotObservedError, match="all customers, or none"):
        event_study(counts[counts.treated])
    with pytest.raises(ParameterError, match="periods of 0 months"):
        event_study(counts, per=0)
