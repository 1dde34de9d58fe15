"""Made clients with an offer for the new that ends after 12 months, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

import stammkunde as sk
from stammkunde.chapters.exhibit import Section
from stammkunde.chapters.offers.newcomers.read import Newcomers, read_newcomers
from stammkunde.chapters.offers.newcomers.section import section_of
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.ask import made_of
from stammkunde.evidence.asking.estimand import estimand_of
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import Spells
from stammkunde.study import Study
from tests.chapters.lives import is_sayable, study

CLOSE = date(2025, 1, 1)
DATA = """[contracts]
file = "c.csv"
person = "who"
start = "begin"
end = "last"
{margin}
[spells]
return_days = 100

[groups.rebate]
column = "rebate"
title = {{ de = "Rabatt", en = "rebate" }}

[groups.channel]
column = "channel"
title = {{ de = "Weg", en = "channel" }}
"""
QUESTION = """
[[question]]
name = "newcomer"
title = {{ de = "Neukundenrabatt", en = "newcomer rebate" }}
{about}
alike = ["channel"]
horizon = {horizon}
lasts = {lasts}
euro = {euro}
{more}

[question.treated]
{treated}
title = {{ de = "mit Rabatt", en = "with rebate" }}

[question.control]
{control}
title = {{ de = "ohne Rabatt", en = "without rebate" }}
"""
BY_COLUMN = {
    "about": 'column = "rebate"',
    "treated": 'words = ["yes"]',
    "control": 'words = ["no"]',
}
BY_OFFER = {"about": 'offer = "welcome"', "treated": "", "control": ""}
OFFERS = """
[offers]
file = "o.csv"
person = "who"
offer = "offer"
start = "from"
end = "to"
"""


def contracts(
    size: int,
    *,
    spike: float = 0.2,
    plain: float = 0.03,
    taken: float = 0.03,
    after: float | None = None,
    back: float = 0.0,
    share: float = 0.5,
    margin: float = 20.0,
    seed: int = 1,
) -> list[str]:
    """Return contracts with an offer that ends after 12 months: who leaves when, and comes back."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(size):
        channel = rng.random() < 0.5
        has = rng.random() < share + (0.2 if channel else -0.2) * (share > 0.3)
        begin = date(2015, 1, 1) + timedelta(days=int(rng.integers(0, 2500)))
        for _ in range(9):
            hazards = np.full(120, plain)
            if has:
                hazards[:12], hazards[12:] = taken, plain if after is None else after
                hazards[11:13] = spike
            gone = np.flatnonzero(rng.random(120) < hazards)
            months = int(gone[0]) + 1 if gone.size else 120
            last = begin + timedelta(days=int(30.4 * months) - 3)
            ended = last if last < CLOSE else ""
            who, bought = ("yes" if has else "no"), margin + (i % 3)
            rows.append(f"p{i},{begin},{ended},{'a' if channel else 'b'},{who},{bought:.2f}")
            if not ended or months not in (12, 13) or rng.random() >= back:
                break
            begin = last + timedelta(days=40)
            if begin >= CLOSE:
                break
    return rows


def client(
    folder: Path,
    rows: list[str],
    *,
    margin: str = 'margin = "margin"',
    about: Mapping[str, str] = BY_COLUMN,
    horizon: int = 24,
    lasts: int = 12,
    euro: float = 10,
    more: str = "",
    beside: str = "",
    data: str = "",
    far: int = 24,
) -> tuple[Study, Spells, Beside]:
    asked = QUESTION.format(horizon=horizon, lasts=lasts, euro=euro, more=more, **about)
    made = study(
        folder,
        data=DATA.format(margin=margin) + beside,
        more=asked + data,
        report=f"horizons = [12, {far}]\nmean_horizon = 24",
    )
    text = "who,begin,last,channel,rebate,margin\n" + "\n".join(rows) + "\n"
    (folder / "data/raw/muster/c.csv").write_text(text, encoding="utf-8")
    if beside:
        taken = [r.split(",") for r in rows if r.split(",")[4] == "yes"]
        lines = [f"{r[0]},welcome,{r[1]},{int(r[1][:4]) + 1}-{r[1][5:]}" for r in taken]
        lines = [line.replace("-02-29", "-02-28") for line in lines]
        text = "who,offer,from,to\n" + "\n".join(lines) + "\n"
        (folder / "data/raw/muster/o.csv").write_text(text, encoding="utf-8")
    spells, tables = sk.read_tables(made)
    return made, spells, tables


def answer(made: Study, spells: Spells, beside: Beside) -> Answer:
    """Return the answer to the only question, without doubts and segments."""
    (question,) = made.toml.question
    estimand = estimand_of(question)
    m = made_of(question, estimand, spells, beside)
    told: dict[str, Any] = {n: getattr(m, n) for n in ("months", "share", "compared", "trial")}
    return Answer(estimand=estimand, steps=m.steps, **told)


def told(folder: Path, rows: list[str], **named: Any) -> tuple[Section, Newcomers]:
    made, spells, beside = client(folder, rows, **named)
    found = answer(made, spells, beside)
    (question,) = made.toml.question
    told = read_newcomers(made, question, found, spells, beside)
    section = section_of(made, told)
    assert is_sayable(section)
    return section, told
