"""The numbers of the garage: who its customers are, what happens to them, and the levers."""

from __future__ import annotations

from datetime import date

from stammkunde.worlds.world import Lever

VERSION = "1"
OPEN, CLOSE, MONTHS = date(2019, 1, 1), date(2026, 1, 1), 84
# From every day of the calendar 428 days are 14 whole months.
LAPSE_DAYS = 428

SEGMENTS = ("Neuwagen", "Älteres Fahrzeug", "Transporter")
SEGMENT_SHARE = (0.40, 0.45, 0.15)
LOYAL_SHARE = 0.5

BRANCHES = ("Nordstadt", "Südring", "Hafen", "Mühlheim", "Grünau", "Bahnhof", "Weststraße")
BRANCH_OF_TEAM = (0, 0, 1, 1, 2, 3, 4, 5, 6)
TEAM_EFFECT = (-0.60, 0.35, -0.20, 0.60, 0.00, -0.40, 0.20, 0.45, -0.40)
TEAM_AFTER_TRANSFER = (2, 4, 5, 6, 7, 8, 0, 1, 3)
ADVISERS_PER_TEAM = 6

STATUSES = (
    "home", "other branch", "moved away", "price", "service", "other reason", "dead or without car",
)  # fmt: skip
ALIVE = (0, 1)
CAUSES = STATUSES[2:]
MOODS = ("neutral", "angry", "recovered", "pleased")

# Monthly hazards relative to staying; a policy can move price and service only.
BASE = {
    "transfer": 0.0042, "moved away": 0.0035, "price": 0.0070, "service": 0.0050,
    "other reason": 0.0020, "dead or without car": 0.0015,
}  # fmt: skip
BY_SEGMENT = {"price": (0.8, 1.3, 0.9), "dead or without car": (0.3, 1.6, 0.5)}
BY_LOYAL = {"price": (1.5, 0.5), "service": (1.5, 0.5), "other reason": (1.4, 0.6)}
BY_MOOD = {"price": (1.0, 2.0, 1.2, 0.4), "service": (1.0, 5.0, 1.4, 0.15)}
BY_KNOWN = {"price": (1.4, 1.0), "service": (2.5, 1.0)}

# Clock: 0-15 months since the last visit, then three letters with 0-6 months since the letter.
LAPSED, LETTERS, LETTER_MONTHS = 15, ("hold-out", "card", "card and offer"), 7
CLOCKS = LAPSED + 1 + len(LETTERS) * LETTER_MONTHS
REMINDED_AT, REMINDER_ODDS = 11, 2.2
VISIT = (
    0.0, 0.03, 0.05, 0.09, 0.15, 0.24, 0.30, 0.28, 0.22, 0.20, 0.20, 0.28, 0.32, 0.22, 0.15, 0.12,
)  # fmt: skip
VISIT_ODDS = (1.0, 0.75, 1.45)
LETTER_VISIT_ODDS = (1.0, 1.5, 1.8)
RETURN_QUIETLY = 0.002
RETURN = {
    "price": (0.002, 0.020, 0.055), "service": (0.002, 0.035, 0.045),
    "other reason": (0.002, 0.012, 0.022),
}  # fmt: skip

REASONS = ("Umzug", "Preis", "Service", "Sonstiges")
ANSWERS = {
    "home": 0.08, "other branch": 0.10, "moved away": 0.40, "price": 0.12, "service": 0.18,
    "other reason": 0.10, "dead or without car": 0.05,
}  # fmt: skip
STATED = {
    "home": (0.0, 0.2, 0.1, 0.7), "other branch": (0.8, 0.0, 0.1, 0.1),
    "moved away": (1.0, 0.0, 0.0, 0.0), "price": (0.0, 0.9, 0.05, 0.05),
    "service": (0.0, 0.15, 0.80, 0.05), "other reason": (0.0, 0.1, 0.1, 0.8),
    "dead or without car": (0.0, 0.0, 0.0, 1.0),
}  # fmt: skip
PHONED, REACHED = 0.1, 0.8

INCIDENTS = ("missed appointment", "others favoured", "burden of proof reversed")
INCIDENT_ODDS = (0.030, 0.015, 0.012)
COMPLAINS = (0.15, 0.70)
HANDLINGS = ("silent", "quick well", "quick badly", "slow well", "slow badly")
WELL_QUICK, WELL_SLOW = (0.85, 0.75, 0.65), (0.40, 0.30, 0.20)
FADES = (0.0, 0.08, 0.10, 0.05)
GESTURES = ("invitation", "unasked call", "bottle of wine")
GESTURE_SHARE, GESTURE_PLEASES = 0.015, (0.80, 0.50, 0.0)
KNOWN_AGAIN = 0.08

LARGE_CHANCE, LARGE_FACTOR = (0.08, 0.05, 0.06), 5.0
DEFECTS, CLAIMED, CLAIMED_AFTER_CALL = 1.2, 0.62, 0.44
JOINS_POINTS = (0.05, 0.14)
AMOUNT, AMOUNT_LOYAL, AMOUNT_SHAPE = (380.0, 290.0, 520.0), (0.9, 1.1), 4.0
COST_SHARE = (0.55, 0.75)
COST = {
    "card": 1.2, "offer": 25.0, "phone": 5.0, "invitation": 6.0, "unasked call": 4.0,
    "bottle of wine": 9.0, "early call": 4.0, "reminder": 0.8, "points": 2.0, "compensation": 40.0,
}  # fmt: skip

MOST_DEFECTS = 8
GOOD_PAYERS = 0.6
# Good payers first. Nobody waits longer for paying well, and nobody buys more for coming longer.
WAIT_DAYS, PAYS_AFTER, AMOUNT_GROWTH = (5.0, 5.0), (4.0, 16.0), 0.0

LEVERS = {
    "card": Lever(now=True, about="ask lapsed customers why they do not come any more"),
    "card_holdout": Lever(now=0.3, about="share of lapsed customers who get no card, by chance"),
    "offer": Lever(now=0.5, about="share of cards with an individual service offer, by chance"),
    "personal_letter": Lever(now=0.5, about="share of cards worded personally: without effect"),
    "reminder": Lever(now=0.5, about="share reminded after eleven months without a visit"),
    "incidents": Lever(now=1.0, about="factor on how often something goes wrong"),
    "quick_answers": Lever(now=0.5, about="share of complaints answered within three days"),
    "surprise": Lever(now=0.06, about="share of visits that surprise the customer pleasantly"),
    "gestures": Lever(now=True, about="the programme of gestures, its hold-out included"),
    "departures": Lever(now=0.015, about="monthly chance that a service adviser leaves"),
    "team_spread": Lever(now=1.0, about="factor on the differences between teams; 0: all alike"),
    "price_leaving": Lever(now=1.0, about="factor on leaving because of the price"),
    "early_call": Lever(now=0.5, about="share called soon after a large purchase, by chance"),
    "points": Lever(now=True, about="the points scheme: without effect on anything else"),
}
