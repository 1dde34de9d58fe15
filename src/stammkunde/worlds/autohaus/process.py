"""The garage as a process: one function gives the chances, whoever runs it.

A customer has a type (segment, team, loyal or not) and a state (status, mood, known contact, months
since the last visit). A month is a product of stages. A stage changes one part of the state: with
chances that depend on type and state one of its outcomes happens, and the outcome says what the
old value becomes. No chance depends on the calendar or on how long somebody has been a customer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.worlds.autohaus import parameters as p
from stammkunde.worlds.autohaus.stage import (
    AXES,
    EVERY_CLOCK,
    LETTER_DAY,
    SHAPE,
    VISITED,
    Stage,
    along,
    clock_of,
)
from stammkunde.worlds.world import Setting


def alive() -> np.ndarray:
    """Return 1 for the statuses of a customer, 0 for those who have gone, along the status axis."""
    return along("status", [float(s in p.ALIVE) for s in range(len(p.STATUSES))])


def team_factor(levers: Mapping[str, Setting]) -> np.ndarray:
    """Return the factor of the team which serves a customer, over team and status."""
    effect = np.exp(np.asarray(p.TEAM_EFFECT) * float(levers["team_spread"]))
    after = effect[list(p.TEAM_AFTER_TRANSFER)]
    at_home = along("status", [1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    return along("team", effect) * at_home + along("team", after) * (1 - at_home)


def _stage(
    name: str, axis: str, chances: Mapping[str, np.ndarray | float], target: np.ndarray,
    only: np.ndarray = EVERY_CLOCK, by: str = "person",
) -> Stage:  # fmt: skip
    """Return a stage whose first outcome is that none of `chances` happens."""
    parts = np.broadcast_arrays(*[np.asarray(c) * along("team", [1.0]) for c in chances.values()])
    happens = np.stack(parts, axis=-1)
    chance = np.concatenate([1 - happens.sum(axis=-1, keepdims=True), happens], axis=-1)
    # Rounding may leave the rest a hair below nothing.
    if chance.min() < -1e-12:
        raise ParameterError(
            f"a lever makes chances of the stage `{name}` negative",
            remedy="Shares are from 0 to 1, factors 0 or more.",
        )
    chance = chance.clip(0.0, 1.0)
    return Stage(
        name=name, axis=axis, outcomes=("none", *chances), target=target, chance=chance,
        only=only, by=by,
    )  # fmt: skip


def _becomes(axis: str, outcomes: Sequence[Mapping[int, int]]) -> np.ndarray:
    """Return a target from what each outcome changes (old value -> new value)."""
    size = SHAPE[AXES.index(axis)]
    return np.array([[change.get(v, v) for change in outcomes] for v in range(size)])


def _tick() -> Stage:
    step = {c: c + 1 for c in range(p.LAPSED)}
    for letter in range(len(p.LETTERS)):
        step |= {clock_of(letter, m): clock_of(letter, m + 1) for m in range(p.LETTER_MONTHS - 1)}
    return _stage("tick", "clock", {"a month": 1.0}, _becomes("clock", [{}, step]))


def _leave(levers: Mapping[str, Setting]) -> Stage:
    hazard: dict[str, np.ndarray] = {}
    for cause, base in p.BASE.items():
        h = base * alive()
        for axis, factors in (
            ("segment", p.BY_SEGMENT), ("loyal", p.BY_LOYAL), ("mood", p.BY_MOOD),
            ("known", p.BY_KNOWN),
        ):  # fmt: skip
            if cause in factors:
                h = h * along(axis, factors[cause])
        hazard[cause] = h
    hazard["transfer"] = hazard["transfer"] * along("status", [1, 0, 0, 0, 0, 0, 0])
    hazard["price"] = hazard["price"] * float(levers["price_leaving"])
    hazard["service"] = hazard["service"] * team_factor(levers)
    total = sum(hazard.values(), np.zeros(1))
    changes = [{}, {0: 1}] + [{0: s, 1: s} for s in range(2, len(p.STATUSES))]
    chances = {cause: h / (1 + total) for cause, h in hazard.items()}
    return _stage("leave", "status", chances, _becomes("status", changes))


def _card(levers: Mapping[str, Setting]) -> Stage:
    sent = (1 - float(levers["card_holdout"])) * float(levers["card"])
    offer = float(levers["offer"])
    chances = {
        "hold-out": float(levers["card"]) - sent, "card": sent * (1 - offer),
        "card and offer": sent * offer,
    }  # fmt: skip
    changes = [{}, *({p.LAPSED: clock_of(letter)} for letter in range(3))]
    return _stage("card", "clock", chances, _becomes("clock", changes), np.array([p.LAPSED]))


def _answer() -> Stage:
    """What comes back: a reason on the card, or on the telephone from a few of the silent."""
    rate = along("status", [p.ANSWERS[s] for s in p.STATUSES])
    stated = [along("status", [p.STATED[s][r] for s in p.STATUSES]) for r in range(4)]
    phoned = (1 - rate) * p.PHONED
    chances: dict[str, np.ndarray | float] = {
        f"card: {reason}": rate * stated[r] for r, reason in enumerate(p.REASONS)
    }
    chances |= {
        f"phone: {reason}": phoned * p.REACHED * stated[r] for r, reason in enumerate(p.REASONS)
    }
    chances["phone: not reached"] = phoned * (1 - p.REACHED)
    return _stage("answer", "clock", chances, _becomes("clock", [{}] * 10), LETTER_DAY)


def _wording(levers: Mapping[str, Setting]) -> Stage:
    chances = {"personal": float(levers["personal_letter"])}
    return _stage("wording", "clock", chances, _becomes("clock", [{}] * 2), LETTER_DAY)


def _return() -> Stage:
    chance = np.zeros((len(p.STATUSES), p.CLOCKS))
    for cause, rates in p.RETURN.items():
        row = chance[p.STATUSES.index(cause)]
        row[:] = p.RETURN_QUIETLY
        for letter, rate in enumerate(rates):
            row[clock_of(letter) : clock_of(letter, p.LETTER_MONTHS - 1)] = rate
    laid = chance.reshape(1, 1, 1, len(p.STATUSES), 1, 1, p.CLOCKS)
    changes = [{}, {p.STATUSES.index(c): 0 for c in p.RETURN}]
    return _stage("return", "status", {"returns": laid}, _becomes("status", changes))


def _visit(levers: Mapping[str, Setting]) -> Stage:
    base = np.array([*p.VISIT, *[p.VISIT[-1]] * (p.CLOCKS - len(p.VISIT))])
    odds = base / (1 - base)
    for letter, factor in enumerate(p.LETTER_VISIT_ODDS):
        odds[clock_of(letter) : clock_of(letter, p.LETTER_MONTHS - 1)] *= factor
    odds_of = along("segment", p.VISIT_ODDS) * along("clock", odds)
    reminded_odds = odds_of * p.REMINDER_ODDS
    due = along("clock", EVERY_CLOCK == p.REMINDED_AT) * float(levers["reminder"])
    plain, urged = odds_of / (1 + odds_of), reminded_odds / (1 + reminded_odds)
    # The reminder goes out by the firm's clock, to those who have gone as well.
    chances = {
        "visit": alive() * (1 - due) * plain,
        "reminded": due * (1 - alive() * urged),
        "reminded visit": alive() * due * urged,
    }
    comes = dict.fromkeys(range(p.CLOCKS), 0)
    return _stage("visit", "clock", chances, _becomes("clock", [{}, comes, {}, comes]))


def _purchase(levers: Mapping[str, Setting]) -> Stage:
    large, called = along("segment", p.LARGE_CHANCE), float(levers["early_call"])
    chances = {"large": large * (1 - called), "large and called": large * called}
    return _stage("purchase", "mood", chances, _becomes("mood", [{}] * 3), VISITED)


def _points(levers: Mapping[str, Setting]) -> Stage:
    chances = {"joins": along("loyal", p.JOINS_POINTS) * float(levers["points"])}
    return _stage("points", "mood", chances, _becomes("mood", [{}] * 2), VISITED)


def _surprise(levers: Mapping[str, Setting]) -> Stage:
    chances = {"surprised": float(levers["surprise"])}
    return _stage("surprise", "mood", chances, _becomes("mood", [{}, {0: 3, 2: 3}]), VISITED)


def _incident(levers: Mapping[str, Setting]) -> Stage:
    team, complains = team_factor(levers), along("loyal", p.COMPLAINS)
    quick = float(levers["quick_answers"])
    chances: dict[str, np.ndarray | float] = {}
    changes: list[Mapping[int, int]] = [{}]
    odds = float(levers["incidents"]) * team
    for i, kind in enumerate(p.INCIDENTS):
        happens = odds * p.INCIDENT_ODDS[i] / (1 + odds * sum(p.INCIDENT_ODDS))
        well, late = p.WELL_QUICK[i], p.WELL_SLOW[i]
        shares = (
            1 - complains, complains * quick * well, complains * quick * (1 - well),
            complains * (1 - quick) * late, complains * (1 - quick) * (1 - late),
        )  # fmt: skip
        for handling, share in zip(p.HANDLINGS, shares, strict=True):
            chances[f"{kind}: {handling}"] = happens * share
            changes.append(dict.fromkeys(range(4), 2 if handling.endswith("well") else 1))
    return _stage("incident", "mood", chances, _becomes("mood", changes), VISITED)


def _gesture(levers: Mapping[str, Setting]) -> Stage:
    share = p.GESTURE_SHARE * float(levers["gestures"])
    chances: dict[str, np.ndarray | float] = {"hold-out": share}
    changes: list[Mapping[int, int]] = [{}, {}]
    for kind, pleases in zip(p.GESTURES, p.GESTURE_PLEASES, strict=True):
        chances |= {f"{kind}: pleases": share * pleases, f"{kind}: nothing": share * (1 - pleases)}
        changes += [{0: 3, 1: 0, 2: 3}, {}]
    return _stage("gesture", "mood", chances, _becomes("mood", changes), np.arange(p.LAPSED))


def _later(levers: Mapping[str, Setting]) -> list[Stage]:
    back: dict[int, int] = dict.fromkeys(range(4), 0)
    forget, meet = _becomes("known", [{}, {1: 0}]), _becomes("known", [{}, {0: 1}])
    return [
        _stage("fade", "mood", {"fades": along("mood", p.FADES)}, _becomes("mood", [{}, back])),
        _stage("known again", "known", {"knows": along("known", [p.KNOWN_AGAIN, 0.0])}, meet),
        _stage("adviser", "known", {"leaves": float(levers["departures"])}, forget, by="adviser"),
    ]


def stages(levers: Mapping[str, Setting]) -> tuple[Stage, ...]:
    """Return the stages of a month in their order under a policy.

    A newcomer's first month begins after the stage "visit", with clock 0.
    """
    before = [_tick(), _leave(levers), _card(levers), _wording(levers), _answer(), _return()]
    visit = [_visit(levers), _purchase(levers), _points(levers), _surprise(levers)]
    return (*before, *visit, _incident(levers), _gesture(levers), *_later(levers))


def newcomers() -> np.ndarray:
    """Return the chances of types and states of a customer at the first visit, summing to 1."""
    mix = along("segment", p.SEGMENT_SHARE) * along("loyal", [1 - p.LOYAL_SHARE, p.LOYAL_SHARE])
    first = np.zeros(SHAPE[3:])
    first[0, 0, 1, 0] = 1.0
    return mix * np.full((1, SHAPE[1], 1, 1, 1, 1, 1), 1 / SHAPE[1]) * first
