"""Life tables: the law of the risk set, sums, splitting, orders, arms."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.spells.blocks import block_of
from stammkunde.spells.read import spells_from
from stammkunde.survival.contrasts import logrank, rmst_difference
from stammkunde.survival.kaplan_meier import hazard, kaplan_meier
from stammkunde.survival.table import LifeTable, life_table, life_tables
from stammkunde.survival.window import last_unit_only
from tests.kernel.making import Part, episodes_of, law_holds, lives, same_counts


@pytest.fixture(scope="module")
def random_lives() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    size = 900
    start = [date(2018, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 1000, size)]
    last = [
        s + timedelta(days=int(d)) if d < 700 else None
        for s, d in zip(start, rng.integers(0, 1200, size), strict=True)
    ]
    area = rng.choice(["n", "s", None], size)
    return pd.DataFrame(
        {
            "who": rng.integers(0, 700, size),
            "from": start,
            "to": last,
            "area": area,
            "size": rng.integers(1, 4, size),
        }
    )


def read(frame: pd.DataFrame) -> dict[str | tuple[str, ...], LifeTable]:
    spells = spells_from(
        frame, person="who", start="from", end="to", by=["area", "size"],
        open=date(2019, 1, 1), close=date(2020, 6, 1),
    )  # fmt: skip
    return {
        "all": life_table(spells),
        **life_tables(spells, by="area"),
        **life_tables(spells, by=("area", "size")),
        **life_tables(spells, by="cohort"),
    }


def test_parts_add_to_the_whole(random_lives):
    tables = read(random_lives)
    areas = [tables[k] for k in ("n", "s", "(missing)")]
    cells = [t for k, t in tables.items() if isinstance(k, tuple)]
    cohorts = [t for k, t in tables.items() if isinstance(k, str) and k[:2] == "20"]
    assert (len(cells), len(cohorts) > 10) == (9, True)
    whole = tables["all"]
    law_holds(whole)
    for parts in (areas, cells, cohorts):
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        same_counts(replace(total, persons=whole.persons), whole)
        assert (total.persons >= whole.persons).all()


@pytest.mark.parametrize("dates", [True, False], ids=["dated", "undated"])
@pytest.mark.long
def test_somebody_with_several_spells_is_one_head_in_every_cell(random_lives, dates):
    frame = random_lives.assign(units=3, gone=1)
    # two contracts of one person that begin on one day, in two cells and in one
    frame = pd.concat([frame, frame[:40].assign(area="n"), frame[:40]], ignore_index=True)
    columns = {"start": "from", "end": "to"} if dates else {"tenure": "units", "left": "gone"}
    spells = spells_from(
        frame, person="who", by="area", close=date(2021, 12, 1) if dates else None, **columns
    )
    assert (spells.spells, spells.repeats) == (980, True)
    tables = life_tables(spells, by="area")
    found = {k: [int(t.spells.sum()), int(t.persons.sum())] for k, t in tables.items()}
    by_hand = frame.fillna({"area": "(missing)"}).groupby("area")["who"]
    assert found == {k: [len(who), who.nunique()] for k, who in by_hand}
    whole = life_table(spells)
    assert int(whole.persons.sum()) == frame["who"].nunique()
    blocks = frame.drop_duplicates("who")["who"].map(block_of).value_counts()
    assert {b: n for b, n in enumerate(whole.persons) if n} == blocks.to_dict()


def test_somebody_who_changes_state_is_one_head():
    parts = [
        Part("a", 1, 0, 6, "loyal", state="new"),
        Part("a", 1, 6, 9, "left", came_from="new", state="loyal"),
        Part("b", 1, 0, 2, "left", state="new"),
    ]
    table = life_table(episodes_of(parts))
    assert (int(table.persons.sum()), int(table.spells.sum())) == (2, 2)


def test_adding_is_commutative_and_associative(random_lives):
    tables = read(random_lives)
    a, b, c = (tables[k] for k in ("n", "s", "(missing)"))
    same_counts(a + b, b + a)
    same_counts((a + b) + c, a + (b + c))


def test_adding_tables_of_other_causes_and_states_lays_them_side_by_side():
    one = life_table(episodes_of([Part("a", 1, 0, 3, "moved"), Part("b", 1, 0, 1, "censored")]))
    two = life_table(episodes_of([Part("c", 1, 0, 5, "left", state="paused")]))
    both = one + two
    assert (both.states, both.causes, both.length) == (("customer", "paused"), ("left", "moved"), 5)
    assert both.at_risk.sum(axis=(1, 2)).tolist() == [4, 5]
    assert both.moves.sum(axis=(2, 3)).tolist() == [[0, 1], [1, 0]]


def test_tables_in_other_units_are_never_added_or_compared():
    months, days = (
        life_table(lives([3] * 20, [1] * 20)),
        life_table(lives([3] * 20, [1] * 20, unit="day")),
    )
    with pytest.raises(ParameterError, match="days"):
        months + days
    with pytest.raises(ParameterError, match="day"):
        rmst_difference(kaplan_meier(months), kaplan_meier(days), 3)
    with pytest.raises(ParameterError, match="day"):
        logrank([months, days])


@pytest.mark.long
def test_the_order_of_rows_changes_nothing(random_lives):
    one, two = read(random_lives), read(random_lives.sample(frac=1, random_state=1))
    assert set(one) == set(two)
    for key, table in one.items():
        same_counts(table, two[key])


@pytest.mark.long
def test_relabelling_arms_flips_the_sign_of_a_difference_and_keeps_the_test(random_lives):
    tables = read(random_lives)
    a, b = kaplan_meier(tables["n"]), kaplan_meier(tables["s"])
    there, back = rmst_difference(a, b, 12), rmst_difference(b, a, 12)
    assert there.value == -back.value
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), rel=1e-12)
    one, two = (
        logrank([tables[i] for i in k]) for k in (("n", "s", "(missing)"), ("(missing)", "n", "s"))
    )
    assert one.statistic == pytest.approx(two.statistic, rel=1e-9)
    assert (one.df, one.p) == (2, pytest.approx(two.p, rel=1e-8))


def test_a_table_of_twice_the_customers_has_the_same_curve_and_root_two_less_error():
    tenure, left = [1, 2, 2, 3, 4, 5, 6, 6] * 10, [1, 1, 0, 1, 1, 0, 1, 1] * 10
    one, two = (
        kaplan_meier(life_table(lives(tenure, left))),
        kaplan_meier(life_table(lives(tenure * 2, left * 2))),
    )
    assert two.value == pytest.approx(one.value, rel=1e-13)
    assert two.se[:6] * 2**0.5 == pytest.approx(one.se[:6], rel=1e-12)


def test_without_censoring_survival_is_the_share_still_there():
    tenure = [1, 1, 2, 3, 5, 8, 8, 9, 9, 9, 9, 12]
    curve = kaplan_meier(life_table(lives(tenure, [1] * 12)))
    assert curve.value == pytest.approx(
        [sum(x > t for x in tenure) / 12 for t in range(13)], abs=1e-14
    )
    assert curve.rmst(12).value == pytest.approx(np.mean([min(x, 12) for x in tenure]), rel=1e-13)


def test_nobody_seen_early_asks_for_a_condition():
    parts = [Part(f"p{i}", 1, 3 + i % 2, 6 + i % 3, "left") for i in range(12)]
    table = life_table(episodes_of(parts))
    with pytest.raises(NotObservedError, match="`given=3`"):
        kaplan_meier(table)
    with pytest.raises(NotObservedError, match="`given=3`"):
        hazard(table)
    curve = kaplan_meier(table, given=3)
    assert curve.value[:4].tolist() == [1, 1, 1, 1]
    n, d = table.at_risk[0].sum(axis=0), table.moves[0].sum(axis=(0, 1))
    assert curve.value[4:] == pytest.approx(np.cumprod(1 - d[3:] / n[3:]), rel=1e-13)


def test_given_conditions_on_still_being_there():
    table = life_table(lives([1, 2, 3, 4, 5, 6] * 5, [1, 1, 1, 0, 1, 1] * 5))
    whole, rest = kaplan_meier(table), kaplan_meier(table, given=2)
    assert rest.value[2:] == pytest.approx(whole.value[2:] / whole.value[2], rel=1e-13)


def test_a_curve_ends_where_the_risk_set_empties():
    """Nobody is seen in month 4; who enters later says nothing about survival from 0."""
    parts = [Part(f"a{i}", 1, 0, 3, "censored") for i in range(9)] + [
        Part(f"b{i}", 1, 4, 7, "left") for i in range(9)
    ]
    curve = kaplan_meier(life_table(episodes_of(parts)))
    assert (curve.observed_to, len(curve.value)) == (3, 4)
    with pytest.raises(NotObservedError, match="month 5 was asked for"):
        curve.at(5)
    with pytest.raises(NotObservedError, match="month 5 was asked for"):
        curve.rmst(5)
    assert curve.rmst(4).value == 4, "RMST(4) needs S(3), which is observed"


def test_groups_never_at_risk_together_cannot_be_compared():
    early = life_table(episodes_of([Part(f"a{i}", 1, 0, 3, "left") for i in range(9)]))
    late = life_table(episodes_of([Part(f"b{i}", 1, 3, 7, "left") for i in range(9)]))
    with pytest.raises(NotObservedError, match="never at risk together"):
        logrank([early, late])
    with pytest.raises(ParameterError, match="at least two"):
        logrank([early])


def test_an_unknown_group_is_named_with_the_nearest():
    spells = lives([3], [1], tariff=["x"])
    with pytest.raises(ParameterError, match=r"no group `tarif`.*Did you mean `tariff`"):
        life_tables(spells, by="tarif")


def test_the_last_unit_of_a_snapshot_keeps_the_law_and_its_hazard():
    table = life_table(lives([1, 1, 2, 2, 2, 3], [1, 0, 1, 0, 0, 1]))
    last = last_unit_only(table)
    law_holds(last)
    assert last.at_risk[0].sum(axis=0).tolist() == [2, 3, 1]
    assert hazard(last).value[1:] == pytest.approx([1 / 2, 1 / 3, 1])
