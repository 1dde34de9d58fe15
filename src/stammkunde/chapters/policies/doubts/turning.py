"""What would have to be true for another policy to lead: one assumption at a time, and two."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stammkunde.chapters.exhibit import Column, Figure, Regions, Section, Table
from stammkunde.chapters.policies.doubts.assuming import (
    as_made,
    at_point,
    counted,
    counts,
    key_of,
    quoted,
    the_two,
    titled,
    written,
)
from stammkunde.chapters.policies.doubts.paying import (
    paying,
    paying_finding,
    paying_results,
    paying_table,
)
from stammkunde.chapters.policies.doubts.probing import DRAWS, GRID_DRAWS, Area, Probe, area, probes
from stammkunde.chapters.policies.read import Decision
from stammkunde.result import Estimate, Finding, Result, Sentence

FIRST = 0.97
ID = "policy.turning"
TOLD = 4
AT = "where the mean values of two policies meet, one assumption set"
CHANCE = "share of the draws of an assumption"
COLUMNS = ("assumption", "assumed", "looked_at", "turns_at", "then", "chance")


def turning(decision: Decision) -> Section:
    """Return the section on what turns the choice, and up to what each policy pays."""
    found = probes(decision)
    map_of, log = area(decision, found)
    pays = paying(decision)
    return Section(
        id=ID,
        heading=Sentence("policies_doubt.heading.turning"),
        findings=[*_turns(decision, found), *paying_finding(decision, pays)],
        figures=[_map(decision, map_of)] if map_of is not None else [],
        tables=[*([_table(decision, found)] if found else []), paying_table(decision, pays)],
        paragraphs=[Sentence("policies_doubt.method.turning")],
        results=[
            *_results(decision, found),
            *paying_results(decision, pays),
            *counted(decision, turns=DRAWS, map=GRID_DRAWS),
        ],
        log=log,
    )


def _turns(decision: Decision, found: Sequence[Probe]) -> list[Finding]:
    """Return a finding for each of the nearest turns, or that there is none."""
    turn = sorted((p for p in found if p.turns), key=lambda p: (p.near, p.name))
    steady = quoted(titled(decision, p.name) for p in found if not p.turns)
    words: dict[str, object] = {"leader": decision.title(the_two(decision)[0])}
    words |= {"names": steady, "count": len(steady)}
    findings = [_turn(decision, p, i) for i, p in enumerate(turn[:TOLD])]
    if steady:
        kind = "rest" if turn else "never"
        sentence = Sentence(f"policies_doubt.turn.{kind}", words)
    elif not found:
        sentence = Sentence("policies_doubt.turn.nothing", words)
    else:
        return findings
    # it speaks of every policy, as does knowing everything
    trusted = decision.league.evpi.status
    last = Finding(id=f"{ID}.steady", status=trusted, sentence=sentence, importance=0.25)
    return [*findings, last]


def _turn(decision: Decision, p: Probe, place: int) -> Finding:
    """Return the finding on where the choice turns with one assumption."""
    words: dict[str, object] = {"leader": decision.title(p.leads), "name": titled(decision, p.name)}
    words |= {"here": written(decision, as_made(decision, p.name)), "likely": ""}
    sides = [s for s in ("below", "above") if getattr(p, s) is not None]
    for side in sides:
        words[side] = written(decision, _at(decision, p, side))
        words[f"then_{side}"] = decision.title(_after(p, side))
    chance = _chance(decision, p)
    if chance is not None:
        kind = "some" if chance.value else "none"
        words["likely"] = Sentence(f"policies_doubt.likely.{kind}", {"chance": chance})
    return Finding(
        id=f"{ID}.turn.{p.name}",
        status=decision.league.evpi.status,
        sentence=Sentence(f"policies_doubt.turn.{'_'.join(sides)}", words),
        headline=Sentence(f"policies_doubt.turn_headline.{'_'.join(sides)}", words),
        importance=_weight(p, place),
        table=ID,
    )


def _weight(p: Probe, place: int) -> float:
    """Return how much a turn matters: the first stands beside the decision that it would turn."""
    if not place:
        return FIRST
    return 0.45 - 0.05 * place if p.is_near else 0.2 - 0.02 * place


def _at(decision: Decision, p: Probe, side: str) -> Estimate:
    turn = p.below if side == "below" else p.above
    assert turn is not None
    return at_point(decision, p.name, turn.at, AT)


def _after(p: Probe, side: str) -> str:
    """Return who leads beyond the turn on a side, going away from today's assumption."""
    turn = p.below if side == "below" else p.above
    assert turn is not None
    return turn.before if side == "below" else turn.after


