"""What the choice between policies hangs on: what knowing more is worth, and what moves most."""

from __future__ import annotations

from collections.abc import Sequence

from stammkunde.chapters.exhibit import Column, Figure, Section, Swing, Table
from stammkunde.chapters.policies.compare import leader_of
from stammkunde.chapters.policies.doubts.assuming import (
    counted,
    counts,
    difference,
    key_of,
    of_draws,
    quoted,
    status,
    the_two,
    titled,
    written,
)
from stammkunde.chapters.policies.doubts.knowing import (
    DRAWS,
    Known,
    Moved,
    moved,
    what_is_known,
)
from stammkunde.chapters.policies.read import Decision
from stammkunde.policy.decide.one_way import ENDS
from stammkunde.result import Estimate, Finding, Result, Sentence

ID = "policy.doubt"
BARS = 8
COLUMNS = {"assumption": "text", "low": "text", "high": "text"}
COLUMNS |= {"at_low": "money0", "at_high": "money0", "worth": "money0"}


def doubt(decision: Decision) -> Section:
    """Return the section on what the ranking hangs on, and what it is worth to know more."""
    moves = moved(decision)
    known = what_is_known(decision, [m.name for m in moves])
    findings = [_worth(decision, known), *_most(decision, moves), *_two_answers(decision)]
    return Section(
        id=ID,
        heading=Sentence("policies_doubt.heading.doubt"),
        findings=findings,
        figures=[_tornado(decision, moves)] if any(m.swing for m in moves) else [],
        tables=[_table(decision, known, moves)],
        paragraphs=[Sentence("policies_doubt.method.doubt", {"low": ENDS[0], "high": ENDS[1]})],
        results=[*_results(decision, known, moves), *counted(decision, swings=DRAWS)],
    )


def _worth(decision: Decision, known: Known) -> Finding:
    """Return the finding on what it is worth to know everything before choosing."""
    evpi = decision.league.evpi
    words: dict[str, object] = {"leader": decision.title(the_two(decision)[0])}
    words |= {"draws": decision.league.draws, "evpi": evpi, "months": decision.market.horizon}
    if not evpi.value:
        sentence = Sentence("policies_doubt.evpi.none", words)
    elif not known.each:
        sentence = Sentence("policies_doubt.evpi.data", words)
    else:
        best = max(known.each, key=lambda n: known.each[n].value or 0.0)
        words |= {"ledger": known.ledger, "data": known.data, "worth": known.each[best]}
        sentence = Sentence("policies_doubt.evpi.some", words | {"name": titled(decision, best)})
    return Finding(
        id=f"{ID}.evpi",
        status=evpi.status,
        sentence=sentence,
        importance=0.35,
        remarks=(Sentence("policies_doubt.remark.draws"),) if evpi.value else (),
        table=ID,
    )


def _most(decision: Decision, moves: Sequence[Moved]) -> list[Finding]:
    """Return the finding on the assumption that moves the difference most."""
    one, other = the_two(decision)
    words: dict[str, object] = {"leader": decision.title(one), "other": decision.title(other)}
    if not moves or not moves[0].swing:
        sentence = Sentence("policies_doubt.most.none", words)
        return [Finding(id=f"{ID}.most", status=status(decision), sentence=sentence)]
    first, turning = moves[0], [m for m in moves if m.turns]
    words |= _ends(decision, first)
    kind = "turns" if first.turns else "others" if turning else "keeps"
    if kind == "others":
        words["turning"] = quoted(titled(decision, m.name) for m in turning)
    return [
        Finding(
            id=f"{ID}.most",
            status=status(decision),
            sentence=Sentence(f"policies_doubt.most.{kind}", words),
            importance=0.5 if turning else 0.3,
            figure=ID,
        )
    ]


def _ends(decision: Decision, m: Moved) -> dict[str, object]:
    points = {n: written(decision, getattr(m, n)) for n in ("low", "high")}
    return {"name": titled(decision, m.name), "at_low": m.at_low, "at_high": m.at_high, **points}


def _two_answers(decision: Decision) -> list[Finding]:
    """Return the finding that one policy is best on average and another most often, if so."""
    if not decision.league.disagrees:
        return []
    leader, often = _leader_and_favourite(decision)
    found = _disagreeing(decision)
    words = {"leader": decision.title(leader), "favourite": decision.title(often)}
    return [
        Finding(
            id=f"{ID}.disagree",
            status=status(decision, leader, often),
            sentence=Sentence("policies_doubt.disagree.text", words | found),
            importance=0.4,
        )
    ]


def _leader_and_favourite(decision: Decision) -> tuple[str, str]:
    return leader_of(decision), decision.league.favourites[0]


