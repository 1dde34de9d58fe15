"""A share of customers that never leaves: printed only where observation was long enough."""

from __future__ import annotations

from stammkunde.chapters.exhibit import Section
from stammkunde.chapters.outlook.read import Ahead, Future, told
from stammkunde.chapters.parts import is_contradicted, lead, results, unit
from stammkunde.result import Estimate, Finding, Sentence, Status
from stammkunde.study import Study
from stammkunde.survival.projection.cure import MOST_LEFT, NOT_LONG_ENOUGH, Cure, cure_fraction


def stays(study: Study, found: Future) -> Section:
    """Return the section on a share of customers that stays for ever, or why none can be told.

    Left out where nothing is projected, or where ends of terms make the curve, which the laws with
    such a share do not know.
    """
    heading = Sentence("outlook.heading.stays")
    main = found.main
    if main is None or main.plan.ends:
        key = "not_projected" if main is None else "contract_stays"
        why = Sentence(f"outlook.left_out.{key}")
        return Section(id="outlook.stays", heading=heading, left_out=why, needed=False)
    cure = cure_fraction(main.table)
    share, left = (told(study, e, found) for e in (cure.share[""], cure.left))
    words = _words(study, found, main, share, left)
    estimates = {"share": share} | ({"left": left} if left.value is not None else {})
    terms = {} if found.under is None else {"terms": found.today}
    return Section(
        id="outlook.stays",
        heading=heading,
        findings=[_finding(study, cure, share, words)],
        results=results("outlook.stays", estimates, terms),
    )


def _words(
    study: Study, found: Future, main: Ahead, share: Estimate, left: Estimate
) -> dict[str, object]:
    words: dict[str, object] = {
        "lead": found.lead or lead(study),
        "reach": main.plan.reach,
        "one": unit(main.table.unit, 1),
        "most": MOST_LEFT,
    }
    words |= {"left": left} if left.value is not None else {}
    return words | ({"share": share} if share.value is not None else {})


def _finding(study: Study, cure: Cure, share: Estimate, words: dict[str, object]) -> Finding:
    known = share.value is not None
    key = "known" if known else share.reason
    if key == NOT_LONG_ENOUGH and cure.left.value is None:
        key = "no_curvature"
    return Finding(
        id="outlook.stays",
        status=Status.ESTIMATED if known else Status.NOT_IDENTIFIABLE,
        assumptions=share.assumptions,
        sentence=Sentence(f"outlook.stays.{key}", words),
        headline=None if known else Sentence("outlook.stays.headline"),
        importance=0.1 if is_contradicted(study) else 0.2,
        questions=(1,),
    )
