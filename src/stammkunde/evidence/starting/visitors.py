"""A newcomer offer drawn by lot among visitors: what it did, and to whom.

Who signs up is then part of the outcome. Per visitor the lot answers. For those who sign up anyway
and those who come for the offer alone it takes that nobody is deterred, and leaves bounds
(Frangakis and Rubin 2002; Zhang and Rubin 2003; Lee 2009).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from stammkunde.draws import BLOCKS, Replicates
from stammkunde.errors import DataError, NotObservedError, ParameterError
from stammkunde.evidence.starting.newcomers import Worth, with_error
from stammkunde.evidence.trial import Trial, arm_curve
from stammkunde.result import Estimate, Status
from stammkunde.survival import formulas

Heads = Mapping[str, np.ndarray]
Change = Callable[[np.ndarray], np.ndarray]
NOBODY_DETERRED = "nobody_is_deterred_by_the_offer"
NOBODY_INDUCED = "nobody_induced"


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """An offer drawn by lot among visitors.

    `signing` is the difference of the shares who sign up, `induced` the share of the sign-ups with
    the offer who came for it alone, `per_visitor` the difference of worth, `per_induced` that for
    each one induced. `always` bounds the difference in expected units that it makes to those who
    sign up anyway: which of the sign-ups they are is not known.
    """

    signing: Estimate
    induced: Estimate
    per_visitor: Estimate
    per_induced: Estimate
    always: tuple[float, float]


def drawn_offer(
    visited: Heads,
    signed: Heads,
    trial: Trial,
    offered: str,
    plain: str,
    horizon: int,
    *,
    with_offer: Worth | None = None,
    without: Worth | None = None,
    unit: str = "",
    level: float = 0.95,
) -> Drawn:
    """Return what an offer drawn by lot among visitors did.

    `visited` and `signed` are persons by arm and block [256]; `trial` follows those who signed up
    from their start, in the same arms, without weights (one cell). A worth is by default that of
    one for each unit within the horizon. That nobody is deterred by the offer is assumed for the
    share induced, and for the bounds, which are limits of the means, not of their sampling error.
    DataError where more signed than visited.
    """
    arms = (offered, plain)
    _check(visited, signed, arms)
    units = Worth(per_unit=np.ones(horizon))
    curves = [_replicates(trial, a, horizon) for a in arms]
    parts = _parts(visited, signed, arms, (with_offer or units, without or units), curves)

    def made(change: Change, kind: dict[str, Any], estimand: str) -> Estimate:
        return with_error(_empty(estimand, visited, level, **kind), parts.map(change))

    sold = {"unit": unit or trial.unit, "method": "difference of worths, person blocks"}
    share = {"unit": "share", "method": "shares of visitors, person blocks"}
    told: dict[str, Any] = {"assumptions": (NOBODY_DETERRED,)}
    induced = [
        made(_induced, share | told, "share induced"),
        made(_per_induced, sold | told, "worth for each one induced"),
    ]
    first, second = parts.reweighted(np.ones((1, BLOCKS)))[0, :2]
    if first <= second:
        induced = [_none(e, NOBODY_INDUCED) for e in induced]
    one, other = (c.reweighted(np.ones((1, BLOCKS)))[0] for c in curves)
    return Drawn(
        signing=made(_signing, share, "signing difference"),
        induced=induced[0],
        per_visitor=made(_per_visitor, sold, "worth per visitor"),
        per_induced=induced[1],
        always=always_bounds(one, other, min(1.0, second / first), horizon),
    )


def _check(visited: Heads, signed: Heads, arms: Sequence[str]) -> None:
    for name in arms:
        if (signed[name] > visited[name]).any() or not visited[name].sum():
            raise DataError(f"more signed up than visited in the arm `{name}`")


def _parts(
    visited: Heads,
    signed: Heads,
    arms: tuple[str, str],
    worth: tuple[Worth, Worth],
    curves: Sequence[Replicates],
) -> Replicates:
    """Return the replicates of shares who sign up and of the worth of one who does [.., 4]."""

    def estimator(weights: np.ndarray) -> np.ndarray:
        signing = [(weights @ signed[a]) / np.maximum(weights @ visited[a], 1e-12) for a in arms]
        found = [c.reweighted(weights) for c in curves]
        return np.column_stack([*signing, *(w.of(c) for w, c in zip(worth, found, strict=True))])

    held = np.logical_or.reduce([visited[a] > 0 for a in arms])
    smallest = min(int((signed[a] > 0).sum()) for a in arms)
    return Replicates(estimator(1.0 - np.eye(BLOCKS)), held, estimator, smallest)


def always_bounds(
    offered: np.ndarray, plain: np.ndarray, share: float, horizon: int
) -> tuple[float, float]:
    """Return the least and largest difference that an offer can make to always-buyers, in units.

    `share` of the sign-ups with the offer, whose curve is `offered`, are always-buyers: at worst
    those who stay shortest, at best those who stay longest.
    """
    if not 0 < share <= 1:
        raise ParameterError(f"a share of always-buyers of {share:g}")
    worst = np.maximum(0.0, (offered - (1 - share)) / share)
    best = np.minimum(1.0, offered / share)
    means = [float(formulas.restricted_mean(c, horizon)) for c in (worst, best, plain)]
    return means[0] - means[2], means[1] - means[2]


def _replicates(trial: Trial, name: str, horizon: int) -> Replicates:
    curve = arm_curve(trial, name)
    if curve.observed_to < horizon or curve.replicates is None:
        raise NotObservedError(
            f"the arm `{name}` was observed for {curve.observed_to} {trial.unit}s only",
            remedy=f"Ask for a horizon of {curve.observed_to} or less.",
        )
    return curve.replicates


def _signing(v: np.ndarray) -> np.ndarray:
    return np.asarray(v[..., 0] - v[..., 1])


def _induced(v: np.ndarray) -> np.ndarray:
    return 1 - np.divide(v[..., 1], v[..., 0], out=np.ones(v.shape[:-1]), where=v[..., 0] > 0)


def _per_visitor(v: np.ndarray) -> np.ndarray:
    return np.asarray(v[..., 0] * v[..., 2] - v[..., 1] * v[..., 3])


def _per_induced(v: np.ndarray) -> np.ndarray:
    more = v[..., 0] - v[..., 1]
    return np.divide(_per_visitor(v), more, out=np.zeros(more.shape), where=more != 0)


def _empty(estimand: str, visited: Heads, level: float, **kind: Any) -> Estimate:
    return Estimate(
        value=None,
        estimand=estimand,
        persons=int(sum(n.sum() for n in visited.values())),
        level=level,
        status=Status.ESTIMATED,
        **kind,
    )


def _none(estimate: Estimate, reason: str) -> Estimate:
    gone: dict[str, Any] = dict.fromkeys(("value", "low", "high", "se", "replicates"))
    return replace(estimate, reason=reason, status=Status.NOT_IDENTIFIABLE, **gone)
