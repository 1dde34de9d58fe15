"""The benchmark runs, and what it compares counts the same."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmark import engine, estimators
from benchmark.estimators_calls import Task

ROOT = Path(__file__).resolve().parents[2]
OTHERS = ("lifelines", "survival")


def benchmark(only, *options):
    """Return what one round of half of the benchmark prints; it must not end with an error."""
    command = [sys.executable, "-m", "benchmark", "--only", only, "--rounds", "1", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_plain_sql_and_stammkunde_count_the_same_at_any_size(tmp_path):
    """It ends with an error where they do not."""
    sizes = ["--rows", "30000", "--csv-gigabytes", "0.002", "--folder", str(tmp_path)]
    told = benchmark("reading", *sizes)
    assert "all have counted the same" in told
    peaks = [float(x) for x in re.findall(r"peak (\d+\.\d+) GB", told)]
    assert len(peaks) == 4, told
    assert all(0.05 < x < 4 for x in peaks)
    made = next(tmp_path.glob("*.csv"))
    assert 0.0019e9 < made.stat().st_size < 0.0021e9
    rows = len(made.read_text(encoding="utf-8").splitlines()) - 1
    assert f"csv, {rows:,} rows" in told


def test_all_packages_find_the_same_and_every_aim_is_judged():
    told = benchmark("estimators", "--customers", "40000", "--cox", "20000")
    found = re.findall(r"all find the same, at most (\S+) apart", told)
    assert len(found) == 4, told
    assert all(float(apart) <= 1e-5 for apart in found)
    verdicts = re.findall(r"times faster than (\w+) .*aim 5: (met|MISSED)", told)
    assert len(verdicts) == 5, told
    assert {other for other, _ in verdicts} <= set(OTHERS)
    missed = any(verdict == "MISSED" for _, verdict in verdicts)
    assert told.endswith("some aim is MISSED; see above\n" if missed else "every aim is met\n")


def test_a_package_that_finds_something_else_ends_the_benchmark():
    task = Task("a curve", {}, coarse={"lifelines": 1e-5}, alone=("jittered",))
    own = np.array([0.9, 0.8])
    found = {"lifelines": own + 9e-6, "survival": own, "jittered": own + 1, "stammkunde": own}
    assert "at most 9e-06 apart; jittered not compared" in estimators.agreed(task, found)
    for wrong in (own + 9e-6, own[:1], own * np.nan):
        with pytest.raises(RuntimeError, match="a curve: survival and stammkunde differ"):
            estimators.agreed(task, {**found, "survival": wrong})


def test_the_ratio_is_to_the_fastest_other_in_the_same_round(capsys):
    rounds = {"lifelines": [8.0, 80.0, 7.0], "survival": [6.0, 60.0, 9.0]}
    own = [1.0, 10.0, 1.0]
    took = {k: [(x, x / 2) for x in v] for k, v in {**rounds, "stammkunde": own}.items()}
    assert estimators.ratios(took)
    told = capsys.readouterr().out
    assert "stammkunde: 6.0 times faster than survival (processors 6.0); aim 5: met" in told
    slow = {**took, "stammkunde, other form": [(x * 2, x) for x in own]}
    assert not estimators.ratios(slow)
    assert "other form: 3.0 times faster than survival (processors 3.0); aim 5: MISSED" in (
        capsys.readouterr().out
    )


def test_every_family_is_fitted_and_judged():
    told = benchmark("projections", "--customers", "40000")
    verdicts = re.findall(r"aim 2: (met|MISSED)", told)
    assert len(verdicts) == 10, told
    missed = "MISSED" in verdicts
    assert told.endswith("some aim is MISSED; see above\n" if missed else "every aim is met\n")


def test_trials_are_counted_compared_and_judged():
    told = benchmark("evidence", "--trial", "20000")
    assert len(re.findall(r"months, error 0\.\d+", told)) == 2, told
    assert len(re.findall(r"aim (?:30|120|4): (?:met|MISSED)", told)) == 3, told


def test_policies_are_valued_by_both_models_and_judged():
    told = benchmark("engine", "--draws", "100")
    verdicts = re.findall(r"(reduced|full) .*aim \d+ s, 1 GB: (met|MISSED)", told)
    assert [model for model, _ in verdicts] == ["reduced", "full"], told
    assert len(re.findall(r"^  (?:reduced|full) +\d+ +\d+", told, flags=re.M)) >= 8, told


def test_where_the_system_knows_no_load_the_benchmark_says_so(monkeypatch):
    assert re.fullmatch(r"\d+\.\d \d+\.\d \d+\.\d|unknown", engine.load())
    monkeypatch.delattr(os, "getloadavg", raising=False)
    assert importlib.reload(engine).load() == "unknown"
