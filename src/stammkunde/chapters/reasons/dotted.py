"""The pictures of differences between otherwise equal customers, none taller than half a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stammkunde.chapters.exhibit import Column, Dot, Figure, Table
from stammkunde.chapters.parts import amount
from stammkunde.chapters.reasons.fitted import Drivers
from stammkunde.chapters.reasons.names import level_name, title_of
from stammkunde.chapters.reasons.notapart import not_apart_note
from stammkunde.chapters.reasons.pairs import Words, after, named, pair_words, stated
from stammkunde.result import Label, Sentence
from stammkunde.study import Study
from stammkunde.survival.drivers.standard import Difference

MOST_DOTS = 26
# a heading of a column is nearly as tall as a row
MOST_LINES = 14
Columns = dict[str, list[Difference]]


def figures(study: Study, found: Drivers, words: Words) -> list[Figure]:
    """Return pictures of the differences in units, by column; none where there is no value.

    Columns stay whole. Those with a difference beyond chance come first, and where all have no
    room, those with the largest differences are drawn; the others are in the workbook only.
    """
    if not stated(found):
        return []
    shown, hidden = _shown(found)
    parts = _parts(found, shown)
    return [
        _figure(study, found, words, part, i, hidden if i == len(parts) - 1 else {})
        for i, part in enumerate(parts)
    ]


def _by_column(found: Drivers) -> Columns:
    by: Columns = {}
    for d in found.differences:
        by.setdefault(d.factor, []).append(d)
    return by


def _shown(found: Drivers) -> tuple[Columns, Columns]:
    """Return the differences to draw by column, and the others."""
    by = _by_column(found)
    room, kept = MOST_DOTS, set()
    for column in sorted(by, key=lambda c: -max(abs(d.months.value or 0.0) for d in by[c])):
        if len(by[column]) <= room:
            room -= len(by[column])
            kept.add(column)
    shown = {c: own for c, own in by.items() if c in kept}
    return shown, {c: own for c, own in by.items() if c not in kept}


def _parts(found: Drivers, shown: Columns) -> list[Columns]:
    """Return the columns put into as few pictures as they need, of about the same height."""
    order = sorted(shown, key=lambda c: not any(map(found.is_decided, shown[c])))
    lines = {c: len(shown[c]) + 1 for c in order}
    fewest = _filled(lines, MOST_LINES)
    least = -(-sum(lines.values()) // len(fewest))
    even = (_filled(lines, most) for most in range(least, MOST_LINES + 1))
    parts = next((p for p in even if len(p) == len(fewest)), fewest)
    return [{c: shown[c] for c in part} for part in parts]


def _filled(lines: Mapping[str, int], most: int) -> list[list[str]]:
    """Return the columns in order, in parts of at most so many lines (or of one column)."""
    parts: list[list[str]] = [[]]
    for column, own in lines.items():
        if parts[-1] and sum(lines[c] for c in parts[-1]) + own > most:
            parts.append([])
        parts[-1].append(column)
    return parts


def _figure(
    study: Study, found: Drivers, words: Words, part: Columns, place: int, hidden: Columns
) -> Figure:
    """Return one picture, its title the largest difference in it; the first has the plain id."""
    own = [d for d in stated(found) if d.factor in part]
    lead = own[0] if own else stated(found)[0]
    told = {**words, **pair_words(study, found, lead), "shown": _open(study, found, part)}
    key = "largest" if own and found.is_decided(lead) else "none" if place == 0 else "others"
    more = [Sentence("drivers.hidden", {"count": len(hidden)})] if hidden else []
    more += not_apart_note(study, found, list(part))
    times = amount("spells", found.cells.spells)
    counts = {"client": study.name, "day": study.as_of, "times": times}
    name = "drivers.months" + (f".{place + 1}" if place else "")
    every = [d for group in (part, hidden) for own in group.values() for d in own]
    return Figure(
        id=name,
        kind="dots",
        title=Sentence(f"drivers.figure.{key}", told),
        subtitle=Sentence("drivers.subtitle", words),
        note=Sentence("drivers.note", {**words, **counts, "more": _joined(more)}),
        alt=Sentence("drivers.alt", told),
        x=Sentence("drivers.axis", words),
        y=Sentence("drivers.levels"),
        dots=[_dot(study, d) for own in part.values() for d in own],
        reference=0.0,
        table=_whole(study, found, words, every, name),
    )


def _open(study: Study, found: Drivers, part: Columns) -> list[Label]:
    """Return the columns of a picture by which no difference is beyond chance, not even jointly."""
    together = {c for t in found.together if t.is_decided for c in t.alike.columns}
    return [title_of(study, c) for c in part if c not in together] or [
        title_of(study, c) for c in part
    ]


def _joined(more: Sequence[Sentence]) -> Sentence | str:
    """Return up to two sentences as one."""
    if len(more) < 2:
        return more[0] if more else ""
    return Sentence("drivers.two", {"one": more[0], "two": more[1]})


def _dot(study: Study, d: Difference) -> Dot:
    words = {"group": title_of(study, d.factor)}
    against = Sentence(
        "drivers.against", {**words, "reference": level_name(study, d.factor, d.reference)}
    )
    return Dot(level_name(study, d.factor, d.level), d.months, against)


def _whole(
    study: Study, found: Drivers, words: Words, shown: Sequence[Difference], name: str
) -> Table:
    """Return what a picture shows, for the workbook: with heads, all tenures and p-values."""
    columns = [Column("drivers.column.level", "text"), Column("drivers.column.reference", "text")]
    columns += [Column("column.spells", "int"), Column("column.events", "int")]
    columns += [Column(Sentence("drivers.column.months", words), "n1")]
    columns += [Column(after(found, t), "per100n1") for t in found.tenures]
    columns += [Column("drivers.column.holm", "n3")]
    rows = []
    for d in shown:
        heads = (d.spells, d.months.events)
        p = found.holm.get((d.factor, d.level))
        rows.append((*named(study, d), *heads, d.months, *d.survival.values(), p))
    caption = Sentence("drivers.caption", words)
    return Table(id=name, caption=caption, columns=columns, rows=rows, in_report=False)