def _disagreeing(decision: Decision) -> dict[str, Estimate]:
    leader, often = _leader_and_favourite(decision)
    apart, trusted = (
        difference(decision, decision.values, leader, often),
        status(decision, leader, often),
    )
    return {
        "ahead": of_draws(decision, apart, f"{leader} less {often}", trusted=trusted),
        "rarely": decision.league.of(leader).best,
        "often": decision.league.of(often).best,
    }


def _tornado(decision: Decision, moves: Sequence[Moved]) -> Figure:
    one, other = the_two(decision)
    bars = [m for m in moves if m.swing][:BARS]
    words: dict[str, object] = {"leader": decision.title(one), "other": decision.title(other)}
    words |= _ends(decision, bars[0]) | {"low_end": ENDS[0], "high_end": ENDS[1]}
    words |= {"months": decision.market.horizon, "client": decision.study.name}
    words |= {"day": decision.study.as_of, "bars": len(bars)} | counts(decision, DRAWS)
    kind = "turns" if any(b.turns for b in bars) else "keeps"
    title = Sentence(f"policies_doubt.tornado.{kind}", words)
    return Figure(
        id=ID,
        kind="tornado",
        title=title,
        subtitle=Sentence("policies_doubt.tornado.subtitle", words),
        note=Sentence("policies_doubt.tornado.note", words),
        alt=Sentence("policies_doubt.tornado.alt", words),
        x=Sentence("policies_doubt.tornado.x", words),
        y=Sentence("policies_doubt.column.assumption"),
        swings=[
            Swing(
                label=titled(decision, b.name),
                low=written(decision, b.low),
                high=written(decision, b.high),
                at_low=b.at_low.value or 0.0,
                at_high=b.at_high.value or 0.0,
            )
            for b in bars
        ],
        middle=float(difference(decision, decision.values, one, other).mean()),
        unit=decision.currency,
        table=_bars_table(decision, bars, title, Sentence("policies_doubt.note.few", words)),
    )


def _bars_table(
    decision: Decision, bars: Sequence[Moved], caption: Sentence, note: Sentence
) -> Table:
    columns = {n: form for n, form in COLUMNS.items() if n != "worth"}
    return Table(
        id=f"{ID}.tornado",
        caption=caption,
        columns=[Column(f"policies_doubt.column.{n}", form) for n, form in columns.items()],
        rows=[_row(decision, m) for m in bars],
        note=note,
        in_report=False,
    )


def _row(decision: Decision, m: Moved) -> tuple[object, ...]:
    ends = (m.at_low, m.at_high) if m.swing else (Sentence("policies_doubt.row.unmoved"), None)
    points = (written(decision, x) for x in (m.low, m.high))
    return (titled(decision, m.name), *points, *ends)


def _table(decision: Decision, known: Known, moves: Sequence[Moved]) -> Table:
    """Return each assumption with its ends, the difference there, and what knowing it is worth."""
    rows: list[tuple[object, ...]] = [(*_row(decision, m), known.each[m.name]) for m in moves]
    gap = (None, None, None, None)
    rows += [(Sentence("policies_doubt.row.ledger"), *gap, known.ledger)] if known.each else []
    rows += [(Sentence("policies_doubt.row.data"), *gap, known.data)]
    rows += [(Sentence("policies_doubt.row.everything"), *gap, decision.league.evpi)]
    one, other = the_two(decision)
    words: dict[str, object] = {"leader": decision.title(one), "other": decision.title(other)}
    words |= {"low": ENDS[0], "high": ENDS[1]} | counts(decision, DRAWS)
    return Table(
        id=ID,
        caption=Sentence("policies_doubt.caption.doubt"),
        columns=[Column(f"policies_doubt.column.{n}", form) for n, form in COLUMNS.items()],
        rows=rows,
        note=Sentence("policies_doubt.note.doubt", words),
    )


def _results(decision: Decision, known: Known, moves: Sequence[Moved]) -> list[Result]:
    found = {"policy.evpi": decision.league.evpi}
    found |= {f"policy.evppi.{key_of(n)}": e for n, e in known.each.items()}
    found |= {"policy.known.ledger": known.ledger, "policy.known.data": known.data}
    for m in moves:
        ends = {"from": m.low, "to": m.high, "low": m.at_low, "high": m.at_high}
        found |= {f"policy.swing.{key_of(m.name)}.{end}": e for end, e in ends.items()}
    if decision.league.disagrees:
        found |= {f"policy.disagree.{n}": e for n, e in _disagreeing(decision).items()}
    return [Result(id=name, estimate=e) for name, e in found.items()]
