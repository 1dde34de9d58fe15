"""`python -m benchmark`: print how fast contracts are read, estimates made and policies valued.

What others do, too, is timed beside them.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmark import engine, evidence, projections, reading

PARTS = ("reading", "estimators", "projections", "evidence", "engine")


def main() -> None:
    """Run what the options ask for; a missed aim is printed and is no failure."""
    options = asked()
    met = []
    if options.only in (None, "reading"):
        met += _reading(options)
    if options.only in (None, "projections"):
        met.append(projections.run(options.customers, options.rounds))
    if options.only in (None, "evidence"):
        met.append(evidence.run(options.trial, options.rounds))
    if options.only in (None, "engine"):
        met.append(engine.run(options.draws, options.rounds))
    if options.only in (None, "estimators"):
        # what it compares with is in the extra `bench` alone
        from benchmark import estimators

        met.append(estimators.run(options.customers, options.cox, options.rounds))
    print("every aim is met" if all(met) else "some aim is MISSED; see above")


def asked() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmark", description=__doc__)
    parser.add_argument("--only", choices=PARTS, help="one part alone")
    parser.add_argument("--rounds", type=int, default=3, help="of all that is compared, in turn")
    parser.add_argument("--rows", type=int, default=10_000_000, help="contracts in Parquet")
    parser.add_argument("--csv-gigabytes", type=float, default=2.0, help="0: no CSV")
    parser.add_argument("--memory", default="3GB", help="DuckDB's limit")
    parser.add_argument("--folder", type=Path, help="keep the made files here and use them again")
    parser.add_argument("--customers", type=int, default=10_000_000, help="of the curves and tests")
    parser.add_argument("--cox", type=int, default=1_000_000, help="customers of Cox's model")
    parser.add_argument("--trial", type=int, default=1_000_000, help="customers of the trials")
    parser.add_argument("--draws", type=int, default=10_000, help="of the worth of policies")
    return parser.parse_args()


def _reading(options: argparse.Namespace) -> list[bool]:
    with tempfile.TemporaryDirectory(prefix="stammkunde-benchmark-") as temporary:
        folder = (options.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        met = [reading.parquet(folder, options.rows, options.rounds, options.memory)]
        if options.csv_gigabytes:
            met.append(reading.csv(folder, options.csv_gigabytes, options.memory))
    return met


if __name__ == "__main__":
    main()
