"""The parametric g-formula: what happens and who leaves by models, put together under any rule.

Two kinds of models are fitted to counted units: how the state (dissatisfied or not) follows from
the state and the offer of the unit before, and who leaves given state and offers. From them the
share still there under a rule follows exactly, unit by unit over all states, without simulation
(Robins 1986; Keil et al. 2014). Models are fitted anew in every replicate: their rows are few.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd

from stammkunde import intervals
from stammkunde.draws import BLOCKS, Replicates
from stammkunde.errors import NotObservedError, ParameterError, nearest
from stammkunde.evidence.adequacy import (
    LEAST_PERSONS,
    NO_COUNTERPART,
    NOBODY_LEFT,
    Adequacy,
)
from stammkunde.evidence.reacting.irls import fitted, logistic
from stammkunde.evidence.reacting.steps import Steps
from stammkunde.evidence.trial import ALIKE_GIVEN, Compared, compared
from stammkunde.intervals import FEW_EVENTS
from stammkunde.result import Status
from stammkunde.survival.contrasts.differences import rmst_difference, survival_difference
from stammkunde.survival.curve import TOO_FEW_PERSONS, Curve

MODELS_HOLD = "models_of_course_hold"
METHOD = "parametric g-formula, person blocks"
# numbers held at once while fitting
AT_ONCE = 4_000_000


def compare_rules(
    made: Steps,
    rules: Mapping[str, np.ndarray],
    treated: str,
    control: str,
    horizon: int,
    *,
    level: float = 0.95,
) -> Compared:
    """Return the difference that one rule makes against another within `horizon` units.

    `rules` are chances of an offer by state [S] (see `survival_under`). Where nobody in some state
    got what a rule asks for, the models would speak of what was never seen: refused, as are fewer
    than 50 persons, and what rests on few. ParameterError for a rule that is not there,
    NotObservedError for a horizon beyond the units counted.
    """
    for name in (treated, control):
        if name not in rules:
            raise ParameterError(f"no rule `{name}`", remedy=nearest(name, rules))
    if horizon < 1:
        raise ParameterError(f"a horizon of {horizon}", remedy="Give 1 or more.")
    if horizon > made.reach:
        raise NotObservedError(
            f"customers were observed for {made.reach} {made.unit}s only",
            remedy=f"Ask for a horizon of {made.reach} or less.",
        )
    curves = {n: rule_curve(made, rules[n], level=level) for n in (treated, control)}
    a, b = curves[treated], curves[control]
    found = rmst_difference(a, b, horizon), survival_difference(a, b, horizon)
    why = _refusal(made, [rules[treated], rules[control]], horizon)
    return compared((treated, control), horizon, curves, found, Adequacy(arms={}, refused=why))


def rule_curve(made: Steps, rule: np.ndarray | None, *, level: float = 0.95) -> Curve:
    """Return the survival curve of everybody under a rule, from their first unit on.

    Errors by leaving out a block and fitting anew (jackknife, t), log(-log); with fewer than 5
    events beta product limits of those at risk. `at_risk` and `events` are as seen, under whatever
    offers were made. For `rule` see `survival_under`.
    """

    def estimator(weights: np.ndarray) -> np.ndarray:
        return survival_under(made, rule, weights)

    held = made.heads > 0
    every = 1.0 - np.eye(BLOCKS)
    # a block that alone holds all tells nothing when it is left out
    left = np.where(held[:, None], every, 1.0) if held.sum() > 1 else np.ones_like(every)
    replicates = Replicates(estimator(left), held, estimator, int(held.sum()))
    value = estimator(np.ones((1, BLOCKS)))[0]
    se = replicates.se() if replicates.is_enough else np.full(len(value), np.nan)
    n, d = made.by_unit
    low, high = _limits(made, value, se, level, replicates.smallest)
    return Curve(
        kind="survival",
        unit=made.unit,
        value=value,
        low=low,
        high=high,
        se=se,
        at_risk=n.astype(np.int64),
        events=d.astype(np.int64),
        persons=int(made.heads.sum()),
        spells=int(made.heads.sum()),
        observed_to=made.reach,
        level=level,
        errors="blocks",
        basis="standardised",
        method=METHOD,
        status=Status.ESTIMATED,
        assumptions=(ALIKE_GIVEN, MODELS_HOLD),
        replicates=replicates,
    )


def _limits(
    made: Steps, value: np.ndarray, se: np.ndarray, level: float, blocks: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return log(-log) limits, where leavers are few those of the beta product."""
    n, d = made.by_unit
    low, high = intervals.log_log(value, se, intervals.student_quantile(level, blocks))
    low, high = (np.where((value >= 1) | (value <= 0), value, x) for x in (low, high))
    gone = 1 - np.divide(value[1:], value[:-1], out=np.ones(len(n)), where=value[:-1] > 0)
    size = np.maximum(n, 1e-9)
    few = intervals.beta_product(size, size * gone, level)
    rare = np.concatenate([[False], np.cumsum(d) < FEW_EVENTS])
    one, two = (np.where(rare, np.r_[1.0, f], x) for f, x in zip(few, (low, high), strict=True))
    return one, two


