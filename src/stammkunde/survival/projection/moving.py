"""Numbers of greatest likelihood, and how they move when other customers had been observed."""

from __future__ import annotations

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.intervals import FEW_EVENTS
from stammkunde.survival.projection.likelihood import (
    WIDEST,
    Shared,
    derivatives,
    log_likelihood,
    maximum,
)

TOO_FEW_EVENTS = "too_few_events"
RUNS_OFF = "parameters_run_off"
FLAT = "no_curvature"
# a logarithm known to less than this is not known
VAGUE = 5.0
# correlations of the numbers as near to 1 as this leave one combination unknown
SINGULAR = 1e-9
# a fall of the log likelihood below it is none
LEVEL = 0.01
# so many moves of units at most
ROWS = 300


def best_fit(shared: Shared, n: np.ndarray, d: np.ndarray) -> tuple[np.ndarray, float, str]:
    """Return numbers [q], log likelihood and problem of counts [L, K], from several starts."""
    hazard = min(max((d.sum() + 0.5) / (n.sum() + 1), 1e-9), 1 - 1e-9)
    starts = np.array(shared.family.start(float(hazard)))
    begin = np.zeros((len(starts), shared.size))
    begin[:, shared.place] = starts[:, None, :]
    many = [np.broadcast_to(a, (len(starts), *a.shape)) for a in (n, d)]
    if int(d.sum()) < FEW_EVENTS:
        return begin[0], float(log_likelihood(shared, begin[0], n, d)), TOO_FEW_EVENTS
    at, best, found = maximum(shared, begin, *many)
    top = int(np.argmax(best))
    if not found[top]:
        return at[top], float(best[top]), RUNS_OFF
    _, _, form = derivatives(shared, at[top], n, d)
    problem = "" if not _flat(form) else RUNS_OFF if _rises(shared, at[top], form, n, d) else FLAT
    return at[top], float(best[top]), problem


def _rises(shared: Shared, at: np.ndarray, form: np.ndarray, n: np.ndarray, d: np.ndarray) -> bool:
    """Return whether the likelihood does not fall however far the least known way is gone."""
    way = np.linalg.eigh(form)[1][:, 0]
    far = WIDEST / np.abs(way).max()
    there = np.stack([at + far * way, at - far * way])
    many = [np.broadcast_to(a, (2, *a.shape)) for a in (n, d)]
    best = log_likelihood(shared, at, n, d)
    return bool((log_likelihood(shared, there, *many) > best - LEVEL).any())


def _flat(form: np.ndarray) -> bool:
    """Return whether an information leaves a number, or a combination of some, unknown."""
    if np.linalg.eigvalsh(scaled(form))[0] < SINGULAR:
        return True
    return bool(np.diag(np.linalg.inv(form)).max() > VAGUE**2)


def moves(
    shared: Shared,
    at: np.ndarray,
    counts: tuple[np.ndarray, np.ndarray],
    errors: str,
    problem: str,
) -> tuple[np.ndarray, np.ndarray | None, bool]:
    """Return the moved numbers [B, q], the leavers added for it, and whether one was not found.

    Of counts [256, L, K]; with "blocks" nothing is added, with a problem nothing moves.
    """
    if errors == "blocks":
        moved, failed = np.tile(at, (BLOCKS, 1)), False
        if not problem:
            moved, failed = without(shared, at, *counts)
        return moved, None, failed
    n, d = (a.sum(axis=0) for a in counts)
    more = more_leavers(n, d)
    if problem:
        return np.tile(at, (more.shape[0] * more.shape[1], 1)), more, False
    moved, failed = by_unit(shared, at, (n, d), more)
    return moved, more, failed


def without(
    shared: Shared, at: np.ndarray, n: np.ndarray, d: np.ndarray
) -> tuple[np.ndarray, bool]:
    """Return the numbers [256, q] without each block, and whether one could not be found."""
    moved = np.tile(at, (BLOCKS, 1))
    some = np.flatnonzero((n > 0).any(axis=(1, 2)))
    less = [a.sum(axis=0) - a[some] for a in (n, d)]
    moved[some], _, found = maximum(shared, moved[some], *less)
    return moved, not found.all()


