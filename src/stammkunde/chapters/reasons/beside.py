"""Cox's model beside the discrete one: the same customers, columns and strata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from stammkunde.chapters.reasons.fitted import Drivers
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.result import Estimate
from stammkunde.survival.contrasts import Test
from stammkunde.survival.cox import cox, proportionality
from stammkunde.survival.drivers.design import Term

Key = tuple[str, str]


@dataclass(frozen=True)
class Beside:
    """Cox's hazard ratios with Efron's correction by factor and level, and whether they are even.

    `tests` are those of proportional hazards, `whole` the one for all together; `rows` went in.
    """

    ratios: Mapping[Key, Estimate]
    tests: Mapping[Key, Test]
    whole: Test
    rows: int


def cox_beside(found: Drivers) -> Beside | None:
    """Return Cox's model of what the discrete model holds; None where it has no solution.

    Levels that have no finite ratio are taken out, as there; a column with a ratio for each stretch
    has one for all. Errors are by person block where some persons have several spells.
    """
    cells, design = found.cells, found.model.design
    terms = [*dict.fromkeys(Term(t.factor, t.level, t.reference) for t in design.terms)]
    if not terms:
        return None
    reasons = {r for _, r in design.lost}
    lost = np.asarray(design.where_lost(cells.levels, cells.length, *reasons).any(axis=1))
    used = ~lost[cells.cell]
    columns = design.columns(cells.levels, terms)[0]
    try:
        fit = cox(
            cells.finish[used],
            cells.left[used].astype(np.int64),
            columns[cells.cell[used]],
            entry=cells.begin[used],
            weight=cells.n[used],
            stratum=design.stratum_of(cells.levels)[cells.cell[used]],
            cluster=cells.block[used] if cells.repeats else None,
            names=[f"{t.factor}: {t.level}" for t in terms],
        )
    except (NotObservedError, ParameterError):
        return None
    keys = [(t.factor, t.level) for t in terms]
    *own, whole = proportionality(fit)
    ratios = dict(zip(keys, fit.hazard_ratios(found.model.level), strict=True))
    tests = dict(zip(keys, own, strict=True))
    return Beside(ratios, tests, whole, int(used.sum()))