def _chance(decision: Decision, p: Probe) -> Estimate | None:
    """Return how much of an assumption's law lies beyond the turns; None of a certain one."""
    drawn = decision.drawn[p.name]
    if not np.ptp(drawn):
        return None
    beyond = np.zeros(len(drawn), bool)
    if p.below is not None:
        beyond |= drawn < p.below.at
    if p.above is not None:
        beyond |= drawn > p.above.at
    return Estimate(
        value=float(beyond.mean()),
        unit="share",
        method=CHANCE,
        status=decision.ledger.of(p.name).status,
        reason="no interval: a share of draws",
    )


def _table(decision: Decision, found: Sequence[Probe]) -> Table:
    rows: list[tuple[object, ...]] = []
    for p in sorted(found, key=lambda p: (p.near, p.name)):
        low, high = (
            written(decision, at_point(decision, p.name, x)) for x in (p.points[0], p.points[-1])
        )
        looked = Sentence("policies_doubt.point.span", {"low": low, "high": high})
        made = written(decision, as_made(decision, p.name))
        start = (titled(decision, p.name), made, looked)
        sides = [s for s in ("below", "above") if getattr(p, s) is not None]
        for side in sides:
            at = {"at": written(decision, _at(decision, p, side))}
            turns = Sentence(f"policies_doubt.side.{side}", at)
            then = decision.title(_after(p, side))
            chance = _chance(decision, p)
            rows.append((*start, turns, then, None if chance is None else chance.value))
        if not sides:
            rows.append((*start, Sentence("policies_doubt.side.nowhere"), None, None))
    forms = ["percent1" if n == "chance" else "text" for n in COLUMNS]
    return Table(
        id=ID,
        caption=Sentence("policies_doubt.caption.turning"),
        columns=[
            Column(f"policies_doubt.column.{n}", f) for n, f in zip(COLUMNS, forms, strict=True)
        ],
        rows=rows,
        note=Sentence("policies_doubt.note.turning", counts(decision, DRAWS)),
    )


def _results(decision: Decision, found: Sequence[Probe]) -> list[Result]:
    lines = []
    for p in found:
        sides = [s for s in ("below", "above") if getattr(p, s) is not None]
        name = f"policy.turns.{key_of(p.name)}"
        for side in sides:
            group = {"side": side, "policy": _after(p, side)}
            at = _at(decision, p, side)
            lines.append(Result(id=name, estimate=at, group=group))
        lines.append(Result(id=f"{name}.assumed", estimate=as_made(decision, p.name)))
        chance = _chance(decision, p)
        if chance is not None and sides:
            lines.append(Result(id=f"{name}.chance", estimate=chance))
    return lines


def _map(decision: Decision, found: Area) -> Figure:
    """Return the map of who is best over two assumptions."""
    t = found.map
    one, two = titled(decision, t.first), titled(decision, t.second)
    leading = [t.names[i] for i in np.unique(found.best)]
    words: dict[str, object] = {
        "one": one,
        "two": two,
        "names": quoted(map(decision.title, leading)),
    }
    words |= {"leader": decision.title(leading[0]), "client": decision.study.name}
    words |= {"day": decision.study.as_of, "months": decision.market.horizon}
    words |= counts(decision, found.draws)
    title = Sentence(f"policies_doubt.map.{'some' if len(leading) > 1 else 'one'}", words)
    units = tuple(decision.ledger.of(n).unit for n in (t.first, t.second))
    return Figure(
        id=f"{ID}.map",
        kind="regions",
        title=title,
        subtitle=Sentence("policies_doubt.map.subtitle", words),
        note=Sentence("policies_doubt.map.note", words),
        alt=Sentence("policies_doubt.map.alt", words),
        x=Sentence("policies_doubt.map.axis", {"name": one}),
        y=Sentence("policies_doubt.map.axis", {"name": two}),
        regions=Regions(
            names=[decision.title(n) for n in t.names],
            across=found.points(0).tolist(),
            up=found.points(1).tolist(),
            best=found.best.tolist(),
            here=found.here,
            units=(units[0], units[1]),
        ),
        table=_map_table(decision, found, title, Sentence("policies_doubt.note.few", words)),
    )


def _map_table(decision: Decision, found: Area, caption: Sentence, note: Sentence) -> Table:
    t = found.map
    axes = [{"name": titled(decision, n)} for n in (t.first, t.second)]
    columns = [Column(Sentence("policies_doubt.map.axis", a), "n3") for a in axes]
    columns += [Column("policies_doubt.column.best", "text")]
    columns += [
        Column(Sentence("policies_doubt.column.lead", {"currency": decision.currency}), "n0")
    ]
    rows = [
        (float(x), float(y), decision.title(t.names[t.best[i, j]]), float(t.lead[i, j]))
        for i, x in enumerate(t.first_points)
        for j, y in enumerate(t.second_points)
    ]
    return Table(
        id=f"{ID}.map", caption=caption, columns=columns, rows=rows, note=note, in_report=False
    )
