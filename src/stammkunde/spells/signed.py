"""Under which declared terms a spell began.

Terms change, and a contract keeps those under which it was signed; who begins today gets today's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

import ibis
import ibis.expr.types as ir

from stammkunde.errors import ParameterError
from stammkunde.result import Label
from stammkunde.spells.spells import Group, Spells, column_of

# no group of a TOML can have a blank in its name
SIGNED = "signed under"
BEFORE = "before"


def by_terms(spells: Spells, signed_from: Sequence[date]) -> Spells:
    """Return the spells with the group `SIGNED`: the day from which their terms were agreed.

    `signed_from` are the first days of terms, rising; a spell that began before the first of them
    is in the level "before", one without a first day is missing. ParameterError for days that do
    not rise.
    """
    if not signed_from or any(a >= b for a, b in pairwise(signed_from)):
        raise ParameterError("terms need rising first days", where="terms.signed_from")
    s = spells.relation
    number = terms_of(s, signed_from)
    names = (BEFORE, *(d.isoformat() for d in signed_from))
    branches = [(number == i, name) for i, name in enumerate(names)]
    level = ibis.cases((s.start.isnull(), ibis.null("string")), *branches)
    relation = s.mutate(**{column_of(SIGNED): level})
    group = Group(SIGNED, Label(SIGNED))
    return replace(spells, relation=relation, groups={**spells.groups, SIGNED: group})


def terms_of(spells: ir.Table, signed_from: Sequence[date]) -> ir.IntegerValue:
    """Return the number of the terms under which each spell began, 0 before the first of the days.

    A spell without a first day counts as one begun before them.
    """
    start = spells.start.cast("date")
    number: ir.IntegerValue = ibis.literal(0)
    for day in signed_from:
        number = number + ibis.ifelse(start >= ibis.literal(day), 1, 0)
    return number
