"""Customers without a contract: how often they buy, whether they are still there, what it is worth.

Purchase histories are counted where the data lie; BG/NBD and gamma-gamma are fitted to the counts.
"""

from stammkunde.survival.buying.alert import (
    Alert,
    Stakes,
    Wrong,
    alert,
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
from stammkunde.survival.buying.branch import Transfers, transfers
from stammkunde.survival.buying.counted import histories, histories_by
from stammkunde.survival.buying.gamma_gamma import GammaGamma, gamma_gamma
from stammkunde.survival.buying.histories import Histories, histories_from
from stammkunde.survival.buying.holdout import (
    Pair,
    buying_chances,
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
    "GammaGamma",
    "Histories",
    "Pair",
    "Stakes",
    "Timeline",
    "Tracking",
    "Transfers",
    "Wrong",
    "alert",
    "alive_persons",
    "alive_share",
    "bg_nbd",
    "buying_chances",
    "chances",
    "each_history",
    "gamma_gamma",
    "histories",
    "histories_by",
    "histories_from",
    "money_ahead",
    "out_of_rhythm",
    "pairs_by_chance",
    "pairs_by_purchases",
    "purchases_ahead",
    "purchases_of_newcomer",
    "silent",
    "spend_per_purchase",
    "timeline",
    "timeline_from",
    "tracked",
    "trade_off",
    "transfers",
    "verdict",
]
