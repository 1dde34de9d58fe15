"""How customers without a contract buy: expected by a model, and what came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from stammkunde.chapters.buying.read import NO_PURCHASES, Buying
from stammkunde.chapters.buying.trial import Trial, scaled, tally
from stammkunde.chapters.buying.trial_shown import by_purchases, calibration, counts, track
from stammkunde.chapters.exhibit import Section
from stammkunde.chapters.parts import amount, remarks, results, unit
from stammkunde.result import Estimate, Finding, Result, Sentence, Status
from stammkunde.study import Study
from stammkunde.survival.buying import BgNbd
from stammkunde.survival.buying import Pair as Told
from stammkunde.survival.buying.histories import DAYS

Words = Mapping[str, object]
HEADING = Sentence("buying.heading.buying")
NO_TRIAL, NO_FIT_THEN = "no_trial", "no_fit_then"


def buying(study: Study, found: Buying) -> Section:
    """Return the section on how customers without a contract buy, and whether a model knows it.

    `found` is what `read_buying` returned. The model is fitted to the first half of the window and
    tried on the second. Left out where there is no model or no trial; not needed with contracts.
    """
    if found.fit is None or found.tested is None or found.until is None:
        why = NO_FIT_THEN if found.untried else NO_TRIAL
        return left_out("buying", HEADING, found.why or why)
    trial = found.tested
    words = _words(study, found, trial, found.until)
    findings = [_tracked(trial, words), *_paired(trial, words)]
    figures = [] if trial.missed else [track(trial, words)]
    return Section(
        id="buying",
        heading=HEADING,
        findings=findings,
        figures=[*figures, *calibration(trial, words)],
        tables=[by_purchases(trial, words)],
        paragraphs=[Sentence("buying.method", words)],
        results=_results(found, trial, words),
    )


def left_out(name: str, heading: Sentence, why: str) -> Section:
    """Return a section left out for a reason of `read_buying`; not needed with contracts."""
    reason = Sentence(f"buying.left_out.{why}")
    return Section(id=name, heading=heading, left_out=reason, needed=why != NO_PURCHASES)


def trial_words(trial: Trial, until: date) -> dict[str, object]:
    """Return the values of a remark on how the model fared."""
    tracking = trial.tracking
    after = round(float(tracking.at[-1]) - tracking.until)
    assert trial.ahead.value is not None
    return {
        "until": until,
        "off": abs(trial.ahead.value),
        "after": after,
        "unit_after": unit(tracking.unit, after, "dative"),
    }


def _words(study: Study, found: Buying, trial: Trial, until: date) -> dict[str, object]:
    assert found.fit is not None
    assert found.held is not None
    one = unit(found.fit.unit, 1)
    return trial_words(trial, until) | {
        "error": trial.ahead,
        "whole": trial.whole,
        "expected": trial.expected,
        "observed": int(trial.observed.value or 0),
        "to": int(trial.tracking.at[-1]),
        "rate": yearly(found.fit),
        "chance": found.fit.chance,
        "one": one,
        "units": unit(found.fit.unit),
        "client": study.name,
        "day": study.as_of,
        "heads": amount("customers", found.held.persons),
        "level": trial.ahead.level,
    }


def yearly(fit: BgNbd) -> Estimate:
    """Return how many purchases a year somebody makes who is still there."""
    return scaled(fit.rate, DAYS["year"] / fit.days, "count", "purchases a year while there")


def _tracked(trial: Trial, words: Words) -> Finding:
    return Finding(
        id="buying.tracked",
        status=Status.ESTIMATED,
        assumptions=trial.ahead.assumptions,
        sentence=Sentence(f"buying.tracked.{trial.verdict}", words),
        importance=0.45 if trial.missed else 0.3,
        remarks=(*remarks(trial.ahead), *([Sentence("buying.rhythm")] if trial.missed else [])),
        questions=(20,),
        figure="buying.chances" if trial.missed else "buying.track",
    )


def _paired(trial: Trial, words: Words) -> list[Finding]:
    """Return the finding on the groups by chance; none where there is but one."""
    if len(trial.chances) < 2:
        return []
    worst = _worst(trial)
    told = {**words, **counts(trial)}
    told |= {"worst_expected": worst.expected, "worst_observed": worst.observed}
    return [
        Finding(
            id="buying.pairs",
            status=Status.ESTIMATED,
            assumptions=worst.expected.assumptions,
            sentence=Sentence("buying.pairs" if told["hits"] else "buying.pairs_none", told),
            importance=0.15,
            questions=(20,),
            figure="buying.chances",
            table="buying.purchases",
        )
    ]


def _worst(trial: Trial) -> Told:
    def off(pair: Told) -> float:
        return abs((pair.expected.value or 0.0) - (pair.observed.value or 0.0))

    return max(trial.chances, key=off)


def _results(found: Buying, trial: Trial, words: Words) -> list[Result]:
    fit = found.fit
    assert fit is not None
    assert found.until is not None
    persons, known = trial.observed.persons or 0, counts(trial)
    tried = {
        "error.whole": trial.whole,
        "error.ahead": trial.ahead,
        "off": tally(abs(trial.ahead.value or 0.0), persons, "share", "the error without its sign"),
        "after": tally(int(str(words["after"])), persons, fit.unit, "counted"),
        "expected.ahead": trial.expected,
        "observed.ahead": trial.observed,
        "hits": tally(known["hits"], persons),
        "bins": tally(known["shown"], persons),
    }
    lines = results("buying", tried, {"until": found.until.isoformat()})
    told = {"rate": yearly(fit), "leaving": fit.chance}
    told |= {n: getattr(fit, n) for n in ("r", "alpha", "a", "b")}
    lines += results("buying", told)
    for i, pair in enumerate(trial.chances):
        lines += results("buying", _pair_of("chance", pair), {"bin": str(i + 1)})
    for pair in trial.purchases:
        before = f"{pair.first:g}" if pair.first == pair.last else f"{pair.first:g}+"
        lines += results("buying", _pair_of("purchases", pair), {"before": before})
    return lines


def _pair_of(name: str, pair: Told) -> dict[str, Estimate]:
    return {f"{name}.expected": pair.expected, f"{name}.observed": pair.observed}
