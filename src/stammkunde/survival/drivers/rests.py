"""What a difference by one factor rests on beside the counts: the courses its model allows."""

from __future__ import annotations

from stammkunde.survival.drivers.design import Design

PROPORTIONAL = "proportional_hazards"
OTHERS = "proportional_others"
STRETCHES = "proportional_in_stretches"


def rests_on(design: Design, factor: str) -> tuple[str, ...]:
    """Return the ids of what is assumed of a difference by `factor` in a model of this design.

    A stratum has a course of its own, so that only the other factors, which make customers equal,
    are held to one factor for all tenures; a factor with bands is held to one in each of them.
    """
    known = (*design.terms, *(t for t, _ in design.lost))
    if factor in design.strata:
        return (OTHERS,) if design.terms else ()
    if any(t.factor == factor and (t.first, t.last) != (1, None) for t in known):
        return (STRETCHES,)
    return (PROPORTIONAL,) if design.terms else ()
