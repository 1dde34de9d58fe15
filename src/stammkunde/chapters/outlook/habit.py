"""Habit or sorting: two readings of a rate of leaving that falls, and what they would decide."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from stammkunde.chapters.exhibit import Column, Section, Table
from stammkunde.chapters.outlook.read import Ahead, Future, told
from stammkunde.chapters.parts import is_contradicted, lead, results, unit
from stammkunde.result import Estimate, Finding, Result, Sentence, Status
from stammkunde.study import Study
from stammkunde.survival.projection.habit import TwoReadings, two_readings


def habit(study: Study, found: Future) -> Section:
    """Return the section on the two readings of a falling rate of leaving.

    Compared is a programme that would keep everybody through the first declared horizon, by what it
    would bring within the last. Left out where the rate does not fall, or where ends of terms make
    the curve: then it is no question of habit.
    """
    heading = Sentence("outlook.heading.habit")
    main, kept, at = found.main, study.horizons[0], study.horizons[-1]
    why = "not_projected" if main is None else "contract" if main.plan.ends else ""
    if main is not None and not why:
        why = "" if kept < at <= found.horizon and _falls(main, kept) else "not_falling"
    if main is None or why:
        left_out = Sentence(f"outlook.left_out.{why}")
        return Section(id="outlook.habit", heading=heading, left_out=left_out, needed=False)
    both = _told(study, found, two_readings(main.look, kept, at))
    words = _words(study, found, main, both)
    return Section(
        id="outlook.habit",
        heading=heading,
        findings=[_finding(study, both, words)],
        paragraphs=[Sentence("outlook.habit.tell_apart", words)],
        tables=[_table(both, words)],
        results=_results(found, both),
    )


def _falls(main: Ahead, kept: int) -> bool:
    """Return whether more leave in the first `kept` units than of those there in the next."""
    if 2 * kept > main.look.horizon:
        return False
    gap = main.look.number(
        lambda s: s[:, 2 * kept] / s[:, kept].clip(1e-300) - s[:, kept], "", "share", "further"
    )
    return gap.low is not None and gap.low > 0


def _told(study: Study, found: Future, both: TwoReadings) -> TwoReadings:
    names = ("today", "by_sorting", "by_habit", "gained_by_sorting", "gained_by_habit")
    own: dict[str, Any] = {n: told(study, getattr(both, n), found) for n in names}
    return replace(both, **own)


def _words(study: Study, found: Future, main: Ahead, both: TwoReadings) -> dict[str, object]:
    name = main.table.unit
    return {
        "lead": found.lead or lead(study),
        "kept": both.kept,
        "unit_kept": unit(name, both.kept),
        "at": both.at,
        "unit_at": unit(name, both.at, "dative"),
        "units": unit(name),
        "today": both.today,
        "sorting": both.by_sorting,
        "habit": both.by_habit,
        "gain_sorting": both.gained_by_sorting,
        "gain_habit": both.gained_by_habit,
    }


def _finding(study: Study, both: TwoReadings, words: dict[str, object]) -> Finding:
    return Finding(
        id="outlook.habit",
        status=Status.NOT_IDENTIFIABLE,
        assumptions=both.today.assumptions,
        missing=("repeat_spells", "trial_of_first_year"),
        sentence=Sentence("outlook.habit.both", words),
        headline=Sentence("outlook.habit.headline"),
        importance=0.1 if is_contradicted(study) else 0.3,
        questions=(12,),
        table="outlook.habit",
    )


def _table(both: TwoReadings, words: dict[str, object]) -> Table:
    rows: list[tuple[Sentence, Estimate, Estimate | None, Sentence | None]] = [
        (Sentence("outlook.habit.as_is"), both.today, None, None),
        (
            Sentence("outlook.habit.sorting"),
            both.by_sorting,
            both.gained_by_sorting,
            Sentence("outlook.habit.decide_sorting"),
        ),
        (
            Sentence("outlook.habit.habit"),
            both.by_habit,
            both.gained_by_habit,
            Sentence("outlook.habit.decide_habit"),
        ),
    ]
    columns = [
        Column("outlook.column.reading", "text"),
        Column(
            Sentence("column.survival_at", {"at": both.at, "unit": words["unit_at"]}), "percent1"
        ),
        Column(Sentence("outlook.column.gained", words), "n1"),
        Column("outlook.column.decide", "text"),
    ]
    return Table(
        id="outlook.habit",
        caption=Sentence("outlook.caption.habit", words),
        columns=columns,
        rows=rows,
        note=Sentence("outlook.note.habit", words),
    )


def _results(found: Future, both: TwoReadings) -> list[Result]:
    terms = {} if found.under is None else {"terms": found.today}
    named = {
        f"survival.{both.at}": both.today,
        f"sorting.survival.{both.at}": both.by_sorting,
        f"habit.survival.{both.at}": both.by_habit,
        f"sorting.gained.{both.at}": both.gained_by_sorting,
        f"habit.gained.{both.at}": both.gained_by_habit,
    }
    return results("outlook.kept", named, terms)
