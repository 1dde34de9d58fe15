"""Estimates by lifelines, the Rust package survival and stammkunde in turn, and what they took."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Mapping, Sequence
from statistics import median

import numpy as np

from benchmark import estimators_calls as calls
from benchmark import estimators_table as made
from benchmark.steps import peak_bytes

AIM, WITHIN = 5.0, 1e-9
OWN = "stammkunde"
# seconds on the clock and those of all processors
Took = tuple[float, float]


def run(customers: int, rows: int, rounds: int) -> bool:
    """Print seconds and ratios of every estimate; return whether every aim is met.

    RuntimeError where the packages do not find the same.
    """
    print(f"{customers:,} customers in months, from arrays; {os.cpu_count()} processors")
    met = [_task(task, rounds) for task in calls.of_table(made.table(customers))]
    print(f"{rows:,} customers in months, from arrays")
    met += [_task(task, rounds) for task in calls.of_rows(made.rows(rows))]
    print(f"  most memory, all packages in one process: {peak_bytes() / 1e9:.2f} GB")
    return all(met)


def _task(task: calls.Task, rounds: int) -> bool:
    """Compare what the packages find, which warms them up, then time them in turn."""
    print(f"  {task.title}", flush=True)
    print(f"    {agreed(task, {name: call() for name, call in task.calls.items()})}", flush=True)
    took: dict[str, list[Took]] = {name: [] for name in task.calls}
    for _ in range(rounds):
        for name, call in task.calls.items():
            took[name].append(_seconds(call))
    return ratios(took)


def agreed(task: calls.Task, found: Mapping[str, np.ndarray]) -> str:
    """Return in words how far the numbers lie apart; RuntimeError where that is too far."""
    apart, own = 0.0, found[OWN]
    # relative to the larger numbers: a test statistic may be in the thousands
    scale = max(1.0, float(np.abs(own).max()))
    for name in (n for n in found if n not in task.alone):
        same = found[name].shape == own.shape
        far = float(np.abs(found[name] - own).max()) / scale if same else np.inf
        if not far <= task.coarse.get(name, WITHIN):
            raise RuntimeError(f"{task.title}: {name} and {OWN} differ by {far:.2g}")
        apart = max(apart, far)
    rest = "".join(f"; {name} not compared, it moves ties at random" for name in task.alone)
    return f"all find the same, at most {apart:.0e} apart{rest}"


def _seconds(call: calls.Call) -> Took:
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - cpu


def ratios(took: Mapping[str, Sequence[Took]]) -> bool:
    """Print medians and how many times faster than the fastest other; return whether so as aimed.

    The ratio is the smallest, over the others, of the median over rounds.
    """
    for name, runs in took.items():
        wall, cpu = (median(kind) for kind in zip(*runs, strict=True))
        print(f"    {name:<34} {wall:8.3f} s, processors {cpu:8.3f} s")
    met = []
    for name in (n for n in took if n.startswith(OWN)):
        wall, cpu = (
            min(
                (median(b[k] / a[k] for a, b in zip(took[name], took[other], strict=True)), other)
                for other in took
                if not other.startswith(OWN)
            )
            for k in range(2)
        )
        met.append(wall[0] >= AIM)
        print(
            f"    {name}: {wall[0]:.1f} times faster than {wall[1]} (processors {cpu[0]:.1f});"
            f" aim {AIM:g}: {'met' if met[-1] else 'MISSED'}"
        )
    return all(met)
