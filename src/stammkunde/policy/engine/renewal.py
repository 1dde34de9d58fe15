"""The same persons come back: who begins which life in which month, exactly.

    starts(j, t) = inflow(j, t) + sum over k, u of starts(k, t - u) * G(k, j, u)
    G(k, j, u) = sum over causes c and lags l of chance(l) * leaving(k, c, u - l)

The sum is taken in another order: first the leavers of a month over all lives, for each set of
sources and causes that come back alike, then their lags. So a month costs one scalar product for
each such set, however many lives they come back to. Lives that nobody comes back to begin as they
are given, so their leavers are summed up once, beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import ArrayLike

from stammkunde.errors import ParameterError, nearest
from stammkunde.policy.engine.base import Base
from stammkunde.policy.engine.given import counts, lasting, positive
from stammkunde.policy.engine.kernel import convolved, renewal
from stammkunde.policy.engine.lives import Life
from stammkunde.policy.engine.returns import Return, checked, leaving_for


@dataclass(frozen=True, eq=False)
class Cohorts:
    """Who begins which life when: `starts` [..., N, H] by life and month 0 .. H - 1.

    `signed` [..., H] are the sign-ups from outside, of whatever life; the rest of the starts are
    returns, those of today's customers (`bases`) among them.
    """

    lives: tuple[Life, ...]
    returns: tuple[Return, ...]
    bases: tuple[Base, ...]
    starts: np.ndarray
    signed: np.ndarray

    @property
    def horizon(self) -> int:
        """Return H, the months looked at."""
        return int(self.starts.shape[-1])

    def of(self, name: str) -> np.ndarray:
        """Return the starts of one life by month [..., H]."""
        names = [x.name for x in self.lives]
        if name not in names:
            raise ParameterError(f'"{name}" is no life', remedy=nearest(name, names))
        return np.asarray(self.starts[..., names.index(name), :])

    def life(self, name: str) -> Life:
        """Return the life of that name."""
        self.of(name)
        return next(x for x in self.lives if x.name == name)


def renewed(
    lives: Sequence[Life],
    returns: Sequence[Return],
    inflow: Mapping[str, ArrayLike],
    horizon: int,
    *,
    bases: Sequence[Base] = (),
) -> Cohorts:
    """Return who begins which life in each month of the horizon.

    `inflow` [..., H] are persons who sign up from outside, by life and month, or a number for every
    month; without an entry nobody does. `bases` are today's customers, whose leavers may come back.
    ParameterError for an unknown name, negative inflow, a life not known for the whole horizon, or
    returns that add up to more than all leavers.
    """
    positive(horizon)
    for x in lives:
        x.within(horizon)
    for b in bases:
        if b.horizon < horizon:
            raise ParameterError(
                f'customers of "{b.life.name}" of today are followed for {b.horizon} months, and '
                f"the horizon is {horizon}",
                remedy="Follow both for the same months.",
            )
    place = checked(lives, [b.life for b in bases], returns)
    new = {n: _inflow(n, given, place, horizon) for n, given in inflow.items()}
    lead = np.broadcast_shapes(
        *(x.lead for x in lives),
        *(a.shape[:-1] for a in new.values()),
        *(r.by_lag().shape[:-1] for r in returns),
        *(b.lead for b in bases),
    )
    signed = np.broadcast_to(sum(new.values(), np.zeros(1)), (*lead, horizon))
    if returns:
        starts = _with_returns(new, lives, returns, bases, (*lead, horizon))
    else:
        starts = np.zeros((*lead, len(lives), horizon))
        for name, array in new.items():
            starts[..., place[name], :] = array
    return Cohorts(tuple(lives), tuple(returns), tuple(bases), starts, signed)


def _inflow(name: str, given: ArrayLike, place: Mapping[str, int], horizon: int) -> np.ndarray:
    if name not in place:
        raise ParameterError(
            f'persons sign up as "{name}", which is no life', remedy=nearest(name, place)
        )
    what = f'the inflow of "{name}"'
    return lasting(counts(given, what), horizon, what)


def _with_returns(
    new: Mapping[str, np.ndarray],
    lives: Sequence[Life],
    returns: Sequence[Return],
    bases: Sequence[Base],
    shape: tuple[int, ...],
) -> np.ndarray:
    """Return all starts [..., N, H] from those who sign up; `shape` is [..., H]."""
    *lead, horizon = shape
    groups = list(dict.fromkeys((r.sources, r.causes) for r in returns))
    targets = list(dict.fromkeys(r.target for r in returns))
    place = {x.name: k for k, x in enumerate(lives)}
    starts = np.zeros((*lead, len(lives), horizon))
    given = np.zeros((horizon, len(targets), prod(lead)))
    for name, array in new.items():
        starts[..., place[name], :] = array
        if name in targets:
            given[:, targets.index(name)] = starts[..., place[name], :].reshape(-1, horizon).T
    by_unit = np.zeros((*lead, len(groups), horizon, len(targets)))
    known = np.zeros((*lead, len(groups), horizon))
    for m, (sources, causes) in enumerate(groups):
        # today's customers mostly go on in the life of newcomers
        there = {id(x): x for x in (*lives, *(b.life for b in bases)) if x.name in sources}
        leaving = {i: leaving_for(x, causes) for i, x in there.items()}
        for x in (x for x in lives if x.name in sources):
            own = leaving[id(x)][..., :horizon]
            if x.name in targets:
                by_unit[..., m, :, targets.index(x.name)] = own
            elif x.name in new:
                # whoever only signs up from outside is known beforehand
                known[..., m, :] += convolved(new[x.name], own)
        for b in (b for b in bases if b.life.name in sources):
            known[..., m, :] += b.carried(leaving[id(b.life)])[..., :horizon]
    lags = _lags(targets, returns, groups, lead)
    found = renewal(given, _rows(by_unit, 3), _rows(known, 2), _rows(lags, 3))
    found = found.reshape(*lead, horizon, len(targets))
    for k, name in enumerate(targets):
        starts[..., place[name], :] = found[..., ::-1, k]
    return starts


def _rows(array: np.ndarray, own: int) -> np.ndarray:
    return array.reshape(-1, *array.shape[array.ndim - own :])


def _lags(
    targets: Sequence[str],
    returns: Sequence[Return],
    groups: Sequence[tuple[tuple[str, ...], tuple[str, ...]]],
    lead: Sequence[int],
) -> np.ndarray:
    """Return chances of coming back by target, lag and group [..., targets, L, groups]."""
    longest = max(r.by_lag().shape[-1] for r in returns)
    rows = np.zeros((*lead, len(targets), longest, len(groups)))
    for r in returns:
        chance, m = r.by_lag(), groups.index((r.sources, r.causes))
        rows[..., targets.index(r.target), : chance.shape[-1], m] += chance
    return rows
