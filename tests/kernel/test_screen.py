"""Columns that must not be drivers are found, said and left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from stammkunde.spells.checks.found import Found
from stammkunde.spells.read import spells_from
from stammkunde.spells.spells import Spells
from stammkunde.survival.drivers.cells import cells_of
from stammkunde.survival.drivers.screen import Declared, LeftOut, leaking, screened
from tests.kernel.making import lives

SIZE = 2000
RNG = np.random.default_rng(8)
MONTHS = list(RNG.integers(1, 37, SIZE))
LEFT = RNG.integers(0, 2, SIZE)
PRODUCT = RNG.choice(["p1", "p2", "p3", "p4"], SIZE)
REGION = RNG.choice(["north", "south"], SIZE)


def made(**columns: object) -> Spells:
    return lives(MONTHS, list(LEFT), **{n: list(c) for n, c in columns.items()})  # type: ignore[call-overload, arg-type]


def screen(spells: Spells) -> tuple[tuple[str, ...], tuple[LeftOut, ...]]:
    return screened(spells, cells_of(spells, list(spells.groups)))


def test_plain_columns_stay():
    assert screen(made(product=PRODUCT, region=REGION)) == (("product", "region"), ())


def test_a_status_of_who_has_left_leaks():
    status = np.where(LEFT == 1, "ended", "running")
    status[:10] = "running"
    kept, (out,) = screen(made(product=PRODUCT, status=status))
    assert kept == ("product",)
    assert (out.column, out.why, out.other) == ("status", "leaking", "")
    assert out.share == pytest.approx(1 - LEFT[:10].sum() / SIZE)


def test_a_column_filled_only_at_leaving_leaks():
    reason = np.where(
        (LEFT == 1) & (RNG.random(SIZE) < 0.3), RNG.choice(["price", "move"], SIZE), None
    )
    kept, (out,) = screen(made(reason=reason, product=PRODUCT))
    assert kept == ("product",)
    assert (out.column, out.why, out.share) == ("reason", "leaking", 1.0)


def test_a_level_that_is_merely_risky_does_not_leak():
    risky = np.where((LEFT == 1) & (RNG.random(SIZE) < 0.6), "often", "seldom")
    risky[:300] = "often"
    assert screen(made(risky=risky))[0] == ("risky",)


def test_what_nearly_never_varies_is_left_out():
    flag = np.full(SIZE, "yes")
    flag[:15] = "no"
    kept, (out,) = screen(made(flag=flag, product=PRODUCT))
    assert kept == ("product",)
    assert out == LeftOut("flag", "near_constant", "", 1 - 15 / SIZE)


def test_a_rare_level_is_no_duplicate_of_everything():
    flag = np.full(SIZE, "yes")
    flag[RNG.permutation(SIZE)[:30]] = "no"
    assert screen(made(product=PRODUCT, flag=flag))[0] == ("product", "flag")


@pytest.mark.parametrize("coarse_first", [True, False])
def test_of_two_columns_the_one_that_follows_goes(coarse_first):
    kind = np.where(np.isin(PRODUCT, ["p1", "p2"]), "basic", "premium")
    kind[:10] = "basic"
    columns = (
        {"kind": kind, "product": PRODUCT} if coarse_first else {"product": PRODUCT, "kind": kind}
    )
    kept, (out,) = screen(made(**columns))
    assert kept == ("product",)
    assert (out.column, out.why, out.other) == ("kind", "duplicate", "product")
    wrong = np.isin(PRODUCT[:10], ["p3", "p4"]).sum()
    assert out.share == pytest.approx(1 - wrong / SIZE)


def test_of_twins_the_first_is_kept():
    kept, (out,) = screen(made(product=PRODUCT, code=np.char.upper(PRODUCT), region=REGION))
    assert kept == ("product", "region")
    assert (out.column, out.other, out.share) == ("code", "product", 1.0)


def test_what_the_checks_found_counts():
    spells = made(product=PRODUCT, region=REGION)
    found = Found(table="snapshot", check="leakage", severity="warning", rows=9, column="region")
    kept, out = screen(replace(spells, found=(found,)))
    assert kept == ("product",)
    assert out == (LeftOut("region", "leaking", "", None),)


def test_what_the_checks_found_counts_under_the_name_it_is_declared_by():
    spells = made(product=PRODUCT, state=REGION)
    found = Found(table="snapshot", check="leakage", severity="warning", rows=9, column="Zustand")
    spells = replace(spells, found=(found,))
    cells = cells_of(spells, ["product", "state"])
    assert screened(spells, cells)[1] == ()
    (out,) = screened(spells, cells, Declared({"state": "Zustand"}))[1]
    assert out == LeftOut("state", "leaking", "", None)


def test_a_column_whose_role_is_to_tell_of_leaving_leaks_under_any_name():
    spells = made(product=PRODUCT, why=REGION)
    cells = cells_of(spells, ["product", "why"])
    declared = Declared({"product": "Produkt", "why": "Grund"}, {"Grund"})
    assert screened(spells, cells, declared) == (
        ("product",),
        (LeftOut("why", "leaking", "", None),),
    )


def test_levels_that_only_leavers_have_leak_though_others_have_a_word_too():
    why = np.where((LEFT == 1) & (RNG.random(SIZE) < 0.7), RNG.choice(["price", "move"], SIZE), "-")
    kept, (out,) = screen(made(product=PRODUCT, why=why))
    assert kept == ("product",)
    assert (out.column, out.why, out.share) == ("why", "leaking", 1.0)


def test_a_tariff_that_all_have_left_does_not_leak():
    old = np.where((LEFT == 1) & (RNG.random(SIZE) < 0.2), "old", PRODUCT)
    assert screen(made(tariff=old, region=REGION))[0] == ("tariff", "region")


def test_what_tells_leaving_in_the_last_month_only_leaks():
    """Who left earlier has been cleared: a flag that is set when notice is given."""
    rng = np.random.default_rng(5)
    size, close = 3000, date(2024, 1, 1)
    begin = [date(2020 + i % 4, 1 + i % 12, 1) for i in range(size)]
    last = rng.choice(["now", "before", ""], size, p=[0.1, 0.3, 0.6])
    ends = {"now": date(2023, 12, 20), "before": date(2023, 12, 1) - timedelta(days=40), "": None}
    rows = {
        "who": range(size),
        "from": begin,
        "to": pd.to_datetime(pd.Series([ends[x] for x in last])),
        "flag": np.where(last == "now", "set", "clear"),
        "kind": rng.choice(["a", "b"], size),
    }
    frame = pd.DataFrame(rows)
    frame = frame[pd.to_datetime(frame["from"]) < frame["to"].fillna(pd.Timestamp(2030, 1, 1))]
    keys = {"person": "who", "start": "from", "end": "to", "close": close}
    spells = spells_from(frame, **keys, by=["flag", "kind"])
    cells = cells_of(spells, ["flag", "kind"])
    assert [x.column for x in leaking(spells, cells)] == ["flag"]
    assert [x.column for x in leaking(replace(spells, close=None), cells)] == []
