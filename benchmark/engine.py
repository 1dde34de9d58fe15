"""The worth of policies over all draws: the reduced model, and the full one with returners."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields, replace

import numpy as np

from benchmark import distance
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
TENURES = 60
CAUSES = ("price", "service", "moved", "died")
KINDS = {"full": ("newcomer", "as new"), "fuller": ("newcomer", "as new", "won back")}
V = 1.05 ** (-1 / 12)
TOLD = """{draws:,} draws x {policies} policies x {months} months x {segments} segments, load {load}
  reduced: newcomers with one hazard
  full: newcomers with {causes} causes, who come back as new for two of them, with lags to 6, and
  today's customers by {tenures} tenures, who do so, too
  fuller: further winning back, and each of two causes with lags of its own"""


@dataclass(frozen=True)
class Size:
    """How much is asked of the engine at once."""

    draws: int
    policies: int = 5
    months: int = 120
    segments: int = 6


def run(draws: int, rounds: int) -> bool:
    """Print seconds, memory and distance of the models; return whether every aim is met."""
    size = Size(draws)
    told = {f.name: getattr(size, f.name) for f in fields(size)}
    print(TOLD.format(causes=len(CAUSES), tenures=TENURES, load=load(), **told))
    met = []
    for model, aim in AIMS.items():
        runs = [_alone(model, size) for _ in range(rounds)]
        took, cpu = min(runs)[:2]
        memory = max(r[2] for r in runs)
        met.append(took < aim and memory < MEMORY)
        print(
            f"  {model:<8} {took:6.2f} s ({cpu:.2f} s of processors), at most {memory:.2f} GB; aim "
            f"{aim:g} s, {MEMORY:g} GB: {'met' if met[-1] else 'MISSED'}",
            flush=True,
        )
    _scaling(Size(max(1, draws // 5), months=60), rounds)
    print(f"  load {load()} afterwards")
    distance.run()
    return all(met)


def _scaling(size: Size, rounds: int) -> None:
    """Print what twice the draws, policies, months or segments take, the least of some rounds."""
    print("  twice as much of one, in seconds of processors, and as a ratio to the first row")
    print(f"  {'model':<8} {'draws':>7} policies months segments  seconds   ratio      GB")
    names = [f.name for f in fields(size)]
    for model in MODELS:
        sizes = [size, *(replace(size, **{n: 2 * getattr(size, n)}) for n in names)]
        runs = [[_alone(model, x) for x in sizes] for _ in range(rounds)]
        least = [min(r[k][1] for r in runs) for k in range(len(sizes))]
        for k, (x, cpu) in enumerate(zip(sizes, least, strict=True)):
            memory = max(r[k][2] for r in runs)
            print(
                f"  {model:<8} {x.draws:>7,} {x.policies:>8} {x.months:>6} {x.segments:>8} "
                f"{cpu:8.2f} {cpu / least[0]:7.2f} {memory:7.2f}",
                flush=True,
            )


def _alone(model: str, size: Size) -> tuple[float, float, float]:
    """Return seconds, seconds of processors and gigabytes of a run in a process of its own."""
    command = [sys.executable, "-m", "benchmark.engine", model, *map(str, astuple(size))]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(told[0]), float(told[1]), float(told[2])


def given(size: Size) -> dict[str, np.ndarray]:
    """Return what the evidence would hand on: hazards by draw, and what policies do to them."""
    rng = np.random.default_rng(1)
    draws, length = size.draws, size.months + TENURES
    shape = 0.4 + np.exp(-np.arange(length) / 18)
    level = np.array([0.015, 0.006, 0.004, 0.001])[:, None] * shape
    factor = rng.gamma(400, 1 / 400, (draws, 1, size.segments, 1, 1))
    policies = np.resize([1.0, 1.1, 0.85, 0.95, 0.9], size.policies)[:, None]
    acts = np.where(np.arange(4) == 0, policies, 1.0)[:, None, :, None]
    noise = rng.normal(1, 0.02, (draws, size.policies, 1, 4, 1))
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


def load() -> str:
    """Return the system's load over 1, 5 and 15 minutes; "unknown" on Windows, which has none."""
    if not hasattr(os, "getloadavg"):
        return "unknown"
    return " ".join(f"{x:.1f}" for x in os.getloadavg())


def main() -> None:
    """Run one model and print its seconds and the most memory held."""
    model, size = sys.argv[1], Size(*(int(x) for x in sys.argv[2:]))
    made, months = given(size), size.months

    def work(part: slice) -> dict[str, np.ndarray]:
        if model == "reduced":
            return by_reduced(part, made, months)
        return by_engine(part, made, months, KINDS[model])

    wall, cpu = time.perf_counter(), time.process_time()
    found = in_parts(work, size.draws, rows=size.policies * size.segments)
    took = time.perf_counter() - wall, time.process_time() - cpu
    assert np.isfinite(found["value"]).all()
    print(*took, peak_bytes() / 1e9)


if __name__ == "__main__":
    main()
