"""Equal spend: the dial of a policy at which all its cost meets a target."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass, replace
from typing import Any, NoReturn

from scipy import optimize

from stammkunde.errors import ParameterError, nearest
from stammkunde.policy.offers.applied import applied
from stammkunde.policy.offers.given import Draws, is_length, under
from stammkunde.policy.offers.market import Market
from stammkunde.policy.offers.policy import Policy
from stammkunde.policy.offers.worth import worth

STEPS = 64


@dataclass(frozen=True)
class Dialled:
    """The policy with its dial turned: at `value` it spends `spend`, with `target` asked for."""

    policy: Policy
    dial: str
    value: float
    spend: float
    target: float


def spend_at_means(policy: Policy, market: Market, at: Draws) -> float:
    """Return the present value of a policy's rebates and care, windfalls and base included.

    `at` is a single draw: every assumption at its mean.
    """
    return float(worth(applied(policy, market, at)).spend.reshape(-1)[0])


def dialled(
    policy: Policy,
    dial: str,
    target: float,
    market: Market,
    at: Draws,
    *,
    limits: tuple[float, float] = (0.0, 1.0),
) -> Dialled:
    """Return the policy with the number at the path `dial` such that it spends `target`.

    The path is `element.field`, `element.steps[1].amount`, or that after `segments.name.`; `limits`
    are the ends within which the dial is turned, as far as the policy can be. A length in whole
    units is turned to the one whose spend is nearest. Where several meet the target the lowest is
    taken. ParameterError where none does, with the nearest spend that can be reached.
    """
    low, high = limits
    if not low < high:
        raise ParameterError(
            f"the dial turns from {low:g} to {high:g}", where=dial, remedy="Give two ends."
        )
    *way, last = keys_of(policy, dial)

    def spent(x: float) -> float:
        return spend_at_means(turned(policy, dial, x), market, at)

    thing: Any = policy
    for key in way:
        thing = _inner(thing, key)
    if is_length(thing, str(last)):
        value: float = _nearest(spent, target, range(int(low), int(high) + 1), dial)
    else:
        value = _root(spent, target, low, high, dial)
    return Dialled(turned(policy, dial, value), dial, value, spent(value), target)


def _nearest(spent: Callable[[float], float], target: float, lengths: range, dial: str) -> int:
    """Return the length whose spend is nearest; the target lies between the least and the most."""
    found = {n: spent(n) for n in lengths}
    _reached(list(found.values()), target, dial)
    return min(found, key=lambda n: (abs(found[n] - target), n))


def _root(
    spent: Callable[[float], float], target: float, low: float, high: float, dial: str
) -> float:
    """Return the lowest dial at which the spend meets the target: bracketed, then found."""
    before, last = low, spent(low)
    seen = [last]
    if last == target:
        return low
    for k in range(1, STEPS + 1):
        here = low + (high - low) * k / STEPS
        try:
            now = spent(here)
        except ParameterError:
            # from here on the policy cannot be: a rebate above the price, say
            break
        if (last - target) * (now - target) <= 0:
            return float(
                optimize.brentq(lambda x: spent(x) - target, before, here, xtol=1e-14, rtol=1e-15)
            )
        before, last = here, now
        seen.append(now)
    _refused(seen, target, dial)


def _reached(seen: list[float], target: float, dial: str) -> None:
    if not min(seen) <= target <= max(seen):
        _refused(seen, target, dial)


def _refused(seen: list[float], target: float, dial: str) -> NoReturn:
    near = min(seen, key=lambda x: abs(x - target))
    raise ParameterError(
        f"the spend cannot be {target:,.2f}: the nearest that the dial reaches is {near:,.2f}",
        where=dial,
        remedy="Take that spend as the target, widen the dial, or turn another one.",
    )


def turned(policy: Policy, path: str, value: float) -> Policy:
    """Return the policy with the number at a path replaced; ParameterError where it cannot be."""
    with under(path):
        found: Policy = _set(policy, keys_of(policy, path), value)
    return found


def _set(thing: Any, keys: Sequence[str | int], value: float) -> Any:
    if not keys:
        return value
    key, *rest = keys
    if isinstance(key, int):
        return (*thing[:key], _set(thing[key], rest, value), *thing[key + 1 :])
    if isinstance(thing, Mapping):
        return {**thing, key: _set(thing[key], rest, value)}
    if not rest and is_length(thing, key):
        value = int(value)
    return replace(thing, **{key: _set(getattr(thing, key), rest, value)})


def keys_of(policy: Policy, path: str) -> list[str | int]:
    """Return attributes and places that lead to a number: `elements`, 2, `steps`, 1, `amount`.

    ParameterError for a path that leads nowhere.
    """
    parts = path.replace("[", ".[").split(".")
    keys: list[str | int] = ["elements"]
    elements = policy.elements
    if parts[0] == "segments" and len(parts) > 2 and parts[1] in policy.segments:
        keys, elements = ["segments", parts[1]], policy.segments[parts[1]]
        parts = parts[2:]
    names = [e.name for e in elements]
    if parts[0] not in names:
        raise ParameterError(
            f'the policy has no element "{parts[0]}"', remedy=nearest(parts[0], names)
        )
    keys.append(names.index(parts[0]))
    thing: Any = elements[names.index(parts[0])]
    for part in parts[1:]:
        key: str | int = int(part[1:-1]) if part.startswith("[") else part
        known: list[Any] = list(range(len(thing))) if isinstance(key, int) else _fields(thing)
        if key not in known:
            raise ParameterError(f'there is no "{part}"', remedy=nearest(part, known))
        thing = _inner(thing, key)
        keys.append(key)
    if isinstance(thing, bool) or not isinstance(thing, int | float | str):
        raise ParameterError("it is no number", remedy="Name an amount or a length.")
    return keys


def _inner(thing: Any, key: str | int) -> Any:
    return thing[key] if isinstance(key, int) or isinstance(thing, Mapping) else getattr(thing, key)


def _fields(thing: Any) -> list[str]:
    return list(thing.__dataclass_fields__) if is_dataclass(thing) else []
