"""Who takes an offer up: a share that the data know, put where a policy names it.

`QUESTION.taken` in a policy is the share of those asked about who had the offer, level by level of
the segments where these are told apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from stammkunde.chapters.policies.valued.effects import Found
from stammkunde.policy.declared import TAKEN
from stammkunde.policy.ledger import Ledger, estimated
from stammkunde.policy.offers import Element, Policy


def with_taken(ledger: Ledger, found: Mapping[str, Found], when: date) -> Ledger:
    """Return the ledger with the shares that took each offer, as they were counted."""
    rows = [
        estimated(name_of(question, level), share, when=when)
        for question, one in found.items()
        for level, share in one.took.items()
        if share.value is not None
    ]
    return replace(ledger, assumptions=(*ledger.assumptions, *rows))


def name_of(question: str, level: str = "") -> str:
    """Return how the ledger calls the share that took a question's offer, in all or of a level."""
    return f"{question}{TAKEN}.{level}" if level else f"{question}{TAKEN}"


def by_level(policy: Policy, levels: Sequence[str], ledger: Ledger) -> Policy:
    """Return the policy with each level's own share of takers, where the ledger knows it."""
    segments = {n: [*own] for n, own in policy.segments.items()}
    for level in levels:
        for element in policy.of(level):
            own = _own(element, level, ledger)
            if own is None:
                continue
            kept = [e for e in segments.get(level, []) if e.name != element.name]
            segments[level] = [*kept, own]
    return replace(policy, segments={n: tuple(own) for n, own in segments.items()})


def _own(element: Element, level: str, ledger: Ledger) -> Element | None:
    """Return the element with a level's own numbers; None where it names none."""
    names: dict[str, Any] = {
        key: f"{x}.{level}"
        for key, x in vars(element).items()
        if isinstance(x, str) and x.endswith(TAKEN) and f"{x}.{level}" in ledger.names
    }
    return replace(element, **names) if level and names else None
