"""Make buying.json: histories of the 2,357 customers of the CDNOW sample, counted.

`python -m tests.reference.buying` takes them out of the wheel that SOURCE.toml of `cdnow` names
(MIT). Customer numbers stay behind: they only deal people into blocks.
"""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from stammkunde.spells.blocks import block_of
from stammkunde.spells.source import download, find_wheel, read_source, take_member

ROOT = Path(__file__).resolve().parents[2]
MEMBER = "lifetimes/datasets/CDNOW_sample.txt"
OPEN, UNTIL, CLOSE = (pd.Timestamp(d) for d in ("1997-01-01", "1997-10-01", "1998-07-01"))
KEYS = ["x", "t_x", "length", "block", "spent", "later"]
ABOUT = "CDNOW, 1/10 sample: days and cents, calibration to 1997-09-30, hold-out to 1998-06-30"


def purchases() -> pd.DataFrame:
    """Return the sample's purchases: id, day, cents."""
    named = read_source(ROOT / "data" / "raw" / "cdnow" / "SOURCE.toml").wheel
    assert named is not None
    wheel = replace(named, member=MEMBER)
    found = find_wheel(wheel, ROOT / "wheelhouse") or download(wheel, "data/raw/cdnow")
    text = take_member(found, wheel).decode("ascii")
    names = ["master", "id", "day", "number", "amount"]
    rows = pd.read_csv(io.StringIO(text), sep=r"\s+", header=None, names=names)
    day = pd.to_datetime(rows["day"].astype(str), format="%Y%m%d")
    cents = np.rint(rows["amount"] * 100).astype(np.int64)
    return pd.DataFrame({"id": rows["id"], "day": day, "cents": cents})


def counted(rows: pd.DataFrame) -> dict[str, object]:
    """Return histories as columns of counts, and first and repeat purchases by day."""
    daily = rows.groupby(["id", "day"], as_index=False)["cents"].sum()
    daily["first"] = daily.groupby("id")["day"].transform("min")
    seen, repeat = daily["day"] < UNTIL, daily["day"] > daily["first"]
    people = pd.DataFrame({"first": daily.groupby("id")["first"].min()})
    people["x"] = (seen & repeat).groupby(daily["id"]).sum()
    last = daily["day"].where(seen).groupby(daily["id"]).max()
    people["t_x"] = (last - people["first"]).dt.days
    people["length"] = (UNTIL - people["first"]).dt.days - 1
    people["spent"] = daily["cents"].where(seen & repeat, 0).groupby(daily["id"]).sum()
    people["later"] = (~seen).groupby(daily["id"]).sum()
    people["block"] = [block_of(i) for i in people.index]
    counts = people.groupby(KEYS).size().reset_index(name="count")
    size = (CLOSE - OPEN).days
    place = (daily["day"] - OPEN).dt.days
    starts = np.bincount(place[~repeat], minlength=size)
    repeats = np.bincount(place[repeat], minlength=size)
    columns = {n: counts[n].tolist() for n in [*KEYS, "count"]}
    by_day = {"starts": starts.tolist(), "repeats": repeats.tolist()}
    return {"about": ABOUT, **columns, **by_day, "until": (UNTIL - OPEN).days}


if __name__ == "__main__":
    made = json.dumps(counted(purchases()), separators=(",", ":"))
    Path(__file__).with_suffix(".json").write_text(made + "\n", encoding="utf-8", newline="\n")
