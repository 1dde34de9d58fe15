"""What no recursion gives: truths that hang on days, from drawn worlds, with their error."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stammkunde.worlds.autohaus import parameters as p
from stammkunde.worlds.autohaus.days import first
from stammkunde.worlds.autohaus.draw import Lives, lives
from stammkunde.worlds.autohaus.visits import Drawn, drawn
from stammkunde.worlds.world import Setting

REPEATS, FIRST_SEED = 8, 20_190_101


def repeated(levers: Mapping[str, Setting], size: int) -> dict[str, tuple[float, float]]:
    """Return by name the mean over drawn worlds and its Monte Carlo standard error."""
    found = [
        _measured(drawn(lives(levers, FIRST_SEED + k, size), FIRST_SEED + k))
        for k in range(REPEATS)
    ]
    every = {name: np.array([f[name] for f in found]) for name in found[0]}
    return {
        name: (float(values.mean()), float(values.std(ddof=1) / np.sqrt(REPEATS)))
        for name, values in every.items()
    }


def _measured(d: Drawn) -> dict[str, float]:
    day = d.day[d.lives.visits.month, d.lives.visits.person]
    order = np.lexsort((day, d.lives.visits.person))
    person, day = d.lives.visits.person[order], day[order]
    same = np.append(person[1:] == person[:-1], False)
    wait = np.where(same, np.append(day[1:], 0) - day, p.LAPSE_DAYS + 1)
    known = day + p.LAPSE_DAYS < p.CLOSE.toordinal()
    lapsed = known & (wait > p.LAPSE_DAYS)
    return {
        "lapse.alive": float(alive_at(d.lives, person[lapsed], day[lapsed] + p.LAPSE_DAYS).mean()),
        **_points(d, person, same | ~known),
        **_daily(d, day[known], lapsed[known]),
    }


def alive_at(drawn_lives: Lives, person: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Return whether customers had not truly gone in the month of a day."""
    left, back = drawn_lives.happened["leave"], drawn_lives.happened["return"]
    gone = np.zeros((p.MONTHS, drawn_lives.size), bool)
    now = np.zeros(drawn_lives.size, bool)
    for month in range(p.MONTHS):
        # "none" and "transfer" are the outcomes of the first two numbers
        now[left.person[(left.month == month) & (left.outcome > 1)]] = True
        now[back.person[back.month == month]] = False
        gone[month] = now
    firsts = np.array([first(m) for m in range(p.MONTHS + 1)])
    return ~gone[np.searchsorted(firsts, day, side="right") - 1, person]


def _points(d: Drawn, person: np.ndarray, comes_again: np.ndarray) -> dict[str, float]:
    """Return the naive difference: after the first visit, members less often stay away."""
    member = np.zeros(d.lives.size, bool)
    member[d.lives.happened["points"].person] = True
    opens = np.append(True, person[1:] != person[:-1])
    one, again = person[opens], comes_again[opens]
    early = d.lives.first[one] < p.MONTHS - 15
    stay = [1 - again[early & (member[one] == is_member)].mean() for is_member in (False, True)]
    return {"points.naive": float(stay[0] - stay[1])}


def _daily(d: Drawn, day: np.ndarray, lost: np.ndarray) -> dict[str, float]:
    """Return how the daily count of surprised customers, and their rate, goes with those lost."""
    begin = p.OPEN.toordinal()
    length = int(day.max()) - begin + 1
    what = d.lives.happened["surprise"]
    surprised_on = d.day[what.month, what.person]
    surprised_on = surprised_on[surprised_on < begin + length]
    visits = np.bincount(day - begin, minlength=length)
    surprised = np.bincount(surprised_on - begin, minlength=length)
    leavers = np.bincount((day - begin)[lost], minlength=length)
    open_days = visits > 0
    visits, surprised, leavers = visits[open_days], surprised[open_days], leavers[open_days]
    return {
        "surprise.count_with_lost": float(np.corrcoef(surprised, leavers)[0, 1]),
        "surprise.rate_with_lost": float(np.corrcoef(surprised / visits, leavers)[0, 1]),
    }
