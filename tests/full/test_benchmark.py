"""The benchmark runs, and what it compares counts the same."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_plain_sql_and_stammkunde_count_the_same_at_any_size(tmp_path):
    """It ends with an error where they do not."""
    command = [sys.executable, "-m", "benchmark", "--rows", "30000", "--csv-gigabytes", "0.002"]
    done = subprocess.run(
        [*command, "--rounds", "1", "--folder", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "all have counted the same" in done.stdout
    peaks = [float(x) for x in re.findall(r"peak (\d+\.\d+) GB", done.stdout)]
    assert len(peaks) == 4, done.stdout
    assert all(0.05 < x < 4 for x in peaks)
    made = next(tmp_path.glob("*.csv"))
    assert 0.0019e9 < made.stat().st_size < 0.0021e9
    rows = len(made.read_text(encoding="utf-8").splitlines()) - 1
    assert f"csv, {rows:,} rows" in done.stdout
