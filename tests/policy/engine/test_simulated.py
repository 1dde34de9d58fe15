"""The recursion against customers drawn one by one: every element alone, and all of them together.

Both differ by less than 3.5 Monte Carlo errors in value, paid units, new lives and every cause. As
everywhere, a check that fails is run once more with ten times the persons, and that run decides.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from typing import Any

import numpy as np
import pytest

from stammkunde.policy.engine import (
    Pays,
    Return,
    base_value,
    cared_for,
    customers,
    existing,
    leavers,
    life,
    renewed,
    value,
)
from tests.policy.engine.persons import CAUSES, COMPLAINED, Drawn, Kind, Setting, drawn

T, H = 72, 36
V = 1.1 ** (-1 / 12)
UNIT = np.arange(T)
# of a newcomer at list price, falling with tenure; minimum term of three months
FALLING = np.array([[0.03], [0.01], [0.008]]) * (0.5 + np.exp(-UNIT / 12)) * (UNIT >= 3)
# after a newcomer rebate of twelve months many leave for the price
SPIKE = FALLING * np.where(np.isin(UNIT, (11, 12)), np.array([[6.0], [1.0], [1.0]]), 1.0)
NOW = np.eye(1, H)[0]


def kinds(**changed):
    """Return one kind, "new": 30 a month, 120 to acquire, unless changed."""
    plain: dict[str, Any] = {"hazards": FALLING, "unit": 30.0 + 0 * UNIT, "once": -120.0}
    return {"new": Kind(**plain | changed)}


def upset(**changed):
    """Return the levers of care."""
    care = {"complains": 0.08, "answered": 0.4, "fades": 0.15, "soothing": -4.0}
    return care | {"complained": (2.0, 4.0, 1.0), "recovered": (0.7, 0.5, 1.0)} | changed


def came_back():
    """Return newcomers with the offer, who come back as new or within a cool-off, or are won."""
    newcomer = 30.0 - 10.0 * (UNIT < 12)
    again = {"as new": [0.0, 0.0, 0.15, 0.1, 0.05], "cooling": [0.05, 0.1], "won": [0.0, 0.05]}
    laws = {
        "new": Kind(SPIKE, newcomer, once=-120.0),
        "as new": Kind(SPIKE * 1.3, newcomer, once=-60.0),
        "cooling": Kind(FALLING * 1.2, 30.0 + 0 * UNIT, once=-20.0),
        "won": Kind(FALLING, 25.0 + 0 * UNIT, once=-40.0),
    }
    back = {(n, "price"): again for n in laws} | {("new", "service"): {"won": [0.0, 0.0, 0.2]}}
    return {"kinds": laws, "back": back, "joins": {"new": NOW}}


def everything():
    """Return all elements at once: some sign up, some are there today."""
    made = came_back()
    for law in made["kinds"].values():
        for name, level in upset().items():
            setattr(law, name, level)
        law.at_exit = (-5.0, 0.0, 3.0)
    old = Kind(FALLING * 0.9, 28.0 - 3.0 * (UNIT >= 24), **upset(answered=0.8))
    made["kinds"] = made["kinds"] | {"today": old}
    made["back"] = made["back"] | {("today", "price"): {"as new": [0.1, 0.1], "won": [0.05]}}
    made["joins"] = {"new": np.full(H, 0.5 / H), "won": 0.1 * NOW}
    made["today"] = {"today": 0.4 * np.array([0.1, 0.3, 0.0] + [0.02] * 30)}
    return made | {"arrears": True, "by_month": 1 + 0.5 * np.arange(H) / H}


LOYAL = 30.0 - 3.0 * (UNIT >= 12)
KEPT = FALLING * np.where(UNIT >= 12, np.array([[0.8], [1.0], [1.0]]), 1.0)
ELEMENTS = {
    "a newcomer at list price": {"kinds": kinds(), "joins": {"new": NOW}},
    "a newcomer rebate and its end": {
        "kinds": kinds(hazards=SPIKE, unit=30.0 - 10.0 * (UNIT < 12)), "joins": {"new": NOW},
    },
    "a loyalty rebate that acts on price": {
        "kinds": kinds(hazards=KEPT, unit=LOYAL), "joins": {"new": NOW},
    },
    "a rebate for all that glides": {
        "kinds": kinds(unit=30.0 - np.maximum(8.0 - UNIT / 3, 0)), "joins": {"new": NOW},
    },
    "returners, a cool-off, winning back": came_back(),
    "a minimum term": {
        "kinds": kinds(hazards=FALLING * (UNIT >= 12)), "joins": {"new": NOW},
    },
    "care for those who complain": {"kinds": kinds(**upset()), "joins": {"new": NOW}},
    "paying in arrears, and on leaving": {
        "kinds": kinds(at_exit=(-10.0, -2.0, 5.0)), "joins": {"new": NOW}, "arrears": True,
    },
    "prices by month, sign-ups over time": {
        "kinds": kinds(), "joins": {"new": np.full(H, 1 / H)},
        "by_month": 1 + np.arange(H) / H,
    },
    "today's customers": {
        "kinds": kinds(), "today": {"new": np.array([0.0, 0.2] + [0.04] * 20)},
    },
    "all of it": everything(),
}  # fmt: skip


def expected(s: Setting) -> tuple[float, float, float, np.ndarray]:
    """Return value, paid units, new lives and leavers by cause of a person, by the engine."""
    lives, pays = [], {}
    for name, law in s.kinds.items():
        care: dict[str, Any] = {
            "complains": law.complains,
            "answered": law.answered,
            "fades": law.fades,
        }
        if law.complains:
            care |= {"complained": law.complained, "recovered": law.recovered}
            lives.append(cared_for(name, CAUSES, law.hazards, **care))
        else:
            lives.append(life(name, CAUSES, law.hazards))
        exits = dict(zip(CAUSES, law.at_exit, strict=True))
        state = {"complained": law.soothing} if law.complains else {}
        pays[name] = Pays(law.unit, law.once, exits, state, s.arrears, s.by_month)
    returns = [
        Return((source,), (cause,), target, chance)
        for (source, cause), targets in s.back.items()
        for target, chance in targets.items()
    ]
    bases = [existing(next(x for x in lives if x.name == n), a, s.horizon)
             for n, a in s.today.items()]  # fmt: skip
    found = renewed(lives, returns, s.joins, s.horizon, bases=bases)
    worth = value(found, pays, s.v) + sum(base_value(b, pays[b.life.name], s.v) for b in bases)
    units = sum(customers(found, x.name).sum() for x in lives)
    units += sum(b.customers().sum() for b in bases)
    left = [
        sum(leavers(found, x.name, c).sum() for x in lives) + sum(b.leavers(c).sum() for b in bases)
        for c in CAUSES
    ]
    return (
        float(worth),
        float(units),
        float(found.starts.sum() - found.signed.sum()),
        np.array(left),
    )


def apart(found: Drawn, exact: tuple[float, float, float, np.ndarray]) -> np.ndarray:
    """Return the differences in Monte Carlo errors: value, units, new lives, leavers by cause."""
    own = np.vstack([found.value, found.units, found.returns, found.left])
    theory = np.concatenate([exact[:3], exact[3]])
    error = own.std(axis=1, ddof=1) / np.sqrt(own.shape[1])
    gap = own.mean(axis=1) - theory
    # what cannot happen must be 0 in both, to the last bit
    assert (gap[error == 0] == 0).all()
    return gap[error > 0] / error[error > 0]


def seed(name: str) -> int:
    return int.from_bytes(sha256(name.encode()).digest()[:8], "big")


@pytest.mark.parametrize("element", ELEMENTS)
def test_recursion_and_persons_agree(element):
    s = Setting(**{"horizon": H, "v": V} | ELEMENTS[element])
    exact = expected(s)
    gaps = apart(drawn(s, 20_000, seed(element)), exact)
    assert len(gaps) >= 5
    if np.abs(gaps).max() >= 3.5:
        gaps = apart(drawn(s, 200_000, seed(element + ":2")), exact)
    assert np.abs(gaps).max() < 3.5, gaps


@pytest.mark.long
@pytest.mark.parametrize("element", ELEMENTS)
def test_they_agree_with_four_hundred_thousand_persons(element):
    s = Setting(**{"horizon": H, "v": V} | ELEMENTS[element])
    gaps = apart(drawn(s, 400_000, seed(element + ": many")), expected(s))
    assert np.abs(gaps).max() < 3.5, gaps


WRONG = {
    "a return a month late": lambda s: {
        "back": {
            k: {t: [0.0, *chance] for t, chance in targets.items()}
            for k, targets in s.back.items()
        }
    },
    "no interest": lambda s: {"v": 1.0},
    "in advance": lambda s: {"arrears": False},
    "prices as they are": lambda s: {"by_month": None},
    "today's customers are new": lambda s: {
        "today": {n: np.array([a.sum()]) for n, a in s.today.items()}
    },
    "nobody complains": lambda s: {
        "kinds": {n: _calm(law) for n, law in s.kinds.items()}
    },
}  # fmt: skip


def _calm(law):
    names = ("hazards", "unit", "once", "at_exit")
    return Kind(**{n: getattr(law, n) for n in names})


@cache
def _persons() -> Drawn:
    right = Setting(**{"horizon": H, "v": V} | ELEMENTS["all of it"])
    return drawn(right, 100_000, seed("all of it"))


@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_would_be_seen(mistake):
    """The persons show what a recursion with one thing wrong would miss."""
    right = Setting(**{"horizon": H, "v": V} | ELEMENTS["all of it"])
    wrong = Setting(**{"horizon": H, "v": V} | ELEMENTS["all of it"] | WRONG[mistake](right))
    gaps = apart(_persons(), expected(wrong))
    assert np.abs(gaps).max() > 3.5


def test_persons_are_upset_as_told():
    """The simulation itself: with a chance of 1 everybody has complained and pays for it."""
    sure = Kind(FALLING * 0, 0 * UNIT, complains=1.0, soothing=-1.0)
    s = Setting({"new": sure}, joins={"new": NOW}, horizon=H)
    assert drawn(s, 10, 1).value.tolist() == [-(H - 1.0)] * 10
    assert COMPLAINED == 1
