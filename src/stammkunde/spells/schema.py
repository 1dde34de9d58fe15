"""What a client's TOML says about its data: files, columns, window, groups and rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from stammkunde.errors import SchemaError
from stammkunde.result import Label
from stammkunde.spells.months import completed
from stammkunde.spells.spells import COHORT, Group

Unit = Literal["day", "week", "month", "quarter", "year"]
Separator = Literal[",", ";", "\t", "|", "whitespace"]


@dataclass(frozen=True, kw_only=True)
class WindowToml:
    """`[window]`: first observed day, the day after the last one, the unit of tenure."""

    open: date | None = None
    close: date | None = None
    unit: Unit = "month"


@dataclass(frozen=True, kw_only=True)
class ContractsToml:
    """`[contracts]`: one row per contract, with the day it began and the last day as a customer."""

    file: str
    start: str
    end: str
    person: str = ""
    reason: str = ""
    date_format: str = "%Y-%m-%d"
    separator: Separator = ","


@dataclass(frozen=True, kw_only=True)
class SnapshotToml:
    """`[snapshot]`: one row per customer: completed units of tenure, and who has left."""

    file: str
    tenure: str
    left: str
    left_values: tuple[str, ...]
    stayed_values: tuple[str, ...]
    person: str = ""
    separator: Separator = ","


@dataclass(frozen=True, kw_only=True)
class TransactionsToml:
    """`[transactions]`: one row per purchase; no contract says when a customer has gone.

    `first_purchases` says that everybody's first purchase is in the file.
    """

    file: str
    person: str
    date: str
    date_format: str = "%Y-%m-%d"
    separator: Separator = ","
    first_purchases: bool = False


@dataclass(frozen=True, kw_only=True)
class LapseToml:
    """`[lapse]`: days without a purchase until a customer counts as gone; other rules."""

    gap_days: int
    compare_days: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class GroupToml:
    """`[groups.NAME]`: a column to tell customers apart by; `cuts` make bands of a number.

    In `[transactions]` the value is that of the first day of the spell, numbers summed.
    """

    column: str
    title: Mapping[str, str]
    cuts: tuple[float, ...] = ()
    levels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DataToml:
    """The part of a client's TOML that says how its files become spells."""

    window: WindowToml = WindowToml()
    contracts: ContractsToml | None = None
    snapshot: SnapshotToml | None = None
    transactions: TransactionsToml | None = None
    lapse: LapseToml | None = None
    groups: Mapping[str, GroupToml] = field(default_factory=dict)

    @property
    def table(self) -> ContractsToml | SnapshotToml | TransactionsToml:
        """Return the one table that says who was a customer."""
        found = self.contracts or self.snapshot or self.transactions
        assert found is not None
        return found


def check_data(data: DataToml, where: str) -> None:
    """Raise SchemaError unless the keys that depend on one another fit together."""
    tables = {
        "contracts": data.contracts,
        "snapshot": data.snapshot,
        "transactions": data.transactions,
    }
    named = [n for n, t in tables.items() if t is not None]
    if len(named) != 1:
        what = "no table" if not named else "two tables: " + ", ".join(f"`[{n}]`" for n in named)
        raise SchemaError(
            f"the file names {what}",
            where=where,
            remedy="Name exactly one of `[contracts]`, `[snapshot]`, `[transactions]`.",
        )
    if data.snapshot is None and data.window.close is None:
        raise SchemaError(
            "key `window.close` is missing",
            where=where,
            remedy="Write the day after the last observed day.",
        )
    if data.window.open and data.window.close and data.window.open >= data.window.close:
        raise SchemaError(
            "`window.open` is not before `window.close`",
            where=where,
            remedy="`close` is the day after the last observed day.",
        )
    if (data.transactions is None) != (data.lapse is None):
        raise SchemaError(
            "`[transactions]` and `[lapse]` belong together",
            where=where,
            remedy="State after how many days without a purchase a customer counts as gone.",
        )
    _check_lapse(data, where)
    _check_groups(data, where)


def _check_lapse(data: DataToml, where: str) -> None:
    for days in () if data.lapse is None else (data.lapse.gap_days, *data.lapse.compare_days):
        if days < 1:
            raise SchemaError(
                f"a lapse rule of {days} days",
                where=where,
                remedy="`lapse.gap_days` and `lapse.compare_days` are days, 1 or more.",
            )
        if not _is_steady(days, data.window):
            near = [d for step in range(1, days) for d in (days - step, days + step)]
            fit = sorted([d for d in near[:120] if _is_steady(d, data.window)][:2])
            raise SchemaError(
                f"a lapse rule of {days} days is not the same number of {data.window.unit}s from "
                "every day, which makes differences between cohorts that no customer makes",
                where=where,
                remedy=f'Take {" or ".join(map(str, fit))} days, or `window.unit = "day"`.',
            )


@lru_cache
def _is_steady(days: int, window: WindowToml) -> bool:
    """Return whether a wait of `days` is the same number of units whenever it begins.

    Over four years, in which every month and leap day occurs.
    """
    begin = date(2023, 1, 1).toordinal()
    starts = [date.fromordinal(begin + i) for i in range(4 * 366)]
    spans = {completed(d, date.fromordinal(d.toordinal() + days), window.unit) for d in starts}
    return len(spans) == 1


def _check_groups(data: DataToml, where: str) -> None:
    for name, group in data.groups.items():
        same = [n for n in data.groups if n.lower() == name.lower()]
        if name.lower() == COHORT or not name.strip() or len(same) > 1:
            raise SchemaError(
                f"a group cannot be called `{name}`",
                where=where,
                remedy="Choose another name, no two alike but for capitals.",
            )
        if list(group.cuts) != sorted(set(group.cuts)):
            raise SchemaError(f"`groups.{name}.cuts` do not rise", where=where, remedy="Sort them.")


def bands(cuts: tuple[float, ...]) -> list[str]:
    """Return the names of the bands that `cuts` make: "< 20", "20 to < 50", ">= 50"."""
    if not cuts:
        return []
    inner = [f"{a:g} to < {b:g}" for a, b in pairwise(cuts)]
    return [f"< {cuts[0]:g}", *inner, f">= {cuts[-1]:g}"]


def group_of(name: str, toml: GroupToml) -> Group:
    """Return the group as declared: title, levels in order."""
    order = list(dict.fromkeys((*bands(toml.cuts), *toml.levels)))
    levels = {level: Label(level, dict(toml.levels.get(level, {}))) for level in order}
    return Group(name, Label(name, dict(toml.title)), levels)
