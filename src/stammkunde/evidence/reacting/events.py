"""What an event does to leaving afterwards: exposed against not exposed, unit by unit.

An event on day d counts from the first unit that begins on or after d. So in each unit those to
whom it has happened in the unit before are compared with those to whom it has not, all of them
still there, alike in tenure, columns and what happened to them lately; trials are pooled as in
`sequential`. Complaints, gestures and fees all are such events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

from stammkunde.errors import ParameterError, nearest
from stammkunde.evidence.adequacy import MOST_WITHOUT
from stammkunde.evidence.baseline import Population
from stammkunde.evidence.reacting.sequential import Entrants, counted_entrants, sequential_trial
from stammkunde.evidence.trial import ALIKE_GIVEN, Trial
from stammkunde.evidence.units import SPELL, UNIT, holds, level_name, person_units
from stammkunde.spells.spells import CENSORED, Spells

EXPOSED, UNEXPOSED = "exposed", "not exposed"
ARMS = (EXPOSED, UNEXPOSED)
# what happened lately is told apart as never, once, more often
MOST = 2


def event_trial(
    entered: Entrants,
    *,
    population: Population = "treated",
    spared: float = MOST_WITHOUT,
    assumptions: tuple[str, ...] = (ALIKE_GIVEN,),
) -> Trial:
    """Return the trial of exposed against not exposed, by default for those who were exposed.

    What it did to those to whom it happened: units and cells in which it happened to nobody then
    say nothing and are left aside. For `spared` see `sequential_trial`.
    """
    return sequential_trial(entered, population=population, spared=spared, assumptions=assumptions)


def exposures(
    spells: Spells,
    events: ir.Table,
    kind: str,
    *,
    reach: int,
    by: Sequence[str] = (),
    lately: Mapping[str, int] | None = None,
    among: str = "",
    fresh: bool = False,
    first: int = 2,
    last: int | None = None,
    bands: Sequence[int] | None = None,
    calendar: int = 0,
    shift: int = 0,
) -> Entrants:
    """Return who was exposed to an event of a kind, and who was not, in each unit first .. last.

    `events` is the relation of the events' table. A trial of unit s compares those whose event
    counts from s on with those whose does not, and follows them in the units s .. s + `reach` - 1;
    who leaves in the unit of the event itself is in neither arm. Alike are those of the same unit
    (or band of units, see `entrants_of`), `by` (groups or covariates), month of the calendar in
    spans of `calendar` months (0: whenever), and number (0, 1, 2 or more) of events of each kind of
    `lately` in so many units before that of the event; by default of the kind itself in 3. With
    `among` only those to whom an event of that kind happened in the same unit take part (gestures
    among complaints); with `fresh` only those to whom the event itself had never happened before.
    Late entries take part once what happened lately has been seen whole. `shift` counts leaving
    only that many units later, among those then still there: where the event can no longer act, a
    difference tells that the arms were unlike. ParameterError for an unknown kind or column.
    """
    back = _lately(events, kind, lately)
    if first < 1 or shift < 0 or calendar < 0:
        raise ParameterError(
            "units, spans and shifts count upwards", remedy="Give no negative one."
        )
    rows = _eligible(spells, events, kind, by, back, among, fresh, first, last, before=0)
    rows = rows.filter(rows.unit + shift <= rows["exit"])
    stays = rows["exit"] - rows.unit - shift + 1
    keys = [*map(level_name, by), *map(_past, back)]
    if calendar:
        rows, keys = rows.mutate(season=(rows.month // calendar).cast("int64")), [*keys, "season"]
    made = rows.mutate(stays=stays.cast("int64"), end=rows.cause)
    return counted_entrants(made, ARMS, keys, reach, bands, spells.unit)


def period_before(
    spells: Spells,
    events: ir.Table,
    kind: str,
    outcome: str,
    *,
    reach: int,
    by: Sequence[str] = (),
    lately: Mapping[str, int] | None = None,
    among: str = "",
    fresh: bool = False,
    first: int = 2,
    last: int | None = None,
    bands: Sequence[int] | None = None,
) -> Entrants:
    """Return the same arms followed in the `reach` units before the event, to another kind of one.

    A negative control: what comes after cannot act on what was before, so a difference tells that
    the arms were unlike. Leaving cannot serve, since nobody of either arm had left by then; the
    first event of the kind `outcome` stands for it (the end is named so). What happened lately is
    that before the period. Arguments and eligibility as for `exposures`; whoever was a customer for
    fewer than `reach` units before the event takes no part.
    """
    back = _lately(events, kind, lately)
    _known(events, outcome)
    rows = _eligible(spells, events, kind, by, back, among, fresh, first, last, before=reach)
    met = holds(spells, events.filter(events.kind == outcome)).select(*SPELL, "since")
    # trial s follows the units s - 1 - reach + 1 .. s - 1 of those whose event lies in unit s - 1
    own = rows.select(*UNIT).inner_join(met, SPELL)
    own = own.mutate(stays=(own.since - (own.unit - 2 - reach)).cast("int64"))
    own = own.filter((own.stays >= 1) & (own.stays <= reach))
    hits = own.group_by(*UNIT).aggregate(stays=own.stays.min())
    made = rows.left_join(hits, UNIT).drop(*(f"{c}_right" for c in UNIT))
    end = ibis.ifelse(made.stays.isnull(), ibis.literal(CENSORED), ibis.literal(outcome))
    made = made.mutate(end=end, stays=made.stays.fill_null(reach).cast("int64"))
    keys = [*map(level_name, by), *map(_past, back)]
    return counted_entrants(made, ARMS, keys, reach, bands, spells.unit)


def _lately(events: ir.Table, kind: str, lately: Mapping[str, int] | None) -> dict[str, int]:
    _known(events, kind)
    back = dict({kind: 3} if lately is None else lately)
    for other, units in back.items():
        if other != kind:
            _known(events, other)
        if units < 1:
            raise ParameterError(
                f"the last {units} units", remedy="Give 1 or more, or leave it out."
            )
    return back


def _known(events: ir.Table, kind: str) -> None:
    kinds = sorted(events.select("kind").distinct().to_pyarrow()["kind"].to_pylist())
    if kind not in kinds:
        raise ParameterError(f"no events of the kind `{kind}`", remedy=nearest(kind, kinds))


def _past(kind: str) -> str:
    return f"lately {kind}"


def _eligible(
    spells: Spells,
    events: ir.Table,
    kind: str,
    by: Sequence[str],
    back: Mapping[str, int],
    among: str,
    fresh: bool,
    first: int,
    last: int | None,
    *,
    before: int,
) -> ir.Table:
    """Return one row per spell and trial that it takes part in, with its arm and what is alike.

    What happened lately is counted in the units that lie `before` units before the event's.
    """
    rows = person_units(spells, by, first=first, reach=last)
    # seen late: the units of the event and of what happened lately must have been seen whole
    seen = max(back.values(), default=0) + before + 1
    rows = rows.filter((rows.entry == 0) | (rows.entry + seen < rows.unit))
    rows = rows.filter(rows.unit > before + 1) if before else rows
    met = {
        k: holds(spells, events.filter(events.kind == k)).select(*SPELL, "since")
        for k in {kind, *back, *filter(None, [among])}
    }
    own = met[kind]
    rows = _marked(rows, own.select(*SPELL, unit=own.since + 1).distinct(), "hit")
    if among:
        there = met[among].select(*SPELL, unit=met[among].since + 1).distinct()
        rows = _marked(rows, there, "there")
        rows = rows.filter(rows.there == 1)
    if fresh:
        earliest = own.group_by(*SPELL).aggregate(earliest=own.since.min() + 1)
        rows = rows.left_join(earliest, SPELL).drop(*(f"{c}_right" for c in SPELL))
        rows = rows.filter(rows.earliest.isnull() | (rows.unit <= rows.earliest))
    for other, units in back.items():
        rows = _with_past(rows, met[other], _past(other), units, before)
    return rows.mutate(arm=ibis.ifelse(rows.hit == 1, EXPOSED, UNEXPOSED))


def _marked(rows: ir.Table, there: ir.Table, name: str) -> ir.Table:
    """Return the rows with 1 where (person, spell, unit) is among those `there`, else 0."""
    hits = there.mutate(**{name: ibis.literal(1, "int64")})
    joined = rows.left_join(hits, UNIT).drop(*(f"{c}_right" for c in UNIT))
    return joined.mutate(**{name: joined[name].fill_null(0)})


def _with_past(rows: ir.Table, met: ir.Table, name: str, units: int, before: int) -> ir.Table:
    """Return the rows with how many events counted from one of the units before on, at most 2."""
    start = met.since + 2 + before
    spread = met.mutate(unit=ibis.range(start, start + units).cast("array<int64>").unnest())
    found = spread.group_by(*UNIT).aggregate(**{name: spread.count()})
    joined = rows.left_join(found, UNIT).drop(*(f"{c}_right" for c in UNIT))
    return joined.mutate(**{name: ibis.least(joined[name].fill_null(0), MOST).cast("int64")})
