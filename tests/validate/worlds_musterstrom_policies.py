"""`python -m tests.validate.worlds_musterstrom_policies`: what the report says policies are worth.

Beside it what they are worth in truth, the best first. The rows are those of docs/musterstrom.md;
The report comes from `make reports`, the truth from `stammkunde simulate musterstrom`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.validate.worlds import covered

ROOT = Path(__file__).resolve().parents[2]
CLIENT, COMPARATOR = "musterstrom", "today"
HEAD = "| policy | truth | place | seed 1 | 95 % | place | |\n|---|---:|---:|---:|---:|---:|---|"
# within the horizon, and within ten years: the result, and the truth that it is held against
WITHIN = {"": "policy.difference.", ".120": "policy.longer.difference."}


def told(root: Path = ROOT, within: str = "") -> Iterator[str]:
    """Yield a row for each policy of the report, in the order of what they are worth in truth.

    Within the horizon, or within ten years (".120").
    """
    said = _said(root / "reports" / CLIENT / "results.json", WITHIN[within])
    true = _truths(root / "data" / "raw" / CLIENT / "truth.json")
    known = {n: true[f"policy.{n}.difference{within}"] for n in said}
    order = sorted(known, key=lambda n: -known[n])
    ours = sorted(said, key=lambda n: -said[n][0])
    for place, name in enumerate(order, start=1):
        value, low, high = said[name]
        found = "inside" if covered((value, low, high), known[name]) else "missed"
        yield (
            f"| `{name}` | {_thousands(known[name])} | {place} | {_thousands(value)} | "
            f"{_thousands(low)} to {_thousands(high)} | {ours.index(name) + 1} | {found} |"
        )


def _said(path: Path, start: str) -> dict[str, tuple[float, float, float]]:
    lines = json.loads(path.read_text(encoding="utf-8"))["results"]
    found = {
        r["id"].removeprefix(start): (r["value"], r["low"], r["high"])
        for r in lines
        if r["id"].startswith(start)
    }
    return found | {COMPARATOR: (0.0, 0.0, 0.0)}


def _truths(path: Path) -> dict[str, float]:
    rows = json.loads(path.read_text(encoding="utf-8"))["truths"]
    return {r["id"]: float(r["value"]) for r in rows}


def _thousands(value: float) -> str:
    return f"{value / 1000:+,.0f}" if round(value / 1000) else "0"


def main() -> int:
    """Print a table for each time looked at."""
    for within in WITHIN:
        print(HEAD, *told(within=within), "", sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
