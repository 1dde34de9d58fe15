"""Are the arms alike after weighting? Standardised mean differences of everything that is known.

A level's difference of shares between two arms is divided by the standard deviation of the
unweighted arms, sqrt((p (1 - p) + q (1 - q)) / 2), before and after weighting alike, so that a
smaller difference cannot be mistaken for a larger spread (Austin 2009; Stuart 2010). Below .1 is
held to be alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

from stammkunde.errors import DataError
from stammkunde.evidence.arms import Arm, weights_of
from stammkunde.evidence.trial import Trial
from stammkunde.spells.spells import MISSING
from stammkunde.survival.drivers.cells import Factor

# the levels of each cell, or by arm those of each of its rows
Known: TypeAlias = pd.DataFrame | Mapping[str, pd.DataFrame]


@dataclass(frozen=True, kw_only=True)
class Balance:
    """How alike two arms are, level by level.

    `table` has one row per `column` and `level` (and `unit`, where units are told apart): the
    shares of each arm as counted (`treated`, `control`) and weighted (`treated_weighted`,
    `control_weighted`), of `everybody` in both, and the standardised differences `before` and
    `after` weighting.
    """

    treated: str
    control: str
    table: pd.DataFrame

    @property
    def before(self) -> float:
        """Return the largest absolute standardised difference before weighting."""
        return _largest(self.table.before)

    @property
    def after(self) -> float:
        """Return the largest that remains after weighting."""
        return _largest(self.table.after)

    @property
    def composition(self) -> pd.DataFrame:
        """Return whom the weights make the arms stand for: `everybody` beside the `population`.

        Its share of a level is the mean of the two weighted arms'; where weighting has balanced
        them both have it.
        """
        both = self.table[["treated_weighted", "control_weighted"]]
        lead = [c for c in ("column", "level", "unit", "everybody") if c in self.table]
        return self.table[lead].assign(population=both.mean(axis=1))

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0, float_format=lambda x: f"{x:.3f}")


def known_of(factors: Sequence[Factor], levels: np.ndarray) -> pd.DataFrame:
    """Return what is known of each cell by its number, from the numbers of its levels [C, F]."""
    return pd.DataFrame(
        {f.name: np.array(f.levels, object)[levels[:, i]] for i, f in enumerate(factors)}
    )


def balance(trial: Trial, treated: str, control: str, known: Known) -> Balance:
    """Return how alike two arms of a trial are among those seen from time zero on.

    `known` are the levels of what is known, one column each: of every cell by its number, or by arm
    of every row. DataError where a cell has no levels.
    """
    return Balance(
        treated=treated,
        control=control,
        table=_table(trial, (treated, control), known, by_unit=False),
    )


def balance_as_dealt(counts: pd.DataFrame, treated: str, control: str) -> Balance:
    """Return how alike two arms are as counted: for a lot, where nobody is weighted.

    `counts` has rows of `column`, `level`, `arm` and `n`; weighted and counted shares are the same.
    """
    parts = []
    for column, own in counts.groupby("column", sort=False):
        by = own.pivot_table(index="level", columns="arm", values="n", aggfunc="sum", fill_value=0)
        by = by.reindex(columns=[treated, control], fill_value=0).sort_index()
        each = [by[[a]].to_numpy(float) for a in (treated, control)]
        parts.append(_rows_of(str(column), by.index.to_numpy(str), each, each, by_unit=False))
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=TABLE)
    return Balance(treated=treated, control=control, table=table)


def balance_by_unit(trial: Trial, treated: str, control: str, known: Known) -> Balance:
    """Return how alike those at risk are in each unit since time zero.

    Where weights grow with time, histories should be alike up to the unit in which the arms part;
    later differences may be the work of the arms themselves.
    """
    return Balance(
        treated=treated,
        control=control,
        table=_table(trial, (treated, control), known, by_unit=True),
    )


def _largest(differences: pd.Series) -> float:
    return float(differences.abs().max()) if len(differences) else 0.0


def _table(trial: Trial, names: tuple[str, str], known: Known, *, by_unit: bool) -> pd.DataFrame:
    arms = [trial.arm(n) for n in names]
    each = [weights_of(a, trial.shares)[:, 0][a.code] for a in arms]
    alike = [np.ones(len(w)) for w in each]
    tables = [known if isinstance(known, pd.DataFrame) else known[n] for n in names]
    parts = []
    for column in tables[0]:
        levels, places = _coded(arms, [t[column] for t in tables], isinstance(known, pd.DataFrame))
        counted, weighted = (
            [
                _amounts(a, place, len(levels), w, by_unit)
                for a, place, w in zip(arms, places, by, strict=True)
            ]
            for by in (alike, each)
        )
        parts.append(_rows_of(str(column), levels, counted, weighted, by_unit))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=TABLE)


TABLE = (
    *("column", "level", "treated", "control", "treated_weighted", "control_weighted"),
    *("everybody", "before", "after"),
)


def _coded(
    arms: list[Arm], columns: list[pd.Series], by_cell: bool
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the levels that occur, as text, and which of them each row of each arm has."""
    rows = []
    for arm, column in zip(arms, columns, strict=True):
        place = column.index.get_indexer(arm.code) if by_cell else np.arange(len(column))
        if len(place) != len(arm.code):
            raise DataError(
                f"{len(place)} rows of levels for {len(arm.code)} rows of the arm `{arm.name}`",
                remedy="Give one row of levels for each row that is counted.",
            )
        if (place < 0).any():
            raise DataError(
                f"cell {arm.code[place < 0][0]} has no levels",
                remedy="Give the levels of every cell.",
            )
        rows.append(place)
    texts = [c.astype(object).where(c.notna(), MISSING).astype(str) for c in columns]
    levels, found = np.unique(np.concatenate([t.to_numpy() for t in texts]), return_inverse=True)
    codes = np.split(found, [len(texts[0])])
    return levels, [code[place] for code, place in zip(codes, rows, strict=True)]


