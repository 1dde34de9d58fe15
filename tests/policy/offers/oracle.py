"""The policy with everything in it once more: month by month, one line for each rule, no engine."""

from __future__ import annotations

import numpy as np

from tests.policy.offers.markets import CAUSES, HAZARDS, RETURNS, T, V

MIX = {"newcomer": 1 / 1.1, "induced": 0.1 / 1.1}
KINDS = ("newcomer", "induced", "as new", "cooling off", "won back", "today")
OFFERED = ("newcomer", "induced", "as new")


def hazards(kind, u, ratio):
    """Return the hazards by cause of unit u, and the share that hops at its end."""
    h = HAZARDS[:, u - 1].copy()
    if kind in ("as new", "cooling off", "won back"):
        h *= 1.1
    has = kind in OFFERED and u <= 12
    if has:
        h[0] *= 0.9
    else:
        h[0] *= 1.02
        h[1] *= 1.02
    if kind in OFFERED and u in (13, 14):
        h[0] *= 2.5
    if kind == "induced" and u <= 24:
        h *= 1.3
    if u >= 13:
        h[0] *= ratio
    # calls in units 3, 9, 15 ... hold for two units
    if u >= 3 and (u - 3) % 6 < 2:
        h[1] = h[1] * (1 + 0.2 * (0.5 - 1)) + 0.2 * 0.01
    hop = (120 - 3 * 10) / 400 if kind in OFFERED and u == 12 else 0.0
    return h, hop * (1 - h.sum())


def rebate(kind, u):
    off = 10.0 if kind in OFFERED and u <= 12 else 0.0
    off += 5.0 if kind == "won back" and u <= 6 else 0.0
    return off + (min(1.0 + (u - 13) // 12, 2.5) if u >= 13 else 0.0)


def leave(back, m, gone, hop):
    """Add to who comes back by month: the leavers of month m by cause, and who hops."""
    for c in range(len(CAUSES)):
        won = 0.08 if c == 0 else 0.0
        for lag in range(6):
            own = gone[c] * RETURNS[c, lag] * (1 - won)
            if lag < 3:
                back["cooling off"][m + 1 + lag] += own * 0.8
            else:
                back["as new"][m + 1 + lag] += own
        back["won back"][m + 2] += gone[c] * won
    back["as new"][m + 4] += hop


def come_again(back, gone):
    """Add to who comes back by month those who had left: no letter reaches them."""
    for c in range(len(CAUSES)):
        for n, heads in enumerate(gone[c] if len(gone) else []):
            leavers = heads / (1 - sum(RETURNS[c, :n]))
            for lag in range(n, 6):
                own = leavers * RETURNS[c, lag]
                kind, stay = ("cooling off", 0.8) if lag < 3 else ("as new", 1.0)
                back[kind][lag - n] += own * stay


def brute(ratio, inflow, there, horizon, *, gone=(), arrears=False, by_month=None):
    """Return the streams, the sign-ups and the customers left.

    For sign-ups [H], today's [G], and who had left before by cause and units since [C, L].
    """
    law = {(k, u): hazards(k, u, ratio) for k in KINDS for u in range(1, T + 1)}
    count = {k: np.zeros(T + 1) for k in KINDS}
    count["today"][: len(there)] = there
    back = {k: np.zeros(horizon + 20) for k in KINDS}
    come_again(back, gone)
    extra, signed = 0.0, 0.0
    money = dict.fromkeys(("margin", "acquisition", "rebates", "handling", "care"), 0.0)
    for m in range(horizon):
        grown = 1.0 if by_month is None else by_month[m]
        begin, paid = V**m * grown, V ** (m + arrears) * grown
        end = V ** (m + 1) * grown
        coming = inflow[m] * 1.1 + extra
        signed += inflow[m] * 1.1
        for k, share in MIX.items():
            count[k][0] += coming * share
        money["acquisition"] -= 120 * coming * begin
        for k in ("as new", "cooling off", "won back"):
            count[k][0] += back[k][m]
            money["handling"] -= 15 * back[k][m] * begin
        extra = 0.003 * sum(count[k].sum() for k in OFFERED)
        after = {k: np.zeros(T + 1) for k in KINDS}
        for k in KINDS:
            for g in np.flatnonzero(count[k]):
                n, u = count[k][g], g + 1
                h, hop = law[k, u]
                money["margin"] += (30 - 2) * n * paid
                money["rebates"] -= rebate(k, u) * n * paid
                if u >= 3 and (u - 3) % 6 == 0:
                    money["care"] -= 4 * 0.2 * n * paid
                money["care"] -= 5 * 0.8 * n * h[0] * end
                after[k][u] = n * (1 - h.sum() - hop)
                leave(back, m, n * h, n * hop)
        count = after
    left = sum(x.sum() for x in count.values())
    return money | {"signed": signed, "customers": left}
