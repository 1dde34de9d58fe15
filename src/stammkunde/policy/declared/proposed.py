"""Do the policies hold together, and fit the data, the questions and the price?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from stammkunde.errors import ParameterError, nearest
from stammkunde.evidence.asking.question import FROM_SIGN_UP, QuestionToml, design_of
from stammkunde.policy.declared.faults import Fault, named
from stammkunde.policy.declared.made import placed, policies_of
from stammkunde.policy.declared.nouns import Declared, PolicyToml, SettingToml
from stammkunde.policy.offers.elements import Care, Element, MinimumTerm, WinBack
from stammkunde.policy.offers.equal_spend import keys_of
from stammkunde.policy.offers.given import Draws, resolve
from stammkunde.policy.offers.money import rebates
from stammkunde.policy.offers.policy import Policy
from stammkunde.policy.offers.roles import TODAY, Role, behaviour_of, roles
from stammkunde.spells.schema.data import DataToml, bands
from stammkunde.spells.spells import LEFT, UNKNOWN, UNLISTED


def policies(toml: Declared, own: SettingToml) -> Iterator[Fault]:
    """Yield what is wrong with the policies, whatever the numbers are."""
    causes = causes_of(toml.data)
    for k, policy in enumerate(toml.policy):
        path = f"policy[{k}]"
        yield from _segments(policy, own, toml.data, path)
        yield from _named(policy, path)
        for key, named_there in named_causes(policy):
            for cause in (c for c in named_there if causes and c not in causes):
                yield f"{path}.{key}", f'nobody leaves for "{cause}"', nearest(cause, causes)
        for _, key, element in placed(policy):
            yield from _effect(element, toml.question, f"{path}.{key}")
    try:
        made = policies_of(toml)
    except ParameterError as error:
        # what a policy calls elements, a TOML calls by their kinds
        yield error.where.removesuffix(".elements"), error.what, error.remedy
    for k, policy in enumerate(toml.policy):
        yield from _dial(policy, made[k], own, f"policy[{k}]")
    yield from _spending(toml.policy)
    known = {element.name for policy in toml.policy for _, _, element in placed(policy)}
    for name in (n for n in toml.elements if n not in known):
        yield f"elements.{name}", "no element of a policy has this name", nearest(name, known)


def causes_of(data: DataToml) -> tuple[str, ...]:
    """Return the causes of leaving that there can be; none where only the data tell them."""
    table = data.contracts
    if table is None or not table.reason:
        return (LEFT,)
    return (*data.causes, UNKNOWN, UNLISTED) if data.causes else ()


def _segments(policy: PolicyToml, own: SettingToml, data: DataToml, path: str) -> Iterator[Fault]:
    if policy.segments and not own.segments:
        yield (
            f"{path}.segments",
            "customers are not told apart",
            "Name a group as `setting.segments`, or give the rules to all.",
        )
    group = data.groups.get(own.segments)
    levels = [*bands(group.cuts), *group.levels] if group is not None else []
    for name in policy.segments:
        if levels and name not in levels:
            yield (
                f"{path}.segments.{name}",
                f"`{own.segments}` has no level of this name",
                nearest(name, levels),
            )


def _named(policy: PolicyToml, path: str) -> Iterator[Fault]:
    """Yield elements whose names are none, or that stand twice for the same customers."""
    seen: set[tuple[str, str]] = set()
    for segment, key, element in placed(policy):
        yield from named(f"{path}.{key}.name", element.name)
        if (segment, element.name) in seen:
            yield (
                f"{path}.{key}.name",
                f'two elements have the name "{element.name}"',
                "Give one of them another `name`: rebates of several elements add up.",
            )
        seen.add((segment, element.name))


def named_causes(policy: PolicyToml) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the key within a policy and the causes of leaving that are named there."""
    for _, key, element in placed(policy):
        if isinstance(element, WinBack | MinimumTerm):
            yield f"{key}.causes", element.causes
        behaviour = behaviour_of(element)
        for k, reaction in enumerate(behaviour.reactions if behaviour is not None else ()):
            yield f"{key}.behaviour.reactions[{k}].causes", reaction.causes


