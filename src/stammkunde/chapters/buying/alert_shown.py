"""The picture and the tables of the section on whom to contact."""

from __future__ import annotations

from collections.abc import Mapping

from stammkunde.chapters.buying.contacts import OWN, Priced, Told, judged
from stammkunde.chapters.exhibit import Column, Dot, Figure, Table
from stammkunde.result import Sentence

SHARES = {"gone": "percent1", "caught": "percent1", "bothered": "percent1"}
MONEY = {"gain": "money0", "gain_each": "money2"}
Words = Mapping[str, object]


def figures(found: Priced, shown: list[Told], words: Words) -> list[Figure]:
    """Return the picture of gains by rule; none where no contact pays, or nothing is at stake."""
    own = found.of(OWN)
    if found.contact is None or own is None or own not in shown or len(shown) < 2:
        return []
    kinds = {n: Sentence(f"alert.kind.{n}") for n in ("money", "chance", "silence")}
    # those who bought once only count as still there, so that a rule that names them is not alike
    drawn = [t for t in shown if not t.choice.key.startswith("silent_")]
    dots = [Dot(t.choice.label, t.alert.gain, kinds[t.choice.kind]) for t in drawn]
    missed = own.tried is not None and judged(own.tried) in ("more", "fewer")
    title = Sentence(f"alert.figure.{'doubtful' if missed else 'gain'}", words)
    axis = Sentence("alert.axis", words)
    columns = [Column("alert.column.rule", "text"), Column(axis, "money0")]
    table = Table(
        id="buying.alert_gain",
        caption=title,
        columns=columns,
        rows=[(d.label, d.estimate) for d in dots],
        in_report=False,
    )
    return [
        Figure(
            id="buying.alert",
            kind="dots",
            title=title,
            subtitle=Sentence("alert.subtitle", words),
            note=Sentence("alert.source", words),
            alt=Sentence("alert.alt", words),
            x=axis,
            y=Sentence("alert.column.rule"),
            dots=dots,
            reference=0.0,
            table=table,
        )
    ]


def tables(found: Priced, shown: list[Told], words: Words) -> list[Table]:
    """Return what each rule brings, whom it reaches, and whom it would have named in the middle."""
    rule, named = Column("alert.column.rule", "text"), Column("alert.column.contacted", "int")
    note = Sentence("alert.note", words)
    heads = {n: Column(f"alert.column.{n}", f) for n, f in SHARES.items()}
    money = [Column(Sentence(f"alert.column.{n}", words), f) for n, f in MONEY.items()]
    rows = [(t.choice.label, t.alert.contacted, t.alert) for t in shown]
    made = []
    if found.contact is not None and rows:
        lines = [(a, n, *(getattr(x, m) for m in MONEY)) for a, n, x in rows]
        made.append(_table("alert", [rule, named, *money], lines, note))
    if rows:
        lines = [(a, n, *(getattr(x, m) for m in SHARES)) for a, n, x in rows]
        made.append(_table("alert_caught", [rule, named, *heads.values()], lines, note))
    past = [t for t in found.told if t.tried is not None]
    if past:
        heading = Column(Sentence("alert.column.named", words), "int")
        columns = [rule, heading, Column("alert.column.came", "percent1")]
        columns.append(Column("alert.column.expected", "percent1"))
        lines = [_tried(t) for t in past]
        if any(t.at_most is not None for t in past):
            columns.append(Column("alert.column.at_most", "money0"))
            lines = [(*line, t.at_most) for line, t in zip(lines, past, strict=True)]
        made.append(_table("alert_tried", columns, lines, Sentence("alert.note_tried", words)))
    return made


def _table(
    name: str, columns: list[Column], rows: list[tuple[object, ...]], note: Sentence
) -> Table:
    caption = Sentence(f"alert.caption.{name}")
    return Table(id=f"buying.{name}", caption=caption, columns=columns, rows=rows, note=note)


def _tried(told: Told) -> tuple[object, ...]:
    pair = told.tried
    assert pair is not None
    return (told.choice.label, pair.persons, pair.observed, pair.expected)
