"""Worlds in which a month is like no other, or in which no month is and a naive rate says so."""

from __future__ import annotations

import numpy as np

from stammkunde.survival.arrays import life_tables_from
from stammkunde.survival.calendar import Lexis, calendar_ratio, change, lexis_of_tables, unusual
from tests.validate.counting import dealt
from tests.validate.rule import LEVEL, Check, Recipe, Three, three

NAN = float("nan")
MONTHS, NEWCOMERS, SHOCK = 24, 180, (12, 13, 14)
RISE = ("2021-01", "2021-02", "2021-03")
# hazards by calendar month and tenure [M, K]
BY_TENURE = 0.015 + 0.065 * 0.85 ** np.arange(MONTHS)
STEADY = np.full((MONTHS, MONTHS), 0.03)
STEADY[list(SHOCK)] *= 2.5
AGEING = np.tile(BY_TENURE, (MONTHS, 1))


def followed(rng: np.random.Generator, hazards: np.ndarray, bound_until: int = 0) -> Lexis:
    """Return cohorts of as many newcomers in each month, under hazards by month and tenure.

    Who begins before month `bound_until` cannot leave in the first 6 months.
    """
    start = np.repeat(np.arange(MONTHS), NEWCOMERS)
    gone, stay = np.zeros(len(start), dtype=bool), np.zeros(len(start), dtype=np.int64)
    for now in range(MONTHS):
        there = np.flatnonzero((start <= now) & ~gone)
        stay[there] += 1
        free = (start[there] >= bound_until) | (now - start[there] >= 6)
        gone[there] = (rng.random(len(there)) < hazards[now, now - start[there]]) & free
    made = life_tables_from(stay, gone, start, MONTHS, block=dealt(rng, len(start)))
    return lexis_of_tables({f"{2020 + c // 12}-{c % 12 + 1:02d}": t for c, t in enumerate(made)})


def bound(rng: np.random.Generator) -> dict[str, Three]:
    """Return the rise seen within the terms and blind to them, and whether other months alarm."""
    hazards = np.full((MONTHS, MONTHS), 0.03)
    hazards[list(SHOCK)] *= 2
    plain = followed(rng, hazards, bound_until=BOUND)
    since = lexis_of_tables(plain.tables, since=[NEW_TERMS])
    windows = {"after": RISE, "before": BEFORE}
    found = calendar_ratio(since, by=windows, apart=RISE)
    blind = calendar_ratio(plain, by=windows, apart=RISE)
    months = calendar_ratio(since, apart=RISE)
    usual = [m for m in months.periods if m not in RISE]
    logs = np.log(three(change(found.at("after"), found.at("before"))))
    alarm = min(unusual(months, usual).values()) < 1 - LEVEL
    return {
        "after the rise": three(found.at("after")),
        "before it": three(found.at("before")),
        "log of after by before": (logs[0], logs[1], logs[2]),
        "no other month alarms (Holm)": (1.0, 2.0, 3.0) if alarm else (1.0, 0.0, 1.0),
        "before it, terms unknown": three(blind.at("before")),
    }


BOUND, NEW_TERMS = 8, "2020-09"
BEFORE = ("2020-10", "2020-11", "2020-12")
TERMS = Recipe(
    "price rise after new terms",
    "180 newcomers in each of 24 months; those of the first 8 are bound for 6 months; hazard .03, "
    "twice that in months 13-15",
    (
        Check("after the rise", 2.0),
        Check("before it", 1.0),
        Check("log of after by before", float(np.log(2))),
        Check("no other month alarms (Holm)", 1.0, "", "conservative"),
        Check("before it, terms unknown", 1.0, "must miss", ""),
    ),
    bound,
)


