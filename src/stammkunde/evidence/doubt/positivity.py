"""Who has nobody to be compared with, and what is left of the customers without them.

An effect needs, for everybody it is said of, somebody alike in the other arm at the same tenure.
Whoever has no such counterpart can be left out, but then the answer is about other people, and the
population is named anew (Crump et al. 2009; Petersen et al. 2012).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from stammkunde.errors import DataError, ParameterError
from stammkunde.evidence.adequacy import weighting
from stammkunde.evidence.trial import Trial
from stammkunde.evidence.units import level_name
from stammkunde.spells.spells import MISSING


@dataclass(frozen=True, kw_only=True)
class Positivity:
    """Who has no counterpart in some arm: how many by group, by cell and by unit of tenure.

    `groups`: column, level, persons, `alone` (without a counterpart) and its `share`. `cells`: the
    cells that lack an arm, with the level of each column (as "level NAME") and how many are in each
    arm, among those seen from time zero on. `units`: unit since time zero, at_risk, `alone` (nobody
    of their cell is at risk in some arm in that unit), `share`.
    """

    persons: int
    alone: int
    groups: pd.DataFrame
    cells: pd.DataFrame
    units: pd.DataFrame

    @property
    def share(self) -> float:
        """Return the share of persons without a counterpart; 0 of nobody."""
        return self.alone / self.persons if self.persons else 0.0

    def _repr_html_(self) -> str:
        return self.groups.to_html(index=False, border=0, float_format=lambda x: f"{x:.1%}")


def positivity(
    counts: pd.DataFrame, arms: Sequence[str], levels: pd.DataFrame, *, reach: int
) -> Positivity:
    """Return who has no counterpart among the counted subjects of a trial fixed at time zero.

    `counts` as `baseline_trial` takes them; `levels` of what is known of each cell, by its number.
    """
    cells = _cells(counts, arms, levels)
    alone = (cells[list(arms)] == 0).any(axis=1).to_numpy()
    size = cells[PERSONS].to_numpy()
    groups = [
        pd.DataFrame(
            {"column": c, "level": cells[level_name(c)], "persons": size, "alone": size * alone}
        )
        for c in map(str, levels)
    ]
    found = pd.concat(groups) if groups else pd.DataFrame(columns=GROUPS[:4])
    found = found.groupby(["column", "level"], sort=True)[["persons", "alone"]].sum()
    found = found.reset_index()
    return Positivity(
        persons=int(size.sum()),
        alone=int(size[alone].sum()),
        groups=found.assign(share=_share(found.alone, found.persons)),
        cells=cells[alone].drop(columns=PERSONS).reset_index(),
        units=_units(counts, arms, reach),
    )


GROUPS = ("column", "level", "persons", "alone", "share")
PERSONS = "#persons"


def effective_by_unit(trial: Trial) -> pd.DataFrame:
    """Return arm, unit, at_risk and the `effective` number of those at risk in each unit."""
    parts = []
    for name, arm in trial.arms.items():
        by_unit = weighting(arm, trial.shares).by_unit
        at_risk = arm.counts.at_risk[0].astype(np.int64)
        unit = np.arange(1, arm.length + 1)
        parts.append(
            pd.DataFrame({"arm": name, "unit": unit, "at_risk": at_risk, "effective": by_unit})
        )
    return pd.concat(parts, ignore_index=True)


@dataclass(frozen=True, kw_only=True)
class Trimmed:
    """Counted subjects without those whose chance of either arm is too small.

    `counts` are those who are left, `persons` of `before`; `least` is the smallest chance kept.
    `composition` has column, level and the shares of a level in `everybody` and in the `population`
    that is left: the answer is about them. Name `trial.TRIMMED` among the trial's
    assumptions.
    """

    counts: pd.DataFrame
    persons: int
    before: int
    least: float
    composition: pd.DataFrame

    @property
    def share(self) -> float:
        """Return the share of persons who are left; 0 of nobody."""
        return self.persons / self.before if self.before else 0.0


def trimmed(
    counts: pd.DataFrame,
    arms: Sequence[str],
    levels: pd.DataFrame,
    *,
    least: float | None = 0.1,
) -> Trimmed:
    """Return the subjects of cells in which the share of each of two arms is `least` or more.

    By default .1, Crump et al.'s rule of thumb; None: the least that makes the variance smallest
    (`best_least`). 0 leaves out cells that lack an arm, and no others.
    """
    if len(arms) != 2:
        raise ParameterError("trimming is of two arms", remedy="Compare two at a time.")
    if least is not None and not 0 <= least < 0.5:
        raise ParameterError(f"a least share of {least}", remedy="Give 0 or more, below one half.")
    cells = _cells(counts, arms, levels)
    seen, size = cells[list(arms)], cells[PERSONS].to_numpy()
    smaller = (seen.min(axis=1) / seen.sum(axis=1).clip(lower=1)).to_numpy()
    bound = best_least(smaller, size) if least is None else least
    kept = (smaller > 0) & (smaller >= bound)
    some = cells.index[kept]
    rows = counts[counts.arm.isin([*arms]) & counts.cell.isin(some)]
    return Trimmed(
        counts=rows,
        persons=int(size[kept].sum()),
        before=int(size.sum()),
        least=float(bound),
        composition=_composition(cells, [*levels], size, np.where(kept, size, 0)),
    )


def best_least(smaller: np.ndarray, size: np.ndarray) -> float:
    """Return the least share that leaves the mean effect the smallest variance.

    `smaller` is the share e of the rarer arm in each cell of `size` customers. Where all vary
    alike the variance is the mean of 1 / (e (1 - e)) over those kept by their number (Crump et
    al. 2009).
    """
    there = (smaller > 0) & (size > 0)
    if not there.any():
        return 0.0
    order = np.argsort(-smaller[there], kind="stable")
    e, n = smaller[there][order], size[there][order].astype(float)
    variance = np.cumsum(n / (e * (1 - e))) / np.cumsum(n) ** 2
    return float(e[np.argmin(variance)])


def _cells(counts: pd.DataFrame, arms: Sequence[str], levels: pd.DataFrame) -> pd.DataFrame:
    """Return one row per cell: its levels as text, its persons, and how many are in each arm.

    Those in the arms are counted among who is seen from time zero on, as their chances are.
    """
    rows = counts[counts.arm.isin([*arms])]
    seen = rows.assign(n=np.where(rows.begin == 0, rows.n, 0))
    made = seen.pivot_table(index="cell", columns="arm", values="n", aggfunc="sum", fill_value=0)
    made = made.reindex(columns=list(arms), fill_value=0).astype(np.int64)
    made = made.assign(**{PERSONS: rows.groupby("cell")["n"].sum()})
    lacking = made.index.difference(levels.index)
    if len(lacking):
        raise DataError(f"cell {lacking[0]} has no levels", remedy="Give the levels of every cell.")
    # a column may be called like an arm, or like the cell
    text = levels.loc[made.index].set_axis([level_name(str(c)) for c in levels], axis="columns")
    return pd.concat([text.astype(object).where(text.notna(), MISSING).astype(str), made], axis=1)


def _units(counts: pd.DataFrame, arms: Sequence[str], reach: int) -> pd.DataFrame:
    """Return by unit how many at risk have nobody of their cell at risk in some arm."""
    place = {a: i for i, a in enumerate(arms)}
    rows = counts[counts.arm.isin(place)]
    cell, found = pd.factorize(rows.cell)
    arm, n = rows.arm.map(place).to_numpy(int), rows.n.to_numpy()
    begin, finish = (np.minimum(rows[c].to_numpy(), reach) for c in ("begin", "finish"))
    change = np.zeros((len(found), len(arms), reach + 1), dtype=np.int64)
    seen = begin < finish
    np.add.at(change, (cell[seen], arm[seen], begin[seen]), n[seen])
    np.add.at(change, (cell[seen], arm[seen], finish[seen]), -n[seen])
    at_risk = np.cumsum(change, axis=-1)[..., :reach]
    whole = at_risk.sum(axis=1)
    alone = np.where((at_risk == 0).any(axis=1), whole, 0).sum(axis=0)
    whole = whole.sum(axis=0)
    unit = np.arange(1, reach + 1)
    columns = {"unit": unit, "at_risk": whole, "alone": alone, "share": _share(alone, whole)}
    return pd.DataFrame(columns)


def _composition(
    cells: pd.DataFrame, columns: Sequence[str], before: np.ndarray, after: np.ndarray
) -> pd.DataFrame:
    parts = []
    for column in columns:
        by = cells[level_name(str(column))].to_numpy()
        made = pd.DataFrame({"level": by, "everybody": before, "population": after})
        made = made.groupby("level", sort=True).sum().reset_index()
        for name in ("everybody", "population"):
            made[name] = _share(made[name], np.full(len(made), made[name].sum()))
        parts.append(made.assign(column=column)[["column", "level", "everybody", "population"]])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _share(part: np.ndarray | pd.Series, whole: np.ndarray | pd.Series) -> np.ndarray:
    a, b = np.asarray(part, float), np.asarray(whole, float)
    return np.divide(a, b, out=np.zeros(a.shape), where=b > 0)
