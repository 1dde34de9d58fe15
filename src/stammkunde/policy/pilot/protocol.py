"""Everything that a protocol of one page must say, fixed before the pilot begins.

It holds no prose: the words of a page come from the locale files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from stammkunde.errors import ParameterError
from stammkunde.evidence.asking import ArmToml

# customers of today on the day they are dealt, newcomers as they sign, or whole clusters on a day
Population = Literal["base", "new", "clusters"]
# what the size was reckoned for
Measure = Literal["months", "shares", "log-rank"]
Decision = Literal["introduce", "drop", "undecided"]


@dataclass(frozen=True, kw_only=True)
class Enough:
    """The size of a pilot and what it was reckoned from.

    `difference` is the smallest effect in units within the horizon that shall not be missed,
    `baseline` the units expected without the offer; `error` (two-sided) and `power` as in `Wanted`.
    `lost` is the share expected to be lost from sight in a unit, `events` those waited for (0 where
    none are).
    """

    measure: Measure
    treated: int
    control: int
    difference: float
    baseline: float
    error: float = 0.05
    power: float = 0.80
    lost: float = 0.0
    events: int = 0


@dataclass(frozen=True, kw_only=True)
class Stopping:
    """When the pilot is looked at before its end, and what would end it.

    At each of `looks` (units of the pilot) it ends if the treated do worse by more than `harm`
    standard errors; nobody looks for a benefit, so that the test at the end keeps its error
    (Haybittle 1971; Peto and others 1976).
    """

    looks: tuple[int, ...] = ()
    harm: float = 3.0


@dataclass(frozen=True, kw_only=True)
class Deciding:
    """What decides: the interval of the difference against the smallest effect that pays.

    `pays` is in units within the horizon, None where no difference that is held possible decides;
    `value` the money of a customer that hangs on one unit (0 where none is known); `level` that of
    the interval.
    """

    pays: float | None
    level: float = 0.95
    value: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """What is dealt to whom, how many and how long, how it is analysed, and what decides.

    `name` is that of the question to come, `title` what is asked, per language. `population` says
    who is dealt: customers of today ("base"), newcomers as they sign ("new") or whole "clusters",
    of them those whose columns have the levels in `where`. `offer` is the word of the offer in the
    client's table of offers, in which treated and held-out customers both get a row, with their
    word; for clusters `column` tells the arm and `cluster` the cluster. `strata` are the columns
    within which the lot is drawn with `seed`, `parts` how many of a block are treated and held out.
    `begins` is the first day, `entering` the units over which customers enter, `units` those of the
    whole pilot. The answer is the difference in expected units within `horizon`; `by` are segments
    looked at, none of which decides. `euro` is what the offer costs per unit, or once for what is
    done on a day, `lasts` the units after which a newcomer's offer ends. ParameterError where the
    parts do not fit together, or where it would decide by a difference that nobody can see.
    """

    name: str
    title: Mapping[str, str]
    population: Population
    treated: ArmToml
    control: ArmToml
    offer: str = ""
    column: str = ""
    cluster: str = ""
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    strata: tuple[str, ...] = ()
    seed: str
    parts: tuple[int, int] = (1, 1)
    begins: date
    entering: int = 1
    units: int
    unit: str = "month"
    horizon: int
    enough: Enough
    stopping: Stopping = Stopping()
    deciding: Deciding
    by: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    euro: float = 0.0
    lasts: int = 0

    def __post_init__(self) -> None:
        for wrong, what, remedy in _faults(self):
            if wrong:
                raise ParameterError(what, where=f"protocol `{self.name}`", remedy=remedy)


def _faults(p: Protocol) -> list[tuple[bool, str, str]]:
    """Return what would be wrong, whether it is, and what to do."""
    n, d, looks = p.enough, p.deciding, p.stopping.looks
    clusters = p.population == "clusters"
    return [
        (not p.seed, "the lot has no seed", "Write one down before it is drawn."),
        (min(p.parts) < 1, f"a block of {p.parts}", "Give each arm 1 or more of it."),
        (min(n.treated, n.control) < 1, "an arm is empty", "Both need customers."),
        (p.horizon < 1, f"a horizon of {p.horizon}", "Ask for 1 or more."),
        (p.entering < 1, f"{p.entering} units of entering", "Write 1 or more."),
        (
            p.units < p.entering,
            f"it ends with unit {p.units}, and customers enter until unit {p.entering}",
            "End it later.",
        ),
        (
            n.measure != "log-rank" and p.units < p.horizon,
            f"nobody is followed for {p.horizon} units when it ends with unit {p.units}",
            "End it later, or ask for a shorter horizon.",
        ),
        (
            any(not 1 <= x < p.units for x in looks),
            f"it is looked at in the units {looks}, and ends with unit {p.units}",
            "Look before its end.",
        ),
        (not p.stopping.harm > 0, "any difference would end it", "Write some standard errors."),
        (
            not 0 < d.level < 1 or not 0 < n.error < 1 or not 0 < n.power < 1,
            f"a level of {d.level:g}, an error of {n.error:g} and a power of {n.power:g}",
            "Each lies between 0 and 1.",
        ),
        (not n.difference > 0, "it is to see no effect", "Name the smallest that matters."),
        (
            clusters != bool(p.cluster and p.column),
            "clusters need a column that names them and one that tells their arm",
            "Name both `cluster` and `column`, or neither.",
        ),
        (clusters == bool(p.offer), "what is dealt is not named", "Name `offer`, or clusters."),
        _unseen(p),
    ]


def _unseen(p: Protocol) -> tuple[bool, str, str]:
    """Return whether it would decide by a difference that there cannot be within its horizon."""
    pays, baseline = p.deciding.pays, p.enough.baseline
    return (
        pays is not None and not -baseline < pays < p.horizon - baseline,
        f"it pays from a difference of {pays} on, of {baseline:g} units within {p.horizon}",
        "Name one that can be seen, or none.",
    )
