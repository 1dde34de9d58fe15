"""What is true of the garage under its policy, as plain data for truth.json."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from stammkunde.worlds.autohaus import parameters as p
from stammkunde.worlds.autohaus.claims import (
    RECURSION,
    Value,
    card,
    claims,
    continuity,
    early_call,
    gesture,
    incident,
    paradox,
    recovery,
    surprise,
    team_shares,
)
from stammkunde.worlds.autohaus.expect import gone, ledger, mean
from stammkunde.worlds.autohaus.outcomes import (
    Outlook,
    as_happened,
    complaints,
    difference,
    outlook,
    population,
)
from stammkunde.worlds.autohaus.simulated import REPEATS, repeated
from stammkunde.worlds.autohaus.stage import AXES, LETTER_DAY
from stammkunde.worlds.world import World

SCHEMA = 1
Row = tuple[str, str, Value]

QUESTIONS: dict[int, tuple[str, ...]] = {
    1: ("besuche.Kunden-Nr.", "besuche.Datum"),
    4: ("besuche.Betrag (€)", "besuche.Kosten (€)", "besuche.Datum"),
    5: ("ereignisse.Art", "ereignisse.Wert", "personen.Filialkunden-Nr."),
    6: ("personen.Filialkunden-Nr.", "personen.Kunden-Nr.", "besuche.Filiale"),
    13: ("angebote.Gruppe", "angebote.Preis (€)", "besuche.Segment"),
    14: ("ereignisse.Art", "ereignisse.Wert", "ereignisse.Kosten (€)"),
    16: ("angebote.Art", "angebote.Gruppe", "angebote.Preis (€)"),
    18: ("besuche.Betrag (€)", "besuche.Kosten (€)", "angebote.Preis (€)"),
    19: ("angebote.Gruppe", "besuche.Datum"),
    20: ("besuche.Datum", "angebote.Gruppe", "ereignisse.Art"),
}


def truth(world: World) -> dict[str, Any]:
    """Return truths, claims and questions of a world; numbers are exact or carry their error.

    Seed and size change only the sampling error of what is simulated.
    """
    levers = dict(world.levers)
    o = outlook(ledger(tuple(sorted(levers.items()))))
    rows = [_row(*r) for part in (_losses, _reasons, _effects, _course) for r in part(o)]
    how = f"simulation of {REPEATS} worlds of {world.size} customers"
    measured = repeated(levers, world.size)
    for name, (value, error) in measured.items():
        rows.append(_row(name, SIMULATED[name], value, error, how))
    return {
        "schema": SCHEMA, "world": world.kind.name, "seed": world.seed,
        "process_version": world.kind.version, "truths": rows, "claims": claims(o, levers),
        "questions": {
            str(q): {"columns": list(QUESTIONS.get(q, ())), "answerable": q in QUESTIONS}
            for q in range(1, 21)
        },
    }  # fmt: skip


SIMULATED = {
    "lapse.alive": f"share not truly gone among those lapsed after {p.LAPSE_DAYS} days",
    "points.naive": "share lost at once: customers who never joined the points scheme minus those "
    "who ever did, which is no effect",
    "surprise.count_with_lost": "correlation over days of the number of surprised customers with "
    "that of customers seen for the last time",
    "surprise.rate_with_lost": "the same correlation of the share of surprised customers",
}


def _row(
    name: str, about: str, value: Value, error: float = 0.0, how: str = RECURSION
) -> dict[str, Any]:
    unit = "correlation" if name.endswith("_with_lost") else "share"
    return {
        "id": name, "about": about, "value": value, "unit": unit, "error": error, "how": how,
    }  # fmt: skip


def by_status(state: np.ndarray) -> np.ndarray:
    """Return a state's shares by status; zeros where nobody is in it."""
    at = AXES.index("status")
    total = state.sum(axis=tuple(i for i in range(len(AXES)) if i != at))
    return total / total.sum() if total.sum() > 0 else total


