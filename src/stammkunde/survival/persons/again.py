"""Who comes back after leaving, how long afterwards, by cause of leaving.

Told in whole units of the spell that was left: who leaves in its unit u and begins anew in the very
next unit has lag 0, as has who had begun anew before. A lag counts once it lies whole within the
observation; who is not back by then is censored, as in Kaplan and Meier (1958).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError
from stammkunde.spells.months import completed_expr
from stammkunde.spells.spells import CENSORED, MISSING, Spells, check_columns, column_of
from stammkunde.survival.formulas import hazard

LAGS = 24


@dataclass(frozen=True, kw_only=True)
class Again:
    """Leavers by cause, block and lag 0 .. L - 1, whole numbers.

    `at_risk` [C, 256, L] were not back before the lag and were observed throughout it, `back` came
    back at it. `gone` [C, L] are, by level of a group, those not back when observation ended, by
    the whole units that had passed since; who has been away longer is not in it.
    """

    causes: tuple[str, ...]
    at_risk: np.ndarray
    back: np.ndarray
    gone: Mapping[str, np.ndarray]


def again(spells: Spells, causes: Sequence[str], *, by: str = "", lags: int = LAGS) -> Again:
    """Return who came back, counted in the engine, for the `causes` named.

    NotObservedError for spells without dates, ParameterError for an unknown group.
    """
    if spells.close is None:
        raise NotObservedError(
            "spells without dates do not say who came back", remedy="Use dated contracts."
        )
    check_columns((by,) if by else (), tuple(spells.groups))
    rows = _rows(spells, spells.close, by, lags)
    keys = ["cause", "block", "level", "at", "back", "gone"]
    frame = rows.group_by(keys).aggregate(n=rows.count()).order_by(keys).execute()
    return _laid(frame[frame.cause.isin(list(causes))], tuple(causes), lags)


def _rows(spells: Spells, close: object, by: str, lags: int) -> ir.Table:
    s = spells.relation
    s = s.filter((s.end != CENSORED) & s.start.notnull())
    since = completed_expr(s.start, ibis.literal(close, type="date"), spells.unit) - s.exit
    lag = completed_expr(s.start, s["next"], spells.unit) - s.exit
    # engines may take the greatest of nothing and 0 for 0
    lag = ibis.ifelse(lag < 0, 0, lag)
    seen = ibis.least(since, lags)
    back = s["next"].notnull() & (lag < seen)
    level = s[column_of(by)].cast("string").fill_null(MISSING) if by else ibis.literal("")
    return s.select(
        "block",
        cause=s.end,
        level=level,
        at=ibis.ifelse(back, lag, seen).cast("int64"),
        back=back,
        gone=s["next"].isnull() & (since < lags),
    )


def _laid(frame: pd.DataFrame, causes: tuple[str, ...], lags: int) -> Again:
    """Lay the counts out: censored after `at` lags, or back at the lag `at`."""
    shape = (len(causes), BLOCKS, lags + 1)
    place = {c: k for k, c in enumerate(causes)}
    cause = frame.cause.map(place).to_numpy(dtype=np.intp)
    block, at, n = (frame[c].to_numpy(dtype=np.int64) for c in ("block", "at", "n"))
    came, waits = (frame[c].to_numpy(dtype=bool) for c in ("back", "gone"))
    back, last = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    np.add.at(back, (cause[came], block[came], at[came]), n[came])
    # who comes back at a lag is at risk in it, who is censored after so many is not in the next
    np.add.at(last, (cause, block, at + came), n)
    later = np.cumsum(last[..., ::-1], axis=-1)[..., ::-1]
    gone: dict[str, np.ndarray] = {}
    level = frame.level.to_numpy()
    for name in sorted(set(level[waits])):
        own = waits & (level == name)
        gone[name] = np.zeros((len(causes), lags), dtype=np.int64)
        np.add.at(gone[name], (cause[own], at[own]), n[own])
    return Again(causes=causes, at_risk=later[..., 1:], back=back[..., :lags], gone=gone)


def chances(at_risk: np.ndarray, back: np.ndarray) -> np.ndarray:
    """Return the share of leavers who come back at each lag [..., L], of counts [..., L]."""
    share = hazard(at_risk, back)
    away = np.cumprod(1 - share, axis=-1)
    before = np.concatenate([np.ones((*away.shape[:-1], 1)), away[..., :-1]], axis=-1)
    return np.asarray(share * before)