def more_leavers(n: np.ndarray, d: np.ndarray) -> np.ndarray:
    """Return what moves the leavers [L, B, K] of each group and unit by one standard deviation.

    That of a binomial law. With more than 300 units some in a row move together, so that their sum
    moves as it should.
    """
    spread = np.sqrt(np.divide(d * (n - d), n, out=np.zeros_like(n), where=n > 0))
    groups, length = n.shape
    width = -(-length // ROWS)
    place = np.arange(length) // width
    found = np.zeros((groups, int(place[-1]) + 1, length))
    for group in range(groups):
        together = np.bincount(place, weights=spread[group] ** 2)
        scale = np.sqrt(np.maximum(together, 1e-300))[place]
        found[group, place, np.arange(length)] = spread[group] ** 2 / scale
    return found


def by_unit(
    shared: Shared, at: np.ndarray, counts: tuple[np.ndarray, np.ndarray], more: np.ndarray
) -> tuple[np.ndarray, bool]:
    """Return the numbers [B, q] with `more` leavers, and whether the information has no inverse.

    By one step along the observed information.
    """
    stay, slope = shared.family.steps(at[shared.place], counts[0].shape[-1])
    leave = -np.expm1(stay)
    pull = -np.divide(1.0, leave, out=np.zeros_like(leave), where=leave > 0)[..., None] * slope
    own = np.einsum("lbk,lkp->lbp", more, pull)
    score = np.zeros((*own.shape[:2], shared.size))
    for group, place in enumerate(shared.place):
        score[group][:, place] = own[group]
    score = score.reshape(-1, shared.size)
    form = observed_information(shared, at, *counts)
    if np.linalg.eigvalsh(scaled(form))[0] < SINGULAR:
        return np.tile(at, (len(score), 1)), True
    return at + np.linalg.solve(form, score.T).T, False


def observed_information(
    shared: Shared, at: np.ndarray, n: np.ndarray, d: np.ndarray, step: float = 1e-5
) -> np.ndarray:
    """Return minus the second derivatives [q, q], by differences of each group's own score."""
    groups, size = shared.place.shape
    alone = Shared(shared.family, np.arange(size)[None])
    there = at[shared.place] + np.concatenate([np.eye(size), -np.eye(size)])[:, None] * step
    counts = [np.tile(a, (2 * size, 1))[:, None] for a in (n, d)]
    _, score, _ = derivatives(alone, there.reshape(-1, size), *counts)
    score = score.reshape(2, size, groups, size)
    own = (score[1] - score[0]) / (2 * step)
    form = np.zeros((shared.size, shared.size))
    for group, place in enumerate(shared.place):
        form[np.ix_(place, place)] += (own[:, group] + own[:, group].T) / 2
    return form


def scaled(form: np.ndarray) -> np.ndarray:
    """Return a form [q, q] scaled to a diagonal of 1, as correlations are."""
    scale = np.sqrt(np.maximum(np.abs(np.diag(form)), 1e-300))
    return np.asarray(form / scale[:, None] / scale)


def covariance_of(moved: np.ndarray, at: np.ndarray, held: np.ndarray, errors: str) -> np.ndarray:
    """Return the covariance [q, q] of numbers from how they move [B, q]."""
    if errors == "units":
        away = moved - at
        return np.asarray(away.T @ away)
    kept = moved[held]
    away = kept - kept.mean(axis=0)
    return np.asarray((len(kept) - 1) / len(kept) * away.T @ away)


def vague(moved: np.ndarray, at: np.ndarray, held: np.ndarray, errors: str) -> bool:
    """Return whether some number moves so much that nothing is known of it."""
    return bool(np.sqrt(np.diag(covariance_of(moved, at, held, errors))).max() > VAGUE)
