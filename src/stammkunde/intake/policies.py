"""The policies that a draft suggests comparing: commented out, every number an example."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from stammkunde.intake import guesses
from stammkunde.intake.roles import Table
from stammkunde.intake.toml import Line, Section, quoted

REMARK = (
    "To be told what a loyalty rebate, a newcomer rebate or a call would be worth, say what "
    "customers get now, what they might get, and what is assumed of it: docs/toml.md says how. "
    "Every number here is an example."
)
RATIO = "loyalty_ratio"


def sections(tables: Sequence[Table], today: date) -> list[Section]:
    """Return a setting, two policies and an assumption; none where tenure is not by month.

    What the tables tell is left out.
    """
    main = tables[0]
    tenure = main.column("tenure")
    if tenure is not None and guesses.unit_of(tenure.plain) != "month":
        return []
    parts = [
        Section(head="setting", lines=_setting(main, tables), remark=REMARK),
        Section(head="[policy]", lines=_named("today", "wie heute", "as today")),
        Section(head="[policy]", lines=_named("loyalty", "Treuerabatt", "loyalty rebate")),
        Section(
            head="[policy.loyalty_rebate]",
            lines=(
                Line(key="from_unit", value="13", note="the month from which it is given"),
                Line(key="amount", value="2", note="off, a month"),
            ),
        ),
        Section(
            head="policy.loyalty_rebate.behaviour",
            lines=(
                Line(
                    key="reactions",
                    value=f"[{{ ratio = {quoted(RATIO)} }}]",
                    note="or `effect`: the name of a question",
                ),
            ),
        ),
        _assumed(today),
    ]
    return [_off(part) for part in parts]


def _setting(main: Table, tables: Sequence[Table]) -> tuple[Line, ...]:
    listed = any(t.section == "prices" for t in tables)
    bought = main.section == "transactions"
    lines = [
        Line(key="comparator", value=quoted("today"), note="what customers get now"),
        Line(key="horizon", value="36", note="months"),
    ]
    if not listed and not bought:
        lines.append(Line(key="price", value="30", note="the list price, a month"))
    if bought and "amount" in main.roles:
        lines.append(Line(key="margin_share", value="0.3", note="of what customers pay"))
    elif "margin" not in main.roles:
        lines.append(Line(key="margin", value="10", note="a month and customer, before rebates"))
    lines.append(Line(key="acquisition", value="50", note="what a sign-up costs"))
    return tuple(lines)


def _named(name: str, de: str, en: str) -> tuple[Line, ...]:
    return Line(key="name", value=quoted(name)), Line(key="title", value=_worded(de, en))


def _assumed(today: date) -> Section:
    title = _worded("Abgang mit Treuerabatt, gegenüber ohne", "leaving with it, against without")
    return Section(
        head="[assumption]",
        lines=(
            Line(key="name", value=quoted(RATIO)),
            Line(key="title", value=title),
            Line(key="value", value="0.9"),
            Line(key="low", value="0.8"),
            Line(key="high", value="1.0"),
            Line(key="law", value=quoted("triangular")),
            Line(key="unit", value=quoted("ratio")),
            Line(key="says", value=_worded("wer?", "who?"), note="who assumes it"),
            Line(key="when", value=today.isoformat()),
            Line(key="why", value=_worded("warum?", "why?")),
        ),
    )


def _worded(de: str, en: str) -> str:
    return f"{{ de = {quoted(de)}, en = {quoted(en)} }}"


def _off(section: Section) -> Section:
    lines = tuple(Line(key=x.key, value=x.value, note=x.note, off=True) for x in section.lines)
    return Section(head=section.head, lines=lines, remark=section.remark)
