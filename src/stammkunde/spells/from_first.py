"""The spells of those persons who were seen from their first day on: what a person's clock holds.

Months of a person and months of a spell are compared on the same people only; others are in the
data because they had stayed.
"""

from __future__ import annotations

from stammkunde.spells.spells import Spells


def from_first(spells: Spells) -> Spells:
    """Return all spells of the persons whose first spell was observed from its beginning."""
    s = spells.relation
    began = s.filter((s.spell == 1) & (s.entry == 0))
    return spells.where(s.person.isin(began.person))
