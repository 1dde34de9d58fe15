"""Reading a client's data: from files or a DataFrame to spells, nothing lost on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import cast

import pandas as pd

from stammkunde.errors import ParameterError
from stammkunde.spells import lapse
from stammkunde.spells.beside.beside import Beside, beside_main
from stammkunde.spells.beside.persons import read_persons
from stammkunde.spells.beside.prices import read_prices
from stammkunde.spells.build import Main
from stammkunde.spells.checks.leakage import other_columns
from stammkunde.spells.contracts import read_contracts
from stammkunde.spells.delivery.engine import connect
from stammkunde.spells.delivery.frames import take_frame
from stammkunde.spells.delivery.take import Form, Taken, no_lines, take
from stammkunde.spells.keys import Keys, hidden
from stammkunde.spells.months import check_unit
from stammkunde.spells.purchases import read_purchases
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.meaning import GroupToml, Unit, WindowToml
from stammkunde.spells.schema.rules import check_data
from stammkunde.spells.schema.tables import ContractsToml, Delivery, SnapshotToml, TransactionsToml
from stammkunde.spells.snapshot import read_snapshot
from stammkunde.spells.spells import SideTable, Spells

FRAME = "DataFrame"
HERE = Delivery(file=FRAME)


@dataclass(frozen=True)
class Reading:
    """How to read: the lapse rule, and whether too many bad rows stop."""

    gap_days: int | None = None
    clock: lapse.Clock = "gap"
    stop: bool = True


def read_data(
    folder: Path,
    data: DataToml,
    *,
    secret: bytes | None = None,
    gap_days: int | None = None,
    clock: lapse.Clock = "gap",
    stop: bool = True,
) -> Spells:
    """Return the spells of a client whose files lie in `folder`, as its TOML declares them.

    With a `secret` persons are pseudonyms. `gap_days` replaces the declared lapse rule and `clock`
    says what ends a spell of purchases (see `spells.lapse`); both are for purchases only. DataError
    names file, column and remedy; it is raised too, unless told not to `stop`, where more rows are
    rejected than `checks.most_rejected` allows.
    """
    needed = {n: d for n, d in data.deliveries.items() if n in (_main(data), "persons")}
    taken = take(folder, needed)
    return _hidden(_read(taken, data, Reading(gap_days, clock, stop)).spells, secret)


def read_both(
    folder: Path, data: DataToml, *, secret: bytes | None = None, stop: bool = True
) -> tuple[Spells, Beside]:
    """Return the spells of a client and the tables beside them, in one engine.

    So they can be joined by `person`. Errors as in `read_data`.
    """
    return read_taken(take(folder, data.deliveries), data, secret=secret, stop=stop)


def read_taken(
    taken: Mapping[str, Taken], data: DataToml, *, secret: bytes | None = None, stop: bool = True
) -> tuple[Spells, Beside]:
    """Return the same as `read_both` from all tables of a client that are taken in already."""
    main = _read(taken, data, Reading(stop=stop))
    beside = beside_main(taken, data, main, stop=stop)
    sides = {n: _side(getattr(beside, n), secret) for n in ("events", "offers")}
    return _hidden(main.spells, secret), replace(beside, **sides)


def read_beside(
    folder: Path, data: DataToml, *, secret: bytes | None = None, stop: bool = True
) -> Beside:
    """Return the tables beside the main one: events, offers, prices. Errors as in `read_data`."""
    return read_both(folder, data, secret=secret, stop=stop)[1]


def read_price_list(folder: Path, data: DataToml, *, stop: bool = True) -> SideTable | None:
    """Return the price list alone; None where the TOML names none. Errors as in `read_data`."""
    if data.prices is None:
        return None
    taken = take(folder, {"prices": data.deliveries["prices"]})
    return read_prices(taken["prices"], data.prices, most=_most(data, stop))


def spells_from(
    frame: pd.DataFrame,
    *,
    start: str = "",
    end: str = "",
    tenure: str = "",
    left: str = "",
    person: str = "",
    open: date | None = None,
    close: date | None = None,
    by: str | Sequence[str] = (),
    unit: str = "month",
) -> Spells:
    """Return the spells of a DataFrame.

    Either `start` and `end` name columns of dates (`end` the last day as a customer, missing while
    he is one) and `close` is the day after the last observed one; or `tenure` names completed units
    and `left` a column that is true or 1 where the customer has left. `by` names columns to group
    by. However many rows are rejected, they are in `rejected`. ParameterError for a call that is
    neither, DataError for a column that is not there.
    """
    check_unit(unit)
    by = (by,) if isinstance(by, str) else tuple(by)
    dates, counted = (start, end, close), (tenure, left)
    if all(dates) == all(counted) or (any(dates) and any(counted) and not close):
        raise ParameterError(
            "spells need either `start`, `end` and `close`, or `tenure` and `left`",
            remedy="Give the names of these columns, and `close` as a date.",
        )
    engine, names = connect(), [n for n in (start, end, tenure, left, person, *by) if n]
    kept = Taken(take_frame(engine, frame, names), engine, FRAME, Form(), no_lines)
    window = WindowToml(open=open, close=close, unit=cast(Unit, unit))
    groups = {n: GroupToml(column=n, title={}) for n in by}
    if tenure:
        data = DataToml(window=window, groups=groups, snapshot=_flags(tenure, left, person))
    else:
        table = ContractsToml(delivery=HERE, start=start, end=end, person=person)
        data = DataToml(window=window, groups=groups, contracts=table)
    check_data(data, FRAME)
    return _read({_main(data): kept}, data, Reading(stop=False)).spells


def _flags(tenure: str, left: str, person: str) -> SnapshotToml:
    return SnapshotToml(
        delivery=HERE,
        tenure=tenure,
        left=left,
        person=person,
        left_values=("true", "1", "1.0"),
        stayed_values=("false", "0", "0.0"),
    )


def _most(data: DataToml, stop: bool) -> float | None:
    return data.checks.most_rejected if stop else None


def _main(data: DataToml) -> str:
    return next(iter(data.deliveries))


def _read(taken: Mapping[str, Taken], data: DataToml, reading: Reading) -> Main:
    """Read the main table, by the list of persons where there is one."""
    most = _most(data, reading.stop)
    listed = None
    keys = Keys()
    if data.persons is not None:
        listed = read_persons(taken["persons"], data.persons, most=most)
        keys = replace(keys, owners=listed.relation)
    main = _main_table(taken[_main(data)], data, reading, keys, most)
    found = other_columns(taken[_main(data)], main.spells, data)
    spells = replace(main.spells, found=(*main.spells.found, *found), listed=listed)
    return replace(main, spells=spells, keys=keys)


def _hidden(spells: Spells, secret: bytes | None) -> Spells:
    """Return spells, persons and the list of them under pseudonyms."""
    listed = _side(spells.listed, secret, "customer", "owner")
    return replace(spells, relation=hidden(spells.relation, secret), listed=listed)


def _side(table: SideTable | None, secret: bytes | None, *names: str) -> SideTable | None:
    if table is None:
        return None
    return replace(table, relation=hidden(table.relation, secret, *names))


def _main_table(
    taken: Taken, data: DataToml, reading: Reading, keys: Keys, most: float | None
) -> Main:
    table = data.table
    if isinstance(table, TransactionsToml):
        assert data.lapse is not None
        days = data.lapse.gap_days if reading.gap_days is None else reading.gap_days
        if days < 1:
            raise ParameterError(f"a lapse rule of {days} days", remedy="Give 1 day or more.")
        return read_purchases(
            taken, data, table, keys, gap_days=days, clock=reading.clock, most=most
        )
    if reading.gap_days is not None or reading.clock != "gap":
        raise ParameterError(
            "a lapse rule was given, but these data are not purchases", remedy="Leave it out."
        )
    if isinstance(table, SnapshotToml):
        return read_snapshot(taken, data, table, keys, most=most)
    return read_contracts(taken, data, table, keys, most=most)
