"""Offers that leak: advertised in whole regions, or to every other customer of each."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.trial import compare
from tests.validate.counting import dealt
from tests.validate.rule import Check, Recipe, Three, three

REGIONS, EACH, MONTHS = 100, 50, 24
HAZARD, HARM = 0.02, 0.6
NAN = float("nan")
ARMS = ("seen", "not seen")
NODES, MASS = np.polynomial.hermite_e.hermegauss(60)


def months_at(exposure: float, spread: float) -> float:
    """Return the expected months within 24 at an exposure, over regions."""
    factor = np.exp(-(spread**2) / 2 + spread * NODES)
    hazard = HAZARD * factor * (1 + HARM * exposure)
    stay = (1 - hazard)[:, None] ** np.arange(MONTHS)
    return float(MASS @ stay.sum(axis=1) / MASS.sum())


def leak(spread: float, kappa: float) -> float:
    """Return the months lost by who was assigned to see it; all alike see a share `kappa`."""
    own = [months_at((1 - kappa) * a + kappa / 2, spread) for a in (1.0, 0.0)]
    return own[0] - own[1]


def once(rng: np.random.Generator, kappa: float) -> dict[str, Three]:
    region = np.repeat(np.arange(REGIONS), EACH)
    factor = np.exp(rng.normal(-0.02, 0.2, REGIONS))[region]
    whole = rng.permutation(REGIONS) < REGIONS // 2
    assigned = whole[region] if kappa == 0 else rng.random(REGIONS * EACH) < 0.5
    exposure = (1 - kappa) * assigned + kappa / 2
    stay = rng.geometric(HAZARD * factor * (1 + HARM * exposure))
    frame = pd.DataFrame(
        {
            "arm": np.where(assigned, *ARMS),
            "cell": 0,
            "block": region if kappa == 0 else dealt(rng, REGIONS * EACH),
            "begin": 0,
            "finish": np.minimum(stay, MONTHS),
            "end": np.where(stay <= MONTHS, "left", "censored"),
            "n": 1,
        }
    )
    if kappa:
        found = three(compare(baseline_trial(frame, ARMS, reach=MONTHS), *ARMS, MONTHS).months)
        return {"months, customers one by one": found, "the same, by its own limit": found}
    trial = replace(baseline_trial(frame, ARMS, reach=MONTHS), clusters=REGIONS)
    scattered = frame.assign(block=dealt(rng, len(frame)))
    persons = compare(baseline_trial(scattered, ARMS, reach=MONTHS), *ARMS, MONTHS).months
    return {
        "months, regions as blocks": three(compare(trial, *ARMS, MONTHS).months),
        "months, persons as blocks": three(persons),
    }


WHOLE = Recipe(
    "advertised in whole regions",
    "100 regions of 50 customers whose hazards differ by a factor of spread .2; half see an "
    "offer for newcomers, which multiplies the hazard by 1.6; 24 months",
    (
        Check("months, regions as blocks", leak(0.2, 0.0)),
        Check("months, persons as blocks", leak(0.2, 0.0), "none", "must fall short"),
    ),
    partial(once, kappa=0.0),
)
LEAKS = Recipe(
    "advertised to every other customer",
    "the same, but customers are assigned one by one, and three tenths of what is seen all see",
    (
        Check("months, customers one by one", leak(0.2, 0.0), "must miss", ""),
        Check("the same, by its own limit", leak(0.2, 0.3)),
    ),
    partial(once, kappa=0.3),
)
RECIPES = (WHOLE, LEAKS)
