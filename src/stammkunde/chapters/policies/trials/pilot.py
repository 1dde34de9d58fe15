"""What a trial would settle before a policy is decided on, how large it is, and what is agreed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.special import ndtr

from stammkunde import intervals
from stammkunde.chapters.exhibit import Section
from stammkunde.chapters.parts import amount, results, unit
from stammkunde.chapters.policies.book.worded import assumption_title
from stammkunde.chapters.policies.numbers import spread, status_of
from stammkunde.chapters.policies.read import Decision
from stammkunde.chapters.policies.trials.agreed import protocol_of
from stammkunde.chapters.policies.trials.needed import LEAST, NOTHING, Needed, lasting, needed
from stammkunde.chapters.policies.trials.pilot_shown import ID, Shown, kind, tables
from stammkunde.chapters.policies.trials.sizing import WANTED, highest_hazard, sizes_of
from stammkunde.chapters.policies.trials.trial import Trial, later, trial_of
from stammkunde.chapters.policies.trials.worth import Bought, Knowing, bought, knowing
from stammkunde.result import Estimate, Finding, Sentence, Status

DRAWN = "mean and quantiles of joint draws"
# that what a customer's stay is worth does not hang on the month in which the policy begins
DELAYED = "policy_may_begin_later"
# that what stays open, how leaving changes beyond the trial and for whom, is one ratio
EVENLY = "trial_turns_leaving_evenly"
TURNED = "policy valued anew with leaving turned by a ratio, until it is worth what the other is"


def pilot(decision: Decision) -> Section:
    """Return the section on the trial that the TOML declares, of one policy against the comparator.

    Left out where none is declared, or none can be held: the reason is said.
    """
    heading = Sentence("pilot.heading")
    toml = decision.study.toml.pilot
    if toml is None:
        why = Sentence("pilot.left_out.absent")
        return Section(id=ID, heading=heading, left_out=why, needed=False)
    trial = trial_of(decision, toml)
    if isinstance(trial, str):
        why = Sentence(f"pilot.left_out.{trial}", {"months": toml.months})
        return Section(id=ID, heading=heading, left_out=why)
    return _section(decision, trial, heading)


def _section(decision: Decision, trial: Trial, heading: Sentence) -> Section:
    values = later(decision, trial.units)
    worth, known = bought(decision, trial, values), knowing(decision, trial)
    pays = needed(decision, trial)
    numbers = _numbers(decision, trial, worth, known) | {"pays": _pays(decision, trial, pays)}
    if pays.months is not None and trial.wanted > 0:
        numbers["introduced"] = _introduced(decision, trial, pays.months)
    words = _words(decision, trial, numbers) | {"low": pays.low, "high": pays.high}
    shown = Shown(
        decision=decision,
        trial=trial,
        worth=worth,
        protocol=protocol_of(decision, trial, pays.months),
        sizes=_sizes(trial),
        pays=pays,
        words=words,
    )
    return Section(
        id=ID,
        heading=heading,
        findings=[
            _size(decision, trial, worth, words),
            *_turns(decision, trial, pays, words),
            _first(decision, trial, known, words),
        ],
        tables=tables(shown),
        paragraphs=[
            *_compares(decision, trial, words),
            Sentence(f"pilot.method.{trial.population}", words),
            *_turning(trial, pays, words),
            Sentence("pilot.deal", words),
        ],
        results=[
            *results("policy.pilot", numbers),
            *results("policy.pilot.size", shown.sizes),
        ],
    )


def _numbers(
    decision: Decision, trial: Trial, worth: Bought, known: Knowing
) -> dict[str, Estimate]:
    """Return the results by name, those of the proposed number of customers first."""
    at, best = worth.proposed, worth.best
    status = status_of(decision, trial.policy.name)
    found = {
        "evsi": worth.worth[at],
        "cost": worth.cost[at],
        "net": worth.net[at],
        "best": _count(int(worth.per_arm[best]) if worth.pays else 0, status),
        "expected": _drawn(trial.difference, status),
        "knowing": known.measured,
        "all": known.all,
    }
    found |= {"best.net": worth.net[best]} if worth.pays else {}
    return found | ({} if known.first is None else {"first": known.first})


def _words(decision: Decision, trial: Trial, numbers: Mapping[str, Estimate]) -> dict[str, object]:
    return {
        **{n.replace(".", "_"): e for n, e in numbers.items()},
        "policy": decision.title(trial.policy.name),
        "comparator": decision.title(decision.comparator),
        "per_arm": trial.per_arm,
        "group": amount("customers", trial.per_arm),
        "asked": amount("customers", trial.asked),
        "persons": 2 * trial.per_arm,
        "available": amount("customers", trial.available),
        "difference": abs(trial.wanted),
        "detectable": trial.detectable,
        "months": trial.months,
        "units": unit("month", trial.months, "dative"),
        "lasting": amount("months", trial.units),
        "horizon": amount("months", decision.market.horizon),
        "turned": lasting(trial) or 0,
        "error": WANTED.error,
        "power": WANTED.power,
        "missed": 1 - WANTED.power,
    }


def _size(decision: Decision, trial: Trial, worth: Bought, words: Mapping[str, object]) -> Finding:
    gains = (worth.net[worth.proposed].value or 0.0) > 0
    reaches = trial.asked <= trial.per_arm
    kind = "too_large" if not reaches else "pays" if gains else "costs"
    if float(np.abs(trial.difference).max()) < LEAST:
        kind = "nothing"
    told = {**words, "best": _best(worth, words)}
    return Finding(
        id="policy.pilot.size",
        status=status_of(decision, trial.policy.name),
        sentence=Sentence(f"pilot.size.{kind}", told),
        assumptions=(DELAYED,),
        importance=0.22 if gains else 0.12,
        table=f"{ID}.protocol",
    )


def _turns(
    decision: Decision, trial: Trial, pays: Needed, words: Mapping[str, object]
) -> list[Finding]:
    """Return what the trial has to show; nothing of one that would show nothing."""
    if pays.reason == NOTHING:
        return []
    # of a policy that pays though customers stay for a shorter time, by how much they may
    short = 0.0 if pays.months is None else max(-pays.months, 0.0)
    key = "spares" if short > 0 else kind(pays)
    rule = Sentence("pilot.rule", words) if "introduced" in words else ""
    return [
        Finding(
            id="policy.pilot.pays",
            status=status_of(decision, trial.policy.name),
            sentence=Sentence(f"pilot.turns.{key}", {**words, "short": short, "rule": rule}),
            assumptions=(EVENLY,),
            importance=0.115,
            table=f"{ID}.protocol",
        )
    ]


def _compares(decision: Decision, trial: Trial, words: Mapping[str, object]) -> list[Sentence]:
    """Return which comparison the trial does not settle, where it is the one that matters."""
    ahead = [s.policy for s in decision.league.standings[:2]]
    if {*ahead} == {trial.policy.name, decision.comparator}:
        return []
    first, second = (decision.title(n) for n in ahead)
    return [Sentence("pilot.compares", {**words, "leader": first, "next": second})]


def _turning(trial: Trial, pays: Needed, words: Mapping[str, object]) -> list[Sentence]:
    """Return how it was reckoned from which difference on the policy pays."""
    if pays.reason == NOTHING:
        return []
    how = "going_on" if lasting(trial) is None else "ends"
    return [Sentence(f"pilot.turning.{how}", words)]


def _best(worth: Bought, words: Mapping[str, object]) -> Sentence | str:
    """Return which number of customers nets most, where it is another than the proposed one."""
    if not worth.pays:
        return Sentence("pilot.best.none")
    if worth.best == worth.proposed:
        return Sentence("pilot.best.same")
    return Sentence("pilot.best.other", dict(words))


def _first(
    decision: Decision, trial: Trial, known: Knowing, words: Mapping[str, object]
) -> Finding:
    told = known.first is not None and (known.first.value or 0.0) > 0
    title = assumption_title(decision.study, known.name) if told else ""
    return Finding(
        id="policy.pilot.first",
        status=status_of(decision, trial.policy.name),
        sentence=Sentence(f"pilot.first.{'some' if told else 'none'}", {**words, "title": title}),
        importance=0.11,
    )


def _sizes(trial: Trial) -> dict[str, Estimate]:
    """Return the customers per group by measure; the interval is that of the curve, as drawn."""
    ratio, wanted = trial.ratio, trial.wanted
    drawable = highest_hazard(trial.control) * max(ratio, 1.0) <= 1
    drawn = sizes_of(trial.control, wanted, ratio, trial.months) if drawable else {}
    found = {}
    for name, size in trial.sizes.items():
        ends: tuple[float | None, float | None] = (None, None)
        if name in drawn:
            low, high = np.quantile(drawn[name].treated, [0.025, 0.975])
            ends = (float(low), float(high))
        found[name] = Estimate(
            value=float(size.treated),
            low=ends[0],
            high=ends[1],
            unit="count",
            method=f"sample size, {name.replace('_', '-')}; quantiles of the curve's draws",
            status=Status.ESTIMATED,
            estimand=f"customers per group that show a difference of {wanted:g} months",
        )
    return found


def _pays(decision: Decision, trial: Trial, pays: Needed) -> Estimate:
    """Return the difference from which on the policy pays: a rule that is agreed to."""
    one, other = trial.policy.name, decision.comparator
    return Estimate(
        value=pays.months,
        unit="month",
        method=TURNED,
        status=status_of(decision, one),
        estimand=f"months within {trial.months} from which on {one} is worth more than {other}",
        assumptions=(*decision.assumptions, EVENLY),
        reason=pays.reason or "no interval: a rule that is agreed to",
    )


def _introduced(decision: Decision, trial: Trial, pays: float) -> Estimate:
    """Return how often the rule introduces the policy where the difference looked for is true.

    The whole interval has to lie above `pays`, while the size is that which sees a difference at
    all; the error follows from what so many customers detect.
    """
    level, reached = 1 - WANTED.error, 2 * WANTED.power - 1
    wide = intervals.normal_quantile(level)
    error = trial.detectable / (wide + intervals.normal_quantile(reached))
    return Estimate(
        value=float(ndtr((trial.wanted - pays) / error - wide)),
        unit="share",
        method="normal law of the difference, by the size of the trial",
        status=status_of(decision, trial.policy.name),
        estimand=f"trials that introduce the policy where it adds {trial.wanted:g} months",
        assumptions=(EVENLY,),
        reason="no interval: a rule that is agreed to",
    )


def _drawn(draws: np.ndarray, status: Status) -> Estimate:
    added = "months that the policy adds while the trial runs"
    return spread(draws, "month", status, method=DRAWN, estimand=added)


def _count(value: int, status: Status) -> Estimate:
    return Estimate(
        value=value,
        unit="count",
        method="the size with the largest worth less cost, 0 where none pays",
        status=status,
        estimand="customers per group of the trial that nets most",
        reason="no interval: a size that is chosen",
    )
