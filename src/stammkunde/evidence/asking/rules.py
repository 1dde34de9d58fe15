"""What rules of whom to give an offer are worth, judged on others than those they were made on.

Persons are dealt to four folds. Three of them say what each segment gains, drawn towards the
others, and the fourth what came of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from stammkunde.draws import BLOCKS, Replicates, block_weights
from stammkunde.evidence.asking.by_block import Blocks, blocks_of
from stammkunde.evidence.asking.gained import BEYOND, HOLDING, LEFT, MORE, STAYING, STILL
from stammkunde.evidence.asking.stakes import MONEY, Heads, Levels, Stakes
from stammkunde.evidence.benefit import FOLDS
from stammkunde.evidence.drawn import drawn
from stammkunde.evidence.trial import Compared
from stammkunde.intervals import student_quantile
from stammkunde.result import Estimate, Status
from stammkunde.survival.curve import TOO_FEW_PERSONS

RULES = ("everyone", "risk", "best", "gain")
METHOD = "chosen on three quarters of the persons, judged on the rest (pseudo-values by block)"
DRAWS = 400
Pick = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Ruled:
    """What rules are worth per 1000 customers: in all, `within` the horizon and `after` it.

    The parts are empty where nothing is counted after it. `ended` is what they are worth if the
    offer ends with the horizon, where it goes on costing. `over_risk` is "best" less "risk".
    """

    rules: Mapping[str, Estimate]
    over_risk: Estimate
    within: Mapping[str, Estimate] = field(default_factory=dict)
    after: Mapping[str, Estimate] = field(default_factory=dict)
    ended: Mapping[str, Estimate] = field(default_factory=dict)


def rules_of(
    compared: Mapping[Levels, Compared],
    persons: Mapping[Levels, np.ndarray],
    stakes: Stakes | None,
    share: float,
    heads: Heads | None = None,
) -> Ruled:
    """Return what each rule is worth per 1000 customers, in money or, without stakes, in units.

    Segments must all have an effect with replicates. Errors by draws of the blocks, the choice made
    anew in each: leaving out one block at a time would judge a choice between two that are alike by
    jumps that it takes for slopes. To them comes what other families of curves say of the time
    after the horizon. No value with fewer than ten blocks in a segment.
    """
    rows = blocks_of(compared, persons, stakes)
    beyond, first = stakes is not None and stakes.later, next(iter(compared.values())).months
    about = _about(rows, first, stakes, heads)
    found = _found(rows, share, first.replicates.dealt if first.replicates else block_weights)

    def told(pick: Pick, name: str) -> Estimate:
        return _told(pick, found, {**about, "estimand": f"worth per 1000 customers: {name}"})

    def each(pick: Pick, said: str = "") -> dict[str, Estimate]:
        own = (partial(np.take, indices=i, axis=-2) for i in range(len(RULES)))
        return {n: told(_then(of, pick), n + said) for n, of in zip(RULES, own, strict=True)}

    best, risk = RULES.index("best"), RULES.index("risk")
    over = told(lambda x: _all(x[..., best, :] - x[..., risk, :]), "best less risk")
    if not beyond:
        return Ruled(rules=each(_all), over_risk=over)
    assert stakes is not None
    goes_on = stakes.held > next(iter(compared.values())).horizon
    return Ruled(
        rules=each(_all),
        over_risk=over,
        within=each(lambda x: x[..., 0], ", within the horizon"),
        after=each(lambda x: _all(x[..., 1:]), ", after the horizon"),
        ended=each(lambda x: _all(x[..., :2]), ", ending with the horizon") if goes_on else {},
    )


def _about(
    rows: Blocks, first: Estimate, stakes: Stakes | None, heads: Heads | None
) -> dict[str, Any]:
    """Return what every number says of itself."""
    entries, beyond = int(rows.persons.sum()), stakes is not None and stakes.later
    return {
        "unit": MONEY if stakes else first.unit,
        "level": first.level,
        "method": f"{METHOD}, {BEYOND}" if beyond else METHOD,
        "status": Status.ESTIMATED if beyond else first.status,
        "persons": min(entries, heads.everybody) if heads else entries,
        "spells": entries,
        "assumptions": tuple(
            dict.fromkeys((*first.assumptions, *(stakes.rests if stakes else ())))
        ),
    }


@dataclass(frozen=True, kw_only=True)
class _Found:
    """What rules were found to be worth [.., R, 3]: as counted, by each variant, and in draws."""

    at: np.ndarray
    variants: np.ndarray
    shares: np.ndarray
    drawn: np.ndarray
    replicates: Replicates


def _found(rows: Blocks, share: float, dealt: Callable[[int], np.ndarray]) -> _Found:
    rest = np.concatenate([rows.later.at[:, None], rows.later.variants], axis=1)
    at, *variants = judged(rows, np.ones((rest.shape[1], BLOCKS)), share=share, rest=rest)
    estimator = partial(judged, rows, share=share)
    smallest = int(rows.held.sum(axis=0).min())
    held = np.asarray(rows.held.any(axis=1))
    return _Found(
        at=at,
        variants=np.array(variants).reshape(-1, *at.shape),
        shares=rows.later.shares,
        drawn=estimator(dealt(DRAWS)),
        replicates=Replicates(estimator(1.0 - np.eye(BLOCKS)), held, estimator, smallest, dealt),
    )


def _then(first: Pick, second: Pick) -> Pick:
    return lambda x: second(first(x))


def _all(parts: np.ndarray) -> np.ndarray:
    return np.asarray(parts.sum(axis=-1))


def _told(pick: Pick, found: _Found, said: dict[str, Any]) -> Estimate:
    """Return one number of what was found."""
    if not found.replicates.is_enough:
        return Estimate(value=None, reason=TOO_FEW_PERSONS, **said)
    own, at = found.replicates.map(pick), float(pick(found.at))
    apart = float(found.shares @ (pick(found.variants) - at) ** 2)
    se = float(np.sqrt(pick(found.drawn).var(ddof=1) + apart))
    step = student_quantile(said["level"], own.smallest) * se
    return Estimate(value=at, low=at - step, high=at + step, se=se, replicates=own, **said)


def judged(
    rows: Blocks, weights: np.ndarray, *, share: float, rest: np.ndarray | None = None
) -> np.ndarray:
    """Return what rules are worth per 1000 customers [B, R, 3] under weights [B, 256].

    What comes within the horizon, what customers bring after it, and what the offer then costs.
    `rest` [2, B, S] is what follows the horizon, by default as it is under the weights.
    """
    rest = rows.later.units(weights) if rest is None else rest
    total = np.zeros((len(weights), len(RULES), 3))
    for fold in range(FOLDS):
        here, parts = given_in(rows, weights, fold, share=share, rest=rest)
        size = (here @ rows.persons)[:, None]
        total += np.einsum("brs,bsp->brp", parts * size, _gain(rows, here, rest))
    return np.asarray(1000 * total / (weights @ rows.persons).sum(axis=1)[:, None, None])


def given_in(
    rows: Blocks,
    weights: np.ndarray,
    fold: int,
    *,
    share: float,
    rest: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights of a fold [B, 256], and which part of its segments each rule gives it to.

    Parts [B, R, S] follow from the other folds alone; `rest` as in `judged`.
    """
    rest = rows.later.units(weights) if rest is None else rest
    inside = np.arange(BLOCKS) % FOLDS == fold
    here, others = weights * inside, weights * ~inside
    effect = _guess(rows, others, rest[0])
    guess = _earned(rows, others) * effect - _spent(rows, others, rest[1]).sum(axis=-1)
    size = here @ rows.persons
    staying = _mean(rows, others, rows.numbers[..., STAYING])
    some = [first_of(score, size, share) for score in (-staying, guess)]
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


