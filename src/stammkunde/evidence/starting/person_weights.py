"""Weights of single persons by a model with numbers in it, summed in the engine as whole numbers.

The chance of the first arm is a logistic model of levels and of splines of numbers. Its weights are
an expression of the engine; what leaves it are sums by arm, block and time: of the weights, and of
how they change with each coefficient, so that without a block, or in a draw, the weights move with
the model (to first order in the coefficients, which move by one step of Newton's method).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.evidence.adequacy import Weighting
from stammkunde.evidence.baseline import Population
from stammkunde.evidence.starting.logit import Logit
from stammkunde.spells.spells import CENSORED

# a weight of 1 as a whole number: sums of floats differ from run to run
ONE = 2**20
# no chance of an arm is taken for smaller
LEAST_CHANCE = 1e-3
SUMS = ("arm", "block", "begin", "finish", "end", "n", "weight", "square")


@dataclass(frozen=True, kw_only=True)
class WeightedArm:
    """One arm as sums by block and unit: `risk` and `gone` [256, K, 1 + p].

    First the weights of those at risk and of those leaving, then how these change with each of the
    p coefficients. `at_risk` and `events` [K] are persons, `squares` [K] sums of squared weights
    of those at risk, `heads` [256] persons, `weighting` how they are weighted.
    """

    risk: np.ndarray
    gone: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray
    heads: np.ndarray
    weighting: Weighting


@dataclass(frozen=True, kw_only=True)
class PersonTrial:
    """Two arms weighted person by person, and the model of the chance of the first one.

    `model` is None where the chances are known. `cut` persons had a chance below the least.
    """

    arms: Mapping[str, WeightedArm]
    model: Logit | None
    unit: str
    cut: int
    assumptions: tuple[str, ...]
    without: int = 0

    def shifts(self, weights: np.ndarray) -> np.ndarray:
        """Return by how much the coefficients move [B, p] under weights [B, 256] of the blocks."""
        if self.model is None:
            return np.zeros((len(weights), next(iter(self.arms.values())).risk.shape[2] - 1))
        return self.model.moved(weights)[:, 0] - self.model.beta[0]


def weight_of(
    odds: np.ndarray, first: np.ndarray, population: Population
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the weights [N], how they change with the log-odds, and whose chance was cut.

    `odds` are log-odds of the first arm, `first` who is in it; chances below `LEAST_CHANCE` are
    taken for that.
    """
    least = np.log(LEAST_CHANCE / (1 - LEAST_CHANCE))
    own = np.where(first, odds, -odds)
    cut = own < least
    other = np.exp(-np.maximum(own, least))
    if population == "all":
        weight, change = 1 + other, -other
    elif population == "treated":
        weight, change = np.where(first, 1.0, other), np.where(first, 0.0, -other)
    else:
        weight = other / (1 + other)
        change = -weight / (1 + other)
    return weight, np.where(cut, 0.0, np.where(first, change, -change)), cut


def sums_from(
    design: np.ndarray,
    rows: pd.DataFrame,
    first: str,
    beta: np.ndarray,
    *,
    population: Population = "all",
) -> pd.DataFrame:
    """Return the sums `SUMS` and "change 0" ... of persons given as arrays, as the engine does.

    `design` [N, p], `beta` [p]; `rows` has arm, block, begin, finish, end of each person.
    """
    weight, change, cut = weight_of(design @ beta, (rows.arm == first).to_numpy(), population)
    made = rows[["arm", "block", "begin", "finish", "end"]].assign(
        n=1, weight=_whole(weight), square=_whole(weight**2), cut=cut.astype(np.int64)
    )
    moved = _whole(change[:, None] * design)
    made = pd.concat([made, pd.DataFrame(moved, index=rows.index).add_prefix("change ")], axis=1)
    keys = ["arm", "block", "begin", "finish", "end"]
    return made.groupby(keys, as_index=False, observed=True).sum()


