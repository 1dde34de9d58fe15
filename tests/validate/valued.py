"""What a policy is worth: customers and the effect of a rebate counted from the same persons."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS, block_weights
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.effect import EVERYBODY, effect_of
from stammkunde.policy.decide import league
from stammkunde.policy.offers import (
    Behaviour,
    Market,
    Policy,
    RebateForAll,
    Segment,
    at_list_price,
    worths,
)
from stammkunde.survival import formulas
from tests.validate.counting import dealt
from tests.validate.rule import Check, Recipe, Three, three

SIZE, HORIZON, DRAWS = 6000, 24, 400
CAUSES = ("moved", "price")
MOVED, PRICE, RATIO, TAKEN = 0.01, 0.03, 0.7, 0.5
MARGIN, REBATE, SIGNED, INTEREST = 20.0, 2.0, 100.0, 0.08
ARMS = ("treated", "control")


def worth_of(hazard: float, paid: float) -> float:
    """Return what all who sign up within the horizon are worth, each leaving with one hazard."""
    v = (1 + INTEREST) ** (-1 / 12)
    each = np.cumsum(((1 - hazard) * v) ** np.arange(HORIZON)) * paid
    return float(SIGNED * (v ** np.arange(HORIZON) @ each[::-1]))


WITH, WITHOUT = MOVED + PRICE * RATIO, MOVED + PRICE
TAKERS = worth_of(WITH, MARGIN - REBATE)
OTHERS = worth_of(WITHOUT, MARGIN)
NOW = TAKEN * TAKERS + (1 - TAKEN) * OTHERS


def customers(rng: np.random.Generator) -> pd.DataFrame:
    """Return customers seen from their first unit on, half of them with the rebate by lot."""
    treated = rng.random(SIZE) < TAKEN
    hazard = np.where(treated, WITH, WITHOUT)
    stay = rng.geometric(hazard)
    moved = rng.random(SIZE) < MOVED / hazard
    end = np.where(stay > HORIZON, "censored", np.where(moved, *CAUSES))
    return pd.DataFrame(
        {
            "arm": np.where(treated, *ARMS),
            "cell": 0,
            "block": dealt(rng, SIZE),
            "begin": 0,
            "finish": np.minimum(stay, HORIZON),
            "end": end,
            "n": 1,
        }
    )


def observed(rows: pd.DataFrame, weights: np.ndarray) -> Market:
    """Return the market as it is seen, takers and others together, under weights [B, 256]."""
    finish = rows.finish.to_numpy()[:, None]
    block, units = rows.block.to_numpy(), np.arange(1, HORIZON + 1)
    at_risk = np.zeros((BLOCKS, HORIZON))
    moves = np.zeros((len(CAUSES), BLOCKS, HORIZON))
    np.add.at(at_risk, block, (finish >= units).astype(float))
    for k, cause in enumerate(CAUSES):
        own = (rows.end == cause).to_numpy()
        np.add.at(moves[k], block[own], (finish[own] == units).astype(float))
    hazards = [formulas.hazard(weights @ at_risk, weights @ m) for m in moves]
    one = Segment("", np.stack(hazards, axis=1), MARGIN, 50.0, inflow=SIGNED)
    return Market(CAUSES, (one,), HORIZON, INTEREST)


def once(rng: np.random.Generator) -> dict[str, Three]:
    rows, weights = customers(rng), block_weights(DRAWS)
    trial = baseline_trial(rows, ARMS, reach=HORIZON, assumptions=())
    effect = effect_of({EVERYBODY: trial}, *ARMS, HORIZON, beyond="lasts")
    reacts = Behaviour(effect=effect)
    policies = (
        Policy("now", elements=(RebateForAll(REBATE, behaviour=reacts, take_up=TAKEN),)),
        Policy("nobody"),
        Policy("everybody", elements=(RebateForAll(REBATE, behaviour=reacts),)),
    )
    market = at_list_price(observed(rows, weights), policies[0], {}, weights)
    found = worths(policies, market, {}, count=DRAWS, weights=weights)
    values = np.stack([found[p.name].total for p in policies], axis=-1)
    told = league(values, [p.name for p in policies], "now")
    saved = found["everybody"].margin - found["nobody"].margin
    windfall = saved * (1 - REBATE / MARGIN)
    least, most = (float(x) for x in np.quantile(windfall, [0.025, 0.975]))
    return {
        "value now": three(told.of("now").value),
        "nobody less now": three(told.of("nobody").difference),
        "everybody less now": three(told.of("everybody").difference),
        "everybody less nobody, its cost counted for those it kept only": (
            float(windfall.mean()),
            least,
            most,
        ),
    }


RECIPE = Recipe(
    "policies valued",
    "6,000 customers followed for 24 months, half with a rebate of 2 euro a month by lot, which "
    "takes .3 off a price hazard of .03 a month; value of 24 months of 100 sign-ups each",
    (
        Check("value now", NOW),
        Check("nobody less now", OTHERS - NOW),
        Check("everybody less now", TAKERS - NOW),
        Check(
            "everybody less nobody, its cost counted for those it kept only",
            TAKERS - OTHERS,
            "must miss",
            "must fall short",
        ),
    ),
    once,
)
RECIPES = (RECIPE,)
