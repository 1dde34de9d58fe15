"""What is taken for granted where a policy takes something away, or its amount was turned: ids."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from stammkunde.chapters.policies.valued.standing import is_typed
from stammkunde.policy.offers import Element, LoyaltyRebate, Policy, Population, RebateForAll

WITHDRAWN = "withdrawal_unminded"
DECLARED = "reaction_as_declared"


def granted(policies: Sequence[Policy], today: Policy, dialled: Collection[str]) -> tuple[str, ...]:
    """Return what else is assumed: that nobody minds losing a rebate, and that reactions still fit.

    `dialled` are the policies with an amount other than the one for which reactions were typed.
    """
    named = (WITHDRAWN,) if any(_takes_away(p, today) for p in policies) else ()
    turned = [p for p in policies if p.name in dialled]
    typed = any(is_typed(e) for p in turned for _, e in p.all())
    return (*named, *((DECLARED,) if typed else ()))


def _takes_away(policy: Policy, today: Policy) -> bool:
    """Return whether today's customers lose a rebate that they have now, whole or in part."""
    own = [e for _, e in policy.all()]
    return any(_lasting(e) and e not in own and not _goes_on(e, own) for _, e in today.all())


def _lasting(element: Element) -> bool:
    """Return whether today's customers hold a rebate for as long as they stay."""
    if not isinstance(element, LoyaltyRebate | RebateForAll):
        return False
    return element.applies != Population.NEW


def _goes_on(element: Element, own: Sequence[Element]) -> bool:
    """Return whether a rebate of the same name is still for today's customers."""
    return any(e.name == element.name and _lasting(e) for e in own)
