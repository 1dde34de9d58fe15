"""Logistic models of counted rows, fitted anew under many weightings at once.

Rows are few (combinations of levels), weightings many, so that every replicate can afford a fit of
its own to the end.
"""

from __future__ import annotations

import numpy as np

STEPS, CLOSE = 40, 1e-10
# so small that it moves no digit shown, and large enough to end where levels tell the outcome
RIDGE = 1e-6
LARGEST = 30.0


def fitted(design: np.ndarray, yes: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return the coefficients [B, p] of logit models: `design` [P, p], `yes` of `n` [B, P].

    Newton's method. Where levels tell the outcome the coefficients stop at finite ones, and a
    column of which nothing is known gets 0.
    """
    beta = np.zeros((len(n), design.shape[1]))
    eye = RIDGE * np.eye(design.shape[1])
    for _ in range(STEPS):
        chance = logistic(beta @ design.T)
        score = (yes - n * chance) @ design - RIDGE * beta
        known = (n * chance * (1 - chance))[..., None] * design
        step = np.linalg.solve(np.swapaxes(known, 1, 2) @ design + eye, score[..., None])[..., 0]
        # a step beyond any odds that are met would only come back
        beta += np.clip(step, -5.0, 5.0)
        if np.abs(step).max(initial=0.0) < CLOSE:
            break
    return beta


def logistic(odds: np.ndarray) -> np.ndarray:
    """Return the chance behind log-odds, cut where a float would know none."""
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -LARGEST, LARGEST))))
