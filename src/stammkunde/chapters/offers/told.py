"""What is said of one question: its answer, its claim, or why there is no answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from stammkunde.chapters.offers.asked import plainly_asked, words_of
from stammkunde.chapters.offers.measures import apart
from stammkunde.chapters.offers.naive import is_way, short, usual_finding, usual_of
from stammkunde.chapters.offers.read import Unasked
from stammkunde.chapters.offers.spoken import direction, least_of
from stammkunde.chapters.offers.terms import earlier_terms
from stammkunde.chapters.parts import remarks
from stammkunde.evidence.adequacy import NO_COUNTERPART, NO_COUNTERPART_IN_TIME
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.judged import Judged
from stammkunde.evidence.asking.made import CONTROL, TREATED
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.result import Estimate, Finding, Sentence, Status, Verdict, turned
from stammkunde.study import Study
from stammkunde.survival.curve import NOT_OBSERVED

PLAIN = 0.3
# what is less is written as nought
SHOWN = 0.05
# the workshop's question whether the loyal stay because of the rebate, or get it because they stay
BECAUSE = (12,)
ON_A_DAY = ("day", "regions")
EARNED = ("landmark", "grace")
WHY = {"why": "refused", "remedy": "remedy"}
# what is said otherwise where all have the offer, and of events, which nobody deals out
EVERYBODY = "no_counterpart_everybody"
OF_EVENTS = {
    NO_COUNTERPART: {"remedy": f"{NO_COUNTERPART}_event"},
    NO_COUNTERPART_IN_TIME: dict.fromkeys(WHY, f"{NO_COUNTERPART_IN_TIME}_event"),
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One question of a study, its answer, and what became of its claim.

    `by_share` is what became of it in customers still there, `importance` the answer's among those
    of a report.
    """

    study: Study
    question: QuestionToml
    answer: Answer
    judged: Judged
    by_share: Judged | None = None
    importance: float = PLAIN

    @property
    def id(self) -> str:
        """Return the id of the section, with which those of its parts begin."""
        return f"offers.{self.question.name}"

    @property
    def least(self) -> int:
        """Return how many persons may be shown."""
        return least_of(self.study)

    @property
    def words(self) -> dict[str, object]:
        """Return the words of the question with the numbers of its answer."""
        a = self.answer
        words = words_of(self.study, a.estimand)
        there = "there" if a.estimand.design in ON_A_DAY else "any"
        words |= {"who": Sentence(f"offers.who.{there}"), "lots": ""}
        if a.trial.clusters:
            words["lots"] = Sentence("offers.lots", words | clusters_of(a))
        if a.months.value is None:
            return words
        words |= {"months": a.months, "size": size(a.months), "share": a.share}
        return words | {"share_size": size(a.share)}


def clusters_of(answer: Answer) -> dict[str, int]:
    """Return how many regions, branches or teams are in each arm."""
    arms = {"with_it": TREATED, "without_it": CONTROL}
    return {n: int((answer.trial.arm(a).heads > 0).sum()) for n, a in arms.items()}


def size(estimate: Estimate) -> Estimate:
    """Return a difference without its sign: the words say which way it goes."""
    return turned(estimate) if (estimate.value or 0.0) < 0 else estimate


def way(case: Case) -> str:
    """Return which way the answer goes: a `direction`, or "small" where none can matter."""
    months, relevant = case.answer.months, case.answer.estimand.relevant
    key = direction(months)
    if months.value is None or months.low is None or months.high is None:
        return key
    within = max(-months.low, months.high) < relevant
    return "small" if within and (key == "open" or abs(months.value) < SHOWN) else key


def heading(case: Case) -> Sentence:
    """Return the heading of the section: the answer, in words."""
    return Sentence(f"offers.heading.{way(case)}", case.words)


def findings(case: Case) -> list[Finding]:
    """Return what is said of a question, its answer first."""
    if case.answer.months.value is None:
        return [_refused(case)]
    found = [_main(case), _still_there(case), _share(case), _claim(case)]
    found.append(apart(case.id, case.answer, case.words, case.judged, case.by_share))
    found.append(usual_finding(case.answer, case.least, case.words))
    found.append(earlier_terms(case.study, case.id, case.answer, case.words))
    return [f for f in found if f is not None]


def _main(case: Case) -> Finding:
    a, q = case.answer, case.question
    words = case.words
    usual_words = short(a, case.least, words)
    more = {"says": Sentence(f"offers.says.{way(case)}", words), "usual": usual_words}
    return Finding(
        id=case.id,
        status=a.months.status,
        assumptions=a.months.assumptions,
        sentence=Sentence("offers.main", {**words, **more}),
        headline=heading(case),
        importance=case.importance,
        questions=BECAUSE if a.estimand.design in EARNED else (),
        claims=q.claims,
        figure=f"{case.id}.steps" if is_way(a) else "",
        table=f"{case.id}.steps" if usual_of(a, case.least) else "",
        remarks=remarks(a.months),
    )


