"""Does `[setting]` fit the data that are declared, and the policies?"""

from __future__ import annotations

from collections.abc import Iterator

from stammkunde.errors import nearest
from stammkunde.policy.declared.faults import Fault
from stammkunde.policy.declared.nouns import MOST_MONTHS, Declared, SettingToml
from stammkunde.spells.schema.data import DataToml

MONTH = "month"
LEAST_DRAWS, MOST_DRAWS = 100, 100_000
LEAST_INFLATION, MOST_INFLATION = -0.5, 1.0


def presence(toml: Declared) -> Iterator[Fault]:
    """Yield sections that need one another."""
    sections = {
        "policy": toml.policy,
        "assumption": toml.assumption,
        "correlation": toml.correlation,
        "rival": toml.rival,
        "pilot": toml.pilot,
        "elements": toml.elements,
    }
    given = [n for n, section in sections.items() if section]
    if given and toml.setting is None:
        yield (
            given[0],
            "nothing is said of what all policies have in common",
            "Add `[setting]` with `comparator`, `horizon` and `acquisition`.",
        )
    if toml.setting is not None and len(toml.policy) < 2:
        yield (
            "setting",
            "there is nothing to compare",
            "Declare two `[[policy]]`s at least: what customers get now, and what they might get.",
        )


def setting(toml: Declared, own: SettingToml) -> Iterator[Fault]:
    """Yield what is wrong with the setting."""
    data = toml.data
    if data.window.unit != MONTH:
        yield (
            "window.unit",
            f"tenure is counted by {data.window.unit}, and policies go by month",
            f'Write `window.unit = "{MONTH}"`, or leave the policies out.',
        )
    known = [p.name for p in toml.policy]
    if own.comparator not in known:
        yield (
            "setting.comparator",
            f'no policy is called "{own.comparator}"',
            nearest(own.comparator, known),
        )
    if own.segments and own.segments not in data.groups:
        yield (
            "setting.segments",
            f"no group is called `{own.segments}`",
            nearest(own.segments, data.groups) or "Declare it under `[groups.NAME]`.",
        )
    yield from _lengths(own)
    yield from _money(own, data)
    yield from _acquisition(toml, own)


def _lengths(own: SettingToml) -> Iterator[Fault]:
    if own.horizon > MOST_MONTHS:
        yield "setting.horizon", f"it is {own.horizon}", f"Give {MOST_MONTHS} months at most."
    if own.longer is not None and not own.horizon < own.longer <= MOST_MONTHS:
        yield (
            "setting.longer",
            f"it is {own.longer}, and the horizon {own.horizon}",
            f"Give more months than the horizon, {MOST_MONTHS} at most, or leave it out.",
        )
    if not LEAST_DRAWS <= own.draws <= MOST_DRAWS:
        yield (
            "setting.draws",
            f"it is {own.draws}",
            f"Draw {LEAST_DRAWS} to {MOST_DRAWS} times; 2000 are usual.",
        )
    if not LEAST_INFLATION <= own.inflation <= MOST_INFLATION:
        yield (
            "setting.inflation",
            f"it is {own.inflation:g} a year",
            "Per cent are divided by 100: 0.02 is 2 % a year.",
        )


def _money(own: SettingToml, data: DataToml) -> Iterator[Fault]:
    bought = data.transactions is not None
    if own.price is None and data.prices is None and not bought:
        yield (
            "setting.price",
            "nothing tells the list price",
            "Write what a customer pays a month, or deliver `[prices]`.",
        )
    if own.price == 0.0:
        yield "setting.price", "it is 0", "Off what costs nothing there is no rebate."
    yield from _margin(own, data)
    if own.serve is not None and own.service:
        yield (
            "setting.service",
            "`serve` and `service` are both given",
            "Give one of them: the cost to serve, or the events whose costs are added up.",
        )
    if own.service and not (data.events and data.events.cost):
        yield (
            "setting.service",
            "`[events]` has no column `cost`",
            "Name `events.cost`, or type the cost to serve as `serve`.",
        )


def _margin(own: SettingToml, data: DataToml) -> Iterator[Fault]:
    bought, table = data.transactions, data.contracts or data.snapshot
    known = [n for n in ("margin", "margin_share") if getattr(own, n) is not None]
    if len(known) > 1:
        yield "setting.margin_share", "`margin` is given too", "Give one of them."
    if own.margin is not None and table is not None and table.margin:
        yield (
            "setting.margin",
            "the main table has a column of margins",
            "Leave it out: the column is used.",
        )
    if own.margin_share is not None and not (bought and bought.amount):
        yield (
            "setting.margin_share",
            "nothing tells what customers pay",
            "Name `transactions.amount`, or write `margin`: money a month.",
        )
    if not known and not (table is not None and table.margin):
        yield (
            "setting.margin" if bought is None else "setting.margin_share",
            "nothing tells what a customer earns",
            "Write it, or name the column of margins of the main table."
            if bought is None
            else "Write the share of what is paid that is left as margin.",
        )


def _acquisition(toml: Declared, own: SettingToml) -> Iterator[Fault]:
    name = own.acquisition
    if not isinstance(name, str):
        return
    assumed = [a.name for a in toml.assumption]
    columns = toml.data.covariates
    if name in assumed and name in columns:
        yield (
            "setting.acquisition",
            f'"{name}" is an assumption and a covariate',
            "Rename the assumption.",
        )
    if name not in assumed and name not in columns:
        numbers = [n for n, c in columns.items() if c.kind == "number"]
        yield (
            "setting.acquisition",
            f'"{name}" is no assumption and no covariate',
            nearest(name, [*assumed, *numbers]),
        )
    if name in columns and columns[name].kind != "number":
        yield (
            "setting.acquisition",
            f"the covariate `{name}` is no number",
            'Declare it with `kind = "number"`, or write money per sign-up.',
        )
