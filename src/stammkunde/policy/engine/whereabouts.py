"""Where everybody is who ever signed up: a customer, waiting to come back, or gone for good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from stammkunde.policy.engine.renewal import Cohorts
from stammkunde.policy.engine.returns import Return
from stammkunde.policy.engine.value import customers, leavers


@dataclass(frozen=True, eq=False)
class Whereabouts:
    """Persons at the end of month 0 .. H - 1, each [..., H]; signed = staying + waiting + gone.

    `signed` have signed up from outside so far, with today's customers; `staying` are still there
    after the month, `waiting` have left and will come back, `gone` never will.
    """

    signed: np.ndarray
    staying: np.ndarray
    waiting: np.ndarray
    gone: np.ndarray


def whereabouts(cohorts: Cohorts) -> Whereabouts:
    """Return where everybody is at the end of each month, each number counted for itself."""
    signed = np.cumsum(cohorts.signed, axis=-1)
    staying = np.zeros(signed.shape)
    left: dict[tuple[str, str], np.ndarray] = {}
    for life in cohorts.lives:
        staying = staying + customers(cohorts, life.name)
        for cause in life.causes:
            left[life.name, cause] = leavers(cohorts, life.name, cause)
    for base in cohorts.bases:
        signed = signed + base.there.sum(axis=-1)[..., None]
        staying = staying + base.customers()[..., : cohorts.horizon]
        for cause in base.life.causes:
            key = (base.life.name, cause)
            left[key] = base.leavers(cause)[..., : cohorts.horizon] + left.get(key, 0.0)
    # customers of a month are there at its beginning; who leaves, leaves at its end
    everybody = sum(left.values(), np.zeros(signed.shape))
    waiting, back = _still_to_come(cohorts.returns, left)
    gone = np.cumsum(everybody - back, axis=-1)
    return Whereabouts(signed, staying - everybody, waiting + np.zeros(signed.shape), gone)


def _still_to_come(
    returns: tuple[Return, ...], left: Mapping[tuple[str, str], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return who waits at the end of each month, and who of its leavers comes back at any time."""
    waiting: np.ndarray = np.zeros(1)
    ever: np.ndarray = np.zeros(1)
    for r in returns:
        chance = r.by_lag()
        # the share whose lag is at least 0, 1, 2 ...
        later = np.cumsum(chance[..., ::-1], axis=-1)[..., ::-1]
        for key in ((s, c) for s in r.sources for c in r.causes):
            gone = left[key]
            ever = ever + later[..., :1] * gone
            for passed in range(min(later.shape[-1], gone.shape[-1])):
                part = np.zeros(np.broadcast_shapes(later[..., :1].shape, gone.shape))
                months = gone.shape[-1] - passed
                part[..., passed:] = later[..., passed, None] * gone[..., :months]
                waiting = waiting + part
    return waiting, ever