def survival_under(made: Steps, rule: np.ndarray | None, weights: np.ndarray) -> np.ndarray:
    """Return the share still there [B, K + 1] under a rule and weights [B, 256] of the blocks.

    `rule` [S] is the chance of an offer in each state (0 and 1: a rule that decides); None: as
    offers were made in each state, which must give back what was seen.
    """
    rows, _ = made.patterns
    terms = made.states + 2 + len(made.bands) + made.cells
    step = max(1, AT_ONCE // (len(rows) * terms))
    if len(weights) > step:
        parts = [weights[i : i + step] for i in range(0, len(weights), step)]
        return np.concatenate([survival_under(made, rule, part) for part in parts])
    chance = _chance(made, rule, weights)
    follow, leave = _models(made, weights)
    begun = np.tensordot(weights, made.begin, axes=(1, 3))
    share = begun / begun.sum(axis=(1, 2, 3), keepdims=True)
    alive = [np.ones(len(weights))]
    for unit in range(1, made.reach + 1):
        band = int(np.searchsorted(made.bands, unit, side="right"))
        # axes: replicate, cell, state before, had, state, taken
        here = np.einsum("bvph,bvphs->bvhs", share, follow[:, band])
        given = np.stack(
            [here * (1 - chance)[:, None, None], here * chance[:, None, None]], axis=-1
        )
        share = np.einsum("bvhsa,bvhsa->bvsa", given, 1 - leave[:, band])
        alive.append(share.sum(axis=(1, 2, 3)))
    return np.stack(alive, axis=-1)


def unseen(made: Steps, rule: np.ndarray) -> int:
    """Return how many units at risk were in a state in which nobody got what the rule asks for.

    There the models speak of what was never seen.
    """
    n = made.counts.groupby(["state", "taken"])["n"].sum().unstack(fill_value=0)
    n = n.reindex(index=range(made.states), columns=[0, 1], fill_value=0).to_numpy()
    chance = np.asarray(rule, float)
    asked = np.stack([chance < 1, chance > 0], axis=1)
    lacking = (asked & (n == 0)).any(axis=1) & (n.sum(axis=1) > 0)
    return int(n[lacking].sum())


def _refusal(made: Steps, rules: Sequence[np.ndarray], horizon: int) -> str:
    """Return why the counts do not answer, "" if they do."""
    if any(unseen(made, rule) for rule in rules):
        return NO_COUNTERPART
    if made.heads.sum() < LEAST_PERSONS:
        return TOO_FEW_PERSONS
    return "" if made.by_unit[1][:horizon].sum() else NOBODY_LEFT


def _chance(made: Steps, rule: np.ndarray | None, weights: np.ndarray) -> np.ndarray:
    """Return the chance of an offer in each state [B, S]."""
    if rule is not None:
        own = np.asarray(rule, float)
        if own.shape != (made.states,) or (own < 0).any() or (own > 1).any():
            raise ParameterError(
                f"the rule {rule} is none for {made.states} states",
                remedy="Give the chance of an offer in each state, from 0 to 1.",
            )
        return np.broadcast_to(own, (len(weights), made.states))
    rows, n = made.patterns
    whole = np.stack([n[rows.state == s].sum(axis=0) for s in range(made.states)], axis=1)
    taken = [n[(rows.state == s) & (rows.taken == 1)].sum(axis=0) for s in range(made.states)]
    given, there = weights @ np.stack(taken, axis=1), weights @ whole
    return np.divide(given, there, out=np.zeros_like(there), where=there > 0)


def _models(made: Steps, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return chances of states [B, bands, V, S, 2, S] and of leaving [B, bands, V, 2, S, 2].

    Axes of the first: state before, offer before, state; of the second: offer before, state, offer.
    More than two states follow one another: each is reached or not by those beyond the one below.
    """
    rows, n = made.patterns
    counts = weights @ n.T
    where = (range(len(made.bands) + 1), range(made.cells))
    asked = pd.DataFrame(
        product(*where, range(made.states), (0, 1)), columns=["band", "cell", "before", "had"]
    )
    shape = (len(weights), len(where[0]), made.cells, made.states, 2)
    above, chances = np.ones(shape), []
    for level in range(1, made.states):
        there = (rows.state >= level - 1).to_numpy()
        design = _design(made, rows[there], "before", ("had",))
        n_there = counts[:, there]
        yes = n_there * (rows.state[there] >= level).to_numpy()
        beta = fitted(design, yes, n_there)
        up = above * logistic(beta @ _design(made, asked, "before", ("had",)).T).reshape(shape)
        chances.append(above - up)
        above = up
    follow = np.stack([*chances, above], axis=-1)
    names = ["band", "cell", "had", "state", "taken"]
    all_ = pd.DataFrame(product(*where, (0, 1), range(made.states), (0, 1)), columns=names)
    design = _design(made, rows, "state", ("taken", "had"))
    beta = fitted(design, counts * rows.left.to_numpy(), counts)
    leave = logistic(beta @ _design(made, all_, "state", ("taken", "had")).T)
    return follow, leave.reshape(*shape[:3], 2, made.states, 2)


def _design(made: Steps, rows: pd.DataFrame, state: str, flags: Sequence[str]) -> np.ndarray:
    """Return a constant, levels of a state, flags, bands of tenure and cells [P, p]."""
    columns = [np.ones(len(rows))]
    columns += [(rows[state] == s).to_numpy(float) for s in range(1, made.states)]
    columns += [rows[f].to_numpy(float) for f in flags]
    columns += [(rows.band == b).to_numpy(float) for b in range(1, len(made.bands) + 1)]
    columns += [(rows.cell == v).to_numpy(float) for v in range(1, made.cells)]
    return np.column_stack(columns)