def expected(hazards: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the expected at_risk and leavers of each month by tenure [M, K]."""
    at_risk = np.zeros((MONTHS + 1, MONTHS + 1))
    for now in range(MONTHS):
        at_risk[now, 0] = NEWCOMERS
        at_risk[now + 1, 1:] = at_risk[now, :-1] * (1 - hazards[now])
    return at_risk[:-1, :-1], at_risk[:-1, :-1] * hazards


def limit(hazards: np.ndarray) -> np.ndarray:
    """Return the ratio of each month in a world without chance."""
    at_risk, leavers = expected(hazards)
    pooled = leavers.sum(axis=0) / at_risk.sum(axis=0)
    return np.asarray(leavers.sum(axis=1) / (at_risk @ pooled))


def shocked(rng: np.random.Generator) -> dict[str, Three]:
    diagram = followed(rng, STEADY)
    found, apart = (calendar_ratio(diagram, apart=months) for months in ((), RISE))
    return {
        "first month of the shock, set apart": three(apart.at("2021-01")),
        "month after, shock set apart": three(apart.at("2021-04")),
        "month before": three(found.at("2020-12")),
        "first month of the shock": three(found.at("2021-01")),
        "last month of the shock": three(found.at("2021-03")),
        "month after": three(found.at("2021-04")),
    }


RATIOS = limit(STEADY)
SHOCKED = Recipe(
    "three months of a price rise",
    "180 newcomers in each of 24 months, hazard .03 at any tenure, 2.5 times that in months 13-15",
    (
        Check("first month of the shock, set apart", 2.5),
        Check("month after, shock set apart", 1.0),
        Check("month before", float(RATIOS[11])),
        Check("first month of the shock", float(RATIOS[12])),
        Check("last month of the shock", float(RATIOS[14])),
        Check("month after", float(RATIOS[15])),
    ),
    shocked,
)


def ageing(rng: np.random.Generator) -> dict[str, Three]:
    diagram = followed(rng, AGEING)
    months, years = calendar_ratio(diagram), calendar_ratio(diagram, by="year")
    churn = years.observed / years.at_risk
    return {
        "last year": three(years.at("2021")),
        "first year": three(years.at("2020")),
        "month 19": three(months.at("2021-07")),
        "churn rate of the last year by the first": (float(churn[-1] / churn[0]), NAN, NAN),
        "the same, as an effect of the calendar": (float(churn[-1] / churn[0]), NAN, NAN),
    }


RISK, LEAVERS = (a.reshape(2, 12, MONTHS).sum(axis=(1, 2)) for a in expected(AGEING))
CHURN = LEAVERS / RISK
AGED = Recipe(
    "base that ages",
    "180 newcomers in each of 24 months of a young firm, hazard falling from .08 to .015 with "
    "tenure, no month like another but for who is there",
    (
        Check("last year", 1.0),
        Check("first year", 1.0),
        Check("month 19", 1.0),
        Check("churn rate of the last year by the first", float(CHURN[-1] / CHURN[0]), "none", ""),
        Check("the same, as an effect of the calendar", 1.0, "must miss", ""),
    ),
    ageing,
)


def lasting(rng: np.random.Generator) -> dict[str, Three]:
    """Return the first three months of a rise that is felt for six, by what is set apart."""
    hazards = np.full((MONTHS, MONTHS), 0.03)
    hazards[list(SHOCK)] *= 2
    hazards[[m + 3 for m in SHOCK]] *= 2
    diagram = followed(rng, hazards)
    six, three_only = (
        calendar_ratio(diagram, by={"after": RISE, "before": BEFORE}, apart=months)
        for months in ((*RISE, *NEXT), RISE)
    )
    return {
        "after the rise, six set apart": three(six.at("after")),
        "before it, six set apart": three(six.at("before")),
        "after the rise, three set apart": three(three_only.at("after")),
        "before it, three set apart": three(three_only.at("before")),
    }


NEXT = ("2021-04", "2021-05", "2021-06")
LASTING = Recipe(
    "price rise felt for six months",
    "180 newcomers in each of 24 months, hazard .03 at any tenure, twice that in months 13-18",
    (
        Check("after the rise, six set apart", 2.0),
        Check("before it, six set apart", 1.0),
        Check("after the rise, three set apart", 2.0, "must miss", ""),
        Check("before it, three set apart", 1.0, "must miss", ""),
    ),
    lasting,
)


def campaign(rng: np.random.Generator) -> dict[str, Three]:
    """Return the month of a campaign, and the next, with and without the months of start.

    Months of 30 days; who begins on day d is there for 30 - d days of his own month.
    """
    start = np.repeat(np.arange(MONTHS), NEWCOMERS)
    day = rng.integers(0, 30, len(start))
    many = np.repeat(LATE, 3 * NEWCOMERS)
    start, day = np.r_[start, many], np.r_[day, rng.integers(25, 30, len(many))]
    gone = np.floor((day + rng.exponential(1 / DAILY, len(start))) / 30).astype(np.int64) + 1
    stay = np.minimum(gone, MONTHS - start)
    made = life_tables_from(stay, gone <= stay, start, MONTHS, block=dealt(rng, len(start)))
    tables = {f"{2020 + c // 12}-{c % 12 + 1:02d}": t for c, t in enumerate(made)}
    whole = calendar_ratio(lexis_of_tables(tables, partial=1))
    naive = calendar_ratio(lexis_of_tables(tables))
    alarm = min(unusual(whole).values()) < 1 - LEVEL
    return {
        "month of the campaign": three(whole.at("2021-01")),
        "month after it": three(whole.at("2021-02")),
        "no month alarms (Holm)": (1.0, 2.0, 3.0) if alarm else (1.0, 0.0, 1.0),
        "month of the campaign, start counted": three(naive.at("2021-01")),
    }


LATE, DAILY = 12, 0.004
CAMPAIGN = Recipe(
    "campaign at the end of a month",
    "180 newcomers in each of 24 months of 30 days, 540 more on the last 5 days of month 13; all "
    "leave at .004 a day",
    (
        Check("month of the campaign", 1.0),
        Check("month after it", 1.0),
        Check("no month alarms (Holm)", 1.0, "", "conservative"),
        Check("month of the campaign, start counted", 1.0, "must miss", "must fall short"),
    ),
    campaign,
)

RECIPES = (SHOCKED, AGED, TERMS, LASTING, CAMPAIGN)
