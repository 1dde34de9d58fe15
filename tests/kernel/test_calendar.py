"""Leavers of a month against what tenure explains."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import numpy as np
import pytest

from stammkunde.draws import BLOCKS
from stammkunde.errors import ParameterError
from stammkunde.survival.arrays import life_tables_from
from stammkunde.survival.calendar import (
    Lexis,
    calendar_ratio,
    change,
    cohort_hazard,
    cohort_survival,
    lexis_of_tables,
    unusual,
)
from stammkunde.survival.contrasts import adjusted
from stammkunde.survival.kaplan_meier import kaplan_meier


def world(seed: int, cohorts: int = 12, size: int = 60, people: int = BLOCKS) -> Lexis:
    """Return cohorts of 2021 who leave at .1 a month, 4 times as many in month 8."""
    rng = np.random.default_rng(seed)
    start = np.repeat(np.arange(cohorts), size)
    gone, stay = np.zeros(len(start), dtype=bool), np.zeros(len(start), dtype=np.int64)
    for now in range(cohorts):
        there = (start <= now) & ~gone
        stay[there] += 1
        gone |= there & (rng.random(len(start)) < (0.4 if now == 8 else 0.1))
    tables = life_tables_from(stay, gone, start, cohorts, block=rng.integers(0, people, len(start)))
    return lexis_of_tables({f"2021-{c + 1:02d}": t for c, t in enumerate(tables)})


def test_two_cohorts_by_hand():
    """Cohort 1 has 20 at risk, 5 and then 3 leave; cohort 2, a month later, 20, of whom 1 leaves.

    First month of tenure 6/40, second 3/15: expected 3 in month 1 (20 at risk) and 3 + 3 in month 2
    (20 and 15), observed 5 and 4.
    """
    exit_ = np.array([1] * 5 + [2] * 15 + [1] * 20)
    left = np.array([1] * 8 + [0] * 12 + [1] + [0] * 19)
    start = np.repeat([0, 1], 20)
    block = np.arange(40)
    one, two = life_tables_from(exit_, left, start, 2, block=block)
    found = calendar_ratio(lexis_of_tables({"2021-01": one, "2021-02": two}))
    assert found.periods == ("2021-01", "2021-02")
    assert found.observed.tolist() == [5, 4]
    assert found.expected == pytest.approx([3, 6], rel=1e-14)
    assert found.at("2021-01").value == pytest.approx(float(Fraction(5, 3)), rel=1e-14)
    assert found.at_risk.tolist() == [20, 35]
    few = found.at("2021-02")
    assert "exact" in few.method
    # Garwood's limits of a count of 4
    assert (few.low, few.high) == pytest.approx((1.08986537 / 6, 10.24158868 / 6), rel=1e-8)


def test_other_terms_are_compared_among_themselves_by_hand():
    """The two cohorts of above and a third, begun in month 2 under new terms: 10, all of whom stay.

    They are compared with nobody: expected as before. Under the same terms they would change both
    hazards: 6/50 in unit 1, so that 2.4 are expected in month 1.
    """
    exit_ = np.array([1] * 5 + [2] * 15 + [1] * 20)
    left = np.array([1] * 8 + [0] * 12 + [1] + [0] * 19)
    one, two = life_tables_from(exit_, left, np.repeat([0, 1], 20), 2, block=np.arange(40))
    (new,) = life_tables_from(np.ones(10, int), np.zeros(10, int), None, 1, block=np.arange(10))
    tables = {"2021-01": one, "2021-02": two + new}
    assert calendar_ratio(lexis_of_tables(tables)).expected[0] == pytest.approx(2.4, rel=1e-14)
    apart = {"2021-01": one, "2021-02": two, "2021-03": new}
    found = calendar_ratio(lexis_of_tables(apart, since=["2021-03"]))
    assert found.expected == pytest.approx([3, 6, 0], rel=1e-14)
    assert found.at("2021-03").reason == "nothing_expected"
    same = calendar_ratio(lexis_of_tables(apart, since=["2020-01"]))
    np.testing.assert_array_equal(same.expected, calendar_ratio(lexis_of_tables(apart)).expected)


def test_with_every_cohort_under_terms_of_its_own_there_is_nothing_to_compare_with():
    diagram = world(14)
    alone = calendar_ratio(lexis_of_tables(diagram.tables, since=[*diagram.tables]))
    assert alone.value[alone.observed > 0] == pytest.approx(1, rel=1e-12)
    assert set(unusual(alone).values()) == {1.0}


def test_periods_of_your_own_are_their_months():
    diagram = world(15)
    months = calendar_ratio(diagram)
    names = {"early": ["2021-02", "2021-03"], "late": ["2021-09", "2021-03"]}
    own = calendar_ratio(diagram, by=names)
    for i, inside in enumerate(names.values()):
        at = [months.periods.index(m) for m in inside]
        assert own.observed[i] == months.observed[at].sum()
        assert own.expected[i] == pytest.approx(months.expected[at].sum(), rel=1e-12)
    with pytest.raises(ParameterError, match="`2031-01` is no month"):
        calendar_ratio(diagram, by={"far": ["2031-01"]})


def test_a_change_is_the_quotient_and_its_error_comes_from_the_leave_outs():
    found = calendar_ratio(world(4, size=300), apart=["2021-09"])
    after, before = found.at("2021-09"), found.at("2021-08")
    got = change(after, before)
    assert got.value == pytest.approx(after.value / before.value, rel=1e-14)
    assert got.low < 4 < got.high
    quotients = after.replicates.leave_out / before.replicates.leave_out
    spread = ((quotients - quotients.mean()) ** 2).sum()
    assert got.se == pytest.approx((255 / 256 * spread) ** 0.5, rel=1e-10)
    assert got.low * got.high == pytest.approx(got.value**2, rel=1e-12)
    back = change(before, after)
    assert back.value == pytest.approx(1 / got.value, rel=1e-14)
    few = calendar_ratio(world(4, cohorts=3, size=10))
    assert change(few.at("2021-03"), few.at("2021-01")).reason == "too_few_leavers"
    none = calendar_ratio(world(8, people=9))
    assert change(none.at("2021-05"), none.at("2021-04")).reason == "too_few_persons"


def test_unusual_months_allow_for_their_number():
    found = calendar_ratio(world(4, size=300), apart=["2021-09"])
    p = unusual(found)
    assert [m for m, x in p.items() if x < 0.05] == ["2021-09"]
    few = ["2021-02", "2021-03"]
    one = {m: unusual(found, [m])[m] for m in few}
    assert unusual(found, few) == dict(zip(few, adjusted([*one.values()]), strict=True))
    for month in few:
        e = found.at(month)
        assert (one[month] < 0.05) == (not e.low <= 1 <= e.high)


def test_few_leavers_have_the_exact_p_value():
    """4 leavers where 6 were expected: twice P(4 or fewer), by Poisson's law."""
    exit_ = np.array([1] * 5 + [2] * 15 + [1] * 20)
    left = np.array([1] * 8 + [0] * 12 + [1] + [0] * 19)
    one, two = life_tables_from(exit_, left, np.repeat([0, 1], 20), 2, block=np.arange(40))
    found = calendar_ratio(lexis_of_tables({"2021-01": one, "2021-02": two}))
    terms = [1, 6, 18, 36, 54]
    assert unusual(found, ["2021-02"])["2021-02"] == pytest.approx(
        2 * sum(terms) * np.exp(-6), rel=1e-12
    )


