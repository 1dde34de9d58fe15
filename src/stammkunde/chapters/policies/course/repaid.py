"""When a newcomer has brought in what it took to win him: as if nobody left, and as people do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from stammkunde.chapters.policies.course.built import month_of
from stammkunde.chapters.policies.read import Decision
from stammkunde.policy.decide import payback
from stammkunde.policy.engine import Pays
from stammkunde.policy.engine.given import numbers
from stammkunde.policy.engine.pays import earned
from stammkunde.policy.offers import Applied, Market, Policy, Stream, applied
from stammkunde.result import Estimate

DRAWS = 256
NEVER = "not_repaid"
METHOD = "month in which margins less rebates and cost, {}, reach what a sign-up cost"
WAYS = {"plain": "as if nobody left", "surviving": "of those still there"}
WAYS |= {"discounted": "of those still there, at present value"}


@dataclass(frozen=True, kw_only=True)
class Repaid:
    """The month in which a newcomer's money is back: if nobody left, of those there, discounted."""

    plain: Estimate
    surviving: Estimate
    discounted: Estimate


def repaid(decision: Decision) -> dict[str, Repaid]:
    """Return by policy when one who signs up in the first month has paid his way.

    Segments weigh by their sign-ups. What he brings is his margin less rebates, service and care;
    what it took is paid at his sign-up. The value is that of mean courses, the interval that of the
    draws; it is open above where too many draws never get there. Nothing for a policy under which
    nobody signs up.
    """
    count = min(DRAWS, len(decision.weights))
    draws = {n: x[:count] for n, x in decision.drawn.items()}
    market, weights = decision.market.part(slice(0, count)), decision.weights[:count]
    found = {}
    for policy in decision.policies:
        made = _of(decision, policy, market, draws, weights)
        if made is not None:
            found[policy.name] = made
    return found


def _of(
    decision: Decision,
    policy: Policy,
    market: Market,
    draws: Mapping[str, np.ndarray],
    weights: np.ndarray,
) -> Repaid | None:
    given = applied(policy, market, draws, weights)
    signed, stays, money, outlay = _newcomer(given, len(weights))
    if not (signed > 0).all():
        return None
    # segments weigh by sign-ups, and shares must not pass 1 by rounding
    stays = np.minimum(stays / signed[:, None], 1.0)
    money, outlay = money / signed[:, None], outlay / signed
    each = np.divide(money, stays, out=np.zeros(money.shape), where=stays > 0)
    means = [x.mean(axis=0) for x in (stays, money, outlay)]
    mean_each = np.divide(means[1], means[0], out=np.zeros(means[1].shape), where=means[0] > 0)
    at_means = payback(mean_each, means[0], market.interest, means[2])
    by_draw = payback(each, stays, market.interest, outlay)
    return Repaid(
        **{
            way: _estimate(
                decision, policy.name, way, float(getattr(at_means, way)), getattr(by_draw, way)
            )
            for way in WAYS
        }
    )


def _newcomer(given: Applied, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the sign-ups of the first month [B], how many stay and what they pay by unit [B, H].

    The last is what it took to win them [B]. Each draw is a row, also where none is drawn.
    """
    horizon = given.market.horizon
    signed, outlay = np.zeros(count), np.zeros(count)
    stays, money = np.zeros((count, horizon)), np.zeros((count, horizon))
    for p in given.segments.values():
        first = p.signing[..., 0]
        signed = signed + first
        for life in p.lives:
            if life.name not in p.mix:
                continue
            heads = first * p.mix[life.name]
            stays = stays + heads[..., None] * life.survival[..., :horizon]
            for stream in Stream:
                pays: Pays | None = p.pays.get(stream, {}).get(life.name)
                if pays is None:
                    continue
                paid = earned(life, pays, horizon).all(pays.factor(horizon))
                money = money + heads[..., None] * paid
                outlay = outlay - heads * numbers(pays.once, "what a sign-up pays")
    return signed, stays, money, outlay


def _estimate(
    decision: Decision, name: str, way: str, value: float, months: np.ndarray
) -> Estimate:
    made = partial(
        Estimate,
        method=METHOD.format(WAYS[way]),
        status=decision.league.of(name).value.status,
        estimand=f"payback of a newcomer under {name}",
        assumptions=decision.assumptions,
    )
    return month_of(value, months, NEVER, made)
