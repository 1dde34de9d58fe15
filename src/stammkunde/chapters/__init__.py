"""WHAT a chapter says: from results to findings, figures and tables, without a word of prose.

Every function takes the study and results of the kernel and returns one `Section`.
"""

from stammkunde.chapters.appendix import appendix
from stammkunde.chapters.buying.alert import lapse_alert
from stammkunde.chapters.buying.alive import still_there
from stammkunde.chapters.buying.branches import branches
from stammkunde.chapters.buying.model import buying
from stammkunde.chapters.buying.read import Buying, read_buying
from stammkunde.chapters.cautions import nature, snapshot
from stammkunde.chapters.data import data
from stammkunde.chapters.lifetimes.calendar import calendar
from stammkunde.chapters.lifetimes.cohorts import cohorts
from stammkunde.chapters.lifetimes.compare import who
from stammkunde.chapters.lifetimes.further import further
from stammkunde.chapters.lifetimes.inside import inside
from stammkunde.chapters.lifetimes.leaving import when
from stammkunde.chapters.lifetimes.persons import persons
from stammkunde.chapters.lifetimes.regimes import Regimes, regimes
from stammkunde.chapters.lifetimes.rules import lapse_curves, lapse_rule, latest_curve, returned
from stammkunde.chapters.lifetimes.stay import how_long
from stammkunde.chapters.offers.doubts.method import doubts_method
from stammkunde.chapters.offers.gains import who_gains
from stammkunde.chapters.offers.newcomers.section import newcomer_offers
from stammkunde.chapters.offers.offers import offers
from stammkunde.chapters.offers.read import read_answers
from stammkunde.chapters.outlook.ahead import outlook
from stammkunde.chapters.outlook.base import base
from stammkunde.chapters.outlook.families import families
from stammkunde.chapters.outlook.habit import habit
from stammkunde.chapters.outlook.known import foretold
from stammkunde.chapters.outlook.margin import margin
from stammkunde.chapters.outlook.read import Ahead, Future, read_outlook
from stammkunde.chapters.outlook.stays import stays
from stammkunde.chapters.outlook.worth_money import worth
from stammkunde.chapters.parts import seen_from
from stammkunde.chapters.policies.read import Decision, Undecided
from stammkunde.chapters.policies.sections import (
    how_it_was_reckoned,
    the_decision,
    what_would_change_it,
)
from stammkunde.chapters.policies.valued.decision import read_decision
from stammkunde.chapters.reasons.accuracy import accuracy
from stammkunde.chapters.reasons.drivers import drivers
from stammkunde.chapters.reasons.fitted import Drivers, Unfit
from stammkunde.chapters.reasons.read import read_drivers
from stammkunde.chapters.reasons.why import why

__all__ = [
    "Ahead",
    "Buying",
    "Decision",
    "Drivers",
    "Future",
    "Regimes",
    "Undecided",
    "Unfit",
    "accuracy",
    "appendix",
    "base",
    "buying",
    "branches",
    "calendar",
    "cohorts",
    "data",
    "doubts_method",
    "drivers",
    "families",
    "foretold",
    "further",
    "habit",
    "how_it_was_reckoned",
    "how_long",
    "inside",
    "lapse_alert",
    "lapse_curves",
    "lapse_rule",
    "latest_curve",
    "margin",
    "nature",
    "newcomer_offers",
    "offers",
    "outlook",
    "persons",
    "read_answers",
    "read_buying",
    "read_decision",
    "read_drivers",
    "read_outlook",
    "regimes",
    "returned",
    "seen_from",
    "snapshot",
    "stays",
    "still_there",
    "the_decision",
    "what_would_change_it",
    "when",
    "who",
    "who_gains",
    "why",
    "worth",
]
