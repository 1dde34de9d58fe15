"""WHY spells end: what happens by each cause, and what would happen without some of them."""

from stammkunde.survival.causes.gray import gray_test
from stammkunde.survival.causes.incidence import aalen_johansen
from stammkunde.survival.causes.lost import months_lost, share_of_leavers
from stammkunde.survival.causes.merging import merge_causes
from stammkunde.survival.causes.net import net_survival

__all__ = [
    "aalen_johansen",
    "gray_test",
    "merge_causes",
    "months_lost",
    "net_survival",
    "share_of_leavers",
]
