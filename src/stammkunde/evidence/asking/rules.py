"""What rules of whom to give an offer are worth, judged on others than those they were made on.

Persons are dealt to four folds. Three of them say what each segment gains, drawn towards the
others, and the fourth what came of it. An estimate of some blocks is the mean of their
pseudo-values (Miller 1974; Andersen, Klein and Rosthoj 2003): each fold's are those of the whole
data, so that no segment is too small for a curve of its own in a quarter of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from stammkunde.draws import BLOCKS, Replicates
from stammkunde.evidence.asking.stakes import ALIKE_EARNED, MONEY, Levels, Stakes
from stammkunde.evidence.benefit import FOLDS
from stammkunde.evidence.drawn import drawn
from stammkunde.evidence.trial import Compared
from stammkunde.intervals import student_quantile
from stammkunde.result import Estimate
from stammkunde.survival.curve import TOO_FEW_PERSONS

RULES = ("everyone", "risk", "best", "gain")
METHOD = "chosen on three quarters of the persons, judged on the rest (pseudo-values by block)"


@dataclass(frozen=True, kw_only=True)
class Blocks:
    """Segments by block [256, S]: pseudo-values, heads and money.

    `effect`: units gained; `holding`: units in which a treated customer holds the offer; `staying`:
    units the others stay; `held`: whether anybody is there; `persons`; margins in `cents` of those
    `known`. The offer costs `euro`, per unit of holding if `each_unit`.
    """

    effect: np.ndarray
    holding: np.ndarray
    staying: np.ndarray
    held: np.ndarray
    persons: np.ndarray
    cents: np.ndarray
    known: np.ndarray
    euro: float = 0.0
    each_unit: bool = False


def rules_of(
    compared: Mapping[Levels, Compared],
    persons: Mapping[Levels, np.ndarray],
    stakes: Stakes | None,
    share: float,
) -> dict[str, Estimate]:
    """Return what each rule is worth per 1000 customers, in money or, without stakes, in units.

    Segments must all have an effect with replicates. Errors by leaving out blocks, the choice made
    anew each time. No value with fewer than ten blocks in a segment.
    """
    rows = blocks_of(compared, persons, stakes)
    smallest = int(rows.held.sum(axis=0).min())
    estimator = partial(judged, rows, share=share)
    leave_out = estimator(1.0 - np.eye(BLOCKS))
    replicates = Replicates(leave_out, np.asarray(rows.held.any(axis=1)), estimator, smallest)
    number, first = estimator(np.ones((1, BLOCKS)))[0], next(iter(compared.values())).months
    about: dict[str, Any] = {
        "unit": MONEY if stakes else first.unit,
        "method": METHOD,
        "status": first.status,
        "persons": int(rows.persons.sum()),
        "assumptions": (*first.assumptions, *((ALIKE_EARNED,) if stakes else ())),
    }
    found = {}
    for i, name in enumerate(RULES):
        own = replicates.map(partial(np.take, indices=i, axis=-1))
        said = {**about, "estimand": f"worth per 1000 customers, given to: {name}"}
        if not replicates.is_enough:
            found[name] = Estimate(value=None, reason=TOO_FEW_PERSONS, **said)
            continue
        se, at = float(own.se()), float(number[i])
        step = student_quantile(first.level, smallest) * se
        found[name] = Estimate(
            value=at, low=at - step, high=at + step, se=se, replicates=own, **said
        )
    return found


def blocks_of(
    compared: Mapping[Levels, Compared],
    persons: Mapping[Levels, np.ndarray],
    stakes: Stakes | None,
) -> Blocks:
    """Return segments by block."""
    parts = [_pseudo_values(c, stakes.held if stakes else 0) for c in compared.values()]
    people = np.stack([persons[n] for n in compared], axis=1).astype(float)
    cents, known = 100 * np.ones_like(people), np.ones_like(people)
    if stakes is not None:
        sums = (stakes.cents, stakes.known)
        cents, known = (np.stack([a[n] for n in compared], axis=1).astype(float) for a in sums)
    effect, holding, staying, held = (np.stack(a, axis=1) for a in zip(*parts, strict=True))
    return Blocks(
        effect=effect,
        holding=holding,
        staying=staying,
        held=held,
        persons=people,
        cents=cents,
        known=known,
        euro=stakes.euro if stakes else 0.0,
        each_unit=stakes is not None and stakes.held > 0,
    )


def _pseudo_values(found: Compared, held: int) -> tuple[np.ndarray, ...]:
    """Return pseudo-values [256] of a segment's effect and of its arms' means, and who is held."""
    span = min(held, found.horizon) or found.horizon
    treated = found.curves[found.treated].rmst(span)
    control = found.curves[found.control].rmst(found.horizon)
    assert found.months.replicates is not None
    # of the blocks of both arms: who is not in the one tells nothing of it there
    there = found.months.replicates.held
    return *(_pseudo(e, there) for e in (found.months, treated, control)), there


def _pseudo(estimate: Estimate, held: np.ndarray) -> np.ndarray:
    assert estimate.replicates is not None
    assert estimate.value is not None
    groups = int(held.sum())
    values = groups * estimate.value - (groups - 1) * estimate.replicates.leave_out
    return np.asarray(np.where(held, values, 0.0))


def judged(rows: Blocks, weights: np.ndarray, *, share: float) -> np.ndarray:
    """Return what each rule is worth per 1000 customers [B, R] under weights [B, 256]."""
    total = np.zeros((len(weights), len(RULES)))
    for fold in range(FOLDS):
        here, parts = given_in(rows, weights, fold, share=share)
        gain = _gain(rows, here, _mean(rows, here, rows.effect))
        total += (parts * ((here @ rows.persons) * gain)[:, None]).sum(axis=-1)
    return np.asarray(1000 * total / (weights @ rows.persons).sum(axis=1)[:, None])


def given_in(
    rows: Blocks, weights: np.ndarray, fold: int, *, share: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights of a fold [B, 256], and which part of its segments each rule gives it to.

    Parts [B, R, S] follow from the other folds alone.
    """
    inside = np.arange(BLOCKS) % FOLDS == fold
    here, rest = weights * inside, weights * ~inside
    guess, size = _gain(rows, rest, _guess(rows, rest)), here @ rows.persons
    some = [first_of(score, size, share) for score in (-_mean(rows, rest, rows.staying), guess)]
    every = np.ones(guess.shape)
    return here, np.stack([every, *some, every * (guess > 0)], axis=1)


