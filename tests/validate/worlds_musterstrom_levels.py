"""`python -m tests.validate.worlds_musterstrom_levels`: how many customers there are in five years.

As the market of the report has them, and in truth: in the shipped world, and in the same one
without price rises and advertising, which what is observed there carries on into years without.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from stammkunde.chapters.policies.market import read_market
from stammkunde.chapters.policies.read import Basis
from stammkunde.policy.offers import Policy, worths
from stammkunde.study import read_tables
from stammkunde.worlds import find
from stammkunde.worlds.musterstrom import lots, policies, process
from stammkunde.worlds.musterstrom.future import eve
from stammkunde.worlds.musterstrom.parameters import SIZE
from stammkunde.worlds.musterstrom.watched import watched
from tests.validate.worlds_files import study_of

CALM = {"price_rise": False, "advertising": "none"}
WORLDS: Mapping[str, Mapping[str, Any]] = {"as shipped": {}, "no rises, no advertising": CALM}
HEAD = "| world | truth | found | found by truth |\n|---|---:|---:|---:|"


def rows() -> Iterator[str]:
    """Yield a row for each world: customers under today's policy after five years."""
    kind = find("musterstrom")
    for name, levers in WORLDS.items():
        world = kind.world(seed=1, size=kind.size).under(**levers)
        seen = watched(process.policy_of(world.levers), lots.MONTHS)
        true = SIZE * float(policies.value_of(eve(seen)).future.left.sum())
        with study_of(world, world.tables()) as study:
            basis = read_market(study, *read_tables(study))
        assert isinstance(basis, Basis)
        # as they were observed customers already have what they get today
        found = float(worths([Policy("seen")], basis.market, {})["seen"].customers.item())
        yield f"| {name} | {true:,.0f} | {found:,.0f} | {found / true:.3f} |"


def main() -> int:
    """Print the table."""
    print(HEAD, *rows(), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
