"""Keys of a client's TOML that depend on one another: do they fit together?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

from stammkunde.errors import SchemaError
from stammkunde.spells.checks.rows import EARLIEST
from stammkunde.spells.months import completed
from stammkunde.spells.schema.data import DataToml, bands
from stammkunde.spells.schema.fitting import check_meaning
from stammkunde.spells.schema.meaning import WindowToml
from stammkunde.spells.schema.tables import Delivery
from stammkunde.spells.spells import COHORT

# days beyond these are errors of typing
LATEST = date(2999, 12, 31)
MOST_DAYS = 36_525


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
    for section, delivery in data.deliveries.items():
        _check_delivery(section, delivery, where)
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
    _check_days(data, where)
    if (data.transactions is None) != (data.lapse is None):
        raise SchemaError(
            "`[transactions]` and `[lapse]` belong together",
            where=where,
            remedy="State after how many days without a purchase a customer counts as gone.",
        )
    _check_lapse(data, where)
    _check_groups(data, where)
    check_meaning(data, where)


def check_texts(names: Sequence[Mapping[str, str]], languages: Sequence[str], where: str) -> None:
    """Raise SchemaError for a text that lacks the language of a report."""
    for locale in languages:
        for name in names:
            if locale[:2] not in name:
                raise SchemaError(
                    f"a text lacks the language `{locale[:2]}` of a report: {dict(name)}",
                    where=where,
                    remedy="Write it in every language of `client.languages`.",
                )


def _check_days(data: DataToml, where: str) -> None:
    """Raise SchemaError for days that no customer lives to see."""
    window, contracts = data.window, data.contracts
    for name, day in (("open", window.open), ("close", window.close)):
        if day is not None and not EARLIEST <= day <= LATEST:
            raise SchemaError(
                f"`window.{name}` is {day}",
                where=where,
                remedy=f"Write a day from {EARLIEST} to {LATEST}.",
            )
    waits = {
        "spells.merge_gap_days": data.spells.merge_gap_days,
        "spells.return_days": data.spells.return_days,
        "contracts.grace_days": contracts.grace_days if contracts else 0,
        "lapse.gap_days": max((0, *_lapses(data))),
    }
    for name, days in waits.items():
        if days > MOST_DAYS:
            raise SchemaError(
                f"`{name}` is {days:,} days, more than a century",
                where=where,
                remedy="Write the days that are meant.",
            )


def _lapses(data: DataToml) -> tuple[int, ...]:
    return () if data.lapse is None else (data.lapse.gap_days, *data.lapse.compare_days)


def _check_lapse(data: DataToml, where: str) -> None:
    if len(set(_lapses(data))) < len(_lapses(data)):
        raise SchemaError(
            "`lapse.compare_days` repeats a rule",
            where=where,
            remedy="Name other days than `lapse.gap_days`, each once.",
        )
    for days in _lapses(data):
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
        names = bands(group.cuts)
        if len(set(names)) < len(names):
            raise SchemaError(
                f"`groups.{name}.cuts` are too alike to name the bands between them",
                where=where,
                remedy="Cuts differ in their first six digits; leave one out.",
            )


def _check_delivery(section: str, delivery: Delivery, where: str) -> None:
    """Raise SchemaError unless a table lies in one place: a file, or one table of a database."""
    if not delivery.file and not delivery.database:
        remedy = "Name the file in data/raw/, or a `database`."
        raise SchemaError(f"key `{section}.file` is missing", where=where, remedy=remedy)
    if delivery.file and delivery.database:
        remedy = "Name one of them."
        what = f"`{section}` names a file and a database"
        raise SchemaError(what, where=where, remedy=remedy)
    if delivery.database and bool(delivery.table) == bool(delivery.query):
        remedy = "Name one of `table` and `query`."
        what = f"`{section}.database` needs one table or one query"
        raise SchemaError(what, where=where, remedy=remedy)
    if not delivery.database and (delivery.table or delivery.query):
        remedy = "Name the `database`, or leave out `table` and `query`."
        what = f"`{section}` names a table or query of no database"
        raise SchemaError(what, where=where, remedy=remedy)
