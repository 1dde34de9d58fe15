"""The columns of a sheet: an estimate as value and limits, headings that name unit and limit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from stammkunde.report import formats
from stammkunde.report.words import DIGITS, Words, form_of
from stammkunde.result import Sentence
from stammkunde.study import HORIZONS

Sheet = Mapping[str, Any]
PARTS = ("value", "low", "high")
LIMITS = PARTS[1:]
# columns of numbers that are limits, under "from" and "to" where they are read
LIMIT_KEYS = {
    f"{name}{part}": part
    for name in ("column.", "policy_course.column.", "column.band_", "column.smooth_")
    for part in LIMITS
}
MONEY = re.compile(r"(?:(\d+) )?([A-Z]{3})")
POINTS = re.compile(r"100|point|punkt", re.IGNORECASE)
THOUSAND = "1000"
DATES = {"de": "dd.mm.yyyy", "en_GB": "dd/mm/yyyy", "en_US": "mm/dd/yyyy"}


@dataclass(frozen=True)
class Shown:
    """What a cell of a sheet holds (None: nothing) and the number format it is shown in."""

    value: float | int | bool | str | date | None
    pattern: str = "General"


@dataclass(frozen=True)
class Strip:
    """A column of a sheet: its heading, and a cell for each row."""

    heading: str
    cells: Sequence[Shown]

    @property
    def numeric(self) -> bool:
        """Return whether any cell is a number, so that the heading stands to the right."""
        return any(_is_number(c.value) for c in self.cells)


def strips(sheet: Sheet, words: Words) -> list[Strip]:
    """Return the columns of a table as its sheet has them.

    An estimate becomes its value, its limits where any is known, and a remark where a value is
    missing. `sheet` as in the facts of a section.
    """
    heads = _limits(sheet["columns"], sheet.get("level"), words)
    found: list[Strip] = []
    for i, (heading, about) in enumerate(zip(heads, sheet["columns"], strict=True)):
        own = [row[i] for row in sheet["rows"]]
        column = _Column(heading, about["form"], own, words, about.get("unit", ""))
        found += column.strips()
    return found


def _limits(columns: Sequence[Sheet], level: float | None, words: Words) -> list[str]:
    """Return the headings of columns, those of limits naming whose they are."""
    found: list[str] = []
    whose = ""
    for column in columns:
        heading, part = column["heading"], LIMIT_KEYS.get(column.get("key", ""))
        if part is None:
            whose = heading
            found.append(heading)
        else:
            # "value", "from", "to": limits of the column before them; "smoothed, from": of its own
            own = heading.removesuffix(words.ui(part)).removesuffix(", ")
            found.append(_limit(own or whose, part, level, words))
    return found


def _limit(of: str, part: str, level: float | None, words: Words) -> str:
    if level is None:
        return words.ui(f"limit.{part}", of=of)
    return words.ui(f"limit.{part}_at", of=of, level=level)


@dataclass(frozen=True)
class _Column:
    """A column of a table as its facts have it: heading, form, raw cells, unit of plain numbers."""

    heading: str
    form: str
    cells: Sequence[Any]
    words: Words
    unit: str = ""

    def strips(self) -> Iterator[Strip]:
        heading = self._named()
        estimates = [c["estimate"] if _kind(c) == "estimate" else None for c in self.cells]
        if not any(estimates):
            yield Strip(heading, [self._shown(c) for c in self.cells])
            return
        known = [e for e in estimates if e]
        levels = {e.get("level") for e in known if _has_limit(e)}
        level = levels.pop() if len(levels) == 1 else None
        yield self._part(heading, estimates, "value")
        if any(_has_limit(e) for e in known):
            for part in LIMITS:
                yield self._part(_limit(heading, part, level, self.words), estimates, part)
        reasons = [e["reason"] if e and e["value"] is None else None for e in estimates]
        if any(reasons):
            name = f"{self.heading}, {self.words.ui('reason')}"
            yield Strip(name, [Shown(r or None, "General") for r in reasons])

    def _part(self, heading: str, estimates: Sequence[Any], part: str) -> Strip:
        """Return the values or one limit; what is no estimate stands beside the values as it is."""
        cells = [
            self._number(_open(e, part, self.words), self.form or form_of(e["unit"]), e["unit"])
            if e
            else self._shown(cell if part == "value" else None)
            for e, cell in zip(estimates, self.cells, strict=True)
        ]
        return Strip(heading, cells)

    def _shown(self, cell: Any) -> Shown:
        """Return a cell that is no estimate."""
        kind = _kind(cell)
        if kind == "date":
            locale = self.words.locale
            pattern = DATES.get(locale, DATES.get(locale[:2], "yyyy-mm-dd"))
            return Shown(date.fromisoformat(cell["date"]), pattern)
        if kind == "lone":
            own = cell["lone"]
            return self._number(own["number"], own["form"], own["unit"], own["after"])
        return self._number(cell, self.form) if _is_number(cell) else Shown(cell)

    def _number(self, number: Any, form: str, unit: str = "", after: str = "") -> Shown:
        """Return a number in its form, with the sign of its currency where units are mixed."""
        if not _is_number(number):
            return Shown(number)
        pattern, scale = _pattern(form, self._whole)
        if len(self._units) > 1 and MONEY.fullmatch(unit):
            pattern = _signed(pattern, unit, self.words.locale)
        exact = number if scale == 1 else float(f"{number * scale:.12g}")
        return Shown(exact, f"{pattern}{_quoted(after)}")

    @cached_property
    def _whole(self) -> bool:
        return all(isinstance(c, int) for c in self.cells if _is_number(c))

    @cached_property
    def _units(self) -> frozenset[str]:
        """Return the units of the column's cells; a word behind a number is one, too."""
        units = {c["estimate"]["unit"] for c in self.cells if _kind(c) == "estimate"}
        own = [c["lone"] for c in self.cells if _kind(c) == "lone"]
        found = units | {n["unit"] or n["after"] or n["form"] for n in own}
        return frozenset(found or ({self.unit} if self.unit else ()))

    def _named(self) -> str:
        """Return the heading with the unit of all cells, unless it names that already."""
        if self.form.startswith("per100"):
            name = "" if POINTS.search(self.heading) else self.words.ui("in_unit.points")
        elif len(self._units) == 1:
            name = _unit_name(next(iter(self._units)), self.heading, self.words)
        else:
            name = ""
        return self.words.ui("in_unit.one", of=self.heading, unit=name) if name else self.heading


