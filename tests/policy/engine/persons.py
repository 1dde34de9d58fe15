"""Customers one by one, month by month, drawn by chance: what the recursion must agree with.

Written for itself: it uses nothing of the engine but takes the same plain numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

NEUTRAL, COMPLAINED, RECOVERED = range(3)
CAUSES = ("price", "service", "moved")


@dataclass
class Kind:
    """One kind of life: hazards [3 causes, T], money by unit, at sign-up and on leaving."""

    hazards: np.ndarray
    unit: np.ndarray
    once: float = 0.0
    at_exit: tuple[float, float, float] = (0.0, 0.0, 0.0)
    complains: float = 0.0
    answered: float = 0.0
    fades: float = 0.0
    complained: tuple[float, float, float] = (1.0, 1.0, 1.0)
    recovered: tuple[float, float, float] = (1.0, 1.0, 1.0)
    # euros a month of who has complained
    soothing: float = 0.0


@dataclass
class Setting:
    """Kinds, who comes back as what, when persons sign up, today's customers, and money."""

    kinds: dict[str, Kind]
    # (source, cause) -> {target: chances by lag}
    back: dict[tuple[str, str], dict[str, list[float]]] = field(default_factory=dict)
    # chance that a person is one of a kind who signs up in a month; adds up to 1 with `today`
    joins: dict[str, np.ndarray] = field(default_factory=dict)
    today: dict[str, np.ndarray] = field(default_factory=dict)
    horizon: int = 36
    v: float = 1.0
    arrears: bool = False
    by_month: np.ndarray | None = None


@dataclass
class Drawn:
    """Each person's own numbers: value, paid units, new lives begun, and leavers by cause."""

    value: np.ndarray
    units: np.ndarray
    returns: np.ndarray
    left: np.ndarray


def drawn(setting: Setting, persons: int, seed: int) -> Drawn:
    """Return what happened to each of `persons`."""
    rng = np.random.default_rng(seed)
    kind, tenure, begins = _entered(setting, persons, rng)
    known = list(setting.kinds.values())
    state = np.zeros(persons, int)
    value, units, returns = np.zeros((3, persons))
    found = Drawn(value, units, returns, np.zeros((3, persons)))
    for month in range(setting.horizon):
        factor = 1.0 if setting.by_month is None else float(setting.by_month[month])
        for k, law in enumerate(known):
            new = np.flatnonzero((kind == k) & (begins == month) & (tenure == 0))
            found.value[new] += factor * setting.v**month * law.once
        for k, law in enumerate(known):
            here = np.flatnonzero((kind == k) & (begins <= month))
            found.units[here] += 1
            paid = law.unit[tenure[here]] + law.soothing * (state[here] == COMPLAINED)
            found.value[here] += factor * setting.v ** (month + setting.arrears) * paid
            cause = _left(law, tenure[here], state[here], rng)
            state[here] = _mood(law, state[here], rng)
            tenure[here] += 1
            gone = here[cause < 3]
            why = cause[cause < 3]
            found.left[why, gone] += 1
            out = np.array(law.at_exit)[why]
            found.value[gone] += factor * setting.v ** (month + 1) * out
            _away(setting, list(setting.kinds)[k], gone, why, month, (kind, tenure, begins), rng)
            state[gone] = NEUTRAL
            came = gone[begins[gone] < setting.horizon]
            found.returns[came] += 1
    return found


def _entered(setting, persons, rng):
    """Deal persons to the months they sign up in, and to the tenures of today's customers."""
    names = list(setting.kinds)
    cells = [(names.index(n), 0, m, p) for n, a in setting.joins.items() for m, p in enumerate(a)]
    cells += [(names.index(n), g, -1, p) for n, a in setting.today.items() for g, p in enumerate(a)]
    kinds, tenures, months, chance = map(np.array, zip(*cells, strict=True))
    assert abs(chance.sum() - 1) < 1e-12
    dealt = rng.choice(len(cells), persons, p=chance / chance.sum())
    return kinds[dealt], tenures[dealt], months[dealt]


def _left(law, tenure, state, rng):
    """Return 0, 1 or 2 for the cause, 3 for who stays."""
    ratio = np.array([np.ones(3), law.complained, law.recovered])[state].T
    up_to = np.cumsum(law.hazards[:, tenure] * ratio, axis=0)
    return (rng.random(len(tenure)) >= up_to).sum(axis=0)


def _mood(law, state, rng):
    complains = rng.random(len(state)) < law.complains
    well = rng.random(len(state)) < law.answered
    calm = rng.random(len(state)) < law.fades
    onward = np.where(calm, NEUTRAL, state)
    return np.where(complains, np.where(well, RECOVERED, COMPLAINED), onward)


def _away(setting, source, gone, why, month, where, rng):
    """Send leavers away until the month in which they begin again, or for ever."""
    kind, tenure, begins = where
    names = list(setting.kinds)
    begins[gone], tenure[gone] = 10**6, 0
    draw = rng.random(len(gone))
    passed = np.zeros(len(gone))
    for c, cause in enumerate(CAUSES):
        for target, chances in setting.back.get((source, cause), {}).items():
            for lag, chance in enumerate(chances):
                hit = (why == c) & (draw >= passed) & (draw < passed + chance)
                begins[gone[hit]] = month + 1 + lag
                kind[gone[hit]] = names.index(target)
                passed[why == c] += chance
