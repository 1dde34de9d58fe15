"""What the energy supplier's offers do, as rows of truth.json; so too what must be missed of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom.effects import (
    Arms,
    landmark,
    newcomers,
    newcomers_compared,
    on_a_day,
)
from stammkunde.worlds.musterstrom.lots import HORIZON, lots
from stammkunde.worlds.musterstrom.watched import Watched

Row = tuple[str, str, float, str]
PAID, SIGNS, DAY = 36, 24, 12
ALIKE = ("usage", "age", "channel")
TODAY = slice(p.TERM_BEFORE, p.MONTHS)
TERMS = {"24 Monate": slice(0, p.TERM_BEFORE), "monatlich kündbar": TODAY}
# the place of today's terms among `watched.KNOWN`
TERMS_TODAY = {"terms": 1}


def effects(seen: Watched) -> Iterator[Row]:
    """Yield id, what it is, value and unit of what every offer does."""
    yield from _loyalty(seen)
    yield from _newcomer(seen)
    yield from _price_rise(seen)
    yield from _advertised(seen)
    yield from _drawn(seen)


def _both(name: str, said: str, arms: Arms, horizon: int, more: str = "") -> Iterator[Row]:
    """Yield the differences in paid months within a horizon, and in shares at its end."""
    months, share = arms.months(horizon), arms.share(horizon)
    yield f"effect.{name}.months{more}", f"paid months within {horizon}: {said}", months, "month"
    yield f"effect.{name}.share{more}", f"still there after {horizon}: {said}", share, "share"


def _loyalty(seen: Watched) -> Iterator[Row]:
    found = landmark(seen)
    before = found.unit - 1
    if not 1 <= before < PAID:
        return  # nothing of it lies between sign-up and the horizon
    still, arms, rest = found.still_there(), found.arms(), PAID - before
    said = "the loyalty rebate to all still there then against none"
    yield ("effect.loyalty.months", f"paid months within {PAID} of sign-up: {said}",
           still * arms.months(rest), "month")  # fmt: skip
    yield ("effect.loyalty.share", f"still there after {PAID}: {said}",
           still * arms.share(rest), "share")  # fmt: skip
    who = f"of those still there after {before}"
    yield from _both("loyalty.landmark", f"{said}, {who}", arms, rest)
    for i, level in enumerate(p.USAGE):
        yield from _segment("loyalty.landmark", f"{said}, {who}", found.arms(usage=i), rest,
                            f"usage.{level}")  # fmt: skip


def _segment(name: str, said: str, arms: Arms, horizon: int, level: str) -> Iterator[Row]:
    yield (f"effect.{name}.months.{level}", f"paid months within {horizon}: {said}, {level}",
           arms.months(horizon), "month")  # fmt: skip


def _newcomer(seen: Watched) -> Iterator[Row]:
    who = "all who sign up under today's terms"
    said, found = f"{who} with the newcomer rebate against without", newcomers(seen)
    yield from _both("newcomer", said, found.arms(signed=TODAY), SIGNS)
    yield (f"effect.newcomer.months.{DAY}", f"paid months within {DAY}: {said}",
           found.arms(signed=TODAY).months(DAY), "month")  # fmt: skip
    levels = [("channel", i, w) for i, w in enumerate(p.CHANNEL)]
    levels += [("usage", i, w) for i, w in enumerate(p.USAGE)]
    for column, i, level in levels:
        own = found.arms(signed=TODAY, **{column: i})
        yield from _segment("newcomer", said, own, SIGNS, f"{column}.{level}")
    if seen.begun[:, :, :, :, 1].any():  # else nobody had it: there is nothing to compare
        yield from _newcomer_met(seen, levels)


def _newcomer_met(seen: Watched, levels: Sequence[tuple[str, int, str]]) -> Iterator[Row]:
    """Yield what the comparison of the window comes to, and what it would if more were known."""
    met, own = "what those with and without it show who are alike in all columns", TERMS_TODAY
    yield from _both("newcomer", met, newcomers_compared(seen, *ALIKE, **own), SIGNS, ".compared")
    for column, i, level in levels:
        found = newcomers_compared(seen, *ALIKE, **own, **{column: i})
        yield from _segment("newcomer", met, found, SIGNS, f"{column}.{level}.compared")
    known = newcomers_compared(seen, *ALIKE, "hopper", **own)
    said = "what they would show if it were recorded who hops from offer to offer"
    yield ("effect.newcomer.months.hopping_known", f"paid months within {SIGNS}: {said}",
           known.months(SIGNS), "month")  # fmt: skip


def _price_rise(seen: Watched) -> Iterator[Row]:
    said = "customers of 1 October 2022 with the price rise of that month against without"
    found, raised = on_a_day(seen, "group", p.RISE[0], DAY), p.GROUP.index("A")
    yield from _both("price_rise", said, found.arms(raised), DAY)
    for level, signed in TERMS.items():
        yield from _segment("price_rise", said, found.arms(raised, signed), DAY, f"term.{level}")


def _advertised(seen: Watched) -> Iterator[Row]:
    said = "customers of 1 January 2023 with advertising for newcomers in their region against none"
    yield from _both("advertised", said, on_a_day(seen, "arm", p.ADVERT[0], SIGNS).arms(1), SIGNS)


def _drawn(seen: Watched) -> Iterator[Row]:
    words = {"call": "an unasked call", "reminder": "a reminder"}
    for name, lot in lots(seen, tuple(words)).items():
        said = f"those drawn for {words[name]} in the window, from that day on, with it against not"
        yield from _both(name, said, _arms(lot.survival()), HORIZON)
        for column, levels in (("usage", p.USAGE), ("channel", p.CHANNEL)):
            for i, level in enumerate(levels):
                own = _arms(lot.survival(**{column: i}))
                yield from _segment(name, said, own, HORIZON, f"{column}.{level}")


def _arms(curves: np.ndarray) -> Arms:
    return Arms(treated=curves[0], control=curves[1])
