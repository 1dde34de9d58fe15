"""What an offer is worth by whom it is given to: verdicts, and what their money counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stammkunde.chapters.offers.gains_shown import ID, Shown, named, reach
from stammkunde.chapters.offers.spoken import direction
from stammkunde.chapters.parts import results
from stammkunde.evidence.asking.gains import Gain
from stammkunde.evidence.asking.question import OFFERED
from stammkunde.result import Finding, Result, Sentence, Status, turned

# verdicts on an offer that can be acted upon
CLEAR = ("nobody", "pays", "all", "lost")
# verdicts on giving it to everyone; the others are on those who seem to gain
OF_EVERYONE = ("nobody", "lost", "unclear", "all")
Words = Mapping[str, object]


def leading(told: Sequence[Shown]) -> Shown | None:
    """Return the question of most worth, for better or worse, on an offer to customers of today."""
    clear = [s for s in told if s.answer.estimand.design in OFFERED and verdict(s) in CLEAR]
    # euros say more than months
    size = {s.name: (s.gains.in_money, abs(s.gains.rules["everyone"].value or 0.0)) for s in clear}
    return max(clear, key=lambda s: size[s.name], default=None)


def verdict(s: Shown) -> str:
    """Return whether choosing by gain pays; nothing where nobody is given the offer."""
    rules, paying = s.gains.rules, _paying(s)
    if not s.is_given or any(e.value is None for e in rules.values()):
        return ""
    everyone, gain = direction(rules["everyone"]), direction(rules["gain"])
    if not paying:
        certain = "nobody" if s.gains.in_money and _bringing(s) else "lost"
        sure = everyone == "shorter" and all(direction(g.each) == "shorter" for g in s.told)
        return certain if sure else "unclear"
    if len(paying) == len(s.told) and everyone == "longer":
        return "all"
    return {"longer": "pays", "shorter": "loses", "open": "open"}[gain]


def worth(s: Shown, *, leads: bool) -> list[Finding]:
    """Return what rules of whom to give the offer are worth; none where nobody is given it."""
    rules, key = s.gains.rules, verdict(s)
    if not key:
        return []
    paying = _paying(s)
    words: dict[str, object] = {**s.words, **rules, "paying": [named(s, g) for g in paying]}
    words["risky"] = _risky(s, words) if paying else ""
    parts = _parts(s, key)
    # only what the parts disagree on belongs into the sentence itself
    inside = parts if parts and parts.key.endswith(".differ") else ""
    words |= {"parts": inside, **_best(s)}
    words["ends"] = Sentence("gains.then", s.words) if s.gains.ended else ""
    kind = "money" if s.gains.in_money else "months"
    return [
        Finding(
            id=f"offers.{s.name}.worth",
            status=Status.ESTIMATED,
            assumptions=rules["gain"].assumptions,
            sentence=Sentence(f"gains.worth.{kind}.{key}", words),
            importance=0.62 if leads else 0.34 if key in CLEAR else 0.22,
            questions=(10, 13) if s.answer.estimand.design == "landmark" else (13,),
            remarks=(*([parts] if parts and not inside else []), *_counted(s)),
            table=f"{ID}.worth" if s.gains.in_money else "",
        )
    ]


def worth_results(s: Shown) -> list[Result]:
    """Return what rules are worth, with their parts; nothing where nobody is given the offer."""
    if not s.is_given:
        return []
    g = s.gains
    numbers = {**g.rules, "gain_over_risk": g.over_risk}
    for name, some in (("within", g.within), ("after", g.after), ("ended", g.ended)):
        numbers |= {f"{rule}.{name}": e for rule, e in some.items()}
    return results(f"offers.{s.name}.worth", numbers)


def _paying(s: Shown) -> list[Gain]:
    return [g for g in s.told if (g.each.value or 0.0) > 0]


def _bringing(s: Shown) -> list[Gain]:
    return [g for g in s.told if g.brought and (g.brought.value or 0.0) > 0]


def _best(s: Shown) -> dict[str, object]:
    """Return the words on the segment that gains most, of those that bring something in."""
    best = max(_bringing(s) or s.told, key=lambda g: g.each.value or 0.0)
    words: dict[str, object] = {"best": named(s, best), "each": best.each, "reach": reach(s)}
    if s.gains.in_money:
        words |= {"brought": best.brought, "cost": best.cost}
    return words


def _parts(s: Shown, key: str) -> Sentence | None:
    """Return how much is within the horizon and how much after it, and whether they disagree."""
    rule, whose = ("everyone", "everyone") if key in OF_EVERYONE else ("gain", "chosen")
    if rule not in s.gains.within:
        return None
    within, after = s.gains.within[rule], s.gains.after[rule]
    alone = direction(within)
    words = {**s.words, "within": within, "after": after, "alone": Sentence(f"gains.alone.{alone}")}
    how = "same" if alone == direction(s.gains.rules[rule]) else "differ"
    return Sentence(f"gains.parts.{whose}.{how}", words)


def _counted(s: Shown) -> tuple[Sentence, ...]:
    """Return what the money counts: newcomers won it does not, what comes later where it can."""
    if not s.gains.in_money:
        return ()
    start = s.answer.estimand.design == "start"
    found = [Sentence("gains.newcomers")] if start else []
    if s.gains.span:
        ended = s.gains.ended.get("everyone")
        goes_on = Sentence("gains.goes_on", {**s.words, "ended": ended}) if ended else ""
        interest = s.study.toml.data.money.interest or 0.0
        words = {**s.words, "goes_on": goes_on, "interest": interest}
        return (*found, Sentence("gains.beyond", words))
    if s.gains.why:
        found.append(Sentence(f"gains.ends.{s.gains.why}", s.words))
    later = s.answer.compared.share
    way = direction(later)
    if way in ("longer", "shorter"):
        more = later if way == "longer" else turned(later)
        found.append(Sentence(f"gains.later.{way}", {**s.words, "later": more}))
    return tuple(found)


def _risky(s: Shown, words: Words) -> Sentence:
    """Return whether choosing by gain is better than choosing as many by risk."""
    gap = s.gains.over_risk
    way = direction(gap, "better", "worse")
    kind = "money" if s.gains.in_money else "months"
    return Sentence(f"gains.risky.{kind}.{way}", {**words, "gap": gap})
