"""The likelihood of a family on the counts of a life table, and its maximum, many at a time.

log L = sum over units of d log h + (n - d) log(1 - h). Who was seen late or lost from sight is in
n for as long as he was there, so that the same sum is right for delayed entry.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from stammkunde.survival.projection.families import Family

ROUNDS, HALVINGS = 300, 30
# so many halvings are tried at once
TOGETHER = 5
# a step that promises less than this share of the likelihood is no step
DECREMENT = 1e-15
# a step in logarithms longer than this is cut
LONGEST = 2.0
# a step that promises less and cannot be made for rounding is of no consequence
ENOUGH = 1e-6
# what rounding may take from the sum, as a share of it
ROUNDING = 1e-14
# odds of units in which nobody leaves are cut, so that what is made of them stays finite
LEAST = 1e-150
# so many numbers are worked on at once
AT_ONCE = 4_000_000
# logarithms beyond it are infinite for all that data can say
WIDEST = 16.0


@dataclass(frozen=True)
class Shared:
    """A family for several groups: which numbers [q] are whose parameters.

    `place` [L, p] is the position in the vector of all numbers of each parameter of each group.
    """

    family: Family
    place: np.ndarray

    @property
    def size(self) -> int:
        """Return q, how many numbers are estimated."""
        return int(self.place.max()) + 1


def log_likelihood(shared: Shared, at: np.ndarray, n: np.ndarray, d: np.ndarray) -> np.ndarray:
    """Return the log likelihood [...] at numbers [..., q] of counts [..., L, K]."""
    stay, _ = shared.family.steps(at[..., shared.place], n.shape[-1])
    return np.asarray(_value(stay, n, d))


def _value(stay: np.ndarray, n: np.ndarray, d: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", over="ignore"):
        parts = xlogy(d, -np.expm1(stay)) + np.where(n > d, (n - d) * stay, 0.0)
    return np.asarray(np.where(np.isfinite(parts), parts, -np.inf).sum(axis=(-2, -1)))


def derivatives(
    shared: Shared, at: np.ndarray, n: np.ndarray, d: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return log likelihood [...], score [..., q] and expected information [..., q, q]."""
    stay, slope = shared.family.steps(at[..., shared.place], n.shape[-1])
    leave = -np.expm1(stay)
    some = np.maximum(leave, LEAST)
    odds = np.divide(np.exp(stay), some, out=np.zeros_like(leave), where=leave > 0)
    pull = (n - d) - d * odds
    own = np.einsum("...lk,...lkp->...lp", pull, slope)
    form = np.einsum("...lk,...lkp,...lkr->...lpr", n * odds, slope, slope)
    return _value(stay, n, d), *_gathered(shared, own, form)


def _gathered(shared: Shared, own: np.ndarray, form: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return sums over groups at the places of the numbers."""
    lead, q = own.shape[:-2], shared.size
    score, information = np.zeros((*lead, q)), np.zeros((*lead, q, q))
    for group, place in enumerate(shared.place):
        score[..., place] += own[..., group, :]
        information[..., place[:, None], place] += form[..., group, :, :]
    return score, information


def maximum(
    shared: Shared, start: np.ndarray, n: np.ndarray, d: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return numbers [R, q] of greatest likelihood, that likelihood [R], and where it was found.

    From starts [R, q] for counts [R, L, K], by Fisher's scoring with halved steps; all problems
    move together, those that have arrived no longer; groups that share no number are problems of
    their own. Not found is what runs off (a logarithm beyond 16) or climbs for ever.
    """
    groups, parameters = shared.place.shape
    if groups > 1 and shared.size == shared.place.size:
        alone = Shared(shared.family, np.arange(parameters)[None])
        begin = start[:, shared.place].reshape(-1, parameters)
        counts = [np.reshape(a, (-1, 1, a.shape[-1])) for a in (n, d)]
        own, best, found = maximum(alone, begin, *counts)
        at = np.empty_like(start, dtype=float)
        at[:, shared.place] = own.reshape(-1, groups, parameters)
        every = np.asarray(found.reshape(-1, groups).all(axis=1))
        return at, best.reshape(-1, groups).sum(axis=1), every
    rows = max(AT_ONCE // max(shared.size**2, groups * n.shape[-1] * parameters), 1)
    parts = [
        _maximum(shared, *(a[i : i + rows] for a in (start, n, d)))
        for i in range(0, len(start), rows)
    ]
    at, best, found = (np.concatenate(a) for a in zip(*parts, strict=True))
    return at, best, found


def _maximum(
    shared: Shared, start: np.ndarray, n: np.ndarray, d: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    at = start.astype(float).copy()
    state = (at, *derivatives(shared, at, n, d))
    _, best, score, form = state
    found = np.zeros(len(at), dtype=bool)
    open_ = np.isfinite(best)
    for _ in range(ROUNDS):
        rows = np.flatnonzero(open_)
        if not rows.size:
            break
        step = _solved(form[rows], score[rows])
        gain = (score[rows] * step).sum(axis=-1)
        here = gain < DECREMENT * (1 + np.abs(best[rows]))
        found[rows[here]] = True
        step *= np.minimum(1.0, LONGEST / np.maximum(np.abs(step).max(axis=-1), 1e-300))[:, None]
        moved = _climb(shared, state, rows[~here], step[~here], n, d)
        open_[rows[here]] = False
        open_[rows[~here][~moved]] = False
        found[rows[~here][~moved]] = gain[~here][~moved] < ENOUGH
        open_ &= np.abs(at).max(axis=-1) < WIDEST
    return at, best, found


def _climb(
    shared: Shared,
    state: tuple[np.ndarray, ...],
    rows: np.ndarray,
    step: np.ndarray,
    n: np.ndarray,
    d: np.ndarray,
) -> np.ndarray:
    """Move `rows` of the state (see `derivatives`) by the first of ever shorter steps that climbs.

    Nearly always it is the whole step, so that the derivatives there are found with its value; the
    shorter ones are tried some at a time.
    """
    at, best, *_ = state
    least = best[rows] - ROUNDING * (1 + np.abs(best[rows]))
    there = at[rows] + step
    tried = (there, *derivatives(shared, there, n[rows], d[rows]))
    higher = tried[1] > least
    _put(state, rows[higher], tuple(a[higher] for a in tried))
    waits = ~higher
    for halves in range(1, HALVINGS, TOGETHER):
        some = np.flatnonzero(waits)
        if not some.size:
            break
        own = rows[some]
        size = 0.5 ** np.arange(halves, min(halves + TOGETHER, HALVINGS))
        there = at[own, None] + step[some, None] * size[:, None]
        value = log_likelihood(shared, there, n[own, None], d[own, None])
        higher = value > least[some, None]
        first, climbs = higher.argmax(axis=1), higher.any(axis=1)
        there = there[climbs, first[climbs]]
        own = own[climbs]
        _put(state, own, (there, *derivatives(shared, there, n[own], d[own])))
        waits[some[climbs]] = False
    return ~waits


def _put(state: tuple[np.ndarray, ...], rows: np.ndarray, new: tuple[np.ndarray, ...]) -> None:
    for kept, own in zip(state, new, strict=True):
        kept[rows] = own


def _solved(form: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Return the steps form^-1 score; flat directions are moved along but little."""
    scale = np.sqrt(np.maximum(np.einsum("...ii->...i", form), 1e-200))
    unit = form / (scale[..., :, None] * scale[..., None, :])
    unit = unit + 1e-10 * np.eye(form.shape[-1])
    return np.asarray(np.linalg.solve(unit, (score / scale)[..., None])[..., 0] / scale)
