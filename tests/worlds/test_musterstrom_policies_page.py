"""What the page says of the energy supplier's policies."""

from __future__ import annotations

from pathlib import Path

import pytest

from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom.future import PARTS
from stammkunde.worlds.musterstrom.policies import DIALS, LONG, MOVES
from stammkunde.worlds.musterstrom.valued import INTEREST
from tests.worlds.once import told_once

# fifteen policies, of two of which the euro is searched: `make test-full` runs them
pytestmark = pytest.mark.long

PAGE = Path(__file__).parents[2] / "docs" / "musterstrom.md"


def line(name: str, rows: dict[str, float]) -> str:
    def thousands(what: str, sign: str = "") -> str:
        return f"{rows[f'policy.{name}.{what}'] / 1000:{sign},.0f}"

    ends = ("", *(f".{part}" for part in PARTS), f".{LONG}")
    gains = [thousands(f"difference{end}", "+") for end in ends]
    counts = [f"{rows[f'policy.{name}.{n}']:,.0f}" for n in ("customers", "signups")]
    cells_ = [thousands("value"), *gains, thousands("spend"), *counts]
    return f"| `{name}` | {MOVES[name][0]} | " + " | ".join(cells_) + " |"


def test_the_page_has_the_policies_in_their_places() -> None:
    rows = told_once()
    ranked = sorted(MOVES, key=lambda n: rows[f"policy.{n}.rank"])
    lines = [line(n, rows) for n in ranked]
    page = PAGE.read_text(encoding="utf-8").splitlines()
    print("\n".join(lines))
    assert [x for x in page if x in set(lines)] == lines
    text = " ".join(page)
    for name in DIALS:
        assert f"{rows[f'policy.{name}.euro']:.3f} euro" in text
    assert f"{rows['policy.base']:,.0f}" in text
    assert f"{rows['policy.base.in_force']:,.0f}" in text
    assert rows[f"policy.newcomer_only.difference.{LONG}"] > rows[f"policy.none.difference.{LONG}"]
    assert rows[f"policy.calls.difference.{LONG}"] > 0 > rows["policy.calls.difference"]


def test_the_page_says_what_care_and_service_cost() -> None:
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    cost = p.COSTS
    assert f"a call {cost['call']:g} euro, a bottle {cost['wine']:g}, " in page
    assert f"a welcome call {cost['early_call']:g}, a reminder {cost['reminder']:.2f}" in page
    assert f"a letter {cost['winback']:.2f}." in page
    assert f"{p.FAILURE_COST:g} euro for a failure, {p.COMPLAINT_COST:g} and the" in page
    assert f"{p.CONTACT_COST:g} for a call to the hotline" in page
    assert f"{p.WHOLE_MORE:g} euro for each that is answered in every point" in page
    assert f"{p.QUICK_MORE:g} for each within five days" in page
    assert f"at {INTEREST:.0%} a year".replace("%", " %") in page
    assert f"{p.SIZE:,} persons who could sign up, as many as" in page
