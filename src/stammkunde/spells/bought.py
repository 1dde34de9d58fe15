"""Purchases as they are, day by day: no lapse rule, no spells.

What a model of buying needs is who bought when and for how much. Persons, blocks, checks and
rejected rows are those of the spells of the same table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import ibis.expr.types as ir
import pandas as pd

from stammkunde.errors import ParameterError
from stammkunde.result import table_html
from stammkunde.spells.beside.amounts import text, with_cents
from stammkunde.spells.beside.persons import read_persons
from stammkunde.spells.checks.found import Found
from stammkunde.spells.checks.repeats import repeats
from stammkunde.spells.checks.sift import Sifted, remarked, set_aside, sift
from stammkunde.spells.columns import named
from stammkunde.spells.delivery.cells import date_of
from stammkunde.spells.delivery.columns import column
from stammkunde.spells.delivery.take import Taken, take
from stammkunde.spells.keys import Keys, hidden, key_columns, keyed, not_listed
from stammkunde.spells.purchases import SECTION, day_checks
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.tables import TransactionsToml
from stammkunde.spells.spells import Tally, column_of

CENTS, PLACE = "cents", "place"


@dataclass(frozen=True)
class Purchases:
    """Purchases, one row each, as a relation of the engine.

    Columns: person, block, day, record, cents (an amount in whole cents, null where none is
    declared), place (a text, null where none is declared) and "group NAME" for each group, numbers
    that are to be banded as they are. `close` is the day after the last observed one; `complete`
    says that everybody's first purchase is among them; `bands` are the cuts of groups of numbers.
    """

    relation: ir.Table
    close: date
    complete: bool
    groups: tuple[str, ...]
    bands: Mapping[str, tuple[float, ...]]
    tally: Tally
    rejected: pd.DataFrame
    found: tuple[Found, ...] = ()

    def _repr_html_(self) -> str:
        rows: dict[str, object] = {"rows read": self.tally.read, "used": self.tally.used}
        rows |= {"rejected": self.tally.rejected, "observed to": self.close}
        return table_html(rows | {"groups": ", ".join(self.groups) or "none"}, "Purchases")


def read_bought(
    folder: Path,
    data: DataToml,
    *,
    amount: str = "",
    place: str = "",
    secret: bytes | None = None,
    stop: bool = True,
) -> Purchases:
    """Return the purchases of a client whose files lie in `folder`, as its TOML declares them.

    `amount` and `place` name delivered columns: what a purchase was worth, and where it was made.
    With a `secret` persons are pseudonyms. ParameterError where the client has no purchases;
    DataError names file, column and remedy, also, unless told not to `stop`, where more rows are
    rejected than `checks.most_rejected` allows.
    """
    needed = {n: d for n, d in data.deliveries.items() if n in ("transactions", "persons")}
    if data.transactions is None:
        raise ParameterError(
            "these data are not purchases", remedy="Ask only of a client with `[transactions]`."
        )
    taken = take(folder, needed)
    return bought_of(taken, data, amount=amount, place=place, secret=secret, stop=stop)


def bought_of(
    taken: Mapping[str, Taken],
    data: DataToml,
    *,
    amount: str = "",
    place: str = "",
    secret: bytes | None = None,
    stop: bool = True,
) -> Purchases:
    """Return the same as `read_bought` from tables of a client that are taken in already."""
    table = data.transactions
    assert table is not None
    assert data.window.close is not None
    most = data.checks.most_rejected if stop else None
    keys = Keys()
    if data.persons is not None:
        keys = Keys(read_persons(taken["persons"], data.persons, most=most).relation)
    sifted = _sifted(taken["transactions"], data, table, keys, (amount, place))
    rejected, errors = set_aside(sifted, most=most)
    return Purchases(
        relation=hidden(sifted.good, secret),
        close=data.window.close,
        complete=table.first_purchases,
        groups=tuple(data.groups),
        bands={n: g.cuts for n, g in data.groups.items() if g.cuts},
        tally=Tally(sifted.read, sifted.read - len(rejected), 0, len(rejected)),
        rejected=rejected,
        found=(*errors, *remarked(sifted)),
    )


def _sifted(
    taken: Taken, data: DataToml, table: TransactionsToml, keys: Keys, more: tuple[str, str]
) -> Sifted:
    groups = DataToml(groups=data.groups)
    extra = named(keyed(taken, table.person, keys), taken, groups, banded=False)
    rows, money = with_cents(extra.rows, taken, more[0], CENTS)
    cell = column(rows, table.date, taken.where)
    rows = rows.mutate(day=date_of(cell, taken.form), **{PLACE: text(rows, taken, more[1])})
    typed = rows.mutate(**extra.columns, **extra.flags)
    checks = [*day_checks(typed, data, table), *money]
    own = ("day", CENTS, PLACE, *map(column_of, data.groups), *extra.flags)
    return sift(
        SECTION,
        taken,
        typed,
        checks=checks,
        remarks=[*not_listed(keys), *extra.remarks],
        columns=(*key_columns(table.person, keys), *own),
        measures=repeats(person=True, number=False),
    )
