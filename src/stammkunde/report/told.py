"""The data report in words for a terminal, and the same as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from stammkunde.chapters.parts import amount
from stammkunde.intake.examine import DataReport, Examined
from stammkunde.intake.wanted import Want
from stammkunde.report.told_asked import asked_data, item, say, told_asked, wrapped
from stammkunde.report.told_proposed import proposed_data, told_proposed
from stammkunde.report.words import Words
from stammkunde.result import Sentence
from stammkunde.spells.checks.found import Found

SHOWN = 12
SEVERITIES = ("error", "warning", "note")


def told(report: DataReport, words: Words) -> str:
    """Return the data report as plain text in the reader's language, the result at its end."""
    lines = list(_head(report, words))
    for table in report.tables:
        lines += ["", *_table(table, report, words)]
    lines += _groups(report, words)
    lines += told_asked(report, words)
    lines += told_proposed(report.proposed, words)
    lines += ["", say(words, "next")]
    asked = [words.say(Sentence(f"wanted.{want.id}")) for want in report.wanted]
    for text in asked or [say(words, "nothing_wanted")]:
        lines += item(text)
    return "\n".join([*lines, "", *wrapped(_result(report, words), "")])


def as_data(report: DataReport, words: Words) -> dict[str, Any]:
    """Return the data report as documented JSON: stable ids, days as texts, words beside them."""
    return {
        "schema": 1,
        "client": report.client,
        "language": words.locale,
        "as_of": report.as_of.isoformat(),
        "usable": report.usable,
        "most_rejected": report.most_rejected,
        "window": {
            "open": _iso(report.opens),
            "close": _iso(report.closes),
            "unit": report.unit,
        },
        "persons": report.persons,
        "spells": report.spells,
        "first_start": _iso(report.first),
        "last_end": _iso(report.last),
        "tables": [_table_data(table, words) for table in report.tables],
        "smallest_group": report.smallest_group,
        "groups": [
            {
                "group": group.title.key,
                "title": words.text(group.title),
                "levels": [
                    {"level": level.label.key if level.label else None, "persons": level.persons}
                    for level in group.levels
                ],
            }
            for group in report.groups
        ],
        "wanted": [_wanted_data(want, words) for want in report.wanted],
        "asked": [asked_data(question, words) for question in report.asked],
        "proposed": proposed_data(report.proposed, words),
    }


def _head(report: DataReport, words: Words) -> Iterator[str]:
    title = say(words, "title", name=words.text(report.name), client=report.client)
    yield title
    yield "=" * len(title)
    yield say(words, "as_of", day=report.as_of)
    unit = words.say(Sentence(f"unit.{report.unit}.dative", {"count": 2}))
    last = report.closes - timedelta(days=1) if report.closes else None
    if last is None:
        yield say(words, "window_none", unit=unit)
    elif report.opens is None:
        yield say(words, "window_from_start", last=last, unit=unit)
    else:
        yield say(words, "window", opens=report.opens, last=last, unit=unit)
    heads, times = amount("persons", report.persons), amount("spells", report.spells)
    yield say(words, "heads", heads=heads, times=times)
    if report.first and report.last:
        yield say(words, "span", first=report.first, last=report.last)


def _table(table: Examined, report: DataReport, words: Words) -> Iterator[str]:
    name = say(words, f"table.{table.section}", name=table.name)
    yield name
    yield "-" * len(name)
    tally = table.tally
    counts = {"read": tally.read, "used": tally.used, "rejected": tally.rejected}
    yield from wrapped(say(words, "sum", never=tally.never_at_risk, **counts), "")
    if table.too_many:
        share = tally.rejected / tally.read
        yield from wrapped(say(words, "too_many", share=share, most=report.most_rejected), "")
    yield say(words, "columns")
    for column in table.columns:
        what: dict[str, Any] = {"key": column.key, "column": column.column}
        what["share"] = column.share_empty
        if column.first and column.last:
            days = {"first": column.first, "last": column.last}
            yield from item(say(words, "column_days", **what, **days))
        else:
            yield from item(say(words, "column", **what))
    yield say(words, "checks")
    if not table.found:
        yield from item(say(words, "no_findings"))
    for found in sorted(table.found, key=lambda f: SEVERITIES.index(f.severity)):
        yield from item(_finding(found, table, words))
        remedy = _remedy(found, words)
        yield from wrapped(say(words, "remedy", text=remedy), "    ", "      ") if remedy else ()


