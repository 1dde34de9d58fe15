"""WHAT a policy would be worth: offers and care priced by how long customers would stay.

Nothing here reads data: hazards, money, head-counts and effects come in as arrays, draws first, and
values leave as arrays or estimates.
"""

from stammkunde.policy import decide, engine, ledger, offers, pilot, rivals, worth

__all__ = ["decide", "engine", "ledger", "offers", "pilot", "rivals", "worth"]
