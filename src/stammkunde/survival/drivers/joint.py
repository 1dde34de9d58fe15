"""Are several differences all nil? One test for columns that cannot be told apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from stammkunde.draws import FEWEST_BLOCKS
from stammkunde.errors import NotObservedError
from stammkunde.result import Estimate
from stammkunde.survival.contrasts.equality import Test

METHOD = "Wald test of several differences, person blocks"
KNOWN = 1e-9


def joint_test(differences: Sequence[Estimate]) -> Test:
    """Return the Wald test that all of some differences of one model are 0.

    Their covariance comes from the leave-outs they share, and so the statistic is Hotelling's,
    referred to F with the blocks of the smallest arm; for one difference it is the t test.
    Directions of which nothing is known take no degree of freedom. Differences without a value are
    passed over. NotObservedError where none has one, or the blocks are too few for so many.
    """
    known = [
        (e.value, e.replicates)
        for e in differences
        if e.value is not None and e.replicates is not None
    ]
    if not known:
        raise NotObservedError(
            "no difference has a value, so there is nothing to test",
            remedy="Ask about levels in which some leave and some stay.",
        )
    value = np.array([v for v, _ in known])
    blocks = min(r.smallest for _, r in known)
    held = np.logical_or.reduce([r.held for _, r in known])
    off = np.stack([r.leave_out for _, r in known], axis=-1)[held]
    off = off - off.mean(axis=0)
    covariance = (held.sum() - 1) / held.sum() * off.T @ off
    return hotelling(value, covariance, blocks)


def hotelling(value: np.ndarray, covariance: np.ndarray, blocks: int) -> Test:
    """Return Hotelling's test that a vector [p] is 0, its covariance [p, p] from so many blocks.

    NotObservedError where the blocks are too few, or nothing is known of the vector.
    """
    scale = np.sqrt(np.diag(covariance))
    scale = np.where(scale > 0, scale, 1.0)
    roots, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
    own = roots > KNOWN * max(float(roots.max(initial=0.0)), KNOWN)
    df = int(own.sum())
    if not df or blocks < max(FEWEST_BLOCKS, df + 2):
        raise NotObservedError(
            f"{blocks} blocks of persons are too few to test {len(value)} differences together",
            remedy="Ask about fewer levels.",
        )
    along = (value / scale) @ vectors[:, own]
    statistic = float((along**2 / roots[own]).sum())
    p = float(stats.f.sf((blocks - df) / (df * (blocks - 1)) * statistic, df, blocks - df))
    return Test(statistic, df, p, METHOD)
