"""Small studies and life tables with a known hazard, for the sections on lifetimes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from stammkunde.chapters.exhibit import Section
from stammkunde.report.sentences import languages
from stammkunde.report.words import Words
from stammkunde.result import Estimate, Sentence
from stammkunde.study import Study, read_study
from stammkunde.survival.arrays import life_table_from
from stammkunde.survival.table import LifeTable
from stammkunde.workspace import Workspace
from tests.chapters.test_dated import spoken

TOML = """
schema = 1

[client]
name = {{ de = "Muster", en = "Muster" }}
as_of = 2024-12-31

[window]
open = 2015-01-01
close = 2025-01-01
unit = "{unit}"

{data}
{more}
[report]
{report}
"""
CONTRACTS = '[contracts]\nfile = "c.csv"\nstart = "begin"\nend = "last"\n'
PURCHASES = (
    '[transactions]\nfile = "t.csv"\nperson = "who"\ndate = "day"\nfirst_purchases = true\n'
    "[lapse]\ngap_days = 184\n"
)


def study(
    folder: Path, *, data: str = CONTRACTS, more: str = "", report: str = "", unit: str = "month"
) -> Study:
    """Return the study of a TOML; no section needs its files."""
    for name in ("clients", "data/raw/muster"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    text = TOML.format(data=data, more=more, report=report, unit=unit)
    (folder / "clients/muster.toml").write_text(text, encoding="utf-8")
    return read_study("muster", workspace=Workspace(folder))


def table(
    hazards: list[float], persons: int = 4000, *, unit: str = "month", late: int = 0
) -> LifeTable:
    """Return the table of persons of whom the share `hazards[t - 1]` leaves in unit t, rounded.

    Who is left after the last unit is censored there. With `late` all enter after that many units.
    Blocks are dealt by chance.
    """
    left = [0]
    for share in hazards:
        left.append(round((persons - sum(left)) * share))
    units = np.arange(len(left))
    ends = np.r_[np.repeat(units, left), np.full(persons - sum(left), len(hazards))]
    gone = np.arange(persons) < sum(left)
    block = np.random.default_rng(1).permutation(persons) % 256
    entry = np.full(persons, late) if late else None
    return life_table_from(ends, gone.astype(int), block=block, entry=entry, unit=unit)


def said(section: Section, language: str = "en_GB") -> str:
    """Return the sentences of all findings of a section."""
    words = Words(language)
    return " ".join(words.say(f.sentence) for f in section.findings)


def is_sayable(section: Section) -> bool:
    """Return whether everything in the section has words in every language, and no nan."""
    texts = [text for language in languages() for text in spoken(section, Words(language))]
    return all(texts) and not any("nan" in text.split() for text in texts)


def untraced(section: Section) -> list[Estimate]:
    """Return the estimates that findings speak of and that are not among the results."""
    known = [(r.estimate.value, r.estimate.low, r.estimate.high) for r in section.results]
    spoken_of = [e for f in section.findings for e in _estimates(f.sentence)]
    return [e for e in spoken_of if (e.value, e.low, e.high) not in known]


def _estimates(thing: object) -> list[Estimate]:
    if isinstance(thing, Estimate):
        return [thing]
    inside = thing.values.values() if isinstance(thing, Sentence) else ()
    inside = thing if isinstance(thing, list) else inside
    return [e for part in inside for e in _estimates(part)]
