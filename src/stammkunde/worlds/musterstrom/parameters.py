"""What is fixed in the energy supplier: the words, the calendar, the numbers, the levers.

Months are counted from January 2017 = 0. A contract signed in month s is in its tenure unit t in
calendar month s + t - 1: units are named after the month in which they begin. Effects are added on
the log-odds of leaving for a cause against staying.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from stammkunde.worlds.world import Lever

PROCESS_VERSION = "1"
SIZE = 38_700  # persons who could sign up, in the world as it is shipped
FIRST_YEAR = 2017
MONTHS = 108  # to the end of 2025
OPEN, CLOSE = 36, 108  # 1 January 2020, 1 January 2026
DAYS = 28  # contracts begin on the days 1 to 28, which every month has
REGIONS = 64

USAGE = ("niedrig", "mittel", "hoch")
AGE = ("unter 40", "40 bis 65", "über 65")
CHANNEL = ("Persönliche Beratung", "Portal")
GROUP = ("A", "B")
MOODS = ("neutral", "pleased", "annoyed", "angry", "awake")
CAUSES = ("price", "service", "moved", "died", "other")
ORIGIN = ("always", "offer", "advert")  # what it takes for a person to sign up at all

# who the persons are
ORIGIN_SHARE = np.array([0.80, 0.16, 0.04])
USAGE_SHARE = np.array([0.35, 0.45, 0.20])
AGE_SHARE = np.array([0.35, 0.45, 0.20])
CHANNEL_SHARE = np.array([0.40, 0.60])
HOPPER_SHARE = np.array([[0.08, 0.20], [0.25, 0.40], [0.08, 0.20]])  # origin x channel
NEWCOMER_UPTAKE = np.array([[0.45, 0.80], [0.75, 0.95]])  # channel x hopper
LOYALTY_UPTAKE = np.array([0.10, 0.28, 0.60])  # by usage

# leaving: log-odds in a month against staying
PRICE, SERVICE, OTHER = -5.15, -6.3, -7.2
PRICE_USAGE = np.array([0.20, 0.0, -0.70])
PRICE_HOPPER, PRICE_PORTAL = 0.9, 0.25
NEWCOMER_HELD = -0.5  # while the newcomer rebate runs, per 10 euro
NEWCOMER_ENDS = np.array([1.2, 2.9])  # in its last month and the one after: others, hoppers
PER_EURO = -0.11  # of the loyalty rebate, or of a rebate for all, on leaving for the price
RISE = (69, 81)  # October 2022 for price group A, October 2023 for B
RISE_FRESH, RISE_LATER, RISE_MONTHS = 0.9, 0.2, 6
ADVERT = (72, 84)  # the year 2023
ADVERT_FELT = 0.6  # by customers past the newcomer months in an advertised region
TERM_BEFORE, TERM, TERM_RENEWS = 62, 24, 12  # signed before March 2022
TERM_LEAVES = 2.3  # what has waited for the end of the term
PRICE_MOOD = np.array([0.0, -0.9, 0.6, 1.2, 1.3])
SERVICE_MOOD = np.array([0.0, -0.7, 1.3, 2.6, 0.0])
MOVED = np.array([0.0060, 0.0035, 0.0020])  # odds, by age
DIED = np.array([0.0001, 0.0004, 0.0030])

# what happens in a month
FAILURE_USAGE = np.array([0.9, 1.0, 1.3])
COMPLAINS = np.array([0.25, 0.40, 0.60])
HOTLINE, LONG_WAIT, PAID_LINE = 0.05, 0.3, 0.5
WAIT_ANNOYS, FEE_ANNOYS = 0.50, 0.25  # the latter per euro
CALLED, WINE, FROM_UNIT = 0.03, 0.02, 4  # drawn for a gesture or its hold-out, each month
REFERS = np.array([0.003, 0.012, 0.001, 0.0, 0.003])  # by mood

# after leaving, by cause (nobody comes back from the dead)
RESIGNS = np.array([[0.04, 0.02, 0.0, 0.0, 0.0], [0.65, 0.20, 0.0, 0.0, 0.0]])  # hopper x cause
RESIGN_LAG = np.array([0.4, 0.3, 0.2, 0.1])  # 1 to 4 months
REACTIVATED = np.array([[0.02, 0.015, 0.003, 0.0, 0.01], [0.10, 0.08, 0.01, 0.0, 0.04]])  # letter
REACTIVATED_LAG = np.array([0.3, 0.3, 0.2, 0.2])  # 2 to 5 months
ANSWERS = np.array([0.10, 0.15, 0.40, 0.0, 0.10])  # who is written to and answers, by cause

# money in euro
KWH = np.array([1600, 3000, 6500])
MARGIN_BASE, MARGIN_KWH = 6.0, 0.0035  # a month; and per kWh of a year, before rebates
ACQUISITION = np.array([90.0, 55.0])  # by channel
COSTS = {"call": 6.0, "wine": 11.0, "early_call": 6.0, "reminder": 0.9, "winback": 1.1}
COMPLAINT_COST, CONTACT_COST, FAILURE_COST = 18.0, 4.0, 9.0
# the systems charge every answer alike: what one costs that is more, or sooner, than it would be
WHOLE_MORE, QUICK_MORE = 12.0, 6.0

LEVERS: Mapping[str, Lever] = {
    "newcomer_rebate": Lever(now=10.0, about="euro a month off for newcomers, 0 to 10"),
    "newcomer_months": Lever(now=12.0, about="how many months the newcomer rebate lasts"),
    "newcomer_share": Lever(now=1.0, about="share of those signing up who are offered it"),
    "newcomer_for_returners": Lever(now=True, about="returners count as newcomers"),
    "loyalty_rebate": Lever(now=4.0, about="euro a month off for loyal customers"),
    "loyalty_from": Lever(now=13.0, about="the unit of tenure from which it is given"),
    "loyalty": Lever(now="taken up", about="who gets it: `none`, those `taken up`, or `all`"),
    "rebate_for_all": Lever(now=0.0, about="euro a month off for everybody at any time"),
    "failure_rate": Lever(now=0.022, about="failures per customer and month, mean usage"),
    "recovery_share": Lever(now=0.55, about="share of complaints answered in every point"),
    "quick_share": Lever(now=0.5, about="share of complaints answered within five days"),
    "compensation": Lever(now=20.0, about="mean euro paid on a complaint"),
    "hotline_fee": Lever(now=2.0, about="euro per call on the paid line, 0 to 4"),
    "call": Lever(now=0.5, about="share of those drawn for an unasked call who are called"),
    "wine": Lever(now=0.5, about="share of those drawn for a bottle of wine who get one"),
    "early_call": Lever(now=0.5, about="share of new contracts called in their first month"),
    "reminder": Lever(now=0.5, about="share reminded a month before the contract's year ends"),
    "winback": Lever(now=0.5, about="share of leavers who get a win-back letter"),
    "advertising": Lever(now="half", about="regions with advertising in 2023: none, half, all"),
    "price_rise": Lever(now=True, about="the price rises of October 2022 and 2023"),
    "terms": Lever(now=True, about="contracts signed before March 2022 run for 24 months"),
}


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The setting of every lever, by name; what each means stands in `LEVERS`."""

    newcomer_rebate: float
    newcomer_months: int
    newcomer_share: float
    newcomer_for_returners: bool
    loyalty_rebate: float
    loyalty_from: int
    loyalty: str
    rebate_for_all: float
    failure_rate: float
    recovery_share: float
    quick_share: float
    compensation: float
    hotline_fee: float
    call: float
    wine: float
    early_call: float
    reminder: float
    winback: float
    advertising: str
    price_rise: bool
    terms: bool
