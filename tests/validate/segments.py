"""Effects by segment, drawn towards one another, and what a choice of segments is worth."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS
from stammkunde.evidence.asking.by_block import blocks_of
from stammkunde.evidence.asking.gains import gains_of
from stammkunde.evidence.asking.rules import RULES, given_in
from stammkunde.evidence.asking.segments import drawn_estimates
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.benefit import FOLDS, shrunk
from stammkunde.evidence.drawn import drawn, spread_of
from stammkunde.evidence.trial import Compared, compare
from tests.validate.counting import dealt
from tests.validate.rule import Check, Recipe, Three, three

NAN = float("nan")
ARMS = ("treated", "control")
# errors as of segments of 200 to 5000 customers, truths half an error apart
ERRORS = np.array([0.15, 0.2, 0.3, 0.35, 0.5, 0.6, 0.7])
MEAN, SPREAD = 0.3, 0.25
Z = 1.959964
# so many worlds for what a choice loses: it is small, and none in most of them
WORLDS = 200


def by_numbers(rng: np.random.Generator) -> dict[str, Three]:
    truths = rng.normal(MEAN, SPREAD, (WORLDS, len(ERRORS)))
    counted = rng.normal(truths, ERRORS)
    guesses, errors = drawn(counted, np.broadcast_to(ERRORS, counted.shape))
    every = np.arange(WORLDS)
    lost = truths[every, guesses.argmax(axis=1)] - truths[every, counted.argmax(axis=1)]
    truth, own, better, error = truths[0], counted[0], guesses[0], errors[0]
    plain, spread = shrunk(own, ERRORS)
    weight = 1 / (ERRORS**2 + spread**2)
    keep = spread**2 / (spread**2 + ERRORS**2)
    known = np.sqrt(keep * ERRORS**2 + (1 - keep) ** 2 / weight.sum())
    any_one, first = int(rng.integers(len(ERRORS))), int(own.argmax())
    value, low, high = spread_of(own, ERRORS)

    def off(estimate: np.ndarray, se: np.ndarray, at: int) -> Three:
        error, step = float(estimate[at] - truth[at]), Z * float(se[at])
        return error, error - step, error + step

    return {
        "a segment, drawn": off(better, error, any_one),
        "a segment, the spread as if it were known": off(plain, known, any_one),
        "the largest, as counted": off(own, ERRORS, first),
        "the largest, drawn": off(better, error, first),
        "lost by choosing as counted": (float(lost.mean()), NAN, NAN),
        "spread": (value, low, high),
    }


DRAWN = Recipe(
    "effects by segment",
    "seven segments whose effects differ by .25 around .3, estimated with errors of .15 to .7; "
    "each repetition has truths of its own, and errors are told of one segment",
    (
        Check("a segment, drawn", 0.0),
        Check("a segment, the spread as if it were known", 0.0, "none", "must fall short"),
        Check("the largest, as counted", 0.0, "must miss", "must fall short"),
        Check("the largest, drawn", 0.0, "", "exact"),
        Check("lost by choosing as counted", 0.0, "must miss", ""),
        Check("spread", SPREAD, "", "exact"),
    ),
    by_numbers,
)

SIZE, HORIZON, SHARE = 4000, 6, 0.3
HAZARD = np.array([0.10, 0.06, 0.04, 0.08])
CHANGE = np.array([0.0, -0.006, 0.006, -0.003])
MASS = np.array([0.2, 0.3, 0.3, 0.2])
NAMES = tuple((f"segment {i}",) for i in range(len(MASS)))


def mean_stay(hazard: np.ndarray) -> np.ndarray:
    return ((1 - hazard[:, None]) ** np.arange(HORIZON)).sum(axis=1)


GAIN = mean_stay(HAZARD + CHANGE) - mean_stay(HAZARD)


def segments(
    rng: np.random.Generator,
) -> tuple[dict[tuple[str, ...], Compared], dict[tuple[str, ...], np.ndarray]]:
    """Return the arms compared within each segment of customers dealt to them by lot; and heads."""
    segment = rng.choice(len(MASS), SIZE, p=MASS)
    treated, block = rng.random(SIZE) < 0.5, dealt(rng, SIZE)
    stay = rng.geometric(HAZARD[segment] + np.where(treated, CHANGE[segment], 0.0))
    rows = pd.DataFrame(
        {
            "arm": np.where(treated, *ARMS),
            "cell": 0,
            "block": block,
            "begin": 0,
            "finish": np.minimum(stay, HORIZON),
            "end": np.where(stay <= HORIZON, "left", "censored"),
            "n": 1,
        }
    )
    compared: dict[tuple[str, ...], Compared] = {}
    persons: dict[tuple[str, ...], np.ndarray] = {}
    for i, name in enumerate(NAMES):
        own = rows[segment == i]
        trial = baseline_trial(own, ARMS, reach=HORIZON, assumptions=())
        compared[name] = compare(trial, *ARMS, HORIZON)
        persons[name] = np.bincount(own.block, minlength=BLOCKS)
    return compared, persons


def by_trials(rng: np.random.Generator) -> dict[str, Three]:
    compared, persons = segments(rng)
    found = gains_of(("segment",), compared, persons, drawn_estimates, share=SHARE)
    assert found is not None
    rows, every = blocks_of(compared, persons, None), np.ones((1, BLOCKS))
    true = np.zeros(len(RULES))
    for fold in range(FOLDS):
        here, parts = given_in(rows, every, fold, share=SHARE)
        true += (parts[0] * (here @ rows.persons)[0] * GAIN).sum(axis=-1) * 1000 / SIZE
    own, size = np.array([c.months.value for c in compared.values()]), rows.persons.sum(axis=0)
    praised = 1000 * float((size * np.where(own > 0, 1, -1)) @ (own - GAIN)) / SIZE
    everyone, gain = (found.rules[n] for n in ("everyone", "gain"))
    assert gain.value is not None
    return {
        "given to everyone": three(everyone),
        "given to those who gain, less what it is worth": (gain.value - true[-1], NAN, NAN),
        "praise of those chosen beside the others, on the same customers": (praised, NAN, NAN),
    }


GIVEN = Recipe(
    "who gains",
    "4,000 customers in four segments, half of them treated by lot; an offer that gains months in "
    "two segments and costs some in one; months within half a year per 1000 customers",
    (
        Check("given to everyone", 1000 * float(MASS @ GAIN)),
        Check("given to those who gain, less what it is worth", 0.0, "none", ""),
        Check(
            "praise of those chosen beside the others, on the same customers", 0.0, "must miss", ""
        ),
    ),
    by_trials,
)
RECIPES = (DRAWN, GIVEN)
