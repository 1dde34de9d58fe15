"""Effects with known hazards, as if they had been estimated."""

from __future__ import annotations

import numpy as np

from stammkunde.draws import BLOCKS, Replicates
from stammkunde.evidence.adequacy import Adequacy
from stammkunde.evidence.effect import Effect
from stammkunde.policy.offers import applied
from stammkunde.result import Status
from tests.policy.offers.markets import market

FADING = np.array([0.4, 0.7, 0.8, 0.9])
EACH = np.random.default_rng(3).uniform(0.5, 1.5, BLOCKS)


def effect_of(ratio, *, segments=("",), causes=("price",), origin=0, beyond="fades", **changed):
    """Return the effect of ratios [S, C, K] on a control hazard of 2 %; they vary by block."""
    ratio = np.asarray(ratio, float) * np.ones((len(segments), len(causes), 1))
    both = np.stack([ratio * 0.02, np.full(ratio.shape, 0.02)])

    def reweighted(weights):
        share = (weights @ EACH) / weights.sum(axis=-1) / EACH.mean()
        found = np.repeat(both[None], len(weights), axis=0)
        found[:, 0] *= share[:, None, None, None]
        return found

    made = Replicates(reweighted(1 - np.eye(BLOCKS)), np.ones(BLOCKS, bool), reweighted, BLOCKS)
    given = {
        "treated": "with", "control": "without", "segments": segments, "causes": causes,
        "unit": "month", "origin": origin, "hazards": both,
        "supported": np.full(len(segments), ratio.shape[-1]), "beyond": beyond, "population": "",
        "adequacy": {n: Adequacy(arms={}, refused="") for n in segments},
        "status": Status.ESTIMATED, "assumptions": (), "replicates": made,
    }  # fmt: skip
    return Effect(**given | changed)


def newcomers(policy, where=None, draws=None, weights=None):
    """Return the hazards of newcomers in each segment, by its name."""
    made = applied(policy, where or market(), draws or {}, weights).segments
    return {n: p.lives[0].hazards for n, p in made.items()}
