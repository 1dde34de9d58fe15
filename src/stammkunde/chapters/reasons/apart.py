"""What if: the curve without the causes that nobody can influence, and a sum that misleads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from stammkunde.chapters.parts import assumptions, counted, remarks
from stammkunde.chapters.reasons.causes import NO, Causes, quoted
from stammkunde.chapters.reasons.shares import Told, Words
from stammkunde.result import Estimate, Finding, Sentence, Status
from stammkunde.study import Study
from stammkunde.survival.causes import net_survival

# Smaller differences would not show in the number of digits that is printed.
TOLD_APART = 0.005


def apart(study: Study, found: Causes, words: Words, estimates: Mapping[str, Estimate]) -> Told:
    """Return what would be without the causes out of reach, and the sum of curves by cause.

    The former is a thought experiment under independence of the causes. The latter is what comes
    out when each cause is taken as if the others were not, and all are added up.
    """
    left = estimates[f"left.{found.span}"]
    nets, numbers = _without(study, found, words)
    naive = _added_up(found)
    if naive is None or left.value is None or naive < left.value + TOLD_APART:
        return nets, numbers
    finding = Finding(
        id="reasons.naive",
        status=found.stay.status,
        assumptions=found.stay.assumptions,
        sentence=Sentence("reasons.naive", {**words, "naive": naive, "left": left}),
        importance=0.2,
        figure="reasons.stacked",
    )
    return [*nets, finding], numbers | {"naive": counted(naive, found.stay, "share")}


def _without(study: Study, found: Causes, words: Words) -> Told:
    """Return the survival if nobody left for what the client cannot influence, beside the real."""
    gone = found.of(NO)
    if not gone:
        return [], {}
    curve = net_survival(found.table, gone, given=found.given)
    net, stay = curve.at(found.span), found.stay.at(found.span)
    if net.value is None:
        return [], {}
    net = replace(net, assumptions=(*assumptions(study), *net.assumptions))
    names = quoted([found.names[c] for c in gone])
    told = {**words, "count": len(gone), "names": names, "net": net, "stay": stay}
    finding = Finding(
        id="reasons.net",
        status=Status.ESTIMATED,
        assumptions=net.assumptions,
        sentence=Sentence("reasons.net", told),
        importance=0.25,
        remarks=remarks(net),
    )
    return [finding], {f"net.{found.span}": net, f"stay.{found.span}": stay}


def _added_up(found: Causes) -> float | None:
    """Return the sum of one less a Kaplan-Meier curve per cause; None with a single cause."""
    if len(found.seen) < 2:
        return None
    total = 0.0
    for cause in found.seen:
        others = [c for c in found.table.causes if c != cause]
        curve = net_survival(found.table, others, exposure="whole", given=found.given)
        total += 1 - float(curve.value[found.span])
    return total
