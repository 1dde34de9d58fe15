"""What every estimator tends to in the world of reactive offers, by recursion over its states."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

UNITS = 24
OFTEN = (0.03, 0.35)


def expit(x: np.ndarray | float) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-np.asarray(x, float))))


def moods(acts: bool = True) -> np.ndarray:
    """Return the chance of each mood [mood before, offered before, mood]."""
    before, had = np.indices((2, 2))
    bad = expit(-2.2 + 2 * before - 1.5 * acts * had)
    return np.stack([1 - bad, bad], axis=-1)


def leaving(acts: bool = True) -> np.ndarray:
    """Return the hazard [mood, offered, offered before]."""
    mood, given, had = np.indices((2, 2, 2))
    return expit(-4 + 1.8 * mood - acts * (0.8 * given + 0.5 * had))


def dealt(chance: Sequence[float]) -> np.ndarray:
    """Return the chance of each action [mood, offered]."""
    own = np.asarray(chance, float)
    return np.stack([1 - own, own], axis=-1)


def unit(there: np.ndarray, actions: np.ndarray, acts: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return who goes through a unit and who leaves in it [mood, offered], from the unit before."""
    mood = np.einsum("bh,bhm->hm", there, moods(acts))
    given = np.einsum("hm,ma->hma", mood, actions)
    gone = given * np.transpose(leaving(acts), (2, 0, 1))
    return (given - gone).sum(axis=0), gone.sum(axis=0)


def start() -> np.ndarray:
    return np.array([[1.0, 0.0], [0.0, 0.0]])


def under(chance: Sequence[float], acts: bool = True, units: int = UNITS) -> np.ndarray:
    """Return S(0) .. S(units) if offers are made with these chances by mood."""
    there, alive = start(), [1.0]
    for _ in range(units):
        there, _gone = unit(there, dealt(chance), acts)
        alive.append(there.sum())
    return np.array(alive)


def censored_only(chance: Sequence[float], acts: bool = True) -> np.ndarray:
    """Return the limit for those who follow a rule of 0 and 1, deviating being censoring."""
    kept = dealt(chance) * dealt(OFTEN)
    there, alive = start(), [1.0]
    for _ in range(UNITS):
        there, gone = unit(there, kept, acts)
        alive.append(alive[-1] * there.sum() / (there.sum() + gone.sum()))
    return np.array(alive)


def ever_less_never(acts: bool = True) -> float:
    """Return the limit of mean months of those ever offered less those of the others."""
    never, ever = start(), np.zeros((2, 2))
    heads, months = np.zeros(2), np.zeros(2)
    for t in range(1, UNITS + 1):
        stay, gone = unit(never, dealt(OFTEN), acts)
        stayed, left = unit(ever, dealt(OFTEN), acts)
        # whoever was offered now has been offered for good
        out = np.array([gone[:, 0].sum(), gone[:, 1].sum() + left.sum()])
        heads, months = heads + out, months + t * out
        ever = stayed + stay * [0, 1]
        never = stay * [1, 0]
    rest = np.array([never.sum(), ever.sum()])
    means = (months + UNITS * rest) / (heads + rest)
    return float(means[1] - means[0])


def month_odds(acts: bool = True) -> float:
    """Return the limit of the log-odds ratio of leaving in the month of an offer."""
    there, stays, leaves = start(), np.zeros(2), np.zeros(2)
    for _ in range(UNITS):
        there, gone = unit(there, dealt(OFTEN), acts)
        stays, leaves = stays + there.sum(axis=0), leaves + gone.sum(axis=0)
    odds = np.log(leaves / stays)
    return float(odds[1] - odds[0])


def afterwards(mood: np.ndarray, offered: int, units: int, acts: bool = True) -> np.ndarray:
    """Return S of those in these moods [2], offered now or not, never before; then as it comes."""
    given = np.zeros((2, 2))
    given[:, offered] = mood / mood.sum()
    there = given * (1 - leaving(acts)[:, :, 0])
    alive = [1.0, there.sum()]
    for _ in range(units - 1):
        there, _gone = unit(there, dealt(OFTEN), acts)
        alive.append(there.sum())
    return np.array(alive)


def trials_of_everybody(last: int, units: int, acts: bool = True) -> float:
    """Return the limit of pooled trials that take no notice of moods, in mean months."""
    never, total, sums = start(), 0.0, np.zeros(2)
    for _ in range(last):
        mood = np.einsum("bh,bhm->m", never, moods(acts))
        for offered in (0, 1):
            own = mood * dealt(OFTEN)[:, offered]
            sums[offered] += mood.sum() * afterwards(own, offered, units, acts)[:units].sum()
        total += mood.sum()
        never = unit(never, dealt(OFTEN), acts)[0] * [1, 0]
    return float((sums[1] - sums[0]) / total)
