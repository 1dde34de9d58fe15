"""The kinds of lives under a policy, and in which units each of them gets which element."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stammkunde.policy.offers.behaviour import Behaviour, When
from stammkunde.policy.offers.elements import (
    UNFELT,
    Care,
    CoolOff,
    Element,
    GlidePath,
    LoyaltyRebate,
    MinimumTerm,
    NewcomerRebate,
    Population,
    Rebate,
    WinBack,
)
from stammkunde.policy.offers.given import Draws, resolved, under

NEWCOMER, INDUCED, AS_NEW, WITHIN, TODAY = "newcomer", "induced", "as new", "cooling off", "today"
HOPPED = "hopped"
# offers for which one must count as new
FOR_NEWCOMERS = NewcomerRebate | GlidePath


@dataclass(frozen=True)
class Role:
    """A kind of life: who counts as new is `offered` newcomer offers, `won` names a win-back."""

    name: str
    offered: bool = False
    base: bool = False
    outside: bool = False
    won: str = ""


def roles(elements: Sequence[Element], *, lifted: bool, returning: bool) -> tuple[Role, ...]:
    """Return the kinds of lives that begin under a policy; not today's customers."""
    found = [Role(NEWCOMER, offered=True, outside=True)]
    if lifted:
        found.append(Role(INDUCED, offered=True, outside=True))
    if returning or any(map(hops, elements)):
        found.append(Role(AS_NEW, offered=True))
    if returning and cooling(elements) is not None:
        found.append(Role(WITHIN))
    found += [Role(won_name(e), won=e.name) for e in elements if asks(e)]
    return tuple(found)


def won_name(element: Element) -> str:
    """Return the name of the lives of those whom a win-back offer brings back."""
    return f"won back by {element.name}"


def asks(element: Element) -> bool:
    """Return whether an element asks anybody back."""
    return isinstance(element, WinBack) and element.reach != 0.0


def hops(element: Element) -> bool:
    """Return whether anybody may cancel at the end of an element and sign up again."""
    if not isinstance(element, NewcomerRebate) or element.applies == Population.BASE:
        return False
    return element.hops != 0.0 or element.hassle != 0.0


def cooling(elements: Sequence[Element]) -> CoolOff | None:
    """Return the cool-off, where it changes anything."""
    cool = next((e for e in elements if isinstance(e, CoolOff)), None)
    offers = any(isinstance(e, FOR_NEWCOMERS) and _acts(e) for e in elements)
    return cool if cool is not None and (offers or cool.deterred != 0.0) else None


def _acts(element: NewcomerRebate | GlidePath) -> bool:
    """Return whether a newcomer offer does anything to those who get it."""
    behaviour = element.behaviour
    reacts = any(r.ratio != 1.0 or r.adds != 0.0 for r in behaviour.reactions)
    if reacts or behaviour.effect is not None or behaviour.referrals != 0.0 or hops(element):
        return True
    if isinstance(element, GlidePath):
        return any(s.amount != 0.0 for s in element.steps)
    return element.amount != 0.0 or element.share != 0.0


def gets(element: Element, role: Role) -> bool:
    """Return whether lives of a kind get an element at all."""
    if isinstance(element, UNFELT):
        return False
    if isinstance(element, WinBack):
        return role.won == element.name
    if isinstance(element, MinimumTerm):
        return not role.base
    if role.base:
        return element.applies in (Population.BASE, Population.BOTH)
    if element.applies == Population.BASE:
        return False
    return role.offered or not isinstance(element, FOR_NEWCOMERS)


def asked_back(element: WinBack, role_is_base: bool) -> bool:
    """Return whether leavers of today's, or of new, customers are asked back."""
    others = Population.NEW if role_is_base else Population.BASE
    return asks(element) and element.applies != others


def behaviour_of(element: Element) -> Behaviour | None:
    """Return how people react to an element, where they can."""
    return None if isinstance(element, UNFELT) else element.behaviour


