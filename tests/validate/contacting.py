"""Whom to contact: by what it changes or by risk, and judged on the same customers or on others."""

from __future__ import annotations

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.evidence.benefit import FOLDS, Pilot, chosen, shrunk, targeted, worth
from tests.validate.counting import dealt
from tests.validate.rule import Check, Recipe, Three, three

SIZE, SHARE, VALUE, COST = 6000, 0.3, 300.0, 8.0
NAN = float("nan")
# risk rises along the rows; what a contact changes is largest at low risk, and harms some
RISK = np.repeat([0.06, 0.15, 0.25, 0.4], 3)
UPLIFT = np.tile([-0.01, 0.03, 0.06], 4) * np.repeat([0.6, 1.6, 1.0, 0.3], 3)
MASS = np.tile([0.2, 0.5, 0.3], 4) * np.repeat([0.3, 0.3, 0.25, 0.15], 3)
NAMES = tuple(f"segment {i}" for i in range(len(RISK)))


def pilot(rng: np.random.Generator) -> Pilot:
    segment = rng.choice(len(RISK), SIZE, p=MASS)
    arm = (rng.random(SIZE) < 0.5).astype(int)
    left = rng.random(SIZE) < RISK[segment] - np.where(arm == 0, UPLIFT[segment], 0.0)
    cell = (segment * 2 + arm) * BLOCKS + dealt(rng, SIZE)
    shape = (len(RISK), 2, BLOCKS)
    persons, gone = (
        np.bincount(cell[some], minlength=int(np.prod(shape))).reshape(shape)
        for some in (np.ones(SIZE, bool), left)
    )
    return Pilot(segments=NAMES, persons=persons, left=gone)


def rules_of(made: Pilot) -> np.ndarray:
    """Return which part of each segment the rule of each fold contacts [FOLDS, S]."""
    parts = []
    for fold in range(FOLDS):
        n, d = (
            a.sum(axis=-1) - a[..., fold::FOLDS].sum(axis=-1) for a in (made.persons, made.left)
        )
        share, even = d / n, (d + 0.5) / (n + 1)
        error = np.sqrt((even * (1 - even) / (n + 1)).sum(axis=1))
        guess, _ = shrunk(share[:, 1] - share[:, 0], error)
        parts.append(chosen(guess, made.persons[..., fold::FOLDS].sum(axis=(1, 2)), SHARE))
    return np.array(parts)


def once(rng: np.random.Generator) -> dict[str, Three]:
    made = pilot(rng)
    found = worth(made, value=VALUE, cost=COST, share=SHARE)
    parts, size = rules_of(made), np.stack(
        [made.persons[..., f::FOLDS].sum(axis=(1, 2)) for f in range(FOLDS)]
    )  # fmt: skip
    true = 1000 * float((parts * size * (VALUE * UPLIFT - COST)).sum()) / SIZE
    own = made.uplifts()
    guess, whole = shrunk(*own)[0], made.persons.sum(axis=(1, 2))
    same = chosen(guess, whole, SHARE) * whole
    praised = 1000 * float(same @ (VALUE * own[0] - COST)) / SIZE
    honest = 1000 * float(same @ (VALUE * UPLIFT - COST)) / SIZE
    gain = found["gain"].value
    assert gain is not None
    return {
        "profit, all": three(found["all"]),
        "profit, at random": three(found["random"]),
        "by gain, less what it is worth": (gain - true, NAN, NAN),
        "the same, judged on who it was chosen on": (praised - honest, NAN, NAN),
    }


def profit(share: float) -> float:
    flat = np.zeros(len(RISK))
    return targeted(flat, UPLIFT, MASS, share, value=VALUE, cost=COST).profit


CONTACTED = Recipe(
    "whom to contact",
    "6,000 customers in twelve segments, half of them contacted by lot; a contact costs 8 and a "
    "customer kept is worth 300; three tenths may be contacted",
    (
        Check("profit, all", profit(1.0)),
        Check("profit, at random", profit(SHARE)),
        Check("by gain, less what it is worth", 0.0, "none", ""),
        Check("the same, judged on who it was chosen on", 0.0, "must miss", ""),
    ),
    once,
)
RECIPES = (CONTACTED,)