def _effect(element: Element, questions: Sequence[QuestionToml], path: str) -> Iterator[Fault]:
    """Yield an effect of no question, or of one that counts months from elsewhere."""
    behaviour = behaviour_of(element)
    name = behaviour.effect if behaviour is not None else None
    if not isinstance(name, str):
        return
    key = f"{path}.behaviour.effect"
    known = {q.name: q for q in questions}
    if name not in known:
        yield (
            key,
            f'no question is called "{name}"',
            nearest(name, known) or "Ask it as a `[[question]]`, or assume `reactions`.",
        )
    signed = design_of(known[name]) in FROM_SIGN_UP
    if signed == isinstance(element, Care):
        clock, own = ("sign-up", "a contact") if signed else ("a day", "sign-up")
        yield (
            key,
            f'the effect of "{name}" goes by months from {clock}, this element by those from {own}',
            "Name a question of the same clock, or assume `reactions`.",
        )


def _dial(policy: PolicyToml, made: Policy, own: SettingToml, path: str) -> Iterator[Fault]:
    keys = {"dial": policy.dial, "spends_as": policy.spends_as, "dial_to": policy.dial_to}
    given = [n for n, x in keys.items() if x]
    if not given:
        return
    if policy.name == own.comparator:
        yield (
            f"{path}.{given[0]}",
            "the comparator is what customers get now, and has no dial",
            "Turn the dial of another policy.",
        )
    for name, x in keys.items():
        if not x:
            yield (
                f"{path}.{name}",
                f"it is missing, and `{given[0]}` is given",
                "A dial has all three: `dial`, `spends_as` and the ends `dial_to`.",
            )
    ends = policy.dial_to
    if len(ends) != 2 or not ends[0] < ends[1]:
        yield f"{path}.dial_to", "these are no two ends", "Write them like `[0, 20]`."
    try:
        keys_of(made, policy.dial)
    except ParameterError as error:
        yield f"{path}.dial", error.what, error.remedy


def _spending(policies: Sequence[PolicyToml]) -> Iterator[Fault]:
    """Yield policies that spend as nobody does, or as one whose own spend is turned."""
    spends = {p.name: p.spends_as for p in policies}
    for k, p in enumerate(policies):
        path = f"policy[{k}].spends_as"
        if p.spends_as and p.spends_as not in spends:
            yield path, f'no policy is called "{p.spends_as}"', nearest(p.spends_as, spends)
        if p.spends_as == p.name:
            yield path, "it spends as itself", "Name a policy without a dial."
        if p.spends_as and spends[p.spends_as]:
            yield (
                path,
                f'"{p.spends_as}" has a dial itself',
                "Name a policy without a dial.",
            )


def above_price(toml: Declared, own: SettingToml, draws: Draws) -> Iterator[Fault]:
    """Yield rebates that add up to more than the price, where the price is told beforehand."""
    if own.price is None:
        return
    price = resolve(own.price, draws)[..., None] * np.ones(own.horizon)
    for policy in policies_of(toml):
        for segment in ("", *policy.segments):
            elements = policy.of(segment)
            for role in _staging(elements):
                try:
                    rebates(elements, role, price, draws)
                except ParameterError as error:
                    names = error.where.split(" + ")
                    places = [_place(toml, policy.name, segment, n) for n in names]
                    yield " + ".join(places), error.what, error.remedy


def _place(toml: Declared, policy: str, segment: str, element: str) -> str:
    """Return the key of an element that holds in a segment, of a policy or the one it is like."""
    names = [p.name for p in toml.policy]
    k = names.index(policy)
    own = {(s, e.name): key for s, key, e in placed(toml.policy[k])}
    for at in ((segment, element), ("", element)):
        if at in own:
            return f"policy[{k}].{own[at]}"
    like = toml.policy[k].like
    return _place(toml, like, segment, element) if like else f"policy[{k}]"


def _staging(elements: Iterable[Element]) -> tuple[Role, ...]:
    """Return every kind of customer that may get a rebate."""
    return (*roles(list(elements), lifted=False, returning=True), Role(TODAY, base=True))
