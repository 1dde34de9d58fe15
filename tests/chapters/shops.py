"""Customers of a shop without contracts, and what is read of how they buy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from stammkunde.chapters.buying.read import Buying, read_buying
from stammkunde.study import Study, read_study
from stammkunde.workspace import Workspace

OPEN, MIDDLE, CLOSE = date(2023, 1, 1), date(2024, 1, 1), date(2025, 1, 1)
TOML = """
schema = 1

[client]
name = { de = "Muster", en = "Muster" }
as_of = 2024-12-31

[window]
open = 2023-01-01
close = 2025-01-01

[transactions]
file = "t.csv"
person = "who"
date = "day"
amount = "paid"
first_purchases = true

[lapse]
gap_days = 184
"""
CONTRACTS = TOML.partition("[transactions]")[0] + (
    '[contracts]\nfile = "t.csv"\nstart = "begin"\nend = "last"\n'
)
# days of purchases after the first one, of one customer seen for so many days
Customer = Callable[[np.random.Generator, float], Iterable[float]]
Amount = Callable[[np.random.Generator, int], float]


def buyer(shape: float = 1.0, mean: float = 30.0, a: float = 1.0, b: float = 6.0) -> Customer:
    """Return customers as the model takes them: gamma rates, gone with a beta chance."""

    def days(rng: np.random.Generator, reach: float) -> Iterable[float]:
        rate, chance = rng.gamma(shape) / (shape * mean), rng.beta(a, b)
        at = rng.exponential(1 / rate)
        while at < reach:
            yield at
            if rng.random() < chance:
                return
            at += rng.exponential(1 / rate)

    return days


def spending(rng: np.random.Generator, _: int) -> float:
    """Return an amount that has nothing to do with how many there are."""
    return float(rng.gamma(4.0) * 5)


def bought(
    customer: Customer,
    persons: int = 1500,
    *,
    amount: Amount = spending,
    kept: float = 1.0,
    until: date = CLOSE,
    seed: int = 7,
) -> str:
    """Return the purchases until a day of customers who begin evenly in the first half year.

    Of those in the second half of the window the share `kept` is made, or, above 1, made twice.
    """
    rng = np.random.default_rng(seed)
    rows = ["who,day,paid"]
    for i in range(persons):
        start = OPEN + timedelta(days=int(rng.integers(182)))
        found = [0.0, *customer(rng, (until - start).days)]
        level = rng.gamma(6.0) / 6
        for d in found:
            day = start + timedelta(days=int(d))
            late = d > 0 and day >= MIDDLE
            days = [day] if not late or rng.random() < kept else []
            days += [min(day + timedelta(days=1), until - timedelta(days=1))] * (
                late and rng.random() < kept - 1
            )
            rows += [f"{i},{day},{level * amount(rng, len(found)):.2f}" for day in days]
    return "\n".join(rows) + "\n"


def shop(folder: Path, text: str, *, toml: str = TOML) -> tuple[Study, Buying]:
    """Return the study of purchases as delivered, and what is read of them."""
    for name in ("clients", "data/raw/muster"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "clients/muster.toml").write_text(toml, encoding="utf-8")
    (folder / "data/raw/muster/t.csv").write_text(text, encoding="utf-8")
    asked = read_study("muster", workspace=Workspace(folder))
    return asked, read_buying(asked)
