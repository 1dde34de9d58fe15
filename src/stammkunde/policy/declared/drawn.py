"""Numbers that are assumed: known, drawn within what may stand there, and named somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.policy.declared.faults import Fault, of_error
from stammkunde.policy.declared.made import assumption_of, ledger_of, placed
from stammkunde.policy.declared.nouns import Declared, SettingToml
from stammkunde.policy.offers.given import Draws, assumed, joined, resolved

# the first draws are the same however many there are
MOST = 10_000
COLUMN = "acquisition"
# behind the name of a question: the share that took its offer, known from the data
TAKEN = ".taken"


@dataclass(frozen=True)
class Named:
    """Where the name of an assumption stands: the key, and the noun and field that hold it."""

    key: str
    name: str
    noun: Any
    field: str


def ledger(toml: Declared) -> Iterator[Fault]:
    """Yield what cannot be assumed, or not together."""
    for k, a in enumerate(toml.assumption):
        try:
            assumption_of(a)
        except ParameterError as error:
            yield of_error(f"assumption[{k}]", error)
    try:
        ledger_of(toml)
    except ParameterError as error:
        yield (
            of_error("", error)[0].replace("correlations", "correlation"),
            error.what,
            error.remedy,
        )


def draws_of(toml: Declared, own: SettingToml) -> Draws:
    """Return draws of everything assumed, the first ones of those that a report makes.

    Shares that the data will tell are 1.
    """
    counted = {f"{q.name}{TAKEN}": np.ones(1) for q in toml.question}
    return counted | ledger_of(toml).draws(min(own.draws, MOST))


def ends_of(toml: Declared, own: SettingToml, draws: Draws) -> Draws:
    """Return the least that the price can be, and the most of everything else.

    What is correlated stays as it is drawn: its ends need not come together.
    """
    paired = {n for c in toml.correlation for n in (c.first, c.second)}
    found = dict(draws)
    for a in ledger_of(toml).assumptions:
        if a.name not in paired:
            furthest = min if a.name == own.price else max
            found[a.name] = np.array([furthest((*a.limits, *draws[a.name]))])
    return found


def numbers(toml: Declared, draws: Draws) -> Iterator[Fault]:
    """Yield names that nobody assumes, draws beyond what a number may be, and unused names."""
    used = set()
    for at in _named(toml):
        used.add(at.name)
        try:
            found = resolved(at.noun, at.field, draws)
        except ParameterError as error:
            yield at.key, error.what, error.remedy
        else:
            if at.field == "always_buyers" and not (np.min(found) > 0 and np.max(found) <= 1):
                yield at.key, f'a draw of "{at.name}" is no share', "A share above 0, at most 1."
    for k, a in enumerate(toml.assumption):
        if a.name not in used:
            yield (
                f"assumption[{k}].name",
                f'no number is called "{a.name}"',
                "Name it where it is used, or leave it out.",
            )


def _named(toml: Declared) -> Iterator[Named]:
    """Yield every place at which the name of an assumption stands."""
    own = toml.setting
    for noun, path in ((own, "setting"), (toml.rival, "rival")):
        if noun is None:
            continue
        for key, name in assumed(noun):
            if not (key == COLUMN and noun is own and name in toml.data.covariates):
                yield Named(joined(path, key), name, noun, key)
    for k, policy in enumerate(toml.policy):
        for _, place, element in placed(policy):
            for key, name in assumed(element):
                path = joined(f"policy[{k}].{place}", key)
                yield Named(path, name, *_holder(element, key))


def _holder(element: Any, key: str) -> tuple[Any, str]:
    """Return the noun and the field at a path such as `behaviour.reactions[0].ratio`."""
    *way, last = re.findall(r"\w+", key)
    noun = element
    for step in way:
        noun = noun[int(step)] if step.isdigit() else getattr(noun, step)
    return noun, last
