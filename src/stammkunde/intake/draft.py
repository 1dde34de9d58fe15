"""The draft of a client's TOML: every key that could be found, every decision that is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from stammkunde.intake import guesses, money, policies, proposals, questions, window
from stammkunde.intake.columns import Looked
from stammkunde.intake.guesses import Forms
from stammkunde.intake.lexicon import is_signing
from stammkunde.intake.proposals import ProposedGroup
from stammkunde.intake.roles import ESSENTIAL, Table
from stammkunde.intake.toml import Line, Section, key_of, listed, quoted, titles, written
from stammkunde.intake.window import Observed
from stammkunde.spells.schema.data import bands
from stammkunde.spells.schema.tables import Delivery

# roles in the order in which the draft names them
TOLD = (
    *("contract", "person", "household", "tenure", "left", "offer", "plan", "start", "end"),
    *("date", "amount", "place", "kind", "notice", "reason", "margin", "price", "value", "cost"),
    *("team", "arm"),
)

NOTES = {"amount": "what a purchase was worth", "place": "where it was made"}

EUROPEAN = ("de_DE", "en_GB")
AMERICAN = ("en_US", "de_DE")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """The draft as text, what is left to decide, and the keys that must be filled in first."""

    text: str
    decisions: tuple[str, ...]
    missing: tuple[str, ...]


def draft(
    client: str,
    tables: Sequence[Table],
    unused: Sequence[Looked],
    *,
    today: date,
    wait: float | None = None,
) -> Draft:
    """Return the draft of `clients/<client>.toml` for the tables found, the main one first.

    `wait` are the days that nine in ten repeat purchases keep within. Dates after `today` are no
    evidence of when the data were taken.
    """
    main = tables[0]
    form = guesses.forms(main)
    seen = window.observed(tables, today) if main.section != "snapshot" else None
    close = seen.close if seen else None
    sections = [
        _client(client, seen, today, american=guesses.is_american(main, form)),
        *window.sections(main, seen),
        *(_section(t, form if t is main else guesses.forms(t)) for t in tables),
        *_spells(main),
        *_lapse(main, wait),
        *_causes(main),
        *_groups(main, close),
        *money.sections(tables),
        *questions.sections(tables, [g.name for g in proposals.groups(main, close)[0]]),
        *policies.sections(tables, today),
    ]
    names = ", ".join(looked.name for looked in unused)
    head = ["# Drafted by `stammkunde new` from what the files hold; every key is yours to change."]
    head += [f"# Not used, because no part for it was found: {names}"] if unused else []
    text = "\n".join([*head, "schema = 1", "", "\n\n".join(map(written, sections)), ""])
    lines = [(s, line) for s in sections for line in s.lines]
    return Draft(
        text=text,
        decisions=tuple(f"{s.head}.{x.key}: {x.open}" for s, x in lines if x.open),
        missing=tuple(f"{s.head}.{x.key}: {x.fill_in}" for s, x in lines if x.fill_in),
    )


def _client(client: str, seen: Observed | None, today: date, *, american: bool) -> Section:
    title = client.replace("-", " ").replace("_", " ").title()
    last = seen.close - timedelta(days=1) if seen else today
    undated = "" if seen else "the data carry no date: of which day are they?"
    return Section(
        head="client",
        lines=(
            Line(key="name", value=titles(title), note="as readers see it"),
            Line(key="as_of", value=last.isoformat(), note="the date of the data", open=undated),
            Line(key="languages", value=listed(AMERICAN if american else EUROPEAN)),
        ),
    )


def _section(table: Table, form: Forms) -> Section:
    lines = [*_place(table.looked.delivery), *_cells(table, form)]
    wanted = {*ESSENTIAL[table.section], *table.roles}
    for role in (r for r in TOLD if r in wanted):
        name = table.roles.get(role, "")
        key = {"household": "person", "person": "customer"}.get(role, role)
        key = key if table.section == "persons" else role
        if name:
            asked = _asked(table, role, name)
            lines.append(Line(key=key, value=quoted(name), open=asked, note=NOTES.get(role, "")))
        elif role in table.unclear:
            found = ", ".join(quoted(c) for c in table.unclear[role])
            fill = f"the column; it could be {found}" if found else "the column; none looks like it"
            lines.append(Line(key=key, value='""', fill_in=fill))
    if table.section == "contracts" and "end" in table.roles:
        value, asked = guesses.end_is(table, form)
        lines.append(Line(key="end_is", value=quoted(value), open=asked))
    if table.section == "snapshot":
        lines += _flag(table)
    if table.section == "transactions":
        said = "does the table hold everybody's first purchase of all? Then write true."
        lines.append(Line(key="first_purchases", value="false", open=said))
    return Section(head=table.section, lines=tuple(lines), remark=_unused(table))


def _asked(table: Table, role: str, name: str) -> str:
    """Return what is to be decided about a column chosen for a role, "" where nothing is."""
    if role == "start":
        columns = table.looked.columns
        signed = [n for n, c in columns.items() if is_signing(c.plain) and c.kind == "date"]
        other = [n for n in signed if n != name]
        if other and not is_signing(columns[name].plain):
            return (
                f"`{other[0]}` is the day of signing, `{name}` that of the beginning: from which "
                "of them on does somebody count as a customer?"
            )
    if role == "margin":
        return f"is `{name}` earned per month, before rebates? What is billed is no margin."
    person = table.column("person")
    if role == "person" and table.section == "transactions" and person and person.unique:
        return (
            f"every `{name}` stands in one row only, as in a table of contracts. Is each row a "
            "purchase? If it is a contract, write [contracts] with `start` and `end` instead."
        )
    return ""


def _unused(table: Table) -> str:
    days = [f"`{c.name}`" for c in table.others if c.kind == "date"]
    amounts = [f"`{n}`" for n in money.signed(table.others)]
    said = f"Days of the table that are not used: {', '.join(days)}" if days else ""
    if amounts:
        said += ". " if said else ""
        said += f"Amounts with a sign of currency, which nothing reads: {', '.join(amounts)}; ask "
        said += "for plain numbers"
    return said


def _place(delivery: Delivery) -> list[Line]:
    """Return where the table lies; what is as by default is left out."""
    usual = Delivery()
    keys = ("file", "sheet", "database", "table", "separator", "encoding")
    pairs = {key: str(getattr(delivery, key)) for key in keys}
    return [
        Line(key=k, value=quoted(v).replace("\t", "\\t"))
        for k, v in pairs.items()
        if v != getattr(usual, k)
    ]


def _cells(table: Table, form: Forms) -> list[Line]:
    """Return how dates and numbers are written, where they are texts."""
    used = [table.looked.columns[n] for n in table.roles.values()]
    words = tuple(dict.fromkeys(w for c in used for w in c.words))
    lines = [Line(key="empty", value=listed(words), note="read as empty cells")] if words else []
    if form.date != guesses.ISO or form.others:
        either = f"all days fit {', '.join((form.date, *form.others))}. Which is it?"
        apart = f"the dates of {', '.join(form.unsure)} are written otherwise: ask for one form."
        said = either if form.others else apart if form.unsure else ""
        lines.append(Line(key="date_format", value=quoted(form.date), open=said))
    unsure = guesses.unsure_numbers(table, form)
    if unsure or (form.decimal, form.thousands) != (".", ""):
        said = f"is this the decimal mark of {', '.join(unsure)}, or does it part thousands?"
        lines.append(Line(key="decimal", value=quoted(form.decimal), open=said if unsure else ""))
    if form.thousands:
        lines.append(Line(key="thousands", value=quoted(form.thousands)))
    return lines


def _flag(table: Table) -> list[Line]:
    column = table.column("left")
    left, stayed, unclear = guesses.flag_values(column) if column else ((), (), ())
    fill = ""
    if not left or not stayed:
        fill = f"which of {', '.join(map(quoted, unclear))} mean left, which stayed?"
    asked = f"does {', '.join(map(quoted, unclear))} mean left or stayed?" if unclear else ""
    return [
        Line(key="left_values", value=listed(left), fill_in=fill, open="" if fill else asked),
        Line(key="stayed_values", value=listed(stayed)),
    ]


def _spells(main: Table) -> list[Section]:
    person = main.column("person")
    if main.section != "contracts" or person is None or person.distinct > 0.99 * person.filled:
        return []
    more = person.filled - person.distinct
    said = (
        f"{more} of {person.filled} contracts are not the first of their `{person.name}`. Is each "
        "contract a time as a customer of its own (contract), or do they make one (person)?"
    )
    return [Section(head="spells", lines=(Line(key="per", value='"contract"', open=said),))]


def _lapse(main: Table, wait: float | None) -> list[Section]:
    if main.section != "transactions":
        return []
    gap = proposals.gap_days(wait)
    nine = f" Nine in ten repeat purchases come within {wait:.0f} days." if wait else ""
    said = f"after how many days without a purchase has a customer gone?{nine}"
    others = "[" + ", ".join(map(str, proposals.compared(gap))) + "]"
    lines = (
        Line(key="gap_days", value=str(gap), open=said),
        Line(key="compare_days", value=others, note="other rules whose answers the report shows"),
    )
    return [Section(head="lapse", lines=lines)]


def _causes(main: Table) -> list[Section]:
    found = proposals.causes(main)
    reason = main.column("reason")
    many = len(proposals.reasons(main))
    if not found and reason is not None and many:
        remark = f"`{reason.name}` has {many} reasons: gather them under a few causes."
        off = tuple(
            Line(key=k, value=v, off=True)
            for k, v in (("reasons", '["…"]'), ("title", titles("…")), ("controllable", "true"))
        )
        return [Section(head="causes.price", lines=off, remark=remark)]
    asked = "could the firm have kept these customers? (also for the causes below)"
    return [
        Section(
            head=f"causes.{key_of(cause.name)}",
            lines=(
                Line(key="reasons", value=listed([cause.reason])),
                Line(key="title", value=titles(cause.reason)),
                Line(
                    key="controllable",
                    value="true" if cause.controllable else "false",
                    open="" if number else asked,
                ),
            ),
        )
        for number, cause in enumerate(found)
    ]


def _groups(main: Table, close: date | None) -> list[Section]:
    found, telling = proposals.groups(main, close)
    sections = [part for group in found for part in _group(group)]
    if telling and sections:
        names = ", ".join(f"`{n}`" for n in telling)
        remark = f"Not proposed, because it all but says who has left: {names}"
        sections[0] = replace(sections[0], remark=remark)
    return sections


def _group(group: ProposedGroup) -> list[Section]:
    head = f"groups.{key_of(group.name)}"
    lines = (
        Line(key="column", value=quoted(group.column)),
        Line(key="title", value=titles(group.column)),
    )
    if not group.cuts:
        return [Section(head=head, lines=lines)]
    cuts = Line(
        key="cuts",
        value="[" + ", ".join(f"{c:.10g}" for c in group.cuts) + "]",
        note="borders of bands, about a third each",
    )
    named = zip(bands(group.cuts), proposals.band_titles(group.cuts), strict=True)
    levels = tuple(
        Line(key=quoted(name), value=f"{{ de = {quoted(de)}, en = {quoted(en)} }}")
        for name, (de, en) in named
    )
    return [
        Section(head=head, lines=(*lines, cuts)),
        Section(head=f"{head}.levels", lines=levels),
    ]
