"""Worlds in which nothing has an effect, or something is unrecorded, or few answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import expit

from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.doubt.bounds import share_bounds, two_phase
from stammkunde.evidence.doubt.negative import negative_control
from stammkunde.evidence.doubt.permutation import permutation_test
from stammkunde.evidence.doubt.tipping import corrected
from stammkunde.evidence.doubt.unrecorded import Unrecorded
from stammkunde.evidence.trial import Compared, compare
from stammkunde.spells.spells import CENSORED
from tests.validate.counting import dealt
from tests.validate.rule import Check, Recipe, Three, three

ARMS = ("offered", "not offered")
HORIZON = 24
NAN = float("nan")


def rows_of(
    rng: np.random.Generator,
    offered: np.ndarray,
    cell: np.ndarray,
    stay: np.ndarray,
    seen: np.ndarray | int,
    cause: np.ndarray | str = "left",
) -> pd.DataFrame:
    """Return counted subjects, one row each."""
    return pd.DataFrame(
        {
            "arm": np.where(offered, *ARMS),
            "cell": cell,
            "block": dealt(rng, len(stay)),
            "begin": 0,
            "finish": np.minimum(stay, seen),
            "end": np.where(stay <= seen, cause, CENSORED),
            "n": 1,
        }
    )


def asked(rows: pd.DataFrame) -> Compared:
    return compare(baseline_trial(rows, ARMS, reach=HORIZON), *ARMS, HORIZON)


def kept(p: float | None) -> Three:
    """Return "no effect" as an interval that covers 0 where the test keeps it."""
    assert p is not None
    return (p, -1.0, 1.0) if p > 0.05 else (p, 1.0, 2.0)


def leaving(rng: np.random.Generator, hazards: np.ndarray, months: int) -> np.ndarray:
    """Return months of leaving under one constant hazard each; months + 1 where later."""
    return np.minimum(rng.geometric(hazards), months + 1)


def nothing(rng: np.random.Generator) -> dict[str, Three]:
    size = 4000
    old, hidden = rng.random(size) < 0.5, rng.normal(0, 0.5, size)
    stay = leaving(rng, expit(-3.2 + 0.8 * old + hidden), 36)
    seen = rng.integers(6, 61, size)
    there = (stay > 12) & (seen > 12)
    old, stay, seen = old[there], stay[there] - 12, np.minimum(seen[there] - 12, HORIZON)
    offered = rng.random(len(old)) < np.where(old, 0.3, 0.6)
    cause = np.where(rng.random(len(old)) < 0.3, "moved", "price")
    rows = rows_of(rng, offered, old.astype(int), stay, seen, cause)
    found, plain = asked(rows), asked(rows.assign(cell=0))
    trial = baseline_trial(rows, ARMS, reach=HORIZON)
    return {
        "months": three(found.months),
        "share still there": three(found.share),
        "moved, as a negative control": three(
            negative_control(trial, *ARMS, HORIZON, "moved").estimate
        ),
        "arms dealt at random": kept(permutation_test(rows, ARMS, HORIZON, count=99).p),
        "months, unadjusted": three(plain.months),
        "arms dealt at random, unadjusted": kept(
            permutation_test(rows.assign(cell=0), ARMS, HORIZON, count=99).p
        ),
    }


NOTHING = Recipe(
    "an offer that does nothing",
    "4000 customers, those there after a year get an offer by chance, .6 or .3 by what they are, "
    "which also makes them leave; in another year or two it changes nothing, and 95 of 100 "
    "intervals and tests say so",
    (
        Check("months", 0.0),
        Check("share still there", 0.0),
        Check("moved, as a negative control", 0.0),
        Check("arms dealt at random", 0.0, "", "exact"),
        Check("months, unadjusted", 0.0, "must miss", "must fall short"),
        Check("arms dealt at random, unadjusted", 0.0, "", "must fall short"),
    ),
    nothing,
)

GAP, STEP, EFFECT = 0.7, 0.7, -0.5
HAS, ODDS = (0.7, 0.3), 3.0


def stays(offered: bool, hidden: np.ndarray) -> np.ndarray:
    """Return S(0) .. S(24) by the value of what is unrecorded, each to the power of months."""
    leave = expit(-3.5 + EFFECT * offered + hidden)
    return (1 - leave[:, None]) ** np.arange(HORIZON + 1)


def truth(spread: Literal["normal", "binary"], of: str) -> float:
    """Return the exact effect on everybody."""
    if spread == "normal":
        at, mass = np.polynomial.hermite_e.hermegauss(60)
        values = STEP * np.concatenate([at + GAP / 2, at - GAP / 2])
        mass = np.concatenate([mass, mass]) / (2 * mass.sum())
    else:
        values, mass = np.log(ODDS) * np.array([0.0, 1.0]), np.array([0.5, 0.5])
    one, two = (mass @ stays(offered, values) for offered in (True, False))
    gain = one - two
    return float(gain[:HORIZON].sum() if of == "months" else gain[HORIZON])


def unrecorded(rng: np.random.Generator) -> dict[str, Three]:
    size = 2000
    offered = rng.random(size) < 0.5
    normal = STEP * rng.normal(np.where(offered, GAP / 2, -GAP / 2), 1)
    binary = np.log(ODDS) * (rng.random(size) < np.where(offered, *HAS))
    found = []
    for hidden in (normal, binary):
        stay = leaving(rng, expit(-3.5 + EFFECT * offered + hidden), HORIZON)
        found.append(asked(rows_of(rng, offered, np.zeros(size, int), stay, HORIZON)))
    one = corrected(found[0], Unrecorded(odds=float(np.exp(STEP)), difference=GAP))
    two = corrected(found[1], Unrecorded(odds=ODDS, difference=HAS[0] - HAS[1], spread="binary"))
    return {
        "months, normal": three(one.months),
        "share, normal": three(one.share),
        "months, binary": three(two.months),
        "share, binary": three(two.share),
        "months, normal, as if it were not": three(found[0].months),
        "months, binary, as if it were not": three(found[1].months),
    }


UNRECORDED = Recipe(
    "something unrecorded",
    "2000 customers, half with an offer that lowers the log odds of leaving by .5; those with it "
    "have .7 standard deviations more of what raises them by .7 each, or have in 70 and not in 30 "
    "of 100 what trebles them; corrected for as much",
    (
        Check("months, normal", truth("normal", "months")),
        Check("share, normal", truth("normal", "share")),
        Check("months, binary", truth("binary", "months")),
        Check("share, binary", truth("binary", "share")),
        Check(
            "months, normal, as if it were not",
            truth("normal", "months"),
            "must miss",
            "must fall short",
        ),
        Check(
            "months, binary, as if it were not",
            truth("binary", "months"),
            "must miss",
            "must fall short",
        ),
    ),
    unrecorded,
)


def still_movable(rng: np.random.Generator) -> dict[str, Three]:
    size = 4000
    offered = rng.random(size) < 0.5
    price = np.where(offered, 0.015, 0.03)
    moving = 0.015
    stay = leaving(rng, price + moving, HORIZON)
    cause = np.where(rng.random(size) < moving / (price + moving), "moved", "price")
    rows = rows_of(rng, offered, np.zeros(size, int), stay, HORIZON, cause)
    found = negative_control(baseline_trial(rows, ARMS, reach=HORIZON), *ARMS, HORIZON, "moved")
    assert found.plain is not None
    return {
        "moved, if nobody left otherwise": three(found.estimate),
        "moved, plainly": three(found.plain),
        "moved, plainly, as a control": three(found.plain),
    }


def movers(price: float, moving: float = 0.015) -> float:
    """Return the share who have moved by the horizon."""
    return float(moving * ((1 - price - moving) ** np.arange(HORIZON)).sum())


MOVING = Recipe(
    "an offer that works and movers",
    "4000 customers who move at .015 a month, offer or not; the offer halves leaving for price at "
    ".03, so that more are left to move",
    (
        Check("moved, if nobody left otherwise", 0.0),
        Check("moved, plainly", movers(0.015) - movers(0.03)),
        Check("moved, plainly, as a control", 0.0, "must miss", "must fall short"),
    ),
    still_movable,
)

REASONS = np.array([0.25, 0.35, 0.30, 0.10])
ANSWER = np.array([0.40, 0.10, 0.15, 0.10])
LIFTS = np.array([0.3, 0.7, 0.6, 0.5])


def card(rng: np.random.Generator) -> dict[str, Three]:
    size = 10_000
    reason = rng.choice(4, size, p=REASONS)
    moved, answered = reason == 0, rng.random(size) < ANSWER[reason]
    phoned = ~answered & (rng.random(size) < 0.1)
    lifted = phoned & (rng.random(size) < LIFTS[reason])
    numbers = {
        "whole": size,
        "answered": int(answered.sum()),
        "events": int((answered & moved).sum()),
        "asked_again": int(phoned.sum()),
    }
    everybody = two_phase(
        **numbers, reached=numbers["asked_again"], events_again=int((phoned & moved).sum())
    )
    some = two_phase(
        **numbers, reached=int(lifted.sum()), events_again=int((lifted & moved).sum())
    ).bounds
    none = share_bounds(numbers["events"], numbers["answered"], size)
    as_if_all = two_phase(
        **numbers | {"asked_again": int(lifted.sum())},
        reached=int(lifted.sum()),
        events_again=int((lifted & moved).sum()),
    )
    answers = numbers["events"] / numbers["answered"]
    assert some.least is not None
    assert some.most is not None
    assert none.least is not None
    assert none.most is not None
    return {
        "moved, all reached by telephone": three(everybody.estimate),
        "least that can be, card only": (none.low, NAN, NAN),
        "most that can be, card only": (none.high, NAN, NAN),
        "bounds, card only": (none.low, none.least, none.most),
        "bounds, half lift the receiver": (some.low, some.least, some.most),
        "moved, of who sent the card": (answers, NAN, NAN),
        "moved, who did not lift forgotten": three(as_if_all.estimate),
    }


CARD = Recipe(
    "card and telephone",
    "10,000 leavers, of whom 19 % send a card back, movers more than others; one in ten of the "
    "others is telephoned",
    (
        Check("moved, all reached by telephone", 0.25),
        Check("least that can be, card only", 0.10, "none", ""),
        Check("most that can be, card only", 0.91, "none", ""),
        Check("bounds, card only", 0.25, "", "conservative"),
        Check("bounds, half lift the receiver", 0.25, "", "conservative"),
        Check("moved, of who sent the card", 0.25, "must miss", ""),
        Check("moved, who did not lift forgotten", 0.25, "must miss", "must fall short"),
    ),
    card,
)

RECIPES: Sequence[Recipe] = (NOTHING, UNRECORDED, MOVING, CARD)
