"""An effect where there can be none: outcomes and periods that an offer cannot touch.

If the arms differ in what the offer cannot have changed, then they differ in something that is not
recorded, and what they differ in elsewhere is not the offer's work alone (Lipsitch, Tchetgen
Tchetgen and Cohen 2010).

More customers who stay are more who can still move away: an offer that works raises the share who
have moved by the horizon although it changes nothing in their moving. Of a cause of leaving the
control is therefore its own hazard, as the share who would have moved if nobody had left for any
other reason, and the plain share stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from stammkunde import intervals
from stammkunde.draws import BLOCKS, Replicates, paired
from stammkunde.errors import ParameterError, nearest
from stammkunde.evidence.adequacy import adequacy, weighting
from stammkunde.evidence.arms import Sums, weighted
from stammkunde.evidence.trial import (
    LEAST_CLUSTERS,
    TOO_FEW_CLUSTERS,
    Trial,
    hazards,
    replicates_of,
)
from stammkunde.intervals import FEW_EVENTS
from stammkunde.result import Estimate, Status, table_html
from stammkunde.survival import formulas
from stammkunde.survival.causes import formulas as causes
from stammkunde.survival.curve import TOO_FEW_PERSONS

CAUSE_OUT_OF_REACH = "the_offer_cannot_touch_this_cause"


@dataclass(frozen=True, kw_only=True)
class NegativeControl:
    """The difference between the arms in what the offer cannot touch.

    `estimate` should be 0. `plain`, of a cause, is the difference of the shares who left for it.
    """

    of: str
    estimate: Estimate
    plain: Estimate | None = None

    @property
    def is_clean(self) -> bool | None:
        """Return whether the interval holds 0; None where there is none.

        Its width says how large a difference could have hidden: clean is not proven alike.
        """
        low, high = self.estimate.low, self.estimate.high
        return None if low is None or high is None else low <= 0 <= high

    def _repr_html_(self) -> str:
        e = self.estimate
        rows = {"difference": e.value, "low": e.low, "high": e.high, "clean": self.is_clean}
        return table_html(rows, f"Negative control: {self.of}")


def negative_control(
    trial: Trial, treated: str, control: str, horizon: int, cause: str, *, level: float = 0.95
) -> NegativeControl:
    """Return the difference between the arms in leaving for a cause that the offer cannot touch.

    Of the shares who would have left for it within the horizon if nobody had for another (unit
    "share"), moving in each unit being the same for who leaves for another reason and who does not.
    Person blocks, t; with fewer than 5 such leavers in an arm beta product limits of the effective
    numbers, put together (Zou and Donner 2008). Refused where the comparison itself is.
    """
    if cause not in trial.causes:
        raise ParameterError(f"no cause `{cause}`", remedy=nearest(cause, trial.causes))
    asked = _Asked(trial, (treated, control), horizon, trial.causes.index(cause), level)
    arms = {n: trial.arm(n) for n in asked.arms}
    refused = adequacy(arms, trial.shares, without=trial.without, horizon=horizon).refused
    if not refused and 0 < trial.clusters < LEAST_CLUSTERS:
        refused = TOO_FEW_CLUSTERS
    parts = [replicates_of(trial, n, asked.both) for n in asked.arms]
    return NegativeControl(
        of=cause,
        estimate=_difference(asked, parts, 0, refused),
        plain=_difference(asked, parts, 1, refused),
    )


def negative_period(estimate: Estimate, of: str) -> NegativeControl:
    """Return a difference between the arms from before the offer, as a negative control."""
    return NegativeControl(of=of, estimate=estimate)


@dataclass(frozen=True)
class _Asked:
    """What is asked: of which arms, by when, of the cause with which number."""

    trial: Trial
    arms: tuple[str, str]
    horizon: int
    place: int
    level: float

    def both(self, sums: Sums) -> np.ndarray:
        """Return the share of those who would have left if none had for others, and who did [B, 2].

        Of the horizon's units alone, by the hazards of the cause and of all.
        """
        each = hazards(sums)[..., : self.horizon]
        own, stays = each[:, self.place], np.cumprod(1 - each.sum(axis=1), axis=-1)
        before = np.concatenate([np.ones((len(stays), 1)), stays[:, :-1]], axis=1)
        net = 1 - np.prod(1 - own, axis=-1)
        return np.stack([net, (before * own).sum(axis=-1)], axis=-1)


KINDS = ("net incidence", "incidence")


def _difference(asked: _Asked, parts: list[Replicates], kind: int, refused: str) -> Estimate:
    trial = asked.trial
    counts = [trial.arm(a).counts.moves[0, asked.place, : asked.horizon] for a in asked.arms]
    events = [int(c.sum()) for c in counts]
    common: dict[str, Any] = {
        "level": asked.level,
        "unit": "share",
        "persons": sum(trial.arm(a).persons for a in asked.arms),
        "events": sum(events),
        "estimand": f"{KINDS[kind]}({asked.horizon}) difference",
        "method": "difference of weighted shares by cause",
        "assumptions": (*trial.assumptions, CAUSE_OUT_OF_REACH),
    }
    if refused:
        status = Status.NOT_IDENTIFIABLE
        return Estimate(value=None, status=status, reason=refused, **common)
    common["status"] = Status.ESTIMATED
    values = [float(p.reweighted(np.ones((1, BLOCKS)))[0, kind]) for p in parts]
    value = values[0] - values[1]
    if min(events) < FEW_EVENTS:
        low, high = _few(asked, kind, values)
        common["method"] += ", limits combined"
        return Estimate(value=value, low=low, high=high, **common)
    replicates = paired(parts[0], parts[1], np.subtract).map(lambda x: x[..., kind])
    if trial.clusters:
        replicates = replace(replicates, smallest=trial.clusters - 1)
    if not replicates.is_enough:
        return Estimate(value=None, reason=TOO_FEW_PERSONS, **common)
    se = float(replicates.se())
    step = intervals.student_quantile(asked.level, replicates.smallest) * se
    common["method"] += ", person blocks paired"
    return Estimate(
        value=value, low=value - step, high=value + step, se=se, replicates=replicates, **common
    )


def _few(asked: _Asked, kind: int, values: list[float]) -> tuple[float, float]:
    """Return limits of the difference from the arms' own of so few events, on effective numbers."""
    lows, highs = [], []
    for name, value in zip(asked.arms, values, strict=True):
        arm = asked.trial.arm(name)
        size = np.maximum(weighting(arm, asked.trial.shares).by_unit[: asked.horizon], 1e-9)
        at_risk, moves = weighted(arm, asked.trial.shares, np.ones((1, BLOCKS)))
        each = formulas.hazard(at_risk[:, None], moves)[0, :, : asked.horizon]
        own = size * each[asked.place]
        if kind:
            rest = np.maximum(size * each.sum(axis=0) - own, 0.0)
            low, high = causes.few_limits(size, own, rest, asked.level)
        else:
            high, low = (1 - x for x in intervals.beta_product(size, own, asked.level))
        lows.append(min(float(low[-1]), value))
        highs.append(max(float(high[-1]), value))
    signs = np.array([1.0, -1.0])
    least, most = intervals.mover(signs, np.array(values), np.array(lows), np.array(highs))
    return float(least), float(most)
