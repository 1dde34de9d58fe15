"""The energy supplier's future: what chapter three says of it, beside what will come of it.

Judged is the truth *as observed*, the most a life table of the window can tell; what is to come
stands beside it (see docs/musterstrom.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from stammkunde.chapters.outlook.ahead import at_of
from stammkunde.chapters.outlook.read import Ahead, Future, read_outlook
from stammkunde.chapters.outlook.values import each, stock_of
from stammkunde.spells.spells import Spells
from stammkunde.study import Study
from stammkunde.survival.projection.worth import lifetime
from stammkunde.worlds.musterstrom import parameters as p
from tests.validate.rule import Three, three

SPAN, HALF = 120, 60
COLUMN, TERMS = "usage", ("term", "monthly")
GROUPS = ("all", *(f"{COLUMN}.{w}" for w in p.USAGE))
BASE = (*GROUPS, *(f"regime.{t}" for t in TERMS))
# ids of what is to come, and under them with ".observed" of what is judged
NAMES = (
    *(
        f"ahead.{w}.{g}"
        for g in GROUPS
        for w in (f"survival.{HALF}", f"survival.{SPAN}", f"rmst.{SPAN}")
    ),
    *(f"ahead.base.{SPAN}.{g}" for g in BASE),
)
BESIDE = {f"{n}.observed": n for n in NAMES}
IDS = tuple(BESIDE)
# all renewals have one hazard, that of the years with a price rise; in truth it falls with tenure
MISSED = f"ahead.base.{SPAN}.regime.term.observed"


def without_prices(study: Study) -> Study:
    """Return the study of a world of which contracts and persons alone are written.

    For a projection prices only change words.
    """
    data = replace(study.toml.data, prices=None)
    return replace(study, toml=replace(study.toml, data=data))


def ahead(study: Study, spells: Spells) -> dict[str, Three]:
    """Return what the product says of the future of one world, by id."""
    some = {n: g for n, g in spells.groups.items() if n == COLUMN}
    found = read_outlook(without_prices(study), replace(spells, groups=some))
    return {f"{name}.observed": value for name, value in _said(found)}


def _said(found: Future) -> Iterator[tuple[str, Three]]:
    assert found.main is not None
    yield from _signing("all", found.main)
    yield f"ahead.base.{SPAN}.all", _further(found.base)
    for level, parts in found.groups[COLUMN].items():
        yield from _signing(f"{COLUMN}.{level}", parts[found.today])
        yield f"ahead.base.{SPAN}.{COLUMN}.{level}", _further(parts)
    for name, (key, part) in zip(TERMS, sorted(found.base.items()), strict=True):
        yield f"ahead.base.{SPAN}.regime.{name}", _further({key: part})


def _signing(who: str, part: Ahead) -> Iterator[tuple[str, Three]]:
    for tenure in (HALF, SPAN):
        yield f"ahead.survival.{tenure}.{who}", three(at_of(part.look, tenure))
    yield f"ahead.rmst.{SPAN}.{who}", three(lifetime(part.look, SPAN))


def _further(parts: Mapping[str, Ahead]) -> Three:
    stock = stock_of(parts)
    return three(each(stock.units(SPAN), stock.customers))
