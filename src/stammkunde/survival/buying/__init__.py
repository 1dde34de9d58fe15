"""Customers without a contract: how often they buy, whether they are still there, what it is worth.

Purchase histories are counted where the data lie; BG/NBD and gamma-gamma are fitted to the counts.
"""

from stammkunde.survival.buying.alert import (
    Alert,
    Rule,
    Stakes,
    Wrong,
    alert,
    alerts,
    out_of_rhythm,
    silent,
    trade_off,
    verdict,
)
from stammkunde.survival.buying.alive import (
    alive_persons,
    alive_share,
    chances,
    each_history,
    money_ahead,
    purchases_ahead,
    purchases_of_newcomer,
    spend_per_purchase,
)
from stammkunde.survival.buying.bgnbd import BgNbd, bg_nbd
from stammkunde.survival.buying.branch import Transfers, transfers, transfers_by_place
from stammkunde.survival.buying.contact import (
    Contact,
    at_most,
    best_threshold,
    contacts,
    returns,
    worth_contacting,
)
from stammkunde.survival.buying.counted import histories, histories_by
from stammkunde.survival.buying.gamma_gamma import GammaGamma, gamma_gamma
from stammkunde.survival.buying.histories import Histories, histories_from
from stammkunde.survival.buying.holdout import (
    Pair,
    buying_chances,
    pairs_among,
    pairs_by_chance,
    pairs_by_purchases,
)
from stammkunde.survival.buying.timeline import (
    Timeline,
    Tracking,
    timeline,
    timeline_from,
    tracked,
)

__all__ = [
    "Alert",
    "BgNbd",
    "Contact",
    "GammaGamma",
    "Histories",
    "Pair",
    "Rule",
    "Stakes",
    "Timeline",
    "Tracking",
    "Transfers",
    "Wrong",
    "alert",
    "alerts",
    "alive_persons",
    "alive_share",
    "at_most",
    "best_threshold",
    "bg_nbd",
    "buying_chances",
    "chances",
    "contacts",
    "each_history",
    "gamma_gamma",
    "histories",
    "histories_by",
    "histories_from",
    "money_ahead",
    "out_of_rhythm",
    "pairs_among",
    "pairs_by_chance",
    "pairs_by_purchases",
    "purchases_ahead",
    "purchases_of_newcomer",
    "returns",
    "silent",
    "spend_per_purchase",
    "timeline",
    "timeline_from",
    "tracked",
    "trade_off",
    "transfers",
    "transfers_by_place",
    "verdict",
    "worth_contacting",
]
