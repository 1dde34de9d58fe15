"""`python -m benchmark`: print how fast contracts are read and counted beside plain SQL."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmark import reading


def main() -> None:
    """Run what the options ask for; a missed aim is printed and is no failure."""
    asked = argparse.ArgumentParser(prog="python -m benchmark", description=__doc__)
    asked.add_argument("--rows", type=int, default=10_000_000, help="contracts in Parquet")
    asked.add_argument("--csv-gigabytes", type=float, default=2.0, help="0: no CSV")
    asked.add_argument("--rounds", type=int, default=3, help="of plain SQL and stammkunde in turn")
    asked.add_argument("--memory", default="3GB", help="DuckDB's limit")
    asked.add_argument("--folder", type=Path, help="keep the made files here and use them again")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="stammkunde-benchmark-") as temporary:
        folder = (options.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        met = [reading.parquet(folder, options.rows, options.rounds, options.memory)]
        if options.csv_gigabytes:
            met.append(reading.csv(folder, options.csv_gigabytes, options.memory))
    print("every aim is met" if all(met) else "some aim is MISSED; see above")


if __name__ == "__main__":
    main()