def _amounts(
    arm: Arm, place: np.ndarray, levels: int, each: np.ndarray, by_unit: bool
) -> np.ndarray:
    """Return how many have each level [L, K]; one column of those who begin, unless by unit."""
    amount = arm.at_risk * each
    if not by_unit:
        begins = (arm.at_risk > 0) & (arm.unit == 1)
        return np.bincount(place[begins], weights=amount[begins], minlength=levels)[:, None]
    flat = np.bincount(
        place * arm.length + arm.unit - 1, weights=amount, minlength=levels * arm.length
    ).reshape(levels, arm.length)
    return np.cumsum(flat, axis=1) if arm.flows else flat


def _rows_of(
    column: str,
    levels: np.ndarray,
    counted: list[np.ndarray],
    weighted: list[np.ndarray],
    by_unit: bool,
) -> pd.DataFrame:
    p, q = (_shares(a) for a in counted)
    p_weighted, q_weighted = (_shares(a) for a in weighted)
    spread = np.sqrt((p * (1 - p) + q * (1 - q)) / 2)
    both = (p + q) / 2
    # told apart by the level alone: no spread within the arms, but one over both
    spread = np.where(spread > 0, spread, np.sqrt(both * (1 - both)))
    there = (counted[0].sum(axis=0) > 0) & (counted[1].sum(axis=0) > 0)
    level, unit = np.nonzero(there & (both > 0))

    def standardised(difference: np.ndarray) -> np.ndarray:
        return np.divide(difference, spread, out=np.zeros_like(p), where=spread > 0)[level, unit]

    columns: dict[str, object] = {"column": column, "level": levels[level]}
    if by_unit:
        columns["unit"] = unit + 1
    shares = (p, q, p_weighted, q_weighted, _shares(counted[0] + counted[1]))
    columns |= {n: a[level, unit] for n, a in zip(TABLE[2:7], shares, strict=True)}
    columns |= {"before": standardised(p - q), "after": standardised(p_weighted - q_weighted)}
    return pd.DataFrame(columns)


def _shares(amounts: np.ndarray) -> np.ndarray:
    """Return the shares of levels [L, K] of those there; 0 where nobody is."""
    whole = amounts.sum(axis=0)
    return np.divide(amounts, whole, out=np.zeros(amounts.shape), where=whole > 0)