def _finding(found: Found, table: Examined, words: Words) -> str:
    where = "; ".join(_places(found, table, words))
    return say(
        words,
        "finding",
        severity=say(words, f"severity.{found.severity}"),
        rows=say(words, "rows", count=found.rows),
        what=_what(found, words),
        where=f" ({where})" if where else "",
    )


def _what(found: Found, words: Words) -> str:
    is_open = found.check == "returns" and not found.values["return_days"]
    key = "came_back" if is_open else found.check
    values = {**found.values, "count": found.values.get("wrong", 0)}
    return words.say(Sentence(f"found.{key}", values))


def _remedy(found: Found, words: Words) -> str:
    return words.say(Sentence(f"remedy.{found.check}", found.values))


def _places(found: Found, table: Examined, words: Words) -> Iterator[str]:
    if found.column:
        yield say(words, "at_column", column=found.column)
    if found.records:
        yield say(words, "at_records", records=[str(r) for r in found.records])
    lines = [table.lines[r] for r in found.records if r in table.lines]
    if lines:
        yield say(words, "at_lines", lines=[str(line) for line in lines])
    if found.shapes:
        yield say(words, "at_shapes", shapes=list(found.shapes))


def _groups(report: DataReport, words: Words) -> list[str]:
    lines = ["", say(words, "groups")] if report.groups else []
    for group in report.groups:
        lines.append(f"  {words.text(group.title)}")
        for level in group.levels[:SHOWN]:
            missing = words.say(Sentence("column.missing"))
            name = missing if level.label is None else words.text(level.label)
            key = "level_hidden" if level.persons is None else "level"
            heads = amount("persons", level.persons or 0)
            few = amount("persons", report.smallest_group)
            lines += item(say(words, key, level=name, few=few, heads=heads))
        if len(group.levels) > SHOWN:
            lines += item(say(words, "more_levels", count=len(group.levels) - SHOWN))
    return lines


def _result(report: DataReport, words: Words) -> str:
    if report.usable:
        return say(words, "usable", command=f"`stammkunde report {report.client}`")
    if any(question.refused for question in report.asked):
        return say(words, "misspelt.result" if report.misspelt else "unfit.result")
    if report.proposed is not None and report.proposed.misspelt:
        return say(words, "proposed.result")
    return say(words, "unusable", command=f"`stammkunde check {report.client} --rejected FILE`")


def _wanted_data(want: Want, words: Words) -> dict[str, Any]:
    return {
        "id": want.id,
        "key": want.key,
        "questions": list(want.questions),
        "text": words.say(Sentence(f"wanted.{want.id}")),
    }


def _table_data(table: Examined, words: Words) -> dict[str, Any]:
    tally = table.tally
    return {
        "table": table.section,
        "name": table.name,
        "read": tally.read,
        "used": tally.used,
        "never_at_risk": tally.never_at_risk,
        "rejected": tally.rejected,
        "too_many_rejected": table.too_many,
        "columns": [
            {
                "key": column.key,
                "column": column.column,
                "empty": column.empty,
                "first": _iso(column.first),
                "last": _iso(column.last),
            }
            for column in table.columns
        ],
        "found": [_found_data(found, table, words) for found in table.found],
    }


def _found_data(found: Found, table: Examined, words: Words) -> dict[str, Any]:
    return {
        "id": found.check,
        "severity": found.severity,
        "rows": found.rows,
        "column": found.column,
        "records": list(found.records),
        "lines": [table.lines.get(record) for record in found.records],
        "shapes": list(found.shapes),
        "values": {name: _plain(value) for name, value in found.values.items()},
        "text": _what(found, words),
        "remedy": _remedy(found, words),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(v) for v in value]
    return value


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
