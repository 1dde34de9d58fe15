"""What follows the horizon of a question: how long those who are still there then go on paying.

An offer that keeps customers leaves more of them at the horizon's end, and each goes on paying. How
long is projected as for all customers of that tenure: what the offer does later is not known, and
is taken to be nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import ibis
import numpy as np
import pandas as pd

from stammkunde.evidence.asking.estimand import DATED
from stammkunde.evidence.asking.question import OFFERED, Design
from stammkunde.evidence.dates.dated import TENURE
from stammkunde.spells.signed import terms_of
from stammkunde.spells.spells import Spells, covariate_of
from stammkunde.survival.drivers.cells import BANDS, levels_of
from stammkunde.survival.projection.choice import Outlook
from stammkunde.survival.projection.fit import FAMILY_HOLDS
from stammkunde.survival.projection.projected import Projection
from stammkunde.survival.projection.worth import discount

EFFECT_ENDS = "effect_ends_with_the_horizon"
NO_INTEREST, NOT_PROJECTED = "no_interest", "not_projected"
# no group or covariate of a TOML can have a blank in its name
TERMS = "number of terms"
# of customers whose later stay is not known, so many at most are taken to be like the others
MOST_UNKNOWN = 0.1
Levels = tuple[str, ...]
Units = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Afterwards:
    """How money counts that comes later, and how customers stay once a question's horizon is over.

    `interest` is yearly. `looks` project customers by the number of the terms they began under (see
    `terms_of`, of the days `signed`); what they pay is counted up to `span` units from time zero.
    Without `looks` nothing is, and `why` says why not. `assumptions` are those of the projection.
    """

    interest: float = 0.0
    span: int = 0
    looks: Mapping[int, Outlook] = field(default_factory=dict)
    signed: tuple[date, ...] = ()
    assumptions: tuple[str, ...] = ()
    why: str = NO_INTEREST

    @property
    def rests(self) -> tuple[str, ...]:
        """Return what a number that goes beyond the horizon rests on."""
        return tuple(dict.fromkeys((EFFECT_ENDS, FAMILY_HOLDS, *self.assumptions)))


NOWHERE = Afterwards()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Whom a question is about: the `spells` of its trial, and segments by their `columns`.

    `origin` is the tenure at time zero, where all have the same; the `horizon` counts from there.
    """

    spells: Spells
    columns: tuple[str, ...]
    design: Design
    origin: int
    horizon: int


@dataclass(frozen=True, kw_only=True)
class Later:
    """Discounted units that one still there at the horizon's end goes on paying, by segment [S].

    `at` [2, S] are those paid for, and those of them in which an offer that lasts is held; `units`
    are the same [2, B, S] under weights [B, 256] of the blocks. `variants` [2, V, S] are what they
    would be by other families or, where no blocks are known, with other leavers: the squares of
    what they change count `shares` [V] times. `span` units from time zero are counted in all.
    """

    segments: tuple[Levels, ...]
    at: np.ndarray
    units: Units
    variants: np.ndarray
    shares: np.ndarray
    span: int
    rests: tuple[str, ...]

    def of(self, segments: Sequence[Levels]) -> Later:
        """Return the same of some segments, in their order."""
        kept = [self.segments.index(n) for n in segments]
        return replace(
            self,
            segments=tuple(segments),
            at=self.at[:, kept],
            units=lambda w: self.units(w)[..., kept],
            variants=self.variants[..., kept],
        )


def marked(spells: Spells, afterwards: Afterwards) -> Spells:
    """Return spells whose rows know the terms they began under, whatever clock they are put on."""
    if not afterwards.signed or not afterwards.looks:
        return spells
    r = spells.relation
    return replace(spells, relation=r.mutate(**{TERMS: terms_of(r, afterwards.signed)}))


def later_of(
    asked: Asked, segments: Sequence[Levels], afterwards: Afterwards, *, held: int
) -> Later | None:
    """Return what follows the horizon in each segment; None where it is not known.

    The offer is held up to `held` units from time zero. Customers are those of the trial, each as
    often as he is in it, at the tenures that they would reach by the projection. Known are offers
    that a customer of today, or one who signs up, can be given.
    """
    horizon, span = asked.horizon, afterwards.span
    known = asked.design in (*OFFERED, "start") and horizon < span
    mix = _mix(asked, segments, afterwards) if known and afterwards.looks else None
    if mix is None:
        return None
    value = discount(asked.spells.unit, afterwards.interest) ** np.arange(span)
    value[:horizon] = 0.0
    ends = (value, np.where(np.arange(span) < held, value, 0.0))
    parts = {j: _Part(afterwards.looks[j], own, horizon, ends) for j, own in mix.items()}
    variants = [*_variants(parts)]
    empty = np.zeros((2, 0, len(segments)))
    return Later(
        segments=tuple(segments),
        at=_ratio(p.mean() for p in parts.values())[:, 0],
        units=lambda w: _ratio(p.under(w) for p in parts.values()),
        variants=np.concatenate([v for _, v in variants], axis=1) if variants else empty,
        shares=np.concatenate([s for s, _ in variants]) if variants else np.zeros(0),
        span=span,
        rests=afterwards.rests,
    )


