"""Who of the customers dealt to the arms is still seen, and who has left, unit by unit of a pilot.

A customer enters a pilot at the beginning of a unit, has his own unit 1 then, and leaves or is lost
from sight at the end of one. Curves are shares still there, S(0) = 1 .. S(K), without the offer.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.policy.worth.given import Numbers, number, share
from stammkunde.survival import formulas

# what a ratio multiplies: the hazard of each unit, or (as a power) the share still there
Meaning = Literal["hazard", "survival"]


def followed(
    horizon: int, *, lost: Numbers = 0.0, entering: int = 1, closes: int | None = None
) -> np.ndarray:
    """Return the share [..., K] of those dealt who are in sight in each of their units 1 .. K.

    Whoever left counts as if he had not. `lost` is the share lost from sight in a unit, `entering`
    the units over which customers enter evenly, `closes` the unit at whose end the pilot does: who
    enters late is then seen for fewer units. By default it closes when the last has been seen for
    K. ParameterError for a pilot that closes before the last have entered.
    """
    end = horizon + entering - 1 if closes is None else closes
    if horizon < 1 or entering < 1:
        raise ParameterError(
            f"{horizon} units of following and {entering} of entering",
            remedy="Each must be 1 or more.",
        )
    if end < entering:
        raise ParameterError(
            f"the pilot closes with unit {end}, and customers enter until unit {entering}",
            remedy="Close it later.",
        )
    units = np.arange(1, horizon + 1)
    seen_for = end - np.arange(entering)
    present = (seen_for[:, None] >= units).mean(axis=0)
    return np.asarray((1 - share("share lost", lost))[..., None] ** (units - 1) * present)


def treated_curve(curve: np.ndarray, ratio: Numbers, meaning: Meaning = "hazard") -> np.ndarray:
    """Return the curve [..., K + 1] with the offer, given that without it and a ratio.

    `meaning` "hazard": each unit's hazard is multiplied; "survival": S becomes S^ratio, as if
    customers left at any time. ParameterError where a hazard would exceed 1.
    """
    base = checked(curve)
    times = number("ratio of hazards", ratio, 0.0)[..., None]
    if meaning == "survival":
        return np.asarray(base**times)
    changed = share("hazard with the offer", times * hazards(base))
    return np.concatenate(
        [np.ones((*changed.shape[:-1], 1)), np.cumprod(1 - changed, axis=-1)], axis=-1
    )


def leaving(
    curve: np.ndarray,
    ratio: Numbers,
    *,
    share_treated: float = 0.5,
    seen: np.ndarray | None = None,
    meaning: Meaning = "hazard",
) -> np.ndarray:
    """Return the share [..., K + 1] of all dealt, of both arms, seen to have left by each unit.

    `seen` [..., K] as by `followed` (by default everybody), else as `treated_curve`.
    """
    arms = checked(curve), treated_curve(curve, ratio, meaning)
    parts = 1 - dealt_share(share_treated), share_treated
    gone = sum(part * -np.diff(s, axis=-1) for part, s in zip(parts, arms, strict=True))
    gone = gone * in_sight(seen, np.shape(gone)[-1])
    return np.concatenate([np.zeros((*gone.shape[:-1], 1)), np.cumsum(gone, axis=-1)], axis=-1)


def hazards(curve: np.ndarray) -> np.ndarray:
    """Return the hazards [..., K] of a curve, 0 where nobody is left."""
    return formulas.hazard(curve[..., :-1], -np.diff(curve, axis=-1))


def checked(curve: np.ndarray) -> np.ndarray:
    """Return a curve; ParameterError unless it falls from 1 and not below 0."""
    found = share("share still there", np.asarray(curve, float))
    if found.ndim < 1 or found.shape[-1] < 2:
        raise ParameterError("a curve without a unit", remedy="Give S(0), S(1) and so on.")
    if (found[..., 0] != 1).any() or (np.diff(found, axis=-1) > 0).any():
        raise ParameterError(
            "the shares still there do not fall from 1",
            remedy="Give the curve of those dealt, from their first unit on.",
        )
    return found


def dealt_share(treated: float) -> float:
    """Return the share of the treated; ParameterError where an arm would be empty."""
    if not 0 < treated < 1:
        raise ParameterError(
            f"a share of {treated:g} is to be treated",
            remedy="Both arms need customers: write a share between 0 and 1.",
        )
    return treated


def in_sight(seen: np.ndarray | None, units: int) -> np.ndarray:
    """Return the shares in sight by unit; ParameterError where they do not fit the units."""
    if seen is None:
        return np.ones(units)
    found = share("share in sight", seen)
    if found.ndim < 1 or found.shape[-1] < units:
        raise ParameterError(
            f"shares in sight are not given for all of {units} units",
            remedy="Give one for each unit.",
        )
    if (np.diff(found, axis=-1) > 0).any():
        raise ParameterError(
            "more are in sight in a later unit", remedy="Who is lost stays lost: let them fall."
        )
    return found[..., :units]
