"""Who is still there: by a model of purchases, by the lapse rule, and how far each is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from stammkunde.chapters.buying.read import Buying
from stammkunde.chapters.buying.trial import scaled
from stammkunde.result import Estimate, Status
from stammkunde.study import Study
from stammkunde.survival.buying import (
    Histories,
    Wrong,
    alive_share,
    buying_chances,
    silent,
    verdict,
)
from stammkunde.survival.buying.holdout import by_block
from stammkunde.survival.shares import share

ALL, AGAIN = "all", "again"
RULE, MODEL = "rule", "model"
HALF = 0.5


@dataclass(frozen=True, kw_only=True)
class Part:
    """Customers by what they bought: how many, and who of them is still there.

    `model` and `there` are share and number by the model, `rule` the share by the lapse rule.
    """

    persons: int
    model: Estimate
    there: Estimate
    rule: Estimate


@dataclass(frozen=True, kw_only=True)
class Stock:
    """Today's customers, and how far rule and model were wrong.

    `parts` are all of them, and those who bought again; groups of fewer persons than may be shown
    are left out. Of who bought once the model knows nothing. `wrong` is by "rule" and "model",
    empty where the model was not tried.
    """

    gap: int
    parts: Mapping[str, Part]
    wrong: Mapping[str, Wrong]


def stock(study: Study, found: Buying) -> Stock:
    """Return who is still there, of the histories that `read_buying` counted."""
    h, least = found.histories, study.toml.report.smallest_group
    lapse = study.toml.data.lapse
    assert h is not None
    assert lapse is not None
    of = {ALL: h, AGAIN: h.where(h.x > 0)}
    parts = {n: _part(found, p, lapse.gap_days) for n, p in of.items() if p.persons >= least}
    return Stock(gap=lapse.gap_days, parts=parts, wrong=_wrong(found, lapse.gap_days))


def _part(found: Buying, part: Histories, gap: int) -> Part:
    assert found.fit is not None
    there = part.count * ~silent(part, gap)
    counts = (by_block(part, n) for n in (there, part.count))
    rule = share(*counts, persons=part.persons, repeats=False)
    model = alive_share(found.fit, part)
    return Part(
        persons=part.persons,
        model=model,
        there=scaled(model, part.persons, "count", "persons still there"),
        rule=replace(rule, status=Status.ESTIMATED, assumptions=("lapse_rule",)),
    )


def _wrong(found: Buying, gap: int) -> dict[str, Wrong]:
    held = found.held
    if held is None or found.before is None or found.tested is None:
        return {}
    return {
        RULE: verdict(held, silent(held, gap)),
        MODEL: verdict(held, buying_chances(found.before, held) < HALF),
    }
