"""Questions about offers that do nothing: how often an answer claims that they do something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import special
from scipy.special import expit

from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.reacting.events import event_trial
from stammkunde.evidence.reacting.sequential import entrants
from stammkunde.evidence.staying.grace import grace_effect
from stammkunde.evidence.staying.landmark import policy_effect
from stammkunde.evidence.staying.uptake import Uptake, uptake_from
from stammkunde.evidence.trial import compare
from stammkunde.result import Estimate
from stammkunde.spells.spells import CENSORED
from stammkunde.survival.arrays import life_tables_from
from stammkunde.survival.contrasts import adjusted, rmst_difference
from stammkunde.survival.kaplan_meier import kaplan_meier
from tests.validate.counting import dealt
from tests.validate.rule import LEVEL, Check, Recipe, Three, three

SIZE, ARMS = 3000, ("treated", "control")
SEEN, HORIZON, K, LAST = 60, 36, 12, 16
SHARES = (0.6, 0.3)
REGIONS, EACH = 60, 50
AHEAD, TRIALS = 6, 8
RELEVANT = 0.25
Asked = Callable[[np.random.Generator], tuple[Estimate, Estimate]]


def people(rng: np.random.Generator, size: int = SIZE) -> tuple[np.ndarray, ...]:
    """Return what is known of customers, and when they leave and are last seen.

    Something that is not known makes them leave as well, but tells nothing of what they are given.
    """
    known, hidden = (rng.random(size) < 0.5).astype(int), rng.normal(0, 0.5, size)
    stay = rng.geometric(expit(-3.2 + 0.8 * known + hidden))
    return known, stay, rng.integers(6, SEEN + 1, size)


def rows_of(
    treated: np.ndarray,
    cell: np.ndarray | int,
    block: np.ndarray,
    stay: np.ndarray,
    seen: np.ndarray,
) -> pd.DataFrame:
    """Return counted subjects, one row each, those never at risk left out."""
    frame = pd.DataFrame(
        {
            "arm": np.where(treated, *ARMS),
            "cell": cell,
            "block": block,
            "begin": 0,
            "finish": np.minimum(stay, seen),
            "end": np.where(stay <= seen, "left", CENSORED),
            "n": 1,
        }
    )
    return frame[frame.finish > 0]


def asked(rows: pd.DataFrame, horizon: int, clusters: int = 0) -> Estimate:
    trial = replace(baseline_trial(rows, ARMS, reach=horizon), clusters=clusters)
    return compare(trial, *ARMS, horizon).months


def usual(rows: pd.DataFrame, horizon: int) -> Estimate:
    """Return the difference of mean months by plain Kaplan-Meier curves, rows taken for persons."""
    arm, left = (rows.arm == ARMS[0]).to_numpy(), (rows.end == "left").to_numpy()
    control, treated = life_tables_from(rows.finish.to_numpy(), left, arm.astype(int), 2)
    return rmst_difference(kaplan_meier(treated), kaplan_meier(control), horizon)


def at_start(rng: np.random.Generator) -> tuple[Estimate, Estimate]:
    """Return the answer on an offer at sign-up, and that of who does not ask who is given it."""
    known, stay, seen = people(rng)
    treated = rng.random(SIZE) < np.where(known == 0, *SHARES)
    rows = rows_of(treated, known, dealt(rng, SIZE), stay, seen)
    return asked(rows, 24), usual(rows, 24)


def taken(rng: np.random.Generator, months: np.ndarray) -> tuple[Uptake, pd.DataFrame]:
    """Return who takes an offer in a month of his own, if he is still there; and ever or never."""
    known, stay, seen = people(rng)
    takes = rng.random(SIZE) < np.where(known == 0, *SHARES)
    exit_ = np.minimum(stay, seen)
    month = np.where(takes & (months <= exit_), months, 0)
    block, end = dealt(rng, SIZE), np.where(stay <= seen, "left", CENSORED)
    made = uptake_from(exit_, end, month, known, block, reach=SEEN)
    return made, rows_of(month > 0, 0, block, stay, seen)


def at_landmark(rng: np.random.Generator) -> tuple[Estimate, Estimate]:
    """Return the answer on an offer from month 13 on, and the usual one: ever less never."""
    uptake, ever = taken(rng, np.full(SIZE, K + 1))
    return policy_effect(uptake, K, HORIZON).months, usual(ever, HORIZON)


def in_window(rng: np.random.Generator) -> tuple[Estimate, Estimate]:
    """Return the answer on an offer in months 13 to 16, and the usual one: ever less never."""
    uptake, ever = taken(rng, rng.integers(K + 1, LAST + 1, SIZE))
    return grace_effect(uptake, K + 1, LAST, HORIZON).months, usual(ever, HORIZON)


def by_lot(rng: np.random.Generator) -> tuple[Estimate, Estimate]:
    """Return the answer on calls dealt by lot, and that on being reached: who stays can be."""
    known, stay, seen = people(rng)
    day = rng.integers(0, 13, SIZE)
    there = (stay > day) & (seen > day)
    known, stay, seen = known[there], (stay - day)[there], (seen - day)[there]
    called, block = rng.random(len(stay)) < 0.5, dealt(rng, len(stay))
    reached = called & (rng.random(len(stay)) < np.where(known == 0, 0.8, 0.4))
    drawn = asked(rows_of(called, 0, block, stay, seen), 12)
    return drawn, usual(rows_of(reached, 0, block, stay, seen), 12)


def in_regions(rng: np.random.Generator) -> tuple[Estimate, Estimate]:
    """Return the answer on a day's policy by regions, and that of who takes customers for lots."""
    region = np.repeat(np.arange(REGIONS), EACH)
    factor = rng.normal(0, 0.4, REGIONS)[region]
    stay = rng.geometric(expit(-3.2 + factor))
    met = (rng.permutation(REGIONS) < REGIONS // 2)[region]
    rows = rows_of(met, 0, region, stay, np.full(len(stay), 24))
    return asked(rows, 24, clusters=REGIONS), usual(rows, 24)


def in_reaction(rng: np.random.Generator) -> tuple[Estimate, Estimate]:
    """Return the answer on an event in some month, and the same with nothing known of anybody."""
    known, stay, seen = people(rng)
    unit = np.arange(2, TRIALS + 1)
    who, at = np.nonzero(unit <= np.minimum(stay, seen)[:, None])
    happens = rng.random(len(who)) < np.where(known[who] == 0, 0.1, 0.25)
    frame = pd.DataFrame(
        {
            "person": who,
            "block": dealt(rng, SIZE)[who],
            "unit": unit[at],
            "known": known[who],
            "arm": np.where(happens, *ARMS),
            "finish": np.minimum(stay, seen)[who] - unit[at] + 1,
            "end": np.where(stay <= seen, "left", CENSORED)[who],
        }
    )
    entered = entrants(frame, ARMS, by=["known"], reach=AHEAD)
    return compare(event_trial(entered), *ARMS, AHEAD).months, usual(frame, AHEAD)


DESIGNS: dict[str, tuple[Asked, str]] = {
    "at the start": (at_start, "at the start, nothing known"),
    "from month 13": (at_landmark, "from month 13, ever less never"),
    "in months 13 to 16": (in_window, "in months 13 to 16, ever less never"),
    "called by lot": (by_lot, "reached by the call"),
    "in regions": (in_regions, "in regions, customers as blocks"),
    "an event": (in_reaction, "an event, nothing known"),
}


def one_sided(estimate: Estimate) -> float:
    """Return the p-value of "it does not keep customers longer" behind an estimate."""
    assert estimate.value is not None
    assert estimate.se is not None
    found = estimate.replicates
    blocks = found.smallest if found is not None and found.is_enough else np.inf
    return float(special.stdtr(blocks - 1, -estimate.value / estimate.se))


def is_claimed(estimates: list[Estimate]) -> bool:
    """Return whether any of several claims is supported, by the rule of a report."""
    sure = adjusted([one_sided(e) for e in estimates], "benjamini-hochberg")
    large = [(e.value or 0.0) >= RELEVANT for e in estimates]
    return any(p <= 1 - LEVEL and big for p, big in zip(sure, large, strict=True))


def given(ask: Asked, rng: np.random.Generator) -> tuple[Estimate, Estimate]:
    """Return an answer that is not refused, and the usual one: a refused one claims nothing."""
    answer, other = ask(rng)
    while answer.value is None:
        answer, other = ask(rng)
    return answer, other


def nothing(rng: np.random.Generator) -> dict[str, Three]:
    right, usual, found = [], [], {}
    for name, (ask, wrong) in DESIGNS.items():
        answer, other = given(ask, rng)
        right.append(answer)
        usual.append(other)
        found |= {name: three(answer), wrong: three(other)}
    for name, estimates in (("no claim among six", right), ("no claim, usual", usual)):
        found[name] = (1.0, 2.0, 3.0) if is_claimed(estimates) else (1.0, 0.0, 1.0)
    return found


# a comparison that regions make doubtful is right on average
ONLY_SURER = "in regions"
NO_EFFECT = Recipe(
    "offers that do nothing, by design",
    "3000 customers for each of six questions, each about something that changes nothing; an "
    "interval without 0 is a false claim, of which there may be 5 in 100. Beside each stands the "
    "usual analysis. Of all six together a claim is made by the one-sided tests, "
    "Benjamini-Hochberg at 5 %, and at least .25 months. Customers whose question is refused an "
    "answer, in about one world of a thousand, are drawn anew",
    (
        *(Check(name, 0.0) for name in DESIGNS),
        Check("no claim among six", 1.0, "", "conservative"),
        *(
            Check(w, 0.0, "none" if name == ONLY_SURER else "must miss", "must fall short")
            for name, (_, w) in DESIGNS.items()
        ),
        Check("no claim, usual", 1.0, "", "must fall short"),
    ),
    nothing,
)

RECIPES = (NO_EFFECT,)
