"""The visits as the garage's IT exports them, and which branch numbers are one customer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import gammaincinv

from stammkunde.worlds.autohaus import parameters as p
from stammkunde.worlds.autohaus.days import days
from stammkunde.worlds.autohaus.draw import Happened, Lives, pick
from stammkunde.worlds.streams import stream, uniform

DIRTY_EVERY = 1000
DATED_FROM = 719_163  # day number of 1970-01-01
TYRE_MONTHS = (2, 3, 9, 10)


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawn:
    """Drawn customers with the seed, their numbers, and the day of each visit [month, person].

    0 where there was no visit.
    """

    lives: Lives
    seed: int
    number: np.ndarray
    day: np.ndarray

    def chance(self, purpose: str, what: Happened) -> np.ndarray:
        """Return one chance event in [0, 1) for each entry, by customer and month."""
        drawn = [uniform(self.seed, purpose, self.lives.size, m) for m in range(p.MONTHS)]
        return np.stack(drawn)[what.month, what.person]


def drawn(lives: Lives, seed: int) -> Drawn:
    """Return the customers with numbers in the order of their first months and with days."""
    order = np.argsort(lives.first, kind="stable")
    rank = np.empty(lives.size, np.int64)
    rank[order] = np.arange(lives.size)
    number = np.array([f"AH-{100_001 + r}" for r in rank], dtype=object)
    bare = Drawn(lives=lives, seed=seed, number=number, day=np.zeros((0, 0), np.int64))
    visits = lives.visits
    day = np.zeros((p.MONTHS, lives.size), np.int64)
    day[visits.month, visits.person] = days(seed, visits.month, bare.chance("day", visits))
    return Drawn(lives=lives, seed=seed, number=number, day=day)


def dates(day: np.ndarray) -> np.ndarray:
    """Return day numbers as texts YYYY-MM-DD."""
    return (day - DATED_FROM).astype("datetime64[D]").astype(str).astype(object)


def money(amount: np.ndarray) -> np.ndarray:
    """Return euro as texts with two decimals."""
    return np.array([f"{a:.2f}" for a in amount], dtype=object)


def teams(d: Drawn, what: Happened) -> np.ndarray:
    """Return the numbers of the teams of the customers' latest visits."""
    return d.lives.served[what.month, what.person]


def large(d: Drawn) -> np.ndarray:
    """Return [month, person] whether a visit was a large purchase."""
    found = np.zeros(d.day.shape, bool)
    what = d.lives.happened["purchase"]
    found[what.month, what.person] = True
    return found


def advisers(d: Drawn, what: Happened) -> np.ndarray:
    """Return the service advisers' labels: team, place, and the how-manieth holder of the place."""
    seat = teams(d, what) * p.ADVISERS_PER_TEAM + d.lives.place[what.person]
    before = np.cumsum(d.lives.departed, axis=0) - d.lives.departed
    holder = before[what.month, seat]
    return np.array([f"SB-{s + 1:02d}-{h + 1}" for s, h in zip(seat, holder, strict=True)], object)


def _amounts(d: Drawn) -> tuple[np.ndarray, np.ndarray]:
    """Return what visits earned and cost: neither looks at how long somebody has been coming."""
    v, lives = d.lives.visits, d.lives
    mean = np.asarray(p.AMOUNT)[lives.segment[v.person]]
    mean = mean * np.asarray(p.AMOUNT_LOYAL)[lives.loyal[v.person]]
    mean = mean * (1 + p.AMOUNT_GROWTH * (v.month - lives.first[v.person]) / 12)
    mean = mean * np.where(large(d)[v.month, v.person], p.LARGE_FACTOR, 1.0)
    amount = mean * gammaincinv(p.AMOUNT_SHAPE, d.chance("amount", v)) / p.AMOUNT_SHAPE
    low, high = p.COST_SHARE
    return amount, amount * (low + (high - low) * d.chance("cost", v))


