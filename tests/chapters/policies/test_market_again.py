"""Who comes back to a contract: told from who is new, and what is left out of today's rebates."""

from calendar import monthrange
from datetime import date

import numpy as np
import pytest

from stammkunde.chapters.policies.market.contracts import within
from stammkunde.study import read_tables
from stammkunde.survival.table import life_table
from tests.chapters.policies.markets import few, market, rows, setting


def _with_second(folder, ratio, more=""):
    """Return a study of contracts of which 3 in 4 that end are followed by another at once."""
    own = rows(lambda t, s: 0.02, 2500)
    rng = np.random.default_rng(11)
    second = []
    for who, _, last, _, *rest in own:
        if last and last < "2022-01-01" and rng.random() < 0.75:
            begin = 12 * (int(last[:4]) - 2015) + int(last[5:7])
            gone = begin + int(rng.geometric(0.02 * ratio)) - 1
            year, month = divmod(gone, 12)
            day = date(2015 + year, month + 1, monthrange(2015 + year, month + 1)[1])
            end = (day.isoformat(), "price") if gone < 120 else ("", "")
            start = date(2015 + begin // 12, begin % 12 + 1, 1).isoformat()
            second.append((who, start, *end, *rest))
    return few(folder, more, own + second)


@pytest.mark.long
def test_who_comes_back_leaves_as_who_came_back_before(tmp_path):
    asked = _with_second(tmp_path, 2.0)
    tables = read_tables(asked)
    found = market(asked, setting(), tables)
    segment = found.market.segments[0]
    every, first = (life_table(s).in_state() for s in (tables[0], tables[0].first()))
    n, d = first[0].sum(axis=0), first[1].sum(axis=(0, 1))
    more, left = every[0].sum(axis=0) - n, every[1].sum(axis=(0, 1)) - d
    known = n > 0
    expected = float((more[known] * d[known] / n[known]).sum())
    assert segment.returners == pytest.approx(left[known].sum() / expected)
    assert segment.returners == pytest.approx(2.0, abs=0.25)
    # who is new leaves as first spells do, who is there today as all do
    assert segment.hazards.sum(axis=0)[:24] == pytest.approx(d[:24] / n[:24])
    both = every[1].sum(axis=(0, 1))[:24] / every[0].sum(axis=0)[:24]
    assert segment.today.sum(axis=0)[:24] == pytest.approx(both)
    assert "returners_leave_alike" in found.assumptions
    drawn = found.under(np.ones((1, 256)), found.families[0]).segments[0]
    assert drawn.hazards[0, :, :24] == pytest.approx(segment.hazards[:, :24])


def test_a_factor_never_makes_more_leave_than_there_are():
    hazards = np.array([[[0.1, 0.3], [0.1, 0.2]]])
    assert within(1.5, hazards) == 1.5
    assert within(3.0, hazards) == pytest.approx(2.0)
    assert within(3.0, np.zeros((1, 2))) == 3.0


REBATE = """
[setting]
comparator = "today"
horizon = 24
acquisition = 60
price = 60
segments = "usage"
[[policy]]
name = "today"
title = { de = "heute", en = "today" }
[[policy.segments.high.newcomer_rebate]]
months = 12
amount = 5
[[policy]]
name = "none"
title = { de = "nichts", en = "nothing" }
"""


def test_rebates_that_run_are_named_where_the_comparator_has_them(tmp_path):
    asked = few(tmp_path, REBATE, rows(lambda t, s: 0.02, 1500))
    tables = read_tables(asked)
    left_out = "running_rebates_left_out"
    assert left_out in market(asked, setting(segments="usage"), tables).assumptions
    other = setting(segments="usage", comparator="none")
    assert left_out not in market(asked, other, tables).assumptions
