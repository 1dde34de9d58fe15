"""Offers at the start whose takers differ from others: measured, unmeasured, and by two models."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.starting.logit import Logit, fit_logit
from stammkunde.evidence.starting.person_trial import person_curve
from stammkunde.evidence.starting.person_weights import PersonTrial, sums_from, trial_of_sums
from stammkunde.evidence.starting.propensity import modelled_trial
from stammkunde.evidence.starting.robust import doubly_robust
from stammkunde.evidence.starting.visitors import drawn_offer
from stammkunde.evidence.trial import Compared, compare
from stammkunde.result import Estimate
from stammkunde.survival.contrasts import rmst_difference
from tests.validate.contrasts import kept
from tests.validate.counting import dealt
from tests.validate.recipes import mean_within, steady
from tests.validate.rule import Check, Recipe, Three, three

HORIZON = 24
ARMS = ("offer", "plain")
UNITS = np.arange(1, HORIZON + 1)
LEVELS = np.array([[0], [1]])


def expit(x: np.ndarray | float) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-np.asarray(x))))


def rows_of(
    rng: np.random.Generator, hazards: np.ndarray, taken: np.ndarray, cell: np.ndarray
) -> pd.DataFrame:
    """Return subjects followed through the horizon, `hazards` [N, K] of each."""
    gone = rng.random(hazards.shape) < hazards
    left = gone.any(axis=1)
    return pd.DataFrame(
        {
            "arm": np.where(taken, *ARMS),
            "cell": cell,
            "block": dealt(rng, len(taken)),
            "begin": 0,
            "finish": np.where(left, gone.argmax(axis=1) + 1, hazards.shape[1]),
            "end": np.where(left, "left", "censored"),
            "n": 1,
        }
    )


def deal_prone(
    rng: np.random.Generator, size: int, hidden: bool
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return subjects with the cell portal or not, and how prone to deals they are."""
    prone = rng.standard_normal(size)
    portal = rng.random(size) < expit(-0.5 + 1.5 * prone)
    taken = rng.random(size) < expit(1.2 * prone if hidden else -0.8 + 1.6 * portal)
    return rows_of(rng, expit(newcomers(prone, taken)), taken, portal.astype(int)), prone


