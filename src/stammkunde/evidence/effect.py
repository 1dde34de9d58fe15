"""An effect as it leaves this room: both arms' hazards by segment, cause and unit.

Whoever values a policy needs more than one number: when an offer works, on which causes of leaving,
in which segment, how sure that is, and where nothing was observed. A ratio of hazards averaged over
all of that, put on a segment, can be far off; so ratios are derived from hazards, never kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS, Replicates
from stammkunde.errors import NotObservedError, ParameterError, nearest
from stammkunde.evidence.adequacy import Adequacy
from stammkunde.evidence.arms import weighted
from stammkunde.evidence.trial import Trial, adequacy_of
from stammkunde.intervals import FEW_EVENTS
from stammkunde.result import Status
from stammkunde.survival import formulas

Beyond = Literal["fades", "lasts"]
EVERYBODY = ""
BEYOND: Mapping[Beyond, str] = {
    "fades": "effect_ends_with_observation",
    "lasts": "effect_lasts_beyond_observation",
}


@dataclass(frozen=True, kw_only=True)
class Effect:
    """Standardised hazards by cause under two arms, from unit `origin` + 1 of tenure on.

    `hazards` [2, S, C, K]: the treated arm first; segments, causes and units since time zero.
    Consecutive units are one stretch until a cause has so many events in each arm (see
    `effect_of`); within it the hazard stays the same, so that no single leaver makes an effect.
    `supported` [S] is the last unit observed in both arms; beyond it the effect `fades` (both arms
    alike) or `lasts` (its last stretch goes on), which is an assumption either way. `population`
    says in a word whom the effect is about. `adequacy` is that of each segment, whose hazards are
    all nan where it was refused.
    """

    treated: str
    control: str
    segments: tuple[str, ...]
    causes: tuple[str, ...]
    unit: str
    origin: int
    hazards: np.ndarray
    supported: np.ndarray
    beyond: Beyond
    population: str
    adequacy: Mapping[str, Adequacy]
    status: Status
    assumptions: tuple[str, ...]
    replicates: Replicates = field(repr=False, compare=False)

    def place(self, segment: str) -> int:
        """Return the position of a segment; ParameterError for one that is not there."""
        if segment not in self.segments:
            raise ParameterError(
                f"no effect is known of the segment `{segment}`",
                remedy=nearest(segment, self.segments),
            )
        return self.segments.index(segment)

    def multipliers(
        self, segment: str = EVERYBODY, weights: np.ndarray | None = None
    ) -> np.ndarray:
        """Return the treated arm's hazards by the other's [C, K], with `weights` [B, C, K].

        1 where nobody leaves in either arm; nan where only the treated leave.
        """
        treated, control = self._pair(segment, weights)
        both = (treated <= 0) & (control <= 0)
        ratio = np.divide(treated, control, out=np.full(treated.shape, np.nan), where=control > 0)
        return np.where(both, 1.0, ratio)

    def applied(
        self, baseline: np.ndarray, segment: str = EVERYBODY, weights: np.ndarray | None = None
    ) -> np.ndarray:
        """Return the hazards by cause [..., C, T] of a baseline, by unit of tenure 1 .. T, treated.

        Up to `origin` nothing changes. Where nobody of the control arm leaves, the treated arm's
        hazard is added. NotObservedError where the segment was refused.
        """
        treated, control = self._pair(segment, weights)
        if self.adequacy[segment].refused:
            raise NotObservedError(
                f"no effect can be told of the segment `{segment}`: "
                f"{self.adequacy[segment].refused}",
                remedy="Take the effect of a larger group, or record what makes arms alike.",
            )
        length = baseline.shape[-1]
        ratio = np.divide(treated, control, out=np.ones_like(treated), where=control > 0)
        added = np.where(control > 0, 0.0, treated)
        ratio = self._reaching(ratio, segment, length, neutral=1.0)
        added = self._reaching(added, segment, length, neutral=0.0)
        before = np.arange(length) < self.origin
        return np.where(before, baseline, baseline * ratio + added)

    def to_frame(self) -> pd.DataFrame:
        """Return the hazards as a table, one row per segment, cause and unit."""
        shape = self.hazards.shape[1:]
        names = ("segment", "cause", self.unit)
        levels = (self.segments, self.causes, range(self.origin + 1, self.origin + shape[2] + 1))
        index = pd.MultiIndex.from_product(levels, names=names)
        columns = {self.treated: self.hazards[0].ravel(), self.control: self.hazards[1].ravel()}
        return pd.DataFrame(columns, index=index).reset_index()

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format=lambda x: f"{x:.4g}", max_rows=14, border=0)

    def _pair(self, segment: str, weights: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        own = self.hazards if weights is None else self.replicates.reweighted(weights)
        both = np.moveaxis(own[..., self.place(segment), :, :], -3, 0)
        return both[0], both[1]

    def _reaching(
        self, values: np.ndarray, segment: str, length: int, *, neutral: float
    ) -> np.ndarray:
        """Return values by unit since time zero as values by unit of tenure 1 .. `length`."""
        known = int(self.supported[self.place(segment)])
        unit = np.arange(length) - self.origin
        found = values[..., np.clip(unit, 0, known - 1)]
        return np.where(unit >= known, neutral, found) if self.beyond == "fades" else found


def effect_of(
    trials: Mapping[str, Trial],
    treated: str,
    control: str,
    horizon: int,
    *,
    beyond: Beyond = "fades",
    population: str = "",
    least: int = FEW_EVENTS,
    breaks: Sequence[int] = (),
) -> Effect:
    """Return the effect of one arm against another, in each segment of `trials` by its name.

    Where all customers are one segment its name is `EVERYBODY`. `population` says whom the trials
    stand for. A stretch has `least` events in each arm, unless a new one begins with a unit of
    `breaks` (from 1), which are left out where that makes one of fewer than 5. A ratio of two
    counts is too large on average, by about one part in so many events: who multiplies hazards by
    it wants more of them than who draws the hazards.
    NotObservedError where an arm was not observed in the first unit, ParameterError for trials of
    different units, causes or origins.
    """
    first = next(iter(trials.values()))
    if any((t.unit, t.origin) != (first.unit, first.origin) for t in trials.values()):
        raise ParameterError(
            "trials of different clocks are no segments of one", remedy="Count them alike."
        )
    arms = (treated, control)
    causes = tuple(sorted({c for t in trials.values() for c in t.causes}))
    checked = {n: adequacy_of(t, arms) for n, t in trials.items()}
    how = (least, tuple(sorted({b - 1 for b in breaks if 1 < b <= horizon})))
    plans = [_plan(t, arms, horizon, causes, how) for t in trials.values()]
    replicates = _replicates(trials, arms, (causes, plans, horizon), checked)
    return Effect(
        treated=treated,
        control=control,
        segments=tuple(trials),
        causes=causes,
        unit=first.unit,
        origin=first.origin,
        hazards=replicates.reweighted(np.ones((1, BLOCKS)))[0],
        supported=np.array([len(plan[0]) for plan in plans]),
        beyond=beyond,
        population=population,
        adequacy=checked,
        status=Status.ESTIMATED,
        assumptions=(*first.assumptions, BEYOND[beyond]),
        replicates=replicates,
    )


Plan = list[np.ndarray]


def _replicates(
    trials: Mapping[str, Trial],
    arms: tuple[str, str],
    asked: tuple[tuple[str, ...], list[Plan], int],
    checked: Mapping[str, Adequacy],
) -> Replicates:
    """Return the replicates of the hazards [2, S, C, K]; `asked` are causes, plans and horizon."""
    causes, plans, horizon = asked
    refused = np.array([bool(c.refused) for c in checked.values()])

    def estimator(weights: np.ndarray) -> np.ndarray:
        parts = [
            np.stack([_stretched(t, a, plan, weights, causes, horizon) for a in arms], axis=1)
            for t, plan in zip(trials.values(), plans, strict=True)
        ]
        return np.where(refused[:, None, None], np.nan, np.stack(parts, axis=2))

    held = np.stack([[t.arm(a).heads > 0 for a in arms] for t in trials.values()])
    return Replicates(
        estimator(1.0 - np.eye(BLOCKS)),
        np.asarray(held.any(axis=(0, 1))),
        estimator,
        int(held.sum(axis=-1).min()),
    )


def _plan(
    trial: Trial,
    arms: Sequence[str],
    horizon: int,
    causes: tuple[str, ...],
    how: tuple[int, tuple[int, ...]],
) -> Plan:
    """Return for each cause the number of the stretch of each unit, up to the last supported."""
    counts = [trial.arm(a).counts for a in arms]
    there = np.min([c.at_risk[0] for c in counts], axis=0)[:horizon]
    nobody = np.flatnonzero(there <= 0)
    known = int(nobody[0]) if nobody.size else len(there)
    if not known:
        raise NotObservedError(
            "in one of the arms nobody was at risk in the first unit",
            remedy="Count from a unit in which both arms were observed.",
        )
    none = np.zeros((len(arms), known))
    events = [
        np.stack([c.moves[0][trial.causes.index(cause), :known] for c in counts])
        if cause in trial.causes
        else none
        for cause in causes
    ]
    return [_parted(e, *how) for e in events]


def _parted(events: np.ndarray, least: int, cuts: Sequence[int]) -> np.ndarray:
    """Return the number of each unit's stretch [K], with a new one at each of `cuts` (from 0).

    Where between two of these an arm has fewer than 5 events, the cuts are left out.
    """
    found: list[np.ndarray] = []
    parts = np.split(events, [c for c in cuts if c < events.shape[-1]], axis=-1)
    if min(p.sum(axis=-1).min() for p in parts) < FEW_EVENTS:
        return _stretches(events, least)
    for part in parts:
        first = found[-1][-1] + 1 if found else 0
        found.append(first + _stretches(part, least))
    return np.concatenate(found)


def _stretches(events: np.ndarray, least: int) -> np.ndarray:
    """Return the number of each unit's stretch [K]: `least` events in each arm, or it is the only.

    A stretch at the end with fewer joins the one before.
    """
    number, so_far = np.zeros(events.shape[-1], dtype=np.int64), np.zeros(len(events))
    current = 0
    for t in range(events.shape[-1]):
        number[t] = current
        so_far += events[:, t]
        if so_far.min() >= least:
            current, so_far = current + 1, np.zeros(len(events))
    return np.minimum(number, max(current - 1, 0))


def _stretched(
    trial: Trial,
    arm: str,
    plan: Sequence[np.ndarray],
    weights: np.ndarray,
    causes: tuple[str, ...],
    horizon: int,
) -> np.ndarray:
    """Return an arm's hazards [B, C, K], the same throughout a stretch; nan where not supported."""
    sums = weighted(trial.arm(arm), trial.shares, weights)
    out = np.full((len(weights), len(causes), horizon), np.nan)
    for i, (cause, number) in enumerate(zip(causes, plan, strict=True)):
        known = len(number)
        at_risk = sums.at_risk[:, :known]
        moves = np.zeros_like(at_risk)
        if cause in trial.causes:
            moves = sums.moves[:, trial.causes.index(cause), :known]
        first = np.flatnonzero(np.diff(number, prepend=-1))
        n, d = (np.add.reduceat(a, first, axis=-1) for a in (at_risk, moves))
        out[:, i, :known] = formulas.hazard(n, d)[:, number]
    return out