def _losses(o: Outlook) -> Iterator[Row]:
    book = o.ledger
    yield "gone.at_close", "share truly gone on the last day", gone(book.at_close)
    branch = float(by_status(book.at_close)[1])
    yield "other_branch.at_close", "share at another branch on the last day", branch
    every = book.count("leave", *p.CAUSES)
    for cause in p.CAUSES:
        share = book.count("leave", cause) / every if every else None
        yield f"cause.{cause}", f"share of the brand's losses: {cause}", share
    moved = book.count("leave", "transfer")
    share = moved / (moved + every) if moved + every else None
    yield "branch.transfers", "share of a branch's losses that went to another branch", share
    lapsed = population(book, "card")
    for status, share in zip(p.STATUSES, by_status(lapsed), strict=True):
        yield f"lapsed.{status}", f"share of those lapsed on the card's day: {status}", float(share)


def _reasons(o: Outlook) -> Iterator[Row]:
    """What the cards say, what all would have said, and who answers at all."""
    asked = np.zeros_like(o.ledger.at_close)
    asked[..., LETTER_DAY] = o.ledger.before["answer"][..., LETTER_DAY]
    status = by_status(asked)
    answers = status * [p.ANSWERS[s] for s in p.STATUSES]
    stated = np.array([p.STATED[s] for s in p.STATUSES])
    yield "answers.rate", "share of cards that are answered", float(answers.sum())
    seen = answers @ stated / answers.sum() if answers.sum() > 0 else None
    everybody = status @ stated
    for i, reason in enumerate(p.REASONS):
        share = None if seen is None else float(seen[i])
        yield f"answers.stated.{reason}", f"share of answered cards that say: {reason}", share
        about = f"share that would say: {reason}, had all answered"
        yield f"answers.all.{reason}", about, float(everybody[i])


def _effects(o: Outlook) -> Iterator[Row]:
    for months, value in ((6, "silent_6"), (12, "silent_12")):
        again = f"more visits within {months} months"
        yield (
            f"card.{months}",
            f"{again}: card against hold-out",
            card(o, {"card": 1.0}, "hold-out", value),
        )
        yield (
            f"offer.{months}",
            f"{again}: card and offer against card alone",
            card(o, {"card and offer": 1.0}, "card", value),
        )
    for value, about in (
        ("lost", "fewer lost by the rule of visits"),
        ("gone", "fewer truly gone within 12 months"),
    ):
        harm = incident(o, value)
        yield f"incident.{value}", f"{about}: no incident instead of one", harm
        yield (
            f"recovery.{value}",
            f"{about}: complaint answered well, not badly",
            recovery(o, value),
        )
        yield f"surprise.{value}", f"{about}: surprised or not", surprise(o, value)
        yield f"continuity.{value}", f"{about}: adviser stays or leaves", continuity(o, value)
        for kind in p.GESTURES:
            yield f"gesture.{kind}.{value}", f"{about}: {kind}", gesture(o, kind, value)
    yield "early_call.lost", "fewer lost: called soon after a large purchase", early_call(o)
    yield "paradox.lost", "fewer lost: answered well against no incident", paradox(o)
    well = tuple(c for c in complaints(o.ledger) if c.endswith("well"))
    naive = difference(
        o.lost,
        "incident",
        as_happened(o.ledger, "incident", ("none",)),
        as_happened(o.ledger, "incident", well),
    )
    about = "lost without an incident minus answered well, other people: no effect"
    yield "paradox.naive", about, naive


def _course(o: Outlook) -> Iterator[Row]:
    for months in (12, 24, 36, 60):
        share = 1 - gone(o.ledger.by_age[months])
        yield f"stay.{months}", f"share still customers {months} months after the first", share
    for start in (0, 48):
        a, b = (1 - gone(o.ledger.by_age[start + m]) for m in (0, 12))
        about = f"yearly loss of those still customers after {start} months, falling by sorting"
        yield f"loss.from_{start}", about, 1 - b / a
    teams = team_shares(o)
    yield "team.sd", "standard deviation over teams of the share lost", float(np.std(teams))
    for team, share in enumerate(teams):
        yield f"team.{team + 1}", f"share lost after a first visit: team {team + 1}", share
    untouched = mean(o.ledger.flow("incident", "none"), o.lost["incident"])
    yield "visit.lost", "share lost after a visit without incident", untouched
