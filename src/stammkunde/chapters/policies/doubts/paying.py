"""Up to what a policy pays, what it needs, and what each customer costs that it adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from stammkunde.chapters.exhibit import Column, Table
from stammkunde.chapters.policies.doubts.assuming import (
    counted,
    counts,
    difference,
    few,
    of_draws,
    written,
)
from stammkunde.chapters.policies.doubts.costing import cost_of_each, paid_out
from stammkunde.chapters.policies.numbers import difference as difference_of
from stammkunde.chapters.policies.numbers import status_of
from stammkunde.chapters.policies.read import Decision
from stammkunde.errors import ParameterError
from stammkunde.policy.offers import Policy, resolve, turned, worths
from stammkunde.policy.offers.equal_spend import keys_of
from stammkunde.result import Estimate, Finding, Result, Sentence, Status

DRAWS, POINTS, HALVINGS = 200, 4, 8
FURTHEST = 20.0
TURNED = ("amount", "share", "cost")
REACTION = "reaction_as_declared"
NEVER, ALWAYS = "breakeven_never", "breakeven_always"
PROPOSED = "as proposed"
EVEN = "value re-reckoned with the amount turned, straight lines between; quantiles of joint draws"
# an amount is money, or a share of the price: told by its unit
COLUMNS = {"policy": "text", "now": "text", "even": "", "paid": "money0"}
COLUMNS |= {"customers": "int", "each": "money0"}


@dataclass(frozen=True, kw_only=True)
class Pays:
    """What a policy needs: `now` and `even` its amount today and at break-even, None without one.

    Against the comparator: `more` is the present value of its rebates and care, `paid` of all that
    is paid out, with sign-ups and handling of returners, `customers` how many more there are at the
    end, `each` what is paid out for one of these. All are None for the comparator itself.
    """

    name: str
    dial: str
    now: Estimate | None
    even: Estimate | None
    more: Estimate | None = None
    paid: Estimate | None = None
    customers: Estimate | None = None
    each: Estimate | None = None


def paying(decision: Decision) -> list[Pays]:
    """Return what each policy needs, in the order of the TOML."""
    return [_pays(decision, p) for p in decision.policies]


def dial_of(decision: Decision, policy: Policy) -> str:
    """Return the path of the one amount of a policy, the dialled one first; "" without one.

    An amount that the comparator pays just so sets nothing apart, and is none.
    """
    if policy.name in decision.dialled:
        path = decision.dialled[policy.name].dial
        return path if path.rpartition(".")[2] in TURNED else ""
    found = []
    for path, element in policy.all():
        found += [f"{path}.{k}" for k in TURNED if getattr(element, k, 0.0) not in (0.0, None)]
        # a schedule is several amounts
        steps = getattr(element, "steps", ())
        found += [f"{path}.steps[{k}].amount" for k in range(len(steps))]
    if len(found) != 1 or found[0] in _shared(decision, policy):
        return ""
    return found[0]


def _shared(decision: Decision, policy: Policy) -> set[str]:
    """Return the paths of amounts in elements that the comparator has as well."""
    today = dict(decision.policy(decision.comparator).all())
    alike = [path for path, element in policy.all() if today.get(path) == element]
    return {f"{path}.{k}" for path in alike for k in TURNED}


def break_even(decision: Decision, policy: Policy, dial: str) -> tuple[Estimate, Estimate]:
    """Return the number at a path today, and that at which policy and comparator are worth alike.

    Customers react as they do to today's number. Money, or a share of the price.
    """
    at, unit = _number(decision, policy, dial), _unit(decision, dial)
    now = Estimate(
        value=at,
        unit=unit,
        method=PROPOSED,
        status=Status.ASSUMED,
        estimand=dial,
        reason=f"no interval: {PROPOSED}",
    )
    points, apart = _along(decision, policy, dial, at)
    roots = np.clip(_roots(points, apart), points[0], points[-1])
    root = float(_roots(points, apart.mean(axis=0)[None])[0])
    found = of_draws(
        decision,
        roots,
        f"{dial} at break-even",
        unit_name=unit,
        method=EVEN,
        at=root,
        trusted=status_of(decision, policy.name),
    )
    # of draws without a break-even only the side is known: there is no standard error
    found = replace(found, se=None, assumptions=(*decision.assumptions, REACTION))
    if points[0] <= root <= points[-1]:
        return now, found
    reason = NEVER if root < points[0] else ALWAYS
    return now, replace(found, value=None, low=None, high=None, reason=reason)


def _along(
    decision: Decision, policy: Policy, dial: str, now: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers [G] from 0 on, and the difference to the comparator [B, G] at each."""
    some = few(decision, DRAWS)
    count = len(next(iter(some.values()))) if some else min(DRAWS, len(decision.weights))
    market = decision.market.part(slice(0, count))
    weights = decision.weights[:count]
    against = decision.worths[decision.comparator].total

    def total(x: float) -> np.ndarray:
        other = turned(policy, dial, x)
        return worths([other], market, some, count=count, weights=weights)[policy.name].total

    top = _top(decision, dial, now)
    for _ in range(HALVINGS):
        try:
            last = total(top)
            break
        except ParameterError:
            # above the price together with what else is given
            top = max(top / 2, now)
    else:
        last, top = total(now), now
    points = np.linspace(0.0, top, POINTS)
    values = np.stack([*(total(x) for x in points[:-1].tolist()), last], axis=-1)
    apart = np.asarray(values - against[:count, None])
    missed = difference(decision, decision.values, policy.name, decision.comparator)
    return points, apart + (missed.mean() - missed[:count].mean())


