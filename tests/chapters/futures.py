"""Dated contracts with a known hazard, and what is read of their future."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from stammkunde import chapters as tell
from stammkunde.chapters.exhibit import Name, Section
from stammkunde.chapters.outlook.read import Future, future_of
from stammkunde.report.figures import draw
from stammkunde.report.sentences import languages
from stammkunde.report.words import Words
from stammkunde.result import Estimate, Sentence
from stammkunde.study import Study, read_spells
from stammkunde.survival.table import LifeTable
from tests.chapters.lives import is_sayable, study, untraced

TARIFF = '[groups.tariff]\ncolumn = "tariff"\ntitle = { de = "Tarif", en = "tariff" }\n'
FILE = '[contracts]\nfile = "c.csv"\nstart = "begin"\nend = "last"\n'
TERMS = """
[[terms]]
signed_from = 2015-01-01
minimum_months = 12
renewal_months = 12
[[terms]]
signed_from = 2020-01-01
"""
INTEREST = "[money]\ninterest = 0.08\n"
# from the start of the first contract to the day after the last one observed, in months
OPENED, CLOSED = 12 * 2015, 12 * 2025
Hazard = Callable[[int, int], float]


def contracts(hazard: Hazard, count: int = 3000, seed: int = 3, last: int = CLOSED - 1) -> str:
    """Return contracts that begin on the first of a month; `hazard(tenure, month of start)`.

    Months are 12 year + month - 1. Tariffs are dealt by chance, and have no effect.
    """
    rng = np.random.default_rng(seed)
    rows = ["begin,last,tariff"]
    for _ in range(count):
        start = int(rng.integers(OPENED, last + 1))
        tenure = next(
            (t for t in range(1, CLOSED - start + 1) if rng.random() < hazard(t, start)), None
        )
        end = "" if tenure is None else _last_day(start + tenure - 1).isoformat()
        tariff = ("basic", "plus")[int(rng.integers(2))]
        rows.append(f"{date(start // 12, start % 12 + 1, 1)},{end},{tariff}")
    return "\n".join(rows) + "\n"


def _last_day(month: int) -> date:
    year, place = divmod(month, 12)
    return date(year, place + 1, 1) + timedelta(days=monthrange(year, place + 1)[1] - 1)


def delivered(folder: Path, text: str, more: str = TARIFF, **rest: str) -> tuple[Study, Future]:
    """Return the study of contracts as delivered, and its future."""
    asked = study(folder, data=FILE, more=more, **rest)
    (folder / "data/raw/muster/c.csv").write_text(text, encoding="utf-8")
    return asked, tell.read_outlook(asked, read_spells(asked))


def future(asked: Study, tables: dict[str, LifeTable]) -> Future:
    """Return the future of life tables by terms, without groups and back-test."""
    return replace(future_of(asked, tables), tried="dates")


def parts(asked: Study, found: Future) -> list[Section]:
    """Return all sections of the chapter."""
    made = (tell.outlook, tell.foretold, tell.base, tell.habit, tell.stays, tell.families)
    return [section(asked, found) for section in made]


def small_type(section: Section) -> Iterator[Name]:
    """Yield the sentences that stand below findings, and in pictures."""
    for finding in section.findings:
        yield from finding.remarks
        yield from (Sentence(f"assumption.{a}") for a in finding.assumptions)
        yield from (Sentence(f"missing.{m}") for m in finding.missing)
    for figure in section.figures:
        yield from (mark.label for mark in figure.marks)


def check(sections: list[Section]) -> None:
    """Assert that all of it can be said and drawn, and that its numbers are results."""
    for section in sections:
        assert is_sayable(section), section.id
        assert untraced(section) == [], section.id
        for language in languages():
            assert all(Words(language).say(s) for s in small_type(section))
        for figure in section.figures:
            assert draw(figure, Words("de_DE"))
        for result in section.results:
            line = result.as_json()
            assert line["value"] is not None or line["reason"]


def numbers(section: Section, **group: str) -> dict[str, Estimate]:
    """Return the results of one group by id."""
    return {r.id: r.estimate for r in section.results if r.group == group}