def trial_of_sums(
    sums: pd.DataFrame,
    arms: tuple[str, str],
    reach: int,
    *,
    model: Logit | None,
    assumptions: tuple[str, ...],
    largest: Mapping[str, tuple[float, tuple[float, ...]]],
    heads: Mapping[str, np.ndarray] | None = None,
    unit: str = "month",
) -> PersonTrial:
    """Return the trial of the sums `SUMS` and "change 0" ... of weighted persons.

    `largest` are the largest weight of each arm and its quantiles, by the mean weight.
    NotObservedError where an arm holds nobody.
    """
    if reach < 1:
        raise ParameterError(f"a horizon of {reach}", remedy="Give 1 or more.")
    made = {}
    for name in arms:
        own = sums[sums.arm == name]
        if own.empty:
            raise NotObservedError(f"nobody is in the arm `{name}`", remedy="Check its words.")
        made[name] = _arm(own, reach, largest[name], None if heads is None else heads[name])
    return PersonTrial(
        arms=made, model=model, unit=unit, cut=int(sums.cut.sum()), assumptions=assumptions
    )


def nobody_alike(
    arms: tuple[str, str], reach: int, unit: str, assumptions: tuple[str, ...], without: int
) -> PersonTrial:
    """Return the trial of nobody, for `without` persons none of whom has a counterpart."""
    zero = np.zeros(reach)
    sums, whole = np.zeros((BLOCKS, reach, 2)), zero.astype(np.int64)
    weighting = Weighting(persons=0, effective=0.0, largest=0.0, quantiles=(), by_unit=zero)
    nobody = WeightedArm(
        risk=sums,
        gone=sums,
        at_risk=whole,
        events=whole,
        heads=np.zeros(BLOCKS, dtype=np.int64),
        weighting=weighting,
    )
    return PersonTrial(
        arms=dict.fromkeys(arms, nobody),
        model=None,
        unit=unit,
        cut=0,
        assumptions=assumptions,
        without=without,
    )


def _whole(amounts: np.ndarray) -> np.ndarray:
    return np.rint(amounts * ONE).astype(np.int64)


def _arm(
    rows: pd.DataFrame,
    reach: int,
    largest: tuple[float, tuple[float, ...]],
    heads: np.ndarray | None,
) -> WeightedArm:
    begin, finish = rows.begin.to_numpy(), rows.finish.to_numpy()
    block = rows.block.to_numpy()
    here = begin < np.minimum(finish, reach)
    left = here & (rows.end != CENSORED).to_numpy() & (finish <= reach)
    parts = ["weight", *(c for c in rows if str(c).startswith("change "))]
    amounts = rows[["n", "square", *parts]].to_numpy().astype(float)
    amounts[:, 1:] /= ONE
    flow = np.zeros((BLOCKS, reach + 1, amounts.shape[1]))
    np.add.at(flow, (block[here], begin[here]), amounts[here])
    np.subtract.at(flow, (block[here], np.minimum(finish, reach)[here]), amounts[here])
    risk = np.cumsum(flow, axis=1)[:, :-1]
    gone = np.zeros((BLOCKS, reach, amounts.shape[1]))
    np.add.at(gone, (block[left], finish[left] - 1), amounts[left])
    n, square, weight = (risk[:, :, i].sum(axis=0) for i in range(3))
    by_unit = np.divide(weight**2, square, out=np.zeros_like(weight), where=n > 0)
    if heads is None:
        heads = np.bincount(block[here], weights=rows.n.to_numpy()[here], minlength=BLOCKS)
    return WeightedArm(
        risk=risk[:, :, 2:],
        gone=gone[:, :, 2:],
        at_risk=np.rint(n).astype(np.int64),
        events=np.rint(gone[:, :, 0].sum(axis=0)).astype(np.int64),
        heads=heads.astype(np.int64),
        weighting=Weighting(
            persons=round(float(n[0])),
            effective=float(by_unit[0]),
            largest=largest[0],
            quantiles=largest[1],
            by_unit=by_unit,
        ),
    )
