"""WHAT is assumed: every number that was typed or estimated, its doubt, and who says it."""

from stammkunde.policy.ledger.assumption import Assumption, Source, estimated
from stammkunde.policy.ledger.laws import Law
from stammkunde.policy.ledger.ledger import Correlation, Ledger

__all__ = ["Assumption", "Correlation", "Law", "Ledger", "Source", "estimated"]
