"""How wrong an answer would have to be: what is known, what is not, what should not differ."""

from __future__ import annotations

from dataclasses import replace

from stammkunde.chapters.exhibit import Section
from stammkunde.chapters.offers.doubts.alike import alike
from stammkunde.chapters.offers.doubts.unrecorded import unrecorded
from stammkunde.chapters.offers.doubts.untouched import dealt_remark, untouched
from stammkunde.chapters.offers.doubts.weights import weights
from stammkunde.chapters.offers.spoken import words_of
from stammkunde.evidence.asking.answer import Answer
from stammkunde.result import Finding, Sentence
from stammkunde.study import Study


def doubts(study: Study, answer: Answer) -> Section:
    """Return the doubts about an answer: findings, pictures, tables and results.

    The most telling first: what of the unrecorded would overturn it, or whether the lot was kept;
    then what should not differ, how alike the arms are, and what the weights cost. Of an answer
    that was refused, what is known of the arms all the same.
    """
    parts = [part(study, answer) for part in (unrecorded, untouched, alike, weights)]
    findings = [f for part in parts for f in part.findings]
    if answer.estimand.assignment == "drawn":
        findings.sort(key=lambda f: not f.id.endswith(".lot"))
    return Section(
        id=f"offers.{answer.estimand.name}.doubts",
        heading=Sentence("doubts.heading", words_of(study, answer)),
        findings=_remarked(findings, dealt_remark(answer)),
        figures=[f for part in parts for f in part.figures],
        tables=[t for part in parts for t in part.tables],
        results=[r for part in parts for r in part.results],
    )


def _remarked(findings: list[Finding], more: tuple[Sentence, ...]) -> list[Finding]:
    """Return the findings, the first with remarks more."""
    if not findings or not more:
        return findings
    return [replace(findings[0], remarks=(*findings[0].remarks, *more)), *findings[1:]]
