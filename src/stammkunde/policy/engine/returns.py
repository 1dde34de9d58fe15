"""Who comes back, as what, and how long after leaving.

A life begun in month s lives its unit u in month s + u - 1; who leaves in that unit leaves at the
month's end. Lag 0 is a new life in the very next month, s + u; lag l one in month s + u + l.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stammkunde.errors import ParameterError, nearest, several
from stammkunde.policy.engine.given import SLACK, shares
from stammkunde.policy.engine.lives import Life


@dataclass(frozen=True, eq=False)
class Return:
    """Leavers of the lives `sources` for `causes` begin the life `target` again.

    `chance` [..., L] is the share of these leavers by lag 0 .. L - 1. What several returns have in
    common (the same sources and causes) is computed once: put alike together.
    """

    sources: tuple[str, ...]
    causes: tuple[str, ...]
    target: str
    chance: ArrayLike

    def __post_init__(self) -> None:
        for name in ("sources", "causes"):
            given = several(getattr(self, name), name)
            if not tuple(given):
                raise ParameterError(
                    f'nobody comes back as "{self.target}": {name} are empty',
                    remedy="Name at least one, or leave the return out.",
                )
            object.__setattr__(self, name, tuple(given))

    def by_lag(self) -> np.ndarray:
        """Return the chances [..., L]; ParameterError where one is no share."""
        given = shares(self.chance, f'the chance of coming back as "{self.target}"')
        return given[None] if given.ndim == 0 else given


def checked(
    lives: Sequence[Life], others: Sequence[Life], returns: Sequence[Return]
) -> dict[str, int]:
    """Return the place of each life by name; ParameterError for returns that cannot be.

    `others` are lives that nobody begins any more (today's customers): sources, never targets. All
    chances of coming back of one life's leavers for one cause add up to at most 1.
    """
    names = [x.name for x in lives]
    known = {x.name: x for x in (*others, *lives)}
    if len(set(names)) < len(names):
        raise ParameterError("two lives have the same name", remedy="Rename one of them.")
    back: dict[tuple[str, str], np.ndarray] = {}
    for r in returns:
        if r.target not in names:
            raise ParameterError(
                f'leavers come back as "{r.target}", which is no life',
                remedy=nearest(r.target, names),
            )
        share = r.by_lag().sum(axis=-1)
        for source in r.sources:
            if source not in known:
                raise ParameterError(
                    f'leavers of "{source}" come back, which is no life',
                    remedy=nearest(source, known),
                )
            for cause in r.causes:
                known[source].place(cause)
                back[source, cause] = share + back.get((source, cause), 0.0)
    for (source, cause), share in back.items():
        if share.max() > 1 + SLACK:
            raise ParameterError(
                f'of those who leave "{source}" for "{cause}" a share of {float(share.max()):.6g} '
                "comes back",
                remedy="Everybody can come back once at most: lower the chances.",
            )
    return {name: k for k, name in enumerate(names)}


def leaving_for(life: Life, causes: Sequence[str]) -> np.ndarray:
    """Return the share of all that leaves for any of `causes`, by unit [..., T]."""
    hazard = life.hazards[..., life.place(causes[0]), :]
    here = life.survival[..., :-1]
    if len(causes) == 1:
        return np.asarray(hazard * here)
    total = hazard + life.hazards[..., life.place(causes[1]), :]
    for cause in causes[2:]:
        total += life.hazards[..., life.place(cause), :]
    total *= here
    return np.asarray(total)