@pytest.mark.parametrize("by", ["month", "quarter", "year"])
def test_observed_and_expected_add_up_to_the_same(by):
    found = calendar_ratio(world(1), by=by)
    assert found.expected.sum() == pytest.approx(found.observed.sum(), rel=1e-12)
    months = calendar_ratio(world(1))
    assert found.observed.sum() == months.observed.sum()
    assert len(found.periods) == {"month": 12, "quarter": 4, "year": 1}[by]


def test_a_year_is_its_months_and_one_year_alone_is_what_it_is_compared_with():
    months, year = calendar_ratio(world(2)), calendar_ratio(world(2), by="year")
    assert year.expected[0] == pytest.approx(months.expected.sum(), rel=1e-12)
    assert year.at("2021").value == pytest.approx(1, rel=1e-12)


def test_one_cohort_alone_cannot_tell_tenure_from_the_calendar():
    diagram = world(3)
    alone = calendar_ratio(lexis_of_tables({"2021-01": diagram.tables["2021-01"]}))
    assert alone.value[alone.observed > 0] == pytest.approx(1, rel=1e-12)


def test_the_month_of_the_shock_is_found_and_no_other():
    found = calendar_ratio(world(4, size=300))
    low = {p: found.at(p).low for p in found.periods}
    assert [p for p in found.periods if low[p] > 1.5] == ["2021-09"]


def test_months_set_apart_are_compared_with_all_others():
    """Expected in month 9: its customers by the hazards of the other months, added up by hand."""
    diagram = world(12, size=300)
    found = calendar_ratio(diagram, apart=["2021-09"])
    others, there, gone = Counter[tuple[str, int]](), Counter[int](), 0
    for name, table in diagram.tables.items():
        start = int(name[-2:])
        n, d = table.at_risk[0].sum(axis=0), table.moves[0].sum(axis=(0, 1))
        for k in range(table.length):
            if start + k == 9:
                there[k] += n[k]
                gone += d[k]
            else:
                others["n", k] += n[k]
                others["d", k] += d[k]
    wanted = sum(there[k] * others["d", k] / others["n", k] for k in there)
    assert found.at("2021-09").value == pytest.approx(gone / wanted, rel=1e-12)
    rest = [i for i, p in enumerate(found.periods) if p != "2021-09"]
    assert found.expected[rest].sum() == pytest.approx(found.observed[rest].sum(), rel=1e-12)
    assert found.at("2021-09").low < 4 < found.at("2021-09").high
    equal = found.replicates.reweighted(np.ones((1, BLOCKS)))[0]
    assert equal == pytest.approx(found.value, rel=1e-12)


