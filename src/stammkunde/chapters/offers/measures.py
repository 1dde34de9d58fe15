"""What was asked, read by both measures: in expected units, and in customers still there."""

from __future__ import annotations

from collections.abc import Mapping

from stammkunde.chapters.parts import unit
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.judged import Judged
from stammkunde.result import Finding, Sentence, Verdict

# a measure whose data do not answer is judged as nothing, and parts from no other
TOLD = (Verdict.SUPPORTED, Verdict.NOT_SUPPORTED, Verdict.TOO_FEW_DATA)


def apart(
    name: str, answer: Answer, words: Mapping[str, object], months: Judged, share: Judged | None
) -> Finding | None:
    """Return what is said where the measures come to different verdicts; None where they do not.

    `name` is the id of the question's section, `words` those of the question, `months` and `share`
    what became of it by either measure. The verdict of a claim stays that in units of tenure.
    """
    if (
        share is None
        or {months.verdict, share.verdict} - {*TOLD}
        or months.verdict == share.verdict
    ):
        return None
    more = {
        "in_months": Sentence(f"measures.{_reads(months)}"),
        "in_share": Sentence(f"measures.{_reads(share)}"),
        "units_in": unit(answer.estimand.unit, case="dative"),
        "relevant_share": answer.estimand.relevant_share,
    }
    return Finding(
        id=f"{name}.measures",
        status=answer.share.status,
        assumptions=answer.share.assumptions,
        sentence=Sentence("measures.apart", {**words, **more}),
        importance=0.2,
        figure=f"{name}.curves",
    )


def _reads(judged: Judged) -> str:
    """Return the word for what a measure says of an effect that matters."""
    if judged.verdict == Verdict.SUPPORTED:
        return "reaches"
    if judged.verdict == Verdict.TOO_FEW_DATA:
        return "open"
    return "against" if (judged.signed.high or 0.0) < 0 else "below"