def _unit_name(unit: str, heading: str, words: Words) -> str:
    """Return what a heading must say of a unit: a currency, a unit of time; nothing if it does."""
    money = MONEY.fullmatch(unit)
    if money:
        size = words.say(Sentence("picture.sum.thousand")) if money[1] == THOUSAND else money[1]
        return "" if money[2] in heading else " ".join(filter(None, (size, money[2])))
    if unit not in HORIZONS:
        return ""
    one, many = (words.say(Sentence(f"unit.{unit}.plain", {"count": n})) for n in (1, 2))
    return "" if re.search(rf"\b{one}", heading, re.IGNORECASE) else many


def _open(estimate: Any, part: str, words: Words) -> Any:
    """Return the value or a limit; a limit that was not reached, beside one that was, is open."""
    others = [estimate[p] for p in PARTS if p != part]
    is_open = estimate[part] is None and part != "value" and None not in others
    return words.ui("ci.open") if is_open else estimate[part]


def _has_limit(estimate: Any) -> bool:
    return any(estimate[part] is not None for part in LIMITS)


def _pattern(form: str, whole: bool) -> tuple[str, int]:
    """Return a number format and what raw numbers are multiplied by before it."""
    form = form.partition("+")[0]
    match = DIGITS.fullmatch(form)
    digits = int(match[2]) if match else 0 if form == "int" or (not form and whole) else 1
    decimals = "." + "0" * digits if digits else ""
    if form.startswith("percent"):
        return f"0{decimals}%", 1
    return f"#,##0{decimals}", 100 if form.startswith("per100") else 1


def _signed(pattern: str, currency: str, locale: str) -> str:
    """Return a number format with the sign of a currency, where the locale puts it."""
    before, after = formats.currency(pattern, currency, locale).split(pattern)
    return f"{_quoted(before)}{pattern}{_quoted(after)}"


def _quoted(text: str) -> str:
    """Return a text as a number format holds it."""
    clean = text.replace('"', "")
    return f'"{clean}"' if clean else ""


def _kind(cell: Any) -> str:
    """Return what a cell of facts is: "estimate", "lone", "date", or nothing special."""
    return str(next(iter(cell))) if isinstance(cell, dict) else ""


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)
