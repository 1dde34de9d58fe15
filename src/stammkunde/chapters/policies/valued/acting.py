"""Whether what is proposed can do anything: where nobody can leave, nobody can be kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.policy.offers import Element, Market, Policy, Population, Reaction, When
from stammkunde.policy.offers.roles import NEWCOMER, Role, behaviour_of, holds


def check_acts(policies: Sequence[Policy], market: Market) -> None:
    """Raise ParameterError for a reaction of newcomers in units in which none of them can leave.

    A lapse rule lets nobody go before its gap has passed: what is done before, and is over then,
    would be a cost and nothing else, by the rule and not by what customers do.
    """
    leaves = np.max([_leaving(s.hazards) for s in market.segments], axis=0)
    for policy in policies:
        for path, element in policy.all():
            for k, reaction in enumerate(_reactions(element)):
                at = _units(element, reaction, len(leaves))
                if at is not None and at.any() and not leaves[at].any():
                    first, last = (int(np.flatnonzero(at)[i]) + 1 for i in (0, -1))
                    raise ParameterError(
                        f"people are to react in the months {first} to {last} of a new customer, "
                        "and in these nobody was seen to leave",
                        where=f"policy `{policy.name}`: {path}.behaviour.reactions[{k}]",
                        remedy=f"From month {int(np.argmax(leaves)) + 1} on customers leave: let "
                        "the reaction last as long, or begin it later.",
                    )


def _leaving(hazards: object) -> np.ndarray:
    """Return in which units somebody leaves [T], in any draw and for any cause."""
    array = np.asarray(hazards, dtype=float)
    return np.asarray((array > 0).reshape(-1, array.shape[-1]).any(axis=0))


def _reactions(element: Element) -> tuple[Reaction, ...]:
    behaviour = behaviour_of(element)
    if behaviour is None or getattr(element, "applies", "") == Population.BASE:
        return ()
    return behaviour.reactions


def _units(element: Element, reaction: Reaction, length: int) -> np.ndarray | None:
    """Return in which units of tenure a reaction holds for who gets the element [T]."""
    if reaction.when not in (When.DURING, When.AFTER) or reaction.adds != 0.0:
        return None
    role = Role(NEWCOMER, offered=True, outside=True)
    number = holds(element, role, reaction.when, length, has=True)
    if number is None:
        return None
    last = length if reaction.to_unit is None else reaction.to_unit
    return np.asarray((number >= reaction.from_unit) & (number <= last))
