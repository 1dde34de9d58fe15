"""What rivals do: poaching, paying to switch, promising loyalty, and customers who hop.

Closed forms of small games, each for its own model of tastes; `response` puts them into the
client's own money.
"""

from stammkunde.policy.rivals.commitment import deviation as promise_deviation
from stammkunde.policy.rivals.commitment import loyalty, newcomers_answer
from stammkunde.policy.rivals.formats import (
    Deviation,
    Formats,
    OneSided,
    Poached,
    against_frozen,
    format_game,
    one_sided,
)
from stammkunde.policy.rivals.formats import deviation as poaching_deviation
from stammkunde.policy.rivals.leak import Best, Hoppers, Leak, best_saving, best_saving_for
from stammkunde.policy.rivals.outcome import Difference, Outcome, one_price
from stammkunde.policy.rivals.poaching import Turf, first_price_holds, turf, two_periods
from stammkunde.policy.rivals.response import poached, promised, surfed, switched
from stammkunde.policy.rivals.switching import (
    Bases,
    Surfing,
    bases,
    entry_price,
    pays_to_stay,
    surfing,
    two_firms,
)
from stammkunde.policy.rivals.told import Market, Response

__all__ = [
    "Bases",
    "Best",
    "Deviation",
    "Difference",
    "Formats",
    "Hoppers",
    "Leak",
    "Market",
    "OneSided",
    "Outcome",
    "Poached",
    "Response",
    "Surfing",
    "Turf",
    "against_frozen",
    "bases",
    "best_saving",
    "best_saving_for",
    "entry_price",
    "first_price_holds",
    "format_game",
    "loyalty",
    "newcomers_answer",
    "one_price",
    "one_sided",
    "pays_to_stay",
    "poached",
    "poaching_deviation",
    "promise_deviation",
    "promised",
    "surfed",
    "surfing",
    "switched",
    "turf",
    "two_firms",
    "two_periods",
]
