"""Do those who have come back leave sooner, or do those come back who leave soon?"""

from __future__ import annotations

from stammkunde.chapters.parts import remarks
from stammkunde.result import Estimate, Finding, Sentence, Status
from stammkunde.survival.persons import OrderEffect


def order_finding(order: OrderEffect) -> Finding | None:
    """Return the finding on second spells against first, as pooled and with frailty beside it.

    None where too few came back for either number.
    """
    naive, frailty = order.naive, order.frailty
    if naive.value is None or frailty.value is None:
        return None
    words = {"naive": naive, "frailty": frailty, "returners": order.returners}
    key = _verdict(naive, frailty) if not order.at_boundary else "alike"
    return Finding(
        id="lifetimes.persons.order",
        status=Status.NOT_IDENTIFIABLE if key.endswith("remains") else frailty.status,
        assumptions=frailty.assumptions,
        sentence=Sentence(f"persons.order.{key}", words),
        importance=0.2,
        remarks=(Sentence("persons.order.note"), *remarks(naive)),
    )


def _verdict(naive: Estimate, frailty: Estimate) -> str:
    """Return which sentence the two ratios deserve.

    A difference of the pooled ratio that the other does not confirm comes from who returns. One
    that remains may still come from who returns, and from contracts that have changed: the data
    cannot tell.
    """
    if _apart(naive) == 0:
        return "same"
    faster = "faster" if _apart(naive) > 0 else "slower"
    return f"{faster}_remains" if _apart(frailty) == _apart(naive) else f"{faster}_open"


def _apart(ratio: Estimate) -> int:
    """Return 1 or -1 where the whole interval lies above or below 1, else 0."""
    if ratio.low is None or ratio.high is None:
        return 0
    return int(ratio.low > 1) - int(ratio.high < 1)
