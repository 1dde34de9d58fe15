"""Offers made in reaction to behaviour: a small trial begins in every unit.

In each unit those who are eligible are dealt to arms by what happens in that unit, and followed
under the natural course afterwards; the trials are pooled in cells of unit, covariates and coded
history (Gran et al. 2010; Danaei et al. 2013). One person may enter several trials, in either arm:
blocks carry that, and heads are counted once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError, ParameterError, nearest, several
from stammkunde.evidence.adequacy import MOST_WITHOUT, NO_COUNTERPART, NO_COUNTERPART_IN_TIME
from stammkunde.evidence.baseline import Population, baseline_trial
from stammkunde.evidence.reacting.once import computed_once
from stammkunde.evidence.trial import ALIKE_GIVEN, TRIMMED, Trial
from stammkunde.result import table_html
from stammkunde.spells.spells import CENSORED

TRIAL = "trial"


@dataclass(frozen=True, kw_only=True)
class Entrants:
    """Those who entered trials, counted: what a sequential trial is made of.

    `counts` has one row per `arm`, `trial` (the unit, or its band), columns `by`, `block`, `finish`
    (units since time zero, `reach` at most) and `end`, with `n` persons and trials in it, and
    `cell`, the number of trial and columns taken together. `heads` are persons by arm and block,
    each once, of cells that hold every arm.
    """

    arms: tuple[str, ...]
    by: tuple[str, ...]
    counts: pd.DataFrame
    heads: Mapping[str, np.ndarray]
    reach: int
    unit: str = "month"

    def by_trial(self) -> pd.DataFrame:
        """Return how many entered each trial, by arm: who is compared with whom."""
        counted = self.counts.groupby([TRIAL, "arm"])["n"].sum().unstack(fill_value=0)
        return counted.reindex(columns=list(self.arms), fill_value=0)

    def _repr_html_(self) -> str:
        entered = self.counts.groupby("arm")["n"].sum()
        rows: dict[str, object] = {
            a: f"{int(self.heads[a].sum())} persons, {int(entered.get(a, 0))} times"
            for a in self.arms
        }
        rows |= {"trials": self.counts[TRIAL].nunique(), "cells": self.counts.cell.nunique()}
        return table_html(rows, "Entrants")


def entrants(
    frame: pd.DataFrame,
    arms: Sequence[str],
    *,
    by: Sequence[str] = (),
    reach: int,
    bands: Sequence[int] | None = None,
    unit: str = "month",
) -> Entrants:
    """Return the entrants of a frame with one row per person and trial, as `entrants_of` does.

    Columns: person, block, unit (of the trial), arm, finish (units since time zero), end, and `by`.
    """
    _check(arms, reach, bands)
    late = frame.finish > reach
    rows = frame[frame.arm.isin(arms) & (frame.finish > 0)].assign(
        trial=frame.unit if bands is None else np.searchsorted(bands, frame.unit, side="right"),
        finish=frame.finish.clip(upper=reach),
        end=frame.end.where(~late, CENSORED),
    )
    keys = ["arm", TRIAL, *by, "block", "finish", "end"]
    counts = _celled(rows.groupby(keys, sort=True).size().reset_index(name="n"), by)
    cells = _both(counts, arms)
    persons = rows.merge(cells, on=[TRIAL, *by]).drop_duplicates(["arm", "person"])
    heads = persons.groupby(["arm", "block"], as_index=False).size()
    return _entrants(counts, heads, arms, by, reach, unit)


def entrants_of(
    units: ir.Table,
    arms: Sequence[str],
    *,
    by: Sequence[str] = (),
    reach: int,
    bands: Sequence[int] | None = None,
    unit: str = "month",
) -> Entrants:
    """Return who entered trials, counted in the engine, each followed for `reach` units.

    `units` are those of `person_units` in which a spell is eligible, with the `arm` dealt to in it
    (null, or any other word: not eligible) and the columns `by`, never null; of its own columns
    person, block, unit, exit and cause are used. The trial of a unit begins before it. `bands` put
    trials together: the first units of all bands but the first; by default each unit is a trial of
    its own. ParameterError for fewer than two arms, no reach, or bands that do not rise;
    NotObservedError where nobody is eligible.
    """
    rows = units.filter(units.arm.isin(list(arms)))
    stays = (rows["exit"] - rows.unit + 1).cast("int64")
    return counted_entrants(rows.mutate(stays=stays, end=rows.cause), arms, by, reach, bands, unit)


def counted_entrants(
    rows: ir.Table,
    arms: Sequence[str],
    by: Sequence[str],
    reach: int,
    bands: Sequence[int] | None,
    unit: str,
) -> Entrants:
    """Return the entrants of a relation with one row per spell and trial, counted in the engine.

    Columns: person, block, unit, arm, `stays` (units from time zero to the end), `end` and `by`.
    """
    _check(arms, reach, bands)
    trial = rows.unit
    if bands is not None:
        trial = sum(((rows.unit >= cut).cast("int64") for cut in bands), ibis.literal(0, "int64"))
    kept = rows.filter(rows.stays > 0).select(
        *("person", "block", "arm", *by),
        trial=trial,
        finish=ibis.least(rows.stays, reach).cast("int64"),
        end=ibis.ifelse(rows.stays > reach, ibis.literal(CENSORED), rows.end),
    )
    keys = ["arm", TRIAL, *by, "block", "finish", "end"]
    with computed_once(kept) as table:
        counts = table.group_by(*keys).aggregate(n=table.count()).to_pyarrow().to_pandas()
        counts = _celled(counts.sort_values(keys, ignore_index=True), by)
        lone = counts[[TRIAL, *by]].drop_duplicates()
        lone = lone.merge(_both(counts, arms), how="left", indicator=True)
        lone = lone[lone._merge == "left_only"].drop(columns="_merge")
        own = table.anti_join(ibis.memtable(lone), [TRIAL, *by]) if len(lone) else table
        heads = own.group_by("arm", "block").aggregate(size=own.person.nunique())
        found = heads.to_pyarrow().to_pandas()
    return _entrants(counts, found, arms, by, reach, unit)


def sequential_trial(
    entered: Entrants,
    *,
    population: Population = "all",
    spared: float = MOST_WITHOUT,
    assumptions: tuple[str, ...] = (ALIKE_GIVEN,),
) -> Trial:
    """Return the pooled trial of all who entered, alike in trial and columns.

    The first arm is the "treated" one of a `population`. Cells that say nothing of it are left
    aside unasked: those without anybody treated where it is the treated, those without either arm
    where it is the overlap. Of the population at most the share `spared` may have nobody alike in
    another arm: they are left aside too, which "said_of_those_with_a_counterpart" says. With more
    of them, who are counted in `without`, comparisons are refused. Nobody with a counterpart in a
    trial is a gap in tenure: of the treated it counts as any other cell, of everybody it is refused
    however small ("no_counterpart_at_some_tenure").
    """
    cells = _cells(entered)
    both = cells[[*entered.arms]].gt(0).all(axis=1)
    treated = cells[entered.arms[0]] > 0
    asked = {"all": both | True, "treated": treated, "overlap": both}[population]
    # a trial in which nobody has a counterpart is a gap in tenure
    gap = asked & ~both.groupby(cells[TRIAL]).transform("any")
    sizes = (
        cells[entered.arms[0]] if population == "treated" else cells[[*entered.arms]].sum(axis=1)
    )
    most, alone = spared * sizes[asked].sum(), sizes[asked & ~both].sum()
    # those treated in it are few; of everybody a whole tenure would be missing
    banded = bool(sizes[gap].sum() > most) if population == "treated" else bool(gap.any())
    few = bool(alone <= most) and not banded
    kept = both if few and both.any() else asked | ~both.any()
    rows = entered.counts.cell.map(kept).to_numpy(dtype=bool)
    trial = baseline_trial(
        entered.counts[rows].assign(begin=0),
        entered.arms,
        reach=entered.reach,
        population=population,
        heads=entered.heads,
        unit=entered.unit,
        assumptions=(*assumptions, *((TRIMMED,) if few and alone else ())),
    )
    refused = NO_COUNTERPART_IN_TIME if banded else NO_COUNTERPART
    return trial if few else replace(trial, refused=refused)


def _cells(entered: Entrants) -> pd.DataFrame:
    """Return the number in each arm, and the trial, by cell."""
    counted = entered.counts.groupby(["cell", "arm"])["n"].sum().unstack(fill_value=0)
    counted = counted.reindex(columns=list(entered.arms), fill_value=0)
    return counted.assign(**{TRIAL: entered.counts.groupby("cell")[TRIAL].first()})


def _check(arms: Sequence[str], reach: int, bands: Sequence[int] | None) -> None:
    if len(set(several(arms, "arms"))) < 2:
        raise ParameterError("a trial needs two arms", remedy="Name two different ones.")
    if reach < 1:
        raise ParameterError(f"nobody can be followed for {reach} units", remedy="Give 1 or more.")
    if bands is not None and list(bands) != sorted(set(bands)):
        raise ParameterError(f"bands that begin at {list(bands)}", remedy="Let them rise.")


def _celled(counts: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return the counts with the number of each cell."""
    keys = [TRIAL, *by]
    return counts.assign(cell=counts.groupby(keys, sort=True).ngroup())


def _both(counts: pd.DataFrame, arms: Sequence[str]) -> pd.DataFrame:
    """Return the trials and columns of the cells that hold every arm."""
    full = counts.groupby("cell")["arm"].nunique()
    own = counts[counts.cell.isin(full.index[full == len(arms)])]
    return own[
        [c for c in counts if c not in ("arm", "block", "finish", "end", "n", "cell")]
    ].drop_duplicates()


def _entrants(
    counts: pd.DataFrame,
    heads: pd.DataFrame,
    arms: Sequence[str],
    by: Sequence[str],
    reach: int,
    unit: str,
) -> Entrants:
    for arm in arms:
        if not (counts.arm == arm).any():
            raise NotObservedError(
                f"nobody is in the arm `{arm}`", remedy=nearest(arm, {*counts.arm})
            )
    persons = {a: np.zeros(BLOCKS, dtype=np.int64) for a in arms}
    for arm, own in heads.groupby("arm"):
        persons[str(arm)][own.block] = own["size"]
    return Entrants(
        arms=tuple(arms), by=tuple(by), counts=counts, heads=persons, reach=reach, unit=unit
    )
