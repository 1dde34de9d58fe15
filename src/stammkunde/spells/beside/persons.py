"""The list of customer numbers that are one person or household."""

from __future__ import annotations

import ibis

from stammkunde.spells.blocks import key_expr
from stammkunde.spells.checks.rows import blocking
from stammkunde.spells.checks.sift import set_aside, sift
from stammkunde.spells.delivery.columns import column
from stammkunde.spells.delivery.engine import keep
from stammkunde.spells.delivery.take import Taken
from stammkunde.spells.schema.tables import PersonsToml
from stammkunde.spells.spells import SideTable, Tally

SECTION = "persons"


def read_persons(taken: Taken, table: PersonsToml, *, most: float | None) -> SideTable:
    """Return the list as a relation of `customer` and `owner`, one row per customer number.

    A customer number with two owners has none: its rows are set aside. Keys are as delivered.
    """
    rows = taken.rows
    customer, owner = (
        key_expr(column(rows, n, taken.where)).nullif("") for n in (table.customer, table.person)
    )
    typed = rows.mutate(customer=customer, owner=owner)
    same = ibis.window(group_by="customer")
    typed = typed.mutate(least=typed.owner.min().over(same), most=typed.owner.max().over(same))
    checks = [
        blocking("missing_customer", typed.customer.isnull(), table.customer),
        blocking("missing_person", typed.owner.isnull(), table.person),
        blocking("two_persons", typed.least != typed.most, table.customer),
    ]
    sifted = sift(SECTION, taken, typed, checks=checks, columns=("customer", "owner"))
    rejected, found = set_aside(sifted, most=most)
    good = sifted.good
    owners = good.group_by("customer").aggregate(owner=good.owner.max())
    tally = Tally(sifted.read, sifted.read - len(rejected), 0, len(rejected))
    return SideTable(keep(taken.engine, owners), tally, found, rejected)
