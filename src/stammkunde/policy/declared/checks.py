"""Refused at reading: what no policy can be, with the key at which it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stammkunde.errors import nearest
from stammkunde.policy.declared import drawn, faults, framed, proposed
from stammkunde.policy.declared.faults import Fault, raise_first
from stammkunde.policy.declared.made import policies_of
from stammkunde.policy.declared.nouns import Declared, PilotToml, SettingToml
from stammkunde.policy.offers.elements import Programme


def check_policies(toml: Declared, languages: Sequence[str], where: str) -> None:
    """Raise SchemaError, naming the key, for policies that cannot be or do not fit the data.

    `languages` are the locales of the reports.
    """
    raise_first(_faults(toml, languages), where)


def _faults(toml: Declared, languages: Sequence[str]) -> Iterator[Fault]:
    """Yield what is wrong; each part may rely on those before it."""
    yield from framed.presence(toml)
    own = toml.setting
    if own is None:
        return
    yield from faults.names(toml)
    yield from faults.texts(toml, languages)
    yield from framed.setting(toml, own)
    yield from drawn.ledger(toml)
    yield from proposed.policies(toml, own)
    if toml.pilot is not None:
        yield from _pilot(toml, own, toml.pilot)
    draws = drawn.draws_of(toml, own)
    yield from drawn.numbers(toml, draws)
    yield from proposed.above_price(toml, own, drawn.ends_of(toml, own, draws))


def _pilot(toml: Declared, own: SettingToml, pilot: PilotToml) -> Iterator[Fault]:
    others = [p.name for p in toml.policy if p.name != own.comparator]
    if pilot.policy == own.comparator:
        yield (
            "pilot.policy",
            "it is the comparator, which customers get without a pilot",
            "Name the policy that is to be tried.",
        )
    if pilot.policy not in others:
        yield (
            "pilot.policy",
            f'no policy is called "{pilot.policy}"',
            nearest(pilot.policy, others),
        )
    made = {p.name: p for p in policies_of(toml)}
    # dealt out may be what only the comparator has: then it is withheld by lot
    known = {e.name: e for n in (own.comparator, pilot.policy) for _, e in made[n].all()}
    if any(isinstance(e, Programme) and e.name == pilot.element for e in known.values()):
        yield (
            "pilot.element",
            "a programme is what a policy costs, and nobody gets it",
            "Name an element that some customers get and others do not.",
        )
    if pilot.element not in known:
        yield (
            "pilot.element",
            f'neither the policy nor the comparator has an element "{pilot.element}"',
            nearest(pilot.element, known) or "Give the policy something to deal by lot.",
        )
    if pilot.difference == 0.0:
        yield (
            "pilot.difference",
            "it is 0",
            "Write the smallest effect in months that would change the decision.",
        )
