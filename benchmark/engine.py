"""The worth of policies over all draws: the reduced model, and the full one with returners."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from os import getloadavg

import numpy as np

from benchmark.steps import peak_bytes
from stammkunde.policy.engine import (
    Pays,
    Return,
    base_value,
    existing,
    in_parts,
    life,
    reduced,
    renewed,
    value,
)

MODELS = ("reduced", "full", "fuller")
AIMS = {"reduced": 1.0, "full": 5.0}
MEMORY = 1.0
POLICIES, SEGMENTS, MONTHS, TENURES = 5, 6, 120, 60
CAUSES = ("price", "service", "moved", "died")
KINDS = {"full": ("newcomer", "as new"), "fuller": ("newcomer", "as new", "won back")}
V = 1.05 ** (-1 / 12)
TOLD = """{draws:,} draws x {policies} policies x {months} months x {segments} segments, load {load}
  reduced: newcomers with one hazard
  full: newcomers with {causes} causes, who come back as new for two of them, with lags to 6, and
  today's customers by {tenures} tenures, who do so, too
  fuller: further winning back, and each of two causes with lags of its own"""


def run(draws: int, rounds: int) -> bool:
    """Print the seconds and memory of the models; return whether every aim is met."""
    sizes = {"policies": POLICIES, "months": MONTHS, "segments": SEGMENTS, "tenures": TENURES}
    print(TOLD.format(draws=draws, causes=len(CAUSES), load=_load(), **sizes))
    met = []
    for model, aim in AIMS.items():
        runs = [_alone(model, draws, MONTHS) for _ in range(rounds)]
        took, cpu = min(runs)[:2]
        memory = max(r[2] for r in runs)
        met.append(took < aim and memory < MEMORY)
        print(
            f"  {model:<8} {took:6.2f} s ({cpu:.2f} s of processors), at most {memory:.2f} GB; aim "
            f"{aim:g} s, {MEMORY:g} GB: {'met' if met[-1] else 'MISSED'}",
            flush=True,
        )
    print("  one run each:   draws   months  seconds  of processors      GB")
    for model in MODELS:
        for count, months in ((draws // 10, 120), (draws, 60), (draws, 120), (draws, 240)):
            took, cpu, memory = _alone(model, count, months)
            print(f"  {model:<10} {count:>10,} {months:>8} {took:8.2f} {cpu:14.2f} {memory:7.2f}")
    print(f"  load {_load()} afterwards")
    return all(met)


def _alone(model: str, draws: int, months: int) -> tuple[float, float, float]:
    """Return seconds, seconds of processors and gigabytes of a run in a process of its own."""
    command = [sys.executable, "-m", "benchmark.engine", model, str(draws), str(months)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(told[0]), float(told[1]), float(told[2])


def given(draws: int, months: int) -> dict[str, np.ndarray]:
    """Return what the evidence would hand on: hazards by draw, and what policies do to them."""
    rng = np.random.default_rng(1)
    length = months + TENURES
    shape = 0.4 + np.exp(-np.arange(length) / 18)
    level = np.array([0.015, 0.006, 0.004, 0.001])[:, None] * shape
    factor = rng.gamma(400, 1 / 400, (draws, 1, SEGMENTS, 1, 1))
    policies = np.array([1.0, 1.1, 0.85, 0.95, 0.9])[:, None]
    acts = np.where(np.arange(4) == 0, policies, 1.0)[:, None, :, None]
    noise = rng.normal(1, 0.02, (draws, POLICIES, 1, 4, 1))
    noise[:, 0] = 1.0
    lags = rng.gamma(20, 1 / 20, (draws, 1, 1, 1)) * np.array([0.0, 0.05, 0.04, 0.03, 0.02, 0.01])
    return {"factor": factor, "level": level, "effect": acts * noise, "lags": lags}


def by_reduced(part: slice, made: Mapping[str, np.ndarray], months: int) -> dict[str, np.ndarray]:
    """Return the worth of a newcomer by draw, policy and segment."""
    level = made["level"][:, :months]
    # price moves with the policy; the others do not
    price = made["factor"][part][..., 0, :] * made["effect"][part][:, :, :, 0]
    rest = made["factor"][part][..., 0, :] * level[1:].sum(axis=0)
    return {"value": reduced(price * level[0] + rest, _unit(months), V, months, once=-120.0).value}


def by_engine(
    part: slice, made: Mapping[str, np.ndarray], months: int, kinds: tuple[str, ...]
) -> dict[str, np.ndarray]:
    """Return the worth of all customers by draw, policy and segment: to come, back, and today's."""
    lags, acts = made["lags"][part], made["factor"][part] * made["effect"][part]
    # today's customers go on in the life that newcomers begin
    level, length = made["level"], [months + TENURES, months, months]
    lives = [
        life(n, CAUSES, acts * ((1.0 + 0.1 * k) * level[:, : length[k]]))
        for k, n in enumerate(kinds)
    ]
    if len(kinds) == 2:
        returns = [Return(kinds, ("price", "service"), "as new", lags)]
    else:
        returns = [
            Return(kinds, ("price",), "as new", lags),
            Return(kinds, ("price",), "won back", lags * 0.5),
            Return(kinds, ("service",), "won back", lags * 0.25),
        ]
    base = existing(lives[0], np.full(TENURES, 100.0), months)
    cohorts = renewed(lives, returns, {"newcomer": 50.0}, months, bases=[base])
    pays = {n: Pays(_unit(months), once=-120.0) for n in kinds}
    worth = value(cohorts, pays, V) + base_value(base, Pays(_unit(months + TENURES)), V)
    return {"value": worth}


def _unit(months: int) -> np.ndarray:
    return 30.0 - 10.0 * (np.arange(months) < 12)


def _load() -> str:
    return " ".join(f"{x:.1f}" for x in getloadavg())


def main() -> None:
    """Run one model and print its seconds and the most memory held."""
    model, draws, months = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    made = given(draws, months)

    def work(part: slice) -> dict[str, np.ndarray]:
        if model == "reduced":
            return by_reduced(part, made, months)
        return by_engine(part, made, months, KINDS[model])

    wall, cpu = time.perf_counter(), time.process_time()
    found = in_parts(work, draws, rows=POLICIES * SEGMENTS)
    took = time.perf_counter() - wall, time.process_time() - cpu
    assert np.isfinite(found["value"]).all()
    print(*took, peak_bytes() / 1e9)


if __name__ == "__main__":
    main()
