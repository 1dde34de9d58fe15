"""How far the reduced model is from the full one, on an example with one thing more at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from stammkunde.policy.engine import Life, Pays, reduced
from stammkunde.policy.engine.pays import earned
from stammkunde.policy.offers import (
    Applied,
    Behaviour,
    Care,
    Complaints,
    Market,
    NewcomerRebate,
    Policy,
    Reaction,
    Recovery,
    Segment,
    When,
    WinBack,
    applied,
    worth,
)

HORIZON = 60
CAUSES = ("price", "service", "moved")
TOLD = """what one new customer is worth within {horizon} months, by model
  known: the reduced model with this row's hazards and money; blind: with those of the first row
  {head:<34}    full   known     off   blind     off"""


@dataclass(frozen=True)
class Row:
    """One example: what it has more than the first, and what the models find, in money."""

    name: str
    full: float
    known: float
    blind: float


def run() -> None:
    """Print the example's table."""
    print(TOLD.format(horizon=HORIZON, head="what there is"))
    for row in rows():
        name, full, known, off, blind, blind_off = cells(row)
        print(f"  {name:<34} {full:>7} {known:>7} {off:>7} {blind:>7} {blind_off:>7}")


def cells(row: Row) -> tuple[str, ...]:
    """Return a row as it is printed."""
    return (
        row.name,
        f"{row.full:.2f}",
        f"{row.known:.2f}",
        _off(row.known, row.full),
        f"{row.blind:.2f}",
        _off(row.blind, row.full),
    )


def rows() -> list[Row]:
    """Return the table: each row has one thing more than the first, the last has them all."""
    given = examples()
    first = _reduced(_put(*next(iter(given.values()))))
    found = []
    for name, (policy, market) in given.items():
        put = _put(policy, market)
        found.append(Row(name, float(worth(put).per_acquired), _reduced(put), first))
    return found


def examples() -> dict[str, tuple[Policy, Segment]]:
    """Return policy and segment by what they have more than the first."""
    tenure = np.arange(2 * HORIZON)
    hazards = np.array([[0.020], [0.008], [0.004]]) * (0.5 + np.exp(-tenure / 12))
    back = np.zeros((3, 6))
    back[0], back[1] = [0.0, 0.05, 0.04, 0.03, 0.02, 0.01], [0.0, 0.02, 0.01, 0.01, 0.0, 0.0]
    plain = Segment(
        "all", hazards, margin=30.0, price=50.0, inflow=100.0, acquisition=120.0, serve=2.0,
        handling=15.0,
    )  # fmt: skip
    upset = replace(plain, complaints=Complaints(0.02, 0.4, 0.1, [3.0, 3.0, 1.0], [0.9, 0.8, 1.0]))
    returns = replace(plain, returns=back)
    stays = Behaviour((Reaction(0.9, ("price",)),))
    newcomer = NewcomerRebate(12, 5.0, behaviour=stays)
    hops = replace(newcomer, hops=0.3)
    win_back = WinBack(("price",), 0.15, cost=4.0, lag=1)
    care = Care("care", 3.0, reach=0.5, every=6, lasts=3, behaviour=Behaviour((Reaction(0.8),)))
    better = Recovery(0.8, cost=6.0)
    refers = replace(newcomer, behaviour=replace(stays, referrals=0.003))
    lifts = replace(newcomer, behaviour=Behaviour((*stays.reactions, INDUCED), lift=0.25))
    every = replace(hops, behaviour=Behaviour((*stays.reactions, INDUCED), 0.25, referrals=0.003))
    return {
        "a newcomer rebate": (Policy("p", None, (newcomer,)), plain),
        "and care every six months": (Policy("p", None, (newcomer, care)), plain),
        "and complaints": (Policy("p", None, (newcomer,)), upset),
        "and complaints answered better": (Policy("p", None, (newcomer, better)), upset),
        "and others whom the rebate brings": (Policy("p", None, (lifts,)), plain),
        "and referrals": (Policy("p", None, (refers,)), plain),
        "and leavers who come back": (Policy("p", None, (newcomer,)), returns),
        "and winning back": (Policy("p", None, (newcomer, win_back)), plain),
        "and hopping for the rebate": (Policy("p", None, (hops,)), plain),
        "and all of these": (
            Policy("p", None, (every, care, better, win_back)),
            replace(upset, returns=back),
        ),
    }


INDUCED = Reaction(1.3, (), When.INDUCED)


def _put(policy: Policy, segment: Segment) -> Applied:
    return applied(policy, Market(CAUSES, (segment,), HORIZON, 0.08), {})


def _reduced(put: Applied) -> float:
    """Return the worth of a newcomer who never comes back and brings nobody."""
    played, v = put.segments["all"], put.market.v
    life = next(x for x in played.lives if x.name == "newcomer")
    money = [by_life["newcomer"] for by_life in played.pays.values() if "newcomer" in by_life]
    unit = sum((_unit(life, pays, v) for pays in money), np.zeros(HORIZON))
    once = sum((np.asarray(pays.once, dtype=float) for pays in money), np.zeros(()))
    hazard = life.hazards.sum(axis=-2)
    return float(reduced(hazard, unit, v, HORIZON, once=once).value)


def _unit(life: Life, pays: Pays, v: float) -> np.ndarray:
    """Return what each customer of a unit brings at its beginning, what is due later discounted."""
    worth_of_unit = earned(life, pays, HORIZON, v).all()
    return np.asarray(worth_of_unit / (life.survival[..., :HORIZON] * v ** np.arange(HORIZON)))


def _off(found: float, true: float) -> str:
    # adding nothing turns a rounded -0 into 0
    return f"{round(100 * (found / true - 1), 1) + 0.0:+.1f} %"
