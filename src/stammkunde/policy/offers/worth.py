"""What a policy is worth, by draw: in all, of new and of today's customers, and what it spends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from stammkunde.draws import block_weights
from stammkunde.errors import ParameterError
from stammkunde.policy.engine import (
    Cohorts,
    Pays,
    base_by_month,
    base_value,
    in_parts,
    money_by_month,
    value,
    worth_by_unit,
)
from stammkunde.policy.engine.given import powers
from stammkunde.policy.offers.applied import (
    Applied,
    applied,
    check_known,
    limits_of,
    played_in,
)
from stammkunde.policy.offers.estimated import Estimated
from stammkunde.policy.offers.given import Draws, under
from stammkunde.policy.offers.market import Market
from stammkunde.policy.offers.money import Stream
from stammkunde.policy.offers.played import Played
from stammkunde.policy.offers.policy import Policy
from stammkunde.policy.offers.programme import fixed_by_month
from stammkunde.policy.offers.referred import (
    cohorts_of_all,
    cohorts_of_base,
    cohorts_of_new,
    cohorts_of_one,
)

SPENT = (Stream.REBATES, Stream.CARE)
# lives that policies share are kept for a part of the draws: a smaller part keeps fewer
ROWS = 3


@dataclass(frozen=True, eq=False)
class Worth:
    """A policy's present values within the horizon, each [B] (or [] where nothing is drawn).

    `total` = `new` + `base` - `fixed`: of all who sign up within it, and of today's customers and
    former ones who come back, each with the new lives and the customers that come of them, less
    what programmes cost. The streams `margin`, `acquisition`, `rebates`, `handling` and `care` less
    `fixed` add up to it too; `spend` is what rebates, care and programmes cost. `per_acquired` is
    what one is worth who signs up in the first month (nothing where nobody does), `signed` are
    those who sign up from outside, `customers` those left when the horizon ends, `by_segment`
    [B, S] the total by segment, without programmes.
    """

    total: np.ndarray
    new: np.ndarray
    base: np.ndarray
    spend: np.ndarray
    per_acquired: np.ndarray
    signed: np.ndarray
    customers: np.ndarray
    margin: np.ndarray
    acquisition: np.ndarray
    rebates: np.ndarray
    handling: np.ndarray
    care: np.ndarray
    fixed: np.ndarray
    by_segment: np.ndarray


def worth(given: Applied) -> Worth:
    """Return what an applied policy is worth, by draw."""
    fixed = fixed_by_month(given.policy, given.market, given.draws).sum(axis=-1)
    return _worth([_segment(p, given.market.v) for p in given.segments.values()], fixed)


def _worth(parts: Sequence[Mapping[str, np.ndarray]], fixed: np.ndarray) -> Worth:
    """Return what a policy is worth from what it is in each segment, and from its `fixed` cost."""
    total = {n: sum((p[n] for p in parts[1:]), parts[0][n]) for n in parts[0]}
    new, base = (_summed(total, who) for who in ("new", "base"))
    by_segment = [_summed(p, "new") + _summed(p, "base") for p in parts]
    streams = {str(s): total[f"new {s}"] + total[f"base {s}"] for s in Stream}
    spend = fixed - sum((streams[s] for s in SPENT), np.zeros(()))
    signed = np.asarray(total["signed"])
    each = np.divide(total["one"], signed, out=np.zeros(np.shape(total["one"])), where=signed > 0)
    return Worth(
        total=new + base - fixed,
        new=new,
        base=base,
        spend=spend,
        per_acquired=each,
        signed=signed,
        customers=total["customers"],
        **streams,
        fixed=fixed,
        by_segment=np.stack(np.broadcast_arrays(*by_segment), axis=-1),
    )


def worths(
    policies: Sequence[Policy],
    market: Market,
    draws: Draws,
    *,
    count: int | None = None,
    weights: np.ndarray | None = None,
) -> dict[str, Worth]:
    """Return what each policy is worth, by name, over all draws: cut into parts that fit the cache.

    `count` is the number of draws, by default as many as the ledger or the market holds; `weights`
    [B, 256] are by default those that the persons' blocks share by draw number. Every policy sees
    the same draws. ParameterError for policies of one name, or arrays of other numbers of draws.
    """
    names = [p.name for p in policies]
    if len(set(names)) < len(names) or not names:
        raise ParameterError(
            "two policies have the same name" if names else "there is no policy",
            remedy="Name each policy once, and one at least.",
        )
    count = _count(market, draws, count)
    known = block_weights(count) if weights is None else weights
    single = count == 1

    def part(at: slice) -> dict[str, np.ndarray]:
        own = {n: a[at] if len(a) > 1 else a for n, a in draws.items()}
        here = market if single else market.part(at)
        w = None if single and weights is None else known[at]
        found: dict[str, np.ndarray] = {}
        for p, got in _worths(policies, here, own, Estimated(w)):
            for f in fields(Worth):
                a, last = getattr(got, f.name), f.name == "by_segment"
                shape = (at.stop - at.start, *a.shape[-1:]) if last else (at.stop - at.start,)
                found[f"{p.name}\n{f.name}"] = np.broadcast_to(a, shape)
        return found

    whole = in_parts(part, count, rows=ROWS)
    return {n: Worth(**{f.name: whole[f"{n}\n{f.name}"] for f in fields(Worth)}) for n in names}


def _worths(
    policies: Sequence[Policy], market: Market, draws: Draws, effects: Estimated
) -> Iterator[tuple[Policy, Worth]]:
    """Yield what each policy is worth; what policies share is made once, segment by segment."""
    for p in policies:
        with under(p.name):
            check_known(p, market)
    # who is reached within a capacity depends on all segments together
    free = [p for p in policies if not _limited(p, market)]
    for p in policies:
        if _limited(p, market):
            yield p, worth(applied(p, market, draws, effects.weights, effects.afresh()))
    parts: dict[str, list[dict[str, np.ndarray]]] = {p.name: [] for p in free}
    for segment in market.segments:
        own = effects.afresh()
        for p in free:
            with under(p.name):
                made = played_in(segment, p, market, draws, own, {})
                parts[p.name].append(_segment(made, market.v))
        effects = own
    for p in free:
        with under(p.name):
            fixed = fixed_by_month(p, market, draws).sum(axis=-1)
        yield p, _worth(parts[p.name], fixed)


def _limited(policy: Policy, market: Market) -> bool:
    with under(policy.name):
        return bool(limits_of(policy, market))


def value_by_month(given: Applied) -> np.ndarray:
    """Return the present value of the money of each month 0 .. H - 1 [..., H], of all segments.

    The months add up to the total worth.
    """
    v, total = given.market.v, -fixed_by_month(given.policy, given.market, given.draws)
    for p in given.segments.values():
        streams = list(p.pays.values())
        pays = {x.name: _all_pays([by[x.name] for by in streams if x.name in by]) for x in p.lives}
        total = total + money_by_month(cohorts_of_all(p), pays, v)
        if p.base is not None:
            own = _all_pays([by[p.base.life.name] for by in streams if p.base.life.name in by])
            total = total + base_by_month(p.base, own, v)
    return total


def _all_pays(streams: Sequence[Pays]) -> Pays:
    """Return what all streams pay, which are paid at the same time and by the same months."""
    none: np.ndarray = np.zeros(())
    causes = sorted({c for pays in streams for c in pays.at_exit})
    return replace(
        streams[0],
        unit=sum((np.asarray(pays.unit) for pays in streams), none),
        once=sum((np.asarray(pays.once) for pays in streams), none),
        at_exit={
            c: sum((np.asarray(pays.at_exit[c]) for pays in streams if c in pays.at_exit), none)
            for c in causes
        },
    )


def _count(market: Market, draws: Draws, count: int | None) -> int:
    lengths = {len(a) for a in draws.values()} | {market.drawn()} | ({count} if count else set())
    several = sorted(lengths - {1})
    if len(several) > 1:
        raise ParameterError(
            f"draws come in numbers of {several[0]} and {several[1]}",
            remedy="Draw everything equally often.",
        )
    return several[0] if several else 1


def _segment(p: Played, v: float) -> dict[str, np.ndarray]:
    """Return the streams of new and of today's customers, heads, and the worth of one sign-up."""
    base = cohorts_of_base(p)
    sets: dict[str, Cohorts] = {} if base is None else {"base": base}
    if p.signing.any():
        one = cohorts_of_one(p)
        sets |= {"new": cohorts_of_new(p, one), "one": one}
    found: dict[str, np.ndarray] = {}
    none = np.zeros(np.broadcast_shapes(*(x.lead for x in p.lives)))
    single = none
    for stream in Stream:
        own = _valued(sets, p.of_new(p.pays[stream]), v)
        single = single + own.get("one", none)
        found[f"new {stream}"] = own.get("new", none)
        found[f"base {stream}"] = own.get("base", none)
        if p.base is not None and p.base.life.name in p.pays[stream]:
            stays = base_value(p.base, p.pays[stream][p.base.life.name], v)
            found[f"base {stream}"] = found[f"base {stream}"] + stays
    signed = p.signing.sum(axis=-1)
    left = sum((_left(sets[n]) for n in ("new", "base") if n in sets), none)
    if p.base is not None:
        g = p.base.each.shape[-1]
        then = p.base.life.survival[..., p.base.horizon : p.base.horizon + g]
        left = left + (p.base.each * then).sum(axis=-1)
    return found | {"signed": signed, "one": single * signed, "customers": np.asarray(left)}


