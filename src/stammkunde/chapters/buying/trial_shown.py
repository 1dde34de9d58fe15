"""Pictures and tables of the model of buying: what it expected, and what came."""

from __future__ import annotations

from collections.abc import Mapping

from stammkunde.chapters.buying.trial import Trial
from stammkunde.chapters.exhibit import Column, Figure, Mark, Pair, Table, Track
from stammkunde.chapters.parts import ticks
from stammkunde.result import Sentence
from stammkunde.survival.buying import Pair as Told

Words = Mapping[str, object]
QUARTER = 13


def track(trial: Trial, words: Words) -> Figure:
    """Return the repeat purchases over time, expected and come."""
    tracking = trial.tracking
    title = Sentence(f"buying.figure.{trial.verdict}", words)
    numbers = (tracking.at, tracking.observed, tracking.expected, tracking.low, tracking.high)
    at, came, said, low, high = (a.tolist() for a in numbers)
    return Figure(
        id="buying.track",
        kind="track",
        title=title,
        subtitle=Sentence("buying.subtitle", words),
        note=Sentence("figure.source.once", words),
        alt=Sentence("buying.alt.track", words),
        x=Sentence("buying.since", words),
        y=Sentence("buying.axis"),
        track=Track(
            at=at,
            observed=came,
            expected=said,
            low=low,
            high=high,
            until=tracking.until,
            names=(Sentence("buying.came"), Sentence("buying.said")),
        ),
        marks=[Mark(tracking.until, Sentence("buying.mark"))],
        x_ticks=QUARTER if tracking.unit == "week" else max(1, ticks(int(at[-1]), tracking.unit)),
        table=_track_table(trial, title, words),
    )


def _track_table(trial: Trial, title: Sentence, words: Words) -> Table:
    tracking = trial.tracking
    columns = [Column(Sentence("buying.column.time", words), "int")]
    columns += [Column("buying.column.part", "text"), Column("buying.came", "int")]
    columns += [Column(name, "n1") for name in ("buying.said", "column.low", "column.high")]
    fitted, ahead = Sentence("buying.part.fitted"), Sentence("buying.part.ahead")
    rows = [
        (
            r.at,
            ahead if r.at > tracking.until else fitted,
            int(r.observed),
            r.expected,
            r.low,
            r.high,
        )
        for r in tracking.to_frame().itertuples()
    ]
    return Table(id="buying.track", caption=title, columns=columns, rows=rows, in_report=False)


def counts(trial: Trial) -> dict[str, int]:
    """Return how many bins by chance are shown, and how many of them the model hits."""
    return {"hits": sum(map(_hit, trial.chances)), "shown": len(trial.chances)}


def _hit(pair: Told) -> bool:
    low, high, value = pair.observed.low, pair.observed.high, pair.expected.value
    return low is not None and high is not None and value is not None and low <= value <= high


def calibration(trial: Trial, words: Words) -> list[Figure]:
    """Return expected against observed shares of who bought again; none of one bin."""
    if len(trial.chances) < 2:
        return []
    told = {**words, **counts(trial)}
    title = Sentence(f"buying.figure.chances{'' if told['hits'] else '_none'}", told)
    columns = [
        Column("buying.column.chance", "percent1"),
        Column("buying.column.bought", "percent1"),
    ]
    columns += [Column("column.persons", "int")]
    rows = [(p.expected, p.observed, p.persons) for p in trial.chances]
    return [
        Figure(
            id="buying.chances",
            kind="calibration",
            title=title,
            subtitle=Sentence("buying.chances.subtitle", words),
            note=Sentence("figure.source.once", words),
            alt=Sentence("buying.alt.chances", told),
            x=Sentence("buying.chances.x"),
            y=Sentence("buying.chances.y"),
            pairs=[Pair(p.expected.value or 0.0, p.observed) for p in trial.chances],
            table=Table(
                id="buying.chances", caption=title, columns=columns, rows=rows, in_report=False
            ),
        )
    ]


def by_purchases(trial: Trial, words: Words) -> Table:
    """Return purchases per customer, expected and come, by those before."""
    columns = [Column("buying.column.before", "text"), Column("column.persons", "int")]
    columns += [Column("buying.column.expected", "n2"), Column("buying.column.observed", "n2")]
    rows = [(_before(p), p.persons, p.expected, p.observed) for p in trial.purchases]
    return Table(
        id="buying.purchases",
        caption=Sentence("buying.caption.purchases", words),
        columns=columns,
        rows=rows,
        note=Sentence("buying.note.purchases", words),
    )


def _before(pair: Told) -> Sentence | str:
    first = int(pair.first)
    return str(first) if pair.first == pair.last else Sentence("buying.from", {"first": first})