def _kinds(d: Drawn) -> np.ndarray:
    v = d.lives.visits
    tyres = np.isin(v.month % 12, TYRE_MONTHS)
    share = np.where(tyres[:, None], (0.35, 0.2, 0.45), (0.55, 0.4, 0.05))
    kind = np.array(["Inspektion", "Reparatur", "Reifenwechsel"], object)[
        pick(share, d.chance("kind", v))
    ]
    return np.where(large(d)[v.month, v.person], "Großauftrag", kind)


def _branch_numbers(d: Drawn, branch: np.ndarray) -> np.ndarray:
    """Return each visit's customer number at its branch, given out in the order of first visits."""
    v = d.lives.visits
    key = pd.DataFrame({"branch": branch, "person": v.person, "day": d.day[v.month, v.person]})
    firsts = key.sort_values(["day", "person"]).drop_duplicates(["branch", "person"])
    firsts["rank"] = firsts.groupby("branch").cumcount() + 1
    rank = key.merge(firsts[["branch", "person", "rank"]], how="left")["rank"]
    return np.array([f"{b + 1}-{r:05d}" for b, r in zip(branch, rank, strict=True)], object)


def visit_rows(d: Drawn) -> pd.DataFrame:
    """Return all true visits, cells as texts, in the order of days."""
    v = d.lives.visits
    team, amount_cost = teams(d, v), _amounts(d)
    branch = np.asarray(p.BRANCH_OF_TEAM)[team]
    good = (uniform(d.seed, "payer", d.lives.size) < p.GOOD_PAYERS)[v.person]
    day = d.day[v.month, v.person]
    cells = {
        "Kunden-Nr.": d.number[v.person],
        "Filiale": np.asarray(p.BRANCHES, object)[branch],
        "Filialkunden-Nr.": _branch_numbers(d, branch),
        "Datum": dates(day),
        "Art": _kinds(d),
        "Betrag (€)": money(amount_cost[0]),
        "Kosten (€)": money(amount_cost[1]),
        "Team": [f"Team {t + 1}" for t in team],
        "Service-Berater": advisers(d, v),
        "Segment": np.asarray(p.SEGMENTS, object)[d.lives.segment[v.person]],
        "Wartezeit auf Termin (Tage)": _waits(np.where(good, *p.WAIT_DAYS), d.chance("wait", v)),
        "Bezahlt nach (Tagen)": _waits(np.where(good, *p.PAYS_AFTER), d.chance("pays", v)),
    }
    return pd.DataFrame(cells).sort_values(["Datum", "Kunden-Nr."], ignore_index=True)


def _waits(mean: np.ndarray, u: np.ndarray) -> list[str]:
    """Return whole days, at least one, that are geometric."""
    return [str(int(days)) for days in 1 - mean * np.log1p(-u)]


def with_dirt(rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return the rows with one unusable extra row per thousand: no such day, or no number."""
    chance = stream(seed, "dirty rows")
    extra = round(len(rows) / DIRTY_EVERY)
    dirty = rows.iloc[chance.integers(len(rows), size=extra)].copy()
    impossible = np.arange(extra) % 2 == 0
    dirty["Datum"] = np.where(impossible, dirty["Datum"].str[:4] + "-02-30", dirty["Datum"])
    dirty["Kunden-Nr."] = np.where(impossible, dirty["Kunden-Nr."], "")
    place = np.concatenate([np.arange(len(rows)), chance.integers(len(rows), size=extra)])
    return pd.concat([rows, dirty]).iloc[np.argsort(place, kind="stable")].reset_index(drop=True)


def person_rows(visits: pd.DataFrame) -> pd.DataFrame:
    """Return which customer number at which branch is which customer of the brand."""
    columns = ["Filialkunden-Nr.", "Filiale", "Kunden-Nr."]
    pairs = visits[columns].drop_duplicates()
    return pairs.sort_values("Filialkunden-Nr.", ignore_index=True)