def _valued(
    sets: Mapping[str, Cohorts], by_life: Mapping[str, Pays], v: float
) -> dict[str, np.ndarray]:
    """Return what a stream is worth in each set of cohorts; a life's own worth is found once."""
    total: dict[str, np.ndarray] = {n: np.zeros(()) for n in sets}
    if not sets:
        return total
    for name, pays in by_life.items():
        if pays.by_month is not None:
            for n, cohorts in sets.items():
                total[n] = total[n] + value(cohorts, {name: pays}, v)
            continue
        some = next(iter(sets.values()))
        each = worth_by_unit(some.life(name), pays, v, some.horizon)[..., ::-1]
        each = each * powers(v, some.horizon)
        for n, cohorts in sets.items():
            total[n] = total[n] + np.vecdot(cohorts.of(name), each)
    return total


def _left(cohorts: Cohorts) -> np.ndarray:
    """Return who is still a customer after the last month."""
    total: np.ndarray = np.zeros(())
    for x in cohorts.lives:
        stays = x.survival[..., 1 : cohorts.horizon + 1][..., ::-1]
        total = total + np.vecdot(cohorts.of(x.name), stays)
    return total


def _summed(parts: Mapping[str, np.ndarray], who: str) -> np.ndarray:
    first, *rest = (parts[f"{who} {s}"] for s in Stream)
    return np.asarray(sum(rest, first))
