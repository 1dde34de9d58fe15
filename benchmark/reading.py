"""Rounds of plain SQL and stammkunde in turn, and what they took."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

Took = Mapping[str, float]

AIM_TABLES, AIM_ALL, AIM_BYTES = 1.5, 3.0, 4e9
ROOT = Path(__file__).resolve().parents[1]


def step(name: str, path: Path, memory: str, *more: str) -> dict[str, float]:
    """Return what a step took, run in a process of its own; RuntimeError where it failed."""
    command = [sys.executable, "-m", "benchmark.steps", name, str(path), memory, *more]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the step `{name}` failed:\n{done.stderr[-3000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def parquet(folder: Path, rows: int, rounds: int, memory: str) -> bool:
    """Print seconds, ratios and memory of reading Parquet; return whether every aim is met."""
    path = folder / f"contracts-{rows}.parquet"
    if not path.exists():
        step("make-parquet", path, memory, str(rows))
    print(f"{rows:,} contracts in Parquet ({path.stat().st_size / 1e6:.0f} MB), {about(memory)}")
    names = ("sql", "stammkunde", "pseudonyms")
    took: dict[str, list[Took]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            took[name].append(step(name, path, memory))
            _line(name, took[name][-1])
    if len({t["counts"] for runs in took.values() for t in runs}) > 1:
        raise RuntimeError("plain SQL and stammkunde have counted differently")
    print("  all have counted the same")
    return all([*_ratios(took), _memory([t for runs in took.values() for t in runs])])


def csv(folder: Path, gigabytes: float, memory: str) -> bool:
    """Print seconds and memory of reading a large CSV; return whether the aim is met."""
    path = folder / f"contracts-{gigabytes:g}.csv"
    if not path.exists():
        step("make-csv", path, memory, str(gigabytes))
    print(f"a CSV of {path.stat().st_size / 1e9:.2f} GB, {about(memory)}")
    took = step("csv", path, memory)
    _line(f"csv, {took['rows']:,.0f} rows", took)
    return _memory([took])


def about(memory: str) -> str:
    """Return on what the numbers depend."""
    return f"{os.cpu_count()} processors, DuckDB limited to {memory}"


def _line(name: str, took: Took) -> None:
    parts = [f"{part} {took[part]:6.2f} s" for part in ("read", "tables") if part in took]
    shown = f" ({', '.join(parts)})" if parts else ""
    cpu = f"processors {took['total cpu']:6.2f} s, peak {took['peak'] / 1e9:.2f} GB"
    print(f"  {name:<12} {took['total']:6.2f} s, {cpu}{shown}", flush=True)


def _ratios(took: Mapping[str, Sequence[Took]]) -> list[bool]:
    """Print the median ratio to plain SQL of the same round, and whether it meets its aim."""
    wanted = (
        ("life tables of spells already read", "stammkunde", "tables", AIM_TABLES),
        ("read, checked, counted", "stammkunde", "total", AIM_ALL),
        ("the same under pseudonyms", "pseudonyms", "total", AIM_ALL),
    )
    met = []
    for title, name, part, aim in wanted:
        wall, cpu = (
            median(own[part + kind] / sql["total" + kind] for own, sql in zip(
                took[name], took["sql"], strict=True))
            for kind in ("", " cpu")
        )  # fmt: skip
        met.append(wall <= aim)
        verdict = "met" if met[-1] else "MISSED"
        print(
            f"  {title}: {wall:.2f} times plain SQL (processors {cpu:.2f}); aim {aim:g}: {verdict}"
        )
    return met


def _memory(runs: Sequence[Took]) -> bool:
    most = max(t["peak"] for t in runs)
    met = most <= AIM_BYTES
    print(
        f"  most memory {most / 1e9:.2f} GB; aim {AIM_BYTES / 1e9:g}: {'met' if met else 'MISSED'}"
    )
    return met