def _still_there(case: Case) -> Finding | None:
    """Return, of a landmark, the effect among those still there, and how many get so far."""
    a, landmark = case.answer, case.answer.compared.months
    if a.still_there is None or a.still_there.value is None or landmark.value is None:
        return None
    key = direction(landmark)
    words = {**case.words, "still": a.still_there, "those": landmark, "those_size": size(landmark)}
    return Finding(
        id=f"{case.id}.still_there",
        status=landmark.status,
        assumptions=landmark.assumptions,
        sentence=Sentence(f"offers.still_there.{key}", words),
        importance=0.2,
        figure=f"{case.id}.curves",
    )


def _share(case: Case) -> Finding | None:
    share = case.answer.share
    if share.value is None:
        return None
    return Finding(
        id=f"{case.id}.share",
        status=share.status,
        assumptions=share.assumptions,
        sentence=Sentence(f"offers.share.{direction(share)}", case.words),
        importance=0.2,
        figure=f"{case.id}.curves",
    )


def _claim(case: Case) -> Finding | None:
    """Return whether the effect matters, in the declared direction.

    Where nobody claimed anything, an effect the other way answers no question: None.
    """
    j, e = case.judged, case.answer.estimand
    if not case.question.claims and verdict_key(j) == "against":
        return None
    words = {**case.words, "signed": j.signed, "detectable": j.detectable, "claims": j.claims}
    several = "all" if j.claims > 1 else "alone"
    kind = "claimed" if case.question.claims else "asked"
    claimed = Sentence(f"offers.claimed.{e.claimed}", case.words)
    words |= {
        "was": Sentence(f"offers.was.{kind}", {"claimed": claimed}),
        "allowing": Sentence(f"offers.allowing.{several}", {"claims": j.claims}),
    }
    return Finding(
        id=f"{case.id}.claim",
        status=Status.ESTIMATED,
        verdict=j.verdict if case.question.claims else None,
        assumptions=case.answer.months.assumptions,
        sentence=Sentence(f"offers.claim.{verdict_key(j)}", words),
        importance=0.2,
        claims=case.question.claims,
        table="offers.overview",
    )


def verdict_key(judged: Judged) -> str:
    """Return which sentence a verdict deserves."""
    s = judged.signed
    if judged.verdict == Verdict.SUPPORTED:
        return "supported"
    if judged.verdict == Verdict.NOT_IDENTIFIABLE:
        return "refused"
    if judged.verdict == Verdict.TOO_FEW_DATA:
        return "open_effect" if judged.is_secured else "open"
    assert s.low is not None
    assert s.high is not None
    if s.high < 0:
        return "against"
    return "weak" if s.low > 0 else "none"


def _refused(case: Case) -> Finding:
    """Return why the data cannot answer, and what would let them."""
    a = case.answer
    words = {**case.words, **_effective(case)}
    reason = a.refused or NOT_OBSERVED
    own = OF_EVENTS.get(reason, {}) if case.question.event else {}
    if reason in OF_EVENTS and _all_have_it(a):
        own = dict.fromkeys(WHY, EVERYBODY)
    more = _why(reason, words, own) | {"usual": short(a, case.least, words)}
    return _unanswered(case.id, words | more, case.question)


def _all_have_it(answer: Answer) -> bool:
    """Return whether nobody at all was there without it."""
    rows = answer.counted
    return rows is not None and int(rows.n[rows.arm == CONTROL].sum()) == 0


def _effective(case: Case) -> Mapping[str, object]:
    arms = case.answer.compared.adequacy.arms
    named = {"treated": "effective_treated", "control": "effective_control"}
    known = {n: arms[a].effective for a, n in named.items() if a in arms}
    return known | {f"persons_{a}": arms[a].persons for a in named if a in arms}


def unasked(study: Study, question: QuestionToml, why: Unasked) -> tuple[Sentence, Finding]:
    """Return heading and finding of a question of which the data tell nothing, for the reason."""
    words = plainly_asked(study, question, why.told)
    head = Sentence("offers.heading.refused", words)
    more = _why(why.reason, words) | {"usual": ""}
    return head, _unanswered(f"offers.{question.name}", words | more, question)


def _why(
    reason: str, words: Mapping[str, object], own: Mapping[str, str] = MappingProxyType({})
) -> dict[str, object]:
    """Return the words for why there is no answer, and for what would let there be one.

    `own` are the keys of those that are not the reason's.
    """
    return {n: Sentence(f"offers.{k}.{own.get(n, reason)}", words) for n, k in WHY.items()}


def _unanswered(name: str, words: Mapping[str, object], question: QuestionToml) -> Finding:
    return Finding(
        id=name,
        status=Status.NOT_IDENTIFIABLE,
        verdict=Verdict.NOT_IDENTIFIABLE if question.claims else None,
        sentence=Sentence("offers.unanswered", words),
        headline=Sentence("offers.heading.refused", words),
        unknown=Sentence("offers.unknown", words),
        importance=0.2,
        claims=question.claims,
    )
