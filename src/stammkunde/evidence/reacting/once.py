"""Relations that are asked several times, computed once and given up again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import ibis.expr.types as ir

from stammkunde.spells.delivery.engine import keep


@contextmanager
def computed_once(relation: ir.Table) -> Iterator[ir.Table]:
    """Yield a relation as a table of its engine, for as long as the block lasts.

    Joins and running sums over all units are what takes the time.
    """
    engine = relation.get_backend()
    table = keep(engine, relation)
    try:
        yield table
    finally:
        engine.drop_table(table.op().name)
