"""Projection families fitted to the table of ten million customers, and what they took."""

from __future__ import annotations

import time

import numpy as np

from benchmark.estimators_table import LONGEST
from stammkunde.draws import BLOCKS
from stammkunde.survival.arrays import life_table_from
from stammkunde.survival.projection import CURED, FAMILIES, contract, fitted

AIM = 2.0


def run(customers: int, rounds: int) -> bool:
    """Print the seconds of every family with its leave-outs; return whether every aim is met."""
    rng = np.random.default_rng(customers)
    stays = rng.geometric(np.maximum(rng.beta(0.7, 12.0, customers), 1e-9))
    observed = rng.integers(1, LONGEST + 1, customers)
    block = rng.integers(0, BLOCKS, customers)
    table = life_table_from(np.minimum(stays, observed), stays <= observed, block=block)
    print(f"{customers:,} customers in a table of {LONGEST} months and {BLOCKS} blocks")
    met = []
    for family in (*FAMILIES.values(), *CURED.values(), contract(table, [12, 24], every=12)):
        took = []
        for _ in range(rounds):
            start = time.perf_counter()
            fit = fitted(table, family)
            took.append(time.perf_counter() - start)
        met.append(min(took) < AIM)
        said = f"{'met' if met[-1] else 'MISSED'}{', ' if fit.problem else ''}{fit.problem}"
        print(f"  {family.name:<36} {min(took):6.3f} s; aim {AIM:g}: {said}", flush=True)
    return all(met)