def _top(decision: Decision, dial: str, now: float) -> float:
    """Return the largest number to be looked at: the whole price, or many times a cost."""
    what = dial.rpartition(".")[2]
    if what == "share":
        return 1.0
    if what == "cost":
        return FURTHEST * now
    prices = [resolve(s.price, decision.drawn).min() if isinstance(s.price, str)
              else np.min(s.price) for s in decision.market.segments]  # fmt: skip
    return max(float(min(prices)), now)


def _roots(points: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """Return where each row of differences [B, G] first comes to 0 going up; beyond where never.

    -inf where a policy is behind even with nothing given, inf where it stays ahead.
    """
    # what differs by rounding only does not differ
    small = 1e-9 * np.abs(apart).max()
    d = np.where(np.abs(apart) <= small, 0.0, apart)
    crosses = (d[:, :-1] >= 0) & (d[:, 1:] < 0)
    first = crosses.argmax(axis=1)
    rows = np.arange(len(d))
    before, after = d[rows, first], d[rows, first + 1]
    gap = np.where(crosses.any(axis=1), before - after, 1.0)
    at = points[first] + (points[first + 1] - points[first]) * before / gap
    never = np.where(d[:, 0] < 0, -np.inf, np.inf)
    return np.asarray(np.where(crosses.any(axis=1), at, never))


def _number(decision: Decision, policy: Policy, dial: str) -> float:
    """Return the number at a path; that of an assumption as the ledger has it."""
    thing: Any = policy
    for key in keys_of(policy, dial):
        indexed = isinstance(key, int) or isinstance(thing, dict)
        thing = thing[key] if indexed else getattr(thing, str(key))
    return decision.ledger.of(thing).value if isinstance(thing, str) else float(thing)


def _unit(decision: Decision, dial: str) -> str:
    return "share" if dial.rpartition(".")[2] == "share" else decision.currency


def _pays(decision: Decision, policy: Policy) -> Pays:
    name, today = policy.name, decision.comparator
    if name == today:
        return Pays(name=name, dial="", now=None, even=None)
    dial = dial_of(decision, policy)
    now, even = break_even(decision, policy, dial) if dial else (None, None)
    own, base = decision.worths[name], decision.worths[today]
    money, trusted = paid_out(own) - paid_out(base), status_of(decision, name)
    customers = difference_of(decision, name, "customers", "count")
    return Pays(
        name=name,
        dial=dial,
        now=now,
        even=even,
        more=difference_of(decision, name, "spend"),
        paid=of_draws(decision, money, f"paid out for {name} less {today}", trusted=trusted),
        customers=customers,
        each=cost_of_each(decision, name, money, customers),
    )


def paying_finding(decision: Decision, pays: Sequence[Pays]) -> list[Finding]:
    """Return the finding on the amount up to which the best of the policies with one pays."""
    order = [s.policy for s in decision.league.standings]
    with_one = {p.name: p for p in pays if p.even is not None}
    name = next((n for n in order if n in with_one), "")
    if not name:
        return []
    p = with_one[name]
    assert p.even is not None
    kind = p.even.reason or "breakeven_at"
    words: dict[str, object] = {"policy": decision.title(name), "now": p.now}
    words |= {"other": decision.title(decision.comparator)}
    words |= {"even": p.even} if p.even.value is not None else {}
    form = p.dial.rpartition(".")[2]
    return [
        Finding(
            id="policy.turning.even",
            status=status_of(decision, name),
            sentence=Sentence(f"policies_doubt.even.{form}.{kind}", words),
            importance=0.35,
            assumptions=(REACTION,),
            table="policy.paying",
        )
    ]


def paying_table(decision: Decision, pays: Sequence[Pays]) -> Table:
    """Return what each policy needs and brings, one row per policy."""
    rows = []
    for p in pays:
        now = None if p.now is None else written(decision, p.now)
        numbers = (now, p.even, p.paid, p.customers, p.each)
        rows.append((decision.title(p.name), *numbers))
    words: dict[str, object] = {"other": decision.title(decision.comparator)}
    words |= {"months": decision.market.horizon} | counts(decision, DRAWS)
    return Table(
        id="policy.paying",
        caption=Sentence("policies_doubt.caption.paying", words),
        columns=[Column(f"policies_doubt.column.{n}", form) for n, form in COLUMNS.items()],
        rows=rows,
        note=Sentence("policies_doubt.note.paying", words),
    )


def paying_results(decision: Decision, pays: Sequence[Pays]) -> list[Result]:
    """Return what policies need as results, but for what the comparison of policies has."""
    found: dict[str, Estimate | None] = {}
    for p in pays:
        if p.name not in decision.dialled:
            found[f"policy.amount.{p.name}"] = p.now
        found[f"policy.breakeven.{p.name}"] = p.even
        found[f"policy.spend.difference.{p.name}"] = p.more
        found[f"policy.paid.difference.{p.name}"] = p.paid
        found[f"policy.cost_per_customer.{p.name}"] = p.each
    told = [Result(id=name, estimate=e) for name, e in found.items() if e is not None]
    return [*told, *counted(decision, breakeven=DRAWS)]
