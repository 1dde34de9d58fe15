"""Trials whose weights grow with time: each month adds the chance of what was done in it.

A row of counted person-units holds how often each share has divided the weight so far. Who stops
following the arm is censored at the beginning of that unit, and those who go on stand for him
(Robins and Finkelstein 2000; Hernan et al. 2016).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from stammkunde.evidence.arms import Arm


def history_arm(
    name: str,
    visits: np.ndarray,
    unit: np.ndarray,
    block: np.ndarray,
    at_risk: np.ndarray,
    moves: np.ndarray,
    heads: np.ndarray,
    length: int,
) -> Arm:
    """Return the arm of counted person-units, rows [R].

    `visits` [R, F] are how often each share divides the weight in that unit (negative: multiplies
    it), counts of everything up to and with it. `unit` counts from time zero (1 .. `length`);
    `at_risk` are persons, `moves` [R, C] those of them who leave at its end, by cause; `heads`
    [256] the persons of the arm.
    """
    size = visits.shape[1]
    # one number for each history: rows of few small numbers are told apart faster by it
    spans = visits.max(axis=0, initial=0) - visits.min(axis=0, initial=0) + 1
    if np.log2(spans.astype(float)).sum() < 62:
        place = np.concatenate([[1], np.cumprod(spans[:-1])]) if size else spans
        key = (visits - visits.min(axis=0, initial=0)) @ place
        _, first, code = np.unique(key, return_index=True, return_inverse=True)
        powers = visits[first]
    else:
        powers, code = np.unique(visits, axis=0, return_inverse=True)
    return Arm(
        name=name,
        powers=sparse.csr_array(powers.astype(np.int64).reshape(-1, size)),
        code=code.reshape(-1),
        unit=unit,
        block=block,
        at_risk=at_risk,
        moves=moves,
        heads=heads,
        length=length,
    )
