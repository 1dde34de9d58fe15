"""Numbers of a stock of customers under several sets of terms, put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from stammkunde.chapters.outlook.read import Ahead
from stammkunde.draws import block_weights
from stammkunde.result import Estimate, Status
from stammkunde.survival.projection.choice import Outlook
from stammkunde.survival.projection.fit import FAMILY_HOLDS
from stammkunde.survival.projection.worth import base_units, discount

Functional = Callable[[np.ndarray], np.ndarray]
# More would move a limit by a twentieth of its distance from the value.
DRAWS = 1_000


@dataclass(frozen=True)
class Part:
    """Customers under one set of terms: their projection, and how many by tenure [K + 1].

    `drawn` are curves [B, T + 1] under joint draws, where parts are to be added.
    """

    look: Outlook
    there: np.ndarray
    drawn: np.ndarray | None = None


@dataclass(frozen=True)
class Stock:
    """Customers who are there now, by terms."""

    parts: Sequence[Part]
    unit: str

    @property
    def customers(self) -> int:
        """Return how many there are."""
        return int(sum(part.there.sum() for part in self.parts))

    def among(self, first: int, last: int) -> Stock:
        """Return those with a tenure from `first` to before `last`."""

        def kept(there: np.ndarray) -> np.ndarray:
            tenure = np.arange(len(there))
            return np.where((tenure >= first) & (tenure < last), there, 0)

        return replace(self, parts=[replace(p, there=kept(p.there)) for p in self.parts])

    def units(self, horizon: int, interest: float = 0.0) -> Estimate:
        """Return the further units of all together within `horizon`, discounted to now."""
        v = discount(self.unit, interest)
        found = [(p, base_units(p.there, horizon, v)) for p in self.parts if p.there.any()]
        name = f"base_units({horizon})"
        # of what may be a loss there is no logarithm
        link = "log" if all((p.there >= 0).all() for p in self.parts) else ""
        if len(found) == 1:
            part, functional = found[0]
            return part.look.number(functional, link, self.unit, name)
        return _added(found, self.unit, name, link)


def stock_of(aheads: Mapping[str, Ahead]) -> Stock:
    """Return the customers of several tables who were there when observation ended."""
    known = [*aheads.values()]
    drawn = drawn_of([a.look for a in known])
    parts = [Part(a.look, a.there, d) for a, d in zip(known, drawn, strict=True)]
    return Stock(parts, known[0].table.unit)


def drawn_of(looks: Sequence[Outlook]) -> list[np.ndarray | None]:
    """Return joint draws of the curves of several outlooks; None where nothing is to be added."""
    if len(looks) < 2 or any(p.under is None for look in looks for p in look.parts):
        return [None] * len(looks)
    weights = block_weights(DRAWS)
    return [look.draws(lambda curves: curves, weights) for look in looks]


def together(stocks: Iterable[Stock]) -> Stock:
    """Return several stocks as one; its limits are sums of theirs, since nothing is drawn."""
    known = [*stocks]
    return Stock([replace(p, drawn=None) for s in known for p in s.parts], known[0].unit)


def each(total: Estimate, customers: int) -> Estimate:
    """Return a total by the number of customers, which is known."""
    told: dict[str, Any] = {
        name: None if (number := getattr(total, name)) is None else number / customers
        for name in ("value", "low", "high", "se")
    }
    return replace(total, **told, estimand=f"{total.estimand} / {customers}", replicates=None)


def _added(found: Sequence[tuple[Part, Functional]], unit: str, name: str, link: str) -> Estimate:
    """Return the sum over several outlooks, by joint draws where there are person blocks.

    Without them the limits are added, as if all erred alike: too wide rather than too narrow.
    """
    own = [part.look.number(functional, link, unit, name) for part, functional in found]
    if any(e.value is None for e in own) or not own:
        none = Estimate(value=None, unit=unit, method="sum over terms", estimand=name)
        why = next((e.reason for e in own if e.reason), "too_few_persons")
        return replace(none, status=Status.ESTIMATED, reason=why)
    low, high = (sum(getattr(e, n) or 0.0 for e in own) for n in ("low", "high"))
    # a person may have spells in several parts, and nobody counts twice
    in_several = any(p.under is not None for part, _ in found for p in part.look.parts)
    sums = [functional(part.drawn) for part, functional in found if part.drawn is not None]
    if len(sums) == len(found):
        tail = (1 - own[0].level) / 2
        low, high = (float(x) for x in np.quantile(np.sum(sums, axis=0), [tail, 1 - tail]))
    return Estimate(
        value=sum(e.value or 0.0 for e in own),
        low=low,
        high=high,
        level=own[0].level,
        unit=unit,
        persons=None if in_several else sum(e.persons or 0 for e in own),
        spells=sum(e.spells or 0 for e in own),
        events=sum(e.events or 0 for e in own),
        method="counted, then families weighted by AIC, sum over terms by draws of person blocks",
        status=Status.ESTIMATED,
        estimand=name,
        assumptions=(FAMILY_HOLDS,),
    )