def test_a_tenure_that_no_other_month_reached_is_not_compared():
    diagram = world(13)
    found = calendar_ratio(diagram, apart=["2021-12"])
    oldest = diagram.tables["2021-01"].at_risk[0].sum(axis=0)
    assert len(oldest) == 12
    last = found.periods.index("2021-12")
    whole = calendar_ratio(diagram).at_risk[last]
    assert found.at_risk[last] == whole - oldest[11]


def test_a_leave_out_is_the_ratio_without_that_block():
    diagram = world(5)
    found, block = calendar_ratio(diagram), 17
    tables = {}
    for name, table in diagram.tables.items():
        at_risk, moves, censored = (a.copy() for a in (table.at_risk, table.moves, table.censored))
        for counts in (at_risk, moves, censored):
            counts[..., block, :] = 0
        tables[name] = type(table)(
            **{**vars(table), "at_risk": at_risk, "moves": moves, "censored": censored}
        )
    without = calendar_ratio(lexis_of_tables(tables))
    assert found.replicates.leave_out[block] == pytest.approx(without.value, rel=1e-12)


def test_draws_agree_with_the_leave_outs():
    found = calendar_ratio(world(6, size=100))
    equal = found.replicates.reweighted(np.ones((1, BLOCKS)))[0]
    assert equal == pytest.approx(found.value, rel=1e-12)
    spread = found.replicates.draws(2000).std(axis=0, ddof=1)
    often = found.observed >= 20
    assert often.sum() > 6
    assert (spread / found.se)[often] == pytest.approx(1, abs=0.1)
    one = found.at("2021-09")
    assert float(one.replicates.se()) == pytest.approx(one.se, rel=1e-12)


def test_shifting_the_calendar_and_doubling_everybody_changes_no_ratio():
    diagram = world(7)
    found = calendar_ratio(diagram)
    later = lexis_of_tables({n.replace("2021", "2031"): t for n, t in diagram.tables.items()})
    np.testing.assert_array_equal(calendar_ratio(later).value, found.value)
    twice = calendar_ratio(lexis_of_tables({n: t + t for n, t in diagram.tables.items()}))
    assert twice.value == pytest.approx(found.value, rel=1e-12)
    assert (twice.observed == 2 * found.observed).all()


def test_too_few_persons_and_nobody_leaving_are_reasons():
    few = calendar_ratio(world(8, people=9)).at("2021-05")
    assert (few.value, few.low, few.reason) == (None, None, "too_few_persons")
    stay = life_tables_from(np.full(40, 3), np.zeros(40, dtype=int), None, 1, block=np.arange(40))
    quiet = calendar_ratio(lexis_of_tables({"2021-01": stay[0]})).at("2021-02")
    assert (quiet.value, quiet.high, quiet.reason) == (None, None, "nothing_expected")


def test_unknown_words_are_named():
    diagram = world(9)
    with pytest.raises(ParameterError, match="Did you mean `quarter`"):
        calendar_ratio(diagram, by="quarters")
    with pytest.raises(ParameterError, match="`2020-01` is no period"):
        calendar_ratio(diagram).at("2020-01")
    with pytest.raises(ParameterError, match=r"`2021-7` is no month.*Did you mean"):
        calendar_ratio(diagram, apart=["2021-7"])
    with pytest.raises(ParameterError, match="all months were set apart"):
        calendar_ratio(diagram, apart=[f"2021-{m:02d}" for m in range(1, 13)])
    with pytest.raises(ParameterError, match="no month of start"):
        lexis_of_tables({"(missing)": diagram.tables["2021-01"]})
    with pytest.raises(ParameterError, match="Give 1 month or more"):
        cohort_hazard(diagram, width=0)


def test_cohorts_of_a_quarter_are_their_months_together():
    diagram = world(10)
    found = cohort_survival(diagram, (0, 3, 12), by="quarter")
    assert list(found) == ["2021-Q1", "2021-Q2", "2021-Q3", "2021-Q4"]
    parts = [diagram.tables[f"2021-0{m}"] for m in (1, 2, 3)]
    whole = kaplan_meier(parts[0] + parts[1] + parts[2])
    for tenure in (0, 3, 12):
        assert found["2021-Q1"][tenure].value == whole.at(tenure).value
        assert found["2021-Q1"][tenure].low == whole.at(tenure).low
    unseen = found["2021-Q4"][12]
    assert (unseen.value, unseen.reason) == (None, "not_observed")


def test_hazards_of_cohorts_are_leavers_by_customer_months():
    diagram = world(11)
    found = cohort_hazard(diagram, width=6)
    at_risk = sum(
        np.pad(t.at_risk[0], ((0, 0), (0, 12 - t.length))) for t in diagram.tables.values()
    )
    gone = sum(
        np.pad(t.moves[0].sum(axis=0), ((0, 0), (0, 12 - t.length)))
        for t in diagram.tables.values()
    )
    assert list(found["2021"]) == [0, 6]
    for begin in (0, 6):
        band = slice(begin, begin + 6)
        wanted = gone[:, band].sum() / at_risk[:, band].sum()
        assert found["2021"][begin].value == pytest.approx(wanted, rel=1e-14)
        assert found["2021"][begin].unit == "hazard"
