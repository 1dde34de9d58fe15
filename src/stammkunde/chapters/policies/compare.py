"""Which policy is worth most: the league, its euros and its doubt, as a section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from stammkunde.chapters.exhibit import Column, Dot, Figure, Section, Table
from stammkunde.chapters.parts import amount, lead, results, unit
from stammkunde.chapters.policies.book.worded import policy_title
from stammkunde.chapters.policies.equal import dialled_numbers, for_as_much
from stammkunde.chapters.policies.market.contracts import RUNNING
from stammkunde.chapters.policies.numbers import count_of, difference, difference_later, number
from stammkunde.chapters.policies.read import Decision
from stammkunde.policy.decide import Standing
from stammkunde.result import Estimate, Finding, Result, Sentence, Status

ID = "policy.compare"
FOREMOST = 0.99


def compare(decision: Decision) -> Section:
    """Return the section on which policy is worth most, always against the comparator.

    Mean, interval, chance of being best and regret stand side by side, for they can disagree.
    """
    words = words_of(decision)
    return Section(
        id=ID,
        heading=Sentence("policy.heading.compare"),
        findings=[_best(decision, words), *for_as_much(decision, words)],
        figures=[_figure(decision, words)],
        tables=[_table(decision, words)],
        paragraphs=[
            Sentence("policy.method.counted", words),
            Sentence("policy.method.league", words),
        ],
        results=_results(decision),
    )


def leader_of(decision: Decision) -> str:
    """Return the policy with the best mean; the comparator where it shares the first place."""
    leaders = decision.league.leaders
    return decision.comparator if decision.comparator in leaders else leaders[0]


def others(decision: Decision) -> list[Standing]:
    """Return where the policies stand that are not the comparator, the best first."""
    return [s for s in decision.league.standings if s.policy != decision.comparator]


def challenger_of(decision: Decision) -> str:
    """Return the best policy that is not the comparator."""
    return others(decision)[0].policy


def situation(decision: Decision) -> str:
    """Return how sure the choice is: "stay", "unsure", "leads" or "open".

    Where the comparator leads, it stays if every other policy's interval lies below 0, and else
    that is unsure. Another policy leads if its interval lies above 0, and else it is open.
    """
    leader = leader_of(decision)
    if leader == decision.comparator:
        may = any((s.difference.high or 0.0) > 0 for s in others(decision))
        return "unsure" if may else "stay"
    low = decision.league.of(leader).difference.low
    return "leads" if low is not None and low > 0 else "open"


def likeliest_of(decision: Decision) -> str:
    """Return the policy beside the comparator that is most often the best."""
    return max(others(decision), key=lambda s: s.best.value or 0.0).policy


def words_of(decision: Decision) -> dict[str, object]:
    """Return the words that sentences on the decision share."""
    horizon = decision.market.horizon
    shown = challenger_of(decision)
    standing, own = decision.league.of(shown), decision.league.of(decision.comparator)
    likeliest = decision.league.of(likeliest_of(decision))
    words: dict[str, object] = {
        "likeliest": decision.title(likeliest.policy),
        "likely_difference": likeliest.difference,
        "likely_best": likeliest.best,
        "more": difference(decision, shown, "customers", "count"),
    }
    words |= {
        "lead": lead(decision.study),
        "leader": decision.title(leader_of(decision)),
        "shown": decision.title(shown),
        "comparator": decision.title(decision.comparator),
        "difference": standing.difference,
        "best": standing.best,
        "regret": standing.regret,
        "stays_best": own.best,
        "stays_regret": own.regret,
        "policies": amount("policies", len(decision.policies)),
        "horizon": horizon,
        "unit": unit("month", horizon, "dative"),
        "units": unit("month"),
        "interest": decision.market.interest,
        "client": decision.study.name,
        "as_of": decision.study.as_of,
        "draws": decision.league.draws,
        "level": standing.difference.level,
        "currency": decision.currency,
    }
    later = difference_later(decision, shown)
    if later is not None:
        months = decision.beyond.months
        words |= {"later": later, "longer": months, "longer_unit": unit("month", months)}
    return words | {"heads": _heads(words)} | _counted(decision, words)


def _counted(decision: Decision, words: Mapping[str, object]) -> dict[str, Sentence]:
    """Return whose money is counted, and whether it is discounted."""
    there = any(p.customers for p in decision.basis.parts)
    who = Sentence(f"policy.who.{'all' if there else 'new'}", words)
    how = "interest" if decision.market.interest else "plain"
    return {"who": who, "discounted": Sentence(f"policy.discounted.{how}", words)}


def _heads(words: Mapping[str, object]) -> Sentence | str:
    """Return how many customers there are more at the end, where that is sure; what comes then."""
    more = words["more"]
    assert isinstance(more, Estimate)
    low, high = more.low or 0.0, more.high or 0.0
    known = "later" in words
    then = Sentence(f"policy.then.{'later' if known else 'uncounted'}", words)
    if low <= 0 <= high:
        return Sentence("policy.heads.alike", {"then": then}) if known else ""
    return Sentence(f"policy.heads.{'more' if low > 0 else 'fewer'}", {**words, "then": then})


def _best(decision: Decision, words: Mapping[str, object]) -> Finding:
    found = decision.league.of(challenger_of(decision))
    key = situation(decision)
    return Finding(
        id=ID,
        status=found.difference.status,
        sentence=Sentence(f"policy.best.{_told(decision, key)}", words),
        headline=Sentence(f"policy.headline.{key}.{_how(found)}", words),
        importance=FOREMOST,
        assumptions=decision.assumptions,
        questions=(13, 14),
        figure=ID,
        table=ID,
    )


def _told(decision: Decision, key: str) -> str:
    """Return how the situation is told: what holds in every draw is not called a likelihood."""
    always = decision.league.of(leader_of(decision)).best.value == 1
    return f"{key}_always" if always and key in ("leads", "stay") else key


def _how(found: Standing) -> str:
    return "assumed" if found.difference.status == Status.ASSUMED else "estimated"


def _figure(decision: Decision, words: Mapping[str, object]) -> Figure:
    order = others(decision)
    title = Sentence(f"policy.figure.{situation(decision)}", words)
    said = dict(words) | {"last": decision.title(order[-1].policy)}
    said |= {"least": order[-1].difference}
    return Figure(
        id=ID,
        kind="dots",
        title=title,
        subtitle=Sentence("policy.figure.subtitle", words),
        note=Sentence("policy.figure.note", words),
        alt=Sentence("policy.figure.alt", said),
        x=Sentence("policy.axis.difference", words),
        y=Sentence("policy.column.policy"),
        dots=[Dot(decision.title(s.policy), s.difference) for s in order],
        reference=0.0,
        table=replace(_table(decision, words), id=f"{ID}.figure", in_report=False),
        first_page=True,
    )


def _table(decision: Decision, words: Mapping[str, object]) -> Table:
    columns = [
        Column("policy.column.policy", "text"),
        Column(Sentence("policy.column.difference", words), "money0"),
        Column("policy.column.best", "percent0"),
        Column(Sentence("policy.column.regret", words), "n0"),
        Column(Sentence("policy.column.spend", words), "n0"),
        Column(Sentence("policy.column.customers", words), "int"),
    ]
    rows: list[tuple[object, ...]] = []
    for s in decision.league.standings:
        shown = policy_title(decision, s.policy)
        apart = None if s.policy == decision.comparator else s.difference
        spend = decision.worths[s.policy].spend.mean()
        heads = round(float(decision.worths[s.policy].customers.mean()))
        rows.append((shown, apart, s.best.value, s.regret.value, float(spend), heads))
    left_out = RUNNING in decision.assumptions
    said = {**words, "running": Sentence("policy.note.running") if left_out else ""}
    return Table(
        id=ID,
        caption=Sentence("policy.caption.compare", words),
        columns=columns,
        rows=rows,
        note=Sentence("policy.note.compare", said),
    )


def _results(decision: Decision) -> list[Result]:
    counts = {"draws": decision.league.draws, "draws.monthly": len(decision.by_month)}
    counts["left"] = decision.basis.left
    found = results("policy", {name: count_of(n) for name, n in counts.items()})
    for s in decision.league.standings:
        n = s.policy
        own = {
            f"value.{n}": s.value,
            f"best.{n}": s.best,
            f"regret.{n}": s.regret,
            f"spend.{n}": number(decision, n, "spend"),
            f"signups.{n}": number(decision, n, "signed", "count"),
            f"customers.{n}": number(decision, n, "customers", "count"),
            f"acquired.{n}": number(decision, n, "per_acquired"),
        }
        if n != decision.comparator:
            own[f"difference.{n}"] = s.difference
            later = difference_later(decision, n)
            own |= {} if later is None else {f"longer.difference.{n}": later}
            own[f"customers.difference.{n}"] = difference(decision, n, "customers", "count")
        if n in decision.dialled:
            own |= {f"{what}.{n}": e for what, e in dialled_numbers(decision, n).items()}
        found += results("policy", own)
    return found
