"""The pictures and tables of who gains by an offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stammkunde.chapters.exhibit import Column, Dot, Figure, Table
from stammkunde.chapters.offers.spoken import column_name, level_of
from stammkunde.chapters.parts import unit
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.gains import Gain, Gains
from stammkunde.result import Estimate, Sentence
from stammkunde.study import Study

ID = "offers.gains"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What is shown of one question: its gains by segment, money in the client's currency.

    `is_given` tells whether rules of whom to give it are told of.
    """

    study: Study
    name: str
    is_given: bool
    answer: Answer
    gains: Gains
    words: Mapping[str, object]

    @property
    def told(self) -> list[Gain]:
        """Return the segments of which something can be told."""
        return [g for g in self.gains.segments if g.told]


def named(s: Shown, gain: Gain) -> Sentence:
    """Return what a segment is called in a sentence."""
    return Sentence("gains.segment", {"name": _whole(s, gain)})


def differ(s: Shown) -> bool:
    """Return whether it is established that the segments differ."""
    return s.gains.spread.low is not None and s.gains.spread.low > 0


def figure(s: Shown) -> Figure:
    """Return the picture of months gained by segment."""
    order = sorted(s.told, key=lambda g: g.months.value or 0.0)
    words = dict(s.words) | {"least": named(s, order[0]), "most": named(s, order[-1])}
    words |= {"from_months": order[0].months, "to_months": order[-1].months}
    words["columns"] = [column_name(s.study, c) for c in s.gains.columns]
    title = Sentence(f"gains.figure.{'differ' if differ(s) else 'alike'}", words)
    axis = Sentence("gains.axis", words)
    dots = [_dot(s, g) for g in s.gains.segments]
    columns = [Column("gains.column.segment", "text"), Column("gains.column.persons", "int")]
    columns += [Column("gains.column.own", "n2"), Column("gains.column.drawn", "n2")]
    own = {p.levels: p.own for p in s.answer.segments if p.columns == s.gains.columns}
    table = Table(
        id=f"{ID}.{s.name}",
        caption=title,
        columns=columns,
        rows=[(_whole(s, g), g.persons, own[g.levels], g.months) for g in s.gains.segments],
        in_report=False,
    )
    return Figure(
        id=f"{ID}.{s.name}",
        kind="dots",
        title=title,
        subtitle=Sentence("gains.subtitle", words),
        note=Sentence(f"gains.source.{'hidden' if s.words['hidden'] else 'all'}", words),
        alt=Sentence("gains.alt", words),
        x=axis,
        y=Sentence("gains.column.segment"),
        dots=dots,
        reference=0.0,
        table=table,
    )


def reach(s: Shown) -> Sentence:
    """Return within which time gains are counted: years where what comes later is, else units."""
    if not s.gains.span:
        return Sentence("gains.reach.horizon", s.words)
    years = s.study.toml.report.projection_years
    return Sentence("gains.reach.years", {"years": years, "unit": unit("year", years, "dative")})


def tables(shown: Sequence[Shown]) -> list[Table]:
    """Return gains by segment, and what each rule is worth, of the questions told in money."""
    money = [s for s in shown if s.gains.in_money]
    given = [s for s in money if s.is_given]
    return [*([_worth(given)] if given else []), *([_segments(money)] if money else [])]


def _worth(money: Sequence[Shown]) -> Table:
    heads, rows = ("everyone", "risk", "best", "gain"), []
    for s in money:
        name = Sentence("gains.row.all", {**s.words, "reach": reach(s)})
        rows.append((name, *(_or_nobody(s.gains.rules[n]) for n in heads)))
        if s.gains.within:
            name = Sentence("gains.row.within", s.words)
            rows.append((name, *(_or_nobody(s.gains.within[n]) for n in heads)))
    share = {"share": money[0].gains.share}
    columns = [Column("gains.column.question", "text")]
    columns += [Column(Sentence(f"gains.column.{n}", share), "money0") for n in heads]
    return Table(
        id=f"{ID}.worth",
        caption=Sentence("gains.caption.worth"),
        columns=columns,
        rows=rows,
        note=Sentence("gains.note.worth", share),
    )


def _or_nobody(e: Estimate) -> Estimate | Sentence:
    """Return what a rule is worth, or that it gives the offer to nobody: then it is worth 0."""
    return Sentence("gains.to_nobody", {"worth": e}) if e.value == 0 else e


def _segments(money: Sequence[Shown]) -> Table:
    forms = {"question": "text", "segment": "text", "persons": "int", "drawn": "n2"}
    forms |= {"margin": "money2", "cost": "money2", "within": "money2", "each": "money2"}
    return Table(
        id=f"{ID}.segments",
        caption=Sentence("gains.caption.segments"),
        columns=[Column(f"gains.column.{n}", f) for n, f in forms.items()],
        rows=[
            (s.words["question"], _whole(s, g), g.persons, g.months, g.margin, g.cost, *_both(g))
            for s in money
            for g in s.gains.segments
        ],
        note=Sentence("gains.note.segments"),
        in_report=False,
    )


def _both(g: Gain) -> tuple[Estimate | None, Estimate | None]:
    """Return the gain within the horizon and that in all; the same where nothing comes later."""
    return (g.within or (g.each if g.margin else None), g.each if g.margin else None)


def _whole(s: Shown, gain: Gain) -> Sentence:
    """Return the name of a segment: columns and levels, one after the other."""
    pairs = zip(s.gains.columns, gain.levels, strict=True)
    parts = [
        Sentence(
            "gains.level", {"column": column_name(s.study, c), "level": level_of(s.study, c, level)}
        )
        for c, level in pairs
    ]
    name = parts[0]
    for other in parts[1:]:
        name = Sentence("gains.both", {"one": name, "other": other})
    return name


def _dot(s: Shown, gain: Gain) -> Dot:
    """Return a row; of two columns the first is the heading of its rows."""
    columns, levels = s.gains.columns, gain.levels
    names = [level_of(s.study, c, level) for c, level in zip(columns, levels, strict=True)]
    if len(names) == 1:
        return Dot(names[0], gain.months)
    if len(names) > 2:
        return Dot(_whole(s, gain), gain.months)
    words = {"column": column_name(s.study, columns[0]), "level": names[0]}
    return Dot(names[1], gain.months, Sentence("gains.level", words))
