"""From what a TOML says to policies and the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from stammkunde.errors import ParameterError, nearest
from stammkunde.policy.declared.nouns import (
    AssumptionToml,
    Declared,
    PolicyToml,
    RulesToml,
)
from stammkunde.policy.ledger import Assumption, Correlation, Law, Ledger, Source
from stammkunde.policy.offers import Element, Policy, under
from stammkunde.result import Label

PARTED = "; "


def policies_of(toml: Declared) -> tuple[Policy, ...]:
    """Return the policies of a TOML in its order; effects are still the names of questions.

    ParameterError with the key's path where one is `like` none above it, or elements exclude one
    another.
    """
    found: dict[str, Policy] = {}
    for i, one in enumerate(toml.policy):
        with under(f"policy[{i}]"):
            found[one.name] = policy_of(one, _base(one, found))
    return tuple(found.values())


def policy_of(toml: PolicyToml, base: Policy | None = None) -> Policy:
    """Return one policy, with the elements of `base` that it neither replaces nor leaves out."""
    segments = dict.fromkeys((*(base.segments if base else ()), *toml.segments))
    return Policy(
        toml.name,
        Label(toml.name, dict(toml.title)),
        _put_together(base.elements if base else (), toml.rules, toml.without),
        {
            n: _put_together(
                base.segments.get(n, ()) if base else (),
                toml.segments.get(n, RulesToml()),
                toml.without,
            )
            for n in segments
        },
    )


def _base(toml: PolicyToml, above: Mapping[str, Policy]) -> Policy | None:
    """Return the policy that one is like; ParameterError for none above, or a name it lacks."""
    if not toml.like:
        if toml.without:
            raise ParameterError(
                "elements are left out of no policy", where="without", remedy="Add `like`."
            )
        return None
    if toml.like not in above:
        raise ParameterError(
            f'there is no policy "{toml.like}" above it',
            where="like",
            remedy=nearest(toml.like, above),
        )
    base = above[toml.like]
    names = {e.name for _, e in base.all()}
    for k, name in enumerate(toml.without):
        if name not in names:
            raise ParameterError(
                f'"{toml.like}" has no element "{name}"',
                where=f"without[{k}]",
                remedy=nearest(name, names),
            )
    return base


def _put_together(
    base: Sequence[Element], rules: RulesToml, without: Collection[str]
) -> tuple[Element, ...]:
    own = tuple(e for _, e in elements_of(rules))
    names = {e.name for e in own} | set(without)
    return (*(e for e in base if e.name not in names), *own)


def placed(toml: PolicyToml) -> Iterator[tuple[str, str, Element]]:
    """Yield the segment ("": all), the key within the policy and each element."""
    for segment, rules in {"": toml.rules, **toml.segments}.items():
        for key, element in elements_of(rules):
            yield segment, f"segments.{segment}.{key}" if segment else key, element


def elements_of(rules: RulesToml) -> Iterator[tuple[str, Element]]:
    """Yield the key and each element of some rules: `loyalty_rebate[0]`."""
    for kind in RulesToml.__dataclass_fields__:
        for k, element in enumerate(getattr(rules, kind)):
            yield f"{kind}[{k}]", element


def ledger_of(toml: Declared) -> Ledger:
    """Return the ledger of a TOML; ParameterError where something cannot be assumed."""
    return Ledger(
        tuple(assumption_of(a) for a in toml.assumption),
        tuple(Correlation(c.first, c.second, c.rho) for c in toml.correlation),
    )


def assumption_of(toml: AssumptionToml) -> Assumption:
    """Return one assumption; its texts are those of all languages, one after another."""
    return Assumption(
        name=toml.name,
        value=toml.value,
        low=toml.low,
        high=toml.high,
        law=Law(toml.law),
        unit=toml.unit,
        says=_joined(toml.says),
        when=toml.when,
        why=_joined(toml.why),
        source=Source(toml.source),
    )


def _joined(texts: Mapping[str, str]) -> str:
    return PARTED.join(dict.fromkeys(texts.values()))
