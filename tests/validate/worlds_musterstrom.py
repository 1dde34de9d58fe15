"""The energy supplier: its primary results, the truths they are held against, one world."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stammkunde.spells.person_clock import on_person_clock
from stammkunde.spells.spells import COHORT, Spells
from stammkunde.survival.causes import aalen_johansen, months_lost, share_of_leavers
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.persons import occupancy, paid_units, signups
from stammkunde.survival.shares import share
from stammkunde.survival.table import LifeTable, life_table, life_tables
from stammkunde.worlds import find
from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom import process
from stammkunde.worlds.musterstrom.dates import dated
from stammkunde.worlds.musterstrom.dirt import with_dirt
from stammkunde.worlds.musterstrom.draw import draw
from stammkunde.worlds.musterstrom.effect_rows import effects
from stammkunde.worlds.musterstrom.expect import Course
from stammkunde.worlds.musterstrom.export import UNKNOWN, contract_rows, person_rows, referrers
from stammkunde.worlds.musterstrom.happenings import offer_rows
from stammkunde.worlds.musterstrom.limits import limit
from stammkunde.worlds.musterstrom.lots import MONTHS
from stammkunde.worlds.musterstrom.onward import onward
from stammkunde.worlds.musterstrom.truth import ahead as to_come
from stammkunde.worlds.musterstrom.truth import leavers, lifetimes, persons
from stammkunde.worlds.musterstrom.watched import watched
from stammkunde.worlds.world import World
from tests.validate.rule import Three, three
from tests.validate.worlds_files import study_of
from tests.validate.worlds_musterstrom_ahead import IDS as AHEAD
from tests.validate.worlds_musterstrom_ahead import ahead
from tests.validate.worlds_musterstrom_offers import IDS as OFFERS
from tests.validate.worlds_musterstrom_offers import TRUTHS, offers, with_offers

KIND = find("musterstrom")
HORIZONS, MEAN, RETURN_DAYS, MONTH = (12, 24, 36), 36, 183, "2022-03"
# the truth's name of a level by the column of the client file and what stands in it
LEVELS = {
    **{("usage", w): f"usage.{w}" for w in p.USAGE},
    ("newcomer", "nein"): "newcomer.no",
    ("newcomer", "ja"): "newcomer.yes",
    ("term", "24 Monate"): "regime.term",
    ("term", "monatlich kündbar"): "regime.monthly",
}
FATE = ("moved", "died")
IDS = (
    *(
        f"{what}.{who}"
        for who in ("all", *LEVELS.values())
        for what in (*(f"survival.{h}" for h in HORIZONS), f"rmst.{MEAN}")
    ),
    *(f"incidence.{MEAN}.{c}" for c in (*p.CAUSES, "unknown")),
    *(f"months_lost.{MEAN}.{c}" for c in p.CAUSES),
    f"moved_or_died.{MEAN}",
    *(f"cause.{c}" for c in p.CAUSES),
    f"paid.{MEAN}.person.{MONTH}",
    f"paid.{MEAN}.contract.{MONTH}",
    "signups.returns",
    *AHEAD,
    *OFFERS,
)


def truths() -> dict[str, float]:
    """Return the limits for ever more persons by id, all by recursion."""
    policy = process.policy_of(KIND.world().levers)
    seen = watched(policy, MONTHS)
    course = seen.course
    rows = [*lifetimes(course), *leavers(course), *persons(policy)]
    rows += to_come(onward(policy, course))
    known = {row["id"]: float(row["value"]) for row in rows}
    does = {name: value for name, _, value, _ in effects(seen)}
    known |= does | {name: does[truth] for name, truth in TRUTHS.items()}
    return known | _causes(course) | {"signups.returns": _returns(course, policy)}


def _causes(course: Course) -> dict[str, float]:
    """Return what becomes of those who leave, by recorded cause; some are not recorded."""
    table = limit(course)
    before = np.concatenate([[0.0], table.survival[:-1]])
    hazards = np.divide(
        table.leavers, table.at_risk, out=np.zeros_like(table.leavers), where=table.at_risk > 0
    )
    incidence = np.cumsum(hazards * before, axis=1)
    known = (1 - UNKNOWN) * incidence
    at = {c: f"incidence.{MEAN}.{c}" for c in p.CAUSES}
    found = {at[c]: float(known[i, MEAN]) for i, c in enumerate(p.CAUSES)}
    total = float(incidence[:, MEAN].sum())
    lost = known[:, :MEAN].sum(axis=1)
    found |= {f"months_lost.{MEAN}.{c}": float(x) for c, x in zip(p.CAUSES, lost, strict=True)}
    found[f"moved_or_died.{MEAN}"] = sum(found[at[c]] for c in FATE) / total
    return found | {f"incidence.{MEAN}.unknown": UNKNOWN * total}


def _returns(course: Course, policy: p.Policy) -> float:
    """Return the share of sign-ups that are returns of persons who are in the export.

    Who had left before the migration and came back after it looks like a new customer; and who
    signs up in the last month is not yet at risk, but for the first day.
    """
    signs = process.resigning(policy).T
    back = np.array([1 - policy.winback, policy.winback]) @ process.reactivation()
    unseen = np.zeros(p.MONTHS + 8)
    for month in range(p.OPEN):
        deleted = 1.0 if month < p.OPEN - 1 else 1 / p.DAYS
        lost = course.lost[month] * deleted
        new = (lost * signs).sum()
        again = (lost * (1 - signs) * back[:, None]).sum()
        unseen[month + 2 : month + 6] += new * p.RESIGN_LAG
        unseen[month + 3 : month + 7] += again * p.REACTIVATED_LAG
    weight = np.ones(p.MONTHS - p.OPEN)
    weight[-1] = 1 / p.DAYS
    counts = {k: float(n[p.OPEN : p.MONTHS] @ weight) for k, n in course.signups.items()}
    returns = counts["new"] + counts["reactivated"] - float(unseen[p.OPEN : p.MONTHS] @ weight)
    return returns / sum(counts.values())


def tables(world: World) -> dict[str, pd.DataFrame]:
    """Return the tables of the export that lifetimes and offers are read from."""
    policy = process.policy_of(world.levers)
    drawn = draw(policy, seed=world.seed, size=world.size)
    contracts = dated(drawn)
    kept = contracts[contracts["carried"]].sort_values(["start", "person"], kind="stable")
    listed = contract_rows(kept, referrers(kept, contracts, drawn, world.seed), world)
    return {
        "vertraege": with_dirt(listed, world.seed),
        "angebote": offer_rows(drawn, contracts, policy, world.seed),
        "personen": person_rows(kept),
    }


def estimates(seed: int, size: int) -> dict[str, Three]:
    """Return what the product says of one world, by id."""
    world = KIND.world(seed=seed, size=size)
    with study_of(world, tables(world)) as study:
        spells, beside = with_offers(study)
        table = life_table(spells)
        found = ahead(study, spells) | offers(study, spells, beside)
        found |= stays("all", table) | causes(table) | contracts_and_persons(spells)
        for column in dict.fromkeys(c for c, _ in LEVELS):
            for level, part in life_tables(spells, by=column).items():
                found |= stays(LEVELS[column, level], part)
    return found


def stays(
    who: str, table: LifeTable, horizons: tuple[int, ...] = HORIZONS, mean: int = MEAN
) -> dict[str, Three]:
    """Return survival at the horizons and the restricted mean."""
    curve = kaplan_meier(table)
    found = {f"survival.{h}.{who}": three(curve.at(h)) for h in horizons}
    return found | {f"rmst.{mean}.{who}": three(curve.rmst(mean))}


def causes(table: LifeTable) -> dict[str, Three]:
    """Return incidences, months lost, and shares of the leavers whose reason is known."""
    curves = aalen_johansen(table)
    found = {f"incidence.{MEAN}.{c}": three(curve.at(MEAN)) for c, curve in curves.items()}
    for cause in p.CAUSES:
        found[f"months_lost.{MEAN}.{cause}"] = three(months_lost(curves[cause], MEAN))
    found[f"moved_or_died.{MEAN}"] = three(share_of_leavers(table, FATE, MEAN))
    moves = dict(zip(table.causes, table.in_state()[1].sum(axis=-1), strict=True))
    known = sum((moves[c] for c in p.CAUSES), np.zeros_like(moves["price"]))
    heads = int(table.persons.sum())
    for cause in p.CAUSES:
        part = share(moves[cause], known, persons=heads, repeats=table.repeats)
        found[f"cause.{cause}"] = three(part)
    return found


def contracts_and_persons(spells: Spells) -> dict[str, Three]:
    """Return paid months of those who first signed up in one month, and the share of returns."""
    first = spells.first().relation
    persons = first.filter(first[COHORT].strftime("%Y-%m") == MONTH)
    some = spells.where(spells.relation.person.isin(persons.person))
    return {
        f"paid.{MEAN}.person.{MONTH}": three(
            paid_units(occupancy(life_table(on_person_clock(some))), MEAN)
        ),
        f"paid.{MEAN}.contract.{MONTH}": three(kaplan_meier(life_table(some.first())).rmst(MEAN)),
        "signups.returns": three(signups(spells, RETURN_DAYS).returns),
    }
