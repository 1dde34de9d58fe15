"""`python -m tests.validate [--repetitions 1000] [--worlds 200] [NAME ...]`: 1 if a check fails."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path
from time import perf_counter

from tests.validate import (
    accuracy,
    admin,
    buying,
    buying_alert,
    calendar,
    causes,
    claims,
    contacting,
    contrasts,
    cox,
    curves,
    doubt,
    drivers,
    gray,
    grouped,
    immortal,
    margins,
    movers,
    net,
    persons,
    policies,
    projection,
    reactive,
    regimes,
    regions,
    segments,
    selection,
    sight,
    starting,
    valued,
    worlds,
)
from tests.validate.recipes import ADMINISTRATIVE, FEW, LATE, MEDIAN, MONTHS, ONE
from tests.validate.returning import CLUSTERED, REPEAT, SIZE
from tests.validate.rule import Recipe
from tests.validate.run import markdown, report, tried, written
from tests.validate.worlds import CLIENTS, Client

RECIPES: tuple[Recipe, ...] = (
    *(MONTHS, ONE, MEDIAN, REPEAT, ADMINISTRATIVE, LATE, FEW, SIZE, CLUSTERED),
    *curves.RECIPES,
    *contrasts.RECIPES,
    *regimes.RECIPES,
    *causes.RECIPES,
    *net.RECIPES,
    *gray.RECIPES,
    *cox.RECIPES,
    *drivers.RECIPES,
    *selection.RECIPES,
    *accuracy.RECIPES,
    *sight.RECIPES,
    *admin.RECIPES,
    *grouped.RECIPES,
    *calendar.RECIPES,
    *persons.RECIPES,
    *projection.RECIPES,
    *margins.RECIPES,
    *buying.RECIPES,
    *buying_alert.RECIPES,
    *immortal.RECIPES,
    *policies.RECIPES,
    *regions.RECIPES,
    *movers.RECIPES,
    *contacting.RECIPES,
    *segments.RECIPES,
    *starting.RECIPES,
    *reactive.RECIPES,
    *doubt.RECIPES,
    *claims.RECIPES,
    *valued.RECIPES,
)
FEWEST = 20


def options(words: Sequence[str] | None) -> argparse.Namespace:
    """Return the options of the command line; REPETITIONS in the environment is the default."""
    parser = argparse.ArgumentParser(prog="python -m tests.validate", description=__doc__)
    default = int(os.environ.get("REPETITIONS", "1000"))
    parser.add_argument("--repetitions", type=int, default=default)
    parser.add_argument("--page", type=Path, help="a page to write what was found into")
    parser.add_argument("--worlds", type=int, help="of each client; a fifth of the repetitions")
    parser.add_argument("recipes", nargs="*", metavar="NAME", help="recipe or client; all if none")
    chosen = parser.parse_args(words)
    if chosen.worlds is None:
        chosen.worlds = max(chosen.repetitions // 5, FEWEST)
    if min(chosen.repetitions, chosen.worlds) < FEWEST:
        parser.error(f"fewer than {FEWEST} repetitions or worlds say nothing")
    known = {r.name for r in RECIPES} | {c.name for c in CLIENTS}
    for name in chosen.recipes:
        if name not in known:
            parser.error(f"unknown recipe `{name}`; known are: {', '.join(sorted(known))}")
    return chosen


def main(
    words: Sequence[str] | None = None,
    recipes: Sequence[Recipe] = RECIPES,
    clients: Sequence[Client] = CLIENTS,
) -> int:
    """Run the recipes, then the simulated clients, and return the exit code."""
    chosen = options(words)
    begun, checks, failed = perf_counter(), 0, 0
    found: list[str] = []
    with ProcessPoolExecutor(os.cpu_count()) as workers:
        for recipe in recipes:
            if chosen.recipes and recipe.name not in chosen.recipes:
                continue
            start = perf_counter()
            verdicts = tried(recipe, chosen.repetitions, workers)
            print(report(recipe, verdicts, perf_counter() - start), flush=True)
            found.append(markdown(recipe, verdicts))
            checks, failed = checks + len(verdicts), failed + sum(not v.passed for v in verdicts)
        outcomes = simulated(clients, chosen, workers)
    checks += sum(o.checks for o in outcomes)
    failed += sum(o.failed for o in outcomes)
    if chosen.page and found:
        written(chosen.page, found, chosen.repetitions)
    if chosen.page and outcomes:
        worlds.written(chosen.page, outcomes)
    said = "all passed" if not failed else f"{failed} FAILED"
    print(f"{checks} checks, {said}, {perf_counter() - begun:.0f} s")
    return 1 if failed else 0


def simulated(
    clients: Sequence[Client], chosen: argparse.Namespace, workers: Executor
) -> list[worlds.Outcome]:
    """Return what was found for the simulated clients that are chosen, printed one by one."""
    found = []
    for client in clients:
        if chosen.recipes and client.name not in chosen.recipes:
            continue
        found.append(worlds.tried(client, chosen.worlds, workers))
        print(worlds.report(found[-1]), flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
