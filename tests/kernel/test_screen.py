"""Columns that must not be drivers are found, said and left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stammkunde.spells.checks.found import Found
from stammkunde.spells.spells import Spells
from stammkunde.survival.drivers.cells import cells_of
from stammkunde.survival.drivers.screen import LeftOut, screened
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