def _guess(rows: Blocks, weights: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Return the units gained in all [B, S] by these blocks, drawn towards one another."""
    more, left = rows.numbers[..., MORE], rows.numbers[..., LEFT]
    one, two = (_mean(rows, weights, a) for a in (more, left))
    mean = one + rest * two
    cross, plain, square = (_mean(rows, weights, a) for a in (more * left, more**2, left**2))
    squares = plain + 2 * rest * cross + rest**2 * square - mean**2
    groups = np.maximum((weights > 0) @ rows.held.astype(float), 2)
    error = np.sqrt(np.maximum(squares, 0.0) / (groups - 1))
    # where all blocks are alike, as of nobody, nothing is known
    error = np.where(error > 0, error, np.maximum(error.max(axis=1, keepdims=True), 1e-9) * 1e3)
    return drawn(mean, error)[0]


def _gain(rows: Blocks, weights: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Return of each customer what comes within the horizon, what he brings then, its cost."""
    more, left = (_mean(rows, weights, rows.numbers[..., i]) for i in (MORE, LEFT))
    earned, spent = _earned(rows, weights), _spent(rows, weights, rest[1])
    parts = (earned * more - spent[..., 0], earned * left * rest[0], -spent[..., 1])
    return np.stack(parts, axis=-1)


def _earned(rows: Blocks, weights: np.ndarray) -> np.ndarray:
    """Return the mean margin per unit [B, S]."""
    known = weights @ rows.known
    whole = rows.cents.sum(axis=0) / rows.known.sum(axis=0)
    cents = weights @ rows.cents
    return np.divide(cents, known, out=whole + 0 * known, where=known > 0) / 100


def _spent(rows: Blocks, weights: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Return what the offer costs of one customer within and after the horizon [B, S, 2]."""
    if not rows.each_unit:
        once = np.full(rest.shape, rows.euro)
        return np.stack([once, np.zeros(rest.shape)], axis=-1)
    holding, still = (_mean(rows, weights, rows.numbers[..., i]) for i in (HOLDING, STILL))
    return rows.euro * np.stack([holding, still * rest], axis=-1)
