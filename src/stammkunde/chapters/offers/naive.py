"""The usual number beside the answer: what it compares, why it fools, and how far it is off."""

from __future__ import annotations

from collections.abc import Mapping

from stammkunde.chapters.offers.asked import Words
from stammkunde.evidence.asking.answer import Answer, Step
from stammkunde.result import Estimate, Finding, Sentence, Status
from stammkunde.survival.curve import TOO_FEW_PERSONS

# from so many times on nobody asks for decimals
WHOLE = 10.0
CLEAR = 1.5
ENDS = 2


def usual_of(answer: Answer, least: int) -> Step | None:
    """Return the usual number, where there is one of another kind than the answer.

    None, too, of fewer than `least` persons, or of arms too small for an answer.
    """
    first = answer.steps[0]
    few = answer.refused == TOO_FEW_PERSONS or min(first.sizes, default=least) < least
    alone = len(answer.steps) < 2 or first.months.value is None
    return None if few or alone else first


def is_way(answer: Answer) -> bool:
    """Return whether the way from the usual number to the answer has more than its two ends."""
    return len(answer.steps) > ENDS


def is_off(answer: Answer, usual: Estimate) -> bool:
    """Return whether the usual number lies outside the interval of the answer."""
    low, high = answer.months.low, answer.months.high
    if usual.value is None or low is None or high is None:
        return False
    return not low <= usual.value <= high


def off(answer: Answer, usual: Estimate) -> str:
    """Return how the usual number is off: "sign", "times", "apart", "near", or "alone"."""
    value, shown = answer.months.value, usual.value
    if value is None or shown is None:
        return "alone"
    if not is_off(answer, usual):
        return "near"
    if not _is_clear(answer.months):
        return "apart"
    if value * shown < 0:
        return "sign"
    return "times" if abs(shown / value) >= CLEAR else "apart"


def _is_clear(months: Estimate) -> bool:
    assert months.low is not None
    assert months.high is not None
    return months.low > 0 or months.high < 0


def short(answer: Answer, least: int, words: Words) -> Sentence | str:
    """Return the sentence that stands behind the answer: the usual number, and why it fools."""
    step = usual_of(answer, least)
    if step is None:
        return ""
    more = {**words, "usual": step.months}
    how = {"near": "near", "alone": "alone"}.get(off(answer, step.months), "off")
    return Sentence(f"offers.usual.{step.name}.{how}", more)


def usual_finding(answer: Answer, least: int, words: Mapping[str, object]) -> Finding | None:
    """Return the finding on how far the usual number is off, and what brings it back."""
    step = usual_of(answer, least)
    if step is None or answer.months.value is None:
        return None
    how = off(answer, step.months)
    known = {**words, "usual": step.months, "months": answer.months}
    more = {
        "off": _off(how, answer, step.months),
        "compares": Sentence(f"offers.compares.{step.name}", known),
        "way": _way(answer, known),
    }
    return Finding(
        id=f"offers.{answer.estimand.name}.usual",
        status=Status.ESTIMATED,
        assumptions=answer.months.assumptions,
        sentence=Sentence(f"offers.why.{step.name}", {**known, **more}),
        importance=0.25 if how != "near" else 0.1,
        figure=f"offers.{answer.estimand.name}.steps" if is_way(answer) else "",
        table=f"offers.{answer.estimand.name}.steps",
    )


def _off(how: str, answer: Answer, usual: Estimate) -> Sentence:
    if how == "apart" and _looks_inside(answer, usual):
        return Sentence("offers.off.barely")
    if how != "times":
        return Sentence(f"offers.off.{how}")
    assert usual.value is not None
    assert answer.months.value is not None
    times = usual.value / answer.months.value
    return Sentence(f"offers.off.{'times_whole' if times >= WHOLE else how}", {"times": times})


def _looks_inside(answer: Answer, usual: Estimate) -> bool:
    """Return whether the usual number, as printed, is a limit of the interval it lies outside."""
    shown, *limits = (
        f"{x or 0.0:.1f}" for x in (usual.value, answer.months.low, answer.months.high)
    )
    return shown in limits


def _way(answer: Answer, words: Words) -> Sentence | str:
    """Return the words for the steps between the usual number and the answer."""
    between = [s for s in answer.steps[1:-1] if s.months.value is not None]
    if not between:
        return ""
    return Sentence(
        f"offers.way.{answer.estimand.design}", {**words, "between": between[-1].months}
    )