def newcomers(prone: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """Return log-odds of leaving by unit: less while the rebate runs, more in the two after it."""
    rebate = -0.7 * (UNITS <= 12) + 1.1 * ((UNITS >= 13) & (UNITS <= 14))
    return np.asarray(-3.5 + 0.7 * prone[:, None] + taken[:, None] * rebate)


def against(rows: pd.DataFrame) -> Compared:
    return compare(baseline_trial(rows, ARMS, reach=HORIZON), *ARMS, HORIZON)


def by_prone(rows: pd.DataFrame, prone: np.ndarray, known: bool) -> PersonTrial:
    """Return the trial weighted by the chance given the hidden driver: the true one, or fitted."""
    design = np.column_stack([np.ones(len(prone)), prone])
    first = (rows.arm == ARMS[0]).to_numpy()
    model: Logit | None = None
    beta = np.array([0.0, 1.2])
    if not known:
        taken = np.column_stack([~first, first]).astype(int)
        model = fit_logit(design, taken, rows.block.to_numpy())
        beta = model.beta[0]
    return trial_of_sums(
        sums_from(design, rows, ARMS[0], beta),
        ARMS,
        HORIZON,
        model=model,
        assumptions=("alike_given_what_is_known",),
        largest=dict.fromkeys(ARMS, (1.0, ())),
    )


def by_person(trial: PersonTrial) -> Estimate:
    """Return the difference of months, also where it is refused because few persons carry it."""
    one, other = (person_curve(trial, a) for a in ARMS)
    return rmst_difference(one, other, HORIZON)


def measured(rng: np.random.Generator) -> Mapping[str, Three]:
    rows, _ = deal_prone(rng, 5000, hidden=False)
    found = against(rows)
    robust = doubly_robust(rows, LEVELS, *ARMS, HORIZON, chances="cells")
    modelled = compare(modelled_trial(rows, LEVELS, ARMS, reach=HORIZON), *ARMS, HORIZON)
    return {
        "weighted by cells": three(found.months),
        "share at 24, weighted by cells": three(found.share),
        "doubly robust": three(robust.months),
        "weighted by a model": three(modelled.months),
        "takers less others": three(against(rows.assign(cell=0)).months),
    }


def everybody(mean: float = 0.0) -> np.ndarray:
    """Return the survival curves [2, K + 1] of everybody with and without the rebate, exactly.

    How prone they are to deals is normal with that `mean`.
    """
    points, weights = np.polynomial.hermite_e.hermegauss(80)
    points = points + mean
    curves = []
    for arm in (True, False):
        hazards = expit(newcomers(points, np.full(len(points), arm)))
        stay = np.cumprod(1 - hazards, axis=1)
        curves.append(np.r_[1.0, weights @ stay / weights.sum()])
    return np.array(curves)


CURVES = everybody()
TRUTH = float(CURVES[0, :HORIZON].sum() - CURVES[1, :HORIZON].sum())
TRUTH_SHARE = float(CURVES[0, HORIZON] - CURVES[1, HORIZON])
MEASURED = Recipe(
    "newcomer offer, measured driver",
    "5000 customers; who comes by a portal takes the newcomer rebate more often, and is more prone "
    "to deals; the rebate holds for 12 months, and when it has run out more leave for two",
    (
        Check("weighted by cells", TRUTH),
        Check("share at 24, weighted by cells", TRUTH_SHARE),
        Check("doubly robust", TRUTH),
        Check("weighted by a model", TRUTH),
        Check("takers less others", TRUTH, "must miss", ""),
    ),
    measured,
)


def hidden(rng: np.random.Generator) -> Mapping[str, Three]:
    rows, prone = deal_prone(rng, 5000, hidden=True)
    known, fitted = (by_person(by_prone(rows, prone, k)) for k in (True, False))
    return {
        "takers less others": three(against(rows.assign(cell=0)).months),
        "weighted by the proxy": three(against(rows).months),
        "doubly robust by the proxy": three(doubly_robust(rows, LEVELS, *ARMS, HORIZON).months),
        "weighted by the true chance": three(known),
        "weighted by a model of the driver": three(fitted),
    }


HIDDEN = Recipe(
    "newcomer offer, hidden driver",
    "the same customers, but who is more prone to deals takes the rebate more often, and only the "
    "portal is recorded: a proxy does not rescue the comparison, the driver itself does",
    (
        Check("takers less others", TRUTH, "must miss", ""),
        Check("weighted by the proxy", TRUTH, "must miss", ""),
        Check("doubly robust by the proxy", TRUTH, "must miss", ""),
        Check("weighted by the true chance", TRUTH),
        Check("weighted by a model of the driver", TRUTH),
    ),
    hidden,
)

# cells of two traits: the first code stands for neither, the last for both
CELLS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
PLAIN_SIZES, TURNED_SIZES = np.array([0.1, 0.25, 0.25, 0.4]), np.array([0.2, 0.4, 0.15, 0.25])
# chances with main effects on the log-odds, and others that no main effects describe
PLAIN_CHANCES = expit(1.6 + CELLS @ np.array([-1.9, -1.5]))
TURNED_CHANCES = np.array([0.2, 0.8, 0.3, 0.15])
# restricted means that the first trait alone moves, and others that both move together
PLAIN_HAZARDS = np.array([[0.02, 0.02, 0.09, 0.09], [0.03, 0.03, 0.12, 0.12]])
TURNED_HAZARDS = np.array([[0.02, 0.1, 0.1, 0.02], [0.03, 0.12, 0.12, 0.03]])


def truth_of(hazards: np.ndarray, sizes: np.ndarray) -> float:
    means = [[mean_within(steady(np.full(HORIZON, h)), HORIZON) for h in arm] for arm in hazards]
    return float((np.array(means) @ sizes) @ np.array([1.0, -1.0]))


STAYS_TURNED = truth_of(TURNED_HAZARDS, PLAIN_SIZES)
STAYS_PLAIN = truth_of(PLAIN_HAZARDS, TURNED_SIZES)


def traits(
    rng: np.random.Generator, sizes: np.ndarray, chances: np.ndarray, hazards: np.ndarray
) -> Mapping[str, Three]:
    size = 4000
    cell = rng.choice(4, size, p=sizes)
    taken = rng.random(size) < chances[cell]
    each = hazards[np.where(taken, 0, 1), cell]
    rows = rows_of(rng, np.tile(each[:, None], HORIZON), taken, cell)
    # observed for 20 months to 40
    seen = rng.integers(20, 41, size)
    late = (rows.finish > seen).to_numpy()
    rows = rows.assign(
        finish=np.minimum(rows.finish, seen), end=np.where(late, "censored", rows.end)
    )
    both = doubly_robust(rows, CELLS, *ARMS, HORIZON)
    weights = compare(modelled_trial(rows, CELLS, ARMS, reach=HORIZON), *ARMS, HORIZON)
    return {
        "doubly robust": three(both.months),
        "weights alone": three(weights.months),
        "model of the outcome alone": three(both.modelled),
        "takers less others": three(against(rows.assign(cell=0)).months),
    }


def wrong_outcome(rng: np.random.Generator) -> Mapping[str, Three]:
    return traits(rng, PLAIN_SIZES, PLAIN_CHANCES, TURNED_HAZARDS)


def wrong_chances(rng: np.random.Generator) -> Mapping[str, Three]:
    return traits(rng, TURNED_SIZES, TURNED_CHANCES, PLAIN_HAZARDS)


WRONG_OUTCOME = Recipe(
    "doubly robust, outcome model wrong",
    "4000 customers with two traits; the chance of the offer has main effects, how long they stay "
    "has not",
    (
        Check("doubly robust", STAYS_TURNED),
        Check("weights alone", STAYS_TURNED),
        Check("model of the outcome alone", STAYS_TURNED, "must miss", ""),
        Check("takers less others", STAYS_TURNED, "must miss", ""),
    ),
    wrong_outcome,
)
WRONG_CHANCES = Recipe(
    "doubly robust, model of the chances wrong",
    "4000 customers with two traits; how long they stay has main effects, the chance of the offer "
    "has not",
    (
        Check("doubly robust", STAYS_PLAIN),
        Check("weights alone", STAYS_PLAIN, "must miss", ""),
        Check("model of the outcome alone", STAYS_PLAIN),
        Check("takers less others", STAYS_PLAIN, "must miss", ""),
    ),
    wrong_chances,
)

VISITORS, ALWAYS, MORE = 20_000, 0.20, 0.0858
# expected months of the induced, and what the offer brings per visitor
INDUCED_MONTHS = float(everybody(1.0)[0, :HORIZON].sum())
PER_VISITOR = ALWAYS * TRUTH + MORE * INDUCED_MONTHS


def visitors(rng: np.random.Generator) -> Mapping[str, Three]:
    size = VISITORS
    lot = rng.random(size) < 0.5
    kind = rng.random(size)
    always = kind < ALWAYS
    induced = (kind >= ALWAYS) & (kind < ALWAYS + MORE)
    signs = always | (induced & lot)
    rows = rows_of(rng, expit(newcomers(rng.standard_normal(size) + induced, lot)), lot, lot * 0)
    block = rows.block.to_numpy()
    came, stayed = (
        {a: np.bincount(block[w & (rows.arm == a)], minlength=256) for a in ARMS}
        for w in (np.ones(size, dtype=bool), signs)
    )
    signed = rows[signs]
    trial = baseline_trial(signed, ARMS, reach=HORIZON, assumptions=())
    found = drawn_offer(came, stayed, trial, *ARMS, HORIZON)
    low, high = found.always
    return {
        "share induced": three(found.induced),
        "months per visitor": three(found.per_visitor),
        "months per induced": three(found.per_induced),
        "bounds for always-buyers": kept(low <= TRUTH <= high, high - low),
        "sign-ups with less those without": three(compare(trial, *ARMS, HORIZON).months),
    }


VISITING = Recipe(
    "newcomer offer drawn among visitors",
    "20,000 visitors, half of them offered the rebate by lot; 20 in 100 sign up anyway, 8.58 for "
    "the offer alone, who are more prone to deals",
    (
        Check("share induced", MORE / (ALWAYS + MORE)),
        Check("months per visitor", PER_VISITOR),
        Check("months per induced", PER_VISITOR / MORE),
        Check("bounds for always-buyers", 0, "", "conservative"),
        Check("sign-ups with less those without", TRUTH, "must miss", "must fall short"),
    ),
    visitors,
)

RECIPES = (MEASURED, HIDDEN, WRONG_OUTCOME, WRONG_CHANCES, VISITING)