def span(element: Element) -> tuple[int, int | None]:
    """Return the first and the last unit of tenure with an element; None: it never ends."""
    match element:
        case NewcomerRebate() | WinBack() | MinimumTerm():
            return 1, element.months
        case GlidePath() | LoyaltyRebate() if element.steps:
            return element.steps[0].from_unit, element.steps[-1].to_unit
        case LoyaltyRebate():
            return element.from_unit or 1, None
        case Care():
            last = element.from_unit if element.every is None else element.to_unit
            return element.from_unit, None if last is None else last + (element.lasts or 1) - 1
        case _:
            return 1, None


def contacts(element: Care, length: int) -> np.ndarray:
    """Return in which units of tenure contacts fall [T]."""
    unit = np.arange(1, length + 1) - element.from_unit
    if element.every is None:
        return np.asarray(unit == 0)
    end = length if element.to_unit is None else element.to_unit
    return np.asarray((unit >= 0) & (unit % element.every == 0) & (unit <= end - element.from_unit))


def during(element: Element, length: int) -> np.ndarray:
    """Return in which units of tenure those who get an element have it [T]."""
    if isinstance(element, Care):
        made = contacts(element, length)
        return np.convolve(made, np.ones(element.lasts or 1))[:length] > 0
    first, last = span(element)
    unit = np.arange(1, length + 1)
    return np.asarray((unit >= first) & (unit <= (length if last is None else last)))


def holds(element: Element, role: Role, when: When, length: int, *, has: bool) -> np.ndarray | None:
    """Return the number of each unit within what `when` says [T], 0 outside it; None: nowhere.

    `has` is whether they get the element: of a kind that does, who takes it up.
    """
    unit = np.arange(1, length + 1)
    first, last = span(element)
    if when == When.INDUCED:
        return unit if role.name == INDUCED else None
    if when == When.OTHERS:
        # whom no contact reaches gets nothing of it, in its units too
        nobody = not has or isinstance(element, Care)
        return unit if nobody else np.where(during(element, length), 0, unit)
    if not has or (when == When.AFTER and last is None):
        return None
    if when == When.AFTER:
        return np.maximum(unit - (last or 0), 0)
    return np.where(during(element, length), unit - first + 1, 0)


def taken(element: Element, draws: Draws) -> np.ndarray | None:
    """Return the share [] or [B] of those who could get an element that does; None: all of them."""
    if not isinstance(element, Rebate) or element.take_up == 1.0:
        return None
    return resolved(element, "take_up", draws)


def _unmoved(element: Element, behaviour: Behaviour, draws: Draws) -> np.ndarray:
    """Return the share of sign-ups that would have come without the offer."""
    own = resolved(behaviour, "always_buyers", draws)
    with under(element.name):
        share = taken(element, draws)
    return own if share is None else 1 - share * (1 - own)


def lift(elements: Sequence[Element], draws: Draws) -> np.ndarray | None:
    """Return what multiplies the sign-ups from outside, or None where nothing was said of it."""
    found: np.ndarray | None = None
    for e in elements:
        behaviour = behaviour_of(e)
        if behaviour is None or (behaviour.lift == 0.0 and behaviour.always_buyers == 1.0):
            continue
        if behaviour.lift != 0.0:
            own = 1 + resolved(behaviour, "lift", draws)
        else:
            own = 1 / _unmoved(e, behaviour, draws)
        found = own if found is None else found * own
    return found


def brings(grown: np.ndarray | None) -> bool:
    """Return whether sign-ups may grow; of drawn lifts whatever draws are looked at."""
    return grown is not None and (grown.ndim > 0 or bool(grown > 1))


def mixed(grown: np.ndarray | None) -> dict[str, np.ndarray]:
    """Return the share of sign-ups from outside by kind of life, where they grow by a factor."""
    if grown is None:
        return {NEWCOMER: np.ones(())}
    brought = np.maximum(grown - 1, 0) / np.maximum(grown, 1)
    return {NEWCOMER: 1 - brought} | ({INDUCED: brought} if brings(grown) else {})
