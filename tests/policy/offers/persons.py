"""Customers drawn one by one, month by month, under the elements of a policy.

A row is a life; all lives that go back to one sign-up, or to one of today's customers, have one
root, so that roots are independent.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from stammkunde.policy.offers import (
    Care,
    CoolOff,
    MinimumTerm,
    NewcomerRebate,
    Population,
    Recovery,
    When,
    WinBack,
)
from tests.policy.offers.town import (
    AS_NEW,
    GONE,
    INDUCED,
    NEVER,
    NEWCOMER,
    TODAY,
    WITHIN,
    WON,
    added,
    begun,
    cells,
    gets,
    joined,
    met,
    off,
    window,
)

CONTENT, COMPLAINED, RECOVERED = range(3)
STREAMS = ("margin", "acquisition", "rebates", "handling", "care")


def drawn(town, persons, seed):
    """Return what each root brings by stream, its lives at the end and its limited contacts.

    And of each root the cell (kind, tenure and month in which it begins), how many customers it
    stands for, and whether it is one of today's, or had been before. Cells have as many of
    `persons` as their share.
    """
    rng = np.random.default_rng(seed)
    dealing = [c for c in cells(town) if c[3] > 0]
    weight = np.array([c[3] for c in dealing])
    heads = np.maximum(np.rint(persons * weight / weight.sum()), 2).astype(int)
    cell = np.repeat(np.arange(len(dealing)), heads)
    kind, unit, month = (np.array([c[k] for c in dealing])[cell] for k in range(3))
    queue = defaultdict(list)
    before = np.flatnonzero(kind == GONE)
    _back(town, before, month[before], -1, queue, rng, unit[before])
    for m in np.unique(month[kind != GONE]):
        here = np.flatnonzero((month == m) & (kind != GONE))
        queue[m].append(begun(town, here, kind[here], unit[here], rng))
    found = {n: np.zeros(len(cell)) for n in (*STREAMS, "customers", *town.limited())}
    rows = None
    for m in range(town.horizon):
        arrived = queue.pop(m, [])
        for lives in arrived:
            _signed(town, lives, m, found)
        rows = joined([*([] if rows is None else [rows]), *arrived])
        rows = _month(town, rows, m, found, queue, rng)
    added(found["customers"], rows.root, 1.0)
    return found, cell, (weight / heads)[cell], np.isin(kind, (TODAY, GONE))


def _signed(town, lives, m, found):
    outside = np.isin(lives.kind, (NEWCOMER, INDUCED))
    money = town.factor(m) * town.v**m
    added(found["acquisition"], lives.root, -money * town.segment.acquisition * outside)
    back = ~outside & (lives.kind != TODAY)
    added(found["handling"], lives.root, -money * town.segment.handling * back)


def _month(town, rows, m, found, queue, rng):
    """Return who is still there after month m."""
    s, factor = town.segment, town.factor(m)
    paid = factor * town.v ** (m + town.arrears)
    added(found["margin"], rows.root, paid * (s.margin - s.serve))
    rows.since = rows.since + 1
    for k, e in enumerate(town.elements):
        has = gets(town, k, rows.kind) & rows.takes[:, k] if hasattr(e, "behaviour") else None
        if isinstance(e, Care):
            hit = has & met(e, rows.unit) & (rng.random(len(rows.root)) < town.reached(e))
            rows.since[hit, k] = 0
            added(found["care"], rows.root, -paid * e.cost * hit)
            if e.capacity is not None:
                added(found[e.name], rows.root, hit)
        elif hasattr(e, "amount") or hasattr(e, "steps"):
            added(found["rebates"], rows.root, -paid * has * off(e, s.price, rows.unit))
    mood = _mood(town, rows, found, paid, rng)
    _refer(town, rows, m, queue, rng)
    cause, waits = _leaving(town, rows, rng)
    gone = cause >= 0
    hops = ~gone & _hopping(town, rows, rng)
    _away(town, rows.at(gone), cause[gone], m, found, queue, rng)
    cool = town.one(CoolOff)
    back = m + 1 + (cool.months if cool else 0)
    again = rows.root[hops]
    queue[back].append(begun(town, again, 0 * again + AS_NEW, 0 * again + 1, rng))
    rows.mood, rows.waits = mood, waits
    left = rows.at(~gone & ~hops)
    left.unit = left.unit + 1
    return left


def _mood(town, rows, found, paid, rng):
    """Return the mood of the next month; complaints of this one are answered at a cost."""
    c = town.segment.complaints
    if c is None:
        return rows.mood
    recovery = town.one(Recovery)
    roll = rng.random((3, len(rows.root)))
    complains, well, calm = (
        x < y for x, y in zip(roll, (c.complains, (recovery or c).answered, c.fades), strict=True)
    )
    if recovery is not None:
        added(found["care"], rows.root, -paid * recovery.cost * (complains & well))
    onward = np.where(calm, CONTENT, rows.mood)
    return np.where(complains, np.where(well, RECOVERED, COMPLAINED), onward)


def _refer(town, rows, m, queue, rng):
    rate = np.zeros(len(rows.root))
    for k, e, b in town.behaviours():
        share = town.reached(e) if isinstance(e, Care) else rows.takes[:, k]
        rate = rate + b.referrals * share * gets(town, k, rows.kind)
    brings = rows.root[rng.random(len(rate)) < rate]
    factor = town.grown()
    induced = rng.random(len(brings)) < max(factor - 1, 0) / max(factor, 1)
    queue[m + 1].append(
        begun(town, brings, np.where(induced, INDUCED, NEWCOMER), 0 * brings + 1, rng)
    )


def acting(e, k, reaction, has, rows):
    """Return whose hazards a reaction moves in this unit."""
    if reaction.when == When.DURING and isinstance(e, Care):
        return has & (rows.since[:, k] < (e.lasts or 1))
    first, last = window(e)
    unit = rows.unit
    inside = has & (unit >= first) & (unit <= last)
    number = {
        When.DURING: np.where(inside, unit - first + 1, 0),
        When.AFTER: np.where(has, unit - last, 0),
        When.OTHERS: np.where(inside, 0, unit),
        When.INDUCED: np.where(rows.kind == INDUCED, unit, 0),
    }[reaction.when]
    return (number >= reaction.from_unit) & (number <= (reaction.to_unit or NEVER)) & (number > 0)


def _hazards(town, rows):
    """Return the hazards [C, rows] of this unit."""
    s = town.segment
    back = ~np.isin(rows.kind, (NEWCOMER, INDUCED, TODAY))
    found = town.hazards[:, rows.unit - 1] * np.where(back, s.returners, 1.0)
    adds = np.zeros_like(found)
    for k, e, b in town.behaviours():
        has = gets(town, k, rows.kind) & rows.takes[:, k]
        for r in b.reactions:
            where = acting(e, k, r, has, rows)
            for c, cause in enumerate(town.causes):
                if not r.causes or cause in r.causes:
                    found[c] *= np.where(where, r.ratio, 1.0)
                    adds[c] += r.adds * where
    found = found + adds
    if s.complaints is not None:
        both = np.asarray(s.complaints.complained), np.asarray(s.complaints.recovered)
        found *= np.array([np.ones(len(found)), *both])[rows.mood].T
    return found


def _leaving(town, rows, rng):
    """Return the cause each leaves for, -1 for who stays, and what is waited to leave for."""
    hazards, term = _hazards(town, rows), town.one(MinimumTerm)
    held = np.array([term is not None and c in term.causes for c in town.causes])
    roll, n = rng.random(len(rows.root)), len(rows.root)
    # causes that a term holds back lie at the lower end, the others at the upper
    low, high = hazards * held[:, None], hazards * ~held[:, None]
    wishes = np.where(roll < low.sum(axis=0), (roll >= np.cumsum(low, axis=0)).sum(axis=0), -1)
    others = (1 - roll > np.cumsum(high, axis=0)).sum(axis=0)
    others = np.where(1 - roll <= high.sum(axis=0), others, -1)
    if term is None:
        return others, rows.waits
    binds = rows.kind != TODAY
    free = (rows.unit >= term.months) & ((rows.unit - term.months) % term.renewal == 0) | ~binds
    insists = (rows.waits >= 0) & (rng.random(n) < term.pent_up)
    now = np.where(insists, rows.waits, wishes)
    cause = np.where(others >= 0, others, np.where(free, now, -1))
    return cause, np.where(free, -1, np.where(rows.waits >= 0, rows.waits, wishes))


def _hopping(town, rows, rng):
    """Return who cancels at the end of a rebate to sign up again."""
    cool, found = town.one(CoolOff), np.zeros(len(rows.root), bool)
    for k, e in town.of(NewcomerRebate):
        ends = gets(town, k, rows.kind) & rows.takes[:, k] & (rows.unit == e.months)
        ends &= rows.kind != TODAY
        if e.hassle:
            saves = e.months * (e.amount + e.share * town.segment.price)
            saves -= cool.months * cool.service if cool else 0.0
            found |= ends & (rng.random(len(ends)) * e.hassle < saves)
        else:
            found |= ends & (rng.random(len(ends)) < e.hops * (1 - (cool.stops if cool else 0.0)))
    return found


def _away(town, rows, cause, m, found, queue, rng):
    """Ask leavers back, and send those who come back to the month in which they do."""
    n = len(rows.root)
    kept = np.zeros(n, bool)
    end = town.factor(m) * town.v ** (m + 1)
    for k, e in town.of(WinBack):
        whose = Population.BASE, Population.NEW
        mine = np.where(rows.kind == TODAY, e.applies != whose[1], e.applies != whose[0])
        asked = mine & np.isin(cause, [town.causes.index(c) for c in e.causes])
        asked &= rng.random(n) < town.reached(e)
        added(found["care"], rows.root, -end * e.cost * asked)
        if e.capacity is not None:
            added(found[e.name], rows.root, asked)
        won = rows.root[hit := asked & ~kept & (rng.random(n) < e.won_back)]
        kept |= hit
        queue[m + 1 + e.lag].append(begun(town, won, 0 * won + WON + k, 0 * won + 1, rng))
    _back(town, rows.root[~kept], cause[~kept], m, queue, rng)


def _back(town, roots, cause, m, queue, rng, since=0):
    """Send those who left for a cause by the end of month m to the month in which they come back.

    They had left `since` units before it, and were away all the time.
    """
    if town.segment.returns is None:
        return
    returns, cool = np.asarray(town.segment.returns), town.one(CoolOff)
    since = since + 0 * roots
    # of all who left with them, those who are back by now have the lowest numbers
    passed = np.pad(returns, [(0, 0), (1, 0)]).cumsum(axis=1)[cause, since]
    roll = passed + (1 - passed) * rng.random(len(roots))
    for lag in range(returns.shape[1]):
        chance = np.where(lag >= since, returns[cause, lag], 0.0)
        comes = (roll >= passed) & (roll < passed + chance)
        passed = passed + chance
        kind = AS_NEW
        if cool is not None and lag < cool.months:
            comes, kind = comes & (rng.random(len(roots)) >= cool.deterred), WITHIN
        for month in np.unique((m + 1 + lag - since)[comes]):
            root = roots[comes & (m + 1 + lag - since == month)]
            queue[month].append(begun(town, root, 0 * root + kind, 0 * root + 1, rng))
