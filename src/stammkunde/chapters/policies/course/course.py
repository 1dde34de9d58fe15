"""When the best policy overtakes what customers get today, and when a newcomer has paid his way."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stammkunde.chapters.exhibit import Section
from stammkunde.chapters.parts import results, unit
from stammkunde.chapters.policies.compare import challenger_of, leader_of, words_of
from stammkunde.chapters.policies.course.built import Built, ahead, built, lasting, payback
from stammkunde.chapters.policies.course.course_shown import ID, figure, tables
from stammkunde.chapters.policies.course.repaid import DRAWS, Repaid, repaid
from stammkunde.chapters.policies.numbers import count_of
from stammkunde.chapters.policies.read import Decision
from stammkunde.result import Finding, Result, Sentence

TOLD, EARLY, NEWCOMER = 0.55, 0.5, 0.3
SHARED = (
    "leader",
    "shown",
    "comparator",
    "difference",
    "client",
    "as_of",
    "level",
    "currency",
    "draws",
)
# of a currency: less behind than this is not told
LEAST = 0.5


def course(decision: Decision) -> Section:
    """Return the section on how value builds up over the months, always against the comparator.

    Results are the lead by month (`policy.cumulative.NAME.12`), its lowest and highest, the month
    from which on it lasts, the share of draws in which it does, and a newcomer's payback.
    """
    given, paid = built(decision), repaid(decision)
    words = _words(given)
    findings = [_overtakes(given, words), *_early(given, words), *_newcomer(given, paid, words)]
    return Section(
        id=ID,
        heading=Sentence("policy_course.heading"),
        findings=findings,
        figures=[figure(given, situation(given), words)],
        tables=tables(given, paid, words),
        paragraphs=[Sentence("policy_course.method", words)],
        results=[*_results(given), *_repaid_results(decision, paid)],
    )


def situation(given: Built) -> str:
    """Return "over" or "start" where a policy is ahead at the end, else "fades" or "behind".

    "start" where it is from the first month on; "fades" where the best of the others is ahead of
    the comparator at first.
    """
    decision = given.decision
    shown = challenger_of(decision)
    if leader_of(decision) != decision.comparator:
        return "start" if payback(given, shown).value == 1 else "over"
    return "fades" if (given.mean(shown)[:-1] > 0).any() else "behind"


def _words(given: Built) -> dict[str, object]:
    """Return the words that sentences on the course share, on the best of the other policies."""
    decision = given.decision
    shown, first = challenger_of(decision), given.ends[0]
    (low_month, lowest), (high_month, highest) = given.lowest(shown), given.highest(shown)
    low = decision.league.of(shown).difference.low
    doubted = low is not None and low <= 0
    paid = payback(given, shown)
    fallen = {"in_low": _months(low_month), "lowest": lowest}
    is_behind = (lowest.value or 0.0) <= -LEAST
    shared = words_of(decision)
    return {name: shared[name] for name in SHARED} | {
        "dip": Sentence("policy_course.dip", fallen) if is_behind else "",
        "payback": paid,
        "in_payback": _months(int(paid.value or 0)),
        "ahead": ahead(decision, shown),
        "highest": highest,
        "first": given.at(shown, first),
        "in_first": _months(first),
        "in_high": _months(high_month),
        "in_fade": _months(_faded(given, shown)),
        "in_horizon": _months(decision.market.horizon),
        "drawn_in": len(decision.by_month),
        "unsure": Sentence("policy_course.unsure") if doubted else "",
    }


def _months(count: int) -> Sentence:
    """Return so many months as they stand after "nach" and "after"."""
    words = {"months": count, "unit": unit("month", count, "dative")}
    return Sentence("policy_course.months", words)


def _faded(given: Built, name: str) -> int:
    """Return the month in which a policy is no longer ahead for good; 0 where it never was."""
    ahead_in = np.flatnonzero(given.mean(name) > 0)
    return int(ahead_in[-1]) + 2 if len(ahead_in) else 0


def _overtakes(given: Built, words: Mapping[str, object]) -> Finding:
    decision, kind = given.decision, situation(given)
    key = "start_short" if kind == "start" and len(given.ends) == 1 else kind
    return Finding(
        id=ID,
        status=decision.league.of(challenger_of(decision)).difference.status,
        sentence=Sentence(f"policy_course.told.{key}", words),
        importance=TOLD,
        figure=ID,
        table=ID,
    )


def _early(given: Built, words: Mapping[str, object]) -> list[Finding]:
    """Return that another policy leads after a year, where neither leader nor comparator does."""
    decision, first = given.decision, given.ends[0]
    leader = leader_of(decision)
    early = max(given.names, key=lambda n: float(given.mean(n)[first - 1]))
    if early == leader or given.mean(early)[first - 1] <= 0 or len(given.ends) == 1:
        return []
    if leader == decision.comparator and early == challenger_of(decision):
        return []
    until = lasting(given.mean(leader) - given.mean(early))
    said = dict(words) | {
        "early": decision.title(early),
        "early_lead": given.at(early, first),
        "in_until": _months(int(until)),
    }
    return [
        Finding(
            id=f"{ID}.early",
            status=decision.league.of(early).difference.status,
            sentence=Sentence("policy_course.told.early", said),
            importance=EARLY,
            figure=ID,
        )
    ]


def _newcomer(
    given: Built, paid: Mapping[str, Repaid], words: Mapping[str, object]
) -> list[Finding]:
    """Return when a newcomer has paid his way today, and what is usually reckoned."""
    decision = given.decision
    if decision.comparator not in paid:
        return []
    own = paid[decision.comparator]
    # whose first payment is enough need not be told of
    if own.discounted.value in (0, 1):
        return []
    later, usual = own.discounted.value, own.plain.value
    said = dict(words) | {"plain": own.plain, "discounted": own.discounted}
    if later is None or usual is None:
        kind = "never"
    else:
        kind = "later" if later > usual else "same"
    return [
        Finding(
            id="policy.repaid",
            status=own.discounted.status,
            sentence=Sentence(f"policy_course.newcomer.{kind}", said),
            importance=NEWCOMER,
            table="policy.repaid",
        )
    ]


def _results(given: Built) -> list[Result]:
    found: list[Result] = []
    for name in given.names:
        years = {str(m): given.at(name, m) for m in given.ends}
        found += results(f"policy.cumulative.{name}", years)
        other = {
            "payback": payback(given, name),
            "ahead": ahead(given.decision, name),
            "lowest": given.lowest(name)[1],
            "highest": given.highest(name)[1],
        }
        found += [r for k, e in other.items() for r in results(f"policy.{k}", {name: e})]
    return found


def _repaid_results(decision: Decision, paid: Mapping[str, Repaid]) -> list[Result]:
    drawn = min(DRAWS, decision.league.draws)
    found = results("policy.draws", {"repaid": count_of(drawn)}) if paid else []
    for name, own in paid.items():
        usual = own.plain.value
        naive = {name: usual} if usual is not None else {}
        found += results("policy.repaid", {name: own.discounted}, naive=naive)
        found += results("policy.repaid.plain", {name: own.plain})
        found += results("policy.repaid.surviving", {name: own.surviving})
    return found
