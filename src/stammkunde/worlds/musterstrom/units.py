"""The units of contracts that are told apart after the close, when nothing hangs on the calendar.

Prices rise no more and nobody advertises. What a unit is like then depends on its number, and on
whether the contract is new, has met a price rise, or runs under the old terms. Past the
first units only the place in the contract's year counts, so that twelve units go round for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom import process
from stammkunde.worlds.musterstrom.expect import AXES, cells, transition
from stammkunde.worlds.musterstrom.parameters import Policy
from stammkunde.worlds.musterstrom.process import Cells

YEAR, LONGEST = 12, 2 * p.MONTHS  # no contract is longer when the last month is reached
# contracts that have met no price rise, that have, and under the old terms; these have met it too
NEW, RISEN, BOUND = range(3)
# the unit in January 2026 of those of each kind who signed last
_YOUNGEST = (1, p.CLOSE - p.RISE[1] + 2, p.CLOSE - p.TERM_BEFORE + 2)


@dataclass(frozen=True, kw_only=True)
class Units:
    """The units told apart: `tenure` of each, `kinds` where those of each kind lie.

    `chances` [cause, *AXES] of leaving, `moods` [usage, unit, mood, mood after], and `happens`
    [usage, unit] by outcome. Of `expect.AXES` neither arm nor group has two positions, and the last
    is the unit.
    """

    tenure: np.ndarray
    kinds: tuple[slice, ...]
    chances: np.ndarray
    moods: np.ndarray
    happens: Mapping[str, np.ndarray]

    def place(self, signed: int, group: int) -> int:
        """Return which unit a contract signed in a month of the window is in after the close."""
        kind = NEW if signed >= p.RISE[group] else RISEN
        own = self.kinds[BOUND if signed < p.TERM_BEFORE else kind]
        ahead = p.CLOSE - signed + 1 - int(self.tenure[own.start])
        rest, size = ahead - (own.stop - own.start), own.stop - own.start
        return own.start + (ahead if rest < 0 else size - YEAR + rest % YEAR)

    def later(self, stayed: np.ndarray) -> np.ndarray:
        """Return the numbers [part, *AXES] of who stays a month later: new moods, next units."""
        parts, few = len(stayed), (*stayed.shape[:2], 3, -1, len(self.tenure))
        rows = stayed.reshape(few).transpose(2, 4, 0, 3, 1)
        moved = rows.reshape(*rows.shape[:2], -1, 5) @ self.moods
        moved = moved.reshape(*rows.shape[:2], parts, -1, 5).transpose(2, 4, 0, 3, 1)
        return self.onward(moved.reshape(stayed.shape))

    def onward(self, stayed: np.ndarray) -> np.ndarray:
        """Return the numbers [..., unit] with each in his next unit."""
        after = np.zeros_like(stayed)
        for own in self.kinds:
            last = own.stop - 1
            after[..., own.start + 1 : own.stop] = stayed[..., own.start : last]
            after[..., own.stop - YEAR] += stayed[..., last]
        return after


def units_of(policy: Policy) -> Units:
    """Return the units that are told apart under a policy."""
    young = min(max(policy.newcomer_months + 1, policy.loyalty_from, p.FROM_UNIT), LONGEST)
    free = replace(policy, terms=False)
    parts, kinds, begun = [], [], 0
    for first, under in zip(_YOUNGEST, (policy, free, policy), strict=True):
        tenure = np.arange(first, max(young, first - 1) + YEAR + 1)
        # who is new has signed after the close; the others are looked at in the month after it
        month = p.CLOSE + (int(tenure[-1]) if first == 1 else 0)
        parts.append((tenure, *_part(month - tenure + 1, month, under)))
        kinds.append(slice(begun, begun + len(tenure)))
        begun += len(tenure)
    tenures, chances, moods, happens = zip(*parts, strict=True)
    return Units(
        tenure=np.concatenate(tenures),
        kinds=tuple(kinds),
        chances=np.concatenate(chances, axis=-1),
        moods=np.concatenate(moods, axis=1),
        happens={n: np.concatenate([h[n] for h in happens], axis=-1) for n in happens[0]},
    )


def _part(
    signed: np.ndarray, month: int, policy: Policy
) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Return chances, moods and what happens of contracts signed in these months, in a month."""
    grid = cells(signed)
    one = np.zeros_like(grid.arm[..., :1, :, :, :, :])
    # of both groups the second had its rise last: who signed before it has met one
    grid = replace(grid, arm=one, group=one + 1)
    return (
        process.leaving(grid, month, policy),
        # of who it is, only usage moves moods
        transition(grid, month, policy).reshape(5, 5, 3, -1).transpose(2, 3, 0, 1),
        _happens(grid, month, policy),
    )


def _happens(grid: Cells, month: int, policy: Policy) -> dict[str, np.ndarray]:
    one_mood = replace(grid, mood=np.zeros((1,) * len(AXES), dtype=int))
    found = {}
    for stage in process.STAGES.values():
        part = stage(one_mood, month, policy)
        for name, share in zip(part.outcomes, part.share, strict=True):
            found[name] = np.broadcast_to(share.reshape(-1, share.shape[-1]), (3, grid.signed.size))
    return found