def _mix(
    asked: Asked, segments: Sequence[Levels], afterwards: Afterwards
) -> dict[int, np.ndarray] | None:
    """Return customers by terms: tenure at time zero and segment [G, S]; None of too many unknown.

    Unknown are those under terms that are not projected, or longer there than anybody was seen.
    """
    frame = _counted(asked)
    place = {n: i for i, n in enumerate(segments)}
    names = [c for c in frame.columns if c.startswith("level ")]
    keys = frame[names].astype(str).itertuples(index=False, name=None)
    frame = frame.assign(segment=[place.get(k, -1) for k in keys])
    frame = frame[frame.segment >= 0]
    reach = frame.terms.map({j: p.horizon - afterwards.span for j, p in afterwards.looks.items()})
    known = frame[reach.notna() & (frame.tenure <= reach)]
    sizes = [np.bincount(f.segment, f.n, minlength=len(place)) for f in (frame, known)]
    if not (sizes[1] > 0).all() or (sizes[1] < (1 - MOST_UNKNOWN) * sizes[0]).any():
        return None
    found: dict[int, np.ndarray] = {}
    for terms, own in known.groupby("terms"):
        counts = np.zeros((int(own.tenure.max()) + 1, len(place)))
        np.add.at(counts, (own.tenure, own.segment), own.n)
        found[int(str(terms))] = counts
    return found


def _counted(asked: Asked) -> pd.DataFrame:
    """Return customers by segment, terms and tenure at time zero, counted in the engine."""
    r, names = asked.spells.relation, enumerate(asked.columns)
    levels = {f"level {i}": levels_of(asked.spells, c, BANDS)[0] for i, c in names}
    tenure = r[covariate_of(TENURE)] if asked.design in DATED else ibis.literal(asked.origin)
    terms = r[TERMS] if TERMS in r.columns else ibis.literal(0)
    rows = r.mutate(**levels, terms=terms.cast("int64"), tenure=tenure.cast("int64"))
    keys = [*levels, "terms", "tenure"]
    return rows.group_by(*keys).aggregate(n=rows.count()).order_by(keys).execute()


@dataclass(frozen=True)
class _Part:
    """Customers under the same terms: their projection, how many by tenure and segment [G, S]."""

    look: Outlook
    counts: np.ndarray
    horizon: int
    values: tuple[np.ndarray, np.ndarray]

    def sums(self, curves: np.ndarray) -> np.ndarray:
        """Return of curves [B, T + 1] who is there at the horizon, and what they pay [3, B, S]."""
        total = np.zeros((3, len(curves), self.counts.shape[1]))
        span = len(self.values[0])
        for g in np.flatnonzero(self.counts.any(axis=1)):
            ahead = curves[:, g : g + span] / np.maximum(curves[:, g], 1e-300)[:, None]
            own = (ahead[:, self.horizon], *(ahead @ v for v in self.values))
            total += np.stack(own)[..., None] * self.counts[g]
        return total

    def mixed(self, of: Callable[[Projection], np.ndarray]) -> np.ndarray:
        """Return the mean over the families, by their weights, of what curves say."""
        pairs = zip(self.look.weights, self.look.parts, strict=True)
        return np.asarray(sum(w * self.sums(of(p)) for w, p in pairs))

    def mean(self) -> np.ndarray:
        return self.mixed(lambda p: p.value[None])

    def under(self, weights: np.ndarray) -> np.ndarray:
        """Return the sums under weights of the blocks; without blocks they do not move."""
        if any(p.under is None for p in self.look.parts):
            return np.repeat(self.mean(), len(weights), axis=1)
        return self.mixed(lambda p: p.under(weights))  # type: ignore[misc]


def _variants(parts: Mapping[int, _Part]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return what a family by itself says, and what moved leavers do where there are no blocks."""
    found = []
    for j, part in parts.items():
        others = sum(p.mean() for i, p in parts.items() if i != j)
        each = np.concatenate([part.sums(p.value[None]) for p in part.look.parts], axis=1)
        found.append((np.asarray(part.look.weights), _ratio([each + others])))
        if any(p.under is None for p in part.look.parts):
            moved = part.mixed(lambda p: p.moved)
            found.append((np.ones(moved.shape[1]), _ratio([moved + others])))
    return found


def _ratio(sums: object) -> np.ndarray:
    """Return what one still there at the horizon pays for later [2, B, S]."""
    there, *paid = np.sum([*sums], axis=0)  # type: ignore[misc]
    whole = np.stack(paid)
    return np.divide(whole, there, out=np.zeros(whole.shape), where=there > 1e-12)


def nothing(segments: Sequence[Levels]) -> Later:
    """Return what follows the horizon where nothing is counted there."""
    size = len(segments)
    return Later(
        segments=tuple(segments),
        at=np.zeros((2, size)),
        units=lambda w: np.zeros((2, len(w), size)),
        variants=np.zeros((2, 0, size)),
        shares=np.zeros(0),
        span=0,
        rests=(),
    )