def first_of(score: np.ndarray, size: np.ndarray, share: float) -> np.ndarray:
    """Return which part of each segment [..., S] is among the `share` with the highest scores.

    As `benefit.chosen`, for few segments and many rankings at once.
    """
    above = (score[..., None, :] > score[..., None]) * size[..., None, :]
    level = (score[..., None, :] == score[..., None]) * size[..., None, :]
    left = share * size.sum(axis=-1, keepdims=True) - above.sum(axis=-1)
    whole = level.sum(axis=-1)
    part = np.divide(left, whole, out=np.zeros(whole.shape), where=whole > 0)
    return np.asarray(np.clip(part, 0.0, 1.0))


def _mean(rows: Blocks, weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the means [B, S] of pseudo-values over the blocks that hold somebody; 0 of none."""
    whole = weights @ rows.held
    return np.divide(weights @ values, whole, out=np.zeros(whole.shape), where=whole > 0)


def _guess(rows: Blocks, weights: np.ndarray) -> np.ndarray:
    """Return the effects [B, S] by these blocks, drawn towards one another."""
    mean = _mean(rows, weights, rows.effect)
    squares = _mean(rows, weights, rows.effect**2) - mean**2
    groups = np.maximum((weights > 0) @ rows.held.astype(float), 2)
    error = np.sqrt(np.maximum(squares, 0.0) / (groups - 1))
    # where all blocks are alike, as of nobody, nothing is known
    error = np.where(error > 0, error, np.maximum(error.max(axis=1, keepdims=True), 1e-9) * 1e3)
    return drawn(mean, error)[0]


def _gain(rows: Blocks, weights: np.ndarray, effect: np.ndarray) -> np.ndarray:
    """Return the gain [B, S] per customer of an effect: what it earns less what it costs."""
    known = weights @ rows.known
    whole = rows.cents.sum(axis=0) / rows.known.sum(axis=0)
    margin = np.divide(weights @ rows.cents, known, out=whole + 0 * known, where=known > 0) / 100
    cost = _mean(rows, weights, rows.holding) if rows.each_unit else 1.0
    return np.asarray(margin * effect - rows.euro * cost)
