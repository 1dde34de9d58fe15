"""Customer numbers as delivered become persons and blocks; when they leave, pseudonyms."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from stammkunde.spells.blocks import block_expr, key_expr, row_key
from stammkunde.spells.checks.rows import Remark
from stammkunde.spells.delivery.columns import DELIVERED, column, delivered
from stammkunde.spells.delivery.take import Taken
from stammkunde.spells.secrets import pseudonym_expr


@dataclass(frozen=True)
class Keys:
    """What turns customer numbers into persons.

    `owners` has `customer` and `owner`: the person or household a customer number belongs to, or
    None where every customer is a person.
    """

    owners: ir.Table | None = None


def keyed(taken: Taken, name: str, keys: Keys) -> ir.Table:
    """Return the rows of a table with `customer`, `person`, `block`, `owned` and `again`.

    `name` is the delivered column of the customer number; without one each row is a person of his
    own. `customer` and `person` are null where the cell is blank. `owned` says that the customer
    number is listed with a person, `again` that nothing tells the row from an earlier one.
    """
    rows = taken.rows
    if name:
        key = key_expr(column(rows, name, taken.where)).nullif("")
        rows = rows.mutate(customer=key, again=ibis.literal(False))
    else:
        key = row_key(rows, [DELIVERED + c for c in delivered(rows)])
        rows = rows.mutate(customer=key)
        rows = rows.mutate(again=~rows.customer.endswith("#1"))
    rows = _owned(rows, keys.owners) if name else _own(rows)
    return rows.mutate(block=block_expr(rows.person))


def hidden(relation: ir.Table, secret: bytes | None, *names: str) -> ir.Table:
    """Return a relation whose `person` (or `names`) is a pseudonym, or itself without a secret.

    Computed when somebody asks for persons: counts need none, and 10 million take seconds.
    """
    if secret is None:
        return relation
    columns = names or ("person",)
    return relation.mutate(**{n: pseudonym_expr(relation[n], secret) for n in columns})


def key_columns(name: str, keys: Keys) -> tuple[str, ...]:
    """Return the columns of `keyed` that checks and spells need, given the column of the key."""
    listed = ("owned",) if keys.owners is not None else ()
    return ("person", "block", *listed, *(() if name else ("again",)))


def not_listed(keys: Keys) -> list[Remark]:
    """Return the remark on customers whom the list of persons does not name, where there is one."""
    if keys.owners is None:
        return []
    return [Remark("unlisted_customer", "note", lambda rows: ~rows.owned)]


def _own(rows: ir.Table) -> ir.Table:
    return rows.mutate(person=rows.customer, owned=ibis.literal(False))


def _owned(rows: ir.Table, owners: ir.Table | None) -> ir.Table:
    if owners is None:
        return _own(rows)
    names = rows.columns
    listed = owners.select(number=owners.customer, owner=owners.owner)
    joined = rows.left_join(listed, rows.customer == listed.number)
    joined = joined.mutate(
        person=ibis.coalesce(joined.owner, joined.customer), owned=joined.owner.notnull()
    )
    return joined.select(*names, "person", "owned")
