"""A snapshot of today's customers and those who left in its last w units of time.

A customer who is still there was under observation in his last w units only. A leaver of tenure x
left in one of the w units, nobody knows in which; he was under observation from the beginning of
the window to that unit. Where newcomers arrive at a steady pace each of the w is as likely as the
other, so that he counts in unit x - j of his tenure with the share (w - j) / w.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.result import Status
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable

LEAVERS_OF_WINDOW = "leavers_of_window"


def recent_leavers(table: LifeTable, window: int, *, level: float = 0.95) -> Curve:
    """Return the survival curve of a snapshot that holds the leavers of its last `window` units.

    Errors are the person blocks'. A window of 1 is `kaplan_meier(last_unit_only(table))`, exact
    whatever the pace of joining was. A longer one supposes a steady pace over the window: where
    joins grow, leavers left later in it than supposed, so that they were at risk for longer and the
    curve is a little too low (too high where joins shrink). At risk are expected numbers.
    """
    if window < 1:
        raise ParameterError(f"a window of {window} units", remedy="Give 1 unit or more.")
    at_risk = _later(table.censored, np.ones(window))
    at_risk += _later(table.moves.sum(axis=1), 1 - np.arange(window) / window)
    expected = replace(table, at_risk=at_risk, crossed=np.zeros_like(table.crossed))
    curve = kaplan_meier(expected, level=level, errors="blocks")
    return replace(
        curve,
        status=Status.ESTIMATED,
        assumptions=(LEAVERS_OF_WINDOW,),
        method=f"{curve.method}, leavers of the last {window} {table.unit}s",
    )


def _later(counts: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return the sum over j of shares[j] times the counts j units later [..., K]."""
    found = np.zeros(counts.shape)
    length = counts.shape[-1]
    for j, part in enumerate(shares[:length]):
        found[..., : length - j] += part * counts[..., j:]
    return found
