"""The back-test as a section: what would have been projected a year ago, and what came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from stammkunde.chapters.exhibit import Column, Figure, Line, Section, Table
from stammkunde.chapters.outlook.naming import family_name
from stammkunde.chapters.outlook.read import Future, told
from stammkunde.chapters.outlook.tried import Tried
from stammkunde.chapters.parts import (
    curve_table,
    is_contradicted,
    lead,
    remarks,
    results,
    source,
    ticks,
    unit,
)
from stammkunde.result import Estimate, Finding, Result, Sentence, Status
from stammkunde.study import Study
from stammkunde.survival.curve import Curve
from stammkunde.survival.projection.backtest import Trial

TOGETHER = "together"
# an error that may be larger is no hit, even where it may be none
VAGUE = 0.05
Words = Mapping[str, object]


def foretold(study: Study, found: Future) -> Section:
    """Return the section on the back-test: projected on an earlier day, compared with what came.

    The customers who were there on that day are followed to the end of observation. Left out where
    nothing is projected, or where the data know no months of start.
    """
    heading = Sentence("outlook.heading.foretold")
    if found.main is None or isinstance(found.tried, str):
        key = "not_projected" if found.main is None else f"tried.{found.tried}"
        why = Sentence(f"outlook.left_out.{key}")
        needed = found.main is not None
        return Section(id="outlook.foretold", heading=heading, left_out=why, needed=needed)
    trial = found.tried
    numbers = _numbers(study, found, trial)
    words = _words(study, found, trial, numbers)
    key = _verdict(trial)
    lines = [
        Line(trial.test.observed, Sentence("outlook.came")),
        Line(_projected(trial), Sentence("outlook.said")),
    ]
    return Section(
        id="outlook.foretold",
        heading=heading,
        findings=[_finding(study, numbers, words, key)],
        figures=[_figure(study, trial, lines, words, key)],
        tables=[_table(found, study, trial, words)],
        results=_results(study, found, trial, numbers),
    )


def _verdict(trial: Tried) -> str:
    """Return whether the projection hit what came, lay above or below it, or nobody can say."""
    error = trial.test.together.error
    if trial.test.together.passed:
        return "open" if max(abs(error.low or 0.0), abs(error.high or 0.0)) > VAGUE else "hit"
    return "above" if (error.value or 0.0) > 0 else "below"


def _numbers(study: Study, found: Future, trial: Tried) -> dict[str, Estimate]:
    observed, together = trial.test.observed, trial.test.together
    last = observed.at(observed.observed_to)
    numbers = {"error": together.error, "said": said_of(together, together.error)}
    known = {n: told(study, e, found) for n, e in numbers.items()}
    return {**known, "came": last}


def said_of(trial: Trial, like: Estimate) -> Estimate:
    """Return the last share that was projected, as an estimate like that of its error."""
    return replace(
        like,
        value=float(trial.value[-1]),
        low=float(trial.low[-1]),
        high=float(trial.high[-1]),
        method=f"projected by {trial.name}",
        estimand=f"share of those there after {len(trial.value) - 1}",
    )


def _words(
    study: Study, found: Future, trial: Tried, numbers: Mapping[str, Estimate]
) -> dict[str, object]:
    after = trial.test.observed.observed_to
    return {
        **numbers,
        "lead": found.lead or lead(study),
        "day": trial.day,
        "after": after,
        "unit": unit("month", after, "dative"),
        "units": unit("month"),
        "persons": trial.test.persons,
        "level": numbers["error"].level,
        "years": found.years,
        "unit_years_plain": unit("year", found.years),
    }


def _projected(trial: Tried) -> Curve:
    """Return what was projected as a curve over the same time, all of it projected."""
    observed, together = trial.test.observed, trial.test.together
    # on the day itself all are there, whatever rounding makes of a sum of shares
    value, low, high = (np.r_[1.0, a[1:]] for a in (together.value, together.low, together.high))
    return replace(
        observed,
        value=value,
        low=low,
        high=high,
        se=None,
        observed_to=0,
        basis="projected",
        status=Status.ESTIMATED,
        method="projected by families weighted by AIC",
        replicates=None,
    )


def _finding(study: Study, numbers: Mapping[str, Estimate], words: Words, key: str) -> Finding:
    error = numbers["error"]
    return Finding(
        id="outlook.foretold",
        status=Status.ESTIMATED,
        assumptions=error.assumptions,
        sentence=Sentence(f"outlook.foretold.{key}", words),
        importance=0.2 if is_contradicted(study) else 0.45 if key in ("above", "below") else 0.3,
        remarks=remarks(numbers["came"]),
        questions=(1, 20),
        figure="outlook.foretold",
        table="outlook.families_tried",
    )


def _figure(study: Study, trial: Tried, lines: list[Line], words: Words, key: str) -> Figure:
    title = Sentence(f"outlook.figure.{key}", words)
    whole = replace(lines[1].curve, observed_to=len(lines[1].curve.value) - 1)
    table = curve_table("outlook.foretold", [lines[0], replace(lines[1], curve=whole)], title)
    reach = trial.test.observed.observed_to
    return Figure(
        id="outlook.foretold",
        kind="survival",
        title=title,
        subtitle=Sentence("outlook.foretold.subtitle", words),
        note=source(study, [trial.test.observed]),
        alt=Sentence("outlook.alt.foretold", words),
        x=Sentence("outlook.since", words),
        y=Sentence("axis.survival"),
        lines=lines,
        x_ticks=ticks(reach, "month"),
        table=table,
    )


def _table(found: Future, study: Study, trial: Tried, words: Words) -> Table:
    columns = [
        Column("outlook.column.family", "text"),
        Column("outlook.column.weight", "percent0"),
        Column(Sentence("outlook.column.said", words), "percent1"),
        Column("outlook.column.error", "per100n1"),
    ]
    rows: list[tuple[object, ...]] = [
        (family_name(t.name), t.weight, said_of(t, t.error), t.error) for t in trial.test.trials
    ]
    whole = trial.test.together
    if len(rows) > 1:
        rows.append((family_name(TOGETHER), None, said_of(whole, whole.error), whole.error))
    for t in trial.beside.trials if trial.beside else ():
        rows.append((family_name(t.name), None, said_of(t, t.error), t.error))
    note = "compared" if trial.beside else "plain"
    return Table(
        id="outlook.families_tried",
        caption=Sentence("outlook.caption.tried", words),
        columns=columns,
        rows=rows,
        note=Sentence(f"outlook.note.tried_{note}", words),
    )


def _results(
    study: Study, found: Future, trial: Tried, numbers: Mapping[str, Estimate]
) -> list[Result]:
    after = trial.test.observed.observed_to
    terms = {} if found.under is None else {"terms": found.today}
    named = {"error": "error", "said": f"projected.{after}", "came": f"observed.{after}"}
    lines = results("outlook.foretold", {named[n]: e for n, e in numbers.items()}, terms)
    trials = (*trial.test.trials, *(trial.beside.trials if trial.beside else ()))
    for t in trials:
        own = {"error": told(study, t.error, found)}
        lines += results("outlook.foretold", own, terms | {"family": t.name})
    count = replace(numbers["error"], value=float(trial.test.persons), unit="count", se=None)
    count = replace(count, low=None, high=None, reason="no interval: a count", method="counted")
    return [*lines, *results("outlook.foretold", {"customers": count}, terms)]
